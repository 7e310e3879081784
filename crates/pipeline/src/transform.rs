//! Transform: the staged records as statements and a balance sheet, year by year.

use std::collections::HashMap;

use centime_accounts::{BalanceRow, BalanceSheet, Body, FiscalYear, StatementRow, YearStatement};
use centime_portal::Fields;
use centime_warehouse::staging::BreakKind;
use centime_warehouse::{Staging, Subject};

use crate::audit::Findings;
use crate::extract::Extracted;
use crate::read::{Read, Reader, Row};
use crate::{Error, Problem, Problems};

/// The most that the amounts of one year may add up to, signs aside: two thousand billion euros.
/// Rates are computed in 64 bits, and a year beyond this is not one of any public body.
const LARGEST_YEAR: i128 = 200_000_000_000_000;

/// Turns the staged records of all datasets into lines.
pub async fn transform(
    staging: &mut Staging,
    extracted: &[&Extracted],
    siren: &str,
    mut problems: Problems,
) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    for dataset in extracted {
        match dataset.subject {
            Subject::IncomeStatement => {
                statements(staging, dataset, &mut findings, &mut problems).await?;
            }
            Subject::BalanceSheet => {
                balance_sheet(staging, dataset, &mut findings, &mut problems).await?;
            }
        }
    }
    problems.into_result()?;
    let breaks = Body::by_siren(siren).map_or(&[][..], |body| &body.perimeter_breaks);
    perimeter_breaks(staging, breaks, &findings).await?;
    Ok(findings)
}

/// Understands the income statement, one year in memory at a time.
async fn statements(
    staging: &mut Staging,
    extracted: &Extracted,
    findings: &mut Findings,
    problems: &mut Problems,
) -> Result<(), Error> {
    let mut before: Option<Option<&str>> = None;
    for year in staging.years(Subject::IncomeStatement).await? {
        let rows: Vec<StatementRow> = rows(staging, year, extracted, findings, problems).await?;
        // Problems found so far mean that nothing is published; later years may have others.
        if problems.any() || rows.is_empty() {
            continue;
        }
        findings.duplicates(&rows);
        let statement = YearStatement::new(rows[0].year, rows);
        staging.statement(&statement).await?;
        let nomenclature = statement.nomenclature.map(|known| known.code.as_str());
        if before.is_some_and(|before| before != nomenclature) {
            staging
                .series_break(statement.year, BreakKind::Nomenclature)
                .await?;
        }
        before = Some(nomenclature);
        findings.statement(&statement);
    }
    Ok(())
}

/// Notes the years from which the accounts cover something else, among those there are.
async fn perimeter_breaks(
    staging: &mut Staging,
    breaks: &[u16],
    findings: &Findings,
) -> Result<(), Error> {
    let years: Vec<FiscalYear> = findings.years().collect();
    // The first year has none before it to be compared with.
    for year in years
        .iter()
        .skip(1)
        .filter(|year| breaks.contains(&year.get()))
    {
        staging.series_break(*year, BreakKind::Perimeter).await?;
    }
    Ok(())
}

/// Understands the balance sheet, whose years must be seen together.
async fn balance_sheet(
    staging: &mut Staging,
    extracted: &Extracted,
    findings: &mut Findings,
    problems: &mut Problems,
) -> Result<(), Error> {
    let mut all: Vec<BalanceRow> = Vec::new();
    for year in staging.years(Subject::BalanceSheet).await? {
        let rows = rows(staging, year, extracted, findings, problems).await?;
        all.extend(rows);
    }
    if !problems.any() {
        let sheet = BalanceSheet::new(&all);
        staging.balance_sheet(&sheet).await?;
        findings.balance_sheet(&sheet);
    }
    Ok(())
}

/// Reads the records of a year again, whole this time.
async fn rows<T: Row>(
    staging: &mut Staging,
    year: i64,
    extracted: &Extracted,
    findings: &mut Findings,
    problems: &mut Problems,
) -> Result<Vec<T>, Error> {
    let dataset = extracted.dataset.dataset_id.as_str();
    let mut rows = Vec::new();
    let mut sums: HashMap<usize, i128> = HashMap::new();
    for (record, body) in staging.records(T::SUBJECT, year).await? {
        let fields: Fields =
            serde_json::from_str(&body).map_err(|error| centime_portal::Error::Malformed {
                record: u64::try_from(record).unwrap_or_default(),
                reason: error.to_string(),
            })?;
        let reader = Reader {
            dataset,
            record,
            fields: &fields,
        };
        let Some(Read { row, rounded }) = T::read(&reader, &extracted.schema, problems) else {
            continue;
        };
        if rounded {
            findings.rounded(format!("{dataset} {year}, record {record}"));
        }
        for (column, amount) in row.amounts().into_iter().enumerate() {
            let size = amount.map_or(0, |amount| i128::from(amount.abs().get()));
            *sums.entry(column).or_default() += size;
        }
        rows.push(row);
    }
    if sums.values().any(|sum| *sum > LARGEST_YEAR) {
        problems.add(Problem {
            dataset: dataset.to_owned(),
            record: 0,
            field: format!("fiscal year {year}"),
            reason: "the amounts add up to more than two thousand billion euros".to_owned(),
        });
    }
    Ok(rows)
}

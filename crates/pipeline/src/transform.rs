//! Transform: the rows of a public body as its statements and its balance sheet.

use std::collections::BTreeMap;

use centime_accounts::identifier;
use centime_accounts::{
    BalanceRow, BalanceSheet, Body, Classifier, FiscalYear, StatementRow, Witness, YearStatement,
    witness,
};
use centime_warehouse::staging::NewBody;
use centime_warehouse::{Staging, Subject};

use crate::claims::{Claims, breaks};
use crate::error::Error;
use crate::findings::Findings;
use crate::gather::Group;
use crate::mixed::MixedRows;
use crate::record_error::{RecordError, RecordErrors};
use crate::row::Row;
use crate::source::BodyName;
use crate::totals::ControlTotals;
use crate::transport::Transport;

/// The most that the amounts of one year may add up to, signs aside: two thousand billion euros.
/// Rates are computed in 64 bits, and a year beyond this is not one of any public body.
const MAX_YEAR_TOTAL: i128 = 200_000_000_000_000;

/// Turns the rows of bodies into what is stored of them.
pub struct Transformer<'a> {
    pub staging: &'a mut Staging,
    pub findings: &'a mut Findings,
    pub errors: &'a mut RecordErrors,
    /// The body of records that name none.
    pub default: &'a BodyName,
    pub classifier: Classifier,
    /// What tells rows apart that would be added.
    pub mixed: MixedRows,
    /// Whether the dataset says that its figures are invented.
    pub sample: bool,
    /// What the dataset has of bodies, where others may have more of them: then bodies are staged after all of them.
    pub claims: Option<&'a mut Claims>,
    /// What records come from.
    pub transport: &'a Transport,
    /// The control totals that were extracted before.
    pub totals: &'a ControlTotals,
}

/// The amounts of a year, signs aside.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    /// All of them together.
    amounts: i128,
    /// The largest, and the number of its record.
    largest: (i128, i64),
}

/// A row that becomes part of a statement or a balance sheet once all rows of its body are there.
pub trait TransformRow: Row {
    /// Transforms the rows of a body, and stages what they become.
    fn store(
        transformer: &mut Transformer<'_>,
        dataset: &str,
        group: Group<Self>,
    ) -> impl Future<Output = Result<(), Error>> + Send;
}

impl Transformer<'_> {
    /// Notes years whose amounts are beyond any that can be computed with, and the record with the
    /// largest of them.
    pub fn too_large<T: Row>(&mut self, dataset: &str, rows: &[T]) -> bool {
        let mut years: BTreeMap<(FiscalYear, usize), Sum> = BTreeMap::new();
        for row in rows {
            for (column, amount) in row.amounts().into_iter().enumerate() {
                let size = amount.map_or(0, |amount| i128::from(amount.abs().get()));
                let sum = years.entry((row.year(), column)).or_default();
                sum.amounts += size;
                sum.largest = sum.largest.max((size, row.record()));
            }
        }
        let mut found = false;
        for ((year, _), sum) in years {
            if sum.amounts <= MAX_YEAR_TOTAL {
                continue;
            }
            found = true;
            self.errors.add(RecordError {
                dataset: dataset.to_owned(),
                record: sum.largest.1,
                field: format!("the largest amount of {year}"),
                reason: "the amounts of its year add up to more than two thousand billion euros"
                    .to_owned(),
                hint: None,
            });
        }
        found
    }

    /// Stages what a dataset says of the result of a year of a body.
    async fn witness(
        &mut self,
        siren: &str,
        subject: Subject,
        witness: &Witness,
    ) -> Result<(), Error> {
        let documents = self.transport.documents();
        let file = documents.and_then(|documents| documents.file(subject, siren, witness.year));
        let staging = &mut *self.staging;
        staging
            .witness(siren, subject, witness, file.as_deref())
            .await?;
        Ok(())
    }

    fn name_of(&self, siren: &str, published: Option<String>) -> String {
        let number = identifier::siren(siren);
        let is_default = number == identifier::siren(&self.default.siren);
        // Budgets of one body have names of their own.
        if is_default && (number == siren || published.is_none()) {
            return self.default.name.clone();
        }
        let known = || Body::by_siren(number).map(|body| body.name.clone());
        published.or_else(known).unwrap_or_else(|| siren.to_owned())
    }
}

impl TransformRow for StatementRow {
    /// Transforms the income statement of a body, year by year.
    async fn store(
        transformer: &mut Transformer<'_>,
        dataset: &str,
        group: Group<Self>,
    ) -> Result<(), Error> {
        let Group {
            siren,
            name,
            budget,
            profile,
            rows,
            hashes,
            ..
        } = group;
        let repeats = transformer.mixed.inspect(&siren, &rows, &hashes);
        if transformer.too_large(dataset, &rows) || transformer.errors.any() {
            return Ok(());
        }
        transformer.findings.repeats(&siren, &rows, &repeats);
        transformer
            .findings
            .repeated_years(&siren, dataset, &repeats);
        transformer.findings.number(&siren);
        let name = transformer.name_of(&siren, name);
        transformer.classifier.begin_body(&name);
        let lines = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let mut years: BTreeMap<FiscalYear, Vec<Self>> = BTreeMap::new();
        for row in rows {
            years.entry(row.year).or_default().push(row);
        }
        let first_and_last = years.keys().next().zip(years.keys().next_back());
        let Some((&first_year, &last_year)) = first_and_last else {
            return Ok(());
        };
        let mut nomenclatures = BTreeMap::new();
        for (year, rows) in years {
            let statement = YearStatement::new(year, &rows, &mut transformer.classifier);
            transformer.staging.statement(&siren, &statement).await?;
            let nomenclature = statement.nomenclature.map(|known| known.code.as_str());
            nomenclatures.insert(year, nomenclature);
            let is_computed = transformer.transport.is_computed(&siren, year);
            if let Some(printed) = witness::of_statement(&statement).filter(|_| !is_computed) {
                transformer.witness(&siren, Self::SUBJECT, &printed).await?;
            }
            transformer.findings.statement(&siren, &statement);
        }
        let body = NewBody {
            siren,
            name,
            budget,
            first_year,
            last_year,
            lines,
            sample: transformer.sample,
        };
        if let Some(claims) = &mut transformer.claims {
            claims.statement(body, profile, nomenclatures);
            return Ok(());
        }
        for (year, kind) in breaks(&body.siren, &nomenclatures) {
            transformer
                .staging
                .series_break(&body.siren, year, kind)
                .await?;
        }
        transformer.staging.known_body(&body, &profile).await?;
        Ok(())
    }
}

impl TransformRow for BalanceRow {
    /// Transforms the balance sheet of a body, whose years must be seen together.
    async fn store(
        transformer: &mut Transformer<'_>,
        dataset: &str,
        group: Group<Self>,
    ) -> Result<(), Error> {
        let repeats = transformer
            .mixed
            .inspect(&group.siren, &group.rows, &group.hashes);
        if transformer.too_large(dataset, &group.rows) || transformer.errors.any() {
            return Ok(());
        }
        let findings = &mut *transformer.findings;
        findings.repeated_years(&group.siren, dataset, &repeats);
        let sheet = BalanceSheet::new(&group.rows);
        transformer
            .staging
            .balance_sheet(&group.siren, &sheet)
            .await?;
        let breaks = Body::by_siren(identifier::siren(&group.siren))
            .map_or(&[][..], |body| &body.perimeter_breaks);
        for found in sheet.witnesses(breaks) {
            transformer
                .witness(&group.siren, Self::SUBJECT, &found)
                .await?;
        }
        transformer.findings.balance_sheet(&group.siren, &sheet);
        if let Some(claims) = &mut transformer.claims {
            claims.sheet(&group.siren, &sheet);
        }
        Ok(())
    }
}

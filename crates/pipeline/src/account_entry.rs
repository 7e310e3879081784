//! A row of a dataset of the balances of accounts, and what becomes of those of a budget.

use std::collections::BTreeMap;

use centime_accounts::{
    AccountRow, CarryOver, Centimes, Chart, FiscalYear, Flow, Given, TrialBalance, Witness,
    WitnessKind,
};
use centime_portal::Value;
use centime_warehouse::Subject;
use centime_warehouse::staging::NewTrialBalance;

use crate::error::Error;
use crate::findings::ClosedAccounts;
use crate::gather::Group;
use crate::quote::shown_value;
use crate::record_error::{RecordError, RecordErrors};
use crate::row::{LineNumbers, Row};
use crate::transform::{TransformRow, Transformer};
use crate::validate::{Labels, ParsedRow, ReadRow, RecordReader};

/// What a record says of an account in a year.
#[derive(Clone, Debug)]
pub struct AccountEntry {
    year: FiscalYear,
    /// The chart of accounts, as the record names it.
    chart: String,
    /// What is known of the budget beside its accounts, where the record says it.
    given: Given,
    account: AccountRow,
}

/// The columns of an account, each by our names of its debit and its credit.
const COLUMNS: [[&str; 2]; 5] = [
    ["opening_debit", "opening_credit"],
    ["budget_debit", "budget_credit"],
    ["order_debit", "order_credit"],
    ["non_budget_debit", "non_budget_credit"],
    ["closing_debit", "closing_credit"],
];

impl AccountEntry {
    fn columns(&self) -> [Option<Flow>; 5] {
        let AccountRow {
            opening,
            budget,
            order,
            non_budget,
            closing,
            ..
        } = &self.account;
        [*opening, *budget, *order, *non_budget, *closing]
    }
}

impl Row for AccountEntry {
    const SUBJECT: Subject = Subject::AccountBalances;

    fn record(&self) -> i64 {
        self.account.record
    }

    fn year(&self) -> FiscalYear {
        self.year
    }

    fn size(&self) -> usize {
        size_of::<Self>() + self.chart.len() + self.account.account.len()
    }

    fn amounts(&self) -> Vec<Option<Centimes>> {
        self.columns()
            .into_iter()
            .flat_map(|flow| [flow.map(|flow| flow.debit), flow.map(|flow| flow.credit)])
            .collect()
    }

    fn line(&self, numbers: &mut LineNumbers) -> u32 {
        numbers.of_labels(["", "", "", &self.account.account])
    }

    fn line_name(&self) -> String {
        self.account.account.clone()
    }
}

impl ReadRow for AccountEntry {
    fn read(
        reader: &RecordReader<'_>,
        _labels: &mut Labels,
        errors: &mut RecordErrors,
    ) -> Option<ParsedRow<Self>> {
        let mut rounded = false;
        let year = reader.year(errors);
        let account = reader.label("account", errors);
        let chart = reader.label("chart", errors);
        let [opening, budget, order, non_budget, closing] = COLUMNS.map(|[debit, credit]| {
            let debit = reader.amount_if_any(debit, &mut rounded, errors);
            let credit = reader.amount_if_any(credit, &mut rounded, errors);
            Some(Flow::balance_of(debit?, credit?))
        });
        let population = reader.inhabitants(errors);
        let debt = reader.amount_if_any("debt", &mut rounded, errors);
        let row = Self {
            year: year?,
            chart: chart?.trim().to_owned(),
            given: Given {
                population: population?,
                fiscal_potential: None,
                debt: debt?,
            },
            account: AccountRow {
                record: reader.stored_as,
                account: account?.trim().to_owned(),
                opening: opening?,
                budget: budget?,
                order: order?,
                non_budget: non_budget?,
                closing: closing?,
            },
        };
        Some(ParsedRow { row, rounded })
    }
}

/// What only rows of accounts have.
impl RecordReader<'_> {
    /// An amount that not every dataset has a column for; nothing when none was published.
    #[expect(
        clippy::option_option,
        reason = "unreadable, not published, and an amount differ"
    )]
    fn amount_if_any(
        &self,
        key: &str,
        rounded: &mut bool,
        errors: &mut RecordErrors,
    ) -> Option<Option<Centimes>> {
        let there = self.columns.is_some() || self.schema.optional_name(key).is_some();
        if there {
            self.amount(key, rounded, errors)
        } else {
            Some(None)
        }
    }

    /// The number of inhabitants; nothing where the record does not say, or says none.
    #[expect(
        clippy::option_option,
        reason = "unreadable, not published, and a number differ"
    )]
    pub fn inhabitants(&self, errors: &mut RecordErrors) -> Option<Option<u32>> {
        let Some(name) = self.schema.optional_name("population") else {
            return Some(None);
        };
        let text = match self.fields.get(name) {
            None | Some(Value::Null) => return Some(None),
            Some(Value::Text(text) | Value::Number(text)) => text.trim(),
            other => {
                let reason = format!("{} is not a number of inhabitants", shown_value(other));
                errors.add(self.error(name, reason));
                return None;
            }
        };
        if text.is_empty() {
            return Some(None);
        }
        if let Ok(number) = text.parse::<u32>() {
            Some(Some(number).filter(|number| *number > 0))
        } else {
            let shown = shown_value(self.fields.get(name));
            let reason = format!("{shown} is not a number of inhabitants");
            errors.add(self.error(name, reason));
            None
        }
    }
}

impl TransformRow for AccountEntry {
    /// Transforms the accounts of a budget, year by year.
    async fn store(
        transformer: &mut Transformer<'_>,
        dataset: &str,
        group: Group<Self>,
    ) -> Result<(), Error> {
        let Group {
            siren, name, rows, ..
        } = group;
        if transformer.too_large(dataset, &rows) || transformer.errors.any() {
            return Ok(());
        }
        let mut years: BTreeMap<FiscalYear, Vec<Self>> = BTreeMap::new();
        for row in rows {
            years.entry(row.year).or_default().push(row);
        }
        let mut before: Option<TrialBalance> = None;
        for (year, rows) in years {
            if let Some(chart) = unknown_chart(&rows, year)
                && transformer.transport.keeps_unknown_charts()
            {
                let findings = &mut *transformer.findings;
                findings.without_chart(&siren, name.as_deref(), year, chart, &sums(&rows));
                continue;
            }
            match Understood::of(year, &rows) {
                Ok(Understood {
                    trial,
                    chart,
                    mut given,
                }) => {
                    if let Some(population) = given.population {
                        said(transformer, &siren, year, population).await?;
                    } else {
                        given.population = transformer.totals.population(&siren, year);
                    }
                    let new = NewTrialBalance {
                        siren: &siren,
                        trial: &trial,
                        chart: &chart,
                        given,
                    };
                    transformer.staging.trial_balance(&new).await?;
                    transformer
                        .totals
                        .hold(transformer.staging, &siren, &trial, &given)
                        .await?;
                    if let Some(before) = before.replace(trial.clone()) {
                        carried(transformer, &siren, &before, &trial).await?;
                    }
                }
                Err(Wrong {
                    record,
                    field,
                    reason,
                }) => transformer.errors.add(RecordError {
                    dataset: dataset.to_owned(),
                    record,
                    field: field.to_owned(),
                    reason: format!("{year} of {siren}: {reason}"),
                    hint: None,
                }),
            }
        }
        Ok(())
    }
}

/// The chart of a budget's accounts as it is published, where it is of no known family.
fn unknown_chart(rows: &[AccountEntry], year: FiscalYear) -> Option<&str> {
    let chart = rows.first()?.chart.as_str();
    Chart::find(chart, year).err().map(|_| chart)
}

/// What accounts close with together, which proves that none is missing; `None` where that is out of range.
fn sums(rows: &[AccountEntry]) -> ClosedAccounts {
    let sum = |side: fn(Flow) -> Centimes| {
        let flows = rows.iter().filter_map(|row| row.account.closing);
        flows
            .map(side)
            .try_fold(Centimes::ZERO, Centimes::checked_add)
    };
    ClosedAccounts {
        accounts: rows.len(),
        debit: sum(|flow| flow.debit),
        credit: sum(|flow| flow.credit),
    }
}

/// Notes how many inhabitants accounts say that a body has, where control totals may say it, too; else stages it.
async fn said(
    transformer: &mut Transformer<'_>,
    siren: &str,
    year: FiscalYear,
    population: u32,
) -> Result<(), Error> {
    if let Some(claims) = &mut transformer.claims
        && !transformer.totals.is_empty()
    {
        claims
            .populations
            .insert((siren.to_owned(), year), population);
        return Ok(());
    }
    let staging = &mut *transformer.staging;
    let subject = Subject::AccountBalances;
    staging.population(siren, year, population, subject).await?;
    Ok(())
}

/// Stages what a year of official documents carries to the next, which proves its result, unless its balance sheet
/// says so already.
async fn carried(
    transformer: &mut Transformer<'_>,
    siren: &str,
    before: &TrialBalance,
    after: &TrialBalance,
) -> Result<(), Error> {
    let Some(documents) = transformer.transport.documents() else {
        return Ok(());
    };
    let has_sheet = documents.file(Subject::BalanceSheet, siren, before.year);
    let carried = CarryOver::between(before, after).into_iter().next();
    let Some(carried) = carried.filter(|_| has_sheet.is_none()) else {
        return Ok(());
    };
    let witness = Witness {
        year: before.year,
        kind: WitnessKind::CarryOver,
        says: Ok(carried.found - carried.brought_forward),
        against: None,
        is_independent: true,
        record: None,
    };
    let subject = Subject::AccountBalances;
    let file = documents.file(subject, siren, after.year);
    let staging = &mut *transformer.staging;
    staging
        .witness(siren, subject, &witness, file.as_deref())
        .await?;
    Ok(())
}

/// The accounts of a year.
struct Understood {
    trial: TrialBalance,
    chart: Chart,
    given: Given,
}

/// Why rows are no trial balance.
struct Wrong {
    record: i64,
    field: &'static str,
    reason: String,
}

impl Understood {
    fn of(year: FiscalYear, rows: &[AccountEntry]) -> Result<Self, Wrong> {
        let first = rows.iter().min_by_key(|row| row.record());
        let wrong = |record, field, reason| Wrong {
            record,
            field,
            reason,
        };
        let first = first.ok_or_else(|| wrong(0, "account", "no accounts".to_owned()))?;
        if let Some(other) = rows.iter().find(|row| row.chart != first.chart) {
            let reason = format!(
                "the accounts are of the chart «{}» in record {}, and of «{}» here",
                first.chart,
                first.record(),
                other.chart
            );
            return Err(wrong(other.record(), "chart", reason));
        }
        let differs = |row: &&AccountEntry| row.given != first.given;
        if let Some(other) = rows.iter().find(differs) {
            let reason = format!(
                "record {} gives another population or another debt for the same year",
                first.record()
            );
            return Err(wrong(other.record(), "population", reason));
        }
        let chart = Chart::find(&first.chart, year);
        let chart = chart.map_err(|error| wrong(first.record(), "chart", error.to_string()))?;
        let trial = TrialBalance::from_rows(year, rows.iter().map(|row| row.account.clone()));
        let trial = trial.map_err(|error| wrong(first.record(), "account", error.to_string()))?;
        Ok(Self {
            trial,
            chart,
            given: first.given,
        })
    }
}

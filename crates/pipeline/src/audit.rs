//! Audit: what is checked before anything is published.
//!
//! A check has a name and an outcome, and lists what it found in the words of the data, so that
//! any reader can say it in any language. To add a check, give it a name in [`CHECKS`] and add its
//! finding in [`Findings::checks`].

use std::collections::{BTreeMap, BTreeSet, HashMap};

use centime_accounts::balance::BalanceSide;
use centime_accounts::label::{Match, normalise};
use centime_accounts::{BalanceSheet, Centimes, FiscalYear, Role, StatementRow, YearStatement};
use centime_warehouse::{Cell, CheckResult, Outcome, Table};

use crate::extract::Extracted;

/// Every check, with what its failure or remark means.
pub const CHECKS: [(&str, &str); 18] = [
    (
        "records-complete",
        "the number of records announced is out of date",
    ),
    ("fields-known", "fields that nothing is read from"),
    (
        "amounts-exact",
        "amounts with fractions of a centime, which were rounded",
    ),
    (
        "sides-known",
        "lines that are neither revenue nor expense, so that they cannot be added",
    ),
    ("activities-known", "lines of no known activity"),
    (
        "labels-recognised",
        "labels that no official model contains",
    ),
    ("amounts-published", "amounts that were not published"),
    (
        "parents-equal-parts",
        "parents that differ from the sum of their parts",
    ),
    (
        "no-duplicates",
        "rows that occur twice, with the same amount",
    ),
    (
        "computed-twice",
        "two computations of the same results disagree",
    ),
    (
        "years-labelled-right",
        "years whose result is the published result of another year",
    ),
    (
        "balance-sheet-present",
        "the portal has no balance sheet, so no published results",
    ),
    (
        "balance-sheet-balances",
        "years whose assets and liabilities differ",
    ),
    (
        "balance-columns",
        "years of the balance sheet published with shifted columns, put right",
    ),
    (
        "results-reconciled",
        "years whose result is not the published one",
    ),
    (
        "body-kept",
        "the accounts are those of another public body than before",
    ),
    ("years-kept", "years that were published before are gone"),
    (
        "reconciliation-kept",
        "years that were reconciled before no longer are",
    ),
];

/// How many findings of a check are kept by name.
const NAMED: usize = 200;

/// Differences this small in a balance sheet come from its rounded amounts: one euro.
const BALANCE_TOLERANCE: Centimes = Centimes::new(100);

/// What a failed check means, and what it found.
pub fn explain(name: &str, subjects: &[String]) -> String {
    let meaning = CHECKS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(name, |(_, text)| text);
    let named = subjects
        .iter()
        .take(5)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let more = subjects.len().saturating_sub(5);
    match (subjects.is_empty(), more) {
        (true, _) => meaning.to_owned(),
        (false, 0) => format!("{meaning} ({named})"),
        (false, more) => format!("{meaning} ({named} and {more} more)"),
    }
}

/// What was found while records were turned into statements.
#[derive(Debug, Default)]
pub struct Findings {
    rounded: Vec<String>,
    amounts: i64,
    unplaced: Vec<String>,
    inactive: Vec<String>,
    unknown: Vec<String>,
    recognised: i64,
    unpublished: Vec<String>,
    unequal_parents: Vec<String>,
    equal_parents: i64,
    duplicates: Vec<String>,
    results: BTreeMap<FiscalYear, Option<Centimes>>,
    balance: Option<BalanceFindings>,
}

#[derive(Debug)]
struct BalanceFindings {
    published: BTreeMap<FiscalYear, Centimes>,
    years: usize,
    balanced: i64,
    unbalanced: Vec<String>,
    shifted: Vec<String>,
}

/// What was published before, to be compared with.
#[derive(Debug)]
pub struct Before {
    /// The name of the public body.
    pub body_name: String,
    /// Whether the public body is the same.
    pub same_body: bool,
    /// The published reconciliation.
    pub reconciliation: Table,
}

impl Before {
    /// Whether what was published before is still there.
    fn checks(&self, reconciliation: &Table, regression: Outcome) -> Vec<CheckResult> {
        let other = (!self.same_body).then(|| self.body_name.clone());
        let mut checks = vec![check(
            "body-kept",
            regression,
            1,
            other.into_iter().collect(),
        )];
        if self.same_body {
            let (was, is) = (statuses(&self.reconciliation), statuses(reconciliation));
            let lost = was.keys().filter(|year| !is.contains_key(*year));
            let undone = was.iter().filter(|(year, status)| {
                *status == "reconciled" && is.get(*year).is_some_and(|now| now != "reconciled")
            });
            let years = count(was.len());
            let lost = lost.map(ToString::to_string).collect();
            let undone = undone.map(|(year, _)| year.to_string()).collect();
            checks.push(check("years-kept", regression, years, lost));
            checks.push(check("reconciliation-kept", regression, years, undone));
        }
        checks
    }
}

impl Findings {
    /// Notes a record with an amount that was rounded.
    pub fn rounded(&mut self, subject: String) {
        self.rounded.push(subject);
    }

    /// The fiscal years of the income statement, oldest first.
    pub fn years(&self) -> impl Iterator<Item = FiscalYear> {
        self.results.keys().copied()
    }

    /// Looks for rows that occur twice with the same amount. They are kept: two lines may be equal.
    pub fn duplicates(&mut self, rows: &[StatementRow]) {
        let mut seen: HashMap<_, u32> = HashMap::new();
        for row in rows
            .iter()
            .filter(|row| row.amount.is_some_and(|a| a != Centimes::ZERO))
        {
            let key = (
                &row.activity,
                &row.side,
                &row.category,
                &row.label,
                row.amount,
            );
            let times = seen.entry(key).or_default();
            *times += 1;
            if *times == 2 {
                self.duplicates
                    .push(named(row.year, &row.category, &row.label));
            }
        }
    }

    /// Looks through a year of the income statement.
    pub fn statement(&mut self, statement: &YearStatement) {
        let year = statement.year;
        for line in &statement.lines {
            let subject = || named(year, &line.category, &line.label);
            let holds_money = matches!(line.role, Role::Line | Role::Part | Role::Subtotal);
            match line.row.amount {
                Some(_) => self.amounts += 1,
                None => self.unpublished.push(subject()),
            }
            if line.matched == Match::Unknown {
                self.unknown.push(subject());
            } else {
                self.recognised += 1;
            }
            if holds_money && line.side.is_none() {
                self.unplaced.push(subject());
            }
            if line.counted && line.activity.is_none() {
                self.inactive.push(subject());
            }
        }
        for check in &statement.parents {
            match check.difference() {
                Some(Centimes::ZERO) => self.equal_parents += 1,
                Some(difference) => self
                    .unequal_parents
                    .push(format!("{year} › {}: {difference} €", check.label)),
                None => {}
            }
        }
        self.results.insert(year, statement.result());
    }

    /// Looks through the balance sheet.
    pub fn balance_sheet(&mut self, sheet: &BalanceSheet) {
        let mut found = BalanceFindings {
            published: BTreeMap::new(),
            years: sheet.years().len(),
            balanced: 0,
            unbalanced: Vec::new(),
            shifted: Vec::new(),
        };
        for year in sheet.years() {
            let assets = sheet.net_total(year, BalanceSide::Asset);
            let liabilities = sheet.net_total(year, BalanceSide::Liability);
            if let (Some(assets), Some(liabilities)) = (assets, liabilities) {
                let difference = assets - liabilities;
                if difference.abs() <= BALANCE_TOLERANCE {
                    found.balanced += 1;
                } else {
                    found.unbalanced.push(format!("{year}: {difference} €"));
                }
            }
            if let Some(result) = sheet.published_result(year) {
                found.published.insert(year, result);
            }
        }
        found.shifted = sheet
            .shifts
            .iter()
            .map(|shift| format!("{}, {}", shift.earlier, shift.later))
            .collect();
        self.balance = Some(found);
    }

    /// Draws up the results of all checks.
    pub fn checks(
        &self,
        extracted: &[&Extracted],
        reconciliation: &Table,
        before: Option<&Before>,
        accept_changes: bool,
    ) -> Vec<CheckResult> {
        let mut checks = self.of_source(extracted);
        checks.extend(self.of_lines());
        checks.extend(self.of_results(reconciliation));
        if let Some(before) = before {
            let regression = if accept_changes {
                Outcome::Warn
            } else {
                Outcome::Fail
            };
            checks.extend(before.checks(reconciliation, regression));
        }
        checks
    }

    /// Whether the source is what it says.
    fn of_source(&self, extracted: &[&Extracted]) -> Vec<CheckResult> {
        let records: u64 = extracted.iter().map(|dataset| dataset.rows).sum();
        let fields: usize = extracted
            .iter()
            .map(|dataset| dataset.schema.keys().count())
            .sum();
        vec![
            check(
                "records-complete",
                Outcome::Warn,
                count(records),
                stale(extracted),
            ),
            check(
                "fields-known",
                Outcome::Warn,
                count(fields),
                extra_fields(extracted),
            ),
            check(
                "amounts-exact",
                Outcome::Warn,
                self.amounts,
                self.rounded.clone(),
            ),
        ]
    }

    /// Whether the lines can be understood.
    fn of_lines(&self) -> Vec<CheckResult> {
        let remark =
            |name, passed, against: &[String]| check(name, Outcome::Warn, passed, against.to_vec());
        vec![
            check(
                "sides-known",
                Outcome::Fail,
                self.amounts,
                self.unplaced.clone(),
            ),
            remark("activities-known", self.amounts, &self.inactive),
            remark("labels-recognised", self.recognised, &self.unknown),
            remark("amounts-published", self.amounts, &self.unpublished),
            remark(
                "parents-equal-parts",
                self.equal_parents,
                &self.unequal_parents,
            ),
            remark("no-duplicates", self.amounts, &self.duplicates),
        ]
    }

    /// Whether the results are right, as far as can be known.
    fn of_results(&self, reconciliation: &Table) -> Vec<CheckResult> {
        let years = count(self.results.len());
        let twice = self.disagreements(reconciliation);
        let mut checks = vec![check("computed-twice", Outcome::Fail, years, twice)];
        let Some(balance) = &self.balance else {
            checks.push(CheckResult {
                name: "balance-sheet-present".to_owned(),
                outcome: Outcome::Warn,
                found: 1,
                subjects: Vec::new(),
            });
            return checks;
        };
        let published = &balance.published;
        let both = || {
            let both = |(year, result): (&FiscalYear, &Option<Centimes>)| {
                Some((*year, (*result)?, *published.get(year)?))
            };
            self.results.iter().filter_map(both)
        };
        let reconciled = both().filter(|(_, result, published)| result == published);
        let different = both()
            .filter(|(_, result, published)| result != published)
            .map(|(year, result, published)| format!("{year}: {} €", result - published));
        let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
        checks.extend([
            remark(
                "results-reconciled",
                count(reconciled.count()),
                different.collect(),
            ),
            remark("years-labelled-right", years, self.mislabelled(published)),
            remark(
                "balance-sheet-balances",
                balance.balanced,
                balance.unbalanced.clone(),
            ),
            remark(
                "balance-columns",
                count(balance.years),
                balance.shifted.clone(),
            ),
        ]);
        checks
    }

    /// The years for which the model in SQL and the rule in Rust disagree.
    fn disagreements(&self, reconciliation: &Table) -> Vec<String> {
        let in_sql: BTreeMap<i64, Option<i64>> = reconciliation
            .rows
            .iter()
            .filter_map(|row| {
                let year = reconciliation.cell(row, "fiscal_year").integer()?;
                Some((year, reconciliation.cell(row, "leaf_result").integer()))
            })
            .collect();
        let in_rust: BTreeMap<i64, Option<i64>> = self
            .results
            .iter()
            .map(|(year, result)| (i64::from(year.get()), result.map(Centimes::get)))
            .collect();
        let years: BTreeSet<&i64> = in_sql.keys().chain(in_rust.keys()).collect();
        let disagree = |year: &&&i64| in_sql.get(**year) != in_rust.get(**year);
        years
            .iter()
            .filter(disagree)
            .map(ToString::to_string)
            .collect()
    }

    /// The years whose result is that of a neighbour, as when year labels have slipped.
    fn mislabelled(&self, published: &BTreeMap<FiscalYear, Centimes>) -> Vec<String> {
        let slipped = |(year, result): (&FiscalYear, &Option<Centimes>)| {
            let result = (*result)?;
            let own = published.get(year)?;
            let other = published.iter().find(|(other, value)| {
                other.get().abs_diff(year.get()) == 1 && **value == result
            })?;
            (*own != result).then(|| format!("{year}: {}", other.0))
        };
        self.results.iter().filter_map(slipped).collect()
    }
}

/// A check that passes when nothing was found against it. `passed` is how many cases it looked at.
fn check(name: &str, otherwise: Outcome, passed: i64, against: Vec<String>) -> CheckResult {
    let (outcome, found) = if against.is_empty() {
        (Outcome::Pass, passed)
    } else {
        (otherwise, count(against.len()))
    };
    let subjects = against.into_iter().take(NAMED).collect();
    CheckResult {
        name: name.to_owned(),
        outcome,
        found,
        subjects,
    }
}

fn count<T: TryInto<i64>>(number: T) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn named(year: FiscalYear, category: &str, label: &str) -> String {
    // An empty label still has to be named.
    let label = if normalise(label).is_empty() {
        "—"
    } else {
        label.trim()
    };
    format!("{year} › {} › {label}", category.trim())
}

fn stale(extracted: &[&Extracted]) -> Vec<String> {
    let stale = extracted.iter().filter_map(|dataset| {
        let announced = dataset.stale_count?;
        Some(format!(
            "{}: {announced} → {}",
            dataset.dataset.dataset_id, dataset.rows
        ))
    });
    stale.collect()
}

fn extra_fields(extracted: &[&Extracted]) -> Vec<String> {
    let extra = |dataset: &&Extracted| {
        let id = dataset.dataset.dataset_id.clone();
        dataset
            .schema
            .extra
            .iter()
            .map(move |name| format!("{id} › {name}"))
            .collect::<Vec<_>>()
    };
    extracted.iter().flat_map(extra).collect()
}

fn statuses(reconciliation: &Table) -> BTreeMap<i64, String> {
    let status = |row: &Vec<Cell>| {
        let year = reconciliation.cell(row, "fiscal_year").integer()?;
        Some((year, reconciliation.cell(row, "status").text()?.to_owned()))
    };
    reconciliation.rows.iter().filter_map(status).collect()
}

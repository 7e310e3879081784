//! Audit: what is checked before anything is published.
//!
//! A check has a name and an outcome, and lists what it found in the words of the data, so that
//! any reader can say it in any language. To add a check, give it a name in [`CHECKS`] and add its
//! finding in [`Findings::checks`].

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::mem::take;

use centime_accounts::balance::BalanceSide;
use centime_accounts::identifier;
use centime_accounts::label::{Match, normalise};
use centime_accounts::{BalanceSheet, Body, Centimes, FiscalYear, Role, YearStatement};
use centime_warehouse::doubt::MOST_NAMED;
use centime_warehouse::quality::{Losses, YearResult};
use centime_warehouse::{CheckResult, Outcome, Subject};

use crate::Accepted;
use crate::extract::Extracted;
use crate::read::Row;
use crate::repeats::Repeats;

/// Every check, with what its failure or remark means.
pub const CHECKS: [(&str, &str); 22] = [
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
        "lines-published-once",
        "lines of a year that are published several times, with different amounts that are added",
    ),
    (
        YEARS_ONCE,
        "years most of whose lines are published several times, so that their totals are too large",
    ),
    (
        "identifiers-valid",
        "SIREN or SIRET numbers with a wrong check digit",
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
        "results-carried-forward",
        "years whose balance brought forward is not that of the year before with its result",
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

/// The check that a year is published once.
pub(crate) const YEARS_ONCE: &str = "years-published-once";

/// How many findings of a check are kept by name, besides the first of each year of a body.
const NAMED: usize = 200;

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

/// Cases that speak against the data: all are counted, the first are named, and the first of each year of a
/// body, so that the year can be doubted.
#[derive(Debug, Default)]
struct Cases {
    number: i64,
    named: Vec<String>,
    years: HashSet<String>,
}

impl Cases {
    fn add(&mut self, name: impl FnOnce() -> String) {
        self.number += 1;
        if self.named.len() < MOST_NAMED {
            self.name(name());
        }
    }

    fn append(&mut self, other: Self) {
        self.number += other.number;
        for name in other.named {
            self.name(name);
        }
    }

    fn name(&mut self, name: String) {
        let room = self.named.len() < MOST_NAMED;
        if room && (self.years.insert(year_of(&name)) || self.named.len() < NAMED) {
            self.named.push(name);
        }
    }
}

impl FromIterator<String> for Cases {
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let mut cases = Self::default();
        for name in names {
            cases.add(|| name);
        }
        cases
    }
}

/// A year of a public body.
type YearOf = (String, FiscalYear);

/// What was found while records were turned into statements.
#[derive(Debug, Default)]
pub struct Findings {
    rounded: Cases,
    amounts: i64,
    unplaced: Cases,
    inactive: Cases,
    unknown: Cases,
    recognised: i64,
    unpublished: Cases,
    unequal_parents: Cases,
    equal_parents: i64,
    duplicates: Cases,
    several: Cases,
    repeated: Cases,
    invalid: Cases,
    results: BTreeMap<YearOf, Option<Centimes>>,
    balance: BalanceFindings,
}

#[derive(Debug, Default)]
struct BalanceFindings {
    published: BTreeMap<YearOf, Centimes>,
    years: i64,
    balanced: i64,
    unbalanced: Cases,
    shifted: Cases,
    carried: i64,
    not_carried: Cases,
}

impl BalanceFindings {
    fn append(&mut self, other: Self) {
        self.published.extend(other.published);
        self.years += other.years;
        self.balanced += other.balanced;
        self.unbalanced.append(other.unbalanced);
        self.shifted.append(other.shifted);
        self.carried += other.carried;
        self.not_carried.append(other.not_carried);
    }
}

/// What a change against what was published before leads to.
const fn unless(accepted: bool) -> Outcome {
    if accepted {
        Outcome::Warn
    } else {
        Outcome::Fail
    }
}

/// Which change has to be accepted for a check that fails not to keep a revision from being published, as
/// `--accept-changes` names it; `None` for a check that always does.
pub(crate) fn accepted_as(name: &str) -> Option<&'static str> {
    match name {
        "body-kept" => Some("body"),
        "years-kept" | YEARS_ONCE => Some("years"),
        "reconciliation-kept" => Some("reconciliation"),
        _ => None,
    }
}

/// Whether what was published before is still there.
fn kept(losses: &Losses, accepted: Accepted) -> Vec<CheckResult> {
    let years = |lost: &[(String, i64)]| {
        let several = losses.bodies_before > 1;
        let named = |(siren, year): &(String, i64)| of_body(several, siren, *year);
        lost.iter().map(named).collect::<Cases>()
    };
    let mut checks = vec![check(
        "body-kept",
        unless(accepted.body),
        losses.bodies_before,
        losses.bodies.iter().cloned().collect(),
    )];
    if losses.years_before > 0 {
        let before = losses.years_before;
        checks.push(check(
            "years-kept",
            unless(accepted.years),
            before,
            years(&losses.years),
        ));
        let undone = years(&losses.reconciled);
        let outcome = unless(accepted.reconciliation);
        checks.push(check("reconciliation-kept", outcome, before, undone));
    }
    checks
}

impl Findings {
    /// Adds what was found elsewhere.
    pub fn append(&mut self, other: Self) {
        self.amounts += other.amounts;
        self.recognised += other.recognised;
        self.equal_parents += other.equal_parents;
        self.rounded.append(other.rounded);
        self.unplaced.append(other.unplaced);
        self.inactive.append(other.inactive);
        self.unknown.append(other.unknown);
        self.unpublished.append(other.unpublished);
        self.unequal_parents.append(other.unequal_parents);
        self.duplicates.append(other.duplicates);
        self.several.append(other.several);
        self.repeated.append(other.repeated);
        self.invalid.append(other.invalid);
        self.results.extend(other.results);
        self.balance.append(other.balance);
    }

    /// Whether more than one body has a statement, so that cases must say whose they are.
    fn has_several_bodies(&self) -> bool {
        let mut sirens = self.results.keys().map(|(siren, _)| siren);
        let first = sirens.next();
        sirens.next_back().is_some_and(|last| Some(last) != first)
    }

    /// Notes a record with an amount that was rounded.
    pub fn rounded(&mut self, subject: String) {
        self.rounded.add(|| subject);
    }

    /// Notes lines and years of a body that are published more than once. They are kept: two lines may be equal.
    pub fn repeats<T: Row>(&mut self, siren: &str, rows: &[T], repeats: &Repeats) {
        let named = |row: &usize| {
            let row = &rows[*row];
            format!("{}{} › {}", prefix(siren), row.year(), row.named())
        };
        for row in &repeats.same {
            self.duplicates.add(|| named(row));
        }
        for row in &repeats.other {
            self.several.add(|| named(row));
        }
    }

    /// Notes years of a body most of whose lines a dataset publishes more than once.
    pub fn repeated_years(&mut self, siren: &str, dataset: &str, repeats: &Repeats) {
        for (year, found) in repeats
            .years
            .iter()
            .filter(|(_, found)| found.is_repeated())
        {
            let body = prefix(siren);
            self.repeated.add(|| {
                format!(
                    "{body}{year}: {dataset}, {} / {}",
                    found.several, found.lines
                )
            });
        }
    }

    /// Notes the number of a body whose check digit is wrong.
    pub fn number(&mut self, siren: &str) {
        if !siren.is_empty() && !identifier::is_valid(siren) {
            self.invalid.add(|| siren.to_owned());
        }
    }

    /// Looks through a year of the income statement of a body.
    pub fn statement(&mut self, siren: &str, statement: &YearStatement) {
        let year = statement.year;
        for line in &statement.lines {
            let item = &*line.item;
            let subject = || named(siren, year, &item.category, &item.label);
            let holds_money = matches!(item.role, Role::Line | Role::Part | Role::Subtotal);
            match line.amount {
                Some(_) => self.amounts += 1,
                // A printed total says what it is.
                None if line.nil => {}
                None => self.unpublished.add(subject),
            }
            if item.matched == Match::Unknown {
                self.unknown.add(subject);
            } else {
                self.recognised += 1;
            }
            if holds_money && item.side.is_none() {
                self.unplaced.add(subject);
            }
            if line.counted && item.activity.is_none() {
                self.inactive.add(subject);
            }
        }
        for check in &statement.parents {
            match check.difference() {
                Some(Centimes::ZERO) => self.equal_parents += 1,
                Some(difference) => self.unequal_parents.add(|| {
                    let body = prefix(siren);
                    format!("{body}{year} › {}: {difference} €", check.label)
                }),
                None => {}
            }
        }
        self.results
            .insert((siren.to_owned(), year), statement.result());
    }

    /// Looks through the balance sheet of a body.
    pub fn balance_sheet(&mut self, siren: &str, sheet: &BalanceSheet) {
        let found = &mut self.balance;
        found.years += count(sheet.years().len());
        for year in sheet.years() {
            let assets = sheet.net_total(year, BalanceSide::Asset);
            let liabilities = sheet.net_total(year, BalanceSide::Liability);
            if let (Some(assets), Some(liabilities)) = (assets, liabilities) {
                let difference = assets - liabilities;
                if sheet.balances(year) {
                    found.balanced += 1;
                } else {
                    let body = prefix(siren);
                    found
                        .unbalanced
                        .add(|| format!("{body}{year}: {difference} €"));
                }
            }
            if let Some(result) = sheet.published_result(year) {
                found.published.insert((siren.to_owned(), year), result);
            }
        }
        // After a change of perimeter the results brought forward are those of two bodies.
        let breaks = Body::by_siren(siren).map_or(&[][..], |body| &body.perimeter_breaks);
        for brought in sheet.brought_forward() {
            if breaks.contains(&brought.year.get()) {
                continue;
            }
            if brought.is_explained() {
                found.carried += 1;
            } else {
                let (body, difference) = (prefix(siren), brought.found - brought.expected);
                found
                    .not_carried
                    .add(|| format!("{body}{}: {difference} €", brought.year));
            }
        }
        for shift in &sheet.shifts {
            let body = prefix(siren);
            found
                .shifted
                .add(|| format!("{body}{}, {}", shift.earlier, shift.later));
        }
    }

    /// Draws up the results of all checks. `results` are those that the models compute; `losses`
    /// what the revision before had.
    pub fn checks(
        mut self,
        extracted: &[&Extracted],
        results: &[YearResult],
        losses: Option<&Losses>,
        accepted: Accepted,
    ) -> Vec<CheckResult> {
        let several = self.has_several_bodies();
        let of_results = self.of_results(extracted, results);
        let mut checks = self.of_source(extracted);
        checks.extend(self.of_lines(unless(accepted.years)));
        checks.extend(of_results);
        if let Some(losses) = losses {
            checks.extend(kept(losses, accepted));
        }
        if !several {
            for subject in checks.iter_mut().flat_map(|check| &mut check.subjects) {
                if let Some((_, rest)) = subject.split_once(OF_BODY) {
                    *subject = rest.to_owned();
                }
            }
        }
        for subject in checks.iter_mut().flat_map(|check| &mut check.subjects) {
            *subject = subject.replace(OF_BODY, " › ");
        }
        checks
    }

    /// Whether the source is what it says.
    fn of_source(&mut self, extracted: &[&Extracted]) -> Vec<CheckResult> {
        let records: u64 = extracted.iter().map(|dataset| dataset.rows).sum();
        let fields: usize = extracted
            .iter()
            .map(|dataset| dataset.schema.used().count())
            .sum();
        let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
        vec![
            remark("records-complete", count(records), stale(extracted)),
            remark("fields-known", count(fields), extra_fields(extracted)),
            remark("amounts-exact", self.amounts, take(&mut self.rounded)),
        ]
    }

    /// Whether the lines can be understood.
    fn of_lines(self, regression: Outcome) -> Vec<CheckResult> {
        let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
        let amounts = self.amounts;
        let years = count(self.results.len());
        vec![
            check("sides-known", Outcome::Fail, amounts, self.unplaced),
            remark("activities-known", amounts, self.inactive),
            remark("labels-recognised", self.recognised, self.unknown),
            remark("amounts-published", amounts, self.unpublished),
            remark(
                "parents-equal-parts",
                self.equal_parents,
                self.unequal_parents,
            ),
            remark("no-duplicates", amounts, self.duplicates),
            remark("lines-published-once", amounts, self.several),
            check(YEARS_ONCE, regression, years, self.repeated),
            remark("identifiers-valid", years, self.invalid),
        ]
    }

    /// Whether the results are right, as far as can be known.
    fn of_results(&mut self, extracted: &[&Extracted], results: &[YearResult]) -> Vec<CheckResult> {
        let years = count(self.results.len());
        let twice = self.disagreements(results);
        let mut checks = vec![check("computed-twice", Outcome::Fail, years, twice)];
        let has_balance_sheet = extracted
            .iter()
            .any(|dataset| dataset.subject == Subject::BalanceSheet);
        if !has_balance_sheet {
            checks.push(CheckResult {
                name: "balance-sheet-present".to_owned(),
                outcome: Outcome::Warn,
                found: 1,
                subjects: Vec::new(),
            });
            return checks;
        }
        let mislabelled = self.mislabelled();
        let BalanceFindings {
            published,
            years: balance_years,
            balanced,
            unbalanced,
            shifted,
            carried,
            not_carried,
        } = take(&mut self.balance);
        let mut reconciled = 0;
        let mut different = Cases::default();
        for (year, result) in &self.results {
            let (Some(result), Some(published)) = (*result, published.get(year)) else {
                continue;
            };
            if result == *published {
                reconciled += 1;
            } else {
                let difference = result - *published;
                let body = prefix(&year.0);
                different.add(|| format!("{body}{}: {difference} €", year.1));
            }
        }
        let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
        checks.extend([
            remark("results-reconciled", reconciled, different),
            remark("years-labelled-right", years, mislabelled),
            remark("balance-sheet-balances", balanced, unbalanced),
            remark("balance-columns", balance_years, shifted),
            remark("results-carried-forward", carried, not_carried),
        ]);
        checks
    }

    /// The years for which the model in SQL and the rule in Rust disagree.
    fn disagreements(&self, results: &[YearResult]) -> Cases {
        let in_sql: BTreeMap<(&str, i64), Option<i64>> = results
            .iter()
            .map(|found| ((found.siren.as_str(), found.fiscal_year), found.result))
            .collect();
        let in_rust: BTreeMap<(&str, i64), Option<i64>> = self
            .results
            .iter()
            .map(|((siren, year), result)| {
                let year = i64::from(year.get());
                ((siren.as_str(), year), result.map(Centimes::get))
            })
            .collect();
        let years: BTreeSet<&(&str, i64)> = in_sql.keys().chain(in_rust.keys()).collect();
        years
            .into_iter()
            .filter(|year| in_sql.get(year) != in_rust.get(year))
            .map(|(siren, year)| format!("{}{year}", prefix(siren)))
            .collect()
    }

    /// The years whose result is that of a neighbour, as when year labels have slipped.
    fn mislabelled(&self) -> Cases {
        let published = &self.balance.published;
        let slipped = |(key, result): (&YearOf, &Option<Centimes>)| {
            let (siren, year) = key;
            let result = (*result)?;
            let own = published.get(key)?;
            let of_body = published
                .range((siren.clone(), FiscalYear::MIN)..)
                .take_while(|((other, _), _)| other == siren);
            let ((_, other), _) = of_body.into_iter().find(|((_, other), value)| {
                other.get().abs_diff(year.get()) == 1 && **value == result
            })?;
            (*own != result).then(|| format!("{}{year}: {other}", prefix(siren)))
        };
        self.results.iter().filter_map(slipped).collect()
    }
}

/// A check that passes when nothing was found against it. `passed` is how many cases it looked at.
fn check(name: &str, otherwise: Outcome, passed: i64, against: Cases) -> CheckResult {
    let (outcome, found) = if against.number == 0 {
        (Outcome::Pass, passed)
    } else {
        (otherwise, against.number)
    };
    CheckResult {
        name: name.to_owned(),
        outcome,
        found,
        subjects: against.named,
    }
}

/// Stands between the number of a body and what was found of it, until it is known whether there
/// are several bodies. No text has it: control characters are read as spaces.
const OF_BODY: char = '\u{1f}';

/// The body of a case.
fn prefix(siren: &str) -> String {
    format!("{siren}{OF_BODY}")
}

/// A case of a body among several, or of the only one.
fn of_body(several: bool, siren: &str, year: i64) -> String {
    if several {
        format!("{siren} › {year}")
    } else {
        year.to_string()
    }
}

/// The part of a case that says of which year of which body it is.
fn year_of(name: &str) -> String {
    if let Some((siren, case)) = name.split_once(OF_BODY) {
        let year: String = case.chars().take(4).collect();
        format!("{siren}{OF_BODY}{year}")
    } else {
        let (year, _) = name.split_once(", record ").unwrap_or((name, ""));
        year.to_owned()
    }
}

fn count<T: TryInto<i64>>(number: T) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

fn named(siren: &str, year: FiscalYear, category: &str, label: &str) -> String {
    // An empty label still has to be named.
    let label = if normalise(label).is_empty() {
        "—"
    } else {
        label.trim()
    };
    format!("{}{year} › {} › {label}", prefix(siren), category.trim())
}

fn stale(extracted: &[&Extracted]) -> Cases {
    let stale = extracted.iter().filter_map(|dataset| {
        let announced = dataset.stale_count?;
        Some(format!(
            "{}: {announced} → {}",
            dataset.dataset.dataset_id, dataset.rows
        ))
    });
    stale.collect()
}

fn extra_fields(extracted: &[&Extracted]) -> Cases {
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

#[cfg(test)]
mod tests {
    use centime_warehouse::doubt;

    use super::*;

    #[test]
    fn of_every_check_it_is_known_whether_it_touches_figures() {
        for (name, _) in CHECKS {
            assert!(
                doubt::CHECKS.iter().any(|(known, _)| *known == name),
                "{name}"
            );
        }
    }

    #[test]
    fn several_bodies_are_more_than_one_however_few_years_they_have() {
        for (found, expected) in [
            (&[][..], false),
            (&[("a", "2023")], false),
            (&[("a", "2023"), ("a", "2024")], false),
            (&[("a", "2023"), ("b", "2023")], true),
            (&[("a", "2023"), ("a", "2024"), ("b", "2024")], true),
        ] {
            let mut findings = Findings::default();
            for (siren, year) in found {
                let year = centime_accounts::FiscalYear::parse(year).unwrap();
                findings.results.insert(((*siren).to_owned(), year), None);
            }
            assert_eq!(findings.has_several_bodies(), expected, "{found:?}");
        }
    }

    #[test]
    fn each_year_has_a_case_by_name() {
        let mut cases = Cases::default();
        for year in 2000..2030 {
            for row in 0..100 {
                cases.add(|| format!("217500016{OF_BODY}{year} › CHARGES › {row}"));
            }
        }
        assert_eq!(cases.number, 3000);
        assert_eq!(cases.named.len(), NAMED + 28);
        let mut more = Cases::default();
        more.append(cases);
        more.add(|| format!("216901231{OF_BODY}2000 › CHARGES › 1"));
        assert_eq!((more.number, more.named.len()), (3001, NAMED + 29));
        for record in 0..50_000 {
            more.add(|| format!("{record}{OF_BODY}2000: 1.00 €"));
        }
        assert_eq!(more.named.len(), MOST_NAMED);
    }
}

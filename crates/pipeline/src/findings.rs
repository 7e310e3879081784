//! What is noted while records are turned into statements, for the audit to make checks of.

use std::collections::{BTreeMap, HashSet};

use centime_accounts::balance::BalanceSide;
use centime_accounts::identifier;
use centime_accounts::label::{Match, normalise};
use centime_accounts::{
    BalanceSheet, Body, BroughtForward, Carried, Centimes, FiscalYear, Role, YearStatement,
};
use centime_warehouse::doubt::MOST_NAMED;
use serde::{Deserialize, Serialize};

use crate::repeats::Repeats;
use crate::row::Row;

/// Amounts by year, as a list: JSON has texts alone as the names of members.
mod by_year {
    use std::collections::BTreeMap;

    use centime_accounts::{Centimes, FiscalYear};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::YearOf;

    /// An amount in centimes, or none.
    pub trait Amount: Sized {
        fn written(&self) -> Option<i64>;
        fn read(written: Option<i64>) -> Option<Self>;
    }

    impl Amount for Centimes {
        fn written(&self) -> Option<i64> {
            Some(self.get())
        }

        fn read(written: Option<i64>) -> Option<Self> {
            written.map(Self::new)
        }
    }

    impl Amount for Option<Centimes> {
        fn written(&self) -> Option<i64> {
            self.map(Centimes::get)
        }

        fn read(written: Option<i64>) -> Option<Self> {
            Some(written.map(Centimes::new))
        }
    }

    pub fn serialize<V: Amount, S: Serializer>(
        all: &BTreeMap<YearOf, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let rows = all.iter();
        serializer
            .collect_seq(rows.map(|((siren, year), amount)| (siren, year.get(), amount.written())))
    }

    pub fn deserialize<'de, V: Amount, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<YearOf, V>, D::Error> {
        let rows: Vec<(String, i64, Option<i64>)> = Vec::deserialize(deserializer)?;
        let mut all = BTreeMap::new();
        for (siren, year, amount) in rows {
            let year = FiscalYear::try_from(year).map_err(D::Error::custom)?;
            let amount = V::read(amount).ok_or_else(|| D::Error::custom("no amount"))?;
            all.insert((siren, year), amount);
        }
        Ok(all)
    }
}

/// How many findings of a check are kept by name, besides the first of each year of a body.
const MAX_NAMED: usize = 200;

/// A year of a public body.
pub type YearOf = (String, FiscalYear);

/// What was found while records were turned into statements.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Findings {
    /// Whether statements are those of official forms.
    pub of_forms: bool,
    pub rounded: Cases,
    pub amounts: i64,
    pub unplaced: Cases,
    pub inactive: Cases,
    pub unknown: Cases,
    pub recognised: i64,
    pub unpublished: Cases,
    pub unequal_parents: Cases,
    pub equal_parents: i64,
    pub duplicates: Cases,
    pub several: Cases,
    pub repeated: Cases,
    pub invalid: Cases,
    /// Years of budgets whose accounts are kept and whose chart is of no known family.
    pub without_chart: Cases,
    #[serde(with = "by_year")]
    pub results: BTreeMap<YearOf, Option<Centimes>>,
    pub balance: BalanceFindings,
    /// How many printed lines of documents are what their accounts come to, and which are not; `None` where there are
    /// no documents.
    #[serde(skip)]
    pub compared: Option<Compared>,
    /// Those of datasets of control totals alone.
    #[serde(skip)]
    pub totals: TotalFindings,
}

/// What the accounts of a budget's year close with together.
#[derive(Clone, Copy, Debug)]
pub struct ClosedAccounts {
    /// How many accounts there are.
    pub accounts: usize,
    /// What they close with on the debit side; `None` where that is out of range.
    pub debit: Option<Centimes>,
    /// The same on the credit side: the same amount, where none is missing.
    pub credit: Option<Centimes>,
}

/// What was found of control totals.
#[derive(Debug, Default)]
pub struct TotalFindings {
    /// The first body that has some, and whether others have.
    first: Option<String>,
    several: bool,
    pub amounts: i64,
    /// How many amounts had the noise of binary fractions.
    pub denoised: i64,
    /// How many of the identities between them hold.
    pub held: i64,
    pub broken: Cases,
}

impl TotalFindings {
    /// Notes a body.
    pub fn body(&mut self, siren: &str) {
        match &self.first {
            None => self.first = Some(siren.to_owned()),
            Some(first) => self.several |= first != siren,
        }
    }

    /// Whether there are any.
    pub fn any(&self) -> bool {
        self.first.is_some()
    }

    fn append(&mut self, other: Self) {
        if let Some(first) = &other.first {
            self.body(first);
        }
        self.several |= other.several;
        self.amounts += other.amounts;
        self.denoised += other.denoised;
        self.held += other.held;
        self.broken.append(other.broken);
    }
}

/// How printed lines and accounts of the same documents compare.
#[derive(Debug, Default)]
pub struct Compared {
    /// How many lines are equal.
    pub equal: i64,
    /// The lines that differ, with both amounts.
    pub different: Cases,
    /// How many witnesses of results agree with the printed one.
    pub agreeing: i64,
    /// Those that do not, with the difference.
    pub disagreeing: Cases,
    /// How many lines the document of the next year prints with the same amount.
    pub kept: i64,
    /// Those that it prints with another.
    pub restated: Cases,
}

impl Compared {
    /// Adds what was found of other documents.
    pub fn append(&mut self, other: Self) {
        self.equal += other.equal;
        self.different.append(other.different);
        self.agreeing += other.agreeing;
        self.disagreeing.append(other.disagreeing);
    }
}

#[derive(Debug, Default, Deserialize, Serialize)]
pub struct BalanceFindings {
    #[serde(with = "by_year")]
    pub published: BTreeMap<YearOf, Centimes>,
    pub years: i64,
    pub balanced: i64,
    pub unbalanced: Cases,
    pub shifted: Cases,
    pub carried: i64,
    pub not_carried: Cases,
}

impl BalanceFindings {
    /// Notes what a year has brought forward, which has to be what the year before it had with its result.
    fn brought_forward(&mut self, siren: &str, brought: &BroughtForward) {
        if brought.is_explained() {
            self.carried += 1;
        } else {
            let (body, difference) = (prefix(siren), brought.found - brought.expected);
            self.not_carried
                .add(|| format!("{body}{}: {difference} €", brought.year));
        }
    }

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
        self.without_chart.append(other.without_chart);
        self.results.extend(other.results);
        self.balance.append(other.balance);
        self.totals.append(other.totals);
    }

    /// Whether there is more than one body, so that cases must say whose they are.
    pub fn has_several_bodies(&self) -> bool {
        let mut sirens = self.results.keys().map(|(siren, _)| siren);
        let (first, last) = (sirens.next(), sirens.next_back());
        let other = self.totals.first.as_ref();
        self.totals.several
            || last.is_some_and(|last| Some(last) != first)
            || first.is_some_and(|first| other.is_some_and(|other| other != first))
    }

    /// Notes a record with an amount that was rounded.
    pub fn rounded(&mut self, subject: String) {
        self.rounded.add(|| subject);
    }

    /// Notes lines and years of a body that are published more than once. They are kept: two lines may be equal.
    pub fn repeats<T: Row>(&mut self, siren: &str, rows: &[T], repeats: &Repeats) {
        let named = |row: &usize| {
            let row = &rows[*row];
            format!("{}{} › {}", prefix(siren), row.year(), row.line_name())
        };
        for row in &repeats.identical {
            self.duplicates.add(|| named(row));
        }
        for row in &repeats.differing {
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

    /// Notes a year of a budget whose accounts are kept though their chart is of no known family.
    pub fn without_chart(
        &mut self,
        siret: &str,
        name: Option<&str>,
        year: FiscalYear,
        chart: &str,
        closed: &ClosedAccounts,
    ) {
        let euros =
            |sum: Option<Centimes>| sum.map_or_else(|| "?".to_owned(), |sum| format!("{sum} €"));
        self.without_chart.add(|| {
            format!(
                "{}{year} › {} › {chart}: SD {}, SC {}, n = {}",
                prefix(siret),
                name.unwrap_or(siret),
                euros(closed.debit),
                euros(closed.credit),
                closed.accounts
            )
        });
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
                // An official form prints no amount beside a title.
                None if self.of_forms && item.role == Role::Heading && !line.missing => {}
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

    /// Looks at two years of the balance sheet of a body that are in different datasets.
    pub fn neighbours(&mut self, siren: &str, year: FiscalYear, one: &Carried, next: &Carried) {
        let breaks = Body::by_siren(siren).map_or(&[][..], |body| &body.perimeter_breaks);
        if let Some(brought) = one.to(year, next)
            && !breaks.contains(&brought.year.get())
        {
            self.balance.brought_forward(siren, &brought);
        }
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
            if !breaks.contains(&brought.year.get()) {
                found.brought_forward(siren, &brought);
            }
        }
        for shift in &sheet.shifts {
            let body = prefix(siren);
            found
                .shifted
                .add(|| format!("{body}{}, {}", shift.earlier, shift.later));
        }
    }
}

/// Cases that speak against the data: all are counted, the first are named, and the first of each year of a
/// body, so that the year can be doubted.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct Cases {
    pub number: i64,
    pub named: Vec<String>,
    /// Those of the names, which are noted again where cases are added to others.
    #[serde(skip)]
    years: HashSet<String>,
}

impl Cases {
    pub fn add(&mut self, name: impl FnOnce() -> String) {
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
        if room && (self.years.insert(year_of(&name)) || self.named.len() < MAX_NAMED) {
            self.named.push(name);
        }
    }
}

impl Cases {
    /// So many cases that are not named.
    pub fn unnamed(number: i64) -> Self {
        Self {
            number,
            ..Self::default()
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

/// Stands between the number of a body and what was found of it, until it is known whether there
/// are several bodies. No text has it: control characters are read as spaces.
pub const OF_BODY: char = '\u{1f}';

/// The body of a case.
pub fn prefix(siren: &str) -> String {
    format!("{siren}{OF_BODY}")
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

fn named(siren: &str, year: FiscalYear, category: &str, label: &str) -> String {
    // An empty label still has to be named.
    let label = if normalise(label).is_empty() {
        "—"
    } else {
        label.trim()
    };
    format!("{}{year} › {} › {label}", prefix(siren), category.trim())
}

pub fn count<T: TryInto<i64>>(number: T) -> i64 {
    number.try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(cases.named.len(), MAX_NAMED + 28);
        let mut more = Cases::default();
        more.append(cases);
        more.add(|| format!("216901231{OF_BODY}2000 › CHARGES › 1"));
        assert_eq!((more.number, more.named.len()), (3001, MAX_NAMED + 29));
        for record in 0..50_000 {
            more.add(|| format!("{record}{OF_BODY}2000: 1.00 €"));
        }
        assert_eq!(more.named.len(), MOST_NAMED);
    }
}

//! Which source has the accounts of a body and a year.
//!
//! Where an edition has several income statements, the years of one body may come from several of them: all of them
//! together are its statement. But no year of it may come from two, because amounts are added up. So what is said of a
//! body as a whole is kept until the last of them, and who has which year is noted on the way.

use std::collections::{BTreeMap, HashMap};

use centime_accounts::{Body, Budget, FiscalYear, identifier};
use centime_warehouse::quality::BreakKind;
use centime_warehouse::staging::NewBody;
use centime_warehouse::{Staging, Subject};

use crate::error::Error;
use crate::totals::ControlTotals;

/// What one dataset has of bodies.
#[derive(Debug, Default)]
pub struct Claims {
    statements: HashMap<String, Claimed>,
    /// The years of balance sheets.
    sheets: HashMap<String, Vec<FiscalYear>>,
    /// Control totals.
    pub totals: ControlTotals,
    /// How many inhabitants accounts say that bodies have.
    pub populations: BTreeMap<(String, FiscalYear), u32>,
}

/// The statement of a body.
#[derive(Debug)]
struct Claimed {
    /// The body as the dataset names it.
    body: NewBody,
    /// The nomenclature of each year.
    years: BTreeMap<FiscalYear, Option<&'static str>>,
}

impl Claims {
    /// Notes the statement of a body, with the nomenclature of each year.
    pub fn statement(&mut self, body: NewBody, years: BTreeMap<FiscalYear, Option<&'static str>>) {
        let claimed = Claimed { body, years };
        self.statements.insert(claimed.body.siren.clone(), claimed);
    }

    /// Notes the balance sheet of a body.
    pub fn sheet(&mut self, siren: &str, years: impl Iterator<Item = FiscalYear>) {
        self.sheets.insert(siren.to_owned(), years.collect());
    }
}

/// What all datasets of an edition have, each named as people call it.
#[derive(Debug, Default)]
pub struct AllClaims {
    of: Vec<(String, Claims)>,
    /// The control totals of all of them.
    pub totals: ControlTotals,
    /// The datasets that they are of.
    of_totals: Vec<String>,
    populations: BTreeMap<(String, FiscalYear), u32>,
}

impl AllClaims {
    /// Adds what a dataset has.
    ///
    /// # Errors
    ///
    /// When another one has the same year of the same body.
    pub fn add(&mut self, label: String, mut claims: Claims) -> Result<(), Error> {
        let two = |subject, siren: &str, year: FiscalYear, one: &str| Error::TwoSources {
            subject,
            siren: siren.to_owned(),
            year: year.get(),
            one: one.to_owned(),
            other: label.clone(),
        };
        for (one, known) in &self.of {
            let mut sirens: Vec<&String> = claims.statements.keys().collect();
            sirens.sort_unstable();
            for siren in sirens {
                let theirs = known.statements.get(siren);
                let mut years = claims.statements[siren].years.keys();
                let shared =
                    years.find(|year| theirs.is_some_and(|it| it.years.contains_key(year)));
                if let Some(year) = shared {
                    return Err(two(Subject::IncomeStatement, siren, *year, one));
                }
            }
            let mut sirens: Vec<&String> = claims.sheets.keys().collect();
            sirens.sort_unstable();
            for siren in sirens {
                let theirs = known.sheets.get(siren);
                let mut years = claims.sheets[siren].iter();
                if let Some(year) = years.find(|year| theirs.is_some_and(|it| it.contains(year))) {
                    return Err(two(Subject::BalanceSheet, siren, *year, one));
                }
            }
        }
        let totals = std::mem::take(&mut claims.totals);
        if !totals.is_empty() {
            if let Err((siren, year)) = self.totals.append(totals) {
                let one = self.of_totals.join(", ");
                return Err(two(Subject::Aggregates, &siren, year, &one));
            }
            self.of_totals.push(label.clone());
        }
        self.populations.append(&mut claims.populations);
        self.of.push((label, claims));
        Ok(())
    }

    /// The numbers that main budgets are kept by, by the SIREN number of their body, as far as statements say it.
    pub fn main_budgets(&self) -> BTreeMap<&str, &str> {
        let statements = self.of.iter().flat_map(|(_, claims)| &claims.statements);
        let main = statements.filter(|(_, claimed)| claimed.body.budget == Some(Budget::Main));
        main.map(|(number, _)| (identifier::siren(number), number.as_str()))
            .collect()
    }

    /// Stages all bodies, where their series break, and what control totals say of them.
    pub async fn stage(&self, staging: &mut Staging) -> Result<(), Error> {
        let mut all: BTreeMap<&str, Vec<&Claimed>> = BTreeMap::new();
        for (_, claims) in &self.of {
            for (siren, claimed) in &claims.statements {
                all.entry(siren).or_default().push(claimed);
            }
        }
        for claimed in all.values() {
            let years: BTreeMap<FiscalYear, Option<&str>> = claimed
                .iter()
                .flat_map(|claimed| claimed.years.iter().map(|(year, of)| (*year, *of)))
                .collect();
            let bodies = || claimed.iter().map(|claimed| &claimed.body);
            let Some((first, (&first_year, &last_year))) = bodies()
                .next()
                .zip(years.keys().next().zip(years.keys().next_back()))
            else {
                continue;
            };
            for (year, kind) in breaks(&first.siren, &years) {
                staging.series_break(&first.siren, year, kind).await?;
            }
            let body = NewBody {
                first_year,
                last_year,
                lines: bodies().map(|body| body.lines).sum(),
                budget: bodies().find_map(|body| body.budget),
                sample: bodies().any(|body| body.sample),
                ..first.clone()
            };
            let known = self.totals.get(&body.siren);
            let profile = known.map(|known| known.profile.clone());
            staging
                .known_body(&body, &profile.unwrap_or_default())
                .await?;
        }
        let totals = &self.totals;
        totals
            .stage_bodies(staging, |siren| all.contains_key(siren))
            .await?;
        totals.stage_populations(staging, &self.populations).await?;
        totals.stage_standings(staging).await
    }
}

/// The years of a body that cannot be compared with the year before, by the nomenclature of each year.
pub fn breaks(
    siren: &str,
    years: &BTreeMap<FiscalYear, Option<&str>>,
) -> Vec<(FiscalYear, BreakKind)> {
    let known = Body::by_siren(identifier::siren(siren));
    let perimeter = known.map_or(&[][..], |body| &body.perimeter_breaks);
    let mut found = Vec::new();
    let mut before: Option<Option<&str>> = None;
    for (year, nomenclature) in years {
        if before.is_some_and(|before| before != *nomenclature) {
            found.push((*year, BreakKind::Nomenclature));
        }
        // The first year has none before it to be compared with.
        if before.is_some() && perimeter.contains(&year.get()) {
            found.push((*year, BreakKind::Perimeter));
        }
        before = Some(*nomenclature);
    }
    found
}

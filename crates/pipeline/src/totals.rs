//! Control totals of all bodies, as far as something is held against them or divided by them.
//!
//! What is kept of each body is little: the totals that accounts can be held against, inhabitants, and what is known of
//! it. The totals themselves are in the warehouse by then.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use centime_accounts::aggregates::{Aggregates, HELD, HOLD_UNSURE, UNSURE};
use centime_accounts::indicators::{Outcome, indicators};
use centime_accounts::peers::{COMPARED, Size, per_inhabitant, places};
use centime_accounts::{BodyKind, Centimes, FiscalYear, Given, TrialBalance};
use centime_warehouse::staging::{NewBody, NewControl, NewProfile, NewStanding};
use centime_warehouse::{Staging, Subject};

use crate::error::Error;

/// A total, and the number of its record.
type Total = (Centimes, i64);

/// What is known of a body from control totals.
#[derive(Debug, Default)]
pub struct OfBody {
    pub name: String,
    pub profile: NewProfile,
    pub every_year: BTreeSet<FiscalYear>,
    pub populations: BTreeMap<FiscalYear, u32>,
    pub sample: bool,
    /// All totals of the main budget, until the body is stored.
    whole: BTreeMap<FiscalYear, Aggregates>,
    /// Those that accounts are held against.
    held: BTreeMap<FiscalYear, [Option<Total>; HELD.len()]>,
    /// Those by which bodies are compared.
    compared: BTreeMap<FiscalYear, [Option<Centimes>; COMPARED.len()]>,
}

impl OfBody {
    /// Adds a total of the main budget; why not, where it was there with another amount.
    pub fn add(
        &mut self,
        year: FiscalYear,
        aggregate: &str,
        amount: Centimes,
        record: i64,
    ) -> Result<(), String> {
        let whole = self.whole.entry(year).or_default();
        let is_new = whole.get(aggregate).is_none();
        whole
            .put(aggregate, amount)
            .map_err(|error| error.to_string())?;
        if !is_new {
            return Ok(());
        }
        if let Some(place) = HELD.iter().position(|(_, label, ..)| *label == aggregate) {
            self.held.entry(year).or_default()[place] = Some((amount, record));
        }
        if let Some(place) = COMPARED.iter().position(|label| *label == aggregate) {
            self.compared.entry(year).or_default()[place] = Some(amount);
        }
        Ok(())
    }

    /// The totals of each year.
    pub fn years(&self) -> impl Iterator<Item = (FiscalYear, &Aggregates)> {
        self.whole.iter().map(|(year, whole)| (*year, whole))
    }
}

/// What is known of bodies from one dataset, or from all of them, by the numbers that they are kept by.
#[derive(Debug, Default)]
pub struct ControlTotals(HashMap<String, OfBody>);

impl ControlTotals {
    pub fn insert(&mut self, siren: String, mut of_body: OfBody) {
        of_body.whole = BTreeMap::new();
        self.0.insert(siren, of_body);
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The body, by the number that it is kept by.
    pub fn get(&self, siren: &str) -> Option<&OfBody> {
        self.0.get(siren)
    }

    /// Adds those of another dataset; the first body and year that both have as the error.
    pub fn append(&mut self, other: Self) -> Result<(), (String, FiscalYear)> {
        let mut bodies: Vec<(String, OfBody)> = other.0.into_iter().collect();
        bodies.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (siren, of_body) in bodies {
            let Some(known) = self.0.get_mut(&siren) else {
                self.0.insert(siren, of_body);
                continue;
            };
            if let Some(year) = known.every_year.intersection(&of_body.every_year).next() {
                return Err((siren, *year));
            }
            let is_later = of_body.every_year.last() > known.every_year.last();
            known.every_year.extend(of_body.every_year);
            known.populations.extend(of_body.populations);
            known.held.extend(of_body.held);
            known.compared.extend(of_body.compared);
            if is_later {
                (known.name, known.profile) = (of_body.name, of_body.profile);
            }
        }
        Ok(())
    }

    /// How many inhabitants a body has in a year.
    pub fn population(&self, siren: &str, year: FiscalYear) -> Option<u32> {
        self.0.get(siren)?.populations.get(&year).copied()
    }

    /// Stages the totals of a year as witnesses of what its accounts come to.
    pub async fn hold(
        &self,
        staging: &mut Staging,
        siren: &str,
        trial: &TrialBalance,
        given: &Given,
    ) -> Result<(), Error> {
        let Some(held) = self.0.get(siren).and_then(|of| of.held.get(&trial.year)) else {
            return Ok(());
        };
        let computed = indicators(trial, given);
        let is_unsure = trial.accounts().any(|account| {
            UNSURE
                .iter()
                .any(|unsure| account.account.as_str().starts_with(unsure))
        });
        for ((kind, _, indicator, differs), total) in HELD.iter().zip(held) {
            let Some((says, record)) = *total else {
                continue;
            };
            let found = computed
                .iter()
                .find(|computed| computed.indicator.code == *indicator);
            let against = found.and_then(|computed| match computed.outcome {
                Outcome::Amount(amount) => Some(amount),
                _ => None,
            });
            let new = NewControl {
                siren,
                year: trial.year,
                kind: *kind,
                says,
                against,
                defined_otherwise: *differs || (is_unsure && HOLD_UNSURE.contains(indicator)),
                record,
            };
            staging.control(&new).await?;
        }
        Ok(())
    }

    /// Stages bodies of which nothing but control totals is known. `has_statement` says of which others are staged by
    /// themselves.
    pub async fn stage_bodies(
        &self,
        staging: &mut Staging,
        has_statement: impl Fn(&str) -> bool,
    ) -> Result<(), Error> {
        let mut sirens: Vec<&String> = self.0.keys().collect();
        sirens.sort_unstable();
        for siren in sirens.into_iter().filter(|siren| !has_statement(siren)) {
            let of_body = &self.0[siren];
            let years = &of_body.every_year;
            let (Some(first), Some(last)) = (years.first(), years.last()) else {
                continue;
            };
            let name = if of_body.name.is_empty() {
                siren.clone()
            } else {
                of_body.name.clone()
            };
            let body = NewBody {
                siren: siren.clone(),
                name,
                budget: None,
                first_year: *first,
                last_year: *last,
                lines: 0,
                sample: of_body.sample,
            };
            staging.known_body(&body, &of_body.profile).await?;
        }
        Ok(())
    }

    /// Stages how many inhabitants bodies have, but for years of which accounts say it themselves.
    pub async fn stage_populations(
        &self,
        staging: &mut Staging,
        said: &BTreeMap<(String, FiscalYear), u32>,
    ) -> Result<(), Error> {
        for ((siren, year), population) in said {
            staging
                .population(siren, *year, *population, Subject::AccountBalances)
                .await?;
        }
        for (siren, of_body) in &self.0 {
            for (year, population) in &of_body.populations {
                let key = (siren.clone(), *year);
                if *population > 0 && !said.contains_key(&key) {
                    staging
                        .population(siren, *year, *population, Subject::Aggregates)
                        .await?;
                }
            }
        }
        Ok(())
    }

    /// Stages the place of each body among those that it can be compared with.
    pub async fn stage_standings(&self, staging: &mut Staging) -> Result<(), Error> {
        let mut groups: BTreeMap<Peers<'_>, Vec<&str>> = BTreeMap::new();
        for (siren, of_body) in &self.0 {
            for year in of_body.compared.keys() {
                if let Some(peers) = of_body.peers(*year) {
                    groups.entry(peers).or_default().push(siren);
                }
            }
        }
        for (peers, mut sirens) in groups {
            sirens.sort_unstable();
            for (at, aggregate) in COMPARED.into_iter().enumerate() {
                let mut of: Vec<&str> = Vec::with_capacity(sirens.len());
                let mut amounts: Vec<Centimes> = Vec::with_capacity(sirens.len());
                for siren in &sirens {
                    if let Some(amount) = self.0[*siren].each(peers.year, at) {
                        of.push(siren);
                        amounts.push(amount);
                    }
                }
                let found = places(&amounts);
                for ((siren, per_inhabitant), place) in of.iter().zip(&amounts).zip(found) {
                    let new = NewStanding {
                        siren,
                        year: peers.year,
                        aggregate,
                        per_inhabitant: *per_inhabitant,
                        place,
                        size: peers.size,
                    };
                    staging.standing(&new).await?;
                }
            }
        }
        Ok(())
    }
}

/// What bodies have in common that are compared.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Peers<'a> {
    year: FiscalYear,
    kind: BodyKind,
    departement: Option<&'a str>,
    size: Option<Size>,
}

impl OfBody {
    /// What those that it is compared with in a year have in common. Communes are compared with those of their
    /// département and size; of other kinds there are too few.
    fn peers(&self, year: FiscalYear) -> Option<Peers<'_>> {
        let population = self.populations.get(&year)?;
        let kind = self.profile.kind?;
        let of_communes = kind == BodyKind::Commune;
        Some(Peers {
            year,
            kind,
            departement: self.profile.departement.as_deref().filter(|_| of_communes),
            size: of_communes.then(|| Size::of(*population)),
        })
    }

    /// A compared total for each inhabitant.
    fn each(&self, year: FiscalYear, at: usize) -> Option<Centimes> {
        let amount = self.compared.get(&year)?[at]?;
        per_inhabitant(amount, *self.populations.get(&year)?)
    }
}

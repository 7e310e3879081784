//! Which source has the accounts of a body and a year.
//!
//! Where an edition has several income statements, the years of one body may come from several of them: all of them
//! together are its statement. But no year of it may come from two, because amounts are added up. So what is said of a
//! body as a whole is kept until the last of them, and who has which year is noted on the way.

use std::collections::{BTreeMap, HashMap};

use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{
    BalanceSheet, Body, BodyKind, Budget, Carried, Centimes, FiscalYear, identifier,
};
use centime_warehouse::quality::BreakKind;
use centime_warehouse::staging::{NewBody, NewProfile};
use centime_warehouse::{Staging, Subject};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::findings::Findings;
use crate::totals::ControlTotals;

/// What one dataset has of bodies.
#[derive(Debug, Default)]
pub struct Claims {
    statements: HashMap<String, Claimed>,
    /// The years of balance sheets.
    sheets: HashMap<String, BTreeMap<FiscalYear, SheetYear>>,
    /// Control totals.
    pub totals: ControlTotals,
    /// How many inhabitants accounts say that bodies have.
    pub populations: BTreeMap<(String, FiscalYear), u32>,
}

/// What the balance sheet of a year says that the years beside it are held against.
#[derive(Clone, Copy, Debug)]
struct SheetYear {
    carried: Carried,
    /// Which of the slices of the dataset it is in.
    slice: usize,
}

/// The statement of a body.
#[derive(Debug)]
struct Claimed {
    /// The body as the dataset names it.
    body: NewBody,
    /// What else the dataset says of it.
    profile: NewProfile,
    /// The nomenclature of each year.
    years: BTreeMap<FiscalYear, Option<&'static str>>,
}

impl Claims {
    /// Notes the statement of a body, with what else the dataset says of it and the nomenclature of each year.
    pub fn statement(
        &mut self,
        body: NewBody,
        profile: NewProfile,
        years: BTreeMap<FiscalYear, Option<&'static str>>,
    ) {
        let claimed = Claimed {
            body,
            profile,
            years,
        };
        self.statements.insert(claimed.body.siren.clone(), claimed);
    }

    /// Notes the balance sheet of a body.
    pub fn sheet(&mut self, siren: &str, sheet: &BalanceSheet) {
        let years = sheet.years().into_iter().map(|year| {
            let carried = sheet.carried(year);
            (year, SheetYear { carried, slice: 0 })
        });
        self.sheets.insert(siren.to_owned(), years.collect());
    }

    /// Adds what the next slice of the same dataset has, which is the one of this number; the body and the year that
    /// both have as the error.
    pub fn join(&mut self, next: Self, slice: usize) -> Result<(), (String, FiscalYear)> {
        for (siren, of_next) in next.statements {
            let Some(known) = self.statements.get_mut(&siren) else {
                self.statements.insert(siren, of_next);
                continue;
            };
            if let Some(year) = of_next.years.keys().find(|it| known.years.contains_key(it)) {
                return Err((siren, *year));
            }
            known.years.extend(of_next.years);
            // The years of slices ascend, and what is said last counts.
            let before = std::mem::take(&mut known.profile);
            known.profile = completed(of_next.profile, before);
            let (body, more) = (&mut known.body, of_next.body);
            body.lines += more.lines;
            body.budget = body.budget.or(more.budget);
            body.sample |= more.sample;
            body.first_year = body.first_year.min(more.first_year);
            body.last_year = body.last_year.max(more.last_year);
        }
        for (siren, of_next) in next.sheets {
            let known = self.sheets.entry(siren).or_default();
            known.extend(of_next.into_iter().map(|(year, of_year)| {
                let of_year = SheetYear { slice, ..of_year };
                (year, of_year)
            }));
        }
        self.populations.extend(next.populations);
        Ok(())
    }

    /// Two years of a balance sheet that follow each other and are in different slices, so that neither slice could hold
    /// one against the other.
    fn neighbours(&self) -> impl Iterator<Item = (&str, FiscalYear, Carried, Carried)> {
        let mut sirens: Vec<&String> = self.sheets.keys().collect();
        sirens.sort_unstable();
        sirens.into_iter().flat_map(move |siren| {
            let years = &self.sheets[siren];
            years.iter().filter_map(move |(year, of_year)| {
                let next = years.get(&year.next())?;
                let apart = next.slice != of_year.slice;
                apart.then_some((siren.as_str(), *year, of_year.carried, next.carried))
            })
        })
    }

    /// What is kept with a slice.
    pub fn kept(&self) -> KeptClaims {
        let statements = self.statements.values().map(|claimed| {
            let body = &claimed.body;
            KeptStatement {
                siren: body.siren.clone(),
                name: body.name.clone(),
                budget: body.budget.map(|budget| budget.name().to_owned()),
                lines: body.lines,
                sample: body.sample,
                insee: claimed.profile.insee.clone(),
                kind: claimed.profile.kind.map(|kind| kind.name().to_owned()),
                departement: claimed.profile.departement.clone(),
                years: claimed
                    .years
                    .iter()
                    .map(|(year, of)| (i64::from(*year), of.map(str::to_owned)))
                    .collect(),
            }
        });
        let sheets = self.sheets.iter().map(|(siren, years)| {
            let years = years.iter().map(|(year, of_year)| {
                let Carried {
                    result,
                    brought_forward,
                    reserves,
                } = of_year.carried;
                let amounts =
                    [result, brought_forward, reserves].map(|amount| amount.map(Centimes::get));
                (i64::from(*year), amounts)
            });
            (siren.clone(), years.collect())
        });
        let populations = self.populations.iter();
        KeptClaims {
            statements: statements.collect(),
            sheets: sheets.collect(),
            populations: populations
                .map(|((siren, year), number)| (siren.clone(), i64::from(*year), *number))
                .collect(),
        }
    }
}

/// What is kept of the claims of a slice, so that a later run need not read it again.
#[derive(Debug, Default, Deserialize, Serialize)]
pub struct KeptClaims {
    statements: Vec<KeptStatement>,
    sheets: Vec<(String, KeptSheet)>,
    populations: Vec<(String, i64, u32)>,
}

/// What the balance sheet of a body carries: by year, its result, what was brought forward and its reserves, in centimes.
type KeptSheet = Vec<(i64, [Option<i64>; 3])>;

#[derive(Debug, Deserialize, Serialize)]
struct KeptStatement {
    siren: String,
    name: String,
    budget: Option<String>,
    lines: i64,
    sample: bool,
    insee: Option<String>,
    kind: Option<String>,
    departement: Option<String>,
    /// Each with the code of its nomenclature.
    years: Vec<(i64, Option<String>)>,
}

impl KeptClaims {
    /// The claims; `None` where they are not such as this version writes.
    pub fn read(self) -> Option<Claims> {
        let mut claims = Claims::default();
        let year = |number: i64| FiscalYear::try_from(number).ok();
        for kept in self.statements {
            let mut years = BTreeMap::new();
            for (number, code) in kept.years {
                let nomenclature = match code {
                    None => None,
                    Some(code) => Some(Nomenclature::by_code(&code)?.code.as_str()),
                };
                years.insert(year(number)?, nomenclature);
            }
            let (&first_year, &last_year) = years.keys().next().zip(years.keys().next_back())?;
            let budget = match kept.budget {
                None => None,
                Some(name) => Some(Budget::named(&name)?),
            };
            let kind = match kept.kind {
                None => None,
                Some(name) => Some(BodyKind::named(&name)?),
            };
            let profile = NewProfile {
                insee: kept.insee,
                kind,
                departement: kept.departement,
                grouping: None,
            };
            let body = NewBody {
                siren: kept.siren,
                name: kept.name,
                budget,
                first_year,
                last_year,
                lines: kept.lines,
                sample: kept.sample,
            };
            claims.statement(body, profile, years);
        }
        for (siren, kept) in self.sheets {
            let mut years = BTreeMap::new();
            for (number, amounts) in kept {
                let [result, brought_forward, reserves] =
                    amounts.map(|amount| amount.map(Centimes::new));
                let carried = Carried {
                    result,
                    brought_forward,
                    reserves,
                };
                years.insert(year(number)?, SheetYear { carried, slice: 0 });
            }
            claims.sheets.insert(siren, years);
        }
        for (siren, number, population) in self.populations {
            claims
                .populations
                .insert((siren, year(number)?), population);
        }
        Some(claims)
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
                let mut years = claims.sheets[siren].keys();
                let shared = years.find(|year| theirs.is_some_and(|it| it.contains_key(year)));
                if let Some(year) = shared {
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

    /// Stages all bodies, where their series break, what control totals say of them, and what years say of each other
    /// that are in different slices.
    pub async fn stage(&self, staging: &mut Staging, findings: &mut Findings) -> Result<(), Error> {
        for (_, claims) in &self.of {
            for (siren, year, one, next) in claims.neighbours() {
                let breaks = Body::by_siren(identifier::siren(siren))
                    .map_or(&[][..], |body| &body.perimeter_breaks);
                let witness = one.witness(year, &next, breaks);
                let subject = Subject::BalanceSheet;
                staging.witness(siren, subject, &witness, None).await?;
                findings.neighbours(siren, year, &one, &next);
            }
        }
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
            // What control totals say is of the body itself, in full words.
            let known = self.totals.get(&body.siren);
            let profile = known.map(|known| known.profile.clone());
            let profile = claimed
                .iter()
                .fold(profile.unwrap_or_default(), |known, claimed| {
                    completed(known, claimed.profile.clone())
                });
            staging.known_body(&body, &profile).await?;
        }
        let totals = &self.totals;
        totals
            .stage_bodies(staging, |siren| all.contains_key(siren))
            .await?;
        totals.stage_populations(staging, &self.populations).await?;
        totals.stage_standings(staging).await
    }
}

/// What is known of a body, completed by what else says it.
fn completed(known: NewProfile, other: NewProfile) -> NewProfile {
    NewProfile {
        insee: known.insee.or(other.insee),
        kind: known.kind.or(other.kind),
        departement: known.departement.or(other.departement),
        grouping: known.grouping.or(other.grouping),
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

//! The bodies: their numbers, names, inhabitants and budgets.
//!
//! Their SIREN numbers begin with 29, which those of no kind of local body do, so that no invented amount is taken for
//! one of a real body.

use std::sync::Arc;

use super::chance::{between, mixed};
use super::chart::Family;

/// The first year that the DGFiP publishes, which all sums over years count from.
pub const FIRST_YEAR: u16 = 2010;

/// The départements of mainland France and Corsica.
const DEPARTEMENTS: u32 = 96;

/// How many numbers each kind of body has for its SIREN numbers.
const NUMBERS: u32 = 150_000;

/// A kind of body: each has datasets of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    Commune,
    Departement,
    Region,
    Grouping,
    Syndicat,
    Establishment,
}

impl BodyKind {
    pub const ALL: [Self; 6] = [
        Self::Commune,
        Self::Departement,
        Self::Region,
        Self::Grouping,
        Self::Syndicat,
        Self::Establishment,
    ];

    /// What the column `categ` says, and from when on there is one.
    pub const fn category(self) -> &'static str {
        match self {
            Self::Commune => "Commune",
            Self::Departement => "DEPT",
            Self::Region => "REG",
            Self::Grouping => "GFP",
            Self::Syndicat => "SYND",
            Self::Establishment => "EPL",
        }
    }

    /// The type of the body in the column `ctype`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Commune => "101",
            Self::Departement => "201",
            Self::Region => "301",
            Self::Grouping => "401",
            Self::Syndicat => "403",
            Self::Establishment => "404",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Commune => "COMMUNE D'EXEMPLE",
            Self::Departement => "DEPARTEMENT D'EXEMPLE",
            Self::Region => "REGION D'EXEMPLE",
            Self::Grouping => "CC D'EXEMPLE",
            Self::Syndicat => "SIVOM D'EXEMPLE",
            Self::Establishment => "ETABLISSEMENT D'EXEMPLE",
        }
    }
}

/// All bodies of a kind.
#[derive(Clone, Debug)]
pub struct Bodies {
    kind: BodyKind,
    communes: u32,
    seed: u64,
    /// Whether annexed budgets are of a nomenclature that nobody knows.
    unknown_charts: bool,
}

/// A body.
#[derive(Clone, Debug)]
pub struct Body {
    pub kind: BodyKind,
    pub siren: Arc<str>,
    pub name: Arc<str>,
    /// Three characters, as `ndept` has them: `038`, `02A`.
    pub departement: Arc<str>,
    /// The code within its département.
    pub insee: u32,
    pub grouping: u32,
    pub budgets: Vec<Budget>,
    seed: [u64; 3],
    base_population: i64,
}

/// A budget of a body.
#[derive(Clone, Debug)]
pub struct Budget {
    pub ident: Arc<str>,
    pub name: Arc<str>,
    /// 1 main, 2 attached, 3 annex.
    pub code: u8,
    pub kind: BodyKind,
    /// What its numbers follow from.
    pub key: u64,
    /// What it takes in, in the first year: centimes.
    pub base: i64,
    /// The year from which on its chart is M57.
    since: u16,
    is_small: bool,
    /// Whether the name of its chart is none that is known.
    is_unknown: bool,
}

impl Bodies {
    /// Those of an edition of so many communes.
    pub const fn new(kind: BodyKind, communes: u32, seed: u64) -> Self {
        Self {
            kind,
            communes,
            seed,
            unknown_charts: false,
        }
    }

    /// The same, with annexed budgets of a nomenclature that nobody knows.
    #[must_use]
    pub const fn with_unknown_charts(mut self, unknown: bool) -> Self {
        self.unknown_charts = unknown;
        self
    }

    /// How many there are, in the proportions of France.
    pub fn count(&self) -> u32 {
        let communes = self.communes;
        match self.kind {
            BodyKind::Commune => communes,
            BodyKind::Departement => (communes / 360).clamp(1, DEPARTEMENTS),
            BodyKind::Region => (communes / 2500).clamp(1, 13),
            BodyKind::Grouping => (communes / 28).max(1),
            BodyKind::Syndicat => (communes / 4).max(1),
            BodyKind::Establishment => (communes / 3).max(1),
        }
    }

    /// The body with this place, from 0. SIREN numbers ascend with it.
    pub fn body(&self, index: u32) -> Body {
        let kind = self.kind;
        let number = 29_000_000 + kind as u32 * NUMBERS + index;
        let siren = with_check_digit(&number.to_string());
        let per_departement = self.count().div_ceil(DEPARTEMENTS).max(1);
        let departement = departement(index / per_departement);
        let seed = [self.seed, kind as u64, u64::from(index)];
        let population = population(kind, &seed);
        let name: Arc<str> = format!("{} {}", kind.name(), index + 1).into();
        let mut budgets = budgets(kind, &seed, &siren, &name, population);
        for budget in &mut budgets {
            budget.is_unknown = self.unknown_charts && budget.code == 3;
        }
        Body {
            kind,
            siren: siren.into(),
            name,
            departement: departement.into(),
            insee: index % per_departement + 1,
            grouping: index / 28,
            budgets,
            seed,
            base_population: population,
        }
    }

    /// The places of bodies that a SIREN or a SIRET number may be of: at most one.
    pub fn with_number(&self, number: &str) -> Option<u32> {
        let digits: u32 = number.get(..8)?.parse().ok()?;
        let index = digits.checked_sub(29_000_000 + self.kind as u32 * NUMBERS)?;
        (index < self.count()).then_some(index)
    }

    /// The places of the bodies of a département, by its code in `ndept`.
    pub fn of_departement(&self, code: &str) -> std::ops::Range<u32> {
        let per_departement = self.count().div_ceil(DEPARTEMENTS).max(1);
        let place = (0..DEPARTEMENTS).find(|place| departement(*place) == code);
        place.map_or(0..0, |place| {
            let first = (place * per_departement).min(self.count());
            first..(first + per_departement).min(self.count())
        })
    }
}

impl Body {
    /// How many inhabitants it has in a year.
    pub fn population(&self, year: u16) -> i64 {
        let growth = between(&[self.seed[0], self.seed[1], self.seed[2], 7], -6, 14);
        let years = i64::from(year.saturating_sub(FIRST_YEAR));
        self.base_population + self.base_population * growth * years / 1000
    }

    /// Its INSEE code, with the département: `38185`, `2A004`.
    pub fn code(&self) -> String {
        let departement = self.departement.trim_start_matches('0');
        format!("{departement:0>2}{:03}", self.insee)
    }
}

impl Budget {
    /// The chart of accounts of a year.
    pub const fn family(&self, year: u16) -> Family {
        if self.code == 3 {
            return Family::M49;
        }
        match (year >= self.since, self.kind, self.is_small) {
            (true, _, true) => Family::M57A,
            (true, _, false) => Family::M57,
            (false, BodyKind::Departement, _) => Family::M52,
            (false, BodyKind::Region, _) => Family::M71,
            (false, _, true) => Family::M14A,
            (false, _, false) => Family::M14,
        }
    }

    /// The name of the chart in the column `nomen`.
    pub const fn chart(&self, year: u16) -> &'static str {
        if self.is_unknown {
            "M22"
        } else {
            self.family(year).name()
        }
    }

    /// What class 7 comes to in a year.
    pub fn revenue(&self, year: u16) -> i64 {
        let years = i64::from(year.saturating_sub(FIRST_YEAR));
        let grown = self.base / 1000 * (1000 + 15 * years);
        grown + grown / 1000 * self.chance(year, 1, -20, 20) + self.chance(year, 2, 0, 99)
    }

    /// What class 7 comes to less what class 6 does.
    pub fn result(&self, year: u16) -> i64 {
        let revenue = self.revenue(year);
        revenue / 1000 * self.chance(year, 3, -25, 90) + self.chance(year, 4, 0, 999)
    }

    /// What class 6 comes to.
    pub fn expense(&self, year: u16) -> i64 {
        self.revenue(year) - self.result(year)
    }

    fn chance(&self, year: u16, what: u64, least: i64, most: i64) -> i64 {
        between(&[self.key, u64::from(year), what], least, most)
    }
}

fn budgets(
    kind: BodyKind,
    seed: &[u64; 3],
    siren: &str,
    name: &Arc<str>,
    population: i64,
) -> Vec<Budget> {
    let per_inhabitant = match kind {
        BodyKind::Commune => 105_000,
        BodyKind::Departement => 120_000,
        BodyKind::Region => 52_000,
        BodyKind::Grouping => 42_000,
        BodyKind::Syndicat | BodyKind::Establishment => 9_000,
    };
    let percent = between(&[seed[0], seed[1], seed[2], 8], 70, 150);
    let base = population * per_inhabitant / 100 * percent;
    let since = match mixed(&[seed[0], seed[1], seed[2], 9]) % 1000 {
        0..4 => 2019,
        4..540 => 2023,
        540..996 => 2024,
        _ => 2025,
    };
    let budget = |place: u16, code: u8, name: Arc<str>, base: i64, is_small: bool| Budget {
        ident: with_check_digit(&format!("{siren}{place:04}")).into(),
        name,
        code,
        kind,
        key: mixed(&[seed[0], seed[1], seed[2], u64::from(place)]),
        base: base.max(1_000_000),
        since,
        is_small,
        is_unknown: false,
    };
    let small = match kind {
        BodyKind::Commune => population < 3500,
        BodyKind::Syndicat | BodyKind::Establishment => true,
        _ => false,
    };
    let mut budgets = vec![budget(1, 1, Arc::clone(name), base, small)];
    let chance = |what: u64| mixed(&[seed[0], seed[1], seed[2], what]) % 100;
    if kind == BodyKind::Commune && chance(10) < 15 {
        budgets.push(budget(2, 2, format!("CCAS {name}").into(), base / 20, true));
    }
    let has_water = match kind {
        BodyKind::Commune => chance(11) < 30,
        BodyKind::Grouping => chance(11) < 60,
        _ => false,
    };
    if has_water {
        budgets.push(budget(3, 3, format!("EAU {name}").into(), base / 8, false));
    }
    budgets
}

fn population(kind: BodyKind, seed: &[u64; 3]) -> i64 {
    let chance = |what: u64, least, most| between(&[seed[0], seed[1], seed[2], what], least, most);
    match kind {
        BodyKind::Commune => match chance(5, 0, 999) {
            0..550 => chance(6, 40, 500),
            550..850 => chance(6, 500, 2_000),
            850..950 => chance(6, 2_000, 10_000),
            950..990 => chance(6, 10_000, 50_000),
            _ => chance(6, 50_000, 250_000),
        },
        BodyKind::Departement => chance(6, 80_000, 1_500_000),
        BodyKind::Region => chance(6, 1_000_000, 8_000_000),
        BodyKind::Grouping => chance(6, 5_000, 120_000),
        BodyKind::Syndicat | BodyKind::Establishment => chance(6, 500, 30_000),
    }
}

/// The code of a département in `ndept`, by its place from 0.
fn departement(place: u32) -> String {
    match place + 1 {
        number @ 1..=19 => format!("{number:03}"),
        20 => "02A".to_owned(),
        21 => "02B".to_owned(),
        number => format!("{:03}", number - 1),
    }
}

/// Digits with the one that makes them a valid number: the check of ISO/IEC 7812.
fn with_check_digit(digits: &str) -> String {
    let values = digits.bytes().rev().enumerate().map(|(place, digit)| {
        let value = u32::from(digit - b'0') * if place % 2 == 0 { 2 } else { 1 };
        value / 10 + value % 10
    });
    let check = (10 - values.sum::<u32>() % 10) % 10;
    format!("{digits}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_check_digits_and_lead_back_to_their_bodies() {
        assert_eq!(with_check_digit("21750001"), "217500016");
        assert_eq!(with_check_digit("2175000160001"), "21750001600019");
        let mut all = std::collections::BTreeSet::new();
        for kind in BodyKind::ALL {
            let bodies = Bodies::new(kind, 3000, 1);
            let mut before = String::new();
            for index in 0..bodies.count() {
                let body = bodies.body(index);
                assert_eq!(bodies.with_number(&body.siren), Some(index));
                assert_eq!(bodies.with_number(&body.budgets[0].ident), Some(index));
                assert!(*body.siren > *before && all.insert(body.siren.clone()));
                assert!(bodies.of_departement(&body.departement).contains(&index));
                before = body.siren.to_string();
            }
        }
        assert_eq!(departement(19), "02A");
        assert_eq!(departement(95), "095");
        let first = Bodies::new(BodyKind::Commune, 3000, 1).body(0);
        assert_eq!(first.code(), "01001");
    }
}

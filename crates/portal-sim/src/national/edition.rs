//! How large the national edition is, and which results are known of it.

use std::ops::RangeInclusive;

use super::balances;
use super::bodies::{Bodies, BodyKind, FIRST_YEAR};

/// The last year that is made.
pub const LAST_YEAR: u16 = 2030;

/// The most communes there can be: 999 codes in each of 96 départements.
pub const MOST_BODIES: u32 = 90_000;

/// How large the national edition is, and which one of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct National {
    communes: u32,
    years: RangeInclusive<u16>,
    seed: u64,
    /// A year that was published again, and the seed of its figures.
    republished: Option<(u16, u64)>,
    /// Whether annexed budgets are of a nomenclature that nobody knows.
    unknown_charts: bool,
}

/// What is known of a budget's year before its accounts are made. Amounts in centimes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownResult {
    /// The SIREN number of the body.
    pub siren: String,
    /// The SIRET number of the budget.
    pub ident: String,
    /// 1 main, 2 attached, 3 annex.
    pub budget: u8,
    /// The year.
    pub year: u16,
    /// The chart of accounts.
    pub nomen: &'static str,
    /// Whether the balance is final.
    pub is_final: bool,
    /// Class 7, credit less debit.
    pub revenue: i64,
    /// Class 6, debit less credit.
    pub expense: i64,
}

impl KnownResult {
    /// Revenue less expense.
    pub const fn result(&self) -> i64 {
        self.revenue - self.expense
    }
}

impl National {
    /// So many communes with these years; the other kinds of bodies in the proportion that there are of them. Numbers
    /// beyond what can be made are taken as the nearest that can.
    pub fn new(communes: u32, years: RangeInclusive<u16>, seed: u64) -> Self {
        let first = (*years.start()).clamp(FIRST_YEAR, LAST_YEAR);
        let last = (*years.end()).clamp(first, LAST_YEAR);
        Self {
            communes: communes.clamp(1, MOST_BODIES),
            years: first..=last,
            seed,
            republished: None,
            unknown_charts: false,
        }
    }

    /// With annexed budgets whose nomenclature, `M22`, is none that is known.
    #[must_use]
    pub const fn with_unknown_charts(mut self) -> Self {
        self.unknown_charts = true;
        self
    }

    /// With what there is of a year alone published again, with the figures of another seed.
    #[must_use]
    pub const fn with_republished(mut self, year: u16, seed: u64) -> Self {
        self.republished = Some((year, seed));
        self
    }

    /// The edition that a dataset of these years is of.
    pub(super) fn of_years(&self, years: &RangeInclusive<u16>) -> Self {
        let republished = self
            .republished
            .filter(|(year, _)| *years == (*year..=*year));
        Self {
            seed: republished.map_or(self.seed, |(_, seed)| seed),
            republished,
            ..self.clone()
        }
    }

    /// When the portal published it.
    pub(super) fn published_at(&self) -> String {
        match self.republished {
            // Each time on another day.
            Some((_, seed)) => format!("2026-02-{:02}T00:00:00+00:00", seed % 28 + 1),
            None => "2026-01-01T00:00:00+00:00".to_owned(),
        }
    }

    /// The years.
    pub fn years(&self) -> RangeInclusive<u16> {
        self.years.clone()
    }

    /// All bodies of a kind.
    pub(super) const fn bodies(&self, kind: BodyKind) -> Bodies {
        Bodies::new(kind, self.communes, self.seed).with_unknown_charts(self.unknown_charts)
    }

    /// What is known of each year of each budget of all bodies, without any of their accounts.
    pub fn results(&self) -> impl Iterator<Item = KnownResult> + use<> {
        let this = self.clone();
        let kinds = BodyKind::ALL.into_iter();
        kinds.flat_map(move |kind| {
            let bodies = this.bodies(kind);
            let years = this.years();
            (0..bodies.count()).flat_map(move |index| {
                let body = bodies.body(index);
                let budgets = body.budgets.clone().into_iter();
                let years = years.clone();
                budgets.flat_map(move |budget| {
                    let siren = body.siren.clone();
                    years.clone().map(move |year| KnownResult {
                        siren: siren.to_string(),
                        ident: budget.ident.to_string(),
                        budget: budget.code,
                        year,
                        nomen: budget.chart(year),
                        is_final: balances::is_final(year),
                        revenue: budget.revenue(year),
                        expense: budget.expense(year),
                    })
                })
            })
        })
    }
}

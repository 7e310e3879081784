//! Indicators by year, and how they changed.

use centime_accounts::FiscalYear;
use centime_accounts::indicators::{INDICATORS, Indicator as Known, Unit};
use centime_warehouse::accounts::{Indicator, IndicatorOutcome};
use centime_warehouse::quality::SeriesBreak;

use super::Books;

/// An indicator over the years whose accounts are known.
#[derive(Clone, Debug)]
pub struct Series<'b> {
    /// Which one.
    pub indicator: &'static Known,
    /// What came out, the latest year first.
    pub values: Vec<Value<'b>>,
}

/// What came out of an indicator in a year.
#[derive(Clone, Copy, Debug)]
pub struct Value<'b> {
    /// The year.
    pub fiscal_year: FiscalYear,
    /// What was stored of it; `None` where it was not known yet when the revision was published.
    pub stored: Option<&'b Indicator>,
    /// The value less that of the year before, in the hundredths of its unit; `None` where a series breaks, a year is
    /// not there or has no value.
    pub change: Option<i64>,
}

impl Value<'_> {
    /// The value in the hundredths of its unit: centimes, hundredths of a percent, hundredths of a year.
    pub fn hundredths(&self) -> Option<i64> {
        hundredths(self.stored?)
    }

    /// Whether it would be divided by nothing, or by an amount below zero.
    pub fn is_undefined(&self) -> bool {
        self.stored
            .is_some_and(|stored| stored.outcome == IndicatorOutcome::Undefined)
    }
}

fn hundredths(stored: &Indicator) -> Option<i64> {
    let known = Known::by_code(&stored.indicator)?;
    match known.unit {
        Unit::Euros | Unit::EurosPerInhabitant => {
            stored.amount.map(centime_accounts::Centimes::get)
        }
        Unit::Share => stored.share.map(centime_accounts::BasisPoints::get),
        Unit::Years => stored.years,
    }
}

impl Books {
    /// Every indicator over the years, in the order of the indicators.
    pub fn series(&self, breaks: &[SeriesBreak]) -> Vec<Series<'_>> {
        let begins = |year: FiscalYear| breaks.iter().any(|found| found.fiscal_year == year);
        let of = |indicator: &'static Known| Series {
            indicator,
            values: self
                .years
                .iter()
                .map(|year| {
                    let fiscal_year = year.fiscal_year;
                    let stored = self.indicator(&indicator.code, fiscal_year);
                    let before = fiscal_year
                        .previous()
                        .filter(|_| !begins(fiscal_year))
                        .and_then(|before| self.indicator(&indicator.code, before));
                    let both = stored.and_then(hundredths).zip(before.and_then(hundredths));
                    Value {
                        fiscal_year,
                        stored,
                        change: both.and_then(|(value, before)| value.checked_sub(before)),
                    }
                })
                .collect(),
        };
        INDICATORS.iter().map(of).collect()
    }
}

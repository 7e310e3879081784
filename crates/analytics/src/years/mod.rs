//! A fiscal year beside others: what it comes to, since when its result has the same sign, and which lines moved it.
//!
//! Everything here follows from the rows of the analysis `yearly-result` and from the lines of a body, and is what
//! pages, reports and the API say of a year, so that none of them computes it again.

mod moves;

#[cfg(test)]
mod tests;

use std::cmp::Ordering;

use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{BasisPoints, Centimes, FiscalYear, Side, YearStatus};

pub use moves::{Move, moves};

use crate::{Cell, Table, columns};

/// What a fiscal year comes to. What is `None` is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearFigures {
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
    /// Its nomenclature; `None` where it is not known.
    pub nomenclature: Option<&'static Nomenclature>,
    /// All of its revenue.
    pub revenue: Option<Centimes>,
    /// All of its expense.
    pub expense: Option<Centimes>,
    /// Revenue less expense.
    pub result: Option<Centimes>,
    /// The result on the balance sheet.
    pub published_result: Option<Centimes>,
    /// The result less that of the balance sheet.
    pub difference: Option<Centimes>,
    /// What is known of it, and whether it is that of the balance sheet.
    pub status: Option<YearStatus>,
    /// Why it cannot be compared with the year before: `nomenclature`, `perimeter`.
    pub breaks: Vec<String>,
    /// The amounts that are missing, each by its category and its label.
    pub missing: Vec<String>,
}

/// Why a year cannot be held against another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier<'a> {
    /// A series begins with this year, because of its `nomenclature` or its `perimeter`.
    Break {
        /// The year.
        fiscal_year: FiscalYear,
        /// Why.
        kind: &'a str,
    },
    /// The result of this year is not computed.
    NotComputed {
        /// The year.
        fiscal_year: FiscalYear,
    },
    /// This year has no statement.
    NoStatement {
        /// The year.
        fiscal_year: FiscalYear,
    },
}

/// Since when results have had the sign of that of a year, looking back from it through years that can be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streak<'a> {
    /// How many years in a row have this sign, with the year itself.
    pub length: usize,
    /// The first of them.
    pub first: FiscalYear,
    /// The latest year before them that has the same sign, where all years between can be compared.
    pub last_alike: Option<FiscalYear>,
    /// Why no year before can be looked at; `None` where the statements that are published begin there, or where
    /// [`Streak::last_alike`] answers.
    pub barrier: Option<Barrier<'a>>,
    /// The earliest year that was looked at.
    pub looked_at: FiscalYear,
}

/// An amount of a year and of the one that it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// The amount before.
    pub before: Centimes,
    /// The amount of the year.
    pub after: Centimes,
    /// The second less the first.
    pub difference: Centimes,
    /// The difference as a share of the amount before; `None` where that is not above zero.
    pub rate: Option<BasisPoints>,
}

impl YearFigures {
    /// The years of the analysis `yearly-result`, in order.
    pub fn of(results: &Table) -> Vec<Self> {
        let mut years: Vec<Self> = results
            .rows
            .iter()
            .filter_map(|row| Self::of_row(results, row))
            .collect();
        years.sort_by_key(|year| year.fiscal_year);
        years
    }

    fn of_row(results: &Table, row: &[Cell]) -> Option<Self> {
        let amount = |column| results.cell(row, column).amount();
        let list = |column| results.cell(row, column).list().map(str::to_owned);
        Some(Self {
            fiscal_year: results.cell(row, columns::FISCAL_YEAR).year()?,
            nomenclature: results
                .cell(row, columns::NOMENCLATURE)
                .text()
                .and_then(Nomenclature::by_code),
            revenue: amount(columns::REVENUE),
            expense: amount(columns::EXPENSE),
            result: amount(columns::RESULT),
            published_result: amount(columns::PUBLISHED_RESULT),
            difference: amount(columns::DIFFERENCE),
            status: results.cell(row, columns::STATUS).status(),
            breaks: list(columns::SERIES_BREAK).collect(),
            missing: list(columns::MISSING_LINES).collect(),
        })
    }

    /// The total of a side.
    pub const fn total(&self, side: Side) -> Option<Centimes> {
        match side {
            Side::Revenue => self.revenue,
            Side::Expense => self.expense,
        }
    }

    fn sign(&self) -> Option<Ordering> {
        self.result.map(|result| result.cmp(&Centimes::ZERO))
    }
}

impl Change {
    /// The change from one amount to another; `None` where one is not known.
    pub fn between(before: Option<Centimes>, after: Option<Centimes>) -> Option<Self> {
        let (before, after) = (before?, after?);
        let difference = after.checked_sub(before)?;
        Some(Self {
            before,
            after,
            difference,
            rate: difference.share_of(before),
        })
    }
}

/// A year among others.
pub fn find(years: &[YearFigures], fiscal_year: FiscalYear) -> Option<&YearFigures> {
    years.iter().find(|year| year.fiscal_year == fiscal_year)
}

/// Why two years cannot be compared; `None` where they can. It is asked of the earlier and the later in this order.
/// Years between them may be unknown: only a break between them, or a result that is missing at one of the ends,
/// stands between two years.
pub fn barrier(years: &[YearFigures], from: FiscalYear, to: FiscalYear) -> Option<Barrier<'_>> {
    let between = |year: &&YearFigures| from < year.fiscal_year && year.fiscal_year <= to;
    let mut breaks = years.iter().filter(between).rev().filter_map(|year| {
        let kind = year.breaks.last()?;
        Some((year.fiscal_year, kind.as_str()))
    });
    if let Some((fiscal_year, kind)) = breaks.next() {
        return Some(Barrier::Break { fiscal_year, kind });
    }
    [to, from].into_iter().find_map(|fiscal_year| {
        match find(years, fiscal_year).map(|year| year.result) {
            Some(Some(_)) => None,
            Some(None) => Some(Barrier::NotComputed { fiscal_year }),
            None => Some(Barrier::NoStatement { fiscal_year }),
        }
    })
}

/// Since when results have had the sign of that of a year. `None` where its result is not known or is zero.
///
/// It looks back year by year and stops where the next earlier year cannot be compared: nothing is said across a
/// year that is not computed, nor across a break.
pub fn streak(years: &[YearFigures], fiscal_year: FiscalYear) -> Option<Streak<'_>> {
    let sign = find(years, fiscal_year)?.sign()?;
    if sign == Ordering::Equal {
        return None;
    }
    let mut streak = Streak {
        length: 1,
        first: fiscal_year,
        last_alike: None,
        barrier: None,
        looked_at: fiscal_year,
    };
    let begins = years.first().map(|year| year.fiscal_year)?;
    let mut goes_on = true;
    while let Some(earlier) = streak.looked_at.previous().filter(|year| *year >= begins) {
        streak.barrier = barrier(years, earlier, streak.looked_at);
        if streak.barrier.is_some() {
            break;
        }
        streak.looked_at = earlier;
        let alike = find(years, earlier)?.sign()? == sign;
        if alike && goes_on {
            streak.length += 1;
            streak.first = earlier;
        } else if alike {
            streak.last_alike = Some(earlier);
            break;
        } else if streak.length > 1 {
            // The row is ended, and what was before it says no more.
            break;
        } else {
            goes_on = false;
        }
    }
    Some(streak)
}

//! What a dashboard shows of a statement, as tables.
//!
//! Where an analysis answers, its rows are taken; where a reader chose a part of the statement, or a
//! closer look than an analysis has, the lines are added here by the same rule. Tests hold the two
//! against each other.
//!
//! | module | shows |
//! |---|---|
//! | `result` | revenue, expense and result of each year |
//! | `steps` | how the revenue of a year becomes its result |
//! | `categories` | what the money of each year is for, and what changed between two years |
//! | `flow` | from which lines money comes and to which it goes |
//! | `presence` | which lines have an amount in which year |

mod categories;
mod flow;
mod presence;
mod result;
mod steps;

use centime_warehouse::lines::Line;

pub use categories::{categories, changes};
pub use flow::flow;
pub use presence::presence;
pub use result::result;
pub use steps::steps;

use crate::{Basis, Cell, Selection, Table};

/// A sum of lines: an amount in centimes, or not known because one was not published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    amount: i64,
    lines: usize,
    missing: usize,
}

impl Sum {
    /// Adds a line as the basis sees it.
    fn add(&mut self, line: &Line, basis: Basis) {
        match (basis, line.amount) {
            (Basis::Leaf, _) if line.missing => self.missing += 1,
            (Basis::Leaf, Some(amount)) if line.counted => self.put(amount),
            (Basis::Leaf, None) if line.nil => self.put(0),
            (Basis::Naive, Some(amount)) => self.put(amount),
            _ => {}
        }
    }

    /// A year of a body adds up to less than `i64` holds: larger ones are refused when loaded.
    fn put(&mut self, amount: i64) {
        self.amount = self.amount.saturating_add(amount);
        self.lines += 1;
    }

    /// The amount; `None` when one is missing or there is no line.
    fn known(self) -> Option<i64> {
        (self.missing == 0 && self.lines > 0).then_some(self.amount)
    }

    /// Whether any line was added or is missing.
    const fn is_there(self) -> bool {
        self.lines + self.missing > 0
    }
}

/// Whether a line has no part in the result of a basis: the plain script leaves negative rows out.
fn is_dropped(line: &Line, basis: Basis) -> bool {
    basis == Basis::Naive && line.amount.is_some_and(|amount| amount < 0)
}

/// The rows of a table in the years that are looked at.
pub fn in_years(table: &Table, selection: &Selection) -> Table {
    let inside = |row: &&Vec<Cell>| {
        let year = table.cell(row, "fiscal_year").integer();
        year.is_some_and(|year| selection.years.contains(&year))
    };
    Table {
        columns: table.columns.clone(),
        rows: table.rows.iter().filter(inside).cloned().collect(),
    }
}

/// An amount as a cell.
fn amount(value: Option<i64>) -> Cell {
    value.map_or(Cell::Null, Cell::Integer)
}

/// A share of a whole in hundredths of a percent, halves away from zero; `None` when the whole is
/// not above zero.
pub fn share(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let (part, whole) = (i128::from(part) * 20_000, i128::from(whole));
    let half = if part < 0 { -whole } else { whole };
    i64::try_from((part + half) / (2 * whole)).ok()
}

#[cfg(test)]
mod tests;

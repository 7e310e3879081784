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

use centime_accounts::Centimes;
use centime_warehouse::lines::Line;

pub use categories::{categories, changes};
pub use flow::flow;
pub use presence::presence;
pub use result::result;
pub use steps::{Step, steps};

use crate::{Basis, Cell, Selection, Table, columns};

/// A sum of lines: an amount, or not known because one was not published.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    amount: Centimes,
    lines: usize,
    missing: usize,
}

impl Sum {
    /// Adds a line as the basis sees it.
    fn add(&mut self, line: &Line, basis: Basis) {
        match (basis, line.amount) {
            (Basis::Leaf, _) if line.missing => self.missing += 1,
            (Basis::Leaf, Some(amount)) if line.counted => self.put(amount),
            (Basis::Leaf, None) if line.nil => self.put(Centimes::ZERO),
            (Basis::Naive, Some(amount)) => self.put(amount),
            _ => {}
        }
    }

    /// A year of a body adds up to less than `i64` holds: larger ones are refused when loaded.
    fn put(&mut self, amount: Centimes) {
        self.amount = self.amount.saturating_add(amount);
        self.lines += 1;
    }

    /// The amount; `None` when one is missing or there is no line.
    fn known(self) -> Option<Centimes> {
        (self.missing == 0 && self.lines > 0).then_some(self.amount)
    }

    /// Whether any line was added or is missing.
    const fn is_there(self) -> bool {
        self.lines + self.missing > 0
    }
}

/// Whether a line has no part in the result of a basis: the plain script leaves negative rows out.
fn is_dropped(line: &Line, basis: Basis) -> bool {
    basis == Basis::Naive && line.amount.is_some_and(Centimes::is_negative)
}

/// The rows of a table in the years that are looked at.
pub fn in_years(table: &Table, selection: &Selection) -> Table {
    let inside = |row: &&Vec<Cell>| {
        let year = table.cell(row, columns::FISCAL_YEAR).year();
        year.is_some_and(|year| selection.years.contains(&year))
    };
    Table {
        columns: table.columns.clone(),
        rows: table.rows.iter().filter(inside).cloned().collect(),
    }
}

#[cfg(test)]
mod tests;

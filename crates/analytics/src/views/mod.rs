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
//! | [`line_changes()`] | which lines changed between two years, on both sides |
//! | `flow` | from which lines money comes and to which it goes |
//! | `presence` | which lines have an amount in which year |

mod categories;
mod flow;
pub mod line_changes;
mod presence;
mod result;
mod steps;

use std::collections::HashSet;

use centime_accounts::grouping::{Grouping, UNDETAILED, is_covered, stands_in};
use centime_accounts::{Centimes, FiscalYear};
use centime_warehouse::lines::Line;

pub use categories::{categories, changes};
pub use flow::flow;
pub use line_changes::line_changes;
pub use presence::presence;
pub use result::result;
pub use steps::{Step, steps};

use crate::{Basis, Cell, Column, Kind, Selection, Table, columns};

// The columns that several views have.
const FISCAL_YEAR: Column = Column::new(columns::FISCAL_YEAR, Kind::Year);
const SIDE: Column = Column::new(columns::SIDE, Kind::Text);
const CATEGORY: Column = Column::new(columns::CATEGORY, Kind::Text);
const LABEL: Column = Column::new(columns::LABEL, Kind::Text);
const AMOUNT: Column = Column::new(columns::AMOUNT, Kind::Amount);

/// What is said of an amount in two years, after what names it.
const CHANGE: [Column; 6] = [
    Column::new(columns::YEAR_BEFORE, Kind::Year),
    Column::new(columns::YEAR_AFTER, Kind::Year),
    Column::new(columns::BEFORE, Kind::Amount),
    Column::new(columns::AFTER, Kind::Amount),
    Column::new(columns::DIFFERENCE, Kind::Amount),
    Column::new(columns::CHANGE, Kind::Rate),
];

/// A sum of lines: an amount, or not known because one was not published, or only in a total of several categories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    amount: Centimes,
    lines: usize,
    missing: usize,
    /// Lines whose money a total of several categories may hold.
    hidden: usize,
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

    /// The amount; `None` when one is missing or hidden, or there is no line.
    fn known(self) -> Option<Centimes> {
        (self.missing + self.hidden == 0 && self.lines > 0).then_some(self.amount)
    }

    /// Whether any line was added, is missing or is hidden.
    const fn is_there(self) -> bool {
        self.lines + self.missing + self.hidden > 0
    }
}

/// The totals that are added in place of lines of several comparable categories: what such a line belongs to is unknown.
#[derive(Debug, Default)]
struct Undetailed<'a> {
    /// Their years and blocks.
    blocks: HashSet<(FiscalYear, &'a str)>,
}

impl<'a> Undetailed<'a> {
    /// Those of some lines, where a selection adds them up by comparable category.
    fn of(lines: &'a [Line], selection: &Selection) -> Self {
        let compared = selection.grouping == Grouping::Harmonised && selection.category.is_none();
        if !compared || selection.basis == Basis::Naive {
            return Self::default();
        }
        let is_one = |line: &&Line| {
            line.harmonised.as_deref() == Some(UNDETAILED)
                && line.side == Some(selection.shown_side())
                && stands_in(line.role, line.counted)
                && selection.has(line)
        };
        let blocks = lines.iter().filter(is_one).map(Self::block);
        Self {
            blocks: blocks.collect(),
        }
    }

    fn block(line: &'a Line) -> (FiscalYear, &'a str) {
        (line.fiscal_year, &line.category)
    }

    /// Whether a year has one.
    fn is_in(&self, year: FiscalYear) -> bool {
        self.blocks.iter().any(|(known, _)| *known == year)
    }

    /// Whether a line is one whose money such a total may hold.
    fn hides(&self, line: &'a Line) -> bool {
        let has_category = line
            .harmonised
            .as_deref()
            .is_some_and(|known| known != UNDETAILED);
        has_category
            && self.blocks.contains(&Self::block(line))
            && is_covered(line.role, line.counted, line.nil, line.missing)
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

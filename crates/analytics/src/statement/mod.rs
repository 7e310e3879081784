//! The income statement itself: its rows in the order of the official model, by fiscal year.
//!
//! A statement of several years has a stretch for each nomenclature, because a line of one is not a line of another.
//! Everything is added by the marks that are stored with the lines (`accounts::leaf`), as the analyses are; tests
//! hold the totals of the official model against them.
//!
//! | module | knows |
//! |---|---|
//! | `rows` | which rows a stretch has, and in which order |
//! | `table` | the same as rows for files and programs |
//! | `figure` | what a row comes to in a year, and how that is known |

mod figure;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use centime_accounts::address::Modelled;
use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{Activity, Centimes, FiscalYear, LineAddress, Role, Side};
use centime_warehouse::aggregates::Population;
use centime_warehouse::lines::Line;
use centime_warehouse::quality::{BreakKind, SeriesBreak};

use crate::Inhabitants;

pub use figure::{Figure, Known, Record};
pub use rows::address_of;
pub use table::OF_STATEMENT;

/// The income statement of a public body, all its years.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The stretches, the latest first. Nothing is compared between two of them.
    pub stretches: Vec<Stretch>,
}

/// Successive years of one nomenclature.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// The nomenclature; `None` where it is not known.
    pub nomenclature: Option<&'static Nomenclature>,
    /// The years, the latest first.
    pub years: Vec<Year>,
    /// The rows, in the order of the official model.
    pub rows: Vec<Row>,
}

/// A fiscal year of a stretch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// The year.
    pub fiscal_year: FiscalYear,
    /// Why it cannot be compared with the year before. Most years can.
    pub breaks: Vec<BreakKind>,
    /// All of its revenue, which shares are of; `None` where an amount is missing.
    pub revenue: Option<Centimes>,
    /// What its amounts are divided by for each inhabitant; `None` where that is not known.
    pub population: Option<Population>,
}

/// A row of the statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The name by which it is found again.
    pub address: LineAddress,
    /// What it is.
    pub kind: RowKind,
    /// How deep it stands: 0 for blocks, totals and balances, 2 for what belongs to a heading or a subtotal.
    pub level: u8,
    /// The block that it stands in; `None` for balances between blocks.
    pub block: Option<LineAddress>,
    /// The heading or subtotal that it belongs to.
    pub parent: Option<LineAddress>,
    /// Revenue or expense; `None` for balances, and for rows that do not say.
    pub side: Option<Side>,
    /// The activity; `None` for balances over several, and for rows that do not say.
    pub activity: Option<Activity>,
    /// The official French label, or the published one.
    pub label: String,
    /// The English gloss of an official label; empty where there is none.
    pub gloss: &'static str,
    /// Whether the official model has it.
    pub recognised: bool,
    /// Its figures, in the order of the years of the stretch.
    pub figures: Vec<Figure>,
}

/// What a row of the statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// The title over the rows of a block.
    Block,
    /// A title over some lines of a block, with their sum.
    Heading,
    /// A line of its own.
    Line,
    /// A line that is the sum of its « Dont » rows.
    Subtotal,
    /// A « Dont » row.
    Part,
    /// The total of a block.
    Total,
    /// A difference between blocks, such as the result.
    Balance,
}

impl RowKind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Block,
        Self::Heading,
        Self::Line,
        Self::Subtotal,
        Self::Part,
        Self::Total,
        Self::Balance,
    ];

    /// The name in files and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Heading => "heading",
            Self::Line => "line",
            Self::Subtotal => "subtotal",
            Self::Part => "part",
            Self::Total => "total",
            Self::Balance => "balance",
        }
    }

    /// Whether it comes to what other rows add up to.
    pub const fn is_sum(self) -> bool {
        matches!(
            self,
            Self::Heading | Self::Subtotal | Self::Total | Self::Balance
        )
    }

    pub(crate) const fn of(role: Role) -> Self {
        match role {
            Role::Line => Self::Line,
            Role::Part => Self::Part,
            Role::Subtotal => Self::Subtotal,
            Role::Total => Self::Total,
            Role::Heading => Self::Heading,
            Role::Balance => Self::Balance,
        }
    }
}

impl Statement {
    /// The statement that these lines of one body are of, with the years that begin a new series.
    pub fn of(lines: &[Line], breaks: &[SeriesBreak]) -> Self {
        let mut years: Vec<(FiscalYear, Option<&'static Nomenclature>)> = lines
            .iter()
            .map(|line| (line.fiscal_year, line.nomenclature))
            .collect();
        // All lines of a year have its nomenclature.
        years.sort_by_key(|(year, known)| Reverse((*year, known.map(|known| &known.code))));
        years.dedup_by_key(|(year, _)| *year);
        let of_one = years.chunk_by(|(_, one), (_, other)| one == other);
        let stretches = of_one.map(|years| {
            let nomenclature = years[0].1;
            let years = years.iter().map(|(year, _)| *year);
            rows::stretch(nomenclature, &years.collect::<Vec<_>>(), lines, breaks)
        });
        Self {
            stretches: stretches.collect(),
        }
    }

    /// The same with its amounts for each inhabitant of their year.
    #[must_use]
    pub fn divided_by(mut self, inhabitants: &Inhabitants) -> Self {
        for stretch in &mut self.stretches {
            for (place, year) in stretch.years.iter_mut().enumerate() {
                year.population = inhabitants.in_year(year.fiscal_year).cloned();
                for row in &mut stretch.rows {
                    let figure = &mut row.figures[place];
                    let amount = figure.amount;
                    figure.per_inhabitant =
                        amount.and_then(|amount| inhabitants.each(amount, year.fiscal_year));
                }
            }
        }
        self
    }

    /// The row with an address, and its stretch: the latest where nomenclatures alternate.
    pub fn row(&self, address: &LineAddress) -> Option<(&Stretch, &Row)> {
        let mut stretches = self.stretches.iter();
        stretches.find_map(|stretch| Some((stretch, stretch.row(address)?)))
    }

    /// The rows with an address, each with its stretch, the latest first: several where nomenclatures alternate.
    pub fn rows<'s>(
        &'s self,
        address: &'s LineAddress,
    ) -> impl Iterator<Item = (&'s Stretch, &'s Row)> {
        self.stretches
            .iter()
            .filter_map(move |stretch| Some((stretch, stretch.row(address)?)))
    }
}

impl Stretch {
    /// The row with an address.
    pub fn row(&self, address: &LineAddress) -> Option<&Row> {
        self.rows.iter().find(|row| row.address == *address)
    }

    /// The code of the nomenclature.
    pub fn code(&self) -> Option<&'static str> {
        self.nomenclature.map(|known| known.code.as_str())
    }
}

impl PartialEq for Stretch {
    fn eq(&self, other: &Self) -> bool {
        (self.code(), &self.years, &self.rows) == (other.code(), &other.years, &other.rows)
    }
}

impl Eq for Stretch {}

impl Row {
    /// Whether any year has it.
    pub fn is_there(&self) -> bool {
        self.figures.iter().any(Figure::is_there)
    }

    /// What is known of it as a line of the official model.
    pub fn modelled(&self) -> Option<Modelled> {
        self.address.modelled()
    }
}

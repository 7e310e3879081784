//! What a mart gives: rows of cells, on one of two bases.

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use centime_accounts::{BasisPoints, Centimes, FiscalYear, YearStatus};

use crate::Result;
use crate::stored::{Readable, Unknown};

/// The name of a column in snake case; part of the public contract of the JSON and CSV answers.
///
/// A type of its own, so that code reads columns by constants instead of by text that may be misspelt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ColumnName(&'static str);

impl ColumnName {
    /// A name.
    pub const fn new(name: &'static str) -> Self {
        Self(name)
    }

    /// The name as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
}

impl Deref for ColumnName {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

impl fmt::Display for ColumnName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

/// A column of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name.
    pub name: ColumnName,
    /// What the values are.
    pub kind: Kind,
    /// What they mean, for those who read the table; empty where the kind says all there is to say.
    pub meaning: &'static str,
    /// What the column is called, where the words of the program have no name for it.
    pub titles: Option<Titles>,
}

/// What a column is called in each language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Titles {
    /// In French.
    pub fr: &'static str,
    /// In English.
    pub en: &'static str,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A fiscal year.
    Year,
    /// A whole number.
    Integer,
    /// A text.
    Text,
    /// What is known of the figures of a year.
    Status,
    /// An amount in centimes; null when it cannot be computed.
    Amount,
    /// A rate in hundredths of a percent; null when it cannot be computed.
    Rate,
    /// Texts, one a line; null when there is none.
    List,
    /// Whether something is so: 1, or 0 when it is not.
    Flag,
}

impl Column {
    /// A column.
    pub const fn new(name: ColumnName, kind: Kind) -> Self {
        Self {
            name,
            kind,
            meaning: "",
            titles: None,
        }
    }

    /// The same column, with what its values mean: a sentence.
    #[must_use]
    pub const fn meaning(self, meaning: &'static str) -> Self {
        Self { meaning, ..self }
    }

    /// What its values mean and in which unit they are, for those who read the table.
    pub(crate) fn explained(&self) -> String {
        match (self.meaning, self.kind) {
            ("", kind) => kind.meaning().to_owned(),
            (meaning, Kind::Amount) => format!("{meaning} In centimes."),
            (meaning, Kind::Rate) => format!("{meaning} In hundredths of a percent."),
            (meaning, _) => meaning.to_owned(),
        }
    }

    /// The same, with a name of its own in each language.
    #[must_use]
    pub const fn titled(self, titles: Titles) -> Self {
        let titles = Some(titles);
        Self { titles, ..self }
    }
}

/// Which rows are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Hash)]
pub enum Basis {
    /// Each euro once, with its sign; a missing amount makes the figure incomplete.
    #[default]
    Leaf,
    /// What the plain script of each analysis adds: every published row, parents and parts alike.
    Naive,
}

/// Why a text is not a basis.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not a basis: expected leaf or naive")]
pub struct UnknownBasis(String);

/// The value of a cell, decoded by the kind of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: not published, or not computable.
    Null,
    /// A fiscal year.
    Year(FiscalYear),
    /// A whole number.
    Count(i64),
    /// An amount.
    Amount(Centimes),
    /// A rate.
    Rate(BasisPoints),
    /// Whether something is so.
    Flag(bool),
    /// A text.
    Text(String),
    /// What is known of the figures of a year.
    Status(YearStatus),
    /// Texts; at least one.
    List(Vec<String>),
}

/// The rows of a mart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What each cell of a row is.
    pub columns: Vec<Column>,
    /// The rows, in the order of the model.
    pub rows: Vec<Vec<Cell>>,
}

impl Basis {
    /// Both bases.
    pub const ALL: [Self; 2] = [Self::Leaf, Self::Naive];

    /// The name used in the warehouse, in addresses and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leaf => "leaf",
            Self::Naive => "naive",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Basis {
    type Err = UnknownBasis;

    fn from_str(text: &str) -> Result<Self, UnknownBasis> {
        Self::ALL
            .into_iter()
            .find(|basis| basis.name() == text)
            .ok_or_else(|| UnknownBasis(text.to_owned()))
    }
}

impl Kind {
    /// What the values are, for those who read the table.
    pub(crate) const fn meaning(self) -> &'static str {
        match self {
            Self::Year => "A fiscal year.",
            Self::Integer => "A whole number.",
            Self::Text => "A word or a label.",
            Self::Status => "What is known of the figures of the year.",
            Self::Amount => "An amount in centimes; empty when it cannot be computed.",
            Self::Rate => "A rate in hundredths of a percent; empty when it cannot be computed.",
            Self::List => "Texts, one a line; empty when there is none.",
            Self::Flag => "1 when it is so, 0 when it is not.",
        }
    }
}

impl Kind {
    /// Whether values are numbers that people compare: set at the right of a table.
    pub const fn is_number(self) -> bool {
        matches!(self, Self::Amount | Self::Rate | Self::Integer)
    }

    /// Whether values are stored as text, and not as a whole number.
    pub(crate) const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Status | Self::List)
    }
}

impl Cell {
    /// The cell of a column of this kind, from a whole number as it is stored.
    pub(crate) fn of_number(kind: Kind, number: i64) -> Result<Self, Unknown> {
        Ok(match kind {
            Kind::Year => Self::Year(FiscalYear::read(number)?),
            Kind::Amount => Self::Amount(Centimes::new(number)),
            Kind::Rate => Self::Rate(BasisPoints::new(number)),
            Kind::Flag => Self::Flag(number != 0),
            Kind::Integer | Kind::Text | Kind::Status | Kind::List => Self::Count(number),
        })
    }

    /// The cell of a column of this kind, from a text as it is stored.
    pub(crate) fn of_text(kind: Kind, text: String) -> Result<Self, Unknown> {
        Ok(match kind {
            Kind::List => Self::List(text.split('\n').map(str::to_owned).collect()),
            Kind::Status => Self::Status(YearStatus::read(text)?),
            _ => Self::Text(text),
        })
    }

    /// A text.
    pub fn of(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// Texts; null where there is none.
    pub fn of_list(texts: Vec<String>) -> Self {
        if texts.is_empty() {
            Self::Null
        } else {
            Self::List(texts)
        }
    }

    /// Whether there is nothing in it.
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The fiscal year, if the cell holds one.
    pub const fn year(&self) -> Option<FiscalYear> {
        match self {
            Self::Year(year) => Some(*year),
            _ => None,
        }
    }

    /// The whole number, if the cell holds one.
    pub const fn count(&self) -> Option<i64> {
        match self {
            Self::Count(count) => Some(*count),
            _ => None,
        }
    }

    /// The amount, if the cell holds one.
    pub const fn amount(&self) -> Option<Centimes> {
        match self {
            Self::Amount(amount) => Some(*amount),
            _ => None,
        }
    }

    /// The rate, if the cell holds one.
    pub const fn rate(&self) -> Option<BasisPoints> {
        match self {
            Self::Rate(rate) => Some(*rate),
            _ => None,
        }
    }

    /// Whether it is so, if the cell says.
    pub const fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// What is known of the figures of a year, if the cell says.
    pub const fn status(&self) -> Option<YearStatus> {
        match self {
            Self::Status(status) => Some(*status),
            _ => None,
        }
    }

    /// The text, if the cell holds one; of a status, its name.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Status(status) => Some(status.name()),
            _ => None,
        }
    }

    /// The entries of a list; none for an empty cell.
    pub fn list(&self) -> impl Iterator<Item = &str> {
        let texts: &[String] = match self {
            Self::List(texts) => texts,
            _ => &[],
        };
        texts.iter().map(String::as_str)
    }

    /// The whole number that stands for the value in its unit, whatever that is: a year, a count, centimes or
    /// hundredths of a percent. For drawing and ordering; what a number means is lost.
    pub fn unitless(&self) -> Option<i64> {
        match self {
            Self::Year(year) => Some((*year).into()),
            Self::Count(number) => Some(*number),
            Self::Amount(amount) => Some(amount.get()),
            Self::Rate(rate) => Some(rate.get()),
            Self::Null | Self::Flag(_) | Self::Text(_) | Self::Status(_) | Self::List(_) => None,
        }
    }
}

impl From<Option<Centimes>> for Cell {
    fn from(amount: Option<Centimes>) -> Self {
        amount.map_or(Self::Null, Self::Amount)
    }
}

impl From<Option<BasisPoints>> for Cell {
    fn from(rate: Option<BasisPoints>) -> Self {
        rate.map_or(Self::Null, Self::Rate)
    }
}

impl Table {
    /// The position of a column.
    pub fn position(&self, column: ColumnName) -> Option<usize> {
        self.columns
            .iter()
            .position(|candidate| candidate.name == column)
    }

    /// Whether the table has a column.
    pub fn has(&self, column: ColumnName) -> bool {
        self.position(column).is_some()
    }

    /// A cell of a row by the name of its column.
    ///
    /// # Panics
    ///
    /// Where the table has no such column: a blank would be taken for a figure that is missing. Of a table that need
    /// not have the column, [`Table::optional_cell`] asks.
    #[track_caller]
    pub fn cell<'a>(&self, row: &'a [Cell], column: ColumnName) -> &'a Cell {
        self.optional_cell(row, column).unwrap_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|it| it.name.as_str()).collect();
            panic!(
                "the table has no column «{column}», only {}",
                names.join(", ")
            )
        })
    }

    /// A cell of a row by the name of its column; `None` where the table has no such column.
    pub fn optional_cell<'a>(&self, row: &'a [Cell], column: ColumnName) -> Option<&'a Cell> {
        row.get(self.position(column)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let amount = Column::new(ColumnName::new("amount"), Kind::Amount);
        Table {
            columns: vec![amount],
            rows: vec![vec![Cell::Amount(Centimes::new(100))], vec![Cell::Null]],
        }
    }

    #[test]
    fn a_cell_is_found_by_the_name_of_its_column() {
        let table = table();
        let name = ColumnName::new("amount");
        assert_eq!(
            table.cell(&table.rows[0], name),
            &Cell::Amount(Centimes::new(100))
        );
        assert_eq!(table.cell(&table.rows[1], name), &Cell::Null);
        let other = ColumnName::new("share");
        assert_eq!(table.optional_cell(&table.rows[0], other), None);
    }

    #[test]
    #[should_panic(expected = "the table has no column «ammount», only amount")]
    fn a_column_that_is_not_there_is_no_blank() {
        let table = table();
        let _ = table.cell(&table.rows[0], ColumnName::new("ammount"));
    }
}

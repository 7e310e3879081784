//! What a mart gives: rows of cells, on one of two bases.

use std::fmt;
use std::str::FromStr;

use crate::Result;

/// A column of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in snake case; part of the public contract of the JSON and CSV answers.
    pub name: &'static str,
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
    pub const fn new(name: &'static str, kind: Kind) -> Self {
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

/// The value of a cell, in the unit of its column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Nothing: not published, or not computable.
    Null,
    /// A year, a number, centimes or hundredths of a percent.
    Integer(i64),
    /// A text or a list.
    Text(String),
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
            Self::Amount => "An amount in centimes; empty when it cannot be computed.",
            Self::Rate => "A rate in hundredths of a percent; empty when it cannot be computed.",
            Self::List => "Texts, one a line; empty when there is none.",
            Self::Flag => "1 when it is so, 0 when it is not.",
        }
    }
}

impl Cell {
    /// The number, if the cell holds one.
    pub const fn integer(&self) -> Option<i64> {
        match self {
            Self::Integer(value) => Some(*value),
            Self::Null | Self::Text(_) => None,
        }
    }

    /// The text, if the cell holds one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Integer(_) => None,
        }
    }

    /// The entries of a list; none for an empty cell.
    pub fn list(&self) -> impl Iterator<Item = &str> {
        self.text().into_iter().flat_map(|text| text.split('\n'))
    }
}

impl Table {
    /// The position of a column.
    pub fn position(&self, column: &str) -> Option<usize> {
        self.columns
            .iter()
            .position(|candidate| candidate.name == column)
    }

    /// A cell of a row by the name of its column; null for a column that the table does not have.
    pub fn cell<'a>(&self, row: &'a [Cell], column: &str) -> &'a Cell {
        self.position(column)
            .and_then(|position| row.get(position))
            .unwrap_or(&Cell::Null)
    }
}

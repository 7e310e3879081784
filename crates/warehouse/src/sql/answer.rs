//! What a statement may ask for, what it gives, and why it gives nothing.

use std::time::Duration;

use super::authoriser;
use crate::Error;

/// How much a statement may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long it may take.
    pub time: Duration,
    /// How many rows it gives; what is more is left out, and said to be.
    pub rows: usize,
    /// How many bytes these rows have.
    pub bytes: usize,
}

/// The longest statement, in characters.
pub const LONGEST_STATEMENT: usize = 20_000;

/// The longest value, in characters; a longer one ends the statement.
pub(super) const LONGEST_VALUE: usize = 1_000_000;

/// The most columns.
pub(super) const MOST_COLUMNS: usize = 500;

/// What a statement gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its columns.
    pub columns: Vec<AnswerColumn>,
    /// Its rows: what each value is in writing, none where there is no value.
    pub rows: Vec<Vec<Option<String>>>,
    /// What was left out, if anything was.
    pub cut: Option<Cut>,
}

/// A column of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerColumn {
    /// Its name; two may have the same.
    pub name: String,
    /// What its values are.
    pub of: Of,
}

/// What the values of a column of an answer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Whole numbers of 64 bits.
    Integer,
    /// Exact decimals.
    Decimal,
    /// Binary fractions, which are not exact.
    Real,
    /// `true` or `false`.
    Flag,
    /// Texts, and everything else in the engine's own words.
    Text,
}

impl Of {
    /// The name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Real => "real",
            Self::Flag => "boolean",
            Self::Text => "text",
        }
    }

    /// Whether the values are what was computed, to the last digit.
    pub fn is_exact(self) -> bool {
        self != Self::Real
    }

    /// Whether they are numbers.
    pub fn is_number(self) -> bool {
        matches!(self, Self::Integer | Self::Decimal | Self::Real)
    }
}

/// Why there are fewer rows than the statement asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// There were more than the limit.
    Rows,
    /// They had more bytes than the limit.
    Bytes,
}

/// A view that statements may read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its name, without `published`.
    pub name: String,
    /// Its columns, each with its type where the engine says one.
    pub columns: Vec<(String, String)>,
}

/// Why a statement gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// What is wrong with it.
    #[error("{}", said(*line, reason))]
    Refused {
        /// The line, where that is known.
        line: Option<usize>,
        /// What is wrong.
        reason: String,
    },
    /// The time is over.
    #[error(
        "it takes longer than {0} seconds: ask for fewer rows, or add up fewer of them at a time"
    )]
    TooLong(u64),
    /// The database.
    #[error(transparent)]
    Database(#[from] Error),
}

fn said(line: Option<usize>, reason: &str) -> String {
    match line {
        Some(line) => format!("line {line}: {reason}"),
        None => reason.to_owned(),
    }
}

impl NoAnswer {
    pub(super) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            line: None,
            reason: reason.into(),
        }
    }
}

impl From<authoriser::Wrong> for NoAnswer {
    fn from(wrong: authoriser::Wrong) -> Self {
        Self::Refused {
            line: wrong.line,
            reason: wrong.reason,
        }
    }
}

/// Rows as they come, until a limit is met.
pub(super) struct Gathered {
    limits: Limits,
    pub(super) rows: Vec<Vec<Option<String>>>,
    bytes: usize,
    pub(super) cut: Option<Cut>,
}

impl Gathered {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            rows: Vec::new(),
            bytes: 0,
            cut: None,
        }
    }

    /// Adds a row; gives whether there is room for another.
    pub(super) fn add(&mut self, row: Vec<Option<String>>) -> bool {
        // An empty value takes room, too.
        let bytes = row
            .iter()
            .map(|value| 8 + value.as_ref().map_or(0, String::len))
            .sum::<usize>();
        if self.rows.len() >= self.limits.rows {
            self.cut = Some(Cut::Rows);
        } else if self.bytes + bytes > self.limits.bytes {
            self.cut = Some(Cut::Bytes);
        } else {
            self.bytes += bytes;
            self.rows.push(row);
        }
        self.cut.is_none()
    }
}

//! Statements that readers write themselves, over the published views only.
//!
//! A statement comes from anybody, so nothing is believed of it. It runs on a connection of its own, which may read
//! the views of `published` and nothing else, and within limits on time, rows and bytes that are kept here:
//!
//! - On SQLite the engine's authoriser decides, over an empty copy of what may be read (`authoriser`), and again on
//!   the connection that runs it. The handle cannot write, attach or load anything.
//! - On PostgreSQL the role of the connection decides. What that role may read is looked at before the first
//!   statement, because nothing that a connection sets can keep a statement from setting it back. A connection is
//!   used for one statement, and ended by another when the time is over.
//!
//! Values come as texts in the engine's own words, so that no decimal passes through a binary fraction. A column of
//! binary fractions is marked: it is not exact.

pub(crate) mod authoriser;
mod postgres;
mod sqlite;
mod words;

use std::sync::Arc;
use std::time::Duration;

use crate::engine::sqlite::SqliteFile;
use crate::{DatabaseUrl, Error};

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
const LONGEST_VALUE: usize = 1_000_000;

/// The most columns.
const MOST_COLUMNS: usize = 500;

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
    fn refused(reason: impl Into<String>) -> Self {
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

/// A door through which statements of readers come to the published views. Clones are the same door.
#[derive(Clone, Debug)]
pub struct Reading {
    engine: Arc<Engine>,
}

#[derive(Debug)]
enum Engine {
    Sqlite(SqliteFile),
    Postgres(Box<postgres::Server>),
}

impl Reading {
    /// Opens the door for statements of anybody, once it is sure that it leads to the published views only.
    pub async fn open(url: &DatabaseUrl) -> Result<Self, Error> {
        Self::open_to(url, false).await
    }

    /// Opens the door for statements of the one whose connection it is, who may do what its role may anyhow. What a
    /// statement may do is the same.
    pub async fn open_for_its_user(url: &DatabaseUrl) -> Result<Self, Error> {
        Self::open_to(url, true).await
    }

    async fn open_to(url: &DatabaseUrl, its_user: bool) -> Result<Self, Error> {
        let engine = match url {
            DatabaseUrl::Sqlite(file) => {
                sqlite::probe(file).await?;
                Engine::Sqlite(file.clone())
            }
            DatabaseUrl::Postgres(url) => {
                Engine::Postgres(Box::new(postgres::Server::open(url, its_user).await?))
            }
        };
        Ok(Self {
            engine: Arc::new(engine),
        })
    }

    /// What a statement gives, within limits.
    pub async fn ask(&self, sql: &str, limits: Limits) -> Result<Answer, NoAnswer> {
        if sql.trim().is_empty() {
            return Err(NoAnswer::refused("it is empty: write one SELECT"));
        }
        if sql.chars().count() > LONGEST_STATEMENT {
            return Err(NoAnswer::refused(format!(
                "it is longer than {LONGEST_STATEMENT} characters"
            )));
        }
        if sql.contains('\0') {
            return Err(NoAnswer::refused(
                "it has a character that no statement has",
            ));
        }
        match &*self.engine {
            Engine::Sqlite(file) => sqlite::ask(file.clone(), sql.to_owned(), limits).await,
            Engine::Postgres(server) => server.ask(sql, limits).await,
        }
    }

    /// The views that statements may read.
    pub async fn views(&self) -> Result<Vec<View>, Error> {
        match &*self.engine {
            Engine::Sqlite(file) => sqlite::views(file.clone()).await,
            Engine::Postgres(server) => server.views().await,
        }
    }

    /// Whether the views are those of a PostgreSQL database.
    pub fn is_postgres(&self) -> bool {
        matches!(*self.engine, Engine::Postgres(_))
    }
}

/// Rows as they come, until a limit is met.
struct Gathered {
    limits: Limits,
    rows: Vec<Vec<Option<String>>>,
    bytes: usize,
    cut: Option<Cut>,
}

impl Gathered {
    fn new(limits: Limits) -> Self {
        Self {
            limits,
            rows: Vec::new(),
            bytes: 0,
            cut: None,
        }
    }

    /// Adds a row; gives whether there is room for another.
    fn add(&mut self, row: Vec<Option<String>>) -> bool {
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

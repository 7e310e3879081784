//! Writing many rows: `COPY` on PostgreSQL, statements of many rows on SQLite.
//!
//! Rows are gathered and written in batches, so that memory does not grow with the data. Batches are written
//! while the next are gathered.

use sqlx::AssertSqlSafe;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, SqliteConnection};

use crate::engine::names::{is_of_slices, key, partition, without_schemas};

/// A table that rows are written to in bulk.
#[derive(Debug)]
pub(crate) struct Target {
    /// The name, with its schema.
    pub table: &'static str,
    /// The columns after the one that says whose a row is: `revision_id`, or `slice_id`.
    pub columns: &'static [&'static str],
    /// Whether PostgreSQL has a table of its own for each revision or slice.
    pub partitioned: bool,
    /// Whether it is one of the few that most rows go to: PostgreSQL is sent these over a connection of their
    /// own.
    pub large: bool,
}

/// A value to be written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Datum<'a> {
    Integer(Option<i64>),
    Text(Option<&'a str>),
    Flag(bool),
}

impl Datum<'_> {
    /// How long its text is.
    fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.map_or(0, str::len),
            Self::Integer(_) | Self::Flag(_) => 0,
        }
    }
}

impl From<i64> for Datum<'_> {
    fn from(value: i64) -> Self {
        Self::Integer(Some(value))
    }
}

impl From<Option<i64>> for Datum<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Integer(value)
    }
}

impl<'a> From<&'a str> for Datum<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(value))
    }
}

impl<'a> From<Option<&'a str>> for Datum<'a> {
    fn from(value: Option<&'a str>) -> Self {
        Self::Text(value)
    }
}

impl From<bool> for Datum<'_> {
    fn from(value: bool) -> Self {
        Self::Flag(value)
    }
}

/// How many bytes are written at a time, or somewhat more.
const PIECE: usize = 1 << 20;

/// How many parameters a statement of SQLite may have.
const PARAMETERS: usize = 32_000;

/// Rows of one table on their way to the database.
#[derive(Debug)]
pub(crate) struct Bulk {
    target: &'static Target,
    /// The revision or the slice that rows are of.
    owner: i64,
    rows: usize,
    /// How long the texts of these rows are.
    length: usize,
    gathered: Gathered,
}

#[derive(Debug)]
pub(crate) enum Gathered {
    /// Rows in the binary format of `COPY`, without its beginning and end.
    Copy(Vec<u8>),
    /// The parameters of the rows.
    Parameters(SqliteArguments),
}

impl Bulk {
    /// `owner` is the revision or the slice that rows are of.
    pub fn new(target: &'static Target, owner: i64, postgres: bool) -> Self {
        Self {
            target,
            owner,
            rows: 0,
            length: 0,
            gathered: if postgres {
                Gathered::Copy(Vec::new())
            } else {
                Gathered::Parameters(SqliteArguments::default())
            },
        }
    }

    /// Lets rows from here on be of another slice. Those of the one before are taken by then.
    pub fn begin_slice(&mut self, slice: i64) {
        debug_assert_eq!(self.rows, 0);
        if is_of_slices(self.target.table) {
            self.owner = slice;
        }
    }

    /// Adds a row: the values of the columns after the one that says whose it is.
    pub fn row(&mut self, values: &[Datum<'_>]) -> sqlx::Result<()> {
        debug_assert_eq!(values.len(), self.target.columns.len());
        self.rows += 1;
        self.length += values.iter().map(Datum::length).sum::<usize>();
        match &mut self.gathered {
            Gathered::Copy(bytes) => {
                if bytes.is_empty() {
                    bytes.reserve(PIECE + PIECE / 8);
                }
                copy_row(bytes, self.owner, values);
                Ok(())
            }
            Gathered::Parameters(arguments) => {
                parameters(arguments, self.owner, values).map_err(sqlx::Error::Encode)
            }
        }
    }

    /// Whether enough rows are gathered to be written.
    pub fn is_full(&self) -> bool {
        match &self.gathered {
            Gathered::Copy(bytes) => bytes.len() >= PIECE,
            Gathered::Parameters(_) => self.rows >= self.rows_a_statement() || self.length >= PIECE,
        }
    }

    fn rows_a_statement(&self) -> usize {
        (PARAMETERS / (self.target.columns.len() + 1)).min(1000)
    }

    /// Takes what is gathered, if there is anything.
    pub fn take(&mut self) -> Option<Batch> {
        if self.rows == 0 {
            return None;
        }
        self.length = 0;
        let none = match &self.gathered {
            Gathered::Copy(_) => Gathered::Copy(Vec::new()),
            Gathered::Parameters(_) => Gathered::Parameters(SqliteArguments::default()),
        };
        Some(Batch {
            target: self.target,
            owner: self.owner,
            rows: std::mem::take(&mut self.rows),
            gathered: std::mem::replace(&mut self.gathered, none),
        })
    }
}

/// Rows of one table to be written at once.
#[derive(Debug)]
pub(crate) struct Batch {
    pub target: &'static Target,
    pub owner: i64,
    rows: usize,
    pub gathered: Gathered,
}

impl Batch {
    /// Writes rows that are gathered as parameters.
    pub async fn insert(self, connection: &mut SqliteConnection) -> sqlx::Result<()> {
        let Gathered::Parameters(arguments) = self.gathered else {
            unreachable!("rows are gathered for the engine of their transaction");
        };
        let columns = self.target.columns;
        let row = format!("({})", vec!["?"; columns.len() + 1].join(","));
        let sql = format!(
            "INSERT INTO {} ({}, {}) VALUES {}",
            without_schemas(self.target.table),
            key(self.target.table),
            columns.join(", "),
            vec![row; self.rows].join(",")
        );
        let query = sqlx::query_with(AssertSqlSafe(sql), arguments);
        query.execute(connection).await.map(drop)
    }
}

impl Target {
    /// The statement that copies its rows.
    pub fn copy(&self, owner: i64) -> String {
        let table = if self.partitioned {
            partition(self.table, owner)
        } else {
            self.table.to_owned()
        };
        format!(
            "COPY {table} ({}, {}) FROM STDIN (FORMAT binary)",
            key(self.table),
            self.columns.join(", ")
        )
    }
}

/// What the binary format of `COPY` begins with: its signature, no flags, no extension.
pub(crate) const COPY_HEAD: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";

/// What it ends with: a row of −1 columns.
pub(crate) const COPY_TAIL: [u8; 2] = (-1_i16).to_be_bytes();

fn copy_row(bytes: &mut Vec<u8>, owner: i64, values: &[Datum<'_>]) {
    let columns = i16::try_from(values.len() + 1).unwrap_or(i16::MAX);
    bytes.extend_from_slice(&columns.to_be_bytes());
    copy_value(bytes, &owner.to_be_bytes());
    for value in values {
        match value {
            Datum::Integer(Some(value)) => copy_value(bytes, &value.to_be_bytes()),
            Datum::Text(Some(value)) => copy_value(bytes, value.as_bytes()),
            Datum::Flag(value) => copy_value(bytes, &[u8::from(*value)]),
            Datum::Integer(None) | Datum::Text(None) => {
                bytes.extend_from_slice(&(-1_i32).to_be_bytes());
            }
        }
    }
}

fn copy_value(bytes: &mut Vec<u8>, value: &[u8]) {
    // No value is as long as two gigabytes: records are refused long before.
    let length = i32::try_from(value.len()).unwrap_or(i32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(value);
}

fn parameters(
    arguments: &mut SqliteArguments,
    owner: i64,
    values: &[Datum<'_>],
) -> Result<(), sqlx::error::BoxDynError> {
    arguments.add(owner)?;
    for value in values {
        match value {
            Datum::Integer(value) => arguments.add(*value)?,
            Datum::Text(value) => arguments.add(value.map(str::to_owned))?,
            Datum::Flag(value) => arguments.add(*value)?,
        }
    }
    Ok(())
}

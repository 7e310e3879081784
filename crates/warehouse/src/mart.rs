//! The models of the analyses: SQL that is run once for each revision and basis, and kept.
//!
//! A model is a `SELECT` over the core tables and earlier marts. It reads the revision as `$1`,
//! gives `basis` as its first column and then its own columns. Its rows land in a table
//! `mart_<name>`, which is what every surface reads, so that none of them can disagree.

use std::fmt;
use std::str::FromStr;

use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row, SqliteConnection};

use crate::{Error, Result, Warehouse};

/// One analysis as the warehouse sees it.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The name in snake case; the table is `mart_<name>`.
    pub name: &'static str,
    /// What the model selects after `basis`.
    pub columns: &'static [Column],
    /// The `SELECT`, with the revision as `$1`; valid on every engine.
    pub sql: &'static str,
    /// The order of the rows.
    pub order_by: &'static str,
}

/// A column of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name in snake case; part of the public contract of the JSON and CSV answers.
    pub name: &'static str,
    /// What the values are.
    pub kind: Kind,
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
}

impl Column {
    /// A column.
    pub const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind }
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
    const fn sql_type(self) -> &'static str {
        match self {
            Self::Year | Self::Integer | Self::Amount | Self::Rate => "BIGINT",
            Self::Text | Self::List => "TEXT",
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

impl Model {
    fn table(&self) -> String {
        format!("mart_{}", self.name)
    }

    fn column_names(&self) -> String {
        self.columns
            .iter()
            .map(|column| column.name)
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Everything that decides what the mart holds.
    fn definition(&self) -> String {
        let columns = self
            .columns
            .iter()
            .map(|column| format!("{} {:?}", column.name, column.kind));
        format!("{}\n{}", columns.collect::<Vec<_>>().join(", "), self.sql)
    }

    fn create(&self) -> String {
        let columns = self
            .columns
            .iter()
            .map(|column| format!("{} {}", column.name, column.kind.sql_type()));
        format!(
            "CREATE TABLE {} (
                revision_id BIGINT NOT NULL REFERENCES ops_revision ON DELETE CASCADE,
                basis TEXT NOT NULL, {})",
            self.table(),
            columns.collect::<Vec<_>>().join(", ")
        )
    }

    fn fill(&self) -> String {
        let names = self.column_names();
        format!(
            "INSERT INTO {} (revision_id, basis, {names})
             SELECT CAST($1 AS BIGINT), basis, {names} FROM ({}) AS model",
            self.table(),
            self.sql.trim().trim_end_matches(';')
        )
    }
}

/// Runs every model for a revision.
pub(crate) async fn fill(
    connection: &mut SqliteConnection,
    models: &[Model],
    revision: i64,
) -> sqlx::Result<()> {
    for model in models {
        sqlx::query(AssertSqlSafe(model.fill()))
            .bind(revision)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

impl Warehouse {
    /// Makes the marts fit the models of this version: when any definition has changed, all marts
    /// are made again, for every revision that is kept, in one transaction.
    pub async fn prepare_marts(&self, models: &[Model]) -> Result<()> {
        self.try_prepare_marts(models)
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_prepare_marts(&self, models: &[Model]) -> sqlx::Result<()> {
        if self.marts_are_current(models).await? {
            return Ok(());
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let known: Vec<String> = sqlx::query_scalar("SELECT name FROM ops_model")
            .fetch_all(&mut *transaction)
            .await?;
        for name in known {
            let drop = AssertSqlSafe(format!("DROP TABLE IF EXISTS mart_{name}"));
            sqlx::query(drop).execute(&mut *transaction).await?;
        }
        sqlx::query("DELETE FROM ops_model")
            .execute(&mut *transaction)
            .await?;
        for model in models {
            let table = model.table();
            sqlx::query(AssertSqlSafe(model.create()))
                .execute(&mut *transaction)
                .await?;
            let index = format!("CREATE INDEX {table}_by_revision ON {table} (revision_id, basis)");
            sqlx::query(AssertSqlSafe(index))
                .execute(&mut *transaction)
                .await?;
            sqlx::query("INSERT INTO ops_model (name, definition) VALUES ($1, $2)")
                .bind(model.name)
                .bind(model.definition())
                .execute(&mut *transaction)
                .await?;
        }
        let revisions: Vec<i64> = sqlx::query_scalar(
            "SELECT revision_id FROM ops_revision WHERE status <> 'staged' ORDER BY revision_id",
        )
        .fetch_all(&mut *transaction)
        .await?;
        for revision in revisions {
            fill(&mut transaction, models, revision).await?;
        }
        transaction.commit().await
    }

    async fn marts_are_current(&self, models: &[Model]) -> sqlx::Result<bool> {
        let mut known: Vec<(String, String)> =
            sqlx::query_as("SELECT name, definition FROM ops_model")
                .fetch_all(&self.pool)
                .await?;
        let mut wanted: Vec<(String, String)> = models
            .iter()
            .map(|model| (model.name.to_owned(), model.definition()))
            .collect();
        known.sort();
        wanted.sort();
        Ok(known == wanted)
    }

    /// Refuses marts that other definitions made, which a process that may not write cannot mend.
    pub async fn check_marts(&self, models: &[Model]) -> Result<()> {
        let current = self
            .marts_are_current(models)
            .await
            .map_err(|error| self.failed(error))?;
        if current {
            Ok(())
        } else {
            Err(Error::OutdatedMarts {
                path: self.path.clone(),
            })
        }
    }

    /// The rows of a mart for a revision and a basis.
    pub async fn mart(&self, model: &Model, revision: i64, basis: Basis) -> Result<Table> {
        let mut connection = self
            .pool
            .acquire()
            .await
            .map_err(|error| self.failed(error))?;
        read(&mut connection, model, revision, basis)
            .await
            .map_err(|error| self.failed(error))
    }
}

/// The rows of a mart for a revision and a basis.
pub(crate) async fn read(
    connection: &mut SqliteConnection,
    model: &Model,
    revision: i64,
    basis: Basis,
) -> sqlx::Result<Table> {
    let select = format!(
        "SELECT {} FROM {} WHERE revision_id = $1 AND basis = $2 ORDER BY {}",
        model.column_names(),
        model.table(),
        model.order_by
    );
    let rows = sqlx::query(AssertSqlSafe(select))
        .bind(revision)
        .bind(basis.name())
        .fetch_all(connection)
        .await?;
    let rows: sqlx::Result<Vec<_>> = rows.iter().map(|row| cells(row, model.columns)).collect();
    Ok(Table {
        columns: model.columns.to_vec(),
        rows: rows?,
    })
}

fn cells(row: &SqliteRow, columns: &[Column]) -> sqlx::Result<Vec<Cell>> {
    let cell = |(position, column): (usize, &Column)| {
        Ok(match column.kind {
            Kind::Text | Kind::List => row
                .try_get::<Option<String>, _>(position)?
                .map_or(Cell::Null, Cell::Text),
            Kind::Year | Kind::Integer | Kind::Amount | Kind::Rate => row
                .try_get::<Option<i64>, _>(position)?
                .map_or(Cell::Null, Cell::Integer),
        })
    };
    columns.iter().enumerate().map(cell).collect()
}

//! The models of the analyses: SQL that is run once for each revision and basis, and kept.
//!
//! A model is a `SELECT` over the core tables and the marts of its bases. It reads the revision as
//! `$1`, gives `basis` and `siren` as its first columns and then its own. Its rows land in a table
//! `mart.<name>`, which is what every surface reads, so that none of them can disagree.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use sqlx::{ColumnIndex, Decode, Row, Type};
use tokio::task::JoinSet;

use crate::engine::postgres::{ACROSS_SERVERS, AS_OWNER, DISTRIBUTE};
use crate::engine::{Engine, Query, Transaction};
use crate::{Error, Result, Warehouse};

/// One analysis as the warehouse sees it, or a step that several of them share.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The name in snake case; the table is `mart.<name>`.
    pub name: &'static str,
    /// What its rows are, for those who read the table.
    pub about: &'static str,
    /// What the model selects after `basis` and `siren`.
    pub columns: &'static [Column],
    /// The `SELECT`, with the revision as `$1`; valid on every engine.
    pub sql: &'static str,
    /// The order of the rows.
    pub order_by: &'static str,
    /// The models whose marts it reads.
    pub bases: &'static [&'static Model],
    /// Whether PostgreSQL keeps each amount in euros too, for those who read the table.
    pub euros: bool,
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
    /// Whether something is so: 1, or 0 when it is not.
    Flag,
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
    /// What the values are, for those who read the table.
    const fn meaning(self) -> &'static str {
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

impl Model {
    /// The name of its table.
    pub fn table(&self) -> String {
        format!("mart.{}", self.name)
    }

    /// Everything it is made from, and then itself: each model once, after those it reads.
    pub fn with_bases(&self) -> Vec<Self> {
        let mut models: Vec<Self> = Vec::new();
        for base in self.bases {
            models.extend(base.with_bases());
        }
        models.push(*self);
        once(models)
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

    /// What makes the table, its index and its comments.
    fn create(&self, postgres: bool) -> String {
        let table = self.table();
        let text = if postgres {
            "TEXT COLLATE \"C\""
        } else {
            "TEXT"
        };
        let columns = self.columns.iter().map(|column| {
            let kind = match column.kind {
                Kind::Text | Kind::List => text,
                _ => "BIGINT",
            };
            format!(", {} {kind}", column.name)
        });
        let mut columns: String = columns.collect();
        let keys = format!("siren {text} NOT NULL, basis {text} NOT NULL");
        if !postgres {
            return format!(
                "CREATE TABLE {table} (
                    revision_id BIGINT NOT NULL REFERENCES ops.revision ON DELETE CASCADE,
                    {keys}{columns});
                 CREATE INDEX {table}_by_body ON {table} (revision_id, siren, basis);"
            );
        }
        let amounts = self
            .columns
            .iter()
            .filter(|column| self.euros && column.kind == Kind::Amount);
        columns.extend(amounts.map(|Column { name, .. }| {
            format!(", {name}_eur NUMERIC(18, 2) GENERATED ALWAYS AS ({name} * 0.01) STORED")
        }));
        let mut sql = format!(
            "CREATE TABLE {table} (revision_id BIGINT NOT NULL, {keys}{columns})
                 PARTITION BY LIST (revision_id);
             CREATE INDEX {name}_by_body ON {table} (siren, basis);
             COMMENT ON TABLE {table} IS '{about}';
             COMMENT ON COLUMN {table}.revision_id IS 'The revision; one partition each.';
             COMMENT ON COLUMN {table}.siren IS 'The SIREN number of the public body.';
             COMMENT ON COLUMN {table}.basis IS
                 'leaf: each euro once; naive: what a plain script adds.';",
            name = self.name,
            about = self.about,
        );
        for Column { name, kind } in self.columns {
            let meaning = kind.meaning();
            sql += &comment(&table, name, meaning);
            if self.euros && *kind == Kind::Amount {
                sql += &comment(&table, &format!("{name}_eur"), "The same amount in euros.");
            }
        }
        sql
    }

    fn fill(&self, revision: i64, postgres: bool) -> String {
        let (names, table) = (self.column_names(), self.table());
        let table = if postgres {
            partition(&table, revision)
        } else {
            table
        };
        format!(
            "INSERT INTO {table} (revision_id, siren, basis, {names})
             SELECT CAST($1 AS BIGINT), siren, basis, {names} FROM ({}) AS model",
            self.sql.trim().trim_end_matches(';')
        )
    }
}

/// Models without those that are the same as one before.
pub fn once(models: Vec<Model>) -> Vec<Model> {
    let mut known = HashSet::new();
    let mut models = models;
    models.retain(|model| known.insert(model.name));
    models
}

fn comment(table: &str, column: &str, text: &str) -> String {
    format!("COMMENT ON COLUMN {table}.{column} IS '{text}';")
}

/// The table that PostgreSQL has for a revision.
pub(crate) fn partition(table: &str, revision: i64) -> String {
    format!("{table}_r{revision}")
}

/// Makes the loaded table of a revision part of its parent.
pub(crate) async fn attach(
    transaction: &mut Transaction,
    table: &str,
    revision: i64,
) -> sqlx::Result<()> {
    let attach = Query::new("SELECT ops.attach_partition($1, $2)")
        .bind(table)
        .bind(revision);
    transaction.execute(attach).await.map(drop)
}

/// Runs every model for a revision, one after the other.
pub(crate) async fn fill(
    transaction: &mut Transaction,
    models: &[Model],
    revision: i64,
    postgres: bool,
) -> sqlx::Result<()> {
    for model in models {
        fill_one(transaction, model, revision, postgres).await?;
    }
    Ok(())
}

async fn fill_one(
    transaction: &mut Transaction,
    model: &Model,
    revision: i64,
    postgres: bool,
) -> sqlx::Result<()> {
    if postgres {
        // Groups of many bodies stay in memory; with the default they go by the disk, at half the pace.
        transaction.script("SET LOCAL work_mem = '64MB'").await?;
    }
    let fill = Query::new(model.fill(revision, postgres)).bind(revision);
    transaction.execute(fill).await?;
    if postgres {
        attach(transaction, &model.table(), revision).await?;
    }
    Ok(())
}

/// How many models PostgreSQL runs at once. It gives each one core, and memory of its own.
const AT_ONCE: usize = 3;

/// Runs every model for a revision whose lines are committed, several at once: each in a transaction of
/// its own, begun when the marts that it reads are there. After a failure those that run are waited for,
/// so that nothing holds what the revision leaves.
pub(crate) async fn fill_at_once(
    engine: &Engine,
    models: &[Model],
    revision: i64,
) -> sqlx::Result<()> {
    let mut waiting = models.to_vec();
    let mut running = JoinSet::new();
    let mut unfinished: HashSet<&str> = models.iter().map(|model| model.name).collect();
    let mut outcome = Ok(());
    loop {
        while running.len() < AT_ONCE && outcome.is_ok() {
            let ready = |model: &Model| {
                let mut bases = model.bases.iter();
                bases.all(|base| !unfinished.contains(base.name))
            };
            let Some(next) = waiting.iter().position(ready) else {
                break;
            };
            let (engine, model) = (engine.clone(), waiting.remove(next));
            running.spawn(async move {
                let mut transaction = engine.begin().await?;
                transaction.script(ACROSS_SERVERS).await?;
                fill_one(&mut transaction, &model, revision, true).await?;
                transaction.commit().await?;
                Ok(model.name)
            });
        }
        match running.join_next().await {
            None => return outcome,
            Some(Ok(Ok(name))) => {
                unfinished.remove(name);
            }
            Some(Ok(Err(error))) => outcome = outcome.and(Err(error)),
            Some(Err(failed)) => match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_cancelled) => outcome = outcome.and(Err(sqlx::Error::WorkerCrashed)),
            },
        }
    }
}

impl Warehouse {
    /// Makes the marts fit the models of this version: when any definition has changed, all marts
    /// are made again, for every revision that is kept, in one transaction.
    pub async fn prepare_marts(&self, models: &[Model]) -> Result<()> {
        self.try_prepare_marts(models)
            .await
            .map_err(|error| match self.failed(error) {
                Error::NotAllowed { database, .. } => Error::NeedsOwner { database },
                other => other,
            })
    }

    async fn try_prepare_marts(&self, models: &[Model]) -> sqlx::Result<()> {
        if self.marts_are_current(models).await? {
            return Ok(());
        }
        let postgres = self.engine.is_postgres();
        let mut transaction = self.engine.begin().await?;
        if postgres {
            transaction.script(AS_OWNER).await?;
            transaction.script(ACROSS_SERVERS).await?;
        }
        let known: Vec<(String,)> = transaction
            .all(Query::new("SELECT name FROM ops.model"))
            .await?;
        for (name,) in known {
            let drop = format!("DROP TABLE IF EXISTS mart.{name}");
            transaction.script(&drop).await?;
        }
        transaction
            .execute(Query::new("DELETE FROM ops.model"))
            .await?;
        for model in models {
            transaction.script(&model.create(postgres)).await?;
            let note = Query::new("INSERT INTO ops.model (name, definition) VALUES ($1, $2)")
                .bind(model.name)
                .bind(model.definition());
            transaction.execute(note).await?;
        }
        if postgres {
            transaction.script(DISTRIBUTE).await?;
        }
        let revisions: Vec<(i64,)> = transaction
            .all(Query::new(
                "SELECT revision_id FROM ops.revision
                 WHERE status <> 'staged' ORDER BY revision_id",
            ))
            .await?;
        for (revision,) in revisions {
            if postgres {
                for model in models {
                    let create = Query::new("SELECT ops.create_partition($1, $2)")
                        .bind(model.table())
                        .bind(revision);
                    transaction.execute(create).await?;
                }
            }
            fill(&mut transaction, models, revision, postgres).await?;
        }
        if postgres {
            transaction.script("RESET ROLE").await?;
        }
        transaction.commit().await
    }

    async fn marts_are_current(&self, models: &[Model]) -> sqlx::Result<bool> {
        let mut known: Vec<(String, String)> = self
            .engine
            .all(Query::new("SELECT name, definition FROM ops.model"))
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
                database: self.name().to_owned(),
            })
        }
    }

    /// The rows of a mart for a body of a revision and a basis.
    pub async fn mart(
        &self,
        model: &Model,
        revision: i64,
        siren: &str,
        basis: Basis,
    ) -> Result<Table> {
        let select = Query::new(format!(
            "SELECT {} FROM {} WHERE revision_id = $1 AND siren = $2 AND basis = $3 ORDER BY {}",
            model.column_names(),
            model.table(),
            model.order_by
        ))
        .bind(revision)
        .bind(siren)
        .bind(basis.name());
        let rows = self.engine.cells(select, model.columns).await;
        Ok(Table {
            columns: model.columns.to_vec(),
            rows: rows.map_err(|error| self.failed(error))?,
        })
    }
}

impl Engine {
    /// Rows whose columns are only known when they are asked for.
    async fn cells(&self, query: Query, columns: &[Column]) -> sqlx::Result<Vec<Vec<Cell>>> {
        match self {
            Self::Sqlite(pool) => {
                let mut connection = pool.acquire().await?;
                let rows = query.sqlite_rows(&mut connection).await?;
                rows.iter().map(|row| cells(row, columns)).collect()
            }
            Self::Postgres(pool) => {
                let mut connection = pool.acquire().await?;
                let rows = query.postgres_rows(&mut connection).await?;
                rows.iter().map(|row| cells(row, columns)).collect()
            }
        }
    }
}

fn cells<'r, R: Row>(row: &'r R, columns: &[Column]) -> sqlx::Result<Vec<Cell>>
where
    usize: ColumnIndex<R>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
{
    let cell = |(position, column): (usize, &Column)| {
        Ok(match column.kind {
            Kind::Text | Kind::List => row
                .try_get::<Option<String>, _>(position)?
                .map_or(Cell::Null, Cell::Text),
            Kind::Year | Kind::Integer | Kind::Amount | Kind::Rate | Kind::Flag => row
                .try_get::<Option<i64>, _>(position)?
                .map_or(Cell::Null, Cell::Integer),
        })
    };
    columns.iter().enumerate().map(cell).collect()
}

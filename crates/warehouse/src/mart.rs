//! The models of the analyses: SQL that is run once for each revision and basis, and kept.
//!
//! A model is a `SELECT` over the core tables and the marts of its bases. It reads the revision as
//! `$1`, gives `basis` and `siren` as its first columns and then its own. Its rows land in a table
//! `mart.<name>`, which is what every surface reads, so that none of them can disagree.

use std::collections::HashSet;

use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::engine::postgres::{ACROSS_SERVERS, AS_OWNER, DISTRIBUTE};
use crate::engine::{Engine, Query};
use crate::fill::{fill, partition};
use crate::table::{Basis, Cell, Column, Kind, Table};
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

    /// What fills it for a revision.
    pub(crate) fn fill(&self, revision: i64, postgres: bool) -> String {
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

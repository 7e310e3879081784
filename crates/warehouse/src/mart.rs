//! The models of the analyses: SQL that is run once for each revision and basis, and kept.
//!
//! A model is a `SELECT` over the core tables and the marts of its bases. It reads the revision as
//! `$1`, gives `basis` and `siren` as its first columns and then its own. Its rows land in a table
//! `mart.<name>`, which is what every surface reads, so that none of them can disagree. What several of them
//! share may have another [`Form`].

use std::collections::HashSet;

use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::engine::postgres::{ACROSS_SERVERS, AS_OWNER, DISTRIBUTE, MAKING_TABLES};
use crate::engine::{Engine, Query, Transaction};
use crate::fill::{fill, partition};
use crate::table::{Basis, Cell, Column, Kind, Table};
use crate::{Error, Result, Warehouse, own, published};

/// One analysis as the warehouse sees it, or a step that several of them share.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    /// The name in snake case; the table is `mart.<name>`.
    pub name: &'static str,
    /// What its rows are, for those who read the table.
    pub about: &'static str,
    /// What the model selects after what its rows are about.
    pub columns: &'static [Column],
    /// The `SELECT`, with the revision as `$1` unless it is a view; valid on every engine.
    pub sql: &'static str,
    /// The order of the rows.
    pub order_by: &'static str,
    /// The models whose marts it reads.
    pub bases: &'static [&'static Model],
    /// What is made of it.
    pub form: Form,
    /// The file it was read from, where it is the operator's own and no part of the program. Such SQL is held to
    /// reading, and within limits ([`crate::own`]).
    pub file: Option<&'static str>,
}

/// What is made of a model in the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A table of what an analysis gives for each body and basis. PostgreSQL keeps each amount in euros too, for
    /// those who read the table.
    Analysis,
    /// A table of sums for each body, apart from any basis, which other models read. Its model gives `siren` and
    /// then its own columns.
    Sums,
    /// A view, computed where it is read. Its model gives `revision_id`, too, for all revisions.
    View,
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
            .map(|column| column.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    }

    /// Everything that decides what the mart holds.
    fn definition(&self) -> String {
        let columns = self
            .columns
            .iter()
            .map(|column| format!("{} {:?}", column.name, column.kind));
        let columns = columns.collect::<Vec<_>>().join(", ");
        format!("{}{columns}\n{}", self.form.mark(), self.sql)
    }

    /// Whether rows are kept of it.
    pub(crate) fn is_table(&self) -> bool {
        self.form != Form::View
    }

    /// What each row is about, before the model's own columns.
    const fn keys(&self) -> &'static [&'static str] {
        match self.form {
            Form::Sums => &["siren"],
            Form::Analysis | Form::View => &["siren", "basis"],
        }
    }

    /// What makes the table or the view, its index and its comments.
    fn create(&self, postgres: bool) -> String {
        match (self.form, postgres) {
            (Form::View, false) => format!("CREATE VIEW {} AS {}", self.table(), self.sql),
            (Form::View, true) => {
                format!("CREATE VIEW {} AS {};", self.table(), self.sql) + &self.comments("VIEW")
            }
            (Form::Analysis | Form::Sums, false) => self.create_on_sqlite(),
            (Form::Analysis | Form::Sums, true) => self.create_on_postgres(),
        }
    }

    /// The keys and the columns with their types.
    fn typed(&self, text: &str) -> String {
        let keys = self.keys().iter();
        let keys = keys.map(|key| format!("{key} {text} NOT NULL"));
        let columns = self.columns.iter().map(|column| {
            let kind = match column.kind {
                Kind::Text | Kind::List => text,
                _ => "BIGINT",
            };
            format!("{} {kind}", column.name)
        });
        keys.chain(columns).collect::<Vec<_>>().join(", ")
    }

    fn create_on_sqlite(&self) -> String {
        let table = self.table();
        let keys = self.keys().join(", ");
        format!(
            "CREATE TABLE {table} (
                revision_id BIGINT NOT NULL REFERENCES ops.revision ON DELETE CASCADE,
                {});
             CREATE INDEX {table}_by_body ON {table} (revision_id, {keys});",
            self.typed("TEXT")
        )
    }

    fn create_on_postgres(&self) -> String {
        let (table, name) = (self.table(), self.name);
        let mut columns = self.typed("TEXT COLLATE \"C\"");
        for column in self.in_euros() {
            let euros = format!(
                ", {column}_eur NUMERIC(18, 2) GENERATED ALWAYS AS ({column} * 0.01) STORED"
            );
            columns.push_str(&euros);
        }
        let keys = self.keys().join(", ");
        let create = format!(
            "CREATE TABLE {table} (revision_id BIGINT NOT NULL, {columns})
                 PARTITION BY LIST (revision_id);
             CREATE INDEX {name}_by_body ON {table} ({keys});"
        );
        create + &self.comments("TABLE")
    }

    /// The amounts that PostgreSQL keeps in euros too.
    fn in_euros(&self) -> impl Iterator<Item = &'static str> {
        let columns = self.columns.iter();
        let kept = self.form == Form::Analysis;
        let amounts = columns.filter(move |column| kept && column.kind == Kind::Amount);
        amounts.map(|column| column.name.as_str())
    }

    fn comments(&self, object: &str) -> String {
        let table = self.table();
        let mut sql = comment_on(&format!("{object} {table}"), self.about);
        sql += &comment(&table, "revision_id", "The revision.");
        for key in self.keys() {
            let meaning = match *key {
                "basis" => "leaf: each euro once; naive: what a plain script adds.",
                _ => "The SIREN number of the public body.",
            };
            sql += &comment(&table, key, meaning);
        }
        for column in self.columns {
            sql += &comment(&table, &column.name, &column.explained());
        }
        for name in self.in_euros() {
            sql += &comment(&table, &format!("{name}_eur"), "The same amount in euros.");
        }
        sql
    }

    /// What fills it for a revision.
    pub(crate) fn fill(&self, revision: i64, postgres: bool) -> String {
        let names = format!("{}, {}", self.keys().join(", "), self.column_names());
        let table = if postgres {
            partition(&self.table(), revision)
        } else {
            self.table()
        };
        format!(
            "INSERT INTO {table} (revision_id, {names})
             SELECT CAST($1 AS BIGINT), {names} FROM ({}) AS model",
            self.sql.trim().trim_end_matches(';')
        )
    }
}

/// Which of the models in the database are views.
const VIEWS_ON_POSTGRES: &str = "SELECT name::text FROM ops.model
     JOIN pg_catalog.pg_views ON schemaname = 'mart' AND viewname = name";
const VIEWS_ON_SQLITE: &str = "SELECT model.name FROM ops.model AS model
     JOIN sqlite_master AS object ON object.type = 'view' AND object.name = 'mart_' || model.name";

impl Form {
    /// What the definition of a model of this form begins with; that of an analysis, with nothing.
    const fn mark(self) -> &'static str {
        match self {
            Self::Analysis => "",
            Self::Sums => "sums\n",
            Self::View => "view\n",
        }
    }
}

/// Models without those that are the same as one before.
pub fn once(models: Vec<Model>) -> Vec<Model> {
    let mut known = HashSet::new();
    let mut models = models;
    models.retain(|model| known.insert(model.name));
    models
}

/// What says of a column what its values mean.
pub(crate) fn comment(table: &str, column: &str, text: &str) -> String {
    comment_on(&format!("COLUMN {table}.{column}"), text)
}

/// What says of an object what it is.
pub(crate) fn comment_on(object: &str, text: &str) -> String {
    format!("COMMENT ON {object} IS {};", literal(text))
}

/// A text of SQL.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Warehouse {
    /// Makes the marts fit the models of this version: when any definition has changed, all marts
    /// are made again, for every revision that is kept, in one transaction, and with them the views that
    /// readers have of what is published.
    pub async fn prepare_marts(&self, models: &[Model]) -> Result<()> {
        self.try_prepare_marts(models)
            .await
            .map_err(|error| match self.failed(error) {
                Error::NotAllowed { database, .. } => Error::NeedsOwner { database },
                other => other,
            })
    }

    async fn try_prepare_marts(&self, models: &[Model]) -> sqlx::Result<()> {
        let postgres = self.engine.is_postgres();
        let views = published::views(models, postgres);
        if self.marts_are_current(models).await? && self.views_are_current(&views).await? {
            return Ok(());
        }
        let mut transaction = self.engine.begin().await?;
        if postgres {
            transaction.script(MAKING_TABLES).await?;
        }
        // Another process may have made them meanwhile.
        let marts_are_current = self.marts_are_current(models).await?;
        if marts_are_current && self.views_are_current(&views).await? {
            return transaction.rollback().await;
        }
        if postgres {
            transaction.script(AS_OWNER).await?;
            transaction.script(ACROSS_SERVERS).await?;
            // Citus remarks on each view that it stays on one server.
            let quiet = "SET LOCAL client_min_messages = error";
            transaction.script(quiet).await?;
        }
        // A table goes after the views that read it.
        published::drop_all(&mut transaction).await?;
        if !marts_are_current {
            make_again(&mut transaction, models, postgres).await?;
        }
        published::make_all(&mut transaction, &views).await?;
        if postgres {
            transaction.script("RESET ROLE").await?;
        }
        transaction.commit().await
    }

    async fn marts_are_current(&self, models: &[Model]) -> sqlx::Result<bool> {
        let mut known = self.known_models().await?;
        let mut wanted: Vec<(String, String)> = models
            .iter()
            .map(|model| (model.name.to_owned(), model.definition()))
            .collect();
        known.sort();
        wanted.sort();
        Ok(known == wanted)
    }

    /// The models that the marts in the database were made from: name and definition.
    async fn known_models(&self) -> sqlx::Result<Vec<(String, String)>> {
        let select = Query::new("SELECT name, definition FROM ops.model");
        self.engine.all(select).await
    }

    /// Refuses marts that other definitions made, which a process that may not write cannot mend. That there are
    /// more than these is no harm to those who read these.
    pub async fn check_marts(&self, models: &[Model]) -> Result<()> {
        let known = self.known_models().await;
        let known = known.map_err(|error| self.failed(error))?;
        let is_known = |model: &&Model| {
            let mut all = known.iter();
            all.any(|(name, definition)| *name == model.name && *definition == model.definition())
        };
        let database = || self.name().to_owned();
        match models.iter().find(|model| !is_known(model)) {
            None => Ok(()),
            Some(Model {
                file: Some(file), ..
            }) => Err(Error::OutdatedOwn {
                database: database(),
                file: (*file).to_owned(),
            }),
            Some(_) => Err(Error::OutdatedMarts {
                database: database(),
            }),
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

/// Makes the tables of all models again, and fills them for every revision that is kept.
async fn make_again(
    transaction: &mut Transaction,
    models: &[Model],
    postgres: bool,
) -> sqlx::Result<()> {
    let drop_views = if postgres {
        VIEWS_ON_POSTGRES
    } else {
        VIEWS_ON_SQLITE
    };
    for (object, sql) in [
        ("VIEW", drop_views),
        ("TABLE", "SELECT name FROM ops.model"),
    ] {
        let known: Vec<(String,)> = transaction.all(Query::new(sql)).await?;
        for (name,) in known {
            let drop = format!("DROP {object} IF EXISTS mart.{name}");
            transaction.script(&drop).await?;
        }
    }
    transaction
        .execute(Query::new("DELETE FROM ops.model"))
        .await?;
    for model in models {
        let made = transaction.script(&model.create(postgres)).await;
        made.map_err(|error| own::of_model(model, error))?;
        let note = Query::new("INSERT INTO ops.model (name, definition) VALUES ($1, $2)")
            .bind(model.name)
            .bind(model.definition());
        transaction.execute(note).await?;
    }
    // What is wrong with it is told before there is a revision to run it on.
    for model in models.iter().filter(|model| model.file.is_some()) {
        own::look_at_model(transaction, model).await?;
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
            for model in models.iter().filter(|model| model.is_table()) {
                let create = Query::new("SELECT ops.create_partition($1, $2)")
                    .bind(model.table())
                    .bind(revision);
                transaction.execute(create).await?;
            }
        }
        fill(transaction, models, revision, postgres).await?;
    }
    Ok(())
}

impl Engine {
    /// Rows whose columns are only known when they are asked for.
    pub(crate) async fn cells(
        &self,
        query: Query,
        columns: &[Column],
    ) -> sqlx::Result<Vec<Vec<Cell>>> {
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
            kind @ (Kind::Text | Kind::List) => row
                .try_get::<Option<String>, _>(position)?
                .map_or(Cell::Null, |text| Cell::of_text(kind, text)),
            kind @ (Kind::Year | Kind::Integer | Kind::Amount | Kind::Rate | Kind::Flag) => row
                .try_get::<Option<i64>, _>(position)?
                .map_or(Cell::Null, |number| Cell::of_number(kind, number)),
        })
    };
    columns.iter().enumerate().map(cell).collect()
}

//! The marts: what models give, in tables that are made again when a model has changed.

mod create;

use crate::engine::names::partition;
use crate::engine::scripts::{ACROSS_SERVERS, AS_OWNER, DISTRIBUTE, MAKING_TABLES};
use crate::engine::{Query, Transaction};
use crate::fill::{MARTS, fill, note_years};
use crate::model::Model;
use crate::table::{Basis, Table};
use crate::{Error, Result, Warehouse, own, published};

/// Which of the models in the database are views.
const VIEWS_ON_POSTGRES: &str = "SELECT name::text FROM ops.model
     JOIN pg_catalog.pg_views ON schemaname = 'mart' AND viewname = name";
const VIEWS_ON_SQLITE: &str = "SELECT model.name FROM ops.model AS model
     JOIN sqlite_master AS object ON object.type = 'view' AND object.name = 'mart_' || model.name";

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
        if postgres {
            self.note_years_of_slices().await?;
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

    /// Notes what slices of a version before hold, which marts are made from.
    async fn note_years_of_slices(&self) -> sqlx::Result<()> {
        let mut transaction = self.engine.begin_across_servers().await?;
        transaction.script(AS_OWNER).await?;
        note_years(&mut transaction).await?;
        transaction.script("RESET ROLE").await?;
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
    let views = if postgres {
        VIEWS_ON_POSTGRES
    } else {
        VIEWS_ON_SQLITE
    };
    let views: Vec<(String,)> = transaction.all(Query::new(views)).await?;
    let views: Vec<String> = views
        .into_iter()
        .map(|(name,)| format!("mart.{name}"))
        .collect();
    // One may read another, which PostgreSQL drops together with it.
    let together = if postgres { views.len().max(1) } else { 1 };
    for some in views.chunks(together) {
        let drop = format!("DROP VIEW {}", some.join(", "));
        transaction.script(&drop).await?;
    }
    let known: Vec<(String,)> = transaction
        .all(Query::new("SELECT name FROM ops.model"))
        .await?;
    let mut in_slices = Vec::with_capacity(known.len());
    for (name,) in known {
        let kept_in = format!("slice.mart_{name}");
        for table in [format!("mart.{name}"), kept_in.clone()] {
            let drop = format!("DROP TABLE IF EXISTS {table}");
            transaction.script(&drop).await?;
        }
        in_slices.push(kept_in);
    }
    forget_slices(transaction, &in_slices, postgres).await?;
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
    // What is wrong with it is reported before there is a revision to run it on.
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
            for model in models.iter().filter(|model| is_of_revisions(model)) {
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

/// Whether each revision has rows of its own of a mart.
fn is_of_revisions(model: &Model) -> bool {
    model.is_table() && model.share().is_none()
}

/// Forgets the slices of marts, whose tables are gone.
async fn forget_slices(
    transaction: &mut Transaction,
    tables: &[String],
    postgres: bool,
) -> sqlx::Result<()> {
    let slices = Query::new("SELECT slice_id FROM ops.slice WHERE subject = $1").bind(MARTS);
    let slices: Vec<(i64,)> = transaction.all(slices).await?;
    for (slice,) in slices {
        if postgres && !tables.is_empty() {
            // What a run that was killed has not made part of these tables is there still.
            let parts: Vec<String> = tables.iter().map(|it| partition(it, slice)).collect();
            let drop = format!("DROP TABLE IF EXISTS {}", parts.join(", "));
            transaction.script(&drop).await?;
        }
        for table in ["core.revision_slice", "ops.slice"] {
            let forget = format!("DELETE FROM {table} WHERE slice_id = $1");
            transaction.execute(Query::new(forget).bind(slice)).await?;
        }
    }
    Ok(())
}

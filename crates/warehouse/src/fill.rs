//! Fills the marts of a revision: one model after the other, or several at once.

use std::collections::HashSet;

use tokio::task::JoinSet;

use crate::engine::{Engine, Query, Transaction};
use crate::mart::Model;

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
                let mut transaction = engine.begin_across_servers().await?;
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

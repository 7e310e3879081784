//! What is made of the lines of a revision once they are there: indexes and marts, one after the other or
//! several at once.

use tokio::task::JoinSet;

use crate::engine::names::is_of_slices;
use crate::engine::{Engine, Query, Transaction};
use crate::model::Model;
use crate::{own, task};

/// Makes the loaded table of a revision or a slice part of its parent.
pub(crate) async fn attach(
    transaction: &mut Transaction,
    table: &str,
    owner: i64,
) -> sqlx::Result<()> {
    let attach = if is_of_slices(table) {
        "SELECT ops.attach_slice($1, $2)"
    } else {
        "SELECT ops.attach_partition($1, $2)"
    };
    let attach = Query::new(attach).bind(table).bind(owner);
    transaction.execute(attach).await.map(drop)
}

/// Runs every model for a revision, one after the other.
pub(crate) async fn fill(
    transaction: &mut Transaction,
    models: &[Model],
    revision: i64,
    postgres: bool,
) -> sqlx::Result<()> {
    for model in models.iter().filter(|model| model.is_table()) {
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
    if model.file.is_some() {
        own::fill(transaction, model, revision, postgres).await?;
    } else {
        let fill = Query::new(model.fill(revision, postgres)).bind(revision);
        transaction.execute(fill).await?;
    }
    if postgres {
        attach(transaction, &model.table(), revision).await
    } else {
        take_statistics(transaction, &model.table()).await
    }
}

/// Lets SQLite know how many rows a table has and how they differ. Without that it takes every table for a small
/// one, and reads one of two that it joins again for each row of the other.
pub(crate) async fn take_statistics(
    transaction: &mut Transaction,
    table: &str,
) -> sqlx::Result<()> {
    transaction.script(&format!("ANALYZE {table}")).await
}

/// Makes loaded tables, each of a revision or a slice, part of their parents, several at once: indexes are built on the
/// way.
pub(crate) async fn attach_at_once(
    engine: &Engine,
    tables: &[(&'static str, i64)],
) -> sqlx::Result<()> {
    let mut waiting = tables.iter().copied();
    at_once(|_| {
        let engine = engine.clone();
        let (table, owner) = waiting.next()?;
        Some(async move {
            let mut transaction = engine.begin_across_servers().await?;
            attach(&mut transaction, table, owner).await?;
            transaction.commit().await?;
            Ok(table)
        })
    })
    .await
}

/// Runs every model for a revision whose lines are committed, several at once: each in a transaction of
/// its own, begun when the marts that it reads are there.
pub(crate) async fn fill_at_once(
    engine: &Engine,
    models: &[Model],
    revision: i64,
) -> sqlx::Result<()> {
    let tables = models.iter().filter(|model| model.is_table());
    let tables: Vec<Model> = tables.copied().collect();
    let mut waiting = tables.clone();
    let is_made = |base: &Model| tables.iter().any(|model| model.name == base.name);
    at_once(|done| {
        let ready = |model: &Model| {
            let all = model.with_bases();
            let mut bases = all.iter().filter(|base| base.name != model.name);
            bases.all(|base| done.contains(&base.name) || !is_made(base))
        };
        let next = waiting.iter().position(ready)?;
        let (engine, model) = (engine.clone(), waiting.remove(next));
        Some(async move {
            let mut transaction = engine.begin_across_servers().await?;
            fill_one(&mut transaction, &model, revision, true).await?;
            transaction.commit().await?;
            Ok(model.name)
        })
    })
    .await
}

/// How many statements PostgreSQL is asked to run at once. It gives each one core, and memory of its own.
const AT_ONCE: usize = 3;

/// Does what can be done several at once. `next` gives what can begin now, told the names of what is done.
/// After a failure nothing more begins, and what has begun is waited for, so that nothing holds what the
/// revision leaves.
async fn at_once<W>(mut next: impl FnMut(&[&'static str]) -> Option<W>) -> sqlx::Result<()>
where
    W: Future<Output = sqlx::Result<&'static str>> + Send + 'static,
{
    let mut running = JoinSet::new();
    let mut done = Vec::new();
    let mut outcome = Ok(());
    loop {
        while running.len() < AT_ONCE
            && outcome.is_ok()
            && let Some(work) = next(&done)
        {
            running.spawn(work);
        }
        match task::next(&mut running).await {
            None => return outcome,
            Some(Ok(Ok(name))) => done.push(name),
            Some(Ok(Err(error)) | Err(error)) => outcome = outcome.and(Err(error)),
        }
    }
}

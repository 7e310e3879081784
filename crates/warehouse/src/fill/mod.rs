//! What is made of the lines of a revision once they are there: indexes and marts, one after the other or
//! several at once.

mod plan;
mod restrict;

use tokio::task::JoinSet;

use crate::engine::names::is_of_slices;
use crate::engine::{Engine, Query, Transaction};
use crate::model::Model;
use crate::{own, task};
use plan::{Job, JobKey};

pub(crate) use plan::{MARTS, Said, note_years};

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

/// Computes the marts of a revision that are not kept of before, one after the other.
pub(crate) async fn fill(
    transaction: &mut Transaction,
    models: &[Model],
    revision: i64,
    postgres: bool,
) -> sqlx::Result<()> {
    let jobs = plan::plan(transaction, models, revision, postgres).await?;
    // Each mart after all of those that it reads.
    for model in models.iter().filter(|model| model.is_table()) {
        let of_model = || jobs.iter().filter(|job| job.model.name == model.name);
        for job in of_model() {
            fill_one(transaction, job, revision, postgres).await?;
        }
        if !postgres && of_model().next().is_some() {
            take_statistics(transaction, &model.kept_in()).await?;
        }
    }
    Ok(())
}

async fn fill_one(
    transaction: &mut Transaction,
    job: &Job,
    revision: i64,
    postgres: bool,
) -> sqlx::Result<()> {
    if postgres {
        // Groups of many bodies stay in memory; with the default they go by the disk, at half the pace.
        transaction.script("SET LOCAL work_mem = '64MB'").await?;
    }
    let model = &job.model;
    if model.file.is_some() {
        own::fill(transaction, model, revision, postgres).await?;
    } else {
        let fill = Query::new(model.fill(job.owner, &job.query, postgres)).bind(revision);
        transaction.execute(fill).await?;
    }
    if postgres {
        attach(transaction, &model.kept_in(), job.owner).await?;
    }
    Ok(())
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
            Ok((table, owner))
        })
    })
    .await
}

/// Computes the marts of a revision whose lines are committed, as far as they are not kept of before, several at once: each
/// in a transaction of its own, begun when what it reads is there.
pub(crate) async fn fill_at_once(
    engine: &Engine,
    models: &[Model],
    revision: i64,
) -> sqlx::Result<()> {
    let mut transaction = engine.begin_across_servers().await?;
    note_years(&mut transaction).await?;
    transaction.commit().await?;
    let mut transaction = engine.begin_across_servers().await?;
    let mut waiting = plan::plan(&mut transaction, models, revision, true).await?;
    transaction.commit().await?;
    let made: Vec<JobKey> = waiting.iter().map(Job::key).collect();
    at_once(|done| {
        let is_there = |need: &JobKey| done.contains(need) || !made.contains(need);
        let next = waiting
            .iter()
            .position(|job| job.needs.iter().all(is_there))?;
        let (engine, job) = (engine.clone(), waiting.remove(next));
        Some(async move {
            let mut transaction = engine.begin_across_servers().await?;
            fill_one(&mut transaction, &job, revision, true).await?;
            transaction.commit().await?;
            Ok(job.key())
        })
    })
    .await
}

/// How many statements PostgreSQL is asked to run at once. It gives each one core, and memory of its own.
const AT_ONCE: usize = 3;

/// Does what can be done several at once. `next` gives what can begin now, told what is done.
/// After a failure nothing more begins, and what has begun is waited for, so that nothing holds what the
/// revision leaves.
async fn at_once<W>(mut next: impl FnMut(&[JobKey]) -> Option<W>) -> sqlx::Result<()>
where
    W: Future<Output = sqlx::Result<JobKey>> + Send + 'static,
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
            Some(Ok(Ok(key))) => done.push(key),
            Some(Ok(Err(error)) | Err(error)) => outcome = outcome.and(Err(error)),
        }
    }
}

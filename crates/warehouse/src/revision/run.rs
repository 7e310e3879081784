//! The runs of the pipeline, and what is kept of each.

use sqlx::FromRow;

use super::check::CheckResult;
use crate::engine::{Query, Transaction};
use crate::stored::{Read, ReadOrNull, stored_words};
use crate::{Result, Warehouse};

/// One pipeline run.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Run {
    /// The number, from 1.
    #[sqlx(rename = "run_id")]
    pub id: i64,
    /// When it began, in RFC 3339 and UTC.
    pub started_at: String,
    /// When it ended; `None` while it runs.
    pub finished_at: Option<String>,
    /// The address of the portal.
    pub portal: String,
    /// How it ended.
    #[sqlx(try_from = "Read<RunOutcome>")]
    pub outcome: RunOutcome,
    /// The revision it published, or found unchanged.
    #[sqlx(rename = "revision_id")]
    pub revision: Option<i64>,
    /// How many records it retrieved.
    pub records: Option<i64>,
    /// Whose failure it was.
    #[sqlx(try_from = "ReadOrNull<Cause>")]
    pub cause: Option<Cause>,
    /// Why it failed.
    pub message: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RunOutcome {
    /// It has not ended.
    Running,
    /// It published a revision.
    Published,
    /// The source had not changed.
    Unchanged,
    /// It ended with an error.
    Failed,
    /// The process was stopped before it ended.
    Interrupted,
}

/// Whose failure a failed run was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The portal could not be read.
    Source,
    /// What it sent was refused.
    Data,
    /// It could not be stored.
    Database,
}

/// How long a step of a run took.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Step {
    /// The name of the step.
    #[sqlx(rename = "step")]
    pub name: String,
    /// Its duration.
    pub milliseconds: i64,
}

/// Everything to be remembered of a run that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunReport {
    /// When it ended, in RFC 3339 and UTC.
    pub finished_at: String,
    /// How.
    pub outcome: RunOutcome,
    /// The revision it published, or found unchanged.
    pub revision: Option<i64>,
    /// How many records it retrieved.
    pub records: Option<i64>,
    /// Whose failure it was.
    pub cause: Option<Cause>,
    /// Why it failed.
    pub message: Option<String>,
    /// How long each step took.
    pub steps: Vec<Step>,
    /// What the checks found.
    pub checks: Vec<CheckResult>,
}

stored_words! {
    RunOutcome = "an outcome of a run" {
        Running = "running",
        Published = "published",
        Unchanged = "unchanged",
        Failed = "failed",
        Interrupted = "interrupted",
    }
    Cause = "a cause of a failure" {
        Source = "source",
        Data = "data",
        Database = "database",
    }
}

impl Warehouse {
    /// The latest runs, the last first.
    pub async fn runs(&self, limit: u32) -> Result<Vec<Run>> {
        let query = Query::new("SELECT * FROM ops.run ORDER BY run_id DESC LIMIT $1").bind(limit);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// How long each step of a run took.
    pub async fn steps(&self, run: i64) -> Result<Vec<Step>> {
        let query = Query::new(
            "SELECT step, milliseconds FROM ops.run_step WHERE run_id = $1 ORDER BY position",
        )
        .bind(run);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }
}

/// Notes how a run ended, its steps and what its checks found.
pub(super) async fn write_report(
    transaction: &mut Transaction,
    run: i64,
    report: &RunReport,
) -> sqlx::Result<()> {
    let end = Query::new(
        "UPDATE ops.run SET finished_at = $2, outcome = $3, revision_id = $4, records = $5,
             cause = $6, message = $7
         WHERE run_id = $1",
    )
    .bind(run)
    .bind(&report.finished_at)
    .bind(report.outcome.name())
    .bind(report.revision)
    .bind(report.records)
    .bind(report.cause.map(Cause::name))
    .bind(&report.message);
    transaction.execute(end).await?;
    for (position, step) in (1_i64..).zip(&report.steps) {
        let step = Query::new(
            "INSERT INTO ops.run_step (run_id, position, step, milliseconds)
             VALUES ($1, $2, $3, $4)",
        )
        .bind(run)
        .bind(position)
        .bind(&step.name)
        .bind(step.milliseconds);
        transaction.execute(step).await?;
    }
    for (position, check) in (1_i64..).zip(&report.checks) {
        let check = Query::new(
            "INSERT INTO ops.check_result (run_id, position, name, outcome, found, subjects)
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(run)
        .bind(position)
        .bind(&check.name)
        .bind(check.outcome.name())
        .bind(check.found)
        .bind(serde_json::Value::from(check.subjects.clone()).to_string());
        transaction.execute(check).await?;
    }
    Ok(())
}

//! Revisions and runs: what is published, since when, from which source, and what each run found.

use sqlx::{ColumnIndex, Decode, FromRow, Row, Type};

use crate::engine::{Query, Transaction};
use crate::{Error, Result, Warehouse};

/// A complete set of published data.
#[derive(Clone, Debug, PartialEq, Eq, Hash, FromRow)]
pub struct Revision {
    /// The number, from 1.
    #[sqlx(rename = "revision_id")]
    pub id: i64,
    /// When it became what readers see, in RFC 3339 and UTC.
    pub published_at: String,
    /// The address of the portal it came from.
    pub portal: String,
    /// Whether it is the sample edition, which is not official.
    pub sample: bool,
    /// What was published, in a form to be compared: equal sources under equal rules give equal
    /// fingerprints.
    pub fingerprint: String,
}

/// What readers are shown follows from this, as long as it stays the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash, FromRow)]
pub struct PublicationState {
    /// The revision that readers see.
    #[sqlx(flatten)]
    pub revision: Revision,
    /// The number of the latest run.
    #[sqlx(rename = "run_id")]
    pub latest_run: Option<i64>,
    /// How the latest run ended, or that it goes on, by its stored name.
    #[sqlx(rename = "outcome")]
    pub latest_outcome: Option<String>,
}

/// A revision about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRevision {
    /// When the run began, in RFC 3339 and UTC.
    pub created_at: String,
    /// The address of the portal.
    pub portal: String,
    /// Whether it is the sample edition.
    pub sample: bool,
    /// The version of the accounting rules.
    pub rules_version: u32,
}

/// What a dataset is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// *Compte de résultat*.
    IncomeStatement,
    /// *Bilan*.
    BalanceSheet,
}

/// The dataset a revision was made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// What it is about.
    pub subject: Subject,
    /// The identifier on the portal.
    pub dataset_id: String,
    /// The title on the portal.
    pub title: String,
    /// Who publishes it.
    pub publisher: Option<String>,
    /// The name of the licence.
    pub license: Option<String>,
    /// The address of the licence.
    pub license_url: Option<String>,
    /// How many records were retrieved.
    pub records: i64,
    /// When the portal last processed the data, as it says.
    pub data_processed: Option<String>,
    /// When the publisher last changed the data, as the portal says.
    pub modified: Option<String>,
    /// When it was retrieved, in RFC 3339 and UTC.
    pub retrieved_at: String,
    /// How: `export`, `csv` or `records`.
    pub retrieved_via: String,
    /// The SHA-256 of its records, whatever their order.
    pub content_hash: String,
    /// Which records were asked for, as a condition in ODSQL; `None` for all of them.
    pub filter: Option<String>,
    /// How its records were read, as in the configuration; `None` where nothing was set.
    pub reading: Option<String>,
}

/// One pipeline run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// The number, from 1.
    pub id: i64,
    /// When it began, in RFC 3339 and UTC.
    pub started_at: String,
    /// When it ended; `None` while it runs.
    pub finished_at: Option<String>,
    /// The address of the portal.
    pub portal: String,
    /// How it ended.
    pub outcome: RunOutcome,
    /// The revision it published, or found unchanged.
    pub revision: Option<i64>,
    /// How many records it retrieved.
    pub records: Option<i64>,
    /// Whose failure it was.
    pub cause: Option<Cause>,
    /// Why it failed.
    pub message: Option<String>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckResult {
    /// The name of the check, in kebab case.
    pub name: String,
    /// Whether it passed.
    pub outcome: Outcome,
    /// How many cases were found: failures or remarks where there are any, else cases that passed.
    pub found: i64,
    /// What they are, in the words of the data.
    pub subjects: Vec<String>,
}

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// All is well.
    Pass,
    /// Something to know, which does not prevent publication.
    Warn,
    /// Nothing is published.
    Fail,
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

/// Gives an enumeration its stored names, in both directions.
macro_rules! stored_names {
    ($type:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// The name stored in the warehouse.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

stored_names!(Subject { IncomeStatement = "income_statement", BalanceSheet = "balance_sheet" });
stored_names!(RunOutcome {
    Running = "running",
    Published = "published",
    Unchanged = "unchanged",
    Failed = "failed",
    Interrupted = "interrupted",
});
stored_names!(Cause {
    Source = "source",
    Data = "data",
    Database = "database",
});
stored_names!(Outcome { Pass = "pass", Warn = "warn", Fail = "fail" });

/// Reads a column of stored names.
fn named<'r, R: Row, T>(
    row: &'r R,
    column: &'static str,
    read: fn(&str) -> Option<T>,
) -> sqlx::Result<T>
where
    &'static str: ColumnIndex<R>,
    String: Decode<'r, R::Database> + Type<R::Database>,
{
    let name: String = row.try_get(column)?;
    read(&name).ok_or_else(|| unexpected(column, &name))
}

fn unexpected(column: &str, value: &str) -> sqlx::Error {
    sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: format!("«{value}» is not a known value").into(),
    }
}

impl<'r, R: Row> FromRow<'r, R> for Dataset
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            subject: named(row, "subject", Subject::from_name)?,
            dataset_id: row.try_get("dataset_id")?,
            title: row.try_get("title")?,
            publisher: row.try_get("publisher")?,
            license: row.try_get("license")?,
            license_url: row.try_get("license_url")?,
            records: row.try_get("records")?,
            data_processed: row.try_get("data_processed")?,
            modified: row.try_get("modified")?,
            retrieved_at: row.try_get("retrieved_at")?,
            retrieved_via: row.try_get("retrieved_via")?,
            content_hash: row.try_get("content_hash")?,
            filter: row.try_get("filter")?,
            reading: row.try_get("reading")?,
        })
    }
}

impl<'r, R: Row> FromRow<'r, R> for Run
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        Ok(Self {
            id: row.try_get("run_id")?,
            started_at: row.try_get("started_at")?,
            finished_at: row.try_get("finished_at")?,
            portal: row.try_get("portal")?,
            outcome: named(row, "outcome", RunOutcome::from_name)?,
            revision: row.try_get("revision_id")?,
            records: row.try_get("records")?,
            cause: row
                .try_get::<Option<String>, _>("cause")?
                .and_then(|name| Cause::from_name(&name)),
            message: row.try_get("message")?,
        })
    }
}

impl<'r, R: Row> FromRow<'r, R> for CheckResult
where
    &'static str: ColumnIndex<R>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
    String: Decode<'r, R::Database> + Type<R::Database>,
    Option<i64>: Decode<'r, R::Database> + Type<R::Database>,
    Option<String>: Decode<'r, R::Database> + Type<R::Database>,
{
    fn from_row(row: &'r R) -> sqlx::Result<Self> {
        let subjects: String = row.try_get("subjects")?;
        Ok(Self {
            name: row.try_get("name")?,
            outcome: named(row, "outcome", Outcome::from_name)?,
            found: row.try_get("found")?,
            subjects: serde_json::from_str(&subjects)
                .map_err(|_| unexpected("subjects", &subjects))?,
        })
    }
}

impl Warehouse {
    /// The revision that readers see; `None` before the first publication.
    pub async fn published(&self) -> Result<Option<Revision>> {
        let query = Query::new(
            "SELECT r.revision_id, r.published_at, r.portal, r.sample, r.fingerprint
             FROM ops.published AS p JOIN ops.revision AS r ON r.revision_id = p.revision_id",
        );
        let found = self.engine.optional(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// The revision that readers see and how far runs have come, in one question; `None` before the
    /// first publication.
    pub async fn publication(&self) -> Result<Option<PublicationState>> {
        let query = Query::new(
            "SELECT r.revision_id, r.published_at, r.portal, r.sample, r.fingerprint,
                    n.run_id, n.outcome
             FROM ops.published AS p
             JOIN ops.revision AS r ON r.revision_id = p.revision_id
             LEFT JOIN (SELECT run_id, outcome FROM ops.run ORDER BY run_id DESC LIMIT 1) AS n
               ON TRUE",
        );
        let found = self.engine.optional(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// The revision that readers see, or an error that says how to get one.
    pub async fn current(&self) -> Result<Revision> {
        let published = self.published().await?;
        published.ok_or_else(|| Error::NothingPublished {
            database: self.name().to_owned(),
        })
    }

    /// All revisions that are kept and were published, the latest first.
    pub async fn revisions(&self) -> Result<Vec<Revision>> {
        let query = Query::new(
            "SELECT revision_id, published_at, portal, sample, fingerprint
             FROM ops.revision WHERE published_at IS NOT NULL ORDER BY revision_id DESC",
        );
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// The datasets a revision was made from.
    pub async fn datasets(&self, revision: i64) -> Result<Vec<Dataset>> {
        let query = Query::new(
            "SELECT * FROM ops.dataset WHERE revision_id = $1
             ORDER BY CASE subject WHEN 'income_statement' THEN 0 ELSE 1 END",
        )
        .bind(revision);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }

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

    /// What the checks of a run found.
    pub async fn run_checks(&self, run: i64) -> Result<Vec<CheckResult>> {
        let query =
            Query::new("SELECT * FROM ops.check_result WHERE run_id = $1 ORDER BY position")
                .bind(run);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// What the checks found in the run that published a revision.
    pub async fn checks(&self, revision: i64) -> Result<Vec<CheckResult>> {
        let query = Query::new(
            "SELECT c.* FROM ops.check_result AS c
             JOIN ops.run AS r ON r.run_id = c.run_id
             WHERE r.revision_id = $1 AND r.outcome = 'published'
             ORDER BY c.position",
        )
        .bind(revision);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// Notes that a run begins, and that those that never ended were interrupted. Revisions they
    /// left behind, which nobody has seen, are removed, and so are those whose retention has
    /// passed.
    pub async fn begin_run(&self, started_at: &str, portal: &str) -> Result<i64> {
        self.drop_where("status = 'staged'").await?;
        self.try_begin_run(started_at, portal)
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_begin_run(&self, at: &str, portal: &str) -> sqlx::Result<i64> {
        let mut transaction = self.engine.begin().await?;
        let interrupted = Query::new(
            "UPDATE ops.run SET outcome = 'interrupted', finished_at = $1
             WHERE outcome = 'running'",
        )
        .bind(at);
        transaction.execute(interrupted).await?;
        let begin = Query::new(
            "INSERT INTO ops.run (started_at, portal, outcome)
             VALUES ($1, $2, 'running') RETURNING run_id",
        )
        .bind(at)
        .bind(portal);
        let (run,): (i64,) = transaction.one(begin).await?;
        transaction.commit().await?;
        Ok(run)
    }

    /// Notes how a run ended without publishing.
    pub async fn end_run(&self, run: i64, report: &RunReport) -> Result<()> {
        self.try_end_run(run, report)
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_end_run(&self, run: i64, report: &RunReport) -> sqlx::Result<()> {
        let mut transaction = self.engine.begin().await?;
        write_report(&mut transaction, run, report).await?;
        transaction.commit().await
    }

    /// Makes a staged revision the one that readers see and notes the run that made it, at once.
    /// Then drops published revisions beyond the latest `keep`.
    pub async fn publish(
        &self,
        run: i64,
        revision: i64,
        keep: u32,
        report: &RunReport,
    ) -> Result<()> {
        self.try_publish(run, revision, report)
            .await
            .map_err(|error| self.failed(error))?;
        // The revision before stays, for those who are reading it.
        let beyond = format!(
            "status = 'superseded' AND revision_id NOT IN (
                 SELECT revision_id FROM ops.revision WHERE published_at IS NOT NULL
                 ORDER BY revision_id DESC LIMIT {})",
            keep.max(2)
        );
        // What was published stays published, and the next publication drops them too.
        if let Err(error) = self.drop_where(&beyond).await {
            tracing::warn!(%error, "revisions whose retention has passed could not be dropped");
        }
        Ok(())
    }

    async fn try_publish(&self, run: i64, revision: i64, report: &RunReport) -> sqlx::Result<()> {
        let mut transaction = self.engine.begin().await?;
        let supersede =
            Query::new("UPDATE ops.revision SET status = 'superseded' WHERE status = 'published'");
        transaction.execute(supersede).await?;
        let publish = Query::new(
            "UPDATE ops.revision SET status = 'published', published_at = $2
             WHERE revision_id = $1",
        )
        .bind(revision)
        .bind(&report.finished_at);
        transaction.execute(publish).await?;
        let point = Query::new(
            "INSERT INTO ops.published (only_row, revision_id) VALUES (1, $1)
             ON CONFLICT (only_row) DO UPDATE SET revision_id = excluded.revision_id",
        )
        .bind(revision);
        transaction.execute(point).await?;
        write_report(&mut transaction, run, report).await?;
        transaction.commit().await
    }

    /// Drops the revisions that fit a condition of ours.
    pub(crate) async fn drop_where(&self, condition: &str) -> Result<()> {
        let query = format!("SELECT revision_id FROM ops.revision WHERE {condition}");
        let found: sqlx::Result<Vec<(i64,)>> = self.engine.all(Query::new(query)).await;
        for (revision,) in found.map_err(|error| self.failed(error))? {
            self.drop_revision(revision).await?;
        }
        Ok(())
    }

    /// Drops a revision that is not the published one, with all its data.
    pub(crate) async fn drop_revision(&self, revision: i64) -> Result<()> {
        let sql = if self.engine.is_postgres() {
            "SELECT ops.drop_revision($1)"
        } else {
            "DELETE FROM ops.revision WHERE revision_id = $1"
        };
        let attempt = || async {
            let mut transaction = self.engine.begin().await?;
            transaction.execute(Query::new(sql).bind(revision)).await?;
            transaction.commit().await
        };
        let mut outcome = attempt().await.map_err(|error| self.failed(error));
        // Readers are never made to wait, so the drop waits for a moment without any.
        for _ in 1..DROP_ATTEMPTS {
            if !matches!(outcome, Err(Error::Busy { .. })) {
                break;
            }
            tokio::time::sleep(BETWEEN_DROPS).await;
            outcome = attempt().await.map_err(|error| self.failed(error));
        }
        outcome
    }
}

/// How often a revision is tried to be dropped while it is read.
const DROP_ATTEMPTS: u32 = 20;

/// How long to wait between these attempts.
const BETWEEN_DROPS: std::time::Duration = std::time::Duration::from_millis(100);

async fn write_report(
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

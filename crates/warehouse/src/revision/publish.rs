//! Publishing, keeping and dropping revisions, and noting the runs that do so.

use super::run::{RunReport, write_report};
use crate::engine::Query;
use crate::{Error, Result, Warehouse};

impl Warehouse {
    /// Notes that a run begins, and that those that never ended were interrupted. Revisions they
    /// left behind, which were never published, are removed, and so are those whose retention has
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

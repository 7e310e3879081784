//! How runs are getting on, for those who watch them, and what is left when one is given up.

use std::time::{Duration, Instant};

use crate::engine::{Engine, Query};
use crate::revision::{Run, RunReport};
use crate::{Error, Result, Warehouse};

/// How runs are getting on, whichever process ran.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunState {
    /// The latest run that has ended; `None` before the first.
    pub latest: Option<Run>,
    /// The latest run that published, or found that nothing had changed: when it ended, what is published was what
    /// the source had. `None` before the first.
    pub last_success: Option<Run>,
    /// How many runs have failed since then.
    pub failures: i64,
}

/// How long it is tried to note that a run was interrupted: what it had begun to write has to end first.
const NOTED_WITHIN: Duration = Duration::from_mins(1);

/// Our other connections to the database, those of other processes included.
const OURS: &str = "pg_stat_activity AS a
     WHERE a.datname = current_database() AND a.usename = session_user AND a.application_name = 'centime'
       AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()";

/// That one of them is in the middle of writing a revision. Only the process that holds the lock of runs writes tables
/// outside of `ops`.
const WRITES: &str = "EXISTS (
           SELECT FROM pg_locks AS l
           JOIN pg_class AS c ON c.oid = l.relation
           JOIN pg_namespace AS n ON n.oid = c.relnamespace
           WHERE l.pid = a.pid AND l.locktype = 'relation'
             AND l.mode NOT IN ('AccessShareLock', 'RowShareLock')
             AND n.nspname NOT IN ('ops', 'pg_catalog', 'pg_toast', 'information_schema'))";

/// That one of them has changed something that is neither kept nor undone yet.
const CHANGES: &str = "a.backend_xid IS NOT NULL";

/// How long to wait until none of them does.
const SETTLED_WITHIN: Duration = Duration::from_secs(2);

impl Warehouse {
    /// How runs are getting on.
    pub async fn run_state(&self) -> Result<RunState> {
        let state = async {
            let latest = Query::new(
                "SELECT * FROM ops.run WHERE outcome <> 'running' ORDER BY run_id DESC LIMIT 1",
            );
            let latest: Option<Run> = self.engine.optional(latest).await?;
            let success = Query::new(
                "SELECT * FROM ops.run WHERE outcome IN ('published', 'unchanged')
                 ORDER BY run_id DESC LIMIT 1",
            );
            let last_success: Option<Run> = self.engine.optional(success).await?;
            let failed =
                Query::new("SELECT COUNT(*) FROM ops.run WHERE outcome = 'failed' AND run_id > $1")
                    .bind(last_success.as_ref().map_or(0, |run| run.id));
            let (failures,): (i64,) = self.engine.one(failed).await?;
            Ok(RunState {
                latest,
                last_success,
                failures,
            })
        };
        state.await.map_err(|error| self.failed(error))
    }

    /// The run that published a revision.
    pub async fn run_of(&self, revision: i64) -> Result<Option<Run>> {
        let query = Query::new(
            "SELECT * FROM ops.run WHERE revision_id = $1 AND outcome = 'published'
             ORDER BY run_id DESC LIMIT 1",
        )
        .bind(revision);
        let found = self.engine.optional(query).await;
        found.map_err(|error| self.failed(error))
    }

    /// Removes what a run has staged that was given up in this process. Its statements are not waited for. To be asked
    /// of a database that was opened [afresh](Self::afresh): a connection that was given up may be in the middle of a
    /// transaction.
    pub async fn discard_staged(&self) -> Result<()> {
        if !self.engine.is_postgres() {
            // All of it was one transaction. Where that is being committed, a reader would not see it yet; who writes
            // waits for it.
            let removed = async {
                let mut transaction = self.engine.begin().await?;
                let remove = Query::new("DELETE FROM ops.revision WHERE status = 'staged'");
                transaction.execute(remove).await?;
                transaction.commit().await
            };
            return removed.await.map_err(|error| self.failed(error));
        }
        self.end_writing("pg_cancel_backend").await;
        self.settle().await;
        match self.drop_where("status = 'staged'").await {
            Err(Error::Busy { .. }) => {
                // A statement that cannot be cancelled ends with its connection.
                self.end_writing("pg_terminate_backend").await;
                self.settle().await;
                self.drop_where("status = 'staged'").await
            }
            outcome => outcome,
        }
    }

    /// Waits until nothing of ours is between a change and its end: what was being kept when the run was given up is
    /// kept, a revision that is staged included, and can only be removed afterwards.
    async fn settle(&self) {
        let changing = format!("SELECT COUNT(*) FROM {OURS} AND {CHANGES}");
        let begun = Instant::now();
        while begun.elapsed() < SETTLED_WITHIN {
            // What this process has sent may not have arrived.
            tokio::time::sleep(Duration::from_millis(50)).await;
            let found: sqlx::Result<(i64,)> = self.engine.one(Query::new(&*changing)).await;
            match found {
                Ok((0,)) => return,
                Ok(_) => {}
                Err(error) => {
                    tracing::debug!(%error, "what the interrupted run is doing cannot be asked");
                    return;
                }
            }
        }
    }

    async fn end_writing(&self, how: &str) {
        let Engine::Postgres(_) = &self.engine else {
            return;
        };
        let query = Query::new(format!(
            "SELECT COUNT({how}(a.pid)) FROM {OURS} AND {WRITES}"
        ));
        let ended: sqlx::Result<(i64,)> = self.engine.one(query).await;
        match ended {
            Ok((ended,)) => tracing::debug!(ended, "statements of the interrupted run were ended"),
            // They end by themselves, or with this process.
            Err(error) => tracing::debug!(%error, "statements of the interrupted run go on"),
        }
    }

    /// Notes that a run was interrupted, once what it had begun to write has ended.
    pub async fn end_interrupted(&self, run: i64, report: &RunReport) -> Result<()> {
        let begun = Instant::now();
        loop {
            match self.end_run(run, report).await {
                Err(Error::Busy { .. }) if begun.elapsed() < NOTED_WITHIN => {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                outcome => return outcome,
            }
        }
    }
}

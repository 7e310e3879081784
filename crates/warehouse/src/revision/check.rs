//! What the checks of a run found.

use sqlx::FromRow;

use crate::engine::Query;
use crate::stored::{Read, stored_words};
use crate::{Result, Warehouse};

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct CheckResult {
    /// The name of the check, in kebab case.
    pub name: String,
    /// Whether it passed.
    #[sqlx(try_from = "Read<Outcome>")]
    pub outcome: Outcome,
    /// How many cases were found: failures or remarks where there are any, else cases that passed.
    pub found: i64,
    /// What they are, in the words of the data.
    #[sqlx(try_from = "Read<Vec<String>>")]
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

stored_words! {
    Outcome = "an outcome of a check" { Pass = "pass", Warn = "warn", Fail = "fail" }
}

impl Warehouse {
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
}

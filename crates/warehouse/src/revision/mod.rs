//! Revisions and runs: what is published, since when, from which source, and what each run found.

mod check;
mod dataset;
mod publish;
mod run;

use sqlx::FromRow;

pub use check::{CheckResult, Outcome};
pub use dataset::{Dataset, RetrievalMethod, Subject};
pub use run::{Cause, Run, RunOutcome, RunReport, Step};

use crate::engine::Query;
use crate::stored::ReadOrNull;
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

/// What stands in the place of the address of a portal where a revision was made from official documents.
pub const DOCUMENTS: &str = "documents";

impl Revision {
    /// Whether it is the same publication, whatever is said of the figures of one of its bodies.
    pub fn is_same_publication(&self, other: &Self) -> bool {
        self.id == other.id
            && self.published_at == other.published_at
            && self.fingerprint == other.fingerprint
    }

    /// Whether it was made from official documents, and not from what a portal sent.
    pub fn is_of_documents(&self) -> bool {
        self.portal == DOCUMENTS
    }
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
    /// How the latest run ended, or that it goes on.
    #[sqlx(rename = "outcome", try_from = "ReadOrNull<RunOutcome>")]
    pub latest_outcome: Option<RunOutcome>,
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
}

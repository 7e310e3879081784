//! How long the database may take, and why something was not read.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use centime_warehouse::{Error, PublicationState};
use tokio::time::timeout;

use crate::limits::NoTurn;

/// How long the database may take to say what is published, before what is held in memory is shown.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// How long it may take to give a public body, or what a revision says of itself. That it takes longer is no sign that
/// it is away, and concerns those alone who ask for this body.
pub(super) const LOADING: Duration = Duration::from_secs(15);

/// Why something was not read.
#[derive(Debug)]
pub(super) enum NotRead {
    /// The database says why.
    Failed(Error),
    /// It has not answered in time.
    Late,
    /// The revision was dropped while it was read.
    Dropped,
    /// Others read, and it is not the turn of this visitor.
    NoTurn(NoTurn),
}

impl From<Error> for NotRead {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<NoTurn> for NotRead {
    fn from(none: NoTurn) -> Self {
        Self::NoTurn(none)
    }
}

pub(super) type Result<T> = std::result::Result<T, NotRead>;

/// Waits for the database so long and no longer.
pub(super) async fn in_time<T>(
    time: Duration,
    reading: impl Future<Output = centime_warehouse::Result<T>>,
) -> Result<T> {
    match timeout(time, reading).await {
        Ok(read) => Ok(read?),
        Err(_elapsed) => Err(NotRead::Late),
    }
}

/// What the database said last of what is published. Those who ask at the same time share a question.
#[derive(Debug, Default)]
pub(super) struct Questions {
    /// How many have asked.
    pub(super) asked: AtomicU64,
    pub(super) last: tokio::sync::Mutex<Answer>,
}

/// What the database said.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// How many had asked before the question was put to the database: it is an answer to them.
    pub(super) to: u64,
    pub(super) publication: Option<Arc<PublicationState>>,
}

//! Records received ahead of their validation: while some are validated and transformed, the next are received,
//! parsed and hashed.

use centime_portal::{Error, Record, Retrieval};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::hash::ContentHash;

/// How many bytes of records are handed over at a time, or one record that is longer.
const BATCH_BYTES: usize = 256 << 10;

/// How many batches may wait.
const MAX_WAITING_BATCHES: usize = 8;

/// A retrieval that runs in a task of its own.
pub struct Prefetcher {
    batches: mpsc::Receiver<Vec<Record>>,
    /// Aborted when this is dropped.
    task: JoinSet<Result<Retrieved, Error>>,
}

/// A retrieval that has come to its end.
pub struct Retrieved {
    pub retrieval: Retrieval,
    /// The hash of its records.
    pub hash: ContentHash,
}

impl Prefetcher {
    pub fn of(retrieval: Retrieval) -> Self {
        let (sender, batches) = mpsc::channel(MAX_WAITING_BATCHES);
        let mut task = JoinSet::new();
        task.spawn(receive(retrieval, sender));
        Self { batches, task }
    }

    /// The next records; nothing after the last, or where the retrieval has failed: see [`Prefetcher::end`].
    pub async fn next(&mut self) -> Option<Vec<Record>> {
        self.batches.recv().await
    }

    /// What the retrieval came to, once there are no more records.
    pub async fn end(mut self) -> Result<Retrieved, Error> {
        match self.task.join_next().await.expect("it was spawned") {
            Ok(retrieved) => retrieved,
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
}

async fn receive(
    mut retrieval: Retrieval,
    batches: mpsc::Sender<Vec<Record>>,
) -> Result<Retrieved, Error> {
    let mut hash = ContentHash::default();
    let mut batch = Vec::new();
    let mut length = 0;
    let ended = loop {
        let record = match retrieval.next().await {
            Ok(Some(record)) => record,
            ended => break ended.map(drop),
        };
        match record.fields() {
            Ok(fields) => hash.add(fields),
            Err(error) => break Err(error),
        }
        length += record.json().len();
        batch.push(record);
        if length >= BATCH_BYTES {
            length = 0;
            // When the receiver is gone, the outcome is not asked for either.
            drop(batches.send(std::mem::take(&mut batch)).await);
        }
    };
    drop(batches.send(batch).await);
    ended.map(|()| Retrieved { retrieval, hash })
}

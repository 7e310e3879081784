//! Records received ahead of their validation: while some are validated and transformed, the next are received,
//! parsed and hashed.

use centime_portal::{Record, Retrieval, Via};
use centime_warehouse::{RetrievalMethod, Subject};
use tokio::sync::mpsc;
use tokio::task::{JoinSet, spawn_blocking};

use crate::balances::Balances;
use crate::error::Error;
use crate::files::Found;
use crate::hash::ContentHash;
use crate::record_files;

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
    /// How many records it has.
    pub rows: u64,
    /// The way they came.
    pub via: RetrievalMethod,
    /// The hash of its records.
    pub hash: ContentHash,
}

impl Prefetcher {
    pub fn of(retrieval: Retrieval) -> Self {
        Self::begin(|batches| receive(retrieval, batches))
    }

    /// Of records that are at hand, as JSON texts.
    pub fn of_texts(records: impl Iterator<Item = String> + Send + 'static) -> Self {
        Self::begin(|batches| hand_over(records, batches))
    }

    /// Of records in files.
    pub fn of_files(found: Found) -> Self {
        let via = RetrievalMethod::Files;
        Self::begin(move |batches| {
            read(move |taken| record_files::read(&found, taken), via, batches)
        })
    }

    /// Of account balances, as the records of a subject.
    pub fn of_balances(balances: Balances, subject: Subject) -> Self {
        let via = RetrievalMethod::Export;
        Self::begin(move |batches| read(move |taken| balances.read(subject, taken), via, batches))
    }

    fn begin<F>(receive: impl FnOnce(mpsc::Sender<Vec<Record>>) -> F) -> Self
    where
        F: Future<Output = Result<Retrieved, Error>> + Send + 'static,
    {
        let (sender, batches) = mpsc::channel(MAX_WAITING_BATCHES);
        let mut task = JoinSet::new();
        task.spawn(receive(sender));
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

/// Records on their way, hashed as they come.
struct Batches {
    sender: mpsc::Sender<Vec<Record>>,
    batch: Vec<Record>,
    length: usize,
    hash: ContentHash,
}

impl Batches {
    fn new(sender: mpsc::Sender<Vec<Record>>) -> Self {
        Self {
            sender,
            batch: Vec::new(),
            length: 0,
            hash: ContentHash::default(),
        }
    }

    async fn add(&mut self, record: Record) -> Result<(), Error> {
        self.hash.add(record.fields()?);
        self.length += record.json().len();
        self.batch.push(record);
        if self.length >= BATCH_BYTES {
            self.send().await;
        }
        Ok(())
    }

    async fn send(&mut self) {
        self.length = 0;
        // When the receiver is gone, the outcome is not asked for either.
        drop(self.sender.send(std::mem::take(&mut self.batch)).await);
    }
}

async fn receive(
    mut retrieval: Retrieval,
    sender: mpsc::Sender<Vec<Record>>,
) -> Result<Retrieved, Error> {
    let mut batches = Batches::new(sender);
    let ended = loop {
        let record = match retrieval.next().await {
            Ok(Some(record)) => record,
            ended => break ended.map(drop).map_err(Error::from),
        };
        if let Err(error) = batches.add(record).await {
            break Err(error);
        }
    };
    batches.send().await;
    ended.map(|()| Retrieved {
        rows: retrieval.rows(),
        via: match retrieval.via() {
            Via::Records => RetrievalMethod::Records,
            Via::Csv => RetrievalMethod::Csv,
            Via::Auto | Via::Export => RetrievalMethod::Export,
        },
        hash: batches.hash,
    })
}

async fn hand_over(
    records: impl Iterator<Item = String> + Send,
    sender: mpsc::Sender<Vec<Record>>,
) -> Result<Retrieved, Error> {
    let mut batches = Batches::new(sender);
    let mut rows = 0;
    for text in records {
        rows += 1;
        batches.add(parsed(&text, rows)?).await?;
    }
    batches.send().await;
    Ok(Retrieved {
        rows,
        via: RetrievalMethod::Documents,
        hash: batches.hash,
    })
}

fn parsed(text: &str, number: u64) -> Result<Record, Error> {
    let record = Record::parse(text, number);
    record.map_err(|reason| {
        Error::from(centime_portal::Error::Malformed {
            record: number,
            reason,
        })
    })
}

/// Reads on a thread for what may have to wait, a batch ahead.
async fn read<F>(
    reader: F,
    via: RetrievalMethod,
    sender: mpsc::Sender<Vec<Record>>,
) -> Result<Retrieved, Error>
where
    F: FnOnce(&mut dyn FnMut(String) -> bool) -> Result<(), Error> + Send + 'static,
{
    let (texts, mut taken) = mpsc::channel::<Vec<String>>(1);
    let reading = spawn_blocking(move || {
        let (mut batch, mut length) = (Vec::new(), 0);
        reader(&mut |text| {
            length += text.len();
            batch.push(text);
            if length < BATCH_BYTES {
                return true;
            }
            length = 0;
            texts.blocking_send(std::mem::take(&mut batch)).is_ok()
        })?;
        // Where they are not taken any more, the outcome is not asked for either.
        drop(texts.blocking_send(batch));
        Ok::<(), Error>(())
    });
    let mut batches = Batches::new(sender);
    let mut rows = 0;
    while let Some(texts) = taken.recv().await {
        for text in texts {
            rows += 1;
            batches.add(parsed(&text, rows)?).await?;
        }
    }
    match reading.await {
        Ok(read) => read?,
        Err(failed) => std::panic::resume_unwind(failed.into_panic()),
    }
    batches.send().await;
    Ok(Retrieved {
        rows,
        via,
        hash: batches.hash,
    })
}

//! The transactions that a revision is written in, and the batches on their way to them.

use std::collections::HashMap;

use sqlx::PgConnection;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::bulk::{Batch, COPY_HEAD, COPY_TAIL, Gathered, Target};
use crate::engine::{Engine, Transaction};
use crate::task;

/// How many batches may wait for those before them: enough for their maker to go on while the database is
/// busy with one.
const WAITING: usize = 4;

/// How many bytes one `COPY` takes before another is begun. Only at its end does the server say whether it went
/// well; and the end of each costs up to 40 ms, because sqlx sends it apart and the system holds small packets
/// back until the server has confirmed those before.
const LONGEST_COPY: usize = 64 << 20;

/// What is begun before the portal is asked lasts as long as it sends, whatever the server allows others. Long
/// texts, such as blocks of records, are compressed at several times the usual pace where the server can.
const PREPARE: &str = "SET LOCAL statement_timeout = 0;
     SET LOCAL idle_in_transaction_session_timeout = 0;
     SELECT set_config('default_toast_compression', 'lz4', true)
     FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)";

/// One transaction for everything on `SQLite`. On `PostgreSQL` each large table has one of its own beside it, so
/// that its rows are few and long `COPY`s and the server works at several tables at once.
#[derive(Debug)]
pub(crate) struct Writers {
    engine: Engine,
    /// Absent once everything so far is kept, until something else is to be written.
    rest: Option<Writer>,
    large: HashMap<&'static str, Writer>,
}

impl Writers {
    /// Begins the transactions; `first` is one that has begun already.
    pub async fn begin(
        engine: &Engine,
        mut first: Transaction,
        targets: &[&'static Target],
    ) -> sqlx::Result<Self> {
        let mut large = HashMap::new();
        if engine.is_postgres() {
            first.script(PREPARE).await?;
            for target in targets.iter().filter(|target| target.large) {
                large.insert(target.table, Writer::begin(engine).await?);
            }
        }
        Ok(Self {
            engine: engine.clone(),
            rest: Some(Writer::new(first)),
            large,
        })
    }

    /// Keeps everything so far, which ends all locks, and begins the same transactions again. For PostgreSQL.
    pub async fn begin_again(&mut self) -> sqlx::Result<()> {
        let tables: Vec<&'static str> = self.large.keys().copied().collect();
        self.commit().await?;
        for table in tables {
            self.large.insert(table, Writer::begin(&self.engine).await?);
        }
        self.rest = Some(Writer::begin(&self.engine).await?);
        Ok(())
    }

    fn take_all(&mut self) -> impl Iterator<Item = Writer> {
        let large = self.large.drain().map(|(_, writer)| writer);
        large.chain(self.rest.take())
    }

    /// Lets a batch be written after those of its table. Whether it succeeds is known at a later call.
    pub async fn write(&mut self, batch: Batch) -> sqlx::Result<()> {
        match self.large.get_mut(batch.target.table) {
            Some(own) => own.write(batch).await,
            None => self.rest().await?.write(batch).await,
        }
    }

    /// Runs statements without parameters in each transaction, after what is being written.
    pub async fn script(&mut self, sql: &str) -> sqlx::Result<()> {
        for writer in self.large.values_mut() {
            writer.transaction().await?.script(sql).await?;
        }
        self.rest().await?.transaction().await?.script(sql).await
    }

    /// The transaction of all but the large tables, once everything is written.
    pub async fn transaction(&mut self) -> sqlx::Result<&mut Transaction> {
        for writer in self.large.values_mut() {
            writer.settle().await?;
        }
        self.rest().await?.transaction().await
    }

    async fn rest(&mut self) -> sqlx::Result<&mut Writer> {
        if self.rest.is_none() {
            let transaction = self.engine.begin_across_servers().await?;
            self.rest = Some(Writer::new(transaction));
        }
        self.rest.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    /// Keeps everything so far. What is written next begins another transaction.
    pub async fn commit(&mut self) -> sqlx::Result<()> {
        for writer in self.take_all() {
            writer.commit().await?;
        }
        Ok(())
    }

    /// Gives everything up. One that cannot be given up keeps no other from it.
    pub async fn rollback(mut self) -> sqlx::Result<()> {
        let mut outcome = Ok(());
        for writer in self.take_all() {
            outcome = outcome.and(writer.rollback().await);
        }
        outcome
    }
}

/// A transaction that writes batches while its user makes the next.
#[derive(Debug)]
struct Writer {
    /// Absent while batches are being written.
    idle: Option<Transaction>,
    /// Where batches wait; absent while there are none.
    queue: Option<mpsc::Sender<Batch>>,
    /// At most one task; given up when this is dropped, and with it the transaction.
    writing: JoinSet<(Transaction, sqlx::Result<()>)>,
}

impl Writer {
    /// One in a transaction of its own on PostgreSQL.
    async fn begin(engine: &Engine) -> sqlx::Result<Self> {
        let mut transaction = engine.begin_across_servers().await?;
        transaction.script(PREPARE).await?;
        Ok(Self::new(transaction))
    }

    fn new(transaction: Transaction) -> Self {
        Self {
            idle: Some(transaction),
            queue: None,
            writing: JoinSet::new(),
        }
    }

    async fn write(&mut self, batch: Batch) -> sqlx::Result<()> {
        if self.queue.is_none() {
            let transaction = self.idle.take().ok_or(sqlx::Error::WorkerCrashed)?;
            let (sender, batches) = mpsc::channel(WAITING);
            self.writing.spawn(write_all(transaction, batches));
            self.queue = Some(sender);
        }
        match &self.queue {
            Some(queue) if queue.send(batch).await.is_ok() => Ok(()),
            // Nothing is taken any more after a failure.
            _ => self.settle().await.and(Err(sqlx::Error::WorkerCrashed)),
        }
    }

    async fn transaction(&mut self) -> sqlx::Result<&mut Transaction> {
        self.settle().await?;
        self.idle.as_mut().ok_or(sqlx::Error::WorkerCrashed)
    }

    async fn commit(mut self) -> sqlx::Result<()> {
        self.settle().await?;
        let transaction = self.idle.ok_or(sqlx::Error::WorkerCrashed)?;
        transaction.commit().await
    }

    async fn rollback(mut self) -> sqlx::Result<()> {
        // Whether the last batch was written does not matter any more.
        drop(self.settle().await);
        let transaction = self.idle.ok_or(sqlx::Error::WorkerCrashed)?;
        transaction.rollback().await
    }

    /// Waits until everything is written, and tells how it went.
    async fn settle(&mut self) -> sqlx::Result<()> {
        self.queue = None;
        let Some(ended) = task::next(&mut self.writing).await else {
            return Ok(());
        };
        let (transaction, written) = ended?;
        self.idle = Some(transaction);
        written
    }
}

/// Writes batches until no more can come, or one fails.
async fn write_all(
    mut transaction: Transaction,
    batches: mpsc::Receiver<Batch>,
) -> (Transaction, sqlx::Result<()>) {
    let written = match &mut transaction {
        Transaction::Sqlite(transaction) => insert_all(transaction, batches).await,
        Transaction::Postgres(transaction) => copy_all(transaction, batches).await,
    };
    (transaction, written)
}

async fn insert_all(
    connection: &mut sqlx::SqliteConnection,
    mut batches: mpsc::Receiver<Batch>,
) -> sqlx::Result<()> {
    while let Some(batch) = batches.recv().await {
        batch.insert(connection).await?;
    }
    Ok(())
}

/// Copies batches, those of a table and a slice that follow each other as one.
async fn copy_all(
    connection: &mut PgConnection,
    mut batches: mpsc::Receiver<Batch>,
) -> sqlx::Result<()> {
    let mut next = batches.recv().await;
    while let Some(first) = next.take() {
        let (table, owner) = (first.target.table, first.owner);
        let statement = first.target.copy(owner);
        let mut copy = connection.copy_in_raw(&statement).await?;
        copy.send(COPY_HEAD).await?;
        let mut length = 0;
        let mut more = Some(first);
        while let Some(batch) = more.take() {
            let Gathered::Copy(bytes) = batch.gathered else {
                unreachable!("rows are gathered for the engine of their transaction");
            };
            length += bytes.len();
            copy.send(bytes).await?;
            match batches.recv().await {
                Some(batch)
                    if batch.target.table == table
                        && batch.owner == owner
                        && length < LONGEST_COPY =>
                {
                    more = Some(batch);
                }
                other => next = other,
            }
        }
        copy.send(&COPY_TAIL[..]).await?;
        copy.finish().await?;
    }
    Ok(())
}

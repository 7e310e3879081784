//! Opening, migrating and locking the database.

use std::fmt;
use std::fs::File;

use sqlx::PgConnection;

use crate::engine::{Engine, OpenMode, postgres, sqlite};
use crate::url::DatabaseUrl;
use crate::{Error, Result};

/// An open database.
#[derive(Clone, Debug)]
pub struct Warehouse {
    pub(crate) engine: Engine,
    url: DatabaseUrl,
    name: String,
    mode: OpenMode,
}

/// Held by the one process that may write revisions; released when dropped, or when the process
/// ends in whatever way.
pub struct RunLock {
    _held: Held,
}

enum Held {
    File { _file: File },
    Session { _connection: Box<PgConnection> },
}

impl Warehouse {
    /// Opens the same database again, with connections that nothing was given up on.
    pub async fn afresh(&self) -> Result<Self> {
        Self::open(&self.url, self.mode).await
    }

    /// Opens a database. With [`OpenMode::Write`] it is created and migrated as needed; with
    /// [`OpenMode::Read`] it must exist.
    pub async fn open(url: &DatabaseUrl, mode: OpenMode) -> Result<Self> {
        let name = url.name();
        // What waits for a connection is large: it is kept aside, so that those who open a database stay small.
        let engine = match url {
            DatabaseUrl::Sqlite(file) => Engine::Sqlite(Box::pin(sqlite::open(file, mode)).await?),
            DatabaseUrl::Postgres(url) => {
                Engine::Postgres(Box::pin(postgres::open(url, &name, mode)).await?)
            }
        };
        Ok(Self {
            engine,
            url: url.clone(),
            name,
            mode,
        })
    }

    /// The database as messages name it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes the right to write revisions, which one process has at a time.
    pub async fn lock(&self) -> Result<RunLock> {
        let held = match (&self.engine, &self.url) {
            (Engine::Postgres(pool), _) => Held::Session {
                _connection: Box::new(postgres::lock(pool, &self.name).await?),
            },
            (Engine::Sqlite(_), DatabaseUrl::Sqlite(file)) => Held::File {
                _file: sqlite::lock(&file.path)?,
            },
            (Engine::Sqlite(_), DatabaseUrl::Postgres(_)) => {
                unreachable!("a SQLite file has a path")
            }
        };
        Ok(RunLock { _held: held })
    }

    /// Closes all connections. A SQLite file that was written is left so that readers need no right to write.
    pub async fn close(&self) {
        self.engine.close().await;
        if let (DatabaseUrl::Sqlite(file), OpenMode::Write) = (&self.url, self.mode) {
            sqlite::leave_at_rest(file).await;
        }
    }

    /// Turns an engine failure into an error about this database.
    pub(crate) fn failed(&self, error: sqlx::Error) -> Error {
        Error::of(&self.name, error)
    }
}

impl fmt::Debug for RunLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RunLock")
    }
}

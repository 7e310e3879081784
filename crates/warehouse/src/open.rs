//! Opening, migrating and locking the database.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, SqlSafeStr};

use crate::url::DatabaseUrl;
use crate::{Error, Result};

/// Marks a SQLite file as a warehouse of ours: `CENT` in ASCII.
const APPLICATION_ID: i64 = 0x4345_4e54;

/// The migrations, in order; forward only.
const MIGRATIONS: [(&str, &str); 1] = [(
    "warehouse",
    include_str!("../migrations/sqlite/0001_warehouse.sql"),
)];

/// What a process may do with the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Create, migrate and write.
    Write,
    /// Read what is published.
    Read,
}

/// An open database.
#[derive(Clone, Debug)]
pub struct Warehouse {
    pub(crate) pool: SqlitePool,
    pub(crate) path: PathBuf,
}

/// Held by the one process that may write revisions; released when dropped, or when the process
/// ends in whatever way.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

impl Warehouse {
    /// Opens a database. With [`Access::Write`] it is created and migrated as needed; with
    /// [`Access::Read`] it must exist.
    pub async fn open(url: &DatabaseUrl, access: Access) -> Result<Self> {
        let path = url.path().to_owned();
        let write = access == Access::Write;
        match path.metadata() {
            Ok(found) if found.is_dir() => {
                return Err(Error::CannotOpen {
                    path,
                    reason: "it is a folder".to_owned(),
                });
            }
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound && !write => {
                return Err(Error::Missing { path });
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::CannotOpen {
                    path,
                    reason: error.to_string(),
                });
            }
        }
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(write)
            .read_only(!write)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10));
        let options = if write {
            // Full synchronisation: a published revision survives a power cut.
            options
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
        } else {
            options
        };
        let warehouse = match Self::connect(&path, options.clone(), write).await {
            // A database at rest in a read-only folder: the engine cannot open its log, and there
            // is none.
            Err(Error::CannotOpen { .. }) if !write && !beside(&path, "-wal").exists() => {
                Self::connect(&path, options.immutable(true), write).await?
            }
            Err(Error::CannotOpen { path, reason }) if write => return Err(refused(path, reason)),
            connected => connected?,
        };
        if write {
            warehouse.migrate().await?;
        }
        Ok(warehouse)
    }

    /// Connects, and makes sure that the database is one of ours.
    async fn connect(path: &Path, options: SqliteConnectOptions, write: bool) -> Result<Self> {
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(15))
            .connect_with(options)
            .await
            .map_err(|error| Error::of(path, error))?;
        let warehouse = Self {
            pool,
            path: path.to_owned(),
        };
        warehouse.check_owner(write).await?;
        Ok(warehouse)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses the database of another program before anything is written to it.
    async fn check_owner(&self, write: bool) -> Result<()> {
        let (application, objects): (i64, i64) = sqlx::query_as(
            "SELECT application_id, (SELECT COUNT(*) FROM sqlite_master)
             FROM pragma_application_id",
        )
        .fetch_one(&self.pool)
        .await
        .map_err(|error| Error::of(&self.path, error))?;
        match (application, objects) {
            (APPLICATION_ID, _) => Ok(()),
            (0, 0) if write => {
                let mark = AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"));
                sqlx::query(mark)
                    .execute(&self.pool)
                    .await
                    .map_err(|error| Error::of(&self.path, error))?;
                Ok(())
            }
            (0, 0) => Err(Error::NothingPublished {
                path: self.path.clone(),
            }),
            _ => Err(Error::Foreign {
                path: self.path.clone(),
            }),
        }
    }

    async fn migrate(&self) -> Result<()> {
        let migrations = (1..).zip(MIGRATIONS).map(|(version, (name, sql))| {
            Migration::new(
                version,
                name.into(),
                MigrationType::Simple,
                sql.into_sql_str(),
                false,
            )
        });
        let migrator = Migrator::with_migrations(migrations.collect());
        migrator.run(&self.pool).await.map_err(|error| match error {
            MigrateError::VersionMismatch(_) => Error::OtherVersion {
                path: self.path.clone(),
            },
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => Error::Newer {
                path: self.path.clone(),
            },
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                Error::of(&self.path, error)
            }
            other => Error::Engine {
                path: self.path.clone(),
                source: sqlx::Error::Migrate(Box::new(other)),
            },
        })
    }

    /// Takes the right to write revisions, which one process has at a time.
    pub fn lock(&self) -> Result<RunLock> {
        let path = beside(&self.path, ".lock");
        let cannot = |error: std::io::Error| Error::CannotOpen {
            path: path.clone(),
            reason: error.to_string(),
        };
        let file = File::create(&path).map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(RunLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Busy {
                path: self.path.clone(),
            }),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }

    /// Closes all connections.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// Turns an engine failure into an error about this database.
    pub(crate) fn failed(&self, error: sqlx::Error) -> Error {
        Error::of(&self.path, error)
    }
}

/// The file beside another whose name goes on like this.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    PathBuf::from(name)
}

/// Why a file cannot be written: the engine only says that it could not open it.
fn refused(path: PathBuf, reason: String) -> Error {
    let lock = beside(&path, ".lock");
    match File::options().append(true).create(true).open(lock) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied
            ) =>
        {
            Error::ReadOnly { path }
        }
        Err(error) => Error::CannotOpen {
            path,
            reason: error.to_string(),
        },
        Ok(_) => Error::CannotOpen { path, reason },
    }
}

//! SQLite: one file, no server.

use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::ConnectOptions;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::migrations;
use crate::open::Access;
use crate::{Error, Result};

/// Marks a SQLite file as a warehouse of ours: `CENT` in ASCII.
const APPLICATION_ID: i64 = 0x4345_4e54;

/// Opens a file. With [`Access::Write`] it is created and migrated as needed; with
/// [`Access::Read`] it must exist.
pub(crate) async fn open(path: &Path, access: Access) -> Result<SqlitePool> {
    let write = access == Access::Write;
    let cannot = |reason: String| Error::CannotOpen {
        database: name(path),
        reason,
    };
    match path.metadata() {
        Ok(found) if found.is_dir() => return Err(cannot("it is a folder".to_owned())),
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::NotFound && !write => {
            return Err(Error::Missing {
                database: name(path),
            });
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(cannot(error.to_string())),
    }
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(write)
        .read_only(!write)
        .foreign_keys(true)
        .disable_statement_logging()
        .busy_timeout(Duration::from_secs(10));
    let options = if write {
        // Full synchronisation: a published revision survives a power cut.
        options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
    } else {
        options
    };
    let pool = match connect(path, options.clone(), write).await {
        // A database at rest in a read-only folder: the engine cannot open its log, and there
        // is none.
        Err(Error::CannotOpen { .. }) if !write && !beside(path, "-wal").exists() => {
            connect(path, options.immutable(true), write).await?
        }
        Err(Error::CannotOpen { database, reason }) if write => {
            return Err(refused(path, database, reason));
        }
        connected => connected?,
    };
    if write {
        migrations::run(&pool, &migrations::SQLITE)
            .await
            .map_err(|error| Error::of_migration(&name(path), error))?;
    }
    Ok(pool)
}

/// Connects, and makes sure that the database is one of ours.
async fn connect(path: &Path, options: SqliteConnectOptions, write: bool) -> Result<SqlitePool> {
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(15))
        .connect_with(options)
        .await
        .map_err(|error| Error::of(&name(path), error))?;
    check_owner(&pool, path, write).await?;
    Ok(pool)
}

/// Refuses the database of another program before anything is written to it.
async fn check_owner(pool: &SqlitePool, path: &Path, write: bool) -> Result<()> {
    let (application, objects): (i64, i64) = sqlx::query_as(
        "SELECT application_id, (SELECT COUNT(*) FROM sqlite_master)
         FROM pragma_application_id",
    )
    .fetch_one(pool)
    .await
    .map_err(|error| Error::of(&name(path), error))?;
    let database = name(path);
    match (application, objects) {
        (APPLICATION_ID, _) => Ok(()),
        (0, 0) if write => {
            let mark = AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"));
            let marked = sqlx::query(mark).execute(pool).await;
            marked
                .map(drop)
                .map_err(|error| Error::of(&database, error))
        }
        (0, 0) => Err(Error::NothingPublished { database }),
        _ => Err(Error::Foreign { database }),
    }
}

/// Takes the file beside the database that only one process may hold. It is released by the
/// system when the process ends, in whatever way.
pub(crate) fn lock(path: &Path) -> Result<File> {
    let beside = beside(path, ".lock");
    let cannot = |error: std::io::Error| Error::CannotOpen {
        database: name(&beside),
        reason: error.to_string(),
    };
    let file = File::create(&beside).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy {
            database: name(path),
        }),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

/// The file as messages name it.
pub(crate) fn name(path: &Path) -> String {
    path.display().to_string()
}

/// The file beside another whose name goes on like this.
fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(end);
    PathBuf::from(name)
}

/// Why a file cannot be written: the engine only says that it could not open it.
fn refused(path: &Path, database: String, reason: String) -> Error {
    let lock = beside(path, ".lock");
    match File::options().append(true).create(true).open(lock) {
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied
            ) =>
        {
            Error::ReadOnly { database }
        }
        Err(error) => Error::CannotOpen {
            database,
            reason: error.to_string(),
        },
        Ok(_) => Error::CannotOpen { database, reason },
    }
}

//! SQLite: one file, no server.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::AssertSqlSafe;
use sqlx::ConnectOptions;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use crate::key::{ENCRYPTS, Key};
use crate::migrations;
use crate::open::Access;
use crate::{Error, Result};

/// Marks a SQLite file as a warehouse of ours: `CENT` in ASCII.
const APPLICATION_ID: i64 = 0x4345_4e54;

/// How every SQLite file that is not encrypted begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

/// A SQLite file, and the key that opens it.
#[derive(Clone, Debug)]
pub struct SqliteFile {
    pub(crate) path: PathBuf,
    pub(crate) key: Option<Key>,
}

impl SqliteFile {
    /// How it is opened.
    pub(crate) fn options(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .foreign_keys(true)
            .disable_statement_logging();
        match &self.key {
            // The engine is told the key before anything else, and next to say of a wrong one to us only:
            // it would write to standard error.
            Some(key) => {
                let quiet = "PRAGMA cipher_log_level = NONE";
                options.pragma("key", format!("\"{}\"; {quiet}", key.raw()))
            }
            None => options,
        }
    }

    /// Turns an engine failure into an error about this file.
    pub(crate) fn failed(&self, error: sqlx::Error) -> Error {
        match Error::of(&name(&self.path), error) {
            Error::NotADatabase { database } if self.key.is_some() => Error::WrongKey { database },
            other => other,
        }
    }
}

/// Makes sure that there is a file, or that there need not be one, and that it fits the key.
pub(crate) fn check_state(file: &SqliteFile, may_be_made: bool) -> Result<()> {
    let database = name(&file.path);
    let cannot = |error: io::Error| Error::CannotOpen {
        database: name(&file.path),
        reason: error.to_string(),
    };
    if file.key.is_some() && !ENCRYPTS {
        return Err(Error::NoEncryption { database });
    }
    match file.path.metadata() {
        Ok(found) if found.is_dir() => Err(Error::CannotOpen {
            database,
            reason: "it is a folder".to_owned(),
        }),
        Ok(_) if file.key.is_none() => Ok(()),
        Ok(_) => {
            let mut begins = Vec::with_capacity(MAGIC.len());
            let length = u64::try_from(MAGIC.len()).unwrap_or(u64::MAX);
            let read =
                File::open(&file.path).and_then(|file| file.take(length).read_to_end(&mut begins));
            read.map_err(cannot)?;
            if begins == MAGIC {
                Err(Error::NotEncrypted { database })
            } else {
                Ok(())
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound && !may_be_made => {
            Err(Error::Missing { database })
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(cannot(error)),
    }
}

/// Opens a file. With [`Access::Write`] it is created and migrated as needed; with
/// [`Access::Read`] it must exist.
pub(crate) async fn open(file: &SqliteFile, access: Access) -> Result<SqlitePool> {
    let path = &file.path;
    let write = access == Access::Write;
    check_state(file, write)?;
    let options = file
        .options()
        .create_if_missing(write)
        .read_only(!write)
        .busy_timeout(Duration::from_secs(10));
    let options = if write {
        // Full synchronisation: a published revision survives a power cut.
        options
            .journal_mode(SqliteJournalMode::Wal)
            // Statistics are taken from so many rows of each index and not from all.
            .analysis_limit(1000)
            .synchronous(SqliteSynchronous::Full)
    } else {
        options
    };
    let before = identity(path);
    let mut connected = connect(file, options.clone(), write).await;
    if before.is_some() && identity(path) != before {
        // Another file took its place while this one was waited for.
        check_state(file, write)?;
        connected = connect(file, options.clone(), write).await;
    }
    let pool = match connected {
        // A database at rest in a read-only folder: the engine cannot open its log, and there
        // is none.
        Err(Error::CannotOpen { .. }) if !write && !beside(path, "-wal").exists() => {
            connect(file, options.immutable(true), write).await?
        }
        Err(Error::CannotOpen { database, reason }) if write => {
            return Err(refused(path, database, reason));
        }
        connected => connected?,
    };
    if write {
        let mended = migrations::mend_sqlite(&pool).await;
        mended.map_err(|error| file.failed(error))?;
        migrations::run(&pool, &migrations::SQLITE)
            .await
            .map_err(|error| Error::of_migration(&name(path), error))?;
    }
    Ok(pool)
}

/// Which file a path leads to now; `None` where there is none, or where this cannot be said.
fn identity(path: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        path.metadata().ok().map(|file| file.ino())
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

/// Connects, and makes sure that the database is one of ours.
async fn connect(
    file: &SqliteFile,
    options: SqliteConnectOptions,
    write: bool,
) -> Result<SqlitePool> {
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(15))
        .connect_with(options)
        .await
        .map_err(|error| file.failed(error))?;
    check_owner(&pool, file, write).await?;
    Ok(pool)
}

/// Refuses the database of another program before anything is written to it.
async fn check_owner(pool: &SqlitePool, file: &SqliteFile, write: bool) -> Result<()> {
    let (application, objects): (i64, i64) = sqlx::query_as(
        "SELECT application_id, (SELECT COUNT(*) FROM sqlite_master)
         FROM pragma_application_id",
    )
    .fetch_one(pool)
    .await
    .map_err(|error| file.failed(error))?;
    let database = name(&file.path);
    match (application, objects) {
        (APPLICATION_ID, _) => Ok(()),
        (0, 0) if write => {
            let mark = AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"));
            let marked = sqlx::query(mark).execute(pool).await;
            marked.map(drop).map_err(|error| file.failed(error))
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
pub(crate) fn beside(path: &Path, end: &str) -> PathBuf {
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

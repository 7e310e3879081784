//! SQLite: one file, no server.
//!
//! While a process may write, the file has a write-ahead log, so that readers go on reading. The last one that
//! writes puts all of it back into the one file ([`leave_at_rest`]), because a reader who may write nothing can
//! open a database with a log only where the log and its index are there already. A file is never opened as
//! `immutable`: that this process may not write it says nothing about others.

use std::fs::{File, TryLockError};
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};

use crate::engine::OpenMode;
use crate::engine::place::{self, Watched, beside, name};
use crate::key::ENCRYPTS;
use crate::migrations;
use crate::url::SqliteFile;
use crate::{Error, Result};

/// Marks a SQLite file as a warehouse of ours: `CENT` in ASCII.
const APPLICATION_ID: i64 = 0x4345_4e54;

/// How every SQLite file that is not encrypted begins.
const MAGIC: &[u8] = b"SQLite format 3\0";

impl SqliteFile {
    /// How it is opened.
    pub(crate) fn options(&self) -> SqliteConnectOptions {
        let options = SqliteConnectOptions::new()
            .filename(&self.path)
            .foreign_keys(true)
            .disable_statement_logging();
        match &self.key {
            // The engine is given the key before anything else, and next to say of a wrong one to us only:
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
            Error::NotADatabase { database } if self.key.is_some() => {
                if begins_in_the_clear(&self.path) {
                    Error::NotEncrypted { database }
                } else {
                    Error::WrongKey { database }
                }
            }
            other => other,
        }
    }
}

/// Whether a file that could not be read with a key is a database without one. A file that this process reads
/// must not be opened so: closing it would release the locks of the engine.
fn begins_in_the_clear(path: &Path) -> bool {
    let mut begins = Vec::with_capacity(MAGIC.len());
    let length = u64::try_from(MAGIC.len()).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| file.take(length).read_to_end(&mut begins));
    read.is_ok() && begins == MAGIC
}

/// Makes sure that there is a file, or that there need not be one.
pub(crate) fn check_state(file: &SqliteFile, may_be_made: bool) -> Result<()> {
    let database = name(&file.path);
    if file.key.is_some() && !ENCRYPTS {
        return Err(Error::NoEncryption { database });
    }
    let not = |reason: String| Err(Error::CannotOpen { database, reason });
    match file.path.metadata() {
        Ok(found) if found.is_dir() => not(format!(
            "it is a folder: name a file in it, such as {}",
            file.path.join("centime.db").display()
        )),
        Ok(found) if !found.is_file() => {
            not("it is a device or a pipe: name a file with --database".to_owned())
        }
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound && may_be_made => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Err(Error::Missing {
            database: name(&file.path),
        }),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => not(
            "this user may not enter its folder: give the right to search the folders above it"
                .to_owned(),
        ),
        Err(error) => not(format!("{error}: check the path")),
    }
}

/// Opens a file. With [`OpenMode::Write`] it is created and migrated as needed; with
/// [`OpenMode::Read`] it must exist.
pub(crate) async fn open(file: &SqliteFile, mode: OpenMode) -> Result<SqlitePool> {
    let path = &file.path;
    let write = mode == OpenMode::Write;
    check_state(file, write)?;
    if write {
        place::check_writable(path)?;
        place::make(path).map_err(|error| place::unwritable(path, &error))?;
    }
    let options = file
        .options()
        .create_if_missing(write)
        .read_only(!write)
        .busy_timeout(Duration::from_secs(10));
    let options = if write {
        // Full synchronisation: a published revision survives a power cut.
        options
            // Statistics are taken from so many rows of each index and not from all.
            .analysis_limit(1000)
            .synchronous(SqliteSynchronous::Full)
            // What is sorted for indexes and analyses goes where the data go, and not into a /tmp that is
            // often much smaller.
            .pragma("temp_store_directory", quoted(&place::folder_of(path)))
    } else {
        // A reader sorts the lines of a public body at most, and may have no folder to write in.
        options.pragma("temp_store", "MEMORY")
    };
    let before = place::identity(path);
    let mut connected = connect(file, options.clone(), write).await;
    if before.is_some() && place::identity(path) != before {
        // Another file took its place while this one was waited for.
        check_state(file, write)?;
        connected = connect(file, options.clone(), write).await;
    }
    if matches!(connected, Err(Error::NeedsWriter { .. })) && place::check_writable(path).is_ok() {
        undo_unfinished(file).await?;
        connected = connect(file, options, write).await;
    }
    let pool = match connected {
        Err(error) if write => return Err(place::why_not_writable(path, error)),
        Err(error) => return Err(place::why_not_readable(path, error)),
        Ok(pool) => pool,
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

/// Undoes the change that a killed process was in the middle of, as a writer that opens the file does: it takes a
/// right to write, which readers may have.
async fn undo_unfinished(file: &SqliteFile) -> Result<()> {
    let options = file.options().create_if_missing(false);
    let options = options.busy_timeout(Duration::from_secs(10));
    let undone = async {
        let mut connection = options.connect().await?;
        let read = sqlx::query("SELECT COUNT(*) FROM sqlite_master");
        let read = read.execute(&mut connection).await.map(drop);
        let closed = connection.close().await;
        read.and(closed)
    };
    undone.await.map_err(|error| file.failed(error))
}

/// A path as a text of SQL.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "''"))
}

/// Puts all that a log holds into the file and takes the log away, once no process writes any more: the file is then
/// whole by itself, and can be read by those who may write neither it nor its folder. Where others have it open
/// it keeps its log, which they leave beside it.
pub(crate) async fn leave_at_rest(file: &SqliteFile) {
    let options = file.options().create_if_missing(false);
    let options = options.busy_timeout(Duration::ZERO);
    for attempt in 1..=AT_REST_ATTEMPTS {
        if attempt > 1 {
            tokio::time::sleep(BETWEEN_ATTEMPTS).await;
        }
        let outcome = async {
            let mut connection = options.connect().await?;
            let at_rest = sqlx::query("PRAGMA journal_mode = DELETE");
            let at_rest = at_rest.execute(&mut connection).await.map(drop);
            let closed = connection.close().await;
            at_rest.and(closed)
        };
        match outcome.await.map_err(|error| file.failed(error)) {
            Ok(()) => return,
            // A process reads it at this moment, or as long as it lives.
            Err(Error::Busy { .. }) => {}
            Err(error) => {
                tracing::warn!(%error, "the log of the database stays beside it");
                return;
            }
        }
    }
    tracing::debug!("the log of the database stays beside it, because others have it open");
}

/// How often it is tried to put the log into the file, while others read.
const AT_REST_ATTEMPTS: u32 = 10;

/// How long to wait between these attempts.
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(50);

/// Connects, once it is sure that the database is one of ours: to have a log changes the file.
async fn connect(
    file: &SqliteFile,
    options: SqliteConnectOptions,
    write: bool,
) -> Result<SqlitePool> {
    let first = options.connect().await;
    let mut first = first.map_err(|error| file.failed(error))?;
    check_owner(&mut first, file, write).await?;
    let options = if write {
        options.journal_mode(SqliteJournalMode::Wal)
    } else {
        options
    };
    let pool = SqlitePoolOptions::new()
        .max_connections(4)
        .acquire_timeout(Duration::from_secs(15));
    let pool = if write {
        pool
    } else {
        // A copy may be put in the place of a file that is read, as from a backup.
        let watched = Arc::new(Watched::new(&file.path));
        pool.before_acquire(move |_, connection| {
            let current = watched.is_current(connection.age);
            Box::pin(async move { Ok(current) })
        })
    };
    let pool = pool
        .connect_with(options)
        .await
        .map_err(|error| file.failed(error))?;
    let closed = first.close().await;
    closed.map_err(|error| file.failed(error))?;
    Ok(pool)
}

/// Refuses the database of another program before anything is written to it.
async fn check_owner(
    connection: &mut SqliteConnection,
    file: &SqliteFile,
    write: bool,
) -> Result<()> {
    let (application, objects): (i64, i64) = sqlx::query_as(
        "SELECT application_id, (SELECT COUNT(*) FROM sqlite_master)
         FROM pragma_application_id",
    )
    .fetch_one(&mut *connection)
    .await
    .map_err(|error| file.failed(error))?;
    let database = name(&file.path);
    match (application, objects) {
        (APPLICATION_ID, _) => Ok(()),
        (0, 0) if write => {
            let mark = AssertSqlSafe(format!("PRAGMA application_id = {APPLICATION_ID}"));
            let marked = sqlx::query(mark).execute(connection).await;
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
    let cannot = |error: io::Error| place::unwritable(&beside, &error);
    let file = place::open_beside(&beside).map_err(cannot)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::Busy {
            database: name(path),
        }),
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file as a process leaves it that is killed while a change is half in the file, and half in what undoes it.
    async fn killed_in_a_change(folder: &Path) -> SqliteFile {
        let whole = SqliteFile {
            path: folder.join("whole.db"),
            key: None,
        };
        open(&whole, OpenMode::Write).await.unwrap().close().await;
        leave_at_rest(&whole).await;
        let options = whole.options().pragma("cache_size", "2");
        let mut connection = options.connect().await.unwrap();
        let change = "BEGIN IMMEDIATE; CREATE TABLE half (of TEXT);
            WITH RECURSIVE number (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < 500)
            INSERT INTO half SELECT hex(randomblob(500)) FROM number";
        sqlx::raw_sql(change)
            .execute(&mut connection)
            .await
            .unwrap();
        let killed = SqliteFile {
            path: folder.join("killed.db"),
            key: None,
        };
        for end in ["", "-journal"] {
            let copied = std::fs::copy(beside(&whole.path, end), beside(&killed.path, end));
            assert!(copied.unwrap() > 0);
        }
        killed
    }

    #[tokio::test]
    async fn a_reader_who_may_write_undoes_what_a_killed_process_left_half_done() {
        let folder = tempfile::tempdir().unwrap();
        let killed = killed_in_a_change(folder.path()).await;
        let pool = open(&killed, OpenMode::Read).await.unwrap();
        let (tables,): (i64,) =
            sqlx::query_as("SELECT COUNT(*) FROM sqlite_master WHERE name = 'half'")
                .fetch_one(&pool)
                .await
                .unwrap();
        assert_eq!(tables, 0);
        assert!(!beside(&killed.path, "-journal").exists());
    }
}

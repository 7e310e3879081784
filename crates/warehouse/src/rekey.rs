//! Encrypting a SQLite file, giving it another key, or taking its key away.
//!
//! The database is copied under the new key beside the old one, forced to the disk, and takes its
//! place by a rename. A process that is killed leaves the old file or the new one, each whole.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use sqlx::sqlite::SqliteJournalMode;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use crate::engine::place::{self, beside};
use crate::engine::sqlite;
use crate::key::{ENCRYPTS, Key};
use crate::url::{DatabaseUrl, SqliteFile};
use crate::{Error, Result};

/// How long others may keep the file before it is said to be in use.
const PATIENCE: Duration = Duration::from_secs(2);

/// Gives a SQLite file another key; `None` takes its key away. No other process may have the file open.
pub async fn rekey(url: &DatabaseUrl, new: Option<&Key>) -> Result<()> {
    let database = url.name();
    let DatabaseUrl::Sqlite(file) = url else {
        return Err(Error::NoKey { database });
    };
    if !ENCRYPTS {
        return Err(Error::NoEncryption { database });
    }
    sqlite::check_state(file, false)?;
    let _lock = sqlite::lock(&file.path)?;
    let copy = beside(&file.path, "-rekey");
    remove(&copy).map_err(|error| place::unwritable(&file.path, &error))?;
    let mut connection = alone(file).await?;
    // A user who may not read the file may not read its copy either, before that has the same rights. Where something is
    // there again, it was put there by another process, and may lead elsewhere.
    let made = place::private().write(true).create_new(true).open(&copy);
    made.map_err(|error| place::unwritable(&file.path, &error))?;
    let copied = copy_to(&mut connection, &copy, new).await;
    let placed = match copied {
        Ok(()) => put_in_place(file, &copy).map_err(|error| place::unwritable(&file.path, &error)),
        Err(error) => Err(file.failed(error)),
    };
    // Others may have it again only when the old file is no longer there.
    let closed = connection.close().await;
    if placed.is_err() {
        remove(&copy).map_err(|error| place::unwritable(&file.path, &error))?;
    }
    placed?;
    closed.map_err(|error| file.failed(error))
}

/// Opens a file, and keeps everybody else out of it.
async fn alone(file: &SqliteFile) -> Result<SqliteConnection> {
    let in_use = |error| match file.failed(error) {
        Error::Busy { database } => Error::InUse { database },
        other => other,
    };
    // Without a log beside it, all of the database is in the one file. What is attached may be made.
    let options = file
        .options()
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Delete)
        .busy_timeout(PATIENCE);
    let mut connection = options.connect().await.map_err(in_use)?;
    let taken = sqlx::raw_sql("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
        .execute(&mut connection)
        .await;
    taken.map_err(in_use)?;
    for end in ["-wal", "-journal"] {
        if beside(&file.path, end).exists() {
            return Err(Error::InUse {
                database: place::name(&file.path),
            });
        }
    }
    Ok(connection)
}

/// Writes all of the database to another file, under another key.
async fn copy_to(
    connection: &mut SqliteConnection,
    copy: &Path,
    new: Option<&Key>,
) -> sqlx::Result<()> {
    sqlx::query("ATTACH DATABASE $1 AS copy KEY $2")
        .bind(copy.display().to_string())
        .bind(new.map_or_else(String::new, Key::raw))
        .execute(&mut *connection)
        .await?;
    sqlx::raw_sql("PRAGMA copy.synchronous = FULL; SELECT sqlcipher_export('copy')")
        .execute(&mut *connection)
        .await?;
    // These are not part of what is exported.
    for pragma in ["application_id", "user_version"] {
        let read = sqlx::AssertSqlSafe(format!("PRAGMA main.{pragma}"));
        let (value,): (i64,) = sqlx::query_as(read).fetch_one(&mut *connection).await?;
        let write = sqlx::AssertSqlSafe(format!("PRAGMA copy.{pragma} = {value}"));
        sqlx::query(write).execute(&mut *connection).await?;
    }
    let here = objects(connection, "main").await?;
    let there = objects(connection, "copy").await?;
    let (found,): (String,) = sqlx::query_as("PRAGMA copy.integrity_check(1)")
        .fetch_one(&mut *connection)
        .await?;
    if here != there || found != "ok" {
        return Err(sqlx::Error::Protocol(format!(
            "the copy is not like the database: {there} of {here} objects, {found}"
        )));
    }
    sqlx::query("DETACH DATABASE copy")
        .execute(&mut *connection)
        .await?;
    Ok(())
}

/// How many tables, indexes, views and triggers there are.
async fn objects(connection: &mut SqliteConnection, schema: &str) -> sqlx::Result<i64> {
    let count = sqlx::AssertSqlSafe(format!(
        "SELECT COUNT(*) FROM {schema}.sqlite_master WHERE name NOT LIKE 'sqlite_stat%'"
    ));
    let (found,): (i64,) = sqlx::query_as(count).fetch_one(connection).await?;
    Ok(found)
}

/// Lets a copy that is whole take the place of a file, with its owner and its mode.
fn put_in_place(file: &SqliteFile, copy: &Path) -> io::Result<()> {
    let before = fs::metadata(&file.path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, chown};

        let made = fs::metadata(copy)?;
        if (made.uid(), made.gid()) != (before.uid(), before.gid()) {
            chown(copy, Some(before.uid()), Some(before.gid()))?;
        }
    }
    fs::set_permissions(copy, before.permissions())?;
    File::open(copy)?.sync_all()?;
    fs::rename(copy, &file.path)?;
    let folder = file
        .path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Removes a copy that an earlier process did not finish.
fn remove(copy: &Path) -> io::Result<()> {
    for path in [copy.to_owned(), beside(copy, "-journal")] {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

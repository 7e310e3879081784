//! What can go wrong with a database, in words that say what to do.

use std::path::{Path, PathBuf};

use sqlx::error::DatabaseError;
use sqlx::sqlite::SqliteError;

/// An operation on the warehouse failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no database yet.
    #[error("there is no database at {path}: `centime run` creates one")]
    Missing {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The file is not a SQLite database.
    #[error("{path} is not a database: choose another file with --database sqlite:PATH")]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file is the database of another program.
    #[error(
        "{path} is the database of another program: choose another file with --database sqlite:PATH"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened.
    #[error("{path} cannot be opened ({reason}): check that the folder exists and may be written")]
    CannotOpen {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The file or its folder is read-only.
    #[error(
        "{path} or its folder is read-only: make it writable or choose another file with --database sqlite:PATH"
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
    },
    /// The disk is full.
    #[error(
        "the disk of {path} is full: free some space and run again; what was published is untouched"
    )]
    DiskFull {
        /// The file.
        path: PathBuf,
    },
    /// The file is damaged.
    #[error("{path} is damaged ({reason}): restore a copy, or move it away and run again")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        reason: String,
    },
    /// Another process holds the database.
    #[error("{path} is in use by another run: wait for it to end, or stop it")]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// The database was made by a version whose tables were others.
    #[error(
        "{path} was made by another version of Centime, whose tables were others: move it away, or choose another file with --database sqlite:PATH"
    )]
    OtherVersion {
        /// The file.
        path: PathBuf,
    },
    /// The database was made by a newer version.
    #[error("{path} was made by a newer version of Centime: upgrade this one")]
    Newer {
        /// The file.
        path: PathBuf,
    },
    /// Nothing has been published in the database yet.
    #[error("nothing is published in {path} yet: `centime run` publishes a first revision")]
    NothingPublished {
        /// The file.
        path: PathBuf,
    },
    /// The marts were made by another version of the analyses.
    #[error(
        "the analyses in {path} were made by another version of Centime: `centime run` makes them again"
    )]
    OutdatedMarts {
        /// The file.
        path: PathBuf,
    },
    /// A published revision that was asked for is not there.
    #[error(
        "{path} has no revision {revision}: it was never published, or its retention has passed"
    )]
    UnknownRevision {
        /// The file.
        path: PathBuf,
        /// The revision.
        revision: i64,
    },
    /// A stored value is not one this version writes.
    #[error(
        "{path} holds an unexpected value ({what}): it was changed by hand or is damaged; move it away and run again"
    )]
    UnexpectedValue {
        /// The file.
        path: PathBuf,
        /// Which value.
        what: String,
    },
    /// Any other failure of the engine.
    #[error("the database {path} failed: {source}")]
    Engine {
        /// The file.
        path: PathBuf,
        /// What the engine said.
        source: sqlx::Error,
    },
}

impl Error {
    /// Says what an engine failure means for the person at the keyboard.
    pub(crate) fn of(path: &Path, source: sqlx::Error) -> Self {
        let path = path.to_owned();
        let Some((code, reason)) = sqlite_code(&source) else {
            return match source {
                sqlx::Error::PoolTimedOut => Self::Busy { path },
                source => Self::Engine { path, source },
            };
        };
        match code & 0xff {
            5 | 6 => Self::Busy { path },
            8 => Self::ReadOnly { path },
            13 => Self::DiskFull { path },
            // A disk that fills up while the write-ahead log grows fails as an input/output error.
            10 if code == SHORT_WRITE => Self::DiskFull { path },
            10 | 11 => Self::Damaged { path, reason },
            14 => Self::CannotOpen { path, reason },
            26 => Self::NotADatabase { path },
            _ => Self::Engine { path, source },
        }
    }
}

/// `SQLITE_IOERR_WRITE`.
const SHORT_WRITE: i32 = 778;

fn sqlite_code(error: &sqlx::Error) -> Option<(i32, String)> {
    let database = error.as_database_error()?;
    let code = database
        .try_downcast_ref::<SqliteError>()?
        .code()?
        .parse()
        .ok()?;
    Some((code, database.message().to_owned()))
}

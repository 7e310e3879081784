//! What a failure of an engine means: its codes, for the person at the keyboard.

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;
use sqlx::postgres::PgDatabaseError;
use sqlx::sqlite::SqliteError;

use super::{Error, Unusable, tls};

impl Error {
    /// Says what an engine failure means for the person at the keyboard.
    pub(crate) fn of(database: &str, source: sqlx::Error) -> Self {
        let database = database.to_owned();
        let source = match Unusable::within(source) {
            Ok(unusable) => return Self::Own(unusable),
            Err(source) => source,
        };
        if let Some(reason) = tls::reason(&source) {
            return Self::Tls { database, reason };
        }
        if let Some((code, reason)) = sqlite_code(&source) {
            return Self::of_sqlite(database, code, reason, source);
        }
        if let Some((code, reason)) = postgres_code(&source) {
            return Self::of_postgres(database, &code, reason, source);
        }
        match source {
            sqlx::Error::ColumnDecode { index, source } => Self::UnexpectedValue {
                database,
                what: format!("in the column {index}: {source}"),
            },
            // A file is waited for while it is written; a server answers at once, or is away.
            sqlx::Error::PoolTimedOut if database.starts_with("postgres") => Self::Unreachable {
                database,
                reason: "it did not take a connection in time".to_owned(),
            },
            sqlx::Error::PoolTimedOut => Self::Busy { database },
            sqlx::Error::Io(error) => Self::Unreachable {
                database,
                reason: error.to_string(),
            },
            source => Self::Engine { database, source },
        }
    }

    fn of_sqlite(database: String, code: i32, reason: String, source: sqlx::Error) -> Self {
        match code & 0xff {
            5 | 6 => Self::Busy { database },
            8 if UNFINISHED.contains(&code) => Self::NeedsWriter { database, reason },
            8 => Self::ReadOnly { database },
            13 => Self::DiskFull { database },
            // A disk that fills up while the write-ahead log or its index grows fails as an input/output error.
            10 if FULL.contains(&code) => Self::DiskFull { database },
            // That the system failed says nothing about the file.
            10 if !DAMAGE.contains(&code) => Self::Storage { database, reason },
            10 | 11 => Self::Damaged { database, reason },
            14 => Self::CannotOpen { database, reason },
            26 => Self::NotADatabase { database },
            _ => Self::Engine { database, source },
        }
    }

    fn of_postgres(database: String, code: &str, reason: String, source: sqlx::Error) -> Self {
        match code {
            // The server says here, too, that it accepts encrypted connections only.
            "28000" if reason.contains("no encryption") => Self::Tls {
                database,
                reason: format!("{reason}; ask for encryption with sslmode=verify-full"),
            },
            "28P01" | "28000" => Self::Unauthorised { database, reason },
            "42501" | "25006" => Self::NotAllowed { database, reason },
            "2BP01" => Self::InUseByViews { database, reason },
            "53100" => Self::DiskFull { database },
            "XX001" | "XX002" => Self::Damaged { database, reason },
            "55P03" => Self::Busy { database },
            // No such database, too many connections, or a server that starts or stops.
            "3D000" | "53300" | "57P01" | "57P02" | "57P03" => {
                Self::Unreachable { database, reason }
            }
            // A server of a cluster cannot reach another.
            _ if code.starts_with("08") => Self::Unreachable { database, reason },
            _ => Self::Engine { database, source },
        }
    }

    /// Says what the failure of a migration means.
    pub(crate) fn of_migration(database: &str, error: MigrateError) -> Self {
        let name = database.to_owned();
        match error {
            MigrateError::VersionMismatch(_) => Self::OtherVersion { database: name },
            MigrateError::VersionMissing(_) | MigrateError::VersionTooNew(..) => {
                Self::Newer { database: name }
            }
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => {
                match Self::of(database, error) {
                    Self::NotAllowed { database, .. } => Self::NeedsOwner { database },
                    other => other,
                }
            }
            other => Self::Engine {
                database: name,
                source: sqlx::Error::Migrate(Box::new(other)),
            },
        }
    }
}

/// Codes of a disk that is full: `SQLITE_IOERR_WRITE` and `SQLITE_IOERR_SHMSIZE`.
const FULL: [i32; 2] = [778, 4874];

/// Codes of a file whose own contents are wrong: `SQLITE_IOERR_SHORT_READ`, `SQLITE_IOERR_DATA` and
/// `SQLITE_IOERR_CORRUPTFS`.
const DAMAGE: [i32; 3] = [522, 8202, 8458];

/// Codes of a file that a reader would have to put in order first: `SQLITE_READONLY_RECOVERY`, `_CANTLOCK`,
/// `_ROLLBACK`, `_CANTINIT` and `_DIRECTORY`.
const UNFINISHED: [i32; 5] = [264, 520, 776, 1288, 1544];

fn sqlite_code(error: &sqlx::Error) -> Option<(i32, String)> {
    let database = error.as_database_error()?;
    let code = database
        .try_downcast_ref::<SqliteError>()?
        .code()?
        .parse()
        .ok()?;
    Some((code, database.message().to_owned()))
}

fn postgres_code(error: &sqlx::Error) -> Option<(String, String)> {
    let database = error.as_database_error()?;
    let error = database.try_downcast_ref::<PgDatabaseError>()?;
    // What depends on something is named in the detail only.
    let reason = match (error.code(), error.detail()) {
        ("2BP01", Some(detail)) => detail.replace('\n', ", "),
        _ => error.message().to_owned(),
    };
    Some((error.code().to_owned(), reason))
}

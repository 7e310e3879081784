//! PostgreSQL: the system of record of a team.

use std::cmp::Ordering;
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgSslMode};
use sqlx::{ConnectOptions, Connection as _, Executor};

use super::OpenMode;
use super::pooler::{self, Settings};
use super::scripts::{AS_OWNER, DISTRIBUTE};
use crate::migrations;
use crate::url::PostgresUrl;
use crate::{Error, Result};

/// The oldest server that has everything used here.
const OLDEST: i64 = 150_000;

/// The lock that the one running pipeline of a database holds: `CENT` in ASCII.
const RUN_LOCK: i64 = 0x4345_4e54;

/// The lock that a session holds while it makes tables: `CENM` in ASCII.
const MIGRATION_LOCK: i64 = 0x4345_4e4d;

/// How long a run waits for the lock: the server needs a moment to notice that a process was killed.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);

/// The settings of every connection. A reader may not write, whatever its role.
const READING: Settings = &[
    ("default_transaction_read_only", "on"),
    ("statement_timeout", "30s"),
];

/// The server ends the work of a process that is gone, and frees its lock.
const WRITING: Settings = &[("client_connection_check_interval", "500ms")];

/// Later sessions wait.
const LETTING_IN: Settings = &[("statement_timeout", "10s")];

/// Opens a database. With [`OpenMode::Write`] its tables are made as needed.
pub(crate) async fn open(url: &PostgresUrl, name: &str, mode: OpenMode) -> Result<PgPool> {
    // Statements that take long are not logged: analyses of many bodies do.
    let options = url.options.clone().disable_statement_logging();
    let options = encrypted_where_insisted(options).await;
    let settings = match mode {
        OpenMode::Read => READING,
        OpenMode::Write => WRITING,
    };
    let (mut connection, way) = pooler::find(options, settings, name).await?;
    check_version(&mut connection, name).await?;
    match mode {
        OpenMode::Write => migrate(&mut connection, name).await?,
        OpenMode::Read => check_migrated(&mut connection, name).await?,
    }
    // It has done its work; how it ends does not matter.
    drop(connection.close().await);
    Ok(way.pool(pooler::few(8)))
}

/// Opens a database to let in those with a token. Its tables must be those of this version, and the
/// role must be one that may read tokens.
pub(crate) async fn open_ledger(url: &PostgresUrl, name: &str) -> Result<PgPool> {
    let options = url.options.clone().disable_statement_logging();
    let (mut connection, way) = pooler::find(options, LETTING_IN, name).await?;
    check_version(&mut connection, name).await?;
    check_migrated(&mut connection, name).await?;
    sqlx::query("SELECT 1 FROM ops.api_token LIMIT 0")
        .execute(&mut connection)
        .await
        .map_err(|error| Error::of(name, error))?;
    drop(connection.close().await);
    Ok(way.pool(pooler::few(4)))
}

/// `allow` asks for encryption only where the server insists on it.
async fn encrypted_where_insisted(options: PgConnectOptions) -> PgConnectOptions {
    if !matches!(options.get_ssl_mode(), PgSslMode::Allow) {
        return options;
    }
    let refused = PgConnection::connect_with(&options).await.err();
    let insists = refused
        .as_ref()
        .and_then(sqlx::Error::as_database_error)
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code == "28000");
    if insists {
        options.ssl_mode(PgSslMode::Require)
    } else {
        options
    }
}

async fn check_version(connection: &mut PgConnection, name: &str) -> Result<()> {
    let (number, version): (i64, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::bigint, current_setting('server_version')",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| Error::of(name, error))?;
    if number < OLDEST {
        return Err(Error::TooOld {
            database: name.to_owned(),
            version,
        });
    }
    Ok(())
}

/// Runs the migrations that the database has not seen. Where all were run nothing is asked of the
/// user's rights, so that a loader, who may not make tables, can go on.
async fn migrate(connection: &mut PgConnection, name: &str) -> Result<()> {
    if matches!(check_migrated(connection, name).await, Ok(())) {
        return Ok(());
    }
    // From the first look to the last table, so that no other process takes half-made schemas for foreign ones.
    // The lock ends with the connection, which is of no other use.
    sqlx::query("SELECT pg_advisory_lock($1)")
        .bind(MIGRATION_LOCK)
        .execute(&mut *connection)
        .await
        .map_err(|error| Error::of(name, error))?;
    refuse_foreign(connection, name).await?;
    sqlx::raw_sql(AS_OWNER)
        .execute(&mut *connection)
        .await
        .map_err(|error| Error::of(name, error))?;
    // Citus remarks on each view that its tables are not distributed yet.
    sqlx::raw_sql("SET client_min_messages = error")
        .execute(&mut *connection)
        .await
        .map_err(|error| Error::of(name, error))?;
    migrations::mend_postgres(connection)
        .await
        .map_err(|error| Error::of_migration(name, error.into()))?;
    migrations::run_postgres(connection, &migrations::POSTGRES)
        .await
        .map_err(|error| Error::of_migration(name, error))?;
    sqlx::raw_sql(DISTRIBUTE)
        .execute(connection)
        .await
        .map(drop)
        .map_err(|error| Error::of(name, error))
}

/// Refuses a database in which another program has schemas of our names. An empty `ops` is what is left of
/// ours when a first migration was killed before it had made its first table.
async fn refuse_foreign(connection: &mut PgConnection, name: &str) -> Result<()> {
    let (foreign,): (bool,) = sqlx::query_as(
        "SELECT to_regclass('ops.migration') IS NULL AND EXISTS (
             SELECT FROM pg_namespace schema
             WHERE nspname IN ('raw', 'core', 'mart', 'partition', 'published', 'slice')
             OR nspname = 'ops'
                AND (EXISTS (SELECT FROM pg_class WHERE relnamespace = schema.oid)
                     OR EXISTS (SELECT FROM pg_proc WHERE pronamespace = schema.oid)))",
    )
    .fetch_one(connection)
    .await
    .map_err(|error| Error::of(name, error))?;
    if foreign {
        return Err(Error::Foreign {
            database: name.to_owned(),
        });
    }
    Ok(())
}

/// Makes sure that the tables are those of this version.
async fn check_migrated(connection: &mut PgConnection, name: &str) -> Result<()> {
    let failed = |error| Error::of(name, error);
    let database = name.to_owned();
    let (known,): (bool,) = sqlx::query_as("SELECT to_regclass('ops.migration') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .map_err(failed)?;
    if !known {
        return Err(Error::NothingPublished { database });
    }
    let applied: Vec<(Vec<u8>,)> =
        sqlx::query_as("SELECT checksum FROM ops.migration WHERE success ORDER BY version")
            .fetch_all(connection)
            .await
            .map_err(failed)?;
    let ours = migrations::checksums(&migrations::POSTGRES);
    let mut known = applied.iter().zip(&ours);
    let same = known.all(|((found,), ours)| ours.is(found));
    match applied.len().cmp(&ours.len()) {
        Ordering::Greater => Err(Error::Newer { database }),
        _ if !same => Err(Error::OtherVersion { database }),
        Ordering::Less => Err(Error::NeedsOwner { database }),
        Ordering::Equal => Ok(()),
    }
}

/// Takes the lock that only one run may hold, on a connection of its own. The server releases it
/// when the connection ends, in whatever way.
pub(crate) async fn lock(pool: &PgPool, name: &str) -> Result<PgConnection> {
    let failed = |error| Error::of(name, error);
    let mut connection = pool.acquire().await.map_err(failed)?.detach();
    let until = Instant::now() + LOCK_PATIENCE;
    loop {
        let (taken,): (bool,) = sqlx::query_as("SELECT pg_try_advisory_lock($1)")
            .bind(RUN_LOCK)
            .fetch_one(&mut connection)
            .await
            .map_err(failed)?;
        if taken {
            break;
        }
        if Instant::now() > until {
            return Err(Error::Busy {
                database: name.to_owned(),
            });
        }
        tokio::time::sleep(LOCK_PATIENCE / 10).await;
    }
    connection
        .execute("SET idle_session_timeout = 0")
        .await
        .map_err(failed)?;
    Ok(connection)
}

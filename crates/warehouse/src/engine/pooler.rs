//! How connections to a server are made, and what is in between: a pooler such as `PgBouncer` passes no settings on,
//! and may lend each transaction another connection to the server.

use std::io;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{AssertSqlSafe, Connection as _, Row};

use crate::{Error, Result};

/// How long a request waits for a free connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// The settings of a connection, which must be in force whatever is in between.
pub(crate) type Settings = &'static [(&'static str, &'static str)];

/// A setting that means nothing to the server: a session that has it has its settings passed on.
const PROBE: (&str, &str) = ("centime.settings", "passed");

/// The ways in which poolers refuse settings: a violation of the protocol, or a feature that they have not.
const REFUSALS: [&str; 2] = ["08P01", "0A000"];

/// How connections are made, once it is known what is in between.
pub(crate) struct Way {
    options: PgConnectOptions,
    /// What sets the settings, where the start of a connection cannot.
    script: Option<String>,
}

/// Connects, or gives up after a time.
pub(crate) async fn connect(options: &PgConnectOptions) -> sqlx::Result<PgConnection> {
    match tokio::time::timeout(PATIENCE * 2, PgConnection::connect_with(options)).await {
        Ok(connected) => connected,
        Err(_elapsed) => Err(sqlx::Error::Io(io::Error::new(
            io::ErrorKind::TimedOut,
            "no answer within ten seconds",
        ))),
    }
}

/// Connects, and finds out how the settings come into force: with the start of the connection, or, through a
/// pooler that keeps a connection for its client, by statement. Fails where nothing keeps them.
pub(crate) async fn find(
    options: PgConnectOptions,
    settings: Settings,
    name: &str,
) -> Result<(PgConnection, Way)> {
    let failed = |error| Error::of(name, error);
    // A pooler would refuse it, and amounts are no floats.
    let plain = options.extra_float_digits(None);
    let options = plain
        .clone()
        .options(settings.iter().chain([&PROBE]).copied());
    match connect(&options).await {
        Ok(mut connection) => {
            if are_in_force(&mut connection, settings)
                .await
                .map_err(failed)?
            {
                let script = None;
                return Ok((connection, Way { options, script }));
            }
        }
        Err(error) if refuses_settings(&error) => {}
        Err(error) => return Err(failed(error)),
    }
    let mut connection = connect(&plain).await.map_err(failed)?;
    let mut other = connect(&plain).await.map_err(failed)?;
    let shared = are_shared(&mut connection, &mut other).await;
    // It has done its work; how it ends does not matter.
    drop(other.close().await);
    if shared.map_err(failed)? {
        return Err(Error::SharedConnections {
            database: name.to_owned(),
        });
    }
    let script = settings.iter().chain([&PROBE]);
    let script = script.map(|(setting, value)| format!("SET {setting} = '{value}';"));
    let way = Way {
        options: plain,
        script: Some(script.collect::<Vec<_>>().concat()),
    };
    way.set(&mut connection).await.map_err(failed)?;
    Ok((connection, way))
}

impl Way {
    /// A pool of such connections.
    pub(crate) fn pool(self, options: PgPoolOptions) -> PgPool {
        let Self {
            options: start,
            script,
        } = self;
        let options = options.after_connect(move |connection, _| {
            let script = script.clone();
            Box::pin(async move { run(connection, script).await })
        });
        options.connect_lazy_with(start)
    }

    async fn set(&self, connection: &mut PgConnection) -> sqlx::Result<()> {
        run(connection, self.script.clone()).await
    }
}

async fn run(connection: &mut PgConnection, script: Option<String>) -> sqlx::Result<()> {
    if let Some(script) = script {
        let script = sqlx::raw_sql(AssertSqlSafe(script));
        script.execute(connection).await?;
    }
    Ok(())
}

fn refuses_settings(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| REFUSALS.contains(&&*code))
}

async fn are_in_force(connection: &mut PgConnection, settings: Settings) -> sqlx::Result<bool> {
    for (setting, value) in settings.iter().chain([&PROBE]) {
        let sql = format!("SELECT current_setting('{setting}', true)");
        let found: Option<String> = one(connection, sql).await?.try_get(0)?;
        if found.as_deref() != Some(*value) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether two connections are the same one to the server, or one is several. The order finds it out also where
/// a pooler lends its connections in turn.
async fn are_shared(this: &mut PgConnection, other: &mut PgConnection) -> sqlx::Result<bool> {
    let first = process(this).await?;
    let second = process(this).await?;
    let third = process(other).await?;
    let fourth = process(this).await?;
    let fifth = process(other).await?;
    Ok(first != second || first != fourth || third != fifth || first == third)
}

/// The process of the server that a connection leads to.
async fn process(connection: &mut PgConnection) -> sqlx::Result<String> {
    let sql = "SELECT pg_backend_pid()::text".to_owned();
    one(connection, sql).await?.try_get(0)
}

/// A row, without a prepared statement: another connection would not have it.
async fn one(connection: &mut PgConnection, sql: String) -> sqlx::Result<PgRow> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .fetch_one(connection)
        .await
}

/// The pools of a program that is reached by few at a time.
pub(crate) fn few(connections: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(PATIENCE)
        .max_lifetime(std::time::Duration::from_mins(30))
        .idle_timeout(std::time::Duration::from_mins(5))
}

#[cfg(test)]
mod tests {
    use centime_test_database::{Pooler, shared};
    use sqlx::ConnectOptions;

    use super::*;
    use crate::engine::OpenMode;
    use crate::{DatabaseUrl, Warehouse};

    const READING: Settings = &[
        ("default_transaction_read_only", "on"),
        ("statement_timeout", "30s"),
    ];

    fn options(address: &str) -> PgConnectOptions {
        let options: PgConnectOptions = address.parse().unwrap();
        options.disable_statement_logging()
    }

    async fn setting(pool: &PgPool, name: &str) -> String {
        let found: (String,) = sqlx::query_as("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(pool)
            .await
            .unwrap();
        found.0
    }

    #[tokio::test]
    async fn settings_are_in_force_on_every_connection_to_a_server() {
        let address = shared().database();
        let (_connection, way) = find(options(&address), READING, "x").await.unwrap();
        assert!(way.script.is_none());
        let pool = way.pool(few(2));
        assert_eq!(setting(&pool, "statement_timeout").await, "30s");
    }

    #[tokio::test]
    async fn a_pooler_that_keeps_connections_is_as_good_as_the_server() {
        // The second passes over what it does not know, which is the worse for those who believe it.
        for ignored in ["", "ignore_startup_parameters = options"] {
            let settings = format!("pool_mode = session\n{ignored}");
            let Some(pooler) = Pooler::start(shared(), &settings) else {
                return;
            };
            let address = pooler.url(&shared().new_database());
            let (mut first, way) = find(options(&address), READING, "x").await.unwrap();
            assert!(are_in_force(&mut first, READING).await.unwrap());
            let pool = way.pool(few(3));
            let mut held = Vec::new();
            for _ in 0..3 {
                let mut connection = pool.acquire().await.unwrap();
                assert!(are_in_force(&mut connection, READING).await.unwrap());
                let written = sqlx::raw_sql("CREATE TABLE t (i int)");
                written.execute(&mut *connection).await.unwrap_err();
                held.push(connection);
            }

            let url: DatabaseUrl = address.parse().unwrap();
            let written = Warehouse::open(&url, OpenMode::Write).await.unwrap();
            let lock = written.lock().await.unwrap();
            let other = Warehouse::open(&url, OpenMode::Write).await.unwrap();
            assert!(matches!(other.lock().await, Err(Error::Busy { .. })));
            drop(lock);
            other.lock().await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_pooler_that_shares_connections_is_refused_with_what_to_do() {
        for more in [
            "pool_mode = transaction",
            "pool_mode = statement",
            "pool_mode = transaction\nignore_startup_parameters = options",
            "pool_mode = transaction\nserver_round_robin = 1\nmin_pool_size = 3",
        ] {
            let Some(pooler) = Pooler::start(shared(), more) else {
                return;
            };
            let url: DatabaseUrl = pooler.url(&shared().new_database()).parse().unwrap();
            for access in [OpenMode::Read, OpenMode::Write] {
                let refused = Warehouse::open(&url, access).await.unwrap_err();
                assert!(
                    matches!(refused, Error::SharedConnections { .. }),
                    "{refused}"
                );
                assert!(refused.to_string().contains("session"));
            }
        }
    }
}

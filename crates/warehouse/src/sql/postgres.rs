//! Statements of readers on PostgreSQL.
//!
//! What a role may read is the wall: a statement can set its role, its settings and its transaction back to what the
//! connection began with, and functions of the server run statements that are texts. Before that wall stands another.
//! A statement becomes a temporary view, which runs nothing, and the server's own account of it tells which tables it
//! reads and which functions it calls. It may read views of `published`, and call functions of the server that change
//! nothing: none that waits, takes locks, ends the work of others, sets anything or runs a text. The view goes
//! with its transaction, and the connection with its statement.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::{
    AssertSqlSafe, Column, ConnectOptions, Connection, Either, Executor, Row, SqlSafeStr,
    Statement, TypeInfo,
};

use super::answer::{
    Answer, AnswerColumn, Gathered, LONGEST_VALUE, Limits, MOST_COLUMNS, NoAnswer, Of, View,
};
use super::words::line_at;
use crate::engine::pooler::connect;
use crate::url::PostgresUrl;
use crate::{Error, Result};

/// What a statement is called while it is looked at.
const NAME: &str = "centime_statement";

/// How many rows come at a time.
const ROWS: usize = 500;

/// How much longer than the server we wait for the end of a statement.
const GRACE: Duration = Duration::from_secs(1);

/// Why the role of a connection may not run statements of readers, if it may not: the first thing that it, or a role
/// that it can become, may do besides reading what is published.
const TOO_MUCH: &str = "
    WITH mine AS (
        SELECT * FROM pg_catalog.pg_roles
        WHERE pg_catalog.pg_has_role(session_user, oid, 'MEMBER')
    ),
    schemas AS (
        SELECT mine.oid AS role, mine.rolname, space.oid, space.nspname
        FROM mine, pg_catalog.pg_namespace AS space
        WHERE space.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
            AND space.nspname !~ '^pg_(toast_)?temp_'
            AND pg_catalog.has_schema_privilege(mine.oid, space.oid, 'USAGE')
    )
    SELECT reason FROM (
        SELECT 1 AS place, pg_catalog.format('%s is a superuser', rolname) AS reason FROM mine WHERE rolsuper
        UNION ALL
        SELECT 2, pg_catalog.format('%s may make roles or databases, replicate, or pass over row security', rolname)
        FROM mine WHERE rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
        UNION ALL
        SELECT 3, pg_catalog.format('%s is a member of %s', session_user, rolname) FROM mine WHERE rolname ~ '^pg_'
        UNION ALL
        SELECT 4, pg_catalog.format('%s may read or change %I.%I', rolname, nspname, relation.relname)
        FROM schemas
        JOIN pg_catalog.pg_class AS relation ON relation.relnamespace = schemas.oid
        WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND nspname <> 'published'
            AND (pg_catalog.has_table_privilege(role, relation.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
                OR pg_catalog.has_any_column_privilege(role, relation.oid, 'SELECT, INSERT, UPDATE'))
        UNION ALL
        SELECT 5, pg_catalog.format('%s may change %I.%I', rolname, nspname, relation.relname)
        FROM schemas
        JOIN pg_catalog.pg_class AS relation ON relation.relnamespace = schemas.oid
        WHERE relation.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND (pg_catalog.has_table_privilege(role, relation.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                OR pg_catalog.has_any_column_privilege(role, relation.oid, 'INSERT, UPDATE'))
        UNION ALL
        SELECT 6, pg_catalog.format('%s may call %I.%I, which acts with the rights of its owner', rolname, nspname, proname)
        FROM schemas
        JOIN pg_catalog.pg_proc AS routine ON routine.pronamespace = schemas.oid
        WHERE (prosecdef OR proname ~ '^dblink')
            AND pg_catalog.has_function_privilege(role, routine.oid, 'EXECUTE')
        UNION ALL
        SELECT 7, pg_catalog.format('%s may read the passwords of roles', rolname)
        FROM mine WHERE pg_catalog.has_table_privilege(oid, 'pg_catalog.pg_authid', 'SELECT')
        UNION ALL
        SELECT 8, pg_catalog.format('%s may not read the views of the schema published', session_user)
        WHERE NOT EXISTS (
            SELECT FROM pg_catalog.pg_class AS relation
            JOIN pg_catalog.pg_namespace AS space ON space.oid = relation.relnamespace
            WHERE nspname = 'published' AND relkind = 'v'
                AND pg_catalog.has_schema_privilege(session_user, space.oid, 'USAGE')
                AND pg_catalog.has_table_privilege(session_user, relation.oid, 'SELECT'))
        UNION ALL
        SELECT 9, pg_catalog.format('%s may make no temporary views (GRANT TEMPORARY ON DATABASE %I TO %I)',
            session_user, pg_catalog.current_database(), session_user)
        WHERE NOT pg_catalog.has_database_privilege(session_user, pg_catalog.current_database(), 'TEMPORARY')
        UNION ALL
        SELECT 10, 'it is a copy that follows another server, which makes no temporary views'
        WHERE pg_catalog.pg_is_in_recovery()
    ) AS found
    ORDER BY place LIMIT 1";

/// What a statement does that it may not: the first table that is no published view, or the first function that is
/// not one of the server's own that change nothing.
const NOT_ALLOWED: &str = r"
    WITH account AS (
        SELECT rule.ev_class, rule.ev_action::pg_catalog.text AS tree
        FROM pg_catalog.pg_rewrite AS rule
        WHERE rule.ev_class = 'pg_temp.centime_statement'::pg_catalog.regclass
    ),
    called AS (
        SELECT DISTINCT (pg_catalog.regexp_matches(
            tree, ':(?:funcid|opfuncid|aggfnoid|winfnoid|tsmhandler) (\d+)', 'g'))[1]::pg_catalog.oid AS oid
        FROM account
    ),
    named AS (
        SELECT DISTINCT (pg_catalog.regexp_matches(tree, ':relid (\d+)', 'g'))[1]::pg_catalog.oid AS oid
        FROM account
    )
    SELECT pg_catalog.format('the table «%s» may not be read here', relation.relname) AS reason
    FROM named
    JOIN pg_catalog.pg_class AS relation ON relation.oid = named.oid
    JOIN pg_catalog.pg_namespace AS space ON space.oid = relation.relnamespace
    WHERE space.nspname <> 'published' AND relation.oid NOT IN (SELECT ev_class FROM account)
    UNION ALL
    SELECT pg_catalog.format('the function «%s» may not be used here', routine.proname)
    FROM called
    JOIN pg_catalog.pg_proc AS routine ON routine.oid = called.oid
    JOIN pg_catalog.pg_namespace AS space ON space.oid = routine.pronamespace
    WHERE space.nspname <> 'pg_catalog'
        OR routine.provolatile = 'v'
            AND routine.proname NOT IN ('random', 'clock_timestamp', 'statement_timestamp', 'gen_random_uuid')
        OR routine.proname ~ '^(pg_|lo_|loread|txid_|inet_|current_setting|ts_stat|ts_rewrite)'
            AND routine.proname NOT IN ('pg_typeof', 'pg_size_pretty')
        OR routine.proname ~ '_to_xml'
    LIMIT 1";

/// A server, and the role that statements run as.
pub(super) struct Server {
    options: PgConnectOptions,
    name: String,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// The server, unless the role may do more than read what is published.
    pub(super) async fn open(url: &PostgresUrl, its_user: bool) -> Result<Self> {
        let server = Self {
            options: url
                .options
                .clone()
                .extra_float_digits(None)
                .application_name("centime sql")
                .disable_statement_logging(),
            name: url.shown().to_owned(),
        };
        if its_user {
            return Ok(server);
        }
        let mut connection = server.connect().await?;
        let reason = connection.fetch_optional(TOO_MUCH).await;
        let reason = reason.and_then(|row| row.map(|row| row.try_get(0)).transpose());
        let reason: Option<String> = reason.map_err(|error| server.failed(error))?;
        drop(connection.close().await);
        match reason {
            None => Ok(server),
            Some(reason) => Err(Error::TooMuch {
                database: server.name,
                reason,
            }),
        }
    }

    fn failed(&self, error: sqlx::Error) -> Error {
        Error::of(&self.name, error)
    }

    async fn connect(&self) -> Result<PgConnection> {
        connect(&self.options)
            .await
            .map_err(|error| self.failed(error))
    }

    /// The published views.
    pub(super) async fn views(&self) -> Result<Vec<View>> {
        const VIEWS: &str = "
            SELECT relation.relname::text, field.attname::text,
                pg_catalog.format_type(field.atttypid, field.atttypmod)
            FROM pg_catalog.pg_class AS relation
            JOIN pg_catalog.pg_namespace AS space ON space.oid = relation.relnamespace
            JOIN pg_catalog.pg_attribute AS field ON field.attrelid = relation.oid AND field.attnum > 0
            WHERE space.nspname = 'published' AND relation.relkind = 'v' AND NOT field.attisdropped
                AND pg_catalog.has_table_privilege(relation.oid, 'SELECT')
            ORDER BY relation.relname, field.attnum";
        let read = async {
            let mut connection = connect(&self.options).await?;
            let rows = sqlx::query_as(VIEWS).fetch_all(&mut connection).await?;
            drop(connection.close().await);
            Ok(rows)
        };
        let rows: sqlx::Result<Vec<(String, String, String)>> = read.await;
        let mut views: Vec<View> = Vec::new();
        for (view, column, kind) in rows.map_err(|error| self.failed(error))? {
            match views.last_mut() {
                Some(last) if last.name == view => last.columns.push((column, kind)),
                _ => views.push(View {
                    name: view,
                    columns: vec![(column, kind)],
                }),
            }
        }
        Ok(views)
    }

    /// What a statement gives.
    pub(super) async fn ask(&self, sql: &str, limits: Limits) -> Result<Answer, NoAnswer> {
        let mut connection = self.connect().await?;
        let ended = async {
            let row = connection
                .fetch_one("SELECT pg_catalog.pg_backend_pid()")
                .await?;
            row.try_get::<i32, _>(0)
        };
        let process = ended.await.map_err(|error| self.failed(error))?;
        let mut watch = Watch {
            options: self.options.clone(),
            process: Some(process),
        };
        let asked = self.ask_on(&mut connection, sql, limits);
        let answered = tokio::time::timeout(limits.time + GRACE, asked).await;
        let Ok(answered) = answered else {
            // The server did not keep to the time: another connection ends the statement.
            drop(watch);
            return Err(NoAnswer::TooLong(limits.time.as_secs()));
        };
        watch.process = None;
        drop(connection.close().await);
        answered
    }

    async fn ask_on(
        &self,
        connection: &mut PgConnection,
        sql: &str,
        limits: Limits,
    ) -> Result<Answer, NoAnswer> {
        let failed = |error| self.refused(sql, 0, limits, error);
        let columns = self.look(connection, sql, limits).await?;
        let shown: Vec<String> = (1..=columns.len())
            .map(|number| {
                let most = LONGEST_VALUE + 1;
                format!("pg_catalog.left(c{number}::pg_catalog.text, {most})")
            })
            .collect();
        let milliseconds = limits.time.as_millis().max(1);
        // What a statement sets would be in force for the next one: each has its time set anew.
        let in_time = format!("SET LOCAL statement_timeout = {milliseconds}");
        let begin = format!(
            "SET TRANSACTION READ ONLY; {in_time}; SET LOCAL lock_timeout = '2s'; \
             DECLARE centime_rows NO SCROLL CURSOR FOR SELECT {} FROM pg_temp.{NAME}",
            shown.join(", ")
        );
        run(connection, begin).await.map_err(failed)?;
        let mut gathered = Gathered::new(limits);
        let fetch = format!("FETCH FORWARD {ROWS} FROM centime_rows");
        loop {
            run(connection, in_time.clone()).await.map_err(failed)?;
            let rows = sqlx::query(AssertSqlSafe(fetch.clone())).persistent(false);
            let rows = rows.fetch_all(&mut *connection).await.map_err(failed)?;
            let last = rows.len() < ROWS;
            for row in &rows {
                let values = texts(row, columns.len()).map_err(failed)?;
                let long = |value: &Option<String>| {
                    value
                        .as_ref()
                        .is_some_and(|text| text.chars().count() > LONGEST_VALUE)
                };
                if values.iter().any(long) {
                    return Err(NoAnswer::refused("it makes a value that is too long"));
                }
                if !gathered.add(values) {
                    break;
                }
            }
            if last || gathered.cut.is_some() {
                break;
            }
        }
        Ok(Answer {
            columns,
            rows: gathered.rows,
            cut: gathered.cut,
        })
    }

    /// Makes sure of what a statement does, and begins the transaction in which it has a name.
    async fn look(
        &self,
        connection: &mut PgConnection,
        sql: &str,
        limits: Limits,
    ) -> Result<Vec<AnswerColumn>, NoAnswer> {
        let failed = |error| self.refused(sql, 0, limits, error);
        let milliseconds = limits.time.as_millis().max(1);
        run(
            connection,
            format!(
                "BEGIN; SET LOCAL search_path = published, pg_catalog; \
                 SET LOCAL standard_conforming_strings = on; \
                 SET LOCAL statement_timeout = {milliseconds}"
            ),
        )
        .await
        .map_err(failed)?;
        let alone = sql.trim_end().trim_end_matches(';');
        let prepared = AssertSqlSafe(alone.to_owned()).into_sql_str();
        let prepared = (&mut *connection).prepare(prepared).await.map_err(failed)?;
        let parameters = match prepared.parameters() {
            Some(Either::Left(types)) => types.len(),
            Some(Either::Right(number)) => number,
            None => 0,
        };
        if parameters > 0 {
            return Err(NoAnswer::refused(
                "it has a parameter, and parameters are given no value here",
            ));
        }
        let columns: Vec<AnswerColumn> = prepared
            .columns()
            .iter()
            .map(|column| AnswerColumn {
                name: column.name().to_owned(),
                of: of(column.type_info().name()),
            })
            .collect();
        if columns.is_empty() {
            return Err(NoAnswer::refused(ONLY_READ));
        }
        if columns.len() > MOST_COLUMNS {
            return Err(NoAnswer::refused(format!(
                "it gives more than {MOST_COLUMNS} columns"
            )));
        }
        let names: Vec<String> = (1..=columns.len())
            .map(|number| format!("c{number}"))
            .collect();
        let view = format!(
            "CREATE TEMPORARY VIEW {NAME} ({}) AS\n{alone}\n",
            names.join(", ")
        );
        let view = sqlx::query(AssertSqlSafe(view)).persistent(false);
        view.execute(&mut *connection).await.map_err(|error| {
            let syntax = error
                .as_database_error()
                .and_then(sqlx::error::DatabaseError::code)
                .is_some_and(|code| matches!(&*code, "42601" | "0A000"));
            if syntax {
                NoAnswer::refused(ONLY_READ)
            } else {
                self.refused(sql, 1, limits, error)
            }
        })?;
        let reason = sqlx::query(NOT_ALLOWED).persistent(false);
        let reason = reason.fetch_optional(&mut *connection).await;
        let reason = reason.and_then(|row| row.map(|row| row.try_get(0)).transpose());
        let reason: Option<String> = reason.map_err(failed)?;
        match reason {
            None => Ok(columns),
            Some(reason) => Err(NoAnswer::refused(reason)),
        }
    }

    /// What the server says of a statement that stands after so many lines of ours.
    fn refused(&self, sql: &str, before: usize, limits: Limits, error: sqlx::Error) -> NoAnswer {
        let told = error.as_database_error();
        let Some(told) = told.and_then(|told| told.try_downcast_ref::<PgDatabaseError>()) else {
            return NoAnswer::Database(self.failed(error));
        };
        let code = told.code();
        if code == "57014" {
            return NoAnswer::TooLong(limits.time.as_secs());
        }
        let of_the_server = ["08", "28", "53", "57", "58", "XX"];
        if of_the_server.iter().any(|class| code.starts_with(class)) {
            return NoAnswer::Database(self.failed(error));
        }
        let line = match told.position() {
            Some(PgErrorPosition::Original(place)) if before == 0 => {
                Some(line_at(sql, place.saturating_sub(1)))
            }
            _ => None,
        };
        let reason = if told.message().contains("multiple commands") {
            "it holds more than one statement: write one SELECT".to_owned()
        } else {
            told.message().to_owned()
        };
        NoAnswer::Refused { line, reason }
    }
}

const ONLY_READ: &str = "it is no SELECT: it may only read";

/// Ends the statement of a process whose caller is gone.
struct Watch {
    options: PgConnectOptions,
    process: Option<i32>,
}

impl Drop for Watch {
    fn drop(&mut self) {
        let (Some(process), Ok(runtime)) = (self.process, tokio::runtime::Handle::try_current())
        else {
            return;
        };
        let options = self.options.clone();
        runtime.spawn(async move {
            let ended = async {
                let mut connection = connect(&options).await?;
                let end = sqlx::query("SELECT pg_catalog.pg_terminate_backend($1)").bind(process);
                end.execute(&mut connection).await?;
                connection.close().await
            };
            if let Err(error) = ended.await {
                tracing::warn!(%error, "a statement of a reader could not be ended");
            }
        });
    }
}

async fn run(connection: &mut PgConnection, script: String) -> sqlx::Result<()> {
    let script = sqlx::raw_sql(AssertSqlSafe(script));
    script.execute(connection).await.map(drop)
}

fn texts(row: &PgRow, columns: usize) -> sqlx::Result<Vec<Option<String>>> {
    (0..columns).map(|place| row.try_get(place)).collect()
}

fn of(name: &str) -> Of {
    match name {
        "INT2" | "INT4" | "INT8" => Of::Integer,
        "NUMERIC" => Of::Decimal,
        "FLOAT4" | "FLOAT8" => Of::Real,
        "BOOL" => Of::Flag,
        _ => Of::Text,
    }
}

//! Looking at SQL of a file, and running it within limits.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Column as _, Either, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef,
};

use crate::engine::names::without_schemas;
use crate::engine::{Connection, Query, Transaction};
use crate::error::Unusable;
use crate::sql::authoriser;
use crate::sql::words::line_at;
use crate::stored::Unknown;
use crate::table::{Cell, Column, Kind};

/// How long SQL of the operator's own may take for a revision.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// How many rows it may give for a revision.
pub const MOST_ROWS: usize = 1_000_000;

/// What the engine says of the SQL of a file; what is no fault of the SQL stays what it is.
pub(super) fn why_unusable(file: &str, sql: &str, error: sqlx::Error) -> sqlx::Error {
    match &error {
        // Of another statement that failed in the same way it is reported already.
        sqlx::Error::Configuration(_)
        | sqlx::Error::Io(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::Tls(_) => return error,
        _ => {}
    }
    let mut found = Unusable::new(file, error.to_string());
    if let Some(told) = error.as_database_error() {
        told.message().clone_into(&mut found.reason);
        if let Some(postgres) = told.try_downcast_ref::<PgDatabaseError>() {
            if is_of_the_server(postgres.code()) {
                return error;
            }
            if let Some(PgErrorPosition::Original(place)) = postgres.position() {
                found.line = Some(line_at(sql, place.saturating_sub(1)));
            }
            found.reason = match postgres.code() {
                "57014" => too_long(),
                "42601" if postgres.message().contains("multiple commands") => one_statement(),
                _ => found.reason,
            };
        } else if told.message() == "interrupted" {
            found.reason = too_long();
        }
    }
    sqlx::Error::Configuration(Box::new(found))
}

/// Codes of PostgreSQL that say something of the server and not of the statement.
fn is_of_the_server(code: &str) -> bool {
    ["08", "53", "58", "XX"]
        .iter()
        .any(|class| code.starts_with(class))
        || matches!(code, "57P01" | "57P02" | "57P03" | "55P03" | "40P01")
}

fn too_long() -> String {
    format!("it took longer than {} minutes", PATIENCE.as_secs() / 60)
}

fn one_statement() -> String {
    "it holds more than one statement: write one SELECT".to_owned()
}

/// The SQL of a file as it is run: without what ends it.
fn plain(sql: &str) -> &str {
    sql.trim_end().trim_end_matches(';')
}

/// Makes sure that SQL of a file is one `SELECT` that only reads and gives these columns, of these kinds.
pub(super) async fn look(
    transaction: &mut Transaction,
    file: &str,
    sql: &str,
    wanted: &[Column],
) -> sqlx::Result<()> {
    let unusable = |line, reason| {
        let file = file.to_owned();
        sqlx::Error::Configuration(Box::new(Unusable { file, line, reason }))
    };
    if plain(sql).trim().is_empty() {
        return Err(unusable(None, "it is empty: write one SELECT".to_owned()));
    }
    let parameters;
    let found: Vec<(String, Option<Found>)> = match transaction.connection() {
        Connection::Sqlite(_) => {
            let schema: Vec<(String,)> = transaction
                .all(Query::new(
                    "SELECT sql FROM sqlite_master
                     WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND type IN ('table', 'view')
                     ORDER BY type, rowid",
                ))
                .await?;
            let schema: Vec<String> = schema.into_iter().map(|(sql,)| sql).collect();
            let told = authoriser::look_at_own(&schema, &without_schemas(plain(sql)));
            let told = told.map_err(|wrong| unusable(wrong.line, wrong.reason))?;
            parameters = told.parameters;
            let columns = told.columns.into_iter();
            columns.map(|name| (name, None)).collect()
        }
        Connection::Postgres(connection) => {
            let alone = AssertSqlSafe(plain(sql).to_owned()).into_sql_str();
            let alone = (&mut *connection).prepare(alone).await;
            let alone = alone.map_err(|error| why_unusable(file, sql, error))?;
            let inside = format!("SELECT * FROM (\n{}\n) AS own LIMIT 0", plain(sql));
            let inside = AssertSqlSafe(inside).into_sql_str();
            if connection.prepare(inside).await.is_err() {
                return Err(unusable(
                    None,
                    "it is no SELECT that stands alone: it may only read".to_owned(),
                ));
            }
            parameters = match alone.parameters() {
                Some(Either::Left(types)) => types.len(),
                Some(Either::Right(number)) => number,
                None => 0,
            };
            let column = |column: &sqlx::postgres::PgColumn| {
                let found = Found::of(column.type_info().name());
                (column.name().to_owned(), Some(found))
            };
            alone.columns().iter().map(column).collect()
        }
    };
    if parameters != 1 {
        return Err(unusable(
            None,
            "it has to say of which revision its rows are, as in WHERE revision_id = $1, and to ask for nothing else"
                .to_owned(),
        ));
    }
    fits(&found, wanted).map_err(|reason| unusable(None, reason))
}

/// What PostgreSQL says a column is.
enum Found {
    Integer,
    Text,
    Other(String),
}

impl Found {
    fn of(name: &str) -> Self {
        match name {
            "INT2" | "INT4" | "INT8" => Self::Integer,
            "TEXT" | "VARCHAR" | "CHAR" | "NAME" | "UNKNOWN" => Self::Text,
            other => Self::Other(other.to_lowercase()),
        }
    }
}

/// Whether columns are those that are wanted.
fn fits(found: &[(String, Option<Found>)], wanted: &[Column]) -> Result<(), String> {
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    for column in wanted {
        let of_name = found.iter().filter(|(name, _)| **name == *column.name);
        let [(_, kind)] = of_name.collect::<Vec<_>>()[..] else {
            let times = names.iter().filter(|name| **name == &*column.name).count();
            return Err(if times == 0 {
                format!(
                    "it gives no column «{}», only {}",
                    column.name,
                    names.join(", ")
                )
            } else {
                format!("it gives the column «{}» {times} times", column.name)
            });
        };
        let textual = column.kind.is_text();
        let (of_kind, how) = match kind {
            None => (true, ""),
            Some(Found::Integer) => (!textual, "CAST(… AS TEXT)"),
            Some(Found::Text) => (textual, "CAST(… AS BIGINT)"),
            Some(Found::Other(_)) if textual => (false, "CAST(… AS TEXT)"),
            Some(Found::Other(_)) => (false, "CAST(… AS BIGINT)"),
        };
        if !of_kind {
            let what = match kind {
                Some(Found::Other(name)) => name.as_str(),
                Some(Found::Integer) => "a whole number",
                _ => "a text",
            };
            return Err(format!(
                "its column «{}» is {what} and has to be {}: write {how}",
                column.name,
                in_words(column.kind)
            ));
        }
    }
    let more = names
        .iter()
        .find(|name| wanted.iter().all(|column| &*column.name != **name));
    match more {
        Some(name) => Err(format!(
            "it gives a column «{name}» that nothing is said of: declare it, or leave it out"
        )),
        None => Ok(()),
    }
}

fn in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Amount => "an amount in whole centimes",
        Kind::Rate => "a rate in whole hundredths of a percent",
        Kind::Year => "a fiscal year, as a whole number",
        Kind::Integer => "a whole number",
        Kind::Flag => "1 or 0",
        Kind::Text | Kind::Status | Kind::List => "a text",
    }
}

/// The rows that SQL of a file gives for a revision, in these columns.
pub(super) async fn rows(
    transaction: &mut Transaction,
    file: &str,
    sql: &str,
    columns: &[Column],
    revision: i64,
) -> sqlx::Result<Vec<Vec<Cell>>> {
    let run = |postgres: bool| {
        let columns = columns.iter().map(|column| match (postgres, column.kind) {
            (false, _) => column.name.to_string(),
            (true, kind) if kind.is_text() => format!("CAST({0} AS TEXT) AS {0}", column.name),
            (true, _) => format!("CAST({0} AS BIGINT) AS {0}", column.name),
        });
        let columns = columns.collect::<Vec<_>>().join(", ");
        let limit = MOST_ROWS + 1;
        let sql = plain(sql);
        Query::new(format!(
            "SELECT {columns} FROM (\n{sql}\n) AS own LIMIT {limit}"
        ))
        .bind(revision)
    };
    let found = match transaction.connection() {
        Connection::Sqlite(connection) => {
            let until = Instant::now() + PATIENCE;
            let mut handle = connection.lock_handle().await?;
            handle.set_progress_handler(10_000, move || Instant::now() < until);
            drop(handle);
            let found = run(false).sqlite_rows(connection).await;
            connection.lock_handle().await?.remove_progress_handler();
            let found = found.map_err(|error| why_unusable(file, sql, error))?;
            gather(&found, columns, sqlite_cell)
        }
        Connection::Postgres(_) => {
            let milliseconds = PATIENCE.as_millis();
            transaction
                .script(&format!(
                    "SAVEPOINT own; SET TRANSACTION READ ONLY; SET LOCAL statement_timeout = {milliseconds}"
                ))
                .await?;
            let Connection::Postgres(connection) = transaction.connection() else {
                unreachable!("a transaction stays on its engine");
            };
            let found = run(true).postgres_rows(connection).await;
            let found = found.map_err(|error| why_unusable(file, sql, error))?;
            let gathered = gather(&found, columns, postgres_cell);
            transaction
                .script("ROLLBACK TO SAVEPOINT own; RELEASE SAVEPOINT own")
                .await?;
            gathered
        }
    };
    found.map_err(|reason| sqlx::Error::Configuration(Box::new(Unusable::new(file, reason))))
}

/// Rows as cells, or why they are none.
fn gather<R>(
    rows: &[R],
    columns: &[Column],
    cell: fn(&R, usize, Kind) -> Result<Cell, String>,
) -> Result<Vec<Vec<Cell>>, String> {
    if rows.len() > MOST_ROWS {
        return Err(format!("it gives more than {MOST_ROWS} rows"));
    }
    let row = |row: &R| {
        let cells = columns.iter().enumerate().map(|(place, column)| {
            cell(row, place, column.kind)
                .map_err(|what| format!("its column «{}» {what}", column.name))
        });
        cells.collect()
    };
    rows.iter().map(row).collect()
}

/// What is said of a value that is of another kind than its column.
fn not_of_kind(found: &str, kind: Kind) -> String {
    let how = if kind.is_text() {
        "CAST(… AS TEXT)"
    } else {
        "CAST(… AS BIGINT)"
    };
    format!(
        "holds {found} and has to hold {}: write {how}",
        in_words(kind)
    )
}

fn not_known(error: &Unknown) -> String {
    format!("holds what its kind does not have: {error}")
}

fn sqlite_cell(row: &SqliteRow, place: usize, kind: Kind) -> Result<Cell, String> {
    let failed = |error: sqlx::Error| format!("cannot be read: {error}");
    let value = row.try_get_raw(place).map_err(failed)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let textual = kind.is_text();
    let stored = value.type_info().name().to_owned();
    match (stored.as_str(), textual) {
        ("INTEGER" | "INT4" | "INT8" | "BOOLEAN", false) => {
            let value: i64 = row.try_get_unchecked(place).map_err(failed)?;
            Cell::of_number(kind, value).map_err(|error| not_known(&error))
        }
        ("TEXT", true) => {
            let text: String = row.try_get_unchecked(place).map_err(failed)?;
            Cell::of_text(kind, text).map_err(|error| not_known(&error))
        }
        ("REAL", _) => Err(not_of_kind("a number that is not exact", kind)),
        ("INTEGER" | "INT4" | "INT8" | "BOOLEAN", true) => Err(not_of_kind("a whole number", kind)),
        ("TEXT", false) => Err(not_of_kind("a text", kind)),
        _ => Err(not_of_kind("bytes", kind)),
    }
}

fn postgres_cell(row: &PgRow, place: usize, kind: Kind) -> Result<Cell, String> {
    let failed = |error: sqlx::Error| format!("cannot be read: {error}");
    Ok(match kind {
        kind if kind.is_text() => {
            let text: Option<String> = row.try_get(place).map_err(failed)?;
            let cell = text.map(|text| Cell::of_text(kind, text));
            let cell = cell.transpose().map_err(|error| not_known(&error))?;
            cell.unwrap_or(Cell::Null)
        }
        _ => {
            let number: Option<i64> = row.try_get(place).map_err(failed)?;
            let cell = number.map(|number| Cell::of_number(kind, number));
            let cell = cell.transpose().map_err(|error| not_known(&error))?;
            cell.unwrap_or(Cell::Null)
        }
    })
}

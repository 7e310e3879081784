//! SQL of the operator's own: analyses and checks in files beside the configuration.
//!
//! Such SQL is one `SELECT` over `core`, `mart` and `raw` with the revision as `$1`, as the models of the program
//! are. It is looked at before it runs: on SQLite by preparing it over an empty copy of the schema behind the
//! engine's own authoriser, on PostgreSQL by preparing it, by itself and as part of another `SELECT`, which is what
//! neither two statements nor one that writes can be. On PostgreSQL it then runs in a part of the transaction that
//! may only read. Its rows come to this program, which writes them, so that its limits hold on both engines and an
//! amount that is no whole number of centimes is refused and never rounded.

use std::time::{Duration, Instant};

use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgRow};
use sqlx::sqlite::SqliteRow;
use sqlx::{
    AssertSqlSafe, Column as _, Either, Executor, Row, SqlSafeStr, Statement, TypeInfo, ValueRef,
};

use crate::doubt::MOST_NAMED;
use crate::engine::names::{partition, without_schemas};
use crate::engine::{Connection, Query, Transaction};
use crate::error::Unusable;
use crate::model::Model;
use crate::revision::{CheckResult, Outcome};
use crate::sql::authoriser;
use crate::sql::words::line_at;
use crate::table::{Cell, Column, ColumnName, Kind};
use crate::{Result, Warehouse};

/// How long SQL of the operator's own may take for a revision.
pub const PATIENCE: Duration = Duration::from_mins(5);

/// How many rows it may give for a revision.
pub const MOST_ROWS: usize = 1_000_000;

/// How many rows are written by one statement.
const ROWS_AT_ONCE: usize = 500;

/// How many parameters a statement may have on either engine.
const PARAMETERS: usize = 32_000;

/// A check of the operator's own: its rows speak against the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnCheck {
    /// The name in kebab case.
    pub name: &'static str,
    /// The file it was read from.
    pub file: &'static str,
    /// The `SELECT`: `siren`, `fiscal_year` and `finding`, with the revision as `$1`.
    pub sql: &'static str,
    /// What rows mean.
    pub outcome: Outcome,
}

/// What a check gives.
const FINDING: [Column; 3] = [
    Column::new(ColumnName::new("siren"), Kind::Text),
    Column::new(ColumnName::new("fiscal_year"), Kind::Year),
    Column::new(ColumnName::new("finding"), Kind::Text),
];

/// What the engine says of the SQL of a file; what is no fault of the SQL stays what it is.
fn why_unusable(file: &str, sql: &str, error: sqlx::Error) -> sqlx::Error {
    match &error {
        // Of another statement that failed in the same way it is told already.
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

/// What the failure to make the table of a model means, where the model is the operator's own.
pub(crate) fn of_model(model: &Model, error: sqlx::Error) -> sqlx::Error {
    match model.file {
        Some(file) => why_unusable(file, "", error),
        None => error,
    }
}

/// The SQL of a file as it is run: without what ends it.
fn plain(sql: &str) -> &str {
    sql.trim_end().trim_end_matches(';')
}

/// Makes sure that SQL of a file is one `SELECT` that only reads and gives these columns, of these kinds.
async fn look(
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
        Kind::Year | Kind::Integer => "a whole number",
        Kind::Flag => "1 or 0",
        Kind::Text | Kind::List => "a text",
    }
}

/// The rows that SQL of a file gives for a revision, in these columns.
async fn rows(
    transaction: &mut Transaction,
    file: &str,
    sql: &str,
    columns: &[Column],
    revision: i64,
) -> sqlx::Result<Vec<Vec<Cell>>> {
    let run = |postgres: bool| {
        let columns = columns.iter().map(|column| match (postgres, column.kind) {
            (false, _) => column.name.to_string(),
            (true, Kind::Text | Kind::List) => format!("CAST({0} AS TEXT) AS {0}", column.name),
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
            Ok(Cell::of_number(kind, value))
        }
        ("TEXT", true) => {
            let text: String = row.try_get_unchecked(place).map_err(failed)?;
            Ok(Cell::of_text(kind, text))
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
        Kind::Text | Kind::List => {
            let text: Option<String> = row.try_get(place).map_err(failed)?;
            text.map_or(Cell::Null, |text| Cell::of_text(kind, text))
        }
        _ => {
            let number: Option<i64> = row.try_get(place).map_err(failed)?;
            number.map_or(Cell::Null, |number| Cell::of_number(kind, number))
        }
    })
}

/// What a model of the operator's own gives.
fn columns_of(model: &Model) -> Vec<Column> {
    let mut columns = vec![
        Column::new(ColumnName::new("siren"), Kind::Text),
        Column::new(ColumnName::new("basis"), Kind::Text),
    ];
    columns.extend_from_slice(model.columns);
    columns
}

/// Makes sure of a model of the operator's own, without running it.
pub(crate) async fn look_at_model(
    transaction: &mut Transaction,
    model: &Model,
) -> sqlx::Result<()> {
    let file = model.file.unwrap_or(model.name);
    look(transaction, file, model.sql, &columns_of(model)).await
}

impl Warehouse {
    /// Makes sure of checks of the operator's own, without running them.
    pub async fn look_at_checks(&self, checks: &[OwnCheck]) -> Result<()> {
        if checks.is_empty() {
            return Ok(());
        }
        let look_at = async {
            let mut transaction = self.engine.begin().await?;
            for check in checks {
                look(&mut transaction, check.file, check.sql, &FINDING).await?;
            }
            transaction.rollback().await
        };
        look_at.await.map_err(|error| self.failed(error))
    }
}

/// Fills the mart of a model of the operator's own for a revision.
pub(crate) async fn fill(
    transaction: &mut Transaction,
    model: &Model,
    revision: i64,
    postgres: bool,
) -> sqlx::Result<()> {
    let file = model.file.unwrap_or(model.name);
    let columns = columns_of(model);
    look(transaction, file, model.sql, &columns).await?;
    let rows = rows(transaction, file, model.sql, &columns, revision).await?;
    let unusable = |reason| sqlx::Error::Configuration(Box::new(Unusable::new(file, reason)));
    if let Some(reason) = rows.iter().find_map(|row| misfit(row)) {
        return Err(unusable(reason));
    }
    let table = if postgres {
        partition(&model.table(), revision)
    } else {
        model.table()
    };
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let insert = format!(
        "INSERT INTO {table} (revision_id, {}) VALUES ",
        names.join(", ")
    );
    let at_once = (PARAMETERS / (columns.len() + 1)).clamp(1, ROWS_AT_ONCE);
    for some in rows.chunks(at_once) {
        let mut query = Query::new(insert.clone());
        for (number, row) in some.iter().enumerate() {
            query.push(if number == 0 { "(" } else { ", (" });
            query.push_bind(revision);
            for (cell, column) in row.iter().zip(&columns) {
                query.push(", ");
                match cell {
                    Cell::Text(text) => query.push_bind(text),
                    Cell::List(texts) => query.push_bind(texts.join("\n")),
                    Cell::Null if column.kind.is_text() => query.push_bind(None::<&str>),
                    Cell::Null => query.push_bind(None::<i64>),
                    Cell::Year(number) | Cell::Count(number) => query.push_bind(*number),
                    Cell::Amount(amount) => query.push_bind(amount.get()),
                    Cell::Rate(rate) => query.push_bind(rate.get()),
                    Cell::Flag(flag) => query.push_bind(i64::from(*flag)),
                };
            }
            query.push(")");
        }
        let written = transaction.execute(query).await;
        written.map_err(|error| why_unusable(file, "", error))?;
    }
    Ok(())
}

/// What of a row an analysis cannot have.
fn misfit(row: &[Cell]) -> Option<String> {
    let text = |place: usize| row.get(place).and_then(Cell::text);
    match (text(0), text(1)) {
        (None, _) => Some("it gives a row without siren: every row is of a public body".to_owned()),
        (_, Some("leaf" | "naive")) => None,
        (_, other) => Some(format!(
            "it gives a row with the basis «{}»: expected leaf or naive",
            other.unwrap_or_default()
        )),
    }
}

/// Runs a check of the operator's own on a revision.
pub(crate) async fn check(
    transaction: &mut Transaction,
    check: &OwnCheck,
    revision: i64,
) -> sqlx::Result<CheckResult> {
    look(transaction, check.file, check.sql, &FINDING).await?;
    let rows = rows(transaction, check.file, check.sql, &FINDING, revision).await?;
    let (bodies,): (i64,) = transaction
        .one(Query::new("SELECT COUNT(*) FROM core.body WHERE revision_id = $1").bind(revision))
        .await?;
    let subjects = rows
        .iter()
        .take(MOST_NAMED)
        .map(|row| subject(row, bodies > 1));
    let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok(CheckResult {
        name: check.name.to_owned(),
        outcome: if found == 0 {
            Outcome::Pass
        } else {
            check.outcome
        },
        found,
        subjects: subjects.collect(),
    })
}

/// A finding in the form that those of the program have: the body where there are several, the year, what it is.
fn subject(row: &[Cell], several: bool) -> String {
    let [siren, year, finding] = row else {
        return String::new();
    };
    let siren = siren.text().filter(|_| several);
    let place = siren.into_iter().map(str::to_owned);
    let place = place.chain(year.year().map(|year| year.to_string()));
    let place: Vec<String> = place.collect();
    // Findings are lines.
    let finding = finding
        .text()
        .unwrap_or_default()
        .replace(['\r', '\n'], " ");
    match (place.is_empty(), finding.is_empty()) {
        (true, _) => finding,
        (false, true) => place.join(" › "),
        (false, false) => format!("{} › {finding}", place.join(" › ")),
    }
}

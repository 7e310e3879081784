//! Statements of readers on SQLite.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::answer::{Answer, AnswerColumn, Gathered, Limits, MOST_COLUMNS, NoAnswer, Of, View};
use super::authoriser::{self, Wrong, quoted};
use super::words::published_without_schema;
use crate::engine::place::name;
use crate::engine::sqlite::check_state;
use crate::url::SqliteFile;
use crate::{Error, Result};

/// What the names of the published views begin with.
const PREFIX: &str = "published_";

/// How many instructions run between two looks at the clock: some tens of microseconds.
const INSTRUCTIONS: i32 = 2_000;

/// How long a writer that holds the file is waited for.
const BUSY: Duration = Duration::from_secs(2);

/// The memory that the engine may take in this process, in bytes. What sorts or gathers without end meets it before
/// it takes the memory of everybody else.
const MEMORY: i64 = 1 << 30;

/// Makes sure that there is a database with published views.
pub(super) async fn probe(file: &SqliteFile) -> Result<()> {
    let found = views(file.clone()).await?;
    if found.is_empty() {
        return Err(Error::NoViews {
            database: name(&file.path),
        });
    }
    Ok(())
}

/// The published views.
pub(super) async fn views(file: SqliteFile) -> Result<Vec<View>> {
    let read = move || {
        let connection = open(&file)?;
        read_views(&connection).map_err(|error| failed(&file, &error))
    };
    joined(tokio::task::spawn_blocking(read).await)?
}

/// What a statement gives.
pub(super) async fn ask(file: SqliteFile, sql: String, limits: Limits) -> Result<Answer, NoAnswer> {
    let stop = Arc::new(AtomicBool::new(false));
    // No caller waits any more for what is given up.
    let _given_up = Given(Arc::clone(&stop));
    let work = tokio::task::spawn_blocking(move || run(&file, &sql, limits, &stop));
    joined(work.await)?
}

fn joined<T>(work: std::result::Result<T, tokio::task::JoinError>) -> Result<T> {
    match work {
        Ok(done) => Ok(done),
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_cancelled) => Err(Error::Engine {
                database: "SQLite".to_owned(),
                source: sqlx::Error::WorkerCrashed,
            }),
        },
    }
}

/// Tells the work that its caller is gone.
struct Given(Arc<AtomicBool>);

impl Drop for Given {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A handle that cannot write, on which nothing was set before.
fn open(file: &SqliteFile) -> Result<Connection> {
    check_state(file, false)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_with_flags(&file.path, flags).and_then(|connection| {
        if let Some(key) = &file.key {
            connection.execute_batch(&format!(
                "PRAGMA key = \"{}\"; PRAGMA cipher_log_level = NONE",
                key.raw()
            ))?;
        }
        connection.busy_timeout(BUSY)?;
        // What is sorted stays in memory, which is limited, and fills no disk.
        connection.execute_batch(&format!(
            "PRAGMA temp_store = MEMORY; PRAGMA hard_heap_limit = {MEMORY}; PRAGMA mmap_size = 0"
        ))?;
        Ok(connection)
    });
    opened.map_err(|error| failed(file, &error))
}

/// What the engine says of the file.
fn failed(file: &SqliteFile, error: &rusqlite::Error) -> Error {
    let database = name(&file.path);
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy { database },
        Some(ErrorCode::NotADatabase) => Error::NotADatabase { database },
        Some(ErrorCode::CannotOpen) => Error::CannotOpen {
            database,
            reason: error.to_string(),
        },
        Some(ErrorCode::ReadOnly) => Error::NeedsWriter {
            database,
            reason: error.to_string(),
        },
        _ => Error::Damaged {
            database,
            reason: error.to_string(),
        },
    }
}

fn read_views(connection: &Connection) -> rusqlite::Result<Vec<View>> {
    let mut select = connection.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'published~_%' ESCAPE '~' ORDER BY name",
    )?;
    let names: Vec<String> = select
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut views = Vec::with_capacity(names.len());
    for name in names {
        let mut columns =
            connection.prepare("SELECT name, lower(type) FROM pragma_table_info(?1)")?;
        let columns = columns
            .query_map([&name], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        views.push(View {
            name: name.trim_start_matches(PREFIX).to_owned(),
            columns,
        });
    }
    Ok(views)
}

/// Looks at a statement, and runs it.
fn run(
    file: &SqliteFile,
    sql: &str,
    limits: Limits,
    stop: &Arc<AtomicBool>,
) -> Result<Answer, NoAnswer> {
    let until = Instant::now() + limits.time;
    let connection = open(file)?;
    let views = read_views(&connection).map_err(|error| failed(file, &error))?;
    let sql = published_without_schema(sql);
    let columns = |view: &View| view.columns.iter().map(|(name, _)| name.clone()).collect();
    // By both names: as a word, and with the schema before it.
    let copied: Vec<(String, Vec<String>)> = views
        .iter()
        .flat_map(|view| {
            [view.name.clone(), format!("{PREFIX}{}", view.name)].map(|name| (name, columns(view)))
        })
        .collect();
    let told = authoriser::look_at_readers(&copied, &sql)?;
    if told.parameters > 0 {
        return Err(NoAnswer::refused(
            "it has a parameter, and parameters are given no value here",
        ));
    }
    prepare(&connection, &views, copied, until, Arc::clone(stop))
        .map_err(|error| failed(file, &error))?;
    gather(&connection, &sql, limits).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::OperationInterrupted) => NoAnswer::TooLong(limits.time.as_secs()),
        Some(ErrorCode::OutOfMemory) => {
            NoAnswer::refused("it takes too much memory: ask for fewer rows, or sort fewer of them")
        }
        Some(ErrorCode::TooBig) => NoAnswer::refused("it makes a value that is too long"),
        Some(
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::SystemIoFailure
            | ErrorCode::CannotOpen,
        ) => NoAnswer::Database(failed(file, &error)),
        _ => Wrong::of(&error).into(),
    })
}

/// Keeps the connection to what may be read, and to the time.
fn prepare(
    connection: &Connection,
    views: &[View],
    allowed: Vec<(String, Vec<String>)>,
    until: Instant,
    stop: Arc<AtomicBool>,
) -> rusqlite::Result<()> {
    for view in views {
        let (name, whole) = (
            quoted(&view.name),
            quoted(&format!("{PREFIX}{}", view.name)),
        );
        connection.execute_batch(&format!(
            "CREATE TEMP VIEW {name} AS SELECT * FROM main.{whole}"
        ))?;
    }
    connection.execute_batch("PRAGMA query_only = TRUE; PRAGMA trusted_schema = FALSE")?;
    authoriser::limit(connection)?;
    connection.progress_handler(
        INSTRUCTIONS,
        Some(move || stop.load(Ordering::Relaxed) || Instant::now() > until),
    )?;
    connection.authorizer(Some(move |asked: AuthContext<'_>| {
        // Within a view its own tables are read; of some of them rows are counted and no value is taken, which SQLite
        // reports without the view. That a name of the statement passes for a view leads nowhere: the statement was looked at
        // where there are no other tables.
        let nothing_taken = matches!(
            asked.action,
            AuthAction::Read {
                column_name: "",
                ..
            }
        );
        let within_a_view = asked.accessor.is_some() || nothing_taken;
        let allows = |table: &str| {
            let named = allowed
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(table));
            named || within_a_view && !is_secret(table)
        };
        match authoriser::refusal(&asked.action, allows) {
            None => Authorization::Allow,
            Some(_) => Authorization::Deny,
        }
    }))
}

/// Tables that no view reads.
fn is_secret(table: &str) -> bool {
    let table = table.to_ascii_lowercase();
    ["ops_api", "ops_audit", "sqlite_", "pragma_"]
        .iter()
        .any(|start| table.starts_with(start))
}

fn gather(connection: &Connection, sql: &str, limits: Limits) -> rusqlite::Result<Answer> {
    let mut statement = connection.prepare(sql)?;
    let names: Vec<String> = statement
        .column_names()
        .into_iter()
        .map(str::to_owned)
        .collect();
    let names: Vec<String> = names.into_iter().take(MOST_COLUMNS).collect();
    let mut kinds: Vec<Option<Of>> = vec![None; names.len()];
    let mut gathered = Gathered::new(limits);
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut values = Vec::with_capacity(names.len());
        for (place, kind) in kinds.iter_mut().enumerate() {
            let (of, value) = written(row.get_ref(place)?);
            *kind = both(*kind, of);
            values.push(value);
        }
        if !gathered.add(values) {
            break;
        }
    }
    let columns = names.into_iter().zip(kinds);
    Ok(Answer {
        columns: columns
            .map(|(name, of)| AnswerColumn {
                name,
                of: of.unwrap_or(Of::Text),
            })
            .collect(),
        rows: gathered.rows,
        cut: gathered.cut,
    })
}

/// What a value is, and how it is written.
fn written(value: ValueRef<'_>) -> (Option<Of>, Option<String>) {
    match value {
        ValueRef::Null => (None, None),
        ValueRef::Integer(number) => (Some(Of::Integer), Some(number.to_string())),
        // The shortest digits that lead back to it.
        ValueRef::Real(number) => (Some(Of::Real), Some(number.to_string())),
        ValueRef::Text(text) => (
            Some(Of::Text),
            Some(String::from_utf8_lossy(text).into_owned()),
        ),
        ValueRef::Blob(bytes) => {
            let mut digits = String::from("\\x");
            for byte in bytes {
                let half = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or_default();
                digits.extend([half(byte >> 4), half(byte & 15)]);
            }
            (Some(Of::Text), Some(digits))
        }
    }
}

/// What the values of a column are, of which some are one and another is the other.
fn both(before: Option<Of>, now: Option<Of>) -> Option<Of> {
    match (before, now) {
        (known, None) | (None, known) => known,
        (Some(one), Some(other)) if one == other => Some(one),
        (Some(Of::Integer | Of::Real), Some(Of::Integer | Of::Real)) => Some(Of::Real),
        _ => Some(Of::Text),
    }
}

//! What SQLite is asked before a statement that was not written here runs: whether it is one `SELECT` over what may
//! be read.
//!
//! The answer is found by preparing the statement over an empty copy of the schema, which holds nothing but what may
//! be read. A name means the same there as in the database, because names are found by the text and the schema
//! alone. So nothing that the engine does with views, common table expressions or names of its own can lead to a
//! table that the copy does not have. Functions are allowed by name.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;

/// What is known of a statement once it has been prepared.
#[derive(Debug)]
pub(crate) struct Told {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// How many parameters it has.
    pub parameters: usize,
}

/// Why a statement may not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The line of the statement, where that is known.
    pub line: Option<usize>,
    /// What is wrong.
    pub reason: String,
}

/// The functions that a statement may call: none that reads a file, loads code, makes values of any length, or tells
/// of the connection.
pub(crate) const FUNCTIONS: [&str; 95] = [
    "->",
    "->>",
    "abs",
    "avg",
    "ceil",
    "ceiling",
    "char",
    "coalesce",
    "concat",
    "concat_ws",
    "count",
    "cume_dist",
    "current_date",
    "current_time",
    "current_timestamp",
    "date",
    "datetime",
    "dense_rank",
    "exp",
    "first_value",
    "floor",
    "format",
    "glob",
    "group_concat",
    "hex",
    "if",
    "ifnull",
    "iif",
    "instr",
    "json",
    "json_array",
    "json_array_length",
    "json_each",
    "json_error_position",
    "json_extract",
    "json_group_array",
    "json_group_object",
    "json_object",
    "json_pretty",
    "json_quote",
    "json_tree",
    "json_type",
    "json_valid",
    "julianday",
    "lag",
    "last_value",
    "lead",
    "length",
    "like",
    "likely",
    "ln",
    "log",
    "log10",
    "log2",
    "lower",
    "ltrim",
    "max",
    "median",
    "min",
    "mod",
    "nth_value",
    "ntile",
    "nullif",
    "octet_length",
    "percent_rank",
    "percentile",
    "pi",
    "pow",
    "power",
    "printf",
    "quote",
    "rank",
    "replace",
    "round",
    "row_number",
    "rtrim",
    "sign",
    "soundex",
    "sqrt",
    "strftime",
    "string_agg",
    "substr",
    "substring",
    "sum",
    "time",
    "timediff",
    "total",
    "trim",
    "trunc",
    "typeof",
    "unhex",
    "unicode",
    "unixepoch",
    "unlikely",
    "upper",
];

/// Tables that are functions.
const TABLE_FUNCTIONS: [&str; 2] = ["json_each", "json_tree"];

/// The schemas that SQL of the operator's own may read. That of slices is what views of the others are made from.
const OF_OWN: [&str; 4] = ["core_", "mart_", "raw_", "slice_"];

/// Looks at SQL of the operator's own over a copy of this schema.
pub(crate) fn look_at_own(schema: &[String], sql: &str) -> Result<Told, Wrong> {
    let copy = copy(|copy| {
        schema
            .iter()
            .try_for_each(|statement| copy.execute_batch(statement))
    })?;
    look(&copy, sql, |table| {
        OF_OWN.iter().any(|schema| table.starts_with(schema))
    })
}

/// Looks at a statement of a reader over views with these columns.
pub(crate) fn look_at_readers(views: &[(String, Vec<String>)], sql: &str) -> Result<Told, Wrong> {
    let copy = copy(|copy| {
        views.iter().try_for_each(|(name, columns)| {
            let columns: Vec<String> = columns.iter().map(|name| quoted(name)).collect();
            let columns = columns.join(", ");
            copy.execute_batch(&format!("CREATE TABLE {} ({columns})", quoted(name)))
        })
    })?;
    let names: Vec<String> = views.iter().map(|(name, _)| name.clone()).collect();
    look(&copy, sql, move |table| {
        names.iter().any(|name| name.eq_ignore_ascii_case(table))
    })
}

/// A name as SQL writes any name.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A database in memory with a schema and nothing in it.
fn copy(make: impl Fn(&Connection) -> rusqlite::Result<()>) -> Result<Connection, Wrong> {
    let filled = Connection::open_in_memory().and_then(|copy| {
        make(&copy)?;
        Ok(copy)
    });
    filled.map_err(|error| Wrong {
        line: None,
        reason: format!("it could not be looked at: {error}"),
    })
}

/// Prepares a statement behind an authoriser that allows these tables.
fn look(
    copy: &Connection,
    sql: &str,
    allows: impl Fn(&str) -> bool + Send + 'static,
) -> Result<Told, Wrong> {
    let refused: Arc<Mutex<Option<String>>> = Arc::default();
    let told = Arc::clone(&refused);
    let authoriser = move |asked: AuthContext<'_>| match refusal(&asked.action, &allows) {
        None => Authorization::Allow,
        Some(reason) => {
            let mut first = told.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert(reason);
            Authorization::Deny
        }
    };
    let prepared = limit(copy)
        .and_then(|()| copy.authorizer(Some(authoriser)))
        .and_then(|()| {
            let statement = copy.prepare(sql)?;
            let columns = statement.column_names().into_iter().map(str::to_owned);
            Ok((
                Told {
                    columns: columns.collect(),
                    parameters: statement.parameter_count(),
                },
                statement.readonly() && statement.is_explain() == 0,
            ))
        });
    let reason = refused
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    match (prepared, reason) {
        (_, Some(reason)) => Err(Wrong { line: None, reason }),
        (Err(error), None) => Err(Wrong::of(&error)),
        (Ok((told, true)), None) if !told.columns.is_empty() => Ok(told),
        (Ok(_), None) => Err(Wrong {
            line: None,
            reason: "it is no SELECT: it may only read".to_owned(),
        }),
    }
}

/// Why something may not be done; `None` where it may.
pub(crate) fn refusal(asked: &AuthAction<'_>, allows: impl Fn(&str) -> bool) -> Option<String> {
    match asked {
        AuthAction::Select | AuthAction::Recursive => None,
        AuthAction::Read { table_name, .. }
            if TABLE_FUNCTIONS.contains(table_name) || allows(table_name) =>
        {
            None
        }
        AuthAction::Read { table_name, .. } => {
            Some(format!("the table «{table_name}» may not be read here"))
        }
        AuthAction::Function { function_name } => {
            let name = function_name.to_ascii_lowercase();
            (!FUNCTIONS.contains(&name.as_str()))
                .then(|| format!("the function «{name}» may not be used here"))
        }
        _ => Some("it does something else than read: write one SELECT".to_owned()),
    }
}

/// Keeps a connection to statements and values of a size that a person writes.
pub(crate) fn limit(connection: &Connection) -> rusqlite::Result<()> {
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, LONGEST_VALUE),
        (Limit::SQLITE_LIMIT_SQL_LENGTH, 100_000),
        (Limit::SQLITE_LIMIT_COLUMN, 500),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 50),
        (Limit::SQLITE_LIMIT_VDBE_OP, 100_000),
        (Limit::SQLITE_LIMIT_FUNCTION_ARG, 60),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 500),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    Ok(())
}

/// How many bytes a value may have that a statement makes or reads.
pub(crate) const LONGEST_VALUE: i32 = 1_000_000;

impl Wrong {
    /// What SQLite says of a statement.
    pub(crate) fn of(error: &rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::MultipleStatement => Self {
                line: None,
                reason: "it holds more than one statement: write one SELECT".to_owned(),
            },
            rusqlite::Error::SqlInputError {
                msg, sql, offset, ..
            } => {
                let line = usize::try_from(*offset).ok().and_then(|offset| {
                    let before = sql.get(..offset)?;
                    Some(1 + before.matches('\n').count())
                });
                Self {
                    line,
                    reason: msg.clone(),
                }
            }
            rusqlite::Error::SqliteFailure(_, Some(message)) => Self {
                line: None,
                reason: message.clone(),
            },
            other => Self {
                line: None,
                reason: other.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views() -> Vec<(String, Vec<String>)> {
        let columns = ["siren", "fiscal_year", "result"].map(str::to_owned);
        vec![("published_yearly_result".to_owned(), columns.to_vec())]
    }

    #[test]
    fn a_select_over_the_views_is_allowed() {
        for sql in [
            "SELECT * FROM published_yearly_result",
            "SELECT fiscal_year, SUM(result) AS s FROM published_yearly_result GROUP BY 1 ORDER BY 2 DESC;",
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n -- end",
            "SELECT j.value FROM published_yearly_result, json_each('[1,2]') AS j",
            "VALUES (1), (2)",
            "SELECT 'PRAGMA x; DROP TABLE y'",
            "WITH published_yearly_result AS (SELECT 1 AS result) SELECT result FROM published_yearly_result",
        ] {
            look_at_readers(&views(), sql).unwrap_or_else(|wrong| panic!("{sql}: {wrong:?}"));
        }
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        let wrong = look_at_readers(
            &views(),
            "SELECT 1,\n  nowhere\nFROM published_yearly_result",
        );
        let wrong = wrong.unwrap_err();
        assert_eq!(wrong.line, Some(2));
        assert_eq!(wrong.reason, "no such column: nowhere");
    }
}

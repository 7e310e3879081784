//! What is published, asked with SQL of one's own.

use std::sync::Arc;

use askama::Template;
use centime_render::export::answer::{Form, names};
use centime_render::language::format;
use centime_render::{Locale, link};
use centime_warehouse::sql::{Answer, Cut, View};

use crate::files::download::FileLink;
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section, number};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;

/// How many rows the page shows. Files have as many as the limit allows.
const SHOWN: usize = 500;

/// How many characters of a value the page shows.
const LONGEST_SHOWN: usize = 500;

/// Questions to begin with: the key of their words, and their SQL, which both engines understand.
const EXAMPLES: [(&str, &str); 4] = [
    (
        "sql.example_result",
        "SELECT body_name, fiscal_year, result_eur, status\nFROM published.yearly_result\nORDER BY body_name, fiscal_year",
    ),
    (
        "sql.example_largest",
        "SELECT fiscal_year, category, amount_eur, share_percent\nFROM published.expense_by_category\nWHERE rank <= 3\nORDER BY fiscal_year DESC, rank",
    ),
    (
        "sql.example_lines",
        "SELECT fiscal_year, side, COUNT(*) AS lines, SUM(counted_amount) AS centimes\nFROM published.statement_line\nGROUP BY fiscal_year, side\nORDER BY fiscal_year, side",
    ),
    (
        "sql.example_checks",
        "SELECT check_name, outcome, found\nFROM published.check_result\nORDER BY position",
    ),
];

#[derive(Template)]
#[template(path = "sql.html")]
struct SqlPage<'a> {
    frame: Frame<'a>,
    statement: String,
    rows_of_field: usize,
    error: Option<String>,
    answer: Option<AnswerView>,
    views: Vec<View>,
    examples: Vec<Example>,
    limits: String,
}

struct Example {
    label: &'static str,
    sql: &'static str,
    link: String,
}

struct AnswerView {
    count: String,
    remarks: Vec<String>,
    headers: Vec<Header>,
    rows: Vec<Vec<Option<String>>>,
    files: Vec<FileLink>,
}

struct Header {
    label: String,
    number: bool,
    exact: bool,
}

/// Answers with the page, and with what a statement gives where there is one.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let sql = context.site.sql().ok_or(PageError::NotFound)?;
    let locale = context.locale;
    let statement = context.parameter("q").unwrap_or_default().to_owned();
    let answered = if statement.trim().is_empty() {
        Ok(None)
    } else {
        sql.ask_for(&statement, SHOWN)
            .await
            .map(Some)
            .map_err(PageError::from)
    };
    let (answer, error) = match answered {
        Ok(answer) => (answer, None),
        Err(PageError::Statement { reason }) => (None, Some(reason)),
        Err(other) => return Err(other),
    };
    let language = locale.language();
    let integer = |value: usize| format::integer(number(value), language);
    let refused = error.is_some();
    let views = sql.views().await?;
    let page = SqlPage {
        frame: Frame::new(&context, locale.text("sql.title"), Section::None),
        rows_of_field: statement.lines().count().clamp(6, 24),
        error: error.map(|reason| locale.fill("sql.refused", &[("reason", &reason)])),
        answer: answer.map(|answer| view(&answer, &statement, locale)),
        views,
        examples: EXAMPLES
            .into_iter()
            .map(|(key, sql)| Example {
                label: locale.text(key),
                sql,
                link: link::to("/sql", &[("q", sql)]),
            })
            .collect(),
        limits: locale.fill(
            "sql.limits",
            &[
                (
                    "seconds",
                    &integer(usize::try_from(sql.limits.time.as_secs()).unwrap_or(usize::MAX)),
                ),
                ("shown", &integer(SHOWN)),
                ("rows", &integer(sql.limits.rows)),
                ("megabytes", &integer(sql.limits.bytes >> 20)),
            ],
        ),
        statement,
    };
    let page = page.frame.around(&page)?;
    Ok(if refused { page.refusing() } else { page })
}

fn view(answer: &Answer, statement: &str, locale: &'static Locale) -> AnswerView {
    let headers: Vec<Header> = names(answer)
        .into_iter()
        .zip(&answer.columns)
        .map(|(label, column)| Header {
            label,
            number: column.of.is_number(),
            exact: column.of.is_exact(),
        })
        .collect();
    let mut remarks = Vec::new();
    if let Some(cut) = answer.cut {
        remarks.push(
            locale
                .text(match cut {
                    Cut::Rows => "sql.cut_rows",
                    Cut::Bytes => "sql.cut_bytes",
                })
                .to_owned(),
        );
    }
    let inexact: Vec<&str> = headers
        .iter()
        .filter(|header| !header.exact)
        .map(|header| header.label.as_str())
        .collect();
    if !inexact.is_empty() {
        remarks.push(locale.fill("sql.not_exact", &[("columns", &inexact.join(", "))]));
    }
    let rows = answer.rows.iter().map(|row| {
        let values = row.iter();
        values.map(|value| value.as_deref().map(shown)).collect()
    });
    AnswerView {
        count: locale.count("sql.found", number(answer.rows.len())),
        remarks,
        headers,
        rows: rows.collect(),
        files: Form::ALL
            .into_iter()
            .map(|form| FileLink {
                name: form.extension().to_uppercase(),
                address: link::to(&format!("/sql.{}", form.extension()), &[("q", statement)]),
            })
            .collect(),
    }
}

/// A value as far as the page shows it.
fn shown(value: &str) -> String {
    let mut letters = value.chars();
    let start: String = letters.by_ref().take(LONGEST_SHOWN).collect();
    if letters.next().is_some() {
        format!("{start}…")
    } else {
        start
    }
}

/// Answers with what a statement gives, as a file: `/sql.csv?q=…`.
pub async fn file(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let sql = context.site.sql().ok_or(PageError::NotFound)?;
    let extension = context.rest_of_path("/sql.");
    let form = Form::by_extension(&extension).ok_or(PageError::NotFound)?;
    let statement = context.parameter("q").unwrap_or_default().to_owned();
    let answer = sql.ask(&statement).await?;
    let made = tokio::task::spawn_blocking(move || form.file(&answer, &statement)).await;
    let kind = match form {
        Form::Csv => "text/csv; charset=utf-8",
        Form::Json => "application/json; charset=utf-8",
        Form::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Form::Parquet => "application/vnd.apache.parquet",
    };
    match made {
        Ok(Ok(bytes)) => Ok(Reply::kept_as(
            format!("centime-sql.{extension}"),
            kind,
            bytes,
        )),
        Ok(Err(error)) => Err(PageError::File(error.to_string())),
        Err(error) => Err(PageError::File(error.to_string())),
    }
}

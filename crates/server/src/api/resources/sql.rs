//! What is published, asked with SQL of one's own.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_render::export::answer::{names, value};
use centime_warehouse::sql::Cut;
use serde_json::{Value, json};

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::nothing_there;
use crate::http::problem_details::ProblemDetails;
use crate::request::page_error::PageError;

/// How many rows are given when it is not said.
const USUAL: usize = 1000;

/// The rows of a statement.
pub static ASK: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/sql",
        right: Right::AskSql,
        name: "askSql",
        summary: "The rows of one SELECT over the published views",
        about: "Where the site answers SQL; open to all who may read where its operator says so. Files of the same rows are at /sql.csv, /sql.parquet, /sql.json and /sql.xlsx.",
        parameters: &[
            Parameter::new(
                "q",
                Values::Lines(20_000),
                "The statement: one SELECT over the views of the schema published.",
            )
            .required(),
            Parameter::new(
                "limit",
                Values::Integer(1, 1_000_000),
                "How many rows at most; 1000 when it is not said, and never more than the site allows.",
            ),
        ],
        content: Content::One {
            kind: record,
            of_revision: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(asked(ask)),
};

fn record() -> Record {
    Record {
        name: "SqlAnswer".to_owned(),
        about: "What a statement gave.".into(),
        fields: vec![
            Field::new(
                "columns",
                Type::Array,
                "The columns, each with its name, its type (integer, decimal, real, boolean or text) and whether it is exact: reals are binary fractions, which are not.",
            ),
            Field::new(
                "rows",
                Type::Array,
                "The rows: arrays of values in the order of the columns. Decimals are texts; null is no value.",
            ),
            Field::optional(
                "left_out",
                Type::Word(&["rows", "bytes"]),
                "Which limit left rows out; null where there are all.",
            ),
        ],
    }
}

async fn asked(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let sql = ask.context.site.sql().ok_or_else(nothing_there)?;
    let statement = ask.text("q").unwrap_or_default();
    let limit = ask
        .integer("limit")
        .and_then(|limit| usize::try_from(limit).ok());
    let answer = sql
        .ask_for(statement, limit.unwrap_or(USUAL))
        .await
        .map_err(PageError::from)?;
    let columns = names(&answer).into_iter().zip(&answer.columns);
    let columns: Vec<Value> = columns
        .map(|(name, column)| {
            json!({"name": name, "type": column.of.name(), "exact": column.of.is_exact()})
        })
        .collect();
    let rows: Vec<Value> = answer
        .rows
        .iter()
        .map(|row| {
            let values = row.iter().zip(&answer.columns);
            values
                .map(|(cell, column)| value(column.of, cell.as_deref()))
                .collect()
        })
        .collect();
    let left_out = match answer.cut {
        None => Value::Null,
        Some(Cut::Rows) => "rows".into(),
        Some(Cut::Bytes) => "bytes".into(),
    };
    Ok(Answer::one(
        record(),
        vec![columns.into(), rows.into(), left_out],
    ))
}

//! Statement lines, and the record that each came from.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_render::dashboard::REVISION;
use centime_warehouse::Subject;
use centime_warehouse::lines::{Line, Place};
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::ask::{Ask, nothing_there};
use crate::api::cursor;
use crate::api::field::{Field, Record, Type, amount};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::Trouble;
use crate::lines_query::{COUNTINGS, HARMONISED, LONGEST_TEXT, LinesQuery, ROLES, SUCCESSORS};

/// The lines of a statement.
pub static LIST: Operation = Operation {
    method: Method::GET,
    path: "/api/v1/lines",
    right: Right::Export,
    name: "listLines",
    summary: "The lines of the income statement of a public body",
    about: "The latest year first, and within a year in the order of the records they came from.",
    parameters: &[
        Parameter::BODY,
        Parameter::REVISION,
        Parameter::new(
            "q",
            Values::Text(LONGEST_TEXT),
            "Words of the label or category; all must occur. Case and accents do not matter.",
        ),
        Parameter::new("year", Values::Integer(1, 9999), "The fiscal year."),
        Parameter::new("side", Values::Word(&SIDES), "Revenue or expense."),
        Parameter::new("activity", Values::Word(&ACTIVITIES), "The activity."),
        Parameter::new(
            "category",
            Values::Text(1000),
            "The label of the block, as records have it; one that the body does not have is not found.",
        ),
        Parameter::new(
            "role",
            Values::Word(&ROLES),
            "What the line is in its block.",
        ),
        Parameter::new(
            "harmonised",
            Values::Word(&HARMONISED),
            "The category that can be compared across nomenclatures.",
        ),
        Parameter::new(
            "successor",
            Values::Word(&SUCCESSORS),
            "Lines that took over what M14 called exceptional: alone, or among others.",
        ),
        Parameter::new(
            "counted",
            Values::Word(&[
                COUNTINGS[0].0,
                COUNTINGS[1].0,
                COUNTINGS[2].0,
                COUNTINGS[3].0,
                COUNTINGS[4].0,
            ]),
            "Whether the line is added: yes, no, missing (it would be, but has no amount), nil (no amount, and none to add) or unpublished (no amount, needed or not).",
        ),
        Parameter::new(
            "unknown",
            Values::Word(&["yes"]),
            "Only lines whose label was not recognised.",
        ),
        Parameter::LIMIT,
        Parameter::CURSOR,
    ],
    content: Content::Many {
        kinds: || vec![line()],
        of_revision: true,
        paged: true,
    },
    refusals: &[StatusCode::NOT_FOUND],
    handler: |ask| Box::pin(list(ask)),
};

/// One line.
pub static ONE: Operation = Operation {
    method: Method::GET,
    path: "/api/v1/lines/{record}",
    right: Right::Export,
    name: "getLine",
    summary: "A line and the record that it came from",
    about: "",
    parameters: &[
        Parameter::new(
            "record",
            Values::Integer(1, i64::MAX),
            "The number of the record.",
        ),
        Parameter::BODY,
        Parameter::new(
            REVISION,
            Values::Integer(1, i64::MAX),
            "The number of the revision that the number of the record was taken from: another revision may have another line under it.",
        )
        .required(),
    ],
    content: Content::One {
        kind: whole,
        of_revision: true,
    },
    refusals: &[StatusCode::NOT_FOUND],
    handler: |ask| Box::pin(one(ask)),
};

fn line() -> Record {
    Record {
        name: "Line".to_owned(),
        about: "A line of an income statement.".into(),
        fields: vec![
            Field::new(
                "record",
                Type::Integer,
                "The number of the record it came from.",
            ),
            Field::new(
                "siren",
                Type::Text,
                "The number of the public body, as the list of bodies has it; empty when not known.",
            ),
            Field::new("fiscal_year", Type::Integer, "The fiscal year."),
            Field::optional(
                "nomenclature",
                Type::Text,
                "M14 or M57; null when not recognised.",
            ),
            Field::optional(
                "side",
                Type::Word(&SIDES),
                "Revenue or expense; null for balances.",
            ),
            Field::optional("activity", Type::Word(&ACTIVITIES), "The activity."),
            Field::optional(
                "block",
                Type::Text,
                "The code of its block in the nomenclature.",
            ),
            Field::new(
                "category",
                Type::Text,
                "The official label of its block, or the published one.",
            ),
            Field::optional("code", Type::Text, "Its code in the nomenclature."),
            Field::new(
                "label",
                Type::Text,
                "Its official label, or the published one.",
            ),
            Field::new(
                "published_category",
                Type::Text,
                "The published label of its block.",
            ),
            Field::new("published_label", Type::Text, "Its published label."),
            Field::new(
                "matched",
                Type::Text,
                "How it was recognised: exact, normalised, variant, abbreviated or unknown.",
            ),
            Field::new("role", Type::Word(&ROLES), "What it is in its block."),
            Field::optional("parent", Type::Text, "The code of the line it is part of."),
            Field::optional(
                "harmonised",
                Type::Text,
                "The category that can be compared across nomenclatures.",
            ),
            Field::optional(
                "amount",
                Type::Amount,
                "The amount in euros; null when none was published.",
            ),
            Field::new("counted", Type::Flag, "Whether the leaf rule adds it."),
            Field::new(
                "missing",
                Type::Flag,
                "Whether an amount is needed here and none was published.",
            ),
            Field::new(
                "nil",
                Type::Flag,
                "Whether no amount was published and a printed total proves that there is none.",
            ),
        ],
    }
}

fn whole() -> Record {
    let mut fields = line().fields;
    fields.extend([
        Field::optional(
            "dataset",
            Type::Text,
            "The identifier of the dataset on the portal.",
        ),
        Field::optional("source", Type::Object, "The record as the portal sent it."),
    ]);
    Record {
        name: "LineWithSource".to_owned(),
        about: "A line of an income statement, with the record that it came from.".into(),
        fields,
    }
}

fn values(line: &Line) -> Vec<Value> {
    vec![
        line.record.into(),
        line.siren.as_str().into(),
        line.fiscal_year.into(),
        line.nomenclature.as_deref().into(),
        line.side.as_deref().into(),
        line.activity.as_deref().into(),
        line.block.as_deref().into(),
        line.category.as_str().into(),
        line.code.as_deref().into(),
        line.label.as_str().into(),
        line.published_category.as_str().into(),
        line.published_label.as_str().into(),
        line.matched.as_str().into(),
        line.role.as_str().into(),
        line.parent.as_deref().into(),
        line.harmonised.as_deref().into(),
        amount(line.amount),
        line.counted.into(),
        line.missing.into(),
        line.nil.into(),
    ]
}

async fn list(ask: Arc<Ask>) -> Result<Answer, Trouble> {
    let snapshot = ask.snapshot()?;
    let revision = &snapshot.published.revision;
    let query = LinesQuery::read(&ask.visit, snapshot).await?;
    let after = match ask.text("cursor") {
        None => None,
        Some(text) => {
            let [year, record] = cursor::keys(revision.id, text)?;
            Some(Place {
                fiscal_year: year.parse().map_err(|_| cursor::unreadable())?,
                record: record.parse().map_err(|_| cursor::unreadable())?,
            })
        }
    };
    let siren = snapshot.body.siren.as_str();
    let (found, more) = ask
        .warehouse()?
        .lines_after(revision.id, siren, &query.filter, after, ask.limit())
        .await?;
    let next = found.last().filter(|_| more).map(|last| {
        let (year, record) = (last.fiscal_year.to_string(), last.record.to_string());
        ask.next(&cursor::after(revision.id, &[&year, &record]))
    });
    let rows = found.iter().map(values).collect();
    Ok(Answer::rows(line(), rows).of(revision).next(next))
}

async fn one(ask: Arc<Ask>) -> Result<Answer, Trouble> {
    let snapshot = ask.snapshot()?;
    let revision = &snapshot.published.revision;
    let siren = snapshot.body.siren.as_str();
    let record = ask.numbered()?;
    let warehouse = ask.warehouse()?;
    let found = warehouse.line(revision.id, siren, record).await?;
    let found = found.ok_or_else(nothing_there)?;
    let subject = Subject::IncomeStatement;
    let source = warehouse
        .source(revision.id, siren, subject, record)
        .await?;
    // What the portal sent was read as JSON before it was kept.
    let source = source.and_then(|json| serde_json::from_str(&json).ok());
    let datasets = &snapshot.published.datasets;
    let dataset = datasets.iter().find(|dataset| dataset.subject == subject);
    let mut values = values(&found);
    values.push(dataset.map(|dataset| dataset.dataset_id.as_str()).into());
    values.push(source.unwrap_or(Value::Null));
    Ok(Answer::one(whole(), values).of(revision))
}

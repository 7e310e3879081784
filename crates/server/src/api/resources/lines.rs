//! Statement lines, and the record that each came from.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_accounts::FiscalYear;
use centime_analytics::Table;
use centime_analytics::rows::What;
use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_render::dashboard::REVISION;
use centime_render::export::json;
use centime_render::provenance::doubts::with_doubts;
use centime_warehouse::lines::{Order, Place, Sort};
use centime_warehouse::{Dataset, Subject};
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::cursor;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::nothing_there;
use crate::api::problem::refused;
use crate::files::download::WHOLE;
use crate::http::problem_details::ProblemDetails;
use crate::request::lines_query::{
    COUNTINGS, HARMONISED, LONGEST_TEXT, LinesQuery, ROLES, SUCCESSORS, years_of_all,
};
use crate::request::page_error::PageError;

/// The lines of a statement.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/lines",
        right: Right::Export,
        name: "listLines",
        summary: "The lines of the income statement of a public body",
        about: "Body by body in the order of their numbers; of each the latest year first, and within a year in the order of the records they came from.",
        parameters: &[
            Parameter::BODIES,
            Parameter::REVISION,
            Parameter::new(
                "q",
                Values::Text(LONGEST_TEXT),
                "Words of the label or category; all must occur. Case and accents do not matter.",
            ),
            Parameter::new("year", Values::Integer(1, 9999), "The fiscal year."),
            Parameter::FROM,
            Parameter::TO,
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
                "The category of expense that can be compared across nomenclatures; unrecognised: lines without one.",
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
                    COUNTINGS[5].0,
                ]),
                "Whether the line is added: yes, no, missing (it would be, but has no amount), nil (no amount, and none to add), unpublished (no amount, needed or not) or naive (a plain script adds it: its amount is not below zero).",
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
    },
    handler: |ask| Box::pin(list(ask)),
};

/// One line.
pub static ONE: Endpoint = Endpoint {
    operation: Operation {
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
    },
    handler: |ask| Box::pin(one(ask)),
};

fn line() -> Record {
    Record {
        name: "Line".to_owned(),
        about: "A line of an income statement.".into(),
        fields: vec![
            Field::whose()[0].clone(),
            Field::whose()[1].clone(),
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
            Field::new(
                "year_complete",
                Type::Flag,
                "Whether no amount that is needed is missing in the year: where one is, no sum of lines is a result.",
            ),
            Field::new(
                "record",
                Type::Integer,
                "The number of the record it came from.",
            ),
            Field::doubts(),
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

async fn list(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let revision = ask.revision()?;
    let years = ask.years()?;
    let query = if ask.context.is_of_all() {
        LinesQuery::read_of_all(&ask.context, ask.published()?).await?
    } else {
        LinesQuery::read(&ask.context, ask.snapshot()?).await?
    };
    check_years(&ask, query.filter.years.as_ref(), &years).await?;
    let order = Order {
        by: Sort::Record,
        descending: true,
    };
    let rows = ask.rows(What::Lines(query.filter, order), years)?;
    if ask.is_file() {
        return Ok(Answer::coming(rows).of(revision));
    }
    let after = match ask.text("cursor") {
        None => None,
        Some(text) => Some(place(revision.id, text)?),
    };
    if let Some((siren, _)) = &after
        && !ask.context.is_of_all()
        && *siren != ask.snapshot()?.body.siren
    {
        return Err(cursor::unreadable());
    }
    let columns = rows.columns();
    let (rows, last) = rows
        .page(after, ask.limit())
        .await
        .map_err(PageError::from)?;
    let next = last.map(|(siren, place)| {
        let (year, record) = (place.fiscal_year.to_string(), place.record.to_string());
        ask.next(&cursor::after(revision.id, &[&year, &record, &siren]))
    });
    Ok(Answer::table(Table { columns, rows })
        .of(revision)
        .next(next))
}

/// Refuses a file, or lines of all bodies, of years of which there is none: they would look like years without
/// money.
async fn check_years(
    ask: &Ask,
    year: Option<&RangeInclusive<FiscalYear>>,
    years: &RangeInclusive<FiscalYear>,
) -> Result<(), ProblemDetails> {
    let any = year.is_none() && *years == WHOLE;
    let of_all = ask.context.is_of_all();
    if any || !(of_all || ask.is_file()) {
        return Ok(());
    }
    let known = if of_all {
        years_of_all(ask.warehouse()?, ask.published()?).await?
    } else {
        ask.snapshot()?.choices.fiscal_years.clone()
    };
    let inside =
        |known: &FiscalYear| years.contains(known) && year.is_none_or(|year| year.contains(known));
    if known.iter().any(inside) {
        return Ok(());
    }
    let known: Vec<String> = known.iter().map(ToString::to_string).collect();
    Err(refused(format!(
        "There is none of these fiscal years. Allowed: {}.",
        known.join(", ")
    )))
}

/// The place of a line, and the number of its body.
fn place(revision: i64, text: &str) -> Result<(String, Place), ProblemDetails> {
    let [year, record, siren] = cursor::keys(revision, text)?;
    let place = Place {
        fiscal_year: year.parse().map_err(|_| cursor::unreadable())?,
        record: record.parse().map_err(|_| cursor::unreadable())?,
    };
    Ok((siren, place))
}

async fn one(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
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
    let dataset = Dataset::of_record(datasets, subject, record);
    let complete = snapshot.rows_of([&found]);
    let table = with_doubts(&complete, &snapshot.doubts);
    let cells = table.columns.iter().zip(table.rows.iter().flatten());
    let values = cells.map(|(column, cell)| json::value(column.kind, cell));
    let mut values: Vec<Value> = values.collect();
    values.push(dataset.map(|dataset| dataset.dataset_id.as_str()).into());
    values.push(source.unwrap_or(Value::Null));
    Ok(Answer::one(whole(), values).of(revision))
}

#[cfg(test)]
mod tests {
    use centime_warehouse::lines::Filter;

    use super::*;

    #[test]
    fn rows_have_the_fields_of_their_records() {
        let columns = What::Lines(Filter::default(), Order::default()).columns();
        let names = columns.iter().map(|column| column.name.as_str());
        assert!(names.eq(line().fields.iter().map(|field| field.name)));
    }
}

//! What was checked, what is missing, and how the years reconcile.

use std::future::ready;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_analytics::rows::{OF_PARENTS, OF_UNPUBLISHED, What, of_parent, of_unpublished};
use centime_analytics::{Basis, Cell, Table, analyses};
use centime_render::provenance::source::ALL;
use centime_warehouse::Outcome;
use serde_json::Value;

use super::analyses::rows;
use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::files::download::WHOLE;
use crate::http::problem_details::ProblemDetails;

/// What the checks found.
pub static CHECKS: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/quality/checks",
        right: Right::Read,
        name: "listChecks",
        summary: "What the checks of the published revision found",
        about: "A revision with a check that failed is never published.",
        parameters: &[
            Parameter::new(
                "body",
                Values::Word(&[ALL]),
                "Checks are of all public bodies: what they found names the body where there are several.",
            ),
            Parameter::REVISION,
        ],
        content: Content::Many {
            kinds: || vec![check()],
            of_revision: true,
            paged: false,
        },
        refusals: &[],
    },
    handler: |ask| Box::pin(ready(checks(&ask))),
};

/// How the years reconcile.
pub static RECONCILIATION: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/quality/reconciliation",
        right: Right::Read,
        name: "getReconciliation",
        summary: "The result of each year held against the one that the balance sheet publishes",
        about: "",
        parameters: &[
            Parameter::BODIES,
            Parameter::REVISION,
            Parameter::FROM,
            Parameter::TO,
        ],
        content: Content::Many {
            kinds: || vec![Record::of(&analyses::reconciliation::ANALYSIS)],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(ready(reconciliation(&ask))),
};

/// What was not published.
pub static MISSING: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/quality/missing-amounts",
        right: Right::Read,
        name: "listMissingAmounts",
        summary: "The amounts that were not published, by year and block",
        about: "Missing is not zero: a year that needs such an amount has no result.",
        parameters: &[Parameter::BODIES, Parameter::REVISION],
        content: Content::Many {
            kinds: || vec![missing()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(ready(missing_amounts(&ask))),
};

/// Parents held against their parts.
pub static PARENTS: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/quality/parents",
        right: Right::Read,
        name: "listParentChecks",
        summary: "Subtotals, headings and totals held against the sum of their parts",
        about: "",
        parameters: &[Parameter::BODIES, Parameter::REVISION],
        content: Content::Many {
            kinds: || vec![parent()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(ready(parents(&ask))),
};

fn check() -> Record {
    const OUTCOMES: [&str; 3] = [
        Outcome::Pass.name(),
        Outcome::Warn.name(),
        Outcome::Fail.name(),
    ];
    Record {
        name: "Check".to_owned(),
        about: "What a check found.".into(),
        fields: vec![
            Field::new("name", Type::Text, "The name of the check."),
            Field::new(
                "outcome",
                Type::Word(&OUTCOMES),
                "Whether it passed; warn does not prevent publication.",
            ),
            Field::new(
                "found",
                Type::Integer,
                "How many cases were found: failures or remarks where there are any, else cases that passed.",
            ),
            Field::new(
                "subjects",
                Type::Texts,
                "What they are, in the words of the data; not always all.",
            ),
        ],
    }
}

fn missing() -> Record {
    Record {
        name: "MissingAmounts".to_owned(),
        about: "The amounts of a block that were not published in a year.".into(),
        fields: vec![
            Field::whose()[0].clone(),
            Field::whose()[1].clone(),
            Field::new("fiscal_year", Type::Integer, "The fiscal year."),
            Field::new("category", Type::Text, "The label of the block."),
            Field::new("rows", Type::Integer, "How many rows have no amount."),
            Field::new(
                "needed",
                Type::Integer,
                "How many of them are needed for a total.",
            ),
            Field::new(
                "nil",
                Type::Integer,
                "How many of them are nil, as a printed total proves.",
            ),
        ],
    }
}

fn parent() -> Record {
    Record {
        name: "ParentCheck".to_owned(),
        about: "A parent line held against the lines that it repeats.".into(),
        fields: vec![
            Field::whose()[0].clone(),
            Field::whose()[1].clone(),
            Field::new("fiscal_year", Type::Integer, "The fiscal year."),
            Field::new("block", Type::Text, "The code of the block."),
            Field::new("code", Type::Text, "The code of the parent line."),
            Field::new("label", Type::Text, "Its official label."),
            Field::new("role", Type::Text, "subtotal, heading or total."),
            Field::optional(
                "parent",
                Type::Amount,
                "The amount published for the parent, in euros.",
            ),
            Field::optional(
                "children",
                Type::Amount,
                "The sum of its parts in euros, when all are known.",
            ),
            Field::new(
                "used",
                Type::Text,
                "Which of the two is added: children, parent or neither.",
            ),
        ],
    }
}

fn checks(ask: &Ask) -> Result<Answer, ProblemDetails> {
    let published = ask.published()?;
    let row = |check: &centime_warehouse::CheckResult| -> Vec<Value> {
        vec![
            check.name.as_str().into(),
            check.outcome.name().into(),
            check.found.into(),
            check.subjects.iter().map(String::as_str).collect(),
        ]
    };
    let rows = published.checks.iter().map(row).collect();
    Ok(Answer::rows(check(), rows).of(&published.revision))
}

fn reconciliation(ask: &Ask) -> Result<Answer, ProblemDetails> {
    rows(ask, &analyses::reconciliation::ANALYSIS, Basis::Leaf)
}

fn missing_amounts(ask: &Ask) -> Result<Answer, ProblemDetails> {
    if ask.context.is_of_all() {
        let rows = ask.rows(What::Unpublished, WHOLE)?;
        return Ok(Answer::coming(rows).of(ask.revision()?));
    }
    let snapshot = ask.snapshot()?;
    let body = &snapshot.body;
    let row = |found| of_unpublished(found, &body.siren, Cell::of(&body.name));
    let table = Table {
        columns: OF_UNPUBLISHED.to_vec(),
        rows: snapshot.unpublished.iter().map(row).collect(),
    };
    Ok(Answer::table(table).of(&snapshot.published.revision))
}

fn parents(ask: &Ask) -> Result<Answer, ProblemDetails> {
    if ask.context.is_of_all() {
        let rows = ask.rows(What::Parents, WHOLE)?;
        return Ok(Answer::coming(rows).of(ask.revision()?));
    }
    let snapshot = ask.snapshot()?;
    let body = &snapshot.body;
    let row = |found| of_parent(found, &body.siren, Cell::of(&body.name));
    let table = Table {
        columns: OF_PARENTS.to_vec(),
        rows: snapshot.parents.iter().map(row).collect(),
    };
    Ok(Answer::table(table).of(&snapshot.published.revision))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_fields_of_their_records() {
        for (record, columns) in [
            (missing(), &OF_UNPUBLISHED[..]),
            (parent(), &OF_PARENTS[..]),
        ] {
            let names = columns.iter().map(|column| column.name.as_str());
            assert!(names.eq(record.fields.iter().map(|field| field.name)));
        }
    }
}

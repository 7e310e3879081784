//! What was checked, what is missing, and how the years reconcile.

use std::future::ready;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_analytics::{Basis, analyses};
use centime_warehouse::Outcome;
use serde_json::Value;

use super::analyses::rows;
use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::field::{Field, Record, Type, amount};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::Trouble;

/// What the checks found.
pub static CHECKS: Operation = Operation {
    method: Method::GET,
    path: "/api/v1/quality/checks",
    right: Right::Read,
    name: "listChecks",
    summary: "What the checks of the published revision found",
    about: "A revision with a check that failed is never published.",
    parameters: &[Parameter::REVISION],
    content: Content::Many {
        kinds: || vec![check()],
        of_revision: true,
        paged: false,
    },
    refusals: &[],
    handler: |ask| Box::pin(ready(checks(&ask))),
};

/// How the years reconcile.
pub static RECONCILIATION: Operation = Operation {
    method: Method::GET,
    path: "/api/v1/quality/reconciliation",
    right: Right::Read,
    name: "getReconciliation",
    summary: "The result of each year held against the one that the balance sheet publishes",
    about: "",
    parameters: &[
        Parameter::BODY,
        Parameter::REVISION,
        Parameter::new("from", Values::Integer(1, 9999), "The first fiscal year."),
        Parameter::new("to", Values::Integer(1, 9999), "The last fiscal year."),
    ],
    content: Content::Many {
        kinds: || vec![Record::of(&analyses::reconciliation::ANALYSIS)],
        of_revision: true,
        paged: false,
    },
    refusals: &[StatusCode::NOT_FOUND],
    handler: |ask| Box::pin(ready(reconciliation(&ask))),
};

/// What was not published.
pub static MISSING: Operation = Operation {
    method: Method::GET,
    path: "/api/v1/quality/missing-amounts",
    right: Right::Read,
    name: "listMissingAmounts",
    summary: "The amounts that were not published, by year and block",
    about: "Missing is not zero: a year that needs such an amount has no result.",
    parameters: &[Parameter::BODY, Parameter::REVISION],
    content: Content::Many {
        kinds: || vec![missing()],
        of_revision: true,
        paged: false,
    },
    refusals: &[StatusCode::NOT_FOUND],
    handler: |ask| Box::pin(ready(missing_amounts(&ask))),
};

/// Parents held against their parts.
pub static PARENTS: Operation = Operation {
    method: Method::GET,
    path: "/api/v1/quality/parents",
    right: Right::Read,
    name: "listParentChecks",
    summary: "Subtotals, headings and totals held against the sum of their parts",
    about: "",
    parameters: &[Parameter::BODY, Parameter::REVISION],
    content: Content::Many {
        kinds: || vec![parent()],
        of_revision: true,
        paged: false,
    },
    refusals: &[StatusCode::NOT_FOUND],
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

fn checks(ask: &Ask) -> Result<Answer, Trouble> {
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

fn reconciliation(ask: &Ask) -> Result<Answer, Trouble> {
    rows(ask, &analyses::reconciliation::ANALYSIS, Basis::Leaf)
}

fn missing_amounts(ask: &Ask) -> Result<Answer, Trouble> {
    let snapshot = ask.snapshot()?;
    let row = |found: &centime_warehouse::quality::Unpublished| -> Vec<Value> {
        vec![
            found.fiscal_year.into(),
            found.category.as_str().into(),
            found.rows.into(),
            found.needed.into(),
            found.nil.into(),
        ]
    };
    let rows = snapshot.unpublished.iter().map(row).collect();
    Ok(Answer::rows(missing(), rows).of(&snapshot.published.revision))
}

fn parents(ask: &Ask) -> Result<Answer, Trouble> {
    let snapshot = ask.snapshot()?;
    let row = |check: &centime_warehouse::quality::ParentCheck| -> Vec<Value> {
        vec![
            check.fiscal_year.into(),
            check.block.as_str().into(),
            check.code.as_str().into(),
            check.label.as_str().into(),
            check.role.as_str().into(),
            amount(check.parent),
            amount(check.children),
            check.used.as_str().into(),
        ]
    };
    let rows = snapshot.parents.iter().map(row).collect();
    Ok(Answer::rows(parent(), rows).of(&snapshot.published.revision))
}

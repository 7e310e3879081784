//! Aggregates of the OFGL, and what they are for each inhabitant.

use std::future::ready;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_accounts::Budget;
use centime_analytics::rows::What;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter};
use crate::http::problem_details::ProblemDetails;

/// What budgets are beside each other.
pub const BUDGETS: [&str; 3] = [
    Budget::Main.name(),
    Budget::Attached.name(),
    Budget::Annex.name(),
];

/// The aggregates.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/aggregates",
        right: Right::Export,
        name: "listAggregates",
        summary: "The aggregates that the OFGL publishes, by fiscal year, with what they are for each inhabitant",
        about: "The latest year first, and the main budget before others. Those of several budgets are never added: what passes from one to the other would be counted twice. Empty for public bodies of which none are known.",
        parameters: &[
            Parameter::BODIES,
            Parameter::REVISION,
            Parameter::FROM,
            Parameter::TO,
        ],
        content: Content::Many {
            kinds: || vec![aggregate()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(ready(list(&ask))),
};

fn aggregate() -> Record {
    let [siren, name] = Field::whose();
    Record {
        name: "Aggregate".to_owned(),
        about: "An aggregate of a budget in a year.".into(),
        fields: vec![
            siren,
            name,
            Field::new("fiscal_year", Type::Integer, "The fiscal year."),
            Field::new(
                "budget",
                Type::Word(&BUDGETS),
                "Which budget of the body it is of. Those of several budgets are never added.",
            ),
            Field::optional(
                "budget_name",
                Type::Text,
                "The name of the budget, where the source says it.",
            ),
            Field::optional(
                "nomenclature",
                Type::Text,
                "The nomenclature, as published.",
            ),
            Field::new(
                "aggregate",
                Type::Text,
                "Which aggregate, as the OFGL calls it.",
            ),
            Field::new("amount", Type::Amount, "The amount in euros."),
            Field::optional(
                "per_inhabitant",
                Type::Amount,
                "The amount divided by the population of the year, in euros; null where that is not known.",
            ),
            Field::optional(
                "population",
                Type::Integer,
                "The number of inhabitants that the amount is divided by.",
            ),
            Field::new(
                "record",
                Type::Integer,
                "The number of its record in this revision.",
            ),
            Field::doubts(),
        ],
    }
}

fn list(ask: &Ask) -> Result<Answer, ProblemDetails> {
    let body = if ask.context.is_of_all() {
        None
    } else {
        // Also one of which nothing else is known.
        Some(ask.context.any_body()?.body.clone())
    };
    let rows = ask.rows_of(What::Aggregates, body, ask.years()?)?;
    Ok(Answer::coming(rows).of(ask.revision()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_fields_of_their_records() {
        let columns = What::Aggregates.columns();
        let names = columns.iter().map(|column| column.name.as_str());
        assert!(names.eq(aggregate().fields.iter().map(|field| field.name)));
    }

    #[test]
    fn every_kind_of_budget_is_declared() {
        assert_eq!(Budget::ALL.map(Budget::name), BUDGETS);
    }
}

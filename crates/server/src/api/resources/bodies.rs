//! Public bodies.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_accounts::{BodyKind, Budget};
use centime_analytics::rows::{OF_BODIES, Rows, What, known_bodies, other_budgets};
use centime_analytics::{Inhabitants, Table};
use centime_warehouse::aggregates::{Population, Profile};
use centime_warehouse::everybody::Span;
use centime_warehouse::{Body, Named};
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::cursor;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::nothing_there;
use crate::api::resources::aggregates::BUDGETS;
use crate::files::download::WHOLE;
use crate::http::problem_details::ProblemDetails;
use crate::request::lines_query::LONGEST_TEXT;

/// What bodies are.
const KINDS: [&str; 4] = [
    BodyKind::Commune.name(),
    BodyKind::Grouping.name(),
    BodyKind::Departement.name(),
    BodyKind::Region.name(),
];

/// The public bodies.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/bodies",
        right: Right::Read,
        name: "listBodies",
        summary: "The public bodies of the published revision",
        about: "In the order of their SIREN numbers.",
        parameters: &[
            Parameter::new(
                "q",
                Values::Text(LONGEST_TEXT),
                "Words of the name or number; all must occur. Case and accents do not matter.",
            ),
            Parameter::REVISION,
            Parameter::LIMIT,
            Parameter::CURSOR,
        ],
        content: Content::Many {
            kinds: || vec![body()],
            of_revision: true,
            paged: true,
        },
        refusals: &[],
    },
    handler: |ask| Box::pin(list(ask)),
};

/// One public body.
pub static ONE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/bodies/{siren}",
        right: Right::Read,
        name: "getBody",
        summary: "A public body",
        about: "",
        parameters: &[
            Parameter::new(
                "siren",
                Values::Text(40),
                "The SIREN number, or the SIRET number of a budget.",
            ),
            Parameter::REVISION,
        ],
        content: Content::One {
            kind: body,
            of_revision: true,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(one(ask)),
};

fn body() -> Record {
    Record {
        name: "Body".to_owned(),
        about: "A public body that has an income statement, or aggregates alone.".into(),
        fields: vec![
            Field::new(
                "siren",
                Type::Text,
                "The number it is asked for by: its SIREN number, or the SIRET number of a budget where the \
                    source tells budgets apart; empty when not known.",
            ),
            Field::new("name", Type::Text, "Its name."),
            Field::optional(
                "siret",
                Type::Text,
                "The SIRET number of its budget, where the source tells budgets apart.",
            ),
            Field::optional(
                "budget",
                Type::Word(&BUDGETS),
                "What its budget is beside the others, where the source says so.",
            ),
            Field::new(
                "first_year",
                Type::Integer,
                "The first fiscal year of its income statement.",
            ),
            Field::new("last_year", Type::Integer, "The last one."),
            Field::new(
                "lines",
                Type::Integer,
                "How many lines its income statement has; 0 where aggregates alone are known.",
            ),
            Field::optional(
                "insee",
                Type::Text,
                "The INSEE code of a commune, or the number of a département or a region; null where no source says it.",
            ),
            Field::optional(
                "kind",
                Type::Word(&KINDS),
                "What it is, where a source says so.",
            ),
            Field::optional(
                "departement",
                Type::Text,
                "The name of the département that it is in, where a source says so.",
            ),
            Field::optional(
                "grouping_name",
                Type::Text,
                "The name of the grouping that a commune is part of, where a source says so.",
            ),
            Field::optional(
                "population",
                Type::Integer,
                "The latest number of inhabitants; null where no source says it.",
            ),
            Field::optional(
                "population_year",
                Type::Integer,
                "The fiscal year of that number.",
            ),
            Field::new(
                "other_budgets",
                Type::Texts,
                "The numbers of the other budgets of the same body, its main budget first. Figures are those of one budget, \
                    and are never added to those of another.",
            ),
        ],
    }
}

fn values(
    body: &Body,
    profile: &Profile,
    population: Option<&Population>,
    other_budgets: Vec<String>,
) -> Vec<Value> {
    vec![
        body.siren.as_str().into(),
        body.name.as_str().into(),
        body.siret().into(),
        body.budget.map(Budget::name).into(),
        body.first_year.get().into(),
        body.last_year.get().into(),
        body.lines.into(),
        profile.insee.as_deref().into(),
        profile.kind.map(BodyKind::name).into(),
        profile.departement.as_deref().into(),
        profile.grouping.as_deref().into(),
        population.map(|known| known.population).into(),
        population.map(|known| known.fiscal_year.get()).into(),
        other_budgets.into(),
    ]
}

async fn list(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let revision = ask.revision()?;
    let words = ask.text("q").unwrap_or_default();
    if ask.is_file() {
        let (warehouse, findings) = (ask.warehouse()?, Arc::clone(&ask.published()?.findings));
        let what = What::Bodies(words.to_owned());
        let rows = Rows::new(warehouse, revision, findings, what, None, WHOLE);
        return Ok(Answer::coming(rows).of(revision));
    }
    let after = match ask.text("cursor") {
        None => None,
        Some(text) => {
            let [siren] = cursor::keys(revision.id, text)?;
            Some(siren)
        }
    };
    let limit = ask.limit();
    let (found, more) = ask
        .warehouse()?
        .bodies_after(revision.id, words, after.as_deref(), limit)
        .await?;
    let last = found.last().filter(|_| more);
    let next = last.map(|last| ask.next(&cursor::after(revision.id, &[&last.siren])));
    let rows = match Span::of(after.as_deref(), &found) {
        Some(span) => known_bodies(ask.warehouse()?, revision.id, &found, &span).await?,
        None => Vec::new(),
    };
    let table = Table {
        columns: OF_BODIES.to_vec(),
        rows,
    };
    Ok(Answer::table(table).of(revision).next(next))
}

async fn one(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let revision = ask.revision()?;
    let siren = ask.named();
    let found = match ask.warehouse()?.named_body(revision.id, &siren).await? {
        Named::One(body) => body,
        Named::Several(_) | Named::None => return Err(nothing_there()),
    };
    let warehouse = ask.warehouse()?;
    let profile = warehouse.profile(revision.id, &found.siren).await?;
    let inhabitants = Inhabitants::load(warehouse, revision.id, &found.siren).await?;
    let span = Span::One(found.siren.clone());
    let budgets = warehouse.budget_numbers(revision.id, &span).await?;
    let others = other_budgets(&found, &budgets);
    let values = values(&found, &profile, inhabitants.years().first(), others);
    Ok(Answer::one(body(), values).of(revision))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_have_the_fields_of_their_records() {
        let names = OF_BODIES.iter().map(|column| column.name.as_str());
        assert!(names.eq(body().fields.iter().map(|field| field.name)));
    }

    #[test]
    fn every_kind_of_body_is_declared() {
        assert_eq!(BodyKind::ALL.map(BodyKind::name), KINDS);
    }
}

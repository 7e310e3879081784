//! Reports.

use std::future::ready;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_analytics::Grouping;
use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_render::Locale;
use centime_render::charts::Measure;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values, YEARS};
use crate::api::problem::nothing_there;
use crate::http::problem_details::ProblemDetails;
use crate::pages::report::printed;

/// The name of the report of an income statement.
const INCOME_STATEMENT: &str = "income-statement";

/// The reports there are.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/reports",
        right: Right::Read,
        name: "listReports",
        summary: "The reports that can be asked for",
        about: "None on a site that makes none.",
        parameters: &[],
        content: Content::Many {
            kinds: || vec![report()],
            of_revision: false,
            paged: false,
        },
        refusals: &[],
    },
    handler: |ask| Box::pin(ready(Ok(list(&ask)))),
};

/// A report.
pub static ONE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/reports/{name}",
        right: Right::Report,
        name: "getReport",
        summary: "The report of a view, as an accessible, archivable PDF",
        about: "The parameters are those of the dashboard; without them it shows the whole statement.",
        parameters: &[
            Parameter::new(
                "name",
                Values::Word(&[INCOME_STATEMENT]),
                "The name of the report.",
            ),
            Parameter::BODY,
            Parameter::REVISION,
            Parameter::LANGUAGE,
            Parameter::FROM,
            Parameter::TO,
            Parameter::new("side", Values::Word(&SIDES), "One side of the statement."),
            Parameter::new("activity", Values::Word(&ACTIVITIES), "One activity."),
            Parameter::new(
                "grouping",
                Values::Word(&GROUPINGS),
                "Categories as published, or those that can be compared across nomenclatures.",
            ),
            Parameter::new(
                "category",
                Values::Text(1000),
                "One category, in the terms of the grouping.",
            ),
            Parameter::BASIS,
            Parameter::new("unit", Values::Word(&UNITS), "The unit of the charts."),
            Parameter::new(
                "focus",
                YEARS,
                "The year that is looked at closely; the latest complete one when it is not said.",
            ),
            Parameter::new(
                "against",
                YEARS,
                "The year that it is compared with; the one before when it is not said.",
            ),
        ],
        content: Content::Document,
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(one(ask)),
};

const GROUPINGS: [&str; 2] = [Grouping::ALL[0].name(), Grouping::ALL[1].name()];

const UNITS: [&str; Measure::ALL.len()] = {
    let mut names = [""; Measure::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = Measure::ALL[place].name();
        place += 1;
    }
    names
};

fn report() -> Record {
    Record {
        name: "Report".to_owned(),
        about: "A report that can be asked for.".into(),
        fields: vec![
            Field::new("name", Type::Text, "Its name in addresses."),
            Field::new("title", Type::Text, "What it is."),
            Field::new("media_type", Type::Text, "In which form it is sent."),
            Field::new("parameters", Type::Texts, "What it can be asked with."),
        ],
    }
}

fn list(ask: &Ask) -> Answer {
    let parameters = ONE.operation.in_query().map(|parameter| parameter.name);
    let known = ask.context.site.reports().map(|_| {
        vec![
            INCOME_STATEMENT.into(),
            ask.context.locale.text("report.title").into(),
            "application/pdf".into(),
            parameters.collect(),
        ]
    });
    Answer::rows(report(), known.into_iter().collect())
}

async fn one(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    if ask.named() != INCOME_STATEMENT {
        return Err(nothing_there());
    }
    let locale = Locale::of(ask.language());
    let (name, bytes) = printed(&ask.context, locale, None).await?;
    Ok(Answer::file(name, bytes).of(ask.revision()?))
}

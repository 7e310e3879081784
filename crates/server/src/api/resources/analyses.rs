//! The analyses and their rows.

use std::future::ready;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_analytics::rows::What;
use centime_analytics::{Analysis, Basis, Language};
use centime_render::language::locale::typographic;
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::nothing_there;
use crate::http::problem_details::ProblemDetails;
use crate::state::snapshot::Snapshot;

/// The analyses there are.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/analyses",
        right: Right::Read,
        name: "listAnalyses",
        summary: "The analyses there are",
        about: "With what each computes and what to know before quoting it.",
        parameters: &[Parameter::BODY, Parameter::REVISION, Parameter::LANGUAGE],
        content: Content::Many {
            kinds: || vec![analysis()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(ready(list(&ask))),
};

/// The rows of an analysis.
pub static ONE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/analyses/{name}",
        right: Right::Read,
        name: "getAnalysis",
        summary: "The rows of an analysis",
        about: "Amounts are euros and rates are percent, as decimal texts; null is what cannot be computed. Of all bodies, the rows are sent while they are read, in the order of the numbers of the bodies.",
        parameters: &[
            Parameter::new("name", Values::Analysis, "The name of the analysis."),
            Parameter::BODIES,
            Parameter::REVISION,
            Parameter::BASIS,
            Parameter::FROM,
            Parameter::TO,
        ],
        content: Content::Analyses,
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(ready(one(&ask))),
};

fn analysis() -> Record {
    Record {
        name: "Analysis".to_owned(),
        about: "What an analysis says about itself.".into(),
        fields: vec![
            Field::new("name", Type::Text, "Its name in addresses."),
            Field::new("title", Type::Text, "Its title."),
            Field::new("summary", Type::Text, "What it shows."),
            Field::new("formula", Type::Text, "How its figures are computed."),
            Field::new(
                "naive",
                Type::Text,
                "What a plain script computes instead, and why that is wrong.",
            ),
            Field::new(
                "caveats",
                Type::Texts,
                "What to know before quoting a figure.",
            ),
            Field::new("columns", Type::Texts, "The names of its columns."),
        ],
    }
}

fn values(analysis: &Analysis, snapshot: &Snapshot, language: Language) -> Vec<Value> {
    let text = analysis.text(language);
    let written = |text: &str| Value::from(typographic(text, language));
    let columns = analysis.model.columns.iter();
    vec![
        analysis.name().into(),
        written(&text.title),
        written(&text.summary),
        written(&text.formula),
        written(&text.naive),
        text.caveats(&snapshot.body.siren).map(written).collect(),
        columns
            .map(|column| Value::from(column.name.as_str()))
            .collect(),
    ]
}

fn list(ask: &Ask) -> Result<Answer, ProblemDetails> {
    let snapshot = ask.snapshot()?;
    let language = ask.language();
    let rows = snapshot.catalogue().analyses();
    let rows = rows.map(|analysis| values(analysis, snapshot, language));
    Ok(Answer::rows(analysis(), rows.collect()).of(&snapshot.published.revision))
}

fn one(ask: &Ask) -> Result<Answer, ProblemDetails> {
    let analysis = ask.context.site.catalogue().by_name(&ask.named());
    let analysis = analysis.ok_or_else(nothing_there)?;
    let basis = ask.text("basis").and_then(|name| name.parse().ok());
    rows(ask, analysis, basis.unwrap_or_default())
}

/// The rows of an analysis, of the years asked for.
pub fn rows(
    ask: &Ask,
    analysis: &'static Analysis,
    basis: Basis,
) -> Result<Answer, ProblemDetails> {
    let years = ask.years()?;
    if ask.context.is_of_all() {
        let rows = ask.rows(What::Analysis(analysis, basis), years)?;
        return Ok(Answer::coming(rows).of(ask.revision()?));
    }
    let snapshot = ask.snapshot()?;
    Answer::of_body(ask, snapshot.table(analysis, basis), |_| true)
}

#[cfg(test)]
mod tests {
    use centime_analytics::ANALYSES;

    use super::*;

    #[test]
    fn rows_are_as_the_document_says() {
        for analysis in ANALYSES {
            let columns = What::Analysis(analysis, Basis::Leaf).columns();
            let names = columns.iter().map(|column| column.name.as_str());
            let record = Record::of(analysis);
            assert!(names.eq(record.fields.iter().map(|field| field.name)));
        }
    }
}

//! Revisions, and the datasets that they were made from.

use std::future::ready;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_warehouse::{Dataset, Revision, Subject};
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::nothing_there;
use crate::http::problem_details::ProblemDetails;

const NUMBER: Parameter = Parameter::new(
    "revision",
    Values::Integer(1, i64::MAX),
    "The number of the revision.",
);

/// The revisions that are kept.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/revisions",
        right: Right::Read,
        name: "listRevisions",
        summary: "The revisions that are kept",
        about: "The latest first. Readers see the one that is published.",
        parameters: &[],
        content: Content::Many {
            kinds: || vec![revision()],
            of_revision: false,
            paged: false,
        },
        refusals: &[],
    },
    handler: |ask| Box::pin(list(ask)),
};

/// One revision.
pub static ONE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/revisions/{revision}",
        right: Right::Read,
        name: "getRevision",
        summary: "A revision",
        about: "",
        parameters: &[NUMBER],
        content: Content::One {
            kind: revision,
            of_revision: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(one(ask)),
};

/// The datasets of a revision.
pub static DATASETS: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/datasets",
        right: Right::Read,
        name: "listDatasets",
        summary: "The datasets that a revision was made from",
        about: "Of the published revision, unless another one that is kept is asked for.",
        parameters: &[Parameter::REVISION],
        content: Content::Many {
            kinds: || vec![dataset()],
            of_revision: true,
            paged: false,
        },
        refusals: &[],
    },
    handler: |ask| Box::pin(ready(datasets(&ask))),
};

const SUBJECTS: [&str; 4] = [
    Subject::IncomeStatement.name(),
    Subject::BalanceSheet.name(),
    Subject::Aggregates.name(),
    Subject::AccountBalances.name(),
];

fn revision() -> Record {
    Record {
        name: "Revision".to_owned(),
        about: "A complete set of published data.".into(),
        fields: vec![
            Field::new("id", Type::Integer, "Its number, from 1."),
            Field::new(
                "published_at",
                Type::Moment,
                "When it became what readers see.",
            ),
            Field::new(
                "portal",
                Type::Text,
                "The address of the portal it came from.",
            ),
            Field::new(
                "sample",
                Type::Flag,
                "Whether it is the sample edition, which is not official.",
            ),
            Field::new(
                "fingerprint",
                Type::Text,
                "Equal sources under equal rules give equal fingerprints.",
            ),
            Field::new(
                "published",
                Type::Flag,
                "Whether it is the one that readers see.",
            ),
        ],
    }
}

fn dataset() -> Record {
    Record {
        name: "Dataset".to_owned(),
        about: "A dataset as it was retrieved.".into(),
        fields: vec![
            Field::new("subject", Type::Word(&SUBJECTS), "What it is about."),
            Field::new(
                "source",
                Type::Integer,
                "Its place among the datasets of its subject, from 1.",
            ),
            Field::new(
                "first_record",
                Type::Integer,
                "The number of its first record: records are numbered through all datasets of a subject.",
            ),
            Field::optional(
                "name",
                Type::Text,
                "What the configuration calls it, where it has a name.",
            ),
            Field::new(
                "portal",
                Type::Text,
                "The address of its portal, or `documents`, or `files`.",
            ),
            Field::new("sample", Type::Flag, "Whether its figures are invented."),
            Field::new("id", Type::Text, "Its identifier on the portal."),
            Field::new("title", Type::Text, "Its title on the portal."),
            Field::optional("publisher", Type::Text, "Who publishes it."),
            Field::optional("license", Type::Text, "The name of the licence."),
            Field::optional("license_url", Type::Text, "The address of the licence."),
            Field::new("records", Type::Integer, "How many records were retrieved."),
            Field::optional(
                "data_processed",
                Type::Text,
                "When the portal last processed the data, as it says.",
            ),
            Field::optional(
                "modified",
                Type::Text,
                "When the publisher last changed the data, as the portal says.",
            ),
            Field::new("retrieved_at", Type::Moment, "When it was retrieved."),
            Field::new(
                "retrieved_via",
                Type::Text,
                "How: an export, an export as CSV, pages of records, documents, or files.",
            ),
            Field::new(
                "content_hash",
                Type::Text,
                "The SHA-256 of its records, whatever their order.",
            ),
            Field::optional(
                "filter",
                Type::Text,
                "Which records were asked for, as a condition in ODSQL, where not all of them were.",
            ),
            Field::optional(
                "reading",
                Type::Text,
                "How its records were read, as in the configuration, where something was set.",
            ),
        ],
    }
}

fn values(revision: &Revision, published: Option<i64>) -> Vec<Value> {
    vec![
        revision.id.into(),
        revision.published_at.as_str().into(),
        revision.portal.as_str().into(),
        revision.sample.into(),
        revision.fingerprint.as_str().into(),
        (published == Some(revision.id)).into(),
    ]
}

fn of_dataset(dataset: &Dataset) -> Vec<Value> {
    vec![
        dataset.subject.name().into(),
        dataset.source.into(),
        dataset.first_record.into(),
        dataset.name.as_deref().into(),
        dataset.portal.as_str().into(),
        dataset.sample.into(),
        dataset.dataset_id.as_str().into(),
        dataset.title.as_str().into(),
        dataset.publisher.as_deref().into(),
        dataset.license.as_deref().into(),
        dataset.license_url.as_deref().into(),
        dataset.records.into(),
        dataset.data_processed.as_deref().into(),
        dataset.modified.as_deref().into(),
        dataset.retrieved_at.as_str().into(),
        dataset.retrieved_via.name().into(),
        dataset.content_hash.as_str().into(),
        dataset.filter.as_deref().into(),
        dataset.reading.as_deref().into(),
    ]
}

async fn list(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let published = ask.context.edition.published().map(|it| it.revision.id);
    let found = ask.warehouse()?.revisions().await?;
    let rows = found.iter().map(|found| values(found, published));
    Ok(Answer::rows(revision(), rows.collect()))
}

async fn one(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let published = ask.context.edition.published().map(|it| it.revision.id);
    let found = kept(&ask, ask.numbered()?).await?;
    Ok(Answer::one(revision(), values(&found, published)))
}

fn datasets(ask: &Ask) -> Result<Answer, ProblemDetails> {
    let published = ask.published()?;
    let rows = published.datasets.iter().map(of_dataset).collect();
    Ok(Answer::rows(dataset(), rows).of(&published.revision))
}

/// A revision that is kept.
async fn kept(ask: &Ask, number: i64) -> Result<Revision, ProblemDetails> {
    let found = ask.warehouse()?.revisions().await?;
    let found = found.into_iter().find(|found| found.id == number);
    found.ok_or_else(nothing_there)
}

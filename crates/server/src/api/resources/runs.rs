//! The runs of the pipeline.

use std::future::ready;
use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_warehouse::Run;
use centime_warehouse::revision::{Cause, RunOutcome};
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::http::problem_details::ProblemDetails;

const PATH: &str = "/api/v1/runs";

/// The latest runs.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: PATH,
        right: Right::Read,
        name: "listRuns",
        summary: "The latest runs of the pipeline",
        about: "The last first.",
        parameters: &[Parameter::new(
            "limit",
            Values::Integer(1, 1000),
            "How many at most; 20 when it is not said.",
        )],
        content: Content::Many {
            kinds: || vec![run()],
            of_revision: false,
            paged: false,
        },
        refusals: &[],
    },
    handler: |ask| Box::pin(list(ask)),
};

/// Asks for a run.
pub static START: Endpoint = Endpoint {
    operation: Operation {
        method: Method::POST,
        path: PATH,
        right: Right::StartRuns,
        name: "startRun",
        summary: "Ask for a run",
        about: "It begins when the one that may be going on has ended. The history tells how it ends.",
        parameters: &[],
        content: Content::Accepted,
        refusals: &[StatusCode::CONFLICT],
    },
    handler: |ask| Box::pin(ready(start(&ask))),
};

fn run() -> Record {
    const OUTCOMES: [&str; 5] = [
        RunOutcome::Running.name(),
        RunOutcome::Published.name(),
        RunOutcome::Unchanged.name(),
        RunOutcome::Failed.name(),
        RunOutcome::Interrupted.name(),
    ];
    const CAUSES: [&str; 3] = [
        Cause::Source.name(),
        Cause::Data.name(),
        Cause::Database.name(),
    ];
    Record {
        name: "Run".to_owned(),
        about: "A run of the pipeline. Why one failed in detail is for the operator, in the log."
            .into(),
        fields: vec![
            Field::new("id", Type::Integer, "Its number, from 1."),
            Field::new("started_at", Type::Moment, "When it began."),
            Field::optional(
                "finished_at",
                Type::Moment,
                "When it ended; null while it runs.",
            ),
            Field::new("outcome", Type::Word(&OUTCOMES), "How it ended."),
            Field::optional(
                "cause",
                Type::Word(&CAUSES),
                "Whose failure it was, if it failed.",
            ),
            Field::optional(
                "revision",
                Type::Integer,
                "The revision it published, or found unchanged.",
            ),
            Field::optional("records", Type::Integer, "How many records it retrieved."),
        ],
    }
}

fn values(run: &Run) -> Vec<Value> {
    vec![
        run.id.into(),
        run.started_at.as_str().into(),
        run.finished_at.as_deref().into(),
        run.outcome.name().into(),
        run.cause.map(Cause::name).into(),
        run.revision.into(),
        run.records.into(),
    ]
}

async fn list(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let limit = ask.integer("limit").unwrap_or(20);
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let found = ask.warehouse()?.runs(limit).await?;
    Ok(Answer::rows(run(), found.iter().map(values).collect()))
}

fn start(ask: &Ask) -> Result<Answer, ProblemDetails> {
    let guard = ask.context.site.guard();
    if !guard.start_run() {
        return Err(ProblemDetails::new(
            StatusCode::CONFLICT,
            "no-runs",
            "This site starts no runs",
            "It only serves; runs are started where «centime run» or «centime up» is.",
        ));
    }
    guard.note(ask.context.identified.did("run-started", &ask.client));
    Ok(Answer::accepted(PATH))
}

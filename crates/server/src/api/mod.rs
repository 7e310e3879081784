//! What is said to programs.
//!
//! | module | knows |
//! |---|---|
//! | `operation` | what can be asked for, and with which parameters |
//! | `endpoint` | that, with what answers it |
//! | `resources` | what is answered, one module a resource |
//! | `field` | what a record holds: its JSON, its CSV and its schema |
//! | `ask`, `answer`, `accept`, `cursor` | how it is asked and answered |
//! | `document` | the description of it all, in `OpenAPI` |
//! | `problem` | why there is no answer |
//! | `reference` | the same as a page |

mod accept;
mod answer;
mod ask;
mod cursor;
mod document;
mod endpoint;
mod field;
mod french;
mod operation;
mod problem;
pub mod reference;
mod resources;

use std::sync::{Arc, LazyLock};

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, Request};
use axum::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::{Client, Routes};
use crate::http::address::is_api;
use crate::http::problem_details::{self, ProblemDetails};
use crate::http::query_string;
use crate::request::context::RequestContext;
use crate::state::site::Site;
use accept::Form;
use ask::{Ask, Sent};
use endpoint::Endpoint;
use operation::{Content, FORMAT, Operation, Values};
use problem::{not_in_this_way, nowhere, problem_of};

pub use document::answer as document;

use resources::{
    accounts, aggregates, analyses, bodies, lines, quality, reports, revisions, runs, sql,
    statement, tokens,
};

/// Everything that can be asked for.
static ENDPOINTS: [&Endpoint; 27] = [
    &revisions::LIST,
    &revisions::ONE,
    &revisions::DATASETS,
    &bodies::LIST,
    &bodies::ONE,
    &analyses::LIST,
    &analyses::ONE,
    &statement::LIST,
    &statement::ONE,
    &accounts::ACCOUNTS,
    &accounts::INDICATORS,
    &aggregates::LIST,
    &lines::LIST,
    &lines::ONE,
    &quality::CHECKS,
    &quality::RECONCILIATION,
    &quality::MISSING,
    &quality::PARENTS,
    &reports::LIST,
    &reports::ONE,
    &sql::ASK,
    &runs::LIST,
    &runs::START,
    &tokens::LIST,
    &tokens::CREATE,
    &tokens::ONE,
    &tokens::REVOKE,
];

/// Everything that can be asked for, as it is described.
fn operations() -> impl Iterator<Item = &'static Operation> {
    ENDPOINTS.iter().map(|endpoint| &endpoint.operation)
}

/// How long to wait before what cannot be answered now is asked for again, in seconds.
const WAIT: HeaderValue = HeaderValue::from_static("60");

/// The addresses of files: those of lists without anything that varies, with an ending.
static FILES: LazyLock<Vec<(&'static str, &'static Endpoint)>> = LazyLock::new(|| {
    let lists = ENDPOINTS.into_iter().filter(|endpoint| {
        let many = endpoint.operation.content.is_list();
        many && endpoint.operation.variable().is_none()
    });
    let file = |endpoint: &'static Endpoint| -> (&'static str, _) {
        let path = endpoint.operation.path;
        (format!("{path}.{{form}}").leak(), endpoint)
    };
    lists.map(file).collect()
});

/// Whether an address is that of an operation, which reads its parameters itself.
#[cfg(test)]
pub fn has_operation(path: &str) -> bool {
    operations().any(|operation| operation.path == path)
        || FILES.iter().any(|(file, _)| *file == path)
}

/// Adds the addresses of all operations.
pub fn add(routes: Routes<Site>) -> Routes<Site> {
    let files = FILES.iter().copied();
    let all = ENDPOINTS.into_iter();
    let all = all
        .map(|endpoint| (endpoint.operation.path, endpoint))
        .chain(files);
    all.fold(routes, |routes, (path, endpoint)| {
        let operation = &endpoint.operation;
        let handler = move |context: RequestContext,
                            Extension(client): Extension<Client>,
                            headers: HeaderMap,
                            RawQuery(query): RawQuery,
                            body: Bytes| {
            let sent = Sent {
                headers,
                query,
                body,
            };
            respond(endpoint, context, client, sent)
        };
        routes.operation(
            operation.method.clone(),
            path,
            operation.right,
            operation.work(),
            handler,
        )
    })
}

async fn respond(
    endpoint: &'static Endpoint,
    context: RequestContext,
    client: Client,
    sent: Sent,
) -> Response {
    let id = client.request_id.clone();
    let answered = Box::pin(answered(endpoint, context, client, &sent)).await;
    answered.unwrap_or_else(|problem| problem.respond(&id))
}

async fn answered(
    endpoint: &'static Endpoint,
    context: RequestContext,
    client: Client,
    sent: &Sent,
) -> Result<Response, ProblemDetails> {
    let operation = &endpoint.operation;
    let offered = operation.forms();
    let ending = ending(operation, &context.path)?;
    let header = match sent.headers.get(ACCEPT).map(HeaderValue::to_str) {
        None => None,
        Some(Ok(header)) => Some(header),
        Some(Err(_)) => Some(""),
    };
    let named = sent.query.as_deref().and_then(|query| {
        let parameters = query_string::parse(query);
        let (_, name) = parameters
            .into_iter()
            .find(|(name, _)| name == FORMAT.name)?;
        offered.iter().copied().find(|form| form.ending() == name)
    });
    let wanted = ending.or(named).or_else(|| accept::wanted(header, offered));
    let form = wanted.ok_or_else(|| {
        let types: Vec<&str> = offered.iter().map(|form| form.media_type()).collect();
        ProblemDetails::new(
            StatusCode::NOT_ACCEPTABLE,
            "not-acceptable",
            "There is no answer in this form",
            format!("Accept one of: {}.", types.join(", ")),
        )
    })?;
    let ask = Arc::new(Ask::new(context, client, operation, sent, ending)?);
    let answer = (endpoint.handler)(ask.clone()).await?;
    answer.send(&ask, form).await
}

/// The form that an address ends with, where it is that of a file.
fn ending(operation: &'static Operation, path: &str) -> Result<Option<Form>, ProblemDetails> {
    let offered = operation.forms();
    let by_name = |name: &str| offered.iter().copied().find(|form| form.ending() == name);
    let name = match operation.in_path() {
        None => path
            .strip_prefix(operation.path)
            .and_then(|rest| rest.strip_prefix('.')),
        Some(parameter) => {
            let last = path.rsplit('/').next().unwrap_or_default();
            let ending = last.rsplit_once('.').map(|(_, ending)| ending);
            // A name may have a point in it.
            let any = !matches!(parameter.of, Values::Text(_));
            ending.filter(|name| any || by_name(name).is_some())
        }
    };
    let Some(name) = name else { return Ok(None) };
    match by_name(name) {
        Some(form) if operation.method == Method::GET => Ok(Some(form)),
        _ => {
            let endings: Vec<String> = offered
                .iter()
                .map(|form| format!(".{}", form.ending()))
                .collect();
            Err(ProblemDetails::new(
                StatusCode::NOT_FOUND,
                "no-such-form",
                "There is no file with this ending here",
                format!("End the address with one of: {}.", endings.join(", ")),
            ))
        }
    }
}

impl Operation {
    /// The forms in which it answers.
    fn forms(&self) -> &'static [Form] {
        match self.content {
            Content::Many { .. } | Content::Analyses => &[Form::Json, Form::Csv, Form::Parquet],
            Content::Document => &[Form::Pdf],
            Content::One { .. } | Content::Made { .. } | Content::Accepted | Content::Done => {
                &[Form::Json]
            }
        }
    }
}

/// Says that there is nothing at an address.
pub fn not_found(client: &Client) -> Response {
    nowhere().respond(&client.request_id)
}

/// Says that an address cannot be asked in this way.
pub fn method_not_allowed(client: &Client) -> Response {
    not_in_this_way().respond(&client.request_id)
}

/// Says in the form of the API what was refused before it came there, or could not be answered in time.
pub async fn explained(request: Request, next: Next) -> Response {
    let client = request.extensions().get::<Client>().cloned();
    let Some(client) = client.filter(|_| is_api(request.uri().path())) else {
        return next.run(request).await;
    };
    let mut response = next.run(request).await;
    let status = response.status();
    let explained = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind == problem_details::MEDIA_TYPE)
        // What a client that asks for a part needs is in the headers.
        || status == StatusCode::RANGE_NOT_SATISFIABLE;
    if (status.is_client_error() || status.is_server_error()) && !explained {
        response = problem_of(status).respond(&client.request_id);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().entry(RETRY_AFTER).or_insert(WAIT);
    }
    response
}

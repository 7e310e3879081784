//! What is said to programs.
//!
//! | module | knows |
//! |---|---|
//! | `operation` | what can be asked for, and with which parameters |
//! | `resources` | what is answered, one module a resource |
//! | `field` | what a record holds: its JSON, its CSV and its schema |
//! | `ask`, `answer`, `accept`, `cursor` | how it is asked and answered |
//! | `document` | the description of it all, in `OpenAPI` |
//! | `reference` | the same as a page |
//! | `problem` | why there is no answer |

mod accept;
mod answer;
mod ask;
mod cursor;
mod document;
mod field;
mod operation;
pub mod problem;
pub mod reference;
mod resources;

use std::sync::Arc;

use axum::Extension;
use axum::body::Bytes;
use axum::extract::{RawQuery, Request};
use axum::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;

use crate::access::{Client, Routes};
use crate::visit::Visit;
use accept::Form;
use ask::{Ask, Sent};
use operation::{Content, Operation};
use problem::Trouble;

pub use document::answer as document;

use resources::{analyses, bodies, lines, quality, reports, revisions, runs, tokens};

/// Everything that can be asked for.
static OPERATIONS: [&Operation; 21] = [
    &revisions::LIST,
    &revisions::ONE,
    &revisions::DATASETS,
    &bodies::LIST,
    &bodies::ONE,
    &analyses::LIST,
    &analyses::ONE,
    &lines::LIST,
    &lines::ONE,
    &quality::CHECKS,
    &quality::RECONCILIATION,
    &quality::MISSING,
    &quality::PARENTS,
    &reports::LIST,
    &reports::ONE,
    &runs::LIST,
    &runs::START,
    &tokens::LIST,
    &tokens::CREATE,
    &tokens::ONE,
    &tokens::REVOKE,
];

/// How long to wait before what cannot be answered now is asked for again, in seconds.
const WAIT: HeaderValue = HeaderValue::from_static("60");

/// Whether an address is for programs.
pub fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Whether an address is that of an operation, which reads its parameters itself.
#[cfg(test)]
pub fn has_operation(path: &str) -> bool {
    OPERATIONS.iter().any(|operation| operation.path == path)
}

/// Adds the addresses of all operations.
pub fn add(routes: Routes) -> Routes {
    OPERATIONS.into_iter().fold(routes, |routes, operation| {
        let handler = move |visit: Visit,
                            Extension(client): Extension<Client>,
                            headers: HeaderMap,
                            RawQuery(query): RawQuery,
                            body: Bytes| {
            let sent = Sent {
                headers,
                query,
                body,
            };
            respond(operation, visit, client, sent)
        };
        routes.operation(
            operation.method.clone(),
            operation.path,
            operation.right,
            operation.is_heavy(),
            handler,
        )
    })
}

async fn respond(
    operation: &'static Operation,
    visit: Visit,
    client: Client,
    sent: Sent,
) -> Response {
    let id = client.request_id.clone();
    let answered = answered(operation, visit, client, &sent).await;
    answered.unwrap_or_else(|trouble| trouble.respond(&id))
}

async fn answered(
    operation: &'static Operation,
    visit: Visit,
    client: Client,
    sent: &Sent,
) -> Result<Response, Trouble> {
    let offered = operation.forms();
    let header = match sent.headers.get(ACCEPT).map(HeaderValue::to_str) {
        None => None,
        Some(Ok(header)) => Some(header),
        Some(Err(_)) => Some(""),
    };
    let form = accept::wanted(header, offered).ok_or_else(|| {
        let types: Vec<&str> = offered.iter().map(|form| form.media_type()).collect();
        Trouble::new(
            StatusCode::NOT_ACCEPTABLE,
            "not-acceptable",
            "There is no answer in this form",
            format!("Accept one of: {}.", types.join(", ")),
        )
    })?;
    let ask = Arc::new(Ask::new(visit, client, operation, sent)?);
    let answer = (operation.handler)(ask.clone()).await?;
    Ok(answer.send(&ask.visit, form))
}

impl Operation {
    /// The forms in which it answers.
    fn forms(&self) -> &'static [Form] {
        match self.content {
            Content::Many { .. } => &[Form::Json, Form::Csv],
            Content::Document => &[Form::Pdf],
            Content::One { .. } | Content::Made { .. } | Content::Accepted | Content::Done => {
                &[Form::Json]
            }
        }
    }
}

fn nowhere() -> Trouble {
    Trouble::new(
        StatusCode::NOT_FOUND,
        "not-found",
        "There is nothing at this address",
        "Check the address.",
    )
}

fn not_in_this_way() -> Trouble {
    Trouble::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        "This address cannot be asked in this way",
        "Use a method that the Allow header names.",
    )
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
        .is_some_and(|kind| kind == problem::MEDIA_TYPE);
    if (status.is_client_error() || status.is_server_error()) && !explained {
        response = Trouble::of(status).respond(&client.request_id);
    }
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().entry(RETRY_AFTER).or_insert(WAIT);
    }
    response
}

//! Whether the site is alive and ready, and how it is doing.

use std::any::Any;
use std::borrow::Cow;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use centime_access::Mode;

use crate::metrics;
use crate::site::Site;

/// Says whether the process runs and its database answers.
pub async fn alive(State(site): State<Site>) -> Response {
    match site.warehouse().published().await {
        Ok(_) => plain(StatusCode::OK, "ok\n"),
        Err(error) => unreadable(&error),
    }
}

/// Says whether there is something to show and, where a token is needed, whether tokens can be looked
/// up: whether visitors may be sent here.
pub async fn ready(State(site): State<Site>) -> Response {
    let guard = site.guard();
    if guard.settings.mode == Mode::Token && guard.ledger().is_none() {
        return plain(
            StatusCode::SERVICE_UNAVAILABLE,
            "tokens cannot be looked up\n",
        );
    }
    match site.warehouse().published().await {
        Ok(Some(_)) => plain(StatusCode::OK, "ready\n"),
        Ok(None) => {
            let upkeep = guard.upkeep();
            let upkeep = upkeep.map_or_else(String::new, |upkeep| upkeep.in_brief());
            let text = format!("nothing is published yet{upkeep}\n");
            plain(StatusCode::SERVICE_UNAVAILABLE, text)
        }
        Err(error) => unreadable(&error),
    }
}

/// What is counted, for Prometheus.
pub async fn metrics(State(site): State<Site>) -> Response {
    let published = site.warehouse().published().await;
    let published = published
        .map(|revision| revision.map(|revision| revision.id))
        .map_err(|_| ());
    let guard = site.guard();
    let text = guard
        .metrics
        .text(guard.sessions.count(), published, guard.upkeep());
    let kind = [
        (CONTENT_TYPE, metrics::MEDIA_TYPE),
        (CACHE_CONTROL, "no-store"),
    ];
    (kind, text).into_response()
}

fn unreadable(error: &centime_warehouse::Error) -> Response {
    tracing::error!(%error, "the database cannot be read");
    let text = format!("the database cannot be read: {}\n", error.in_brief());
    plain(StatusCode::SERVICE_UNAVAILABLE, text)
}

fn plain(status: StatusCode, text: impl Into<Cow<'static, str>>) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/plain; charset=utf-8"),
        (CACHE_CONTROL, "no-store"),
    ];
    let text: Cow<'static, str> = text.into();
    (status, headers, text).into_response()
}

/// What is said when an answer could not be made because of an error of ours. The log knows more.
pub fn panicked(_reason: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("an answer could not be made: this is an error of the program");
    let mut response = Response::new(Body::from("The error is ours and has been noted.\n"));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

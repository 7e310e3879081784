//! Whether the site is alive and ready, and how it is doing.

use std::any::Any;
use std::borrow::Cow;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use centime_access::Mode;

use crate::monitoring::metrics::{Exposition, Watched};
use crate::monitoring::upkeep;
use crate::state::site::Site;

/// Says that the process answers. It does not ask the database: a site that goes on from memory while that is away would
/// be restarted by its supervisor, and have nothing in memory then.
pub async fn alive() -> Response {
    plain(StatusCode::OK, "ok\n")
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
        Ok(Some(_)) => plain(StatusCode::OK, format!("ready{}\n", in_brief(&site).await)),
        Ok(None) => {
            let upkeep = guard.upkeep();
            let upkeep = upkeep.map_or_else(String::new, |upkeep| upkeep.in_brief());
            let text = format!("nothing is published yet{upkeep}\n");
            plain(StatusCode::SERVICE_UNAVAILABLE, text)
        }
        Err(error) => unreadable(&error),
    }
}

/// That what is shown is not as fresh as it should be, and since when: as this process knows it where it runs, else
/// as the database does. Empty where all is well.
async fn in_brief(site: &Site) -> String {
    if let Some(upkeep) = site.guard().upkeep() {
        return match upkeep.failed {
            Some(_) => upkeep.in_brief(),
            None => String::new(),
        };
    }
    match site.warehouse().run_state().await {
        Ok(state) => upkeep::in_brief(&state),
        // It is ready all the same.
        Err(error) => {
            tracing::warn!(%error, "runs cannot be read");
            String::new()
        }
    }
}

/// What is counted, for Prometheus, in the form that is wanted.
pub async fn metrics(State(site): State<Site>, headers: HeaderMap) -> Response {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    let form = Exposition::wanted(accept);
    let watched = watched(&site).await;
    let guard = site.guard();
    let text = guard.metrics.text(
        form,
        guard.sessions.count(),
        watched.as_ref().map_err(|_| ()),
        guard.upkeep(),
    );
    let kind = [
        (CONTENT_TYPE, form.media_type()),
        (CACHE_CONTROL, "no-store"),
        (VARY, "accept"),
    ];
    (kind, text).into_response()
}

/// What the database says of what is published and of runs.
async fn watched(site: &Site) -> Result<Watched, centime_warehouse::Error> {
    let warehouse = site.warehouse();
    let published = warehouse.published().await?;
    let checks = match &published {
        Some(revision) => warehouse.checks(revision.id).await?,
        None => Vec::new(),
    };
    Ok(Watched {
        published,
        checks,
        runs: warehouse.run_state().await?,
    })
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

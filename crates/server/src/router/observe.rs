//! What is said of each request: its number, a line in the log, and what is counted.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

use crate::access::{Client, hardened};
use crate::http::redact::redact;
use crate::monitoring::in_flight::InFlight;
use crate::state::site::Site;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Numbers a request, and says how it was answered. Never says the query, which visitors fill in, nor
/// any header.
pub async fn observe(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let guard = site.guard();
    let (mut parts, body) = request.into_parts();
    let client = Client::identify(&mut parts, &guard.settings.trusted_proxies);
    let (id, address) = (client.request_id, client.address);
    let method = known(&parts.method);
    let path = redact(parts.uri.path()).into_owned();
    let route = parts.extensions.get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    request = Request::from_parts(parts, body);

    let counted = InFlight::new(&guard.metrics.in_flight);
    let span = tracing::info_span!("request", id);
    let mut response = next.run(request).instrument(span).await;
    drop(counted);

    let status = response.status().as_u16();
    let took = started.elapsed();
    guard.metrics.answer(method, &route, status, took);
    let milliseconds = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let address = address.map(tracing::field::display);
    tracing::info!(id, method, path, status, milliseconds, address, "answered");
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::try_from(id) {
        headers.insert(REQUEST_ID, id);
    }
    hardened(headers, &guard.settings);
    response
}

/// The method, among those there are.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => "other",
    }
}

//! What is said of each request: its number, a line in the log, and what is counted.

use std::borrow::Cow;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::Next;
use axum::response::Response;
use centime_access::token::{NAMING, PREFIX};
use prometheus_client::metrics::gauge::Gauge;
use tracing::Instrument;

use crate::access::{hardened, known_client};
use crate::state::site::Site;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How much of a path is in the log.
const LONGEST_PATH: usize = 200;

/// Numbers a request, and says how it was answered. Never says the query, which visitors fill in, nor
/// any header.
pub async fn observe(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let guard = site.guard();
    let (mut parts, body) = request.into_parts();
    let client = known_client(&mut parts, guard);
    let (id, address) = (client.request_id, client.address);
    let method = known(&parts.method);
    let path = harmless(parts.uri.path()).into_owned();
    let route = parts.extensions.get::<MatchedPath>();
    let route = route.map_or_else(|| "none".to_owned(), |route| route.as_str().to_owned());
    request = Request::from_parts(parts, body);

    let counted = Counted::new(&guard.metrics.in_flight);
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

/// Counts something for as long as it goes on, even when it is given up.
pub struct Counted<'a>(&'a Gauge);

impl<'a> Counted<'a> {
    pub fn new(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
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

/// A text from outside as it may be noted: not too long, and with no more of a token than its name,
/// should somebody have put one there.
pub fn harmless(text: &str) -> Cow<'_, str> {
    let cut = text
        .char_indices()
        .nth(LONGEST_PATH)
        .map_or(text, |(end, _)| &text[..end]);
    if !cut.contains(PREFIX) {
        return Cow::Borrowed(cut);
    }
    let mut parts = cut.split(PREFIX);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let secret = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let letters = part.find(|letter| !secret(letter)).unwrap_or(part.len());
        shown.push_str(PREFIX);
        shown.push_str(&part[..letters.min(NAMING)]);
        if letters > NAMING {
            shown.push('…');
        }
        shown.push_str(&part[letters..]);
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_path_is_not_noted() {
        let secret = centime_access::Secret::generate().unwrap();
        let path = format!("/x/{}/y", secret.reveal());
        let noted = harmless(&path);
        assert!(noted.starts_with(&format!("/x/{}", secret.id())), "{noted}");
        assert!(noted.ends_with("…/y"), "{noted}");
        assert!(!noted.contains(&secret.reveal()[12..]));
        assert_eq!(harmless("/lines/2"), "/lines/2");
        assert_eq!(harmless(&"é".repeat(300)).chars().count(), LONGEST_PATH);
    }
}

//! The faults of transport, in front of every route.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::Fault;
use crate::query::JSON;
use crate::served::Served;

/// Where redirected requests end up.
pub(crate) const ALIAS: &str = "/alias";

/// A redirect that would make the client send requests to its own machine.
const AWAY: &str = "http://127.0.0.1:9/latest/meta-data";

/// What is said when the quota of a whole portal is spent, and when that of callers without a key is.
const DOMAIN_QUOTA: (u32, &str) = (
    10002,
    "Too many requests on the domain. Please contact the domain administrator.",
);
const ANONYMOUS_QUOTA: (u32, &str) = (
    10005,
    "Too many requests for anonymous users. Please use an API key.",
);

/// How far away a spent quota comes back.
const QUOTA_HOURS: i64 = 6;

/// Responds in place of a route when a fault of transport strikes.
pub(crate) async fn inject(
    State(served): State<Arc<Served>>,
    request: Request,
    next: Next,
) -> Response {
    let faults = &served.faults;
    let uri = request.uri();
    let left = match &served.quota {
        None => None,
        Some(quota) => match quota.take() {
            Some(left) => Some((quota.limit, left)),
            None => return quota_spent(ANONYMOUS_QUOTA, quota.limit),
        },
    };
    if !uri.path().starts_with(ALIAS) && faults.strikes(Fault::Redirect) {
        return redirect(uri);
    }
    if faults.strikes(Fault::Away) {
        return (StatusCode::FOUND, [(header::LOCATION, AWAY)]).into_response();
    }
    if faults.strikes(Fault::Html) {
        return Html(MAINTENANCE).into_response();
    }
    if faults.strikes(Fault::TooManyRequests) {
        return too_many_requests(served.retry_after);
    }
    if faults.strikes(Fault::QuotaSpent) {
        return quota_spent(DOMAIN_QUOTA, 10_000);
    }
    if faults.strikes(Fault::Unavailable) {
        return (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response();
    }
    if faults.strikes(Fault::Slow) {
        tokio::time::sleep(served.slow).await;
    }
    let mut response = next.run(request).await;
    if let Some((limit, left)) = left {
        let headers = response.headers_mut();
        for (name, number) in quota_headers(limit, left, reset()) {
            if let Ok(value) = header::HeaderValue::from_str(&number) {
                headers.insert(name, value);
            }
        }
    }
    response
}

const MAINTENANCE: &str = "<!DOCTYPE html>\n<html lang=\"fr\"><head><title>Maintenance</title></head>\
    <body><h1>Le portail est en maintenance</h1><p>Merci de revenir plus tard.</p></body></html>\n";

fn redirect(uri: &Uri) -> Response {
    let location = format!("{ALIAS}{uri}");
    (StatusCode::FOUND, [(header::LOCATION, location)]).into_response()
}

fn too_many_requests(seconds: u32) -> Response {
    let body = json!({
        "errorcode": 10001,
        "error": "Too many requests at the same time.",
    });
    let headers = [(header::RETRY_AFTER, seconds.to_string())];
    (
        StatusCode::TOO_MANY_REQUESTS,
        headers,
        JSON,
        body.to_string(),
    )
        .into_response()
}

/// When a quota comes back, in seconds.
fn reset() -> i64 {
    let later = Timestamp::now().saturating_add(SignedDuration::from_hours(QUOTA_HOURS));
    later.map_or(0, Timestamp::as_second)
}

fn quota_headers(limit: u32, left: u32, reset: i64) -> [(&'static str, String); 3] {
    [
        ("x-ratelimit-limit", limit.to_string()),
        ("x-ratelimit-remaining", left.to_string()),
        ("x-ratelimit-reset", reset.to_string()),
    ]
}

fn quota_spent((code, message): (u32, &str), limit: u32) -> Response {
    let reset = reset();
    let reset_time = Timestamp::from_second(reset).unwrap_or_default();
    let body = json!({
        "errorcode": code,
        "error": message,
        "reset_time": reset_time.to_string(),
        "limit_time_unit": "day",
        "call_limit": limit,
    });
    let headers = quota_headers(limit, 0, reset);
    (
        StatusCode::TOO_MANY_REQUESTS,
        headers,
        JSON,
        body.to_string(),
    )
        .into_response()
}

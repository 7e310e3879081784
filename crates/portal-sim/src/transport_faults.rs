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
        return quota_spent();
    }
    if faults.strikes(Fault::Unavailable) {
        return (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable").into_response();
    }
    if faults.strikes(Fault::Slow) {
        tokio::time::sleep(served.slow).await;
    }
    next.run(request).await
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

fn quota_spent() -> Response {
    let later = Timestamp::now().saturating_add(SignedDuration::from_hours(QUOTA_HOURS));
    let reset = later.map_or(0, Timestamp::as_second);
    let reset_time = Timestamp::from_second(reset).unwrap_or_default();
    let body = json!({
        "errorcode": 10002,
        "error": "Too many requests on the domain. Please contact the domain administrator.",
        "reset_time": reset_time.to_string(),
        "limit_time_unit": "day",
        "call_limit": 10000,
    });
    let headers = [
        ("x-ratelimit-limit", "10000".to_owned()),
        ("x-ratelimit-remaining", "0".to_owned()),
        ("x-ratelimit-reset", reset.to_string()),
    ];
    (
        StatusCode::TOO_MANY_REQUESTS,
        headers,
        JSON,
        body.to_string(),
    )
        .into_response()
}

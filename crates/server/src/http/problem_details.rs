//! Why a program gets no answer: problem details, RFC 9457.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use serde_json::json;

/// The media type of problem details.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a program gets no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemDetails {
    pub status: StatusCode,
    /// The kind, in kebab case: the end of its name.
    pub kind: &'static str,
    /// What the kind is.
    pub title: &'static str,
    /// What happened here, and what to do.
    pub detail: String,
}

impl ProblemDetails {
    pub fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            status,
            kind,
            title,
            detail: detail.into(),
        }
    }

    /// The answer.
    pub fn respond(&self, request_id: &str) -> Response {
        let body = json!({
            "type": format!("urn:centime:problem:{}", self.kind),
            "title": self.title,
            "status": self.status.as_u16(),
            "detail": self.detail,
            "request_id": request_id,
        });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

/// An error of ours, of which a client needs to know no more.
pub fn internal() -> ProblemDetails {
    ProblemDetails::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "internal",
        "This answer could not be made",
        "The error is ours and has been noted.",
    )
}

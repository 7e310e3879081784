//! What is said to programs: refusals, and what is not there.

pub mod problem;

use axum::http::StatusCode;
use axum::response::Response;

use crate::access::Client;
use problem::Trouble;

/// Whether an address is for programs.
pub fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Says that there is nothing at an address.
pub fn not_found(client: &Client) -> Response {
    let title = "There is nothing at this address";
    Trouble::new(
        StatusCode::NOT_FOUND,
        "not-found",
        title,
        "Check the address.",
    )
    .respond(&client.request_id)
}

/// Says that an address cannot be asked in this way.
pub fn method_not_allowed(client: &Client) -> Response {
    let title = "This address cannot be asked in this way";
    let detail = "Use a method that the Allow header names.";
    Trouble::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "method-not-allowed",
        title,
        detail,
    )
    .respond(&client.request_id)
}

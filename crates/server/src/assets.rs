//! The style sheet and the icon, which are part of the program.

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../../../web/css/site.css");

/// The sign of the wordmark: the last hundredth.
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="4" fill="#0c5566"/><path d="M21 11.5a7 7 0 1 0 0 9" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/><path d="M15.5 5v22" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>"##;

/// The address of the style sheet. It changes with the content, so it may be kept for ever.
pub static STYLE_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/site.css?v={}", &hash(STYLE)[..16]));

/// The address of the icon.
pub static ICON_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/icon.svg?v={}", &hash(ICON)[..16]));

/// The SHA-256 of a text, in hexadecimal digits.
pub fn hash(text: &str) -> String {
    use std::fmt::Write;
    Sha256::digest(text)
        .iter()
        .fold(String::new(), |mut digits, byte| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
}

/// Answers with the style sheet.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE)
}

/// Answers with the icon.
pub async fn icon() -> Response {
    asset("image/svg+xml", ICON)
}

fn asset(kind: &'static str, body: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (headers, body).into_response()
}

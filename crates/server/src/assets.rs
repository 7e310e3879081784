//! The style sheet, the scripts, the fonts and the icon, which are part of the program.

use std::sync::LazyLock;

use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("../../../web/css/site.css");

/// The script of every page.
const SCRIPT: &str = include_str!(concat!(env!("CENTIME_WEB"), "/site.js"));

/// The script that draws charts, which pages load when a chart is used.
const CHARTS: &str = include_str!(concat!(env!("CENTIME_WEB"), "/charts.js"));

/// The font of charts, for pages.
const FONTS: [&[u8]; 2] = [
    include_bytes!(concat!(env!("CENTIME_WEB"), "/chart-regular.woff2")),
    include_bytes!(concat!(env!("CENTIME_WEB"), "/chart-semibold.woff2")),
];

/// The sign of the wordmark: the last hundredth.
const ICON: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="4" fill="#0c5566"/><path d="M21 11.5a7 7 0 1 0 0 9" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/><path d="M15.5 5v22" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>"##;

/// The address of the style sheet. It changes with the content, so it may be kept for ever.
pub static STYLE_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/site.css?v={}", &hash(STYLE)[..16]));

/// The address of the icon.
pub static ICON_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/icon.svg?v={}", &hash(ICON)[..16]));

/// The address of the script of every page.
pub static SCRIPT_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/site.js?v={}", &hash(SCRIPT)[..16]));

/// The address of the script that draws charts.
pub static CHARTS_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/charts.js?v={}", &hash(CHARTS)[..16]));

/// The SHA-256 of some bytes, in hexadecimal digits.
pub fn hash(bytes: impl AsRef<[u8]>) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes.as_ref())
        .iter()
        .fold(String::new(), |mut digits, byte| {
            // Writing to a string cannot fail.
            let _ = write!(digits, "{byte:02x}");
            digits
        })
}

/// Answers with the style sheet.
pub async fn style() -> Response {
    asset("text/css; charset=utf-8", STYLE.as_bytes())
}

/// Answers with the script of every page.
pub async fn script() -> Response {
    asset("text/javascript; charset=utf-8", SCRIPT.as_bytes())
}

/// Answers with the script that draws charts.
pub async fn charts() -> Response {
    asset("text/javascript; charset=utf-8", CHARTS.as_bytes())
}

/// Answers with the font of charts.
pub async fn regular() -> Response {
    asset("font/woff2", FONTS[0])
}

/// Answers with the font of charts in semi-bold.
pub async fn semibold() -> Response {
    asset("font/woff2", FONTS[1])
}

/// Answers with the icon.
pub async fn icon() -> Response {
    asset("image/svg+xml", ICON.as_bytes())
}

fn asset(kind: &'static str, body: &'static [u8]) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    (headers, body).into_response()
}

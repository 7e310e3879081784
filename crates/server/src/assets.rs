//! The style sheet, the scripts, the fonts and the icon, which are part of the program.

use std::sync::LazyLock;

use axum::http::HeaderMap;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, HeaderValue, VARY,
};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::encoding::Encoding;

/// A file that is part of the program.
#[derive(Debug)]
pub struct Asset {
    /// Where it is.
    pub path: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    /// The same with gzip and with Brotli; `None` for what is compressed by its own format.
    compressed: Option<[&'static [u8]; 2]>,
}

/// A file that `web/` makes, in three forms.
macro_rules! compressed {
    ($name:literal, $kind:literal) => {
        Asset {
            path: concat!("/assets/", $name),
            kind: $kind,
            plain: include_bytes!(concat!(env!("CENTIME_WEB"), "/", $name)),
            compressed: Some([
                include_bytes!(concat!(env!("CENTIME_WEB"), "/", $name, ".gz")),
                include_bytes!(concat!(env!("CENTIME_WEB"), "/", $name, ".br")),
            ]),
        }
    };
}

/// A font of charts.
macro_rules! font {
    ($name:literal) => {
        Asset {
            path: concat!("/assets/", $name),
            kind: "font/woff2",
            plain: include_bytes!(concat!(env!("CENTIME_WEB"), "/", $name)),
            compressed: None,
        }
    };
}

static STYLE: Asset = compressed!("site.css", "text/css; charset=utf-8");

/// The script of every page.
static SCRIPT: Asset = compressed!("site.js", "text/javascript; charset=utf-8");

/// The script that draws charts, which pages load when a chart is used.
static CHARTS: Asset = compressed!("charts.js", "text/javascript; charset=utf-8");

static REGULAR: Asset = font!("chart-regular.woff2");

static SEMIBOLD: Asset = font!("chart-semibold.woff2");

/// The sign of the wordmark: the last hundredth.
static ICON: Asset = Asset {
    path: "/assets/icon.svg",
    kind: "image/svg+xml",
    plain: br##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="4" fill="#0c5566"/><path d="M21 11.5a7 7 0 1 0 0 9" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/><path d="M15.5 5v22" stroke="#fff" stroke-width="2" stroke-linecap="round"/></svg>"##,
    compressed: None,
};

/// Everything there is.
pub static ASSETS: [&Asset; 6] = [&STYLE, &SCRIPT, &CHARTS, &REGULAR, &SEMIBOLD, &ICON];

/// The address of the style sheet. It changes with the content, so it may be kept for ever.
pub static STYLE_ADDRESS: LazyLock<String> = LazyLock::new(|| STYLE.address());

/// The address of the icon.
pub static ICON_ADDRESS: LazyLock<String> = LazyLock::new(|| ICON.address());

/// The address of the script of every page.
pub static SCRIPT_ADDRESS: LazyLock<String> = LazyLock::new(|| SCRIPT.address());

/// The address of the script that draws charts.
pub static CHARTS_ADDRESS: LazyLock<String> = LazyLock::new(|| CHARTS.address());

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

/// Answers with the icon, where browsers look for it unasked.
pub async fn icon() -> Response {
    ICON.answer(Encoding::Plain)
}

impl Asset {
    /// Where it is, with what it is.
    fn address(&self) -> String {
        format!("{}?v={}", self.path, &hash(self.plain)[..16])
    }

    /// Answers with the file, to whoever sends these headers.
    pub fn asked(&self, headers: &HeaderMap) -> Response {
        let accepted = headers.get(ACCEPT_ENCODING);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        self.answer(Encoding::accepted(accepted.unwrap_or_default()))
    }

    fn answer(&self, encoding: Encoding) -> Response {
        let (encoding, body) = match (self.compressed, encoding) {
            (Some([gzip, _]), Encoding::Gzip) => (encoding, gzip),
            (Some([_, brotli]), Encoding::Brotli) => (encoding, brotli),
            _ => (Encoding::Plain, self.plain),
        };
        let headers = [
            (CONTENT_TYPE, self.kind),
            (CACHE_CONTROL, "public, max-age=31536000, immutable"),
            (VARY, "accept-encoding"),
        ];
        let mut response = (headers, body).into_response();
        if let Some(name) = encoding.name() {
            response
                .headers_mut()
                .insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_carried_compressed_is_the_same() {
        for asset in ASSETS {
            let Some([gzip, brotli]) = asset.compressed else {
                continue;
            };
            let mut read = Vec::new();
            let mut decoder = flate2::read::GzDecoder::new(gzip);
            std::io::Read::read_to_end(&mut decoder, &mut read).unwrap();
            assert!(read == asset.plain, "{}", asset.path);
            read.clear();
            brotli::BrotliDecompress(&mut &*brotli, &mut read).unwrap();
            assert!(read == asset.plain, "{}", asset.path);
        }
    }
}

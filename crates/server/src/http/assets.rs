//! The style sheet, the scripts, the fonts and the icon, which are part of the program.

use std::sync::{LazyLock, OnceLock};

use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderName, HeaderValue,
    IF_NONE_MATCH, VARY,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::http::encoding::Encoding;
use crate::http::etag::{hash, is_known};
use crate::http::query_string;

/// A file that is part of the program.
#[derive(Debug)]
pub struct Asset {
    /// Where it is.
    pub path: &'static str,
    kind: &'static str,
    plain: &'static [u8],
    /// The same with gzip and with Brotli; `None` for what is compressed by its own format.
    compressed: Option<[&'static [u8]; 2]>,
    version: OnceLock<String>,
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
            version: OnceLock::new(),
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
            version: OnceLock::new(),
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
    version: OnceLock::new(),
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

/// Answers with the icon, where browsers look for it unasked.
pub async fn icon(uri: Uri, headers: HeaderMap) -> Response {
    ICON.asked(&uri, &headers)
}

impl Asset {
    /// What it is, in short: it changes with the content.
    fn version(&self) -> &str {
        self.version
            .get_or_init(|| hash(self.plain)[..16].to_owned())
    }

    /// Where it is, with what it is.
    fn address(&self) -> String {
        format!("{}?v={}", self.path, self.version())
    }

    /// Answers a request with these headers with the file. Only an address that names this very content
    /// may be kept for ever; any other is asked for again, because another version will be there.
    pub fn asked(&self, uri: &Uri, headers: &HeaderMap) -> Response {
        let header = |name: HeaderName| {
            let value = headers.get(name);
            value.and_then(|value| value.to_str().ok()).unwrap_or("")
        };
        let encoding = Encoding::accepted(header(ACCEPT_ENCODING));
        let (encoding, body) = match (self.compressed, encoding) {
            (Some([gzip, _]), Encoding::Gzip) => (encoding, gzip),
            (Some([_, brotli]), Encoding::Brotli) => (encoding, brotli),
            _ => (Encoding::Plain, self.plain),
        };
        let version = self.version();
        let named = query_string::parse(uri.query().unwrap_or_default())
            .iter()
            .any(|(name, value)| name == "v" && value == version);
        let tag = format!("\"{version}{}\"", encoding.name().unwrap_or_default());
        let known = is_known(header(IF_NONE_MATCH), &tag);
        let caching = if named {
            "public, max-age=31536000, immutable"
        } else {
            "no-cache"
        };
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            ([(CONTENT_TYPE, self.kind)], body).into_response()
        };
        let answered = response.headers_mut();
        answered.insert(CACHE_CONTROL, HeaderValue::from_static(caching));
        answered.insert(VARY, HeaderValue::from_static("accept-encoding"));
        if let Ok(tag) = HeaderValue::try_from(tag) {
            answered.insert(ETAG, tag);
        }
        if let (false, Some(name)) = (known, encoding.name()) {
            answered.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_sheet_names_fonts_by_their_content() {
        let css = std::str::from_utf8(STYLE.plain).unwrap();
        for font in [&REGULAR, &SEMIBOLD] {
            // Beside the sheet, wherever that is.
            let address = font.address();
            let beside = address.strip_prefix("/assets/").unwrap();
            assert!(css.contains(&format!("url({beside})")), "{css}");
        }
        assert_eq!(css.matches("url(").count(), 2);
    }

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

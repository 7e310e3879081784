//! An answer, and how it is sent.

use axum::body::Bytes;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_TYPE, ETAG, LOCATION,
    RETRY_AFTER, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use centime_render::export::formats::Format;

use super::encoding::Encoding;
use super::etag::hash;

/// By this header a script of ours says that it draws charts itself: `browser`.
pub const DRAWING: HeaderName = HeaderName::from_static("centime-drawing");

/// Says that what is sent is made from the sample edition.
pub const EDITION: HeaderName = HeaderName::from_static("x-centime-edition");

/// How long to wait before a first publication is looked for again, in seconds.
pub const RETRY_SECONDS: &str = "60";

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    status: StatusCode,
    kind: &'static str,
    body: Bytes,
    /// Where the answer is instead.
    location: Option<String>,
    /// The name under which it is to be kept.
    file: Option<String>,
    /// Whether that is all that is done with it: `attachment`, or `inline` when it is shown.
    disposition: &'static str,
    /// The revision that it is of, where its tag names it.
    revision: Option<i64>,
    /// Whether it lacks something that may be there when it is asked for again.
    pub passing: bool,
}

/// An answer as it is sent.
#[derive(Debug)]
pub struct CachedResponse {
    pub body: Bytes,
    pub status: StatusCode,
    /// The headers that are the same for all who are sent this.
    pub headers: HeaderMap,
    /// The tag of a page that is there.
    pub tag: Option<HeaderValue>,
    /// Whether parts of it may be asked for.
    pub ranged: bool,
}

impl Reply {
    fn new(kind: &'static str, body: impl Into<Bytes>) -> Self {
        Self {
            status: StatusCode::OK,
            kind,
            body: body.into(),
            location: None,
            file: None,
            disposition: "attachment",
            revision: None,
            passing: false,
        }
    }

    /// A page.
    pub fn page(html: String) -> Self {
        Self::new("text/html; charset=utf-8", html)
    }

    /// The same with another status than 200.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// Changes the page that it is; nothing where it is none.
    #[must_use]
    pub fn map_page(mut self, change: impl FnOnce(&str) -> String) -> Self {
        if self.kind.starts_with("text/html") {
            self.body = change(&String::from_utf8_lossy(&self.body)).into();
        }
        self
    }

    /// The way to another address, where the answer is.
    pub fn elsewhere(location: String) -> Self {
        Self {
            status: StatusCode::SEE_OTHER,
            location: Some(location),
            ..Self::new("text/plain; charset=utf-8", "")
        }
    }

    /// JSON for the site's own scripts.
    pub fn data(json: String) -> Self {
        Self::new("application/json; charset=utf-8", json)
    }

    /// A PDF that the browser shows, with the name under which it can be kept.
    pub fn pdf(name: String, body: impl Into<Bytes>) -> Self {
        Self {
            file: Some(name),
            disposition: "inline",
            ..Self::new("application/pdf", body)
        }
    }

    /// A file to keep under a name.
    pub fn file(name: String, format: &Format, body: Vec<u8>) -> Self {
        Self {
            file: Some(name),
            ..Self::new(format.media_type, body)
        }
    }

    /// A file of the API, which is of a revision or of none.
    pub fn of_api(
        name: String,
        media_type: &'static str,
        revision: Option<i64>,
        body: Bytes,
    ) -> Self {
        Self {
            file: Some(name),
            revision,
            ..Self::new(media_type, body)
        }
    }

    /// A document in a language of markup that is no page.
    pub fn markup(kind: &'static str, body: Vec<u8>) -> Self {
        Self::new(kind, body)
    }

    /// A picture, as a PNG.
    pub fn picture(png: Vec<u8>) -> Self {
        Self::new("image/png", png)
    }

    /// A page about what was asked wrongly, which is not kept.
    #[must_use]
    pub fn refusing(mut self) -> Self {
        self.status = StatusCode::BAD_REQUEST;
        self.passing = true;
        self
    }

    /// A file of this media type to keep under a name.
    pub fn kept_as(name: String, kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            file: Some(name),
            ..Self::new(kind, body)
        }
    }

    /// Says whether the answer lacks something that may be there when it is asked for again, so that it
    /// is not kept.
    #[must_use]
    pub fn uncacheable_if(mut self, passing: bool) -> Self {
        self.passing = passing;
        self
    }

    /// The answer as it is sent to those who read this encoding. For long texts that takes some milliseconds.
    pub fn packed(self, encoding: Encoding) -> CachedResponse {
        let tag = tag(&self.body, self.revision);
        match encoding.compress(self.kind, self.body.clone()) {
            Ok((encoding, body)) => self.sent(tag, encoding, body),
            Err(error) => {
                tracing::error!(%error, "an answer could not be compressed");
                self.plain()
            }
        }
    }

    /// The answer as it is.
    pub fn plain(self) -> CachedResponse {
        let (tag, body) = (tag(&self.body, self.revision), self.body.clone());
        self.sent(tag, Encoding::Plain, body)
    }

    fn sent(self, tag: String, encoding: Encoding, body: Bytes) -> CachedResponse {
        let mut headers = HeaderMap::new();
        let mut add = |name: HeaderName, value: String| match HeaderValue::try_from(value) {
            Ok(value) => drop(headers.insert(name, value)),
            Err(error) => tracing::error!(%error, %name, "a header was left out"),
        };
        add(CONTENT_TYPE, self.kind.to_owned());
        add(
            VARY,
            format!("accept-encoding, accept-language, cookie, {DRAWING}"),
        );
        add(CACHE_CONTROL, "no-cache".to_owned());
        if let Some(encoding) = encoding.name() {
            add(CONTENT_ENCODING, encoding.to_owned());
        }
        let mut found = None;
        let is_file = self.status == StatusCode::OK && self.file.is_some();
        let ranged = is_file && encoding == Encoding::Plain;
        if self.status == StatusCode::OK {
            // A file can be read in parts, where it is not compressed on its way.
            let tag = if ranged { tag } else { format!("W/{tag}") };
            found = HeaderValue::try_from(&tag).ok();
            add(ETAG, tag);
        } else if self.status == StatusCode::SERVICE_UNAVAILABLE {
            add(RETRY_AFTER, RETRY_SECONDS.to_owned());
        }
        if let Some(location) = self.location {
            add(LOCATION, location);
        }
        if let Some(file) = self.file {
            add(
                CONTENT_DISPOSITION,
                format!("{}; filename=\"{file}\"", self.disposition),
            );
        }
        CachedResponse {
            body,
            status: self.status,
            headers,
            tag: found,
            ranged,
        }
    }
}

/// The tag of a body. Where it may be sent compressed or not it is to be said as a weak one.
fn tag(body: &[u8], revision: Option<i64>) -> String {
    let revision = revision.map_or_else(String::new, |number| format!("r{number}-"));
    format!("\"{revision}{}\"", &hash(body)[..32])
}

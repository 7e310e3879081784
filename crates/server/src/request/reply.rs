//! How an answer is sent, and what is said when there is none.

use askama::Template;
use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG,
    LOCATION, RETRY_AFTER, SET_COOKIE, VARY,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use centime_render::dashboard::{self, REVISION};
use centime_render::formats::Format;

use crate::http::base::{Base, is_local};
use crate::http::encoding::Encoding;
use crate::http::etag::{hash, is_known};
use crate::http::problem_details::ProblemDetails;
use crate::http::ranges::Part;
use crate::http::rewrite::{self, Address, Rule};
use crate::limits::blocking;
use crate::pages::view::{Frame, Section};
use crate::request::context::{DRAWING, RequestContext};
use crate::request::crawling;
use crate::request::page_error::PageError;

/// Says that what is sent is made from the sample edition.
pub const EDITION: HeaderName = HeaderName::from_static("x-centime-edition");

/// How long to wait before a first publication is looked for again, in seconds.
const RETRY_SECONDS: &str = "60";

/// An answer.
#[derive(Debug)]
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
    status: StatusCode,
    /// The headers that are the same for all who are sent this.
    headers: HeaderMap,
    /// The tag of a page that is there.
    tag: Option<HeaderValue>,
    /// Whether parts of it may be asked for.
    ranged: bool,
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
    pub fn page(template: &impl Template) -> Result<Self, PageError> {
        Ok(Self::new("text/html; charset=utf-8", template.render()?))
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

    /// The answer as this visitor gets it: the addresses in a page are below the path of the host under which
    /// the site was found, and links that robots should not follow say so.
    pub fn finished(mut self, context: &RequestContext) -> Self {
        if self.kind.starts_with("text/html") && !context.is_copied() {
            let html = String::from_utf8_lossy(&self.body);
            let page = rewrite::page(&html, &mut Sent(&context.base));
            self.body = page.into();
        }
        self
    }

    /// The answer as it is sent to those who read this encoding.
    pub async fn packed(self, encoding: Encoding) -> CachedResponse {
        // Long texts take some milliseconds, in which others can be answered.
        let (plain, kind) = (self.body.clone(), self.kind);
        let revision = self.revision;
        let packed = blocking(move || {
            let tag = tag(&plain, revision);
            encoding
                .compress(kind, plain)
                .map(|(encoding, body)| (tag, encoding, body))
        });
        match packed.await {
            Ok(Ok((tag, encoding, body))) => self.sent(tag, encoding, body),
            Ok(Err(error)) => {
                tracing::error!(%error, "an answer could not be compressed");
                self.plain()
            }
            Err(error) => {
                tracing::error!(%error, "the compression of an answer was given up");
                self.plain()
            }
        }
    }

    /// The answer as it is.
    fn plain(self) -> CachedResponse {
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

    /// The page that says what the problem is.
    fn about(problem: &PageError, context: &RequestContext) -> Result<Self, PageError> {
        let locale = context.locale;
        let title = locale.term("problem_title", problem.name());
        let (lead, ways) = (problem.lead(locale), ways(problem, context));
        // Where this process runs by itself there is nothing for the operator to do but to wait or to look.
        let upkeep = match problem {
            PageError::NothingPublished => context.site.guard().upkeep(),
            _ => None,
        };
        let page = if context.is_embedded() {
            Self::page(&FramedMessage {
                frame: Frame::new(context, title, Section::None).of_problem(),
                title,
                lead,
                ways,
            })
        } else {
            Self::page(&MessagePage {
                frame: Frame::new(context, title, Section::None).of_problem(),
                code: match problem {
                    PageError::NothingPublished => locale.text("problem.no_revision").to_owned(),
                    _ => problem.status().as_u16().to_string(),
                },
                title,
                lead,
                ways,
                operator: matches!(problem, PageError::NothingPublished) && upkeep.is_none(),
                refresh: upkeep.map_or_else(Vec::new, |upkeep| upkeep.sentences(locale)),
            })
        };
        Ok(Self {
            status: problem.status(),
            ..page?
        })
    }
}

/// The addresses of a page that is sent.
struct Sent<'a>(&'a Base);

impl Rule for Sent<'_> {
    fn address(&mut self, address: &str) -> Address {
        if self.0.is_empty() || !is_local(address) {
            Address::Same
        } else {
            Address::Below(self.0.to_string())
        }
    }

    fn is_unfollowed(&self, address: &str) -> bool {
        crawling::is_unfollowed(address)
    }
}

/// Where to go on from a problem.
fn ways(problem: &PageError, context: &RequestContext) -> Vec<Way> {
    match problem {
        PageError::Absent(absent) => absent.ways.clone(),
        PageError::NoRevision(_) => {
            // The number of a line is that of one revision only.
            let (label, link) = match context.path.strip_prefix("/lines/") {
                Some(_) => ("problem.current_lines", context.link("/lines", &[])),
                None => ("problem.current_revision", context.without(REVISION)),
            };
            vec![Way::new(context.locale.text(label), link)]
        }
        _ if context.is_embedded() => {
            let link = context.link(dashboard::PATH, &[]);
            vec![Way::new(context.locale.text("dashboard.title"), link)]
        }
        _ => Vec::new(),
    }
}

/// The tag of a body. Where it may be sent compressed or not it is to be said as a weak one.
fn tag(body: &[u8], revision: Option<i64>) -> String {
    let revision = revision.map_or_else(String::new, |number| format!("r{number}-"));
    format!("\"{revision}{}\"", &hash(body)[..32])
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: Frame<'a>,
    code: String,
    title: &'a str,
    lead: String,
    ways: Vec<Way>,
    operator: bool,
    /// What failed last, and when the next attempt is.
    refresh: Vec<String>,
}

/// The same within a page of others, without menus.
#[derive(Template)]
#[template(path = "framed_message.html")]
struct FramedMessage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    lead: String,
    ways: Vec<Way>,
}

/// A way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub label: String,
    pub link: String,
}

impl Way {
    pub fn new(label: &str, link: String) -> Self {
        Self {
            label: label.to_owned(),
            link,
        }
    }
}

impl RequestContext {
    /// Sends an answer to this visitor alone.
    pub fn respond(&self, reply: Reply) -> Response {
        self.send(&reply.finished(self).plain())
    }

    /// The same for what may hold a secret that is shown once: the whole answer, whichever tag the visitor names.
    pub fn respond_once(&self, reply: Reply) -> Response {
        self.sent(&reply.finished(self).plain(), false)
    }

    /// Sends an answer, with what caches and browsers need to know; nothing but that where the reader has it already.
    pub fn send(&self, packed: &CachedResponse) -> Response {
        let tag = packed.tag.as_ref().and_then(|tag| tag.to_str().ok());
        self.sent(packed, tag.is_some_and(|tag| self.knows(tag)))
    }

    fn sent(&self, packed: &CachedResponse, known: bool) -> Response {
        let mut response = if known {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = packed.status;
            response
        };
        *response.headers_mut() = packed.headers.clone();
        if !known {
            let tag = packed.tag.as_ref().and_then(|tag| tag.to_str().ok());
            self.fill(packed, tag.unwrap_or_default(), &mut response);
        }
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_LANGUAGE,
            HeaderValue::from_static(self.language().code()),
        );
        if self.sample() {
            headers.insert(EDITION, HeaderValue::from_static("sample"));
        }
        if let Some(language) = self.chosen {
            // Another site of the same host may have its own.
            let path = if self.base.is_empty() {
                "/"
            } else {
                self.base.as_str()
            };
            let cookie = format!("lang={language}; Path={path}; Max-Age=31536000; SameSite=Lax");
            match HeaderValue::try_from(cookie) {
                Ok(cookie) => drop(headers.insert(SET_COOKIE, cookie)),
                Err(error) => tracing::error!(%error, "a language was not remembered"),
            }
        }
        response
    }

    /// The body of an answer, or the part of it that is asked for.
    fn fill(&self, packed: &CachedResponse, tag: &str, response: &mut Response) {
        let mut body = packed.body.clone();
        if packed.ranged {
            let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
            let part = self.wanted.part(tag, length);
            let mut status = packed.status;
            part.describe(&mut status, response.headers_mut(), length);
            *response.status_mut() = status;
            let place = |byte: &u64| usize::try_from(*byte).unwrap_or(usize::MAX);
            body = match part {
                Part::Whole => body,
                Part::Bytes(bytes) => body.slice(place(bytes.start())..=place(bytes.end())),
                Part::Beyond => Bytes::new(),
            };
        }
        *response.body_mut() = Body::from(body);
    }

    /// Whether the reader has what this tag names already.
    pub fn knows(&self, tag: &str) -> bool {
        let known = self.known_tag.as_deref();
        known.is_some_and(|known| is_known(known, tag))
    }

    /// Says to a program why there is no file, in the reader's language.
    fn refuse_program(&self, problem: &PageError) -> Response {
        let title = self.locale.term("problem_title", problem.name());
        let detail = problem.lead(self.locale);
        let trouble = ProblemDetails::new(problem.status(), problem.name(), title, detail);
        let mut response = trouble.respond(&self.request_id);
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_LANGUAGE,
            HeaderValue::from_static(self.language().code()),
        );
        headers.insert(
            VARY,
            HeaderValue::from_static("accept, accept-language, cookie"),
        );
        if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }

    /// Says why there is no answer: on a page to a person, within a page of others as a part of it, and to
    /// a program that asks for a file as a problem.
    pub fn refuse(&self, problem: &PageError) -> Response {
        match problem {
            PageError::Internal(error) => {
                tracing::error!(%error, path = self.path, "a page could not be made");
            }
            PageError::File(error) => {
                tracing::error!(%error, path = self.path, "a file could not be made");
            }
            _ => {}
        }
        if let PageError::Refused(refusal) = problem
            && !(refusal.has_page() && self.reads_pages)
        {
            return refusal.respond(&self.request_id);
        }
        if self.is_file() && !self.reads_pages {
            return self.refuse_program(problem);
        }
        match Reply::about(problem, self) {
            Ok(reply) => {
                let mut response = self.respond(reply);
                if let PageError::Refused(refusal) = problem {
                    refusal.put_on(response.headers_mut());
                }
                response
            }
            Err(error) => {
                tracing::error!(?error, path = self.path, "no page of words could be made");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }
}

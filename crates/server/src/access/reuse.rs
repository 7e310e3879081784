//! What pages of other sites may take from this one (CORS): data and pictures that everyone may read.
//!
//! Where reading is open, a town may show a chart on a page of its own (`<img>`) and a script of any page
//! may read the API and the files. Such answers are the same for everybody, so they are for every origin (`*`), and
//! a request with a token or a session never gets that word: browsers could otherwise be made to read for another
//! site what one client may read. Pages stay with this site, and so does everything where a token is needed.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, ALLOW,
    AUTHORIZATION, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use centime_access::{Mode, Rule, Verdict};

use super::headers::RESOURCE_POLICY;
use super::policy::RoutePolicy;
use super::sessions;
use crate::http::address::is_file;

/// The headers of answers that scripts of other sites may read, beside those that every browser shows them.
pub const EXPOSED: &str = "accept-ranges, content-disposition, content-range, etag, link, ratelimit, ratelimit-policy, retry-after, \
    x-centime-edition, x-request-id";

/// The headers that such scripts may send. No token: it would be in the hands of the other site.
const ALLOWED: &str =
    "accept, accept-language, cache-control, if-modified-since, if-none-match, if-range, range";

/// For how long a browser may remember that it may ask, in seconds: as long as any does.
const REMEMBERED: &str = "7200";

/// What an answer depends on that the other site's browser may not send.
const CREDENTIALS: [&str; 2] = ["authorization", "cookie"];

/// Which answers of an address pages of other sites may take, where everyone may read them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reuse {
    /// None: it shows pages, says something about a visitor, or is a part of the pages.
    #[default]
    Never,
    /// All: it gives data or pictures.
    Always,
    /// Those with an ending, as in `/analyses/yearly-result.csv`: what has none is a page.
    Files,
}

impl Reuse {
    fn covers(self, path: &str) -> bool {
        match self {
            Self::Never => false,
            Self::Always => true,
            Self::Files => is_file(path),
        }
    }
}

/// Which answers pages of other sites may take, by the addresses as they are declared.
#[derive(Debug)]
pub struct Reusable {
    mode: Mode,
    policies: HashMap<&'static str, (RoutePolicy, Reuse)>,
}

impl Reusable {
    pub fn new(
        mode: Mode,
        policies: impl IntoIterator<Item = (&'static str, (RoutePolicy, Reuse))>,
    ) -> Arc<Self> {
        Arc::new(Self {
            mode,
            policies: policies.into_iter().collect(),
        })
    }

    /// Whether everyone may read what is asked for, and a page of another site take it; `None` where there is
    /// no such address, and at most the way to another.
    fn allows(&self, request: &Request) -> Option<bool> {
        let reads = matches!(
            *request.method(),
            Method::GET | Method::HEAD | Method::OPTIONS
        );
        if !reads || self.mode != Mode::Public {
            return Some(false);
        }
        let declared = request.extensions().get::<MatchedPath>()?;
        let Some((policy, reuse)) = self.policies.get(declared.as_str()) else {
            return Some(false);
        };
        let rule = policy
            .clone()
            .asked(request.uri().query().unwrap_or_default());
        Some(
            reuse.covers(request.uri().path())
                && matches!(rule.rule, Rule::Needs(_))
                && self.mode.decide(rule.rule, None) == Verdict::Allowed,
        )
    }
}

/// Says on an answer that pages of other sites may take it, where they may.
pub async fn share(
    State(reusable): State<Arc<Reusable>>,
    request: Request,
    next: Next,
) -> Response {
    let allowed = reusable.allows(&request);
    if allowed == Some(false) {
        return next.run(request).await;
    }
    let asked = request.headers();
    let anonymous = !asked.contains_key(AUTHORIZATION) && !sessions::is_shown(asked);
    let before = *request.method() == Method::OPTIONS;
    let may_follow = asked
        .get(ACCESS_CONTROL_REQUEST_METHOD)
        .is_none_or(|method| method == "GET" || method == "HEAD");
    let mut response = next.run(request).await;
    // The address that an answer leads to says itself what may be taken.
    if allowed.is_none() && response.status() != StatusCode::PERMANENT_REDIRECT {
        return response;
    }
    let headers = response.headers_mut();
    // Also an address of data answers a person with a page, when there is something to explain.
    let kind = headers.get(CONTENT_TYPE);
    if kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        return response;
    }
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    depend_on_credentials(headers);
    if anonymous && may_follow {
        let mut add = |name, value| headers.insert(name, HeaderValue::from_static(value));
        add(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        if before {
            add(ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD");
            add(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
            add(ACCESS_CONTROL_MAX_AGE, REMEMBERED);
        } else {
            add(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
        }
    }
    response
}

/// Says to caches that the answer would be another one with a token or a session.
fn depend_on_credentials(headers: &mut HeaderMap) {
    let known: Vec<String> = headers
        .get_all(VARY)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .map(str::to_ascii_lowercase)
        .collect();
    let says = |name: &str| {
        let mut names = known.iter().flat_map(|value| value.split(','));
        names.any(|known| known.trim() == name)
    };
    for name in CREDENTIALS {
        if !says(name) {
            headers.append(VARY, HeaderValue::from_static(name));
        }
    }
}

/// Answers a browser that asks what it may do before it does it.
pub fn methods(allowed: &'static str) -> Response {
    (StatusCode::NO_CONTENT, [(ALLOW, allowed)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_pages_and_files_gives_its_files() {
        for (path, file) in [
            ("/analyses/yearly-result", false),
            ("/analyses/yearly-result.csv", true),
            ("/analyses.csv/yearly-result", false),
            ("/", false),
        ] {
            assert_eq!(Reuse::Files.covers(path), file, "{path}");
            assert!(Reuse::Always.covers(path) && !Reuse::Never.covers(path));
        }
    }

    #[test]
    fn what_an_answer_depends_on_is_said_once() {
        for (given, expected) in [
            (&[][..], &["authorization", "cookie"][..]),
            (&["Accept, Cookie"], &["Accept, Cookie", "authorization"]),
            (
                &["accept", "authorization,cookie"],
                &["accept", "authorization,cookie"],
            ),
        ] {
            let mut headers = HeaderMap::new();
            for value in given {
                headers.append(VARY, HeaderValue::from_static(value));
            }
            depend_on_credentials(&mut headers);
            let said: Vec<&HeaderValue> = headers.get_all(VARY).iter().collect();
            assert_eq!(said, expected, "{given:?}");
        }
    }
}

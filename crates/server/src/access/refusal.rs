//! Why a request does not go on, and how that is said: to a person on a page, to a program as a problem, in
//! the same words.

use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::http::header::{ACCEPT, CACHE_CONTROL, LOCATION, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use centime_access::Secret;
use centime_analytics::Language;
use centime_render::{Locale, link};
use centime_warehouse::access::AuditOutcome;

use super::client::Client;
use super::guard::{bearer, event};
use super::routes::RoutePolicy;
use crate::http::address::is_api;
use crate::http::language;
use crate::http::problem_details::ProblemDetails;
use crate::limits::NoTurn;
use crate::request::context::{RequestContext, WithoutData};
use crate::request::page_error::PageError;

/// How long to wait before what is not done now, because other work goes on, is asked for again.
const BUSY: Duration = Duration::from_secs(5);

/// Why a request does not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It has to be said who is asking.
    NoToken,
    /// What was shown does not let in.
    WrongToken,
    /// This role may not.
    NotAllowed,
    /// Another site may have sent it.
    CrossSite,
    /// Wrong tokens too often.
    LockedOut(Duration),
    /// Too many requests.
    TooMany(Duration),
    /// Tokens cannot be looked up now.
    TokensUnavailable,
    /// Too much work is going on.
    Busy,
    /// The body is too large.
    TooLarge,
}

impl From<NoTurn> for Refusal {
    fn from(none: NoTurn) -> Self {
        match none {
            NoTurn::TooManyOfYours => Self::TooMany(BUSY),
            NoTurn::Busy => Self::Busy,
        }
    }
}

impl Refusal {
    /// The name in the log, in metrics, of the kind of problem and of its words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoToken => "no-token",
            Self::WrongToken => "wrong-token",
            Self::NotAllowed => "not-allowed",
            Self::CrossSite => "cross-site",
            Self::LockedOut(_) => "locked-out",
            Self::TooMany(_) => "too-many-requests",
            Self::TokensUnavailable => "tokens-unavailable",
            Self::Busy => "busy",
            Self::TooLarge => "too-large",
        }
    }

    /// The status of the answer.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::NoToken | Self::WrongToken => StatusCode::UNAUTHORIZED,
            Self::NotAllowed | Self::CrossSite => StatusCode::FORBIDDEN,
            Self::LockedOut(_) | Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::TokensUnavailable | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    /// What it is.
    pub fn title(self, locale: &Locale) -> &str {
        locale.term("problem_title", self.name())
    }

    /// What to do.
    pub fn lead(self, locale: &Locale) -> &str {
        locale.term("problem_lead", self.name())
    }

    /// The same for programs.
    pub fn trouble(self) -> ProblemDetails {
        let locale = Locale::of(Language::English);
        let (title, detail) = (self.title(locale), self.lead(locale));
        ProblemDetails::new(self.status(), self.name(), title, detail)
    }

    /// The answer to a program.
    pub fn respond(self, request_id: &str) -> Response {
        let mut response = self.trouble().respond(request_id);
        self.put_on(response.headers_mut());
        response
    }

    /// What every answer that says so has in its headers.
    pub fn put_on(self, headers: &mut HeaderMap) {
        if let Some(wait) = self.wait() {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }

    /// How long to wait.
    pub const fn wait(self) -> Option<Duration> {
        match self {
            Self::LockedOut(wait) | Self::TooMany(wait) => Some(wait),
            Self::TokensUnavailable | Self::Busy => Some(BUSY),
            _ => None,
        }
    }

    /// How programs are asked who they are.
    const fn challenge(self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Bearer realm=\"Centime\""),
            Self::WrongToken => Some("Bearer realm=\"Centime\", error=\"invalid_token\""),
            _ => None,
        }
    }

    /// Whether a page says so to a person. One takes more work than whoever asks too often is given.
    pub const fn has_page(self) -> bool {
        !matches!(self, Self::TooMany(_))
    }

    /// Whether it is noted. What comes by the thousand is only counted.
    const fn is_noted(self) -> bool {
        !matches!(self, Self::TooMany(_) | Self::Busy)
    }
}

/// Says why a request does not go on.
pub async fn refuse(
    policy: &RoutePolicy,
    client: &Client,
    mut parts: Parts,
    refusal: Refusal,
) -> Response {
    let guard = policy.site.guard();
    guard.metrics.refuse(refusal.name());
    let page = wants_page(&parts);
    if page && refusal.status() == StatusCode::UNAUTHORIZED {
        return to_login(&parts);
    }
    tracing::info!(
        id = client.request_id,
        reason = refusal.name(),
        "a request was refused"
    );
    if refusal.is_noted() {
        let id = bearer(&parts.headers)
            .and_then(|text| Secret::parse(text).ok())
            .map(|secret| secret.id());
        let what = format!(
            "{} {}: {}",
            parts.method,
            crate::http::redact::redact(parts.uri.path()),
            refusal.name()
        );
        let event = event("request", AuditOutcome::Refused, client, id.as_ref()).about(what);
        guard.note_refusal(event, client.network());
    }
    let mut response = if page && refusal.has_page() {
        // Who is refused is told nothing of the data, and costs no question to the database.
        parts.extensions.insert(WithoutData);
        let Ok(context) = RequestContext::from_request_parts(&mut parts, &policy.site).await;
        context.refuse(&PageError::Refused(refusal))
    } else {
        refusal.respond(&client.request_id)
    };
    if let Some(challenge) = refusal.challenge() {
        let headers = response.headers_mut();
        headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
    }
    response
}

/// Whether a person with a browser is asking, not a program.
fn wants_page(parts: &Parts) -> bool {
    let accepts_pages = parts
        .headers
        .get(ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    accepts_pages && bearer(&parts.headers).is_none() && !is_api(parts.uri.path())
}

/// Sends a person to the page to log in, in the language that they asked for, and from there back to where they
/// wanted to go.
fn to_login(parts: &Parts) -> Response {
    let next = parts.uri.path_and_query().map_or("/", |next| next.as_str());
    // After a change there is nothing to go back to.
    let next = if parts.method.is_safe() { next } else { "/" };
    let language = language::of_query(parts.uri.query().unwrap_or_default());
    let mut parameters = vec![("next", next)];
    parameters.extend(language.map(|language| ("lang", language.code())));
    let address = link::to("/login", &parameters);
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    if let Ok(address) = HeaderValue::try_from(address) {
        headers.insert(LOCATION, address);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_words_in_every_language() {
        let wait = Duration::from_secs(7);
        for refusal in [
            Refusal::NoToken,
            Refusal::WrongToken,
            Refusal::NotAllowed,
            Refusal::CrossSite,
            Refusal::LockedOut(wait),
            Refusal::TooMany(wait),
            Refusal::TokensUnavailable,
            Refusal::Busy,
            Refusal::TooLarge,
        ] {
            for language in Language::ALL {
                let locale = Locale::of(language);
                for group in ["problem_title", "problem_lead"] {
                    assert!(locale.has(group, refusal.name()), "{refusal:?} {group}");
                }
            }
            let problem = PageError::Refused(refusal);
            assert_eq!(problem.name(), refusal.trouble().kind);
            assert_eq!(problem.status(), refusal.trouble().status);
        }
    }
}

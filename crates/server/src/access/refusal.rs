//! Why a request is refused, in the same words for people and for programs.

use std::time::Duration;

use axum::http::header::{CACHE_CONTROL, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use centime_analytics::Language;
use centime_render::Locale;

use crate::http::problem_details::ProblemDetails;
use crate::limits::NoTurn;

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
    pub fn problem_details(self) -> ProblemDetails {
        let locale = Locale::of(Language::English);
        let (title, detail) = (self.title(locale), self.lead(locale));
        ProblemDetails::new(self.status(), self.name(), title, detail)
    }

    /// The answer to a program.
    pub fn respond(self, request_id: &str) -> Response {
        let mut response = self.problem_details().respond(request_id);
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
    pub const fn challenge(self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("Bearer realm=\"Centime\""),
            Self::WrongToken => Some("Bearer realm=\"Centime\", error=\"invalid_token\""),
            _ => None,
        }
    }

    /// Whether a page says so to a person. A page takes more work than a client that asks too often gets.
    pub const fn has_page(self) -> bool {
        !matches!(self, Self::TooMany(_))
    }

    /// Whether it is noted. What comes by the thousand is only counted.
    pub const fn is_noted(self) -> bool {
        !matches!(self, Self::TooMany(_) | Self::Busy)
    }
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
        }
    }
}

//! What a request shows of who sends it, and what the guard has found out from that.

use std::fmt;
use std::sync::Arc;

use axum::http::header::AUTHORIZATION;
use axum::http::{Extensions, HeaderMap};
use centime_access::{Role, TokenId};
use centime_render::link::Parameters;
use centime_warehouse::ledger::{AuditOutcome, Event};

use super::audit::event;
use super::client::Client;
use super::sessions::Session;

/// The field of a form that shows that a page of ours made it.
pub const FORM_KEY: &str = "form_key";

/// Who a request comes from, once a token or a session has shown it.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The token.
    pub token: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The session it was opened for; `None` when the token itself was shown.
    pub session: Option<Session>,
}

/// What the guard has found out about a request, for those who answer it.
#[derive(Clone, Debug, Default)]
pub struct Identified {
    /// Who it is.
    pub identity: Option<Arc<Identity>>,
}

/// The fields of a form that was sent.
#[derive(Clone, Default)]
pub struct Form(pub Parameters);

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A field may hold a token.
        let names = self.0.iter().map(|(name, _)| name);
        f.debug_list().entries(names).finish()
    }
}

impl Form {
    /// A field, without what people leave around it; empty when it is not there.
    pub fn field(&self, wanted: &str) -> &str {
        let found = self.0.iter().find(|(name, _)| name == wanted);
        found.map_or("", |(_, value)| value.trim())
    }
}

impl Identified {
    /// What is known of a request that the guard has let pass.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get::<Self>().cloned().unwrap_or_default()
    }

    /// The event of something that they have done.
    pub fn did(&self, action: &str, client: &Client) -> Event {
        let token = self.identity.as_ref().map(|identity| &identity.token);
        event(action, AuditOutcome::Done, client, token)
    }
}

/// The token that a program sends; `None` when it sends none. Other schemes are not ours: a proxy in front
/// of the site may ask its visitors for a password of its own and pass it on.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get_all(AUTHORIZATION).iter().find_map(|value| {
        let value = value.to_str().ok()?.trim();
        let (scheme, token) = value
            .split_once(|letter: char| letter.is_ascii_whitespace())
            .unwrap_or((value, ""));
        scheme
            .eq_ignore_ascii_case("bearer")
            .then_some(token.trim())
    })
}

#[cfg(test)]
pub mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    /// Header fields of a request.
    pub fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
        given
            .iter()
            .map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn what_a_form_holds_is_not_printed() {
        let form = Form(vec![("token".to_owned(), "s3cret".to_owned())]);
        assert_eq!(format!("{form:?}"), "[\"token\"]");
    }

    #[test]
    fn a_token_is_read_from_its_header() {
        for (given, token) in [
            ("Bearer ctm_x", Some("ctm_x")),
            ("bearer  ctm_x ", Some("ctm_x")),
            ("Bearer", Some("")),
            ("Bearer\tctm_x", Some("ctm_x")),
            ("Basic ZXNzYWk6ZXNzYWk=", None),
            ("Digest username=\"essai\"", None),
            ("Negotiate YII=", None),
            ("Bearerctm_x", None),
            ("ctm_x", None),
            ("", None),
        ] {
            assert_eq!(bearer(&headers(&[("authorization", given)])), token);
        }
        assert_eq!(bearer(&HeaderMap::new()), None);
        // A proxy may add its own beside the client's.
        let mut both = headers(&[("authorization", "Basic ZXNzYWk6ZXNzYWk=")]);
        both.append(AUTHORIZATION, HeaderValue::from_static("Bearer ctm_x"));
        assert_eq!(bearer(&both), Some("ctm_x"));
    }
}

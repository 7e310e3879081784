//! Whether a request may go on.

use std::fmt;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ORIGIN};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use centime_access::{Mode, Role, Rule, Secret, TokenId, Verdict};
use centime_warehouse::access::{AuditOutcome, Event, Token};

use super::client::Client;
use super::failed_attempts::Counted;
use super::rate::{Allowance, Visitor};
use super::refusal::{Refusal, refuse};
use super::routes::{RoutePolicy, Work};
use super::sessions::{NotOpened, Session, Sessions};
use super::{Guard, NotLetIn};
use crate::http::address::{is_api, is_file};
use crate::limits::holding;
use centime_render::link::{self, Parameters};

pub const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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

/// Lets a request go on, or says why not.
pub async fn guard(State(policy): State<RoutePolicy>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let policy = policy.asked(parts.uri.query().unwrap_or_default());
    let guard = policy.site.guard();
    let client = known_client(&mut parts, guard);
    let for_programs = is_for_programs(parts.uri.path());
    let mut allowance = Allowance::default();
    let outcome = async {
        let identity = admit(&policy, &client, &parts, &mut allowance).await?;
        let body = checked_body(guard, &client, identity.as_ref(), &mut parts, body).await?;
        let lane = match policy.work {
            Work::Light => None,
            Work::Page => Some(&guard.lanes.pages),
            Work::File => Some(&guard.lanes.files),
        };
        let turn = match lane {
            Some(lane) => Some(lane.turn(client.network()).await?),
            None => None,
        };
        Ok((identity, body, turn))
    };
    let outcome = outcome.await;
    let mut response = match outcome {
        Ok((identity, body, turn)) => {
            let private = policy.rule != Rule::Anyone
                && (identity.is_some() || guard.settings.mode == Mode::Token);
            let identity = identity.map(Arc::new);
            parts.extensions.insert(Identified { identity });
            let answer = Box::pin(next.run(Request::from_parts(parts, body)));
            let mut response = match turn {
                Some(turn) => holding(turn, answer).await,
                None => answer.await,
            };
            if private {
                keep_private(response.headers_mut());
            }
            response
        }
        Err(refusal) => refuse(&policy, &client, parts, refusal).await,
    };
    if for_programs {
        allowance.describe(response.headers_mut());
    }
    response
}

/// Whether programs ask for what is at a path: for data or a file, which they are told how often they may.
fn is_for_programs(path: &str) -> bool {
    is_api(path) || is_file(path)
}

/// An answer for one visitor is not one for all: caches between us keep nothing.
fn keep_private(headers: &mut HeaderMap) {
    let shared = headers
        .get(CACHE_CONTROL)
        .is_none_or(|known| known.as_bytes() == b"no-cache");
    if shared {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    }
}

/// Who sent a request: found out once, where it comes in.
pub fn known_client(parts: &mut Parts, guard: &Guard) -> Client {
    if let Some(client) = parts.extensions.get::<Client>() {
        return client.clone();
    }
    let client = Client::of(parts, &guard.settings.trusted_proxies);
    parts.extensions.insert(client.clone());
    client
}

/// Who it is, where that may pass the rule.
async fn admit(
    policy: &RoutePolicy,
    client: &Client,
    parts: &Parts,
    allowance: &mut Allowance,
) -> Result<Option<Identity>, Refusal> {
    let guard = policy.site.guard();
    let changes = !parts.method.is_safe();
    if let Some(network) = client.network().filter(|_| policy.counted) {
        let counted = guard.rates.count(Visitor::Network(network), allowance);
        counted.map_err(Refusal::TooMany)?;
    }
    if policy.rule == Rule::Anyone && !changes {
        // Who logs in is shown who they are.
        return Ok(session(guard, &parts.headers).await.ok().flatten());
    }
    let identity = match bearer(&parts.headers) {
        Some(text) => Some(shown(guard, client, text).await?),
        None => session(guard, &parts.headers).await?,
    };
    if let Some(identity) = &identity {
        let token = Visitor::Token(identity.token.clone());
        let counted = guard.rates.count(token, allowance);
        counted.map_err(Refusal::TooMany)?;
    }
    let by_token = identity.as_ref().is_some_and(|it| it.session.is_none());
    if changes && !by_token && is_cross_site(&parts.headers, &client.host) {
        return Err(Refusal::CrossSite);
    }
    let role = identity.as_ref().map(|identity| identity.role);
    match guard.settings.mode.decide(policy.rule, role) {
        Verdict::Allowed => Ok(identity),
        Verdict::WhoIsIt => Err(Refusal::NoToken),
        Verdict::NotAllowed => Err(Refusal::NotAllowed),
    }
}

/// The token that a program sends; `None` when it sends none. Other schemes are not ours: a proxy in front
/// of the site may ask its visitors for a password of its own and pass it on.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
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

/// Who shows this token.
async fn shown(guard: &Guard, client: &Client, text: &str) -> Result<Identity, Refusal> {
    let token = try_token(guard, client, text).await?;
    Ok(Identity {
        token: token.id,
        name: token.name,
        role: token.role,
        session: None,
    })
}

/// Looks up a token that a client shows, and counts a wrong one. A right one is never refused for what others
/// behind the same address have guessed: tokens are long enough that guesses need not be kept from being
/// looked up, and the rate of requests bounds what they cost.
async fn try_token(guard: &Guard, client: &Client, text: &str) -> Result<Token, Refusal> {
    match guard.let_in(text).await {
        Ok(token) => Ok(token),
        Err(NotLetIn::Unknowable) => Err(Refusal::TokensUnavailable),
        Err(NotLetIn::Ended) => Err(Refusal::WrongToken),
        Err(NotLetIn::Wrong) => match guard.failed_attempts.count_wrong(client.network()) {
            Counted::Within => Err(Refusal::WrongToken),
            Counted::Last => {
                let id = Secret::parse(text).ok().map(|secret| secret.id());
                let event = event("locked-out", AuditOutcome::Refused, client, id.as_ref());
                guard.note_refusal(event, client.network());
                Err(Refusal::WrongToken)
            }
            Counted::TooMany(left) => Err(Refusal::LockedOut(left)),
        },
    }
}

/// Opens a session for whoever shows a token, and notes it. Gives the header that sets its cookie.
pub async fn log_in(guard: &Guard, client: &Client, text: &str) -> Result<String, Refusal> {
    let id = Secret::parse(text).ok().map(|secret| secret.id());
    let token = try_token(guard, client, text).await;
    let token = token.inspect_err(|refusal| {
        if !matches!(refusal, Refusal::TokensUnavailable) {
            let refused = event("login", AuditOutcome::Refused, client, id.as_ref());
            guard.note_refusal(refused.about(refusal.name()), client.network());
            guard.metrics.refuse("login");
        }
    })?;
    let opened = guard.sessions.open(token.id.clone(), token.role);
    let cookie = opened.map_err(|error| {
        tracing::error!(%error, "no session could be opened");
        match error {
            NotOpened::TooMany => Refusal::Busy,
            NotOpened::NoRandomness(_) => Refusal::TokensUnavailable,
        }
    })?;
    let opened = event("login", AuditOutcome::Done, client, Some(&token.id));
    guard.note_session(opened, client.network());
    Ok(cookie)
}

/// Who has this session, unless its token does not let in any more.
async fn session(guard: &Guard, headers: &HeaderMap) -> Result<Option<Identity>, Refusal> {
    let Some(session) = guard.sessions.find(headers) else {
        return Ok(None);
    };
    match guard.still_in(&session.token).await {
        Ok(token) => Ok(Some(Identity {
            token: token.id,
            name: token.name,
            role: token.role,
            session: Some(session),
        })),
        Err(NotLetIn::Unknowable) => Err(Refusal::TokensUnavailable),
        Err(NotLetIn::Wrong | NotLetIn::Ended) => {
            guard.sessions.close(&session);
            Ok(None)
        }
    }
}

/// Whether a browser says, or would have to say, that another site sent this.
fn is_cross_site(headers: &HeaderMap, host: &str) -> bool {
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    if let Some(site) = text(SEC_FETCH_SITE) {
        return !matches!(site, "same-origin" | "none");
    }
    text(ORIGIN).is_some_and(|origin| {
        let of = origin.split_once("://").map_or("", |(_, host)| host);
        !of.eq_ignore_ascii_case(host) || host.is_empty()
    })
}

/// Reads the body of a change. The form of a session must show that a page of ours made it; programs
/// send no forms and no sessions.
async fn checked_body(
    guard: &Guard,
    client: &Client,
    identity: Option<&Identity>,
    parts: &mut Parts,
    body: Body,
) -> Result<Body, Refusal> {
    if parts.method.is_safe() {
        return Ok(Body::empty());
    }
    let bytes = to_bytes(body, guard.settings.largest_body).await;
    let bytes = bytes.map_err(|error| {
        tracing::info!(%error, id = client.request_id, "a body was not read to its end");
        Refusal::TooLarge
    })?;
    let is_form = parts.headers.get(CONTENT_TYPE).is_some_and(|kind| {
        kind.as_bytes()
            .starts_with(b"application/x-www-form-urlencoded")
    });
    let form = if is_form {
        Form(link::parse(&String::from_utf8_lossy(&bytes)))
    } else {
        Form::default()
    };
    if let Some(session) = identity.and_then(|identity| identity.session.as_ref())
        && !session.knows(form.field(FORM_KEY))
    {
        return Err(Refusal::CrossSite);
    }
    parts.extensions.insert(form);
    Ok(Body::from(bytes))
}

/// An event about who asks.
pub fn event(
    action: &str,
    ending: AuditOutcome,
    client: &Client,
    token: Option<&TokenId>,
) -> Event {
    Event {
        token_id: token.map(|id| id.as_str().to_owned()),
        address: client.address.map(|address| address.to_string()),
        request_id: Some(client.request_id.clone()),
        ..Event::now(action, ending)
    }
}

/// The cookie of a session that has ended is taken away.
pub fn forget_cookie(headers: &mut HeaderMap) {
    if let Ok(cookie) = HeaderValue::try_from(Sessions::forget()) {
        headers.insert(axum::http::header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
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
    fn another_site_is_told_apart() {
        for (given, crosses) in [
            (&[][..], false),
            (&[("sec-fetch-site", "same-origin")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("sec-fetch-site", "same-site")], true),
            (&[("sec-fetch-site", "cross-site")], true),
            (&[("origin", "https://centime.example")], false),
            (&[("origin", "https://evil.example")], true),
            (&[("origin", "https://centime.example.evil")], true),
            (&[("origin", "null")], true),
            // The browser's own word is worth more than the header an old one sends.
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("origin", "https://centime.example"),
                ],
                true,
            ),
        ] {
            let found = is_cross_site(&headers(given), "centime.example");
            assert_eq!(found, crosses, "{given:?}");
        }
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

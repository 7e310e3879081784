//! Whether a request may go on: before each address, by its policy.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, LOCATION, ORIGIN, WWW_AUTHENTICATE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use centime_access::{Mode, Rule, Secret, Verdict};
use centime_render::link;
use centime_warehouse::ledger::AuditOutcome;

use super::audit::event;
use super::authentication::{session, shown};
use super::client::Client;
use super::credentials::{FORM_KEY, Form, Identified, Identity, bearer};
use super::guard::Guard;
use super::headers::SEC_FETCH_SITE;
use super::policy::{RoutePolicy, Work};
use super::rate::{Allowance, Visitor};
use super::refusal::Refusal;
use crate::http::address::{is_api, is_file};
use crate::http::language;
use crate::http::query_string;
use crate::http::redact::redact;
use crate::limits::holding;

/// Lets a request go on, or says why not.
pub async fn enforce(State(policy): State<RoutePolicy>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let policy = policy.asked(parts.uri.query().unwrap_or_default());
    let guard = &policy.guard;
    let client = Client::identify(&mut parts, &guard.settings.trusted_proxies);
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

/// Whether programs ask for what is at a path: for data or a file, whose answers carry the limits of requests.
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

/// Who it is, where that may pass the rule.
async fn admit(
    policy: &RoutePolicy,
    client: &Client,
    parts: &Parts,
    allowance: &mut Allowance,
) -> Result<Option<Identity>, Refusal> {
    let guard = &policy.guard;
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
        Form(query_string::parse(&String::from_utf8_lossy(&bytes)))
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

/// Says why a request does not go on.
async fn refuse(policy: &RoutePolicy, client: &Client, parts: Parts, refusal: Refusal) -> Response {
    let guard = &policy.guard;
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
            redact(parts.uri.path()),
            refusal.name()
        );
        let event = event("request", AuditOutcome::Refused, client, id.as_ref()).about(what);
        guard.note_refusal(event, client.network());
    }
    let mut response = if page && refusal.has_page() {
        policy.refusal_page.show(parts, refusal).await
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
    use crate::access::credentials::tests::headers;

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
}

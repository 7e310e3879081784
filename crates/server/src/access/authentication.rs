//! Who shows a token or a session, and logging in with one.

use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use centime_access::Secret;
use centime_warehouse::ledger::{AuditOutcome, Token};

use super::audit::event;
use super::client::Client;
use super::credentials::Identity;
use super::failed_attempts::Counted;
use super::guard::{Guard, NotLetIn};
use super::refusal::Refusal;
use super::sessions::{NotOpened, Sessions};

/// Who shows this token.
pub async fn shown(guard: &Guard, client: &Client, text: &str) -> Result<Identity, Refusal> {
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

/// Opens a session for a valid token, and notes it. Gives the header that sets its cookie.
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
pub async fn session(guard: &Guard, headers: &HeaderMap) -> Result<Option<Identity>, Refusal> {
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

/// The cookie of a session that has ended is taken away.
pub fn forget_cookie(headers: &mut HeaderMap) {
    if let Ok(cookie) = HeaderValue::try_from(Sessions::forget()) {
        headers.insert(SET_COOKIE, cookie);
    }
}

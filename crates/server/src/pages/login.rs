//! The page to log in and out: a session of a browser, opened with a token.

use askama::Template;
use axum::Extension;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, ETAG, LOCATION, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use centime_render::link;

use crate::access::{Client, Form, Identified, Refusal, Transport, forget_cookie, log_in};
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::state::site::Site;

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage<'a> {
    frame: Frame<'a>,
    /// Where to go afterwards.
    next: &'a str,
    /// What went wrong, and what to do.
    wrong: Option<(&'a str, &'a str)>,
    /// What is to be known before a token is typed.
    clear: Option<Clear>,
    account: Option<Account<'a>>,
    /// Whether there are tokens to log in with.
    tokens: bool,
}

/// Words about a page that came in the clear.
struct Clear {
    /// The same page over HTTPS, where the site knows it.
    over_https: Option<String>,
}

struct Account<'a> {
    token: &'a str,
    name: &'a str,
    role: &'a str,
    form_key: &'a str,
    admin: bool,
}

/// The parameter of the page that a browser comes back to with the session that it was given; without the
/// session, it did not keep it.
const OPENED: &str = "opened";

/// Shows who is logged in, or the form. Sends on who comes back with a new session, and says why where a browser
/// comes back without.
pub async fn answer(
    context: RequestContext,
    Extension(client): Extension<Client>,
    headers: HeaderMap,
) -> Response {
    let next = local(context.parameter("next").unwrap_or_default());
    let transport = Transport::of(&client, &headers, &context.site.guard().settings);
    let said = match context.parameter(OPENED) {
        Some(_) if context.identified.identity.is_some() => return see_other(next),
        Some(_) => Said::NotKept,
        None => Said::Nothing,
    };
    page(&context, next, transport, said)
}

/// Opens a session.
pub async fn submit(
    context: RequestContext,
    Extension(client): Extension<Client>,
    Extension(form): Extension<Form>,
    headers: HeaderMap,
) -> Response {
    let next = local(form.field("next"));
    let refusal = match log_in(context.site.guard(), &client, form.field("token")).await {
        Ok(cookie) => {
            // Not to the page that was wanted: a browser that does not keep the cookie would be asked there
            // for a token again, and it would not be clear why.
            let back = link::to("/login", &[(OPENED, "yes"), ("next", next)]);
            let mut response = see_other(&back);
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            return response;
        }
        Err(refusal) => refusal,
    };
    let transport = Transport::of(&client, &headers, &context.site.guard().settings);
    let mut response = page(&context, next, transport, Said::Refused(refusal));
    if let Some(wait) = refusal.wait() {
        let wait = HeaderValue::from(wait.as_secs().max(1));
        response.headers_mut().insert(RETRY_AFTER, wait);
    }
    response
}

/// Ends the session.
pub async fn leave(
    State(site): State<Site>,
    Extension(client): Extension<Client>,
    Extension(identified): Extension<Identified>,
) -> Response {
    if let Some(identity) = &identified.identity
        && let Some(session) = &identity.session
    {
        site.guard().sessions.close(session);
        let left = identified.did("logout", &client);
        site.guard().note_session(left, client.network());
    }
    let mut response = see_other("/login");
    forget_cookie(response.headers_mut());
    response
}

/// What the page says first.
#[derive(Clone, Copy)]
enum Said {
    Nothing,
    Refused(Refusal),
    /// The token was right, and the browser has not kept the session.
    NotKept,
}

fn page(context: &RequestContext, next: &str, transport: Transport, said: Said) -> Response {
    let locale = context.locale;
    let identity = context.identified.identity.as_deref();
    let page = LoginPage {
        frame: Frame::new(context, locale.text("login.title"), Section::None)
            .of_class("page--message"),
        next,
        wrong: match said {
            Said::Nothing => None,
            Said::Refused(refusal) => Some((refusal.title(locale), refusal.lead(locale))),
            Said::NotKept => Some((
                locale.text("login.not_kept"),
                locale.term("login_not_kept", transport.name()),
            )),
        },
        clear: (transport == Transport::Clear).then(|| Clear {
            over_https: over_https(context, next),
        }),
        account: identity.and_then(|identity| {
            Some(Account {
                token: identity.token.as_str(),
                name: &identity.name,
                role: locale.term("token_role", identity.role.name()),
                form_key: &identity.session.as_ref()?.form_key,
                admin: identity.role.may(centime_access::Right::ManageTokens),
            })
        }),
        tokens: context.site.guard().ledger().is_some(),
    };
    let reply = page.frame.around(&page);
    let status = match said {
        Said::Refused(refusal) => refusal.status(),
        Said::Nothing | Said::NotKept => StatusCode::OK,
    };
    sent(context, reply, status)
}

/// This page over HTTPS, where the site was told that it is reached so.
fn over_https(context: &RequestContext, next: &str) -> Option<String> {
    let address = context.public()?;
    let page = link::to("/login", &[("next", next)]);
    address
        .starts_with("https://")
        .then(|| format!("{address}{page}"))
}

/// Sends a page that is for this visitor and this once, whatever they say they have already.
pub fn sent(
    context: &RequestContext,
    reply: Result<Reply, PageError>,
    status: StatusCode,
) -> Response {
    match reply {
        Ok(reply) => {
            let mut response = context.respond_once(reply);
            *response.status_mut() = status;
            let headers = response.headers_mut();
            headers.remove(ETAG);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(problem) => context.refuse(&problem),
    }
}

/// Sends a browser to another page, after a change.
pub fn see_other(address: &str) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SEE_OTHER;
    let headers = response.headers_mut();
    if let Ok(address) = HeaderValue::try_from(address) {
        headers.insert(LOCATION, address);
    }
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An address of this site, and of no other; the home page in its place.
fn local(next: &str) -> &str {
    let starts = next.starts_with('/') && !next.starts_with("//");
    // Some browsers read a backslash as a slash, and skip control characters.
    let plain = next
        .bytes()
        .all(|letter| letter.is_ascii_graphic() && letter != b'\\');
    if starts && plain { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_visitor_is_sent_elsewhere() {
        for (next, to) in [
            ("/lines?q=1", "/lines?q=1"),
            ("", "/"),
            ("https://evil.example", "/"),
            ("//evil.example", "/"),
            ("/\\evil.example", "/"),
            ("/\t/evil.example", "/"),
            ("/a\r\nSet-Cookie: b", "/"),
            ("lines", "/"),
        ] {
            assert_eq!(local(next), to, "{next:?}");
        }
    }
}

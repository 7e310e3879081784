//! The page of those who keep the site: tokens, runs, and who did what.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use centime_access::{Role, time};
use centime_render::Locale;
use centime_render::language::format;
use centime_warehouse::ledger::{Event, Token, is_name};

use crate::access::{Client, Form};
use crate::http::reply::Reply;
use crate::pages::login::{see_other, sent};
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::request::tokens;

/// How many events are shown.
const EVENTS: u32 = 100;

#[derive(Template)]
#[template(path = "admin.html")]
struct AdminPage<'a> {
    frame: Frame<'a>,
    form_key: &'a str,
    /// A token just made: the only time that it is shown.
    secret: Option<&'a str>,
    wrong: Option<String>,
    done: Option<&'a str>,
    roles: Vec<(&'static str, &'a str)>,
    tokens: Vec<TokenRow<'a>>,
    events: Vec<EventRow<'a>>,
    starts_runs: bool,
}

struct TokenRow<'a> {
    id: String,
    name: String,
    role: &'a str,
    state: &'a str,
    valid: bool,
    created: String,
    expires: Option<String>,
    used: Option<String>,
}

struct EventRow<'a> {
    at: String,
    action: &'a str,
    outcome: &'a str,
    token: String,
    address: String,
    detail: String,
    request: String,
}

/// What is said above the page.
#[derive(Default)]
struct Said<'a> {
    secret: Option<&'a str>,
    wrong: Option<String>,
    done: Option<&'static str>,
}

/// Shows tokens and events.
pub async fn answer(context: RequestContext) -> Response {
    let done = match context.parameter("done") {
        Some("revoked") => Some("admin.revoked"),
        Some("run") => Some("admin.run_asked"),
        _ => None,
    };
    let said = Said {
        done,
        ..Said::default()
    };
    page(&context, said, StatusCode::OK).await
}

/// Makes a token and shows it, this once.
pub async fn create(
    context: RequestContext,
    Extension(client): Extension<Client>,
    Extension(form): Extension<Form>,
) -> Response {
    let locale = context.locale;
    let wrong = |wrong: String| Said {
        wrong: Some(wrong),
        ..Said::default()
    };
    let Ok(role) = form.field("role").parse::<Role>() else {
        let said = wrong(locale.text("admin.wrong_role").to_owned());
        return page(&context, said, StatusCode::BAD_REQUEST).await;
    };
    let name = form.field("name");
    if !is_name(name) {
        let said = wrong(locale.text("admin.wrong_name").to_owned());
        return page(&context, said, StatusCode::BAD_REQUEST).await;
    }
    let expires = form.field("expires");
    let lifetime = (!expires.is_empty()).then(|| time::lifetime(expires));
    let Ok(lifetime) = lifetime.transpose() else {
        let said = wrong(locale.text("admin.wrong_expiry").to_owned());
        return page(&context, said, StatusCode::BAD_REQUEST).await;
    };
    let made = tokens::create(&context, &client, role, name, lifetime).await;
    let secret = match made {
        Ok((secret, _)) => secret,
        Err(problem) => return context.refuse(&problem),
    };
    let said = Said {
        secret: Some(secret.reveal()),
        ..Said::default()
    };
    page(&context, said, StatusCode::OK).await
}

/// Revokes a token.
pub async fn revoke(
    context: RequestContext,
    Extension(client): Extension<Client>,
    Extension(form): Extension<Form>,
) -> Response {
    match tokens::revoke(&context, &client, form.field("id")).await {
        Ok(()) => see_other("/admin?done=revoked"),
        Err(problem) => context.refuse(&problem),
    }
}

/// Asks for a run.
pub async fn start_run(context: RequestContext, Extension(client): Extension<Client>) -> Response {
    let guard = context.site.guard();
    if !guard.start_run() {
        let said = Said {
            wrong: Some(context.locale.text("admin.no_runs").to_owned()),
            ..Said::default()
        };
        return page(&context, said, StatusCode::CONFLICT).await;
    }
    guard.note(context.identified.did("run-started", &client));
    see_other("/admin?done=run")
}

async fn page(context: &RequestContext, said: Said<'_>, status: StatusCode) -> Response {
    let reply = made(context, said).await;
    sent(context, reply, status)
}

async fn made(context: &RequestContext, said: Said<'_>) -> Result<Reply, PageError> {
    let locale = context.locale;
    let guard = context.site.guard();
    let ledger = guard.ledger().ok_or(PageError::Unavailable)?;
    // What was asked for before is on the page.
    guard.settle().await;
    let tokens = ledger.tokens().await?;
    let events = ledger.events(EVENTS).await?;
    let session = context.identified.identity.as_ref();
    let session = session.and_then(|identity| identity.session.as_ref());
    let roles = Role::ALL.map(|role| (role.name(), locale.term("token_role", role.name())));
    let page = AdminPage {
        frame: Frame::new(context, locale.text("admin.title"), Section::None),
        form_key: session.map_or("", |session| &session.form_key),
        secret: said.secret,
        wrong: said.wrong,
        done: said.done.map(|key| locale.text(key)),
        roles: roles.into(),
        tokens: tokens.iter().map(|token| row(token, locale)).collect(),
        events: events
            .iter()
            .map(|event| event_row(event, locale))
            .collect(),
        starts_runs: guard.starts_runs(),
    };
    page.frame.around(&page)
}

fn row<'a>(token: &Token, locale: &'a Locale) -> TokenRow<'a> {
    let moment = |at: &String| format::date_time(at, locale.language());
    TokenRow {
        id: token.id.to_string(),
        name: token.name.clone(),
        role: locale.term("token_role", token.role.name()),
        state: locale.term("token_state", token.state().name()),
        valid: token.is_valid(),
        created: moment(&token.created_at),
        expires: token.expires_at.as_ref().map(moment),
        used: token.last_used_at.as_ref().map(moment),
    }
}

fn event_row<'a>(event: &'a Event, locale: &'a Locale) -> EventRow<'a> {
    EventRow {
        at: event.at.clone(),
        action: locale.term("audit_action", &event.action),
        outcome: locale.term("audit_outcome", event.outcome.name()),
        token: event.token_id.clone().unwrap_or_default(),
        address: event.address.clone().unwrap_or_default(),
        detail: event.detail.clone().unwrap_or_default(),
        request: event.request_id.clone().unwrap_or_default(),
    }
}

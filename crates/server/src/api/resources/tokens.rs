//! Tokens.

use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use centime_access::{Right, Role, time};
use centime_warehouse::ledger::{LONGEST_NAME, State, Token};
use serde_json::Value;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter, Values};
use crate::api::problem::nothing_there;
use crate::api::problem::refused;
use crate::http::problem_details::ProblemDetails;
use crate::request::tokens;

const ALL: &str = "/api/v1/tokens";

const ANY: &str = "/api/v1/tokens/{token}";

const TOKEN: Parameter = Parameter::new(
    "token",
    Values::Text(12),
    "The beginning of the token, which names it: ctm_ and eight letters.",
);

/// The tokens.
pub static LIST: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: ALL,
        right: Right::ManageTokens,
        name: "listTokens",
        summary: "The tokens of the site",
        about: "The latest first, those that do not let in any more among them. What they keep secret is not told.",
        parameters: &[],
        content: Content::Many {
            kinds: || vec![token()],
            of_revision: false,
            paged: false,
        },
        refusals: &[],
    },
    handler: |ask| Box::pin(list(ask)),
};

/// Makes a token.
pub static CREATE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::POST,
        path: ALL,
        right: Right::ManageTokens,
        name: "createToken",
        summary: "Make a token",
        about: "The answer has the token itself, which is not told again.",
        parameters: &[
            Parameter::new("role", Values::Word(&ROLES), "What it is for.").required(),
            Parameter::new(
                "name",
                Values::Text(LONGEST_NAME),
                "What to call it in lists.",
            ),
            Parameter::new(
                "days",
                Values::Integer(1, 3660),
                "For how many days it lets in; until it is revoked when neither this nor `expires` is said.",
            ),
            Parameter::new(
                "expires",
                Values::Text(40),
                "How long it lets in, as `centime token create --expires` reads it: 90d, 12h. Not together with `days`.",
            ),
        ],
        content: Content::Made { kind: made },
        refusals: &[],
    },
    handler: |ask| Box::pin(create(ask)),
};

/// One token.
pub static ONE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: ANY,
        right: Right::ManageTokens,
        name: "getToken",
        summary: "A token, without what it keeps secret",
        about: "",
        parameters: &[TOKEN],
        content: Content::One {
            kind: token,
            of_revision: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(one(ask)),
};

/// Revokes a token.
pub static REVOKE: Endpoint = Endpoint {
    operation: Operation {
        method: Method::DELETE,
        path: ANY,
        right: Right::ManageTokens,
        name: "revokeToken",
        summary: "Let a token in no longer, from now on",
        about: "It stays in the list. One that was revoked before is not found.",
        parameters: &[TOKEN],
        content: Content::Done,
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(revoke(ask)),
};

const ROLES: [&str; 3] = [
    Role::Viewer.name(),
    Role::Analyst.name(),
    Role::Admin.name(),
];

const STATES: [&str; 3] = [
    State::Valid.name(),
    State::Expired.name(),
    State::Revoked.name(),
];

fn token() -> Record {
    Record {
        name: "Token".to_owned(),
        about: "What is known of a token.".into(),
        fields: vec![
            Field::new("token", Type::Text, "Its beginning, which names it."),
            Field::new("name", Type::Text, "What its owner calls it."),
            Field::new("role", Type::Word(&ROLES), "What it is for."),
            Field::new("state", Type::Word(&STATES), "Whether it lets in."),
            Field::new("created_at", Type::Moment, "When it was made."),
            Field::optional(
                "created_by",
                Type::Text,
                "The token of who made it; null for the command line.",
            ),
            Field::optional(
                "expires_at",
                Type::Moment,
                "From when on it does not let in any more.",
            ),
            Field::optional(
                "last_used_at",
                Type::Moment,
                "When it was last used, to the minute.",
            ),
            Field::optional("revoked_at", Type::Moment, "When it was revoked."),
        ],
    }
}

fn made() -> Record {
    let secret = Field::new(
        "secret",
        Type::Text,
        "The token itself: keep it, it is not told again.",
    );
    let mut record = token();
    record.fields.insert(0, secret);
    Record {
        name: "NewToken".to_owned(),
        about: "A token that was just made.".into(),
        ..record
    }
}

fn values(token: &Token) -> Vec<Value> {
    vec![
        token.id.as_str().into(),
        token.name.as_str().into(),
        token.role.name().into(),
        token.state().name().into(),
        token.created_at.as_str().into(),
        token.created_by.as_deref().into(),
        token.expires_at.as_deref().into(),
        token.last_used_at.as_deref().into(),
        token.revoked_at.as_deref().into(),
    ]
}

async fn list(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let found = tokens::all(&ask.context).await?;
    Ok(Answer::rows(token(), found.iter().map(values).collect()))
}

async fn one(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let found = tokens::one(&ask.context, &ask.named()).await?;
    Ok(Answer::one(token(), values(&found)))
}

async fn create(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    let role = ask.text("role").and_then(|name| name.parse().ok());
    let role = role.ok_or_else(nothing_there)?;
    let name = ask.text("name").unwrap_or_default();
    let days = ask
        .integer("days")
        .and_then(|days| u64::try_from(days).ok());
    let days = days.map(|days| Duration::from_hours(24 * days));
    let expires = ask.text("expires").map(time::lifetime).transpose();
    let expires = expires.map_err(|error| refused(format!("expires: {error}")))?;
    if days.is_some() && expires.is_some() {
        let both = "«days» and «expires» both say how long the token lets in: give one of them";
        return Err(refused(both.to_owned()));
    }
    let lifetime = days.or(expires);
    let (secret, new) = tokens::create(&ask.context, &ask.client, role, name, lifetime).await?;
    let known = tokens::one(&ask.context, new.id.as_str()).await?;
    let mut values = values(&known);
    values.insert(0, secret.reveal().into());
    Ok(Answer::made(made(), values))
}

async fn revoke(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    tokens::revoke(&ask.context, &ask.client, &ask.named()).await?;
    Ok(Answer::done())
}

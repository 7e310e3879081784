//! Tokens, as those who may manage them make and revoke them on the site and through the API.

use std::time::Duration;

use centime_access::{Role, Secret, TokenId};
use centime_warehouse::Ledger;
use centime_warehouse::ledger::{NewToken, Token};

use crate::access::Client;
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;

/// Makes a token and notes who did. The secret is to be shown once, and is nowhere else.
pub async fn create(
    context: &RequestContext,
    client: &Client,
    role: Role,
    name: &str,
    lifetime: Option<Duration>,
) -> Result<(Secret, NewToken), PageError> {
    let ledger = ledger(context)?;
    let secret = Secret::generate().map_err(|error| {
        tracing::error!(%error, "no token could be made");
        PageError::Unavailable
    })?;
    let token = NewToken::of(&secret, role, name, lifetime);
    let noted = context.identified.did("token-created", client);
    ledger
        .create(&token, &noted.about(token.described()))
        .await?;
    Ok((secret, token))
}

/// Revokes a token and notes who did; there is nothing to revoke where it was before.
pub async fn revoke(context: &RequestContext, client: &Client, id: &str) -> Result<(), PageError> {
    let id = TokenId::parse(id).ok_or(PageError::NotFound)?;
    let noted = context.identified.did("token-revoked", client);
    let revoked = ledger(context)?
        .revoke(&id, &noted.about(id.as_str()))
        .await?;
    if revoked {
        Ok(())
    } else {
        Err(PageError::NotFound)
    }
}

/// All tokens, the latest first.
pub async fn all(context: &RequestContext) -> Result<Vec<Token>, PageError> {
    Ok(ledger(context)?.tokens().await?)
}

/// One token.
pub async fn one(context: &RequestContext, id: &str) -> Result<Token, PageError> {
    let id = TokenId::parse(id).ok_or(PageError::NotFound)?;
    let found = ledger(context)?.token(&id).await?;
    found.ok_or(PageError::NotFound)
}

fn ledger(context: &RequestContext) -> Result<&Ledger, PageError> {
    context.site.guard().ledger().ok_or(PageError::Unavailable)
}

//! Tokens, as those who may manage them make and revoke them on the site and through the API.

use std::time::Duration;

use centime_access::{Role, Secret, TokenId};
use centime_warehouse::Ledger;
use centime_warehouse::access::{NewToken, Token};

use super::Client;
use crate::problem::Problem;
use crate::visit::Visit;

/// Makes a token and notes who did. The secret is to be shown once, and is nowhere else.
pub async fn create(
    visit: &Visit,
    client: &Client,
    role: Role,
    name: &str,
    lifetime: Option<Duration>,
) -> Result<(Secret, NewToken), Problem> {
    let ledger = ledger(visit)?;
    let secret = Secret::generate().map_err(|error| {
        tracing::error!(%error, "no token could be made");
        Problem::Unavailable
    })?;
    let token = NewToken::of(&secret, role, name, lifetime);
    let noted = visit.identified.did("token-created", client);
    ledger
        .create(&token, &noted.about(token.described()))
        .await?;
    Ok((secret, token))
}

/// Revokes a token and notes who did; there is nothing to revoke where it was before.
pub async fn revoke(visit: &Visit, client: &Client, id: &str) -> Result<(), Problem> {
    let id = TokenId::parse(id).ok_or(Problem::NotFound)?;
    let noted = visit.identified.did("token-revoked", client);
    let revoked = ledger(visit)?
        .revoke(&id, &noted.about(id.as_str()))
        .await?;
    if revoked {
        Ok(())
    } else {
        Err(Problem::NotFound)
    }
}

/// All tokens, the latest first.
pub async fn all(visit: &Visit) -> Result<Vec<Token>, Problem> {
    Ok(ledger(visit)?.tokens().await?)
}

/// One token.
pub async fn one(visit: &Visit, id: &str) -> Result<Token, Problem> {
    let id = TokenId::parse(id).ok_or(Problem::NotFound)?;
    let found = ledger(visit)?.token(&id).await?;
    found.ok_or(Problem::NotFound)
}

fn ledger(visit: &Visit) -> Result<&Ledger, Problem> {
    visit.site.guard().ledger().ok_or(Problem::Unavailable)
}

//! `centime token`: the tokens that let into the site and its API.

use std::io::Write;

use centime_access::{Secret, TokenId, time};
use centime_warehouse::ledger::{AuditOutcome, Event, LONGEST_NAME, NewToken, Token, is_name};
use centime_warehouse::{Error, Ledger, OpenMode, Warehouse};
use serde_json::json;

use crate::args::{CreateToken, ListFormat, RevokeToken, Token as Command};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::{print_stderr, sanitize};
use crate::stdout::stdout;

/// Does what is asked with the tokens of the database.
pub async fn token(config: &Config, command: &Command) -> Result<(), Failure> {
    match command {
        Command::Create(asked) => create(config, asked).await,
        Command::List(asked) => {
            let ledger = ledger(config, asked.sample).await?;
            let tokens = ledger.tokens().await;
            ledger.close().await;
            list(&tokens?, asked.format)
        }
        Command::Revoke(asked) => revoke(config, asked).await,
    }
}

/// The tokens and the audit log of the database, whose tables are made as needed.
pub async fn ledger(config: &Config, sample: bool) -> Result<Ledger, Failure> {
    let url = config.database(sample)?;
    match Warehouse::open(&url, OpenMode::Write).await {
        Ok(warehouse) => warehouse.close().await,
        // What is there can be read all the same.
        Err(Error::ReadOnly { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(Ledger::open(&url).await?)
}

async fn create(config: &Config, asked: &CreateToken) -> Result<(), Failure> {
    let name = asked.name.trim();
    if !is_name(name) {
        return Err(Failure::Usage(format!(
            "the name of a token has at most {LONGEST_NAME} letters, all on one line"
        )));
    }
    let lifetime = asked.expires.as_deref().map(time::lifetime).transpose();
    let lifetime = lifetime.map_err(|error| Failure::Usage(error.to_string()))?;
    let secret = Secret::generate().map_err(|error| Failure::Unexpected(error.to_string()))?;
    let token = NewToken::of(&secret, asked.role, name, lifetime);
    let event = Event::now("token-created", AuditOutcome::Done).about(token.described());
    let ledger = ledger(config, asked.sample).await?;
    let created = ledger.create(&token, &event).await;
    ledger.close().await;
    created?;
    if !config.quiet {
        let end = token.expires_at.as_deref().map_or_else(
            || "until it is revoked".to_owned(),
            |end| format!("until {end}"),
        );
        print_stderr(format!(
            "A token with the role {}, {end}. Keep it now: it is not shown again.",
            token.role
        ));
    }
    let mut out = stdout();
    writeln!(out, "{}", secret.reveal())?;
    out.flush()?;
    Ok(())
}

async fn revoke(config: &Config, asked: &RevokeToken) -> Result<(), Failure> {
    let id = TokenId::parse(asked.id.trim()).ok_or_else(|| {
        Failure::Usage(
            "tokens are named by their beginning, «ctm_» and eight letters, as `centime token list` shows it"
                .to_owned(),
        )
    })?;
    let ledger = ledger(config, asked.sample).await?;
    let event = Event::now("token-revoked", AuditOutcome::Done).about(id.as_str());
    let revoked = async {
        if ledger.revoke(&id, &event).await? {
            return Ok(());
        }
        Err(Failure::Usage(match ledger.token(&id).await? {
            Some(_) => format!("the token {id} was revoked before"),
            None => format!("there is no token {id}: see `centime token list`"),
        }))
    };
    let revoked = revoked.await;
    ledger.close().await;
    revoked?;
    if !config.quiet {
        print_stderr(format!("The token {id} does not let in any more."));
    }
    Ok(())
}

fn list(tokens: &[Token], format: ListFormat) -> Result<(), Failure> {
    let mut out = stdout();
    match format {
        ListFormat::Json => {
            let tokens: Vec<_> = tokens.iter().map(as_json).collect();
            writeln!(out, "{:#}", serde_json::Value::from(tokens))?;
        }
        ListFormat::Table if tokens.is_empty() => {
            print_stderr("There are no tokens: `centime token create --role viewer` makes one.");
        }
        ListFormat::Table => {
            for token in tokens {
                let state = token.state().name();
                let used = token.last_used_at.as_deref().unwrap_or("never used");
                let line = format!(
                    "{}  {:<7}  {state:<8}  {used:<20}  {}",
                    token.id,
                    token.role.name(),
                    sanitize(&token.name)
                );
                writeln!(out, "{}", line.trim_end())?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn as_json(token: &Token) -> serde_json::Value {
    json!({
        "token": token.id.as_str(),
        "name": token.name,
        "role": token.role.name(),
        "state": token.state().name(),
        "created_at": token.created_at,
        "created_by": token.created_by,
        "expires_at": token.expires_at,
        "last_used_at": token.last_used_at,
        "revoked_at": token.revoked_at,
    })
}

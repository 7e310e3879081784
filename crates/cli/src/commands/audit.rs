//! `centime audit`: the log of who did what.

use std::io::Write;

use centime_access::time;
use centime_warehouse::ledger::Event;
use serde_json::json;

use super::token::ledger;
use crate::args::{Audit, ListFormat, Prune};
use crate::config::Config;
use crate::failure::Failure;
use crate::message::{print_stderr, sanitize};
use crate::stdout::stdout;

/// Reads the log of the database, or deletes what is old in it.
pub async fn audit(config: &Config, command: &Audit) -> Result<(), Failure> {
    match command {
        Audit::List(asked) => {
            let ledger = ledger(config, asked.sample).await?;
            let events = ledger.events(asked.limit).await;
            ledger.close().await;
            list(&events?, asked.format)
        }
        Audit::Prune(asked) => prune(config, asked).await,
    }
}

async fn prune(config: &Config, asked: &Prune) -> Result<(), Failure> {
    let age = time::lifetime(&asked.older_than);
    let before = time::before(age.map_err(|error| Failure::Usage(error.to_string()))?);
    let ledger = ledger(config, asked.sample).await?;
    let found = ledger.prune(&before).await;
    ledger.close().await;
    let found = found?;
    if !config.quiet {
        print_stderr(match found {
            0 => format!("Nothing was noted before {before}."),
            1 => format!("Deleted one event of before {before}."),
            _ => format!("Deleted {found} events of before {before}."),
        });
    }
    Ok(())
}

fn list(events: &[Event], format: ListFormat) -> Result<(), Failure> {
    let mut out = stdout();
    match format {
        ListFormat::Json => {
            let events: Vec<_> = events.iter().map(as_json).collect();
            writeln!(out, "{:#}", serde_json::Value::from(events))?;
        }
        ListFormat::Table if events.is_empty() => print_stderr("Nothing has been noted yet."),
        ListFormat::Table => {
            for event in events {
                let known = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
                let line = format!(
                    "{}  {:<14}  {:<7}  {:<12}  {:<15}  {}",
                    event.at,
                    event.action,
                    event.outcome.name(),
                    known(&event.token_id),
                    known(&event.address),
                    event.detail.as_deref().unwrap_or_default()
                );
                // What was asked for may be part of it.
                writeln!(out, "{}", sanitize(&line).replace('\n', " ").trim_end())?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn as_json(event: &Event) -> serde_json::Value {
    json!({
        "at": event.at,
        "action": event.action,
        "outcome": event.outcome.name(),
        "token": event.token_id,
        "address": event.address,
        "request_id": event.request_id,
        "detail": event.detail,
    })
}

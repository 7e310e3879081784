//! `centime check`: what the checks found in what is published, and in the run after it.

use std::io::{self, Write};

use centime_pipeline::audit;
use centime_warehouse::revision::{Cause, RunOutcome};
use centime_warehouse::{CheckResult, Outcome};

use crate::args::{Check, CheckFormat};
use crate::commands::published;
use crate::config::Config;
use crate::failure::Failure;
use crate::tell::plain;

/// How many runs are looked back for one that has ended by itself.
const LOOKED_AT: u32 = 100;

/// How many findings of a check are listed.
const LISTED: usize = 10;

/// Prints what the checks found. Fails as the latest run did, because what is published may then be
/// older than the source.
pub async fn check(config: &Config, check: &Check) -> Result<(), Failure> {
    let (warehouse, revision) = published(config, check.sample).await?;
    let checks = warehouse.checks(revision.id).await?;
    let mut out = io::stdout().lock();
    match check.format {
        CheckFormat::Table => {
            writeln!(
                out,
                "Revision {}, published {}",
                revision.id, revision.published_at
            )?;
            for check in &checks {
                write_check(&mut out, check)?;
            }
        }
        CheckFormat::Json => {
            let checks: Vec<_> = checks.iter().map(as_json).collect();
            writeln!(out, "{:#}", serde_json::Value::from(checks))?;
        }
    }
    out.flush()?;
    let runs = warehouse.runs(LOOKED_AT).await?;
    let ended = runs
        .into_iter()
        .find(|run| !matches!(run.outcome, RunOutcome::Running | RunOutcome::Interrupted));
    match ended {
        Some(run) if run.outcome == RunOutcome::Failed => {
            let reason = run.message.unwrap_or_default();
            let message = format!(
                "the latest run, begun {}, published nothing: {reason}",
                run.started_at
            );
            Err(Failure::of_cause(run.cause.unwrap_or(Cause::Data), message))
        }
        _ => Ok(()),
    }
}

fn write_check(out: &mut impl Write, check: &CheckResult) -> io::Result<()> {
    let CheckResult {
        name,
        outcome,
        found,
        subjects,
    } = check;
    match outcome {
        Outcome::Pass => writeln!(out, "pass  {name} ({found})"),
        Outcome::Warn | Outcome::Fail => {
            let meaning = audit::explain(name, &[]);
            writeln!(out, "{}  {name} ({found}): {meaning}", outcome.name())?;
            for subject in subjects.iter().take(LISTED) {
                let plain = plain(subject);
                writeln!(out, "        {plain}")?;
            }
            match usize::try_from(*found)
                .unwrap_or_default()
                .saturating_sub(LISTED)
            {
                0 => Ok(()),
                more => writeln!(out, "        … and {more} more"),
            }
        }
    }
}

fn as_json(check: &CheckResult) -> serde_json::Value {
    serde_json::json!({
        "name": check.name,
        "outcome": check.outcome.name(),
        "found": check.found,
        "subjects": check.subjects,
    })
}

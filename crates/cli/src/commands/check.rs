//! `centime check`: what the checks found in what is published, and in the run after it.

use std::io::{self, Write};

use centime_pipeline::audit;
use centime_warehouse::revision::RunOutcome;
use centime_warehouse::{CheckResult, Outcome};

use crate::args::{Check, CheckFormat};
use crate::commands::published;
use crate::config::Config;
use crate::failure::Failure;

/// How many findings of a check are listed.
const LISTED: usize = 10;

/// Prints what the checks found. Fails when the latest run was refused, because what is published
/// is then older than the source.
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
    let latest = warehouse.runs(1).await?.into_iter().next();
    match latest {
        Some(run) if run.outcome == RunOutcome::Failed => {
            let reason = run.message.unwrap_or_default();
            Err(Failure::Audit(format!(
                "the latest run, begun {}, published nothing: {reason}",
                run.started_at
            )))
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
                // Labels come from the portal; a terminal obeys control characters.
                let plain: String = subject.chars().filter(|char| !char.is_control()).collect();
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

//! `centime run`: retrieve, check and publish, once.

use std::sync::Arc;
use std::time::Duration;

use centime_access::time;
use centime_accounts::YearStatus;
use centime_analytics::columns;
use centime_pipeline::{Definitions, Edition, Error as RunError, Policy, Summary};
use centime_portal::Observer;
use centime_server::Why;
use centime_warehouse::Basis;
use centime_warehouse::{DatabaseUrl, OpenMode, Outcome, Warehouse};

use crate::args::{Run, SourceArgs};
use crate::commands::sample::SampleSource;
use crate::config::Config;
use crate::failure::Failure;
use crate::message::print_stderr;
use crate::progress::Display;
use crate::stop::Stop;

/// Runs the pipeline once and says what came of it.
pub async fn run(config: &Config, run: &Run) -> Result<(), Failure> {
    let stop = Stop::listen();
    say_what_the_sample_ignores(config, &run.from);
    let url = config.database(run.from.sample.is_some())?;
    let warehouse = open(&url, &stop).await?;
    let outcome = published(config, run, &warehouse, &stop).await;
    // A run that fails leaves the file as readable as one that does not.
    if let Err(Failure::Interrupted(_)) = &outcome {
        close_soon(&warehouse).await;
    } else {
        warehouse.close().await;
    }
    outcome
}

async fn published(
    config: &Config,
    run: &Run,
    warehouse: &Warehouse,
    stop: &Stop,
) -> Result<(), Failure> {
    let Some(summary) = once(config, &run.from, warehouse, stop).await? else {
        return Err(Failure::Interrupted(stop.asked().await));
    };
    if !config.quiet {
        summarise(warehouse, &summary).await?;
    }
    Ok(())
}

/// Opens a database to write it, unless the process is asked to stop meanwhile.
pub async fn open(url: &DatabaseUrl, stop: &Stop) -> Result<Warehouse, Failure> {
    tokio::select! {
        opened = Warehouse::open(url, OpenMode::Write) => Ok(opened?),
        signal = stop.asked() => Err(Failure::Interrupted(signal)),
    }
}

/// How long connections to the database may take to end.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Closes a database. A long statement of a run that was given up is not waited for: it is undone.
pub async fn close_soon(warehouse: &Warehouse) {
    let closed = tokio::time::timeout(CLOSE_TIMEOUT, warehouse.close()).await;
    if closed.is_err() {
        tracing::info!("the database had not ended its last statement");
    }
}

/// Says which settings are about a portal, and not about the sample edition.
pub fn say_what_the_sample_ignores(config: &Config, from: &SourceArgs) {
    let ignored = config.about_a_portal();
    if from.sample.is_some() && !config.quiet && !ignored.is_empty() {
        print_stderr(format!(
            "The sample edition says itself whose accounts it has and how they are read: {} of the configuration file {} not used.",
            ignored.join(", "),
            if ignored.len() == 1 { "is" } else { "are" }
        ));
    }
}

/// Why a run published nothing.
#[derive(Debug)]
pub enum NotRun {
    /// It could not begin.
    Settings(Failure),
    /// It began, and failed.
    Failed(Box<RunError>),
}

impl NotRun {
    /// Whose failure it was.
    pub fn why(&self) -> Why {
        match self {
            Self::Settings(_) => Why::Settings,
            Self::Failed(error) => error.cause().into(),
        }
    }
}

impl std::convert::From<Failure> for NotRun {
    fn from(failure: Failure) -> Self {
        Self::Settings(failure)
    }
}

impl std::convert::From<NotRun> for Failure {
    fn from(not: NotRun) -> Self {
        match not {
            NotRun::Settings(failure) => failure,
            NotRun::Failed(error) => (*error).into(),
        }
    }
}

/// Runs the pipeline once, on the portal or on the sample edition; `None` when it was asked to stop before it had
/// ended.
pub async fn once(
    config: &Config,
    from: &SourceArgs,
    warehouse: &Warehouse,
    stop: &Stop,
) -> Result<Option<Summary>, NotRun> {
    let sample = match from.sample {
        Some(sample) => Some(SampleSource::open(sample).await?),
        None => None,
    };
    let edition = match &sample {
        Some(sample) => sample.edition()?,
        None => config.edition(from)?,
    };
    let display = Display::new(config.quiet);
    let observer: Arc<dyn Observer> = display.clone();
    let edition = edition.with_observer(&observer);
    let policy = config.policy(&from.accepting)?;
    of_edition(config, &edition, policy, &display, warehouse, stop).await
}

/// Runs the pipeline once on an edition; `None` when it was asked to stop before it had ended.
pub async fn of_edition(
    config: &Config,
    edition: &Edition,
    policy: Policy,
    display: &Display,
    warehouse: &Warehouse,
    stop: &Stop,
) -> Result<Option<Summary>, NotRun> {
    let keep = config.audit_keep()?;
    let catalogue = config.catalogue()?;
    let definitions = Definitions {
        models: &catalogue.models(),
        checks: &catalogue.own_checks(),
    };
    let asked = async {
        stop.asked().await;
    };
    let summary =
        centime_pipeline::run_until(edition, warehouse, definitions, policy, display, asked).await;
    display.finish();
    forget_old_events(keep, warehouse).await;
    summary.map_err(|error| NotRun::Failed(Box::new(error)))
}

/// Deletes from the audit log what is older than it keeps. That it cannot be done now fails no run: the next one tries
/// again.
async fn forget_old_events(keep: Option<Duration>, warehouse: &Warehouse) {
    if let Some(keep) = keep
        && let Err(error) = warehouse.expire_audit_events(&time::before(keep)).await
    {
        tracing::warn!(%error, "what is old stays in the audit log");
    }
}

/// Says what a run came to.
pub async fn summarise(warehouse: &Warehouse, summary: &Summary) -> Result<(), Failure> {
    let Summary {
        published,
        revision,
        records,
        ..
    } = summary;
    if !published {
        print_stderr(format!(
            "Nothing new: the {records} records are those of revision {revision}."
        ));
        return Ok(());
    }
    print_stderr(format!("Published revision {revision}: {records} records."));
    for (status, meaning) in [
        (
            YearStatus::Reconciled,
            "equal to the published result, to the centime",
        ),
        (YearStatus::Different, "different from the published result"),
        (YearStatus::Incomplete, "incomplete: amounts are missing"),
        (YearStatus::NoPublishedResult, "without a published result"),
    ] {
        if let Some(years) = years(warehouse, *revision, status).await? {
            print_stderr(format!("  {years} {meaning}"));
        }
    }
    let remarks = summary
        .checks
        .iter()
        .filter(|check| check.outcome == Outcome::Warn)
        .count();
    if remarks > 0 {
        let checks = if remarks == 1 {
            "check has a remark"
        } else {
            "checks have remarks"
        };
        print_stderr(format!("{remarks} {checks}: see `centime check`."));
    }
    Ok(())
}

/// The years with a status: named where there is one public body, counted where there are more;
/// `None` when there is none.
async fn years(
    warehouse: &Warehouse,
    revision: i64,
    status: YearStatus,
) -> Result<Option<String>, Failure> {
    let Some(only) = warehouse.only_body(revision).await? else {
        let count = warehouse.years_with_status(revision, status).await?;
        return Ok((count > 0).then(|| format!("{count} years of public bodies")));
    };
    let model = &centime_analytics::analyses::reconciliation::ANALYSIS.model;
    let table = warehouse
        .mart(model, revision, &only.siren, Basis::Leaf)
        .await?;
    let rows = table
        .rows
        .iter()
        .filter(|row| table.cell(row, columns::STATUS).status() == Some(status));
    let years: Vec<String> = rows
        .filter_map(|row| table.cell(row, columns::FISCAL_YEAR).year())
        .map(|year| year.to_string())
        .collect();
    Ok((!years.is_empty()).then(|| years.join(", ")))
}

//! `centime up`: the site, a run at once, and then runs on schedule.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use centime_accounts::Budget;
use centime_pipeline::{Source, Summary};
use centime_server::Upkeep;
use centime_warehouse::Warehouse;
use jiff::Timestamp;

use crate::args::{SourceArgs, Up};
use crate::commands::run::{self, NotRun};
use crate::commands::serve::ServerSetup;
use crate::config::Config;
use crate::failure::Failure;
use crate::message::{print_failure, print_stderr};
use crate::schedule::{Awaited, Ended, Schedule};
use crate::stop::Stop;

/// How often the clock is looked at while a run is waited for: timers stand still while a machine is suspended.
const POLL_INTERVAL: Duration = Duration::from_secs(20);

/// How many budgets of a body are looked at.
const MOST_BUDGETS: i64 = 1000;

/// Serves what is published, and keeps it fresh from now on.
///
/// The site is there before the first run has ended, and stays there when the portal is away: it then says that
/// nothing is published yet. A first run that is refused ends the command, where there is nothing to show.
pub async fn up(config: &Config, up: &Up) -> Result<(), Failure> {
    let stop = Stop::listen();
    let period = config.refresh(up.refresh.as_deref())?;
    let retry = config.refresh_retry()?;
    // Time does not mend a wrong setting: it is reported before anything is served.
    config.policy(&up.from.accepting)?;
    if up.from.sample.is_none() {
        let edition = config.edition(&up.from)?;
        if edition.sources.iter().any(Source::has_stdin) {
            return Err(Failure::Usage(
                "standard input (-) can be read once, and `centime up` reads its sources again and again: give a file, or use `centime run`".to_owned(),
            ));
        }
    }
    let url = config.database(up.from.sample.is_some())?;
    let setup = ServerSetup::open(config, &up.at).await?;
    let warehouse = run::open(&url, &stop).await?;
    run::say_what_the_sample_ignores(config, &up.from);
    let outcome = async {
        warehouse
            .prepare_marts(&config.catalogue()?.models())
            .await?;
        let shown = warehouse.published().await?.is_some();
        let upkeep = Arc::new(Upkeep::default());
        let site = setup.site(config, &url, warehouse.clone(), Some(upkeep.clone()));
        let site = site.await?;
        let mut refresh = Refresh {
            config,
            from: &up.from,
            warehouse: &warehouse,
            upkeep: &upkeep,
            schedule: Schedule::new(period.map(seconds), seconds(retry), now()),
            shown,
            announcement: setup.announcement(config)?,
            address: setup.address()?,
            stop: &stop,
        };
        if shown {
            refresh.announce().await;
        }
        let served = async {
            let served = setup.run(site, stop.clone()).await;
            // Nothing runs where nothing is served, and what runs has to note that it does not go on.
            stop.ask();
            served
        };
        let refreshed = async {
            let refreshed = refresh.keep_fresh().await;
            if refreshed.is_err() {
                stop.ask();
            }
            refreshed
        };
        let (served, refreshed) = tokio::join!(served, refreshed);
        refreshed.and(served)
    };
    let outcome = Box::pin(outcome).await;
    run::close_soon(&warehouse).await;
    outcome
}

/// Runs, one after the other, and their reports.
struct Refresh<'a> {
    config: &'a Config,
    from: &'a SourceArgs,
    warehouse: &'a Warehouse,
    upkeep: &'a Upkeep,
    schedule: Schedule,
    /// Whether there is anything to show.
    shown: bool,
    /// What is still to be said of where the site is.
    announcement: Vec<String>,
    /// Where the site is on this machine.
    address: String,
    stop: &'a Stop,
}

impl Refresh<'_> {
    /// Runs now, again and again on schedule, and on request. A failed run leaves the site as it
    /// was, which says so. Ends when the process is asked to stop, or when the very first run is refused and there is
    /// nothing to show.
    async fn keep_fresh(&mut self) -> Result<(), Failure> {
        let mut first = true;
        loop {
            self.upkeep.begun();
            let outcome = run::once(self.config, self.from, self.warehouse, self.stop).await;
            let outcome = match outcome {
                Ok(None) => {
                    print_stderr("The run was interrupted: nothing was published.");
                    return Ok(());
                }
                Ok(Some(summary)) => Ok(summary),
                Err(not) => Err(not),
            };
            let now = now();
            let ended = match &outcome {
                Ok(_) => Ended::Well,
                Err(NotRun::Settings(_)) => Ended::Refused,
                Err(NotRun::Failed(error)) => Ended::of(error),
            };
            if first
                && !self.shown
                && ended == Ended::Refused
                && let Err(not) = outcome
            {
                return Err(not.into());
            }
            if let Ok(summary) = &outcome {
                self.say(summary).await;
            }
            let (schedule, next) = self.schedule.next(ended, now, chance());
            self.schedule = schedule;
            let at = next.and_then(|next| Timestamp::from_second(next).ok());
            let failed = outcome.err().map(|not| {
                let why = not.why();
                print_failure(not_refreshed(&not.into(), ended, at));
                (Timestamp::now(), why)
            });
            self.shown |= failed.is_none();
            self.upkeep.ended(failed, at);
            self.announce().await;
            first = false;
            tokio::select! {
                () = self.wait(next) => {}
                _signal = self.stop.asked() => return Ok(()),
            }
        }
    }

    /// Says what a run came to.
    async fn say(&self, summary: &Summary) {
        if self.config.quiet {
            return;
        }
        // It is published all the same.
        if let Err(error) = run::summarise(self.warehouse, summary).await {
            tracing::warn!(%error, "what was published could not be read");
        }
    }

    /// Says where the site is, once, and where on it the body that was asked for.
    async fn announce(&mut self) {
        if self.announcement.is_empty() {
            return;
        }
        let body = self.body_address().await;
        self.announcement.drain(..).for_each(print_stderr);
        body.into_iter().for_each(print_stderr);
    }

    /// Where the main budget is of the only body that was asked for, among its other budgets.
    async fn body_address(&self) -> Option<String> {
        if self.from.chosen.bodies.len() != 1 {
            return None;
        }
        let main = async {
            let Some(published) = self.warehouse.published().await? else {
                return Ok(None);
            };
            let all = self
                .warehouse
                .bodies(published.id, "", 0, MOST_BUDGETS)
                .await?;
            let mut main = all
                .bodies
                .into_iter()
                .filter(|body| body.budget == Some(Budget::Main));
            let first = main.next();
            Ok::<_, centime_warehouse::Error>(first.filter(|_| main.next().is_none()))
        };
        match main.await {
            Ok(body) => body
                .map(|body| format!("{} is at {}/?body={}", body.name, self.address, body.siren)),
            // The site says it, too.
            Err(error) => {
                tracing::warn!(%error, "the body that was asked for could not be looked up");
                None
            }
        }
    }

    /// Waits for a time, or until a run is requested.
    async fn wait(&self, until: Option<i64>) {
        let time_has_come = async {
            let Some(until) = until else {
                return std::future::pending().await;
            };
            let mut awaited = Awaited::new(until, now());
            loop {
                match u64::try_from(awaited.left(now())) {
                    Ok(left) if left > 0 => {
                        tokio::time::sleep(POLL_INTERVAL.min(Duration::from_secs(left))).await;
                    }
                    _ => return,
                }
            }
        };
        tokio::select! {
            () = time_has_come => {}
            () = self.upkeep.asked() => {}
        }
    }
}

/// What is said of a run that failed.
fn not_refreshed(failure: &Failure, ended: Ended, next: Option<Timestamp>) -> String {
    let again = match (next, ended) {
        (Some(next), Ended::Refused) => {
            format!(
                "the next run is the regular one at {next}, as an earlier one would be refused, too"
            )
        }
        (Some(next), _) => format!("the next attempt is at {next}"),
        (None, _) => "no other run is planned".to_owned(),
    };
    format!("not refreshed: {failure}\n{again}")
}

/// Now, in seconds of the wall clock.
fn now() -> i64 {
    Timestamp::now().as_second()
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// A random number of thousandths: hashes have a random key.
fn chance() -> u32 {
    u32::try_from(RandomState::new().hash_one(()) % 1000).unwrap_or_default()
}

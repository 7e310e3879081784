//! How the site is doing, in the formats that Prometheus and OpenMetrics collect.

use std::fmt::Write;
use std::time::Duration;

use centime_warehouse::revision::RunOutcome;
use centime_warehouse::{CheckResult, Outcome, Revision, RunState};
use jiff::Timestamp;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::http::negotiation::preferences;
use crate::monitoring::upkeep::State;

/// A form of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposition {
    /// The text format of Prometheus, which clients get that ask for none.
    Text,
    /// OpenMetrics.
    OpenMetrics,
}

impl Exposition {
    /// The form that a collector wants most, as its `Accept` says.
    pub fn wanted(accept: Option<&str>) -> Self {
        let weight = |media_type: &str| {
            let named = preferences(accept.unwrap_or_default())
                .filter(|range| range.name.eq_ignore_ascii_case(media_type));
            let weights = named.map(|range| range.weight);
            weights.max().unwrap_or_default()
        };
        let wanted = weight("application/openmetrics-text");
        if wanted > 0 && wanted >= weight("text/plain") {
            Self::OpenMetrics
        } else {
            Self::Text
        }
    }

    /// Its media type.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// What the database says of what is published and of runs, whichever process ran.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// The revision that readers see; `None` when there is none.
    pub published: Option<Revision>,
    /// What its checks found.
    pub checks: Vec<CheckResult>,
    /// How runs are getting on.
    pub runs: RunState,
}

/// The bounds of durations, in seconds.
const SECONDS: [f64; 11] = [
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0,
];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Ended {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Build {
    version: &'static str,
}

/// What is counted.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    answered: Family<Answered, Counter>,
    durations: Family<Route, Histogram>,
    refused: Family<Reason, Counter>,
    /// Requests that are being answered.
    pub in_flight: Gauge,
    /// Open connections.
    pub connections: Gauge,
    /// Connections that were refused because there were too many.
    pub turned_away: Counter,
    /// What could not be noted in the audit log.
    pub unnoted: Counter,
    sessions: Gauge,
    revision: Gauge,
    database_up: Gauge,
    refresh_failures: Gauge,
    next_refresh: Gauge,
    runs: Runs,
}

/// What is known of runs.
#[derive(Debug, Default)]
struct Runs {
    last_success: Gauge,
    last_end: Gauge,
    last_outcome: Family<Ended, Gauge>,
    last_duration: Gauge,
    failures: Gauge,
    checks: Family<Ended, Gauge>,
    published_at: Gauge,
    age: Gauge,
}

impl Runs {
    fn new(registry: &mut Registry) -> Self {
        let runs = Self::default();
        for (name, help, gauge) in [
            (
                "run_last_success_timestamp_seconds",
                "When a run last ended well, so that what is published was what the portal had; 0 before the first",
                &runs.last_success,
            ),
            (
                "run_last_timestamp_seconds",
                "When the latest run ended; 0 before the first",
                &runs.last_end,
            ),
            (
                "run_last_duration_seconds",
                "How long the latest run took",
                &runs.last_duration,
            ),
            (
                "run_failures",
                "How many runs have failed since one ended well",
                &runs.failures,
            ),
            (
                "published_timestamp_seconds",
                "When the published revision was published; 0 when there is none",
                &runs.published_at,
            ),
            (
                "data_age_seconds",
                "How long ago a run last ended well; 0 before the first",
                &runs.age,
            ),
        ] {
            registry.register(name, help, gauge.clone());
        }
        registry.register(
            "run_last_outcome",
            "How the latest run ended: 1 for that outcome",
            runs.last_outcome.clone(),
        );
        registry.register(
            "checks",
            "Checks of the published revision, by outcome",
            runs.checks.clone(),
        );
        runs
    }

    fn set(&self, watched: &Watched, now: Timestamp) {
        let Watched {
            published,
            checks,
            runs,
        } = watched;
        let moment = |text: Option<&String>| text.and_then(|text| text.parse::<Timestamp>().ok());
        let seconds = |moment: Option<Timestamp>| moment.map_or(0, Timestamp::as_second);
        let ended = |run: Option<&centime_warehouse::Run>| {
            moment(run.and_then(|run| run.finished_at.as_ref()))
        };
        let (latest, success) = (runs.latest.as_ref(), ended(runs.last_success.as_ref()));
        self.last_success.set(seconds(success));
        let age = success.map_or(0, |success| now.as_second() - success.as_second());
        self.age.set(age.max(0));
        self.last_end.set(seconds(ended(latest)));
        let began = moment(latest.map(|run| &run.started_at));
        let took = began.zip(ended(latest));
        let took = took.map_or(0, |(began, ended)| ended.as_second() - began.as_second());
        self.last_duration.set(took.max(0));
        for outcome in [
            RunOutcome::Published,
            RunOutcome::Unchanged,
            RunOutcome::Failed,
            RunOutcome::Interrupted,
        ] {
            let labels = Ended {
                outcome: outcome.name(),
            };
            let is = latest.is_some_and(|run| run.outcome == outcome);
            self.last_outcome.get_or_create(&labels).set(is.into());
        }
        self.failures.set(runs.failures);
        for outcome in [Outcome::Pass, Outcome::Warn, Outcome::Fail] {
            let labels = Ended {
                outcome: outcome.name(),
            };
            let found = checks.iter().filter(|check| check.outcome == outcome);
            let found = i64::try_from(found.count()).unwrap_or(i64::MAX);
            self.checks.get_or_create(&labels).set(found);
        }
        let published_at = published.as_ref().map(|revision| &revision.published_at);
        self.published_at.set(seconds(moment(published_at)));
    }
}

fn durations() -> Histogram {
    Histogram::new(SECONDS)
}

impl Metrics {
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("centime");
        let answered = Family::<Answered, Counter>::default();
        registry.register("requests", "Requests answered", answered.clone());
        let durations = Family::<Route, Histogram>::new_with_constructor(durations);
        registry.register(
            "request_duration_seconds",
            "How long requests took to answer",
            durations.clone(),
        );
        let refused = Family::<Reason, Counter>::default();
        registry.register("refusals", "Requests refused, by reason", refused.clone());
        let (in_flight, connections) = (Gauge::default(), Gauge::default());
        registry.register(
            "requests_in_flight",
            "Requests being answered",
            in_flight.clone(),
        );
        registry.register("connections", "Open connections", connections.clone());
        let (turned_away, unnoted) = (Counter::default(), Counter::default());
        registry.register(
            "connections_turned_away",
            "Connections refused because there were too many",
            turned_away.clone(),
        );
        registry.register(
            "audit_events_lost",
            "Events that could not be noted in the audit log",
            unnoted.clone(),
        );
        let (sessions, revision, database_up) =
            (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register("sessions", "Open sessions of browsers", sessions.clone());
        registry.register(
            "published_revision",
            "The published revision; 0 when there is none",
            revision.clone(),
        );
        registry.register(
            "database_up",
            "Whether the database answers",
            database_up.clone(),
        );
        let (refresh_failures, next_refresh) = (Gauge::default(), Gauge::default());
        registry.register(
            "refresh_failures",
            "How many runs of this process in a row have failed",
            refresh_failures.clone(),
        );
        registry.register(
            "next_refresh_timestamp_seconds",
            "When this process runs next by itself; 0 while it runs and where it does not",
            next_refresh.clone(),
        );
        let runs = Runs::new(&mut registry);
        let build = Family::<Build, Gauge>::default();
        build
            .get_or_create(&Build {
                version: env!("CARGO_PKG_VERSION"),
            })
            .set(1);
        registry.register("build_info", "The version of the program", build);
        Self {
            registry,
            answered,
            durations,
            refused,
            in_flight,
            connections,
            turned_away,
            unnoted,
            sessions,
            revision,
            database_up,
            refresh_failures,
            next_refresh,
            runs,
        }
    }

    /// Counts an answer.
    pub fn answer(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let route = route.to_owned();
        let labels = Answered {
            method,
            route: route.clone(),
            status,
        };
        self.answered.get_or_create(&labels).inc();
        let labels = Route { route };
        self.durations
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// Counts a refusal.
    pub fn refuse(&self, reason: &'static str) {
        self.refused.get_or_create(&Reason { reason }).inc();
    }

    /// Everything counted. `watched` is what the database says, an error when it does not answer: what it said last
    /// then stays. `upkeep` is how runs are getting on, where this process runs.
    pub fn text(
        &self,
        form: Exposition,
        sessions: usize,
        watched: Result<&Watched, ()>,
        upkeep: Option<State>,
    ) -> String {
        let upkeep = upkeep.unwrap_or_default();
        let failures = upkeep.failed.map_or(0, |failed| failed.times);
        self.refresh_failures.set(failures.into());
        let next = upkeep.next.map_or(0, Timestamp::as_second);
        self.next_refresh.set(next);
        self.sessions
            .set(i64::try_from(sessions).unwrap_or(i64::MAX));
        self.database_up.set(watched.is_ok().into());
        if let Ok(watched) = watched {
            let revision = watched.published.as_ref();
            self.revision
                .set(revision.map_or(0, |revision| revision.id));
            self.runs.set(watched, Timestamp::now());
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        match form {
            Exposition::OpenMetrics => text,
            Exposition::Text => as_text(&text),
        }
    }
}

/// What OpenMetrics says, in the text format of Prometheus: there a counter is described by the name of its samples,
/// and neither units nor the end are said.
fn as_text(open: &str) -> String {
    let mut text = String::with_capacity(open.len());
    let mut help = None;
    for line in open.lines() {
        let described = |what: &str| {
            let rest = line
                .strip_prefix("# ")?
                .strip_prefix(what)?
                .strip_prefix(' ')?;
            rest.split_once(' ')
        };
        if let Some((_, words)) = described("HELP") {
            help = Some(words);
        } else if let Some((name, kind)) = described("TYPE") {
            let total = if kind == "counter" { "_total" } else { "" };
            if let Some(words) = help.take() {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "# HELP {name}{total} {words}");
            }
            let _ = writeln!(text, "# TYPE {name}{total} {kind}");
        } else if !line.starts_with('#') {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests;

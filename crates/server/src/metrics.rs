//! How the site is doing, in the text format of Prometheus.

use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::upkeep::State;

/// The media type of the text.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

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

    /// Everything counted. `published` is the revision that readers see, `None` when there is none;
    /// an error when the database does not answer. `upkeep` is how runs are getting on, where this process runs.
    pub fn text(
        &self,
        sessions: usize,
        published: Result<Option<i64>, ()>,
        upkeep: Option<State>,
    ) -> String {
        let upkeep = upkeep.unwrap_or_default();
        let failures = upkeep.failed.map_or(0, |failed| failed.times);
        self.refresh_failures.set(failures.into());
        let next = upkeep.next.map_or(0, jiff::Timestamp::as_second);
        self.next_refresh.set(next);
        self.sessions
            .set(i64::try_from(sessions).unwrap_or(i64::MAX));
        self.database_up.set(published.is_ok().into());
        if let Ok(revision) = published {
            self.revision.set(revision.unwrap_or(0));
        }
        let mut text = String::new();
        // Writing to a string cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::upkeep::{Upkeep, Why};

    #[test]
    fn runs_that_fail_and_the_next_one_are_counted() {
        let metrics = Metrics::new();
        let upkeep = Upkeep::default();
        let next = Timestamp::from_second(1_769_385_600).unwrap();
        for _ in 0..2 {
            upkeep.begun();
            upkeep.ended(Some((next, Why::Source)), Some(next));
        }
        let text = metrics.text(0, Ok(None), Some(upkeep.state()));
        for line in [
            "centime_refresh_failures 2\n",
            "centime_next_refresh_timestamp_seconds 1769385600\n",
        ] {
            assert!(text.contains(line), "{text}");
        }
        let text = metrics.text(0, Ok(None), None);
        assert!(text.contains("centime_refresh_failures 0\n"), "{text}");
    }
}

use centime_warehouse::Run;
use centime_warehouse::revision::Cause;

use super::*;
use crate::monitoring::upkeep::{Upkeep, Why};

const NOTHING: Watched = Watched {
    published: None,
    checks: Vec::new(),
    runs: RunState {
        latest: None,
        last_success: None,
        failures: 0,
    },
};

#[test]
fn runs_that_fail_and_the_next_one_are_counted() {
    let metrics = Metrics::new();
    let upkeep = Upkeep::default();
    let next = Timestamp::from_second(1_769_385_600).unwrap();
    for _ in 0..2 {
        upkeep.begun();
        upkeep.ended(Some((next, Why::Source)), Some(next));
    }
    let form = Exposition::OpenMetrics;
    let text = metrics.text(form, 0, Ok(&NOTHING), Some(upkeep.state()));
    for line in [
        "centime_refresh_failures 2\n",
        "centime_next_refresh_timestamp_seconds 1769385600\n",
        "centime_run_last_outcome{outcome=\"failed\"} 0\n",
        "# EOF\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let text = metrics.text(form, 0, Ok(&NOTHING), None);
    assert!(text.contains("centime_refresh_failures 0\n"), "{text}");
}

#[test]
fn runs_of_the_database_are_told_and_stay_told_when_it_is_away() {
    let run = |id, outcome, from: &str, to: &str| Run {
        id,
        started_at: from.to_owned(),
        finished_at: Some(to.to_owned()),
        portal: String::new(),
        outcome,
        revision: None,
        records: None,
        cause: Some(Cause::Source),
        message: None,
    };
    let check = |outcome| CheckResult {
        name: "x".to_owned(),
        outcome,
        found: 1,
        subjects: Vec::new(),
    };
    let watched = Watched {
        published: None,
        checks: vec![
            check(Outcome::Pass),
            check(Outcome::Pass),
            check(Outcome::Warn),
        ],
        runs: RunState {
            latest: Some(run(
                9,
                RunOutcome::Failed,
                "2026-01-27T00:00:00Z",
                "2026-01-27T00:01:30Z",
            )),
            last_success: Some(run(
                7,
                RunOutcome::Unchanged,
                "2026-01-26T00:00:00Z",
                "2026-01-26T00:00:00Z",
            )),
            failures: 2,
        },
    };
    let metrics = Metrics::new();
    metrics
        .runs
        .set(&watched, "2026-01-28T00:00:00Z".parse().unwrap());
    let text = metrics.text(Exposition::Text, 0, Err(()), None);
    for line in [
        "centime_database_up 0\n",
        "centime_run_last_success_timestamp_seconds 1769385600\n",
        "centime_run_last_timestamp_seconds 1769472090\n",
        "centime_run_last_duration_seconds 90\n",
        "centime_run_last_outcome{outcome=\"failed\"} 1\n",
        "centime_run_last_outcome{outcome=\"published\"} 0\n",
        "centime_run_failures 2\n",
        "centime_data_age_seconds 172800\n",
        "centime_checks{outcome=\"pass\"} 2\n",
        "centime_checks{outcome=\"warn\"} 1\n",
        "centime_checks{outcome=\"fail\"} 0\n",
    ] {
        assert!(text.contains(line), "«{line}» is not in {text}");
    }
}

#[test]
fn the_text_format_describes_its_samples_by_their_names() {
    let metrics = Metrics::new();
    metrics.refuse("rate");
    let text = metrics.text(Exposition::Text, 0, Ok(&NOTHING), None);
    assert!(
        text.contains(
            "# TYPE centime_refusals_total counter\ncentime_refusals_total{reason=\"rate\"} 1\n"
        ),
        "{text}"
    );
    assert!(
        text.contains("# HELP centime_refusals_total Requests refused"),
        "{text}"
    );
    assert!(!text.contains("EOF") && !text.contains("# UNIT"), "{text}");
}

#[test]
fn a_collector_gets_the_form_that_it_wants() {
    use Exposition::{OpenMetrics, Text};
    for (accept, expected) in [
        (None, Text),
        (Some("*/*"), Text),
        (Some("text/html"), Text),
        (Some("application/openmetrics-text"), OpenMetrics),
        (
            Some(
                "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1",
            ),
            OpenMetrics,
        ),
        (
            Some("text/plain;version=0.0.4;q=0.5, Application/OpenMetrics-Text;q=0.4"),
            Text,
        ),
        (Some("application/openmetrics-text;q=0"), Text),
    ] {
        assert_eq!(Exposition::wanted(accept), expected, "{accept:?}");
    }
}

//! `centime check`: what the checks found in what is published, and in the run after it.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::time::Duration;

use centime_access::time::duration;
use centime_analytics::{Catalogue, Language};
use centime_pipeline::checks;
use centime_warehouse::revision::{Cause, RunOutcome};
use centime_warehouse::{CheckResult, Dataset, OpenMode, Outcome, Revision, Run, Warehouse};
use jiff::{SignedDuration, Timestamp};
use quick_xml::Writer;
use quick_xml::events::BytesText;
use serde_json::json;

use crate::args::{Check, CheckFormat};
use crate::commands::sample_notice;
use crate::config::Config;
use crate::failure::Failure;
use crate::message::{print_stderr, sanitize};
use crate::stdout::stdout;

/// How many findings of a check are listed for people.
const MAX_LISTED: usize = 10;

/// Prints what the checks found. Fails as the latest run did, because what is published may then be
/// older than the source, and where it is older than it may be.
pub async fn check(config: &Config, check: &Check) -> Result<(), Failure> {
    let max_age = check.max_age.as_deref().map(max_age).transpose()?;
    let url = config.database(check.sample)?;
    let warehouse = Warehouse::open(&url, OpenMode::Read).await?;
    let catalogue = config.catalogue()?;
    let found = Found::read(&warehouse, max_age, catalogue).await;
    warehouse.close().await;
    let found = found?;
    if found.revision.sample && !config.quiet {
        print_stderr(sample_notice(&found.datasets));
    }
    let mut out = stdout();
    match check.format {
        CheckFormat::Table => found.write_table(&mut out)?,
        CheckFormat::Json => writeln!(out, "{:#}", found.as_json())?,
        CheckFormat::Junit => write_junit(&mut out, &found)?,
    }
    out.flush()?;
    match (found.run_failed, found.stale) {
        (Some((end, message)), stale) => {
            let more = stale.map_or_else(String::new, |stale| format!("; {stale}"));
            Err(end.failure(message + &more))
        }
        (None, Some(stale)) => Err(Failure::Stale(stale)),
        (None, None) => Ok(()),
    }
}

fn max_age(text: &str) -> Result<Duration, Failure> {
    duration(text).ok_or_else(|| {
        Failure::Usage(format!(
            "--max-age {text}: that is no length of time: expected such as 2d or 36h"
        ))
    })
}

/// How the latest run ended without publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BadEnd {
    Failed(Cause),
    Interrupted,
}

impl BadEnd {
    fn failure(self, message: String) -> Failure {
        match self {
            Self::Failed(cause) => Failure::of_cause(cause, message),
            Self::Interrupted => Failure::Unexpected(message),
        }
    }
}

/// How a run ended that did not end well.
fn bad_end(run: &Run) -> Option<(BadEnd, String)> {
    let began = format!("the latest run, {}, begun {}", run.id, run.started_at);
    match run.outcome {
        RunOutcome::Failed => {
            let reason = run.message.as_deref().unwrap_or_default();
            let end = BadEnd::Failed(run.cause.unwrap_or(Cause::Data));
            Some((end, format!("{began}, published nothing: {reason}")))
        }
        RunOutcome::Interrupted => Some((
            BadEnd::Interrupted,
            format!("{began}, was interrupted and published nothing"),
        )),
        RunOutcome::Running | RunOutcome::Published | RunOutcome::Unchanged => None,
    }
}

/// What is published, what was found in it, and how runs are getting on.
#[derive(Debug)]
struct Found {
    revision: Revision,
    /// The run that published it.
    run: Option<i64>,
    checks: Vec<CheckResult>,
    /// What it was made from.
    datasets: Vec<Dataset>,
    latest: Option<Run>,
    /// What the checks of the latest run found, where it is another one.
    latest_checks: Vec<CheckResult>,
    /// How the latest run ended, where it did not end well.
    run_failed: Option<(BadEnd, String)>,
    /// When a run last found what is published to be what the portal has.
    current_as_of: String,
    age: Option<Duration>,
    /// That it is older than it may be.
    stale: Option<String>,
    /// Whether an age was asked about.
    asked_about_age: bool,
    /// The checks of the operator's own.
    catalogue: Catalogue,
}

impl Found {
    async fn read(
        warehouse: &Warehouse,
        max_age: Option<Duration>,
        catalogue: Catalogue,
    ) -> Result<Self, Failure> {
        let state = warehouse.run_state().await?;
        let run_failed = state.latest.as_ref().and_then(bad_end);
        let Some(revision) = warehouse.published().await? else {
            // Why nothing is published says more than that nothing is.
            return Err(match run_failed {
                Some((end, message)) => end.failure(message),
                None => match warehouse.current().await {
                    Err(error) => error.into(),
                    Ok(_) => Failure::Unexpected(
                        "a revision was published at this moment: ask again".to_owned(),
                    ),
                },
            });
        };
        warehouse.check_marts(&catalogue.models()).await?;
        let checks = warehouse.checks(revision.id).await?;
        let run = warehouse.run_of(revision.id).await?.map(|run| run.id);
        let latest_checks = match &state.latest {
            Some(latest) if Some(latest.id) != run => warehouse.run_checks(latest.id).await?,
            _ => Vec::new(),
        };
        let success = state.last_success.and_then(|run| run.finished_at);
        let current_as_of = success.unwrap_or_else(|| revision.published_at.clone());
        let age = current_as_of
            .parse::<Timestamp>()
            .ok()
            // A clock that was set back makes nothing younger than new.
            .map(|moment| Timestamp::now().duration_since(moment))
            .map(|age| Duration::try_from(age).unwrap_or(Duration::ZERO));
        let exceeded = max_age.filter(|max| age.is_none_or(|age| age > *max));
        let too_old = exceeded.map(|max| {
            format!(
                "what is published was last found to be what the portal has at {current_as_of}, more than {:#} ago",
                SignedDuration::try_from(max).unwrap_or(SignedDuration::MAX)
            )
        });
        Ok(Self {
            datasets: warehouse.datasets(revision.id).await?,
            revision,
            run,
            checks,
            latest: state.latest,
            latest_checks,
            run_failed,
            current_as_of,
            age,
            stale: too_old,
            asked_about_age: max_age.is_some(),
            catalogue,
        })
    }

    fn write_table(&self, out: &mut impl Write) -> io::Result<()> {
        let Revision {
            id, published_at, ..
        } = &self.revision;
        writeln!(out, "Revision {id}, published {published_at}")?;
        let several = |dataset: &Dataset| dataset.source > 1 || dataset.name.is_some();
        if self.datasets.iter().any(several) {
            for dataset in &self.datasets {
                writeln!(out, "  source: {}", source_line(dataset))?;
            }
        }
        for check in &self.checks {
            write_check(out, check, self.catalogue)?;
        }
        Ok(())
    }

    fn as_json(&self) -> serde_json::Value {
        let all = |checks: &[CheckResult]| checks.iter().map(as_json).collect::<Vec<_>>();
        let latest = self.latest.as_ref().map(|run| {
            json!({
                "id": run.id,
                "started_at": run.started_at,
                "finished_at": run.finished_at,
                "outcome": run.outcome.name(),
                "cause": run.cause.map(Cause::name),
                "message": run.message,
                "revision": run.revision,
                "checks": all(&self.latest_checks),
            })
        });
        json!({
            "revision": {
                "id": self.revision.id,
                "published_at": self.revision.published_at,
                "portal": self.revision.portal,
                "sample": self.revision.sample,
                "run": self.run,
            },
            "sources": self.datasets.iter().map(source_as_json).collect::<Vec<_>>(),
            "latest_run": latest,
            "current_as_of": self.current_as_of,
            "age_seconds": self.age.map(|age| age.as_secs()),
            "checks": all(&self.checks),
        })
    }
}

/// A source in one line.
fn source_line(dataset: &Dataset) -> String {
    let name = dataset.name.as_ref().map(|name| format!("{name}, "));
    let mark = if dataset.sample { ", invented" } else { "" };
    sanitize(&format!(
        "{}{} ({}), {} of {}, {} records{mark}",
        name.unwrap_or_default(),
        dataset.dataset_id,
        dataset.title.trim(),
        dataset.subject.name().replace('_', " "),
        dataset.portal,
        dataset.records,
    ))
}

fn source_as_json(dataset: &Dataset) -> serde_json::Value {
    json!({
        "name": dataset.name,
        "subject": dataset.subject.name(),
        "dataset": dataset.dataset_id,
        "portal": dataset.portal,
        "records": dataset.records,
        "sample": dataset.sample,
    })
}

/// How many cases of a check are not among its subjects, which are kept up to a number.
fn left_out(check: &CheckResult) -> i64 {
    match check.outcome {
        // What passed is counted, and not named.
        Outcome::Pass => 0,
        Outcome::Warn | Outcome::Fail => {
            let named = i64::try_from(check.subjects.len()).unwrap_or(i64::MAX);
            check.found.saturating_sub(named).max(0)
        }
    }
}

fn write_check(out: &mut impl Write, check: &CheckResult, catalogue: Catalogue) -> io::Result<()> {
    let CheckResult {
        name,
        outcome,
        found,
        subjects,
    } = check;
    match outcome {
        Outcome::Pass => writeln!(out, "pass  {name} ({found})"),
        Outcome::Warn | Outcome::Fail => {
            let meaning = meaning(name, catalogue);
            writeln!(out, "{}  {name} ({found}): {meaning}", outcome.name())?;
            for subject in subjects.iter().take(MAX_LISTED) {
                let plain = sanitize(subject);
                writeln!(out, "        {plain}")?;
            }
            match usize::try_from(*found)
                .unwrap_or_default()
                .saturating_sub(MAX_LISTED)
            {
                0 => Ok(()),
                more => writeln!(out, "        … and {more} more"),
            }
        }
    }
}

/// What a check means, whether it is one of the program or the operator's own.
fn meaning(name: &str, catalogue: Catalogue) -> String {
    match catalogue.check(name) {
        Some(own) => sanitize(own.title(Language::English)),
        None => checks::explain(name, &[]),
    }
}

fn as_json(check: &CheckResult) -> serde_json::Value {
    json!({
        "name": check.name,
        "outcome": check.outcome.name(),
        "found": check.found,
        "subjects": check.subjects,
        "subjects_left_out": left_out(check),
    })
}

/// The form that servers of continuous integration show: a test for each check, one for the latest run, and one for
/// the age where that was asked about. A remark does not fail, because it was published with it; what it is about is
/// its output.
fn write_junit(out: &mut impl Write, found: &Found) -> io::Result<()> {
    let (revision, checks) = (&found.revision, &found.checks);
    let run_failed = found.run_failed.as_ref();
    let run_failed = run_failed.map(|(_, message)| message.as_str());
    let mut others = vec![("latest-run", run_failed)];
    if found.asked_about_age {
        others.push(("data-age", found.stale.as_deref()));
    }
    let failed = |check: &&CheckResult| check.outcome == Outcome::Fail;
    let failed_others = others.iter().filter(|(_, failure)| failure.is_some());
    let failures = checks.iter().filter(failed).count() + failed_others.count();
    let tests = (checks.len() + others.len()).to_string();
    let failures = failures.to_string();
    let name = format!("revision {}", revision.id);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    let mut writer = Writer::new_with_indent(&mut *out, b' ', 2);
    let counted = [("tests", tests.as_str()), ("failures", failures.as_str())];
    let suites = writer.create_element("testsuites");
    suites
        .with_attributes(counted)
        .write_inner_content(|writer| {
            let suite = writer
                .create_element("testsuite")
                .with_attribute(("name", name.as_str()))
                .with_attribute(("timestamp", revision.published_at.as_str()))
                .with_attributes(counted);
            suite.write_inner_content(|writer| {
                for check in checks {
                    write_case(writer, check, found.catalogue)?;
                }
                for (name, failure) in others {
                    let case = writer.create_element("testcase");
                    let case = case.with_attributes([("classname", "centime"), ("name", name)]);
                    match failure {
                        None => case.write_empty()?,
                        Some(message) => case.write_inner_content(|writer| {
                            let failure = writer.create_element("failure");
                            failure
                                .with_attribute(("message", in_xml(message).as_str()))
                                .write_empty()?;
                            Ok(())
                        })?,
                    };
                }
                Ok(())
            })?;
            Ok(())
        })?;
    writeln!(out)
}

fn write_case<W: Write>(
    writer: &mut Writer<W>,
    check: &CheckResult,
    catalogue: Catalogue,
) -> io::Result<()> {
    let case = writer
        .create_element("testcase")
        .with_attributes([("classname", "centime"), ("name", check.name.as_str())]);
    let meaning = format!("{}: {}", check.found, meaning(&check.name, catalogue));
    let mut subjects = check.subjects.join("\n");
    let left_out = left_out(check);
    if left_out > 0 {
        // Writing to a string cannot fail.
        let _ = write!(subjects, "\n… and {left_out} more");
    }
    let subjects = in_xml(&subjects);
    match check.outcome {
        Outcome::Pass => {
            case.write_empty()?;
        }
        Outcome::Warn => {
            case.write_inner_content(|writer| {
                let said = format!("{meaning}\n{subjects}");
                let output = writer.create_element("system-out");
                output.write_text_content(BytesText::new(&said))?;
                Ok(())
            })?;
        }
        Outcome::Fail => {
            case.write_inner_content(|writer| {
                let failure = writer.create_element("failure");
                failure
                    .with_attribute(("message", meaning.as_str()))
                    .write_text_content(BytesText::new(&subjects))?;
                Ok(())
            })?;
        }
    }
    Ok(())
}

/// A text without what XML cannot say.
fn in_xml(text: &str) -> String {
    sanitize(text).replace(['\u{fffe}', '\u{ffff}'], "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junit_says_what_failed_and_what_is_remarked_in_xml_that_can_be_read() {
        let check = |name: &str, outcome, subjects: &[&str]| CheckResult {
            name: name.to_owned(),
            outcome,
            found: 2,
            subjects: subjects.iter().map(|&subject| subject.to_owned()).collect(),
        };
        let revision = Revision {
            id: 3,
            published_at: "2026-11-26T10:00:00Z".to_owned(),
            portal: "https://portal.example".to_owned(),
            sample: false,
            fingerprint: String::new(),
        };
        let checks = [
            check("results-reconciled", Outcome::Pass, &[]),
            check(
                "amounts-missing",
                Outcome::Warn,
                &["2018 <Dotations> & \u{1b}]]>\u{ffff}"],
            ),
            check("leaf-sums", Outcome::Fail, &["2020", "2021"]),
        ];
        let found = Found {
            revision,
            run: Some(4),
            checks: checks.to_vec(),
            datasets: Vec::new(),
            latest: None,
            latest_checks: Vec::new(),
            run_failed: Some((BadEnd::Interrupted, "the portal said \"no\"".to_owned())),
            current_as_of: String::new(),
            age: None,
            stale: Some("too old".to_owned()),
            asked_about_age: true,
            catalogue: Catalogue::built_in(),
        };
        let mut out = Vec::new();
        write_junit(&mut out, &found).expect("written");
        let text = String::from_utf8(out).expect("text");
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut seen = Vec::new();
        loop {
            match reader.read_event().expect("XML") {
                quick_xml::events::Event::Eof => break,
                quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag) => {
                    seen.push(tag.name().as_ref().to_owned());
                }
                _ => {}
            }
        }
        let cases = seen.iter().filter(|name| *name == "testcase").count();
        let failures = seen.iter().filter(|name| *name == "failure").count();
        assert_eq!((cases, failures), (5, 3), "{text}");
        assert!(
            text.contains(r#"<testsuites tests="5" failures="3">"#),
            "{text}"
        );
        assert!(
            text.contains("2018 &lt;Dotations&gt; &amp; ]]&gt;\n… and 1 more</system-out>"),
            "{text}"
        );
        assert!(
            text.contains(r#"message="the portal said &quot;no&quot;""#),
            "{text}"
        );
    }
}

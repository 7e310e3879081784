//! `centime check`: what the checks found in what is published, and in the run after it.

use std::io::{self, Write};

use centime_pipeline::audit;
use centime_warehouse::revision::{Cause, Revision, RunOutcome};
use centime_warehouse::{CheckResult, Outcome};

use quick_xml::Writer;
use quick_xml::events::BytesText;

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
    let runs = warehouse.runs(LOOKED_AT).await?;
    let ended = runs
        .into_iter()
        .find(|run| !matches!(run.outcome, RunOutcome::Running | RunOutcome::Interrupted));
    let failure = ended
        .filter(|run| run.outcome == RunOutcome::Failed)
        .map(|run| {
            let reason = run.message.unwrap_or_default();
            let message = format!(
                "the latest run, begun {}, published nothing: {reason}",
                run.started_at
            );
            (run.cause.unwrap_or(Cause::Data), message)
        });
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
        CheckFormat::Junit => {
            let failure = failure.as_ref().map(|(_, message)| message.as_str());
            write_junit(&mut out, &revision, &checks, failure)?;
        }
    }
    out.flush()?;
    match failure {
        Some((cause, message)) => Err(Failure::of_cause(cause, message)),
        None => Ok(()),
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

/// The form that servers of continuous integration show: a test for each check, and one for the latest run. A
/// remark does not fail, because it was published with it; what it is about is its output.
fn write_junit(
    out: &mut impl Write,
    revision: &Revision,
    checks: &[CheckResult],
    run: Option<&str>,
) -> io::Result<()> {
    let failed = |check: &&CheckResult| check.outcome == Outcome::Fail;
    let failures = checks.iter().filter(failed).count() + usize::from(run.is_some());
    let (tests, failures) = ((checks.len() + 1).to_string(), failures.to_string());
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
                    write_case(writer, check)?;
                }
                let case = writer.create_element("testcase");
                let case = case.with_attributes([("classname", "centime"), ("name", "latest-run")]);
                match run {
                    None => case.write_empty()?,
                    Some(message) => case.write_inner_content(|writer| {
                        let failure = writer.create_element("failure");
                        failure
                            .with_attribute(("message", in_xml(message).as_str()))
                            .write_empty()?;
                        Ok(())
                    })?,
                };
                Ok(())
            })?;
            Ok(())
        })?;
    writeln!(out)
}

fn write_case<W: Write>(writer: &mut Writer<W>, check: &CheckResult) -> io::Result<()> {
    let case = writer
        .create_element("testcase")
        .with_attributes([("classname", "centime"), ("name", check.name.as_str())]);
    let meaning = format!("{}: {}", check.found, audit::explain(&check.name, &[]));
    let subjects = in_xml(&check.subjects.join("\n"));
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
    plain(text).replace(['\u{fffe}', '\u{ffff}'], "")
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
        let mut out = Vec::new();
        write_junit(&mut out, &revision, &checks, Some("the portal said \"no\"")).expect("written");
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
        assert_eq!((cases, failures), (4, 2), "{text}");
        assert!(
            text.contains(r#"<testsuites tests="4" failures="2">"#),
            "{text}"
        );
        assert!(
            text.contains("2018 &lt;Dotations&gt; &amp; ]]&gt;</system-out>"),
            "{text}"
        );
        assert!(
            text.contains(r#"message="the portal said &quot;no&quot;""#),
            "{text}"
        );
    }
}

//! What a person sees while a run goes on: a bar on a terminal, plain lines elsewhere.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use centime_pipeline::Progress;
use centime_portal::{Event, Observer};
use indicatif::{ProgressBar, ProgressStyle};

use crate::message::{is_log, print_stderr, sanitize};

/// Shows a run on standard error.
#[derive(Clone)]
pub struct Display {
    shown: Shown,
    /// Whether records come from files that were read, and not from a portal.
    of_files: bool,
}

#[derive(Clone)]
enum Shown {
    Nothing,
    Bar(ProgressBar),
    Lines(Arc<Mutex<Instant>>),
}

/// How long nothing is said of records between two plain lines.
const MIN_LINE_INTERVAL: Duration = Duration::from_secs(2);

impl Display {
    /// A bar on a terminal, plain lines elsewhere, and nothing when it is to be quiet.
    pub fn new(quiet: bool) -> Arc<Self> {
        Arc::new(Self::shown(quiet))
    }

    /// The same of a run whose records come from files.
    pub fn of_files(quiet: bool) -> Arc<Self> {
        Arc::new(Self {
            of_files: true,
            ..Self::shown(quiet)
        })
    }

    fn shown(quiet: bool) -> Self {
        let shown = if quiet {
            Shown::Nothing
        } else if io::stderr().is_terminal() && !is_log() {
            // Not a bar before there is something to count.
            let bar = ProgressBar::no_length().with_style(ProgressStyle::default_spinner());
            bar.enable_steady_tick(Duration::from_millis(100));
            Shown::Bar(bar)
        } else {
            Shown::Lines(Arc::new(Mutex::new(Instant::now())))
        };
        Self {
            shown,
            of_files: false,
        }
    }

    /// Shows which file is read from now on.
    pub fn file(&self, name: &str) {
        self.begin(format!("Reading {name}"));
    }

    /// Removes the bar.
    pub fn finish(&self) {
        if let Shown::Bar(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }

    /// Shows what is done from now on.
    fn begin(&self, what: String) {
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => {
                bar.set_style(ProgressStyle::default_spinner());
                bar.set_message(sanitize(&what));
            }
            Shown::Lines(_) => print_stderr(what),
        }
    }

    fn say(&self, text: &str) {
        match &self.shown {
            Shown::Nothing => {}
            Shown::Bar(bar) => bar.println(sanitize(text)),
            Shown::Lines(_) => print_stderr(text),
        }
    }
}

/// What each step does, for people.
fn describe(step: &str) -> Option<&str> {
    Some(match step {
        "describe" => "Asking the portal what it has",
        // Each dataset is named when it begins.
        "extract" => return None,
        "load" => "Completing the tables",
        "analyse" => "Computing the analyses",
        "audit" => "Checking the results",
        "publish" => "Publishing",
        other => other,
    })
}

impl Progress for Display {
    fn file(&self, file: &str) {
        Display::file(self, file);
    }

    fn step(&self, name: &str) {
        if self.of_files && name == "describe" {
            return;
        }
        if let Some(step) = describe(name) {
            self.begin(step.to_owned());
        }
    }

    fn dataset(&self, dataset: &str) {
        let doing = if self.of_files {
            "Understanding"
        } else {
            "Retrieving"
        };
        self.begin(format!("{doing} {dataset}"));
    }

    fn note(&self, what: &str) {
        self.say(what);
    }

    fn restarting(&self, dataset: &str, reason: &str) {
        self.say(&format!("Retrieving {dataset} again: {reason}"));
    }
}

impl Observer for Display {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Retrying {
                attempt,
                wait,
                cause,
            } => {
                let seconds = wait.as_secs().max(1);
                self.say(&format!(
                    "Attempt {attempt} failed, next in {seconds} s: {cause}"
                ));
            }
            Event::FellBackToRecords { cause } => {
                self.say(&format!("No export, reading page by page instead: {cause}"));
            }
            // Before the first of them there is nothing to count.
            Event::Rows { rows: 0, .. } => {}
            Event::Rows { rows, expected } => match (&self.shown, expected) {
                (Shown::Bar(bar), Some(expected)) => {
                    // The numbers before the form that shows them, which may be drawn at any moment.
                    bar.set_length(*expected);
                    bar.set_position(*rows);
                    let style =
                        ProgressStyle::with_template("{msg} {bar:32} {human_pos} of {human_len}");
                    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                }
                (Shown::Bar(bar), None) => bar.set_position(*rows),
                (Shown::Lines(said), expected) => {
                    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
                    if *expected == Some(*rows) || said.elapsed() >= MIN_LINE_INTERVAL {
                        *said = Instant::now();
                        print_stderr(match expected {
                            Some(expected) => format!("  {rows} of {expected} records"),
                            None => format!("  {rows} records"),
                        });
                    }
                }
                (Shown::Nothing, _) => {}
            },
            // Other events of the portal client are for the log.
            other => tracing::debug!(?other, "portal"),
        }
    }
}

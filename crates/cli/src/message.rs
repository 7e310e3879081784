//! What is said on standard error: to people as plain lines, and as events to programs that collect logs.
//!
//! Where a form of the log was chosen, all that is said is an event of it, so that there is one stream in one form.
//! Otherwise messages are plain lines; a program that serves, and whose standard error is no terminal,
//! puts the time before each.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use centime_render::language::sanitize::is_obeyed;
use clap::ValueEnum;
use jiff::Timestamp;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

use crate::failure::Failure;
use crate::hint;

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One line an event, with its time
    Text,
    /// One JSON object a line
    Json,
}

/// The target of events that are messages for people; `CENTIME_LOG` does not filter them.
const MESSAGE_TARGET: &str = "centime::said";

/// How a message is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// As a line.
    Line,
    /// As a line with the time before it.
    Timed,
    /// As an event of the log.
    Event,
}

/// How this process writes messages, once its log has begun.
static MANNER: OnceLock<Manner> = OnceLock::new();

/// Writes a log on standard error, of the events that the filter lets through. `serves` is whether the process goes
/// on until it is asked to stop.
pub fn start_log(format: Option<LogFormat>, filter: &str, serves: bool) -> Result<(), Failure> {
    let wrong = |error: &dyn Display| Failure::Usage(format!("CENTIME_LOG={filter}: {error}"));
    let events = EnvFilter::try_new(filter).map_err(|error| wrong(&error))?;
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    let terminal = io::stderr().is_terminal();
    let manner = match format {
        Some(_) => Manner::Event,
        None if serves && !terminal => Manner::Timed,
        None => Manner::Line,
    };
    let events = if manner == Manner::Event {
        let said = format!("{MESSAGE_TARGET}=info").parse::<Directive>();
        events.add_directive(said.map_err(|error| wrong(&error))?)
    } else {
        events
    };
    let log = log.with_env_filter(events);
    match format {
        Some(LogFormat::Json) => log.json().flatten_event(true).init(),
        Some(LogFormat::Text) | None => log.with_ansi(terminal).init(),
    }
    // A process has one log.
    let _first = MANNER.set(manner);
    if manner == Manner::Event {
        std::panic::set_hook(Box::new(|panic| print_failure(panic)));
    }
    Ok(())
}

fn manner() -> Manner {
    MANNER.get().copied().unwrap_or(Manner::Line)
}

/// Whether messages are events of the log.
pub fn is_log() -> bool {
    manner() == Manner::Event
}

/// Prints a message on standard error, or logs it. Text of a portal may be part of it.
pub fn print_stderr(text: impl Display) {
    let text = sanitize(&hint::complete(&text.to_string()));
    if is_log() {
        tracing::info!(target: MESSAGE_TARGET, "{text}");
    } else {
        line(&text);
    }
}

/// Prints why something failed on standard error, or logs it.
pub fn print_failure(text: impl Display) {
    let text = sanitize(&hint::complete(&text.to_string()));
    if is_log() {
        tracing::error!(target: MESSAGE_TARGET, "{text}");
    } else {
        line(&format!("centime: {text}"));
    }
}

fn line(text: &str) {
    // When standard error is closed, the work goes on.
    drop(match manner() {
        Manner::Timed => writeln!(io::stderr(), "{} {text}", written(Timestamp::now())),
        Manner::Line | Manner::Event => writeln!(io::stderr(), "{text}"),
    });
}

/// A moment as the lines of the log have it.
fn written(moment: Timestamp) -> impl Display {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ")
}

/// A text without the characters that a terminal obeys instead of showing them, line ends excepted.
pub fn sanitize(text: &str) -> String {
    let is_shown = |letter: &char| *letter == '\n' || !is_obeyed(*letter);
    text.chars().filter(is_shown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_all_and_obeys_nothing() {
        let hostile = "a\u{1b}[31mb\u{7}\u{202e}\u{61c}c\u{2028}\r\nd é»";
        assert_eq!(sanitize(hostile), "a[31mbc\nd é»");
    }
}

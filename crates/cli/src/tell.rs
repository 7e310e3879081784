//! What is said on standard error: to people as plain lines, and to programs that collect logs as events, so
//! that they find one JSON object on every line.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::Directive;

use crate::args::LogFormat;
use crate::failure::Failure;

/// Where events come from that say what is said to people; `CENTIME_LOG` does not filter them.
const SAID: &str = "centime::said";

/// Whether what is said goes into the log.
static INTO_LOG: AtomicBool = AtomicBool::new(false);

/// Writes a log on standard error, of the events that the filter lets through.
pub fn start_log(format: LogFormat, filter: &str) -> Result<(), Failure> {
    let wrong = |error: &dyn Display| Failure::Usage(format!("CENTIME_LOG={filter}: {error}"));
    let events = EnvFilter::try_new(filter).map_err(|error| wrong(&error))?;
    let log = tracing_subscriber::fmt().with_writer(io::stderr);
    match format {
        LogFormat::Text => log
            .with_env_filter(events)
            .with_ansi(io::stderr().is_terminal())
            .init(),
        LogFormat::Json => {
            let said = format!("{SAID}=info").parse::<Directive>();
            let events = events.add_directive(said.map_err(|error| wrong(&error))?);
            log.with_env_filter(events)
                .json()
                .flatten_event(true)
                .init();
            INTO_LOG.store(true, Ordering::Relaxed);
            std::panic::set_hook(Box::new(|panic| tell_failure(panic)));
        }
    }
    Ok(())
}

/// Whether programs read what is said, and not people.
pub fn is_log() -> bool {
    INTO_LOG.load(Ordering::Relaxed)
}

/// Says something to the person at the keyboard. What portals send may be part of it.
pub fn tell(text: impl Display) {
    let text = plain(&text.to_string());
    if is_log() {
        tracing::info!(target: SAID, "{text}");
    } else {
        line(&text);
    }
}

/// Says why something failed.
pub fn tell_failure(text: impl Display) {
    let text = plain(&text.to_string());
    if is_log() {
        tracing::error!(target: SAID, "{text}");
    } else {
        line(&format!("centime: {text}"));
    }
}

fn line(text: &str) {
    // When nobody can be told, the work goes on.
    drop(writeln!(io::stderr(), "{text}"));
}

/// A text without the characters that a terminal obeys instead of showing them, line ends excepted.
pub fn plain(text: &str) -> String {
    let harmless = |letter: &char| {
        *letter == '\n'
            || !(letter.is_control()
                || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    text.chars().filter(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_all_and_obeys_nothing() {
        let hostile = "a\u{1b}[31mb\u{7}\u{202e}c\r\nd é»";
        assert_eq!(plain(hostile), "a[31mbc\nd é»");
    }
}

//! How a process that serves and refreshes is getting on: told by what runs, read by pages and by those who look
//! after the site.

use std::sync::{Mutex, MutexGuard, PoisonError};

use centime_render::Locale;
use centime_render::language::format;
use centime_warehouse::revision::{Cause, RunOutcome};
use centime_warehouse::{Run, RunState};
use jiff::Timestamp;
use tokio::sync::Notify;

/// What is known of the runs of this process, and how one is asked for.
#[derive(Debug, Default)]
pub struct Upkeep {
    state: Mutex<State>,
    asked: Notify,
}

/// How runs are getting on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// Counts what was told, so that pages know whether they are up to date.
    pub version: u64,
    /// Whether a run goes on.
    pub running: bool,
    /// When the next one begins by itself; `None` while one goes on, and where none is planned.
    pub next: Option<Timestamp>,
    /// How the last run failed; `None` when it did not.
    pub failed: Option<Failed>,
}

/// How the last run failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// When.
    pub at: Timestamp,
    /// Whose failure it was.
    pub why: Why,
    /// How many runs in a row have failed.
    pub times: u32,
}

/// Whose failure it was that a run published nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The portal's, or that of the way to it.
    Source,
    /// The data's, which were refused.
    Data,
    /// The database's.
    Database,
    /// A setting's.
    Settings,
}

impl From<Cause> for Why {
    fn from(cause: Cause) -> Self {
        match cause {
            Cause::Source => Self::Source,
            Cause::Data => Self::Data,
            Cause::Database => Self::Database,
        }
    }
}

impl Why {
    const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Data => "data",
            Self::Database => "database",
            Self::Settings => "settings",
        }
    }

    /// In words for those who look after the site.
    pub const fn in_brief(self) -> &'static str {
        match self {
            Self::Source => "the portal could not be read",
            Self::Data => "the data were refused",
            Self::Database => "the database could not be written",
            Self::Settings => "a setting is wrong",
        }
    }
}

impl Upkeep {
    fn state_mut(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How runs are getting on.
    pub fn state(&self) -> State {
        *self.state_mut()
    }

    /// Tells that a run begins.
    pub fn begun(&self) {
        let mut state = self.state_mut();
        state.version += 1;
        state.running = true;
        state.next = None;
    }

    /// Tells how a run ended, and when the next one begins.
    pub fn ended(&self, failed: Option<(Timestamp, Why)>, next: Option<Timestamp>) {
        let mut state = self.state_mut();
        state.version += 1;
        state.running = false;
        state.next = next;
        let before = state.failed.map_or(0, |failed| failed.times);
        state.failed = failed.map(|(at, why)| Failed {
            at,
            why,
            times: before.saturating_add(1),
        });
    }

    /// Asks for a run now.
    pub(crate) fn ask(&self) {
        self.asked.notify_one();
    }

    /// Waits until a run is asked for.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }
}

impl State {
    /// What failed last and when the next attempt is, in the reader's words; empty where there is nothing to say.
    pub fn sentences(&self, locale: &Locale) -> Vec<String> {
        let failed = self.failed.map(|failed| {
            let at = failed.at.to_string();
            failure(failed.why, &at, locale)
        });
        let key = if self.failed.is_some() {
            "refresh.again"
        } else {
            "refresh.next"
        };
        let next = self.next.map(|next| {
            let next = format::date_time(&next.to_string(), locale.language());
            locale.fill(key, &[("date", &next)])
        });
        let running = self
            .running
            .then(|| locale.text("refresh.running").to_owned());
        failed.into_iter().chain(running).chain(next).collect()
    }

    /// The same for those who look after the site, in one line.
    pub fn in_brief(&self) -> String {
        let failed = self
            .failed
            .map(|failed| format!("; the last attempt failed: {}", failed.why.in_brief()));
        let running = self.running.then(|| "; a run is under way".to_owned());
        let next = self
            .next
            .map(|next| format!("; the next attempt is at {next}"));
        [failed, running, next].into_iter().flatten().collect()
    }
}

/// That the latest run did not end well, as the database knows it, for those who look after the site; empty where it
/// did.
pub fn in_brief(runs: &RunState) -> String {
    let Some(latest) = &runs.latest else {
        return String::new();
    };
    let what = match latest.outcome {
        RunOutcome::Failed => latest
            .cause
            .map_or("it published nothing", |cause| Why::from(cause).in_brief()),
        RunOutcome::Interrupted => "it was interrupted",
        RunOutcome::Running | RunOutcome::Published | RunOutcome::Unchanged => {
            return String::new();
        }
    };
    let at = latest.finished_at.as_ref().unwrap_or(&latest.started_at);
    let since = runs
        .last_success
        .as_ref()
        .and_then(|run| run.finished_at.as_ref());
    let since = since.map_or_else(String::new, |since| {
        format!("; what is shown was what the portal had at {since}")
    });
    format!("; the latest run failed at {at}: {what}{since}")
}

/// How the last run failed, as the database knows it, where another process runs.
pub fn last_failure(runs: &[Run], locale: &Locale) -> Option<String> {
    let ended = runs
        .iter()
        .find(|run| !matches!(run.outcome, RunOutcome::Running | RunOutcome::Interrupted))?;
    let why = Why::from(
        ended
            .cause
            .filter(|_| ended.outcome == RunOutcome::Failed)?,
    );
    let at = ended.finished_at.as_ref().unwrap_or(&ended.started_at);
    Some(failure(why, at, locale))
}

fn failure(why: Why, at: &str, locale: &Locale) -> String {
    let date = format::date_time(at, locale.language());
    let key = std::format!("refresh.failed_{}", why.name());
    locale.fill(&key, &[("date", &date)])
}

#[cfg(test)]
mod tests {
    use centime_analytics::Language;

    use super::*;

    #[test]
    fn every_failure_has_its_words_and_names_the_time_zone() {
        let upkeep = Upkeep::default();
        let at = |minute: i64| Timestamp::from_second(1_769_385_600 + 60 * minute).unwrap();
        for why in [Why::Source, Why::Data, Why::Database, Why::Settings] {
            upkeep.begun();
            upkeep.ended(Some((at(0), why)), Some(at(5)));
            for (language, said) in [
                (
                    Language::French,
                    ["à 0\u{a0}h\u{a0}00 UTC", "à 0\u{a0}h\u{a0}05 UTC"],
                ),
                (Language::English, ["at 00:00 UTC", "at 00:05 UTC"]),
            ] {
                let sentences = upkeep.state().sentences(Locale::of(language));
                assert_eq!(sentences.len(), 2, "{sentences:?}");
                for (sentence, said) in sentences.iter().zip(said) {
                    let sentence = sentence.replace('\u{202f}', "\u{a0}");
                    assert!(sentence.contains(said), "{sentence}");
                }
            }
        }
        assert_eq!(upkeep.state().failed.unwrap().times, 4);
        upkeep.begun();
        let running = upkeep.state();
        assert!(running.running && running.next.is_none());
        upkeep.ended(None, None);
        assert!(
            upkeep
                .state()
                .sentences(Locale::of(Language::French))
                .is_empty()
        );
        assert_eq!(upkeep.state().in_brief(), "");
    }
}

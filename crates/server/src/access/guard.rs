//! Everything that decides what a client may do: settings, tokens, sessions, rates.

use std::sync::Arc;

use centime_access::{Secret, TokenId};
use centime_warehouse::ledger::{Event, Token};
use centime_warehouse::{Error, Ledger};

use super::audit::Recorder;
use super::failed_attempts::FailedAttempts;
use super::rate::Rates;
use super::sessions::Sessions;
use crate::http::base::Base;
use crate::limits::{Lanes, Network};
use crate::monitoring::metrics::Metrics;
use crate::monitoring::upkeep::{State, Upkeep};
use crate::settings::Settings;

/// Everything that decides who comes in. Shared by all clones of a site.
#[derive(Debug)]
pub struct Guard {
    /// How open the site is.
    pub settings: Settings,
    /// The path of `settings.public_address`.
    pub(crate) base: Base,
    pub(crate) metrics: Metrics,
    pub(crate) sessions: Sessions,
    pub(super) failed_attempts: FailedAttempts,
    pub(super) rates: Rates,
    pub(crate) lanes: Lanes,
    ledger: Option<Ledger>,
    recorder: Option<Recorder>,
    runs: Option<Arc<Upkeep>>,
}

/// Why a token does not let in.
#[derive(Debug)]
pub enum NotLetIn {
    /// Its form is wrong, or it is not one of ours: a guess.
    Wrong,
    /// It was revoked or has expired.
    Ended,
    /// Tokens cannot be looked up now, or not at all.
    Unknowable,
}

impl Guard {
    /// A guard that looks tokens up in a ledger. Without one no token is valid.
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime, when there is a ledger.
    pub fn new(settings: Settings, ledger: Option<Ledger>) -> Self {
        let metrics = Metrics::new();
        Self {
            base: settings
                .public_address
                .as_deref()
                .map_or_else(Base::default, Base::of_address),
            sessions: Sessions::new(
                settings.session_idle,
                settings.session_longest,
                settings.sessions_each,
            ),
            failed_attempts: FailedAttempts::new(settings.failed_attempts, settings.lock),
            rates: Rates::new(settings.rate),
            lanes: Lanes::new(settings.heavy),
            recorder: ledger
                .clone()
                .map(|ledger| Recorder::start(ledger, metrics.unnoted.clone())),
            ledger,
            runs: None,
            settings,
            metrics,
        }
    }

    /// With the task that starts runs and reports their progress here.
    #[must_use]
    pub fn starting_runs(mut self, runs: Arc<Upkeep>) -> Self {
        self.runs = Some(runs);
        self
    }

    /// Asks for a run. Returns whether this process starts runs.
    pub(crate) fn start_run(&self) -> bool {
        self.runs.as_ref().map(|runs| runs.ask()).is_some()
    }

    /// Whether runs can be asked for.
    pub(crate) const fn starts_runs(&self) -> bool {
        self.runs.is_some()
    }

    /// How runs are getting on; `None` where another process runs, or none does.
    pub(crate) fn upkeep(&self) -> Option<State> {
        self.runs.as_ref().map(|runs| runs.state())
    }

    /// The tokens; `None` where there are none.
    pub(crate) const fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    /// The token that a text is, if it lets in now.
    pub(super) async fn let_in(&self, text: &str) -> Result<Token, NotLetIn> {
        let secret = Secret::parse(text).map_err(|_| NotLetIn::Wrong)?;
        let token = self.look_up(&secret.id()).await?.ok_or(NotLetIn::Wrong)?;
        // Compared in constant time.
        if token.hash != secret.hash() {
            return Err(NotLetIn::Wrong);
        }
        self.still_valid(token)
    }

    /// The token of this name, if it lets in now.
    pub(super) async fn still_in(&self, id: &TokenId) -> Result<Token, NotLetIn> {
        let token = self.look_up(id).await?.ok_or(NotLetIn::Wrong)?;
        self.still_valid(token)
    }

    fn still_valid(&self, token: Token) -> Result<Token, NotLetIn> {
        if token.is_valid() {
            self.used(&token.id);
            Ok(token)
        } else {
            Err(NotLetIn::Ended)
        }
    }

    async fn look_up(&self, id: &TokenId) -> Result<Option<Token>, NotLetIn> {
        let ledger = self.ledger.as_ref().ok_or(NotLetIn::Unknowable)?;
        ledger.token(id).await.map_err(|error: Error| {
            tracing::error!(%error, "tokens cannot be looked up");
            NotLetIn::Unknowable
        })
    }

    /// Notes a login or logout, where it has not been noted often already.
    pub(crate) fn note_session(&self, event: Event, network: Option<Network>) {
        if let Some(recorder) = &self.recorder {
            recorder.note_session(event, network);
        }
    }

    /// Notes what was refused to a network, as far as that does not fill the log.
    pub(crate) fn note_refusal(&self, event: Event, network: Option<Network>) {
        if let Some(recorder) = &self.recorder {
            recorder.note_refusal(event, network);
        }
    }

    /// Notes what was done.
    pub(crate) fn note(&self, event: Event) {
        if let Some(recorder) = &self.recorder {
            recorder.note(event);
        }
    }

    /// Closes the connections to tokens and the audit log, once the site has ended.
    pub async fn close(&self) {
        if let Some(ledger) = &self.ledger {
            ledger.close().await;
        }
    }

    fn used(&self, id: &TokenId) {
        if let Some(recorder) = &self.recorder {
            recorder.used(id);
        }
    }

    /// Waits until everything said so far is noted.
    pub async fn settle(&self) {
        if let Some(recorder) = &self.recorder {
            recorder.settle().await;
        }
    }
}

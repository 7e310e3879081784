//! How what was done is noted, without keeping anybody waiting.
//!
//! Requests leave their notes with a task that writes them, many at once. A database that is busy or
//! away is waited for; when too much has gathered meanwhile, what is left out is counted and said.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use centime_access::{TokenId, time};
use centime_warehouse::Ledger;
use centime_warehouse::access::Event;
use governor::{DefaultDirectRateLimiter, Quota};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{mpsc, oneshot};

/// How many notes may wait to be written.
const WAITING: usize = 4096;

/// How many are written at once.
const AT_ONCE: usize = 256;

/// How often a write is tried again, once a second.
const ATTEMPTS: u32 = 120;

/// How many refusals are noted a minute: who is refused must not fill the disk.
const REFUSALS: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// Takes notes.
#[derive(Debug)]
pub struct Recorder {
    notes: mpsc::Sender<Note>,
    refusals: DefaultDirectRateLimiter,
    unnoted: Counter,
}

#[derive(Debug)]
enum Note {
    Event(Box<Event>),
    Used(TokenId),
    Settle(oneshot::Sender<()>),
}

impl Recorder {
    /// Starts the task that writes. It ends when the recorder is dropped and all is written.
    pub fn start(ledger: Ledger, unnoted: Counter) -> Self {
        let (notes, waiting) = mpsc::channel(WAITING);
        tokio::spawn(write(ledger, waiting, unnoted.clone()));
        Self {
            notes,
            refusals: DefaultDirectRateLimiter::direct(Quota::per_minute(REFUSALS)),
            unnoted,
        }
    }

    /// Notes what was done, or refused.
    pub fn note(&self, event: Event) {
        let too_many = event.outcome == "refused" && self.refusals.check().is_err();
        if too_many || self.notes.try_send(Note::Event(Box::new(event))).is_err() {
            self.unnoted.inc();
        }
    }

    /// Notes that a token let somebody in.
    pub fn used(&self, id: &TokenId) {
        // The next use is noted as well as this one.
        drop(self.notes.try_send(Note::Used(id.clone())));
    }

    /// Waits until everything said so far is written or given up.
    pub async fn settle(&self) {
        let (done, settled) = oneshot::channel();
        if self.notes.send(Note::Settle(done)).await.is_ok() {
            // The task is gone when it does not answer, and there is nothing to wait for.
            drop(settled.await);
        }
    }
}

async fn write(ledger: Ledger, mut waiting: mpsc::Receiver<Note>, unnoted: Counter) {
    let mut batch = Vec::with_capacity(AT_ONCE);
    let mut last_used: HashMap<TokenId, String> = HashMap::new();
    while waiting.recv_many(&mut batch, AT_ONCE).await > 0 {
        let mut events = Vec::new();
        let mut used: HashMap<TokenId, String> = HashMap::new();
        let mut settled = Vec::new();
        let now = time::now();
        for note in batch.drain(..) {
            match note {
                Note::Event(event) => events.push(*event),
                Note::Used(id) => {
                    // To the minute, so that a busy token is not written at every request.
                    let known = last_used.get(&id).map(|at| &at[..16]);
                    if known != Some(&now[..16]) {
                        used.insert(id, now.clone());
                    }
                }
                Note::Settle(done) => settled.push(done),
            }
        }
        let used: Vec<(TokenId, String)> = used.into_iter().collect();
        if patiently(&ledger, &events, &used).await {
            last_used.extend(used);
        } else {
            unnoted.inc_by(u64::try_from(events.len()).unwrap_or(u64::MAX));
        }
        for done in settled {
            // Who asked may have stopped waiting.
            let _ = done.send(());
        }
    }
}

/// Writes notes, again and again while the database is busy or away. Says whether they were written.
async fn patiently(ledger: &Ledger, events: &[Event], used: &[(TokenId, String)]) -> bool {
    for attempt in 1..=ATTEMPTS {
        match ledger.note(events, used).await {
            Ok(()) => return true,
            Err(error) if error.is_outage() && attempt < ATTEMPTS => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            Err(error) => {
                let lost = events.len();
                tracing::error!(%error, lost, "the audit log cannot be written");
                return false;
            }
        }
    }
    false
}

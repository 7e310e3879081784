//! Writing the audit log without making a request wait for it.
//!
//! Requests leave their notes with a task that writes them, many at once. A database that is busy or
//! away is waited for; when too much has gathered meanwhile, what is left out is counted and said.
//!
//! The disk cannot be filled: of refusals so many a minute are noted for each network and in all, and logins and
//! logouts once an hour for each token and network. The further times of that hour are noted together when it is over.

use std::collections::HashMap;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use centime_access::{TokenId, time};
use centime_warehouse::Ledger;
use centime_warehouse::ledger::{AuditOutcome, Event};
use governor::{DefaultDirectRateLimiter, Quota};
use lru::LruCache;
use prometheus_client::metrics::counter::Counter;
use tokio::sync::{mpsc, oneshot};

use super::client::Client;
use crate::limits::Network;

/// How many notes may wait to be written.
const WAITING: usize = 4096;

/// How many are written at once.
const AT_ONCE: usize = 256;

/// How often a write is tried again, once a second.
const ATTEMPTS: u32 = 120;

/// How many refusals are noted a minute: who is refused must not fill the disk.
const REFUSALS: NonZeroU32 = NonZeroU32::new(60).unwrap();

/// How many of them for one network, which must not hide those of others.
const REFUSALS_EACH: NonZeroU32 = NonZeroU32::new(10).unwrap();

/// How many networks are counted for that: those refused last.
const NETWORKS: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// How long further logins of a token from the same network are only counted.
const SUMMED: Duration = Duration::from_hours(1);

/// Of how many networks logins with one token are kept apart; those of others are summed together.
const NETWORKS_EACH: usize = 16;

/// How often it is looked for sums that are due.
const LOOK: Duration = Duration::from_mins(1);

/// Takes notes.
#[derive(Debug)]
pub struct Recorder {
    notes: mpsc::Sender<Note>,
    refusals: DefaultDirectRateLimiter,
    refusals_each: Mutex<LruCache<Network, DefaultDirectRateLimiter>>,
    unnoted: Counter,
}

#[derive(Debug)]
enum Note {
    Event(Box<Event>),
    /// A login or logout, from which network.
    Session(Box<Event>, Option<Network>),
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
            refusals_each: Mutex::new(LruCache::new(NETWORKS)),
            unnoted,
        }
    }

    /// Notes what was done.
    pub fn note(&self, event: Event) {
        self.send(Note::Event(Box::new(event)));
    }

    /// Notes a login or logout.
    pub fn note_session(&self, event: Event, network: Option<Network>) {
        self.send(Note::Session(Box::new(event), network));
    }

    /// Notes what was refused to a network.
    pub fn note_refusal(&self, event: Event, network: Option<Network>) {
        let within = network.is_none_or(|network| {
            let each = self.refusals_each.lock();
            let mut each = each.unwrap_or_else(PoisonError::into_inner);
            let new = || DefaultDirectRateLimiter::direct(Quota::per_minute(REFUSALS_EACH));
            each.get_or_insert(network, new).check().is_ok()
        });
        if within && self.refusals.check().is_ok() {
            self.note(event);
        } else {
            self.unnoted.inc();
        }
    }

    fn send(&self, note: Note) {
        if self.notes.try_send(note).is_err() {
            self.unnoted.inc();
        }
    }

    /// Notes that a token was used.
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
    let mut sums = Sums::default();
    let mut look = tokio::time::interval(LOOK);
    loop {
        let ended = tokio::select! {
            received = waiting.recv_many(&mut batch, AT_ONCE) => received == 0,
            _ = look.tick() => false,
        };
        let mut events = sums.due(|since| ended || since.elapsed() >= SUMMED);
        let mut used: HashMap<TokenId, String> = HashMap::new();
        let mut settled = Vec::new();
        let now = time::now();
        for note in batch.drain(..) {
            match note {
                Note::Event(event) => events.push(*event),
                Note::Session(event, network) => events.extend(sums.add(*event, network)),
                Note::Used(id) => {
                    // To the minute, so that a busy token is not written at every request.
                    let known = last_used.get(&id).map(|at| &at[..16]);
                    if known != Some(&now[..16]) {
                        used.insert(id, now.clone());
                    }
                }
                Note::Settle(done) => {
                    // The site may be about to end: what was only counted would be lost.
                    events.extend(sums.due(|_| true));
                    settled.push(done);
                }
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
        if ended {
            return;
        }
    }
}

/// Logins and logouts that are noted already, and how many there were since.
#[derive(Debug, Default)]
struct Sums(HashMap<Summed, Sum>);

/// What is noted once: what was done with which token, and from which network. Tokens are made by administrators, so
/// there are not many.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Summed {
    action: String,
    token: Option<String>,
    network: Option<Network>,
}

#[derive(Debug)]
struct Sum {
    since: Instant,
    further: u64,
}

impl Sums {
    /// The event, where it is the first of its kind in an hour; else it is counted.
    fn add(&mut self, event: Event, network: Option<Network>) -> Option<Event> {
        let mut key = Summed {
            action: event.action.clone(),
            token: event.token_id.clone(),
            network,
        };
        if !self.0.contains_key(&key) {
            let same = |known: &&Summed| known.action == key.action && known.token == key.token;
            if self.0.keys().filter(same).count() >= NETWORKS_EACH {
                key.network = None;
            }
        }
        if let Some(sum) = self.0.get_mut(&key) {
            sum.further += 1;
            return None;
        }
        let sum = Sum {
            since: Instant::now(),
            further: 0,
        };
        self.0.insert(key, sum);
        Some(event)
    }

    /// What was only counted, of sums whose time has come. They begin anew.
    fn due(&mut self, is_due: impl Fn(Instant) -> bool) -> Vec<Event> {
        let due = self.0.extract_if(|_, sum| is_due(sum.since));
        let counted = due.filter(|(_, sum)| sum.further > 0);
        counted
            .map(|(key, sum)| Event {
                token_id: key.token,
                address: key.network.map(|network| network.to_string()),
                ..Event::now(&key.action, AuditOutcome::Done)
                    .about(format!("{} further times", sum.further))
            })
            .collect()
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

/// An event about a client.
pub fn event(
    action: &str,
    ending: AuditOutcome,
    client: &Client,
    token: Option<&TokenId>,
) -> Event {
    Event {
        token_id: token.map(|id| id.as_str().to_owned()),
        address: client.address.map(|address| address.to_string()),
        request_id: Some(client.request_id.clone()),
        ..Event::now(action, ending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(token: &str) -> Event {
        Event {
            token_id: Some(token.to_owned()),
            ..Event::now("login", AuditOutcome::Done)
        }
    }

    #[test]
    fn what_is_done_again_and_again_is_noted_once_and_counted() {
        let mut sums = Sums::default();
        let network = |last| Some(Network::of([203, 0, 113, last].into()));
        let mut noted = 0;
        for _ in 0..1000 {
            noted += usize::from(sums.add(login("ctm_a"), network(1)).is_some());
        }
        // Another token, another network, and another deed are noted.
        noted += usize::from(sums.add(login("ctm_b"), network(1)).is_some());
        noted += usize::from(sums.add(login("ctm_a"), network(2)).is_some());
        let logout = Event {
            action: "logout".to_owned(),
            ..login("ctm_a")
        };
        noted += usize::from(sums.add(logout, network(1)).is_some());
        assert_eq!(noted, 4);
        assert!(sums.due(|_| false).is_empty());
        let due = sums.due(|_| true);
        let [sum] = &due[..] else { panic!("{due:?}") };
        assert_eq!(sum.detail.as_deref(), Some("999 further times"));
        assert_eq!(sum.address.as_deref(), Some("203.0.113.1"));
        assert!(
            sums.add(login("ctm_a"), network(1)).is_some(),
            "it begins anew"
        );
    }

    #[test]
    fn many_networks_of_one_token_are_summed_together() {
        let mut sums = Sums::default();
        let noted = (0..=255_u8)
            .filter(|last| {
                let network = Some(Network::of([203, 0, 113, *last].into()));
                sums.add(login("ctm_a"), network).is_some()
            })
            .count();
        assert_eq!(noted, NETWORKS_EACH + 1);
        let due = sums.due(|_| true);
        assert!(due.len() == 1 && due[0].address.is_none(), "{due:?}");
    }
}

//! Which revision readers see, and of which public body.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use centime_warehouse::{Body, Error, Named, Result, Revision, Standing, Warehouse};
use lru::LruCache;
use tokio::time::{sleep, timeout};

use crate::access::{Guard, Settings};
use crate::everybody::Everybody;
use crate::kept_pages::KeptPages;
use crate::press::Press;
use crate::snapshot::{Published, Snapshot};

/// How many public bodies are held in memory: those asked for last.
const HELD_BODIES: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// How long a visitor waits for the database before what is held in memory is shown.
const PATIENCE: Duration = Duration::from_secs(3);

/// How many older revisions are held in memory, and how many of their public bodies.
const HELD_BACK: (NonZeroUsize, NonZeroUsize) = (
    NonZeroUsize::new(4).unwrap(),
    NonZeroUsize::new(16).unwrap(),
);

/// How often a database that is away is asked for.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The site, over a warehouse. Clones share what is held in memory.
#[derive(Clone, Debug)]
pub struct Site {
    shared: Arc<Shared>,
    guard: Arc<Guard>,
    press: Option<Arc<Press>>,
}

#[derive(Debug)]
struct Shared {
    warehouse: Warehouse,
    held: Mutex<Option<Held>>,
    held_back: Mutex<HeldBack>,
    pages: KeptPages,
    everybody: Arc<Everybody>,
    questions: Questions,
    /// Whoever reads what is not in memory. Those who wait find it there.
    reading: tokio::sync::Mutex<()>,
    /// Whether the database did not answer when it was last asked. Visitors do not wait for it then.
    away: AtomicBool,
}

/// What is held in memory of a revision.
#[derive(Debug)]
struct Held {
    standing: Arc<Standing>,
    published: Arc<Published>,
    bodies: LruCache<String, Arc<Snapshot>>,
}

/// What is held in memory of older revisions.
#[derive(Debug)]
struct HeldBack {
    revisions: LruCache<i64, Arc<Published>>,
    bodies: LruCache<(i64, String), Arc<Snapshot>>,
}

/// What the database said last of what is published. Those who ask at the same time share a question.
#[derive(Debug, Default)]
struct Questions {
    /// How many have asked.
    asked: AtomicU64,
    last: tokio::sync::Mutex<Answer>,
}

/// What the database said.
#[derive(Debug, Default)]
struct Answer {
    /// How many had asked before the question was put to the database: it is an answer to them.
    to: u64,
    standing: Option<Arc<Standing>>,
}

/// What a visitor is shown.
#[derive(Clone, Debug)]
pub struct Look {
    pub edition: Edition,
    pub choice: Choice,
    /// What both follow from; `None` where there is nothing to show.
    pub standing: Option<Arc<Standing>>,
}

/// What there is to show.
#[derive(Clone, Debug)]
pub enum Edition {
    /// The published revision.
    Current(Arc<Published>),
    /// An older revision, which was asked for by its number.
    Older {
        shown: Arc<Published>,
        /// The one that readers see when they name none.
        current: Arc<Published>,
    },
    /// The revision that was asked for is not there.
    Missing(MissingRevision),
    /// The revision read last: the database cannot be read now.
    Kept(Arc<Published>),
    /// Nothing has been published yet.
    Nothing,
    /// The database cannot be read, and never was.
    Unreadable,
}

/// A revision that was asked for and is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingRevision {
    /// How it was asked for.
    pub asked: String,
    /// Whether there may have been one of this number, which is no longer kept.
    pub gone: bool,
    /// Those that are kept, the latest first.
    pub kept: Vec<i64>,
}

/// The public body to show.
#[derive(Clone, Debug)]
pub enum Choice {
    /// This one.
    Body(Arc<Snapshot>),
    /// There are several and none was asked for, or there is none.
    Open,
    /// The revision has no such body.
    Unknown,
    /// It is not held in memory, and the database cannot be read now.
    Unreadable,
}

impl Edition {
    /// The revision to show, if there is one.
    pub fn published(&self) -> Option<&Arc<Published>> {
        match self {
            Self::Current(published)
            | Self::Kept(published)
            | Self::Older {
                shown: published, ..
            } => Some(published),
            Self::Missing(_) | Self::Nothing | Self::Unreadable => None,
        }
    }
}

impl Site {
    /// The site over an open warehouse, whose marts are those of this version's analyses. Reading is
    /// open, and nobody has a token.
    pub fn new(warehouse: Warehouse) -> Self {
        Self::guarded(warehouse, Guard::new(Settings::default(), None))
    }

    /// The site over an open warehouse, with somebody who decides who comes in.
    pub fn guarded(warehouse: Warehouse, guard: Guard) -> Self {
        Self {
            guard: Arc::new(guard),
            press: None,
            shared: Arc::new(Shared {
                warehouse,
                held: Mutex::new(None),
                held_back: Mutex::new(HeldBack {
                    revisions: LruCache::new(HELD_BACK.0),
                    bodies: LruCache::new(HELD_BACK.1),
                }),
                pages: KeptPages::new(),
                everybody: Arc::default(),
                questions: Questions::default(),
                reading: tokio::sync::Mutex::default(),
                away: AtomicBool::new(false),
            }),
        }
    }

    /// With somebody who makes reports.
    #[must_use]
    pub fn printing(mut self, press: Press) -> Self {
        self.press = Some(Arc::new(press));
        self
    }

    /// Where reports are made; `None` where nobody does.
    pub(crate) const fn press(&self) -> Option<&Arc<Press>> {
        self.press.as_ref()
    }

    /// Who decides who comes in.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }

    /// Answers for all who may read.
    pub(crate) fn kept_pages(&self) -> &KeptPages {
        &self.shared.pages
    }

    /// What answers about all public bodies share.
    pub(crate) fn everybody(&self) -> &Arc<Everybody> {
        &self.shared.everybody
    }

    /// The database.
    pub(crate) fn warehouse(&self) -> &Warehouse {
        &self.shared.warehouse
    }

    /// What there is to show: the revision of this number, or without one what is published now. The body
    /// is named by its number or its name, as people write them; where there is only one it need not be named.
    pub(crate) async fn look(&self, wanted: Option<&str>, revision: Option<&str>) -> Look {
        let now = self.look_now(wanted).await;
        let (Some(asked), Some(current)) = (revision, now.edition.published()) else {
            return now;
        };
        let number = number_of(asked);
        if number == Some(current.revision.id) {
            return now;
        }
        let unreadable = Look {
            edition: Edition::Unreadable,
            choice: Choice::Unreadable,
            standing: now.standing.clone(),
        };
        if !matches!(now.edition, Edition::Current(_)) {
            return unreadable;
        }
        match timeout(PATIENCE, self.look_back(current, asked, number, wanted)).await {
            Ok(Ok((edition, choice))) => Look {
                edition,
                choice,
                standing: now.standing,
            },
            Ok(Err(error)) => {
                tracing::error!(%error, "an older revision cannot be read");
                unreadable
            }
            Err(_elapsed) => {
                tracing::error!("the database does not answer for an older revision");
                unreadable
            }
        }
    }

    /// An older revision, as far as it is kept.
    async fn look_back(
        &self,
        current: &Arc<Published>,
        asked: &str,
        number: Option<i64>,
        wanted: Option<&str>,
    ) -> Result<(Edition, Choice)> {
        let kept = self.warehouse().revisions().await?;
        let found = kept.iter().find(|kept| Some(kept.id) == number);
        let Some(revision) = found else {
            let latest = kept.first().map_or(0, |latest| latest.id);
            let missing = MissingRevision {
                asked: asked.chars().take(40).collect(),
                gone: number.is_some_and(|number| (1..=latest).contains(&number)),
                kept: kept.iter().map(|kept| kept.id).collect(),
            };
            return Ok((Edition::Missing(missing), Choice::Open));
        };
        let held = self.held_back().revisions.get(&revision.id).cloned();
        let shown = if let Some(shown) = held.filter(|held| held.revision == *revision) {
            shown
        } else {
            let shown = Published::load(self.warehouse(), revision.clone()).await?;
            let shown = Arc::new(shown.superseded());
            self.held_back().revisions.put(revision.id, shown.clone());
            shown
        };
        let choice = self.choose_back(&shown, wanted).await?;
        let edition = Edition::Older {
            shown,
            current: current.clone(),
        };
        Ok((edition, choice))
    }

    /// The body that is asked for in an older revision.
    async fn choose_back(&self, shown: &Arc<Published>, wanted: Option<&str>) -> Result<Choice> {
        let body = match self.body_named(shown, wanted).await? {
            Ok(body) => body,
            Err(choice) => return Ok(choice),
        };
        let key = (shown.revision.id, body.siren.clone());
        let held = self.held_back().bodies.get(&key).cloned();
        if let Some(held) = held.filter(|held| Arc::ptr_eq(&held.published, shown)) {
            return Ok(Choice::Body(held));
        }
        let warehouse = self.warehouse();
        let snapshot = Arc::new(Snapshot::load(warehouse, shown.clone(), body).await?);
        if !warehouse.revisions().await?.contains(&shown.revision) {
            // It was dropped while it was read, and what was read is not whole.
            return Ok(Choice::Unreadable);
        }
        self.held_back().bodies.put(key, snapshot.clone());
        Ok(Choice::Body(snapshot))
    }

    fn held_back(&self) -> MutexGuard<'_, HeldBack> {
        self.shared
            .held_back
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What is published now: what is in memory, unless another revision was published.
    async fn look_now(&self, wanted: Option<&str>) -> Look {
        if self.shared.away.load(Ordering::Relaxed) {
            return self.kept(wanted);
        }
        match timeout(PATIENCE, self.current(wanted)).await {
            Ok(Ok(found)) => return found,
            Ok(Err(error)) => {
                tracing::error!(%error, "the database cannot be read");
                if error.is_outage() {
                    self.wait_for_return();
                }
            }
            Err(_elapsed) => {
                tracing::error!("the database does not answer");
                self.wait_for_return();
            }
        }
        self.kept(wanted)
    }

    /// Answers from the database.
    async fn current(&self, wanted: Option<&str>) -> Result<Look> {
        loop {
            let Some(standing) = self.standing().await? else {
                return Ok(Look {
                    edition: Edition::Nothing,
                    choice: Choice::Open,
                    standing: None,
                });
            };
            if let Some(known) = self.known(&standing, wanted) {
                return Ok(known);
            }
            // Many may ask first at the same time: one of them reads, and the others are not so many
            // readers that none of them comes to an end.
            let _turn = self.shared.reading.lock().await;
            if let Some(known) = self.known(&standing, wanted) {
                return Ok(known);
            }
            let held = self.held_revision(&standing.revision);
            let published = if let Some(published) = held {
                published
            } else {
                let revision = standing.revision.clone();
                Arc::new(Published::load(self.warehouse(), revision).await?)
            };
            let choice = self.choose(&published, wanted).await?;
            // A revision may be superseded and dropped while it is read; then it is not whole.
            let after = self.standing().await?;
            if after.is_some_and(|after| after.revision == standing.revision) {
                return Ok(self.hold(standing, published, choice));
            }
        }
    }

    /// Answers from memory what is published now.
    fn known(&self, standing: &Arc<Standing>, wanted: Option<&str>) -> Option<Look> {
        let published = self.held_revision(&standing.revision)?;
        let choice = self.choose_held(&published, wanted)?;
        Some(self.hold(standing.clone(), published, choice))
    }

    /// What is published, and how far runs have come. The database is asked by one visitor at a time, for
    /// all who wait: each is told what it said after they asked, so nobody is shown what was true before.
    async fn standing(&self) -> Result<Option<Arc<Standing>>> {
        let Questions { asked, last } = &self.shared.questions;
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let mut last = last.lock().await;
        if last.to <= number {
            let to = asked.load(Ordering::SeqCst);
            let standing = self.warehouse().standing().await?;
            if last.standing.as_deref() != standing.as_ref() {
                last.standing = standing.map(Arc::new);
            }
            last.to = to;
        }
        Ok(last.standing.clone())
    }

    async fn choose(&self, published: &Arc<Published>, wanted: Option<&str>) -> Result<Choice> {
        if let Some(known) = self.choose_held(published, wanted) {
            return Ok(known);
        }
        let body = match self.body_named(published, wanted).await? {
            Ok(body) => body,
            Err(choice) => return Ok(choice),
        };
        // A text that names it in another way than memory does.
        if let Some(held) = self.held_body(published, Some(&body.siren)) {
            return Ok(Choice::Body(held));
        }
        let snapshot = Snapshot::load(self.warehouse(), published.clone(), body).await?;
        Ok(Choice::Body(Arc::new(snapshot)))
    }

    /// The body that a text names in a revision, as people write it; the only one where nothing is asked for.
    async fn body_named(
        &self,
        published: &Published,
        wanted: Option<&str>,
    ) -> Result<std::result::Result<Body, Choice>> {
        let Some(text) = wanted else {
            return Ok(published.only.clone().ok_or(Choice::Open));
        };
        if let Some(only) = &published.only {
            let only = Some(only).filter(|only| only.answers_to(text));
            return Ok(only.cloned().ok_or(Choice::Unknown));
        }
        let named = self
            .warehouse()
            .named_body(published.revision.id, text)
            .await?;
        Ok(match named {
            Named::One(body) => Ok(body),
            Named::Several(_) => Err(Choice::Open),
            Named::None => Err(Choice::Unknown),
        })
    }

    /// The body that is asked for, if that can be said from memory.
    fn choose_held(&self, published: &Arc<Published>, wanted: Option<&str>) -> Option<Choice> {
        match self.held_body(published, wanted) {
            Some(snapshot) => Some(Choice::Body(snapshot)),
            None if wanted.is_none() && published.only.is_none() => Some(Choice::Open),
            None => None,
        }
    }

    /// Answers from memory.
    fn kept(&self, wanted: Option<&str>) -> Look {
        let held = self.held();
        let known = held
            .as_ref()
            .map(|held| (held.standing.clone(), held.published.clone()));
        drop(held);
        let Some((standing, published)) = known else {
            return Look {
                edition: Edition::Unreadable,
                choice: Choice::Unreadable,
                standing: None,
            };
        };
        let choice = self.choose_held(&published, wanted);
        Look {
            edition: Edition::Kept(published),
            choice: choice.unwrap_or(Choice::Unreadable),
            standing: Some(standing),
        }
    }

    /// What is in memory of a revision.
    fn held_revision(&self, revision: &Revision) -> Option<Arc<Published>> {
        let held = self.held();
        let published = &held.as_ref()?.published;
        (published.revision == *revision).then(|| published.clone())
    }

    /// A body in memory, which may be of an older revision no longer asked for.
    fn held_body(&self, published: &Arc<Published>, wanted: Option<&str>) -> Option<Arc<Snapshot>> {
        let only = published.only.as_ref();
        let only = only.filter(|only| wanted.is_none_or(|text| only.answers_to(text)));
        let siren = only.map(|only| only.siren.as_str()).or(wanted)?;
        let mut held = self.held();
        let held = held.as_mut()?;
        if Arc::ptr_eq(&held.published, published) {
            held.bodies.get(siren).cloned()
        } else {
            None
        }
    }

    fn hold(&self, standing: Arc<Standing>, published: Arc<Published>, choice: Choice) -> Look {
        let mut held = self.held();
        let held = match &mut *held {
            Some(held) if Arc::ptr_eq(&held.published, &published) => held,
            other => other.insert(Held {
                standing: standing.clone(),
                published: published.clone(),
                bodies: LruCache::new(HELD_BODIES),
            }),
        };
        held.standing.clone_from(&standing);
        if let Choice::Body(snapshot) = &choice {
            held.bodies
                .put(snapshot.body.siren.clone(), snapshot.clone());
        }
        Look {
            edition: Edition::Current(published),
            choice,
            standing: Some(standing),
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Held>> {
        self.shared
            .held
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers from memory until the database answers again.
    fn wait_for_return(&self) {
        if !self.shared.away.swap(true, Ordering::Relaxed) {
            tokio::spawn(watch(Arc::downgrade(&self.shared)));
        }
    }
}

/// The number of a revision, as an address has it.
fn number_of(asked: &str) -> Option<i64> {
    let digits = asked.bytes().all(|letter| letter.is_ascii_digit());
    asked.parse().ok().filter(|_| digits)
}

/// Asks again and again for a database that is away, as long as there is a site.
async fn watch(shared: Weak<Shared>) {
    loop {
        sleep(ASK_AGAIN).await;
        let Some(shared) = shared.upgrade() else {
            return;
        };
        let asked: Result<Result<_, Error>, _> =
            timeout(PATIENCE, shared.warehouse.published()).await;
        if matches!(asked, Ok(Ok(_))) {
            shared.away.store(false, Ordering::Relaxed);
            tracing::info!("the database can be read again");
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use centime_pipeline::{Accepted, Policy, Progress, Source};
    use centime_portal::Portal;
    use centime_portal_sim::Simulator;
    use centime_warehouse::Access;

    use super::*;

    struct Silent;

    impl Progress for Silent {
        fn step(&self, _: &str) {}
        fn restarting(&self, _: &str, _: &str) {}
    }

    #[tokio::test]
    async fn visitors_who_come_together_wait_for_one_who_reads() {
        let folder = tempfile::tempdir().unwrap();
        let url = centime_test_database::fresh(folder.path()).parse().unwrap();
        let warehouse = Warehouse::open(&url, Access::Write).await.unwrap();
        let portal = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
        let source = Source {
            portal: Portal::builder(&portal.url()).build().unwrap(),
            income_statement: "compte-de-resultat".to_owned(),
            balance_sheet: None,
            fields: std::collections::BTreeMap::new(),
            readings: std::collections::BTreeMap::new(),
            body: None,
        };
        let policy = Policy {
            keep: 2,
            accept_changes: Accepted::NONE,
        };
        let models = centime_analytics::models();
        centime_pipeline::run(&source, &warehouse, &models, policy, &Silent)
            .await
            .unwrap();
        let site = Site::new(warehouse);
        let visitors = (0..20).map(|_| {
            let site = site.clone();
            tokio::spawn(async move { site.look(None, None).await })
        });
        let visitors: Vec<_> = visitors.collect();
        let mut seen: Option<Arc<Snapshot>> = None;
        for visitor in visitors {
            let Choice::Body(snapshot) = visitor.await.unwrap().choice else {
                panic!("there is one body");
            };
            let first = seen.get_or_insert_with(|| snapshot.clone());
            assert!(Arc::ptr_eq(first, &snapshot), "it was read twice");
        }
    }
}

//! Which revision readers see, and of which public body.

use std::future::Future;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use centime_analytics::Catalogue;
use centime_render::draw::engine;
use centime_warehouse::{Body, Error, Named, PublicationState, Revision, Warehouse};
use lru::LruCache;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use tokio::time::{sleep, timeout};

use crate::access::Guard;
use crate::limits::{Network, NoTurn, Shares, Turn};
use crate::settings::Settings;
use crate::state::report_service::ReportService;
use crate::state::response_cache::ResponseCache;
use crate::state::snapshot::{Published, Snapshot};
use crate::state::sql::Sql;
use crate::state::streams::Streams;

/// How long the database may take to say what is published, before what is held in memory is shown.
const PATIENCE: Duration = Duration::from_secs(3);

/// How long it may take to give a public body, or what a revision says of itself. That it takes longer is no sign that
/// it is away, and concerns those alone who ask for this body.
const LOADING: Duration = Duration::from_secs(15);

/// How many older revisions are held in memory.
const HELD_BACK: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// How large a public body is in memory, roughly, in bytes.
const USUAL_BODY: u64 = 512 << 10;

/// How often a database that is away is asked for.
const ASK_AGAIN: Duration = Duration::from_secs(1);

/// The site, over a warehouse. Clones share what is held in memory.
#[derive(Clone, Debug)]
pub struct Site {
    shared: Arc<Shared>,
    guard: Arc<Guard>,
    reports: Option<Arc<ReportService>>,
    catalogue: Catalogue,
    sql: Option<Arc<Sql>>,
}

#[derive(Debug)]
struct Shared {
    warehouse: Warehouse,
    held: Mutex<Option<Held>>,
    held_back: Mutex<LruCache<i64, Arc<Published>>>,
    /// Public bodies, of the published revision and of older ones.
    bodies: Cache<BodyKey, HeldBody, Length>,
    pages: ResponseCache,
    streams: Arc<Streams>,
    questions: Questions,
    /// Whoever reads a revision that is not in memory. Those who wait find it there.
    reading: tokio::sync::Mutex<()>,
    /// Whether the database did not answer when it was last asked. Visitors do not wait for it then.
    away: AtomicBool,
}

/// What is held in memory of the revision that was published when it was last asked for.
#[derive(Debug)]
struct Held {
    publication: Arc<PublicationState>,
    published: Arc<Published>,
}

/// A public body of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct BodyKey {
    revision: Revision,
    /// Whether its addresses name the revision.
    superseded: bool,
    siren: String,
}

/// A public body in memory.
#[derive(Clone, Debug)]
struct HeldBody {
    snapshot: Arc<Snapshot>,
    /// What it took when it was put here. Its lines are read later, and it is put here anew then: a cache does not bear
    /// that what it holds grows.
    bytes: u64,
}

impl From<Arc<Snapshot>> for HeldBody {
    fn from(snapshot: Arc<Snapshot>) -> Self {
        Self {
            bytes: snapshot.bytes(),
            snapshot,
        }
    }
}

#[derive(Clone, Debug)]
struct Length;

impl Weighter<BodyKey, HeldBody> for Length {
    fn weight(&self, _: &BodyKey, held: &HeldBody) -> u64 {
        held.bytes
    }
}

/// Why something was not read.
#[derive(Debug)]
enum NotRead {
    /// The database says why.
    Failed(Error),
    /// It has not answered in time.
    Late,
    /// The revision was dropped while it was read.
    Dropped,
    /// Others read, and it is not the turn of this visitor.
    NoTurn(NoTurn),
}

impl From<Error> for NotRead {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<NoTurn> for NotRead {
    fn from(none: NoTurn) -> Self {
        Self::NoTurn(none)
    }
}

type Result<T> = std::result::Result<T, NotRead>;

/// Waits for the database so long and no longer.
async fn in_time<T>(
    time: Duration,
    reading: impl Future<Output = centime_warehouse::Result<T>>,
) -> Result<T> {
    match timeout(time, reading).await {
        Ok(read) => Ok(read?),
        Err(_elapsed) => Err(NotRead::Late),
    }
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
    publication: Option<Arc<PublicationState>>,
}

/// What a visitor is shown.
#[derive(Clone, Debug)]
pub struct ResolvedView {
    pub edition: Edition,
    pub choice: Choice,
    /// What both follow from; `None` where there is nothing to show.
    pub publication: Option<Arc<PublicationState>>,
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
    Stale(Arc<Published>),
    /// Nothing has been published yet.
    Nothing,
    /// The database cannot be read, and never was.
    Unreadable,
    /// Something may be published: whoever asks has not shown that they may know.
    NotSaid,
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
    NoneSelected,
    /// The revision has no such body.
    Unknown,
    /// It is not held in memory, and the database cannot be read now.
    Unreadable,
    /// It is not held in memory, and others are being read.
    NoTurn(NoTurn),
}

impl ResolvedView {
    /// What is shown to those who may know nothing of the data.
    pub const fn nothing_said() -> Self {
        Self {
            edition: Edition::NotSaid,
            choice: Choice::NoneSelected,
            publication: None,
        }
    }
}

impl Edition {
    /// The revision to show, if there is one.
    pub fn published(&self) -> Option<&Arc<Published>> {
        match self {
            Self::Current(published)
            | Self::Stale(published)
            | Self::Older {
                shown: published, ..
            } => Some(published),
            Self::Missing(_) | Self::Nothing | Self::Unreadable | Self::NotSaid => None,
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
        let shares = Shares::of(guard.settings.cache);
        engine::keep(shares.drawings);
        Self {
            guard: Arc::new(guard),
            reports: None,
            catalogue: Catalogue::built_in(),
            sql: None,
            shared: Arc::new(Shared {
                warehouse,
                held: Mutex::new(None),
                held_back: Mutex::new(LruCache::new(HELD_BACK)),
                bodies: held_bodies(shares.bodies),
                pages: ResponseCache::of(shares.pages),
                streams: Arc::default(),
                questions: Questions::default(),
                reading: tokio::sync::Mutex::default(),
                away: AtomicBool::new(false),
            }),
        }
    }

    /// With somebody who makes reports.
    #[must_use]
    pub fn printing(mut self, reports: ReportService) -> Self {
        let shares = Shares::of(self.guard.settings.cache);
        self.reports = Some(Arc::new(reports.keeping(shares.reports)));
        self
    }

    /// With these analyses and checks, from which the marts in the database were made.
    #[must_use]
    pub fn showing(mut self, catalogue: Catalogue) -> Self {
        self.catalogue = catalogue;
        self
    }

    /// With statements that readers write themselves.
    #[must_use]
    pub fn answering(mut self, sql: Sql) -> Self {
        self.sql = Some(Arc::new(sql));
        self
    }

    /// The analyses and checks there are.
    pub(crate) const fn catalogue(&self) -> Catalogue {
        self.catalogue
    }

    /// Where statements of readers are answered; `None` where they are not.
    pub(crate) const fn sql(&self) -> Option<&Arc<Sql>> {
        self.sql.as_ref()
    }

    /// Where reports are made; `None` where nobody does.
    pub(crate) const fn reports(&self) -> Option<&Arc<ReportService>> {
        self.reports.as_ref()
    }

    /// Who decides who comes in.
    pub fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    /// Answers for all who may read.
    pub(crate) fn response_cache(&self) -> &ResponseCache {
        &self.shared.pages
    }

    /// What answers about all public bodies share.
    pub(crate) fn streams(&self) -> &Arc<Streams> {
        &self.shared.streams
    }

    /// The database.
    pub(crate) fn warehouse(&self) -> &Warehouse {
        &self.shared.warehouse
    }

    /// What there is to show: the revision of this number, or without one what is published now. The body
    /// is named by its number or its name, as people write them; where there is only one it need not be named.
    /// `network` is whose turn it takes to read what is not in memory.
    pub(crate) async fn look(
        &self,
        wanted: Option<&str>,
        revision: Option<&str>,
        network: Option<Network>,
    ) -> ResolvedView {
        let older = match revision {
            Some(asked) => {
                let now = Box::pin(self.look_now(None, None)).await;
                let current = now.edition.published().cloned();
                let number = number_of(asked);
                current
                    .filter(|current| number != Some(current.revision.id))
                    .map(|current| (now, current, asked, number))
            }
            None => None,
        };
        let Some((now, current, asked, number)) = older else {
            return Box::pin(self.look_now(wanted, network)).await;
        };
        let unreadable = ResolvedView {
            edition: Edition::Unreadable,
            choice: Choice::Unreadable,
            publication: now.publication.clone(),
        };
        if !matches!(now.edition, Edition::Current(_)) {
            return unreadable;
        }
        let back = self.look_back(&current, asked, number, wanted, network);
        match Box::pin(back).await {
            Ok((edition, choice)) => ResolvedView {
                edition,
                choice,
                publication: now.publication,
            },
            Err(error) => {
                tracing::error!(?error, "an older revision cannot be read");
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
        network: Option<Network>,
    ) -> Result<(Edition, Choice)> {
        let kept = in_time(PATIENCE, self.warehouse().revisions()).await?;
        let found = kept.iter().find(|kept| Some(kept.id) == number);
        let Some(revision) = found else {
            let latest = kept.first().map_or(0, |latest| latest.id);
            let missing = MissingRevision {
                asked: asked.chars().take(40).collect(),
                gone: number.is_some_and(|number| (1..=latest).contains(&number)),
                kept: kept.iter().map(|kept| kept.id).collect(),
            };
            return Ok((Edition::Missing(missing), Choice::NoneSelected));
        };
        let shown = self.older(revision).await?;
        let choice = match Box::pin(self.choose(&shown, wanted, network)).await {
            Err(NotRead::Dropped) => Choice::Unreadable,
            choice => choice?,
        };
        let edition = Edition::Older {
            shown,
            current: current.clone(),
        };
        Ok((edition, choice))
    }

    /// What an older revision says of itself.
    async fn older(&self, revision: &Revision) -> Result<Arc<Published>> {
        let held = || {
            let held = self.held_back().get(&revision.id).cloned();
            held.filter(|held| held.revision == *revision)
        };
        if let Some(shown) = held() {
            return Ok(shown);
        }
        let _turn = self.shared.reading.lock().await;
        if let Some(shown) = held() {
            return Ok(shown);
        }
        let load = Published::load(self.warehouse(), revision.clone(), self.catalogue);
        let shown = in_time(LOADING, load);
        let shown = Arc::new(shown.await?.superseded());
        self.held_back().put(revision.id, shown.clone());
        Ok(shown)
    }

    fn held_back(&self) -> MutexGuard<'_, LruCache<i64, Arc<Published>>> {
        self.shared
            .held_back
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What is published now: what is in memory, unless another revision was published.
    async fn look_now(&self, wanted: Option<&str>, network: Option<Network>) -> ResolvedView {
        if self.shared.away.load(Ordering::Relaxed) {
            return self.kept(wanted);
        }
        match self.current(wanted, network).await {
            Ok(found) => return found,
            Err(NotRead::Failed(error)) => {
                tracing::error!(%error, "the database cannot be read");
                if error.is_outage() {
                    self.wait_for_return();
                }
            }
            Err(NotRead::Late) => {
                tracing::error!("the database does not answer");
                self.wait_for_return();
            }
            Err(error @ (NotRead::Dropped | NotRead::NoTurn(_))) => {
                tracing::error!(?error, "what is published cannot be read");
            }
        }
        self.kept(wanted)
    }

    /// Answers from the database.
    async fn current(
        &self,
        wanted: Option<&str>,
        network: Option<Network>,
    ) -> Result<ResolvedView> {
        loop {
            let Some(publication) = self.publication().await? else {
                return Ok(ResolvedView {
                    edition: Edition::Nothing,
                    choice: Choice::NoneSelected,
                    publication: None,
                });
            };
            let read = async {
                let published = self.published(&publication).await?;
                let choice = Box::pin(self.choose(&published, wanted, network)).await?;
                Ok((published, choice))
            };
            let (published, choice) = match read.await {
                Ok(read) => read,
                // Another one is published by now.
                Err(NotRead::Dropped) => continue,
                Err(NotRead::Failed(error)) => return Err(NotRead::Failed(error)),
                // The database answers, and others may be shown what is in memory or read fast.
                Err(error) => {
                    tracing::warn!(?error, "a public body is not shown");
                    let Some(published) = self.held_revision(&publication.revision) else {
                        return Err(error);
                    };
                    let choice = match error {
                        NotRead::NoTurn(none) => Choice::NoTurn(none),
                        _ => Choice::Unreadable,
                    };
                    (published, choice)
                }
            };
            return Ok(self.hold(publication, published, choice));
        }
    }

    /// What the published revision says of itself.
    async fn published(&self, publication: &Arc<PublicationState>) -> Result<Arc<Published>> {
        let revision = &publication.revision;
        if let Some(published) = self.held_revision(revision) {
            return Ok(published);
        }
        // Many may ask first at the same time: one of them reads, and the others are not so many readers that none of
        // them comes to an end. How long they wait for that one is not how long the database takes.
        let _turn = self.shared.reading.lock().await;
        if let Some(published) = self.held_revision(revision) {
            return Ok(published);
        }
        let read = async {
            let published =
                Published::load(self.warehouse(), revision.clone(), self.catalogue).await?;
            let kept = self.warehouse().revisions().await?;
            Ok((published, kept))
        };
        let (published, kept) = in_time(LOADING, Box::pin(read)).await?;
        if !kept.contains(revision) {
            return Err(NotRead::Dropped);
        }
        let published = Arc::new(published);
        *self.held() = Some(Held {
            publication: publication.clone(),
            published: published.clone(),
        });
        Ok(published)
    }

    /// What is published, and how far runs have come. The database is asked by one visitor at a time, for
    /// all who wait: each is told what it said after they asked, so nobody is shown what was true before. How long
    /// they wait for each other is not how long the database takes.
    async fn publication(&self) -> Result<Option<Arc<PublicationState>>> {
        let Questions { asked, last } = &self.shared.questions;
        let number = asked.fetch_add(1, Ordering::SeqCst);
        let mut last = last.lock().await;
        if last.to <= number {
            let to = asked.load(Ordering::SeqCst);
            let publication = in_time(PATIENCE, self.warehouse().publication()).await?;
            if last.publication.as_deref() != publication.as_ref() {
                last.publication = publication.map(Arc::new);
            }
            last.to = to;
        }
        Ok(last.publication.clone())
    }

    /// The body that is asked for, from memory or from the database.
    async fn choose(
        &self,
        published: &Arc<Published>,
        wanted: Option<&str>,
        network: Option<Network>,
    ) -> Result<Choice> {
        if let Some(known) = self.choose_held(published, wanted) {
            return Ok(known);
        }
        let turn = self.guard.lanes.bodies.turn(network).await?;
        if let Some(known) = self.choose_held(published, wanted) {
            return Ok(known);
        }
        match in_time(LOADING, self.body_named(published, wanted)).await? {
            Ok(body) => Ok(Choice::Body(
                Box::pin(self.body(published, body, turn)).await?,
            )),
            Err(choice) => Ok(choice),
        }
    }

    /// A body, which is read when it is not in memory: once, however many ask for it.
    async fn body(
        &self,
        published: &Arc<Published>,
        body: Body,
        _turn: Turn,
    ) -> Result<Arc<Snapshot>> {
        let key = BodyKey::of(published, &body.siren);
        let warehouse = self.warehouse();
        let read = async {
            let read = async {
                let snapshot = Snapshot::load(warehouse, published.clone(), body);
                let snapshot = Box::pin(snapshot).await?;
                Ok((snapshot, warehouse.revisions().await?))
            };
            let (snapshot, kept) = in_time(LOADING, read).await?;
            // A revision may be superseded and dropped while it is read; then it is not whole.
            if kept.contains(&published.revision) {
                Ok(HeldBody::from(Arc::new(snapshot)))
            } else {
                Err(NotRead::Dropped)
            }
        };
        let held = Box::pin(self.shared.bodies.get_or_insert_async(&key, read)).await?;
        Ok(held.snapshot)
    }

    /// The body that a text names in a revision, as people write it; the only one where nothing is asked for.
    async fn body_named(
        &self,
        published: &Published,
        wanted: Option<&str>,
    ) -> centime_warehouse::Result<std::result::Result<Body, Choice>> {
        let Some(text) = wanted else {
            return Ok(published.only.clone().ok_or(Choice::NoneSelected));
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
            Named::Several(_) => Err(Choice::NoneSelected),
            Named::None => Err(Choice::Unknown),
        })
    }

    /// The body that is asked for, if that can be said from memory.
    fn choose_held(&self, published: &Arc<Published>, wanted: Option<&str>) -> Option<Choice> {
        match (&published.only, wanted) {
            (None, None) => Some(Choice::NoneSelected),
            (Some(only), Some(text)) if !only.answers_to(text) => Some(Choice::Unknown),
            (Some(only), _) => self.held_body(published, &only.siren),
            (None, Some(siren)) => self.held_body(published, siren),
        }
    }

    fn held_body(&self, published: &Published, siren: &str) -> Option<Choice> {
        let held = self.shared.bodies.get(&BodyKey::of(published, siren));
        held.map(|held| Choice::Body(held.snapshot))
    }

    /// Counts what a body has in memory again, after its lines were read.
    pub(crate) fn weigh_again(&self, snapshot: &Arc<Snapshot>) {
        let key = BodyKey::of(&snapshot.published, &snapshot.body.siren);
        self.shared.bodies.insert(key, snapshot.clone().into());
    }

    /// Answers from memory.
    fn kept(&self, wanted: Option<&str>) -> ResolvedView {
        let held = self.held();
        let known = held
            .as_ref()
            .map(|held| (held.publication.clone(), held.published.clone()));
        drop(held);
        let Some((publication, published)) = known else {
            return ResolvedView {
                edition: Edition::Unreadable,
                choice: Choice::Unreadable,
                publication: None,
            };
        };
        let choice = self.choose_held(&published, wanted);
        ResolvedView {
            edition: Edition::Stale(published),
            choice: choice.unwrap_or(Choice::Unreadable),
            publication: Some(publication),
        }
    }

    /// What is in memory of a revision.
    fn held_revision(&self, revision: &Revision) -> Option<Arc<Published>> {
        let held = self.held();
        let published = &held.as_ref()?.published;
        (published.revision == *revision).then(|| published.clone())
    }

    fn hold(
        &self,
        publication: Arc<PublicationState>,
        published: Arc<Published>,
        choice: Choice,
    ) -> ResolvedView {
        *self.held() = Some(Held {
            publication: publication.clone(),
            published: published.clone(),
        });
        ResolvedView {
            edition: Edition::Current(published),
            choice,
            publication: Some(publication),
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

impl BodyKey {
    fn of(published: &Published, siren: &str) -> Self {
        Self {
            revision: published.revision.clone(),
            superseded: published.is_superseded(),
            siren: siren.to_owned(),
        }
    }
}

fn held_bodies(bytes: u64) -> Cache<BodyKey, HeldBody, Length> {
    let items = usize::try_from(bytes / USUAL_BODY).unwrap_or(usize::MAX);
    let options = OptionsBuilder::new()
        .estimated_items_capacity(items.max(1))
        .weight_capacity(bytes)
        // A body may be as large as a part of the whole.
        .shards(1)
        .build()
        .unwrap_or_else(|error| unreachable!("both sizes are given: {error}"));
    Cache::with_options(
        options,
        Length,
        DefaultHashBuilder::default(),
        DefaultLifecycle::default(),
    )
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
        let asked = in_time(PATIENCE, shared.warehouse.published());
        if asked.await.is_ok() {
            shared.away.store(false, Ordering::Relaxed);
            tracing::info!("the database can be read again");
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use centime_pipeline::{AcceptedChanges, Policy, Progress, Source};
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
            accept_changes: AcceptedChanges::NONE,
        };
        let models = centime_analytics::models();
        centime_pipeline::run(&source, &warehouse, &models, policy, &Silent)
            .await
            .unwrap();
        let site = Site::new(warehouse);
        let visitors = (0..20).map(|_| {
            let site = site.clone();
            tokio::spawn(async move { site.look(None, None, None).await })
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

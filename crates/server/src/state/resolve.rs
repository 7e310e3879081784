//! Which revision readers see, and of which public body.

use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use centime_warehouse::{Body, Named, PublicationState, Revision};
use lru::LruCache;
use tokio::time::sleep;

use super::held_bodies::{BodyKey, HeldBody};
use super::reading::{LOADING, NotRead, PATIENCE, Questions, Result, in_time};
use super::resolved_view::{Choice, Edition, MissingRevision, ResolvedView};
use super::site::{Held, Shared, Site};
use super::snapshot::{Published, Snapshot};
use crate::limits::{Network, Turn};

/// How often a database that is away is asked for.
const ASK_AGAIN: Duration = Duration::from_secs(1);

impl Site {
    /// What there is to show: the revision of this number, or without one what is published now. The body
    /// is named by its number or its name, as people write them; where there is only one it need not be named.
    /// `network` is whose turn it takes to read what is not in memory.
    pub(crate) async fn resolve(
        &self,
        wanted: Option<&str>,
        revision: Option<&str>,
        network: Option<Network>,
    ) -> ResolvedView {
        let older = match revision {
            Some(asked) => {
                let now = Box::pin(self.resolve_current(None, None)).await;
                let current = now.edition.published().cloned();
                let number = number_of(asked);
                current
                    .filter(|current| number != Some(current.revision.id))
                    .map(|current| (now, current, asked, number))
            }
            None => None,
        };
        let Some((now, current, asked, number)) = older else {
            return Box::pin(self.resolve_current(wanted, network)).await;
        };
        let unreadable = ResolvedView {
            edition: Edition::Unreadable,
            choice: Choice::Unreadable,
            publication: now.publication.clone(),
        };
        if !matches!(now.edition, Edition::Current(_)) {
            return unreadable;
        }
        let back = self.resolve_older(&current, asked, number, wanted, network);
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
    async fn resolve_older(
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
    async fn resolve_current(
        &self,
        wanted: Option<&str>,
        network: Option<Network>,
    ) -> ResolvedView {
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
    /// all who wait: each gets what it said after they asked, so no answer is older than its question. How long
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
    use centime_pipeline::{AcceptedChanges, Edition, Policy, Progress};
    use centime_portal::Portal;
    use centime_portal_sim::Simulator;
    use centime_warehouse::{OpenMode, Warehouse};

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
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let portal = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
        let portal = Portal::builder(&portal.url()).build().unwrap();
        let source = Edition::of_portal(&portal, "compte-de-resultat", None, None);
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
            tokio::spawn(async move { site.resolve(None, None, None).await })
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

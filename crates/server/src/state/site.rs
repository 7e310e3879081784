//! The site: a warehouse, and what is held in memory of it.

use std::num::NonZeroUsize;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};

use centime_analytics::Catalogue;
use centime_warehouse::{PublicationState, Warehouse};
use lru::LruCache;

use super::held_bodies::{HeldBodies, held_bodies};
use super::reading::Questions;
use crate::access::Guard;
use crate::limits::Shares;
use crate::settings::Settings;
use crate::state::report_service::ReportService;
use crate::state::response_cache::ResponseCache;
use crate::state::snapshot::Published;
use crate::state::sql::Sql;
use crate::state::streams::Streams;

/// How many older revisions are held in memory.
const HELD_BACK: NonZeroUsize = NonZeroUsize::new(4).unwrap();

/// The site, over a warehouse. Clones share what is held in memory.
#[derive(Clone, Debug)]
pub struct Site {
    pub(super) shared: Arc<Shared>,
    pub(super) guard: Arc<Guard>,
    reports: Option<Arc<ReportService>>,
    pub(super) catalogue: Catalogue,
    sql: Option<Arc<Sql>>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) warehouse: Warehouse,
    pub(super) held: Mutex<Option<Held>>,
    pub(super) held_back: Mutex<LruCache<i64, Arc<Published>>>,
    pub(super) bodies: HeldBodies,
    pub(super) pages: ResponseCache,
    pub(super) streams: Arc<Streams>,
    pub(super) questions: Questions,
    /// Held while a revision that is not in memory is read: others that need it wait, and find it there.
    pub(super) reading: tokio::sync::Mutex<()>,
    /// Whether the database did not answer when it was last asked. Visitors do not wait for it then.
    pub(super) away: AtomicBool,
}

/// What is held in memory of the revision that was published when it was last asked for.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) publication: Arc<PublicationState>,
    pub(super) published: Arc<Published>,
}

impl Site {
    /// The site over an open warehouse, whose marts are those of this version's analyses. Reading is
    /// open, and there are no tokens.
    pub fn new(warehouse: Warehouse) -> Self {
        Self::guarded(warehouse, Guard::new(Settings::default(), None))
    }

    /// The site over an open warehouse, with the access rules of a guard.
    pub fn guarded(warehouse: Warehouse, guard: Guard) -> Self {
        let shares = Shares::of(guard.settings.cache);
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

    /// With a service that makes reports.
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

    /// Where reports are made; `None` where they are not.
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
}

//! Which revision readers see.

use std::sync::{Arc, PoisonError, RwLock};

use centime_warehouse::Warehouse;

use crate::snapshot::Snapshot;

/// The site, over a warehouse. Clones share what is held in memory.
#[derive(Clone, Debug)]
pub struct Site {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    warehouse: Warehouse,
    held: RwLock<Option<Arc<Snapshot>>>,
}

/// What there is to show.
#[derive(Clone, Debug)]
pub enum Edition {
    /// The published revision.
    Current(Arc<Snapshot>),
    /// The revision read last: the database cannot be read now.
    Kept(Arc<Snapshot>),
    /// Nothing has been published yet.
    Nothing,
    /// The database cannot be read, and never was.
    Unreadable,
}

impl Edition {
    /// The revision to show, if there is one.
    pub fn snapshot(&self) -> Option<&Arc<Snapshot>> {
        match self {
            Self::Current(snapshot) | Self::Kept(snapshot) => Some(snapshot),
            Self::Nothing | Self::Unreadable => None,
        }
    }
}

impl Site {
    /// The site over an open warehouse, whose marts are those of this version's analyses.
    pub fn new(warehouse: Warehouse) -> Self {
        Self {
            shared: Arc::new(Shared {
                warehouse,
                held: RwLock::new(None),
            }),
        }
    }

    /// The database.
    pub(crate) fn warehouse(&self) -> &Warehouse {
        &self.shared.warehouse
    }

    /// What there is to show now: the revision in memory, unless another one was published.
    pub(crate) async fn edition(&self) -> Edition {
        match self.current().await {
            Ok(Some(snapshot)) => Edition::Current(snapshot),
            Ok(None) => Edition::Nothing,
            Err(error) => {
                tracing::error!(%error, "the database cannot be read");
                self.held().map_or(Edition::Unreadable, Edition::Kept)
            }
        }
    }

    async fn current(&self) -> centime_warehouse::Result<Option<Arc<Snapshot>>> {
        let warehouse = self.warehouse();
        let mut published = warehouse.published().await?;
        loop {
            let Some(revision) = published else {
                return Ok(None);
            };
            if let Some(held) = self.held().filter(|held| held.revision == revision) {
                return Ok(Some(held));
            }
            let snapshot = Snapshot::load(warehouse, revision).await?;
            // A revision may be superseded and dropped while it is read; then it is not whole.
            published = warehouse.published().await?;
            if published.as_ref() == Some(&snapshot.revision) {
                self.hold(snapshot);
            }
        }
    }

    fn held(&self) -> Option<Arc<Snapshot>> {
        let held = self.shared.held.read();
        held.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn hold(&self, snapshot: Snapshot) {
        let held = self.shared.held.write();
        *held.unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(snapshot));
    }
}

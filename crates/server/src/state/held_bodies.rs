//! The public bodies that are in memory, as far as their share of it goes.

use std::sync::Arc;

use centime_warehouse::Revision;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use super::snapshot::{Published, Snapshot};

/// How large a public body is in memory, roughly, in bytes.
const USUAL_BODY: u64 = 512 << 10;

/// Public bodies, of the published revision and of older ones.
pub(super) type HeldBodies = Cache<BodyKey, HeldBody, Length>;

/// A public body of a revision.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct BodyKey {
    revision: Revision,
    /// Whether its addresses name the revision.
    superseded: bool,
    siren: String,
}

/// A public body in memory.
#[derive(Clone, Debug)]
pub(super) struct HeldBody {
    pub(super) snapshot: Arc<Snapshot>,
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
pub(super) struct Length;

impl Weighter<BodyKey, HeldBody> for Length {
    fn weight(&self, _: &BodyKey, held: &HeldBody) -> u64 {
        held.bytes
    }
}

impl BodyKey {
    pub(super) fn of(published: &Published, siren: &str) -> Self {
        Self {
            // Whether figures are invented is said of the body, too, and then of it alone.
            revision: Revision {
                sample: false,
                ..published.revision.clone()
            },
            superseded: published.is_superseded(),
            siren: siren.to_owned(),
        }
    }
}

/// Room for so many bytes of them.
pub(super) fn held_bodies(bytes: u64) -> HeldBodies {
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

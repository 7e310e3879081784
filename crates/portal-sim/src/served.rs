//! What is served, as every request finds it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use crate::dataset::SimDataset;
use crate::edition::Edition;
use crate::fault::{Fault, Faults};

/// Everything a request may need.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) datasets: Vec<Published>,
    pub(crate) faults: Faults,
    pub(crate) slow: Duration,
    pub(crate) retry_after: u32,
    pub(crate) turn: AtomicU64,
    pub(crate) quota: Option<Quota>,
}

/// How many requests are answered.
#[derive(Debug)]
pub(crate) struct Quota {
    pub(crate) limit: u32,
    left: AtomicU32,
}

impl Quota {
    pub(crate) fn new(limit: u32) -> Self {
        Self {
            limit,
            left: AtomicU32::new(limit),
        }
    }

    /// Takes a request, and says how many are left after it; `None` where there was none.
    pub(crate) fn take(&self) -> Option<u32> {
        let taken = self
            .left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        taken.ok().map(|left| left - 1)
    }
}

/// A dataset, and how many times it was published since the start.
#[derive(Debug)]
pub(crate) struct Published {
    pub(crate) dataset: SimDataset,
    pub(crate) version: AtomicU64,
}

impl Published {
    pub(crate) fn edition(&self, faults: &Faults) -> Edition<'_> {
        Edition::new(&self.dataset, self.version.load(Ordering::Relaxed), faults)
    }

    pub(crate) fn publish_again(&self, faults: &Faults) {
        if faults.strikes(Fault::Republished) {
            self.version.fetch_add(1, Ordering::Relaxed);
        }
    }
}

//! What is served, as every request finds it.

use std::sync::atomic::{AtomicU64, Ordering};
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

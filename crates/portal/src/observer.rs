//! What a caller may follow while it waits.

use std::time::Duration;

use crate::Error;

/// Something that happened during a request or a retrieval.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request failed and will be made again after a wait.
    Retrying {
        /// How many attempts have failed so far.
        attempt: u32,
        /// The wait before the next attempt.
        wait: Duration,
        /// Why the attempt failed.
        cause: &'a Error,
    },
    /// The portal has no usable export, so the records are paged instead.
    FellBackToRecords {
        /// What the export answered.
        cause: &'a Error,
    },
    /// Records have been read: reported each thousand records or each page, and once at the end.
    Rows {
        /// How many records so far.
        rows: u64,
        /// How many the portal announced.
        expected: Option<u64>,
    },
}

/// Follows requests and retrievals, for example to draw a progress bar.
pub trait Observer: Send + Sync {
    /// Called for each event, on the task that makes the request: it should return quickly.
    fn event(&self, event: &Event<'_>);
}

/// Follows nothing.
impl Observer for () {
    fn event(&self, _event: &Event<'_>) {}
}

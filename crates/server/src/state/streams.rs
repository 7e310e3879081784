//! What answers about all public bodies share: turns to send them and to read the database for them, and files that
//! were made because a part of an answer was asked for.

use std::fs::File;
use std::ops::RangeInclusive;
use std::os::unix::fs::FileExt;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream::unfold;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::limits::{Lane, LaneLimits, blocking};

/// How many answers are being sent at once.
const OPEN: usize = 16;

/// How many of them read the database at once.
const READING: usize = 2;

/// How long one waits until it may begin, and how long one that has begun waits for the next piece.
const TURN: Duration = Duration::from_secs(5);
const PIECE_TURN: Duration = Duration::from_mins(1);

/// How much is kept in files, in bytes, and how long one of them may be.
const KEPT: u64 = 1 << 30;
pub const LONGEST: u64 = KEPT / 2;

/// How much of a file is read at once, in bytes.
const PIECE: u64 = 256 << 10;

/// What such answers share.
#[derive(Debug)]
pub struct Streams {
    pub open: Arc<Lane>,
    pub reading: Arc<Lane>,
    pub files: Cache<String, Arc<Kept>, Length>,
}

/// A file that was made because a part of it was asked for. It has no name, and is gone when no answer reads it.
#[derive(Debug)]
pub struct Kept {
    pub file: File,
    pub length: u64,
}

#[derive(Clone, Debug)]
pub struct Length;

impl Weighter<String, Arc<Kept>> for Length {
    fn weight(&self, _: &String, kept: &Arc<Kept>) -> u64 {
        kept.length.max(1)
    }
}

impl Default for Streams {
    fn default() -> Self {
        let options = OptionsBuilder::new()
            .estimated_items_capacity(64)
            .weight_capacity(KEPT)
            // A file may be as long as half of the whole.
            .shards(1)
            .build()
            .unwrap_or_else(|error| unreachable!("both sizes are given: {error}"));
        Self {
            open: lane(OPEN, TURN),
            reading: lane(READING, PIECE_TURN),
            files: Cache::with_options(
                options,
                Length,
                DefaultHashBuilder::default(),
                DefaultLifecycle::default(),
            ),
        }
    }
}

/// A lane in which one client has half of the turns at most: such an answer takes as long as its reader likes.
fn lane(turns: usize, wait: Duration) -> Arc<Lane> {
    Arc::new(Lane::new(LaneLimits {
        turns,
        turns_each: turns / 2,
        waiting_each: 2 * turns,
        waiting: 8 * turns,
        wait,
    }))
}

/// These bytes of a file, read while they are sent.
pub fn body_of(kept: &Arc<Kept>, bytes: RangeInclusive<u64>) -> Body {
    let state = (Arc::clone(kept), *bytes.start(), *bytes.end() + 1);
    let pieces = unfold(state, async |(kept, from, end)| {
        if from >= end {
            return None;
        }
        let to = end.min(from + PIECE);
        let read = blocking(move || {
            let mut piece = vec![0; usize::try_from(to - from).unwrap_or_default()];
            let read = kept.file.read_exact_at(&mut piece, from);
            (kept, read.map(|()| Bytes::from(piece)))
        });
        match read.await {
            Ok((kept, Ok(piece))) => Some((Ok(piece), (kept, to, end))),
            Ok((kept, Err(error))) => Some((Err(error), (kept, end, end))),
            Err(error) => {
                tracing::error!(%error, "a part of an answer was not read");
                None
            }
        }
    });
    Body::from_stream(pieces)
}

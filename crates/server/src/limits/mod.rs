//! What one client may take from others: turns to work, and room in memory.
//!
//! | module | knows |
//! |---|---|
//! | `network` | what a client is, for every limit: an IPv4 address, or an IPv6 network of 64 bits |
//! | `lane` | how much work of a kind goes on at once, and whose turn is next |
//! | `work` | that a turn lasts as long as the work does, also after the client has hung up |
//! | `memory` | how much all caches hold together |
//!
//! Whatever takes more than a few milliseconds or megabytes waits for a turn of one of the [`Lanes`]: making a page that
//! is not kept, making a file, a picture or a report, and reading a public body from the database. Answers that are kept
//! need no turn. Turns go round among the networks that wait, so that a client waits for others, but never for the
//! second request of another one.

mod lane;
mod memory;
mod network;
mod work;

use std::sync::Arc;
use std::time::Duration;

pub use lane::{Lane, LaneLimits, NoTurn, Turn};
pub use memory::Shares;
pub use network::Network;
pub use work::{blocking, holding};

/// How long a file, a picture or a report waits for its turn, and a public body for being read.
const WAIT: Duration = Duration::from_secs(5);

/// How many pages are made at once. They wait for the database most of the time.
const PAGES: usize = 8;

/// How many public bodies are read at once. A SQLite file has four connections.
const BODIES: usize = 3;

/// How many requests of one network may wait for a file. More would not have their turn in time.
const WAITING_FOR_FILES: usize = 32;

/// How many requests of one network may wait for a page or for a public body, which are made faster.
const WAITING_FOR_PAGES: usize = 128;

/// How many requests may wait in a lane in all.
const WAITING: usize = 512;

/// The lanes of the site.
#[derive(Debug)]
pub struct Lanes {
    /// Pages and answers of the API, where they are not kept.
    pub pages: Arc<Lane>,
    /// Files, pictures, reports and downloads of lines.
    pub files: Arc<Lane>,
    /// What is read of a public body before anything can be shown of it.
    pub bodies: Arc<Lane>,
}

impl Lanes {
    /// Lanes in which so many files are made at once.
    pub fn new(files: usize) -> Self {
        let lane = |turns: usize, waiting_each, wait| {
            Arc::new(Lane::new(LaneLimits {
                turns,
                // One is left for others, wherever there is more than one.
                turns_each: turns.saturating_sub(1).max(1),
                waiting_each,
                waiting: WAITING,
                wait,
            }))
        };
        Self {
            pages: lane(PAGES, WAITING_FOR_PAGES, 2 * WAIT),
            files: lane(files.max(1), WAITING_FOR_FILES, WAIT),
            bodies: lane(BODIES, WAITING_FOR_PAGES, 2 * WAIT),
        }
    }
}

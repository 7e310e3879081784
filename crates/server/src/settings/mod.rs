//! How open the site is, and its limits.

pub mod footer_links;
pub mod metabase;

use std::num::NonZeroU32;
use std::time::Duration;

use centime_access::Mode;
use ipnet::IpNet;

use self::footer_links::FooterLink;
use self::metabase::Metabase;

/// How open the site is, and its limits.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Whether reading is open.
    pub mode: Mode,
    /// The proxies whose word about the visitor is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// The origins that may show pages in a frame; none when empty.
    pub frame_ancestors: Vec<String>,
    /// The Metabase whose dashboard is shown in a frame, if there is one.
    pub metabase: Option<Metabase>,
    /// How the site is reached from outside, as in `https://comptes.example.fr` or `https://town.example/comptes`,
    /// without a slash at its end; `None` where it does not know.
    pub public_address: Option<String>,
    /// The links at the foot of every page.
    pub links: Vec<FooterLink>,
    /// Whether the site itself speaks HTTPS, so that browsers may be told to insist on it.
    pub https: bool,
    /// How many requests each network and each token may make.
    pub rate: Rate,
    /// How many files, pictures and reports are made at once.
    pub heavy: usize,
    /// How much all caches hold together, in bytes.
    pub cache: u64,
    /// How long a session lasts without a request.
    pub session_idle: Duration,
    /// How long a session lasts at most.
    pub session_longest: Duration,
    /// How many sessions one token may have; one more ends the one that was used longest ago.
    pub sessions_each: usize,
    /// How many wrong tokens a network may show before it is locked out.
    pub failed_attempts: u32,
    /// For how long it is locked out, and how far back wrong tokens count.
    pub lock: Duration,
    /// How long the site works on a request at most.
    pub answer_within: Duration,
    /// How long a client may take to send the head of a request.
    pub ask_within: Duration,
    /// How long a client may take to receive any part of an answer.
    pub receive_within: Duration,
    /// How large the body of a request may be, in bytes.
    pub largest_body: usize,
    /// How many connections are open at once.
    pub connections: usize,
    /// How many of them one network may have; trusted proxies may have all.
    pub connections_each: usize,
}

/// A rate of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many a second, in the long run.
    pub per_second: NonZeroU32,
    /// How many at once.
    pub burst: NonZeroU32,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            mode: Mode::Public,
            trusted_proxies: Vec::new(),
            frame_ancestors: Vec::new(),
            metabase: None,
            public_address: None,
            links: Vec::new(),
            https: false,
            rate: Rate::default(),
            heavy: 3,
            cache: 96 << 20,
            sessions_each: 256,
            session_idle: Duration::from_hours(2),
            session_longest: Duration::from_hours(12),
            failed_attempts: 10,
            lock: Duration::from_mins(15),
            answer_within: Duration::from_secs(30),
            ask_within: Duration::from_secs(10),
            receive_within: Duration::from_secs(20),
            largest_body: 16 * 1024,
            connections: 1024,
            connections_each: 128,
        }
    }
}

impl Default for Rate {
    fn default() -> Self {
        const PER_SECOND: NonZeroU32 = NonZeroU32::new(100).unwrap();
        const BURST: NonZeroU32 = NonZeroU32::new(400).unwrap();
        Self {
            per_second: PER_SECOND,
            burst: BURST,
        }
    }
}

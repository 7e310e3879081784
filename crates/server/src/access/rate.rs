//! How many requests each may make.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use centime_access::TokenId;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultDirectRateLimiter, Quota};
use lru::LruCache;

use super::settings::Rate;

/// How many visitors are counted: those seen last.
const COUNTED: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// Whose requests are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Visitor {
    Address(IpAddr),
    Token(TokenId),
}

/// Counts requests by visitor. Memory is bounded: who has not been seen for long is forgotten.
pub struct Rates {
    quota: Quota,
    counters: Mutex<LruCache<Visitor, Arc<DefaultDirectRateLimiter>>>,
}

impl Rates {
    /// Allows each visitor this rate.
    pub fn new(rate: Rate) -> Self {
        Self {
            quota: Quota::per_second(rate.per_second).allow_burst(rate.burst),
            counters: Mutex::new(LruCache::new(COUNTED)),
        }
    }

    /// Counts a request; how long to wait where it is one too many.
    pub fn count(&self, visitor: Visitor) -> Result<(), Duration> {
        let counter = {
            let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || Arc::new(DefaultDirectRateLimiter::direct(self.quota));
            Arc::clone(counters.get_or_insert(visitor, new))
        };
        counter
            .check()
            .map_err(|not_yet| not_yet.wait_time_from(DefaultClock::default().now()))
    }
}

impl std::fmt::Debug for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rates({:?})", self.quota)
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    #[test]
    fn each_visitor_has_a_rate_of_its_own() {
        let one = NonZeroU32::MIN;
        let rates = Rates::new(Rate {
            per_second: one,
            burst: one,
        });
        let visitor = |last| Visitor::Address(IpAddr::from([203, 0, 113, last]));
        assert_eq!(rates.count(visitor(1)), Ok(()));
        assert!(rates.count(visitor(1)).is_err());
        assert_eq!(rates.count(visitor(2)), Ok(()));
    }
}

//! Which networks have shown wrong tokens too often.
//!
//! Further wrong tokens from there are refused without their own reason for a while, and an event is noted.
//! Right ones are not concerned.

use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

use crate::limits::Network;

/// How many networks are remembered: those seen last.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// Counts wrong tokens by network.
#[derive(Debug)]
pub struct FailedAttempts {
    allowed: u32,
    lock: Duration,
    networks: Mutex<LruCache<Network, Failures>>,
}

#[derive(Clone, Copy, Debug)]
struct Failures {
    count: u32,
    last: Instant,
}

/// What a further wrong token means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// It is one of those allowed.
    Within,
    /// It is the last of those allowed.
    Last,
    /// It is one too many; the network is locked out for so long.
    TooMany(Duration),
}

impl FailedAttempts {
    /// Allows so many wrong tokens from a network; one more counts for so long.
    pub fn new(allowed: u32, lock: Duration) -> Self {
        Self {
            allowed,
            lock,
            networks: Mutex::new(LruCache::new(REMEMBERED)),
        }
    }

    /// Counts a wrong token from a network; one that comes without a network is always allowed.
    ///
    /// The time begins with the last one allowed, so that a program which goes on with a wrong token does
    /// not make it longer for those behind the same address.
    pub fn count_wrong(&self, network: Option<Network>) -> Counted {
        let Some(network) = network else {
            return Counted::Within;
        };
        let mut networks = self.networks.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let failures = networks.get_or_insert_mut(network, || Failures {
            count: 0,
            last: now,
        });
        let left = self.lock.saturating_sub(failures.last.elapsed());
        if left.is_zero() {
            failures.count = 0;
        } else if failures.count >= self.allowed {
            return Counted::TooMany(left);
        }
        failures.count = failures.count.saturating_add(1);
        failures.last = now;
        if failures.count == self.allowed {
            Counted::Last
        } else {
            Counted::Within
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as the guard knows networks")]
    fn network(last: u8) -> Option<Network> {
        Some(Network::of([203, 0, 113, last].into()))
    }

    #[test]
    fn a_network_is_locked_out_and_others_are_not() {
        let failed_attempts = FailedAttempts::new(3, Duration::from_hours(1));
        assert_eq!(failed_attempts.count_wrong(network(1)), Counted::Within);
        assert_eq!(failed_attempts.count_wrong(network(1)), Counted::Within);
        assert_eq!(failed_attempts.count_wrong(network(1)), Counted::Last);
        assert!(matches!(
            failed_attempts.count_wrong(network(1)),
            Counted::TooMany(_)
        ));
        assert_eq!(failed_attempts.count_wrong(network(2)), Counted::Within);
        for _ in 0..9 {
            assert_eq!(failed_attempts.count_wrong(None), Counted::Within);
        }
    }

    #[test]
    fn a_lock_ends() {
        let failed_attempts = FailedAttempts::new(1, Duration::ZERO);
        assert_eq!(failed_attempts.count_wrong(network(1)), Counted::Last);
        assert_eq!(failed_attempts.count_wrong(network(1)), Counted::Last);
    }

    #[test]
    fn going_on_makes_it_no_longer() {
        let failed_attempts = FailedAttempts::new(1, Duration::from_millis(300));
        failed_attempts.count_wrong(network(1));
        let Counted::TooMany(first) = failed_attempts.count_wrong(network(1)) else {
            panic!("one is allowed");
        };
        std::thread::sleep(Duration::from_millis(20));
        let Counted::TooMany(later) = failed_attempts.count_wrong(network(1)) else {
            panic!("the time is not over");
        };
        assert!(later < first, "{later:?} {first:?}");
    }
}

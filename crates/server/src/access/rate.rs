//! How many requests each may make.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use centime_access::TokenId;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::{StateInformationMiddleware, StateSnapshot};
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use lru::LruCache;

use crate::limits::Network;
use crate::settings::Rate;

/// How many visitors are counted: those seen last.
const COUNTED: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// Whose requests are counted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Visitor {
    Network(Network),
    Token(TokenId),
}

/// The headers that say how much a program may still ask for (draft-ietf-httpapi-ratelimit-headers).
const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LEFT: HeaderName = HeaderName::from_static("ratelimit");

type Counter = RateLimiter<NotKeyed, InMemoryState, DefaultClock, StateInformationMiddleware>;

/// Counts requests by visitor. Memory is bounded: who has not been seen for long is forgotten.
pub struct Rates {
    rate: Rate,
    counters: Mutex<LruCache<Visitor, Arc<Counter>>>,
}

/// How much visitors may still ask for: the address and the token of a request are counted apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowance(Vec<Left>);

/// How much one of them may still ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Left {
    /// What is counted.
    of: &'static str,
    rate: Rate,
    /// How many requests are left.
    requests: u32,
}

impl Visitor {
    const fn name(&self) -> &'static str {
        match self {
            Self::Network(_) => "address",
            Self::Token(_) => "token",
        }
    }
}

impl Rates {
    /// Allows each visitor this rate.
    pub fn new(rate: Rate) -> Self {
        Self {
            rate,
            counters: Mutex::new(LruCache::new(COUNTED)),
        }
    }

    /// Counts a request, and notes how many are left; how long to wait where it is one too many.
    pub fn count(&self, visitor: Visitor, allowance: &mut Allowance) -> Result<(), Duration> {
        let of = visitor.name();
        let counter = {
            let mut counters = self.counters.lock().unwrap_or_else(PoisonError::into_inner);
            let new = || {
                let quota = Quota::per_second(self.rate.per_second).allow_burst(self.rate.burst);
                Arc::new(RateLimiter::direct(quota).with_middleware::<StateInformationMiddleware>())
            };
            Arc::clone(counters.get_or_insert(visitor, new))
        };
        let checked = counter.check();
        allowance.0.push(Left {
            of,
            rate: self.rate,
            requests: checked
                .as_ref()
                .map_or(0, StateSnapshot::remaining_burst_capacity),
        });
        checked
            .map(drop)
            .map_err(|not_yet| not_yet.wait_time_from(DefaultClock::default().now()))
    }
}

impl Allowance {
    /// Says it to a program.
    pub fn describe(&self, headers: &mut HeaderMap) {
        let list = |item: fn(&Left) -> String| {
            let items: Vec<String> = self.0.iter().map(item).collect();
            HeaderValue::try_from(items.join(", "))
        };
        if self.0.is_empty() {
            return;
        }
        for (name, list) in [(POLICY, list(Left::policy)), (LEFT, list(Left::left))] {
            match list {
                Ok(list) => drop(headers.insert(name, list)),
                Err(error) => tracing::error!(%error, %name, "a header was left out"),
            }
        }
    }
}

impl Left {
    /// How many requests may be made at once, and in how many seconds as many are allowed again.
    fn policy(&self) -> String {
        let (of, burst) = (self.of, self.rate.burst);
        format!("\"{of}\";q={burst};w={}", self.seconds(burst.get()))
    }

    /// How many are left, and in how many seconds all are.
    fn left(&self) -> String {
        let (of, left) = (self.of, self.requests);
        let used = self.rate.burst.get().saturating_sub(left);
        format!("\"{of}\";r={left};t={}", self.seconds(used))
    }

    /// In how many seconds so many requests are allowed, at least one.
    fn seconds(&self, requests: u32) -> u32 {
        requests.div_ceil(self.rate.per_second.get()).max(1)
    }
}

impl std::fmt::Debug for Rates {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rates({:?})", self.rate)
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
        let visitor = |last| Visitor::Network(Network::of([203, 0, 113, last].into()));
        let count = |visitor| rates.count(visitor, &mut Allowance::default());
        assert_eq!(count(visitor(1)), Ok(()));
        assert!(count(visitor(1)).is_err());
        assert_eq!(count(visitor(2)), Ok(()));
    }

    #[test]
    fn what_is_left_is_said_of_each_that_is_counted() {
        let rate = |per_second, burst| Rate {
            per_second: NonZeroU32::new(per_second).unwrap(),
            burst: NonZeroU32::new(burst).unwrap(),
        };
        let rates = Rates::new(rate(2, 5));
        let address = Visitor::Network(Network::of([203, 0, 113, 1].into()));
        let said = |allowance: &Allowance| {
            let mut headers = HeaderMap::new();
            allowance.describe(&mut headers);
            [POLICY, LEFT].map(|name| {
                let value = headers.get(name);
                value.map_or("", |value| value.to_str().unwrap()).to_owned()
            })
        };
        assert_eq!(said(&Allowance::default()), ["", ""]);
        for left in ["r=4;t=1", "r=3;t=1", "r=2;t=2", "r=1;t=2", "r=0;t=3"] {
            let mut allowance = Allowance::default();
            assert_eq!(rates.count(address.clone(), &mut allowance), Ok(()));
            let expected = [
                "\"address\";q=5;w=3".to_owned(),
                format!("\"address\";{left}"),
            ];
            assert_eq!(said(&allowance), expected);
        }
        let mut allowance = Allowance::default();
        assert!(rates.count(address, &mut allowance).is_err());
        let token = Visitor::Token(centime_access::Secret::generate().unwrap().id());
        assert_eq!(rates.count(token, &mut allowance), Ok(()));
        assert_eq!(
            said(&allowance)[1],
            "\"address\";r=0;t=3, \"token\";r=4;t=1"
        );
    }
}

//! Who has shown wrong tokens too often.
//!
//! Guesses are counted by address, and by the beginning of the token, so that many addresses together
//! have no more guesses at one token than one has. An address from which a token did let in is not kept
//! from it by the guesses of others.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use centime_access::TokenId;
use lru::LruCache;

/// How many addresses and tokens are remembered: those seen last.
const REMEMBERED: NonZeroUsize = NonZeroUsize::new(16_384).unwrap();

/// How many addresses have to guess at a token as often as each may before nobody else can.
const TOGETHER: u32 = 5;

/// Counts wrong tokens.
#[derive(Debug)]
pub struct Lockout {
    allowed: u32,
    lock: Duration,
    addresses: Mutex<LruCache<IpAddr, Strikes>>,
    tokens: Mutex<LruCache<TokenId, Strikes>>,
    known: Mutex<LruCache<(TokenId, IpAddr), ()>>,
}

#[derive(Clone, Copy, Debug)]
struct Strikes {
    count: u32,
    last: Instant,
}

impl Lockout {
    /// Locks out after so many wrong tokens, for so long.
    pub fn new(allowed: u32, lock: Duration) -> Self {
        Self {
            allowed,
            lock,
            addresses: Mutex::new(LruCache::new(REMEMBERED)),
            tokens: Mutex::new(LruCache::new(REMEMBERED)),
            known: Mutex::new(LruCache::new(REMEMBERED)),
        }
    }

    /// For how long an address, or a token from it, is locked out; `None` when it is not.
    pub fn locked(&self, address: Option<IpAddr>, token: Option<&TokenId>) -> Option<Duration> {
        let of_address = address
            .and_then(|address| self.left(&mut held(&self.addresses), &address, self.allowed));
        let of_token = token.and_then(|token| {
            let known = address
                .is_some_and(|address| held(&self.known).contains(&(token.clone(), address)));
            if known {
                return None;
            }
            let together = self.allowed.saturating_mul(TOGETHER);
            self.left(&mut held(&self.tokens), token, together)
        });
        of_address.max(of_token)
    }

    fn left<K: Hash + Eq>(
        &self,
        strikes: &mut LruCache<K, Strikes>,
        key: &K,
        allowed: u32,
    ) -> Option<Duration> {
        let found = strikes.peek(key)?;
        let left = self.lock.checked_sub(found.last.elapsed())?;
        (found.count >= allowed && !left.is_zero()).then_some(left)
    }

    /// Counts a wrong token. Says whether the address is locked out from now on.
    pub fn strike(&self, address: Option<IpAddr>, token: Option<&TokenId>) -> bool {
        if let Some(token) = token {
            self.count(&mut held(&self.tokens), token.clone());
        }
        address
            .is_some_and(|address| self.count(&mut held(&self.addresses), address) == self.allowed)
    }

    fn count<K: Hash + Eq>(&self, strikes: &mut LruCache<K, Strikes>, key: K) -> u32 {
        let now = Instant::now();
        let found = strikes.get_or_insert_mut(key, || Strikes {
            count: 0,
            last: now,
        });
        if found.last.elapsed() >= self.lock {
            found.count = 0;
        }
        found.count = found.count.saturating_add(1);
        found.last = now;
        found.count
    }

    /// Remembers that a token let in from an address.
    pub fn let_in(&self, address: Option<IpAddr>, token: &TokenId) {
        if let Some(address) = address {
            held(&self.known).put((token.clone(), address), ());
        }
    }
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use centime_access::Secret;

    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "as the guard knows addresses")]
    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([203, 0, 113, last]))
    }

    #[test]
    fn an_address_is_locked_out_and_others_are_not() {
        let lockout = Lockout::new(3, Duration::from_hours(1));
        assert!(!lockout.strike(address(1), None));
        assert!(!lockout.strike(address(1), None));
        assert_eq!(lockout.locked(address(1), None), None);
        assert!(lockout.strike(address(1), None));
        assert!(lockout.locked(address(1), None).is_some());
        assert_eq!(lockout.locked(address(2), None), None);
        assert_eq!(lockout.locked(None, None), None);
    }

    #[test]
    fn a_lock_ends() {
        let lockout = Lockout::new(1, Duration::ZERO);
        lockout.strike(address(1), None);
        assert_eq!(lockout.locked(address(1), None), None);
    }

    #[test]
    fn many_addresses_together_do_not_guess_longer_and_its_owner_stays_in() {
        let lockout = Lockout::new(2, Duration::from_hours(1));
        let token = Secret::generate().unwrap().id();
        lockout.let_in(address(200), &token);
        for last in 0..10 {
            assert_eq!(lockout.locked(address(last), Some(&token)), None, "{last}");
            lockout.strike(address(last), Some(&token));
        }
        assert!(lockout.locked(address(99), Some(&token)).is_some());
        assert_eq!(lockout.locked(address(200), Some(&token)), None);
    }
}

//! Who has logged in with a browser.
//!
//! A session is a random number in a cookie. Memory holds its SHA-256 with the token it was opened with:
//! a revoked token ends its sessions, and so does a restart.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use axum::http::header::COOKIE as COOKIE_HEADER;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use centime_access::TokenId;
use centime_access::token::{NoRandomness, random};
use lru::LruCache;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// The name of the cookie. Browsers take a cookie of this beginning only over HTTPS or from this
/// machine, for this host alone.
pub const COOKIE: &str = "__Host-centime";

/// How many sessions there are at most; one more ends the one that was used last.
const MOST: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

type Key = [u8; 32];

/// The open sessions.
#[derive(Debug)]
pub struct Sessions {
    idle: Duration,
    longest: Duration,
    open: Mutex<LruCache<Key, Open>>,
}

struct Open {
    token: TokenId,
    form_key: String,
    opened: Instant,
    used: Instant,
}

/// A session, as a request finds it.
#[derive(Clone)]
pub struct Session {
    /// The token it was opened with.
    pub token: TokenId,
    /// What every form of this session sends with it, and no other site knows.
    pub form_key: String,
    key: Key,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session of {}", self.token)
    }
}

impl Session {
    /// Whether a form was made for this session.
    pub fn knows(&self, form_key: &str) -> bool {
        self.form_key.as_bytes().ct_eq(form_key.as_bytes()).into()
    }
}

impl Sessions {
    pub fn new(idle: Duration, longest: Duration) -> Self {
        Self {
            idle,
            longest,
            open: Mutex::new(LruCache::new(MOST)),
        }
    }

    /// Opens a session and gives the header that sets its cookie.
    pub fn open(&self, token: TokenId) -> Result<String, NoRandomness> {
        let number = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let form_key = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let now = Instant::now();
        let open = Open {
            token,
            form_key,
            opened: now,
            used: now,
        };
        self.held().put(key(&number), open);
        let seconds = self.longest.as_secs();
        Ok(format!(
            "{COOKIE}={number}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
        ))
    }

    /// The session of a request; `None` when it has none or it has ended.
    pub fn find(&self, headers: &HeaderMap) -> Option<Session> {
        let key = key(number(headers)?);
        let mut open = self.held();
        let found = open.get_mut(&key)?;
        if found.used.elapsed() >= self.idle || found.opened.elapsed() >= self.longest {
            open.pop(&key);
            return None;
        }
        found.used = Instant::now();
        Some(Session {
            token: found.token.clone(),
            form_key: found.form_key.clone(),
            key,
        })
    }

    /// Ends a session.
    pub fn close(&self, session: &Session) {
        self.held().pop(&session.key);
    }

    /// The header that takes the cookie away.
    pub fn forget() -> String {
        format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        self.held().len()
    }

    fn held(&self) -> MutexGuard<'_, LruCache<Key, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a request shows a session, open or not.
pub fn is_shown(headers: &HeaderMap) -> bool {
    number(headers).is_some()
}

fn key(number: &str) -> Key {
    Sha256::digest(number).into()
}

fn number(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(COOKIE_HEADER)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .find_map(|cookie| cookie.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use centime_access::Secret;

    use super::*;

    fn with(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(COOKIE_HEADER, format!("lang=fr; {pair}").parse().unwrap())])
    }

    #[test]
    fn a_session_is_found_until_it_is_closed() {
        let hour = Duration::from_hours(1);
        let sessions = Sessions::new(hour, hour);
        let token = Secret::generate().unwrap().id();
        let cookie = sessions.open(token.clone()).unwrap();
        for part in [
            "; Path=/;",
            "Secure",
            "HttpOnly",
            "SameSite=Lax",
            "Max-Age=3600",
        ] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let found = sessions.find(&with(&cookie)).unwrap();
        assert_eq!(found.token, token);
        assert!(found.knows(&found.form_key.clone()) && !found.knows("") && !found.knows("x"));
        assert!(
            sessions
                .find(&with(&cookie.replacen('=', "=x", 1)))
                .is_none()
        );
        assert!(sessions.find(&HeaderMap::new()).is_none());
        sessions.close(&found);
        assert!(sessions.find(&with(&cookie)).is_none());
    }

    #[test]
    fn a_session_ends_by_itself() {
        let hour = Duration::from_hours(1);
        for (idle, longest) in [(Duration::ZERO, hour), (hour, Duration::ZERO)] {
            let sessions = Sessions::new(idle, longest);
            let cookie = sessions.open(Secret::generate().unwrap().id()).unwrap();
            assert!(sessions.find(&with(&cookie)).is_none());
            assert_eq!(sessions.count(), 0);
        }
    }
}

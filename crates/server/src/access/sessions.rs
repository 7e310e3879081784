//! Who has logged in with a browser.
//!
//! A session is a random number in a cookie. Memory holds its SHA-256 with the token it was opened with:
//! a revoked token ends its sessions, and so does a restart. A token has so many of them: one more ends its own that was
//! used longest ago, and where there is no room for any more, one of a token that may do no more than this one.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use centime_access::token::{NoRandomness, random};
use centime_access::{Right, Role, TokenId};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::http::cookies;

/// The name of the cookie. Browsers take a cookie of this beginning only over HTTPS or from this
/// machine, for this host alone.
pub const COOKIE: &str = "__Host-centime";

/// How many sessions there are at most.
const MOST: usize = 10_000;

type Key = [u8; 32];

/// The open sessions.
#[derive(Debug)]
pub struct Sessions {
    idle: Duration,
    longest: Duration,
    each: usize,
    most: usize,
    open: Mutex<HashMap<Key, Open>>,
}

#[derive(Debug)]
struct Open {
    token: TokenId,
    role: Role,
    form_key: String,
    opened: Instant,
    used: Instant,
}

/// Why no session was opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// There are as many as there may be, of tokens that may do more.
    #[error("there are too many sessions")]
    TooMany,
    /// The system gives no random numbers.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
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
    /// Sessions that last so long, of which one token has so many.
    pub fn new(idle: Duration, longest: Duration, each: usize) -> Self {
        Self {
            idle,
            longest,
            each: each.max(1),
            most: MOST,
            open: Mutex::default(),
        }
    }

    /// Opens a session and gives the header that sets its cookie.
    pub fn open(&self, token: TokenId, role: Role) -> Result<String, NotOpened> {
        let number = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let form_key = URL_SAFE_NO_PAD.encode(random::<32>()?);
        let mut open = self.held();
        self.make_room(&mut open, &token, role)?;
        let now = Instant::now();
        let session = Open {
            token,
            role,
            form_key,
            opened: now,
            used: now,
        };
        open.insert(key(&number), session);
        let seconds = self.longest.as_secs();
        Ok(format!(
            "{COOKIE}={number}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
        ))
    }

    /// Ends what has to end before a token has one more session.
    fn make_room(
        &self,
        open: &mut HashMap<Key, Open>,
        token: &TokenId,
        role: Role,
    ) -> Result<(), NotOpened> {
        let of_token = open.values().filter(|open| open.token == *token).count();
        if of_token < self.each && open.len() < self.most {
            return Ok(());
        }
        open.retain(|_, open| !self.has_ended(open));
        let of_token = open.values().filter(|open| open.token == *token).count();
        let ends = if of_token >= self.each {
            longest_unused(open, |open| open.token == *token)
        } else if open.len() < self.most {
            return Ok(());
        } else {
            longest_unused(open, |open| may_end(role, open.role))
        };
        open.remove(&ends.ok_or(NotOpened::TooMany)?);
        Ok(())
    }

    fn has_ended(&self, open: &Open) -> bool {
        open.used.elapsed() >= self.idle || open.opened.elapsed() >= self.longest
    }

    /// The session of a request; `None` when it has none or it has ended.
    pub fn find(&self, headers: &HeaderMap) -> Option<Session> {
        let key = key(number(headers)?);
        let mut open = self.held();
        if self.has_ended(open.get(&key)?) {
            open.remove(&key);
            return None;
        }
        let found = open.get_mut(&key)?;
        found.used = Instant::now();
        Some(Session {
            token: found.token.clone(),
            form_key: found.form_key.clone(),
            key,
        })
    }

    /// Ends a session.
    pub fn close(&self, session: &Session) {
        self.held().remove(&session.key);
    }

    /// The header that takes the cookie away.
    pub fn forget() -> String {
        format!("{COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
    }

    /// How many sessions there are.
    pub fn count(&self) -> usize {
        self.held().len()
    }

    fn held(&self) -> MutexGuard<'_, HashMap<Key, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The session among some that was used longest ago.
fn longest_unused(open: &HashMap<Key, Open>, among: impl Fn(&Open) -> bool) -> Option<Key> {
    let known = open.iter().filter(|(_, open)| among(open));
    known.min_by_key(|(_, open)| open.used).map(|(key, _)| *key)
}

/// Whether a session of the first role may end one of the second, which may do no more.
fn may_end(opened: Role, other: Role) -> bool {
    Right::ALL
        .into_iter()
        .all(|right| opened.may(right) || !other.may(right))
}

/// Whether a request shows a session, open or not.
pub fn is_shown(headers: &HeaderMap) -> bool {
    number(headers).is_some()
}

fn key(number: &str) -> Key {
    Sha256::digest(number).into()
}

fn number(headers: &HeaderMap) -> Option<&str> {
    cookies::values(headers, COOKIE).next()
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE as COOKIE_HEADER;
    use centime_access::Secret;

    use super::*;

    fn with(cookie: &str) -> HeaderMap {
        let pair = cookie.split(';').next().unwrap();
        HeaderMap::from_iter([(COOKIE_HEADER, format!("lang=fr; {pair}").parse().unwrap())])
    }

    #[test]
    fn a_session_is_found_until_it_is_closed() {
        let hour = Duration::from_hours(1);
        let sessions = Sessions::new(hour, hour, 8);
        let token = Secret::generate().unwrap().id();
        let cookie = sessions.open(token.clone(), Role::Viewer).unwrap();
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
            let sessions = Sessions::new(idle, longest, 8);
            let token = Secret::generate().unwrap().id();
            let cookie = sessions.open(token, Role::Viewer).unwrap();
            assert!(sessions.find(&with(&cookie)).is_none());
            assert_eq!(sessions.count(), 0);
        }
    }

    #[test]
    fn a_token_ends_its_own_sessions_and_none_of_a_greater_role() {
        let hour = Duration::from_hours(1);
        let sessions = Sessions {
            most: 6,
            ..Sessions::new(hour, hour, 3)
        };
        let [viewer, other, admin] = [(); 3].map(|()| Secret::generate().unwrap().id());
        let open = |token: &TokenId, role| sessions.open(token.clone(), role);
        let is_open = |cookie: &str| sessions.find(&with(cookie)).is_some();
        let of_admin = open(&admin, Role::Admin).unwrap();
        let of_viewer: Vec<String> = (0..50)
            .map(|_| open(&viewer, Role::Viewer).unwrap())
            .collect();
        assert_eq!(sessions.count(), 4);
        let still: Vec<bool> = of_viewer.iter().map(|cookie| is_open(cookie)).collect();
        assert!(still[..47].iter().all(|open| !open) && still[47..].iter().all(|open| *open));
        // No room for any more: one of equals has to end, and never the administrator's.
        for _ in 0..9 {
            open(&other, Role::Viewer).unwrap();
        }
        assert_eq!(sessions.count(), 6);
        assert!(is_open(&of_admin));
        for _ in 0..9 {
            open(&admin, Role::Admin).unwrap();
        }
        for _ in 0..3 {
            open(&Secret::generate().unwrap().id(), Role::Admin).unwrap();
        }
        let refused = open(&viewer, Role::Viewer);
        assert!(matches!(refused, Err(NotOpened::TooMany)), "{refused:?}");
    }
}

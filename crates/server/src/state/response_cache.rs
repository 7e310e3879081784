//! Answers as they were sent, for the next visitor who asks for the same.
//!
//! An answer is kept under everything it follows from, so nothing has to be thrown away in time: what is
//! out of date is no longer asked for, and gives its place to what is.

use std::future::Future;
use std::sync::Arc;

use centime_analytics::Language;
use centime_warehouse::PublicationState;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::http::base::Base;
use crate::http::encoding::Encoding;
use crate::http::reply::{CachedResponse, Reply};
use crate::http::theme::Theme;
use crate::limits::blocking;

/// How long an answer is, roughly, in bytes.
const USUAL: u64 = 24 << 10;

/// What an answer takes besides its body and its address, in bytes.
const BESIDES: usize = 512;

/// Who draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RenderTarget {
    /// The program: the page has the drawings.
    Server,
    /// The browser: the page has what to draw.
    Browser,
}

/// That a page is asked for as a file of a copy of the site.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Copied {
    /// Where the file will be, where that is known.
    pub address: Option<String>,
}

/// Everything that an answer follows from. Who asks is not part of it: see `router::page`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What is published.
    pub publication: Arc<PublicationState>,
    /// The address, in the form that is the same for all ways to write it.
    pub address: String,
    /// The path of the host that stands before addresses.
    pub base: Base,
    /// Whether it is for a file of a copy of the site.
    pub copied: Option<Copied>,
    pub language: Language,
    pub theme: Theme,
    pub drawn_by: RenderTarget,
    /// How the visitor reads it compressed.
    pub encoding: Encoding,
    /// Whether the visitor is logged in, with any role.
    pub known: bool,
    /// Whether the database is away.
    pub kept: bool,
    /// What was told last of the runs of this process; 0 where it has none.
    pub upkeep: u64,
}

#[derive(Clone, Debug)]
struct Length;

impl Weighter<Key, Arc<CachedResponse>> for Length {
    fn weight(&self, key: &Key, packed: &Arc<CachedResponse>) -> u64 {
        let bytes = packed.body.len() + key.address.len() + BESIDES;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Answers as they were sent: as many as there is room for, those asked for often before others.
#[derive(Debug)]
pub struct ResponseCache(Cache<Key, Arc<CachedResponse>, Length>);

/// Why an answer is not kept.
enum NotKept<E> {
    /// It lacks what could not be had just now.
    Passing(Arc<CachedResponse>),
    Failed(E),
}

/// An answer as it is sent to those who read this encoding, packed where that keeps no other answer waiting.
pub async fn packed(reply: Reply, encoding: Encoding) -> CachedResponse {
    let plain = reply.clone();
    match blocking(move || reply.packed(encoding)).await {
        Ok(packed) => packed,
        Err(error) => {
            tracing::error!(%error, "the compression of an answer was given up");
            plain.plain()
        }
    }
}

impl ResponseCache {
    /// Keeps no more than so many bytes: a compressed view of a dashboard takes some thirty thousand.
    pub fn of(most: u64) -> Self {
        let options = OptionsBuilder::new()
            .estimated_items_capacity(usize::try_from(most / USUAL).unwrap_or(usize::MAX))
            .weight_capacity(most)
            // An answer may be as large as a part of the whole.
            .shards(2)
            .build()
            .unwrap_or_else(|error| unreachable!("both sizes are given: {error}"));
        Self(Cache::with_options(
            options,
            Length,
            DefaultHashBuilder::default(),
            DefaultLifecycle::default(),
        ))
    }

    /// The answer, where it is kept.
    pub fn get(&self, key: &Key) -> Option<Arc<CachedResponse>> {
        self.0.get(key)
    }

    /// The answer, which is made when it is not there. Who asks meanwhile waits for it.
    pub async fn answer<E>(
        &self,
        key: Key,
        make: impl Future<Output = Result<Reply, E>>,
    ) -> Result<Arc<CachedResponse>, E> {
        let packing = async {
            let reply = make.await.map_err(NotKept::Failed)?;
            let passing = reply.passing;
            let packed = Arc::new(packed(reply, key.encoding).await);
            if passing {
                Err(NotKept::Passing(packed))
            } else {
                Ok(packed)
            }
        };
        match self.0.get_or_insert_async(&key, packing).await {
            Ok(packed) | Err(NotKept::Passing(packed)) => Ok(packed),
            Err(NotKept::Failed(problem)) => Err(problem),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use centime_warehouse::Revision;

    use super::*;

    fn key(address: &str) -> Key {
        Key {
            publication: Arc::new(PublicationState {
                revision: Revision {
                    id: 1,
                    published_at: String::new(),
                    portal: String::new(),
                    sample: false,
                    fingerprint: String::new(),
                },
                latest_run: Some(1),
                latest_outcome: None,
            }),
            address: address.to_owned(),
            base: Base::default(),
            copied: None,
            language: Language::French,
            theme: Theme::System,
            drawn_by: RenderTarget::Server,
            encoding: Encoding::Plain,
            known: false,
            kept: false,
            upkeep: 0,
        }
    }

    async fn made(pages: &ResponseCache, address: &str, body: &str, passing: bool) -> String {
        let reply = async { Ok::<_, ()>(Reply::data(body.to_owned()).uncacheable_if(passing)) };
        let packed = pages.answer(key(address), reply).await.unwrap();
        String::from_utf8(packed.body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_made_once_even_for_those_who_ask_at_the_same_time() {
        let pages = ResponseCache::of(32 << 20);
        let times = AtomicUsize::new(0);
        let ask = || {
            pages.answer(key("/"), async {
                times.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok::<_, ()>(Reply::data("1".to_owned()))
            })
        };
        let (first, second) = tokio::join!(ask(), ask());
        assert_eq!(first.unwrap().body, second.unwrap().body);
        assert_eq!(times.load(Ordering::Relaxed), 1);
        assert_eq!(made(&pages, "/", "2", false).await, "1");
        assert_eq!(made(&pages, "/other", "2", false).await, "2");
    }

    #[tokio::test]
    async fn what_lacks_something_and_what_failed_is_made_again() {
        let pages = ResponseCache::of(32 << 20);
        let failed = pages.answer(key("/"), async { Err("unavailable") });
        assert!(failed.await.unwrap_err() == "unavailable");
        assert_eq!(made(&pages, "/", "1", true).await, "1");
        assert_eq!(made(&pages, "/", "2", false).await, "2");
        assert_eq!(made(&pages, "/", "3", false).await, "2");
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        const ROOM: u64 = 256 << 10;
        let pages = ResponseCache::of(ROOM);
        let body = "x".repeat(4 << 10);
        for number in 0..500 {
            made(&pages, &format!("/{number}"), &body, false).await;
        }
        assert!(pages.0.weight() <= ROOM && pages.0.len() > 20);
        let huge = "x".repeat(512 << 10);
        assert_eq!(made(&pages, "/huge", &huge, false).await, huge);
        assert!(pages.0.weight() <= ROOM);
    }
}

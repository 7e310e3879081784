//! Answers as they were sent, for the next visitor who asks for the same.
//!
//! An answer is kept under everything it follows from, so nothing has to be thrown away in time: what is
//! out of date is no longer asked for, and gives its place to what is.

use std::future::Future;
use std::sync::Arc;

use centime_analytics::Language;
use centime_warehouse::Standing;
use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::base::Base;
use crate::chart_view::By;
use crate::encoding::Encoding;
use crate::problem::Problem;
use crate::reply::{Packed, Reply};
use crate::visit::Copied;

/// How long an answer is, roughly, in bytes.
const USUAL: u64 = 24 << 10;

/// What an answer takes besides its body and its address, in bytes.
const BESIDES: usize = 512;

/// Everything that an answer follows from. Who asks is not part of it: see `router::page`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What is published.
    pub standing: Arc<Standing>,
    /// The address, in the form that is the same for all ways to write it.
    pub address: String,
    /// The path of the host that stands before addresses.
    pub base: Base,
    /// Whether it is for a file of a copy of the site.
    pub copied: Option<Copied>,
    pub language: Language,
    pub drawn_by: By,
    /// How the visitor reads it compressed.
    pub encoding: Encoding,
    /// Whether the visitor is logged in, as whoever it may be.
    pub known: bool,
    /// Whether the database is away.
    pub kept: bool,
    /// What was told last of the runs of this process; 0 where it has none.
    pub upkeep: u64,
}

#[derive(Clone, Debug)]
struct Length;

impl Weighter<Key, Arc<Packed>> for Length {
    fn weight(&self, key: &Key, packed: &Arc<Packed>) -> u64 {
        let bytes = packed.body.len() + key.address.len() + BESIDES;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

/// Answers as they were sent: as many as there is room for, those asked for often before others.
#[derive(Debug)]
pub struct KeptPages(Cache<Key, Arc<Packed>, Length>);

/// Why an answer is not kept.
enum NotKept {
    /// It lacks what could not be had just now.
    Passing(Arc<Packed>),
    Problem(Problem),
}

impl KeptPages {
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
    pub fn get(&self, key: &Key) -> Option<Arc<Packed>> {
        self.0.get(key)
    }

    /// The answer, which is made when it is not there. Who asks meanwhile waits for it.
    pub async fn answer(
        &self,
        key: Key,
        make: impl Future<Output = Result<Reply, Problem>>,
    ) -> Result<Arc<Packed>, Problem> {
        let packing = async {
            let reply = make.await.map_err(NotKept::Problem)?;
            let passing = reply.passing;
            let packed = Arc::new(reply.packed(key.encoding).await);
            if passing {
                Err(NotKept::Passing(packed))
            } else {
                Ok(packed)
            }
        };
        match self.0.get_or_insert_async(&key, packing).await {
            Ok(packed) | Err(NotKept::Passing(packed)) => Ok(packed),
            Err(NotKept::Problem(problem)) => Err(problem),
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
            standing: Arc::new(Standing {
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
            drawn_by: By::Server,
            encoding: Encoding::Plain,
            known: false,
            kept: false,
            upkeep: 0,
        }
    }

    async fn made(pages: &KeptPages, address: &str, body: &str, passing: bool) -> String {
        let reply = async { Ok(Reply::data(body.to_owned()).passing_if(passing)) };
        let packed = pages.answer(key(address), reply).await.unwrap();
        String::from_utf8(packed.body.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_made_once_even_for_those_who_ask_at_the_same_time() {
        let pages = KeptPages::of(32 << 20);
        let times = AtomicUsize::new(0);
        let ask = || {
            pages.answer(key("/"), async {
                times.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok(Reply::data("1".to_owned()))
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
        let pages = KeptPages::of(32 << 20);
        let failed = pages.answer(key("/"), async { Err(Problem::Unavailable) });
        assert!(matches!(failed.await, Err(Problem::Unavailable)));
        assert_eq!(made(&pages, "/", "1", true).await, "1");
        assert_eq!(made(&pages, "/", "2", false).await, "2");
        assert_eq!(made(&pages, "/", "3", false).await, "2");
    }

    #[tokio::test]
    async fn no_more_is_kept_than_there_is_room_for() {
        const ROOM: u64 = 256 << 10;
        let pages = KeptPages::of(ROOM);
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

//! What stands before an address: the right that it needs, and the work that it is.

use std::fmt;
use std::sync::Arc;

use axum::http::request::Parts;
use axum::response::Response;
use centime_access::{Right, Rule};
use futures_util::future::BoxFuture;

use super::guard::Guard;
use super::refusal::Refusal;

/// How a refusal is shown to a person: pages are made by a layer above this one.
#[derive(Clone)]
pub struct RefusalPage(Arc<dyn Fn(Parts, Refusal) -> BoxFuture<'static, Response> + Send + Sync>);

impl RefusalPage {
    /// Shown by a function.
    pub fn new<F>(show: F) -> Self
    where
        F: Fn(Parts, Refusal) -> BoxFuture<'static, Response> + Send + Sync + 'static,
    {
        Self(Arc::new(show))
    }

    /// The page, for the request that was refused.
    pub async fn show(&self, parts: Parts, refusal: Refusal) -> Response {
        (self.0)(parts, refusal).await
    }
}

impl fmt::Debug for RefusalPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RefusalPage")
    }
}

/// What may be asked of an address besides what its rule says.
#[derive(Clone, Copy, Debug)]
pub struct ConditionalRight {
    /// Whether a query asks for it.
    pub asked: fn(&str) -> bool,
    /// The right that it needs.
    pub right: Right,
    /// An address that asks for it.
    pub example: &'static str,
}

/// What stands before an address.
#[derive(Clone, Debug)]
pub struct RoutePolicy {
    pub guard: Arc<Guard>,
    /// How a refusal is shown to a person.
    pub refusal_page: RefusalPage,
    pub rule: Rule,
    /// What needs another right.
    pub conditional: Option<ConditionalRight>,
    /// How much work it is.
    pub work: Work,
    /// Whether requests are counted.
    pub counted: bool,
}

/// How much work an address is, where it does not wait for its turn itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Little, or it waits for its turn itself once it is known that what is asked for is not kept.
    Light,
    /// A page, or an answer that is made like one.
    Page,
    /// A file, a picture or a report.
    File,
}

impl RoutePolicy {
    /// A gate whose requests are counted, to little work.
    pub const fn new(guard: Arc<Guard>, refusal_page: RefusalPage, rule: Rule) -> Self {
        Self {
            guard,
            refusal_page,
            rule,
            conditional: None,
            work: Work::Light,
            counted: true,
        }
    }

    /// The gate as a request finds it, by what its query asks for.
    #[must_use]
    pub fn asked(mut self, query: &str) -> Self {
        if let Some(more) = self.conditional.filter(|more| (more.asked)(query)) {
            self.rule = Rule::Needs(more.right);
        }
        self
    }
}

//! That no address is without a rule.
//!
//! The site's router is made by [`Routes`] alone: an address cannot be added without saying who may ask
//! for it, and what was said can be listed, which a test does.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};
use centime_access::{Mode, Right, Rule, Verdict};

use super::enforce::enforce;
use super::guard::Guard;
use super::policy::{ConditionalRight, RefusalPage, RoutePolicy, Work};
use super::reuse::{self, Reusable, Reuse};

/// An address of the site, as the table of them declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declared {
    /// How it is asked for.
    pub method: Method,
    /// The address, with `{…}` for what varies.
    pub path: &'static str,
    /// Who may ask.
    pub rule: Rule,
    /// What of it pages of other sites may take, where everyone may read it.
    pub reuse: Reuse,
}

impl Declared {
    /// Whether a path is at this address.
    pub fn is_at(&self, path: &str) -> bool {
        // What varies stands at the end of a part, and is never empty.
        let fits = |part: &str, wanted: &str| match wanted.split_once('{') {
            Some((start, _)) => part.len() > start.len() && part.starts_with(start),
            None => part == wanted,
        };
        let (mut parts, mut wanted) = (path.split('/'), self.path.split('/'));
        loop {
            match (parts.next(), wanted.next()) {
                (None, None) => return true,
                (Some(part), Some(wanted)) if fits(part, wanted) => {}
                _ => return false,
            }
        }
    }
}

/// The addresses of the site, each with its rule.
#[derive(Debug)]
pub struct Routes<S> {
    guard: Arc<Guard>,
    refusal_page: RefusalPage,
    /// Whether all who may read may also send statements: the operator may have opened that to them.
    sql_is_open: bool,
    router: Router<S>,
    declared: Vec<Declared>,
    /// What stands before each address that is read, with what may be taken of it.
    read: Vec<(&'static str, (RoutePolicy, Reuse))>,
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No address yet.
    pub fn new(guard: Arc<Guard>, refusal_page: RefusalPage, sql_is_open: bool) -> Self {
        Self {
            guard,
            refusal_page,
            sql_is_open,
            router: Router::new(),
            declared: Vec::new(),
            read: Vec::new(),
        }
    }

    /// A policy of little work, whose requests are counted.
    fn policy(&self, rule: Rule) -> RoutePolicy {
        RoutePolicy::new(self.guard.clone(), self.refusal_page.clone(), rule)
    }

    /// An address that anyone may read.
    #[must_use]
    pub fn open<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::GET, path, Rule::Anyone, Work::Light, handler)
    }

    /// An address that anyone may read however often: health, and what pages are made of.
    #[must_use]
    pub fn uncounted<H, T>(self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let policy = RoutePolicy {
            counted: false,
            ..self.policy(Rule::Anyone)
        };
        self.gated(Method::GET, path, policy, handler)
    }

    /// An address that may be read with a right.
    #[must_use]
    pub fn get<H, T>(self, path: &'static str, right: Right, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::GET, path, Rule::Needs(right), Work::Light, handler)
    }

    /// An address of a file that may be read with a right, and with another where its query asks for more.
    #[must_use]
    pub fn get_file_conditional<H, T>(
        self,
        path: &'static str,
        right: Right,
        more: ConditionalRight,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let policy = RoutePolicy {
            conditional: Some(more),
            work: Work::File,
            ..self.policy(Rule::Needs(right))
        };
        let mut routes = self.gated(Method::GET, path, policy, handler);
        routes.declared.push(Declared {
            method: Method::GET,
            path: more.example,
            rule: Rule::Needs(more.right),
            reuse: Reuse::Never,
        });
        routes
    }

    /// What of the address that was added last pages of other sites may take, where everyone may read it: of
    /// those of which this is not said, nothing.
    ///
    /// # Panics
    ///
    /// Where the last address is not one that is read.
    #[must_use]
    pub fn reused(mut self, reuse: Reuse) -> Self {
        let last = self.read.last_mut();
        let (path, (_, of_gate)) = last.expect("an address that is read was added");
        *of_gate = reuse;
        let declared = self.declared.iter_mut().filter(|declared| {
            let (own, _) = declared.path.split_once('?').unwrap_or((declared.path, ""));
            declared.method == Method::GET && own == *path
        });
        declared.for_each(|declared| declared.reuse = reuse);
        self
    }

    /// An address to which changes are sent.
    #[must_use]
    pub fn post<H, T>(self, path: &'static str, rule: Rule, handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        self.add(Method::POST, path, rule, Work::Light, handler)
    }

    /// An address of which something may be asked in this way with a right. What is read is data.
    #[must_use]
    pub fn operation<H, T>(
        self,
        method: Method,
        path: &'static str,
        right: Right,
        work: Work,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let read = method == Method::GET;
        let routes = self.add(method, path, Rule::Needs(right), work, handler);
        if read {
            routes.reused(Reuse::Always)
        } else {
            routes
        }
    }

    fn add<H, T>(
        self,
        method: Method,
        path: &'static str,
        rule: Rule,
        work: Work,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let rule = match rule {
            Rule::Needs(Right::AskSql) if self.sql_is_open => Rule::Needs(Right::Read),
            rule => rule,
        };
        let policy = RoutePolicy {
            work,
            ..self.policy(rule)
        };
        self.gated(method, path, policy, handler)
    }

    fn gated<H, T>(
        mut self,
        method: Method,
        path: &'static str,
        policy: RoutePolicy,
        handler: H,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let rule = policy.rule;
        let reuse = Reuse::default();
        if method == Method::GET {
            self.read.push((path, (policy.clone(), reuse)));
        }
        let filter = match method {
            Method::POST => MethodFilter::POST,
            Method::DELETE => MethodFilter::DELETE,
            // HEAD is answered as GET.
            _ => MethodFilter::GET,
        };
        let guarded = on(filter, handler).route_layer(from_fn_with_state(policy, enforce));
        self.router = self.router.route(path, guarded);
        self.declared.push(Declared {
            method,
            path,
            rule,
            reuse,
        });
        self
    }

    /// What pages of other sites may take.
    pub fn reusable(&self) -> Arc<Reusable> {
        let reused = self
            .read
            .iter()
            .filter(|(_, (_, reuse))| *reuse != Reuse::Never);
        Reusable::new(self.guard.settings.mode, reused.cloned())
    }

    /// Browsers ask first (OPTIONS) whether a page of another site may read what it may take.
    fn asked_first(&mut self) {
        for (path, (policy, reuse)) in std::mem::take(&mut self.read) {
            let open = Mode::Public.decide(policy.rule, None) == Verdict::Allowed;
            if reuse == Reuse::Never || !open {
                continue;
            }
            let policy = RoutePolicy {
                work: Work::Light,
                ..policy
            };
            let changed = self
                .declared
                .iter()
                .any(|declared| declared.path == path && declared.method == Method::POST);
            let methods = if changed {
                "GET, HEAD, OPTIONS, POST"
            } else {
                "GET, HEAD, OPTIONS"
            };
            let answer = on(MethodFilter::OPTIONS, async move || reuse::methods(methods));
            let guarded = answer.route_layer(from_fn_with_state(policy, enforce));
            self.router = std::mem::take(&mut self.router).route(path, guarded);
        }
    }

    /// What is declared.
    pub fn declared(&self) -> &[Declared] {
        &self.declared
    }

    /// The router. What is at no address, or asked for in another way, is answered by `otherwise` to
    /// those who may read.
    pub fn finish<H, T, I, U>(mut self, not_found: H, not_allowed: I) -> Router<S>
    where
        H: Handler<T, S>,
        T: 'static,
        I: Handler<U, S>,
        U: 'static,
    {
        self.asked_first();
        let policy = self.policy(Rule::Needs(Right::Read));
        let layer = from_fn_with_state(policy, enforce);
        self.router
            .fallback(not_found.layer(layer.clone()))
            .method_not_allowed_fallback(not_allowed.layer(layer))
    }
}

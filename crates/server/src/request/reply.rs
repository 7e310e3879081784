//! How an answer is sent to the client that asked.

use askama::Template;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LANGUAGE, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;

use super::context::RequestContext;
use super::crawling;
use super::page_error::PageError;
use crate::http::base::{Base, is_local};
use crate::http::etag::is_known;
use crate::http::ranges::Part;
use crate::http::reply::{CachedResponse, EDITION, Reply};
use crate::http::rewrite::{self, Address, Rule};
use crate::http::theme;

/// A page, from its template.
pub fn page(template: &impl Template) -> Result<Reply, PageError> {
    Ok(Reply::page(rewrite::with_signs_kept(template.render()?)))
}

/// The addresses of a page that is sent.
struct Sent<'a>(&'a Base);

impl Rule for Sent<'_> {
    fn address(&mut self, address: &str) -> Address {
        if self.0.is_empty() || !is_local(address) {
            Address::Same
        } else {
            Address::Below(self.0.to_string())
        }
    }

    fn is_unfollowed(&self, address: &str) -> bool {
        crawling::is_unfollowed(address)
    }
}

impl RequestContext {
    /// The answer as this client gets it: the addresses in a page are below the path of the host under which
    /// the site was found, and links that search engines should not follow say so.
    pub fn finish(&self, reply: Reply) -> Reply {
        if self.is_copied() {
            return reply;
        }
        reply.map_page(|html| rewrite::page(html, &mut Sent(&self.base)))
    }

    /// Sends an answer to this visitor alone.
    pub fn respond(&self, reply: Reply) -> Response {
        self.send(&self.finish(reply).plain())
    }

    /// The same for what may hold a secret that is shown once: the whole answer, whichever tag the visitor names.
    pub fn respond_once(&self, reply: Reply) -> Response {
        self.sent(&self.finish(reply).plain(), false)
    }

    /// Sends an answer, with what caches and browsers need to know; nothing but that where the reader has it already.
    pub fn send(&self, packed: &CachedResponse) -> Response {
        let tag = packed.tag.as_ref().and_then(|tag| tag.to_str().ok());
        self.sent(packed, tag.is_some_and(|tag| self.knows(tag)))
    }

    fn sent(&self, packed: &CachedResponse, known: bool) -> Response {
        let mut response = if known {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = packed.status;
            response
        };
        *response.headers_mut() = packed.headers.clone();
        if !known {
            let tag = packed.tag.as_ref().and_then(|tag| tag.to_str().ok());
            self.fill(packed, tag.unwrap_or_default(), &mut response);
        }
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_LANGUAGE,
            HeaderValue::from_static(self.language().code()),
        );
        if self.sample() {
            headers.insert(EDITION, HeaderValue::from_static("sample"));
        }
        let language = self.chosen.map(|language| ("lang", language.code()));
        // A frame in a page of others has the colours of that page, which are no wish of the reader.
        let theme = self.chosen_theme.filter(|_| !self.is_embedded());
        let theme = theme.map(|theme| (theme::NAME, theme.name()));
        for (name, value) in language.into_iter().chain(theme) {
            // Another site of the same host may have its own.
            let path = if self.base.is_empty() {
                "/"
            } else {
                self.base.as_str()
            };
            let cookie = format!("{name}={value}; Path={path}; Max-Age=31536000; SameSite=Lax");
            match HeaderValue::try_from(cookie) {
                Ok(cookie) => drop(headers.append(SET_COOKIE, cookie)),
                Err(error) => tracing::error!(%error, name, "a choice was not remembered"),
            }
        }
        response
    }

    /// The body of an answer, or the part of it that is asked for.
    fn fill(&self, packed: &CachedResponse, tag: &str, response: &mut Response) {
        let mut body = packed.body.clone();
        if packed.ranged {
            let length = u64::try_from(body.len()).unwrap_or(u64::MAX);
            let part = self.wanted.part(tag, length);
            let mut status = packed.status;
            part.describe(&mut status, response.headers_mut(), length);
            *response.status_mut() = status;
            let place = |byte: &u64| usize::try_from(*byte).unwrap_or(usize::MAX);
            body = match part {
                Part::Whole => body,
                Part::Bytes(bytes) => body.slice(place(bytes.start())..=place(bytes.end())),
                Part::Beyond => Bytes::new(),
            };
        }
        *response.body_mut() = Body::from(body);
    }

    /// Whether the reader has what this tag names already.
    pub fn knows(&self, tag: &str) -> bool {
        let known = self.known_tag.as_deref();
        known.is_some_and(|known| is_known(known, tag))
    }
}

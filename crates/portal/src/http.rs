//! One request: headers, timeouts, and what each kind of failure means.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use crate::Error;
use crate::address::{host, without_query};
use crate::error::excerpt;
use crate::limits::{Limits, MAX_ANSWER_BYTES, Meter};
use crate::proxy;
use crate::reach::{Lookup, NotPublic, OfTheSystem, Reach};
use crate::retry::{Failure, rate_limit_reset, retry_after, wait_until};

/// How long the portal may be silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To take a connection.
    pub connect: Duration,
    /// To begin its answer: a portal prepares a large export before its first byte.
    pub first_byte: Duration,
    /// Between two pieces of its answer.
    pub idle: Duration,
}

impl Default for Timeouts {
    /// Ten seconds to connect, two minutes to begin, one minute between two pieces.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_mins(2),
            idle: Duration::from_mins(1),
        }
    }
}

/// A key that can be sent but not printed.
#[derive(Clone)]
pub(crate) struct ApiKey(HeaderValue);

impl ApiKey {
    pub(crate) fn new(key: &str) -> Result<Self, Error> {
        let mut value = HeaderValue::from_str(&format!("Apikey {key}"))
            .map_err(|_invalid| Error::InvalidApiKey)?;
        value.set_sensitive(true);
        Ok(Self(value))
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

/// Makes requests, one attempt each.
#[derive(Debug)]
pub(crate) struct Http {
    client: Client,
    key: Option<ApiKey>,
    timeouts: Timeouts,
    limits: Limits,
    /// The proxy of the environment through which the portal is asked.
    proxy: Option<String>,
}

const MAX_REDIRECTS: usize = 5;

/// How long the words of a refusal are waited for.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(10);

impl Http {
    /// A client of the portal at an address.
    pub(crate) fn new(
        portal: &Url,
        reach: Reach,
        key: Option<ApiKey>,
        timeouts: Timeouts,
        limits: Limits,
    ) -> Result<Self, Error> {
        Self::resolving(portal, reach, key, timeouts, limits, Arc::new(OfTheSystem))
    }

    /// The same, with another source of addresses.
    fn resolving(
        portal: &Url,
        reach: Reach,
        key: Option<ApiKey>,
        timeouts: Timeouts,
        limits: Limits,
        lookup: Arc<dyn Lookup>,
    ) -> Result<Self, Error> {
        // Another part of the program may have installed one already, which serves as well.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        let builder = if proxy::is_local(portal) {
            Client::builder().no_proxy()
        } else {
            Client::builder()
        };
        let client = builder
            .user_agent(concat!("centime/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .referer(false)
            .dns_resolver(reach.resolver(lookup))
            .redirect(redirect::Policy::custom(move |attempt| {
                redirects(&reach, attempt)
            }))
            .build()
            .map_err(|error| Error::Client {
                reason: root_cause(&error),
            })?;
        Ok(Self {
            client,
            key,
            timeouts,
            limits,
            proxy: proxy::between(portal),
        })
    }

    /// Asks once, and returns the answer when its status is a success and it may be data.
    pub(crate) async fn get(&self, url: &Url, accept: &'static str) -> Result<Response, Failure> {
        tracing::debug!(url = %without_query(url), query = url.query(), "request");
        let mut request = self
            .client
            .get(url.clone())
            .header(ACCEPT, HeaderValue::from_static(accept));
        if let Some(ApiKey(key)) = &self.key {
            request = request.header(AUTHORIZATION, key.clone());
        }
        let answer = timeout(self.timeouts.first_byte, request.send());
        let response = answer
            .await
            .map_err(|_elapsed| Error::Timeout {
                url: without_query(url),
                what: "did not begin to answer",
                after: self.timeouts.first_byte,
            })?
            .map_err(|error| self.send_error(&error, url))?;
        if !response.status().is_success() {
            return Err(self.refusal(response).await);
        }
        if is_html(response.headers()) {
            let url = without_query(response.url());
            let text = self.beginning(response).await;
            return Err(Failure::from(Error::NotJson {
                url,
                excerpt: excerpt(&text),
            }));
        }
        Ok(response)
    }

    /// Asks once for a short JSON answer of at most so many bytes, and reads all of it.
    pub(crate) async fn get_json<T: DeserializeOwned>(
        &self,
        url: &Url,
        most: u64,
    ) -> Result<T, Failure> {
        let response = self.get(url, "application/json").await?;
        let shown = without_query(response.url());
        let meter = Meter::short(&shown, most, self.limits);
        let mut body = Body::new(response, self.timeouts.idle, meter);
        let mut bytes = Vec::new();
        loop {
            match body.chunk().await {
                Ok(Some(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(None) => break,
                Err(Broken::Lost(reason)) => return Err(Error::Lost { url: shown, reason }.into()),
                Err(Broken::Refused(error)) => return Err(error.into()),
            }
        }
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        };
        parse(&text, shown).map_err(Failure::from)
    }

    pub(crate) fn idle(&self) -> Duration {
        self.timeouts.idle
    }

    fn send_error(&self, error: &reqwest::Error, url: &Url) -> Error {
        if let Some(NotPublic(address)) = causes(error).find_map(<dyn StdError>::downcast_ref) {
            return Error::NotPublic {
                host: error.url().map_or_else(|| host(url), host),
                address: *address,
            };
        }
        if let Some(Elsewhere(host)) = causes(error).find_map(<dyn StdError>::downcast_ref) {
            return Error::OtherHost {
                url: without_query(url),
                host: host.clone(),
            };
        }
        let reason = root_cause(error);
        if let Some(proxy) = &self.proxy
            && error.is_connect()
            && !is_tls(error)
        {
            return Error::Proxy {
                proxy: proxy.clone(),
                host: host(url),
                reason,
            };
        }
        if error.is_redirect() {
            Error::Redirect {
                url: without_query(url),
                reason,
            }
        } else if error.is_dns() {
            Error::UnknownHost {
                host: host(url),
                reason,
            }
        } else if is_tls(error) {
            Error::Tls {
                host: host(url),
                reason,
            }
        } else if error.is_connect() && error.is_timeout() {
            Error::Timeout {
                url: without_query(url),
                what: "did not take a connection",
                after: self.timeouts.connect,
            }
        } else if error.is_connect() {
            Error::Unreachable {
                host: host(url),
                reason,
            }
        } else {
            Error::Lost {
                url: without_query(url),
                reason,
            }
        }
    }

    /// What an error status means.
    async fn refusal(&self, response: Response) -> Failure {
        let status = response.status();
        let url = response.url().clone();
        let keyed = self.key.is_some();
        let shown = without_query(&url);
        if status == StatusCode::PROXY_AUTHENTICATION_REQUIRED {
            return Failure::from(self.refused_by_proxy(&url, status));
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Failure::from(Error::Unauthorized {
                status: status.as_u16(),
                url: shown,
                keyed,
            });
        }
        let now = Timestamp::now();
        let asked = header(response.headers(), RETRY_AFTER.as_str())
            .and_then(|value| retry_after(value, now));
        let reset = header(response.headers(), "x-ratelimit-reset").and_then(rate_limit_reset);
        let body = self.beginning(response).await;
        let details: Details = serde_json::from_str(&body).unwrap_or_default();
        if status == StatusCode::TOO_MANY_REQUESTS {
            let stated = details.reset_time.and_then(|time| time.parse().ok());
            let until = asked.or(stated).or(reset);
            return Failure {
                error: Error::QuotaExhausted {
                    host: host(&url),
                    until,
                    message: details.error.or(details.message).map(|text| excerpt(&text)),
                    keyed,
                },
                wait: until.map(|until| wait_until(until, now)),
            };
        }
        if let Some(until) = asked
            && status.is_server_error()
        {
            return Failure {
                error: Error::Unavailable {
                    status: status.as_u16(),
                    url: shown,
                    until,
                },
                wait: Some(wait_until(until, now)),
            };
        }
        let by_proxy = self.proxy.is_some()
            && url.scheme() == "http"
            && matches!(status.as_u16(), 502..=504)
            && details.error_code.is_none();
        if by_proxy {
            // A portal explains itself; a proxy that reaches none has only the status.
            return Failure::from(self.refused_by_proxy(&url, status));
        }
        Failure::from(Error::Refused {
            status: status.as_u16(),
            url: shown,
            code: details.error_code.map(|text| excerpt(&text)),
            message: details.message.or(details.error).map(|text| excerpt(&text)),
        })
    }

    fn refused_by_proxy(&self, url: &Url, status: StatusCode) -> Error {
        Error::Proxy {
            proxy: self.proxy.clone().unwrap_or_default(),
            host: host(url),
            reason: format!("it answered {status}"),
        }
    }

    /// The first few thousand bytes of an answer that is only going to be described.
    async fn beginning(&self, response: Response) -> String {
        const EXCERPT_BYTES: usize = 16 * 1024;
        let meter = Meter::short("", MAX_ANSWER_BYTES, self.limits);
        let mut body = Body::new(response, self.timeouts.idle, meter);
        let mut bytes = Vec::new();
        let reading = async {
            while bytes.len() < EXCERPT_BYTES
                && let Ok(Some(chunk)) = body.chunk().await
            {
                bytes.extend_from_slice(&chunk);
            }
        };
        // What has come by then is enough to be quoted.
        drop(timeout(REFUSAL_TIMEOUT, reading).await);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

/// The two documented shapes of an error body in one.
#[derive(Default, Deserialize)]
struct Details {
    error_code: Option<String>,
    message: Option<String>,
    error: Option<String>,
    reset_time: Option<String>,
}

/// A body read piece by piece.
#[derive(Debug)]
pub(crate) struct Body {
    response: Response,
    idle: Duration,
    meter: Meter,
}

/// Why there is no next piece of a body.
#[derive(Debug)]
pub(crate) enum Broken {
    /// The connection was lost, in words.
    Lost(String),
    /// It is too much, or comes too slowly.
    Refused(Error),
}

impl Body {
    pub(crate) fn new(response: Response, idle: Duration, meter: Meter) -> Self {
        Self {
            response,
            idle,
            meter,
        }
    }

    /// The next piece, nothing at the end, or why there is none.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Broken> {
        let lost = |reason| Err(Broken::Lost(reason));
        let left = self.meter.left().map_err(Broken::Refused)?;
        let begun = Instant::now();
        let chunk = match timeout(self.idle.min(left), self.response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return Ok(None),
            Ok(Err(error)) => {
                return lost(format!("the connection broke ({})", root_cause(&error)));
            }
            Err(_elapsed) if left < self.idle => {
                return Err(Broken::Refused(self.meter.too_long()));
            }
            Err(_elapsed) => return lost(format!("nothing more came within {:?}", self.idle)),
        };
        let counted = self.meter.count(chunk.len(), begun.elapsed());
        counted.map_err(Broken::Refused)?;
        Ok(Some(chunk))
    }

    pub(crate) fn url(&self) -> String {
        without_query(self.response.url())
    }
}

/// A redirect leads to a host that is not configured.
#[derive(Debug)]
struct Elsewhere(String);

impl fmt::Display for Elsewhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "to another host, {}", self.0)
    }
}

impl StdError for Elsewhere {}

fn redirects(reach: &Reach, attempt: redirect::Attempt<'_>) -> redirect::Action {
    if attempt.previous().len() > MAX_REDIRECTS {
        return attempt.error(format!("more than {MAX_REDIRECTS} redirects in a row"));
    }
    let from_https = attempt
        .previous()
        .last()
        .is_some_and(|previous| previous.scheme() == "https");
    if from_https && attempt.url().scheme() != "https" {
        return attempt.error("from a secure address to one that is not");
    }
    if !reach.allows(attempt.url()) {
        let elsewhere = Elsewhere(excerpt(&host(attempt.url())));
        return attempt.error(elsewhere);
    }
    attempt.follow()
}

fn parse<T: DeserializeOwned>(text: &str, url: String) -> Result<T, Error> {
    let text = text.trim_start_matches('\u{feff}');
    serde_json::from_str(text).map_err(|error| {
        if let Some(reason) = interruption(text) {
            return Error::Lost { url, reason };
        }
        match error.classify() {
            serde_json::error::Category::Eof if text.trim_start().starts_with(['{', '[']) => {
                Error::Lost {
                    url,
                    reason: "it stops midway".to_owned(),
                }
            }
            // What is said of a value quotes it, however long it is.
            serde_json::error::Category::Data => Error::Unexpected {
                url,
                reason: excerpt(&error.to_string()),
            },
            _ => Error::NotJson {
                url,
                excerpt: excerpt(text),
            },
        }
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn is_html(headers: &HeaderMap) -> bool {
    header(headers, CONTENT_TYPE.as_str())
        .is_some_and(|value| value.to_ascii_lowercase().starts_with("text/html"))
}

/// An error and everything beneath it. An I/O error hides the error it was made of from `source`.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        match error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
        {
            Some(inner) => Some(inner as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
}

fn root_cause(error: &(dyn StdError + 'static)) -> String {
    causes(error)
        .last()
        .map_or_else(|| error.to_string(), ToString::to_string)
}

fn is_tls(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(<dyn StdError>::is::<rustls::Error>)
}

/// What a portal appends to an export that fails after it has answered 200.
const INTERRUPTION: &str = "Streaming interrupted due to the following error";

/// The portal's own words about an interruption, if the text holds them.
pub(crate) fn interruption(text: &str) -> Option<String> {
    let at = text.find(INTERRUPTION)?;
    Some(format!("the portal says {:?}", excerpt(&text[at..])))
}

#[cfg(test)]
mod tests;

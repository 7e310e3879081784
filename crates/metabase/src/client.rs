//! One request, and what each refusal means.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBuilder};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client as Http, Method, Response, StatusCode, Url, redirect};
use serde_json::{Value, json};

use crate::{Error, Result, Secret};

/// How long Metabase may take to answer: it tries a new connection to a database before it does.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(1);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The longest answer that is read: the columns of every table, several times over.
const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// How much of an unexpected answer is quoted.
const MAX_EXCERPT_CHARS: usize = 400;

const SESSION_HEADER: HeaderName = HeaderName::from_static("x-metabase-session");
const API_KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// Who asks.
#[derive(Clone, Debug)]
pub enum Credentials {
    /// A key of the group Administrators.
    ApiKey(Secret),
    /// An administrator, who is made where Metabase has not been set up.
    Administrator {
        /// The e-mail address.
        email: String,
        /// The password.
        password: Secret,
    },
}

/// A Metabase.
pub struct Client {
    http: Http,
    base: Url,
    /// What shows who asks.
    identity: HeaderMap,
    /// Whether the identity is a session of ours, to be closed.
    session: bool,
}

impl Client {
    /// Prepares to ask the Metabase at an address. Redirects are not followed, so that a key goes
    /// nowhere else.
    pub fn new(url: &str) -> Result<Self> {
        // What is before an `@` may be a password.
        let shown = url.rsplit_once('@').map_or(url, |(_, host)| host);
        let wrong = |reason: String| Error::Address {
            url: shown
                .split(['?', '#'])
                .next()
                .unwrap_or_default()
                .to_owned(),
            reason,
        };
        let mut base: Url = url.parse().map_err(|error| wrong(format!("{error}")))?;
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() {
            return Err(wrong("it is no http or https address".to_owned()));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(wrong("it holds a user or password".to_owned()));
        }
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", base.path()));
        }
        // Another part of the program may have installed one already, which serves as well.
        let _already_installed = rustls::crypto::ring::default_provider().install_default();
        // A proxy of the environment would look for what listens on this machine on its own.
        let builder = if is_local(&base) {
            Http::builder().no_proxy()
        } else {
            Http::builder()
        };
        let http = builder
            .user_agent(concat!("centime/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(ANSWER_TIMEOUT)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| Error::Client {
                reason: root_cause(&error),
            })?;
        Ok(Self {
            http,
            base,
            identity: HeaderMap::new(),
            session: false,
        })
    }

    /// Its address.
    pub fn address(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// Waits until Metabase says that it is ready: it takes tens of seconds to start.
    pub async fn wait_until_ready(&self, at_most: Duration) -> Result<()> {
        let since = Instant::now();
        for pause in pauses() {
            let ready = match self.send(&Method::GET, "api/health", None).await {
                Ok(response) => response.status().is_success(),
                // It is unreachable before it listens.
                Err(Error::Unreachable { .. }) if since.elapsed() < at_most => false,
                Err(error) => return Err(error),
            };
            if ready {
                return Ok(());
            }
            if since.elapsed() >= at_most {
                break;
            }
            tracing::debug!(url = self.address(), "Metabase is starting");
            tokio::time::sleep(pause).await;
        }
        Err(Error::NotReady {
            url: self.address().to_owned(),
            after: at_most,
        })
    }

    /// Shows an API key with each request from now on.
    pub fn use_key(&mut self, key: &Secret) -> Result<()> {
        self.identify(API_KEY_HEADER, key, false)
    }

    /// Uses a session from now on, which is closed by [`Client::leave`].
    pub fn use_session(&mut self, id: &Secret) -> Result<()> {
        self.identify(SESSION_HEADER, id, true)
    }

    fn identify(&mut self, name: HeaderName, value: &Secret, session: bool) -> Result<()> {
        let unusable = |_| Error::Credentials {
            what: "the API key",
            said: "it has characters that no key has".to_owned(),
        };
        let mut value = HeaderValue::from_str(value.reveal()).map_err(unusable)?;
        value.set_sensitive(true);
        self.identity = HeaderMap::from_iter([(name, value)]);
        self.session = session;
        Ok(())
    }

    /// Logs in with a password.
    pub async fn log_in(&mut self, email: &str, password: &Secret) -> Result<()> {
        let body = json!({ "username": email, "password": password.reveal() });
        let response = self
            .send(&Method::POST, "api/session/", Some(&body))
            .await?;
        let status = response.status();
        let text = read(response, self.address()).await?;
        if !status.is_success() {
            return Err(Error::Credentials {
                what: "the password",
                said: said(&text),
            });
        }
        let answer = parse(&text, "log in")?;
        self.use_session(&session_of(&answer, "log in")?)
    }

    /// Closes the session, if there is one of ours. What was done stays done, so a failure is only noted.
    pub async fn leave(&self) {
        if self.session
            && let Err(error) = self
                .request(&Method::DELETE, "api/session/", None, "log out")
                .await
        {
            tracing::warn!(%error, "the session was not closed");
        }
    }

    /// Reads something; `what` completes «asked to …».
    pub async fn get(&self, path: &str, what: &str) -> Result<Value> {
        self.request(&Method::GET, path, None, what).await
    }

    /// Sends a request; `what` completes «asked to …». Null where the answer is empty.
    pub async fn request(
        &self,
        method: &Method,
        path: &str,
        body: Option<&Value>,
        what: &str,
    ) -> Result<Value> {
        let response = self.send(method, path, body).await?;
        let status = response.status();
        let text = read(response, self.address()).await?;
        if status == StatusCode::UNAUTHORIZED {
            return Err(Error::Credentials {
                what: if self.session {
                    "the session"
                } else {
                    "the API key"
                },
                said: said(&text),
            });
        }
        if !status.is_success() {
            return Err(Error::Refused {
                what: what.to_owned(),
                status: status.as_u16(),
                said: said(&text),
            });
        }
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        parse(&text, what)
    }

    async fn send(&self, method: &Method, path: &str, body: Option<&Value>) -> Result<Response> {
        let url = self.base.join(path).map_err(|error| Error::Address {
            url: format!("{}{path}", self.base),
            reason: error.to_string(),
        })?;
        // Bodies hold passwords: they are not logged.
        tracing::debug!(%method, path, "request to Metabase");
        let mut request = self
            .http
            .request(method.clone(), url)
            .headers(self.identity.clone());
        if let Some(body) = body {
            request = request.json(body);
        }
        request.send().await.map_err(|error| Error::Unreachable {
            url: self.address().to_owned(),
            reason: root_cause(&error),
        })
    }
}

/// Whether an address is one of this machine.
fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// From a quarter of a second to five, and then every five.
pub fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(250))
        .with_max_delay(Duration::from_secs(5))
        .without_max_times()
        .build()
}

/// The number of a session in an answer.
pub fn session_of(answer: &Value, what: &str) -> Result<Secret> {
    let id = answer["id"].as_str().ok_or_else(|| Error::Unexpected {
        what: what.to_owned(),
        reason: "it names no session".to_owned(),
    })?;
    Ok(Secret::new(id))
}

async fn read(mut response: Response, url: &str) -> Result<String> {
    let lost = |reason: String| Error::Unreachable {
        url: url.to_owned(),
        reason,
    };
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| lost(root_cause(&error)))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MAX_ANSWER_BYTES {
            return Err(lost(format!(
                "an answer is longer than {MAX_ANSWER_BYTES} bytes"
            )));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn parse(text: &str, what: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| Error::Unexpected {
        what: what.to_owned(),
        reason: format!("{error}: {}", excerpt(text)),
    })
}

/// What a refusal says: its message, or what it finds wrong with each value. The rest may repeat what was
/// sent, passwords included, and is not quoted.
fn said(text: &str) -> String {
    match serde_json::from_str::<Value>(text) {
        Ok(Value::String(text)) => excerpt(&text),
        Ok(answer) => match (answer["message"].as_str(), &answer["errors"]) {
            (Some(message), _) => excerpt(message),
            (None, errors) if errors.is_object() => excerpt(&errors.to_string()),
            _ => "it does not say why".to_owned(),
        },
        Err(_) => excerpt(text),
    }
}

fn excerpt(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() {
        return "it says nothing".to_owned();
    }
    let mut excerpt: String = text.chars().take(MAX_EXCERPT_CHARS).collect();
    if excerpt.len() < text.len() {
        excerpt.push('…');
    }
    excerpt
}

/// What lies at the bottom of a failure; the outer layers only say that there was one.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    if error.is_timeout() {
        return format!("it did not answer in time: {cause}");
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_a_server_is_one() {
        for url in ["http://127.0.0.1:3000", "https://data.example.fr/metabase/"] {
            assert!(Client::new(url).is_ok(), "{url}");
        }
        for url in [
            "",
            "metabase",
            "ftp://a.example",
            "https://me:pw@a.example",
            "http://",
        ] {
            let error = Client::new(url).err().unwrap();
            assert!(matches!(error, Error::Address { .. }), "{url}");
            assert!(!format!("{error} {error:?}").contains("pw"), "{error}");
        }
    }

    #[test]
    fn a_path_in_front_is_kept() {
        let client = Client::new("https://data.example.fr/metabase").unwrap();
        let url = client.base.join("api/health").unwrap();
        assert_eq!(url.as_str(), "https://data.example.fr/metabase/api/health");
    }

    #[test]
    fn a_refusal_is_told_in_its_own_words() {
        for (text, expected) in [
            (r#"{"message":"Not found."}"#, "Not found."),
            (r#"{"errors":{"name":"missing"}}"#, r#"{"name":"missing"}"#),
            (
                r#""You don't have permissions to do that.""#,
                "You don't have permissions to do that.",
            ),
            ("Unauthenticated", "Unauthenticated"),
            (
                r#"{"specific-errors":{"password":"received: hunter2"}}"#,
                "it does not say why",
            ),
            ("", "it says nothing"),
        ] {
            assert_eq!(said(text), expected);
        }
        assert!(said(&"x".repeat(5000)).chars().count() <= MAX_EXCERPT_CHARS + 1);
    }
}

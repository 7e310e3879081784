//! Whether a browser will keep the session that it is given.
//!
//! The cookie of a session is `Secure`: browsers take it over HTTPS only and, most of them, from their own machine.
//! What the site sees is the last part of the way, which may be HTTP behind a proxy that does not say how it was
//! asked itself. The browser knows better: it sends `Sec-Fetch-Site` only to what it holds to be secure, and
//! its `Origin` names the scheme.

use std::net::IpAddr;

use axum::http::header::ORIGIN;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use super::client::Client;
use super::headers::SEC_FETCH_SITE;
use crate::settings::Settings;

/// How a browser came here, as far as that decides whether it keeps a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Over HTTPS, at least as far as the browser sees.
    Encrypted,
    /// Over HTTP from the machine that the site is on, which most browsers hold to be as good.
    ThisMachine,
    /// Over HTTP: everyone on the way can read a token, and no browser keeps the session.
    Clear,
}

impl Transport {
    /// How a request came.
    pub fn of(client: &Client, headers: &HeaderMap, settings: &Settings) -> Self {
        if settings.https || client.proxied_https {
            Self::Encrypted
        } else if is_this_machine(&client.host) {
            Self::ThisMachine
        } else if is_secure_to_the_browser(headers) {
            Self::Encrypted
        } else {
            Self::Clear
        }
    }

    /// The name among the words of the page to log in.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Encrypted => "encrypted",
            Self::ThisMachine => "this-machine",
            Self::Clear => "clear",
        }
    }
}

fn is_secure_to_the_browser(headers: &HeaderMap) -> bool {
    let begins = |name: HeaderName, with: &[u8]| {
        let value = headers.get(name).map(HeaderValue::as_bytes);
        value.is_some_and(|value| value.starts_with(with))
    };
    headers.contains_key(SEC_FETCH_SITE) || begins(ORIGIN, b"https://")
}

/// Whether a host, with or without a port, is the visitor's own machine.
fn is_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.trim_end_matches('.');
    name == "localhost"
        || name.ends_with(".localhost")
        || name
            .parse()
            .is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::base::Base;

    #[test]
    fn the_own_machine_is_told_by_its_name() {
        for (host, own) in [
            ("localhost", true),
            ("localhost:8080", true),
            ("centime.localhost:8080", true),
            ("localhost.", true),
            ("127.0.0.1:8080", true),
            ("127.1.2.3", true),
            ("[::1]:8080", true),
            ("[::1]", true),
            ("", false),
            ("localhost.example.fr", false),
            ("127.0.0.1.example.fr", false),
            ("192.168.1.20:8080", false),
            ("0.0.0.0:8080", false),
            ("[::]:8080", false),
            ("comptes", false),
        ] {
            assert_eq!(is_this_machine(host), own, "{host}");
        }
    }

    #[test]
    fn a_browser_is_believed_before_a_proxy_that_says_nothing() {
        let client = |host: &str, proxied_https| Client {
            address: None,
            host: host.to_owned(),
            proxied_https,
            base: Base::default(),
            request_id: String::new(),
        };
        let with = |pairs: &[(HeaderName, &'static str)]| -> HeaderMap {
            let pairs = pairs.iter().cloned();
            pairs
                .map(|(name, value)| (name, HeaderValue::from_static(value)))
                .collect()
        };
        let plain = Settings::default();
        let tls = Settings {
            https: true,
            ..Settings::default()
        };
        for (host, proxied, headers, settings, expected) in [
            ("comptes", false, &[][..], &plain, Transport::Clear),
            ("127.0.0.1:8080", false, &[], &plain, Transport::ThisMachine),
            ("comptes", false, &[], &tls, Transport::Encrypted),
            ("127.0.0.1", false, &[], &tls, Transport::Encrypted),
            ("comptes", true, &[], &plain, Transport::Encrypted),
            (
                "comptes",
                false,
                &[(SEC_FETCH_SITE, "same-origin")],
                &plain,
                Transport::Encrypted,
            ),
            // Browsers say so on their own machine, too, where not all of them keep the session.
            (
                "localhost",
                false,
                &[(SEC_FETCH_SITE, "none")],
                &plain,
                Transport::ThisMachine,
            ),
            (
                "comptes",
                false,
                &[(ORIGIN, "https://comptes")],
                &plain,
                Transport::Encrypted,
            ),
            (
                "comptes",
                false,
                &[(ORIGIN, "http://comptes")],
                &plain,
                Transport::Clear,
            ),
            (
                "comptes",
                false,
                &[(ORIGIN, "null")],
                &plain,
                Transport::Clear,
            ),
        ] {
            let found = Transport::of(&client(host, proxied), &with(headers), settings);
            assert_eq!(found, expected, "{host} {headers:?}");
        }
    }
}

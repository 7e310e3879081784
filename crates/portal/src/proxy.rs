//! The proxy of the environment that stands between this machine and a portal.
//!
//! Companies name theirs in `http_proxy`, `https_proxy` or `all_proxy`, and what is asked without it in
//! `no_proxy`. What listens on this machine is never asked through a proxy, whatever they say: a proxy would
//! look for it on its own.

use std::net::IpAddr;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url;

/// Whether an address is one of this machine.
pub(crate) fn is_local(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    match address.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// The proxy through which an address is asked, without the user and password it may want; `None` where it
/// is asked without one.
pub(crate) fn between(url: &Url) -> Option<String> {
    let (host, port) = place_between(url)?;
    Some(match port {
        Some(port) => format!("{host}:{port}"),
        None => host,
    })
}

/// The host of that proxy alone.
pub(crate) fn host_between(url: &Url) -> Option<String> {
    place_between(url).map(|(host, _)| host)
}

fn place_between(url: &Url) -> Option<(String, Option<u16>)> {
    if is_local(url) {
        return None;
    }
    let asked = url.as_str().parse().ok()?;
    let proxy = Matcher::from_env().intercept(&asked)?;
    let proxy = proxy.uri();
    Some((proxy.host()?.to_owned(), proxy.port_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_in_every_form() {
        for (url, local) in [
            ("http://127.0.0.1:8765", true),
            ("http://127.9.9.9/", true),
            ("http://localhost:8080/api", true),
            ("http://LOCALHOST", true),
            ("http://portail.localhost", true),
            ("http://[::1]:8765", true),
            ("http://[::ffff:127.0.0.1]", true),
            ("https://opendata.paris.fr", false),
            ("http://localhost.example.fr", false),
            ("http://10.0.0.1", false),
            ("http://128.0.0.1", false),
        ] {
            assert_eq!(is_local(&Url::parse(url).unwrap()), local, "{url}");
        }
    }
}

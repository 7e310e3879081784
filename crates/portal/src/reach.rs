//! Which hosts and addresses a portal may lead to.
//!
//! The operator of a portal, or of its name, may send the client elsewhere: by a redirect, or by a name that resolves to
//! an address inside the network that the client is in. What is there must not be asked, and nothing of what it
//! answers may end up in a message. So redirects are followed to the portal's own host and those that are
//! configured, and of the addresses that a name resolves to only those of the internet are connected to. The check is
//! made on the addresses themselves that are connected to, so a name that resolves to others a moment later changes
//! nothing.
//!
//! An address that is configured as such, and `localhost`, is reached wherever it is. Where a proxy stands between,
//! it resolves the names: then only the rule about hosts holds, and the name of the proxy may lead anywhere.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::{Error, proxy};

/// Where a client may go.
#[derive(Clone, Debug)]
pub(crate) struct Reach {
    /// The portal's own address.
    portal: Url,
    /// Other hosts of the portal. Without a port they are meant on the usual ones.
    others: Vec<Url>,
    /// Whether names may resolve to addresses that are not of the internet.
    private: bool,
}

impl Reach {
    /// What is configured: the portal's address, and its other hosts.
    pub(crate) fn new(portal: &Url, others: &[String], private: bool) -> Result<Self, Error> {
        let others = others.iter().map(|host| {
            let invalid = || Error::InvalidHost { host: host.clone() };
            let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-:[]_".contains(letter);
            if host.is_empty() || !host.chars().all(plain) {
                return Err(invalid());
            }
            Url::parse(&format!("http://{host}/")).map_err(|_| invalid())
        });
        Ok(Self {
            portal: portal.clone(),
            others: others.collect::<Result<_, _>>()?,
            private,
        })
    }

    /// Whether a redirect to an address may be followed.
    pub(crate) fn allows(&self, url: &Url) -> bool {
        let usual = url.port().is_none();
        let host = url.host_str();
        let own = host == self.portal.host_str();
        let same = url.port_or_known_default() == self.portal.port_or_known_default();
        // From a portal in the clear to the same one that is not.
        let upgraded = usual && self.portal.port().is_none();
        let is = |other: &Url| host == other.host_str() && url.port() == other.port();
        (own && (same || upgraded)) || self.others.iter().any(is)
    }

    /// The names that may resolve to any address: those of this machine that are configured, and those of proxies.
    fn anywhere(&self) -> Vec<String> {
        let configured = || std::iter::once(&self.portal).chain(&self.others);
        let local = configured().filter(|url| proxy::is_local(url));
        let local = local.filter_map(|url| Some(url.host_str()?.to_owned()));
        // A redirect may lead from one to the other, and each may have a proxy of its own.
        let proxies = configured().flat_map(|url| {
            ["http", "https"].map(|scheme| {
                let mut url = url.clone();
                url.set_scheme(scheme).ok()?;
                proxy::host_between(&url)
            })
        });
        local.chain(proxies.flatten()).collect()
    }

    /// What resolves names for a client.
    pub(crate) fn resolver(&self, lookup: Arc<dyn Lookup>) -> Arc<Guarded> {
        Arc::new(Guarded {
            lookup,
            private: self.private,
            anywhere: self.anywhere(),
        })
    }
}

/// Addresses of a name.
pub(crate) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;

/// What knows the addresses of names.
pub(crate) trait Lookup: Send + Sync {
    /// The addresses of a name.
    fn addresses(&self, name: String) -> Found;
}

/// The resolver of the operating system.
pub(crate) struct OfTheSystem;

impl Lookup for OfTheSystem {
    fn addresses(&self, name: String) -> Found {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(found.collect())
        })
    }
}

/// Resolves names, and keeps addresses to itself that are not of the internet.
pub(crate) struct Guarded {
    lookup: Arc<dyn Lookup>,
    private: bool,
    anywhere: Vec<String>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let free = self.private
            || self
                .anywhere
                .iter()
                .any(|other| other.eq_ignore_ascii_case(&name));
        let found = self.lookup.addresses(name);
        Box::pin(async move {
            let found = found.await?;
            let chosen = if free { found } else { public(found)? };
            Ok(Box::new(chosen.into_iter()) as Addrs)
        })
    }
}

/// Those of some addresses that are of the internet; an error where there are others only.
fn public(found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    let (public, private): (Vec<SocketAddr>, Vec<SocketAddr>) = found
        .into_iter()
        .partition(|address| is_public(address.ip()));
    match private.first() {
        Some(address) if public.is_empty() => Err(NotPublic(address.ip())),
        _ => Ok(public),
    }
}

/// A name resolves to addresses only that are not of the internet.
#[derive(Debug)]
pub(crate) struct NotPublic(pub(crate) IpAddr);

impl fmt::Display for NotPublic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is not an address of the internet", self.0)
    }
}

impl StdError for NotPublic {}

/// Whether an address is one of the internet, where anybody may be asked: not of this machine, of a private network, of
/// a link, or for a special purpose (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        // Shared by providers (RFC 6598), for protocols, for measurements, and reserved.
        || (a == 100 && (64..128).contains(&b))
        || (a, b, c) == (192, 0, 0)
        || (a == 198 && matches!(b, 18 | 19))
        || a >= 240)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded(address) {
        return is_public_v4(inner);
    }
    let segments = address.segments();
    // Addresses of the internet are all in 2000::/3; some of them are for protocols and for examples.
    (segments[0] & 0xe000) == 0x2000
        && !(segments[0] == 0x2001 && segments[1] < 0x0200)
        && !(segments[0] == 0x2001 && segments[1] == 0x0db8)
        && (segments[0] & 0xfff0) != 0x3ff0
}

/// The IPv4 address that an IPv6 address leads to: mapped, or translated by NAT64 or 6to4.
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Some(mapped);
    }
    let of = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match address.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => Some(of(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_internet_are_told_from_others() {
        for (address, expected) in [
            ("8.8.8.8", true),
            ("93.184.216.34", true),
            ("2606:4700::1111", true),
            ("2a01:e0a::1", true),
            ("64:ff9b::808:808", true),
            ("127.0.0.1", false),
            ("0.0.0.0", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("192.0.0.8", false),
            ("198.18.0.1", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("240.0.0.1", false),
            ("::", false),
            ("::1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:8.8.8.8", true),
            ("::7f00:1", false),
            ("64:ff9b::7f00:1", false),
            ("2002:a00:1::", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("fe80::1", false),
            ("fc00::1", false),
            ("fd12::1", false),
            ("ff02::1", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), expected, "{address}");
        }
    }

    #[test]
    fn redirects_stay_with_the_portal_and_what_is_configured() {
        let reach = |portal: &str| {
            let hosts = [
                "parisdata.example".to_owned(),
                "other.example:8443".to_owned(),
            ];
            Reach::new(&Url::parse(portal).unwrap(), &hosts, false).unwrap()
        };
        let https = reach("https://opendata.example/api");
        let local = reach("http://127.0.0.1:8765/api");
        for (reach, to, allowed) in [
            (&https, "https://opendata.example/alias", true),
            (&https, "https://OPENDATA.example:443/alias", true),
            (&https, "https://opendata.example:8443/alias", false),
            (&https, "https://parisdata.example/x", true),
            (&https, "https://parisdata.example:22/x", false),
            (&https, "https://other.example:8443/x", true),
            (&https, "https://other.example/x", false),
            (&https, "https://opendata.example.evil.example/", false),
            (&https, "https://evil.example/@opendata.example", false),
            (&https, "http://127.0.0.1/", false),
            (&https, "http://[::1]/", false),
            (&https, "http://2130706433/", false),
            (&https, "http://169.254.169.254/latest/meta-data", false),
            (&local, "http://127.0.0.1:8765/alias", true),
            (&local, "http://127.0.0.1:5432/", false),
            (&local, "http://127.0.0.1/", false),
            (&local, "http://localhost:8765/", false),
            (
                &reach("http://opendata.example"),
                "https://opendata.example/",
                true,
            ),
        ] {
            assert_eq!(reach.allows(&Url::parse(to).unwrap()), allowed, "{to}");
        }
        for wrong in [
            "",
            "a/b",
            "https://a.example",
            "u:p@a.example",
            "a b",
            "é",
            "a:99999",
        ] {
            let portal = Url::parse("https://a.example").unwrap();
            let error = Reach::new(&portal, &[wrong.to_owned()], false).unwrap_err();
            assert!(matches!(error, Error::InvalidHost { .. }), "{wrong}");
        }
    }
}

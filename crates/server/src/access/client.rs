//! Who is asking, behind which proxies.
//!
//! What a proxy says of its visitor is taken only from addresses named in the configuration: everybody
//! else could write the same header.
//!
//! `X-Forwarded-For`, `-Proto` and `-Host` are read and, where a proxy sends none of them, `Forwarded`
//! (RFC 7239). One of the two kinds only: a proxy that writes one often passes the other on as its client
//! wrote it.
//!
//! `X-Forwarded-Prefix`, which has no counterpart in RFC 7239, is read beside either: the path below which the
//! site is reached, of which each proxy takes off its part.

use std::borrow::Cow;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::sync::Once;

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use crate::http::base::Base;
use crate::limits::Network;

const FORWARDED: HeaderName = axum::http::header::FORWARDED;
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// So that a proxy with an unreadable header is logged once and not at every request.
static UNREADABLE: Once = Once::new();

/// The same for the path below which the site is said to be.
static UNUSABLE_PREFIX: Once = Once::new();

/// The longest number of a request that a proxy may give.
const LONGEST_ID: usize = 64;

/// The other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer(pub SocketAddr);

/// Who is asking.
#[derive(Clone, Debug)]
pub struct Client {
    /// The network address; `None` when there is no network, as in tests.
    pub address: Option<IpAddr>,
    /// The host that was asked for, as the visitor's browser knows it.
    pub host: String,
    /// Whether a proxy says that its visitor came over HTTPS.
    pub proxied_https: bool,
    /// The path of the host below which the site is reached.
    pub base: Base,
    /// The number of the request.
    pub request_id: String,
}

impl Client {
    /// The client that sent a request: found out once, where the request comes in.
    pub fn identify(parts: &mut Parts, trusted_proxies: &[IpNet]) -> Self {
        if let Some(client) = parts.extensions.get::<Self>() {
            return client.clone();
        }
        let client = Self::of(parts, trusted_proxies);
        parts.extensions.insert(client.clone());
        client
    }

    /// Who sent a request.
    pub fn of(parts: &Parts, trusted: &[IpNet]) -> Self {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let behind = peer.is_some_and(|peer| is_among(peer, trusted));
        let headers = &parts.headers;
        let forwarded = if behind {
            Forwarded::of(headers)
        } else {
            Forwarded::default()
        };
        let host = forwarded
            .host
            .as_deref()
            .or_else(|| text(headers, &axum::http::header::HOST))
            .or_else(|| {
                parts
                    .uri
                    .authority()
                    .map(axum::http::uri::Authority::as_str)
            });
        Self {
            address: peer.map(|peer| visitor(peer, &forwarded.chain, trusted)),
            host: host.unwrap_or_default().to_ascii_lowercase(),
            proxied_https: forwarded
                .proto
                .is_some_and(|proto| proto.eq_ignore_ascii_case("https")),
            base: if behind {
                prefix(headers)
            } else {
                Base::default()
            },
            request_id: text(headers, &REQUEST_ID)
                .filter(|id| behind && is_plain(id))
                .map_or_else(new_id, str::to_owned),
        }
    }

    /// What limits are counted by.
    pub fn network(&self) -> Option<Network> {
        self.address.map(Network::of)
    }
}

/// Whether an address is in one of these networks.
pub fn is_among(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// What proxies say of a request.
#[derive(Debug, Default)]
struct Forwarded<'a> {
    /// The clients, the first one first; each proxy adds the one it saw.
    chain: Vec<Cow<'a, str>>,
    /// The scheme that the first proxy was asked by.
    proto: Option<Cow<'a, str>>,
    /// The host that the first proxy was asked for.
    host: Option<Cow<'a, str>>,
}

impl<'a> Forwarded<'a> {
    fn of(headers: &'a HeaderMap) -> Self {
        let named = [FORWARDED_FOR, FORWARDED_PROTO, FORWARDED_HOST];
        if named.iter().any(|name| headers.contains_key(name)) {
            let [chain, proto, host] = named.map(|name| {
                entries(headers, &name, ',')
                    .map(Cow::Borrowed)
                    .collect::<Vec<_>>()
            });
            return Self {
                chain,
                proto: proto.into_iter().next(),
                host: host.into_iter().next(),
            };
        }
        let mut found = Self::default();
        for element in entries(headers, &FORWARDED, ',') {
            for pair in split_unquoted(element, ';') {
                let Some((name, value)) = pair.split_once('=') else {
                    continue;
                };
                let value = unquoted(value.trim());
                match name.trim().to_ascii_lowercase().as_str() {
                    "for" => found.chain.push(value),
                    "proto" => drop(found.proto.get_or_insert(value)),
                    "host" => drop(found.host.get_or_insert(value)),
                    _ => {}
                }
            }
        }
        found
    }
}

/// The parts of all headers of a name, without those that say nothing.
fn entries<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    separator: char,
) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .iter()
        // What is no text is an entry that cannot be read, not one that is not there.
        .map(|value| value.to_str().unwrap_or("?"))
        .flat_map(move |value| split_unquoted(value, separator))
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// Splits a text where a separator stands outside of quotes.
fn split_unquoted(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    text.split(move |letter: char| {
        let separates = !quoted && letter == separator;
        if escaped {
            escaped = false;
        } else if quoted && letter == '\\' {
            escaped = true;
        } else if letter == '"' {
            quoted = !quoted;
        }
        separates
    })
}

/// A value without its quotes (RFC 9110, quoted-string).
fn unquoted(value: &str) -> Cow<'_, str> {
    let Some(inside) = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    else {
        return Cow::Borrowed(value);
    };
    if !inside.contains('\\') {
        return Cow::Borrowed(inside);
    }
    let mut escaped = false;
    let kept = inside.chars().filter(|letter| {
        escaped = !escaped && *letter == '\\';
        !escaped
    });
    Cow::Owned(kept.collect())
}

/// The last address in the chain that is not one of our proxies: those before it are hearsay.
fn visitor(peer: IpAddr, chain: &[Cow<'_, str>], trusted: &[IpNet]) -> IpAddr {
    let mut last = peer.to_canonical();
    for entry in chain.iter().rev() {
        let Some(address) = node(entry) else {
            UNREADABLE.call_once(|| {
                tracing::warn!(
                    proxy = %peer,
                    entry = %crate::http::redact::redact(entry),
                    "a trusted proxy names its client in a form that is not an address: \
                     limits count by the proxy's address; further ones are not logged"
                );
            });
            break;
        };
        last = address;
        if !is_among(address, trusted) {
            break;
        }
    }
    last
}

/// The path that proxies say they have taken off, the first one's first; none where one of them says what
/// cannot stand before every address.
fn prefix(headers: &HeaderMap) -> Base {
    let name = FORWARDED_PREFIX;
    let mut said = entries(headers, &name, ',');
    let whole = said.try_fold(Base::default(), |base, entry| {
        let below = Base::parse(entry);
        below.and_then(|below| base.with(&below)).ok_or(entry)
    });
    whole.unwrap_or_else(|entry| {
        UNUSABLE_PREFIX.call_once(|| {
            tracing::warn!(
                entry = %crate::http::redact::redact(entry),
                "a trusted proxy sends an X-Forwarded-Prefix that is not a plain path such as /comptes: \
                 it is not believed; further ones are not logged"
            );
        });
        Base::default()
    })
}

/// The address in an entry, as proxies write it: with or without a port, brackets, quotes and a zone.
fn node(entry: &str) -> Option<IpAddr> {
    let entry = unquoted(entry.trim());
    let entry = entry.trim();
    let address = entry
        .parse::<IpAddr>()
        .or_else(|_| entry.parse::<SocketAddr>().map(|socket| socket.ip()))
        .or_else(|_| {
            let zoned = entry.parse::<SocketAddrV6>();
            zoned.map(|socket| IpAddr::V6(*socket.ip()))
        })
        .ok()
        .or_else(|| {
            // `[2001:db8::1]`, `2001:db8::1%eth0`, and ports that are no number (RFC 7239, 6.3).
            let (inside, _port) = match entry.strip_prefix('[') {
                Some(rest) => rest.split_once(']')?,
                None if entry.matches(':').count() == 1 => entry.split_once(':')?,
                None => (entry, ""),
            };
            let (inside, _zone) = inside.split_once('%').unwrap_or((inside, ""));
            inside.parse().ok()
        })?;
    Some(address.to_canonical())
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether a number of a request can be in a log without harm.
fn is_plain(id: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(fits)
}

/// A number that no other request has.
fn new_id() -> String {
    let bytes = centime_access::token::random().unwrap_or_default();
    format!("{:016x}", u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn client(peer: &str, headers: &[(&str, &str)]) -> Client {
        let mut request = Request::builder()
            .uri("/")
            .header("host", "Centime.Example");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(Peer(peer.parse().unwrap()));
        let trusted = ["10.0.0.0/8", "127.0.0.1/32"].map(|net| net.parse().unwrap());
        Client::of(&parts, &trusted)
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let forwarded = [
            ("x-forwarded-for", "203.0.113.9"),
            ("x-forwarded-host", "elsewhere.example"),
            ("x-forwarded-proto", "https"),
            ("x-request-id", "abc"),
        ];
        let stranger = client("198.51.100.1:5", &forwarded);
        assert_eq!(stranger.address.unwrap().to_string(), "198.51.100.1");
        assert_eq!(stranger.host, "centime.example");
        assert!(!stranger.proxied_https);
        assert_ne!(stranger.request_id, "abc");
        let proxied = client("10.1.2.3:5", &forwarded);
        assert_eq!(proxied.address.unwrap().to_string(), "203.0.113.9");
        assert_eq!(proxied.host, "elsewhere.example");
        assert!(proxied.proxied_https);
        assert_eq!(proxied.request_id, "abc");
    }

    #[test]
    fn what_a_visitor_writes_into_the_chain_is_hearsay() {
        for (chain, visitor) in [
            ("1.2.3.4, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
            ("1.2.3.4, 203.0.113.9", "203.0.113.9"),
            ("10.8.8.8, 10.9.9.9", "10.8.8.8"),
            ("nonsense", "10.1.2.3"),
            ("1.2.3.4, nonsense", "10.1.2.3"),
            ("1.2.3.4, nonsense, 10.9.9.9", "10.9.9.9"),
            ("", "10.1.2.3"),
            (",, ,", "10.1.2.3"),
            ("unknown", "10.1.2.3"),
            ("2001:db8::1", "2001:db8::1"),
            // As proxies are seen to write it.
            ("203.0.113.9:52114", "203.0.113.9"),
            ("203.0.113.9:52114, 10.9.9.9:80", "203.0.113.9"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:52114", "2001:db8::1"),
            ("\"[2001:db8::1]:52114\"", "2001:db8::1"),
            ("\"203.0.113.9\"", "203.0.113.9"),
            ("fe80::1%eth0", "fe80::1"),
            ("[fe80::1%25eth0]:80", "fe80::1"),
            ("::ffff:203.0.113.9", "203.0.113.9"),
            ("203.0.113.9:_port", "203.0.113.9"),
            ("203.0.113.9,", "203.0.113.9"),
            ("203.0.113.999", "10.1.2.3"),
            ("203.0.113.9 extra", "10.1.2.3"),
        ] {
            let client = client("10.1.2.3:5", &[("x-forwarded-for", chain)]);
            assert_eq!(client.address.unwrap().to_string(), visitor, "{chain}");
        }
        let mapped = client("[::ffff:203.0.113.9]:5", &[]);
        assert_eq!(mapped.address.unwrap().to_string(), "203.0.113.9");
    }

    #[test]
    fn the_standard_header_is_read_where_it_is_alone() {
        for (value, visitor, https, host) in [
            ("for=203.0.113.9", "203.0.113.9", false, "centime.example"),
            (
                "For=\"[2001:db8::1]:4711\";Proto=https;Host=\"comptes.example:8443\"",
                "2001:db8::1",
                true,
                "comptes.example:8443",
            ),
            (
                "for=1.2.3.4, for=203.0.113.9;proto=https;by=203.0.113.43, for=10.9.9.9;proto=http",
                "203.0.113.9",
                true,
                "centime.example",
            ),
            (
                "for=\"_hidden, for=1.2.3.4\"",
                "10.1.2.3",
                false,
                "centime.example",
            ),
            ("for=unknown", "10.1.2.3", false, "centime.example"),
            ("nonsense", "10.1.2.3", false, "centime.example"),
            (";;=;,", "10.1.2.3", false, "centime.example"),
            (
                "for=\"\\2\\0\\3.0.113.9\"",
                "203.0.113.9",
                false,
                "centime.example",
            ),
        ] {
            let client = client("10.1.2.3:5", &[("forwarded", value)]);
            assert_eq!(client.address.unwrap().to_string(), visitor, "{value}");
            assert_eq!(client.proxied_https, https, "{value}");
            assert_eq!(client.host, host, "{value}");
        }
        let stranger = client("198.51.100.1:5", &[("forwarded", "for=203.0.113.9")]);
        assert_eq!(stranger.address.unwrap().to_string(), "198.51.100.1");
        // One that a client wrote and the proxy passed on beside its own.
        let both = client(
            "10.1.2.3:5",
            &[
                ("x-forwarded-for", "203.0.113.9"),
                ("forwarded", "for=1.2.3.4;host=evil.example;proto=https"),
            ],
        );
        assert_eq!(both.address.unwrap().to_string(), "203.0.113.9");
        assert_eq!(both.host, "centime.example");
        assert!(!both.proxied_https);
    }

    #[test]
    fn the_first_proxy_says_by_which_scheme_and_host_it_was_asked() {
        let chained = client(
            "10.1.2.3:5",
            &[
                ("x-forwarded-proto", "HTTPS, http"),
                ("x-forwarded-host", "comptes.example, inner.example"),
            ],
        );
        assert!(chained.proxied_https);
        assert_eq!(chained.host, "comptes.example");
    }

    #[test]
    fn a_trusted_proxy_says_below_which_path_the_site_is() {
        let of = |peer, said: &[&str]| {
            let headers: Vec<(&str, &str)> = said
                .iter()
                .map(|said| ("x-forwarded-prefix", *said))
                .collect();
            client(peer, &headers).base.to_string()
        };
        for (said, path) in [
            (&["/comptes"][..], "/comptes"),
            (&["/comptes/"], "/comptes"),
            (&["/"], ""),
            (&[""], ""),
            (&[], ""),
            // Each proxy adds what it took off.
            (&["/ville, /comptes/"], "/ville/comptes"),
            (&["/ville", "/comptes"], "/ville/comptes"),
            (&["//evil.example"], ""),
            (&["/comptes, //evil.example"], ""),
            (&["https://evil.example"], ""),
            (&["/a\"onload=x"], ""),
            (&["/é"], ""),
            (&["comptes"], ""),
        ] {
            assert_eq!(of("10.1.2.3:5", said), path, "{said:?}");
            assert_eq!(of("198.51.100.1:5", said), "", "{said:?}");
        }
        let many = ["/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"; 20];
        assert_eq!(of("10.1.2.3:5", &many), "");
    }

    #[test]
    fn a_network_of_version_6_counts_as_one() {
        let one = client("[2001:db8:1:2:3::4]:5", &[]);
        assert_eq!(one.network().unwrap().to_string(), "2001:db8:1:2::");
    }

    #[test]
    fn a_number_from_a_proxy_is_harmless_or_not_taken() {
        for id in ["a b", "a;b", &"a".repeat(65), ""] {
            let client = client(
                "10.1.2.3:5",
                &[("x-forwarded-for", "1.2.3.4"), ("x-request-id", id)],
            );
            assert_eq!(client.request_id.len(), 16, "{id:?}");
        }
    }
}

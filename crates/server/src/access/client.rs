//! Who is asking, behind which proxies.
//!
//! What a proxy says of its visitor is taken only from addresses named in the configuration: everybody
//! else could write the same header.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

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
    /// The number of the request.
    pub request_id: String,
}

impl Client {
    /// Who sent a request.
    pub fn of(parts: &Parts, trusted: &[IpNet]) -> Self {
        let peer = parts.extensions.get::<Peer>().map(|peer| peer.0.ip());
        let behind = peer.is_some_and(|peer| is_among(peer, trusted));
        let headers = &parts.headers;
        let said = |name: &HeaderName| text(headers, name).filter(|_| behind);
        let host = said(&FORWARDED_HOST)
            .or_else(|| text(headers, &axum::http::header::HOST))
            .or_else(|| {
                parts
                    .uri
                    .authority()
                    .map(axum::http::uri::Authority::as_str)
            });
        Self {
            address: peer.map(|peer| {
                if behind {
                    visitor(headers, trusted).unwrap_or(peer)
                } else {
                    peer
                }
                .to_canonical()
            }),
            host: host.unwrap_or_default().to_ascii_lowercase(),
            proxied_https: said(&FORWARDED_PROTO).is_some_and(|said| said == "https"),
            request_id: said(&REQUEST_ID)
                .filter(|id| is_plain(id))
                .map_or_else(new_id, str::to_owned),
        }
    }

    /// What limits are counted by: an address, or the network of one that a visitor can change at will.
    pub fn network(&self) -> Option<IpAddr> {
        self.address.map(|address| match address {
            IpAddr::V4(_) => address,
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// Whether an address is in one of these networks.
pub fn is_among(address: IpAddr, networks: &[IpNet]) -> bool {
    let address = address.to_canonical();
    networks.iter().any(|network| network.contains(&address))
}

/// The last address in the chain that is not one of our proxies: those before it are hearsay.
fn visitor(headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let chain: Vec<&str> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut last = None;
    for entry in chain.into_iter().rev() {
        let address = entry.trim().parse::<IpAddr>().ok()?;
        last = Some(address);
        if !is_among(address, trusted) {
            break;
        }
    }
    last
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
            ("", "10.1.2.3"),
            ("2001:db8::1", "2001:db8::1"),
        ] {
            let client = client("10.1.2.3:5", &[("x-forwarded-for", chain)]);
            assert_eq!(client.address.unwrap().to_string(), visitor, "{chain}");
        }
        let mapped = client("[::ffff:203.0.113.9]:5", &[]);
        assert_eq!(mapped.address.unwrap().to_string(), "203.0.113.9");
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

//! The path of a host below which the site is reached.
//!
//! Pages name their links, forms and files from the root of the host, because one page is at many addresses.
//! So the site has to know what stands before its own paths: `site.public_address` says it, or a trusted
//! proxy in `X-Forwarded-Prefix`. Inside the site every path is its own; what stands before it is taken off
//! where a request comes in, and put before each address where an answer goes out.

use std::fmt;
use std::sync::Arc;

/// The longest base, in bytes.
const LONGEST: usize = 200;

/// The first parts of the site's own paths. A proxy that passes the whole path on would make one of them
/// below such a base mean two things.
const OWN: [&str; 30] = [
    "accounts",
    "admin",
    "aggregates",
    "analyses",
    "api",
    "assets",
    "cards",
    "dashboard",
    "embed",
    "favicon.ico",
    "glossary",
    "healthz",
    "indicators",
    "lines",
    "login",
    "logout",
    "metabase",
    "metrics",
    "quality",
    "readyz",
    "report",
    "reports",
    "revisions.atom",
    "robots.txt",
    "search",
    "sitemap.xml",
    "sql",
    "statement",
    "tools",
    "years",
];

/// The path of a host below which the site is reached, as in `/comptes`; empty where the site has the host
/// for itself.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Base(Option<Arc<str>>);

impl Base {
    /// Reads a path, with or without a slash at its end; `None` where it is none that can stand before every
    /// address. Letters that would need an escape in a header, an attribute or an address are refused.
    pub fn parse(text: &str) -> Option<Self> {
        let path = text.strip_suffix('/').unwrap_or(text);
        if path.is_empty() {
            return Some(Self::default());
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let fits = |part: &str| !matches!(part, "" | "." | "..") && part.bytes().all(plain);
        let parts = path.strip_prefix('/')?;
        let known = path.len() <= LONGEST && parts.split('/').all(fits);
        known.then(|| Self(Some(path.into())))
    }

    /// The path of a whole address such as `https://town.example/comptes`; empty where it has none, or one
    /// that [`Base::parse`] refuses.
    pub fn of_address(address: &str) -> Self {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        let path = rest.find('/').map_or("", |start| &rest[start..]);
        Self::parse(path).unwrap_or_default()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The path, without a slash at its end.
    pub fn as_str(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// This one, with another below it; `None` where that is too long.
    pub fn with(&self, below: &Self) -> Option<Self> {
        Self::parse(&format!("{self}{below}"))
    }

    /// Whether it begins as a path of the site itself does.
    pub fn is_own(&self) -> bool {
        let first = self.as_str().split('/').nth(1);
        first.is_some_and(|first| OWN.contains(&first))
    }

    /// An address as a browser has to ask for it. Only those of the site, which begin with one slash, are
    /// below the base.
    pub fn place(&self, address: &str) -> String {
        if is_local(address) {
            format!("{self}{address}")
        } else {
            address.to_owned()
        }
    }

    /// The path of the site that a proxy asks for which passes the base on; `None` where it does not begin
    /// with it.
    pub fn strip<'a>(&self, path: &'a str) -> Option<&'a str> {
        if self.is_empty() {
            return None;
        }
        match path.strip_prefix(self.as_str())? {
            "" => Some("/"),
            rest => rest.starts_with('/').then_some(rest),
        }
    }
}

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Base({self})")
    }
}

/// Whether an address is a path of this host. `//elsewhere` and `/\elsewhere` are other hosts to browsers.
pub fn is_local(address: &str) -> bool {
    address.starts_with('/') && !address[1..].starts_with(['/', '\\'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_stand_before_every_address_is_taken() {
        for (text, path) in [
            ("", Some("")),
            ("/", Some("")),
            ("/comptes", Some("/comptes")),
            ("/comptes/", Some("/comptes")),
            ("/ville/comptes-2024_~.x", Some("/ville/comptes-2024_~.x")),
            ("comptes", None),
            ("//evil.example", None),
            ("/comptes//", None),
            ("/a//b", None),
            ("https://evil.example", None),
            ("https:", None),
            ("/..", None),
            ("/a/../b", None),
            ("/./a", None),
            ("/\\evil.example", None),
            ("/a\"><script>", None),
            ("/a'b", None),
            ("/a b", None),
            ("/a\r\nb", None),
            ("/a?b", None),
            ("/a#b", None),
            ("/a;b", None),
            ("/a%2fb", None),
            ("/é", None),
            ("/*", None),
        ] {
            let found = Base::parse(text);
            assert_eq!(found.as_ref().map(Base::as_str), path, "{text:?}");
        }
        assert!(Base::parse(&format!("/{}", "a".repeat(LONGEST - 1))).is_some());
        assert!(Base::parse(&format!("/{}", "a".repeat(LONGEST))).is_none());
    }

    #[test]
    fn it_is_put_before_addresses_of_the_site_and_taken_off_again() {
        let base = Base::parse("/comptes").unwrap();
        for (address, placed) in [
            ("/", "/comptes/"),
            ("/lines?q=1#x", "/comptes/lines?q=1#x"),
            ("#x", "#x"),
            ("", ""),
            ("//evil.example/", "//evil.example/"),
            ("/\\evil.example/", "/\\evil.example/"),
            ("https://town.example/", "https://town.example/"),
        ] {
            assert_eq!(base.place(address), placed);
            assert_eq!(Base::default().place(address), address);
        }
        for (path, own) in [
            ("/comptes", Some("/")),
            ("/comptes/", Some("/")),
            ("/comptes/lines/2", Some("/lines/2")),
            ("/comptes//evil/", Some("//evil/")),
            ("/comptes2", None),
            ("/lines", None),
            ("/", None),
        ] {
            assert_eq!(base.strip(path), own, "{path}");
            assert_eq!(Base::default().strip(path), None);
        }
    }

    #[test]
    fn it_is_read_from_a_whole_address() {
        for (address, path) in [
            ("https://town.example", ""),
            ("https://town.example/", ""),
            ("http://[::1]:8080/ville/comptes", "/ville/comptes"),
        ] {
            assert_eq!(Base::of_address(address).as_str(), path, "{address}");
        }
    }
}

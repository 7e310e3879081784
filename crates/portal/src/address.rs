//! What a portal's address looks like, and where its endpoints are.

use reqwest::Url;

use crate::Error;

const API_ROOT: &str = "/api/explore/v2.1";

/// The root of a portal's Explore API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Url);

impl Address {
    /// Reads a portal's address: its root, or the root of its API.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let invalid = |reason: String| Error::InvalidUrl {
            url: presentable(text),
            reason,
        };
        let mut url = Url::parse(text).map_err(|error| {
            if text.contains("://") || text.is_empty() {
                invalid(format!(
                    "{error}; expected such as https://opendata.paris.fr"
                ))
            } else {
                invalid("it does not begin with https:// or http://".to_owned())
            }
        })?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid(
                "it does not begin with https:// or http://".to_owned(),
            ));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid(
                "it holds a user or a password; give an API key apart instead".to_owned(),
            ));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid(
                "it holds a ? or a #; stop before it, and give an API key apart".to_owned(),
            ));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        if path.is_empty() {
            url.set_path(API_ROOT);
        } else if path.ends_with(API_ROOT) {
            url.set_path(&path);
        } else {
            return Err(invalid(format!(
                "stop after the host, or give the root of the API, which ends in {API_ROOT}"
            )));
        }
        Ok(Self(url))
    }

    /// The root, as requests have it.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// The root, without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The host, with its port when it is not the usual one.
    pub(crate) fn host(&self) -> String {
        host(&self.0)
    }

    /// An endpoint under the root. Each segment is escaped as needed.
    pub(crate) fn endpoint(&self, segments: &[&str], query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        // An http or https address always has a path to extend.
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

/// The host of an address, with its port when it is not the usual one.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// An address fit for a message: without its query, where keys may hide.
pub(crate) fn without_query(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

/// What the user typed, without anything that could be a secret.
fn presentable(text: &str) -> String {
    let text = text.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (format!("{scheme}://"), rest),
        None => (String::new(), text),
    };
    let rest = match rest.rsplit_once('@') {
        Some((_, host)) => host,
        None => rest,
    };
    scheme + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_accepted_in_every_form() {
        for text in [
            "https://opendata.paris.fr",
            " https://opendata.paris.fr/ ",
            "HTTPS://OpenData.Paris.FR//",
            "https://opendata.paris.fr:443",
            "https://opendata.paris.fr/api/explore/v2.1",
            "https://opendata.paris.fr/api/explore/v2.1/",
        ] {
            assert_eq!(
                Address::parse(text).unwrap().as_str(),
                "https://opendata.paris.fr/api/explore/v2.1",
                "{text}"
            );
        }
        let local = Address::parse("http://127.0.0.1:8080").unwrap();
        assert_eq!(local.as_str(), "http://127.0.0.1:8080/api/explore/v2.1");
        assert_eq!(local.host(), "127.0.0.1:8080");
        let behind = Address::parse("https://proxy.example/paris/api/explore/v2.1").unwrap();
        assert_eq!(
            behind.as_str(),
            "https://proxy.example/paris/api/explore/v2.1"
        );
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for (text, reason) in [
            ("", "expected such as"),
            ("opendata.paris.fr", "does not begin with https://"),
            ("localhost:8080", "does not begin with https://"),
            ("ftp://opendata.paris.fr", "does not begin with https://"),
            ("file:///etc/hosts", "does not begin with https://"),
            ("https://", "expected such as"),
            ("https://opendata.paris.fr/explore/dataset/x", "stop after"),
            ("https://opendata.paris.fr/api/explore/v2.0", "stop after"),
            ("https://opendata.paris.fr/#a", "? or a #"),
        ] {
            let error = Address::parse(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(error.contains(&presentable(text)), "{text}: {error}");
        }
    }

    #[test]
    fn secrets_in_an_address_are_not_repeated() {
        for text in [
            "https://user:s3cret@opendata.paris.fr",
            "https://opendata.paris.fr/?apikey=s3cret",
            "gopher://s3cret@opendata.paris.fr",
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn endpoints_escape_what_they_hold() {
        let address = Address::parse("https://a.example").unwrap();
        assert_eq!(
            address
                .endpoint(&["catalog", "datasets", "a/b?c"], &[("where", "x & y")])
                .as_str(),
            "https://a.example/api/explore/v2.1/catalog/datasets/a%2Fb%3Fc?where=x+%26+y"
        );
        let url = address.endpoint(&["x"], &[("apikey", "s3cret")]);
        assert_eq!(without_query(&url), "https://a.example/api/explore/v2.1/x");
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_an_address_or_is_not(text in centime_test_input::altered_text(&[
            "https://opendata.example/", "http://user:secret@[::1]:8080/a?b=c", "//x",
        ])) {
            if let Ok(address) = Address::parse(&text) {
                let asked = address.endpoint(&["catalog", &text], &[("where", &text)]);
                proptest::prop_assert!(asked.as_str().starts_with(address.as_str().trim_end_matches('/')));
            }
        }
    }
}

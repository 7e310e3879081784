//! Addresses within the site.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The parameters of a query, in order.
pub type Parameters = Vec<(String, String)>;

/// What is escaped in a query: all but the characters that RFC 3986 calls unreserved.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// An address with parameters.
pub fn to<N: AsRef<str>, V: AsRef<str>>(path: &str, parameters: &[(N, V)]) -> String {
    let mut address = path.to_owned();
    for (position, (name, value)) in parameters.iter().enumerate() {
        address.push(if position == 0 { '?' } else { '&' });
        address.push_str(&encoded(name.as_ref()));
        address.push('=');
        address.push_str(&encoded(value.as_ref()));
    }
    address
}

/// A text as forms send it: a space becomes `+`. Every other `%20` of the text has become `%2520`.
fn encoded(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED)
        .to_string()
        .replace("%20", "+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_unreserved_characters_stand_as_they_are() {
        let kept = "azAZ09-_.~";
        assert_eq!(to("/", &[("q", kept)]), format!("/?q={kept}"));
        assert_eq!(
            to("/lines", &[("q", "d’été *+%20/"), ("a&b", "")]),
            "/lines?q=d%E2%80%99%C3%A9t%C3%A9+%2A%2B%2520%2F&a%26b="
        );
    }
}

//! Reading and writing addresses.

use std::fmt::Write;

/// The parameters of a query, in order.
pub type Parameters = Vec<(String, String)>;

/// Reads a query: `a=1&b=x+y`.
pub fn parse(query: &str) -> Parameters {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (
                decode(&name.replace('+', " ")),
                decode(&value.replace('+', " ")),
            )
        })
        .collect()
}

/// An address with parameters.
pub fn to<N: AsRef<str>, V: AsRef<str>>(path: &str, parameters: &[(N, V)]) -> String {
    let mut address = path.to_owned();
    for (position, (name, value)) in parameters.iter().enumerate() {
        address.push(if position == 0 { '?' } else { '&' });
        encode(&mut address, name.as_ref());
        address.push('=');
        encode(&mut address, value.as_ref());
    }
    address
}

/// The text of a part of an address. Bytes that are not UTF-8 become U+FFFD, so they match nothing.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let decoded = match (first, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = decoded {
            bytes.push(high * 16 + low);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

fn encode(address: &mut String, text: &str) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                address.push(byte.into());
            }
            b' ' => address.push('+'),
            other => {
                // Writing to a string cannot fail.
                let _ = write!(address, "%{other:02X}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let parameters = [("q", "d’été & co=+%"), ("empty", "")];
        let address = to("/lines", &parameters);
        assert!(address.is_ascii(), "{address}");
        let query = address.split_once('?').unwrap().1;
        let read = parse(query);
        assert_eq!(read[0], ("q".to_owned(), "d’été & co=+%".to_owned()));
        assert_eq!(read[1], ("empty".to_owned(), String::new()));
    }

    #[test]
    fn broken_escapes_are_taken_as_they_are() {
        assert_eq!(decode("100%"), "100%");
        assert_eq!(decode("%zz%4"), "%zz%4");
        assert_eq!(decode("%ff"), "\u{fffd}");
        assert!(parse("&&").is_empty());
    }

    proptest::proptest! {
        #[test]
        fn any_query_is_read_and_written_again(text in centime_test_input::altered_text(&[
            "q=d%C3%A9penses+de&year=2024&side=revenue",
            "from=2019&to=2024&category=CHARGES%20FINANCIERES&lang=fr",
            "&&=&a=%&%zz=1",
        ])) {
            let read = parse(&text);
            let written = to("/lines", &read);
            proptest::prop_assert!(written.is_ascii());
            if let Some((_, query)) = written.split_once('?') {
                // An empty name with an empty value is read from `=`, and so is what is written of it.
                proptest::prop_assert_eq!(parse(query), read);
            }
        }
    }
}

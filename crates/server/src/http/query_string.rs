//! Parameters and parts of paths as addresses encode them.

use percent_encoding::percent_decode_str;

/// The parameters of a query string: `a=1&b=x+y`.
pub fn parse(query: &str) -> Vec<(String, String)> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// The text of a part of a path. Bytes that are not UTF-8 become U+FFFD, so they match nothing.
pub fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use centime_render::link;

    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let parameters = [("q", "d’été & co=+%"), ("empty", "")];
        let address = link::to("/lines", &parameters);
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
            let written = link::to("/lines", &read);
            proptest::prop_assert!(written.is_ascii());
            if let Some((_, query)) = written.split_once('?') {
                // An empty name with an empty value is read from `=`, and so is what is written of it.
                proptest::prop_assert_eq!(parse(query), read);
            }
        }
    }
}

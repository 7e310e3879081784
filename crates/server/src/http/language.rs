//! The language of a reader: the one that an address asks for, that was chosen before, or that the browser prefers.

use crate::http::{cookies, query_string};

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use centime_analytics::Language;

use super::negotiation::preferences;

/// The language that an address asks for.
pub fn of_query(query: &str) -> Option<Language> {
    let parameters = query_string::parse(query);
    let (_, code) = parameters.iter().find(|(name, _)| name == "lang")?;
    code.parse().ok()
}

/// The language that a browser asks for: the one chosen before, else the one it prefers among ours.
pub fn of_headers(headers: &HeaderMap) -> Language {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    cookies::values(headers, "lang")
        .find_map(|code| code.parse().ok())
        .or_else(|| text(ACCEPT_LANGUAGE).and_then(preferred))
        .unwrap_or_default()
}

/// The language with the greatest weight, and of equal ones the first.
fn preferred(field: &str) -> Option<Language> {
    let mut best: Option<(u16, Language)> = None;
    for range in preferences(field) {
        let primary = range.name.split('-').next().unwrap_or_default();
        let Ok(language) = primary.to_ascii_lowercase().parse() else {
            continue;
        };
        if range.weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((range.weight, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, French};

    #[test]
    fn the_reader_s_first_language_is_taken() {
        for (header, expected) in [
            ("en-GB,en;q=0.9,fr;q=0.8", Some(English)),
            ("fr;q=0.5, en;q=0.75", Some(English)),
            ("de, fr-CH;q=0.3, en;q=0.2", Some(French)),
            ("en;q=0, fr;q=0.1", Some(French)),
            ("FR", Some(French)),
            ("*", None),
            ("de", None),
            ("", None),
            ("en;q=many", None),
        ] {
            assert_eq!(preferred(header), expected, "{header}");
        }
    }
}

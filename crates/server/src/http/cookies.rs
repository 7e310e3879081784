//! The cookies that a browser sends.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;

/// The values of the cookies of this name, in the order in which the browser sends them.
pub fn values<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(move |cookie| cookie.trim().strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_found_by_their_whole_name_in_every_header() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, "language=x; lang=fr;lang = de".parse().unwrap());
        headers.append(COOKIE, "lang=en".parse().unwrap());
        assert_eq!(values(&headers, "lang").collect::<Vec<_>>(), ["fr", "en"]);
        assert_eq!(values(&headers, "none").count(), 0);
    }
}

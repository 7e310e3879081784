//! The header fields by which a client says what it prefers (RFC 9110, 12.5): `Accept`, `Accept-Encoding`,
//! `Accept-Language`.

/// A member of such a field: a media range, a coding or a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preference<'a> {
    /// What is preferred, without parameters.
    pub name: &'a str,
    /// Its weight, in thousandths; 1000 where none is given, 0 where it is not acceptable or cannot be read.
    pub weight: u16,
}

/// The members of a field, in their order.
pub fn preferences(field: &str) -> impl Iterator<Item = Preference<'_>> {
    field.split(',').map(|member| {
        let mut parts = member.split(';').map(str::trim);
        Preference {
            name: parts.next().unwrap_or_default(),
            weight: parts
                .find_map(|parameter| parameter.strip_prefix("q="))
                .map_or(1000, thousandths),
        }
    })
}

/// A weight such as `0.8`, in thousandths.
fn thousandths(value: &str) -> u16 {
    let (whole, fraction) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits: String = fraction.chars().chain("000".chars()).take(3).collect();
    match (whole.parse::<u16>(), digits.parse::<u16>()) {
        (Ok(0), Ok(thousandths)) => thousandths,
        (Ok(1), Ok(_)) => 1000,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_read_in_thousandths() {
        for (field, expected) in [
            ("br", &[("br", 1000)][..]),
            ("gzip;q=0.5, br", &[("gzip", 500), ("br", 1000)]),
            ("text/csv;header=present;q=0.25", &[("text/csv", 250)]),
            ("en; q=1.0, fr;q=0", &[("en", 1000), ("fr", 0)]),
            ("de;q=many, it;q=2", &[("de", 0), ("it", 0)]),
            ("", &[("", 1000)]),
        ] {
            let found = preferences(field).map(|found| (found.name, found.weight));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{field}");
        }
    }
}

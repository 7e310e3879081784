//! In which form a program wants its answer.

use crate::http::negotiation::preferences;

/// A form that an answer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Json,
    Csv,
    Parquet,
    Pdf,
}

impl Form {
    /// The ending of addresses that ask for it, which also names it in parameters.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Pdf => "pdf",
        }
    }

    /// The media type, without its parameters.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Pdf => "application/pdf",
        }
    }

    /// The value of `Content-Type`.
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Parquet => "application/vnd.apache.parquet",
            Self::Pdf => "application/pdf",
        }
    }
}

/// The form wanted most among those offered, the first of them where several are; `None` when none is
/// acceptable. Without a header any is.
pub fn wanted(header: Option<&str>, offered: &[Form]) -> Option<Form> {
    let Some(header) = header else {
        return offered.first().copied();
    };
    let mut best: Option<(u16, Form)> = None;
    for form in offered {
        let weight = weight(header, *form);
        if weight > best.map_or(0, |(weight, _)| weight) {
            best = Some((weight, *form));
        }
    }
    best.map(|(_, form)| form)
}

/// How much a form is wanted, in thousandths: what the most specific range that fits it says.
fn weight(header: &str, form: Form) -> u16 {
    let media_type = form.media_type();
    let (kind, _) = media_type.split_once('/').unwrap_or((media_type, ""));
    let mut found = (0, 0);
    for range in preferences(header) {
        let of_kind = range.name.strip_suffix("/*");
        let specific = if range.name.eq_ignore_ascii_case(media_type) {
            3
        } else if of_kind.is_some_and(|range| range.eq_ignore_ascii_case(kind)) {
            2
        } else if range.name == "*/*" {
            1
        } else {
            continue;
        };
        if specific > found.0 {
            found = (specific, range.weight);
        }
    }
    found.1
}

#[cfg(test)]
mod tests {
    use super::*;
    use Form::{Csv, Json};

    #[test]
    fn the_form_wanted_most_is_sent() {
        let both = [Json, Csv];
        for (header, expected) in [
            (None, Some(Json)),
            (Some("*/*"), Some(Json)),
            (Some("application/json"), Some(Json)),
            (Some("text/csv"), Some(Csv)),
            (Some("Text/CSV; q=0.5"), Some(Csv)),
            (Some("text/*"), Some(Csv)),
            (Some("application/json;q=0.2, text/csv;q=0.9"), Some(Csv)),
            (Some("*/*;q=0.1, text/csv"), Some(Csv)),
            (Some("text/csv;q=0, */*"), Some(Json)),
            // A browser.
            (
                Some("text/html,application/xhtml+xml,*/*;q=0.8"),
                Some(Json),
            ),
            (Some("text/html"), None),
            (Some("application/json;q=0"), None),
            (Some("application/json;q=many"), None),
            (Some(""), None),
            (Some(";;,/,*"), None),
        ] {
            assert_eq!(wanted(header, &both), expected, "{header:?}");
        }
        assert_eq!(wanted(Some("text/csv"), &[Json]), None);
    }

    proptest::proptest! {
        #[test]
        fn any_header_is_understood_in_some_way(header in centime_test_input::altered_text(&[
            "text/html,application/xhtml+xml,*/*;q=0.8", "text/csv;q=0.5, application/json",
        ])) {
            let form = wanted(Some(&header), &[Json, Csv]);
            proptest::prop_assert!(form.is_none() || header.contains('/'));
        }
    }
}

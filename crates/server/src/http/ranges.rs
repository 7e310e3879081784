//! Which part of a file is asked for (RFC 9110, 14): programs read the end of a Parquet file first, and then the
//! columns they need.

use std::ops::RangeInclusive;

use axum::http::header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, IF_RANGE, RANGE};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};

/// How a file is asked for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Whether only its headers are.
    pub head: bool,
    /// The part of it.
    range: Option<String>,
    /// The tag that it has to have for that; else all of it is wanted.
    if_range: Option<String>,
}

/// What is sent of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Whole,
    /// The bytes from the first to the last of these.
    Bytes(RangeInclusive<u64>),
    /// None, because it does not go so far.
    Beyond,
}

impl Wanted {
    /// As a request says it.
    pub fn of(method: &Method, headers: &HeaderMap) -> Self {
        let text = |name| {
            let value: Option<&HeaderValue> = headers.get(name);
            value.and_then(|value| value.to_str().ok())
        };
        Self {
            head: *method == Method::HEAD,
            // A part is one of what a request for all of it would be answered with.
            range: text(RANGE)
                .filter(|_| *method == Method::GET)
                .map(str::to_owned),
            if_range: text(IF_RANGE).map(str::to_owned),
        }
    }

    /// Whether a part is asked for.
    pub const fn is_part(&self) -> bool {
        self.range.is_some()
    }

    /// What is sent of a file of this length, which has a strong tag.
    pub fn part(&self, tag: &str, length: u64) -> Part {
        let Some(range) = &self.range else {
            return Part::Whole;
        };
        if self.if_range.as_deref().is_some_and(|known| known != tag) {
            return Part::Whole;
        }
        // Several parts at once are answered with all of it, as one that cannot be read is.
        read(range, length).unwrap_or(Part::Whole)
    }
}

fn read(range: &str, length: u64) -> Option<Part> {
    let (unit, range) = range.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|letter| letter.is_ascii_digit());
        // A number that is too large for us is too large for any file.
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let end = length.checked_sub(1);
    let (first, last) = match (first, last) {
        ("", last) => {
            let wanted = number(last)?;
            if wanted == 0 {
                return Some(Part::Beyond);
            }
            (length.saturating_sub(wanted), u64::MAX)
        }
        (first, "") => (number(first)?, u64::MAX),
        (first, last) => (number(first)?, number(last)?),
    };
    if first > last {
        return None;
    }
    Some(match end {
        Some(end) if first <= end => Part::Bytes(first..=last.min(end)),
        _ => Part::Beyond,
    })
}

impl Part {
    /// What an answer with this part of a file of this length says.
    pub fn describe(&self, status: &mut StatusCode, headers: &mut HeaderMap, length: u64) {
        headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        let (sent, range) = match self {
            Self::Whole => (length, None),
            Self::Bytes(range) => {
                *status = StatusCode::PARTIAL_CONTENT;
                let said = format!("bytes {}-{}/{length}", range.start(), range.end());
                (range.end() - range.start() + 1, Some(said))
            }
            Self::Beyond => {
                *status = StatusCode::RANGE_NOT_SATISFIABLE;
                (0, Some(format!("bytes */{length}")))
            }
        };
        headers.insert(CONTENT_LENGTH, HeaderValue::from(sent));
        if let Some(Ok(range)) = range.map(HeaderValue::try_from) {
            headers.insert(CONTENT_RANGE, range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(range: &str, if_range: Option<&str>) -> Wanted {
        Wanted {
            head: false,
            range: Some(range.to_owned()),
            if_range: if_range.map(str::to_owned),
        }
    }

    #[test]
    fn a_part_is_what_was_asked_for_and_is_there() {
        for (range, part) in [
            ("bytes=0-0", Part::Bytes(0..=0)),
            ("bytes=2-4", Part::Bytes(2..=4)),
            ("Bytes=2-", Part::Bytes(2..=9)),
            ("bytes=-3", Part::Bytes(7..=9)),
            ("bytes=-30", Part::Bytes(0..=9)),
            ("bytes=9-99999999999999999999999", Part::Bytes(9..=9)),
            ("bytes=10-", Part::Beyond),
            ("bytes=99999999999999999999999-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=4-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes", Part::Whole),
            ("lines=1-2", Part::Whole),
        ] {
            assert_eq!(wanted(range, None).part("\"a\"", 10), part, "{range}");
        }
        assert_eq!(wanted("bytes=0-", None).part("\"a\"", 0), Part::Beyond);
    }

    #[test]
    fn a_part_of_another_file_is_not_sent() {
        for (tag, part) in [
            ("\"a\"", Part::Bytes(0..=0)),
            ("\"b\"", Part::Whole),
            ("W/\"a\"", Part::Whole),
            ("Sun, 06 Nov 1994 08:49:37 GMT", Part::Whole),
        ] {
            let wanted = wanted("bytes=0-0", Some(tag));
            assert_eq!(wanted.part("\"a\"", 10), part, "{tag}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_range_is_within_the_file(
            range in centime_test_input::altered_text(&["bytes=0-9", "bytes=-5", "bytes=3-"]),
            length in 0_u64..20,
        ) {
            if let Part::Bytes(range) = wanted(&range, None).part("\"a\"", length) {
                proptest::prop_assert!(range.start() <= range.end() && *range.end() < length);
            }
        }
    }
}

//! Where a page of rows ended: the place after which the next one begins.
//!
//! A cursor names the revision it was made in, so that no list is continued in another one.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;

use crate::http::problem_details::ProblemDetails;
use axum::http::StatusCode;

/// No cursor of ours is longer.
pub const LONGEST: usize = 200;

/// The place after a row, which its keys name.
pub fn after(revision: i64, keys: &[&str]) -> String {
    let place = std::iter::once(revision.to_string()).chain(keys.iter().map(|key| (*key).into()));
    BASE64.encode(place.collect::<Vec<String>>().join(":"))
}

/// The keys of the row that a cursor names.
pub fn keys<const N: usize>(revision: i64, cursor: &str) -> Result<[String; N], ProblemDetails> {
    let read = || {
        let text = String::from_utf8(BASE64.decode(cursor).ok()?).ok()?;
        let (of, keys) = text.split_once(':')?;
        let keys: Vec<String> = keys.splitn(N, ':').map(str::to_owned).collect();
        Some((of.parse::<i64>().ok()?, keys.try_into().ok()?))
    };
    let (of, keys) = read().ok_or_else(unreadable)?;
    if of == revision {
        Ok(keys)
    } else {
        Err(ProblemDetails::new(
            StatusCode::GONE,
            "cursor-expired",
            "Another revision was published meanwhile",
            "Ask for the first page again, without a cursor.",
        ))
    }
}

/// A text is no cursor of this list.
pub fn unreadable() -> ProblemDetails {
    ProblemDetails::new(
        StatusCode::BAD_REQUEST,
        "bad-parameter",
        "This value is not allowed",
        "«cursor» is not one of this list: take it from the Link header of the page before.",
    )
}

#[cfg(test)]
mod tests {
    use centime_test_input::altered_text;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cursor_leads_on_in_its_own_revision_and_list_only() {
        let cursor = after(3, &["2024", "57"]);
        assert_eq!(keys(3, &cursor), Ok(["2024".to_owned(), "57".to_owned()]));
        assert_eq!(keys::<2>(4, &cursor).unwrap_err().status, StatusCode::GONE);
        let wrong = keys::<3>(3, &cursor).unwrap_err();
        assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    }

    proptest! {
        #[test]
        fn any_text_is_a_cursor_or_refused(text in altered_text(&[
            "MToyMDI0OjE0", "MTo", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OjE6MQ", "MTpcMA==",
        ])) {
            if let Err(trouble) = keys::<2>(1, &text) {
                prop_assert!(trouble.status.is_client_error());
            }
        }

        #[test]
        fn what_is_written_is_read_again(revision in any::<i64>(), key in "[^:]*", last in ".*") {
            let cursor = after(revision, &[&key, &last]);
            prop_assert_eq!(keys(revision, &cursor), Ok([key, last]));
        }
    }
}

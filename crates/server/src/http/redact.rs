//! Text from outside, as it may be logged and shown.

use std::borrow::Cow;

use centime_access::token::{NAMING, PREFIX};

/// How much of it is kept, in characters.
const MAX_LENGTH: usize = 200;

/// A text from outside without what must not be in a log: cut to 200 characters, and with no more of a token than its
/// identifier.
pub fn redact(text: &str) -> Cow<'_, str> {
    let cut = text
        .char_indices()
        .nth(MAX_LENGTH)
        .map_or(text, |(end, _)| &text[..end]);
    if !cut.contains(PREFIX) {
        return Cow::Borrowed(cut);
    }
    let mut parts = cut.split(PREFIX);
    let mut shown = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let secret = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
        let letters = part.find(|letter| !secret(letter)).unwrap_or(part.len());
        shown.push_str(PREFIX);
        shown.push_str(&part[..letters.min(NAMING)]);
        if letters > NAMING {
            shown.push('…');
        }
        shown.push_str(&part[letters..]);
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_in_a_path_is_not_noted() {
        let secret = centime_access::Secret::generate().unwrap();
        let path = format!("/x/{}/y", secret.reveal());
        let noted = redact(&path);
        assert!(noted.starts_with(&format!("/x/{}", secret.id())), "{noted}");
        assert!(noted.ends_with("…/y"), "{noted}");
        assert!(!noted.contains(&secret.reveal()[12..]));
        assert_eq!(redact("/lines/2"), "/lines/2");
        assert_eq!(redact(&"é".repeat(300)).chars().count(), MAX_LENGTH);
    }
}

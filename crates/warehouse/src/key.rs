//! The key of an encrypted SQLite file.

use std::fmt;
use std::str::FromStr;

/// Whether this program can open encrypted files: it was built with the feature `encryption`.
pub const ENCRYPTS: bool = cfg!(feature = "encryption");

/// How many hexadecimal digits a key has.
const DIGITS: usize = 64;

/// The key of an encrypted SQLite file: 256 bits, used as they are. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

/// Why a text is not a key. Never shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a key has 64 hexadecimal digits: make one with `openssl rand -hex 32`")]
pub struct NotAKey;

impl Key {
    /// The key as `SQLCipher` takes one that is no passphrase.
    pub(crate) fn raw(&self) -> String {
        format!("x'{}'", self.0)
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        let text = text.trim();
        if text.len() == DIGITS && text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NotAKey)
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_and_never_shown() {
        let text = "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff";
        let key: Key = format!("{text}\n").parse().unwrap();
        assert_eq!(key, text.to_lowercase().parse().unwrap());
        assert_eq!(format!("{key:?}"), "Key(…)");
        for wrong in [
            "",
            "secret",
            &text[1..],
            &format!("{text}0"),
            &text.replace('0', "g"),
        ] {
            let error = wrong.parse::<Key>().unwrap_err().to_string();
            assert!(wrong.is_empty() || !error.contains(wrong), "{error}");
        }
    }
}

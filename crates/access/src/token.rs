//! How a token is made, written, read, and known again from its hash.
//!
//! A token is `ctm_` and 48 letters: 256 random bits and a checksum of 32 bits in URL-safe base64. The
//! prefix lets scanners of source code find a token that was left somewhere; the checksum tells a
//! slip of the hand from a wrong token without a look at any database.
//!
//! Only the SHA-256 of a token is stored. That is enough, and a slow hash of passwords would add
//! nothing: 256 random bits cannot be guessed, however fast the guesses are.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

/// What every token begins with.
pub const PREFIX: &str = "ctm_";

/// How many letters a token has after its prefix.
const ENCODED_LETTERS: usize = 48;

/// How many random bytes a token has: 256 bits.
const RANDOM_BYTES: usize = 32;

/// How many bytes its checksum has.
const CHECKSUM_BYTES: usize = 4;

/// How many letters after the prefix name a token; the rest is secret, more than 200 bits.
pub const NAMING: usize = 8;

/// A token as its owner has it. Never shown by accident: it is written by [`Secret::reveal`] only.
#[derive(Clone)]
pub struct Secret {
    text: String,
}

/// The beginning of a token, by which people and the database name it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TokenId(String);

/// What is stored of a token.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// Why a text is not a token. Says nothing of the text, which may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// Other letters, or more or fewer of them.
    #[error("this is not a token: one is «ctm_» and 48 letters, digits, «-» or «_»")]
    Form,
    /// The checksum does not fit.
    #[error("this token has a letter wrong: its checksum does not fit")]
    Checksum,
}

/// The machine has no random numbers to give.
#[derive(Debug, thiserror::Error)]
#[error("the system gives no random numbers ({0}): no token can be made")]
pub struct NoRandomness(#[from] getrandom::Error);

/// So many random bytes of the system.
pub fn random<const N: usize>() -> Result<[u8; N], NoRandomness> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

impl Secret {
    /// A new random token.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self::of(&random()?))
    }

    fn of(random: &[u8; RANDOM_BYTES]) -> Self {
        let mut bytes = [0; RANDOM_BYTES + CHECKSUM_BYTES];
        bytes[..RANDOM_BYTES].copy_from_slice(random);
        bytes[RANDOM_BYTES..].copy_from_slice(&checksum(random));
        Self {
            text: format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)),
        }
    }

    /// Reads a token.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let letters = text.strip_prefix(PREFIX).ok_or(Malformed::Form)?;
        if letters.len() != ENCODED_LETTERS {
            return Err(Malformed::Form);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(letters)
            .map_err(|_| Malformed::Form)?;
        let (random, check) = bytes
            .split_first_chunk::<RANDOM_BYTES>()
            .ok_or(Malformed::Form)?;
        if checksum(random) != check {
            return Err(Malformed::Checksum);
        }
        Ok(Self {
            text: text.to_owned(),
        })
    }

    /// The token itself, to be shown to its owner once.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Its name.
    pub fn id(&self) -> TokenId {
        TokenId(self.text[..PREFIX.len() + NAMING].to_owned())
    }

    /// What is stored of it.
    pub fn hash(&self) -> TokenHash {
        TokenHash(Sha256::digest(&self.text).into())
    }
}

/// The checksum of random bytes. It begins with words of its own, so that it says nothing of the hash
/// that is stored.
fn checksum(random: &[u8; RANDOM_BYTES]) -> [u8; CHECKSUM_BYTES] {
    let digest: [u8; 32] = Sha256::new()
        .chain_update(b"centime token checksum")
        .chain_update(random)
        .finalize()
        .into();
    let [a, b, c, d, ..] = digest;
    [a, b, c, d]
}

impl TokenId {
    /// Reads a name; `None` when no token can have it.
    pub fn parse(text: &str) -> Option<Self> {
        let letters = text.strip_prefix(PREFIX)?;
        let fits = letters.len() == NAMING
            && letters
                .bytes()
                .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_'));
        fits.then(|| Self(text.to_owned()))
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TokenHash {
    /// As 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        hex::encode(self.0)
    }

    /// Reads 64 hexadecimal digits; `None` for any other text.
    pub fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl ConstantTimeEq for TokenHash {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl PartialEq for TokenHash {
    /// Takes the same time wherever the two differ.
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…", self.id())
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use centime_test_input::altered_text;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_token_is_read_again_and_each_is_another() {
        let one = Secret::generate().unwrap();
        let other = Secret::generate().unwrap();
        assert_ne!(one.reveal(), other.reveal());
        assert_eq!(one.reveal().len(), 52);
        let read = Secret::parse(one.reveal()).unwrap();
        assert_eq!(read.hash(), one.hash());
        assert_ne!(read.hash(), other.hash());
        assert_eq!(TokenId::parse(one.id().as_str()), Some(one.id()));
        assert_eq!(
            TokenHash::from_hex(&one.hash().to_hex()).unwrap(),
            one.hash()
        );
    }

    #[test]
    fn the_form_of_tokens_does_not_change() {
        let token = Secret::of(&[7; RANDOM_BYTES]);
        assert_eq!(
            token.reveal(),
            "ctm_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwdCIat7"
        );
        assert_eq!(token.id().as_str(), "ctm_BwcHBwcH");
    }

    #[test]
    fn a_token_does_not_show_itself() {
        let token = Secret::generate().unwrap();
        let shown = format!("{token:?} {:?}", token.hash());
        assert!(!shown.contains(&token.reveal()[13..]), "{shown}");
        assert!(!shown.contains(&token.hash().to_hex()), "{shown}");
    }

    #[test]
    fn other_texts_are_no_tokens() {
        let token = Secret::of(&[7; RANDOM_BYTES]);
        let text = token.reveal();
        for (wrong, why) in [
            ("", Malformed::Form),
            ("ctm_", Malformed::Form),
            (&text[4..], Malformed::Form),
            (&text[..51], Malformed::Form),
            (&format!("{text}A"), Malformed::Form),
            (&format!(" {text}"), Malformed::Form),
            (&text.replace("ctm_", "CTM_"), Malformed::Form),
            (&text.replacen("Bw", "+w", 1), Malformed::Form),
            (&text.replacen("Bw", "éw", 1), Malformed::Form),
            (&text.replacen("Bw", "Cw", 1), Malformed::Checksum),
        ] {
            assert_eq!(Secret::parse(wrong).unwrap_err(), why, "{wrong}");
        }
        for wrong in [
            "",
            "ctm_",
            "ctm_1234567",
            "ctm_123456789",
            "ctm_1234567é",
            "ctm_1234 678",
        ] {
            assert_eq!(TokenId::parse(wrong), None, "{wrong}");
        }
        assert_eq!(TokenHash::from_hex(&"é".repeat(32)), None);
        assert_eq!(TokenHash::from_hex(&"g".repeat(64)), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_token_or_is_not(text in altered_text(&[
            "ctm_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEvu6R7",
            "ctm_AQEBAQEB",
            "Bearer ctm_",
        ])) {
            if let Ok(token) = Secret::parse(&text) {
                prop_assert_eq!(token.reveal(), &text);
            }
            if let Some(id) = TokenId::parse(&text) {
                prop_assert_eq!(id.as_str(), text);
            }
        }

        #[test]
        fn one_wrong_letter_is_noticed(random: [u8; RANDOM_BYTES], place in 4_usize..52, letter in "[A-Za-z0-9_-]") {
            let token = Secret::of(&random);
            let mut text = token.reveal().to_owned();
            if text[place..=place] != letter {
                text.replace_range(place..=place, &letter);
                prop_assert!(Secret::parse(&text).is_err());
            }
        }
    }
}

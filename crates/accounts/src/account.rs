//! Account numbers, and the rules that say which of them a line of a statement holds.

use std::fmt;

use serde::{Deserialize, Deserializer};

/// A list of account codes, each of which stands for itself and all its subdivisions: `741` holds 74111 as well.
///
/// `713:SC` and `713:SD` are an account with a credit or a debit balance only. A line that adds the one and
/// subtracts the other holds the account whatever its balance is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Accounts(Vec<String>);

/// Why a text is not a list of account codes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not an account code: expected digits, and perhaps :SC or :SD")]
pub struct NotAnAccount(String);

impl Accounts {
    /// Reads codes that are separated by spaces.
    pub fn parse(text: &str) -> Result<Self, NotAnAccount> {
        let code = |word: &str| {
            let number = word
                .strip_suffix(":SC")
                .or_else(|| word.strip_suffix(":SD"))
                .unwrap_or(word);
            if !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()) {
                Ok(number.to_owned())
            } else {
                Err(NotAnAccount(word.to_owned()))
            }
        };
        text.split_ascii_whitespace()
            .map(code)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The codes.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether an account is one of these or a subdivision of one.
    pub fn have(&self, account: &str) -> bool {
        self.0.iter().any(|code| account.starts_with(code.as_str()))
    }

    /// Whether an account is one of these, a subdivision of one, or has one as its subdivision: `64` touches `641`.
    pub fn touches(&self, account: &str) -> bool {
        self.have(account) || self.0.iter().any(|code| code.starts_with(account))
    }
}

impl fmt::Display for Accounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

impl<'de> Deserialize<'de> for Accounts {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_stands_for_its_subdivisions() {
        let accounts = Accounts::parse("675 713:SC  741").unwrap();
        for account in ["675", "6751", "7131", "74111"] {
            assert!(accounts.have(account), "{account}");
        }
        for account in ["67", "676", "712", "7", ""] {
            assert!(!accounts.have(account), "{account}");
        }
        assert!(!Accounts::default().have("6"));
        assert!(accounts.touches("67") && accounts.touches("6751") && !accounts.touches("68"));
        assert_eq!(accounts.to_string(), "675 713 741");
    }

    #[test]
    fn anything_else_is_no_code() {
        for text in ["741*", "7a", ":SC", "713:SX", "-1"] {
            assert!(Accounts::parse(text).is_err(), "{text}");
        }
    }
}

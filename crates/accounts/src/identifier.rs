//! SIREN and SIRET numbers: which public body, and which of its budgets, accounts are of.
//!
//! A SIREN number has nine digits and names a legal person. A SIRET number has fourteen: the SIREN number
//! and five more, which name an establishment of it. A public body has a SIRET number for each of its
//! budgets: the main one, attached ones and annexes. Source: INSEE, *Répertoire Sirene*.

use std::borrow::Cow;

use serde::Deserialize;

use crate::label::normalise;

/// How many digits a SIREN number has.
pub const SIREN_DIGITS: usize = 9;

/// How many digits a SIRET number has.
pub const SIRET_DIGITS: usize = 14;

/// La Poste. The digits of its SIRET numbers add up to a multiple of five instead, because it has more
/// establishments than the usual check digit leaves numbers for.
const LA_POSTE: &str = "356000000";

/// Why a text is not the number of a public body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not a SIREN number of nine digits, nor a SIRET number of fourteen")]
pub struct NumberError(String);

/// What a budget of a public body is beside the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Budget {
    /// *Budget principal*.
    Main,
    /// *Budget principal rattaché*: that of a body of its own, such as a CCAS, beside the one it belongs to.
    Attached,
    /// *Budget annexe*: that of a service, such as water.
    Annex,
}

impl Budget {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Main, Self::Attached, Self::Annex];

    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Attached => "attached",
            Self::Annex => "annex",
        }
    }

    /// The budget with this name, as it is stored.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|budget| budget.name() == name)
    }

    /// Reads the kind of a budget as published: the codes of the DGFiP (`CBUDG`), or words. `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        match normalise(text).as_str() {
            "1" | "principal" | "budget principal" => Some(Self::Main),
            "2" | "rattache" | "budget rattache" | "budget principal rattache" => {
                Some(Self::Attached)
            }
            "3" | "annexe" | "budget annexe" => Some(Self::Annex),
            _ => None,
        }
    }
}

/// The digits of a SIREN or SIRET number, however they are written: as on letters, in groups (`217 500 016`,
/// `217 500 016 00019`), or as a spreadsheet makes them (`217500016.0`).
///
/// # Errors
///
/// When anything else stands in the text, or there are neither nine digits nor fourteen.
pub fn digits(text: &str) -> Result<Cow<'_, str>, NumberError> {
    let trimmed = text.trim();
    let is_number = |digits: &str| {
        matches!(digits.len(), SIREN_DIGITS | SIRET_DIGITS)
            && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    if is_number(trimmed) {
        return Ok(Cow::Borrowed(trimmed));
    }
    let whole = trimmed.strip_suffix(".0").unwrap_or(trimmed);
    let joined: String = whole.split_whitespace().collect();
    if is_number(&joined) {
        Ok(Cow::Owned(joined))
    } else {
        Err(NumberError(trimmed.chars().take(40).collect()))
    }
}

/// The SIREN number in the digits of either number.
pub fn siren(digits: &str) -> &str {
    digits.get(..SIREN_DIGITS).unwrap_or(digits)
}

/// The digits of a SIRET number, where they are one.
pub fn siret(digits: &str) -> Option<&str> {
    (digits.len() == SIRET_DIGITS).then_some(digits)
}

/// Whether the check digit is right: that of the SIREN number, and that of the SIRET number where it is one.
pub fn is_valid(digits: &str) -> bool {
    let siren = siren(digits);
    let of_la_poste = siren == LA_POSTE && sum(digits, 1).is_multiple_of(5);
    luhn(siren) && (luhn(digits) || of_la_poste)
}

/// The check of ISO/IEC 7812: from the right, every second digit counts twice.
fn luhn(digits: &str) -> bool {
    sum(digits, 2).is_multiple_of(10)
}

/// The sum of digits, each second one from the right times a factor and its own digits added up.
fn sum(digits: &str, factor: u32) -> u32 {
    let valued = digits.bytes().rev().enumerate().map(|(place, byte)| {
        let value = u32::from(byte.saturating_sub(b'0')) * if place % 2 == 1 { factor } else { 1 };
        value / 10 + value % 10
    });
    valued.sum()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_is_read_however_it_is_written() {
        for text in [
            "217500016",
            " 217500016 ",
            "217 500 016",
            "217\u{a0}500\u{202f}016",
            "217500016.0",
            "217 500 016.0",
        ] {
            assert_eq!(digits(text).unwrap(), "217500016", "{text}");
        }
        for text in [
            "21750001600019",
            "217 500 016 00019",
            "217 500 016\u{a0}000 19",
            "21750001600019.0",
        ] {
            let found = digits(text).unwrap();
            assert_eq!(found, "21750001600019", "{text}");
            assert_eq!(siren(&found), "217500016");
            assert_eq!(siret(&found), Some("21750001600019"));
        }
        assert_eq!(siret("217500016"), None);
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "21750001",
            "2175000160",
            "217500016.1",
            "217500016.00",
            "217.500.016",
            "-217500016",
            "2.17500016E8",
            "FR217500016",
            "21750001600019 21750001600019",
            "２１７５０００１６",
            "Ville de Paris",
        ] {
            assert!(digits(text).is_err(), "{text}");
        }
        let long = digits(&"9".repeat(100_000)).unwrap_err().to_string();
        assert!(long.len() < 200, "{long}");
    }

    #[test]
    fn check_digits_are_checked_and_those_of_la_poste_in_their_own_way() {
        for right in [
            "217500016",
            "21750001600019",
            "356000000",
            "35600000000048",
            // An office of La Poste: wrong by the usual check.
            "35600000049837",
        ] {
            assert!(is_valid(right), "{right}");
        }
        for wrong in ["217500017", "21750001600018", "217599999", "35600000049838"] {
            assert!(!is_valid(wrong), "{wrong}");
        }
    }

    #[test]
    fn budgets_are_known_by_code_and_by_words() {
        assert_eq!(Budget::parse("1"), Some(Budget::Main));
        assert_eq!(Budget::parse("Budget Annexe"), Some(Budget::Annex));
        assert_eq!(Budget::parse("BUDGET RATTACHÉ"), Some(Budget::Attached));
        // « BP » is as often the budget that was voted.
        assert_eq!(Budget::parse("BP"), None);
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_always_found(number in 0_u32..100_000_000, place in 0_usize..9, other in 1_u8..10) {
            let body = format!("{number:08}");
            let check = (0..10).find(|digit| luhn(&format!("{body}{digit}"))).expect("one of ten is right");
            let right = format!("{body}{check}");
            prop_assert!(is_valid(&right));
            let mut wrong = right.into_bytes();
            wrong[place] = b'0' + (wrong[place] - b'0' + other) % 10;
            prop_assert!(!is_valid(std::str::from_utf8(&wrong).expect("digits")));
        }

        #[test]
        fn any_text_is_a_number_or_is_not(text in ".*") {
            if let Ok(found) = digits(&text) {
                let written: String = text.chars().filter(char::is_ascii_digit).collect();
                prop_assert!(written.starts_with(&*found));
            }
        }
    }
}

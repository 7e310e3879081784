//! The address of a line of a statement: one name for it in pages, files and links, whatever else a publisher
//! moves, adds or drops.
//!
//! A line that the official model has is named by the model: `m57-personnel`. One that was not recognised is named by
//! what was published of it: its place and its label, both normalised, so that neither case, accents nor its number
//! in an export matter.
//!
//! | address | names |
//! |---|---|
//! | `m57-personnel` | a line of a model, by its code |
//! | `m57-operating-expense` | the title over a block of it |
//! | `m57-result` | a balance of it |
//! | `none-result` | the result of a year whose nomenclature is not known |
//! | `m57-operating-expense--une-autre-charge` | an unrecognised line in a block of the model |
//! | `m57--expense-operating--autres-blocs--une-autre-charge` | one in a block that the model has not |
//! | `m57--expense-operating--autres-blocs` | that block |

use std::fmt::{self, Write as _};
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::label::normalise;
use crate::nomenclature::{Balance, Block, Line, NOMENCLATURES, Nomenclature};
use crate::statement::{Activity, Side};

/// What stands for a nomenclature, a side or an activity that is not known.
const NONE: &str = "none";

/// What separates the parts of the address of an unrecognised line. No code and no normalised label has it.
const BETWEEN: &str = "--";

/// How much of a label an address keeps. The hash of a longer one distinguishes it from others.
const LONGEST_LABEL: usize = 60;

/// The longest address.
const LONGEST: usize = 240;

/// The address of a line.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineAddress(String);

/// What of an official model an address names.
#[derive(Clone, Copy, Debug)]
pub enum Modelled {
    /// The title over a block.
    Block(&'static Nomenclature, &'static Block),
    /// A line of a block.
    Line(&'static Nomenclature, &'static Block, &'static Line),
    /// A balance between blocks.
    Balance(&'static Nomenclature, &'static Balance),
}

/// Where an unrecognised line stands, and what it is called.
#[derive(Clone, Copy, Debug)]
pub struct Unrecognised<'a> {
    /// The code of the nomenclature of its year.
    pub nomenclature: Option<&'a str>,
    /// The code of its block, if that is one of the nomenclature.
    pub block: Option<&'a str>,
    /// Revenue or expense.
    pub side: Option<Side>,
    /// The activity.
    pub activity: Option<Activity>,
    /// The published label of its block.
    pub category: &'a str,
    /// Its published label.
    pub label: &'a str,
}

/// A text that is no address of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not the address of a line: it has lower-case letters, digits and hyphens, such as m57-personnel"
)]
pub struct NotAnAddress;

impl LineAddress {
    /// The address of a line, a block or a balance of a nomenclature, by its code. The codes of a nomenclature are
    /// told from each other whichever they are of.
    pub fn of_model(nomenclature: &str, code: &str) -> Self {
        Self(format!("{}-{code}", nomenclature.to_ascii_lowercase()))
    }

    /// The address of the result of years whose nomenclature is not known.
    pub fn of_plain_result() -> Self {
        Self::of_model(NONE, "result")
    }

    /// The address of a line that was not recognised.
    pub fn of_unrecognised(line: &Unrecognised<'_>) -> Self {
        let nomenclature = line.nomenclature.unwrap_or(NONE).to_ascii_lowercase();
        let label = part(line.label);
        let Some(block) = line.block else {
            let side = line.side.map_or(NONE, Side::name);
            let activity = line.activity.map_or(NONE, Activity::name);
            let category = part(line.category);
            return Self(format!(
                "{nomenclature}{BETWEEN}{side}-{activity}{BETWEEN}{category}{BETWEEN}{label}"
            ));
        };
        Self(format!("{nomenclature}-{block}{BETWEEN}{label}"))
    }

    /// What of an official model it names; `None` for the addresses of unrecognised lines, and for codes that no
    /// nomenclature has.
    pub fn modelled(&self) -> Option<Modelled> {
        let (nomenclature, code) = self.0.split_once('-')?;
        let nomenclature = NOMENCLATURES
            .iter()
            .find(|known| known.code.eq_ignore_ascii_case(nomenclature))?;
        let line = nomenclature
            .lines()
            .find(|(_, line)| line.code == code)
            .map(|(block, line)| Modelled::Line(nomenclature, block, line));
        let block = || {
            let block = nomenclature.block(code)?;
            Some(Modelled::Block(nomenclature, block))
        };
        let balance = || {
            let mut balances = nomenclature.balances.iter();
            let balance = balances.find(|balance| balance.code == code)?;
            Some(Modelled::Balance(nomenclature, balance))
        };
        line.or_else(block).or_else(balance)
    }

    /// The address of a block that the nomenclature of its year has not: all that the addresses of its unrecognised
    /// lines have in common. Of the line only its place is looked at.
    pub fn of_unrecognised_block(line: &Unrecognised<'_>) -> Self {
        let line = Unrecognised {
            block: None,
            label: "",
            ..*line
        };
        let mut address = Self::of_unrecognised(&line);
        let end = address.0.len() - BETWEEN.len();
        address.0.truncate(end);
        address
    }

    /// The address as it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A label as a part of an address. What it leaves out of the normalised label is in a hash after it.
fn part(label: &str) -> String {
    let normalised = normalise(label);
    let mut written = String::new();
    for letter in normalised.chars() {
        if written.len() == LONGEST_LABEL {
            break;
        }
        match letter {
            ' ' if written.is_empty() || written.ends_with('-') => {}
            ' ' => written.push('-'),
            letter if letter.is_ascii() => written.push(letter),
            _ => {}
        }
    }
    written.truncate(written.trim_end_matches('-').len());
    if written.replace('-', " ") != normalised {
        let digest = Sha256::digest(normalised.as_bytes());
        if !written.is_empty() {
            written.push('-');
        }
        for byte in digest.iter().take(6) {
            let _infallible = write!(written, "{byte:02x}");
        }
    }
    written
}

impl fmt::Display for LineAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for LineAddress {
    type Err = NotAnAddress;

    /// Reads an address, in any case.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let text = text.trim();
        let allowed = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'-';
        let begins = text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic());
        if begins && text.len() <= LONGEST && text.contains('-') && text.bytes().all(allowed) {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(NotAnAddress)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn unrecognised<'a>(block: Option<&'a str>, category: &'a str, label: &'a str) -> LineAddress {
        LineAddress::of_unrecognised(&Unrecognised {
            nomenclature: Some("M57"),
            block,
            side: Some(Side::Expense),
            activity: None,
            category,
            label,
        })
    }

    #[test]
    fn every_row_of_a_model_has_an_address_of_its_own() {
        let mut known = BTreeSet::new();
        for nomenclature in NOMENCLATURES.iter() {
            let of = |code: &str| LineAddress::of_model(&nomenclature.code, code);
            let lines = nomenclature.lines().map(|(_, line)| of(&line.code));
            let blocks = nomenclature.blocks.iter().map(|block| of(&block.code));
            let balances = nomenclature.balances.iter();
            let balances = balances.map(|balance| of(&balance.code));
            for address in lines.chain(blocks).chain(balances) {
                assert_eq!(address.as_str().parse(), Ok(address.clone()));
                assert!(address.modelled().is_some(), "{address}");
                assert!(!address.as_str().contains(BETWEEN), "{address}");
                assert!(known.insert(address.clone()), "{address} repeats");
            }
        }
        let personnel = LineAddress::of_model("M57", "personnel");
        assert_eq!(personnel.as_str(), "m57-personnel");
        assert!(matches!(
            personnel.modelled(),
            Some(Modelled::Line(_, block, line))
                if block.code == "operating-expense" && line.code == "personnel"
        ));
    }

    #[test]
    fn a_code_that_two_nomenclatures_have_is_two_lines() {
        let [first, second] = ["M14", "M57"].map(|code| LineAddress::of_model(code, "salaries"));
        assert_ne!(first, second);
        assert!(first.modelled().is_some() && second.modelled().is_some());
    }

    #[test]
    fn an_unrecognised_line_is_named_by_its_place_and_its_label() {
        let block = Some("operating-expense");
        let address = unrecognised(block, "CHARGES DE FONCTIONNEMENT", "Une charge nouvelle");
        assert_eq!(
            address.as_str(),
            "m57-operating-expense--une-charge-nouvelle"
        );
        assert_eq!(
            address,
            unrecognised(block, "Charges", "UNE  CHARGE NOUVELLE ")
        );
        assert!(address.modelled().is_none());
        assert_eq!(
            unrecognised(None, "Autres", "Divers (autres)").as_str(),
            "m57--expense-none--autres--divers-autres"
        );
    }

    #[test]
    fn what_an_address_cannot_hold_is_in_its_hash() {
        let long = "mot ".repeat(10_000);
        let longer = format!("{long}encore");
        let [one, other] = [&long, &longer].map(|label| unrecognised(None, label, label));
        assert_ne!(one, other);
        for address in [&one, &other] {
            assert_eq!(address.as_str().parse().as_ref(), Ok(address));
        }
        assert_ne!(
            unrecognised(None, "", "Έσοδα"),
            unrecognised(None, "", "Έξοδα")
        );
        assert_eq!(unrecognised(None, "", "").as_str(), "m57--expense-none----");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "12",
            "-",
            "personnel",
            "m57_personnel",
            "m57-é",
            "../m57-personnel",
            "m57-personnel.csv",
        ] {
            assert_eq!(text.parse::<LineAddress>(), Err(NotAnAddress), "{text}");
        }
        assert!("m57-".repeat(100).parse::<LineAddress>().is_err());
        assert_eq!(
            " M57-Personnel".parse(),
            Ok(LineAddress::of_model("M57", "personnel"))
        );
    }

    proptest! {
        /// Labels that differ when they are normalised have different addresses, which can be read again.
        #[test]
        fn labels_are_told_apart(one in "\\PC{0,80}", other in "\\PC{0,80}", known in any::<bool>()) {
            let block = known.then_some("operating-expense");
            let [first, second] = [&one, &other].map(|label| unrecognised(block, "Autres", label));
            prop_assert_eq!(first.as_str().parse(), Ok(first.clone()));
            prop_assert_eq!(first == second, normalise(&one) == normalise(&other));
        }
    }
}

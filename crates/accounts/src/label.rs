//! When two labels are the same label: case, accents, spaces, apostrophes and abbreviations.

use serde::Serialize;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// How a published label was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Match {
    /// The label is written exactly as in the official model.
    Exact,
    /// The same but for case, accents, spaces or punctuation.
    Normalised,
    /// A known other wording of the line.
    Variant,
    /// Each word abbreviates the model's word, or the label was cut short, and only one line fits.
    Abbreviated,
    /// No line of the model fits. The row keeps its own label and is reported.
    Unknown,
}

impl Match {
    /// All of them, the surest first.
    pub const ALL: [Self; 5] = [
        Self::Exact,
        Self::Normalised,
        Self::Variant,
        Self::Abbreviated,
        Self::Unknown,
    ];

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Normalised => "normalised",
            Self::Variant => "variant",
            Self::Abbreviated => "abbreviated",
            Self::Unknown => "unknown",
        }
    }
}

/// A label without what varies from year to year: lower case, no accents, ligatures spelled out,
/// and single spaces in place of punctuation, apostrophes and any kind of space.
pub fn normalise(label: &str) -> String {
    let mut normal = String::with_capacity(label.len());
    let mut gap = false;
    for letter in label.nfkd().filter(|letter| !is_combining_mark(*letter)) {
        if !letter.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !normal.is_empty() {
            normal.push(' ');
        }
        gap = false;
        match letter {
            'œ' | 'Œ' => normal.push_str("oe"),
            'æ' | 'Æ' => normal.push_str("ae"),
            other => normal.extend(other.to_lowercase()),
        }
    }
    normal
}

/// Words that abbreviated labels leave out.
const STOP_WORDS: [&str; 20] = [
    "a", "au", "aux", "d", "de", "des", "du", "en", "et", "l", "la", "le", "les", "ou", "par",
    "pour", "sur", "un", "une", "n",
];

fn words(normal: &str) -> Vec<&str> {
    normal
        .split(' ')
        .filter(|word| !STOP_WORDS.contains(word))
        .collect()
}

/// Whether a normalised published label abbreviates a normalised official one: word by word in
/// order, each published word begins with the same letter as its official word and keeps letters
/// of it in order (`amortis` for `amortissements`, `cptes` for `comptes`); the official label may go
/// on after the published one ends, as labels cut at a fixed width do.
pub fn abbreviates(published: &str, official: &str) -> bool {
    let (published, official) = (words(published), words(official));
    !published.is_empty()
        && published.len() <= official.len()
        && published
            .iter()
            .zip(&official)
            .all(|(short, long)| word_abbreviates(short, long))
}

fn word_abbreviates(short: &str, long: &str) -> bool {
    let mut letters = long.chars();
    short.chars().next() == long.chars().next()
        && short
            .chars()
            .all(|wanted| letters.any(|letter| letter == wanted))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn case_accents_spaces_and_apostrophes_do_not_matter() {
        for label in [
            "Dotations de l'État",
            "DOTATIONS  DE L’ETAT",
            "dotations de\u{a0}l'e\u{301}tat ",
        ] {
            assert_eq!(normalise(label), "dotations de l etat");
        }
        assert_eq!(
            normalise("Collections et œuvres d'art"),
            "collections et oeuvres d art"
        );
        assert_eq!(normalise("(I) – TOTAL"), "i total");
        assert_eq!(normalise(" \u{202f} "), "");
    }

    #[test]
    fn abbreviations_of_the_sister_dataset_are_recognised() {
        let fits = |short: &str, long: &str| abbreviates(&normalise(short), &normalise(long));
        assert!(fits(
            "Neutra amortis subv equip versées",
            "Neutralisation des amortissements des subventions d'équipement versées"
        ));
        assert!(fits(
            "Créanc irrécouv adm par juge des cptes",
            "Créances irrécouvrables admises par le juge des comptes"
        ));
        assert!(fits(
            "Indemnités des élus",
            "Indemnités des élus (et membres du CESR)"
        ));
        assert!(!fits("Impôts et taxes foncières", "Impôts et taxes"));
        assert!(!fits("Charges sociales", "Charges de personnel"));
        assert!(!fits("", "Charges de personnel"));
    }

    proptest! {
        #[test]
        fn normalising_twice_is_normalising_once(label in ".*") {
            let once = normalise(&label);
            prop_assert_eq!(normalise(&once), once);
        }

        #[test]
        fn every_label_abbreviates_itself(label in "[a-zé' ]{3,40}") {
            let normal = normalise(&label);
            prop_assume!(!words(&normal).is_empty() && words(&normal) != vec![""]);
            prop_assert!(abbreviates(&normal, &normal));
        }
    }
}

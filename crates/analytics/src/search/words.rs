//! Words that mean the same: how they are compared, and which lines everyday words mean.

use std::sync::LazyLock;

use centime_accounts::label::normalise;
use centime_accounts::nomenclature::{NATURE, Nomenclature};
use serde::Deserialize;

use crate::Language;

/// How many letters a word has at least that may be taken for another one that is written nearly so.
const TYPED_WRONG: usize = 5;

/// The same, where two letters may be wrong.
const TYPED_WRONG_TWICE: usize = 9;

/// How many letters the beginning of a word has at least that is looked for.
const BEGINNING: usize = 3;

/// Words that say nothing by themselves.
const STOP_WORDS: [&str; 33] = [
    "a", "an", "and", "au", "aux", "by", "c", "d", "dans", "de", "des", "du", "en", "est", "et",
    "for", "from", "in", "l", "la", "le", "les", "of", "on", "ou", "par", "pour", "qu", "sur",
    "the", "to", "un", "une",
];

/// How well a word is found in another, from 0, not at all.
pub type Closeness = u32;

/// The same word.
pub const SAME: Closeness = 4;
/// The word begins so.
pub const BEGINS: Closeness = 2;
/// The word is written nearly so.
pub const NEARLY: Closeness = 1;

/// The words of a text in the form in which they are compared, without those that say nothing.
pub fn words(text: &str) -> Vec<String> {
    let normal = normalise(text);
    let said = normal
        .split(' ')
        .filter(|word| !word.is_empty() && !STOP_WORDS.contains(word));
    said.map(str::to_owned).collect()
}

/// A word in the singular, as French and English mostly make it.
fn singular(word: &str) -> &str {
    if word.len() <= BEGINNING || !word.is_ascii() {
        return word;
    }
    word.strip_suffix('s')
        .or_else(|| word.strip_suffix('x'))
        .unwrap_or(word)
}

/// How well a word that is looked for fits one of a text, both normalised.
pub fn closeness(wanted: &str, word: &str) -> Closeness {
    let (one, other) = (singular(wanted), singular(word));
    if one == other {
        return SAME;
    }
    let length = one.chars().count();
    if length >= BEGINNING && other.starts_with(one) {
        return BEGINS;
    }
    let may_differ = match length {
        TYPED_WRONG_TWICE.. => 2,
        TYPED_WRONG.. => 1,
        _ => return 0,
    };
    // Digits are no words: another number is another thing. Few mistake the first letter, and `dette` is no `nette`.
    let far = one.chars().next() != other.chars().next()
        || one.bytes().any(|byte| byte.is_ascii_digit())
        || other.chars().count().abs_diff(length) > may_differ
        || strsim::damerau_levenshtein(one, other) > may_differ;
    if far { 0 } else { NEARLY }
}

/// How well a word fits the best of a text.
pub fn best<'a>(wanted: &str, text: impl IntoIterator<Item = &'a String>) -> Closeness {
    let found = text.into_iter().map(|word| closeness(wanted, word));
    found.max().unwrap_or(0)
}

/// What everyday words mean.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The words, each as it is written.
    words: Vec<String>,
    /// The lines of M14, as `block/line`.
    #[serde(default)]
    pub m14: Vec<String>,
    /// The lines of M57.
    #[serde(default)]
    pub m57: Vec<String>,
    /// The names of analyses.
    #[serde(default)]
    pub analyses: Vec<String>,
    /// What has to be known, in French.
    fr: Option<String>,
    /// The same in English.
    en: Option<String>,
    /// The lines of the statement by nature, which are the classes of the accounts of those of M57; filled in on loading.
    #[serde(skip)]
    nature: Vec<String>,
    /// The words in the form in which they are compared; filled in on loading.
    #[serde(skip)]
    phrases: Vec<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meanings {
    meaning: Vec<Meaning>,
}

/// All that everyday words mean. The file is part of the program and covered by the tests, so one that cannot be
/// read is a bug.
pub static MEANINGS: LazyLock<Vec<Meaning>> = LazyLock::new(|| {
    let mut read: Meanings = toml::from_str(include_str!("words.toml"))
        .unwrap_or_else(|error| panic!("unreadable file of words: {error}"));
    for meaning in &mut read.meaning {
        meaning.phrases = meaning.words.iter().map(|word| words(word)).collect();
        meaning.nature = of_nature(&meaning.m57);
    }
    read.meaning
});

/// The lines of the statement by nature that hold the accounts of lines of M57.
fn of_nature(places: &[String]) -> Vec<String> {
    let (Some(m57), Some(nature)) = (Nomenclature::by_code("M57"), Nomenclature::by_code(NATURE))
    else {
        return Vec::new();
    };
    let accounts = places.iter().filter_map(|place| {
        let mut lines = m57.lines();
        let (_, line) = lines.find(|(block, line)| line.place(block) == *place)?;
        Some(line.accounts.to_string())
    });
    let accounts: Vec<String> = accounts.collect();
    let holds = |class: &str| {
        let mut codes = accounts.iter().flat_map(|codes| codes.split(' '));
        codes.any(|code| code.starts_with(class))
    };
    let lines = nature.lines().filter(|(_, line)| holds(&line.code));
    lines.map(|(block, line)| line.place(block)).collect()
}

impl Meaning {
    /// Which of the words that are looked for it covers, by the largest of its phrases all of which is among them;
    /// empty where none is.
    pub fn covers(&self, wanted: &[String]) -> Vec<usize> {
        let covered = self.phrases.iter().filter_map(|phrase| {
            let places = phrase.iter().map(|word| {
                // An everyday word is not guessed from its beginning: `ass` means no association.
                let fits = |found: Closeness| found == SAME || found == NEARLY;
                wanted.iter().position(|one| fits(closeness(one, word)))
            });
            places.collect::<Option<Vec<usize>>>()
        });
        covered.max_by_key(Vec::len).unwrap_or_default()
    }

    /// The lines of a nomenclature, by its code.
    pub fn lines(&self, nomenclature: &str) -> &[String] {
        match nomenclature {
            "M14" => &self.m14,
            "M57" => &self.m57,
            NATURE => &self.nature,
            _ => &[],
        }
    }

    /// What has to be known of the answer.
    pub fn note(&self, language: Language) -> Option<&str> {
        match language {
            Language::French => self.fr.as_deref(),
            Language::English => self.en.as_deref(),
        }
    }
}

//! What the words of the product mean, in a sentence or two.

use std::sync::LazyLock;

use centime_analytics::Language;
use serde::Deserialize;

use crate::language::locale::typographic;

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    // The file is part of the program and read by the tests, so an unreadable one is a bug.
    let file: File = toml::from_str(include_str!("../locales/glossary.toml"))
        .unwrap_or_else(|error| panic!("unreadable glossary: {error}"));
    let mut entries = file.entry;
    for entry in &mut entries {
        for text in [&mut entry.fr.term, &mut entry.fr.meaning] {
            *text = typographic(text, Language::French);
        }
    }
    entries
});

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    entry: Vec<Entry>,
}

/// A word of the product.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its name in addresses.
    pub id: String,
    /// The columns of tables, and the facts about figures, that are called so.
    #[serde(default)]
    pub names: Vec<String>,
    /// In French.
    pub fr: Meaning,
    /// In English.
    pub en: Meaning,
}

/// A word and what it means.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The word.
    pub term: String,
    /// What it means.
    pub meaning: String,
}

impl Entry {
    /// The word and what it means, in a language.
    pub const fn in_language(&self, language: Language) -> &Meaning {
        match language {
            Language::French => &self.fr,
            Language::English => &self.en,
        }
    }
}

/// All words, in the order of the alphabet of a language.
pub fn entries(language: Language) -> Vec<&'static Entry> {
    let mut entries: Vec<&Entry> = ENTRIES.iter().collect();
    entries.sort_by_cached_key(|entry| sorted(&entry.in_language(language).term));
    entries
}

/// The word with this name in addresses.
pub fn by_id(id: &str) -> Option<&'static Entry> {
    ENTRIES.iter().find(|entry| entry.id == id)
}

/// The word by which a column or a fact is called.
pub fn by_name(name: &str) -> Option<&'static Entry> {
    ENTRIES
        .iter()
        .find(|entry| entry.names.iter().any(|known| known == name))
}

/// A word as it is sorted: accents do not count.
fn sorted(term: &str) -> String {
    term.to_lowercase()
        .chars()
        .map(|letter| match letter {
            'à' | 'â' => 'a',
            'é' | 'è' | 'ê' | 'ë' => 'e',
            'î' | 'ï' => 'i',
            'ô' => 'o',
            'ù' | 'û' => 'u',
            'ç' => 'c',
            letter => letter,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Locale;

    #[test]
    fn every_word_has_a_short_meaning_in_both_languages() {
        let mut ids = BTreeSet::new();
        let mut names = BTreeSet::new();
        for entry in ENTRIES.iter() {
            assert!(ids.insert(&entry.id), "{} twice", entry.id);
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
            assert!(entry.id.bytes().all(plain), "{}", entry.id);
            for name in &entry.names {
                assert!(names.insert(name), "{name} twice");
                let known = |group| Locale::of(Language::French).has(group, name);
                assert!(
                    known("column") || known("identity") || known("analysis"),
                    "{name}"
                );
            }
            for language in Language::ALL {
                let Meaning { term, meaning } = entry.in_language(language);
                let length = meaning.chars().count();
                assert!(
                    !term.is_empty() && (30..=320).contains(&length),
                    "{term}: {length}"
                );
                assert!(meaning.ends_with('.'), "{term}: {meaning}");
                assert!(!meaning.contains(['\'', '"']), "{term}: {meaning}");
            }
        }
        assert!(by_name("published_result").is_some() && by_id("exercice").is_none());
    }

    #[test]
    fn words_are_in_the_order_of_the_alphabet() {
        for language in Language::ALL {
            let entries = entries(language);
            let terms: Vec<String> = entries
                .iter()
                .map(|entry| sorted(&entry.in_language(language).term))
                .collect();
            assert!(terms.is_sorted(), "{terms:?}");
            assert!(terms.len() > 25);
        }
    }
}

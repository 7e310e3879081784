//! Labels of the data, and their words, as tables show them.

use centime_accounts::YearStatus;
use centime_accounts::nomenclature::{Block, NOMENCLATURES};
use centime_analytics::Language;
use centime_warehouse::lines::Line;

use crate::Locale;
use crate::language::sanitize::sanitize;

/// A label longer than this is cut in tables; the page of the line has all of it.
const LONGEST_LABEL: usize = 160;

/// A label from the data for a table: cut when it is very long, and never empty.
pub fn short_label(label: &str, locale: &Locale) -> String {
    let label = apostrophes(&sanitize(label));
    let label = label.trim();
    if label.is_empty() {
        return locale.text("value.no_label").to_owned();
    }
    cut(label)
}

/// What those are paid who receive the parts of a line of transfers, whose labels name nothing else: in French and in
/// English, as published and as they are called where they stand apart from it.
const RECEIVERS: [(&str, &str); 10] = [
    ("Dont ménages", "Aides aux ménages"),
    (
        "Dont personnes morales de droit privé",
        "Aides aux personnes morales de droit privé",
    ),
    (
        "Dont collectivités territoriales",
        "Aides aux collectivités territoriales",
    ),
    (
        "Dont autres organismes publics",
        "Aides aux autres organismes publics",
    ),
    (
        "Dont établissements d’enseignement",
        "Aides aux établissements d’enseignement",
    ),
    ("of which households", "Transfers to households"),
    (
        "of which private-law bodies",
        "Transfers to private-law bodies",
    ),
    (
        "of which local authorities",
        "Transfers to local authorities",
    ),
    (
        "of which other public bodies",
        "Transfers to other public bodies",
    ),
    (
        "of which educational establishments",
        "Transfers to educational establishments",
    ),
];

/// A label that stands apart from the line that it is a part of, without the words that say that it is one: `Dont
/// charges sociales` is `Charges sociales`, and `Dont ménages` is what they are paid, `Aides aux ménages`.
pub fn apart(label: &str) -> String {
    let plain = apostrophes(label);
    if let Some((_, named)) = RECEIVERS.iter().find(|(published, _)| *published == plain) {
        return (*named).to_owned();
    }
    let rest = ["Dont ", "of which "]
        .into_iter()
        .find_map(|part| label.strip_prefix(part));
    let Some(rest) = rest else {
        return label.to_owned();
    };
    let mut letters = rest.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A label in the reader's quotation marks, cut when it is very long.
pub fn quoted(label: &str, locale: &Locale) -> String {
    let name = short_label(label, locale);
    format!(
        "{}{name}{}",
        locale.text("value.open"),
        locale.text("value.close")
    )
}

/// A label with the apostrophe of our own words, so that a sentence has one form of it; a record keeps its own.
pub fn apostrophes(label: &str) -> String {
    let mut letters = label.chars().peekable();
    let mut before = ' ';
    let mut shown = String::with_capacity(label.len());
    while let Some(letter) = letters.next() {
        let elided = letter == '\''
            && before.is_alphabetic()
            && letters.peek().is_some_and(|after| after.is_alphabetic());
        shown.push(if elided { '’' } else { letter });
        before = letter;
    }
    shown
}

/// A label as it is shown: without what turns the direction of the figures beside it, and in the letters of
/// a sentence where it has capitals only, as blocks do.
pub fn sentence_case(label: &str) -> String {
    let label = apostrophes(&sanitize(label));
    if label.chars().any(char::is_lowercase) {
        return label;
    }
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_string() + &letters.as_str().to_lowercase()
    })
}

/// A label that is not too long to be read beside others.
pub fn cut(label: &str) -> String {
    match label.char_indices().nth(LONGEST_LABEL) {
        Some((end, _)) => format!("{}…", &label[..end]),
        None => label.to_owned(),
    }
}

/// The English gloss of an official French label of a line; empty for French readers and where
/// none is known.
pub fn line_gloss(line: &Line, language: Language) -> &'static str {
    if language == Language::French {
        return "";
    }
    let block = line
        .nomenclature
        .and_then(|known| known.block(line.block.as_deref()?));
    let found = block.and_then(|block| block.line(line.code.as_deref()?));
    found.map_or("", |line| &line.gloss)
}

/// The English gloss of the official French label of a block.
pub fn block_gloss(label: &str, language: Language) -> &'static str {
    if language == Language::French {
        return "";
    }
    NOMENCLATURES
        .iter()
        .rev()
        .flat_map(|nomenclature| &nomenclature.blocks)
        .find(|block| block.label == label)
        .map_or("", |block| &block.gloss)
}

/// The English gloss of the official French label of a line, in the block of this label.
pub fn label_gloss(block: &str, label: &str, language: Language) -> &'static str {
    gloss_within(|known| known.label == block, label, language)
}

/// The English gloss of the official French label of a line in any block, those of today first.
pub fn any_gloss(label: &str, language: Language) -> &'static str {
    gloss_within(|_| true, label, language)
}

fn gloss_within(wanted: impl Fn(&Block) -> bool, label: &str, language: Language) -> &'static str {
    if language == Language::French {
        return "";
    }
    NOMENCLATURES
        .iter()
        .rev()
        .flat_map(|nomenclature| &nomenclature.blocks)
        .filter(|block| wanted(block))
        .flat_map(|block| &block.lines)
        .find(|line| line.label == label)
        .map_or("", |line| &line.gloss)
}

/// A name with its gloss: `Dotations de l’État (State grants)`.
pub fn with_gloss(name: &str, gloss: &str) -> String {
    if gloss.is_empty() {
        name.to_owned()
    } else {
        format!("{name} ({gloss})")
    }
}

/// The kind and the word of a year's status; an operator's analysis may have one of its own.
pub fn status<'a>(code: &'a str, locale: &'a Locale) -> (&'static str, &'a str) {
    let kind = match YearStatus::named(code) {
        Some(YearStatus::Reconciled | YearStatus::Complete) => "reconciled",
        Some(YearStatus::Incomplete) => "incomplete",
        Some(YearStatus::Different) => "gap",
        _ => "unpublished",
    };
    (kind, locale.term("status", code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_stands_apart_is_called_by_its_own_name() {
        assert_eq!(apart("Dont charges sociales"), "Charges sociales");
        assert_eq!(apart("of which social charges"), "Social charges");
        assert_eq!(apart("Dont ménages"), "Aides aux ménages");
        assert_eq!(apart("of which households"), "Transfers to households");
        // Each part of the official line of transfers, and its gloss, is called by what it is.
        let blocks = NOMENCLATURES.iter().flat_map(|known| &known.blocks);
        let lines = blocks.flat_map(|block| &block.lines);
        let parts: Vec<_> = lines
            .filter(|line| line.parent.as_deref() == Some("intervention-schemes"))
            .collect();
        assert_eq!(2 * parts.len(), RECEIVERS.len());
        for line in parts {
            assert!(
                apart(&line.label).starts_with("Aides aux "),
                "{}",
                line.label
            );
            assert!(
                apart(&line.gloss).starts_with("Transfers to "),
                "{}",
                line.gloss
            );
        }
        assert_eq!(apart("Autres charges"), "Autres charges");
        assert_eq!(apart("Dont "), "");
    }

    #[test]
    fn a_long_label_is_cut_and_an_empty_one_named() {
        let locale = Locale::of(Language::English);
        let long = "é".repeat(4000);
        assert_eq!(
            short_label(&long, locale).chars().count(),
            LONGEST_LABEL + 1
        );
        assert!(!short_label(" ", locale).trim().is_empty());
        assert_eq!(short_label(" a ", locale), "a");
        assert_eq!(short_label("\u{202e}123", locale), "123");
        assert_eq!(
            short_label("Valeurs d'actifs 'cédés' l' an 1'2", locale),
            "Valeurs d’actifs 'cédés' l' an 1'2"
        );
    }

    #[test]
    fn every_official_label_has_a_gloss_for_english_readers_only() {
        for nomenclature in NOMENCLATURES.iter() {
            for block in &nomenclature.blocks {
                assert_eq!(
                    block_gloss(&block.label, Language::English).is_empty(),
                    block.gloss.is_empty()
                );
                assert_eq!(block_gloss(&block.label, Language::French), "");
                for line in &block.lines {
                    let gloss = label_gloss(&block.label, &line.label, Language::English);
                    assert!(!gloss.is_empty(), "{}: {}", block.label, line.label);
                    assert_eq!(label_gloss(&block.label, &line.label, Language::French), "");
                }
            }
        }
        assert_eq!(
            label_gloss("CHARGES", "no such line", Language::English),
            ""
        );
        assert_eq!(with_gloss("Dons", ""), "Dons");
    }
}

//! Texts that paper can show.
//!
//! Labels come from anywhere. A document for archives may hold no letter that its fonts lack, and no
//! reader is helped by marks that turn the direction of what follows.

use std::sync::LazyLock;

use ttf_parser::Face;

use super::content::{Block, Cell, Report};
use crate::draw::metrics::{self, INSTEAD};
use crate::language::sanitize::sanitize;

/// The fonts of the report: those of charts, for charts and tables, and those of its prose.
pub const FONTS: [&[u8]; 4] = [
    metrics::FONTS[0],
    metrics::FONTS[1],
    include_bytes!(concat!(env!("CENTIME_WEB"), "/report-regular.ttf")),
    include_bytes!(concat!(env!("CENTIME_WEB"), "/report-semibold.ttf")),
];

static FACES: LazyLock<Vec<Face<'static>>> = LazyLock::new(|| {
    FONTS
        .into_iter()
        // The fonts are part of the program and read by the tests.
        .map(|font| Face::parse(font, 0).unwrap_or_else(|error| panic!("unreadable font: {error}")))
        .collect()
});

/// Whether every font of the report has this letter.
fn has(letter: char) -> bool {
    // Letters of private use mean nothing to a screen reader.
    let private = matches!(letter, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..);
    letter.is_ascii_graphic()
        || letter == ' '
        || (!private && FACES.iter().all(|face| face.glyph_index(letter).is_some()))
}

/// A text with nothing that the fonts do not have.
fn shown(text: &str) -> String {
    sanitize(text)
        .chars()
        .map(|letter| if has(letter) { letter } else { INSTEAD })
        .collect()
}

fn make_text(text: &mut String) {
    if !text
        .chars()
        .all(|letter| letter.is_ascii_graphic() || letter == ' ')
    {
        *text = shown(text);
    }
}

/// Makes every text of a report one that paper can show.
pub fn make(report: &mut Report) {
    let cover = &mut report.cover;
    for text in [
        &mut report.title,
        &mut report.description,
        &mut report.footer,
        &mut cover.title,
        &mut cover.subtitle,
    ] {
        make_text(text);
    }
    cover.summary.iter_mut().for_each(make_text);
    for fact in &mut cover.facts {
        make_text(&mut fact.value);
    }
    for section in &mut report.sections {
        make_text(&mut section.title);
        section.blocks.iter_mut().for_each(make_block);
    }
    for svg in &mut report.drawings {
        // Line ends of the drawing itself are no letters.
        *svg = svg.lines().map(shown).collect::<Vec<_>>().join("\n");
    }
    for file in &mut report.files {
        make_text(&mut file.description);
    }
}

fn make_block(block: &mut Block) {
    match block {
        Block::Heading { text } | Block::Text { text } => make_text(text),
        Block::Notes { items } => items.iter_mut().for_each(make_text),
        Block::Figure(figure) => {
            make_text(&mut figure.alt_text);
            make_text(&mut figure.unit);
            for key in &mut figure.legend {
                make_text(&mut key.label);
            }
        }
        Block::Table(table) => {
            make_text(&mut table.caption);
            for column in &mut table.columns {
                make_text(&mut column.label);
            }
            let cells = table.rows.iter_mut().chain(&mut table.totals).flatten();
            cells.for_each(|Cell { text, gloss, .. }| {
                if let Some(text) = text {
                    make_text(text);
                }
                make_text(gloss);
            });
        }
        Block::Facts { facts } => {
            for fact in facts {
                make_text(&mut fact.name);
                make_text(&mut fact.value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_fonts_lack_is_replaced() {
        assert_eq!(
            shown("Charges à payer, 1 234 €"),
            "Charges à payer, 1 234 €"
        );
        assert_eq!(shown("a😀漢\u{e000}b"), "a☐☐☐b");
        assert_eq!(shown("a\u{202e}b\u{7}c"), "a b c");
        assert!(has(INSTEAD));
    }

    #[test]
    fn all_words_of_ours_can_be_shown() {
        for words in [
            include_str!("../../locales/fr.toml"),
            include_str!("../../locales/en.toml"),
        ] {
            for line in words.lines() {
                assert_eq!(shown(line), line);
            }
        }
        let spaces = "\u{a0}\u{202f}\u{2212}";
        assert_eq!(shown(spaces), spaces);
    }
}

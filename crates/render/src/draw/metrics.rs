//! How wide texts are, from the font that the drawings use.

use std::sync::LazyLock;

use ttf_parser::Face;

use crate::language::sanitize::sanitize;

/// The font of drawings, in regular and semi-bold.
pub const FONTS: [&[u8]; 2] = [
    include_bytes!(concat!(env!("CENTIME_WEB"), "/chart-regular.ttf")),
    include_bytes!(concat!(env!("CENTIME_WEB"), "/chart-semibold.ttf")),
];

/// The family name of the font.
pub const FAMILY: &str = "Source Sans 3";

/// The advance of each glyph that texts mostly use, in units of the font.
struct Widths {
    face: Face<'static>,
    units: u32,
}

static WIDTHS: LazyLock<[Widths; 2]> = LazyLock::new(|| {
    FONTS.map(|font| {
        // The fonts are part of the program and read by the tests.
        let face = Face::parse(font, 0).unwrap_or_else(|error| panic!("unreadable font: {error}"));
        Widths {
            units: u32::from(face.units_per_em()),
            face,
        }
    })
});

/// The width of a text in thousandths of a pixel, at a size in pixels. A letter that the font does
/// not have is taken to be as wide as it is high, so that another font's does not run into anything.
pub fn width(text: &str, size: u32, bold: bool) -> u64 {
    let widths = &WIDTHS[usize::from(bold)];
    let units: u64 = text
        .chars()
        .map(|letter| {
            let glyph = widths.face.glyph_index(letter);
            let advance = glyph.and_then(|glyph| widths.face.glyph_hor_advance(glyph));
            advance.map_or(u64::from(widths.units), u64::from)
        })
        .sum();
    units * u64::from(size) * 1000 / u64::from(widths.units.max(1))
}

/// The width in whole pixels, rounded up.
pub fn pixels(text: &str, size: u32, bold: bool) -> u32 {
    u32::try_from(width(text, size, bold).div_ceil(1000)).unwrap_or(u32::MAX)
}

/// A text that is not longer than so many pixels.
pub fn cut(text: &str, size: u32, space: u32) -> String {
    if pixels(text, size, false) <= space {
        return text.to_owned();
    }
    let mut cut = String::new();
    for letter in text.chars() {
        cut.push(letter);
        if pixels(&cut, size, false) + size > space {
            break;
        }
    }
    format!("{}…", cut.trim_end())
}

/// A text in so many lines at most, none wider than so many pixels; what has no room is cut.
pub fn wrapped(text: &str, size: u32, bold: bool, width: u32, most: usize) -> Vec<String> {
    let fits = |line: &str| pixels(line, size, bold) <= width;
    let mut lines = vec![String::new()];
    // A number and its unit, and a word and its colon, stay together.
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let last = lines.len() - 1;
        let longer = if lines[last].is_empty() {
            word.to_owned()
        } else {
            format!("{} {word}", lines[last])
        };
        if fits(&longer) || lines[last].is_empty() {
            lines[last] = longer;
        } else {
            lines.push(word.to_owned());
        }
        if lines.len() > most {
            break;
        }
    }
    let cut = lines.len() > most;
    lines.truncate(most);
    let count = lines.len();
    for (number, line) in lines.iter_mut().enumerate() {
        let last_of_cut = cut && number + 1 == count;
        if !last_of_cut && fits(line) {
            continue;
        }
        while !line.is_empty() && !fits(&format!("{line}…")) {
            line.pop();
        }
        line.push('…');
    }
    lines
}

/// What stands for a letter that cannot be shown: an empty box, which all of our fonts have.
pub const INSTEAD: char = '\u{2610}';

/// A text of which a picture shows every letter: a box for each that its fonts lack, as they do those of
/// other scripts, and nothing that turns the direction of what follows.
pub fn shown(text: &str) -> String {
    let faces = || WIDTHS.iter().map(|widths| &widths.face);
    let has = |letter| faces().all(|face| face.glyph_index(letter).is_some());
    sanitize(text)
        .chars()
        .map(|letter| if has(letter) { letter } else { INSTEAD })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_follow_the_font() {
        assert_eq!(width("", 12, false), 0);
        assert!(width("iiii", 12, false) < width("MMMM", 12, false));
        assert!(width("Charges", 12, false) < width("Charges", 12, true));
        assert_eq!(width("a", 24, false), 2 * width("a", 12, false));
        assert_eq!(pixels("😀", 12, false), 12);
    }

    #[test]
    fn what_a_font_lacks_is_a_box() {
        assert_eq!(
            shown("Dépenses, 1\u{202f}234 €"),
            "Dépenses, 1\u{202f}234 €"
        );
        assert_eq!(shown("a😀ع\u{202e}1"), "a☐☐ 1");
        assert!(shown("☐").contains(INSTEAD));
    }

    #[test]
    fn figures_are_as_wide_as_each_other() {
        assert_eq!(width("1", 12, false), width("8", 12, false));
    }
}

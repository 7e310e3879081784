//! Texts of the data that neither command a terminal nor reorder what stands beside them.

/// Whether a terminal or a page obeys a character instead of showing it: control characters, and those that turn the
/// direction of what follows or end its line.
pub fn is_obeyed(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

/// A text from the data with spaces in the place of what a terminal or a page obeys.
pub fn sanitize(text: &str) -> String {
    text.chars()
        .map(|letter| if is_obeyed(letter) { ' ' } else { letter })
        .collect()
}

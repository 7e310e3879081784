//! Texts of the data that neither command a terminal nor reorder what stands beside them.

/// A text from the data without characters that a terminal or a page obeys: control characters, and those
/// that turn the direction of what follows.
pub(crate) fn sanitize(text: &str) -> String {
    let is_control = |letter: char| {
        letter.is_control()
            || matches!(
                letter,
                '\u{61c}'
                    | '\u{200e}'
                    | '\u{200f}'
                    | '\u{2028}'..='\u{202e}'
                    | '\u{2066}'..='\u{2069}'
            )
    };
    text.chars()
        .map(|letter| if is_control(letter) { ' ' } else { letter })
        .collect()
}

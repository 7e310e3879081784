//! What is said on standard error.

use std::fmt::Display;
use std::io::{self, Write};

/// Says something to the person at the keyboard. What portals send may be part of it.
pub fn tell(text: impl Display) {
    // When nobody can be told, the work goes on.
    drop(writeln!(io::stderr(), "{}", plain(&text.to_string())));
}

/// A text without the characters that a terminal obeys instead of showing them, line ends excepted.
pub fn plain(text: &str) -> String {
    let harmless = |letter: &char| {
        *letter == '\n'
            || !(letter.is_control()
                || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'))
    };
    text.chars().filter(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_shows_all_and_obeys_nothing() {
        let hostile = "a\u{1b}[31mb\u{7}\u{202e}c\r\nd é»";
        assert_eq!(plain(hostile), "a[31mbc\nd é»");
    }
}

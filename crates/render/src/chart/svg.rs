//! The marks of a drawing, and the lengths they are drawn with.

use super::scale::{Length, Scale};

/// How wide a letter of a label is on a phone, where the letters are largest.
const LETTER: Length = 120;

/// The hatching of what is incomplete.
pub fn pattern(id: &str) -> String {
    format!(
        r#"  <defs><pattern id="{id}-h" width="6" height="6" patternUnits="userSpaceOnUse"><path class="hatch" d="M-1 1L1 -1M0 6L6 0M5 7L7 5"/></pattern></defs>"#
    )
}

/// The class that tells a value below zero from others.
pub const fn sign_class(value: i128) -> &'static str {
    if value < 0 { " bar--negative" } else { "" }
}

/// A bar from zero to a value.
pub fn value_bar(
    scale: &Scale,
    x: Length,
    width: Length,
    value: i128,
    class: &str,
    title: &str,
) -> String {
    let (zero, end) = (scale.at(0), scale.at(value));
    format!(
        r#"  <rect class="bar{class}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>"#,
        px(x),
        px(zero.min(end)),
        px(width),
        px((zero - end).abs()),
        escape(title)
    )
}

/// A bar in the place of a value that is not known.
pub fn hatched_bar(
    id: &str,
    x: Length,
    width: Length,
    y: Length,
    height: Length,
    title: &str,
) -> String {
    format!(
        r#"  <rect class="bar bar--incomplete" fill="url(#{id}-h)" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>"#,
        px(x),
        px(y),
        px(width),
        px(height),
        escape(title)
    )
}

/// Every how many years a label of this width fits.
pub fn every(width: Length, band: Length) -> usize {
    usize::try_from((width + band - 1) / band.max(1))
        .unwrap_or(1)
        .max(1)
}

/// The room that so many letters need.
pub fn letters(count: usize) -> Length {
    LETTER * length(count)
}

/// A count as a factor of lengths.
pub fn length(count: usize) -> Length {
    Length::try_from(count).unwrap_or(Length::MAX)
}

/// Tenths of a pixel as pixels.
pub fn px(tenths: Length) -> String {
    let sign = if tenths < 0 { "-" } else { "" };
    let size = tenths.abs();
    format!("{sign}{}.{}", size / 10, size % 10)
}

/// A text as XML character data. Characters that XML does not allow are shown as replaced.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{fffe}' | '\u{ffff}' => escaped.push(char::REPLACEMENT_CHARACTER),
            control if control.is_control() => escaped.push(char::REPLACEMENT_CHARACTER),
            other => escaped.push(other),
        }
    }
    escaped
}

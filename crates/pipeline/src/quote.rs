//! Values as messages quote them.

use std::fmt::Write;

use centime_portal::Value;

/// How much of a value is quoted in a message, in characters.
const MAX_QUOTED: usize = 60;

/// A text as TOML writes it.
pub fn quoted(text: &str) -> String {
    if text.contains('"') && !text.contains('\'') && !text.chars().any(char::is_control) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            _ if letter.is_control() => {
                // A String takes whatever is written to it.
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            _ => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

/// A value as it is quoted in a message.
pub fn shown_value(value: Option<Value<'_>>) -> String {
    let text = match value {
        None => return "an absent value".to_owned(),
        Some(Value::Null) => return "null".to_owned(),
        Some(Value::Bool(value)) => return value.to_string(),
        Some(Value::Number(text) | Value::Text(text) | Value::Json(text)) => text,
    };
    let start: String = text.chars().take(MAX_QUOTED).collect();
    if start.len() < text.len() {
        format!("«{start}…»")
    } else {
        format!("«{start}»")
    }
}

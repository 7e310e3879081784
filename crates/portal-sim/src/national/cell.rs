//! Values, and how they are written.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

/// A value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    Null,
    Text(Arc<str>),
    Word(&'static str),
    Number(i64),
    /// Centimes, written as euros with as few decimals as it takes.
    Amount(i64),
    /// An amount as a binary fraction makes it, some millionths of a centime away.
    Noisy(i64),
}

impl Cell {
    /// As text without quotation marks; `None` where there is nothing.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Word(text) => Some(Cow::Borrowed(text)),
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Amount(_) | Self::Noisy(_) => {
                let mut out = Vec::new();
                self.write_number(&mut out);
                Some(Cow::Owned(String::from_utf8_lossy(&out).into_owned()))
            }
        }
    }

    /// As JSON.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Text(text) => write_text(text, out),
            Self::Word(text) => write_text(text, out),
            _ => self.write_number(out),
        }
    }

    fn write_number(&self, out: &mut Vec<u8>) {
        use std::io::Write;
        let (number, noise) = match self {
            Self::Number(number) => {
                // Writing to memory does not fail.
                let _written = write!(out, "{number}");
                return;
            }
            Self::Amount(centimes) => (*centimes, ""),
            Self::Noisy(centimes) => (*centimes, "0001"),
            _ => return,
        };
        let sign = if number < 0 { "-" } else { "" };
        let (euros, rest) = (number.unsigned_abs() / 100, number.unsigned_abs() % 100);
        let _written = match (noise, rest % 10) {
            ("", 0) => write!(out, "{sign}{euros}.{}", rest / 10),
            ("", _) => write!(out, "{sign}{euros}.{rest:02}"),
            (noise, _) => write!(out, "{sign}{euros}.{rest:02}{noise}"),
        };
    }

    /// How it is ordered; nothing comes last.
    pub fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            (
                Self::Number(one) | Self::Amount(one) | Self::Noisy(one),
                Self::Number(other) | Self::Amount(other) | Self::Noisy(other),
            ) => one.cmp(other),
            (one, other) => one.text().cmp(&other.text()),
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _written = serde_json::to_writer(out, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_the_portal_writes_them() {
        let written = |cell: Cell| cell.text().unwrap().into_owned();
        assert_eq!(written(Cell::Amount(0)), "0.0");
        assert_eq!(written(Cell::Amount(-27_254_181)), "-272541.81");
        assert_eq!(written(Cell::Amount(220_000)), "2200.0");
        assert_eq!(written(Cell::Amount(75_450_990)), "754509.9");
        assert_eq!(written(Cell::Noisy(26_860_732_292)), "268607322.920001");
        assert_eq!(written(Cell::Number(38)), "38");
    }
}

//! What was retrieved, in one number that neither the order of records nor the order of fields
//! changes.

use centime_portal::{Fields, Value};
use sha2::{Digest, Sha256};

/// A hash of a collection of records: the sum of their hashes, modulo 2²⁵⁶.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentHash {
    sum: [u64; 4],
    records: u64,
}

impl ContentHash {
    /// Adds a record.
    pub fn add(&mut self, fields: &Fields) {
        let digest = record(fields);
        let mut carry = false;
        for (limb, bytes) in self.sum.iter_mut().zip(digest.chunks_exact(8)) {
            let added = bytes
                .iter()
                .rev()
                .fold(0, |number, byte| number << 8 | u64::from(*byte));
            let (partial, first) = limb.overflowing_add(added);
            let (whole, second) = partial.overflowing_add(u64::from(carry));
            *limb = whole;
            carry = first || second;
        }
        self.records += 1;
    }

    /// The hash in hexadecimal.
    pub fn finish(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.records.to_le_bytes());
        for limb in self.sum {
            hasher.update(limb.to_le_bytes());
        }
        hex(&hasher.finalize())
    }
}

fn record(fields: &Fields) -> [u8; 32] {
    let mut entries: Vec<(&str, &Value)> = fields.iter().collect();
    entries.sort_unstable_by_key(|(name, _)| *name);
    let mut hasher = Sha256::new();
    for (name, value) in entries {
        let (kind, text) = match value {
            Value::Null => (0_u8, ""),
            Value::Bool(false) => (1, "false"),
            Value::Bool(true) => (1, "true"),
            Value::Number(text) => (2, text.as_str()),
            Value::Text(text) => (3, text.as_str()),
            Value::Json(text) => (4, text.as_str()),
        };
        // Lengths keep neighbours apart: ("ab", "c") is not ("a", "bc").
        hasher.update((name.len() as u64).to_le_bytes());
        hasher.update(name);
        hasher.update([kind]);
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hasher.finalize().into()
}

/// The hash of several texts, in hexadecimal.
pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hex(&hasher.finalize())
}

fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(records: &[&[(&str, &str)]]) -> String {
        let mut hash = ContentHash::default();
        for record in records {
            hash.add(
                &record
                    .iter()
                    .map(|(name, text)| ((*name).to_owned(), Value::Text((*text).to_owned())))
                    .collect(),
            );
        }
        hash.finish()
    }

    #[test]
    fn neither_order_changes_it_and_everything_else_does() {
        let one: &[(&str, &str)] = &[("a", "1"), ("b", "2")];
        let turned: &[(&str, &str)] = &[("b", "2"), ("a", "1")];
        let other: &[(&str, &str)] = &[("a", "12"), ("b", "")];
        assert_eq!(hash(&[one, other]), hash(&[other, turned]));
        assert_ne!(hash(&[one]), hash(&[other]));
        assert_ne!(hash(&[one]), hash(&[one, one]));
        assert_ne!(hash(&[]), hash(&[one]));
    }
}

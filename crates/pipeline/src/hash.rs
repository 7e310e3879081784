//! What was retrieved, in one number that neither the order of records nor the order of fields
//! changes.

use centime_portal::{Fields, Value};
use sha2::{Digest, Sha256};

/// A hash of a collection of records: the sum of their hashes, modulo 2²⁵⁶.
#[derive(Clone, Debug, Default)]
pub struct ContentHash {
    sum: [u64; 4],
    records: u64,
    /// The places of the fields of the last record, by name: those of the next are mostly the same.
    order: Vec<usize>,
    /// What is hashed of a record, kept to be filled again.
    bytes: Vec<u8>,
}

impl ContentHash {
    /// Adds a record.
    pub fn add(&mut self, fields: Fields<'_>) {
        let digest = self.record(fields);
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
        hex::encode(hasher.finalize())
    }

    fn record(&mut self, fields: Fields<'_>) -> [u8; 32] {
        let entries: Vec<(&str, Value<'_>)> = fields.iter().collect();
        let name = |place: &usize| entries[*place].0;
        let sorted = self.order.len() == entries.len()
            && self.order.is_sorted_by(|one, next| name(one) < name(next));
        if !sorted {
            self.order = (0..entries.len()).collect();
            self.order.sort_unstable_by_key(name);
        }
        self.bytes.clear();
        for place in &self.order {
            let (name, value) = entries[*place];
            let (kind, text) = match value {
                Value::Null => (0_u8, ""),
                Value::Bool(false) => (1, "false"),
                Value::Bool(true) => (1, "true"),
                Value::Number(text) => (2, text),
                Value::Text(text) => (3, text),
                Value::Json(text) => (4, text),
            };
            // Lengths keep neighbours apart: ("ab", "c") is not ("a", "bc").
            self.bytes.extend((name.len() as u64).to_le_bytes());
            self.bytes.extend(name.as_bytes());
            self.bytes.push(kind);
            self.bytes.extend((text.len() as u64).to_le_bytes());
            self.bytes.extend(text.as_bytes());
        }
        Sha256::digest(&self.bytes).into()
    }
}

/// The hash of several texts, in hexadecimal.
pub fn of_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update((text.len() as u64).to_le_bytes());
        hasher.update(text);
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use centime_portal::Record;

    use super::*;

    fn hash(records: &[&str]) -> String {
        let mut hash = ContentHash::default();
        for text in records {
            let record = Record::parse(text, 1).unwrap();
            hash.add(record.fields().unwrap());
        }
        hash.finish()
    }

    #[test]
    fn neither_order_changes_it_and_everything_else_does() {
        let one = r#"{"a": "1", "b": "2"}"#;
        let turned = r#"{"b": "2", "a": "1"}"#;
        let other = r#"{"a": "12", "b": ""}"#;
        assert_eq!(hash(&[one, other]), hash(&[other, turned]));
        assert_eq!(hash(&[one, turned]), hash(&[one, one]));
        assert_ne!(hash(&[one]), hash(&[other]));
        assert_ne!(hash(&[one]), hash(&[one, one]));
        assert_ne!(hash(&[]), hash(&[one]));
        assert_ne!(hash(&[r#"{"a": 1}"#]), hash(&[r#"{"a": "1"}"#]));
        assert_ne!(hash(&[r#"{"a": 1}"#]), hash(&[r#"{"a": 1.0}"#]));
        assert_ne!(hash(&[r#"{"a": null}"#]), hash(&["{}"]));
    }

    #[test]
    fn its_form_stays_what_it_is() {
        // Computed by another program. Another form would make every unchanged source a new revision.
        assert_eq!(
            hash(&[r#"{"b": "\u00e9", "a": 1.10, "c": null, "d": [1], "e": true}"#]),
            "7cee73e88cecafcd053d801218d5b636235f1b0a7139d77fa00e441339237cd3"
        );
    }
}

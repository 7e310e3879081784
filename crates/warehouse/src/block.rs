//! Records kept together: consecutive records of a public body in one row, which an engine writes, keeps and
//! compresses at a fraction of the cost of as many rows.

use serde_json::value::RawValue;

use crate::revision::Subject;

/// How long the text of a block may become before another is begun. A record that is longer has one of its
/// own.
const LONGEST: usize = 64 << 10;

/// What stands between two records: each is on a line of its own, for those who look.
const BETWEEN: &str = ",\n";

/// A record as the portal sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// The public body.
    pub siren: &'a str,
    /// What it is about.
    pub subject: Subject,
    /// Its number, from 1, in the order received.
    pub record: i64,
    /// Its JSON text.
    pub json: &'a str,
}

/// Consecutive records of a public body.
#[derive(Debug)]
pub(crate) struct Block {
    pub siren: String,
    pub subject: Subject,
    /// The number of the first.
    pub first: i64,
    /// How many there are.
    pub records: i64,
    /// All of them, as a JSON array.
    pub json: String,
}

impl Block {
    pub fn new(record: &RawRecord<'_>) -> Self {
        Self {
            siren: record.siren.to_owned(),
            subject: record.subject,
            first: record.record,
            records: 1,
            json: format!("[{}]", record.json),
        }
    }

    /// Adds a record; false where it does not belong to this block or does not fit into it.
    pub fn add(&mut self, record: &RawRecord<'_>) -> bool {
        let follows = record.record == self.first + self.records
            && record.subject == self.subject
            && record.siren == self.siren;
        if !follows || self.json.len() + BETWEEN.len() + record.json.len() > LONGEST {
            return false;
        }
        self.json.pop();
        for text in [BETWEEN, record.json, "]"] {
            self.json.push_str(text);
        }
        self.records += 1;
        true
    }
}

/// The text of each record of a block, byte for byte.
pub(crate) fn texts(json: &str) -> sqlx::Result<Vec<&str>> {
    let records: Vec<&RawValue> =
        serde_json::from_str(json).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(records.into_iter().map(RawValue::get).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record<'a>(siren: &'a str, number: i64, json: &'a str) -> RawRecord<'a> {
        RawRecord {
            siren,
            subject: Subject::IncomeStatement,
            record: number,
            json,
        }
    }

    #[test]
    fn each_record_keeps_its_very_text() {
        let written = [
            r#"{"a": 1.10, "b" : "é\u00e9" }"#,
            r#"{"a":1e999,"a2":-0.00}"#,
            "{\n \"a\": [1,\n2]}",
        ];
        let mut block = Block::new(&record("1", 7, written[0]));
        assert!(block.add(&record("1", 8, written[1])));
        assert!(block.add(&record("1", 9, written[2])));
        assert_eq!((block.first, block.records), (7, 3));
        assert_eq!(texts(&block.json).unwrap(), written);
    }

    #[test]
    fn a_block_ends_where_the_next_record_is_another_one() {
        let mut block = Block::new(&record("1", 7, "{}"));
        assert!(!block.add(&record("2", 8, "{}")), "another body");
        assert!(!block.add(&record("1", 9, "{}")), "a record is left out");
        let balance = RawRecord {
            subject: Subject::BalanceSheet,
            ..record("1", 8, "{}")
        };
        assert!(!block.add(&balance), "another subject");
        assert!(block.add(&record("1", 8, "{}")));
    }

    #[test]
    fn a_block_does_not_outgrow_its_length() {
        let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1000));
        let mut block = Block::new(&record("1", 1, &long));
        let mut number = 2;
        while block.add(&record("1", number, &long)) {
            number += 1;
        }
        assert_eq!(block.records, number - 1);
        let length = block.json.len();
        assert!(length <= LONGEST && length + BETWEEN.len() + long.len() > LONGEST);
    }
}

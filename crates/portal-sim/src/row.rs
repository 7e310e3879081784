//! A record, with numbers as texts.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A record: names and JSON texts, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row(pub(crate) Vec<(String, Box<RawValue>)>);

impl Row {
    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0
            .iter()
            .find_map(|(other, value)| (other == name).then_some(&**value))
    }
}

/// A record that a condition can be held against.
pub(crate) trait Fields {
    /// The text of a value, a number as it is written; nothing where there is none.
    fn text(&self, field: &str) -> Option<String>;
    /// The texts of all values.
    fn texts(&self) -> Vec<String>;
}

impl Fields for Row {
    fn text(&self, field: &str) -> Option<String> {
        text_of(self, field)
    }

    fn texts(&self) -> Vec<String> {
        let names = self.0.iter();
        names.filter_map(|(name, _)| text_of(self, name)).collect()
    }
}

/// The text of a value, a number as it is written; nothing where there is none.
fn text_of(row: &Row, field: &str) -> Option<String> {
    let raw = row.get(field).map(RawValue::get)?;
    match serde_json::from_str(raw) {
        Ok(serde_json::Value::Null) => None,
        Ok(serde_json::Value::String(text)) => Some(text),
        _ => Some(raw.to_owned()),
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(RowVisitor)
    }
}

struct RowVisitor;

impl<'de> Visitor<'de> for RowVisitor {
    type Value = Row;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Row, A::Error> {
        let mut row = Row::default();
        while let Some(cell) = map.next_entry()? {
            row.0.push(cell);
        }
        Ok(row)
    }
}

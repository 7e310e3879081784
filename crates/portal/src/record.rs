//! A record as published, numbers kept as text.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::Error;

/// One record, as the portal wrote it.
#[derive(Clone, Debug)]
pub struct Record {
    json: Box<RawValue>,
    number: u64,
}

impl Record {
    /// Reads a JSON object.
    pub(crate) fn parse(text: &str, number: u64) -> Result<Self, String> {
        let json: Box<RawValue> = serde_json::from_str(text).map_err(|error| error.to_string())?;
        Self::new(json, number)
    }

    pub(crate) fn new(json: Box<RawValue>, number: u64) -> Result<Self, String> {
        if json.get().starts_with('{') {
            Ok(Self { json, number })
        } else {
            Err("it is not a JSON object".to_owned())
        }
    }

    /// A record made of CSV cells: text, or nothing when empty.
    pub(crate) fn from_cells<'a>(
        cells: impl Iterator<Item = (&'a str, &'a str)>,
        number: u64,
    ) -> Result<Self, String> {
        let cells: serde_json::Map<String, serde_json::Value> = cells
            .map(|(name, cell)| {
                let value = match cell {
                    "" => serde_json::Value::Null,
                    text => text.into(),
                };
                (name.to_owned(), value)
            })
            .collect();
        let json = serde_json::value::to_raw_value(&cells).map_err(|error| error.to_string())?;
        Self::new(json, number)
    }

    /// The text of its JSON object, byte for byte.
    pub fn json(&self) -> &str {
        self.json.get()
    }

    /// Its place in the retrieval or the page, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Its values by name.
    pub fn fields(&self) -> Result<Fields, Error> {
        serde_json::from_str(self.json()).map_err(|error| Error::Malformed {
            record: self.number,
            reason: error.to_string(),
        })
    }
}

/// A value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, in the very characters of the portal.
    Number(String),
    /// Text.
    Text(String),
    /// A list or an object, as JSON text.
    Json(String),
}

/// The values of a record by name, in the order of the record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, Value)>);

impl Fields {
    /// The value of a name; nothing when the record has no such name at all.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter()
            .find_map(|(other, value)| (other == name).then_some(value))
    }

    /// All names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }
}

impl FromIterator<(String, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
        let mut fields = Fields::default();
        while let Some(name) = map.next_key::<String>()? {
            let raw: &RawValue = map.next_value()?;
            if fields.get(&name).is_some() {
                return Err(serde::de::Error::custom(format!(
                    "the name {name:?} is given twice"
                )));
            }
            let value = Value::read(raw)
                .map_err(|error| serde::de::Error::custom(format!("{name:?}: {error}")))?;
            fields.0.push((name, value));
        }
        Ok(fields)
    }
}

impl Value {
    fn read(raw: &RawValue) -> Result<Self, serde_json::Error> {
        let text = raw.get();
        Ok(match text.as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str(text)?),
            Some(b'{' | b'[') => Self::Json(text.to_owned()),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') => Self::Null,
            _ => Self::Number(text.to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(text: &str) -> Fields {
        Record::parse(text, 1).unwrap().fields().unwrap()
    }

    #[test]
    fn each_kind_of_value_is_told_apart() {
        let fields = fields(
            r#" {"a": null, "b": true, "c": "é\n", "d": {"x": [1.10]}, "e": ["1"], "f": ""} "#,
        );
        let expected = [
            ("a", Value::Null),
            ("b", Value::Bool(true)),
            ("c", Value::Text("é\n".into())),
            ("d", Value::Json(r#"{"x": [1.10]}"#.into())),
            ("e", Value::Json(r#"["1"]"#.into())),
            ("f", Value::Text(String::new())),
        ];
        assert!(
            fields
                .iter()
                .eq(expected.iter().map(|(name, value)| (*name, value)))
        );
        assert_eq!(fields.get("g"), None);
    }

    #[test]
    fn a_number_keeps_its_very_text() {
        for number in [
            "0.0",
            "-0",
            "1e999",
            "-107835610.13",
            "0.1000",
            "1E-7",
            "123456789012345678901234567890.12",
        ] {
            let fields = fields(&format!("{{\"a\": {number}}}"));
            assert_eq!(fields.get("a"), Some(&Value::Number(number.into())));
        }
    }

    proptest! {
        #[test]
        fn any_decimal_keeps_its_very_text(number in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,20})?") {
            let fields = fields(&format!("{{\"a\":{number}}}"));
            prop_assert_eq!(fields.get("a"), Some(&Value::Number(number)));
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "{\"a\": NaN}",
            "{\"a\": Infinity}",
            "{\"a\": 1,}",
            "{\"a\": 01}",
            "{\"a\": 1} x",
            "[1]",
            "\"a\"",
            "",
        ] {
            assert!(Record::parse(text, 1).is_err(), "{text}");
        }
    }

    #[test]
    fn an_unreadable_value_names_the_record_and_the_field() {
        let record = Record::parse(r#"{"poste": "\ud800"}"#, 42).unwrap();
        let error = record.fields().unwrap_err().to_string();
        assert!(error.starts_with("record 42 cannot be read"), "{error}");
        assert!(error.contains("poste"), "{error}");
        let record = Record::parse(r#"{"a": 1, "a": 2}"#, 7).unwrap();
        let error = record.fields().unwrap_err().to_string();
        assert!(error.contains("given twice"), "{error}");
    }

    #[test]
    fn cells_become_text_or_nothing() {
        let record = Record::from_cells([("a", "12.50"), ("b", "")].into_iter(), 1).unwrap();
        assert_eq!(record.json(), r#"{"a":"12.50","b":null}"#);
    }
}

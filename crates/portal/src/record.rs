//! A record as published, numbers kept as text.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::Error;
use crate::limits::{MAX_DEPTH, MAX_FIELDS, MAX_NAME_BYTES, depth};

/// One record, as the portal wrote it.
#[derive(Clone, Debug)]
pub struct Record {
    json: Box<str>,
    number: u64,
    entries: Vec<Entry>,
    /// Why it cannot be read although it is JSON.
    unreadable: Option<String>,
}

/// A name and its value, by where they stand in the text.
#[derive(Clone, Debug)]
struct Entry {
    name: Text,
    value: Kept,
}

/// A text of a record.
#[derive(Clone, Debug)]
enum Text {
    /// It stands there as it is meant.
    At(Range<usize>),
    /// It is written with escapes; this is what they mean.
    Meant(Box<str>),
}

#[derive(Clone, Debug)]
enum Kept {
    Null,
    Bool(bool),
    Number(Range<usize>),
    Text(Text),
    Json(Range<usize>),
}

impl Record {
    /// Reads a JSON object, in one pass. A record that is JSON and has a value that cannot be read, or a name
    /// twice, is one: its [`fields`](Self::fields) say why not.
    pub fn parse(text: &str, number: u64) -> Result<Self, String> {
        let text = text.trim();
        let Entries {
            entries,
            unreadable,
        } = match serde_json::from_str::<Parts<'_>>(text) {
            Ok(parts) => parts.within(text),
            Err(error) => return Err(error.to_string()),
        };
        Ok(Self {
            json: text.into(),
            number,
            entries,
            unreadable,
        })
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
        Self::parse(&serde_json::Value::Object(cells).to_string(), number)
    }

    /// The text of its JSON object, byte for byte.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Its place in the retrieval or the page, from 1.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Its values by name.
    pub fn fields(&self) -> Result<Fields<'_>, Error> {
        match &self.unreadable {
            None => Ok(Fields(self)),
            Some(reason) => Err(Error::Malformed {
                record: self.number,
                reason: reason.clone(),
            }),
        }
    }

    fn value<'a>(&'a self, kept: &'a Kept) -> Value<'a> {
        match kept {
            Kept::Null => Value::Null,
            Kept::Bool(value) => Value::Bool(*value),
            Kept::Number(place) => Value::Number(&self.json[place.clone()]),
            Kept::Text(text) => Value::Text(self.text(text)),
            Kept::Json(place) => Value::Json(&self.json[place.clone()]),
        }
    }

    fn text<'a>(&'a self, text: &'a Text) -> &'a str {
        match text {
            Text::At(place) => &self.json[place.clone()],
            Text::Meant(text) => text,
        }
    }
}

/// A value of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number, in the very characters of the portal.
    Number(&'a str),
    /// Text.
    Text(&'a str),
    /// A list or an object, as JSON text.
    Json(&'a str),
}

/// The values of a record by name, in the order of the record.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a>(&'a Record);

impl<'a> Fields<'a> {
    /// The value of a name; nothing when the record has no such name at all.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        let record = self.0;
        let mut entries = record.entries.iter();
        let found = entries.find(|entry| record.text(&entry.name) == name)?;
        Some(record.value(&found.value))
    }

    /// All names and values.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let record = self.0;
        let entries = record.entries.iter();
        entries.map(|entry| (record.text(&entry.name), record.value(&entry.value)))
    }
}

/// How many values a record usually has at most.
const DEFAULT_VALUES: usize = 16;

/// The names of a text, and its values as they stand there.
struct Parts<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// The same by their places.
struct Entries {
    entries: Vec<Entry>,
    unreadable: Option<String>,
}

impl Parts<'_> {
    fn within(self, whole: &str) -> Entries {
        let mut unreadable = None;
        let repeated = |place: usize| {
            let (name, _) = &self.0[place];
            self.0[..place].iter().any(|(before, _)| before == name)
        };
        let mut entries = Vec::with_capacity(self.0.len());
        for (place, (name, raw)) in self.0.iter().enumerate() {
            if repeated(place) {
                unreadable.get_or_insert_with(|| format!("the name {name:?} is given twice"));
            }
            let name_text = match name {
                Cow::Borrowed(text) => Text::At(range(text, whole)),
                Cow::Owned(text) => Text::Meant(text.as_str().into()),
            };
            let value = Kept::read(raw, whole).unwrap_or_else(|error| {
                unreadable.get_or_insert_with(|| format!("{name:?}: {error}"));
                Kept::Null
            });
            entries.push(Entry {
                name: name_text,
                value,
            });
        }
        Entries {
            entries,
            unreadable,
        }
    }
}

/// Where a text stands in the whole that it is part of.
fn range(part: &str, whole: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

impl Kept {
    fn read(raw: &RawValue, whole: &str) -> Result<Self, serde_json::Error> {
        let text = raw.get();
        let place = range(text, whole);
        Ok(match text.as_bytes().first() {
            Some(b'"') if text.contains('\\') => {
                Self::Text(Text::Meant(serde_json::from_str(text)?))
            }
            // What has no escape is what stands between the quotation marks.
            Some(b'"') => Self::Text(Text::At(place.start + 1..place.end - 1)),
            // Databases read such a value again, and refuse one that is nested without end.
            Some(b'{' | b'[') if depth(text) > MAX_DEPTH => {
                return Err(de::Error::custom(format_args!(
                    "lists and objects are more than {MAX_DEPTH} deep in each other"
                )));
            }
            Some(b'{' | b'[') => Self::Json(place),
            Some(b't') => Self::Bool(true),
            Some(b'f') => Self::Bool(false),
            Some(b'n') => Self::Null,
            _ => Self::Number(place),
        })
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = Parts<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts<'de>, A::Error> {
        let mut parts = Vec::with_capacity(DEFAULT_VALUES);
        while let Some(Name(name)) = map.next_key()? {
            if parts.len() == MAX_FIELDS {
                let reason = format_args!("it has more than {MAX_FIELDS} fields");
                return Err(de::Error::custom(reason));
            }
            if name.len() > MAX_NAME_BYTES {
                let reason = format_args!("a name is longer than {MAX_NAME_BYTES} bytes");
                return Err(de::Error::custom(reason));
            }
            parts.push((name, map.next_value()?));
        }
        Ok(Parts(parts))
    }
}

/// A name as it stands in the record, unless it is written with escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn record(text: &str) -> Record {
        Record::parse(text, 1).unwrap()
    }

    #[test]
    fn each_kind_of_value_is_told_apart() {
        let record = record(
            r#" {"a": null, "b": true, "c": "é\n", "d": {"x": [1.10]}, "e": ["1"], "f": ""} "#,
        );
        let fields = record.fields().unwrap();
        let expected = [
            ("a", Value::Null),
            ("b", Value::Bool(true)),
            ("c", Value::Text("é\n")),
            ("d", Value::Json(r#"{"x": [1.10]}"#)),
            ("e", Value::Json(r#"["1"]"#)),
            ("f", Value::Text("")),
        ];
        assert!(
            fields
                .iter()
                .eq(expected.iter().map(|(name, value)| (*name, *value)))
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
            let text = format!("{{\"a\": {number}}}");
            let record = record(&text);
            assert_eq!(
                record.fields().unwrap().get("a"),
                Some(Value::Number(number))
            );
        }
    }

    proptest! {
        #[test]
        fn any_decimal_keeps_its_very_text(number in "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,20})?") {
            let text = format!("{{\"a\":{number}}}");
            let record = record(&text);
            prop_assert_eq!(record.fields().unwrap().get("a"), Some(Value::Number(&number)));
        }
    }

    proptest! {
        #[test]
        fn any_text_is_what_json_means_by_it(text in any::<String>(), name in any::<String>()) {
            let json = serde_json::json!({ name.as_str(): text.as_str() }).to_string();
            let record = record(&json);
            prop_assert_eq!(record.fields().unwrap().get(&name), Some(Value::Text(&text)));
            prop_assert_eq!(record.json(), json);
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
    fn a_record_of_a_shape_that_none_has_is_refused() {
        let many: Vec<String> = (0..=MAX_FIELDS).map(|n| format!("\"f{n}\":1")).collect();
        let reason = Record::parse(&format!("{{{}}}", many.join(",")), 1).unwrap_err();
        assert!(reason.contains("more than 2000 fields"), "{reason}");
        assert!(Record::parse(&format!("{{{}}}", many[1..].join(",")), 1).is_ok());
        let name = "é".repeat(MAX_NAME_BYTES / 2 + 1);
        let reason = Record::parse(&format!("{{\"{name}\":1}}"), 1).unwrap_err();
        assert!(reason.contains("longer than 255 bytes"), "{reason}");
        let nested = |deep: usize| {
            let text = format!("{{\"a\":{}{}}}", "[".repeat(deep), "]".repeat(deep));
            Record::parse(&text, 3).unwrap()
        };
        assert!(nested(MAX_DEPTH).fields().is_ok());
        let error = nested(100_000).fields().unwrap_err().to_string();
        assert!(error.starts_with("record 3 cannot be read"), "{error}");
        assert!(error.contains("64 deep"), "{error}");
    }

    #[test]
    fn cells_become_text_or_nothing() {
        let record = Record::from_cells([("a", "12.50"), ("b", "")].into_iter(), 1).unwrap();
        assert_eq!(record.json(), r#"{"a":"12.50","b":null}"#);
    }
}

//! What a record of the API holds, said once: its JSON, its CSV and its schema follow from this.

use std::borrow::Cow;

use centime_accounts::{BasisPoints, Centimes};
use centime_analytics::rows::{DOUBTS, WHOSE};
use centime_analytics::{Analysis, Cell, Column, ColumnName, Kind, Language, Table};
use centime_render::Locale;
use serde_json::{Map, Value, json};

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A whole number.
    Integer,
    /// Euros, as a decimal text with two digits.
    Amount,
    /// Percent, as a decimal text with two digits.
    Rate,
    /// A text.
    Text,
    /// One of these words.
    Word(&'static [&'static str]),
    /// Texts; none is an empty array.
    Texts,
    /// True or false.
    Flag,
    /// A moment in RFC 3339.
    Moment,
    /// An object whose members others decide.
    Object,
    /// Values in order.
    Array,
}

/// A value that records have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub of: Type,
    /// Whether it may be `null`.
    pub optional: bool,
    pub about: Cow<'static, str>,
}

/// A kind of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// The name of its schema.
    pub name: String,
    pub about: Cow<'static, str>,
    pub fields: Vec<Field>,
}

impl Field {
    /// A value that is always there.
    pub const fn new(name: &'static str, of: Type, about: &'static str) -> Self {
        Self {
            name,
            of,
            optional: false,
            about: Cow::Borrowed(about),
        }
    }

    /// A value that is `null` where it is not known.
    pub fn optional(name: &'static str, of: Type, about: &'static str) -> Self {
        Self {
            optional: true,
            ..Self::new(name, of, about)
        }
    }

    /// Whose a record is.
    pub const fn whose() -> [Self; 2] {
        [
            Self::new(
                WHOSE[0].name.as_str(),
                Type::Text,
                "The number of the public body, as the list of bodies has it; empty when not known.",
            ),
            Self::new(
                WHOSE[1].name.as_str(),
                Type::Text,
                "The name of the public body.",
            ),
        ]
    }

    /// What is doubted of the year of a record.
    pub const fn doubts() -> Self {
        Self::new(
            DOUBTS.name.as_str(),
            Type::Texts,
            "The names of the checks that cast doubt on the year: /api/v1/quality/checks says what they found.",
        )
    }

    fn schema(&self) -> Value {
        let mut schema = self.of.schema();
        if self.optional {
            let known = schema["type"].take();
            schema["type"] = json!([known, "null"]);
            if let Some(words) = schema.get_mut("enum").and_then(Value::as_array_mut) {
                words.push(Value::Null);
            }
        }
        schema["description"] = self.about.as_ref().into();
        schema
    }
}

impl Type {
    /// What JSON Schema says of it.
    pub fn schema(self) -> Value {
        match self {
            Self::Integer => json!({"type": "integer", "format": "int64"}),
            Self::Amount | Self::Rate => {
                json!({"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$"})
            }
            Self::Text => json!({"type": "string"}),
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Texts => json!({"type": "array", "items": {"type": "string"}}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Moment => json!({"type": "string", "format": "date-time"}),
            Self::Object => json!({"type": "object"}),
            Self::Array => json!({"type": "array"}),
        }
    }
}

impl Type {
    /// What it is in a table.
    const fn kind(self) -> Kind {
        match self {
            Self::Integer => Kind::Integer,
            Self::Amount => Kind::Amount,
            Self::Rate => Kind::Rate,
            Self::Text | Self::Word(_) | Self::Moment | Self::Object | Self::Array => Kind::Text,
            Self::Texts => Kind::List,
            Self::Flag => Kind::Flag,
        }
    }

    /// A value in a table.
    fn cell(self, value: &Value) -> Cell {
        match (self, value) {
            (_, Value::Null) => Cell::Null,
            (Self::Amount, Value::String(text)) => {
                hundredths(text).map_or(Cell::Null, |value| Cell::Amount(Centimes::new(value)))
            }
            (Self::Rate, Value::String(text)) => {
                hundredths(text).map_or(Cell::Null, |value| Cell::Rate(BasisPoints::new(value)))
            }
            (_, Value::String(text)) => Cell::Text(text.clone()),
            (_, Value::Bool(flag)) => Cell::Flag(*flag),
            (Self::Integer, Value::Number(number)) => {
                number.as_i64().map_or(Cell::Null, Cell::Count)
            }
            (Self::Texts, Value::Array(texts)) => {
                let texts = texts.iter().filter_map(Value::as_str);
                Cell::of_list(texts.map(str::to_owned).collect())
            }
            (_, other) => Cell::Text(other.to_string()),
        }
    }
}

impl Record {
    /// A row of an analysis.
    pub fn of(analysis: &Analysis) -> Self {
        let locale = Locale::of(Language::English);
        let field = |column: &centime_analytics::Column| Field {
            name: column.name.as_str(),
            of: match column.kind {
                Kind::Year | Kind::Integer => Type::Integer,
                Kind::Text | Kind::Status => Type::Text,
                Kind::Amount => Type::Amount,
                Kind::Rate => Type::Rate,
                Kind::List => Type::Texts,
                Kind::Flag => Type::Flag,
            },
            optional: !matches!(column.kind, Kind::Year | Kind::List),
            about: locale.heading(column).into(),
        };
        let words = analysis.model.name.split('_').map(capitalised);
        Self {
            name: words.collect(),
            about: analysis
                .text(Language::English)
                .summary
                .replace('\u{202f}', " ")
                .into(),
            fields: Field::whose()
                .into_iter()
                .chain(analysis.model.columns.iter().map(field))
                .chain([Field::doubts()])
                .collect(),
        }
    }

    /// What JSON Schema says of it.
    pub fn schema(&self) -> Value {
        let names: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
        let properties: Map<String, Value> = self
            .fields
            .iter()
            .map(|field| (field.name.to_owned(), field.schema()))
            .collect();
        json!({
            "description": self.about,
            "type": "object",
            "properties": properties,
            "required": names,
            "additionalProperties": false,
        })
    }

    /// The record with these values, in the order of its fields.
    pub fn json(&self, values: Vec<Value>) -> Value {
        let named = self.fields.iter().map(|field| field.name.to_owned());
        Value::Object(named.zip(values).collect())
    }

    /// Records as a table with types.
    pub fn table(&self, rows: &[Vec<Value>]) -> Table {
        let column = |field: &Field| Column::new(ColumnName::new(field.name), field.of.kind());
        let row = |values: &Vec<Value>| {
            let cells = self.fields.iter().zip(values);
            cells.map(|(field, value)| field.of.cell(value)).collect()
        };
        Table {
            columns: self.fields.iter().map(column).collect(),
            rows: rows.iter().map(row).collect(),
        }
    }

    /// The values as the cells of a table, each text as it is.
    pub fn cells(values: &[Value]) -> Vec<String> {
        let cell = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            Value::Array(texts) => {
                let texts: Vec<&str> = texts.iter().filter_map(Value::as_str).collect();
                texts.join("; ")
            }
            other => other.to_string(),
        };
        values.iter().map(cell).collect()
    }
}

/// Hundredths, from a text with two digits after the point.
fn hundredths(text: &str) -> Option<i64> {
    text.replace('.', "").parse().ok()
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_the_same_in_json_in_csv_and_in_its_schema() {
        let record = Record {
            name: "Sample".to_owned(),
            about: "A sample.".into(),
            fields: vec![
                Field::new("year", Type::Integer, "The year."),
                Field::optional("amount", Type::Amount, "In euros."),
                Field::new("label", Type::Text, "The label."),
                Field::new("notes", Type::Texts, "Notes."),
                Field::optional("side", Type::Word(&["revenue"]), "The side."),
            ],
        };
        let values = vec![
            2024.into(),
            "-0.05".into(),
            "=1+1".into(),
            json!(["a", "b"]),
            Value::Null,
        ];
        assert_eq!(
            Record::cells(&values),
            ["2024", "-0.05", "=1+1", "a; b", ""]
        );
        let table = record.table(std::slice::from_ref(&values));
        let csv = centime_render::export::csv::table(&table);
        assert_eq!(csv, "year,amount,label,notes,side\n2024,-0.05,=1+1,a; b,\n");
        let schema = record.schema();
        assert_eq!(
            schema["properties"]["amount"]["type"],
            json!(["string", "null"])
        );
        assert_eq!(
            schema["properties"]["side"]["enum"],
            json!(["revenue", null])
        );
        assert_eq!(
            record.json(values).to_string(),
            r#"{"year":2024,"amount":"-0.05","label":"=1+1","notes":["a","b"],"side":null}"#
        );
    }
}

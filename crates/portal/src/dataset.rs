//! The description of a dataset: fields and metadata.

use std::fmt;

use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::Error;
use crate::error::Limit;
use crate::limits::{MAX_ADDRESS_CHARS, MAX_FIELDS, MAX_NAME_BYTES, MAX_TEXT_CHARS};

/// A dataset as its portal describes it. Whatever the description leaves out is empty here.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Dataset {
    /// The identifier used in addresses.
    pub dataset_id: String,
    /// The identifier that survives a change of the other.
    #[serde(default)]
    pub dataset_uid: Option<String>,
    /// Whether it holds records at all. Assumed when not said.
    #[serde(default = "yes", deserialize_with = "yes_unless_said")]
    pub has_records: bool,
    /// Whether its records are shown to this client. Assumed when not said.
    #[serde(default = "yes", deserialize_with = "yes_unless_said")]
    pub data_visible: bool,
    /// Its columns, in the order of the portal.
    #[serde(default, deserialize_with = "fields")]
    pub fields: Vec<Field>,
    /// Its metadata, by template.
    #[serde(default, deserialize_with = "empty_when_null")]
    pub metas: Map<String, Value>,
}

impl Dataset {
    /// One metadata of a template, unless it is missing or null.
    pub fn meta(&self, template: &str, name: &str) -> Option<&Value> {
        let value = self.metas.get(template)?.get(name)?;
        (!value.is_null()).then_some(value)
    }

    /// The title.
    pub fn title(&self) -> Option<&str> {
        self.text("title")
    }

    /// Who publishes it.
    pub fn publisher(&self) -> Option<&str> {
        self.text("publisher")
    }

    /// The name of its licence.
    pub fn license(&self) -> Option<&str> {
        self.text("license")
    }

    /// Where its licence can be read.
    pub fn license_url(&self) -> Option<&str> {
        self.text("license_url")
    }

    /// How many records it holds. A portal may update it a little after the records themselves.
    pub fn records_count(&self) -> Option<u64> {
        self.meta("default", "records_count")?.as_u64()
    }

    /// When its records were last processed, as written by the portal.
    pub fn data_processed(&self) -> Option<&str> {
        self.text("data_processed")
    }

    /// When its metadata were last processed, as written by the portal.
    pub fn metadata_processed(&self) -> Option<&str> {
        self.text("metadata_processed")
    }

    /// When it was last modified, as written by the portal, where it can be set by hand.
    pub fn modified(&self) -> Option<&str> {
        self.text("modified")
    }

    /// A column by its name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.meta("default", name)?.as_str()
    }

    /// Refuses a description that no dataset of accounts has: every text of it is shown beside the figures. What a
    /// search finds is not looked at before.
    ///
    /// # Errors
    ///
    /// What is too long or too many.
    pub fn check(&self) -> Result<(), Error> {
        let refused = |excess: String| Error::Limit {
            limit: Limit::Shape,
            place: format!(
                "the description of the dataset {}",
                crate::error::excerpt(&self.dataset_id)
            ),
            excess,
        };
        if self.fields.len() > MAX_FIELDS {
            return Err(refused(format!("it has more than {MAX_FIELDS} fields")));
        }
        let texts = [
            ("title", self.title(), MAX_TEXT_CHARS),
            ("publisher", self.publisher(), MAX_TEXT_CHARS),
            ("license", self.license(), MAX_TEXT_CHARS),
            ("license_url", self.license_url(), MAX_ADDRESS_CHARS),
            ("data_processed", self.data_processed(), MAX_TEXT_CHARS),
            (
                "metadata_processed",
                self.metadata_processed(),
                MAX_TEXT_CHARS,
            ),
            ("modified", self.modified(), MAX_TEXT_CHARS),
        ];
        for (name, text, most) in texts {
            if let Some(length) = longer(text.unwrap_or_default(), most) {
                return Err(refused(format!(
                    "its {name} has {length} characters, and {most} are taken"
                )));
            }
        }
        for (number, field) in (1..).zip(&self.fields) {
            let texts = [
                ("name", field.name.as_str(), MAX_NAME_BYTES),
                ("label", &field.label, MAX_TEXT_CHARS),
                ("type", field.field_type.name(), MAX_NAME_BYTES),
            ];
            for (what, text, most) in texts {
                if let Some(length) = longer(text, most) {
                    return Err(refused(format!(
                        "the {what} of its field {number} has {length} characters, and {most} are taken"
                    )));
                }
            }
        }
        Ok(())
    }
}

/// How many characters a text has, where they are more than that.
fn longer(text: &str, most: usize) -> Option<usize> {
    // No text has more characters than bytes.
    let length = (text.len() > most).then(|| text.chars().count())?;
    (length > most).then_some(length)
}

/// A column of a dataset.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Field {
    /// The name used in records.
    pub name: String,
    /// The name shown to readers. May hold spaces at either end, as published.
    #[serde(default, deserialize_with = "empty_when_null")]
    pub label: String,
    /// What it means.
    #[serde(default)]
    pub description: Option<String>,
    /// The type of its values.
    #[serde(rename = "type", default, deserialize_with = "empty_when_null")]
    pub field_type: FieldType,
    /// What else the portal says of it: a name, and values that are often none.
    #[serde(default, deserialize_with = "empty_when_null")]
    pub annotations: Map<String, Value>,
}

impl Field {
    /// Whether an annotation is present, with or without values.
    pub fn is_annotated(&self, name: &str) -> bool {
        self.annotations.get(name).is_some_and(|it| !it.is_null())
    }
}

/// The type of a column's values.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum FieldType {
    /// Text, or a list of texts when the column is annotated `multivalued`.
    Text,
    /// A whole number.
    Int,
    /// A decimal number.
    Double,
    /// True or false.
    Boolean,
    /// A day, or a month or a year when the column is so annotated.
    Date,
    /// A moment.
    DateTime,
    /// A point on Earth.
    GeoPoint,
    /// A shape on Earth.
    GeoShape,
    /// A file.
    File,
    /// Any JSON.
    JsonBlob,
    /// A type of which this client knows only the name.
    Unknown(String),
}

impl FieldType {
    /// The portal's name of the type.
    pub fn name(&self) -> &str {
        match self {
            Self::Text => "text",
            Self::Int => "int",
            Self::Double => "double",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::DateTime => "datetime",
            Self::GeoPoint => "geo_point_2d",
            Self::GeoShape => "geo_shape",
            Self::File => "file",
            Self::JsonBlob => "json_blob",
            Self::Unknown(name) => name,
        }
    }

    /// Whether records can be put in order by such a column.
    pub(crate) fn is_sortable(&self) -> bool {
        matches!(
            self,
            Self::Text | Self::Int | Self::Double | Self::Boolean | Self::Date | Self::DateTime
        )
    }
}

impl Default for FieldType {
    fn default() -> Self {
        Self::Unknown(String::new())
    }
}

impl From<String> for FieldType {
    fn from(name: String) -> Self {
        match name.as_str() {
            "text" => Self::Text,
            "int" => Self::Int,
            "double" => Self::Double,
            "boolean" => Self::Boolean,
            "date" => Self::Date,
            "datetime" => Self::DateTime,
            "geo_point_2d" => Self::GeoPoint,
            "geo_shape" => Self::GeoShape,
            "file" => Self::File,
            "json_blob" => Self::JsonBlob,
            _ => Self::Unknown(name),
        }
    }
}

/// Fields, of which no more are kept than show that there are too many.
fn fields<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Field>, D::Error> {
    struct Fields;

    impl<'de> Visitor<'de> for Fields {
        type Value = Vec<Field>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list of fields")
        }

        fn visit_unit<E>(self) -> Result<Vec<Field>, E> {
            Ok(Vec::new())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Field>, A::Error> {
            let mut fields = Vec::new();
            while fields.len() <= MAX_FIELDS {
                match list.next_element()? {
                    Some(field) => fields.push(field),
                    None => return Ok(fields),
                }
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(fields)
        }
    }

    deserializer.deserialize_any(Fields)
}

fn yes() -> bool {
    true
}

fn yes_unless_said<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(true))
}

fn empty_when_null<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Default + Deserialize<'de>,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_bare_description_is_enough() {
        let dataset: Dataset = serde_json::from_str(r#"{"dataset_id": "x"}"#).unwrap();
        assert!(dataset.has_records && dataset.data_visible);
        assert_eq!(dataset.title(), None);
        assert_eq!(dataset.records_count(), None);
        let dataset: Dataset = serde_json::from_str(
            r#"{"dataset_id": "x", "dataset_uid": null, "has_records": null, "fields": null,
                "metas": null, "surprise": [1]}"#,
        )
        .unwrap();
        assert!(dataset.has_records && dataset.fields.is_empty());
        assert!(serde_json::from_str::<Dataset>(r#"{"fields": []}"#).is_err());
    }

    #[test]
    fn fields_keep_what_is_published() {
        let dataset: Dataset = serde_json::from_str(
            r#"{"dataset_id": "x", "has_records": false, "fields": [
                {"name": "brut", "label": "BRUT ", "type": "double",
                 "annotations": {"sortable": [], "unit": ["€"], "id": null}},
                {"name": "place", "type": "hologram", "label": null, "annotations": null}],
                "metas": {"default": {"title": "T", "records_count": 3, "license": null,
                "data_processed": "2025-07-08T13:47:55+00:00", "publisher": 7}, "dcat": null}}"#,
        )
        .unwrap();
        assert!(!dataset.has_records);
        let brut = dataset.field("brut").unwrap();
        assert_eq!(brut.label, "BRUT ");
        assert_eq!(brut.field_type, FieldType::Double);
        assert!(brut.is_annotated("unit") && brut.is_annotated("sortable"));
        assert!(!brut.is_annotated("id") && !brut.is_annotated("facet"));
        let place = dataset.field("place").unwrap();
        assert_eq!(place.field_type, FieldType::Unknown("hologram".into()));
        assert_eq!(dataset.title(), Some("T"));
        assert_eq!(dataset.records_count(), Some(3));
        assert_eq!(dataset.data_processed(), Some("2025-07-08T13:47:55+00:00"));
        assert_eq!((dataset.license(), dataset.publisher()), (None, None));
        assert_eq!(dataset.meta("dcat", "creator"), None);
    }

    #[test]
    fn a_description_that_no_dataset_has_is_refused_with_what_is_too_long() {
        let described = |changed: &dyn Fn(&mut Value)| {
            let mut value = serde_json::json!({"dataset_id": "x", "fields": [{"name": "a"}],
                "metas": {"default": {"title": "é".repeat(MAX_TEXT_CHARS)}}});
            changed(&mut value);
            serde_json::from_value::<Dataset>(value).unwrap().check()
        };
        described(&|_| {}).unwrap();
        let long = || Value::from("é".repeat(3000));
        let metas =
            |name: &'static str| move |value: &mut Value| value["metas"]["default"][name] = long();
        let field = |name: &'static str| move |value: &mut Value| value["fields"][0][name] = long();
        for (error, words) in [
            (described(&metas("title")), "its title has 3000 characters"),
            (described(&metas("publisher")), "its publisher has"),
            (described(&metas("license")), "its license has"),
            (described(&metas("license_url")), "its license_url has"),
            (
                described(&metas("data_processed")),
                "its data_processed has",
            ),
            (described(&field("name")), "the name of its field 1 has"),
            (described(&field("label")), "the label of its field 1 has"),
            (described(&field("type")), "the type of its field 1 has"),
        ] {
            let error = error.unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(
                error.starts_with("the description of the dataset x"),
                "{error}"
            );
            assert!(error.len() < 300, "{error}");
        }
        let fields: Vec<String> = (0..50_000)
            .map(|n| format!("{{\"name\":\"f{n}\"}}"))
            .collect();
        let text = format!("{{\"dataset_id\":\"x\",\"fields\":[{}]}}", fields.join(","));
        let dataset: Dataset = serde_json::from_str(&text).unwrap();
        assert_eq!(dataset.fields.len(), MAX_FIELDS + 1);
        let error = dataset.check().unwrap_err().to_string();
        assert!(error.contains("more than 2000 fields"), "{error}");
    }

    #[test]
    fn the_vendors_own_example_is_read() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data/ods-explore-v2.1-openapi.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            return;
        };
        let document: Value = serde_json::from_str(&text).unwrap();
        let example = &document["components"]["examples"]["dataset-v2.1"]["value"];
        let dataset: Dataset = serde_json::from_value(example.clone()).unwrap();
        assert_eq!(dataset.records_count(), Some(137_611));
        assert_eq!(dataset.license(), Some("CC BY 4.0"));
        assert!(
            dataset
                .field("alternate_names")
                .unwrap()
                .is_annotated("multivalued")
        );
        assert_eq!(dataset.fields.len(), 20);
    }
}

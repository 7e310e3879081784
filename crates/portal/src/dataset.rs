//! The description of a dataset: fields and metadata.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

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
    #[serde(default, deserialize_with = "empty_when_null")]
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

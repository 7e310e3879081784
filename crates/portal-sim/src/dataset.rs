//! A dataset's description and its records, numbers kept as text.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::Error;
use crate::many_bodies::ManyBodies;
use crate::national::Table;
use crate::row::Row;

/// A dataset to serve.
#[derive(Clone, Debug)]
pub struct SimDataset {
    pub(crate) id: String,
    pub(crate) description: Map<String, Value>,
    pub(crate) rows: Vec<Row>,
    /// The records instead, where they are those of many bodies.
    pub(crate) many: Option<ManyBodies>,
    /// The records instead, where they are those of the national edition.
    pub(crate) national: Option<Table>,
}

impl SimDataset {
    /// Reads a description, the body of `/catalog/datasets/{id}`, and records, one JSON object a
    /// line. A description that does not announce a number of records gets one.
    pub fn from_texts(description: &str, records: &str) -> Result<Self, Error> {
        Self::read("a dataset", description, records)
    }

    /// A dataset made of columns, each a name and a type, and of records, each a JSON object.
    pub fn new<'a>(
        id: &str,
        columns: &[(&str, &str)],
        records: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, Error> {
        let fields: Vec<Value> = columns
            .iter()
            .map(|(name, kind)| {
                json!({"name": name, "label": name, "description": null, "type": kind,
                    "annotations": {}})
            })
            .collect();
        let description = json!({
            "dataset_id": id,
            "dataset_uid": format!("da_{id}"),
            "has_records": true,
            "data_visible": true,
            "features": ["analyze"],
            "attachments": [],
            "fields": fields,
            "metas": {"default": {
                "title": id,
                "publisher": "Centime",
                "data_processed": "2025-01-01T00:00:00+00:00",
                "metadata_processed": "2025-01-01T00:00:00.000000+00:00",
                "modified": "2025-01-01T00:00:00+00:00",
            }},
        });
        let records: Vec<&str> = records.into_iter().collect();
        Self::read(id, &description.to_string(), &records.join("\n"))
    }

    /// A dataset of the national edition.
    pub(crate) fn of_table(table: Table) -> Self {
        Self {
            id: table.id.clone(),
            description: table.description(),
            rows: Vec::new(),
            many: None,
            national: Some(table),
        }
    }

    /// Reads `dataset.json` and `records.jsonl` in a folder.
    pub(crate) fn from_dir(folder: &Path) -> Result<Self, Error> {
        let read = |name: &str| {
            let path = folder.join(name);
            fs::read_to_string(&path).map_err(|source| Error::Read { path, source })
        };
        let name = folder.display().to_string();
        Self::read(&name, &read("dataset.json")?, &read("records.jsonl")?)
    }

    /// The same statement for many public bodies. `year` and `amount` name its fields.
    pub(crate) fn with_many_bodies(mut self, count: u32, year: &str, amount: &str) -> Self {
        let mut rows = std::mem::take(&mut self.rows);
        let year_of = |row: &Row| row.get(year).map(|value| value.get().to_owned());
        rows.sort_by_key(year_of);
        let many = ManyBodies::new(&rows, count, amount);
        let records = many.len();
        let field = |name: &str, label: &str| {
            json!({"name": name, "label": label, "description": null, "type": "text",
                "annotations": {"facet": [], "sortable": []}})
        };
        if let Some(Value::Array(fields)) = self.description.get_mut("fields") {
            fields.insert(0, field("siren", "Numéro SIREN"));
            fields.insert(1, field("lbudg", "Libellé du budget"));
        }
        if let Some(metas) = default_metas(&mut self.description) {
            metas.insert("records_count".to_owned(), records.into());
        }
        self.many = Some(many);
        self
    }

    fn read(name: &str, description: &str, records: &str) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Description {
            id: name.to_owned(),
            reason,
        };
        let mut description: Map<String, Value> =
            serde_json::from_str(description).map_err(|error| unusable(error.to_string()))?;
        let id = match description.get("dataset_id").and_then(Value::as_str) {
            Some(id) if !id.is_empty() => id.to_owned(),
            _ => return Err(unusable("it has no dataset_id".to_owned())),
        };
        let named = |field: &Value| field.get("name").is_some_and(Value::is_string);
        match description.get("fields").and_then(Value::as_array) {
            Some(fields) if fields.iter().all(named) => {}
            _ => return Err(unusable("it has no list of named fields".to_owned())),
        }
        let mut rows = Vec::new();
        for (line, text) in (1..).zip(records.trim_start_matches('\u{feff}').lines()) {
            if text.trim().is_empty() {
                continue;
            }
            rows.push(serde_json::from_str(text).map_err(|error| Error::Record {
                id: id.clone(),
                line,
                reason: error.to_string(),
            })?);
        }
        let metas = default_metas(&mut description)
            .ok_or_else(|| unusable("its metas are not objects".to_owned()))?;
        metas
            .entry("records_count")
            .or_insert_with(|| rows.len().into());
        Ok(Self {
            id,
            description,
            rows,
            many: None,
            national: None,
        })
    }
}

/// The default metadata of a description, made when missing.
pub(crate) fn default_metas(
    description: &mut Map<String, Value>,
) -> Option<&mut Map<String, Value>> {
    description
        .entry("metas")
        .or_insert_with(|| json!({}))
        .as_object_mut()?
        .entry("default")
        .or_insert_with(|| json!({}))
        .as_object_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_records_is_announced_unless_it_was() {
        let dataset = SimDataset::new("x", &[("a", "int")], [r#"{"a": 1}"#, "", r#"{"a": 2}"#]);
        let dataset = dataset.unwrap();
        assert_eq!(dataset.rows.len(), 2);
        assert_eq!(dataset.description["metas"]["default"]["records_count"], 2);
        let said =
            r#"{"dataset_id": "x", "fields": [], "metas": {"default": {"records_count": 9}}}"#;
        let dataset = SimDataset::from_texts(said, "").unwrap();
        assert_eq!(dataset.description["metas"]["default"]["records_count"], 9);
    }

    #[test]
    fn what_cannot_be_served_is_refused_by_name_and_line() {
        for description in [
            "[]",
            "{}",
            r#"{"dataset_id": "x"}"#,
            r#"{"dataset_id": "x", "fields": [{}]}"#,
            r#"{"dataset_id": "x", "fields": [], "metas": 7}"#,
        ] {
            let error = SimDataset::from_texts(description, "").unwrap_err();
            assert!(matches!(error, Error::Description { .. }), "{error}");
        }
        let error = SimDataset::new("x", &[], ["{}", "[1]"]).unwrap_err();
        assert!(
            error.to_string().starts_with("line 2 of the records of x"),
            "{error}"
        );
    }
}

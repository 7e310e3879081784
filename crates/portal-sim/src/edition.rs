//! A dataset as published for one request, faults of content included.

use std::borrow::Cow;

use serde_json::value::{RawValue, to_raw_value};
use serde_json::{Map, Value, json};

use crate::Fault;
use crate::dataset::{SimDataset, default_metas};
use crate::fault::Faults;
use crate::national::Table;
use crate::row::Row;

/// How many records too many `wrong-count` announces.
const WRONG_COUNT_EXCESS: u64 = 7;
/// How many records `stale-count` does not know of yet.
const STALE_COUNT_DELAY: u64 = 3;
/// How long the publisher's name of `huge-metadata` is.
const HUGE: usize = 1_000_000;
/// How many fields `many-fields` adds.
const MANY_FIELDS: usize = 5000;
/// One amount in so many is garbage.
const GARBAGE_EACH: usize = 3;

/// A dataset as one request sees it.
#[derive(Debug)]
pub(crate) struct Edition<'a> {
    dataset: &'a SimDataset,
    version: u64,
    renamed: Option<(String, String)>,
    extra: bool,
    garbage: Option<String>,
    empty: bool,
    announced: Announced,
    oversized: Oversized,
}

/// What of a description is larger than any portal publishes.
#[derive(Clone, Copy, Debug)]
struct Oversized {
    texts: bool,
    fields: bool,
}

/// How many records are announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announced {
    Right,
    TooMany,
    TooFewInMetadata,
}

impl<'a> Edition<'a> {
    /// The edition that the faults make of a dataset published so many times since the start.
    pub(crate) fn new(dataset: &'a SimDataset, version: u64, faults: &Faults) -> Self {
        let amount = amount_field(&dataset.description);
        let schema = faults.strikes(Fault::Schema);
        let garbage = faults.strikes(Fault::Garbage);
        let announced = if faults.strikes(Fault::WrongCount) {
            Announced::TooMany
        } else if faults.strikes(Fault::StaleCount) {
            Announced::TooFewInMetadata
        } else {
            Announced::Right
        };
        Self {
            dataset,
            version,
            renamed: amount
                .filter(|_| schema)
                .map(|name| (name.to_owned(), format!("{name}_v2"))),
            extra: faults.strikes(Fault::ExtraField),
            garbage: amount.filter(|_| garbage).map(str::to_owned),
            empty: faults.strikes(Fault::Empty),
            announced,
            oversized: Oversized {
                texts: faults.strikes(Fault::HugeMetadata),
                fields: faults.strikes(Fault::ManyFields),
            },
        }
    }

    /// The body of `/catalog/datasets/{id}`.
    pub(crate) fn description(&self) -> Value {
        let mut description = self.dataset.description.clone();
        if let Some(Value::Array(fields)) = description.get_mut("fields") {
            if let Some((old, new)) = &self.renamed {
                for field in fields.iter_mut().filter(|field| field["name"] == **old) {
                    field["name"] = new.as_str().into();
                }
            }
            if self.extra {
                fields.push(json!({"name": EXTRA_FIELD, "label": "Observation",
                    "description": null, "type": "text", "annotations": {}}));
            }
            if self.oversized.fields {
                let field = |number| json!({"name": format!("champ_{number}"), "type": "text"});
                fields.extend((0..MANY_FIELDS).map(field));
            }
        }
        let announced = self.announced();
        if let Some(metas) = default_metas(&mut description) {
            if let Some(announced) = announced {
                metas.insert("records_count".to_owned(), announced.into());
            }
            if self.oversized.texts {
                metas.insert("publisher".to_owned(), "x".repeat(HUGE).into());
            }
            if self.version > 0 {
                let (hours, minutes) = (self.version / 60 % 24, self.version % 60);
                let date = format!("2030-01-01T{hours:02}:{minutes:02}:00+00:00");
                metas.insert("data_processed".to_owned(), date.into());
            }
        }
        Value::Object(description)
    }

    /// The number of records in the metadata, when a fault changes it.
    fn announced(&self) -> Option<u64> {
        // Records that are made as they are sent are counted when it is asked for.
        let made = self.dataset.national.as_ref().filter(|_| !self.empty);
        let count = made.map_or(self.rows().len(), Table::len) as u64;
        match self.announced {
            Announced::TooMany => Some(count + WRONG_COUNT_EXCESS),
            Announced::TooFewInMetadata => Some(count.saturating_sub(STALE_COUNT_DELAY)),
            Announced::Right if self.empty || self.version > 0 || made.is_some() => Some(count),
            Announced::Right => None,
        }
    }

    /// The number of records in pages.
    pub(crate) fn total_count(&self) -> u64 {
        let excess = match self.announced {
            Announced::TooMany => WRONG_COUNT_EXCESS,
            Announced::Right | Announced::TooFewInMetadata => 0,
        };
        self.rows().len() as u64 + excess
    }

    /// The records, before the faults that change them one by one. Every other publication has a
    /// record less.
    pub(crate) fn rows(&self) -> &'a [Row] {
        let rows = self.dataset.rows.as_slice();
        if self.empty {
            &[]
        } else if self.version % 2 == 1 {
            rows.get(1..).unwrap_or_default()
        } else {
            rows
        }
    }

    /// A record as this edition publishes it. Its index decides where garbage falls.
    pub(crate) fn publish(&self, row: &'a Row, index: usize) -> Cow<'a, Row> {
        let garbage = self
            .garbage
            .as_ref()
            .filter(|_| index.is_multiple_of(GARBAGE_EACH));
        if self.renamed.is_none() && !self.extra && garbage.is_none() {
            return Cow::Borrowed(row);
        }
        let mut row = row.clone();
        for (name, value) in &mut row.0 {
            if garbage == Some(name) {
                *value = text("n/a");
            }
            if let Some((_, new)) = self.renamed.as_ref().filter(|(old, _)| old == name) {
                name.clone_from(new);
            }
        }
        if self.extra {
            row.0.push((EXTRA_FIELD.to_owned(), text("à vérifier")));
        }
        Cow::Owned(row)
    }

    /// The name of a column in the stored records.
    pub(crate) fn stored_name<'b>(&'b self, published: &'b str) -> &'b str {
        match &self.renamed {
            Some((old, new)) if new == published => old,
            _ => published,
        }
    }
}

const EXTRA_FIELD: &str = "observation";

/// The first column of decimal numbers.
fn amount_field(description: &Map<String, Value>) -> Option<&str> {
    description
        .get("fields")?
        .as_array()?
        .iter()
        .find(|field| field.get("type").is_some_and(|kind| kind == "double"))?
        .get("name")?
        .as_str()
}

fn text(text: &str) -> Box<RawValue> {
    to_raw_value(text).unwrap_or_default()
}

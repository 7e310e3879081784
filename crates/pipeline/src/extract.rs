//! Extract: all records of a dataset into the staged revision, or a reason why not.

use std::collections::{BTreeMap, BTreeSet};

use centime_portal::{Dataset, Portal, Record, Via};
use centime_warehouse::staging::{RawField, RawRecord};
use centime_warehouse::{Staging, Subject};

use crate::hash::ContentHash;
use crate::read::Reader;
use crate::schema::Schema;
use crate::{Error, Problems, Progress};

/// How often a dataset is retrieved from its beginning before giving up.
const ATTEMPTS: u32 = 3;

/// A dataset whose records are all in the staged revision.
#[derive(Debug)]
pub struct Extracted {
    /// What it is about.
    pub subject: Subject,
    /// Its description.
    pub dataset: Dataset,
    /// Which of its fields holds what.
    pub schema: Schema,
    /// How many records it has.
    pub rows: u64,
    /// How many records its description announces, where that is another number although the
    /// portal itself counts as many as came.
    pub stale_count: Option<u64>,
    /// The hash of its records.
    pub hash: String,
    /// The way they were retrieved.
    pub via: Via,
    /// The fields as described, for the record.
    pub fields: Vec<RawField>,
}

/// What a retrieval from the beginning came to.
struct Attempt {
    schema: Schema,
    rows: u64,
    hash: String,
    via: Via,
    problems: Problems,
}

/// Retrieves datasets into a staged revision.
pub struct Extractor<'a> {
    pub portal: &'a Portal,
    pub fields: &'a BTreeMap<&'static str, BTreeMap<String, String>>,
    pub staging: &'a mut Staging,
    pub problems: &'a mut Problems,
    pub progress: &'a dyn Progress,
}

impl Extractor<'_> {
    /// Retrieves all records of a dataset, again from the beginning when the retrieval was cut,
    /// came short, or was overtaken by a new publication.
    pub async fn extract(
        &mut self,
        subject: Subject,
        mut dataset: Dataset,
    ) -> Result<Extracted, Error> {
        let id = dataset.dataset_id.clone();
        for attempt in 1.. {
            let last = attempt == ATTEMPTS;
            let read = match self.read(subject, &dataset).await {
                Err(Error::Source(error)) if error.is_transient() && !last => {
                    self.progress.restarting(&id, &error.to_string());
                    None
                }
                outcome => Some(outcome?),
            };
            let after = self.portal.dataset(&id).await?;
            let overtaken = after.data_processed() != dataset.data_processed();
            dataset = after;
            if let Some(read) = read {
                if overtaken {
                    if last {
                        return Err(Error::Source(
                            centime_portal::Error::ChangedDuringRetrieval {
                                id,
                                reason: "it was published again each time".to_owned(),
                            },
                        ));
                    }
                    self.progress
                        .restarting(&id, "the dataset was published again meanwhile");
                } else {
                    let (announced, stale_count) =
                        announced(self.portal, &dataset, read.rows).await?;
                    if read.rows == announced {
                        self.problems.append(read.problems);
                        return Ok(Extracted {
                            subject,
                            fields: described(&dataset),
                            dataset,
                            schema: read.schema,
                            rows: read.rows,
                            stale_count,
                            hash: read.hash,
                            via: read.via,
                        });
                    }
                    if last {
                        return Err(Error::Incomplete {
                            dataset: id,
                            rows: read.rows,
                            announced,
                            attempts: ATTEMPTS,
                        });
                    }
                    let rows = read.rows;
                    self.progress
                        .restarting(&id, &format!("{rows} of {announced} records came"));
                }
            }
            self.staging.discard(subject).await?;
        }
        unreachable!("the last attempt returns")
    }

    /// One retrieval from beginning to end.
    async fn read(&mut self, subject: Subject, dataset: &Dataset) -> Result<Attempt, Error> {
        let no_names = BTreeMap::new();
        let named = self.fields.get(subject.name()).unwrap_or(&no_names);
        let empty = || Error::Empty {
            dataset: dataset.dataset_id.clone(),
        };
        if !dataset.has_records {
            return Err(empty());
        }
        let mut retrieval = self.portal.retrieve(dataset, Via::Auto).await?;
        let mut problems = Problems::default();
        let mut hash = ContentHash::default();
        let mut schema: Option<Schema> = None;
        let mut unseen = BTreeSet::new();
        let mut present: Vec<String> = Vec::new();
        while let Some(record) = retrieval.next().await? {
            let fields = record.fields()?;
            hash.add(&fields);
            let schema = match &mut schema {
                Some(schema) => schema,
                none => {
                    let found = none.insert(Schema::find(subject, dataset, &fields, named)?);
                    unseen = found.keys().collect();
                    found
                }
            };
            unseen.retain(|key| fields.get(schema.name(key)).is_none());
            if present.is_empty() {
                present = fields.iter().map(|(name, _)| name.to_owned()).collect();
            }
            let number = number(&record);
            let reader = Reader {
                dataset: &dataset.dataset_id,
                record: number,
                fields: &fields,
            };
            if let Some(year) = reader.year(schema, &mut problems) {
                let body = record.json().to_owned();
                self.staging
                    .record(RawRecord {
                        subject,
                        year,
                        record: number,
                        body,
                    })
                    .await?;
            }
        }
        let schema = schema.ok_or_else(empty)?;
        // A record may leave out a field that has no value, but not all records.
        if !unseen.is_empty() {
            return Err(Error::Schema {
                subject,
                dataset: dataset.dataset_id.clone(),
                missing: unseen.into_iter().collect(),
                found: present,
            });
        }
        Ok(Attempt {
            schema,
            rows: retrieval.rows(),
            hash: hash.finish(),
            via: retrieval.via(),
            problems,
        })
    }
}

/// A record's number as the warehouse keeps it. No portal serves as many as a 64-bit number holds.
fn number(record: &Record) -> i64 {
    i64::try_from(record.number()).unwrap_or(i64::MAX)
}

/// How many records there should be. The description of a dataset may be a little behind its
/// records; the portal's own count of them settles it.
async fn announced(
    portal: &Portal,
    dataset: &Dataset,
    rows: u64,
) -> Result<(u64, Option<u64>), Error> {
    let described = dataset.records_count();
    if described == Some(rows) {
        return Ok((rows, None));
    }
    let counted = portal.total_count(&dataset.dataset_id).await?;
    Ok(match (counted, described) {
        (Some(counted), _) => (counted, described.filter(|_| counted == rows)),
        (None, Some(described)) => (described, None),
        // A portal that announces nothing cannot be contradicted.
        (None, None) => (rows, None),
    })
}

fn described(dataset: &Dataset) -> Vec<RawField> {
    let field = |field: &centime_portal::Field| RawField {
        name: field.name.clone(),
        label: field.label.clone(),
        field_type: field.field_type.name().to_owned(),
    };
    dataset.fields.iter().map(field).collect()
}

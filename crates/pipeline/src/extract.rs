//! Extract: all records of a dataset into the staged revision, or a reason why not.

use std::collections::{BTreeMap, BTreeSet};

use centime_accounts::Classifier;
use centime_portal::{Dataset, Portal, Record, Via};
use centime_warehouse::staging::{RawField, RawRecord};
use centime_warehouse::{Staging, Subject};

use crate::ahead::{Ahead, Retrieved};
use crate::audit::Findings;
use crate::gather::Gathering;
use crate::read::{Labels, Read, Reader};
use crate::schema::Schema;
use crate::transform::{Transformer, Understood};
use crate::{BodyName, Error, Problems, Progress};

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
    findings: Findings,
}

/// Retrieves datasets into a staged revision, and understands them on the way.
pub struct Extractor<'a> {
    pub portal: &'a Portal,
    pub fields: &'a BTreeMap<&'static str, BTreeMap<String, String>>,
    pub staging: &'a mut Staging,
    pub findings: &'a mut Findings,
    pub problems: &'a mut Problems,
    /// The body of records that name none.
    pub default: &'a BodyName,
    pub progress: &'a dyn Progress,
}

impl Extractor<'_> {
    /// Retrieves all records of a dataset, again from the beginning when the retrieval was cut,
    /// came short, or was overtaken by a new publication.
    pub async fn extract<T: Understood>(
        &mut self,
        mut dataset: Dataset,
    ) -> Result<Extracted, Error> {
        let id = dataset.dataset_id.clone();
        self.staging.begin_attempt().await?;
        for attempt in 1.. {
            let last = attempt == ATTEMPTS;
            let read = match self.read::<T>(&dataset).await {
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
                        self.findings.append(read.findings);
                        return Ok(Extracted {
                            subject: T::SUBJECT,
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
            self.staging.try_again().await?;
        }
        unreachable!("the last attempt returns")
    }

    /// One retrieval from beginning to end.
    async fn read<T: Understood>(&mut self, dataset: &Dataset) -> Result<Attempt, Error> {
        let subject = T::SUBJECT;
        let no_names = BTreeMap::new();
        let named = self.fields.get(subject.name()).unwrap_or(&no_names);
        let id = dataset.dataset_id.as_str();
        let empty = || Error::Empty {
            dataset: id.to_owned(),
        };
        if !dataset.has_records {
            return Err(empty());
        }
        let described = Schema::described(subject, dataset, named);
        let order = described.as_ref().map(Schema::order).unwrap_or_default();
        let retrieval = self.portal.retrieve(dataset, Via::Auto, &order).await?;
        let mut ahead = Ahead::of(retrieval);
        let mut problems = Problems::default();
        let mut findings = Findings::default();
        let mut schema: Option<Schema> = None;
        let mut unseen = BTreeSet::new();
        let mut present: Vec<String> = Vec::new();
        let mut labels = Labels::default();
        let mut gathering = Gathering::<T>::new(id);
        let mut transformer = Transformer {
            staging: self.staging,
            findings: &mut findings,
            problems: &mut problems,
            default: self.default,
            classifier: Classifier::default(),
        };
        while let Some(records) = ahead.next().await {
            for record in records {
                let fields = record.fields()?;
                let schema = match &mut schema {
                    Some(schema) => schema,
                    none => {
                        let first: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
                        let found = none.insert(Schema::find(subject, dataset, &first, named)?);
                        unseen = found.keys().collect();
                        present = first.into_iter().map(str::to_owned).collect();
                        found
                    }
                };
                unseen.retain(|key| fields.get(schema.name(key)).is_none());
                let number = number(&record);
                let reader = Reader {
                    dataset: id,
                    record: number,
                    fields,
                };
                let read = T::read(&reader, schema, &mut labels, transformer.problems);
                let siren = reader.siren(schema, transformer.problems);
                let name = reader.body_name(schema, transformer.problems);
                let (Some(Read { row, rounded }), Some(siren)) = (read, siren) else {
                    continue;
                };
                let siren = siren.unwrap_or(&self.default.siren);
                if rounded {
                    let year = row.year();
                    let subject = format!("{id} {year}, record {number}");
                    transformer.findings.rounded(subject);
                }
                let raw = RawRecord {
                    siren,
                    subject,
                    record: number,
                    json: record.json(),
                };
                transformer.staging.record(raw).await?;
                gathering.add(siren, name.as_deref(), row)?;
                for group in gathering.ready() {
                    T::store(&mut transformer, id, group).await?;
                }
            }
        }
        let Retrieved { retrieval, hash } = ahead.end().await?;
        for group in gathering.rest() {
            T::store(&mut transformer, id, group).await?;
        }
        let schema = schema.ok_or_else(empty)?;
        // A record may leave out a field that has no value, but not all records.
        if !unseen.is_empty() {
            return Err(Error::Schema {
                subject,
                dataset: id.to_owned(),
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
            findings,
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

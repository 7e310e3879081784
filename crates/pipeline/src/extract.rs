//! Extract: all records of a dataset into the staged revision, or a reason why not.

use std::collections::BTreeSet;
use std::time::Instant;

use centime_accounts::Classifier;
use centime_portal::Dataset;
use centime_warehouse::staging::{RawField, SliceOf};
use centime_warehouse::{RetrievalMethod, Staging, Subject};

use crate::announced::announced;
use crate::assemble::Assembler;
use crate::bodies::Bodies;
use crate::claims::Claims;
use crate::dataset_options::DatasetOptions;
use crate::error::Error;
use crate::fetch::fetch;
use crate::findings::Findings;
use crate::mixed::MixedRows;
use crate::parts::Part;
use crate::prefetch::Retrieved;
use crate::progress::Progress;
use crate::record_error::{RecordError, RecordErrors};
use crate::schema::Schema;
use crate::totals::ControlTotals;
use crate::transform::{TransformRow, Transformer};
use crate::validate::{ReadRow, Validator};

/// How often a dataset is retrieved from its beginning before giving up.
const MAX_ATTEMPTS: u32 = 3;

/// A dataset whose records are all in the staged revision.
#[derive(Debug)]
pub struct Extracted {
    /// What it is about.
    pub subject: Subject,
    /// What the configuration calls its source.
    pub name: Option<String>,
    /// Where it comes from: the address of a portal, or what there is instead.
    pub address: String,
    /// What parts have in common that name bodies in one way.
    pub group: String,
    /// Whether its figures are invented.
    pub sample: bool,
    /// The number of the body of records that name none, and its name.
    pub default: [String; 2],
    /// The number of its first record among those of its subject, and how many numbers it takes.
    pub first_record: i64,
    pub stored: i64,
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
    pub via: RetrievalMethod,
    /// The fields as described, for the record.
    pub fields: Vec<RawField>,
    /// Its public bodies.
    pub bodies: Bodies,
    /// Which of its records were asked for, as a condition in ODSQL.
    pub filter: Option<String>,
    /// How its records were read, where something is set.
    pub reading: Option<String>,
}

/// What a retrieval from the beginning came to.
struct Attempt {
    schema: Schema,
    rows: u64,
    hash: String,
    via: RetrievalMethod,
    errors: RecordErrors,
    findings: Findings,
    bodies: Bodies,
    mixed: Option<MixedRows>,
    claims: Option<Claims>,
}

/// Retrieves datasets into a staged revision, validating and transforming them on the way.
pub struct Extractor<'a> {
    pub staging: &'a mut Staging,
    pub findings: &'a mut Findings,
    pub errors: &'a mut RecordErrors,
    /// Datasets that mix kinds of rows.
    pub mixed: &'a mut Vec<MixedRows>,
    /// How many records of the subject are stored already.
    pub stored: i64,
    /// Whether other datasets may have other years of the same bodies, or say more of them.
    pub is_one_of_several: bool,
    /// The control totals that were extracted before.
    pub totals: &'a ControlTotals,
    pub progress: &'a dyn Progress,
}

impl Extractor<'_> {
    /// Retrieves all records of a dataset, again from the beginning when the retrieval was cut,
    /// came short, or was overtaken by a new publication.
    ///
    /// `statement_bodies` are the bodies of the income statement where this is its balance sheet. Returns what the
    /// dataset has of bodies, too, where others may have more of them.
    pub async fn extract<T: TransformRow + ReadRow>(
        &mut self,
        part: &Part,
        statement_bodies: Option<&Bodies>,
    ) -> Result<(Extracted, Option<Claims>), Error> {
        let reading = &part.reading;
        let mut dataset = part.dataset.clone();
        let filter = reading.filter.as_deref();
        let id = dataset.dataset_id.clone();
        self.progress.dataset(&id);
        let slice = SliceOf::Subject(T::SUBJECT);
        self.staging.begin_slice(slice, self.stored).await?;
        self.staging.begin_attempt().await?;
        let since = Instant::now();
        for attempt in 1.. {
            let last = attempt == MAX_ATTEMPTS;
            let read = match self
                .attempt::<T>(part, &dataset, statement_bodies, since)
                .await
            {
                Err(Error::Source(error)) if error.is_transient() && !last => {
                    self.progress.restarting(&id, &error.to_string());
                    None
                }
                outcome => Some(outcome?),
            };
            let after = part.transport.dataset(&id).await?;
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
                        announced(part.transport.portal(), &dataset, filter, read.rows).await?;
                    if read.rows == announced {
                        self.errors.append(read.errors);
                        self.findings.append(read.findings);
                        self.mixed.extend(read.mixed);
                        let years = i64::try_from(read.schema.years.len()).unwrap_or(1).max(1);
                        let rows = i64::try_from(read.rows).unwrap_or(i64::MAX);
                        let extracted = Extracted {
                            subject: T::SUBJECT,
                            name: part.name.clone(),
                            address: part.transport.address().to_owned(),
                            group: part.group.clone(),
                            sample: part.is_sample(),
                            default: [part.default.siren.clone(), part.default.name.clone()],
                            first_record: self.stored.saturating_add(1),
                            stored: rows.saturating_mul(years),
                            fields: described(&dataset),
                            dataset,
                            schema: read.schema,
                            rows: read.rows,
                            stale_count,
                            hash: read.hash,
                            via: read.via,
                            bodies: read.bodies,
                            filter: reading.filter.clone(),
                            reading: reading.written().map(str::to_owned),
                        };
                        return Ok((extracted, read.claims));
                    }
                    if last {
                        return Err(Error::Incomplete {
                            dataset: id,
                            rows: read.rows,
                            announced,
                            attempts: MAX_ATTEMPTS,
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

    /// One retrieval from beginning to end: records are fetched, validated, and assembled to bodies that are
    /// transformed and staged.
    async fn attempt<T: TransformRow + ReadRow>(
        &mut self,
        part: &Part,
        dataset: &Dataset,
        statement_bodies: Option<&Bodies>,
        since: Instant,
    ) -> Result<Attempt, Error> {
        let subject = T::SUBJECT;
        let (named, reading) = (&part.fields, &part.reading);
        let id = dataset.dataset_id.as_str();
        let empty = || nothing(subject, id, reading);
        if !dataset.has_records {
            return Err(empty());
        }
        let described = Schema::described(subject, dataset, named, reading);
        let mut records =
            fetch(&part.transport, dataset, described.as_ref(), reading, since).await?;
        let mut errors = RecordErrors::default();
        let mut findings = Findings {
            of_forms: part.transport.is_of_forms(),
            ..Findings::default()
        };
        let mut first: Option<FirstRecord> = None;
        let mut unseen = BTreeSet::new();
        let validator = Validator::new(id, reading, statement_bodies, &part.default.siren);
        let mut validator = validator.after(self.stored);
        let mut claims = self.is_one_of_several.then(Claims::default);
        let mut assembler = Assembler::<T>::new(
            id,
            Transformer {
                staging: self.staging,
                findings: &mut findings,
                errors: &mut errors,
                default: &part.default,
                classifier: Classifier::default(),
                mixed: MixedRows::new(subject, id, &[]),
                sample: part.is_sample(),
                claims: claims.as_mut(),
                transport: &part.transport,
                totals: self.totals,
            },
        );
        while let Some(batch) = records.next().await {
            for record in batch {
                let fields = record.fields()?;
                let FirstRecord { schema, .. } = match &mut first {
                    Some(first) => first,
                    none => {
                        let found: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
                        let mut schema = Schema::find(subject, dataset, &found, named, reading)?;
                        if part.transport.is_of_forms() || subject == Subject::Aggregates {
                            // They say where a record is from, or what a body is like, which tells no rows apart that
                            // would be added.
                            schema.extra.clear();
                        }
                        assembler.distinguish_by(&validator.distinguishing(&schema));
                        unseen = schema.keys().collect();
                        none.insert(FirstRecord {
                            schema,
                            names: found.into_iter().map(str::to_owned).collect(),
                        })
                    }
                };
                unseen.retain(|key| fields.get(schema.name(key)).is_none());
                let errors = &mut *assembler.transformer.errors;
                let validated = validator.validate::<T>(&record, fields, schema, errors);
                assembler.add(&record, fields, validated).await?;
            }
        }
        let Retrieved { rows, via, hash } = records.end().await?;
        let (mixed, bodies) = assembler.finish().await?;
        let FirstRecord { schema, names } = first.ok_or_else(empty)?;
        let mixed = Some(mixed).filter(MixedRows::any);
        for (siren, record) in bodies.partly_numbered() {
            errors.add(RecordError {
                dataset: id.to_owned(),
                record,
                field: schema.optional_name("siret").unwrap_or("siren").to_owned(),
                reason: format!(
                    "no SIRET number, while other records of the body {siren} have one"
                ),
                hint: None,
            });
        }
        // A record may leave out a field that has no value, but not all records.
        if !unseen.is_empty() {
            return Err(Error::Schema {
                subject,
                dataset: id.to_owned(),
                missing: unseen.into_iter().collect(),
                found: names,
                hint: None,
            });
        }
        Ok(Attempt {
            schema,
            rows,
            hash: hash.finish(),
            via,
            errors,
            findings,
            bodies,
            mixed,
            claims,
        })
    }
}

/// What follows from the first record.
struct FirstRecord {
    schema: Schema,
    /// The names of its fields.
    names: Vec<String>,
}

/// Why there is nothing to read of a dataset.
fn nothing(subject: Subject, dataset: &str, reading: &DatasetOptions) -> Error {
    let dataset = dataset.to_owned();
    match &reading.filter {
        None => Error::Empty { dataset },
        Some(filter) => Error::NoneChosen {
            subject,
            dataset,
            filter: filter.clone(),
        },
    }
}

/// The fields of a dataset as they are described.
pub fn described(dataset: &Dataset) -> Vec<RawField> {
    let field = |field: &centime_portal::Field| RawField {
        name: field.name.clone(),
        label: field.label.clone(),
        field_type: field.field_type.name().to_owned(),
    };
    dataset.fields.iter().map(field).collect()
}

//! Extract: all records of a dataset into the staged revision, or a reason why not.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use centime_accounts::{Classifier, identifier};
use centime_portal::{Dataset, FieldType, Fields, Portal, Record, Request, Via};
use centime_warehouse::staging::{RawField, RawRecord};
use centime_warehouse::{Staging, Subject};

use crate::ahead::{Ahead, Retrieved};
use crate::audit::Findings;
use crate::error::Hint;
use crate::gather::{About, Gathering};
use crate::mixed::Mixed;
use crate::read::{Labels, Read, Reader};
use crate::reading::Reading;
use crate::repeats::Told;
use crate::schema::Schema;
use crate::transform::{Transformer, Understood};
use crate::{BodyName, Error, Problem, Problems, Progress};

/// The time zone of most French public bodies.
const PARIS: &str = "Europe/Paris";

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
    /// Its public bodies.
    pub bodies: Bodies,
    /// Which of its records were asked for, as a condition in ODSQL.
    pub filter: Option<String>,
    /// How its records were read, where something is set.
    pub reading: Option<String>,
}

/// The public bodies of a dataset, by the numbers they are kept by.
#[derive(Debug, Default)]
pub struct Bodies {
    /// Each with its first record.
    numbers: HashMap<String, i64>,
    /// The budgets of each SIREN number, where there is any.
    budgets: BTreeMap<String, Vec<String>>,
}

impl Bodies {
    fn new(numbers: HashMap<String, i64>) -> Self {
        let mut budgets: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for siret in numbers
            .keys()
            .filter_map(|number| identifier::siret(number))
        {
            let of_body = budgets
                .entry(identifier::siren(siret).to_owned())
                .or_default();
            of_body.push(siret.to_owned());
        }
        Self { numbers, budgets }
    }

    /// The number of the only one.
    fn only(&self) -> Option<&str> {
        let mut numbers = self.numbers.keys();
        numbers
            .next()
            .filter(|_| numbers.next().is_none())
            .map(String::as_str)
    }

    /// Whether budgets are kept together under the SIREN number of their body.
    fn are_merged(&self) -> bool {
        self.budgets.is_empty()
    }

    /// The number that these accounts are kept by; `None` where it could be one of several budgets.
    fn number<'a>(&'a self, number: &'a str) -> Option<&'a str> {
        if self.numbers.contains_key(number) {
            return Some(number);
        }
        match self.budgets.get(number).map(Vec::as_slice) {
            None => Some(number),
            Some([only]) => Some(only),
            Some(_) => None,
        }
    }

    /// Bodies that have some records with the number of a budget and others without, with the first of those.
    fn half_told(&self) -> impl Iterator<Item = (&str, i64)> {
        let siren = self.budgets.keys();
        siren.filter_map(|siren| Some((siren.as_str(), *self.numbers.get(siren)?)))
    }
}

/// What a retrieval from the beginning came to.
struct Attempt {
    schema: Schema,
    rows: u64,
    hash: String,
    via: Via,
    problems: Problems,
    findings: Findings,
    bodies: Bodies,
    mixed: Option<Mixed>,
}

/// Retrieves datasets into a staged revision, and understands them on the way.
pub struct Extractor<'a> {
    pub portal: &'a Portal,
    pub fields: &'a BTreeMap<&'static str, BTreeMap<String, String>>,
    pub readings: &'a BTreeMap<&'static str, Reading>,
    pub staging: &'a mut Staging,
    pub findings: &'a mut Findings,
    pub problems: &'a mut Problems,
    /// Datasets that mix kinds of rows.
    pub mixed: &'a mut Vec<Mixed>,
    /// The body of records that name none.
    pub default: &'a BodyName,
    pub progress: &'a dyn Progress,
}

impl Extractor<'_> {
    /// Retrieves all records of a dataset, again from the beginning when the retrieval was cut,
    /// came short, or was overtaken by a new publication.
    ///
    /// `beside` are the bodies of the income statement where this is its balance sheet.
    pub async fn extract<T: Understood>(
        &mut self,
        mut dataset: Dataset,
        beside: Option<&Bodies>,
    ) -> Result<Extracted, Error> {
        let usual = Reading::default();
        let reading = self.readings.get(T::SUBJECT.name()).unwrap_or(&usual);
        let filter = reading.filter.as_deref();
        let id = dataset.dataset_id.clone();
        self.progress.dataset(&id);
        self.staging.begin_attempt().await?;
        let since = Instant::now();
        for attempt in 1.. {
            let last = attempt == ATTEMPTS;
            let read = match self.read::<T>(&dataset, reading, beside, since).await {
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
                        announced(self.portal, &dataset, filter, read.rows).await?;
                    if read.rows == announced {
                        self.problems.append(read.problems);
                        self.findings.append(read.findings);
                        self.mixed.extend(read.mixed);
                        return Ok(Extracted {
                            subject: T::SUBJECT,
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
    async fn read<T: Understood>(
        &mut self,
        dataset: &Dataset,
        reading: &Reading,
        beside: Option<&Bodies>,
        since: Instant,
    ) -> Result<Attempt, Error> {
        let subject = T::SUBJECT;
        let no_names = BTreeMap::new();
        let named = self.fields.get(subject.name()).unwrap_or(&no_names);
        let id = dataset.dataset_id.as_str();
        let empty = || nothing(subject, id, reading);
        if !dataset.has_records {
            return Err(empty());
        }
        let described = Schema::described(subject, dataset, named, reading);
        let order = described.as_ref().map(Schema::order).unwrap_or_default();
        let request = Request {
            order: &order,
            filter: reading.filter.as_deref(),
            timezone: timezone(dataset, described.as_ref(), reading),
            since: Some(since),
        };
        let retrieval = self.portal.request(dataset, Via::Auto, &request).await?;
        let mut ahead = Ahead::of(retrieval);
        let mut problems = Problems::default();
        let mut findings = Findings::default();
        let mut schema: Option<Schema> = None;
        let mut unseen = BTreeSet::new();
        let mut present: Vec<String> = Vec::new();
        let mut intake = Intake {
            dataset: id,
            reading,
            beside,
            // A balance sheet that names no body is that of the only one.
            default: beside.and_then(Bodies::only).unwrap_or(&self.default.siren),
            transformer: Transformer {
                staging: self.staging,
                findings: &mut findings,
                problems: &mut problems,
                default: self.default,
                classifier: Classifier::default(),
                mixed: Mixed::new(subject, id, &[]),
            },
            gathering: Gathering::<T>::new(id),
            labels: Labels::default(),
            told: Vec::new(),
            in_doubt: BTreeSet::new(),
        };
        while let Some(records) = ahead.next().await {
            for record in records {
                let fields = record.fields()?;
                let schema = match &mut schema {
                    Some(schema) => schema,
                    none => {
                        let first: Vec<&str> = fields.iter().map(|(name, _)| name).collect();
                        let found = Schema::find(subject, dataset, &first, named, reading)?;
                        intake.begin(&found);
                        unseen = found.keys().collect();
                        present = first.into_iter().map(str::to_owned).collect();
                        none.insert(found)
                    }
                };
                unseen.retain(|key| fields.get(schema.name(key)).is_none());
                intake.take(&record, fields, schema).await?;
            }
        }
        let Retrieved { retrieval, hash } = ahead.end().await?;
        let (mixed, bodies) = intake.end().await?;
        let schema = schema.ok_or_else(empty)?;
        let mixed = Some(mixed).filter(Mixed::any);
        for (siren, record) in bodies.half_told() {
            problems.add(Problem {
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
                found: present,
                hint: None,
            });
        }
        Ok(Attempt {
            schema,
            rows: retrieval.rows(),
            hash: hash.finish(),
            via: retrieval.via(),
            problems,
            findings,
            bodies,
            mixed,
        })
    }
}

/// Why there is nothing to read of a dataset.
fn nothing(subject: Subject, dataset: &str, reading: &Reading) -> Error {
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

/// Records of a dataset on their way to be understood.
struct Intake<'a, T> {
    dataset: &'a str,
    reading: &'a Reading,
    /// The bodies of the income statement where this is its balance sheet.
    beside: Option<&'a Bodies>,
    /// The body of records that name none.
    default: &'a str,
    transformer: Transformer<'a>,
    gathering: Gathering<T>,
    labels: Labels,
    /// What the last record says in the fields that may tell rows apart.
    told: Vec<Told>,
    /// Bodies that could be one of several budgets.
    in_doubt: BTreeSet<String>,
}

impl<'a, T: Understood> Intake<'a, T> {
    /// Begins with the fields of the first record.
    fn begin(&mut self, schema: &Schema) {
        let mut telling = schema.telling(&self.reading.ignore);
        if !self.is_merged() {
            telling.retain(|(name, _)| schema.optional_name("siret") != Some(*name));
        }
        self.transformer.mixed = Mixed::new(T::SUBJECT, self.dataset, &telling);
    }

    /// Whether budgets are kept together because the income statement does not tell them apart.
    fn is_merged(&self) -> bool {
        self.beside.is_some_and(Bodies::are_merged)
    }

    /// Reads a record, and understands the bodies that are complete.
    async fn take(
        &mut self,
        record: &Record,
        fields: Fields<'_>,
        schema: &Schema,
    ) -> Result<(), Error> {
        let number = number(record);
        let (dataset, default) = (self.dataset, self.default);
        self.told.clear();
        self.transformer.mixed.told(fields, &mut self.told);
        let mut reader = Reader {
            dataset,
            record: number,
            kept: number,
            fields,
            schema,
            reading: self.reading,
            columns: None,
        };
        let named = reader.number(self.is_merged(), self.transformer.problems);
        let named = named
            .as_ref()
            .map(|named| named.as_deref().unwrap_or(default));
        let siren = named.and_then(|named| self.kept_by(named, number));
        let name = reader.body_name(self.transformer.problems);
        let budget = reader.budget();
        let years = schema.years.len();
        for place in 0..years.max(1) {
            reader.columns = schema.years.get(place);
            if reader.columns.is_some() {
                // A record for each year, since a line is found by the number of its record.
                reader.kept = record_of_year(number, years, place);
            }
            let read = T::read(&reader, &mut self.labels, self.transformer.problems);
            let (Some(Read { row, rounded }), Some(siren)) = (read, siren) else {
                continue;
            };
            if rounded {
                let subject = format!("{dataset} {}, record {number}", row.year());
                self.transformer.findings.rounded(subject);
            }
            let raw = RawRecord {
                siren,
                subject: T::SUBJECT,
                record: reader.kept,
                json: record.json(),
            };
            self.transformer.staging.record(raw).await?;
            let about = About {
                name: name.as_deref(),
                budget,
                told: &self.told,
            };
            self.gathering.add(siren, about, row)?;
            for group in self.gathering.ready() {
                T::store(&mut self.transformer, dataset, group).await?;
            }
        }
        Ok(())
    }

    /// The number that accounts of a body are kept by; `None` where it could be one of several budgets, which is
    /// a problem.
    fn kept_by<'n>(&mut self, named: &'n str, record: i64) -> Option<&'n str>
    where
        'a: 'n,
    {
        let Some(bodies) = self.beside else {
            return Some(named);
        };
        let number = bodies.number(named);
        if number.is_none() && self.in_doubt.insert(named.to_owned()) {
            self.transformer.problems.add(Problem {
                dataset: self.dataset.to_owned(),
                record,
                field: "siret".to_owned(),
                reason: format!(
                    "the income statement has several budgets of the body {named}, and this says of none"
                ),
                hint: Some(Hint::Budget),
            });
        }
        number
    }

    /// Understands the bodies that are left: what mixes rows, and all bodies.
    async fn end(mut self) -> Result<(Mixed, Bodies), Error> {
        for group in self.gathering.rest() {
            T::store(&mut self.transformer, self.dataset, group).await?;
        }
        let bodies = Bodies::new(self.gathering.into_bodies());
        Ok((self.transformer.mixed, bodies))
    }
}

/// A record's number as the warehouse keeps it. No portal serves as many as a 64-bit number holds.
fn number(record: &Record) -> i64 {
    i64::try_from(record.number()).unwrap_or(i64::MAX)
}

/// The number of the record of one of several years that a record of the portal holds.
fn record_of_year(record: i64, years: usize, place: usize) -> i64 {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let before = record.saturating_sub(1).saturating_mul(number(years));
    before.saturating_add(number(place)).saturating_add(1)
}

/// How many records there should be. The description of a dataset may be a little behind its
/// records; the portal's own count of them settles it.
async fn announced(
    portal: &Portal,
    dataset: &Dataset,
    filter: Option<&str>,
    rows: u64,
) -> Result<(u64, Option<u64>), Error> {
    // The description counts all records, whatever is asked for.
    let described = dataset.records_count().filter(|_| filter.is_none());
    if described == Some(rows) {
        return Ok((rows, None));
    }
    let counted = portal.count(&dataset.dataset_id, filter).await?;
    Ok(match (counted, described) {
        (Some(counted), _) => (counted, described.filter(|_| counted == rows)),
        (None, Some(described)) => (described, None),
        // A portal that announces nothing cannot be contradicted.
        (None, None) => (rows, None),
    })
}

/// The time zone in which moments are asked for: the one that is set, or that of Paris where the year is a moment.
/// In universal time the first of January of Paris is in the year before.
fn timezone<'a>(
    dataset: &Dataset,
    schema: Option<&Schema>,
    reading: &'a Reading,
) -> Option<&'a str> {
    let is_moment = || {
        let name = schema?.optional_name("fiscal_year")?;
        let field = dataset.field(name)?;
        (field.field_type == FieldType::DateTime).then_some(PARIS)
    };
    reading.timezone.as_deref().or_else(is_moment)
}

fn described(dataset: &Dataset) -> Vec<RawField> {
    let field = |field: &centime_portal::Field| RawField {
        name: field.name.clone(),
        label: field.label.clone(),
        field_type: field.field_type.name().to_owned(),
    };
    dataset.fields.iter().map(field).collect()
}

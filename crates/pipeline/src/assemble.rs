//! Rows assembled to public bodies, which are transformed and staged as soon as they are complete.

use centime_portal::{Fields, Record};
use centime_warehouse::staging::RawRecord;

use crate::bodies::Bodies;
use crate::error::Error;
use crate::gather::{BodyGatherer, RecordInfo};
use crate::mixed::MixedRows;
use crate::repeats::{FieldKind, ValueHash};
use crate::transform::{TransformRow, Transformer};
use crate::validate::{ParsedRow, Validated, record_number};

/// Assembles the rows of a dataset to public bodies.
pub struct Assembler<'a, T> {
    dataset: &'a str,
    /// What complete bodies are handed to.
    pub transformer: Transformer<'a>,
    gatherer: BodyGatherer<T>,
    /// The hashes of the last record's values in the fields that may tell rows apart.
    hashes: Vec<ValueHash>,
}

impl<'a, T: TransformRow> Assembler<'a, T> {
    pub fn new(dataset: &'a str, transformer: Transformer<'a>) -> Self {
        Self {
            dataset,
            transformer,
            gatherer: BodyGatherer::new(dataset),
            hashes: Vec::new(),
        }
    }

    /// Sets the fields that may tell rows apart that are otherwise equal.
    pub fn distinguish_by(&mut self, fields: &[(&str, FieldKind)]) {
        self.transformer.mixed = MixedRows::new(T::SUBJECT, self.dataset, fields);
    }

    /// Stages a record, adds its rows to those of its body, and transforms the bodies that are complete.
    pub async fn add(
        &mut self,
        record: &Record,
        fields: Fields<'_>,
        validated: Validated<'_, T>,
    ) -> Result<(), Error> {
        self.hashes.clear();
        self.transformer.mixed.hash_values(fields, &mut self.hashes);
        let Validated {
            siren: Some(siren),
            name,
            budget,
            profile,
            rows,
        } = validated
        else {
            return Ok(());
        };
        for ParsedRow { row, rounded } in rows {
            if rounded {
                let number = record_number(record);
                let subject = format!("{} {}, record {number}", self.dataset, row.year());
                self.transformer.findings.rounded(subject);
            }
            let raw = RawRecord {
                siren: &siren,
                subject: T::SUBJECT,
                record: row.record(),
                json: record.json(),
            };
            self.transformer.staging.record(raw).await?;
            let info = RecordInfo {
                name: name.as_deref(),
                budget,
                profile,
                hashes: &self.hashes,
            };
            self.gatherer.add(&siren, info, row)?;
            for group in self.gatherer.ready() {
                T::store(&mut self.transformer, self.dataset, group).await?;
            }
        }
        Ok(())
    }

    /// Transforms the bodies that are left. Returns the rows that are mixed, and all bodies.
    pub async fn finish(mut self) -> Result<(MixedRows, Bodies), Error> {
        for group in self.gatherer.rest() {
            T::store(&mut self.transformer, self.dataset, group).await?;
        }
        let bodies = Bodies::new(self.gatherer.into_bodies());
        Ok((self.transformer.mixed, bodies))
    }
}

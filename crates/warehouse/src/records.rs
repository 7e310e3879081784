//! Reading the records of a revision as they came, all of a subject.

use crate::block;
use crate::engine::Query;
use crate::revision::Subject;
use crate::{Result, Warehouse};

impl Warehouse {
    /// The JSON texts of all records of a subject in a revision, byte for byte: body by body, each in the order in
    /// which they came.
    pub async fn records(&self, revision: i64, subject: Subject) -> Result<Vec<String>> {
        let select = Query::new(
            "SELECT json FROM raw.record_block WHERE revision_id = $1 AND subject = $2
             ORDER BY siren, first_record",
        )
        .bind(revision)
        .bind(subject.name());
        self.texts(select).await
    }

    /// The numbers of the bodies that have records of a subject in a revision, in order.
    pub async fn recorded_bodies(&self, revision: i64, subject: Subject) -> Result<Vec<String>> {
        let select = Query::new(
            "SELECT DISTINCT siren FROM raw.record_block WHERE revision_id = $1 AND subject = $2
             ORDER BY siren",
        )
        .bind(revision)
        .bind(subject.name());
        let found: sqlx::Result<Vec<(String,)>> = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(found.into_iter().map(|(siren,)| siren).collect())
    }

    /// The JSON texts of all records of a body, in the order in which they came.
    pub async fn records_of(
        &self,
        revision: i64,
        subject: Subject,
        siren: &str,
    ) -> Result<Vec<String>> {
        let select = Query::new(
            "SELECT json FROM raw.record_block WHERE revision_id = $1 AND subject = $2 AND siren = $3
             ORDER BY first_record",
        )
        .bind(revision)
        .bind(subject.name())
        .bind(siren);
        self.texts(select).await
    }

    async fn texts(&self, select: Query) -> Result<Vec<String>> {
        let blocks: sqlx::Result<Vec<(String,)>> = self.engine.all(select).await;
        let blocks = blocks.map_err(|error| self.failed(error))?;
        let mut records = Vec::new();
        for (json,) in blocks {
            let texts = block::texts(&json).map_err(|error| self.failed(error))?;
            records.extend(texts.into_iter().map(str::to_owned));
        }
        Ok(records)
    }
}

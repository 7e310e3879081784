//! The slices that a revision is made of.

use sqlx::FromRow;

use super::Staging;
use crate::Result;
use crate::cluster::is_distributed;
use crate::engine::Query;
use crate::revision::Subject;

/// What a slice is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SliceOf {
    /// What one source says of a subject.
    Subject(Subject),
    /// What follows from several sources together: what official documents say besides their statements, inhabitants,
    /// and the places of control totals.
    Several,
}

impl SliceOf {
    fn subject(self) -> Option<&'static str> {
        match self {
            Self::Subject(subject) => Some(subject.name()),
            Self::Several => None,
        }
    }
}

/// A slice that is written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    pub number: i64,
    pub of: SliceOf,
    /// What is added to the numbers that records have in the slice.
    pub shift: i64,
}

/// A slice that is kept of before.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct KeptSlice {
    /// Its number.
    #[sqlx(rename = "slice_id")]
    pub number: i64,
    /// What was found when it was written: as it was given to [`Staging::keep_slice`].
    pub found: String,
}

/// How many items a slice may have: their numbers are those of no other slice.
const ITEMS: i64 = 1 << 32;

impl Staging {
    /// Begins a slice: what is added from here on is of it. `before` is how many records its subject has in slices before
    /// it: records are given with their numbers in the revision, and kept with those in the slice.
    pub async fn begin_slice(&mut self, of: SliceOf, before: i64) -> Result<()> {
        self.flush().await?;
        let begun = self.try_begin_slice(of, before).await;
        begun.map_err(|error| self.failed(error))
    }

    async fn try_begin_slice(&mut self, of: SliceOf, before: i64) -> sqlx::Result<()> {
        let insert = Query::new("INSERT INTO ops.slice (subject) VALUES ($1) RETURNING slice_id")
            .bind(of.subject());
        let engine = &self.warehouse.engine;
        let number = if engine.is_postgres() {
            if !self.slices.is_empty() && is_distributed(engine).await? {
                // To make tables Citus locks the indexes of those beside them, which are being written.
                self.writers.begin_again().await?;
            }
            // Its tables are there for the connections that fill them once they are committed.
            let mut transaction = engine.begin_across_servers().await?;
            let (number,): (i64,) = transaction.one(insert).await?;
            let tables = of.tables().iter().map(|target| target.table);
            let tables: Vec<&str> = tables.collect();
            let create = Query::new("SELECT ops.create_slice($1, string_to_array($2, ' '))")
                .bind(number)
                .bind(tables.join(" "));
            transaction.execute(create).await?;
            transaction.execute(self.name(number, before)).await?;
            transaction.commit().await?;
            number
        } else {
            let transaction = self.writers.transaction().await?;
            let (number,): (i64,) = transaction.one(insert).await?;
            let name = self.name(number, before);
            self.writers.transaction().await?.execute(name).await?;
            number
        };
        self.slices.push(Slice {
            number,
            of,
            shift: before,
        });
        for bulk in self.tables.all() {
            bulk.begin_slice(number);
        }
        self.items.clear();
        self.last_item = number * ITEMS;
        self.account_items.begin_after(number * ITEMS);
        Ok(())
    }

    /// Lets later revisions name the slice that was begun last, by what it follows from: everything that its rows depend
    /// on. `found` is what is to be known of it then.
    pub async fn keep_slice(&mut self, follows_from: &str, found: &str) -> Result<()> {
        let Some(slice) = self.slices.last().copied() else {
            return Ok(());
        };
        self.flush().await?;
        let note =
            Query::new("UPDATE ops.slice SET follows_from = $2, found = $3 WHERE slice_id = $1")
                .bind(slice.number)
                .bind(follows_from)
                .bind(found);
        let noted = async { self.writers.transaction().await?.execute(note).await };
        noted.await.map(drop).map_err(|error| self.failed(error))
    }

    /// The slice of another revision that follows from the same; `None` where none is kept.
    pub async fn kept_slice(&mut self, follows_from: &str) -> Result<Option<KeptSlice>> {
        let select = Query::new(
            "SELECT slice_id, found FROM ops.slice
             WHERE follows_from = $1 AND slice_id NOT IN (
                 SELECT slice_id FROM core.revision_slice WHERE revision_id = $2)
             ORDER BY slice_id LIMIT 1",
        )
        .bind(follows_from)
        .bind(self.revision);
        let find = async { self.writers.transaction().await?.all(select).await };
        let found: Vec<KeptSlice> = find.await.map_err(|error| self.failed(error))?;
        Ok(found.into_iter().next())
    }

    /// Names a slice that is kept: what it has is in this revision, too. `before` is as for [`Staging::begin_slice`].
    pub async fn name_slice(&mut self, number: i64, before: i64) -> Result<()> {
        let name = self.name(number, before);
        let named = async { self.writers.transaction().await?.execute(name).await };
        named.await.map(drop).map_err(|error| self.failed(error))
    }

    fn name(&self, number: i64, shift: i64) -> Query {
        Query::new(
            "INSERT INTO core.revision_slice (revision_id, slice_id, shift) VALUES ($1, $2, $3)",
        )
        .bind(self.revision)
        .bind(number)
        .bind(shift)
    }

    /// The number of a record in the slice that is written, by its number in the revision.
    pub(super) fn in_slice(&self, record: i64) -> i64 {
        record - self.slices.last().map_or(0, |slice| slice.shift)
    }
}

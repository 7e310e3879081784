//! Writing a revision before it is published.
//!
//! What a source says is a slice, which other revisions may name, too; what is said of a revision as a whole is its own.
//!
//! On SQLite all of it happens in one transaction: until [`Staging::commit`], a crash leaves no data. On
//! PostgreSQL there are steps, which no reader sees before the last: empty tables of the revision and its slices; the
//! lines, in a transaction for each large table; indexes and marts, in one each, several at once. What a run that ends
//! badly leaves is dropped by itself or by the next.

mod accounts;
mod aggregates;
mod rows;
mod said;
mod slice;
mod tables;

use std::collections::HashMap;
use std::sync::Arc;

use centime_accounts::LineItem;

pub use crate::block::RawRecord;
pub use accounts::NewTrialBalance;
pub use aggregates::{NewAggregate, NewControl, NewProfile, NewStanding};
pub use rows::{NewBody, RawField};
pub use slice::{KeptSlice, SliceOf};

use crate::block::Block;
use crate::bulk::Bulk;
use crate::engine::Query;
use crate::fill;
use crate::model::Model;
use crate::own::{self, OwnCheck};
use crate::quality;
use crate::revision::{CheckResult, NewRevision};
use crate::writer::Writers;
use crate::{Error, Result, Warehouse};
use accounts::AccountItems;
use said::Says;
use slice::Slice;
use tables::{ACCOUNT_ITEM, LINE_ITEM, OF_REVISION, OF_SLICES, Tables};

/// A revision being written.
#[derive(Debug)]
pub struct Staging {
    writers: Writers,
    warehouse: Warehouse,
    revision: i64,
    /// The slices that were begun; what is added now is of the last of them.
    slices: Vec<Slice>,
    /// Large, and moved with what is staged.
    tables: Box<Tables>,
    // By the place of the item in memory, which is kept alive beside its number.
    items: HashMap<usize, (Arc<LineItem>, i64)>,
    last_item: i64,
    account_items: AccountItems,
    /// The records that came last.
    block: Option<Block>,
    said: Says,
}

/// Statistics are taken by who owns a table; where the loader does not, the server takes them in its own time.
const ANALYSE_ITEMS: &str = "DO $$ BEGIN
    IF pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'slice.line_item'::regclass), 'USAGE') THEN
        ANALYZE slice.line_item, slice.account_item, core.revision_slice;
    END IF;
END $$";

impl Warehouse {
    /// Begins a revision.
    pub async fn stage(&self, new: &NewRevision) -> Result<Staging> {
        self.try_stage(new)
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_stage(&self, new: &NewRevision) -> sqlx::Result<Staging> {
        let insert = Query::new(
            "INSERT INTO ops.revision
                 (status, created_at, portal, sample, fingerprint, rules_version)
             VALUES ('staged', $1, $2, $3, '', $4) RETURNING revision_id",
        )
        .bind(&new.created_at)
        .bind(&new.portal)
        .bind(new.sample)
        .bind(new.rules_version);
        let mut transaction = self.engine.begin().await?;
        let (revision,): (i64,) = transaction.one(insert).await?;
        let postgres = self.engine.is_postgres();
        if postgres {
            let create = Query::new("SELECT ops.create_partitions($1)").bind(revision);
            transaction.execute(create).await?;
            transaction.commit().await?;
            transaction = self.engine.begin_across_servers().await?;
        }
        Ok(Staging {
            writers: Writers::begin(&self.engine, transaction, &OF_SLICES).await?,
            warehouse: self.clone(),
            revision,
            slices: Vec::new(),
            tables: Box::new(Tables::new(revision, postgres)),
            items: HashMap::new(),
            last_item: 0,
            account_items: AccountItems::default(),
            block: None,
            said: Says::default(),
        })
    }
}

impl Staging {
    /// The number of the revision.
    pub const fn revision(&self) -> i64 {
        self.revision
    }

    fn failed(&self, error: sqlx::Error) -> Error {
        self.warehouse.failed(error)
    }

    /// Remembers this point, to come back to it with [`Staging::try_again`].
    pub async fn begin_attempt(&mut self) -> Result<()> {
        self.flush().await?;
        self.script("SAVEPOINT attempt").await
    }

    /// Forgets everything since [`Staging::begin_attempt`].
    pub async fn try_again(&mut self) -> Result<()> {
        self.block = None;
        for bulk in self.tables.all() {
            bulk.take();
        }
        // Items that were written since are gone; the numbers of those before are not used again.
        self.items.clear();
        self.account_items.forget();
        self.script("ROLLBACK TO SAVEPOINT attempt").await
    }

    /// Writes all that is gathered.
    async fn flush(&mut self) -> Result<()> {
        self.end_block()?;
        self.write(|_| true).await
    }

    /// Writes the batches that are large enough.
    async fn flush_full(&mut self) -> Result<()> {
        self.write(Bulk::is_full).await
    }

    async fn write(&mut self, when: impl Fn(&Bulk) -> bool) -> Result<()> {
        for bulk in self.tables.all().into_iter().filter(|bulk| when(bulk)) {
            if let Some(batch) = bulk.take() {
                let begun = self.writers.write(batch).await;
                begun.map_err(|error| self.warehouse.failed(error))?;
            }
        }
        Ok(())
    }

    /// Runs statements without parameters after what is being written.
    async fn script(&mut self, sql: &str) -> Result<()> {
        let run = self.writers.script(sql).await;
        run.map_err(|error| self.warehouse.failed(error))
    }

    /// Ends the loading: from here on the lines can be read, and nothing can be added.
    pub async fn complete(&mut self) -> Result<()> {
        self.flush().await?;
        self.note_said().await?;
        self.try_complete()
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_complete(&mut self) -> sqlx::Result<()> {
        let engine = &self.warehouse.engine;
        if !engine.is_postgres() {
            let transaction = self.writers.transaction().await?;
            let of_slices = OF_SLICES.into_iter().chain([&LINE_ITEM, &ACCOUNT_ITEM]);
            for target in of_slices.chain(OF_REVISION) {
                fill::take_statistics(transaction, target.table).await?;
            }
            return fill::take_statistics(transaction, "core.revision_slice").await;
        }
        // Other connections see lines and statistics once they are committed.
        self.writers.commit().await?;
        let mut tables: Vec<(&str, i64)> = OF_REVISION
            .map(|target| (target.table, self.revision))
            .to_vec();
        for slice in &self.slices {
            let of = slice.of.tables().iter();
            tables.extend(of.map(|target| (target.table, slice.number)));
        }
        fill::attach_at_once(engine, &tables).await?;
        let mut statistics = engine.begin_across_servers().await?;
        statistics.script(ANALYSE_ITEMS).await?;
        statistics.commit().await
    }

    /// Runs the models of the analyses for this revision.
    pub async fn materialise(&mut self, models: &[Model]) -> Result<()> {
        let engine = &self.warehouse.engine;
        let filled = if engine.is_postgres() {
            fill::fill_at_once(engine, models, self.revision).await
        } else {
            self.materialise_here(models).await
        };
        filled.map_err(|error| self.warehouse.failed(error))
    }

    async fn materialise_here(&mut self, models: &[Model]) -> sqlx::Result<()> {
        let transaction = self.writers.transaction().await?;
        fill::fill(transaction, models, self.revision, false).await
    }

    /// What checks of the operator's own find in this revision.
    pub async fn own_checks(&mut self, checks: &[OwnCheck]) -> Result<Vec<CheckResult>> {
        let mut results = Vec::with_capacity(checks.len());
        for check in checks {
            let find = async {
                let transaction = self.writers.transaction().await?;
                own::check(transaction, check, self.revision).await
            };
            results.push(find.await.map_err(|error| self.warehouse.failed(error))?);
        }
        Ok(results)
    }

    /// Whether anything that was published is lost in this revision.
    pub async fn losses(&mut self, published: i64) -> Result<quality::Losses> {
        let find = async {
            let transaction = self.writers.transaction().await?;
            quality::losses(transaction, published, self.revision).await
        };
        find.await.map_err(|error| self.warehouse.failed(error))
    }

    /// The result of each year of each body, as the models compute it.
    pub async fn results(&mut self) -> Result<Vec<quality::YearResult>> {
        let find = async {
            let transaction = self.writers.transaction().await?;
            quality::results(transaction, self.revision).await
        };
        find.await.map_err(|error| self.warehouse.failed(error))
    }

    /// Keeps the revision, still unseen, under this fingerprint.
    pub async fn commit(mut self, fingerprint: &str) -> Result<i64> {
        let note = Query::new("UPDATE ops.revision SET fingerprint = $2 WHERE revision_id = $1")
            .bind(self.revision)
            .bind(fingerprint);
        let commit = async {
            self.writers.transaction().await?.execute(note).await?;
            self.writers.commit().await?;
            if self.warehouse.engine.is_postgres() {
                let analyse = Query::new("SELECT ops.analyse_partitions($1)").bind(self.revision);
                let mut transaction = self.warehouse.engine.begin().await?;
                transaction.execute(analyse).await?;
                transaction.commit().await?;
            }
            Ok(())
        };
        commit.await.map_err(|error| self.warehouse.failed(error))?;
        Ok(self.revision)
    }

    /// Leaves no trace of the revision.
    pub async fn abandon(self) -> Result<()> {
        let rolled_back = self.writers.rollback().await;
        let rolled_back = rolled_back.map_err(|error| self.warehouse.failed(error));
        if self.warehouse.engine.is_postgres() {
            let dropped = self.warehouse.drop_revision(self.revision).await;
            return rolled_back.and(dropped);
        }
        rolled_back
    }
}

//! Writing a revision that nobody sees yet.
//!
//! On SQLite all of it happens in one transaction: until [`Staging::commit`], a crash leaves no data. On
//! PostgreSQL there are steps, which nobody sees before the last: empty tables of the revision; the lines, in
//! a transaction for each large table; indexes and marts, in one each, several at once. What a run that ends
//! badly leaves is dropped by itself or by the next.

use std::collections::HashMap;
use std::sync::Arc;

use centime_accounts::label::normalise;
use centime_accounts::{BalanceSheet, Budget, Centimes, FiscalYear, LineItem, YearStatement};

use crate::block::Block;
use crate::bulk::{Bulk, Target};
use crate::engine::Query;
use crate::fill;
use crate::mart::Model;
use crate::own::OwnCheck;
use crate::revision::{CheckResult, Dataset, NewRevision, Subject};
use crate::writer::Writers;
use crate::{Error, Result, Warehouse};

/// How many items are remembered; see [`Staging::item`].
const REMEMBERED: usize = 20_000;

/// A revision being written.
#[derive(Debug)]
pub struct Staging {
    writers: Writers,
    warehouse: Warehouse,
    revision: i64,
    tables: Tables,
    // By the place of the item in memory, which is kept alive beside its number.
    items: HashMap<usize, (Arc<LineItem>, i64)>,
    last_item: i64,
    /// The records that came last.
    block: Option<Block>,
}

/// The rows on their way to each table.
#[derive(Debug)]
struct Tables {
    record_block: Bulk,
    body: Bulk,
    line_item: Bulk,
    line: Bulk,
    parent_check: Bulk,
    balance_line: Bulk,
    balance_shift: Bulk,
    series_break: Bulk,
}

/// Statistics are taken by who owns a table; where the loader does not, the server takes them in its own time.
const ANALYSE_ITEMS: &str = "DO $$ BEGIN
    IF pg_has_role((SELECT relowner FROM pg_class WHERE oid = 'core.line_item'::regclass), 'USAGE') THEN
        ANALYZE core.line_item;
    END IF;
END $$";

const RECORD_BLOCK: Target = Target {
    table: "raw.record_block",
    columns: &["siren", "subject", "first_record", "records", "json"],
    partitioned: true,
    large: true,
};
const BODY: Target = Target {
    table: "core.body",
    columns: &[
        "siren",
        "name",
        "search_text",
        "first_year",
        "last_year",
        "lines",
        "budget",
    ],
    partitioned: true,
    large: false,
};
const LINE_ITEM: Target = Target {
    table: "core.line_item",
    columns: &[
        "item_id",
        "nomenclature",
        "side",
        "activity",
        "block",
        "category",
        "code",
        "label",
        "published_category",
        "published_label",
        "matched",
        "role",
        "parent",
        "harmonised",
        "exceptional_successor",
        "asset_income",
        "position",
        "search_text",
    ],
    partitioned: false,
    large: false,
};
const LINE: Target = Target {
    table: "core.line",
    columns: &[
        "siren",
        "fiscal_year",
        "record",
        "item_id",
        "amount",
        "counted",
        "missing",
        "nil",
    ],
    partitioned: true,
    large: true,
};
const PARENT_CHECK: Target = Target {
    table: "core.parent_check",
    columns: &[
        "siren",
        "fiscal_year",
        "block",
        "code",
        "label",
        "role",
        "parent",
        "children",
        "used",
    ],
    partitioned: true,
    large: false,
};
const BALANCE_LINE: Target = Target {
    table: "core.balance_line",
    columns: &[
        "siren",
        "fiscal_year",
        "record",
        "published_year",
        "side",
        "category",
        "label",
        "gross",
        "depreciation",
        "net",
        "kind",
        "counted",
    ],
    partitioned: true,
    large: false,
};
const BALANCE_SHIFT: Target = Target {
    table: "core.balance_shift",
    columns: &["siren", "earlier", "later", "total"],
    partitioned: true,
    large: false,
};
const SERIES_BREAK: Target = Target {
    table: "core.series_break",
    columns: &["siren", "fiscal_year", "kind"],
    partitioned: true,
    large: false,
};

/// The tables that PostgreSQL divides by revision, apart from the marts.
const PARTITIONED: [&Target; 7] = [
    &RECORD_BLOCK,
    &BODY,
    &LINE,
    &PARENT_CHECK,
    &BALANCE_LINE,
    &BALANCE_SHIFT,
    &SERIES_BREAK,
];

impl Tables {
    fn new(revision: i64, postgres: bool) -> Self {
        let bulk = |target| Bulk::new(target, revision, postgres);
        Self {
            record_block: bulk(&RECORD_BLOCK),
            body: bulk(&BODY),
            line_item: bulk(&LINE_ITEM),
            line: bulk(&LINE),
            parent_check: bulk(&PARENT_CHECK),
            balance_line: bulk(&BALANCE_LINE),
            balance_shift: bulk(&BALANCE_SHIFT),
            series_break: bulk(&SERIES_BREAK),
        }
    }

    fn all(&mut self) -> [&mut Bulk; 8] {
        [
            &mut self.record_block,
            &mut self.body,
            &mut self.line_item,
            &mut self.line,
            &mut self.parent_check,
            &mut self.balance_line,
            &mut self.balance_shift,
            &mut self.series_break,
        ]
    }
}

/// A record as the portal sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawRecord<'a> {
    /// The public body.
    pub siren: &'a str,
    /// What it is about.
    pub subject: Subject,
    /// Its number, from 1, in the order received.
    pub record: i64,
    /// Its JSON text.
    pub json: &'a str,
}

/// A field as the portal describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawField {
    /// The name in records.
    pub name: String,
    /// The label for people.
    pub label: String,
    /// The portal's type.
    pub field_type: String,
}

/// A public body and what its income statement spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewBody {
    /// The SIREN number, or the SIRET number of a budget; empty when not known.
    pub siren: String,
    /// The name.
    pub name: String,
    /// What the budget is beside the others; `None` where the source does not say.
    pub budget: Option<Budget>,
    /// The first fiscal year.
    pub first_year: FiscalYear,
    /// The last fiscal year.
    pub last_year: FiscalYear,
    /// How many lines its income statement has.
    pub lines: i64,
}

/// Why a year cannot be compared with the year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreakKind {
    /// Another chart of accounts.
    Nomenclature,
    /// Another public body, as after a merger.
    Perimeter,
}

impl BreakKind {
    /// The name stored in the warehouse.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Nomenclature => "nomenclature",
            Self::Perimeter => "perimeter",
        }
    }
}

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
            writers: Writers::begin(&self.engine, transaction, &PARTITIONED).await?,
            warehouse: self.clone(),
            revision,
            tables: Tables::new(revision, postgres),
            items: HashMap::new(),
            last_item: 0,
            block: None,
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

    /// Adds a record.
    pub async fn record(&mut self, record: RawRecord<'_>) -> Result<()> {
        if let Some(block) = &mut self.block
            && block.add(&record)
        {
            return Ok(());
        }
        self.end_block()?;
        self.block = Some(Block::new(&record));
        self.flush_full().await
    }

    /// Adds the row of the records that came last.
    fn end_block(&mut self) -> Result<()> {
        let Some(block) = self.block.take() else {
            return Ok(());
        };
        let row = self.tables.record_block.row(&[
            block.siren.as_str().into(),
            block.subject.name().into(),
            block.first.into(),
            block.records.into(),
            block.json.as_str().into(),
        ]);
        row.map_err(|error| self.failed(error))
    }

    /// Notes where the records of a subject come from and which fields they have.
    pub async fn dataset(&mut self, dataset: &Dataset, fields: &[RawField]) -> Result<()> {
        let mut queries = vec![
            Query::new(
                "INSERT INTO ops.dataset
                     (revision_id, subject, dataset_id, title, publisher, license, license_url,
                      records, data_processed, modified, retrieved_at, retrieved_via,
                      content_hash, filter, reading)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
            )
            .bind(self.revision)
            .bind(dataset.subject.name())
            .bind(&dataset.dataset_id)
            .bind(&dataset.title)
            .bind(&dataset.publisher)
            .bind(&dataset.license)
            .bind(&dataset.license_url)
            .bind(dataset.records)
            .bind(&dataset.data_processed)
            .bind(&dataset.modified)
            .bind(&dataset.retrieved_at)
            .bind(&dataset.retrieved_via)
            .bind(&dataset.content_hash)
            .bind(&dataset.filter)
            .bind(&dataset.reading),
        ];
        queries.extend((1_i64..).zip(fields).map(|(position, field)| {
            Query::new(
                "INSERT INTO raw.field (revision_id, subject, position, name, label, field_type)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(self.revision)
            .bind(dataset.subject.name())
            .bind(position)
            .bind(&field.name)
            .bind(&field.label)
            .bind(&field.field_type)
        }));
        for query in queries {
            let write = async { self.writers.transaction().await?.execute(query).await };
            write.await.map_err(|error| self.warehouse.failed(error))?;
        }
        Ok(())
    }

    /// Adds a public body, once its statement is complete.
    pub async fn body(&mut self, body: &NewBody) -> Result<()> {
        let search = normalise(&format!("{} {}", body.name, body.siren));
        let row = self.tables.body.row(&[
            body.siren.as_str().into(),
            body.name.as_str().into(),
            search.as_str().into(),
            year_number(body.first_year).into(),
            year_number(body.last_year).into(),
            body.lines.into(),
            body.budget.map(Budget::name).into(),
        ]);
        row.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    /// The number of an item; a new one is written. Of very many items the early ones are
    /// forgotten, and written again under another number when they come back.
    fn item(&mut self, item: &Arc<LineItem>) -> sqlx::Result<i64> {
        let place = Arc::as_ptr(item).addr();
        if let Some((_, number)) = self.items.get(&place) {
            return Ok(*number);
        }
        if self.items.len() >= REMEMBERED {
            self.items.clear();
        }
        self.last_item += 1;
        let number = self.last_item;
        self.items.insert(place, (Arc::clone(item), number));
        let published = &item.published;
        let search = normalise(&format!(
            "{} {} {}",
            item.label, published.label, item.category
        ));
        self.tables.line_item.row(&[
            number.into(),
            item.nomenclature.into(),
            item.side.map(centime_accounts::Side::name).into(),
            item.activity.map(centime_accounts::Activity::name).into(),
            item.block.into(),
            item.category.as_str().into(),
            item.code.into(),
            item.label.as_str().into(),
            published.category.as_str().into(),
            published.label.as_str().into(),
            item.matched.name().into(),
            item.role.name().into(),
            item.parent.into(),
            item.harmonised.into(),
            item.exceptional_successor.into(),
            item.asset_income.into(),
            i64::from(item.position).into(),
            search.as_str().into(),
        ])?;
        Ok(number)
    }

    /// Adds the income statement of a year of a body, and what was found about its parents.
    pub async fn statement(&mut self, siren: &str, statement: &YearStatement) -> Result<()> {
        self.add_statement(siren, statement)
            .map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    fn add_statement(&mut self, siren: &str, statement: &YearStatement) -> sqlx::Result<()> {
        let year = year_number(statement.year);
        for line in &statement.lines {
            let item = self.item(&line.item)?;
            self.tables.line.row(&[
                siren.into(),
                year.into(),
                line.record.into(),
                item.into(),
                line.amount.map(Centimes::get).into(),
                line.counted.into(),
                line.missing.into(),
                line.nil.into(),
            ])?;
        }
        for check in &statement.parents {
            self.tables.parent_check.row(&[
                siren.into(),
                year.into(),
                check.block.into(),
                check.code.into(),
                check.label.into(),
                check.role.name().into(),
                check.parent.map(Centimes::get).into(),
                check.children.map(Centimes::get).into(),
                check.used.name().into(),
            ])?;
        }
        Ok(())
    }

    /// Adds the balance sheet of a body.
    pub async fn balance_sheet(&mut self, siren: &str, sheet: &BalanceSheet) -> Result<()> {
        self.add_balance_sheet(siren, sheet)
            .map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    fn add_balance_sheet(&mut self, siren: &str, sheet: &BalanceSheet) -> sqlx::Result<()> {
        for line in &sheet.lines {
            let side = line.side.map(centime_accounts::balance::BalanceSide::name);
            self.tables.balance_line.row(&[
                siren.into(),
                year_number(line.year).into(),
                line.record.into(),
                year_number(line.published_year).into(),
                side.into(),
                line.category.as_str().into(),
                line.label.as_str().into(),
                line.gross.map(Centimes::get).into(),
                line.depreciation.map(Centimes::get).into(),
                line.net.map(Centimes::get).into(),
                line.kind.name().into(),
                line.counted.into(),
            ])?;
        }
        for shift in &sheet.shifts {
            self.tables.balance_shift.row(&[
                siren.into(),
                year_number(shift.earlier).into(),
                year_number(shift.later).into(),
                shift.total.get().into(),
            ])?;
        }
        Ok(())
    }

    /// Notes that a year of a body cannot be compared with the year before.
    pub async fn series_break(
        &mut self,
        siren: &str,
        year: FiscalYear,
        kind: BreakKind,
    ) -> Result<()> {
        let row = [siren.into(), year_number(year).into(), kind.name().into()];
        let added = self.tables.series_break.row(&row);
        added.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    /// Ends the loading: from here on the lines can be read, and nothing can be added.
    pub async fn complete(&mut self) -> Result<()> {
        self.flush().await?;
        self.try_complete()
            .await
            .map_err(|error| self.failed(error))
    }

    async fn try_complete(&mut self) -> sqlx::Result<()> {
        let engine = &self.warehouse.engine;
        if !engine.is_postgres() {
            let transaction = self.writers.transaction().await?;
            for target in PARTITIONED.into_iter().chain([&LINE_ITEM]) {
                fill::take_statistics(transaction, target.table).await?;
            }
            return Ok(());
        }
        // Other connections see lines and statistics once they are committed.
        self.writers.commit().await?;
        let tables = PARTITIONED.map(|target| target.table);
        fill::attach_at_once(engine, &tables, self.revision).await?;
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
                crate::own::check(transaction, check, self.revision).await
            };
            results.push(find.await.map_err(|error| self.warehouse.failed(error))?);
        }
        Ok(results)
    }

    /// Whether anything that was published is lost in this revision.
    pub async fn losses(&mut self, published: i64) -> Result<crate::quality::Losses> {
        let find = async {
            let transaction = self.writers.transaction().await?;
            crate::quality::losses(transaction, published, self.revision).await
        };
        find.await.map_err(|error| self.warehouse.failed(error))
    }

    /// The result of each year of each body, as the models compute it.
    pub async fn results(&mut self) -> Result<Vec<crate::quality::YearResult>> {
        let find = async {
            let transaction = self.writers.transaction().await?;
            crate::quality::results(transaction, self.revision).await
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

fn year_number(year: FiscalYear) -> i64 {
    i64::from(year.get())
}

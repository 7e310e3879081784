//! Writing a revision that nobody sees yet.
//!
//! All of it happens in one transaction: until [`Staging::commit`], a crash leaves no trace.

use centime_accounts::label::normalise;
use centime_accounts::{BalanceSheet, FiscalYear, YearStatement};
use sqlx::{QueryBuilder, Sqlite, Transaction};

use crate::mart::{self, Basis, Model, Table};
use crate::revision::{Dataset, NewRevision, Subject};
use crate::{Error, Result, Warehouse};

/// Rows written with one statement. A row has at most 24 columns and an engine takes at most
/// 32 766 parameters.
const BATCH: usize = 1000;

/// A revision being written.
#[derive(Debug)]
pub struct Staging {
    transaction: Transaction<'static, Sqlite>,
    warehouse: Warehouse,
    revision: i64,
    pending: Vec<RawRecord>,
}

/// A record as the portal sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    /// What it is about.
    pub subject: Subject,
    /// The fiscal year it is labelled with.
    pub year: FiscalYear,
    /// Its number, from 1, in the order received.
    pub record: i64,
    /// Its JSON text.
    pub body: String,
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
        let mut transaction = self
            .pool
            .begin_with("BEGIN IMMEDIATE")
            .await
            .map_err(|error| self.failed(error))?;
        let revision = sqlx::query_scalar(
            "INSERT INTO ops_revision
                 (status, created_at, portal, sample, body_siren, body_name, fingerprint,
                  rules_version)
             VALUES ('staged', $1, $2, $3, $4, $5, '', $6) RETURNING revision_id",
        )
        .bind(&new.created_at)
        .bind(&new.portal)
        .bind(new.sample)
        .bind(&new.body_siren)
        .bind(&new.body_name)
        .bind(new.rules_version)
        .fetch_one(&mut *transaction)
        .await
        .map_err(|error| self.failed(error))?;
        Ok(Staging {
            transaction,
            warehouse: self.clone(),
            revision,
            pending: Vec::new(),
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

    /// Adds a record; written in batches.
    pub async fn record(&mut self, record: RawRecord) -> Result<()> {
        self.pending.push(record);
        if self.pending.len() >= BATCH {
            self.flush().await
        } else {
            Ok(())
        }
    }

    async fn flush(&mut self) -> Result<()> {
        if self.pending.is_empty() {
            return Ok(());
        }
        let records = std::mem::take(&mut self.pending);
        let mut insert = QueryBuilder::new(
            "INSERT INTO raw_record (revision_id, subject, fiscal_year, record, body) ",
        );
        insert.push_values(records, |mut row, record| {
            row.push_bind(self.revision)
                .push_bind(record.subject.name())
                .push_bind(year_number(record.year))
                .push_bind(record.record)
                .push_bind(record.body);
        });
        let written = insert.build().execute(&mut *self.transaction).await;
        written.map(drop).map_err(|error| self.failed(error))
    }

    /// Forgets the records of a subject, to receive them again.
    pub async fn discard(&mut self, subject: Subject) -> Result<()> {
        self.pending.clear();
        sqlx::query("DELETE FROM raw_record WHERE revision_id = $1 AND subject = $2")
            .bind(self.revision)
            .bind(subject.name())
            .execute(&mut *self.transaction)
            .await
            .map(drop)
            .map_err(|error| self.warehouse.failed(error))
    }

    /// The fiscal years that have records, oldest first.
    pub async fn years(&mut self, subject: Subject) -> Result<Vec<i64>> {
        self.flush().await?;
        sqlx::query_scalar(
            "SELECT DISTINCT fiscal_year FROM raw_record
             WHERE revision_id = $1 AND subject = $2 ORDER BY fiscal_year",
        )
        .bind(self.revision)
        .bind(subject.name())
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(|error| self.warehouse.failed(error))
    }

    /// The numbers and texts of a year's records, in the order received.
    pub async fn records(&mut self, subject: Subject, year: i64) -> Result<Vec<(i64, String)>> {
        self.flush().await?;
        sqlx::query_as(
            "SELECT record, body FROM raw_record
             WHERE revision_id = $1 AND subject = $2 AND fiscal_year = $3 ORDER BY record",
        )
        .bind(self.revision)
        .bind(subject.name())
        .bind(year)
        .fetch_all(&mut *self.transaction)
        .await
        .map_err(|error| self.warehouse.failed(error))
    }

    /// Notes where the records of a subject come from and which fields they have.
    pub async fn dataset(&mut self, dataset: &Dataset, fields: &[RawField]) -> Result<()> {
        sqlx::query(
            "INSERT INTO ops_dataset
                 (revision_id, subject, dataset_id, title, publisher, license, license_url,
                  records, data_processed, modified, retrieved_at, retrieved_via, content_hash)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
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
        .execute(&mut *self.transaction)
        .await
        .map_err(|error| self.warehouse.failed(error))?;
        for (position, field) in (1_i64..).zip(fields) {
            sqlx::query(
                "INSERT INTO raw_field
                     (revision_id, subject, position, name, label, field_type)
                 VALUES ($1, $2, $3, $4, $5, $6)",
            )
            .bind(self.revision)
            .bind(dataset.subject.name())
            .bind(position)
            .bind(&field.name)
            .bind(&field.label)
            .bind(&field.field_type)
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| self.warehouse.failed(error))?;
        }
        Ok(())
    }

    /// Adds a year of the income statement.
    pub async fn statement(&mut self, statement: &YearStatement) -> Result<()> {
        let nomenclature = statement.nomenclature.map(|known| known.code.as_str());
        for lines in statement.lines.chunks(BATCH) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO core_statement_line
                     (revision_id, record, fiscal_year, nomenclature, side, activity, block,
                      category, code, label, published_category, published_label, matched, role,
                      parent, harmonised, exceptional_successor, position, amount, counted,
                      missing, search_text) ",
            );
            insert.push_values(lines, |mut row, line| {
                let search = format!("{} {} {}", line.label, line.row.label, line.category);
                row.push_bind(self.revision)
                    .push_bind(line.row.record)
                    .push_bind(year_number(line.row.year))
                    .push_bind(nomenclature)
                    .push_bind(line.side.map(centime_accounts::Side::name))
                    .push_bind(line.activity.map(centime_accounts::Activity::name))
                    .push_bind(line.block)
                    .push_bind(&line.category)
                    .push_bind(line.code)
                    .push_bind(&line.label)
                    .push_bind(&line.row.category)
                    .push_bind(&line.row.label)
                    .push_bind(line.matched.name())
                    .push_bind(line.role.name())
                    .push_bind(line.parent)
                    .push_bind(line.harmonised)
                    .push_bind(line.exceptional_successor)
                    .push_bind(i64::from(line.position))
                    .push_bind(line.row.amount.map(centime_accounts::Centimes::get))
                    .push_bind(line.counted)
                    .push_bind(line.missing)
                    .push_bind(normalise(&search));
            });
            insert
                .build()
                .execute(&mut *self.transaction)
                .await
                .map_err(|error| self.warehouse.failed(error))?;
        }
        for check in &statement.parents {
            sqlx::query(
                "INSERT INTO core_parent_check
                     (revision_id, fiscal_year, block, code, label, role, parent, children, used)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            )
            .bind(self.revision)
            .bind(year_number(statement.year))
            .bind(check.block)
            .bind(check.code)
            .bind(check.label)
            .bind(check.role.name())
            .bind(check.parent.map(centime_accounts::Centimes::get))
            .bind(check.children.map(centime_accounts::Centimes::get))
            .bind(check.used.name())
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| self.warehouse.failed(error))?;
        }
        Ok(())
    }

    /// Adds the balance sheet.
    pub async fn balance_sheet(&mut self, sheet: &BalanceSheet) -> Result<()> {
        for lines in sheet.lines.chunks(BATCH) {
            let mut insert = QueryBuilder::new(
                "INSERT INTO core_balance_line
                     (revision_id, fiscal_year, record, published_year, side, category, label,
                      gross, depreciation, net, kind) ",
            );
            insert.push_values(lines, |mut row, line| {
                row.push_bind(self.revision)
                    .push_bind(year_number(line.year))
                    .push_bind(line.record)
                    .push_bind(year_number(line.published_year))
                    .push_bind(line.side.map(centime_accounts::balance::BalanceSide::name))
                    .push_bind(&line.category)
                    .push_bind(&line.label)
                    .push_bind(line.gross.map(centime_accounts::Centimes::get))
                    .push_bind(line.depreciation.map(centime_accounts::Centimes::get))
                    .push_bind(line.net.map(centime_accounts::Centimes::get))
                    .push_bind(line.kind.name());
            });
            insert
                .build()
                .execute(&mut *self.transaction)
                .await
                .map_err(|error| self.warehouse.failed(error))?;
        }
        for shift in &sheet.shifts {
            sqlx::query(
                "INSERT INTO core_balance_shift (revision_id, earlier, later, total)
                 VALUES ($1, $2, $3, $4)",
            )
            .bind(self.revision)
            .bind(year_number(shift.earlier))
            .bind(year_number(shift.later))
            .bind(shift.total.get())
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| self.warehouse.failed(error))?;
        }
        Ok(())
    }

    /// Notes that a year cannot be compared with the year before.
    pub async fn series_break(&mut self, year: FiscalYear, kind: BreakKind) -> Result<()> {
        sqlx::query(
            "INSERT INTO core_series_break (revision_id, fiscal_year, kind) VALUES ($1, $2, $3)",
        )
        .bind(self.revision)
        .bind(year_number(year))
        .bind(kind.name())
        .execute(&mut *self.transaction)
        .await
        .map(drop)
        .map_err(|error| self.warehouse.failed(error))
    }

    /// Runs the models of the analyses for this revision.
    pub async fn materialise(&mut self, models: &[Model]) -> Result<()> {
        mart::fill(&mut self.transaction, models, self.revision)
            .await
            .map_err(|error| self.warehouse.failed(error))
    }

    /// The rows of a mart of this revision, for its audit.
    pub async fn mart(&mut self, model: &Model, basis: Basis) -> Result<Table> {
        mart::read(&mut self.transaction, model, self.revision, basis)
            .await
            .map_err(|error| self.warehouse.failed(error))
    }

    /// Keeps the revision, still unseen, under this fingerprint.
    pub async fn commit(mut self, fingerprint: &str) -> Result<i64> {
        self.flush().await?;
        sqlx::query("UPDATE ops_revision SET fingerprint = $2 WHERE revision_id = $1")
            .bind(self.revision)
            .bind(fingerprint)
            .execute(&mut *self.transaction)
            .await
            .map_err(|error| self.warehouse.failed(error))?;
        self.transaction
            .commit()
            .await
            .map_err(|error| self.warehouse.failed(error))?;
        Ok(self.revision)
    }

    /// Leaves no trace of the revision.
    pub async fn abandon(self) -> Result<()> {
        self.transaction
            .rollback()
            .await
            .map_err(|error| self.warehouse.failed(error))
    }
}

fn year_number(year: FiscalYear) -> i64 {
    i64::from(year.get())
}

//! What is written of records, bodies, statements and balance sheets: the row of each table.

use std::sync::Arc;

use centime_accounts::label::normalise;
use centime_accounts::{
    BalanceSheet, BodyKind, Budget, Centimes, FiscalYear, LineItem, NotComputable, Witness,
    YearStatement,
};

use super::{NewProfile, Staging};
use crate::Result;
use crate::block::{Block, RawRecord};
use crate::engine::Query;
use crate::quality::BreakKind;
use crate::revision::{Dataset, Subject};

/// How many items are remembered; see [`Staging::item`].
const REMEMBERED: usize = 20_000;

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
    /// Whether any of them is invented.
    pub sample: bool,
}

impl Staging {
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
    pub(super) fn end_block(&mut self) -> Result<()> {
        let Some(block) = self.block.take() else {
            return Ok(());
        };
        let first = self.in_slice(block.first);
        let row = self.tables.record_block.row(&[
            block.siren.as_str().into(),
            block.subject.name().into(),
            first.into(),
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
                      content_hash, filter, reading, source, first_record, name, portal, sample)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                     $16, $17, $18, $19, $20)",
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
            .bind(dataset.retrieved_via.name())
            .bind(&dataset.content_hash)
            .bind(&dataset.filter)
            .bind(&dataset.reading)
            .bind(dataset.source)
            .bind(dataset.first_record)
            .bind(&dataset.name)
            .bind(&dataset.portal)
            .bind(dataset.sample),
        ];
        queries.extend((1_i64..).zip(fields).map(|(position, field)| {
            Query::new(
                "INSERT INTO raw.field
                     (revision_id, subject, position, name, label, field_type, source)
                 VALUES ($1, $2, $3, $4, $5, $6, $7)",
            )
            .bind(self.revision)
            .bind(dataset.subject.name())
            .bind(position)
            .bind(&field.name)
            .bind(&field.label)
            .bind(&field.field_type)
            .bind(dataset.source)
        }));
        for query in queries {
            let write = async { self.writers.transaction().await?.execute(query).await };
            write.await.map_err(|error| self.warehouse.failed(error))?;
        }
        Ok(())
    }

    /// Adds a public body, once its statement is complete.
    pub async fn body(&mut self, body: &NewBody) -> Result<()> {
        self.known_body(body, &NewProfile::default()).await
    }

    /// Adds a public body, of which more is known.
    pub async fn known_body(&mut self, body: &NewBody, profile: &NewProfile) -> Result<()> {
        let NewProfile {
            insee,
            kind,
            departement,
            grouping,
        } = profile;
        let mut search = format!("{} {}", body.name, body.siren);
        for known in [insee, departement].into_iter().flatten() {
            search.push(' ');
            search.push_str(known);
        }
        let search = normalise(&search);
        let row = self.tables.body.row(&[
            body.siren.as_str().into(),
            body.name.as_str().into(),
            search.as_str().into(),
            i64::from(body.first_year).into(),
            i64::from(body.last_year).into(),
            body.lines.into(),
            body.budget.map(Budget::name).into(),
            body.sample.into(),
            insee.as_deref().into(),
            kind.map(BodyKind::name).into(),
            departement.as_deref().into(),
            grouping.as_deref().into(),
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
        let year = i64::from(statement.year);
        for line in &statement.lines {
            let item = self.item(&line.item)?;
            let record = self.in_slice(line.record);
            self.tables.line.row(&[
                siren.into(),
                year.into(),
                record.into(),
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
            let record = self.in_slice(line.record);
            self.tables.balance_line.row(&[
                siren.into(),
                i64::from(line.year).into(),
                record.into(),
                i64::from(line.published_year).into(),
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
                i64::from(shift.earlier).into(),
                i64::from(shift.later).into(),
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
        let row = [siren.into(), i64::from(year).into(), kind.name().into()];
        self.said.add_break(i64::from(year), &row);
        let added = self.tables.series_break.row(&row);
        added.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    /// Adds what a source says of the result of a year of a body, with the file it is read from where it is one.
    pub async fn witness(
        &mut self,
        siren: &str,
        subject: Subject,
        witness: &Witness,
        document: Option<&str>,
    ) -> Result<()> {
        let record = witness.record.map(|record| self.in_slice(record));
        let row = [
            siren.into(),
            i64::from(witness.year).into(),
            witness.kind.name().into(),
            witness.says.ok().map(Centimes::get).into(),
            witness.says.err().map(NotComputable::name).into(),
            witness.against.map(Centimes::get).into(),
            witness.is_independent.into(),
            subject.name().into(),
            document.into(),
            record.into(),
        ];
        if self.is_of_several() {
            self.said.add_witness(i64::from(witness.year), &row);
        }
        let added = self.tables.witness.row(&row);
        added.map_err(|error| self.failed(error))?;
        self.flush_full().await
    }
}

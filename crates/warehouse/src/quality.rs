//! Reading what the data are worth: parents against their parts, missing amounts, shifted columns.

use centime_accounts::{Centimes, FiscalYear, Role, Used, YearStatus};
use sqlx::FromRow;

use crate::engine::{Query, Stored, Transaction};
use crate::stored::{Read, ReadOrNull, stored_words};
use crate::{Result, Warehouse};

/// A parent row held against the rows it repeats.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ParentCheck {
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// The code of the block.
    pub block: String,
    /// The code of the parent line.
    pub code: String,
    /// Its official label.
    pub label: String,
    /// What the parent is: a subtotal, a heading or a total.
    #[sqlx(try_from = "Read<Role>")]
    pub role: Role,
    /// The amount published for the parent.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub parent: Option<Centimes>,
    /// The sum of its children, when all are known.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub children: Option<Centimes>,
    /// Which of the two is added.
    #[sqlx(try_from = "Read<Used>")]
    pub used: Used,
}

/// The amounts of a block that were not published in a year.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Unpublished {
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// The label of the block.
    pub category: String,
    /// How many rows have no amount.
    pub rows: i64,
    /// How many of them are needed for a total.
    pub needed: i64,
    /// How many of them are nil, as a printed total proves.
    pub nil: i64,
}

/// Two years of the balance sheet published with shifted columns and put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct BalanceShift {
    /// The label of the rows that hold both years.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub earlier: FiscalYear,
    /// The other year they hold.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub later: FiscalYear,
    /// The total of the later year, which three sums agree on.
    #[sqlx(try_from = "Read<Centimes>")]
    pub total: Centimes,
}

/// The two sides of the balance sheet of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct BalanceTotals {
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// The sum of the net assets.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub assets: Option<Centimes>,
    /// The sum of the liabilities.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub liabilities: Option<Centimes>,
}

/// Why a year cannot be compared with the year before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BreakKind {
    /// Another chart of accounts.
    Nomenclature,
    /// Another public body, as after a merger.
    Perimeter,
}

stored_words! {
    BreakKind = "a reason for a break of a series" {
        Nomenclature = "nomenclature",
        Perimeter = "perimeter",
    }
}

/// A year that cannot be compared with the year before.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct SeriesBreak {
    /// The first year of the new series.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// Why.
    #[sqlx(try_from = "Read<BreakKind>")]
    pub kind: BreakKind,
}

/// The result of a year of a body, as the models compute it.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct YearResult {
    /// The SIREN number of the body; empty when not known.
    pub siren: String,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// The result; `None` when it cannot be computed.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub result: Option<Centimes>,
}

/// What was published before and is not in a new revision any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// How many bodies were published before.
    pub bodies_before: i64,
    /// How many years of bodies that are still there were published before.
    pub years_before: i64,
    /// The names of bodies that are gone.
    pub bodies: Vec<String>,
    /// Years that are gone, of bodies that are still there: SIREN number and year.
    pub years: Vec<(String, FiscalYear)>,
    /// Years that were reconciled before and no longer are.
    pub reconciled: Vec<(String, FiscalYear)>,
}

/// Compares a staged revision with the published one. The body is the same when its number is, or
/// its name where the number is not known.
pub(crate) async fn losses(
    transaction: &mut Transaction,
    published: i64,
    staged: i64,
) -> sqlx::Result<Losses> {
    let of_both = |sql: &str| Query::new(sql).bind(published).bind(staged);
    let (bodies_before,) = transaction
        .one(Query::new("SELECT COUNT(*) FROM core.body WHERE revision_id = $1").bind(published))
        .await?;
    let (years_before,) = transaction
        .one(of_both(&format!(
            "SELECT COUNT(*) FROM mart.reconciliation AS was {STILL_THERE}
             WHERE was.revision_id = $1 AND was.basis = 'leaf'"
        )))
        .await?;
    let bodies: Vec<(String,)> = transaction
        .all(of_both(
            "SELECT was.name FROM core.body AS was
             LEFT JOIN core.body AS now
                 ON now.revision_id = $2 AND now.siren = was.siren
                 AND (was.siren <> '' OR now.name = was.name)
             WHERE was.revision_id = $1 AND now.siren IS NULL
             ORDER BY was.siren",
        ))
        .await?;
    let years: Vec<(String, Read<FiscalYear>)> = transaction
        .all(of_both(&format!(
            "SELECT was.siren, was.fiscal_year FROM mart.reconciliation AS was {STILL_THERE}
             LEFT JOIN mart.reconciliation AS now
                 ON now.revision_id = $2 AND now.siren = was.siren AND now.basis = was.basis
                 AND now.fiscal_year = was.fiscal_year
             WHERE was.revision_id = $1 AND was.basis = 'leaf' AND now.siren IS NULL
             ORDER BY was.siren, was.fiscal_year"
        )))
        .await?;
    let reconciled: Vec<(String, Read<FiscalYear>)> = transaction
        .all(of_both(&format!(
            "SELECT was.siren, was.fiscal_year FROM mart.reconciliation AS was {STILL_THERE}
             JOIN mart.reconciliation AS now
                 ON now.revision_id = $2 AND now.siren = was.siren AND now.basis = was.basis
                 AND now.fiscal_year = was.fiscal_year
             WHERE was.revision_id = $1 AND was.basis = 'leaf'
                 AND was.status = 'reconciled' AND now.status <> 'reconciled'
             ORDER BY was.siren, was.fiscal_year"
        )))
        .await?;
    let of_body = |(siren, Read(year)): (String, Read<FiscalYear>)| (siren, year);
    Ok(Losses {
        bodies_before,
        years_before,
        bodies: bodies.into_iter().map(|(name,)| name).collect(),
        years: years.into_iter().map(of_body).collect(),
        reconciled: reconciled.into_iter().map(of_body).collect(),
    })
}

/// Only of bodies that both revisions have.
const STILL_THERE: &str = "JOIN core.body AS body_was
                 ON body_was.revision_id = $1 AND body_was.siren = was.siren
             JOIN core.body AS body_now
                 ON body_now.revision_id = $2 AND body_now.siren = was.siren
                 AND (was.siren <> '' OR body_now.name = body_was.name)";

/// The result of each year of each body.
pub(crate) async fn results(
    transaction: &mut Transaction,
    revision: i64,
) -> sqlx::Result<Vec<YearResult>> {
    let select = Query::new(
        "SELECT siren, fiscal_year, leaf_result AS result FROM mart.reconciliation
         WHERE revision_id = $1 AND basis = 'leaf'",
    );
    transaction.all(select.bind(revision)).await
}

impl Warehouse {
    /// Every parent of a body held against its children, the latest year first.
    pub async fn parent_checks(&self, revision: i64, siren: &str) -> Result<Vec<ParentCheck>> {
        self.of_body(
            "SELECT fiscal_year, block, code, label, role, parent, children, used
             FROM core.parent_check WHERE revision_id = $1 AND siren = $2
             ORDER BY fiscal_year DESC, block, code",
            revision,
            siren,
        )
        .await
    }

    /// The amounts of a body that were not published, by year and block.
    pub async fn unpublished(&self, revision: i64, siren: &str) -> Result<Vec<Unpublished>> {
        self.of_body(
            "SELECT fiscal_year, category, COUNT(*) AS rows,
                    COUNT(*) FILTER (WHERE missing) AS needed,
                    COUNT(*) FILTER (WHERE nil) AS nil
             FROM core.statement_line
             WHERE revision_id = $1 AND siren = $2 AND amount IS NULL
             GROUP BY fiscal_year, category
             ORDER BY fiscal_year DESC, MIN(position), category",
            revision,
            siren,
        )
        .await
    }

    /// The shifted years of the balance sheet of a body.
    pub async fn balance_shifts(&self, revision: i64, siren: &str) -> Result<Vec<BalanceShift>> {
        self.of_body(
            "SELECT earlier, later, total FROM core.balance_shift
             WHERE revision_id = $1 AND siren = $2 ORDER BY earlier",
            revision,
            siren,
        )
        .await
    }

    /// The two sides of the balance sheet of a body, the latest year first.
    pub async fn balance_totals(&self, revision: i64, siren: &str) -> Result<Vec<BalanceTotals>> {
        self.of_body(
            "SELECT fiscal_year,
                    CAST(SUM(net) FILTER (WHERE side = 'asset') AS BIGINT) AS assets,
                    CAST(SUM(net) FILTER (WHERE side = 'liability') AS BIGINT) AS liabilities
             FROM core.balance_line WHERE revision_id = $1 AND siren = $2 AND counted
             GROUP BY fiscal_year ORDER BY fiscal_year DESC",
            revision,
            siren,
        )
        .await
    }

    /// The years that begin a new series of a body.
    pub async fn series_breaks(&self, revision: i64, siren: &str) -> Result<Vec<SeriesBreak>> {
        self.of_body(
            "SELECT fiscal_year, kind FROM core.series_break
             WHERE revision_id = $1 AND siren = $2 ORDER BY fiscal_year, kind",
            revision,
            siren,
        )
        .await
    }

    /// How many years of all bodies have a status.
    pub async fn years_with_status(&self, revision: i64, status: YearStatus) -> Result<i64> {
        let query = Query::new(
            "SELECT COUNT(*) FROM mart.reconciliation
             WHERE revision_id = $1 AND basis = 'leaf' AND status = $2",
        )
        .bind(revision)
        .bind(status.name());
        let counted: sqlx::Result<(i64,)> = self.engine.one(query).await;
        let (count,) = counted.map_err(|error| self.failed(error))?;
        Ok(count)
    }

    async fn of_body<T: Stored>(&self, sql: &str, revision: i64, siren: &str) -> Result<Vec<T>> {
        let query = Query::new(sql).bind(revision).bind(siren);
        let found = self.engine.all(query).await;
        found.map_err(|error| self.failed(error))
    }
}

//! Reading what the data are worth: parents against their parts, missing amounts, shifted columns.

use sqlx::FromRow;

use crate::{Result, Warehouse};

/// A parent row held against the rows it repeats.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct ParentCheck {
    /// The fiscal year.
    pub fiscal_year: i64,
    /// The code of the block.
    pub block: String,
    /// The code of the parent line.
    pub code: String,
    /// Its official label.
    pub label: String,
    /// `subtotal`, `heading` or `total`.
    pub role: String,
    /// The amount published for the parent, in centimes.
    pub parent: Option<i64>,
    /// The sum of its children, in centimes, when all are known.
    pub children: Option<i64>,
    /// Which of the two is added: `children`, `parent` or `neither`.
    pub used: String,
}

/// The amounts of a block that were not published in a year.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Unpublished {
    /// The fiscal year.
    pub fiscal_year: i64,
    /// The label of the block.
    pub category: String,
    /// How many rows have no amount.
    pub rows: i64,
    /// How many of them are needed for a total.
    pub needed: i64,
}

/// Two years of the balance sheet published with shifted columns and put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct BalanceShift {
    /// The label of the rows that hold both years.
    pub earlier: i64,
    /// The other year they hold.
    pub later: i64,
    /// The total of the later year in centimes, which three sums agree on.
    pub total: i64,
}

/// The two sides of the balance sheet of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
pub struct BalanceTotals {
    /// The fiscal year.
    pub fiscal_year: i64,
    /// The sum of the net assets, in centimes.
    pub assets: Option<i64>,
    /// The sum of the liabilities, in centimes.
    pub liabilities: Option<i64>,
}

/// A year that cannot be compared with the year before.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct SeriesBreak {
    /// The first year of the new series.
    pub fiscal_year: i64,
    /// `nomenclature` or `perimeter`.
    pub kind: String,
}

impl Warehouse {
    /// Every parent held against its children, the latest year first.
    pub async fn parent_checks(&self, revision: i64) -> Result<Vec<ParentCheck>> {
        sqlx::query_as(
            "SELECT fiscal_year, block, code, label, role, parent, children, used
             FROM core_parent_check WHERE revision_id = $1
             ORDER BY fiscal_year DESC, block, code",
        )
        .bind(revision)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))
    }

    /// The amounts that were not published, by year and block.
    pub async fn unpublished(&self, revision: i64) -> Result<Vec<Unpublished>> {
        sqlx::query_as(
            "SELECT fiscal_year, category, COUNT(*) AS rows, SUM(missing) AS needed
             FROM core_statement_line WHERE revision_id = $1 AND amount IS NULL
             GROUP BY fiscal_year, category
             ORDER BY fiscal_year DESC, MIN(position), category",
        )
        .bind(revision)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))
    }

    /// The shifted years of the balance sheet.
    pub async fn balance_shifts(&self, revision: i64) -> Result<Vec<BalanceShift>> {
        sqlx::query_as(
            "SELECT earlier, later, total FROM core_balance_shift WHERE revision_id = $1
             ORDER BY earlier",
        )
        .bind(revision)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))
    }

    /// The two sides of the balance sheet, the latest year first.
    pub async fn balance_totals(&self, revision: i64) -> Result<Vec<BalanceTotals>> {
        sqlx::query_as(
            "SELECT fiscal_year,
                    SUM(net) FILTER (WHERE side = 'asset') AS assets,
                    SUM(net) FILTER (WHERE side = 'liability') AS liabilities
             FROM core_balance_line WHERE revision_id = $1
             GROUP BY fiscal_year ORDER BY fiscal_year DESC",
        )
        .bind(revision)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))
    }

    /// The years that begin a new series.
    pub async fn series_breaks(&self, revision: i64) -> Result<Vec<SeriesBreak>> {
        sqlx::query_as(
            "SELECT fiscal_year, kind FROM core_series_break WHERE revision_id = $1
             ORDER BY fiscal_year, kind",
        )
        .bind(revision)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.failed(error))
    }
}

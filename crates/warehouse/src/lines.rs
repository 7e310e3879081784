//! Reading statement lines: filtered, sorted, paged, and each with the record it came from.

use centime_accounts::label::normalise;
use sqlx::{FromRow, QueryBuilder, Sqlite};

use crate::revision::Subject;
use crate::{Result, Warehouse};

/// A statement line as it is read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Line {
    /// The number of its source record.
    pub record: i64,
    /// The fiscal year.
    pub fiscal_year: i64,
    /// `M14` or `M57`; `None` when not recognised.
    pub nomenclature: Option<String>,
    /// `revenue` or `expense`; `None` for balances.
    pub side: Option<String>,
    /// `operating`, `financial` or `exceptional`.
    pub activity: Option<String>,
    /// The code of its block in the nomenclature.
    pub block: Option<String>,
    /// The official label of its block, or the published one.
    pub category: String,
    /// Its code in the nomenclature.
    pub code: Option<String>,
    /// Its official label, or the published one.
    pub label: String,
    /// The published label of its block.
    pub published_category: String,
    /// Its published label.
    pub published_label: String,
    /// How it was recognised: `exact`, `normalised`, `variant`, `abbreviated` or `unknown`.
    pub matched: String,
    /// `line`, `part`, `subtotal`, `total`, `heading` or `balance`.
    pub role: String,
    /// The code of the line it is part of.
    pub parent: Option<String>,
    /// The category that can be compared across nomenclatures.
    pub harmonised: Option<String>,
    /// The amount in centimes; `None` when none was published.
    pub amount: Option<i64>,
    /// Whether the leaf rule adds it.
    pub counted: bool,
    /// Whether an amount is needed here and none was published.
    pub missing: bool,
}

/// Whether the leaf rule adds a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// It is added.
    Counted,
    /// It is not, because other lines hold its money or it holds none.
    NotCounted,
    /// It would be, but its amount was not published.
    Missing,
    /// No amount was published, whether one is needed or not.
    Unpublished,
}

/// Which lines are wanted. A field left empty wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of the label or category, in any case and without accents; all must occur.
    pub text: String,
    /// The fiscal year.
    pub fiscal_year: Option<i64>,
    /// `revenue` or `expense`.
    pub side: Option<String>,
    /// `operating`, `financial` or `exceptional`.
    pub activity: Option<String>,
    /// The label of the block.
    pub category: Option<String>,
    /// The role.
    pub role: Option<String>,
    /// The category that can be compared across nomenclatures.
    pub harmonised: Option<String>,
    /// `exact` or `mixed`: lines that took over what M14 called exceptional.
    pub successor: Option<String>,
    /// Whether it is added.
    pub counting: Option<Counting>,
    /// Only lines whose label was not recognised.
    pub unknown: bool,
}

/// What lines are sorted by. Ties keep the order of the official model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// The fiscal year, then the order of the official model.
    #[default]
    Year,
    /// The label.
    Label,
    /// The block.
    Category,
    /// Revenue or expense.
    Side,
    /// The amount; lines without one come last.
    Amount,
}

/// The order of the lines wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// What they are sorted by.
    pub by: Sort,
    /// From the largest or latest.
    pub descending: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            by: Sort::Year,
            descending: true,
        }
    }
}

/// Some of the lines wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// How many lines are wanted in all.
    pub matching: i64,
    /// How many lines the revision has.
    pub total: i64,
    /// The lines of this page.
    pub lines: Vec<Line>,
}

/// The values that lines can be filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Fiscal years, the latest first.
    pub fiscal_years: Vec<i64>,
    /// Labels of blocks, in the order of the latest nomenclature.
    pub categories: Vec<String>,
    /// Activities that occur.
    pub activities: Vec<String>,
}

const COLUMNS: &str = "record, fiscal_year, nomenclature, side, activity, block, category, code, \
     label, published_category, published_label, matched, role, parent, harmonised, amount, \
     counted, missing";

impl Filter {
    fn restrict(&self, query: &mut QueryBuilder<Sqlite>) {
        let words = normalise(&self.text);
        if words.is_empty() && !self.text.trim().is_empty() {
            // A text of signs only is in no label.
            query.push(" AND 1 = 0");
        }
        for word in words.split(' ').filter(|word| !word.is_empty()) {
            // A normalised word has letters and digits only, so none of LIKE's wildcards.
            query
                .push(" AND search_text LIKE ")
                .push_bind(format!("%{word}%"));
        }
        if let Some(year) = self.fiscal_year {
            query.push(" AND fiscal_year = ").push_bind(year);
        }
        for (column, wanted) in [
            ("side", &self.side),
            ("activity", &self.activity),
            ("category", &self.category),
            ("role", &self.role),
            ("harmonised", &self.harmonised),
            ("exceptional_successor", &self.successor),
        ] {
            if let Some(wanted) = wanted {
                query
                    .push(" AND ")
                    .push(column)
                    .push(" = ")
                    .push_bind(wanted.clone());
            }
        }
        match self.counting {
            Some(Counting::Counted) => query.push(" AND counted = 1"),
            Some(Counting::NotCounted) => query.push(" AND counted = 0 AND missing = 0"),
            Some(Counting::Missing) => query.push(" AND missing = 1"),
            Some(Counting::Unpublished) => query.push(" AND amount IS NULL"),
            None => query,
        };
        if self.unknown {
            query.push(" AND matched = 'unknown'");
        }
    }
}

impl Order {
    fn sort(self, query: &mut QueryBuilder<Sqlite>) {
        let direction = if self.descending { " DESC" } else { " ASC" };
        query.push(" ORDER BY ");
        match self.by {
            Sort::Year => query.push("fiscal_year").push(direction),
            Sort::Label => query.push("label").push(direction),
            Sort::Category => query.push("category").push(direction),
            Sort::Side => query.push("side").push(direction),
            Sort::Amount => query.push("amount IS NULL, amount").push(direction),
        };
        query.push(", fiscal_year DESC, position, record");
    }
}

impl Warehouse {
    /// The lines of a revision that fit a filter, from `offset`, at most `limit` of them.
    pub async fn lines(
        &self,
        revision: i64,
        filter: &Filter,
        order: Order,
        offset: i64,
        limit: i64,
    ) -> Result<Page> {
        let mut count = QueryBuilder::new(
            "SELECT COUNT(*), (SELECT COUNT(*) FROM core_statement_line WHERE revision_id = ",
        );
        count
            .push_bind(revision)
            .push(") FROM core_statement_line WHERE revision_id = ")
            .push_bind(revision);
        filter.restrict(&mut count);
        let (matching, total) = count
            .build_query_as()
            .fetch_one(&self.pool)
            .await
            .map_err(|error| self.failed(error))?;
        let mut select = QueryBuilder::new(format!(
            "SELECT {COLUMNS} FROM core_statement_line WHERE revision_id = "
        ));
        select.push_bind(revision);
        filter.restrict(&mut select);
        order.sort(&mut select);
        select
            .push(" LIMIT ")
            .push_bind(limit)
            .push(" OFFSET ")
            .push_bind(offset);
        let lines = select
            .build_query_as()
            .fetch_all(&self.pool)
            .await
            .map_err(|error| self.failed(error))?;
        Ok(Page {
            matching,
            total,
            lines,
        })
    }

    /// The line that came from a record; `None` when there is none.
    pub async fn line(&self, revision: i64, record: i64) -> Result<Option<Line>> {
        let mut select = QueryBuilder::new(format!(
            "SELECT {COLUMNS} FROM core_statement_line WHERE revision_id = "
        ));
        select
            .push_bind(revision)
            .push(" AND record = ")
            .push_bind(record);
        select
            .build_query_as()
            .fetch_optional(&self.pool)
            .await
            .map_err(|error| self.failed(error))
    }

    /// The lines that are part of a line, in the order of the official model.
    pub async fn parts(&self, revision: i64, line: &Line) -> Result<Vec<Line>> {
        let mut select = QueryBuilder::new(format!(
            "SELECT {COLUMNS} FROM core_statement_line WHERE revision_id = "
        ));
        select
            .push_bind(revision)
            .push(" AND fiscal_year = ")
            .push_bind(line.fiscal_year)
            .push(" AND block = ")
            .push_bind(line.block.clone())
            .push(" AND parent = ")
            .push_bind(line.code.clone())
            .push(" ORDER BY position, record");
        select
            .build_query_as()
            .fetch_all(&self.pool)
            .await
            .map_err(|error| self.failed(error))
    }

    /// The JSON text of a record, as the portal sent it; `None` when there is none.
    pub async fn source(
        &self,
        revision: i64,
        subject: Subject,
        record: i64,
    ) -> Result<Option<String>> {
        sqlx::query_scalar(
            "SELECT body FROM raw_record WHERE revision_id = $1 AND subject = $2 AND record = $3",
        )
        .bind(revision)
        .bind(subject.name())
        .bind(record)
        .fetch_optional(&self.pool)
        .await
        .map_err(|error| self.failed(error))
    }

    /// The values that the lines of a revision can be filtered by.
    pub async fn choices(&self, revision: i64) -> Result<Choices> {
        let column = |sql: &'static str| sqlx::query_scalar(sql).bind(revision);
        let failed = |error| self.failed(error);
        let fiscal_years: Vec<i64> = sqlx::query_scalar(
            "SELECT DISTINCT fiscal_year FROM core_statement_line WHERE revision_id = $1
             ORDER BY fiscal_year DESC",
        )
        .bind(revision)
        .fetch_all(&self.pool)
        .await
        .map_err(failed)?;
        let categories = column(
            "SELECT category FROM core_statement_line WHERE revision_id = $1
             GROUP BY category ORDER BY MAX(fiscal_year) DESC, MIN(position), category",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(failed)?;
        let activities = column(
            "SELECT DISTINCT activity FROM core_statement_line
             WHERE revision_id = $1 AND activity IS NOT NULL ORDER BY activity DESC",
        )
        .fetch_all(&self.pool)
        .await
        .map_err(failed)?;
        Ok(Choices {
            fiscal_years,
            categories,
            activities,
        })
    }
}

//! Reading statement lines: filtered, sorted, paged, and each with the record it came from.

use std::ops::RangeInclusive;

use centime_accounts::grouping::{Grouping, Labels, UNRECOGNISED};
use centime_accounts::label::{Match, normalise};
use centime_accounts::nomenclature::Nomenclature;
use centime_accounts::{Activity, Centimes, FiscalYear, Role, Side};
use sqlx::FromRow;

use crate::block;
use crate::engine::Query;
use crate::revision::Subject;
use crate::stored::{Read, ReadOrNull};
use crate::{Result, Warehouse};

/// A statement line as it is read.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Line {
    /// The SIREN number of the public body; empty when not known.
    pub siren: String,
    /// The number of its source record.
    pub record: i64,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// Its nomenclature; `None` when not recognised.
    #[sqlx(try_from = "ReadOrNull<&'static Nomenclature>")]
    pub nomenclature: Option<&'static Nomenclature>,
    /// Revenue or expense; `None` for balances.
    #[sqlx(try_from = "ReadOrNull<Side>")]
    pub side: Option<Side>,
    /// The activity; `None` for balances over several, and for lines that do not say.
    #[sqlx(try_from = "ReadOrNull<Activity>")]
    pub activity: Option<Activity>,
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
    /// How it was recognised.
    #[sqlx(try_from = "Read<Match>")]
    pub matched: Match,
    /// What it is in its statement.
    #[sqlx(try_from = "Read<Role>")]
    pub role: Role,
    /// The code of the line it is part of.
    pub parent: Option<String>,
    /// The category that can be compared across nomenclatures.
    pub harmonised: Option<String>,
    /// The amount; `None` when none was published.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub amount: Option<Centimes>,
    /// Whether the leaf rule adds it.
    pub counted: bool,
    /// Whether an amount is needed here and none was published.
    pub missing: bool,
    /// Whether no amount was published and a printed total proves that there is none: it counts as nil.
    pub nil: bool,
}

impl<'a> From<&'a Line> for Labels<'a> {
    fn from(line: &'a Line) -> Self {
        Self {
            side: line.side,
            activity: line.activity,
            category: &line.category,
            comparable: line.harmonised.as_deref(),
        }
    }
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
    /// No amount was published, and a printed total proves that there is none.
    Nil,
    /// No amount was published, whether one is needed or not.
    Unpublished,
    /// It is a row that a plain script adds: its amount was published and is not below zero.
    Naive,
}

/// Which lines are wanted. A field left empty wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Words of the label or category, in any case and without accents; all must occur.
    pub text: String,
    /// The fiscal years.
    pub years: Option<RangeInclusive<FiscalYear>>,
    /// The side.
    pub side: Option<Side>,
    /// The activity.
    pub activity: Option<Activity>,
    /// The label of the block.
    pub category: Option<String>,
    /// The label of the line, as a whole.
    pub label: Option<String>,
    /// The role.
    pub role: Option<Role>,
    /// The category that can be compared across nomenclatures, or [`UNRECOGNISED`] for lines without one.
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
    /// The fiscal year, then the order of the records.
    Record,
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

/// A line, by its place among those of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The fiscal year.
    pub fiscal_year: FiscalYear,
    /// The number of its source record.
    pub record: i64,
}

/// The values that lines can be filtered by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices {
    /// Fiscal years, the latest first.
    pub fiscal_years: Vec<FiscalYear>,
    /// Labels of blocks, in the order of the latest nomenclature.
    pub categories: Vec<String>,
    /// Activities that occur.
    pub activities: Vec<Activity>,
}

#[derive(FromRow)]
struct OneActivity {
    #[sqlx(try_from = "Read<Activity>")]
    activity: Activity,
}

pub(crate) const COLUMNS: &str = "siren, record, fiscal_year, nomenclature, side, activity, block, category, code, \
     label, published_category, published_label, matched, role, parent, harmonised, amount, \
     counted, missing, nil";

impl Filter {
    pub(crate) fn restrict(&self, query: &mut Query) {
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
        if let Some(years) = &self.years {
            let (first, last) = (*years.start(), *years.end());
            query.push(" AND fiscal_year >= ").push_bind(first);
            query.push(" AND fiscal_year <= ").push_bind(last);
        }
        for (column, wanted) in [
            ("side", self.side.map(Side::name)),
            ("activity", self.activity.map(Activity::name)),
            ("category", self.category.as_deref()),
            ("label", self.label.as_deref()),
            ("role", self.role.map(Role::name)),
            ("exceptional_successor", self.successor.as_deref()),
        ] {
            if let Some(wanted) = wanted {
                query
                    .push(" AND ")
                    .push(column)
                    .push(" = ")
                    .push_bind(wanted.to_owned());
            }
        }
        if let Some(wanted) = self.harmonised.as_deref() {
            // The categories of revenue are activities, which have a filter of their own.
            query.push(if wanted == UNRECOGNISED {
                " AND side IS NOT NULL AND "
            } else {
                " AND side = 'expense' AND "
            });
            query
                .push(&crate::grouping::category(Grouping::Harmonised, ""))
                .push(" = ")
                .push_bind(wanted.to_owned());
        }
        match self.counting {
            Some(Counting::Counted) => query.push(" AND counted"),
            Some(Counting::NotCounted) => {
                query.push(" AND NOT counted AND NOT missing AND NOT nil")
            }
            Some(Counting::Missing) => query.push(" AND missing"),
            Some(Counting::Nil) => query.push(" AND nil"),
            Some(Counting::Unpublished) => query.push(" AND amount IS NULL"),
            Some(Counting::Naive) => query.push(" AND amount >= 0"),
            None => query,
        };
        if self.unknown {
            query
                .push(" AND matched = ")
                .push_bind(Match::Unknown.name().to_owned());
        }
    }
}

impl Order {
    fn sort(self, query: &mut Query) {
        query.push(" ORDER BY ");
        self.keys(query);
    }

    pub(crate) fn keys(self, query: &mut Query) {
        let direction = if self.descending { " DESC" } else { " ASC" };
        match self.by {
            Sort::Year => query.push("fiscal_year").push(direction),
            Sort::Label => query.push("label").push(direction),
            Sort::Category => query.push("category").push(direction),
            Sort::Side => query.push("side").push(direction),
            Sort::Amount => query.push("amount IS NULL, amount").push(direction),
            Sort::Record => query.push("fiscal_year").push(direction).push(", record"),
        };
        query.push(", fiscal_year DESC, position, record");
    }
}

/// At most so many rows, and whether there were more.
pub(crate) fn cut<T>(mut rows: Vec<T>, limit: i64) -> (Vec<T>, bool) {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    (rows, more)
}

impl Warehouse {
    /// The lines of a body that fit a filter, from `offset`, at most `limit` of them.
    pub async fn lines(
        &self,
        revision: i64,
        siren: &str,
        filter: &Filter,
        order: Order,
        offset: i64,
        limit: i64,
    ) -> Result<Page> {
        let failed = |error| self.failed(error);
        let of_body = |columns: &str| {
            Query::new(format!(
                "SELECT {columns} FROM core.statement_line
                 WHERE revision_id = $1 AND siren = $2"
            ))
            .bind(revision)
            .bind(siren)
        };
        let all = of_body("COUNT(*)");
        let (total,) = self.engine.one(all).await.map_err(failed)?;
        let mut count = of_body("COUNT(*)");
        filter.restrict(&mut count);
        let (matching,) = self.engine.one(count).await.map_err(failed)?;
        let mut select = of_body(COLUMNS);
        filter.restrict(&mut select);
        order.sort(&mut select);
        select.push(" LIMIT ").push_bind(limit);
        select.push(" OFFSET ").push_bind(offset);
        Ok(Page {
            matching,
            total,
            lines: self.engine.all(select).await.map_err(failed)?,
        })
    }

    /// The first lines of a body that fit a filter, at most `limit` of them. Nothing is counted, unlike in
    /// [`Warehouse::lines`].
    pub async fn first_lines(
        &self,
        revision: i64,
        siren: &str,
        filter: &Filter,
        order: Order,
        limit: i64,
    ) -> Result<Vec<Line>> {
        let mut select = Query::new(format!(
            "SELECT {COLUMNS} FROM core.statement_line WHERE revision_id = $1 AND siren = $2"
        ))
        .bind(revision)
        .bind(siren);
        filter.restrict(&mut select);
        order.sort(&mut select);
        select.push(" LIMIT ").push_bind(limit);
        let found = self.engine.all(select).await;
        found.map_err(|error| self.failed(error))
    }

    /// The lines of a body that fit a filter and come after a place, at most `limit`, and whether there
    /// are more: the latest year first, and within a year in the order of their records.
    pub async fn lines_after(
        &self,
        revision: i64,
        siren: &str,
        filter: &Filter,
        after: Option<Place>,
        limit: i64,
    ) -> Result<(Vec<Line>, bool)> {
        let mut select = Query::new(format!(
            "SELECT {COLUMNS} FROM core.statement_line WHERE revision_id = $1 AND siren = $2"
        ))
        .bind(revision)
        .bind(siren);
        filter.restrict(&mut select);
        if let Some(after) = after {
            select
                .push(" AND fiscal_year <= ")
                .push_bind(after.fiscal_year);
            select
                .push(" AND (fiscal_year < ")
                .push_bind(after.fiscal_year);
            select
                .push(" OR record > ")
                .push_bind(after.record)
                .push(")");
        }
        select.push(" ORDER BY fiscal_year DESC, record LIMIT ");
        select.push_bind(limit.saturating_add(1));
        let found = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(cut(found, limit))
    }

    /// All lines of a body, the latest year first and each in the order of the official model.
    pub async fn statement(&self, revision: i64, siren: &str) -> Result<Vec<Line>> {
        let mut select = Query::new(format!(
            "SELECT {COLUMNS} FROM core.statement_line WHERE revision_id = $1 AND siren = $2"
        ))
        .bind(revision)
        .bind(siren);
        Order::default().sort(&mut select);
        let found = self.engine.all(select).await;
        found.map_err(|error| self.failed(error))
    }

    /// The line of a body that came from a record; `None` when there is none.
    pub async fn line(&self, revision: i64, siren: &str, record: i64) -> Result<Option<Line>> {
        let select = Query::new(format!(
            "SELECT {COLUMNS} FROM core.statement_line
             WHERE revision_id = $1 AND siren = $2 AND record = $3"
        ))
        .bind(revision)
        .bind(siren)
        .bind(record);
        let found = self.engine.optional(select).await;
        found.map_err(|error| self.failed(error))
    }

    /// The lines that are part of a line, in the order of the official model.
    pub async fn parts(&self, revision: i64, line: &Line) -> Result<Vec<Line>> {
        let select = Query::new(format!(
            "SELECT {COLUMNS} FROM core.statement_line
             WHERE revision_id = $1 AND siren = $2 AND fiscal_year = $3 AND block = $4
                 AND parent = $5
             ORDER BY position, record"
        ))
        .bind(revision)
        .bind(&line.siren)
        .bind(line.fiscal_year)
        .bind(&line.block)
        .bind(&line.code);
        let found = self.engine.all(select).await;
        found.map_err(|error| self.failed(error))
    }

    /// The JSON text of a record of a body, as the portal sent it; `None` when there is none.
    pub async fn source(
        &self,
        revision: i64,
        siren: &str,
        subject: Subject,
        record: i64,
    ) -> Result<Option<String>> {
        let select = Query::new(
            "SELECT first_record, json FROM raw.record_block
             WHERE revision_id = $1 AND siren = $2 AND subject = $3 AND first_record <= $4
             ORDER BY first_record DESC LIMIT 1",
        )
        .bind(revision)
        .bind(siren)
        .bind(subject.name())
        .bind(record);
        let found: sqlx::Result<Option<(i64, String)>> = self.engine.optional(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        found.map_or(Ok(None), |(first, json)| {
            let texts = block::texts(&json).map_err(|error| self.failed(error))?;
            let place = usize::try_from(record - first).ok();
            Ok(place.and_then(|place| texts.get(place).map(|text| (*text).to_owned())))
        })
    }

    /// The values that the lines of a body can be filtered by.
    pub async fn choices(&self, revision: i64, siren: &str) -> Result<Choices> {
        let failed = |error| self.failed(error);
        let of_body = |sql: &str| Query::new(sql).bind(revision).bind(siren);
        let years: Vec<(Read<FiscalYear>,)> = self
            .engine
            .all(of_body(
                "SELECT DISTINCT fiscal_year FROM core.statement_line
                 WHERE revision_id = $1 AND siren = $2 ORDER BY fiscal_year DESC",
            ))
            .await
            .map_err(failed)?;
        let categories: Vec<(String,)> = self
            .engine
            .all(of_body(
                "SELECT category FROM core.statement_line WHERE revision_id = $1 AND siren = $2
                 GROUP BY category ORDER BY MAX(fiscal_year) DESC, MIN(position), category",
            ))
            .await
            .map_err(failed)?;
        let activities: Vec<OneActivity> = self
            .engine
            .all(of_body(
                "SELECT DISTINCT activity FROM core.statement_line
                 WHERE revision_id = $1 AND siren = $2 AND activity IS NOT NULL
                 ORDER BY activity DESC",
            ))
            .await
            .map_err(failed)?;
        Ok(Choices {
            fiscal_years: years.into_iter().map(|(Read(year),)| year).collect(),
            categories: categories.into_iter().map(|(name,)| name).collect(),
            activities: activities.into_iter().map(|row| row.activity).collect(),
        })
    }
}

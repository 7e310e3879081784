//! Reading what all public bodies have, some bodies at a time: reading all of them needs no more memory than
//! some of them take.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use centime_accounts::{FiscalYear, identifier};
use sqlx::FromRow;

use crate::bodies::{BY_BUDGET, Body, within};
use crate::engine::{Query, Stored};
use crate::lines::{self, Filter, Line, Order};
use crate::quality::{ParentCheck, Unpublished};
use crate::stored::Read;
use crate::table::{Basis, Cell, Column, ColumnName, Kind};
use crate::{Model, Result, Warehouse};

/// How many bodies are looked at for those that are read together.
const LOOKED_AT: i64 = 1000;

/// Public bodies that are read together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Span {
    /// This one.
    One(String),
    /// Those after the first number, from the first of all without one, up to the last.
    Following(Option<String>, String),
}

/// The years of each body, by its number, each with whether no amount that it needs is missing.
pub type Years = HashMap<String, Vec<(FiscalYear, bool)>>;

/// The numbers of the budgets of some bodies in the order in which they are named, by the SIREN number of the body.
pub type BudgetNumbers = HashMap<String, Vec<String>>;

/// A row, with the number of the body it is of.
#[derive(FromRow)]
struct Of<T> {
    siren: String,
    #[sqlx(flatten)]
    row: T,
}

#[derive(FromRow)]
struct Year {
    #[sqlx(try_from = "Read<FiscalYear>")]
    fiscal_year: FiscalYear,
    complete: bool,
}

impl Span {
    /// The bodies of a list in the order of their numbers, which begins after one; `None` where it is empty.
    pub fn of(after: Option<&str>, bodies: &[Body]) -> Option<Self> {
        let last = bodies.last()?;
        Some(Self::Following(
            after.map(str::to_owned),
            last.siren.clone(),
        ))
    }

    pub(crate) fn restrict(&self, query: &mut Query) {
        match self {
            Self::One(siren) => {
                query.push(" AND siren = ").push_bind(siren);
            }
            Self::Following(after, last) => {
                if let Some(after) = after {
                    query.push(" AND siren > ").push_bind(after);
                }
                query.push(" AND siren <= ").push_bind(last);
            }
        }
    }
}

impl Warehouse {
    /// The bodies whose name or number has all of these words, in the order of their numbers after one: as many as
    /// have about so many lines together, and at least one where there is any.
    pub async fn next_bodies(
        &self,
        revision: i64,
        words: &str,
        after: Option<&str>,
        lines: i64,
    ) -> Result<Vec<Body>> {
        let (mut found, _) = self.bodies_after(revision, words, after, LOOKED_AT).await?;
        let mut together = 0_i64;
        let fits = found.iter().take_while(|body| {
            let first = together == 0;
            together = together.saturating_add(body.lines.max(1));
            first || together <= lines
        });
        let fits = fits.count();
        found.truncate(fits);
        Ok(found)
    }

    /// The rows of a mart for some bodies in some years, each after the number of its body: in the order of the
    /// numbers, and within a body in that of the model.
    pub async fn mart_of_bodies(
        &self,
        model: &Model,
        revision: i64,
        bodies: &Span,
        basis: Basis,
        years: &RangeInclusive<FiscalYear>,
    ) -> Result<Vec<Vec<Cell>>> {
        let mut columns = vec![Column::new(ColumnName::new("siren"), Kind::Text)];
        columns.extend_from_slice(model.columns);
        let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        let mut select = Query::new(format!(
            "SELECT {} FROM {} WHERE revision_id = $1 AND basis = $2",
            names.join(", "),
            model.table()
        ))
        .bind(revision)
        .bind(basis.name());
        bodies.restrict(&mut select);
        between(&mut select, years);
        select.push(" ORDER BY siren, ").push(model.order_by);
        let rows = self.engine.cells(select, &columns).await;
        rows.map_err(|error| self.failed(error))
    }

    /// The numbers of all budgets of some bodies, also of those that are not among them.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub async fn budget_numbers(&self, revision: i64, bodies: &Span) -> Result<BudgetNumbers> {
        let (first, last) = match bodies {
            Span::One(number) => (number.as_str(), number.as_str()),
            Span::Following(after, last) => (after.as_deref().unwrap_or_default(), last.as_str()),
        };
        let mut select =
            Query::new("SELECT siren FROM core.body WHERE revision_id = $1").bind(revision);
        within(
            &mut select,
            identifier::siren(first),
            identifier::siren(last),
        );
        select.push(&format!(" ORDER BY {BY_BUDGET}"));
        let found: sqlx::Result<Vec<(String,)>> = self.engine.all(select).await;
        let mut budgets = BudgetNumbers::new();
        for (siren,) in found.map_err(|error| self.failed(error))? {
            if identifier::siret(&siren).is_some() {
                let of_body = budgets.entry(identifier::siren(&siren).to_owned());
                of_body.or_default().push(siren);
            }
        }
        Ok(budgets)
    }

    /// The years of the statements of some bodies, each with whether no amount that it needs is missing.
    pub async fn years_of_bodies(&self, revision: i64, bodies: &Span) -> Result<Years> {
        let mut select = Query::new(
            "SELECT siren, fiscal_year, missing = 0 AS complete FROM mart.completeness
             WHERE revision_id = $1 AND basis = 'leaf'",
        )
        .bind(revision);
        bodies.restrict(&mut select);
        select.push(" ORDER BY siren, fiscal_year");
        let mut years = Years::new();
        let found: Vec<(String, Year)> = self.of_bodies(select).await?;
        for (siren, year) in found {
            let of_body = years.entry(siren).or_default();
            of_body.push((year.fiscal_year, year.complete));
        }
        Ok(years)
    }

    /// The fiscal years that any body has in a mart, in order.
    pub async fn years_of_mart(&self, model: &Model, revision: i64) -> Result<Vec<FiscalYear>> {
        let select = Query::new(format!(
            "SELECT DISTINCT fiscal_year FROM {} WHERE revision_id = $1 ORDER BY fiscal_year",
            model.table()
        ))
        .bind(revision);
        let found: sqlx::Result<Vec<(Read<FiscalYear>,)>> = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(found.into_iter().map(|(Read(year),)| year).collect())
    }

    /// The lines of some bodies that fit a filter, at most `limit`: in the order of the numbers of the bodies, and
    /// within a body in an order of lines.
    pub async fn lines_of_bodies(
        &self,
        revision: i64,
        bodies: &Span,
        filter: &Filter,
        order: Order,
        limit: i64,
    ) -> Result<Vec<Line>> {
        let mut select = Query::new(format!(
            "SELECT {} FROM core.statement_line WHERE revision_id = $1",
            lines::COLUMNS
        ))
        .bind(revision);
        bodies.restrict(&mut select);
        filter.restrict(&mut select);
        select.push(" ORDER BY siren, ");
        order.keys(&mut select);
        select.push(" LIMIT ").push_bind(limit);
        let found = self.engine.all(select).await;
        found.map_err(|error| self.failed(error))
    }

    /// Whether any body has lines of a category, by the label of its block.
    pub async fn has_category(&self, revision: i64, category: &str) -> Result<bool> {
        let select = Query::new(
            "SELECT 1 FROM core.line_item WHERE revision_id = $1 AND category = $2 LIMIT 1",
        )
        .bind(revision)
        .bind(category);
        let found: sqlx::Result<Option<(i32,)>> = self.engine.optional(select).await;
        Ok(found.map_err(|error| self.failed(error))?.is_some())
    }

    /// The amounts of some bodies that were not published, as [`Warehouse::unpublished`] has them of each.
    pub async fn unpublished_of_bodies(
        &self,
        revision: i64,
        bodies: &Span,
    ) -> Result<Vec<(String, Unpublished)>> {
        let mut select = Query::new(
            "SELECT siren, fiscal_year, category, COUNT(*) AS rows,
                    COUNT(*) FILTER (WHERE missing) AS needed,
                    COUNT(*) FILTER (WHERE nil) AS nil
             FROM core.statement_line WHERE revision_id = $1 AND amount IS NULL",
        )
        .bind(revision);
        bodies.restrict(&mut select);
        select.push(
            " GROUP BY siren, fiscal_year, category
             ORDER BY siren, fiscal_year DESC, MIN(position), category",
        );
        self.of_bodies(select).await
    }

    /// The parents of some bodies held against their children, as [`Warehouse::parent_checks`] has them of each.
    pub async fn parent_checks_of_bodies(
        &self,
        revision: i64,
        bodies: &Span,
    ) -> Result<Vec<(String, ParentCheck)>> {
        let mut select = Query::new(
            "SELECT siren, fiscal_year, block, code, label, role, parent, children, used
             FROM core.parent_check WHERE revision_id = $1",
        )
        .bind(revision);
        bodies.restrict(&mut select);
        select.push(" ORDER BY siren, fiscal_year DESC, block, code");
        self.of_bodies(select).await
    }

    async fn of_bodies<T>(&self, select: Query) -> Result<Vec<(String, T)>>
    where
        Of<T>: Stored,
    {
        let found: sqlx::Result<Vec<Of<T>>> = self.engine.all(select).await;
        let found = found.map_err(|error| self.failed(error))?;
        Ok(found.into_iter().map(|of| (of.siren, of.row)).collect())
    }
}

pub(crate) fn between(query: &mut Query, years: &RangeInclusive<FiscalYear>) {
    query.push(" AND fiscal_year >= ").push_bind(*years.start());
    query.push(" AND fiscal_year <= ").push_bind(*years.end());
}

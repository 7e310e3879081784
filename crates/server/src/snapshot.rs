//! Everything held in memory of a revision. A revision never changes, so this is read once.

use std::collections::HashMap;

use centime_analytics::{ANALYSES, Analysis, Basis, Cell, Table, analyses};
use centime_render::Locale;
use centime_render::chart::Break;
use centime_warehouse::lines::{Choices, Filter, Line, Order};
use centime_warehouse::quality::{
    BalanceShift, BalanceTotals, ParentCheck, SeriesBreak, Unpublished,
};
use centime_warehouse::{CheckResult, Dataset, Result, Revision, Warehouse};

/// How many unrecognised lines are shown by name.
const UNKNOWN_SHOWN: i64 = 200;

/// A published revision.
#[derive(Debug)]
pub struct Snapshot {
    pub revision: Revision,
    pub datasets: Vec<Dataset>,
    pub checks: Vec<CheckResult>,
    pub choices: Choices,
    pub parents: Vec<ParentCheck>,
    pub unpublished: Vec<Unpublished>,
    pub shifts: Vec<BalanceShift>,
    pub balance_totals: Vec<BalanceTotals>,
    pub unknown: Vec<Line>,
    breaks: Vec<SeriesBreak>,
    marts: HashMap<(&'static str, Basis), Table>,
}

impl Snapshot {
    /// Reads all of a revision.
    pub async fn load(warehouse: &Warehouse, revision: Revision) -> Result<Self> {
        let id = revision.id;
        let mut marts = HashMap::new();
        for analysis in ANALYSES {
            for basis in Basis::ALL {
                let table = warehouse.mart(&analysis.model, id, basis).await?;
                marts.insert((analysis.model.name, basis), table);
            }
        }
        let unknown = Filter {
            unknown: true,
            ..Filter::default()
        };
        let unknown = warehouse
            .lines(id, &unknown, Order::default(), 0, UNKNOWN_SHOWN)
            .await?
            .lines;
        Ok(Self {
            datasets: warehouse.datasets(id).await?,
            checks: warehouse.checks(id).await?,
            choices: warehouse.choices(id).await?,
            parents: warehouse.parent_checks(id).await?,
            unpublished: warehouse.unpublished(id).await?,
            shifts: warehouse.balance_shifts(id).await?,
            balance_totals: warehouse.balance_totals(id).await?,
            breaks: warehouse.series_breaks(id).await?,
            unknown,
            marts,
            revision,
        })
    }

    /// The rows of an analysis.
    pub fn table(&self, analysis: &Analysis, basis: Basis) -> &Table {
        &self.marts[&(analysis.model.name, basis)]
    }

    /// The latest year of an analysis, and its first row.
    pub fn latest<'a>(table: &'a Table) -> Option<(i64, &'a [Cell])> {
        let year = |row: &'a Vec<Cell>| table.cell(row, "fiscal_year").integer();
        let latest = table.rows.iter().filter_map(year).max()?;
        let row = table.rows.iter().find(|row| year(row) == Some(latest))?;
        Some((latest, row))
    }

    /// The years that begin a new series, with a word for each.
    pub fn breaks(&self, locale: &Locale) -> Vec<Break> {
        let results = self.table(&analyses::yearly_result::ANALYSIS, Basis::Leaf);
        let nomenclature = |year: i64| {
            let row = results
                .rows
                .iter()
                .find(|row| results.cell(row, "fiscal_year").integer() == Some(year))?;
            results.cell(row, "nomenclature").text()
        };
        let named = |found: &SeriesBreak| Break {
            fiscal_year: found.fiscal_year,
            kind: found.kind.clone(),
            label: match (found.kind.as_str(), nomenclature(found.fiscal_year)) {
                ("nomenclature", Some(code)) => code.to_owned(),
                (kind, _) => locale.term("series_break", kind).to_owned(),
            },
        };
        self.breaks.iter().map(named).collect()
    }

    /// The first and last fiscal year, as far as there are lines.
    pub fn period(&self) -> Option<(i64, i64)> {
        let years = &self.choices.fiscal_years;
        Some((*years.last()?, *years.first()?))
    }
}

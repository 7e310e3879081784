//! Rows of one public body or of all of them: the same columns, and each row says whose it is.
//!
//! All bodies are read some at a time, in the order of their numbers, so that memory does not follow how many there
//! are. A row never comes from another revision than the one that was asked for.

mod accounts;
mod cells;

use std::collections::HashMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use centime_accounts::FiscalYear;
use centime_warehouse::aggregates::Profile;
use centime_warehouse::doubt::{Doubt, Findings};
use centime_warehouse::everybody::{Span, Years};
use centime_warehouse::lines::{Filter, Line, Order, Place, Sort};
use centime_warehouse::quality::{ParentCheck, Unpublished};
use centime_warehouse::{Body, Error, Revision, Warehouse};

use crate::accounts::{OF_ACCOUNTS, OF_INDICATORS};
use crate::aggregates::{OF_AGGREGATES, of_aggregate};
pub use cells::{
    DOUBTS, OF_BODIES, OF_LINES, OF_PARENTS, OF_UNPUBLISHED, WHOSE, complete_years, doubted, lines,
    of_body, of_doubts, of_line, of_one, of_parent, of_unpublished, other_budgets,
};

use crate::statement::{OF_STATEMENT, Statement};
use crate::{Analysis, Basis, Cell, Column, Inhabitants, Kind, Table, columns};

/// How many lines those bodies have together whose lines are in memory at the same time.
const LINES_AT_ONCE: i64 = 10_000;

/// The same for rows that are made from lines, of which there are far fewer.
const SUMS_AT_ONCE: i64 = 200_000;

/// The same for aggregates, of which each body has some fifty a year whatever its lines are.
const AGGREGATES_AT_ONCE: i64 = 200;

/// What the rows are of.
#[derive(Clone, Debug)]
pub enum What {
    /// The rows of an analysis.
    Analysis(&'static Analysis, Basis),
    /// The income statement: each of its lines by year.
    Statement,
    /// The statement by nature, of those whose accounts are known: each of its lines by year.
    ByNature,
    /// The accounts of each year.
    Accounts,
    /// The indicators of each year.
    Indicators,
    /// The aggregates of the OFGL of each year.
    Aggregates,
    /// The lines that fit a filter, in this order within each body.
    Lines(Filter, Order),
    /// The amounts that were not published, by year and block.
    Unpublished,
    /// Parents held against their parts.
    Parents,
    /// The bodies whose name or number has all of these words.
    Bodies(String),
}

/// Why there are no more rows.
#[derive(Debug, thiserror::Error)]
pub enum Failed {
    /// The database could not be read.
    #[error(transparent)]
    Database(#[from] Error),
    /// The revision was dropped while it was read.
    #[error("revision {0} is no longer kept: begin again with another one")]
    Dropped(i64),
}

/// Rows that are read some at a time.
#[derive(Debug)]
pub struct Rows {
    warehouse: Warehouse,
    revision: Revision,
    findings: Arc<Findings>,
    what: What,
    years: RangeInclusive<FiscalYear>,
    bodies: Bodies,
}

/// Which bodies are still to be read.
#[derive(Debug)]
enum Bodies {
    One(Body),
    /// Those after the body with this number, from the first of all without one.
    After(Option<String>),
    None,
}

impl What {
    /// The columns, with those that say whose a row is and what is doubted of it.
    pub fn columns(&self) -> Vec<Column> {
        let with_doubts = |columns: &[Column]| [columns, &[DOUBTS]].concat();
        match self {
            Self::Analysis(analysis, _) => {
                with_doubts(&[&WHOSE[..], analysis.model.columns].concat())
            }
            Self::Statement | Self::ByNature => with_doubts(&[&WHOSE[..], &OF_STATEMENT].concat()),
            Self::Accounts => with_doubts(&[&WHOSE[..], &OF_ACCOUNTS].concat()),
            Self::Indicators => with_doubts(&[&WHOSE[..], &OF_INDICATORS].concat()),
            Self::Aggregates => with_doubts(&[&WHOSE[..], &OF_AGGREGATES].concat()),
            Self::Lines(..) => with_doubts(&OF_LINES),
            Self::Unpublished => OF_UNPUBLISHED.to_vec(),
            Self::Parents => OF_PARENTS.to_vec(),
            Self::Bodies(_) => OF_BODIES.to_vec(),
        }
    }

    const fn at_once(&self) -> i64 {
        match self {
            Self::Statement
            | Self::ByNature
            | Self::Accounts
            | Self::Indicators
            | Self::Lines(..)
            | Self::Unpublished => LINES_AT_ONCE,
            Self::Aggregates => AGGREGATES_AT_ONCE,
            Self::Analysis(..) | Self::Parents | Self::Bodies(_) => SUMS_AT_ONCE,
        }
    }

    fn words(&self) -> &str {
        match self {
            Self::Bodies(words) => words,
            _ => "",
        }
    }
}

impl Rows {
    /// The rows of one body, or of all without one, in these years of a revision whose checks
    /// found this.
    pub fn new(
        warehouse: &Warehouse,
        revision: &Revision,
        findings: Arc<Findings>,
        what: What,
        body: Option<Body>,
        years: RangeInclusive<FiscalYear>,
    ) -> Self {
        Self {
            warehouse: warehouse.clone(),
            revision: revision.clone(),
            findings,
            what,
            years,
            bodies: body.map_or(Bodies::After(None), Bodies::One),
        }
    }

    /// The columns.
    pub fn columns(&self) -> Vec<Column> {
        self.what.columns()
    }

    /// All rows that are left, where they fit into memory: `None` where there are more than `most`.
    pub async fn gathered(&mut self, most: usize) -> Result<Option<Table>, Failed> {
        let mut table = Table {
            columns: self.columns(),
            rows: Vec::new(),
        };
        while let Some(mut more) = self.next().await? {
            if table.rows.len() + more.len() > most {
                return Ok(None);
            }
            table.rows.append(&mut more);
        }
        Ok(Some(table))
    }

    /// The next rows, which may be none; `None` where all are read.
    pub async fn next(&mut self) -> Result<Option<Vec<Vec<Cell>>>, Failed> {
        let (bodies, span) = match std::mem::replace(&mut self.bodies, Bodies::None) {
            Bodies::None => return Ok(None),
            Bodies::One(body) => {
                let span = Span::One(body.siren.clone());
                (vec![body], span)
            }
            Bodies::After(after) => {
                let (words, most) = (self.what.words(), self.what.at_once());
                let after = after.as_deref();
                let bodies = self
                    .warehouse
                    .next_bodies(self.revision.id, words, after, most);
                let bodies = bodies.await?;
                let Some(span) = Span::of(after, &bodies) else {
                    self.check_kept().await?;
                    return Ok(None);
                };
                let last = bodies.last().map(|body| body.siren.clone());
                self.bodies = Bodies::After(last);
                (bodies, span)
            }
        };
        let rows = self.rows(&bodies, &span).await?;
        // What is dropped while it is read is not whole.
        self.check_kept().await?;
        Ok(Some(rows))
    }

    /// The lines that come after the one at a place of a body, at most `limit`, and where they end if there are more:
    /// in the order of the numbers of the bodies, the latest year first, and within a year in the order of their
    /// records. Other rows than lines have no such places.
    pub async fn page(
        mut self,
        after: Option<(String, Place)>,
        limit: i64,
    ) -> Result<(Vec<Vec<Cell>>, Option<(String, Place)>), Failed> {
        let What::Lines(filter, _) = &self.what else {
            return Ok((Vec::new(), None));
        };
        let (warehouse, revision) = (&self.warehouse, self.revision.id);
        let filter = self.narrowed(filter);
        let order = Order {
            by: Sort::Record,
            descending: true,
        };
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut rows = Vec::new();
        let mut places: Vec<(String, Place)> = Vec::new();
        let mut last = after.as_ref().map(|(siren, _)| siren.clone());
        let mut begun = after;
        while rows.len() <= wanted {
            let room = limit
                .saturating_add(1)
                .saturating_sub(i64::try_from(rows.len()).unwrap_or(limit));
            let (bodies, span, found) = if let Some((siren, place)) = begun.take() {
                let body = match &self.bodies {
                    Bodies::One(body) => Some(body.clone()),
                    _ => warehouse.body(revision, &siren).await?,
                };
                let found = warehouse.lines_after(revision, &siren, &filter, Some(place), room);
                (
                    body.into_iter().collect(),
                    Span::One(siren.clone()),
                    found.await?.0,
                )
            } else {
                let (bodies, span) = match std::mem::replace(&mut self.bodies, Bodies::None) {
                    // What comes after a place of the only body was read.
                    Bodies::One(_) if last.is_some() => break,
                    Bodies::One(body) => {
                        let span = Span::One(body.siren.clone());
                        (vec![body], span)
                    }
                    Bodies::After(_) => {
                        let bodies =
                            warehouse.next_bodies(revision, "", last.as_deref(), LINES_AT_ONCE);
                        let bodies = bodies.await?;
                        let Some(span) = Span::of(last.as_deref(), &bodies) else {
                            break;
                        };
                        self.bodies = Bodies::After(None);
                        (bodies, span)
                    }
                    Bodies::None => break,
                };
                last = bodies.last().map(|body| body.siren.clone());
                let found = warehouse.lines_of_bodies(revision, &span, &filter, order, room);
                let found = found.await?;
                (bodies, span, found)
            };
            rows.append(&mut self.of_lines(&found, &bodies, &span).await?);
            places.extend(found.into_iter().map(|line| {
                let place = Place {
                    fiscal_year: line.fiscal_year,
                    record: line.record,
                };
                (line.siren, place)
            }));
        }
        self.check_kept().await?;
        let more = rows.len() > wanted;
        rows.truncate(wanted);
        places.truncate(wanted);
        Ok((rows, places.pop().filter(|_| more)))
    }

    /// A filter within the years of the rows.
    fn narrowed(&self, filter: &Filter) -> Filter {
        let years = match &filter.years {
            Some(years) => {
                *years.start().max(self.years.start())..=*years.end().min(self.years.end())
            }
            None => self.years.clone(),
        };
        Filter {
            years: Some(years),
            ..filter.clone()
        }
    }

    /// Lines of some bodies as rows.
    async fn of_lines(
        &self,
        lines: &[Line],
        bodies: &[Body],
        span: &Span,
    ) -> Result<Vec<Vec<Cell>>, Failed> {
        if lines.is_empty() {
            return Ok(Vec::new());
        }
        let names = Names::of(bodies);
        let mut known = self.known_years(span).await?;
        let row = |line: &Line| {
            let name = names.of_body(&line.siren);
            let complete = known.is_complete(&line.siren, line.fiscal_year);
            let mut row = of_line(line, name, complete);
            row.push(known.doubts(&line.siren, Some(line.fiscal_year)));
            row
        };
        Ok(lines.iter().map(row).collect())
    }

    /// The statements of some bodies as rows. Years that are not wanted are compared with all the same.
    async fn statements(&self, bodies: &[Body], span: &Span) -> Result<Vec<Vec<Cell>>, Failed> {
        let (warehouse, revision) = (&self.warehouse, self.revision.id);
        let names = Names::of(bodies);
        let mut known = self.known_years(span).await?;
        let populations = warehouse.populations(revision, span).await?;
        let (all, order) = (Filter::default(), Order::default());
        let lines = warehouse
            .lines_of_bodies(revision, span, &all, order, i64::MAX)
            .await?;
        let mut rows = Vec::new();
        for lines in lines.chunk_by(|one, next| one.siren == next.siren) {
            let siren = &lines[0].siren;
            let breaks = warehouse.series_breaks(revision, siren).await?;
            let inhabitants = Inhabitants::among(&populations, siren);
            let table = Statement::of(lines, &breaks)
                .divided_by(&inhabitants)
                .table();
            for row in &table.rows {
                let year = table.cell(row, columns::FISCAL_YEAR).year();
                if year.is_some_and(|year| self.years.contains(&year)) {
                    let mut cells = vec![Cell::of(siren), names.of_body(siren)];
                    cells.extend(row.iter().cloned());
                    cells.push(known.doubts(siren, year));
                    rows.push(cells);
                }
            }
        }
        Ok(rows)
    }

    /// The aggregates of some bodies as rows.
    async fn aggregates(&self, bodies: &[Body], span: &Span) -> Result<Vec<Vec<Cell>>, Failed> {
        let (warehouse, revision) = (&self.warehouse, self.revision.id);
        let names = Names::of(bodies);
        let mut known = self.known_years(span).await?;
        let populations = warehouse.populations(revision, span).await?;
        let totals = warehouse.aggregates(revision, span).await?;
        let mut rows = Vec::new();
        for totals in totals.chunk_by(|one, next| one.siren == next.siren) {
            let siren = totals[0].siren.as_str();
            let inhabitants = Inhabitants::among(&populations, siren);
            for total in totals {
                let year = total.fiscal_year;
                if self.years.contains(&year) {
                    let mut cells = vec![Cell::of(siren), names.of_body(siren)];
                    cells.extend(of_aggregate(total, &inhabitants));
                    cells.push(known.doubts(siren, Some(year)));
                    rows.push(cells);
                }
            }
        }
        Ok(rows)
    }

    /// The years of some bodies, and what casts doubt on them.
    async fn known_years(&self, span: &Span) -> Result<KnownYears<'_>, Failed> {
        let years = self.warehouse.years_of_bodies(self.revision.id, span);
        Ok(KnownYears::new(&self.findings, years.await?))
    }

    async fn check_kept(&self) -> Result<(), Failed> {
        let kept = self.warehouse.revisions().await?;
        if kept
            .iter()
            .any(|one| one.is_same_publication(&self.revision))
        {
            Ok(())
        } else {
            Err(Failed::Dropped(self.revision.id))
        }
    }

    async fn rows(&self, bodies: &[Body], span: &Span) -> Result<Vec<Vec<Cell>>, Failed> {
        let (warehouse, revision) = (&self.warehouse, self.revision.id);
        let names = Names::of(bodies);
        Ok(match &self.what {
            What::Analysis(analysis, basis) => {
                let mut known = self.known_years(span).await?;
                let found = warehouse
                    .mart_of_bodies(&analysis.model, revision, span, *basis, &self.years)
                    .await?;
                let year = 1 + analysis
                    .model
                    .columns
                    .iter()
                    .position(|column| column.kind == Kind::Year)
                    .unwrap_or_default();
                let row = |mut cells: Vec<Cell>| {
                    let siren = cells.first().and_then(Cell::text).unwrap_or_default();
                    let (name, of_year) = (names.of_body(siren), cells[year].year());
                    let doubts = known.doubts(siren, of_year);
                    cells.insert(1, name);
                    cells.push(doubts);
                    cells
                };
                found.into_iter().map(row).collect()
            }
            What::Statement => self.statements(bodies, span).await?,
            What::ByNature => self.by_nature(bodies, span).await?,
            What::Accounts => self.accounts(bodies, span).await?,
            What::Indicators => self.indicators(bodies, span).await?,
            What::Aggregates => self.aggregates(bodies, span).await?,
            What::Lines(filter, order) => {
                let filter = self.narrowed(filter);
                let found = warehouse
                    .lines_of_bodies(revision, span, &filter, *order, i64::MAX)
                    .await?;
                self.of_lines(&found, bodies, span).await?
            }
            What::Unpublished => {
                let found = warehouse.unpublished_of_bodies(revision, span).await?;
                let inside =
                    |(_, row): &(String, Unpublished)| self.years.contains(&row.fiscal_year);
                let row = |(siren, row): (String, Unpublished)| {
                    of_unpublished(&row, &siren, names.of_body(&siren))
                };
                found.into_iter().filter(inside).map(row).collect()
            }
            What::Parents => {
                let found = warehouse.parent_checks_of_bodies(revision, span).await?;
                let inside =
                    |(_, row): &(String, ParentCheck)| self.years.contains(&row.fiscal_year);
                let row = |(siren, row): (String, ParentCheck)| {
                    of_parent(&row, &siren, names.of_body(&siren))
                };
                found.into_iter().filter(inside).map(row).collect()
            }
            What::Bodies(_) => known_bodies(warehouse, revision, bodies, span).await?,
        })
    }
}

/// Bodies as rows, with what else is known of each.
///
/// # Errors
///
/// When the database cannot be read.
pub async fn known_bodies(
    warehouse: &Warehouse,
    revision: i64,
    bodies: &[Body],
    span: &Span,
) -> Result<Vec<Vec<Cell>>, Error> {
    let profiles = warehouse.profiles(revision, span).await?;
    let profiles: HashMap<&str, &Profile> = profiles
        .iter()
        .map(|(siren, profile)| (siren.as_str(), profile))
        .collect();
    let populations = warehouse.populations(revision, span).await?;
    let budgets = warehouse.budget_numbers(revision, span).await?;
    let row = |body: &Body| {
        let siren = body.siren.as_str();
        let inhabitants = Inhabitants::among(&populations, siren);
        let profile = profiles.get(siren).copied();
        of_body(body, profile, inhabitants.years().first(), &budgets)
    };
    Ok(bodies.iter().map(row).collect())
}

/// The names of bodies, by their numbers.
struct Names<'a>(HashMap<&'a str, &'a str>);

impl<'a> Names<'a> {
    fn of(bodies: &'a [Body]) -> Self {
        let named = |body: &'a Body| (body.siren.as_str(), body.name.as_str());
        Self(bodies.iter().map(named).collect())
    }

    fn of_body(&self, siren: &str) -> Cell {
        let name = self.0.get(siren).copied();
        name.map_or(Cell::Null, Cell::of)
    }
}

/// What is known of the years of some bodies.
struct KnownYears<'a> {
    findings: &'a Findings,
    years: Years,
    /// The doubts about each body that was asked of.
    doubts: HashMap<String, Vec<Doubt>>,
}

impl<'a> KnownYears<'a> {
    fn new(findings: &'a Findings, years: Years) -> Self {
        Self {
            findings,
            years,
            doubts: HashMap::new(),
        }
    }

    fn is_complete(&self, siren: &str, year: FiscalYear) -> bool {
        let years = self.years.get(siren);
        years.is_some_and(|years| years.contains(&(year, true)))
    }

    fn doubts(&mut self, siren: &str, year: Option<FiscalYear>) -> Cell {
        if !self.doubts.contains_key(siren) {
            let years = self.years.get(siren).into_iter().flatten();
            let years: Vec<FiscalYear> = years.map(|(year, _)| *year).collect();
            let doubts = self.findings.doubts(siren, &years);
            self.doubts.insert(siren.to_owned(), doubts);
        }
        let doubts = self.doubts.get(siren).map(Vec::as_slice);
        of_doubts(doubts.unwrap_or_default(), year)
    }
}

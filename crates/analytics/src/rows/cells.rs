//! What rows hold: the columns of each kind, and the cells of a line, of missing amounts, of a parent and of a body.

use std::collections::BTreeSet;

use centime_accounts::{Activity, BodyKind, Budget, FiscalYear, Side};
use centime_warehouse::Body;
use centime_warehouse::aggregates::{Population, Profile};
use centime_warehouse::doubt::{Doubt, within};
use centime_warehouse::everybody::BudgetNumbers;
use centime_warehouse::lines::Line;
use centime_warehouse::quality::{ParentCheck, Unpublished};

use crate::{Cell, Column, Kind, Table, columns};

/// The columns by which each row says whose it is.
pub const WHOSE: [Column; 2] = [
    Column::new(columns::SIREN, Kind::Text),
    Column::new(columns::BODY_NAME, Kind::Text),
];

/// The column with the names of the checks that cast doubt on the year of a row.
pub const DOUBTS: Column = Column::new(columns::DOUBTS, Kind::List);

/// The columns of lines, before the doubts; part of the public contract.
pub const OF_LINES: [Column; 22] = [
    WHOSE[0],
    WHOSE[1],
    Column::new(columns::FISCAL_YEAR, Kind::Year),
    Column::new(columns::NOMENCLATURE, Kind::Text),
    Column::new(columns::SIDE, Kind::Text),
    Column::new(columns::ACTIVITY, Kind::Text),
    Column::new(columns::BLOCK, Kind::Text),
    Column::new(columns::CATEGORY, Kind::Text),
    Column::new(columns::CODE, Kind::Text),
    Column::new(columns::LABEL, Kind::Text),
    Column::new(columns::PUBLISHED_CATEGORY, Kind::Text),
    Column::new(columns::PUBLISHED_LABEL, Kind::Text),
    Column::new(columns::MATCHED, Kind::Text),
    Column::new(columns::ROLE, Kind::Text),
    Column::new(columns::PARENT, Kind::Text),
    Column::new(columns::HARMONISED, Kind::Text),
    Column::new(columns::AMOUNT, Kind::Amount),
    Column::new(columns::COUNTED, Kind::Flag),
    Column::new(columns::MISSING, Kind::Flag),
    Column::new(columns::NIL, Kind::Flag),
    Column::new(columns::YEAR_COMPLETE, Kind::Flag),
    Column::new(columns::RECORD, Kind::Integer),
];

/// The columns of amounts that were not published.
pub const OF_UNPUBLISHED: [Column; 7] = [
    WHOSE[0],
    WHOSE[1],
    Column::new(columns::FISCAL_YEAR, Kind::Year),
    Column::new(columns::CATEGORY, Kind::Text),
    Column::new(columns::ROWS, Kind::Integer),
    Column::new(columns::NEEDED, Kind::Integer),
    Column::new(columns::NIL, Kind::Integer),
];

/// The columns of parents held against their parts.
pub const OF_PARENTS: [Column; 10] = [
    WHOSE[0],
    WHOSE[1],
    Column::new(columns::FISCAL_YEAR, Kind::Year),
    Column::new(columns::BLOCK, Kind::Text),
    Column::new(columns::CODE, Kind::Text),
    Column::new(columns::LABEL, Kind::Text),
    Column::new(columns::ROLE, Kind::Text),
    Column::new(columns::PARENT, Kind::Amount),
    Column::new(columns::CHILDREN, Kind::Amount),
    Column::new(columns::USED, Kind::Text),
];

/// The columns of public bodies.
pub const OF_BODIES: [Column; 14] = [
    Column::new(columns::SIREN, Kind::Text),
    Column::new(columns::NAME, Kind::Text),
    Column::new(columns::SIRET, Kind::Text),
    Column::new(columns::BUDGET, Kind::Text),
    Column::new(columns::FIRST_YEAR, Kind::Year),
    Column::new(columns::LAST_YEAR, Kind::Year),
    Column::new(columns::LINES, Kind::Integer),
    Column::new(columns::INSEE, Kind::Text),
    Column::new(columns::KIND, Kind::Text),
    Column::new(columns::DEPARTEMENT, Kind::Text),
    Column::new(columns::GROUPING_NAME, Kind::Text),
    Column::new(columns::POPULATION, Kind::Integer),
    Column::new(columns::POPULATION_YEAR, Kind::Year),
    Column::new(columns::OTHER_BUDGETS, Kind::List),
];

/// The names of the checks that cast doubt on a year, or on any.
pub fn doubted(doubts: &[Doubt], year: Option<FiscalYear>) -> Vec<String> {
    let of_year = match year {
        Some(year) => within(doubts, |other| other == year),
        None => doubts.to_vec(),
    };
    of_year.into_iter().map(|doubt| doubt.check).collect()
}

/// The same as a cell.
pub fn of_doubts(doubts: &[Doubt], year: Option<FiscalYear>) -> Cell {
    if doubts.is_empty() {
        return Cell::Null;
    }
    Cell::of_list(doubted(doubts, year))
}

/// The years in which no amount that is needed is missing, by the rows of the analysis of completeness on the leaf
/// basis.
pub fn complete_years(completeness: &Table) -> BTreeSet<FiscalYear> {
    let whole = |row: &&Vec<Cell>| completeness.cell(row, columns::MISSING).count() == Some(0);
    let year = |row: &Vec<Cell>| completeness.cell(row, columns::FISCAL_YEAR).year();
    let rows = completeness.rows.iter();
    rows.filter(whole).filter_map(year).collect()
}

/// The rows of a body, each of which says that it is of this body.
#[must_use]
pub fn of_one(table: &Table, body: &Body) -> Table {
    let whose = [Cell::of(&body.siren), Cell::of(&body.name)];
    let row = |row: &Vec<Cell>| whose.iter().chain(row).cloned().collect();
    Table {
        columns: WHOSE.iter().chain(&table.columns).copied().collect(),
        rows: table.rows.iter().map(row).collect(),
    }
}

/// Lines of a body, of whose years these are complete.
pub fn lines<'a>(
    lines: impl IntoIterator<Item = &'a Line>,
    body: &Body,
    complete: impl Fn(FiscalYear) -> bool,
) -> Table {
    let row = |line: &'a Line| of_line(line, Cell::of(&body.name), complete(line.fiscal_year));
    Table {
        columns: OF_LINES.to_vec(),
        rows: lines.into_iter().map(row).collect(),
    }
}

/// A line, in the order of [`OF_LINES`].
pub fn of_line(line: &Line, body_name: Cell, year_complete: bool) -> Vec<Cell> {
    let named = |value: Option<&str>| value.map_or(Cell::Null, Cell::of);
    let optional = |value: &Option<String>| named(value.as_deref());
    vec![
        Cell::of(&line.siren),
        body_name,
        Cell::Year(line.fiscal_year),
        named(line.nomenclature.map(|known| known.code.as_str())),
        named(line.side.map(Side::name)),
        named(line.activity.map(Activity::name)),
        optional(&line.block),
        Cell::of(&line.category),
        optional(&line.code),
        Cell::of(&line.label),
        Cell::of(&line.published_category),
        Cell::of(&line.published_label),
        Cell::of(line.matched.name()),
        Cell::of(line.role.name()),
        optional(&line.parent),
        optional(&line.harmonised),
        line.amount.into(),
        Cell::Flag(line.counted),
        Cell::Flag(line.missing),
        Cell::Flag(line.nil),
        Cell::Flag(year_complete),
        Cell::Count(line.record),
    ]
}

/// Amounts that were not published, in the order of [`OF_UNPUBLISHED`].
pub fn of_unpublished(found: &Unpublished, siren: &str, body_name: Cell) -> Vec<Cell> {
    vec![
        Cell::of(siren),
        body_name,
        Cell::Year(found.fiscal_year),
        Cell::of(&found.category),
        Cell::Count(found.rows),
        Cell::Count(found.needed),
        Cell::Count(found.nil),
    ]
}

/// A parent held against its parts, in the order of [`OF_PARENTS`].
pub fn of_parent(check: &ParentCheck, siren: &str, body_name: Cell) -> Vec<Cell> {
    vec![
        Cell::of(siren),
        body_name,
        Cell::Year(check.fiscal_year),
        Cell::of(&check.block),
        Cell::of(&check.code),
        Cell::of(&check.label),
        Cell::of(check.role.name()),
        check.parent.into(),
        check.children.into(),
        Cell::of(check.used.name()),
    ]
}

/// A public body with what else is known of it, its latest population and its other budgets, in the order of
/// [`OF_BODIES`].
pub fn of_body(
    body: &Body,
    profile: Option<&Profile>,
    population: Option<&Population>,
    budgets: &BudgetNumbers,
) -> Vec<Cell> {
    let optional = |value: Option<&str>| value.map_or(Cell::Null, Cell::of);
    vec![
        Cell::of(&body.siren),
        Cell::of(&body.name),
        optional(body.siret()),
        optional(body.budget.map(Budget::name)),
        Cell::Year(body.first_year),
        Cell::Year(body.last_year),
        Cell::Count(body.lines),
        optional(profile.and_then(|known| known.insee.as_deref())),
        optional(profile.and_then(|known| known.kind).map(BodyKind::name)),
        optional(profile.and_then(|known| known.departement.as_deref())),
        optional(profile.and_then(|known| known.grouping.as_deref())),
        population.map_or(Cell::Null, |known| Cell::Count(known.population)),
        population.map_or(Cell::Null, |known| Cell::Year(known.fiscal_year)),
        Cell::of_list(other_budgets(body, budgets)),
    ]
}

/// The numbers of the other budgets of the same body, its main budget first; none where there is no other.
pub fn other_budgets(body: &Body, budgets: &BudgetNumbers) -> Vec<String> {
    let all = body
        .siret()
        .and_then(|_| budgets.get(body.siren_number()))
        .into_iter()
        .flatten();
    all.filter(|number| **number != body.siren)
        .cloned()
        .collect()
}

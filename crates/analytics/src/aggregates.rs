//! Aggregates of the OFGL as rows for files and programs.

use centime_warehouse::aggregates::Aggregate;

use crate::{Cell, Column, Inhabitants, Kind, Table, columns};

/// The columns of aggregates, before those that say whose they are; part of the public contract.
pub const OF_AGGREGATES: [Column; 9] = [
    Column::new(columns::FISCAL_YEAR, Kind::Year),
    Column::new(columns::BUDGET, Kind::Text)
        .meaning("Which budget of the body it is of: main, attached, annex. Those of several budgets are never added."),
    Column::new(columns::BUDGET_NAME, Kind::Text)
        .meaning("The name of the budget, where the source says it."),
    Column::new(columns::NOMENCLATURE, Kind::Text).meaning("The nomenclature, as published."),
    Column::new(columns::AGGREGATE, Kind::Text)
        .meaning("Which aggregate, as the OFGL calls it: Epargne brute."),
    Column::new(columns::AMOUNT, Kind::Amount),
    Column::new(columns::PER_INHABITANT, Kind::Amount)
        .meaning("The amount divided by the population of the year."),
    Column::new(columns::POPULATION, Kind::Integer)
        .meaning("The number of inhabitants that the amount is divided by."),
    Column::new(columns::RECORD, Kind::Integer),
];

/// An aggregate, in the order of [`OF_AGGREGATES`], for each inhabitant of its body.
pub fn of_aggregate(total: &Aggregate, inhabitants: &Inhabitants) -> Vec<Cell> {
    let text = |text: Option<&str>| text.map_or(Cell::Null, Cell::of);
    let known = inhabitants.in_year(total.fiscal_year);
    vec![
        Cell::Year(total.fiscal_year),
        Cell::of(total.budget.name()),
        text(total.budget_name.as_deref()),
        text(total.nomenclature.as_deref()),
        Cell::of(&total.aggregate),
        Cell::Amount(total.amount),
        inhabitants.each(total.amount, total.fiscal_year).into(),
        known.map_or(Cell::Null, |known| Cell::Count(known.population)),
        Cell::Count(total.record),
    ]
}

/// The aggregates of a body as rows.
pub fn table(totals: &[Aggregate], inhabitants: &Inhabitants) -> Table {
    let row = |total| of_aggregate(total, inhabitants);
    Table {
        columns: OF_AGGREGATES.to_vec(),
        rows: totals.iter().map(row).collect(),
    }
}

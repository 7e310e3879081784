//! The statement as rows of a table: one for each line and year.

use super::{Statement, Stretch};
use crate::{Cell, Column, Kind, Table, columns};

/// The columns of the statement, before those that say whose it is; part of the public contract.
pub const OF_STATEMENT: [Column; 20] = [
    Column::new(columns::FISCAL_YEAR, Kind::Year),
    Column::new(columns::NOMENCLATURE, Kind::Text),
    Column::new(columns::LINE, Kind::Text)
        .meaning("The name of the line, the same in every revision: m57-personnel."),
    Column::new(columns::BLOCK, Kind::Text).meaning("The name of the block of the line."),
    Column::new(columns::PARENT, Kind::Text)
        .meaning("The name of the heading or subtotal that the line belongs to."),
    Column::new(columns::ROLE, Kind::Text),
    Column::new(columns::SIDE, Kind::Text),
    Column::new(columns::ACTIVITY, Kind::Text),
    Column::new(columns::LABEL, Kind::Text),
    Column::new(columns::RECOGNISED, Kind::Flag)
        .meaning("Whether the official model has the line: 1, or 0 where the published label is kept."),
    Column::new(columns::AMOUNT, Kind::Amount)
        .meaning("What the line comes to; of a sum, what is added of the lines that it sums."),
    Column::new(columns::KNOWN, Kind::Text)
        .meaning("How the amount is known, or why not: published, repeats, computed, differs, nil, missing, empty."),
    Column::new(columns::COUNTED, Kind::Flag)
        .meaning("Whether the amount is added as such: the others repeat or sum those that are."),
    Column::new(columns::PRINTED_AMOUNT, Kind::Amount).meaning("What was printed in the line."),
    Column::new(columns::REVENUE_SHARE, Kind::Rate)
        .meaning("The amount as a share of all revenue of the year."),
    Column::new(columns::PER_INHABITANT, Kind::Amount)
        .meaning("The amount divided by the population of the year."),
    Column::new(columns::POPULATION, Kind::Integer)
        .meaning("The number of inhabitants that the amount is divided by."),
    Column::new(columns::DIFFERENCE, Kind::Amount)
        .meaning("The amount less that of the year before, where both are of one series."),
    Column::new(columns::CHANGE, Kind::Rate)
        .meaning("That difference as a share of the amount of the year before."),
    Column::new(columns::RECORDS, Kind::List)
        .meaning("The numbers of the records that add up to the amount, in their revision."),
];

impl Statement {
    /// A row for each line and year that has it, the latest year first and each in the order of the official model.
    pub fn table(&self) -> Table {
        let stretches = self.stretches.iter();
        Table {
            columns: OF_STATEMENT.to_vec(),
            rows: stretches.flat_map(Stretch::table_rows).collect(),
        }
    }
}

impl Stretch {
    fn table_rows(&self) -> Vec<Vec<Cell>> {
        let name = |address: &Option<centime_accounts::LineAddress>| {
            let name = address.as_ref();
            name.map_or(Cell::Null, |address| Cell::of(address.as_str()))
        };
        let word = |word: Option<&str>| word.map_or(Cell::Null, Cell::of);
        let mut rows = Vec::new();
        for (place, year) in self.years.iter().enumerate() {
            let population = year.population.as_ref();
            let population = population.map_or(Cell::Null, |known| Cell::Count(known.population));
            for row in &self.rows {
                let figure = &row.figures[place];
                if !figure.is_there() {
                    continue;
                }
                let records = figure.records.iter();
                let records: Vec<String> =
                    records.map(|record| record.number.to_string()).collect();
                rows.push(vec![
                    Cell::Year(year.fiscal_year),
                    word(self.code()),
                    Cell::of(row.address.as_str()),
                    name(&row.block),
                    name(&row.parent),
                    Cell::of(row.kind.name()),
                    word(row.side.map(centime_accounts::Side::name)),
                    word(row.activity.map(centime_accounts::Activity::name)),
                    Cell::of(&row.label),
                    Cell::Flag(row.recognised),
                    figure.amount.into(),
                    Cell::of(figure.known.name()),
                    Cell::Flag(figure.counted),
                    figure.published.into(),
                    figure.share.into(),
                    figure.per_inhabitant.into(),
                    population.clone(),
                    figure.change.into(),
                    figure.change_rate.into(),
                    Cell::of_list(records),
                ]);
            }
        }
        rows
    }
}

//! Which lines have an amount in which year.

use std::collections::HashMap;

use centime_accounts::{FiscalYear, Role, Side};
use centime_warehouse::lines::Line;

use super::{CATEGORY, FISCAL_YEAR, LABEL, SIDE};
use crate::{Cell, Column, Kind, Selection, Table, columns};

/// A line by its side, category and label.
type Named<'a> = (Side, &'a str, &'a str);

/// What is known of a line in a year, from what is to be noticed most to least.
const STATES: [&str; 6] = [
    "missing", "negative", "subtotal", "added", "repeated", "empty",
];

/// The state of each line in each year: `added` and `negative` are added up; a `subtotal` only holds
/// what its parts hold; `repeated` is any other row that is not added; `missing` is needed and was
/// not published; `empty` was not published and is not needed. Lines are in the order of the latest
/// statement that has them; a year without the line has no row.
pub fn presence(lines: &[Line], selection: &Selection) -> Table {
    let mut order: Vec<Named<'_>> = Vec::new();
    let mut states: HashMap<Named<'_>, Vec<(FiscalYear, &str)>> = HashMap::new();
    for line in lines
        .iter()
        .filter(|line| selection.years.contains(&line.fiscal_year) && selection.has(line))
    {
        let Some(side) = line.side else {
            continue;
        };
        let key = (side, line.category.as_str(), line.label.as_str());
        let of_line = states.entry(key).or_insert_with(|| {
            order.push(key);
            Vec::new()
        });
        let state = state(line);
        match of_line
            .iter_mut()
            .find(|(year, _)| *year == line.fiscal_year)
        {
            Some((_, known)) if rank(state) < rank(known) => *known = state,
            Some(_) => {}
            None => of_line.push((line.fiscal_year, state)),
        }
    }
    let rows = order.iter().flat_map(|key| {
        let (side, category, label) = *key;
        states[key].iter().rev().map(move |(year, state)| {
            vec![
                Cell::of(side.name()),
                Cell::of(category),
                Cell::of(label),
                Cell::Year(*year),
                Cell::of(state),
            ]
        })
    });
    Table {
        columns: vec![
            SIDE,
            CATEGORY,
            LABEL,
            FISCAL_YEAR,
            Column::new(columns::STATE, Kind::Text),
        ],
        rows: rows.collect(),
    }
}

fn state(line: &Line) -> &'static str {
    match line.amount {
        None if line.missing => "missing",
        None => "empty",
        Some(amount) if line.counted && amount.is_negative() => "negative",
        Some(_) if line.counted => "added",
        Some(_) if matches!(line.role, Role::Subtotal | Role::Total) => "subtotal",
        Some(_) => "repeated",
    }
}

fn rank(state: &str) -> usize {
    let found = STATES.iter().position(|known| *known == state);
    found.unwrap_or(STATES.len())
}

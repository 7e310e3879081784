//! Which lines have an amount in which year.

use std::collections::HashMap;

use centime_warehouse::lines::Line;

use crate::{Cell, Column, Kind, Selection, Table};

/// A line by its side, category and label.
type Named<'a> = (&'a str, &'a str, &'a str);

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
    let mut states: HashMap<Named<'_>, Vec<(i64, &str)>> = HashMap::new();
    for line in lines
        .iter()
        .filter(|line| selection.years.contains(&line.fiscal_year) && selection.has(line))
    {
        let Some(side) = line.side.as_deref() else {
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
                Cell::Text(side.to_owned()),
                Cell::Text(category.to_owned()),
                Cell::Text(label.to_owned()),
                Cell::Integer(*year),
                Cell::Text((*state).to_owned()),
            ]
        })
    });
    Table {
        columns: vec![
            Column::new("side", Kind::Text),
            Column::new("category", Kind::Text),
            Column::new("label", Kind::Text),
            Column::new("fiscal_year", Kind::Year),
            Column::new("state", Kind::Text),
        ],
        rows: rows.collect(),
    }
}

fn state(line: &Line) -> &'static str {
    match line.amount {
        None if line.missing => "missing",
        None => "empty",
        Some(amount) if line.counted && amount < 0 => "negative",
        Some(_) if line.counted => "added",
        Some(_) if line.role == "subtotal" || line.role == "total" => "subtotal",
        Some(_) => "repeated",
    }
}

fn rank(state: &str) -> usize {
    let found = STATES.iter().position(|known| *known == state);
    found.unwrap_or(STATES.len())
}

//! How the revenue of a year becomes its result.

use std::collections::BTreeMap;

use centime_warehouse::lines::Line;

use super::{Sum, amount, is_dropped};
use crate::{Cell, Column, Kind, Selection, Table};

/// The steps from the revenue of the year in focus to its result: the revenue, each category of
/// expense from the largest, and what is left. `step` is `revenue`, `expense` or `result`.
/// Restricted by activity only. Without a row where an amount of the year is missing, or one of its
/// sides (`Selection::needs_both_sides`).
pub fn steps(lines: &[Line], selection: &Selection) -> Table {
    let columns = vec![
        Column::new("fiscal_year", Kind::Year),
        Column::new("step", Kind::Text),
        Column::new("category", Kind::Text),
        Column::new("amount", Kind::Amount),
    ];
    let whole = Selection {
        side: None,
        category: None,
        ..selection.clone()
    };
    let mut revenue = Sum::default();
    let mut expense: BTreeMap<&str, Sum> = BTreeMap::new();
    for line in lines
        .iter()
        .filter(|line| line.fiscal_year == selection.focus && whole.has(line))
        .filter(|line| !is_dropped(line, selection.basis))
    {
        match line.side.as_deref() {
            Some("revenue") => revenue.add(line, selection.basis),
            Some("expense") => expense
                .entry(selection.grouping.of(line))
                .or_default()
                .add(line, selection.basis),
            _ => {}
        }
    }
    let missing = revenue.missing + expense.values().map(|sum| sum.missing).sum::<usize>();
    let mut parts: Vec<(&str, i64)> = expense
        .into_iter()
        .filter(|(_, sum)| sum.lines > 0)
        .map(|(category, sum)| (category, sum.amount))
        .collect();
    let nothing = if selection.needs_both_sides() {
        revenue.lines == 0 || parts.is_empty()
    } else {
        revenue.lines == 0 && parts.is_empty()
    };
    if missing > 0 || nothing {
        return Table {
            columns,
            rows: Vec::new(),
        };
    }
    parts.sort_by_key(|(category, amount)| (std::cmp::Reverse(*amount), *category));
    let left = parts.iter().fold(revenue.amount, |left, (_, amount)| {
        left.saturating_sub(*amount)
    });
    let row = |step: &str, category: Option<&str>, value: i64| {
        vec![
            Cell::Integer(selection.focus),
            Cell::Text(step.to_owned()),
            category.map_or(Cell::Null, |category| Cell::Text(category.to_owned())),
            amount(Some(value)),
        ]
    };
    let mut rows = vec![row("revenue", None, revenue.amount)];
    rows.extend(
        parts
            .iter()
            .map(|(category, amount)| row("expense", Some(category), *amount)),
    );
    rows.push(row("result", None, left));
    Table { columns, rows }
}

//! From which lines money comes, and to which it goes.

use std::collections::HashMap;

use centime_warehouse::lines::Line;

use super::{Sum, amount, is_dropped};
use crate::{Cell, Column, Kind, Selection, Table};

/// The lines of the year in focus with the sums they bring or take, the largest of each side first.
/// Restricted by activity only. Without a row where an amount of the year is missing, or one of its
/// sides (`Selection::needs_both_sides`).
pub fn flow(lines: &[Line], selection: &Selection) -> Table {
    let columns = vec![
        Column::new("fiscal_year", Kind::Year),
        Column::new("side", Kind::Text),
        Column::new("category", Kind::Text),
        Column::new("label", Kind::Text),
        Column::new("amount", Kind::Amount),
    ];
    let whole = Selection {
        side: None,
        category: None,
        ..selection.clone()
    };
    let mut order: Vec<(&str, &str, &str)> = Vec::new();
    let mut sums: HashMap<(&str, &str, &str), Sum> = HashMap::new();
    for line in lines
        .iter()
        .filter(|line| line.fiscal_year == selection.focus && whole.has(line))
        .filter(|line| !is_dropped(line, selection.basis))
    {
        let Some(side) = line.side.as_deref() else {
            continue;
        };
        let key = (side, line.category.as_str(), line.label.as_str());
        if !sums.contains_key(&key) {
            order.push(key);
        }
        sums.entry(key).or_default().add(line, selection.basis);
    }
    let mut rows: Vec<(i64, Vec<Cell>)> = order
        .iter()
        .filter_map(|key| Some((*key, sums.get(key).copied().filter(|sum| sum.lines > 0)?)))
        .map(|((side, category, label), sum)| {
            let row = vec![
                Cell::Integer(selection.focus),
                Cell::Text(side.to_owned()),
                Cell::Text(category.to_owned()),
                Cell::Text(label.to_owned()),
                amount(Some(sum.amount)),
            ];
            (sum.amount, row)
        })
        .collect();
    let has = |wanted: &str| rows.iter().any(|(_, row)| row[1].text() == Some(wanted));
    let one_sided = selection.needs_both_sides() && !(has("revenue") && has("expense"));
    if one_sided || sums.values().any(|sum| sum.missing > 0) {
        rows.clear();
    }
    // Revenue first, as money comes in before it goes out.
    rows.sort_by(|(one, first), (other, second)| {
        (second[1].text(), other).cmp(&(first[1].text(), one))
    });
    Table {
        columns,
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    }
}

//! From which lines money comes, and to which it goes.

use std::cmp::Reverse;
use std::collections::HashMap;

use centime_accounts::{Centimes, Side};
use centime_warehouse::lines::Line;

use super::{AMOUNT, CATEGORY, FISCAL_YEAR, LABEL, SIDE, Sum, is_dropped};
use crate::{Cell, Selection, Table};

/// The lines of the year in focus with the sums they bring or take, the largest of each side first.
/// Restricted by activity only. Without a row where an amount of the year is missing, or one of its
/// sides (`Selection::needs_both_sides`).
pub fn flow(lines: &[Line], selection: &Selection) -> Table {
    let columns = vec![FISCAL_YEAR, SIDE, CATEGORY, LABEL, AMOUNT];
    let whole = Selection {
        side: None,
        category: None,
        ..selection.clone()
    };
    let mut order: Vec<(Side, &str, &str)> = Vec::new();
    let mut sums: HashMap<(Side, &str, &str), Sum> = HashMap::new();
    for line in lines
        .iter()
        .filter(|line| line.fiscal_year == selection.focus && whole.has(line))
        .filter(|line| !is_dropped(line, selection.basis))
    {
        let Some(side) = line.side else {
            continue;
        };
        let key = (side, line.category.as_str(), line.label.as_str());
        if !sums.contains_key(&key) {
            order.push(key);
        }
        sums.entry(key).or_default().add(line, selection.basis);
    }
    let mut rows: Vec<(Side, Centimes, Vec<Cell>)> = order
        .iter()
        .filter_map(|key| Some((*key, sums.get(key).copied().filter(|sum| sum.lines > 0)?)))
        .map(|((side, category, label), sum)| {
            let row = vec![
                Cell::Year(selection.focus),
                Cell::of(side.name()),
                Cell::of(category),
                Cell::of(label),
                Cell::Amount(sum.amount),
            ];
            (side, sum.amount, row)
        })
        .collect();
    let has = |wanted| rows.iter().any(|(side, ..)| *side == wanted);
    let one_sided = selection.needs_both_sides() && !Side::ALL.into_iter().all(has);
    if one_sided || sums.values().any(|sum| sum.missing > 0) {
        rows.clear();
    }
    // Revenue first, as money comes in before it goes out.
    rows.sort_by_key(|(side, amount, _)| (*side, Reverse(*amount)));
    Table {
        columns,
        rows: rows.into_iter().map(|(.., row)| row).collect(),
    }
}

//! How the revenue of a year becomes its result.

use std::collections::BTreeMap;

use centime_accounts::{Centimes, Side};
use centime_warehouse::lines::Line;

use super::{AMOUNT, CATEGORY, FISCAL_YEAR, Sum, Undetailed, is_dropped};
use crate::{Cell, Column, Kind, Selection, Table, columns};

/// A step from the revenue of a year to its result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// An amount of a side.
    Of(Side),
    /// What is left.
    Result,
}

impl Step {
    /// The name in the column `step`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Of(side) => side.name(),
            Self::Result => "result",
        }
    }

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        let result = (name == Self::Result.name()).then_some(Self::Result);
        result.or_else(|| Side::named(name).map(Self::Of))
    }
}

/// The steps from the revenue of the year in focus to its result: the revenue, each category of
/// expense from the largest, and what is left. `step` is the name of a
/// [`Step`]. Restricted by activity only. Without a row where an amount of the year is missing, or is
/// known by a total of several categories only, or where it has not both
/// sides (`Selection::needs_both_sides`).
pub fn steps(lines: &[Line], selection: &Selection) -> Table {
    let columns = vec![
        FISCAL_YEAR,
        Column::new(columns::STEP, Kind::Text),
        CATEGORY,
        AMOUNT,
    ];
    let whole = Selection {
        side: None,
        category: None,
        ..selection.clone()
    };
    let undetailed = Undetailed::of(lines, &whole);
    let mut revenue = Sum::default();
    let mut expense: BTreeMap<&str, Sum> = BTreeMap::new();
    for line in lines
        .iter()
        .filter(|line| line.fiscal_year == selection.focus && whole.has(line))
        .filter(|line| !is_dropped(line, selection.basis))
    {
        match line.side {
            Some(Side::Revenue) => revenue.add(line, selection.basis),
            Some(Side::Expense) => {
                let sum = expense.entry(selection.grouping.of(line)).or_default();
                sum.add(line, selection.basis);
                sum.hidden += usize::from(undetailed.hides(line));
            }
            None => {}
        }
    }
    let of_expense = expense.values().map(|sum| sum.missing + sum.hidden);
    let missing = revenue.missing + of_expense.sum::<usize>();
    let mut parts: Vec<(&str, Centimes)> = expense
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
    let row = |step: Step, category: Option<&str>, amount: Centimes| {
        vec![
            Cell::Year(selection.focus),
            Cell::of(step.name()),
            category.map_or(Cell::Null, Cell::of),
            Cell::Amount(amount),
        ]
    };
    let mut rows = vec![row(Step::Of(Side::Revenue), None, revenue.amount)];
    rows.extend(
        parts
            .iter()
            .map(|(category, amount)| row(Step::Of(Side::Expense), Some(category), *amount)),
    );
    rows.push(row(Step::Result, None, left));
    Table { columns, rows }
}

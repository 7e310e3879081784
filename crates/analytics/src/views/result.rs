//! Revenue, expense and result of each year.

use std::collections::BTreeMap;

use centime_accounts::{FiscalYear, Side, YearStatus};
use centime_warehouse::lines::Line;

use super::{Sum, in_years, is_dropped};
use crate::{Basis, Cell, Selection, Table, columns};

/// The result of each year: the rows of the analysis, or for a part of the statement the sums of
/// its lines in the same columns. A part has no published result to be held against, and one side or one
/// category has no result at all.
pub fn result(lines: &[Line], whole: &Table, selection: &Selection) -> Table {
    let mut table = in_years(whole, selection);
    if !selection.is_partial() {
        return table;
    }
    let mut sums: BTreeMap<(FiscalYear, Side), Sum> = BTreeMap::new();
    for line in lines.iter().filter(|line| selection.has(line)) {
        if let (Some(side), false) = (line.side, is_dropped(line, selection.basis)) {
            sums.entry((line.fiscal_year, side))
                .or_default()
                .add(line, selection.basis);
        }
    }
    let columns = table.columns.clone();
    for row in &mut table.rows {
        let year = row
            .iter()
            .zip(&columns)
            .find(|(_, column)| column.name == columns::FISCAL_YEAR)
            .and_then(|(cell, _)| cell.year());
        let of = |side| {
            let sum = year.and_then(|year| sums.get(&(year, side)));
            sum.copied().unwrap_or_default()
        };
        let (revenue, expense) = (of(Side::Revenue), of(Side::Expense));
        let one_sided = selection.side.is_some() || selection.category.is_some();
        let result = (!one_sided
            && revenue.missing + expense.missing == 0
            && revenue.lines + expense.lines > 0)
            .then(|| revenue.amount.saturating_sub(expense.amount));
        for (cell, column) in row.iter_mut().zip(&columns) {
            *cell = match column.name {
                columns::REVENUE => revenue.known().into(),
                columns::EXPENSE => expense.known().into(),
                columns::RESULT => result.into(),
                columns::PUBLISHED_RESULT | columns::DIFFERENCE | columns::MISSING_LINES => {
                    Cell::Null
                }
                columns::STATUS => Cell::Status(if selection.basis == Basis::Naive {
                    YearStatus::Unchecked
                } else if revenue.missing + expense.missing > 0 {
                    YearStatus::Incomplete
                } else {
                    YearStatus::Complete
                }),
                _ => continue,
            };
        }
    }
    table
}

//! Which lines changed between two years, on both sides.

use centime_accounts::Grouping;
use centime_warehouse::lines::Line;

use super::{CATEGORY, CHANGE, LABEL, SIDE};
use crate::years::{self, Move, YearFigures};
use crate::{Basis, Cell, Selection, Table};

/// Which lines moved the result from the year compared with to the one in focus, those that moved it most first.
///
/// `None` where lines cannot be held against each other: in a plain sum, which counts some of them twice, in comparable
/// categories and within a category, which have a closer or a wider look, and between years that a break, or a result
/// that is not known, stands between. `results` are the rows of the analysis `yearly-result`.
pub fn line_changes(lines: &[Line], results: &Table, selection: &Selection) -> Option<Table> {
    let selected = selected(lines, results, selection)?;
    let rows = moves(&selected, selection);
    Some(Table {
        columns: [&[SIDE, CATEGORY, LABEL][..], &CHANGE].concat(),
        rows: rows
            .into_iter()
            .map(|moved| {
                vec![
                    Cell::of(moved.side.name()),
                    Cell::of(&moved.line.category),
                    Cell::of(&moved.line.label),
                    Cell::Year(selection.against),
                    Cell::Year(selection.focus),
                    moved.before.into(),
                    moved.after.into(),
                    Some(moved.difference).into(),
                    moved.rate.into(),
                ]
            })
            .collect(),
    })
}

/// What moved, of [`selected`] lines.
pub fn moves<'a>(selected: &'a [Line], selection: &Selection) -> Vec<Move<'a>> {
    years::moves(selected, selection.against, selection.focus)
}

/// The lines of both years that can be held against each other; `None` where none can.
pub fn selected(lines: &[Line], results: &Table, selection: &Selection) -> Option<Vec<Line>> {
    let compared = [selection.against, selection.focus];
    let whole = selection.basis == Basis::Leaf
        && selection.grouping == Grouping::Published
        && selection.category.is_none();
    let [from, to] = [compared[0].min(compared[1]), compared[0].max(compared[1])];
    let known = YearFigures::of(results);
    if !whole || from == to || years::barrier(&known, from, to).is_some() {
        return None;
    }
    let inside = |line: &&Line| compared.contains(&line.fiscal_year) && selection.has(line);
    Some(lines.iter().filter(inside).cloned().collect())
}

//! Statement lines as a table to keep.

use centime_analytics::{Cell, Column, Kind, Table};
use centime_warehouse::lines::Line;

/// The columns, in order; part of the public contract of the downloads.
pub const COLUMNS: [Column; 15] = [
    Column::new("fiscal_year", Kind::Year),
    Column::new("nomenclature", Kind::Text),
    Column::new("side", Kind::Text),
    Column::new("activity", Kind::Text),
    Column::new("category", Kind::Text),
    Column::new("label", Kind::Text),
    Column::new("published_category", Kind::Text),
    Column::new("published_label", Kind::Text),
    Column::new("role", Kind::Text),
    Column::new("matched", Kind::Text),
    Column::new("amount", Kind::Amount),
    Column::new("counted", Kind::Flag),
    Column::new("missing", Kind::Flag),
    Column::new("nil", Kind::Flag),
    Column::new("source_record", Kind::Integer),
];

/// Lines as a table, one a row.
pub fn table<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Table {
    Table {
        columns: COLUMNS.to_vec(),
        rows: lines.into_iter().map(row).collect(),
    }
}

/// A line, in the order of [`COLUMNS`].
fn row(line: &Line) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let optional = |value: &Option<String>| value.as_deref().map_or(Cell::Null, text);
    vec![
        Cell::Integer(line.fiscal_year),
        optional(&line.nomenclature),
        optional(&line.side),
        optional(&line.activity),
        text(&line.category),
        text(&line.label),
        text(&line.published_category),
        text(&line.published_label),
        text(&line.role),
        text(&line.matched),
        line.amount.map_or(Cell::Null, Cell::Integer),
        Cell::Integer(line.counted.into()),
        Cell::Integer(line.missing.into()),
        Cell::Integer(line.nil.into()),
        Cell::Integer(line.record),
    ]
}

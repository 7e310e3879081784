//! Tables as CSV, for programs.
//!
//! Amounts and rates are decimal numbers with a point, whatever the language of the reader. What
//! cannot be computed is an empty cell. Lists are joined with a semicolon.
//!
//! A text is written as it is, as in JSON and Parquet: a label that begins with `=`, `+`, `-` or `@` gets no
//! apostrophe before it, because programs would take that for a part of the label. Spreadsheets may take such
//! a text of a CSV file for a formula; the form for them is the workbook, whose cells are typed.

use centime_analytics::{Cell, Column, Kind, Table};
use csv::Writer;

use crate::export::json::decimal;

/// A table, with the names of its columns first.
pub fn table(table: &Table) -> String {
    let header = table.columns.iter().map(|column| column.name.to_owned());
    record(header.collect()) + &rows(&table.columns, &table.rows)
}

/// Rows, without the names of their columns.
pub(crate) fn rows(columns: &[Column], rows: &[Vec<Cell>]) -> String {
    let rows = rows.iter().map(|row| {
        let cells = columns.iter().zip(row);
        cells
            .map(|(column, cell)| value(column.kind, cell))
            .collect()
    });
    records(rows)
}

/// One row.
pub(crate) fn record(cells: Vec<String>) -> String {
    records(std::iter::once(cells))
}

/// Rows of as many cells each, with the names of the columns first.
///
/// # Panics
///
/// Where a row has another number of cells than there are columns.
pub fn written(header: Vec<String>, rows: impl Iterator<Item = Vec<String>>) -> String {
    records(std::iter::once(header).chain(rows))
}

fn records(rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut writer = Writer::from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row)
            .expect("every row has as many cells as the header, and memory takes them");
    }
    let bytes = writer.into_inner().expect("memory takes all that is left");
    String::from_utf8(bytes).expect("texts are UTF-8")
}

fn value(kind: Kind, cell: &Cell) -> String {
    match (kind, cell) {
        (_, Cell::Null) => String::new(),
        (Kind::Amount | Kind::Rate, Cell::Integer(number)) => decimal(*number),
        (Kind::Flag, Cell::Integer(flag)) => (*flag != 0).to_string(),
        (_, Cell::Integer(number)) => number.to_string(),
        (Kind::List, cell) => cell.list().collect::<Vec<_>>().join("; "),
        (_, Cell::Text(text)) => text.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_cell(kind: Kind, cell: Cell) -> String {
        let sample = Table {
            columns: vec![
                Column::new("fiscal_year", Kind::Year),
                Column::new("cell", kind),
            ],
            rows: vec![vec![Cell::Integer(2024), cell]],
        };
        let text = table(&sample);
        text.strip_prefix("fiscal_year,cell\n2024,")
            .and_then(|cell| cell.strip_suffix('\n'))
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    }

    #[test]
    fn each_kind_has_its_form() {
        assert_eq!(one_cell(Kind::Amount, Cell::Integer(-123_450)), "-1234.50");
        assert_eq!(one_cell(Kind::Rate, Cell::Integer(186)), "1.86");
        assert_eq!(one_cell(Kind::Amount, Cell::Null), "");
        assert_eq!(one_cell(Kind::Flag, Cell::Integer(1)), "true");
        assert_eq!(one_cell(Kind::List, Cell::Text("a\nb".into())), "a; b");
        assert_eq!(
            one_cell(Kind::Text, Cell::Text("say \"no\", twice".into())),
            "\"say \"\"no\"\", twice\""
        );
    }

    proptest! {
        #[test]
        fn a_text_survives(text in "[=+@'\t\r\n\u{feff} -]{0,2}(?s:.*)") {
            let sample = Table {
                columns: vec![Column::new("label", Kind::Text)],
                rows: vec![vec![Cell::Text(text.clone())]],
            };
            let written = table(&sample);
            let mut reader = csv::Reader::from_reader(written.as_bytes());
            let read = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(read.get(0).unwrap(), text);
        }
    }
}

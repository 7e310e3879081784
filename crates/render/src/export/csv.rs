//! Tables as CSV, for programs.
//!
//! Amounts and rates are decimal numbers with a point, whatever the language of the reader. What
//! cannot be computed is an empty cell. Lists are joined with a semicolon.
//!
//! A text is written as it is, as in JSON and Parquet: a label that begins with `=`, `+`, `-` or `@` gets no
//! apostrophe before it, because programs would take that for a part of the label. Spreadsheets may take such
//! a text of a CSV file for a formula; the forms for them are the workbook, whose cells are typed, and
//! [`spreadsheet`](super::spreadsheet).

use centime_analytics::{Cell, Table};
use csv::Writer;

/// A table, with the names of its columns first.
pub fn table(table: &Table) -> String {
    let header = table.columns.iter().map(|column| column.name.to_string());
    record(header.collect()) + &rows(&table.rows)
}

/// Rows, without the names of their columns.
pub(crate) fn rows(rows: &[Vec<Cell>]) -> String {
    records(rows.iter().map(|row| row.iter().map(value).collect()))
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

fn value(cell: &Cell) -> String {
    match cell {
        Cell::Null => String::new(),
        Cell::Year(year) => year.to_string(),
        Cell::Count(number) => number.to_string(),
        Cell::Amount(amount) => amount.to_string(),
        Cell::Rate(rate) => rate.to_string(),
        Cell::Flag(flag) => flag.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Status(status) => status.name().to_owned(),
        Cell::List(entries) => entries.join("; "),
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::{BasisPoints, Centimes, FiscalYear};
    use centime_analytics::{Column, ColumnName, Kind, columns};
    use proptest::prelude::*;

    use super::*;

    fn one_cell(kind: Kind, cell: Cell) -> String {
        let sample = Table {
            columns: vec![
                Column::new(columns::FISCAL_YEAR, Kind::Year),
                Column::new(ColumnName::new("cell"), kind),
            ],
            rows: vec![vec![Cell::Year(FiscalYear::new(2024)), cell]],
        };
        let text = table(&sample);
        text.strip_prefix("fiscal_year,cell\n2024,")
            .and_then(|cell| cell.strip_suffix('\n'))
            .unwrap_or_else(|| panic!("{text}"))
            .to_owned()
    }

    #[test]
    fn each_kind_has_its_form() {
        assert_eq!(
            one_cell(Kind::Amount, Cell::Amount(Centimes::new(-123_450))),
            "-1234.50"
        );
        assert_eq!(
            one_cell(Kind::Rate, Cell::Rate(BasisPoints::new(186))),
            "1.86"
        );
        assert_eq!(one_cell(Kind::Amount, Cell::Null), "");
        assert_eq!(one_cell(Kind::Flag, Cell::Flag(true)), "true");
        assert_eq!(
            one_cell(Kind::List, Cell::List(vec!["a".into(), "b".into()])),
            "a; b"
        );
        assert_eq!(
            one_cell(Kind::Text, Cell::Text("say \"no\", twice".into())),
            "\"say \"\"no\"\", twice\""
        );
    }

    proptest! {
        #[test]
        fn a_text_survives(text in "[=+@'\t\r\n\u{feff} -]{0,2}(?s:.*)") {
            let sample = Table {
                columns: vec![Column::new(columns::LABEL, Kind::Text)],
                rows: vec![vec![Cell::Text(text.clone())]],
            };
            let written = table(&sample);
            let mut reader = csv::Reader::from_reader(written.as_bytes());
            let read = reader.records().next().unwrap().unwrap();
            prop_assert_eq!(read.get(0).unwrap(), text);
        }
    }
}

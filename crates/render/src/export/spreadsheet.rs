//! CSV for spreadsheets, which opens by a double click: with the separators of the reader's language, headings and
//! values in its words, and a mark of its encoding.
//!
//! Spreadsheets take a text that begins as a formula does for one. It gets an apostrophe before it, which [`csv`] for
//! programs never has.
//!
//! [`csv`]: super::csv

use std::borrow::Cow;

use centime_analytics::{Cell, Column, Language, Table};
use csv::{Terminator, WriterBuilder};

use super::words::Words;

/// By which spreadsheets know that a file is UTF-8.
const MARK: &str = "\u{feff}";

/// What a formula begins with, and what some programs leave out before one.
const OF_FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A table, with the names of its columns first.
pub fn table(table: &Table, words: Words) -> String {
    header(&table.columns, words) + &rows(&table.columns, &table.rows, words)
}

/// The mark of the encoding, and the names of the columns.
pub(super) fn header(columns: &[Column], words: Words) -> String {
    let names = columns
        .iter()
        .map(|column| words.heading(column).to_owned());
    format!("{MARK}{}", written(std::iter::once(names.collect()), words))
}

/// Rows, without the names of their columns.
pub(super) fn rows(columns: &[Column], rows: &[Vec<Cell>], words: Words) -> String {
    let rows = rows.iter().map(|row| {
        let cells = columns.iter().zip(row);
        cells
            .map(|(column, cell)| value(columns, row, column, cell, words))
            .collect()
    });
    written(rows, words)
}

fn written(rows: impl Iterator<Item = Vec<String>>, words: Words) -> String {
    let delimiter = match words.locale().language() {
        Language::French => b';',
        Language::English => b',',
    };
    let mut writer = WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row)
            .expect("every row has as many cells as the header, and memory takes them");
    }
    let bytes = writer.into_inner().expect("memory takes all that is left");
    String::from_utf8(bytes).expect("texts are UTF-8")
}

fn value(columns: &[Column], row: &[Cell], column: &Column, cell: &Cell, words: Words) -> String {
    let decimal = |number: String| match words.locale().language() {
        Language::French => number.replace('.', ","),
        Language::English => number,
    };
    match cell {
        Cell::Null => String::new(),
        Cell::Year(year) => year.to_string(),
        Cell::Count(count) => count.to_string(),
        Cell::Amount(amount) => decimal(amount.to_string()),
        Cell::Rate(rate) => format!("{}%", decimal(rate.to_string())),
        Cell::Flag(flag) => words.flag(*flag).to_owned(),
        Cell::Status(status) => words.status(*status).to_owned(),
        Cell::Text(text) => harmless(words.text(columns, row, column, text)),
        Cell::List(entries) => harmless(words.list(columns, row, column, entries).into()),
    }
}

/// A text that no spreadsheet takes for a formula.
fn harmless(text: Cow<'_, str>) -> String {
    if text.starts_with(OF_FORMULAS) {
        format!("'{text}")
    } else {
        text.into_owned()
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::{BasisPoints, Centimes, FiscalYear, YearStatus};
    use centime_analytics::{Kind, columns};
    use proptest::prelude::*;

    use super::*;
    use crate::provenance::source::tests::source;

    fn sample(label: &str) -> Table {
        Table {
            columns: vec![
                Column::new(columns::BODY_NAME, Kind::Text),
                Column::new(columns::FISCAL_YEAR, Kind::Year),
                Column::new(columns::LABEL, Kind::Text),
                Column::new(columns::AMOUNT, Kind::Amount),
                Column::new(columns::SHARE, Kind::Rate),
                Column::new(columns::STATUS, Kind::Status),
                Column::new(columns::DOUBTS, Kind::List),
                Column::new(columns::COUNTED, Kind::Flag),
            ],
            rows: vec![vec![
                Cell::of("Ville; de « Test »"),
                Cell::Year(FiscalYear::new(2024)),
                Cell::of(label),
                Cell::Amount(Centimes::new(-123_450)),
                Cell::Rate(BasisPoints::new(186)),
                Cell::Status(YearStatus::Incomplete),
                Cell::List(vec!["no-duplicates".to_owned()]),
                Cell::Flag(true),
            ]],
        }
    }

    #[test]
    fn french_and_english_spreadsheets_open_it_by_a_double_click() {
        let of = |language| table(&sample("Dont ménages"), Words::of(&source(), language));
        assert_eq!(
            of(Language::French),
            "\u{feff}Collectivité;Exercice;Ligne;Montant;Part;Statut;Réserves;Comptée\r\n\
             \"Ville; de « Test »\";2024;Dont ménages;-1234,50;1,86%;incomplet;lignes publiées deux fois;oui\r\n"
        );
        assert_eq!(
            of(Language::English),
            "\u{feff}Public body,Year,Line,Amount,Share,Status,Doubts,Counted\r\n\
             Ville; de « Test »,2024,Dont ménages,-1234.50,1.86%,incomplete,rows published twice,yes\r\n"
        );
    }

    proptest! {
        #[test]
        fn no_text_is_a_formula(text in "[=+@'\t\r\n -]{0,2}(?s:.{0,20})") {
            let written = table(&sample(&text), Words::of(&source(), Language::French));
            let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(written.as_bytes());
            let read = reader.records().next().unwrap().unwrap();
            let label = read.get(2).unwrap();
            prop_assert!(!label.starts_with(OF_FORMULAS));
            prop_assert!(label == text || label.strip_prefix('\'') == Some(&*text));
            prop_assert_eq!(read.get(3).unwrap(), "-1234,50");
        }
    }
}

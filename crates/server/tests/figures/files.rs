//! Workbooks and Parquet as CSV has their rows, read by programs of others.

use std::io::Cursor;

use bytes::Bytes;
use calamine::{Data, Reader, Xlsx};
use centime_analytics::Language;
use centime_render::Locale;
use parquet::data_type::Decimal;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::statement;

/// The columns of rates, which a workbook has as parts of one.
const RATES: [&str; 5] = [
    "share",
    "change",
    "margin",
    "rate_of_return",
    "cumulative_share",
];

/// The columns of whole numbers.
const WHOLE: [&str; 14] = [
    "fiscal_year",
    "year_before",
    "year_after",
    "record",
    "rank",
    "lines",
    "published",
    "unpublished",
    "counted",
    "nil",
    "missing",
    "unrecognised",
    "witnesses",
    "witnesses_equal",
];

/// The groups of words for the codes of a column, which people are shown in their language.
const WORDS: [(&str, &[&str]); 17] = [
    ("witness", &["witness"]),
    ("independence", &["independence"]),
    ("reason", &["reason"]),
    ("subject", &["subject"]),
    ("side", &["side"]),
    ("activity", &["activity"]),
    ("role", &["role"]),
    ("matched", &["matched"]),
    ("status", &["status"]),
    ("series_break", &["series_break"]),
    ("harmonised", &["harmonised_category"]),
    ("harmonised_category", &["harmonised_category"]),
    ("category", &["harmonised_category", "activity_of"]),
    ("exceptional_successor", &["successor"]),
    ("state", &["state"]),
    ("known", &["statement.known"]),
    ("doubts", &["doubt.check"]),
];

/// The code that stands for a word in a column.
fn code_of(column: &str, word: &str) -> String {
    let locales = Language::ALL.map(Locale::of);
    if column == "step" {
        let steps = ["revenue", "expense", "result"];
        let named = |step: &&str| locales.iter().any(|it| it.term("column", step) == word);
        return steps.into_iter().find(named).unwrap_or(word).to_owned();
    }
    let groups = WORDS.iter().find(|(name, _)| *name == column);
    let groups = groups.map_or(&[][..], |(_, groups)| groups);
    let found = groups.iter().find_map(|group| {
        let mut terms = locales.iter().flat_map(|locale| locale.terms(group));
        terms.find(|(_, term)| *term == word).map(|(code, _)| code)
    });
    found.unwrap_or(word).to_owned()
}

/// The rows of a workbook as CSV has them: with the names of columns that the CSV has, and codes for words.
pub fn csv_of_workbook(bytes: &[u8], csv: &str) -> String {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let columns: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let mut lines = vec![columns.join(",")];
    let headings = sheet.rows().next().unwrap();
    assert_eq!(headings.len(), columns.len(), "{headings:?}");
    for (heading, column) in headings.iter().zip(&columns) {
        // None is a technical name, unless that is a word.
        let heading = heading.to_string();
        assert!(
            !heading.contains('_') && !heading.is_empty(),
            "{column}: {heading}"
        );
    }
    for row in sheet.rows().skip(1) {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(place, cell)| {
                let column = columns[place];
                match cell {
                    Data::String(words) => {
                        let words = words.split("; ").map(|word| code_of(column, word));
                        words.collect::<Vec<_>>().join("; ").replace('"', "\"\"")
                    }
                    Data::Float(number) if RATES.contains(&column) => {
                        let digits = format!("{number:.4}").replace('.', "");
                        statement::decimal(digits.parse().unwrap())
                    }
                    Data::Float(number) if WHOLE.contains(&column) => format!("{number:.0}"),
                    Data::Float(number) => format!("{number:.2}"),
                    Data::Empty => String::new(),
                    cell => cell.to_string().replace('"', "\"\""),
                }
            })
            .collect();
        lines.push(line(cells));
    }
    lines.join("\n")
}

/// The rows of a CSV for spreadsheets as CSV for programs has them.
pub fn csv_of_spreadsheet(text: &str, csv: &str) -> String {
    let text = text
        .strip_prefix('\u{feff}')
        .expect("a mark of the encoding");
    let french = text.lines().next().unwrap().contains(';');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(if french { b';' } else { b',' })
        .from_reader(text.as_bytes());
    let columns: Vec<&str> = csv.lines().next().unwrap().split(',').collect();
    let headings = reader.headers().unwrap();
    assert_eq!(headings.len(), columns.len(), "{headings:?}");
    let mut lines = vec![columns.join(",")];
    for row in reader.records() {
        let row = row.unwrap();
        let cells = row.iter().zip(&columns).map(|(cell, column)| {
            let number = cell.trim_end_matches('%');
            let number = if french {
                number.replace(',', ".")
            } else {
                number.to_owned()
            };
            if number.parse::<f64>().is_ok() {
                return number;
            }
            match cell {
                "oui" | "yes" => "true".to_owned(),
                "non" | "no" => "false".to_owned(),
                words => {
                    let words = words.split("; ").map(|word| code_of(column, word));
                    words.collect::<Vec<_>>().join("; ").replace('"', "\"\"")
                }
            }
        });
        lines.push(line(cells.collect()));
    }
    lines.join("\n")
}

/// The rows of a Parquet file as CSV has them.
pub fn csv_of_parquet(bytes: Vec<u8>) -> String {
    let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
    let schema = reader.metadata().file_metadata().schema();
    let columns = schema.get_fields().iter();
    let head = columns.map(|field| field.name().to_owned()).collect();
    let rows = reader.get_row_iter(None).unwrap().map(|row| {
        let row = row.unwrap();
        let cells = row.get_column_iter().map(|(_, field)| text_of(field));
        line(cells.collect())
    });
    std::iter::once(line(head))
        .chain(rows)
        .collect::<Vec<_>>()
        .join("\n")
}

fn text_of(field: &Field) -> String {
    match field {
        Field::Null => String::new(),
        Field::Bool(flag) => flag.to_string(),
        Field::Long(number) => number.to_string(),
        Field::Str(text) => text.replace('"', "\"\""),
        Field::Decimal(decimal) => hundredths(decimal),
        Field::ListInternal(list) => {
            let texts: Vec<String> = list.elements().iter().map(text_of).collect();
            texts.join("; ")
        }
        other => panic!("no column is of this kind: {other:?}"),
    }
}

fn hundredths(decimal: &Decimal) -> String {
    assert_eq!(decimal.scale(), 2);
    let bytes: [u8; 8] = decimal.data().try_into().unwrap();
    statement::decimal(i64::from_be_bytes(bytes))
}

/// A line of CSV, whose quotation marks are doubled already.
fn line(cells: Vec<String>) -> String {
    let cells = cells.into_iter().map(|cell| {
        if cell.contains([',', '"']) {
            format!("\"{cell}\"")
        } else {
            cell
        }
    });
    cells.collect::<Vec<_>>().join(",")
}

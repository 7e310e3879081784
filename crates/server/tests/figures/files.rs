//! Workbooks and Parquet as CSV has their rows, read by programs of others.

use std::io::Cursor;

use bytes::Bytes;
use calamine::{Data, Reader, Xlsx};
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
const WHOLE: [&str; 12] = [
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
];

/// The rows of a workbook as CSV has them.
pub fn csv_of_workbook(bytes: &[u8]) -> String {
    let mut book = Xlsx::new(Cursor::new(bytes)).unwrap();
    let sheet = book.worksheet_range_at(0).unwrap().unwrap();
    let mut columns: Vec<String> = Vec::new();
    let mut lines = Vec::new();
    for row in sheet.rows() {
        let cells: Vec<String> = row
            .iter()
            .enumerate()
            .map(|(place, cell)| {
                let column = columns.get(place).map_or("", String::as_str);
                match cell {
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
        if columns.is_empty() {
            columns.clone_from(&cells);
        }
        lines.push(line(cells));
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

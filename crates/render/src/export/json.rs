//! Tables as JSON, for programs.
//!
//! Amounts are decimal texts in euros and rates decimal texts in percent, each with two digits: a
//! JSON number would pass through a binary fraction in most programs.

use centime_accounts::Centimes;
use centime_analytics::{Cell, Column, Kind, Table};
use serde_json::{Map, Value};

/// A table as an array of objects in the order of its columns. A list is an array of texts; what
/// cannot be computed is `null`.
pub fn table(table: &Table) -> String {
    // One object a line, so that differences between two downloads can be read.
    let objects = table.rows.iter();
    let objects = objects.map(|row| object(&table.columns, row).to_string());
    let objects: Vec<String> = objects.collect();
    if objects.is_empty() {
        "[]\n".to_owned()
    } else {
        format!("[\n{}\n]\n", objects.join(",\n"))
    }
}

/// A row as an object, in the order of its columns.
pub fn object(columns: &[Column], row: &[Cell]) -> Value {
    let cells = columns.iter().zip(row);
    let members = cells.map(|(column, cell)| (column.name.to_owned(), value(column.kind, cell)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// A cell: euros and percent as decimal texts.
pub fn value(kind: Kind, cell: &Cell) -> Value {
    match (kind, cell) {
        (Kind::List, cell) => cell.list().map(Value::from).collect(),
        (_, Cell::Null) => Value::Null,
        (Kind::Amount | Kind::Rate, Cell::Integer(number)) => decimal(*number).into(),
        (Kind::Flag, Cell::Integer(flag)) => (*flag != 0).into(),
        (_, Cell::Integer(number)) => (*number).into(),
        (_, Cell::Text(text)) => text.as_str().into(),
    }
}

/// Hundredths as a decimal number with a point: `-1234.50`.
pub(crate) fn decimal(hundredths: i64) -> String {
    Centimes::new(hundredths).to_string()
}

/// Ten-thousandths as a decimal number with a point: `-0.0186`.
pub(crate) fn ten_thousandths(number: i64) -> String {
    let (sign, digits) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    format!("{sign}{}.{:04}", digits / 10_000, digits % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        let column = |name, kind| Column::new(name, kind);
        let sample = Table {
            columns: vec![
                column("fiscal_year", Kind::Year),
                column("amount", Kind::Amount),
                column("share", Kind::Rate),
                column("status", Kind::Text),
                column("missing_lines", Kind::List),
                column("counted", Kind::Flag),
            ],
            rows: vec![
                vec![
                    Cell::Integer(2024),
                    Cell::Integer(-123_450),
                    Cell::Integer(-5),
                    Cell::Text("a \"b\"".into()),
                    Cell::Text("one\ntwo".into()),
                    Cell::Integer(0),
                ],
                vec![
                    Cell::Integer(2025),
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                ],
            ],
        };
        let text = table(&sample);
        assert_eq!(
            text,
            "[\n\
             {\"fiscal_year\":2024,\"amount\":\"-1234.50\",\"share\":\"-0.05\",\
             \"status\":\"a \\\"b\\\"\",\"missing_lines\":[\"one\",\"two\"],\"counted\":false},\n\
             {\"fiscal_year\":2025,\"amount\":null,\"share\":null,\"status\":null,\
             \"missing_lines\":[],\"counted\":null}\n]\n"
        );
        serde_json::from_str::<Value>(&text).unwrap();
    }

    #[test]
    fn no_row_is_an_empty_array() {
        let nothing = Table {
            columns: Vec::new(),
            rows: Vec::new(),
        };
        assert_eq!(table(&nothing), "[]\n");
        assert_eq!(ten_thousandths(-186), "-0.0186");
    }
}

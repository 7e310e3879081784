//! Tables as JSON, for programs.
//!
//! Amounts are decimal texts in euros and rates decimal texts in percent, each with two digits: a
//! JSON number would pass through a binary fraction in most programs.

use centime_accounts::BasisPoints;
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
    let members = cells.map(|(column, cell)| (column.name.to_string(), value(column.kind, cell)));
    Value::Object(members.collect::<Map<_, _>>())
}

/// A cell of a column of this kind: euros and percent as decimal texts, a list without entries as an empty one.
pub fn value(kind: Kind, cell: &Cell) -> Value {
    match cell {
        Cell::Null if kind == Kind::List => Value::Array(Vec::new()),
        Cell::Null => Value::Null,
        Cell::Year(year) => year.get().into(),
        Cell::Count(number) => (*number).into(),
        Cell::Amount(amount) => amount.to_string().into(),
        Cell::Rate(rate) => rate.to_string().into(),
        Cell::Flag(flag) => (*flag).into(),
        Cell::Text(text) => text.as_str().into(),
        Cell::Status(status) => status.name().into(),
        Cell::List(entries) => entries.as_slice().into(),
    }
}

/// A rate as a part of one, as a decimal number with a point: `-0.0186`.
pub(crate) fn part_of_one(rate: BasisPoints) -> String {
    let number = rate.get();
    let (sign, digits) = (if number < 0 { "-" } else { "" }, number.unsigned_abs());
    format!("{sign}{}.{:04}", digits / 10_000, digits % 10_000)
}

#[cfg(test)]
mod tests {
    use centime_accounts::{Centimes, FiscalYear};
    use centime_analytics::columns;

    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        let column = |name, kind| Column::new(name, kind);
        let sample = Table {
            columns: vec![
                column(columns::FISCAL_YEAR, Kind::Year),
                column(columns::AMOUNT, Kind::Amount),
                column(columns::SHARE, Kind::Rate),
                column(columns::STATUS, Kind::Text),
                column(columns::MISSING_LINES, Kind::List),
                column(columns::COUNTED, Kind::Flag),
            ],
            rows: vec![
                vec![
                    Cell::Year(FiscalYear::new(2024)),
                    Cell::Amount(Centimes::new(-123_450)),
                    Cell::Rate(BasisPoints::new(-5)),
                    Cell::Text("a \"b\"".into()),
                    Cell::List(vec!["one".into(), "two".into()]),
                    Cell::Flag(false),
                ],
                vec![
                    Cell::Year(FiscalYear::new(2025)),
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
        assert_eq!(part_of_one(BasisPoints::new(-186)), "-0.0186");
    }
}

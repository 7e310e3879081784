//! Tables and lines as JSON, for programs.
//!
//! Amounts are decimal texts in euros and rates decimal texts in percent, each with two digits: a
//! JSON number would pass through a binary fraction in most programs.

use centime_accounts::Centimes;
use centime_analytics::{Cell, Kind, Table};
use centime_warehouse::lines::Line;
use serde_json::{Map, Value};

use crate::lines;

/// A table as an array of objects in the order of its columns. A list is an array of texts; what
/// cannot be computed is `null`.
pub fn table(table: &Table) -> String {
    let rows = table.rows.iter().map(|row| {
        let cells = table.columns.iter().zip(row);
        cells
            .map(|(column, cell)| (column.name.to_owned(), value(column.kind, cell)))
            .collect::<Map<_, _>>()
    });
    written(rows)
}

/// Lines as an array of objects.
pub fn lines<'a>(lines: impl IntoIterator<Item = &'a Line>) -> String {
    let rows = lines.into_iter().map(|line| {
        let values = lines::COLUMNS.into_iter().zip(lines::values(line));
        values
            .map(|(name, value)| (name.to_owned(), line_value(&value)))
            .collect::<Map<_, _>>()
    });
    written(rows)
}

/// One object a line, so that differences between two downloads can be read.
fn written(rows: impl Iterator<Item = Map<String, Value>>) -> String {
    let objects: Vec<String> = rows.map(|row| Value::Object(row).to_string()).collect();
    if objects.is_empty() {
        "[]\n".to_owned()
    } else {
        format!("[\n{}\n]\n", objects.join(",\n"))
    }
}

fn value(kind: Kind, cell: &Cell) -> Value {
    match (kind, cell) {
        (Kind::List, cell) => cell.list().map(Value::from).collect(),
        (_, Cell::Null) => Value::Null,
        (Kind::Amount | Kind::Rate, Cell::Integer(number)) => decimal(*number).into(),
        (_, Cell::Integer(number)) => (*number).into(),
        (_, Cell::Text(text)) => text.as_str().into(),
    }
}

fn line_value(value: &lines::Value) -> Value {
    match value {
        lines::Value::Null => Value::Null,
        lines::Value::Integer(number) => (*number).into(),
        lines::Value::Amount(centimes) => decimal(*centimes).into(),
        lines::Value::Flag(flag) => (*flag).into(),
        lines::Value::Text(text) => (*text).into(),
    }
}

/// Hundredths as a decimal number with a point: `-1234.50`.
pub(crate) fn decimal(hundredths: i64) -> String {
    Centimes::new(hundredths).to_string()
}

#[cfg(test)]
mod tests {
    use centime_analytics::Column;

    use super::*;

    #[test]
    fn each_kind_has_its_form() {
        let column = |name, kind| Column { name, kind };
        let sample = Table {
            columns: vec![
                column("fiscal_year", Kind::Year),
                column("amount", Kind::Amount),
                column("share", Kind::Rate),
                column("status", Kind::Text),
                column("missing_lines", Kind::List),
            ],
            rows: vec![
                vec![
                    Cell::Integer(2024),
                    Cell::Integer(-123_450),
                    Cell::Integer(-5),
                    Cell::Text("a \"b\"".into()),
                    Cell::Text("one\ntwo".into()),
                ],
                vec![
                    Cell::Integer(2025),
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
             \"status\":\"a \\\"b\\\"\",\"missing_lines\":[\"one\",\"two\"]},\n\
             {\"fiscal_year\":2025,\"amount\":null,\"share\":null,\"status\":null,\
             \"missing_lines\":[]}\n]\n"
        );
        serde_json::from_str::<Value>(&text).unwrap();
    }

    #[test]
    fn no_row_is_an_empty_array() {
        assert_eq!(lines([]), "[]\n");
    }
}

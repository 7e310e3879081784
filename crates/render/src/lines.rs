//! The columns of a download of statement lines.

use centime_warehouse::lines::Line;

/// A value of a downloaded line.
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// A whole number.
    Integer(i64),
    /// An amount in centimes.
    Amount(i64),
    /// True or false.
    Flag(bool),
    /// A text.
    Text(&'a str),
}

/// The names of the columns, in order; part of the public contract of the downloads.
pub const COLUMNS: [&str; 14] = [
    "fiscal_year",
    "nomenclature",
    "side",
    "activity",
    "category",
    "label",
    "published_category",
    "published_label",
    "role",
    "matched",
    "amount",
    "counted",
    "missing",
    "source_record",
];

/// The values of a line, in the order of [`COLUMNS`].
pub fn values(line: &Line) -> [Value<'_>; 14] {
    [
        Value::Integer(line.fiscal_year),
        optional_text(line.nomenclature.as_deref()),
        optional_text(line.side.as_deref()),
        optional_text(line.activity.as_deref()),
        Value::Text(&line.category),
        Value::Text(&line.label),
        Value::Text(&line.published_category),
        Value::Text(&line.published_label),
        Value::Text(&line.role),
        Value::Text(&line.matched),
        line.amount.map_or(Value::Null, Value::Amount),
        Value::Flag(line.counted),
        Value::Flag(line.missing),
        Value::Integer(line.record),
    ]
}

fn optional_text(text: Option<&str>) -> Value<'_> {
    text.map_or(Value::Null, Value::Text)
}

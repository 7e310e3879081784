//! What an object of a database says of itself.

/// What says of a column what its values mean.
pub(crate) fn comment(table: &str, column: &str, text: &str) -> String {
    comment_on(&format!("COLUMN {table}.{column}"), text)
}

/// What says of an object what it is.
pub(crate) fn comment_on(object: &str, text: &str) -> String {
    format!("COMMENT ON {object} IS {};", literal(text))
}

/// A text of SQL.
fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

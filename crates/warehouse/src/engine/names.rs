//! The names of tables, as each engine has them.

/// The schemas whose names begin the names of our tables.
const SCHEMAS: [&str; 6] = ["raw", "core", "mart", "ops", "published", "slice"];

/// A statement as SQLite reads it.
pub(crate) fn without_schemas(sql: &str) -> String {
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut before = ' ';
    while let Some(letter) = rest.chars().next() {
        let schema = SCHEMAS.iter().find(|schema| {
            let after = rest
                .strip_prefix(**schema)
                .and_then(|rest| rest.strip_prefix('.'));
            let starts_word = !before.is_alphanumeric() && before != '_' && before != '.';
            starts_word
                && after.is_some_and(|after| after.starts_with(|c: char| c.is_ascii_lowercase()))
        });
        if let Some(schema) = schema {
            out.push_str(schema);
            out.push('_');
            rest = &rest[schema.len() + 1..];
            before = '_';
        } else {
            out.push(letter);
            rest = &rest[letter.len_utf8()..];
            before = letter;
        }
    }
    out
}

/// Whether the rows of a table are those of slices, which several revisions may have, or of revisions.
pub(crate) fn is_of_slices(table: &str) -> bool {
    table.starts_with("slice.")
}

/// The column that says whose a row is.
pub(crate) fn key(table: &str) -> &'static str {
    if is_of_slices(table) {
        "slice_id"
    } else {
        "revision_id"
    }
}

/// The table that PostgreSQL has for a revision or a slice, in a schema that only those who write enter.
pub(crate) fn partition(table: &str, number: i64) -> String {
    let of = if is_of_slices(table) { 's' } else { 'r' };
    format!("partition.{}_{of}{number}", table.replace('.', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_become_the_first_word_of_names() {
        assert_eq!(
            without_schemas(
                "SELECT a.x, score.y FROM core.line AS a JOIN (mart.b) -- core. é ops.c"
            ),
            "SELECT a.x, score.y FROM core_line AS a JOIN (mart_b) -- core. é ops_c"
        );
    }
}

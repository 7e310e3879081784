//! The words of a statement, as far as it takes to find names in it: strings, quoted names and comments are none.

/// The number of the line with a character of a text, counted from 0.
pub(crate) fn line_at(text: &str, place: usize) -> usize {
    let before = text.chars().take(place);
    1 + before.filter(|letter| *letter == '\n').count()
}

/// The part of a statement that begins a text, or the next letter of it that stands for itself.
fn skip(text: &str) -> Option<usize> {
    let until = |open: usize, close: &str| {
        let rest = text.get(open..)?;
        Some(
            rest.find(close)
                .map_or(text.len(), |at| open + at + close.len()),
        )
    };
    let mut letters = text.chars();
    match (letters.next()?, letters.next()) {
        // A mark within is written twice, which reads as two texts beside each other.
        ('\'', _) => until(1, "'"),
        ('"', _) => until(1, "\""),
        ('`', _) => until(1, "`"),
        ('[', _) => until(1, "]"),
        ('-', Some('-')) => until(2, "\n"),
        ('/', Some('*')) => until(2, "*/"),
        _ => None,
    }
}

/// A statement as SQLite reads it, which has no schemas: `published.body` becomes `published_body`. Texts,
/// quoted names and comments stay as they are.
pub(crate) fn published_without_schema(sql: &str) -> String {
    const SCHEMA: &str = "published";
    let mut out = String::with_capacity(sql.len());
    let mut rest = sql;
    let mut before = ' ';
    while let Some(letter) = rest.chars().next() {
        if let Some(length) = skip(rest) {
            out.push_str(&rest[..length]);
            rest = &rest[length..];
            before = ' ';
            continue;
        }
        let starts_word = !is_word(before) && before != '.';
        let named = rest
            .get(..SCHEMA.len())
            .filter(|word| starts_word && word.eq_ignore_ascii_case(SCHEMA));
        let after = named.and_then(|_| rest[SCHEMA.len()..].trim_start().strip_prefix('.'));
        let name = after.map(str::trim_start);
        if let Some(name) =
            name.filter(|name| name.starts_with(|letter: char| letter.is_ascii_alphabetic()))
        {
            out.push_str(SCHEMA);
            out.push('_');
            rest = name;
            before = '_';
            continue;
        }
        out.push(letter);
        rest = &rest[letter.len_utf8()..];
        before = letter;
    }
    out
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '$')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_becomes_the_first_word_of_names() {
        for (sql, expected) in [
            (
                "SELECT * FROM published.body",
                "SELECT * FROM published_body",
            ),
            ("FROM PUBLISHED . body, x", "FROM published_body, x"),
            (
                "'published.body' || \"published.body\"",
                "'published.body' || \"published.body\"",
            ),
            (
                "'it''s published.a' -- published.b\npublished.c",
                "'it''s published.a' -- published.b\npublished_c",
            ),
            (
                "/* published.a */ unpublished.b a.published.c published.1",
                "/* published.a */ unpublished.b a.published.c published.1",
            ),
            ("'published.a", "'published.a"),
            ("é/*", "é/*"),
        ] {
            assert_eq!(published_without_schema(sql), expected);
        }
    }
}

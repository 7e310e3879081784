//! SQL of models that is written from templates, so that what several models say is said once.
//!
//! `{name}` stands for a part that is given; `{rate(numerator, denominator)}` for [`rate`]. The rest is SQL.

/// The share that one integer is of another in hundredths of a percent, rounded half away from zero, as SQL in
/// integers; empty where the denominator is not above zero, or either is not known.
///
/// `Centimes::share_of` is the same in Rust, and a test holds them against each other. Neither overflows for amounts
/// that a year of a public body may have.
pub fn rate(numerator: &str, denominator: &str) -> String {
    let (of, whole) = (operand(numerator), operand(denominator));
    format!(
        "CASE
    WHEN {denominator} <= 0 THEN NULL
    WHEN {numerator} >= 0 THEN (20000 * {of} + {whole}) / (2 * {whole})
    ELSE (20000 * {of} - {whole}) / (2 * {whole})
END"
    )
}

/// An expression where it is multiplied.
fn operand(expression: &str) -> String {
    if expression.contains(' ') {
        format!("({expression})")
    } else {
        expression.to_owned()
    }
}

/// The SQL that a template and its parts make.
///
/// # Panics
///
/// When a placeholder is not known: templates are part of the program.
pub fn written(template: &str, parts: &[(&str, &str)]) -> String {
    let mut sql = String::with_capacity(2 * template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        sql.push_str(before);
        let (placeholder, after) = after
            .split_once('}')
            .unwrap_or_else(|| panic!("a placeholder without its end: {after}"));
        let column = sql.len() - sql.rfind('\n').map_or(0, |end| end + 1);
        let indent = sql[sql.len() - column..]
            .bytes()
            .take_while(|byte| *byte == b' ')
            .count();
        sql.push_str(&indented(&part(placeholder, parts), indent));
        rest = after;
    }
    sql.push_str(rest);
    sql
}

fn part(placeholder: &str, parts: &[(&str, &str)]) -> String {
    if let Some(arguments) = placeholder
        .strip_prefix("rate(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let (numerator, denominator) = arguments
            .split_once(", ")
            .unwrap_or_else(|| panic!("a rate of one argument: {placeholder}"));
        return rate(numerator, denominator);
    }
    let known = parts.iter().find(|(name, _)| *name == placeholder);
    let (_, text) = known.unwrap_or_else(|| panic!("an unknown placeholder: {placeholder}"));
    (*text).to_owned()
}

/// A text whose further lines begin where its first does.
fn indented(text: &str, indent: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(indent)))
}

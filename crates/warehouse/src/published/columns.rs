//! The columns of a view, in the forms in which values are shown.

use crate::table::{Column, Kind};

/// A column of a view: its name, its expression, what its values mean.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    pub(super) name: String,
    pub(super) expression: String,
    pub(super) meaning: String,
}

/// How a value that is kept is shown.
#[derive(Clone, Copy, Debug)]
pub(super) enum As {
    /// As it is.
    Itself,
    /// Centimes, and euros beside them.
    Amount,
    /// Hundredths of a percent, and percent beside them.
    Rate,
    /// Hundredths of something that is counted in whole ones.
    Hundredths,
    /// A moment that is kept as a text.
    Moment,
    /// A list that is kept as JSON.
    List,
    /// A record that is kept as JSON.
    Record,
}

/// How a text is distinguished from JSON that the binary form of PostgreSQL cannot hold: an escape of the letter zero, or of half
/// a pair, and numbers of very many digits.
const UNFIT: &str = r"'\\u(0000|d[89a-f])|[0-9]e[+-]?[0-9]{4}'";

impl Shown {
    pub(super) fn new(
        name: impl Into<String>,
        expression: impl Into<String>,
        meaning: &str,
    ) -> Self {
        Self {
            name: name.into(),
            expression: expression.into(),
            meaning: meaning.to_owned(),
        }
    }

    /// A column for each form in which a value is shown.
    pub(super) fn all(
        name: &str,
        expression: &str,
        how: As,
        meaning: &str,
        postgres: bool,
    ) -> Vec<Self> {
        let one = |expression: String| vec![Self::new(name, expression, meaning)];
        match (how, postgres) {
            (As::Amount, _) => amount(name, expression, meaning, postgres),
            (As::Rate, _) => rate(name, expression, meaning, postgres),
            (As::Hundredths, _) => one(hundredth(expression, postgres)),
            (As::Moment, true) => one(format!("CAST({expression} AS timestamptz)")),
            (As::List, true) => one(format!(
                "ARRAY(SELECT json_array_elements_text(CAST({expression} AS json)))"
            )),
            (As::Record, true) => one(format!(
                "CASE WHEN {expression} !~* {UNFIT} THEN CAST({expression} AS jsonb) END"
            )),
            // SQLite has texts for all of these, and functions that read them.
            (As::Itself, _) | (As::Moment | As::List | As::Record, false) => {
                one(expression.to_owned())
            }
        }
    }

    /// The columns in which a column of a mart is shown.
    pub(super) fn of(column: &Column, postgres: bool) -> Vec<Self> {
        let (name, kind) = (column.name.as_str(), column.kind);
        let own = format!("own.{name}");
        let meaning = if column.meaning.is_empty() {
            kind.meaning()
        } else {
            column.meaning
        };
        match kind {
            Kind::Amount => amount(name, &own, meaning, postgres),
            Kind::Rate => rate(name, &own, meaning, postgres),
            Kind::List if postgres => vec![Self::new(
                name,
                format!("string_to_array({own}, E'\\n')"),
                meaning,
            )],
            // An array in JSON: a letter that no text has keeps written backslashes from being taken for ends of lines.
            Kind::List => {
                let quoted = format!("replace(json_quote({own}), '\\\\', char(1))");
                let parted = format!("replace({quoted}, '\\n', '\",\"')");
                let whole = format!("'[' || replace({parted}, char(1), '\\\\') || ']'");
                let list = format!("CASE WHEN {own} IS NOT NULL THEN {whole} END");
                vec![Self::new(name, list, meaning)]
            }
            Kind::Flag if postgres => {
                vec![Self::new(name, format!("{own} <> 0"), meaning)]
            }
            Kind::Flag | Kind::Year | Kind::Integer | Kind::Text | Kind::Status => {
                vec![Self::new(name, own, meaning)]
            }
        }
    }
}

/// An amount in euros, by which it is looked at, and in the centimes that it is kept in.
fn amount(name: &str, expression: &str, meaning: &str, postgres: bool) -> Vec<Shown> {
    vec![
        Shown::new(
            format!("{name}_eur"),
            hundredth(expression, postgres),
            &format!("{meaning} In euros."),
        ),
        Shown::new(name, expression, &format!("{meaning} In centimes.")),
    ]
}

/// A rate in percent, and in the hundredths of a percent that it is kept in.
fn rate(name: &str, expression: &str, meaning: &str, postgres: bool) -> Vec<Shown> {
    vec![
        Shown::new(
            format!("{name}_percent"),
            hundredth(expression, postgres),
            &format!("{meaning} In percent."),
        ),
        Shown::new(
            name,
            expression,
            &format!("{meaning} In hundredths of a percent."),
        ),
    ]
}

/// What is kept in hundredths, as a decimal. SQLite has none: there it is the nearest binary fraction, which shows and
/// compares as the decimal does.
fn hundredth(expression: &str, postgres: bool) -> String {
    if postgres {
        format!("CAST(({expression}) * 0.01 AS numeric(18, 2))")
    } else {
        format!("({expression}) / 100.0")
    }
}

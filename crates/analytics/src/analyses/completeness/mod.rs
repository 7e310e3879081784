//! What was published, what was left empty, and what a plain sum makes of it.

use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};

/// What was published, what was left empty, and what a plain sum makes of it.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "completeness",
        about: "What was published, what was left empty, and what a plain sum makes of it.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::LINES, Kind::Integer).meaning("How many rows of the year the portal publishes, with or without an amount."),
            Column::new(columns::PUBLISHED, Kind::Integer).meaning("How many of them have an amount."),
            Column::new(columns::UNPUBLISHED, Kind::Integer).meaning("How many of them have none."),
            Column::new(columns::COUNTED, Kind::Integer).meaning("How many rows are added."),
            Column::new(columns::NIL, Kind::Integer).meaning("How many rows have no amount and are proven by a printed total to be worth nothing."),
            Column::new(columns::MISSING, Kind::Integer).meaning("How many amounts are needed and were not published; empty cells of a year that is complete are not among them."),
            Column::new(columns::UNRECOGNISED, Kind::Integer).meaning("How many rows have a label that no nomenclature has."),
            Column::new(columns::COUNTED_TWICE, Kind::Amount).meaning("What a plain sum counts again: rows that repeat other rows."),
            Column::new(columns::DROPPED_NEGATIVE, Kind::Amount).meaning("What a filter on positive amounts loses: the sum of negative ones."),
            Column::new(columns::STATUS, Kind::Status).meaning("complete; incomplete: an amount is missing; not detailed: a total stands in for lines; unchecked, on the naive basis."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts that are missing, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::new(include_str!("model.sql")),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis(Follows::Year),
        file: None,
    },
    chart: Chart::Grouped {
        values: &[columns::PUBLISHED, columns::UNPUBLISHED],
    },
    headline: Headline::Share {
        part: columns::PUBLISHED,
        whole: columns::LINES,
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

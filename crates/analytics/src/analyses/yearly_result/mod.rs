//! The result of each year, and the result that the balance sheet publishes.

use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};

/// The result of each year, and the result that the balance sheet publishes.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "yearly_result",
        about: "The result of each year, and the result that the balance sheet publishes.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::NOMENCLATURE, Kind::Text).meaning("M14 or M57."),
            Column::new(columns::REVENUE, Kind::Amount).meaning("The revenue of the year, each amount once; empty when one is missing."),
            Column::new(columns::EXPENSE, Kind::Amount).meaning("The expense of the year, each amount once; empty when one is missing."),
            Column::new(columns::RESULT, Kind::Amount).meaning("Revenue minus expense; empty when an amount is missing, never zero."),
            Column::new(columns::PUBLISHED_RESULT, Kind::Amount).meaning("The result that the public body enters on its balance sheet."),
            Column::new(columns::DIFFERENCE, Kind::Amount).meaning("The result minus the published one."),
            Column::new(columns::STATUS, Kind::Status).meaning("reconciled: equal to the centime; different; incomplete: an amount is missing; no published result."),
            Column::new(columns::SERIES_BREAK, Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts that are missing, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::new(include_str!("model.sql")),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis(Follows::Year),
        file: None,
    },
    chart: Chart::Bars {
        value: columns::RESULT,
        reference: Some(columns::PUBLISHED_RESULT),
    },
    headline: Headline::Latest { value: columns::RESULT },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

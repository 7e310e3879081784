//! The result of each year, and the result that the balance sheet publishes.

use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// The result of each year, and the result that the balance sheet publishes.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "yearly_result",
        about: "The result of each year, and the result that the balance sheet publishes.",
        columns: &[
            Column::new("fiscal_year", Kind::Year).meaning("The fiscal year."),
            Column::new("nomenclature", Kind::Text).meaning("M14 or M57."),
            Column::new("revenue", Kind::Amount).meaning("The revenue of the year, each amount once; empty when one is missing."),
            Column::new("expense", Kind::Amount).meaning("The expense of the year, each amount once; empty when one is missing."),
            Column::new("result", Kind::Amount).meaning("Revenue minus expense; empty when an amount is missing, never zero."),
            Column::new("published_result", Kind::Amount).meaning("The result that the public body enters on its balance sheet."),
            Column::new("difference", Kind::Amount).meaning("The result minus the published one."),
            Column::new("status", Kind::Text).meaning("reconciled: equal to the centime; different; incomplete: an amount is missing; no published result."),
            Column::new("series_break", Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new("missing_lines", Kind::List).meaning("The amounts that are missing, each by its category and its label; empty when none is."),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
        file: None,
    },
    chart: Chart::Bars {
        value: "result",
        reference: Some("published_result"),
    },
    headline: Headline::Latest { value: "result" },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

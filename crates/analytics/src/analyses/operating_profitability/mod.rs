//! What operations leave once their expense is paid.

use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// What operations leave once their expense is paid.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "operating_profitability",
        about: "What operations leave once their expense is paid.",
        columns: &[
            Column::new("fiscal_year", Kind::Year).meaning("The fiscal year."),
            Column::new("nomenclature", Kind::Text).meaning("M14 or M57."),
            Column::new("operating_revenue", Kind::Amount).meaning("The operating revenue of the year; empty when an amount is missing."),
            Column::new("operating_expense", Kind::Amount).meaning("The operating expense of the year, intervention included; empty when an amount is missing."),
            Column::new("operating_result", Kind::Amount).meaning("Operating revenue minus operating expense."),
            Column::new("margin", Kind::Rate).meaning("The operating result divided by the operating revenue."),
            Column::new("status", Kind::Text).meaning("complete; incomplete: an amount is missing; unchecked, on the naive basis."),
            Column::new("series_break", Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new("missing_lines", Kind::List).meaning("The amounts that are missing here, each by its category and its label; empty when none is."),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
        file: None,
    },
    chart: Chart::Bars {
        value: "operating_result",
        reference: None,
    },
    headline: Headline::Latest { value: "margin" },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

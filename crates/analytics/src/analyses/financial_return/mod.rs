//! What financial assets bring in, and what debt costs.

use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// What financial assets bring in, and what debt costs.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "financial_return",
        about: "What financial assets bring in, and what debt costs.",
        columns: &[
            Column::new("fiscal_year", Kind::Year).meaning("The fiscal year."),
            Column::new("financial_revenue", Kind::Amount).meaning("The financial revenue of the year; empty when an amount is missing."),
            Column::new("financial_expense", Kind::Amount).meaning("The financial expense of the year; empty when an amount is missing."),
            Column::new("net_financial_result", Kind::Amount).meaning("Financial revenue minus financial expense."),
            Column::new("asset_income", Kind::Amount).meaning("The income of financial assets: of lines that hold nothing else."),
            Column::new("mixed_income", Kind::Amount).meaning("The revenue of lines that hold it among other revenue."),
            Column::new("financial_assets", Kind::Amount).meaning("The financial assets of the balance sheet at the end of the year, at net value; empty when it does not establish them."),
            Column::new("rate_of_return", Kind::Rate).meaning("The income of financial assets divided by these assets."),
            Column::new("status", Kind::Text).meaning("complete; incomplete: an amount is missing; not detailed; assets not established; no financial assets; unchecked, on the naive basis."),
            Column::new("series_break", Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new("missing_lines", Kind::List).meaning("The amounts that are missing here, each by its category and its label; empty when none is."),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
        file: None,
    },
    chart: Chart::Grouped {
        values: &["financial_revenue", "financial_expense"],
    },
    headline: Headline::Latest {
        value: "rate_of_return",
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

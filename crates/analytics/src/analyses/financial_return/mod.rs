//! What financial assets bring in, and what debt costs.

use std::sync::LazyLock;

use crate::bases::LINE_SUM;
use crate::text::Texts;
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// What financial assets bring in, and what debt costs.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "financial_return",
        about: "What financial assets bring in, and what debt costs.",
        columns: &[
            Column::new("fiscal_year", Kind::Year),
            Column::new("financial_revenue", Kind::Amount),
            Column::new("financial_expense", Kind::Amount),
            Column::new("net_financial_result", Kind::Amount),
            Column::new("asset_income", Kind::Amount),
            Column::new("mixed_income", Kind::Amount),
            Column::new("financial_assets", Kind::Amount),
            Column::new("rate_of_return", Kind::Rate),
            Column::new("status", Kind::Text),
            Column::new("series_break", Kind::List),
            Column::new("missing_lines", Kind::List),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
    },
    chart: Chart::Grouped {
        values: &["financial_revenue", "financial_expense"],
    },
    headline: Headline::Latest {
        value: "rate_of_return",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

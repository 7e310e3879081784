//! What financial assets bring in, and what debt costs.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// What financial assets bring in, and what debt costs.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "financial_return",
        columns: &[
            Column {
                name: "fiscal_year",
                kind: Kind::Year,
            },
            Column {
                name: "financial_revenue",
                kind: Kind::Amount,
            },
            Column {
                name: "financial_expense",
                kind: Kind::Amount,
            },
            Column {
                name: "net_financial_result",
                kind: Kind::Amount,
            },
            Column {
                name: "financial_assets",
                kind: Kind::Amount,
            },
            Column {
                name: "rate_of_return",
                kind: Kind::Rate,
            },
            Column {
                name: "status",
                kind: Kind::Text,
            },
            Column {
                name: "series_break",
                kind: Kind::List,
            },
            Column {
                name: "missing_lines",
                kind: Kind::List,
            },
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
    },
    chart: Chart::Grouped {
        values: &["financial_revenue", "financial_expense"],
    },
    headline: Headline::Latest {
        value: "rate_of_return",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

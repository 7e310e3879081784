//! What operations leave once their expense is paid.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// What operations leave once their expense is paid.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "operating_profitability",
        columns: &[
            Column {
                name: "fiscal_year",
                kind: Kind::Year,
            },
            Column {
                name: "nomenclature",
                kind: Kind::Text,
            },
            Column {
                name: "operating_revenue",
                kind: Kind::Amount,
            },
            Column {
                name: "operating_expense",
                kind: Kind::Amount,
            },
            Column {
                name: "operating_result",
                kind: Kind::Amount,
            },
            Column {
                name: "margin",
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
    chart: Chart::Bars {
        value: "operating_result",
        reference: None,
    },
    headline: Headline::Latest { value: "margin" },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

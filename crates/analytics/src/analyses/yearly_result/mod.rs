//! The result of each year, and the result that the balance sheet publishes.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// The result of each year, and the result that the balance sheet publishes.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "yearly_result",
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
                name: "revenue",
                kind: Kind::Amount,
            },
            Column {
                name: "expense",
                kind: Kind::Amount,
            },
            Column {
                name: "result",
                kind: Kind::Amount,
            },
            Column {
                name: "published_result",
                kind: Kind::Amount,
            },
            Column {
                name: "difference",
                kind: Kind::Amount,
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
        value: "result",
        reference: Some("published_result"),
    },
    headline: Headline::Latest { value: "result" },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

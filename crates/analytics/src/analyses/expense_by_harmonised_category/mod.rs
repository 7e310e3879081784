//! Expense by categories that mean the same under M14 and M57.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// Expense by categories that mean the same under M14 and M57.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "expense_by_harmonised_category",
        columns: &[
            Column {
                name: "fiscal_year",
                kind: Kind::Year,
            },
            Column {
                name: "harmonised_category",
                kind: Kind::Text,
            },
            Column {
                name: "amount",
                kind: Kind::Amount,
            },
            Column {
                name: "share",
                kind: Kind::Rate,
            },
            Column {
                name: "change",
                kind: Kind::Rate,
            },
            Column {
                name: "rank",
                kind: Kind::Integer,
            },
            Column {
                name: "cumulative_share",
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
        order_by: "fiscal_year, rank, harmonised_category",
    },
    chart: Chart::Stacked {
        category: "harmonised_category",
        value: "amount",
    },
    headline: Headline::Largest {
        value: "amount",
        category: "harmonised_category",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

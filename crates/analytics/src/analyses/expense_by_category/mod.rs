//! Expense by category of the nomenclature of each year.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// Expense by category of the nomenclature of each year.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "expense_by_category",
        columns: &[
            Column {
                name: "fiscal_year",
                kind: Kind::Year,
            },
            Column {
                name: "category",
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
        order_by: "fiscal_year, rank, category",
    },
    chart: Chart::Stacked {
        category: "category",
        value: "amount",
    },
    headline: Headline::Largest {
        value: "amount",
        category: "category",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

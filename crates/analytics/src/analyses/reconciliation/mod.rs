//! The computed result held against the published one.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// The computed result held against the published one.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "reconciliation",
        columns: &[
            Column {
                name: "fiscal_year",
                kind: Kind::Year,
            },
            Column {
                name: "published_result",
                kind: Kind::Amount,
            },
            Column {
                name: "leaf_result",
                kind: Kind::Amount,
            },
            Column {
                name: "naive_result",
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
                name: "missing_lines",
                kind: Kind::List,
            },
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
    },
    chart: Chart::Grouped {
        values: &["published_result", "leaf_result", "naive_result"],
    },
    headline: Headline::Count {
        value: "status",
        equal: "reconciled",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

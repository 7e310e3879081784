//! What was published, what was left empty, and what a plain sum makes of it.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// What was published, what was left empty, and what a plain sum makes of it.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "completeness",
        columns: &[
            Column {
                name: "fiscal_year",
                kind: Kind::Year,
            },
            Column {
                name: "lines",
                kind: Kind::Integer,
            },
            Column {
                name: "published",
                kind: Kind::Integer,
            },
            Column {
                name: "unpublished",
                kind: Kind::Integer,
            },
            Column {
                name: "counted",
                kind: Kind::Integer,
            },
            Column {
                name: "missing",
                kind: Kind::Integer,
            },
            Column {
                name: "unrecognised",
                kind: Kind::Integer,
            },
            Column {
                name: "counted_twice",
                kind: Kind::Amount,
            },
            Column {
                name: "dropped_negative",
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
        values: &["published", "unpublished"],
    },
    headline: Headline::Share {
        part: "published",
        whole: "lines",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

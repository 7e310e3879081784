//! Exceptional charges of M14, and the lines of M57 that took them over.

use std::sync::LazyLock;

use crate::text::Texts;
use crate::{Analysis, Chart, Column, Headline, Kind, Model};

/// Exceptional charges of M14, and the lines of M57 that took them over.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "exceptional_charges",
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
                name: "exceptional_charges",
                kind: Kind::Amount,
            },
            Column {
                name: "successor_charges",
                kind: Kind::Amount,
            },
            Column {
                name: "mixed_charges",
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
    chart: Chart::Grouped {
        values: &["exceptional_charges", "successor_charges"],
    },
    headline: Headline::Latest {
        value: "successor_charges",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

//! The computed result held against the published one.

use std::sync::LazyLock;

use crate::analyses::yearly_result;
use crate::text::Texts;
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// The computed result held against the published one.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "reconciliation",
        about: "The computed result held against the published one.",
        columns: &[
            Column::new("fiscal_year", Kind::Year),
            Column::new("published_result", Kind::Amount),
            Column::new("leaf_result", Kind::Amount),
            Column::new("naive_result", Kind::Amount),
            Column::new("difference", Kind::Amount),
            Column::new("status", Kind::Text),
            Column::new("missing_lines", Kind::List),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&yearly_result::ANALYSIS.model],
        form: Form::Analysis,
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

//! What was published, what was left empty, and what a plain sum makes of it.

use std::sync::LazyLock;

use crate::bases::LINE_SUM;
use crate::text::Texts;
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// What was published, what was left empty, and what a plain sum makes of it.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "completeness",
        about: "What was published, what was left empty, and what a plain sum makes of it.",
        columns: &[
            Column::new("fiscal_year", Kind::Year),
            Column::new("lines", Kind::Integer),
            Column::new("published", Kind::Integer),
            Column::new("unpublished", Kind::Integer),
            Column::new("counted", Kind::Integer),
            Column::new("nil", Kind::Integer),
            Column::new("missing", Kind::Integer),
            Column::new("unrecognised", Kind::Integer),
            Column::new("counted_twice", Kind::Amount),
            Column::new("dropped_negative", Kind::Amount),
            Column::new("status", Kind::Text),
            Column::new("missing_lines", Kind::List),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
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

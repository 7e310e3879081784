//! The result of each year, and the result that the balance sheet publishes.

use std::sync::LazyLock;

use crate::bases::LINE_SUM;
use crate::text::Texts;
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// The result of each year, and the result that the balance sheet publishes.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "yearly_result",
        about: "The result of each year, and the result that the balance sheet publishes.",
        columns: &[
            Column::new("fiscal_year", Kind::Year),
            Column::new("nomenclature", Kind::Text),
            Column::new("revenue", Kind::Amount),
            Column::new("expense", Kind::Amount),
            Column::new("result", Kind::Amount),
            Column::new("published_result", Kind::Amount),
            Column::new("difference", Kind::Amount),
            Column::new("status", Kind::Text),
            Column::new("series_break", Kind::List),
            Column::new("missing_lines", Kind::List),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
    },
    chart: Chart::Bars {
        value: "result",
        reference: Some("published_result"),
    },
    headline: Headline::Latest { value: "result" },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

//! What operations leave once their expense is paid.

use std::sync::LazyLock;

use crate::bases::LINE_SUM;
use crate::text::Texts;
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// What operations leave once their expense is paid.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "operating_profitability",
        about: "What operations leave once their expense is paid.",
        columns: &[
            Column::new("fiscal_year", Kind::Year),
            Column::new("nomenclature", Kind::Text),
            Column::new("operating_revenue", Kind::Amount),
            Column::new("operating_expense", Kind::Amount),
            Column::new("operating_result", Kind::Amount),
            Column::new("margin", Kind::Rate),
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
        value: "operating_result",
        reference: None,
    },
    headline: Headline::Latest { value: "margin" },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

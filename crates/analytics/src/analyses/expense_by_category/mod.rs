//! Expense by category of the nomenclature of each year.

use std::sync::LazyLock;

use crate::bases::LINE_SUM;
use crate::text::Texts;
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// Expense by category of the nomenclature of each year.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "expense_by_category",
        about: "Expense by category of the nomenclature of each year.",
        columns: &[
            Column::new("fiscal_year", Kind::Year),
            Column::new("category", Kind::Text),
            Column::new("amount", Kind::Amount),
            Column::new("share", Kind::Rate),
            Column::new("change", Kind::Rate),
            Column::new("rank", Kind::Integer),
            Column::new("cumulative_share", Kind::Rate),
            Column::new("status", Kind::Text),
            Column::new("series_break", Kind::List),
            Column::new("missing_lines", Kind::List),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year, rank, amount IS NULL, amount DESC, category",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
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

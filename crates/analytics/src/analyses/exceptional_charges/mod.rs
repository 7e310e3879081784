//! Exceptional charges of M14, and the lines of M57 that took them over.

use std::sync::LazyLock;

use crate::analyses::yearly_result;
use crate::bases::LINE_SUM;
use crate::text::Texts;
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// Exceptional charges of M14, and the lines of M57 that took them over.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "exceptional_charges",
        about: "Exceptional charges of M14, and the lines of M57 that took them over.",
        columns: &[
            Column::new("fiscal_year", Kind::Year),
            Column::new("nomenclature", Kind::Text),
            Column::new("exceptional_charges", Kind::Amount),
            Column::new("successor_charges", Kind::Amount),
            Column::new("mixed_charges", Kind::Amount),
            Column::new("status", Kind::Text),
            Column::new("series_break", Kind::List),
            Column::new("missing_lines", Kind::List),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM, &yearly_result::ANALYSIS.model],
        form: Form::Analysis,
    },
    chart: Chart::Grouped {
        values: &["exceptional_charges", "successor_charges"],
    },
    headline: Headline::LatestKnown {
        value: "exceptional_charges",
        otherwise: "successor_charges",
    },
    texts: LazyLock::new(|| Texts::load(include_str!("text.toml"))),
};

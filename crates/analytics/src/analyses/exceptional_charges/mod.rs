//! Exceptional charges of M14, and the lines of M57 that took them over.

use crate::analyses::yearly_result;
use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};

/// Exceptional charges of M14, and the lines of M57 that took them over.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "exceptional_charges",
        about: "Exceptional charges of M14, and the lines of M57 that took them over.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::NOMENCLATURE, Kind::Text).meaning("M14 or M57."),
            Column::new(columns::EXCEPTIONAL_CHARGES, Kind::Amount).meaning("The expense of the exceptional block, which only M14 has; empty under M57, and when an amount is missing."),
            Column::new(columns::SUCCESSOR_CHARGES, Kind::Amount).meaning("Under M57, the lines that took over what M14 called exceptional and hold nothing else."),
            Column::new(columns::MIXED_CHARGES, Kind::Amount).meaning("Under M57, the lines that hold it among other expense."),
            Column::new(columns::STATUS, Kind::Status).meaning("complete; incomplete: an amount is missing; not detailed: a total stands in for lines; unchecked, on the naive basis."),
            Column::new(columns::SERIES_BREAK, Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts that are missing here, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::new(include_str!("model.sql")),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM, &yearly_result::ANALYSIS.model],
        form: Form::Analysis(Follows::Year),
        file: None,
    },
    chart: Chart::Grouped {
        values: &[columns::EXCEPTIONAL_CHARGES, columns::SUCCESSOR_CHARGES],
    },
    headline: Headline::LatestKnown {
        value: columns::EXCEPTIONAL_CHARGES,
        otherwise: columns::SUCCESSOR_CHARGES,
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

//! What operations leave once their expense is paid.

use std::sync::LazyLock;

use crate::bases::LINE_SUM;
use crate::template::written;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};

static SQL: LazyLock<String> = LazyLock::new(|| written(include_str!("model.sql"), &[]));

/// What operations leave once their expense is paid.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "operating_profitability",
        about: "What operations leave once their expense is paid.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::NOMENCLATURE, Kind::Text).meaning("M14 or M57."),
            Column::new(columns::OPERATING_REVENUE, Kind::Amount).meaning("The operating revenue of the year; empty when an amount is missing."),
            Column::new(columns::OPERATING_EXPENSE, Kind::Amount).meaning("The operating expense of the year, intervention included; empty when an amount is missing."),
            Column::new(columns::OPERATING_RESULT, Kind::Amount).meaning("Operating revenue minus operating expense."),
            Column::new(columns::MARGIN, Kind::Rate).meaning("The operating result divided by the operating revenue."),
            Column::new(columns::STATUS, Kind::Status).meaning("complete; incomplete: an amount is missing; unchecked, on the naive basis."),
            Column::new(columns::SERIES_BREAK, Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts that are missing here, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::written(&SQL),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis(Follows::Year),
        file: None,
    },
    chart: Chart::Bars {
        value: columns::OPERATING_RESULT,
        reference: None,
    },
    headline: Headline::Latest { value: columns::MARGIN },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

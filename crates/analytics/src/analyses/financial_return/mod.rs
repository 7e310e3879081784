//! What financial assets bring in, and what debt costs.

use std::sync::LazyLock;

use crate::bases::LINE_SUM;
use crate::template::written;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};

static SQL: LazyLock<String> = LazyLock::new(|| written(include_str!("model.sql"), &[]));

/// What financial assets bring in, and what debt costs.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "financial_return",
        about: "What financial assets bring in, and what debt costs.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::FINANCIAL_REVENUE, Kind::Amount).meaning("The financial revenue of the year; empty when an amount is missing."),
            Column::new(columns::FINANCIAL_EXPENSE, Kind::Amount).meaning("The financial expense of the year; empty when an amount is missing."),
            Column::new(columns::NET_FINANCIAL_RESULT, Kind::Amount).meaning("Financial revenue minus financial expense."),
            Column::new(columns::ASSET_INCOME, Kind::Amount).meaning("The income of financial assets: of lines that hold nothing else."),
            Column::new(columns::MIXED_INCOME, Kind::Amount).meaning("The revenue of lines that hold it among other revenue."),
            Column::new(columns::FINANCIAL_ASSETS, Kind::Amount).meaning("The financial assets of the balance sheet at the end of the year, at net value; empty when it does not establish them."),
            Column::new(columns::RATE_OF_RETURN, Kind::Rate).meaning("The income of financial assets divided by these assets."),
            Column::new(columns::STATUS, Kind::Status).meaning("complete; incomplete: an amount is missing; not detailed; assets not established; no financial assets; unchecked, on the naive basis."),
            Column::new(columns::SERIES_BREAK, Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts that are missing here, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::written(&SQL),
        order_by: "fiscal_year",
        bases: &[&LINE_SUM],
        form: Form::Analysis(Follows::Year),
        file: None,
    },
    chart: Chart::Grouped {
        values: &[columns::FINANCIAL_REVENUE, columns::FINANCIAL_EXPENSE],
    },
    headline: Headline::Latest {
        value: columns::RATE_OF_RETURN,
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

//! Expense by category of the nomenclature of each year.

use std::sync::LazyLock;

use super::expense::Expense;
use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};
use centime_accounts::Grouping;

static SQL: LazyLock<String> = LazyLock::new(|| {
    let expense = Expense {
        about: "-- Expense by category of the nomenclature of each year. A plain script takes the categories as they
-- are written.",
        grouping: Grouping::Published,
        column: columns::CATEGORY,
        breaks: "core.year_break",
    };
    expense.sql()
});

/// Expense by category of the nomenclature of each year.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "expense_by_category",
        about: "Expense by category of the nomenclature of each year.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::CATEGORY, Kind::Text).meaning("The block of the nomenclature of that year (poste)."),
            Column::new(columns::AMOUNT, Kind::Amount).meaning("The expense of the category, each amount once; empty when one of its amounts is missing."),
            Column::new(columns::SHARE, Kind::Rate).meaning("Its share of the expense of the year; empty when an amount of the year is missing."),
            Column::new(columns::CHANGE, Kind::Rate).meaning("Its change since the year before; empty across a break of the series."),
            Column::new(columns::RANK, Kind::Integer).meaning("Its place by amount, from 1; empty when an amount of the year is missing."),
            Column::new(columns::CUMULATIVE_SHARE, Kind::Rate).meaning("Its share and those of all larger categories."),
            Column::new(columns::STATUS, Kind::Status).meaning("complete; incomplete: an amount of the category is missing; unchecked, on the naive basis."),
            Column::new(columns::SERIES_BREAK, Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts of the category that are missing, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::written(&SQL),
        order_by: "fiscal_year, rank, amount IS NULL, amount DESC, category",
        bases: &[&LINE_SUM],
        form: Form::Analysis(Follows::YearAndBefore),
        file: None,
    },
    chart: Chart::Stacked {
        category: columns::CATEGORY,
        value: columns::AMOUNT,
    },
    headline: Headline::Largest {
        value: columns::AMOUNT,
        category: columns::CATEGORY,
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

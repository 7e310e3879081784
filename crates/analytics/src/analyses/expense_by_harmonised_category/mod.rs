//! Expense by categories that mean the same under M14 and M57.

use std::sync::LazyLock;

use super::expense::Expense;
use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Follows, Form, Headline, Kind, Model, ModelSql, columns};
use centime_accounts::Grouping;

static SQL: LazyLock<String> = LazyLock::new(|| {
    let expense = Expense {
        about: "-- Expense by categories that are brought together under every nomenclature, so that only a change of the
-- public body itself breaks the series. A total that stands in for lines of several categories is one of its own,
-- and those that its lines belong to are unknown.",
        grouping: Grouping::Harmonised,
        column: columns::HARMONISED_CATEGORY,
        breaks: "(
    SELECT revision_id, siren, fiscal_year, kind AS series_break
    FROM core.series_break
    WHERE kind = 'perimeter'
)",
    };
    expense.sql()
});

/// Expense by categories that mean the same under M14 and M57.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "expense_by_harmonised_category",
        about: "Expense by categories that mean the same under M14 and M57.",
        columns: &[
            Column::new(columns::FISCAL_YEAR, Kind::Year).meaning("The fiscal year."),
            Column::new(columns::HARMONISED_CATEGORY, Kind::Text).meaning("The category that M14 and M57 have in common; unrecognised and undetailed are categories of their own."),
            Column::new(columns::AMOUNT, Kind::Amount).meaning("The expense of the category, each amount once; empty when one of its amounts is missing or not detailed."),
            Column::new(columns::SHARE, Kind::Rate).meaning("Its share of the expense of the year; empty when an amount of the year is missing."),
            Column::new(columns::CHANGE, Kind::Rate).meaning("Its change since the year before; empty across a change of perimeter."),
            Column::new(columns::RANK, Kind::Integer).meaning("Its place by amount, from 1; empty when an amount of the year is missing."),
            Column::new(columns::CUMULATIVE_SHARE, Kind::Rate).meaning("Its share and those of all larger categories."),
            Column::new(columns::STATUS, Kind::Status).meaning("complete; incomplete: an amount of the category is missing; not detailed: a total stands in for lines; unchecked, on the naive basis."),
            Column::new(columns::SERIES_BREAK, Kind::List).meaning("Why the year cannot be compared with the one before: perimeter; empty when it can."),
            Column::new(columns::MISSING_LINES, Kind::List).meaning("The amounts of the category that are missing, each by its category and its label; empty when none is."),
        ],
        sql: ModelSql::written(&SQL),
        order_by: "fiscal_year, rank, amount IS NULL, amount DESC, harmonised_category",
        bases: &[&LINE_SUM],
        form: Form::Analysis(Follows::YearAndBefore),
        file: None,
    },
    chart: Chart::Stacked {
        category: columns::HARMONISED_CATEGORY,
        value: columns::AMOUNT,
    },
    headline: Headline::Largest {
        value: columns::AMOUNT,
        category: columns::HARMONISED_CATEGORY,
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

//! Expense by category of the nomenclature of each year.

use crate::bases::LINE_SUM;
use crate::text::{Texts, Words};
use crate::{Analysis, Chart, Column, Form, Headline, Kind, Model};

/// Expense by category of the nomenclature of each year.
pub static ANALYSIS: Analysis = Analysis {
    model: Model {
        name: "expense_by_category",
        about: "Expense by category of the nomenclature of each year.",
        columns: &[
            Column::new("fiscal_year", Kind::Year).meaning("The fiscal year."),
            Column::new("category", Kind::Text).meaning("The block of the nomenclature of that year (poste)."),
            Column::new("amount", Kind::Amount).meaning("The expense of the category, each amount once; empty when one of its amounts is missing."),
            Column::new("share", Kind::Rate).meaning("Its share of the expense of the year; empty when an amount of the year is missing."),
            Column::new("change", Kind::Rate).meaning("Its change since the year before; empty across a break of the series."),
            Column::new("rank", Kind::Integer).meaning("Its place by amount, from 1; empty when an amount of the year is missing."),
            Column::new("cumulative_share", Kind::Rate).meaning("Its share and those of all larger categories."),
            Column::new("status", Kind::Text).meaning("complete; incomplete: an amount of the category is missing; unchecked, on the naive basis."),
            Column::new("series_break", Kind::List).meaning("Why the year cannot be compared with the one before: nomenclature, perimeter; empty when it can."),
            Column::new("missing_lines", Kind::List).meaning("The amounts of the category that are missing, each by its category and its label; empty when none is."),
        ],
        sql: include_str!("model.sql"),
        order_by: "fiscal_year, rank, amount IS NULL, amount DESC, category",
        bases: &[&LINE_SUM],
        form: Form::Analysis,
        file: None,
    },
    chart: Chart::Stacked {
        category: "category",
        value: "amount",
    },
    headline: Headline::Largest {
        value: "amount",
        category: "category",
    },
    texts: Words::of_program(|| Texts::load(include_str!("text.toml"))),
};

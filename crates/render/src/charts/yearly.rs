//! The charts with one place a year.

use centime_analytics::Table;

use super::view::View;
use super::yearly_builder::{Column, YearlyChartBuilder, column};
use crate::draw::spec::{Chart, Color, Form};

/// The result of each year, held against the published one.
pub fn result(table: &Table, view: &View<'_>) -> Chart {
    let selection = view.selection;
    // A category is on one side only.
    let within = selection.category.is_some().then(|| selection.shown_side());
    let side = selection.side.as_deref().or(within);
    let value = match side {
        Some("revenue") => "revenue",
        Some("expense") => "expense",
        _ => "result",
    };
    let mut columns = vec![Column {
        name: value,
        color: if value == "expense" {
            Color::Signal
        } else {
            Color::First
        },
        below: (value == "result").then_some(Color::Signal),
        form: Form::Bar,
        labelled: true,
    }];
    if !view.selection.is_partial() {
        columns.push(column("published_result", Color::Ink, Form::Reference));
    }
    let mut chart = YearlyChartBuilder::new(table, view).chart("result", &[&columns]);
    if value == "result" {
        let negative = YearlyChartBuilder::goes_below(table, value);
        view.explain_signs(&mut chart.legend, negative);
    } else {
        view.column(value).clone_into(&mut chart.title);
    }
    chart
}

/// Operating revenue and expense, and what share of the revenue is left.
pub fn operating(table: &Table, view: &View<'_>) -> Chart {
    YearlyChartBuilder::new(table, view).chart(
        "operating",
        &[
            &[
                column("operating_revenue", Color::First, Form::Bar),
                column("operating_expense", Color::Signal, Form::Bar),
            ],
            &[column("margin", Color::Ink, Form::Line)],
        ],
    )
}

/// Exceptional charges and the lines that took them over.
pub fn exceptional(table: &Table, view: &View<'_>) -> Chart {
    YearlyChartBuilder::new(table, view).chart(
        "exceptional",
        &[&[
            column("exceptional_charges", Color::Signal, Form::Bar),
            column("successor_charges", Color::First, Form::Bar),
            column("mixed_charges", Color::Rest, Form::Bar),
        ]],
    )
}

/// Financial revenue and expense, and the return on financial assets.
pub fn financial(table: &Table, view: &View<'_>) -> Chart {
    YearlyChartBuilder::new(table, view).chart(
        "financial",
        &[
            &[
                column("financial_revenue", Color::First, Form::Bar),
                column("financial_expense", Color::Signal, Form::Bar),
            ],
            &[column("rate_of_return", Color::Ink, Form::Line)],
        ],
    )
}

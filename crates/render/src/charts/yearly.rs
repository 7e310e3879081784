//! The charts with one place a year.

use centime_analytics::{Table, columns};

use super::view::{View, side_column};
use super::yearly_builder::{Column, YearlyChartBuilder, column};
use crate::draw::spec::{Chart, Color, Form};

/// The result of each year, held against the published one.
pub fn result(table: &Table, view: &View<'_>) -> Chart {
    let selection = view.selection;
    // A category is on one side only.
    let within = selection.category.is_some().then(|| selection.shown_side());
    let side = selection.side.or(within);
    let value = side.map_or(columns::RESULT, side_column);
    let mut columns = vec![Column {
        name: value,
        color: if value == columns::EXPENSE {
            Color::Signal
        } else {
            Color::First
        },
        below: (value == columns::RESULT).then_some(Color::Signal),
        form: Form::Bar,
        labelled: true,
    }];
    if !view.selection.is_partial() {
        columns.push(column(
            columns::PUBLISHED_RESULT,
            Color::Ink,
            Form::Reference,
        ));
    }
    let mut chart = YearlyChartBuilder::new(table, view).chart("result", &[&columns]);
    if value == columns::RESULT {
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
                column(columns::OPERATING_REVENUE, Color::First, Form::Bar),
                column(columns::OPERATING_EXPENSE, Color::Signal, Form::Bar),
            ],
            &[column(columns::MARGIN, Color::Ink, Form::Line)],
        ],
    )
}

/// Exceptional charges and the lines that took them over.
pub fn exceptional(table: &Table, view: &View<'_>) -> Chart {
    YearlyChartBuilder::new(table, view).chart(
        "exceptional",
        &[&[
            column(columns::EXCEPTIONAL_CHARGES, Color::Signal, Form::Bar),
            column(columns::SUCCESSOR_CHARGES, Color::First, Form::Bar),
            column(columns::MIXED_CHARGES, Color::Rest, Form::Bar),
        ]],
    )
}

/// Financial revenue and expense, and the return on financial assets.
pub fn financial(table: &Table, view: &View<'_>) -> Chart {
    YearlyChartBuilder::new(table, view).chart(
        "financial",
        &[
            &[
                column(columns::FINANCIAL_REVENUE, Color::First, Form::Bar),
                column(columns::FINANCIAL_EXPENSE, Color::Signal, Form::Bar),
            ],
            &[column(columns::RATE_OF_RETURN, Color::Ink, Form::Line)],
        ],
    )
}

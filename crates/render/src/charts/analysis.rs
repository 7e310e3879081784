//! The chart of an analysis, on its own page.

use centime_analytics::{Analysis, Chart as Drawn, Table};

use super::categories::stacked;
use super::view::View;
use super::yearly_builder::{Column, YearlyChartBuilder, column};
use crate::draw::spec::{Chart, Color, Form};

/// The chart of an analysis, from its rows.
pub fn analysis(analysis: &Analysis, table: &Table, view: &View<'_>) -> Chart {
    let name = analysis.model.name;
    let builder = YearlyChartBuilder::new(table, view);
    let mut chart = match analysis.chart {
        Drawn::Bars { value, reference } => {
            let mut columns = vec![Column {
                name: value,
                color: Color::First,
                below: Some(Color::Signal),
                form: Form::Bar,
                labelled: true,
            }];
            columns.extend(reference.map(|name| column(name, Color::Ink, Form::Reference)));
            let mut chart = builder.chart(name, &[&columns]);
            builder.title(value).clone_into(&mut chart.title);
            if value.ends_with("result") && YearlyChartBuilder::goes_below(table, value) {
                view.explain_signs(&mut chart.legend, true);
            }
            return chart;
        }
        Drawn::Grouped { values } => {
            let colors = [Color::First, Color::Signal, Color::Rest];
            let columns: Vec<Column> = values
                .iter()
                .zip(colors.into_iter().cycle())
                .map(|(value, color)| column(*value, color, Form::Bar))
                .collect();
            builder.chart(name, &[&columns])
        }
        Drawn::Stacked { category, value } => stacked(name, table, category, value, view),
        Drawn::None => builder.chart(name, &[]),
    };
    chart
        .title
        .clone_from(&analysis.text(view.locale.language()).title);
    chart
}

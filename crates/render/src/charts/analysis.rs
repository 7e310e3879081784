//! The chart of an analysis, on its own page.

use centime_analytics::{Analysis, Chart as Drawn, Table};

use super::categories::stacked;
use super::view::View;
use super::yearly_builder::{Column, Sheet, column};
use crate::draw::spec::{Chart, Color, Form};

/// The chart of an analysis, from its rows.
pub fn analysis(analysis: &Analysis, table: &Table, view: &View<'_>) -> Chart {
    let name = analysis.model.name;
    let sheet = Sheet::new(table, view);
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
            let mut chart = sheet.chart(name, &[&columns]);
            sheet.title(value).clone_into(&mut chart.title);
            if value.ends_with("result") && Sheet::goes_below(table, value) {
                view.tell_signs(&mut chart.legend, true);
            }
            return chart;
        }
        Drawn::Grouped { values } => {
            let colors = [Color::First, Color::Signal, Color::Rest];
            let columns: Vec<Column> = values
                .iter()
                .zip(colors.into_iter().cycle())
                .map(|(value, color)| column(value, color, Form::Bar))
                .collect();
            sheet.chart(name, &[&columns])
        }
        Drawn::Stacked { category, value } => stacked(name, table, category, value, view),
        Drawn::None => sheet.chart(name, &[]),
    };
    chart
        .title
        .clone_from(&analysis.text(view.locale.language()).title);
    chart
}

//! The charts with one place a year.

use std::collections::BTreeMap;

use centime_analytics::{Analysis, Cell, Chart as Drawn, Kind, Table};

use super::categories::stacked;
use super::{View, named_key};
use crate::draw::scale::Unit;
use crate::draw::spec::{Chart, Color, Figure, Form, Key, Panel, Plot, Series, Swatch, Years};

/// A column as a series.
struct Column {
    name: &'static str,
    color: Color,
    below: Option<Color>,
    form: Form,
    labelled: bool,
}

const fn column(name: &'static str, color: Color, form: Form) -> Column {
    Column {
        name,
        color,
        below: None,
        form,
        labelled: false,
    }
}

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
    let mut chart = Sheet::new(table, view).chart("result", &[&columns]);
    if value == "result" {
        let negative = Sheet::goes_below(table, value);
        view.tell_signs(&mut chart.legend, negative);
    } else {
        view.column(value).clone_into(&mut chart.title);
    }
    chart
}

/// Operating revenue and expense, and what share of the revenue is left.
pub fn operating(table: &Table, view: &View<'_>) -> Chart {
    Sheet::new(table, view).chart(
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
    Sheet::new(table, view).chart(
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
    Sheet::new(table, view).chart(
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

struct Sheet<'a> {
    table: &'a Table,
    view: &'a View<'a>,
    years: Vec<i64>,
    rows: BTreeMap<i64, &'a [Cell]>,
}

impl<'a> Sheet<'a> {
    fn new(table: &'a Table, view: &'a View<'a>) -> Self {
        let of_year = |row: &'a Vec<Cell>| {
            let year = table.cell(row, "fiscal_year").integer()?;
            Some((year, row.as_slice()))
        };
        Self {
            table,
            view,
            years: super::years(table),
            rows: table.rows.iter().filter_map(of_year).collect(),
        }
    }

    /// What a column is called.
    fn title(&self, name: &'a str) -> &'a str {
        let column = self.table.position(name).map(|at| &self.table.columns[at]);
        column.map_or(name, |column| self.view.locale.heading(column))
    }

    /// Whether a column has a figure below zero.
    fn goes_below(table: &Table, column: &str) -> bool {
        let below = |row: &Vec<Cell>| table.cell(row, column).integer().is_some_and(|v| v < 0);
        table.rows.iter().any(below)
    }

    fn kind(&self, column: &str) -> Kind {
        self.table
            .position(column)
            .map_or(Kind::Amount, |position| self.table.columns[position].kind)
    }

    fn status(&self, year: i64) -> &str {
        let row = self.rows.get(&year);
        row.map_or("", |row| super::text(self.table, row, "status"))
    }

    /// The value of a column in a year.
    fn value(&self, column: &str, year: i64) -> Option<i64> {
        let row = self.rows.get(&year)?;
        self.table.cell(row, column).integer()
    }

    /// The same in the measure of the view.
    fn measured(&self, column: &str, year: i64) -> Option<i64> {
        let value = self.value(column, year);
        match self.kind(column) {
            Kind::Amount => self.view.measured(year, value),
            _ => value,
        }
    }

    /// The figure of a column in a year.
    fn figure(&self, column: &str, unit: Unit, year: i64) -> Option<Figure> {
        let value = self.value(column, year)?;
        match self.kind(column) {
            Kind::Amount => self.view.figure(unit, year, value),
            _ => Some(Figure::of(unit, value)),
        }
    }

    fn series(&self, column: &Column, unit: Unit) -> Series {
        let years = self.years.iter();
        Series {
            name: self.title(column.name).to_owned(),
            color: column.color,
            below: column.below,
            form: column.form,
            labelled: column.labelled,
            values: years
                .map(|year| self.figure(column.name, unit, *year))
                .collect(),
            go: Vec::new(),
        }
    }

    fn unit(&self, columns: &[Column]) -> Unit {
        let values = || {
            columns.iter().flat_map(|column| {
                let years = self.years.iter();
                years.filter_map(|year| self.measured(column.name, *year))
            })
        };
        let kind = columns
            .first()
            .map_or(Kind::Amount, |column| self.kind(column.name));
        if kind == Kind::Amount {
            return self.view.unit(values());
        }
        let largest = values().map(|value| i128::from(value).abs()).max();
        Unit::of(
            kind,
            largest.unwrap_or_default(),
            self.view.locale.language(),
        )
    }

    fn chart(&self, name: &'static str, groups: &[&[Column]]) -> Chart {
        let view = self.view;
        let locale = view.locale;
        let several = groups.len() > 1;
        let mut panels = Vec::new();
        let mut legend: Vec<Key> = Vec::new();
        let mut unit_words = String::new();
        for (position, columns) in groups.iter().enumerate() {
            let unit = self.unit(columns);
            let series: Vec<Series> = columns
                .iter()
                .map(|column| self.series(column, unit))
                // A column that no year has is no series.
                .filter(|series| series.values.iter().any(Option::is_some))
                .collect();
            if series.is_empty() {
                continue;
            }
            if position == 0 {
                unit_words = view.words(unit);
            }
            legend.extend(series.iter().map(|series| {
                let form = match series.form {
                    Form::Bar | Form::Stack => Swatch::Fill,
                    Form::Line => Swatch::Line,
                    Form::Reference => Swatch::Rule,
                };
                named_key(&series.name, series.color, form)
            }));
            panels.push(Panel {
                unit,
                title: if several && position > 0 {
                    series.first().map_or_else(String::new, |s| s.name.clone())
                } else {
                    String::new()
                },
                weight: if position == 0 { 2 } else { 1 },
                series,
            });
        }
        let breaks = view.breaks(&self.years);
        let first: Vec<&Series> = panels
            .iter()
            .take(1)
            .flat_map(|p| p.series.iter())
            .collect();
        let incomplete: Vec<i64> = self
            .years
            .iter()
            .enumerate()
            .filter(|(position, year)| {
                self.status(**year) == "incomplete"
                    && first
                        .iter()
                        .filter(|series| series.form != Form::Reference)
                        .all(|series| series.values[*position].is_none())
            })
            .map(|(_, year)| *year)
            .collect();
        legend.extend(view.last_keys(!incomplete.is_empty(), !breaks.is_empty()));
        let mut notes = Vec::new();
        if !breaks.is_empty() {
            notes.push(locale.text("chart.caption_break").to_owned());
        }
        let drawn = !panels.is_empty();
        if !drawn {
            notes.clear();
        }
        if self.years.iter().any(|year| !view.has_shares(*year)) {
            notes.push(locale.text("chart.no_revenue").to_owned());
        } else if !drawn {
            notes.push(locale.text("chart.nothing").to_owned());
        }
        let told = self.told(
            &panels,
            &unit_words,
            &incomplete,
            &breaks_told(view, &self.years),
        );
        Chart {
            name,
            title: locale.term("chart.title", name).to_owned(),
            unit: unit_words,
            told,
            legend,
            notes,
            plot: drawn.then(|| {
                Plot::Years(Years {
                    focus: view.focus(&self.years),
                    years: self.years.clone(),
                    panels,
                    breaks,
                    incomplete,
                    incomplete_label: locale.text("chart.incomplete").to_owned(),
                })
            }),
        }
    }

    /// The figures in sentences: each series with its years.
    fn told(&self, panels: &[Panel], unit: &str, incomplete: &[i64], breaks: &str) -> String {
        let locale = self.view.locale;
        let mut sentences = Vec::new();
        for panel in panels {
            for series in &panel.series {
                let years: Vec<String> = self
                    .years
                    .iter()
                    .zip(&series.values)
                    .filter_map(|(year, value)| {
                        let told = match value {
                            Some(figure) => figure.whole.clone(),
                            None if incomplete.contains(year) && series.form != Form::Reference => {
                                locale.text("chart.incomplete").to_owned()
                            }
                            None => return None,
                        };
                        let values = [("year", &*year.to_string()), ("told", &told)];
                        Some(locale.fill("chart.told_year", &values))
                    })
                    .collect();
                let years = years.join(locale.text("chart.separator"));
                let values = [("name", series.name.as_str()), ("years", &years)];
                sentences.push(locale.fill("chart.told_series", &values));
            }
        }
        if !unit.is_empty() && !sentences.is_empty() {
            sentences.insert(0, locale.fill("chart.told_unit", &[("unit", unit)]));
        }
        sentences.extend((!breaks.is_empty()).then(|| breaks.to_owned()));
        sentences.join(" ")
    }
}

/// The breaks in a sentence; empty without one.
pub(super) fn breaks_told(view: &View<'_>, years: &[i64]) -> String {
    let breaks: Vec<String> = view
        .breaks(years)
        .iter()
        .map(|b| format!("{} ({})", b.fiscal_year, b.label))
        .collect();
    if breaks.is_empty() {
        return String::new();
    }
    view.locale
        .fill("chart.told_breaks", &[("years", &breaks.join(", "))])
}

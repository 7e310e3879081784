//! How columns of a table become a chart with one place a year.

use std::collections::BTreeMap;

use centime_accounts::{Activity, FiscalYear, Side, YearStatus};
use centime_analytics::{Cell, ColumnName, Kind, Table, columns};

use super::view::{View, named_key, years};
use crate::draw::scale::Unit;
use crate::draw::spec::{
    Chart, Color, Figure, Form, Key, LinkParams, Panel, Plot, Series, Swatch, Years,
};

/// A column as a series.
pub(super) struct Column {
    pub(super) name: ColumnName,
    pub(super) color: Color,
    pub(super) below: Option<Color>,
    pub(super) form: Form,
    pub(super) labelled: bool,
}

pub(super) const fn column(name: ColumnName, color: Color, form: Form) -> Column {
    Column {
        name,
        color,
        below: None,
        form,
        labelled: false,
    }
}

/// Which part of a statement a column adds up: what a click on its marks looks at, besides the year.
fn part_of(column: ColumnName) -> LinkParams {
    let part = |side: Option<Side>, activity: Activity| {
        vec![
            ("side", side.map(|side| side.to_string())),
            ("activity", Some(activity.to_string())),
            ("category", None),
        ]
    };
    // No view shows these lines alone, so the click leads to their records.
    let successors = |how: &str| {
        vec![
            ("side", Some(Side::Expense.to_string())),
            ("activity", None),
            ("category", None),
            ("successor", Some(how.to_owned())),
            ("lines", Some("added".to_owned())),
        ]
    };
    match column {
        columns::OPERATING_REVENUE => part(Some(Side::Revenue), Activity::Operating),
        columns::OPERATING_EXPENSE => part(Some(Side::Expense), Activity::Operating),
        columns::MARGIN => part(None, Activity::Operating),
        columns::EXCEPTIONAL_CHARGES => part(Some(Side::Expense), Activity::Exceptional),
        columns::SUCCESSOR_CHARGES => successors("exact"),
        columns::MIXED_CHARGES => successors("mixed"),
        columns::FINANCIAL_REVENUE => part(Some(Side::Revenue), Activity::Financial),
        columns::FINANCIAL_EXPENSE => part(Some(Side::Expense), Activity::Financial),
        columns::RATE_OF_RETURN => part(None, Activity::Financial),
        _ => Vec::new(),
    }
}

/// Makes charts with one place a year from the rows of a table.
pub(super) struct YearlyChartBuilder<'a> {
    table: &'a Table,
    view: &'a View<'a>,
    years: Vec<FiscalYear>,
    rows: BTreeMap<FiscalYear, &'a [Cell]>,
}

impl<'a> YearlyChartBuilder<'a> {
    pub(super) fn new(table: &'a Table, view: &'a View<'a>) -> Self {
        let of_year = |row: &'a Vec<Cell>| {
            let year = table.cell(row, columns::FISCAL_YEAR).year()?;
            Some((year, row.as_slice()))
        };
        Self {
            table,
            view,
            years: years(table),
            rows: table.rows.iter().filter_map(of_year).collect(),
        }
    }

    /// What a column is called.
    pub(super) fn title(&self, name: ColumnName) -> &'a str {
        let column = self.table.position(name).map(|at| &self.table.columns[at]);
        column.map_or(name.as_str(), |column| self.view.locale.heading(column))
    }

    /// Whether a column has a figure below zero.
    pub(super) fn goes_below(table: &Table, column: ColumnName) -> bool {
        let below = |row: &Vec<Cell>| table.cell(row, column).unitless().is_some_and(|v| v < 0);
        table.rows.iter().any(below)
    }

    fn kind(&self, column: ColumnName) -> Kind {
        self.table
            .position(column)
            .map_or(Kind::Amount, |position| self.table.columns[position].kind)
    }

    /// What is known of a year; `None` where the rows do not say. An operator's analysis may say it in words.
    fn status(&self, year: FiscalYear) -> Option<YearStatus> {
        let row = self.rows.get(&year)?;
        let cell = self.table.optional_cell(row, columns::STATUS)?;
        cell.status().or_else(|| YearStatus::named(cell.text()?))
    }

    /// The value of a column in a year, in the unit of the column.
    fn value(&self, column: ColumnName, year: FiscalYear) -> Option<i64> {
        let row = self.rows.get(&year)?;
        self.table.cell(row, column).unitless()
    }

    /// The same in the measure of the view.
    fn measured(&self, column: ColumnName, year: FiscalYear) -> Option<i64> {
        let value = self.value(column, year);
        match self.kind(column) {
            Kind::Amount => self.view.measured(year, value),
            _ => value,
        }
    }

    /// The figure of a column in a year.
    fn figure(&self, column: ColumnName, unit: Unit, year: FiscalYear) -> Option<Figure> {
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
            link_params: part_of(column.name),
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

    pub(super) fn chart(&self, name: &'static str, groups: &[&[Column]]) -> Chart {
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
        let incomplete: Vec<FiscalYear> = self
            .years
            .iter()
            .enumerate()
            .filter(|(position, year)| {
                self.status(**year) == Some(YearStatus::Incomplete)
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
        let alt_text = self.alt_text(
            &panels,
            &unit_words,
            &incomplete,
            &view.breaks_sentence(&self.years),
        );
        Chart {
            name,
            title: locale.term("chart.title", name).to_owned(),
            unit: unit_words,
            alt_text,
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
    fn alt_text(
        &self,
        panels: &[Panel],
        unit: &str,
        incomplete: &[FiscalYear],
        breaks: &str,
    ) -> String {
        let locale = self.view.locale;
        let mut sentences = Vec::new();
        for panel in panels {
            for series in &panel.series {
                let years: Vec<String> = self
                    .years
                    .iter()
                    .zip(&series.values)
                    .filter_map(|(year, value)| {
                        let written = match value {
                            Some(figure) => figure.whole.clone(),
                            None if incomplete.contains(year) && series.form != Form::Reference => {
                                locale.text("chart.incomplete").to_owned()
                            }
                            None => return None,
                        };
                        let values = [("year", &*year.to_string()), ("figure", &written)];
                        Some(locale.fill("chart.alt_year", &values))
                    })
                    .collect();
                let years = years.join(locale.text("chart.separator"));
                let values = [("name", series.name.as_str()), ("years", &years)];
                sentences.push(locale.fill("chart.alt_series", &values));
            }
        }
        if !unit.is_empty() && !sentences.is_empty() {
            sentences.insert(0, locale.fill("chart.alt_unit", &[("unit", unit)]));
        }
        sentences.extend((!breaks.is_empty()).then(|| breaks.to_owned()));
        sentences.join(" ")
    }
}

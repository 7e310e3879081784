//! What the money of each year is for.

use std::collections::HashMap;

use centime_analytics::{Grouping, Kind, Table, views};

use super::yearly::breaks_told;
use super::{Measure, View, category_name, text};
use crate::draw::palette::CATEGORIES;
use crate::draw::scale::Unit;
use crate::draw::spec::{Chart, Color, Form, Go, Key, Panel, Plot, Series, Swatch, Years};
use crate::label::{block_gloss, with_gloss};

/// The categories of each year, stacked.
pub fn categories(table: &Table, view: &View<'_>) -> Chart {
    let mut chart = stacked("categories", table, "category", "amount", view);
    chart.title = title(view);
    chart
}

/// The amounts of categories, stacked by year. Those without a colour of their own come last, as
/// one. Without a title.
pub(super) fn stacked(
    chart_name: &'static str,
    table: &Table,
    category: &str,
    amount: &str,
    view: &View<'_>,
) -> Chart {
    let locale = view.locale;
    let stacks = Stacks::read(table, category, amount);
    let series = stacks.series(view);
    let Stacks {
        years,
        values,
        incomplete,
        ..
    } = stacks;
    let unit = unit(view, &series);
    let breaks = view.breaks(&years);
    let hatched: Vec<i64> = years
        .iter()
        .zip(&incomplete)
        .filter(|(_, incomplete)| **incomplete)
        .map(|(year, _)| *year)
        .collect();
    let mut legend: Vec<Key> = series
        .iter()
        .map(|series| Key {
            label: series.name.clone(),
            color: series.color,
            form: Swatch::Fill,
            go: series.go.clone(),
        })
        .collect();
    legend.extend(view.last_keys(!hatched.is_empty(), !breaks.is_empty()));
    let mut notes = Vec::new();
    if !breaks.is_empty() {
        notes.push(locale.text("chart.caption_break").to_owned());
    }
    if values
        .values()
        .flatten()
        .any(|value| value.is_some_and(|v| v < 0))
    {
        notes.push(locale.text("chart.below_zero").to_owned());
    }
    let drawn = !series.is_empty();
    if !drawn {
        notes.push(locale.text("chart.nothing").to_owned());
    }
    let words = match view.measure {
        Measure::Share => locale.text("chart.unit.of_stack").to_owned(),
        _ => view.words(unit),
    };
    Chart {
        name: chart_name,
        title: String::new(),
        told: told(view, &years, &series, unit, &words),
        unit: words,
        legend,
        notes,
        plot: drawn.then(|| {
            Plot::Years(Years {
                focus: view.focus(&years),
                years,
                panels: vec![Panel {
                    unit,
                    title: String::new(),
                    weight: 3,
                    series,
                }],
                breaks,
                incomplete: hatched,
                incomplete_label: locale.text("chart.incomplete").to_owned(),
            })
        }),
    }
}

/// The amounts of categories by year.
struct Stacks<'a> {
    years: Vec<i64>,
    /// The categories, the largest first.
    order: Vec<&'a str>,
    values: HashMap<&'a str, Vec<Option<i64>>>,
    /// What each year adds up to.
    whole: Vec<i64>,
    /// Whether an amount of the year is missing.
    incomplete: Vec<bool>,
}

impl<'a> Stacks<'a> {
    fn read(table: &'a Table, category: &str, amount: &str) -> Self {
        let years = super::years(table);
        let position: HashMap<i64, usize> =
            years.iter().enumerate().map(|(p, y)| (*y, p)).collect();
        let mut order: Vec<&str> = Vec::new();
        let mut weight: HashMap<&str, u128> = HashMap::new();
        let mut values: HashMap<&str, Vec<Option<i64>>> = HashMap::new();
        let mut whole: Vec<i64> = vec![0; years.len()];
        let mut incomplete = vec![false; years.len()];
        for row in &table.rows {
            let year = table.cell(row, "fiscal_year").integer();
            let Some(at) = year.and_then(|year| position.get(&year).copied()) else {
                continue;
            };
            let name = text(table, row, category);
            if !values.contains_key(name) {
                order.push(name);
            }
            incomplete[at] |= text(table, row, "status") == "incomplete";
            let value = table.cell(row, amount).integer();
            let of_name = values
                .entry(name)
                .or_insert_with(|| vec![None; years.len()]);
            of_name[at] = value;
            let size = value.unwrap_or_default();
            *weight.entry(name).or_default() += u128::from(size.unsigned_abs());
            whole[at] = whole[at].saturating_add(size);
        }
        // A year with a missing amount would be drawn lower than it is.
        for of_name in values.values_mut() {
            for (value, incomplete) in of_name.iter_mut().zip(&incomplete) {
                if *incomplete {
                    *value = None;
                }
            }
        }
        order.sort_by_key(|name| std::cmp::Reverse(weight[name]));
        Self {
            years,
            order,
            values,
            whole,
            incomplete,
        }
    }

    /// A series for each category that has a colour, and one for the others.
    fn series(&self, view: &View<'_>) -> Vec<Series> {
        let measured = |at: usize, value: Option<i64>| match view.measure {
            Measure::Share => views::share(value?, self.whole[at]),
            _ => view.measured(self.years[at], value),
        };
        let series_of = |name: String, color: Color, raw: &[Option<i64>], go: Go| Series {
            name,
            color,
            below: None,
            form: Form::Stack,
            labelled: false,
            values: raw
                .iter()
                .enumerate()
                .map(|(at, value)| measured(at, *value))
                .collect(),
            go,
        };
        let own = if self.order.len() > CATEGORIES {
            CATEGORIES - 1
        } else {
            CATEGORIES
        };
        let mut series: Vec<Series> = self
            .order
            .iter()
            .take(own)
            .enumerate()
            .map(|(number, name)| {
                let color = Color::Category(number);
                series_of(
                    view.name(name).whole(),
                    color,
                    &self.values[name],
                    view.category_go(name),
                )
            })
            .collect();
        if self.order.len() > own {
            let rest: Vec<Option<i64>> = (0..self.years.len())
                .map(|at| {
                    let parts = self
                        .order
                        .iter()
                        .skip(own)
                        .filter_map(|name| self.values[name][at]);
                    parts.fold(None, |sum: Option<i64>, part| {
                        Some(sum.unwrap_or_default().saturating_add(part))
                    })
                })
                .collect();
            let others = i64::try_from(self.order.len() - own).unwrap_or(i64::MAX);
            let name = view.locale.count("chart.others", others);
            series.push(series_of(name, Color::Rest, &rest, Vec::new()));
        }
        series.retain(|series| series.values.iter().any(Option::is_some));
        series
    }
}

fn title(view: &View<'_>) -> String {
    let side = view.selection.shown_side();
    match &view.selection.category {
        Some(category) => {
            let grouping = view.selection.grouping;
            let gloss = match grouping {
                Grouping::Published => block_gloss(category, view.locale.language()),
                Grouping::Harmonised => "",
            };
            let name = with_gloss(&category_name(category, grouping, view.locale), gloss);
            view.locale.fill("chart.title.lines_of", &[("name", &name)])
        }
        None => view
            .locale
            .term(
                "chart.title",
                if side == "revenue" {
                    "revenue"
                } else {
                    "categories"
                },
            )
            .to_owned(),
    }
}

/// The unit of what is stacked: the highest stack counts.
fn unit(view: &View<'_>, series: &[Series]) -> Unit {
    let years = series.first().map_or(0, |series| series.values.len());
    let stacks: Vec<i64> = (0..years)
        .map(|at| {
            let parts = series.iter().filter_map(|series| series.values[at]);
            parts.fold(0_i64, |sum, part| sum.saturating_add(part.max(0)))
        })
        .collect();
    if view.measure == Measure::Share {
        return Unit::of(Kind::Rate, 10_000, view.locale.language());
    }
    view.unit(stacks.into_iter())
}

/// The figures of the latest year that has any, in sentences.
fn told(view: &View<'_>, years: &[i64], series: &[Series], unit: Unit, words: &str) -> String {
    let locale = view.locale;
    let latest = (0..years.len())
        .rev()
        .find(|at| series.iter().any(|series| series.values[*at].is_some()));
    let Some(at) = latest else {
        return locale.text("chart.nothing").to_owned();
    };
    let figures = series.iter().filter_map(|series| {
        let value = unit.short(&unit.number(series.values[at]?.into()));
        Some((series.name.as_str(), value))
    });
    let parts = super::told(locale, figures);
    let mut sentences = vec![
        locale.fill("chart.told_unit", &[("unit", words)]),
        locale.fill(
            "chart.told_stack",
            &[("year", &years[at].to_string()), ("parts", &parts)],
        ),
    ];
    sentences.extend(Some(breaks_told(view, years)).filter(|told| !told.is_empty()));
    sentences.join(" ")
}

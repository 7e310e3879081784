//! What the money of each year is for.

use std::collections::HashMap;

use centime_accounts::{BasisPoints, Centimes, FiscalYear, Side};
use centime_analytics::{ColumnName, Grouping, Kind, Table, columns};

use super::measure::Measure;
use super::view::{View, Years as Records, category_name, named_figures, text, years};
use crate::draw::palette::CATEGORIES;
use crate::draw::scale::Unit;
use crate::draw::spec::{
    Chart, Color, Figure, Form, Key, LinkParams, Panel, Plot, Series, Swatch, Years,
};
use crate::language::label::{block_gloss, with_gloss};

/// The categories of each year, stacked.
pub fn categories(table: &Table, view: &View<'_>) -> Chart {
    let mut chart = stacked(
        "categories",
        table,
        columns::CATEGORY,
        columns::AMOUNT,
        view,
    );
    chart.title = title(view);
    chart
}

/// The amounts of categories, stacked by year. Those without a colour of their own come last, as
/// one. Without a title.
pub(super) fn stacked(
    chart_name: &'static str,
    table: &Table,
    category: ColumnName,
    amount: ColumnName,
    view: &View<'_>,
) -> Chart {
    let locale = view.locale;
    let stacks = Stacks::read(table, category, amount);
    let unit = stacks.unit(view);
    let series = stacks.series(unit, view);
    let some_left_out = stacks.leaves_out(view);
    let Stacks {
        years,
        values,
        incomplete,
        ..
    } = stacks;
    let breaks = view.breaks(&years);
    let hatched: Vec<FiscalYear> = years
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
            link_params: series.link_params.clone(),
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
        notes.clear();
    }
    if some_left_out {
        let why = match view.measure {
            Measure::Share => "chart.no_share",
            _ => "chart.no_revenue",
        };
        notes.push(locale.text(why).to_owned());
    } else if !drawn {
        notes.push(locale.text("chart.nothing").to_owned());
    }
    let words = match view.measure {
        Measure::Share => locale.text("chart.unit.of_stack").to_owned(),
        _ => view.words(unit),
    };
    Chart {
        name: chart_name,
        title: String::new(),
        alt_text: alt_text(view, &years, &series, &words),
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

/// The share that centimes are of others, in hundredths of a percent.
fn share(part: i64, whole: i64) -> Option<i64> {
    let share = Centimes::new(part).share_of(Centimes::new(whole));
    share.map(BasisPoints::get)
}

/// The amounts of categories by year.
struct Stacks<'a> {
    years: Vec<FiscalYear>,
    /// The categories, the largest first.
    order: Vec<&'a str>,
    values: HashMap<&'a str, Vec<Option<i64>>>,
    /// What each year adds up to.
    whole: Vec<i64>,
    /// Whether an amount of the year is not known.
    incomplete: Vec<bool>,
}

impl<'a> Stacks<'a> {
    fn read(table: &'a Table, category: ColumnName, amount: ColumnName) -> Self {
        let years = years(table);
        let position: HashMap<FiscalYear, usize> =
            years.iter().enumerate().map(|(p, y)| (*y, p)).collect();
        let mut order: Vec<&str> = Vec::new();
        let mut weight: HashMap<&str, u128> = HashMap::new();
        let mut values: HashMap<&str, Vec<Option<i64>>> = HashMap::new();
        let mut whole: Vec<i64> = vec![0; years.len()];
        let mut incomplete = vec![false; years.len()];
        for row in &table.rows {
            let year = table.cell(row, columns::FISCAL_YEAR).year();
            let Some(at) = year.and_then(|year| position.get(&year).copied()) else {
                continue;
            };
            let name = text(table, row, category);
            if !values.contains_key(name) {
                order.push(name);
            }
            let value = table.cell(row, amount).amount().map(Centimes::get);
            incomplete[at] |= value.is_none();
            let of_name = values
                .entry(name)
                .or_insert_with(|| vec![None; years.len()]);
            of_name[at] = value;
            let size = value.unwrap_or_default();
            *weight.entry(name).or_default() += u128::from(size.unsigned_abs());
            whole[at] = whole[at].saturating_add(size);
        }
        // A year without one of its amounts would be drawn lower than it is.
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

    /// An amount in the measure of the view: as it is drawn.
    fn measured(&self, view: &View<'_>, at: usize, amount: i64) -> Option<i64> {
        match view.measure {
            Measure::Share => share(amount, self.whole[at]),
            _ => view.measured(self.years[at], Some(amount)),
        }
    }

    /// An amount in the measure of the view: as it is written.
    fn figure(&self, view: &View<'_>, unit: Unit, at: usize, amount: i64) -> Option<Figure> {
        match view.measure {
            Measure::Share => {
                let share = share(amount, self.whole[at])?;
                Some(Figure::share(unit, share, amount))
            }
            _ => view.figure(unit, self.years[at], amount),
        }
    }

    /// Whether a year has an amount that the measure of the view has no share for.
    fn leaves_out(&self, view: &View<'_>) -> bool {
        self.values.values().any(|of_name| {
            let mut amounts = of_name.iter().enumerate();
            amounts.any(|(at, amount)| {
                amount.is_some_and(|amount| self.measured(view, at, amount).is_none())
            })
        })
    }

    /// The unit of what is stacked: the highest stack counts, to either side of zero.
    fn unit(&self, view: &View<'_>) -> Unit {
        if view.measure == Measure::Share {
            return Unit::of(Kind::Rate, 10_000, view.locale.language());
        }
        let stacks = (0..self.years.len()).flat_map(|at| {
            let amounts = self.values.values().filter_map(|of_name| of_name[at]);
            let (above, below) = amounts.fold((0_i64, 0_i64), |(above, below), amount| {
                (
                    above.saturating_add(amount.max(0)),
                    below.saturating_add(amount.min(0)),
                )
            });
            [above, below].map(|amount| self.measured(view, at, amount))
        });
        view.unit(stacks.flatten())
    }

    /// A series for each category that has a colour, and one for the others.
    fn series(&self, unit: Unit, view: &View<'_>) -> Vec<Series> {
        let series_of =
            |name: String, color: Color, raw: &[Option<i64>], link_params: LinkParams| Series {
                name,
                color,
                below: None,
                form: Form::Stack,
                labelled: false,
                values: raw
                    .iter()
                    .enumerate()
                    .map(|(at, amount)| self.figure(view, unit, at, (*amount)?))
                    .collect(),
                link_params,
            };
        let own = if self.order.len() > CATEGORIES {
            CATEGORIES - 1
        } else {
            CATEGORIES
        };
        let shown = &self.order[..own.min(self.order.len())];
        let mut series: Vec<Series> = shown
            .iter()
            .zip(view.colors(shown))
            .map(|(name, color)| {
                series_of(
                    view.name(name).whole(),
                    color,
                    &self.values[name],
                    view.category_link_params(name, Records::Focus),
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
            let name = with_gloss(&category_name(category, grouping, side, view.locale), gloss);
            view.locale.fill("chart.title.lines_of", &[("name", &name)])
        }
        None => view
            .locale
            .term(
                "chart.title",
                if side == Side::Revenue {
                    "revenue"
                } else {
                    "categories"
                },
            )
            .to_owned(),
    }
}

/// The figures of the latest year that has any, in sentences.
fn alt_text(view: &View<'_>, years: &[FiscalYear], series: &[Series], words: &str) -> String {
    let locale = view.locale;
    let latest = (0..years.len())
        .rev()
        .find(|at| series.iter().any(|series| series.values[*at].is_some()));
    let Some(at) = latest else {
        return locale.text("chart.nothing").to_owned();
    };
    let figures = series.iter().filter_map(|series| {
        let figure = series.values[at].as_ref()?;
        Some((series.name.as_str(), figure.whole.clone()))
    });
    let parts = named_figures(locale, figures);
    let mut sentences = vec![
        locale.fill("chart.alt_unit", &[("unit", words)]),
        locale.fill(
            "chart.alt_stack",
            &[("year", &years[at].to_string()), ("parts", &parts)],
        ),
    ];
    sentences.extend(Some(view.breaks_sentence(years)).filter(|told| !told.is_empty()));
    sentences.join(" ")
}

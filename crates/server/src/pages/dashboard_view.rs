//! What a dashboard answers before its charts: the years there are, what the year comes to, and why.

use std::collections::BTreeMap;

use centime_accounts::{Centimes, FiscalYear};
use centime_analytics::years::{self, Change};
use centime_analytics::{Basis, columns};
use centime_render::dashboard::brief::{self, KeyFigure};
use centime_render::dashboard::{Panel, Query};
use centime_render::statement::sparkline::trend;
use centime_render::{Locale, inhabitants};
use centime_warehouse::lines::Line;

use crate::pages::chart_view::{ChartView, LegendView};
use crate::pages::view::{key_amount, rich};
use crate::pages::{year, year_view};
use crate::state::snapshot::Snapshot;

/// What stands before the charts.
pub struct Answer {
    pub years: Vec<YearChip>,
    /// What the figures are of: a year, compared with another.
    pub heading: String,
    pub figures: Vec<FigureView>,
    /// The inhabitants that the figures are divided by, where they are known.
    pub population: Option<String>,
    /// The view in sentences, as HTML.
    pub sentences: Vec<String>,
}

/// A year to look at.
pub struct YearChip {
    pub year: FiscalYear,
    pub link: String,
    pub shown: bool,
    /// Whether nothing can be computed of it.
    pub incomplete: bool,
}

/// A key figure.
pub struct FigureView {
    pub name: String,
    pub class: &'static str,
    /// The amount, as HTML.
    pub amount: String,
    /// The amount for each inhabitant, where that is known.
    pub each: Option<String>,
    pub change: Option<String>,
    /// Its years as a small drawing; empty where there are too few.
    pub trend: String,
}

impl Answer {
    /// What is said of a view.
    pub fn new(
        snapshot: &Snapshot,
        lines: &[Line],
        query: &Query,
        panels: &[Panel],
        locale: &'static Locale,
    ) -> Self {
        let source = brief::Source {
            statement: snapshot,
            lines,
            query,
            locale,
        };
        let selection = &query.selection;
        let known = year::of_body(snapshot);
        let (focus, against) = (selection.focus, selection.against);
        let compared = against < focus && years::barrier(&known, against, focus).is_none();
        let heading = |key: &str| {
            let values = [
                ("year", &*focus.to_string()),
                ("before", &*against.to_string()),
            ];
            locale.fill(key, &values)
        };
        let years = query.choices.years.iter();
        let years = years.filter(|year| selection.years.contains(year));
        Self {
            years: years
                .map(|year| YearChip {
                    year: *year,
                    link: query.with(&[("focus", Some(year.to_string().as_str()))]),
                    shown: *year == focus,
                    incomplete: years::find(&known, *year)
                        .is_none_or(|known| known.result.is_none()),
                })
                .collect(),
            heading: heading(if compared {
                "dashboard.of_year_compared"
            } else {
                "dashboard.of_year"
            }),
            figures: brief::key_figures(&source, panels)
                .iter()
                .map(|figure| FigureView::new(figure, compared, snapshot, query, locale))
                .collect(),
            population: snapshot
                .inhabitants
                .in_year(focus)
                .map(|known| inhabitants::said(known, locale)),
            sentences: brief::sentences(&source, panels)
                .iter()
                .map(|sentence| rich(sentence))
                .collect(),
        }
    }
}

impl FigureView {
    fn new(
        figure: &KeyFigure,
        compared: bool,
        snapshot: &Snapshot,
        query: &Query,
        locale: &'static Locale,
    ) -> Self {
        let compared = compared && query.selection.basis == Basis::Leaf;
        let change = compared
            .then(|| Change::between(figure.before, figure.amount))
            .flatten()
            .map(|change| Change {
                // From a surplus to a deficit is no part of the surplus.
                rate: change.rate.filter(|_| !change.after.is_negative()),
                ..change
            });
        let breaks = snapshot.breaks(locale);
        let points: Vec<(FiscalYear, Option<Centimes>, bool)> = figure
            .years
            .iter()
            .map(|(year, amount)| {
                let breaks = breaks.iter().any(|b| b.fiscal_year == *year);
                (*year, *amount, breaks)
            })
            .collect();
        let enough = points
            .iter()
            .filter(|(_, amount, _)| amount.is_some())
            .count()
            > 1;
        let is_result = figure.column == columns::RESULT;
        Self {
            name: figure.name.clone(),
            class: match figure.amount {
                Some(amount) if is_result && amount.is_negative() => " figure--below",
                _ if is_result => " figure--result",
                _ => "",
            },
            amount: key_amount(figure.amount, locale),
            each: figure
                .per_inhabitant
                .map(|each| inhabitants::each(each, locale)),
            change: change
                .map(|change| year_view::against(&change, query.selection.against, locale)),
            trend: if enough {
                trend(&points, locale)
            } else {
                String::new()
            },
        }
    }
}

/// What several charts say alike, which a page says once.
#[derive(Default)]
pub struct Shared {
    pub notes: Vec<String>,
    pub legend: Vec<LegendView>,
}

impl Shared {
    /// Takes from charts what more than one of them says: remarks, and what marks of years mean.
    pub fn of(charts: &mut [ChartView]) -> Self {
        let mut said: BTreeMap<String, usize> = BTreeMap::new();
        let marks = |key: &LegendView| key.form == "hatch" || key.form == "dash";
        for chart in charts.iter() {
            let keys = chart.legend.iter().filter(|key| marks(key));
            for text in chart.notes.iter().chain(keys.map(|key| &key.label)) {
                *said.entry(text.clone()).or_default() += 1;
            }
        }
        let repeated = |text: &str| said.get(text).is_some_and(|times| *times > 1);
        let mut shared = Self::default();
        for chart in charts.iter_mut() {
            let (repeats, own) = std::mem::take(&mut chart.notes)
                .into_iter()
                .partition(|note| repeated(note));
            chart.notes = own;
            let repeats: Vec<String> = repeats;
            for note in repeats {
                if !shared.notes.contains(&note) {
                    shared.notes.push(note);
                }
            }
            let (repeats, own): (Vec<LegendView>, Vec<LegendView>) =
                std::mem::take(&mut chart.legend)
                    .into_iter()
                    .partition(|key| marks(key) && repeated(&key.label));
            chart.legend = own;
            for key in repeats {
                if !shared.legend.iter().any(|known| known.label == key.label) {
                    shared.legend.push(key);
                }
            }
        }
        shared
    }
}

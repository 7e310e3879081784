//! From which lines money comes, and to which it goes.

use std::collections::BTreeSet;

use centime_accounts::{Centimes, Side};
use centime_analytics::{Table, columns};

use super::measure::Measure;
use super::view::{Totals, View, named_figures, text};
use crate::draw::scale::Unit;
use crate::draw::spec::{Chart, Color, Figure, Flow, LinkParams, Name, Plot, Stream};

/// The most lines of a side with a stream of their own.
const MOST: usize = 12;

/// The same for amounts below zero, which are drawn on the other side.
const MOST_BELOW: usize = 4;

/// The lines of the year in focus as streams into the budget and out of it, whatever their sign: one below zero
/// takes from its side, so it is drawn on the other one and says so. What is short or left is a stream, too.
/// The totals are those of the analysis; the streams only show what they are made of.
pub fn flow(table: &Table, view: &View<'_>) -> Chart {
    let locale = view.locale;
    let year = view.selection.focus;
    let lines = Lines::read(table, view);
    let Totals {
        revenue,
        expense,
        result,
    } = view.totals;
    let unit = lines.unit(view);
    let measured = lines.any && view.has_shares(year);
    let known = result.filter(|_| measured).map(Centimes::get);
    let mut flow = Flow {
        centre: String::new(),
        heads: [const { String::new() }; 2],
        totals: Vec::new(),
        sources: lines.streams(0, unit, view),
        destinations: lines.streams(1, unit, view),
    };
    if let Some(result) = known {
        balance(&mut flow, result, unit, view);
    }
    // A side of which the view has no line has no total.
    let named = |name: &str, amount: Option<i64>| {
        let figure = view.fitting(unit, year, amount?)?;
        Some((name.to_owned(), figure))
    };
    let difference = if view.has_results() {
        view.column(columns::RESULT)
    } else {
        locale.term("chart.flow", "balance")
    };
    let sides = [
        named(view.column(columns::REVENUE), revenue.map(Centimes::get)),
        named(view.column(columns::EXPENSE), expense.map(Centimes::get)),
    ];
    let mut totals: Vec<(String, Figure)> = sides
        .iter()
        .flatten()
        .filter(|_| known.is_some())
        .cloned()
        .collect();
    let heads = sides.map(|side| {
        side.filter(|_| known.is_some())
            .map_or_else(String::new, |(name, figure)| {
                let values = [("name", &*name), ("amount", &*figure.whole)];
                locale.fill("chart.flow.total", &values)
            })
    });
    let told: Vec<&str> = heads
        .iter()
        .map(String::as_str)
        .filter(|head| !head.is_empty())
        .collect();
    flow.centre = told.join(locale.text("chart.flow.between"));
    flow.heads = heads;
    totals.extend(named(difference, known));
    let alt_text = sentences(&flow, &totals, view);
    flow.totals = totals
        .into_iter()
        .map(|(name, figure)| (name, figure.exact))
        .collect();
    let drawn = known.is_some() && !(flow.sources.is_empty() && flow.destinations.is_empty());
    let words = year.to_string();
    let year = [("year", &*words)];
    let mut notes = Vec::new();
    if !lines.any || (result.is_none() && view.has_shares(view.selection.focus)) {
        notes.push(view.no_rows());
    } else if !measured {
        notes.push(locale.text("chart.no_revenue").to_owned());
    } else if !drawn {
        notes.push(locale.fill("chart.all_zero", &year));
    }
    let below = lines.below();
    if drawn && below > 0 {
        notes.push(locale.count("chart.flow_below", below));
    }
    Chart {
        name: "flow",
        title: locale.fill("chart.title.flow", &year),
        unit: match view.measure {
            Measure::Percent => view.words(unit),
            _ => String::new(),
        },
        alt_text,
        legend: Vec::new(),
        notes,
        plot: drawn.then_some(Plot::Flow(flow)),
    }
}

/// Adds the stream of what is short, or of what is left.
fn balance(flow: &mut Flow, result: i64, unit: Unit, view: &View<'_>) {
    let [short, left] = balances(view);
    let (key, side, color) = match result {
        0 => return,
        ..0 => (short, &mut flow.sources, Color::Hatch),
        1.. => (left, &mut flow.destinations, Color::First),
    };
    let amount = result.saturating_abs();
    let figure = view.fitting(unit, view.selection.focus, amount);
    side.extend(figure.map(|figure| Stream {
        name: view.locale.term("chart.flow", key).to_owned().into(),
        figure: figure.drawn_at(amount),
        color,
        link_params: View::result_link_params(),
    }));
}

/// A line that is not zero.
struct Line<'a> {
    /// Whether it is one of expense.
    expense: bool,
    /// Its amount in centimes.
    amount: i64,
    /// The label of its block in the data.
    block: &'a str,
    /// Its label in the data.
    label: &'a str,
    /// As it is shown.
    name: Name,
    /// That of its block.
    color: Color,
}

impl Line<'_> {
    /// Where a click on it leads. Another block, or the other side, may have a line of the same label.
    fn link_params(&self) -> LinkParams {
        let side = if self.expense {
            Side::Expense
        } else {
            Side::Revenue
        };
        vec![
            ("side", Some(side.to_string())),
            ("category", None),
            ("block", Some(self.block.to_owned())),
            ("line", Some(self.label.to_owned())),
            ("lines", Some("added".to_owned())),
        ]
    }
}

/// The lines of the year.
struct Lines<'a> {
    /// Whether there are any, zeros included.
    any: bool,
    /// Those that are not zero.
    lines: Vec<Line<'a>>,
}

impl<'a> Lines<'a> {
    fn read(table: &'a Table, view: &View<'_>) -> Self {
        let blocks: BTreeSet<&str> = table
            .rows
            .iter()
            .map(|row| text(table, row, columns::CATEGORY))
            .collect();
        let blocks: Vec<&str> = blocks.into_iter().collect();
        let colors = view.block_colors(&blocks);
        let mut lines = Vec::new();
        let mut any = false;
        for row in &table.rows {
            let Some(amount) = table.cell(row, columns::AMOUNT).amount().map(Centimes::get) else {
                continue;
            };
            any = true;
            if amount == 0 {
                continue;
            }
            let block = text(table, row, columns::CATEGORY);
            let color = blocks.binary_search(&block).map(|at| colors[at]);
            let label = text(table, row, columns::LABEL);
            lines.push(Line {
                expense: text(table, row, columns::SIDE) == Side::Expense.name(),
                amount,
                block,
                label,
                name: view.line_name(block, label),
                color: color.unwrap_or(Color::Rest),
            });
        }
        Self { any, lines }
    }

    /// How many are below zero.
    fn below(&self) -> i64 {
        let below = self.lines.iter().filter(|line| line.amount < 0).count();
        i64::try_from(below).unwrap_or(i64::MAX)
    }

    fn unit(&self, view: &View<'_>) -> Unit {
        let year = view.selection.focus;
        let Totals {
            revenue,
            expense,
            result,
        } = view.totals;
        let totals = [revenue, expense, result]
            .into_iter()
            .flatten()
            .map(Centimes::get);
        let amounts = self.lines.iter().map(|line| line.amount).chain(totals);
        view.unit(amounts.filter_map(|amount| view.measured(year, Some(amount))))
    }

    /// The streams of a side, sources first: its own lines from the largest, then those of the other side that
    /// are below zero.
    fn streams(&self, side: usize, unit: Unit, view: &View<'_>) -> Vec<Stream> {
        let expense = side == 1;
        let sorted = |of: &dyn Fn(&&Line<'a>) -> bool| {
            let mut lines: Vec<&Line<'a>> = self.lines.iter().filter(of).collect();
            lines.sort_by_key(|line| std::cmp::Reverse(line.amount.unsigned_abs()));
            lines
        };
        let own = sorted(&|line| line.expense == expense && line.amount > 0);
        let others = sorted(&|line| line.expense != expense && line.amount < 0);
        let mut streams = drawn(&own, MOST, "chart.others", unit, view);
        streams.extend(drawn(&others, MOST_BELOW, "chart.others_below", unit, view));
        streams
    }
}

/// The streams of some lines; the smallest are one stream where there are too many.
fn drawn(
    lines: &[&Line<'_>],
    most: usize,
    others: &str,
    unit: Unit,
    view: &View<'_>,
) -> Vec<Stream> {
    let year = view.selection.focus;
    let stream = |name: Name, amount: i64, color: Color, line: Option<&Line<'_>>| {
        let figure = view.fitting(unit, year, amount)?;
        Some(Stream {
            name,
            figure: figure.drawn_at(amount.saturating_abs()),
            color,
            link_params: line.map_or_else(Vec::new, Line::link_params),
        })
    };
    let alone = if lines.len() > most {
        most - 1
    } else {
        lines.len()
    };
    let (alone, rest) = lines.split_at(alone);
    let mut streams: Vec<Stream> = alone
        .iter()
        .filter_map(|line| {
            let (name, color) = if line.amount < 0 {
                (below(line, view), Color::Signal)
            } else {
                (line.name.clone(), line.color)
            };
            stream(name, line.amount, color, Some(line))
        })
        .collect();
    if !rest.is_empty() {
        let count = i64::try_from(rest.len()).unwrap_or(i64::MAX);
        let sum = rest
            .iter()
            .fold(0_i64, |sum, line| sum.saturating_add(line.amount));
        let color = if sum < 0 { Color::Signal } else { Color::Rest };
        let name = view.locale.count(others, count).into();
        streams.extend(stream(name, sum, color, None));
    }
    streams
}

/// The name of a line below zero, which stands on the other side than its own.
fn below(line: &Line<'_>, view: &View<'_>) -> Name {
    let key = if line.expense {
        "chart.flow.expense_below"
    } else {
        "chart.flow.revenue_below"
    };
    Name {
        text: view.locale.fill(key, &[("name", &line.name.text)]),
        ..line.name.clone()
    }
}

/// What the chart shows, in sentences.
fn sentences(flow: &Flow, totals: &[(String, Figure)], view: &View<'_>) -> String {
    let locale = view.locale;
    let figures = |streams: &[Stream]| {
        let figures = streams
            .iter()
            .map(|stream| (stream.name.whole(), stream.figure.whole.clone()));
        named_figures(locale, figures)
    };
    let totals = named_figures(
        locale,
        totals
            .iter()
            .map(|(name, figure)| (name, figure.whole.clone())),
    );
    [
        ("chart.alt_totals", "totals", totals),
        ("chart.alt_sources", "sources", figures(&flow.sources)),
        (
            "chart.alt_destinations",
            "destinations",
            figures(&flow.destinations),
        ),
    ]
    .into_iter()
    .filter(|(_, _, figures)| !figures.is_empty())
    .map(|(key, name, figures)| locale.fill(key, &[(name, &figures)]))
    .collect::<Vec<_>>()
    .join(" ")
}

/// The names of what is missing for the expense and of what is left of the revenue.
fn balances(view: &View<'_>) -> [&'static str; 2] {
    if view.has_results() {
        ["short", "left"]
    } else {
        ["below", "above"]
    }
}

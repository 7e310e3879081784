//! From which lines money comes, and to which it goes.

use centime_accounts::{Centimes, Side};
use centime_analytics::{Table, columns};

use super::measure::Measure;
use super::view::{Totals, View, named_figures, text};
use crate::draw::palette::CATEGORIES;
use crate::draw::scale::Unit;
use crate::draw::spec::{Chart, Color, Figure, Flow, Name, Plot, Stream};

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
        totals: Vec::new(),
        sources: lines.streams(0, unit, view),
        destinations: lines.streams(1, unit, view),
    };
    if let Some(result) = known {
        let [short, left] = balances(view);
        let (key, side, color) = if result < 0 {
            (short, &mut flow.sources, Color::Hatch)
        } else {
            (left, &mut flow.destinations, Color::First)
        };
        if result != 0 {
            let figure = view.fitting(unit, year, result.saturating_abs());
            side.extend(figure.map(|figure| Stream {
                name: locale.term("chart.flow", key).to_owned().into(),
                figure: figure.drawn_at(result.saturating_abs()),
                color,
                link_params: Vec::new(),
            }));
        }
    }
    // A side of which the view has no line has no total.
    let named = |name: &str, amount: Option<i64>| {
        let figure = view.fitting(unit, year, amount?)?;
        Some((name.to_owned(), figure))
    };
    let balance = if view.has_results() {
        view.column(columns::RESULT)
    } else {
        locale.term("chart.flow", "balance")
    };
    let mut totals: Vec<(String, Figure)> = [
        named(view.column(columns::REVENUE), revenue.map(Centimes::get)),
        named(view.column(columns::EXPENSE), expense.map(Centimes::get)),
    ]
    .into_iter()
    .flatten()
    .filter(|_| known.is_some())
    .collect();
    let sides: Vec<String> = totals
        .iter()
        .map(|(name, figure)| {
            let values = [("name", &**name), ("amount", &*figure.whole)];
            locale.fill("chart.flow.total", &values)
        })
        .collect();
    flow.centre = sides.join(locale.text("chart.flow.between"));
    totals.extend(named(balance, known));
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

/// A line that is not zero.
struct Line<'a> {
    /// Whether it is one of expense.
    expense: bool,
    /// Its amount in centimes.
    amount: i64,
    /// Its label in the data.
    label: &'a str,
    /// As it is shown.
    name: Name,
    /// That of its block.
    color: Color,
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
        let mut blocks: Vec<&str> = Vec::new();
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
            let number = blocks.iter().position(|known| *known == block);
            let number = number.unwrap_or_else(|| {
                blocks.push(block);
                blocks.len() - 1
            });
            let label = text(table, row, columns::LABEL);
            lines.push(Line {
                expense: text(table, row, columns::SIDE) == Side::Expense.name(),
                amount,
                label,
                name: view.line_name(block, label),
                color: Color::Category(number % CATEGORIES),
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
    let stream = |name: Name, amount: i64, color: Color, label: Option<&str>| {
        let figure = view.fitting(unit, year, amount)?;
        Some(Stream {
            name,
            figure: figure.drawn_at(amount.saturating_abs()),
            color,
            link_params: label
                .map(|label| vec![("line", Some(label.to_owned()))])
                .unwrap_or_default(),
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
            stream(name, line.amount, color, Some(line.label))
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

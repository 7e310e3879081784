//! From which lines money comes, and to which it goes.

use centime_analytics::Table;

use super::{Measure, View, text, told};
use crate::draw::palette::CATEGORIES;
use crate::draw::spec::{Chart, Color, Flow, Plot, Stream};

/// The most lines of a side with a stream of their own.
const MOST: usize = 12;

/// The lines of the year in focus as streams into the budget and out of it. What is short or left
/// is a stream, too, so that both sides are equal.
pub fn flow(table: &Table, view: &View<'_>) -> Chart {
    let locale = view.locale;
    let year = view.selection.focus;
    let mut sources = Vec::new();
    let mut destinations = Vec::new();
    let mut below = 0_i64;
    let mut blocks: Vec<&str> = Vec::new();
    for row in &table.rows {
        let Some(amount) = view.measured(year, table.cell(row, "amount").integer()) else {
            continue;
        };
        let expense = text(table, row, "side") == "expense";
        if amount < 0 {
            below = below.saturating_add(1);
            continue;
        }
        if amount == 0 {
            continue;
        }
        let block = text(table, row, "category");
        let number = blocks.iter().position(|known| *known == block);
        let number = number.unwrap_or_else(|| {
            blocks.push(block);
            blocks.len() - 1
        });
        let label = text(table, row, "label");
        let side = if expense {
            &mut destinations
        } else {
            &mut sources
        };
        side.push(Stream {
            name: view.line_name(block, label),
            value: amount,
            color: Color::Category(number % CATEGORIES),
            go: vec![("line", Some(label.to_owned()))],
        });
    }
    let total = |streams: &[Stream]| {
        streams
            .iter()
            .fold(0_i64, |sum, stream| sum.saturating_add(stream.value))
    };
    let result = total(&sources).saturating_sub(total(&destinations));
    let balance = |key: &str, value: i64, color: Color| Stream {
        name: locale.term("chart.flow", key).to_owned().into(),
        value,
        color,
        go: Vec::new(),
    };
    let [short, left] = balances(view);
    merge(&mut sources, view);
    merge(&mut destinations, view);
    if !sources.is_empty() || !destinations.is_empty() {
        if result < 0 {
            sources.push(balance(short, -result, Color::Hatch));
        } else if result > 0 {
            destinations.push(balance(left, result, Color::First));
        }
    }
    let unit = view.unit(sources.iter().chain(&destinations).map(|s| s.value));
    let drawn = !sources.is_empty() && !destinations.is_empty();
    let year = year.to_string();
    let mut notes = Vec::new();
    if below > 0 {
        notes.push(locale.count("chart.not_drawn", below));
    }
    if !drawn {
        notes = vec![locale.fill("chart.year_incomplete", &[("year", &year)])];
    }
    let told = |streams: &[Stream]| {
        let figures = streams
            .iter()
            .map(|stream| (stream.name.whole(), unit.fitting(stream.value.into())));
        told(locale, figures)
    };
    Chart {
        name: "flow",
        title: locale.fill("chart.title.flow", &[("year", &year)]),
        unit: match view.measure {
            Measure::Percent => view.words(unit),
            _ => String::new(),
        },
        told: locale.fill(
            "chart.told_flow",
            &[
                ("sources", &told(&sources)),
                ("destinations", &told(&destinations)),
            ],
        ),
        legend: Vec::new(),
        notes,
        plot: drawn.then(|| {
            Plot::Flow(Flow {
                unit,
                centre: locale.fill("chart.flow.centre", &[("year", &year)]),
                sources,
                destinations,
            })
        }),
    }
}

/// The names of what is missing for the expense and of what is left of the revenue.
fn balances(view: &View<'_>) -> [&'static str; 2] {
    if view.has_results() {
        ["short", "left"]
    } else {
        ["below", "above"]
    }
}

/// Makes one stream of the smallest where there are too many.
fn merge(streams: &mut Vec<Stream>, view: &View<'_>) {
    streams.sort_by_key(|stream| std::cmp::Reverse(stream.value));
    if streams.len() <= MOST {
        return;
    }
    let rest = streams.split_off(MOST - 1);
    let others = i64::try_from(rest.len()).unwrap_or(i64::MAX);
    streams.push(Stream {
        name: view.locale.count("chart.others", others).into(),
        value: rest
            .iter()
            .fold(0, |sum, stream| sum.saturating_add(stream.value)),
        color: Color::Rest,
        go: Vec::new(),
    });
}

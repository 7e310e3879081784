//! What changed between two years.

use centime_accounts::{Centimes, Side};
use centime_analytics::{Cell, Grouping, Table, columns};

use super::view::{View, Years, named_figures, text};
use crate::draw::spec::{Chart, Color, Figure, Key, LinkParams, Name, Plot, Rank, Ranks, Swatch};
use crate::language::format;

/// The most categories that are drawn; the table has them all.
const MOST: usize = 16;

/// The change of each line or category from the year compared with to the year in focus. Lines are those of both sides,
/// so their colours say what they do to the result.
pub fn changes(table: &Table, view: &View<'_>) -> Chart {
    let locale = view.locale;
    let selection = view.selection;
    let (before, after) = (selection.against.to_string(), selection.focus.to_string());
    let exact = |amount: Centimes| format::euros(amount, locale.language());
    let known: Vec<(&Vec<Cell>, Centimes)> = table
        .rows
        .iter()
        .filter_map(|row| Some((row, table.cell(row, columns::DIFFERENCE).amount()?)))
        .collect();
    // Amounts of two years have no one revenue to be shares of.
    let euros = View {
        measure: view.measure.in_euros(),
        ..*view
    };
    let unit = euros.unit(known.iter().map(|(_, change)| change.get()));
    let changed = || known.iter().filter(|(_, change)| *change != Centimes::ZERO);
    let left = changed().count().saturating_sub(MOST);
    let bars: Vec<Rank> = changed()
        .take(MOST)
        .map(|(row, change)| {
            let amount = |column| table.cell(row, column).amount();
            let named = |column: &str| locale.term("column", column).to_owned();
            let amounts = [
                (before.clone(), amount(columns::BEFORE)),
                (after.clone(), amount(columns::AFTER)),
                (named("difference"), Some(*change)),
            ];
            // A line that one of the years does not have has no amount there.
            let amounts = amounts.into_iter();
            let mut rows: Vec<(String, String)> = amounts
                .filter_map(|(name, amount)| Some((name, exact(amount?))))
                .collect();
            let rate = table.cell(row, columns::CHANGE).rate();
            rows.extend(rate.map(|rate| (named("change"), format::rate(rate, locale.language()))));
            let subject = Subject::of(table, row, *change, view);
            Rank {
                name: subject.name,
                figure: Figure::of(unit, change.get()).signed(),
                better: subject.better,
                rows,
                link_params: subject.link_params,
            }
        })
        .collect();
    let incomparable = known.len() < table.rows.len();
    let breaks: Vec<String> = view
        .breaks
        .iter()
        .filter(|b| {
            let (low, high) = (
                selection.against.min(selection.focus),
                selection.against.max(selection.focus),
            );
            b.fiscal_year > low && b.fiscal_year <= high
        })
        .map(|b| format!("{} ({})", b.fiscal_year, b.label))
        .collect();
    let mut notes = Vec::new();
    if !breaks.is_empty() {
        let years = breaks.join(", ");
        notes.push(locale.fill("chart.across_break", &[("years", &years)]));
        if selection.grouping == Grouping::Published {
            notes.push(locale.text("chart.choose_harmonised").to_owned());
        }
    }
    if incomparable {
        notes.push(locale.text("chart.only_in_one").to_owned());
    }
    if left > 0 {
        let left = i64::try_from(left).unwrap_or(i64::MAX);
        notes.push(locale.count("chart.more_changes", left));
    }
    let drawn = !bars.is_empty();
    if !drawn {
        let values = [("before", &*before), ("after", &*after)];
        notes.insert(0, locale.fill("chart.no_change", &values));
    }
    let figures = bars
        .iter()
        .map(|bar| (bar.name.whole(), bar.figure.whole.clone()));
    let parts = named_figures(locale, figures);
    let values = [("before", &*before), ("after", &*after), ("parts", &parts)];
    Chart {
        name: "changes",
        title: locale.fill("chart.title.changes", &values[..2]),
        unit: unit.words().to_owned(),
        alt_text: locale.fill("chart.alt_changes", &values),
        legend: legend(&bars, view),
        notes,
        plot: drawn.then_some(Plot::Ranks(Ranks { unit, bars })),
    }
}

/// What changed.
struct Subject {
    name: Name,
    better: Option<bool>,
    link_params: LinkParams,
}

impl Subject {
    fn of(table: &Table, row: &[Cell], change: Centimes, view: &View<'_>) -> Self {
        let category = text(table, row, columns::CATEGORY);
        let side = table.optional_cell(row, columns::SIDE);
        let Some(side) = side.and_then(Cell::text).and_then(Side::named) else {
            return Self {
                name: view.name(category),
                better: None,
                link_params: view.category_link_params(category, Years::Compared),
            };
        };
        let label = text(table, row, columns::LABEL);
        let mut name = view.line_name(category, label);
        if view.selection.side.is_none() {
            // Lines of both sides stand among each other, and some have the same name.
            let place = view.locale.term("sides", side.name());
            let values = [("name", &*name.text), ("place", place)];
            name.text = view.locale.fill("chart.name_in", &values);
        }
        Self {
            name,
            better: Some((side == Side::Revenue) == (change > Centimes::ZERO)),
            link_params: vec![
                ("side", Some(side.to_string())),
                ("block", Some(category.to_owned())),
                ("line", Some(label.to_owned())),
                ("lines", Some("years".to_owned())),
            ],
        }
    }
}

/// What the colours of lines mean.
fn legend(bars: &[Rank], view: &View<'_>) -> Vec<Key> {
    let keys = [
        (true, "better", Color::First),
        (false, "worse", Color::Signal),
    ];
    let there = |better: bool| bars.iter().any(|bar| bar.better == Some(better));
    keys.into_iter()
        .filter(|(better, ..)| there(*better))
        .map(|(_, name, color)| view.key(name, color, Swatch::Fill))
        .collect()
}

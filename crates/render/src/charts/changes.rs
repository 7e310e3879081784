//! What changed between two years.

use centime_accounts::{BasisPoints, Centimes};
use centime_analytics::{Grouping, Table, columns};

use super::view::{View, Years, named_figures, text};
use crate::draw::spec::{Chart, Figure, Plot, Rank, Ranks};

/// The most categories that are drawn; the table has them all.
const MOST: usize = 16;

/// The change of each category from the year compared with to the year in focus, the largest first.
pub fn changes(table: &Table, view: &View<'_>) -> Chart {
    let locale = view.locale;
    let selection = view.selection;
    let (before, after) = (selection.against.to_string(), selection.focus.to_string());
    let language = locale.language();
    let exact = |amount: Centimes| crate::language::format::euros(amount, language);
    let known: Vec<(&str, Centimes, Centimes, Centimes, Option<BasisPoints>)> = table
        .rows
        .iter()
        .filter_map(|row| {
            Some((
                text(table, row, columns::CATEGORY),
                table.cell(row, columns::BEFORE).amount()?,
                table.cell(row, columns::AFTER).amount()?,
                table.cell(row, columns::DIFFERENCE).amount()?,
                table.cell(row, columns::CHANGE).rate(),
            ))
        })
        .collect();
    // Amounts of two years have no one revenue to be shares of.
    let euros = View {
        measure: view.measure.in_euros(),
        ..*view
    };
    let unit = euros.unit(known.iter().map(|(_, _, _, change, _)| change.get()));
    let changed = || {
        known
            .iter()
            .filter(|(_, _, _, change, _)| *change != Centimes::ZERO)
    };
    let left = changed().count().saturating_sub(MOST);
    let bars: Vec<Rank> = changed()
        .take(MOST)
        .map(|(name, was, is, change, rate)| {
            let mut rows = vec![
                (before.clone(), exact(*was)),
                (after.clone(), exact(*is)),
                (
                    locale.term("column", "difference").to_owned(),
                    exact(*change),
                ),
            ];
            rows.extend(rate.map(|rate| {
                let title = locale.term("column", "change").to_owned();
                (title, crate::language::format::rate(rate, language))
            }));
            Rank {
                name: view.name(name),
                figure: Figure::of(unit, change.get()).signed(),
                rows,
                link_params: view.category_link_params(name, Years::Compared),
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
        legend: Vec::new(),
        notes,
        plot: drawn.then_some(Plot::Ranks(Ranks { unit, bars })),
    }
}

//! Which lines have an amount in which year.

use std::collections::HashMap;

use centime_analytics::{Table, columns};

use super::view::{View, named_figures, named_key, text, years};
use crate::draw::spec::{Chart, Color, Grid, GridCell, GridRow, Plot, Swatch};
use crate::language::format;
use crate::language::label::sentence_case;

/// The most lines that are drawn; the table has them all.
const MOST: usize = 150;

/// The states, in the order of the legend.
const STATES: [(&str, Color, Swatch); 6] = [
    ("added", Color::First, Swatch::Fill),
    ("negative", Color::Signal, Swatch::Fill),
    ("subtotal", Color::Rest, Swatch::Fill),
    ("repeated", Color::Rest, Swatch::Hollow),
    ("empty", Color::Faint, Swatch::Hollow),
    ("missing", Color::Signal, Swatch::Hatch),
];

/// A row for each line, a column for each year.
pub fn presence(table: &Table, view: &View<'_>) -> Chart {
    let locale = view.locale;
    let years = years(table);
    let mut rows: Vec<GridRow> = Vec::new();
    let mut places: Vec<(&str, &str)> = Vec::new();
    let mut known: HashMap<(&str, &str, &str), usize> = HashMap::new();
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for row in &table.rows {
        let year = table.cell(row, columns::FISCAL_YEAR).year();
        let Some(column) = years.iter().position(|known| Some(*known) == year) else {
            continue;
        };
        let state = text(table, row, columns::STATE);
        *counts.entry(state).or_default() += 1;
        let label = text(table, row, columns::LABEL);
        let key = (
            text(table, row, columns::SIDE),
            text(table, row, columns::CATEGORY),
            label,
        );
        let at = *known.entry(key).or_insert_with(|| {
            places.push((key.0, key.1));
            rows.push(GridRow {
                name: view.line_name(key.1, label),
                cells: vec![None; years.len()],
                link_params: vec![
                    ("side", Some(key.0.to_owned())),
                    ("block", Some(key.1.to_owned())),
                    ("line", Some(label.to_owned())),
                    ("lines", Some("published".to_owned())),
                ],
            });
            rows.len() - 1
        });
        let found = STATES.iter().find(|(name, ..)| *name == state);
        rows[at].cells[column] = found.map(|(name, color, look)| GridCell {
            color: *color,
            look: *look,
            label: locale.term("state", name).to_owned(),
        });
    }
    tell_apart(&mut rows, &places, view);
    let drawn = !rows.is_empty();
    let mut notes = Vec::new();
    if rows.len() > MOST {
        let left = i64::try_from(rows.len() - MOST).unwrap_or(i64::MAX);
        notes.push(locale.count("chart.more_lines", left));
        rows.truncate(MOST);
    }
    if !drawn {
        notes.push(locale.text("chart.nothing").to_owned());
    }
    let legend = STATES
        .iter()
        .filter(|(name, ..)| counts.contains_key(name))
        .map(|(name, color, form)| named_key(locale.term("state", name), *color, *form))
        .collect();
    let figures = STATES.iter().filter_map(|(name, ..)| {
        let count = format::integer(*counts.get(name)?, locale.language());
        Some((locale.term("state", name), count))
    });
    let alt_text = named_figures(locale, figures);
    Chart {
        name: "presence",
        title: locale.text("chart.title.presence").to_owned(),
        unit: String::new(),
        alt_text,
        legend,
        notes,
        plot: drawn.then(|| {
            Plot::Grid(Grid {
                columns: years.iter().map(ToString::to_string).collect(),
                rows,
            })
        }),
    }
}

/// Says of lines of the same name in which block each is, or on which side where their blocks have the same
/// name, too. `places` are the side and the block of each row.
fn tell_apart(rows: &mut [GridRow], places: &[(&str, &str)], view: &View<'_>) {
    let mut of_name: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        of_name.entry(&row.name.text).or_default().push(at);
    }
    let same: Vec<Vec<usize>> = of_name.into_values().filter(|all| all.len() > 1).collect();
    for all in same {
        for &at in &all {
            let (side, block) = places[at];
            let alone = all
                .iter()
                .all(|&other| other == at || places[other].1 != block);
            let place = if alone {
                sentence_case(block.trim())
            } else {
                view.locale.term("sides", side).to_owned()
            };
            let name = &mut rows[at].name;
            let values = [("name", &*name.text), ("place", &*place)];
            name.text = view.locale.fill("chart.name_in", &values);
        }
    }
}

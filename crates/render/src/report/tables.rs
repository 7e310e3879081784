//! Tables that fit on a page, with their totals.

use std::collections::BTreeMap;

use centime_accounts::{Centimes, FiscalYear, Side};
use centime_analytics::{Basis, columns};

use super::content::{Block, Cell, Column, Table};
use super::source::Source;
use crate::dashboard::{self, CellView, Panel, TableView};
use crate::draw::metrics;
use crate::language::format;

/// The size of texts in tables, in tenths of a point. The template has the same.
const SIZE: u32 = 75;

/// The space between two columns, in points. The template has the same.
const GAP: u32 = 9;

/// The width of a page between its margins, upright and on its side, in points.
const UPRIGHT: u32 = 487;
const WIDE: u32 = 734;

/// The least width of a column of long texts, in points.
const LEAST: u32 = 110;

/// A text as wide as this may be the width of its column; longer ones are broken, in points.
const SHORT: u32 = 84;

/// A table with no more rows than this is short.
const SHORT_TABLE: usize = 14;

/// The table of a chart; `wide` when it is on the long side of a page anyhow.
pub fn of_panel(source: &Source<'_>, panel: &Panel, wide: bool) -> Vec<Block> {
    if panel.chart.name == "presence" || panel.rows.rows.is_empty() {
        // Which amounts are missing is listed on its own; the others are in the file of lines.
        return Vec::new();
    }
    let view = dashboard::table(&panel.rows, source.query, source.locale);
    let totals = totals(source, &panel.rows, &view);
    of_view(&in_euros(source, &panel.chart.title), view, totals, wide)
}

/// The caption of a table of amounts.
pub fn in_euros(source: &Source<'_>, title: &str) -> String {
    source.locale.fill("report.table", &[("title", title)])
}

/// A table as blocks: one, or several where it is wider than a page.
pub fn of_view(caption: &str, view: TableView, totals: Vec<Vec<Cell>>, wide: bool) -> Vec<Block> {
    let rows: Vec<Vec<Cell>> = view
        .rows
        .into_iter()
        .map(|row| row.into_iter().map(cell).collect())
        .collect();
    let columns: Vec<Column> = view
        .headers
        .into_iter()
        .enumerate()
        .map(|(position, header)| {
            let cells = rows.iter().chain(&totals).map(|row| &row[position]);
            Column {
                width: width(&header.label, header.number, cells),
                label: header.label,
                number: header.number,
            }
        })
        .collect();
    fitted(caption, columns, rows, totals, wide)
}

fn cell(view: CellView) -> Cell {
    Cell {
        text: view.value,
        gloss: view.gloss.to_owned(),
        strong: false,
    }
}

/// The width that a column needs; `None` for one whose texts are broken into lines.
pub(super) fn width<'a>(
    header: &str,
    number: bool,
    cells: impl Iterator<Item = &'a Cell>,
) -> Option<u32> {
    let longest_word = header
        .split([' ', '-'])
        .map(|word| points(word, true))
        .max();
    let widest = cells
        .flat_map(|cell| [cell.text.as_deref(), Some(cell.gloss.as_str())])
        .flatten()
        .map(|text| points(text, true))
        .max();
    let width = widest.max(longest_word).unwrap_or_default();
    (number || width <= SHORT).then_some(width)
}

/// The width of a text in points, rounded up.
fn points(text: &str, bold: bool) -> u32 {
    let width = metrics::width(text, SIZE, bold).div_ceil(10_000);
    u32::try_from(width).unwrap_or(u32::MAX)
}

/// The table in as many parts as the width of a page needs; each begins with the same texts.
pub(super) fn fitted(
    caption: &str,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    totals: Vec<Vec<Cell>>,
    wide: bool,
) -> Vec<Block> {
    let room = |column: &Column| column.width.unwrap_or(LEAST).saturating_add(GAP);
    let needed: u32 = columns
        .iter()
        .fold(0, |sum, column| sum.saturating_add(room(column)));
    if needed <= UPRIGHT && !wide {
        return vec![table(caption, false, columns, rows, totals)];
    }
    // A short table in two parts is easier to read than a page turned for a few rows.
    let on_side = wide || rows.len() > SHORT_TABLE;
    let page = if on_side { WIDE } else { UPRIGHT };
    let leading = columns
        .iter()
        .take_while(|column| !column.number)
        .count()
        .max(1);
    let used: u32 = columns[..leading]
        .iter()
        .map(room)
        .fold(0, u32::saturating_add);
    let others: Vec<(usize, u32)> = (leading..)
        .zip(columns[leading..].iter().map(room))
        .collect();
    let mut parts = divided(&others, page.saturating_sub(used));
    if parts.is_empty() {
        parts.push(Vec::new());
    }
    for part in &mut parts {
        part.splice(0..0, 0..leading);
    }
    parts
        .into_iter()
        .map(|part| {
            let of_part = |rows: &[Vec<Cell>]| -> Vec<Vec<Cell>> {
                let cells = |row: &Vec<Cell>| part.iter().map(|at| row[*at].clone()).collect();
                let says = |at: &usize, row: &[Cell]| row[*at].text.as_deref() != Some("");
                // What has no such line in any year of a part is in another one; what heads others has no amounts at all.
                let is_there = |row: &&Vec<Cell>| {
                    let row: &[Cell] = row;
                    let own = part[leading..].iter().any(|at| says(at, row));
                    own || !(leading..row.len()).any(|at| says(&at, row))
                };
                rows.iter().filter(is_there).map(cells).collect()
            };
            let columns = part
                .iter()
                .map(|at| Column {
                    label: columns[*at].label.clone(),
                    ..columns[*at]
                })
                .collect();
            table(caption, on_side, columns, of_part(&rows), of_part(&totals))
        })
        .collect()
}

/// Columns and their widths in parts that have room, as even as they can be.
fn divided(columns: &[(usize, u32)], room: u32) -> Vec<Vec<usize>> {
    let widest = columns.iter().map(|(_, width)| *width).max().unwrap_or(1);
    let most = usize::try_from(room / widest.max(1)).unwrap_or(1).max(1);
    let parts = columns.len().div_ceil(most).max(1);
    columns
        .chunks(columns.len().div_ceil(parts).max(1))
        .map(|part| part.iter().map(|(position, _)| *position).collect())
        .collect()
}

fn table(
    caption: &str,
    wide: bool,
    columns: Vec<Column>,
    rows: Vec<Vec<Cell>>,
    totals: Vec<Vec<Cell>>,
) -> Block {
    Block::Table(Table {
        caption: caption.to_owned(),
        wide,
        columns,
        rows,
        totals,
    })
}

/// The sums of a table of categories, of what changed, or of lines; other tables have none.
fn totals(
    source: &Source<'_>,
    rows: &centime_analytics::Table,
    view: &TableView,
) -> Vec<Vec<Cell>> {
    let has = |name| rows.has(name);
    let word = source.locale.text("quality.total").to_owned();
    let sums = if has(columns::SHARE)
        && has(columns::FISCAL_YEAR)
        && has(columns::CATEGORY)
        && !has(columns::RANK)
    {
        // One column a year, after that of the names.
        let mut of_year: BTreeMap<FiscalYear, Option<Centimes>> = BTreeMap::new();
        for row in &rows.rows {
            let Some(year) = rows.cell(row, columns::FISCAL_YEAR).year() else {
                continue;
            };
            add(
                of_year.entry(year).or_insert(Some(Centimes::ZERO)),
                rows.cell(row, columns::AMOUNT).amount(),
            );
        }
        vec![(word, of_year.into_values().collect::<Vec<_>>())]
    } else if has(columns::BEFORE) && has(columns::LABEL) {
        // Lines of both sides have no sum together, and those that did not change are no rows.
        Vec::new()
    } else if has(columns::BEFORE) && has(columns::AFTER) {
        let selection = &source.query.selection;
        let [before, after] = [
            (columns::BEFORE, selection.against),
            (columns::AFTER, selection.focus),
        ]
        .map(|(column, year)| {
            let mut known = rows
                .rows
                .iter()
                .filter_map(|row| rows.cell(row, column).amount());
            let sum = known.try_fold(Centimes::ZERO, Centimes::checked_add);
            // A category may have no line in one of the years; but no amount may be missing.
            sum.filter(|_| !is_incomplete(source, year))
        });
        let difference = after
            .zip(before)
            .and_then(|(after, before)| after.checked_sub(before));
        let rate = difference
            .zip(before)
            .and_then(|(difference, before)| difference.share_of(before));
        let rate = rate.map(|rate| format::rate(rate, source.locale.language()));
        let mut row = total_row(source, word, &[before, after, difference]);
        row.push(Cell {
            text: rate,
            ..Cell::default()
        });
        return vec![row];
    } else if has(columns::LABEL) && has(columns::SIDE) && has(columns::AMOUNT) {
        let mut rows_of = Vec::new();
        for side in Side::ALL {
            let of_side = rows
                .rows
                .iter()
                .filter(|row| rows.cell(row, columns::SIDE).text() == Some(side.name()));
            let mut sum = Some(Centimes::ZERO);
            for row in of_side {
                add(&mut sum, rows.cell(row, columns::AMOUNT).amount());
            }
            let name = source.locale.term("side", side.name());
            let name = source.locale.fill("report.total_of", &[("name", name)]);
            // The amount is in the last column.
            let mut row = vec![Cell::default(); view.headers.len()];
            for cell in &mut row {
                cell.text = Some(String::new());
            }
            let last = row.len() - 1;
            row[last.min(1)].text = Some(name);
            row[last].text = sum.map(|sum| format::amount(sum, source.locale.language()));
            rows_of.push(row);
        }
        return rows_of;
    } else {
        Vec::new()
    };
    sums.into_iter()
        .map(|(name, amounts)| total_row(source, name, &amounts))
        .collect()
}

fn total_row(source: &Source<'_>, name: String, amounts: &[Option<Centimes>]) -> Vec<Cell> {
    let name = Cell {
        text: Some(name),
        ..Cell::default()
    };
    let amounts = amounts.iter().map(|amount| Cell {
        text: amount.map(|amount| format::amount(amount, source.locale.language())),
        ..Cell::default()
    });
    std::iter::once(name).chain(amounts).collect()
}

/// Adds an amount; a sum with one that is not known is not known.
fn add(sum: &mut Option<Centimes>, amount: Option<Centimes>) {
    *sum = sum
        .zip(amount)
        .and_then(|(sum, amount)| sum.checked_add(amount));
}

/// Whether an amount of the view is missing in a year.
fn is_incomplete(source: &Source<'_>, year: FiscalYear) -> bool {
    let selection = &source.query.selection;
    selection.basis == Basis::Leaf
        && source.lines.iter().any(|line| {
            line.fiscal_year == year
                && line.missing
                && line.side == Some(selection.shown_side())
                && selection.has(line)
        })
}

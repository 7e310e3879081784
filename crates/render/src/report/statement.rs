//! The income statement, line by line: the first table of a report.

use centime_accounts::Centimes;
use centime_analytics::Language;
use centime_analytics::statement::{Figure, Known, Row, Statement, Stretch};

use super::content::{Block, Cell, Column, Section};
use super::source::Source;
use super::tables::{fitted, width};
use crate::language::format;
use crate::language::label::{sentence_case, short_label};

/// What stands before the label of a row that belongs to a heading or a subtotal.
const INDENT: &str = "\u{a0}\u{a0}";

/// The statement of all years, whatever the report is restricted to; `None` where there is no line.
pub fn section(source: &Source<'_>) -> Option<Section> {
    let locale = source.locale;
    let statement = Statement::of(source.lines, source.statement.series_breaks());
    let statement = match source.statement.inhabitants() {
        Some(inhabitants) => statement.divided_by(inhabitants),
        None => statement,
    };
    if statement.stretches.is_empty() {
        return None;
    }
    let mut blocks = vec![Block::Text {
        text: locale.text("statement.report_text").to_owned(),
    }];
    for stretch in &statement.stretches {
        blocks.extend(tables(source, stretch));
    }
    Some(Section {
        title: locale.text("statement.title").to_owned(),
        wide: true,
        blocks,
    })
}

fn tables(source: &Source<'_>, stretch: &Stretch) -> Vec<Block> {
    let locale = source.locale;
    let ends = stretch.years.last().zip(stretch.years.first());
    let years = ends.map_or_else(String::new, |(first, last)| {
        locale.years(first.fiscal_year, last.fiscal_year)
    });
    let model = stretch
        .code()
        .unwrap_or_else(|| locale.text("statement.no_model"));
    let caption = locale.fill(
        "statement.caption",
        &[
            ("model", model),
            ("years", &years),
            ("unit", locale.term("statement.unit_caption", "eur")),
        ],
    );
    // The latest year whose inhabitants are known is said for each of them, too.
    let each = stretch
        .years
        .iter()
        .position(|year| year.population.is_some());
    let rows: Vec<Vec<Cell>> = stretch
        .rows
        .iter()
        .map(|row| cells(source, row, each))
        .collect();
    let heads = stretch
        .years
        .iter()
        .map(|year| (year.fiscal_year.to_string(), true));
    let heads = std::iter::once((locale.text("statement.line").to_owned(), false)).chain(heads);
    let each = each.map(|place| {
        let year = stretch.years[place].fiscal_year;
        (format!("{} {year}", locale.text("aggregates.each")), true)
    });
    let heads = heads.chain(each);
    let columns = heads.enumerate().map(|(place, (label, number))| Column {
        width: if number {
            width(&label, true, rows.iter().map(|row| &row[place]))
        } else {
            None
        },
        label,
        number,
    });
    let columns = columns.collect();
    fitted(&caption, columns, rows, Vec::new(), true)
}

/// A row by year; of the year at the place `each` also for each inhabitant.
fn cells(source: &Source<'_>, row: &Row, each: Option<usize>) -> Vec<Cell> {
    let language = source.locale.language();
    let strong = row.level == 0 || row.kind.is_sum();
    let label = short_label(&sentence_case(&row.label), source.locale);
    let indent = if row.level > 1 { INDENT } else { "" };
    let label = Cell {
        text: Some(format!("{indent}{label}")),
        gloss: match language {
            Language::English => row.gloss.to_owned(),
            Language::French => String::new(),
        },
        strong,
    };
    let cell = |figure: &Figure, amount: Option<Centimes>| Cell {
        text: match figure.known {
            // Nothing is missing where a year has no such row, or needs no amount.
            Known::Absent | Known::Empty => Some(String::new()),
            _ => amount.map(|amount| format::amount(amount, language)),
        },
        gloss: String::new(),
        strong,
    };
    let amounts = row.figures.iter().map(|figure| cell(figure, figure.amount));
    let each = each.map(|place| {
        let figure = &row.figures[place];
        cell(figure, figure.per_inhabitant)
    });
    std::iter::once(label).chain(amounts).chain(each).collect()
}

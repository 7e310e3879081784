//! The income statement, line by line: the first table of a report.

use centime_analytics::Language;
use centime_analytics::statement::{Known, Row, Statement, Stretch};

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
    let rows: Vec<Vec<Cell>> = stretch.rows.iter().map(|row| cells(source, row)).collect();
    let heads = stretch
        .years
        .iter()
        .map(|year| (year.fiscal_year.to_string(), true));
    let heads = std::iter::once((locale.text("statement.line").to_owned(), false)).chain(heads);
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

fn cells(source: &Source<'_>, row: &Row) -> Vec<Cell> {
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
    let amounts = row.figures.iter().map(|figure| Cell {
        text: match figure.known {
            // Nothing is missing where a year has no such row, or needs no amount.
            Known::Absent | Known::Empty => Some(String::new()),
            _ => figure.amount.map(|amount| format::amount(amount, language)),
        },
        gloss: String::new(),
        strong,
    });
    std::iter::once(label).chain(amounts).collect()
}

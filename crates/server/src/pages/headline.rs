//! The key figure of an analysis, as pages and pictures show it.

use centime_analytics::{Analysis, Cell, ColumnName, Headline, Table, columns};
use centime_render::Locale;
use centime_render::language::label::sentence_case;
use centime_render::language::{format, locale};

use crate::state::snapshot::Snapshot;

/// The key figure of an analysis and what it is. Without a figure the caption stands alone.
pub fn headline(analysis: &Analysis, table: &Table, locale: &Locale) -> (Option<String>, String) {
    let language = locale.language();
    let caption = locale::typographic(&analysis.text(language).headline, language);
    let latest = Snapshot::latest(table);
    let year = latest.map_or_else(String::new, |(year, _)| year.to_string());
    let of = |part: i64, whole: i64| {
        let (part, whole) = (
            format::integer(part, language),
            format::integer(whole, language),
        );
        let values = [("count", &*part), ("total", &*whole), ("year", &*year)];
        (
            Some(locale.fill("value.part_of_whole", &values[..2])),
            locale::fill(&caption, &values),
        )
    };
    match analysis.headline {
        Headline::Latest { value } => {
            let figure = latest.and_then(|(_, row)| written(table, row, value, locale));
            (figure, locale::fill(&caption, &[("year", &year)]))
        }
        Headline::LatestKnown { value, otherwise } => {
            let years = table.rows.iter().filter_map(|row| {
                if table.cell(row, value).is_null() {
                    return None;
                }
                Some((
                    table.cell(row, columns::FISCAL_YEAR).year()?,
                    row.as_slice(),
                ))
            });
            if let Some((year, row)) = years.max_by_key(|(year, _)| *year) {
                let figure = written(table, row, value, locale);
                return (
                    figure,
                    locale::fill(&caption, &[("year", &year.to_string())]),
                );
            }
            let caption = analysis.text(language).headline_otherwise.as_deref();
            let caption = locale::typographic(caption.unwrap_or_default(), language);
            let figure = latest.and_then(|(_, row)| written(table, row, otherwise, locale));
            (figure, locale::fill(&caption, &[("year", &year)]))
        }
        Headline::Largest { value, category } => {
            let largest = table
                .rows
                .iter()
                .filter(|row| {
                    let row_year = table.cell(row, columns::FISCAL_YEAR).year();
                    latest.is_some_and(|(year, _)| row_year == Some(year))
                })
                .max_by_key(|row| table.cell(row, value).unitless());
            let name = largest
                .and_then(|row| table.cell(row, category).text())
                .unwrap_or_default();
            let name = sentence_case(locale.term(&category, name));
            let name = format!(
                "{}{}{}",
                locale.text("value.open"),
                name,
                locale.text("value.close")
            );
            let figure = largest.and_then(|row| written(table, row, value, locale));
            let values = [("year", &*year), ("category", &*name)];
            (figure, locale::fill(&caption, &values))
        }
        // None of nothing says nothing.
        Headline::Count { .. } if table.rows.is_empty() => (None, String::new()),
        Headline::Count { value, equal } => {
            let equal = |row: &&Vec<Cell>| table.cell(row, value).text() == Some(equal);
            let count = table.rows.iter().filter(equal).count();
            of(number(count), number(table.rows.len()))
        }
        Headline::Share { part, whole } => {
            let sum = |column| {
                let values = table.rows.iter().map(|row| table.cell(row, column));
                values.filter_map(Cell::unitless).sum()
            };
            of(sum(part), sum(whole))
        }
        Headline::None => (None, String::new()),
    }
}

/// A cell with its unit; nothing for an empty one.
fn written(table: &Table, row: &[Cell], column: ColumnName, locale: &Locale) -> Option<String> {
    let language = locale.language();
    Some(match table.cell(row, column) {
        Cell::Null => return None,
        Cell::Text(text) => text.clone(),
        Cell::Status(status) => status.name().to_owned(),
        Cell::List(entries) => entries.join("\n"),
        Cell::Amount(amount) => format::euros(*amount, language),
        Cell::Rate(rate) => format::rate(*rate, language),
        Cell::Year(year) => year.to_string(),
        Cell::Count(number) => format::integer(*number, language),
        Cell::Flag(flag) => format::integer(i64::from(*flag), language),
    })
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

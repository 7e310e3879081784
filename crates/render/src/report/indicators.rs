//! The indicators of local finance, where the accounts of the body are known.

use centime_accounts::FiscalYear;
use centime_accounts::indicators::Group;
use centime_analytics::accounts::{Series, Value};

use super::content::{Block, Cell, Column, Section};
use super::source::Source;
use super::tables::{fitted, width};
use crate::indicators;

/// How wide a column is where it says why there is no value, in points, and of how many years there is room for that.
const REASON: u32 = 110;
const FEW: usize = 3;

/// The indicators of the selected years; `None` where no account of them is known.
pub fn section(source: &Source<'_>) -> Option<Section> {
    let locale = source.locale;
    let selected = &source.query.selection.years;
    let books = source.statement.books()?;
    let years = books.years.iter().map(|year| year.fiscal_year);
    let years: Vec<FiscalYear> = years.filter(|year| selected.contains(year)).collect();
    let period = locale.years(*years.last()?, *years.first()?);
    let series = books.series(source.statement.series_breaks());
    let mut blocks = vec![Block::Text {
        text: plain(locale.text("indicators.reading_text")),
    }];
    for group in Group::ALL {
        let of_group = series.iter().filter(|one| one.indicator.group == group);
        let rows: Vec<Vec<Cell>> = of_group.map(|one| row(source, one, &years)).collect();
        let caption = locale.fill(
            "indicators.caption",
            &[
                ("group", locale.term("indicators.group", group.name())),
                ("years", &period),
            ],
        );
        blocks.extend(table(source, &caption, &years, rows));
    }
    if books.years.iter().any(|year| year.debt.is_some()) {
        blocks.push(Block::Notes {
            items: vec![plain(locale.text("indicators.debt_text"))],
        });
    }
    Some(Section {
        title: locale.text("indicators.title").to_owned(),
        wide: false,
        blocks,
    })
}

/// A text of pages without the marks of what is strong there.
fn plain(text: &str) -> String {
    text.replace("**", "")
}

fn row(source: &Source<'_>, series: &Series<'_>, years: &[FiscalYear]) -> Vec<Cell> {
    let locale = source.locale;
    let name = Cell {
        text: Some(indicators::name(series.indicator, locale)),
        gloss: indicators::formula(series.indicator, locale),
        strong: false,
    };
    let shown = |value: &&Value<'_>| years.contains(&value.fiscal_year);
    let values = series.values.iter().filter(shown).map(|value| Cell {
        text: Some(indicators::said(series.indicator, value, locale)),
        gloss: String::new(),
        strong: false,
    });
    std::iter::once(name).chain(values).collect()
}

fn table(
    source: &Source<'_>,
    caption: &str,
    years: &[FiscalYear],
    rows: Vec<Vec<Cell>>,
) -> Vec<Block> {
    let first = source.locale.text("column.indicator").to_owned();
    let heads = years.iter().map(|year| (year.to_string(), true));
    let heads = std::iter::once((first, false)).chain(heads);
    let columns = heads.enumerate().map(|(place, (label, number))| {
        // Why there is no value is broken into lines; a value is not.
        let values = rows.iter().map(|row| &row[place]);
        let is_reason = |cell: &&Cell| {
            cell.text
                .as_ref()
                .is_some_and(|text| text.chars().count() >= 32)
        };
        let reasons = years.len() <= FEW && values.clone().any(|cell| is_reason(&cell));
        let values = values.filter(|cell| !is_reason(cell));
        let least = if reasons { REASON } else { 0 };
        Column {
            width: if number {
                width(&label, true, values).map(|width| width.max(least))
            } else {
                None
            },
            label,
            number,
        }
    });
    fitted(caption, columns.collect(), rows, Vec::new(), false)
}

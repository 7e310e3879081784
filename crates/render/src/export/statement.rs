//! The income statement as a workbook: a sheet for each nomenclature, with a column for each year, before the rows that
//! all files have.
//!
//! Sums are amounts and no formulas: they are those of the lines that the leaf rule adds, to the centime, which a
//! spreadsheet that adds binary fractions, or rows that repeat each other, would not always give again. They are bold.

use centime_analytics::statement::{RowKind, Statement, Stretch};
use rust_xlsxwriter::Worksheet;

use super::xlsx::{Error, Looks, WIDEST, exact, fitting, with_sheets};
use crate::Locale;
use crate::language::label::sentence_case;
use crate::provenance::source::Source;

/// The workbook of a statement.
pub fn workbook(
    statement: &Statement,
    rows: &centime_analytics::Table,
    source: &Source<'_>,
    locale: &Locale,
) -> Result<Vec<u8>, Error> {
    with_sheets(rows, source, locale, |book, looks| {
        for (place, stretch) in statement.stretches.iter().enumerate() {
            let sheet = book.add_worksheet();
            let model = stretch
                .code()
                .unwrap_or_else(|| locale.text("statement.sheet"));
            // Nomenclatures may alternate, and no two sheets have the same name.
            let repeats = statement.stretches[..place]
                .iter()
                .any(|earlier| earlier.code() == stretch.code());
            let name = if repeats {
                format!("{model} ({})", place + 1)
            } else {
                model.to_owned()
            };
            sheet.set_name(name)?;
            write(sheet, stretch, locale, looks)?;
        }
        Ok(())
    })
}

fn write(
    sheet: &mut Worksheet,
    stretch: &Stretch,
    locale: &Locale,
    looks: &Looks,
) -> Result<(), Error> {
    let heads = [locale.text("statement.line"), locale.text("column.line")];
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(0, column, head, &looks.header)?;
    }
    for (column, year) in (2..).zip(&stretch.years) {
        let year = year.fiscal_year;
        let format = looks.year.clone().set_bold();
        exact(
            sheet,
            0,
            column,
            year.into(),
            year.to_string(),
            &format,
            looks,
        )?;
    }
    let (strong, strong_text) = (
        looks.amount.clone().set_bold(),
        looks.text.clone().set_bold(),
    );
    for (number, row) in (1..).zip(&stretch.rows) {
        let sums = row.kind.is_sum() || row.kind == RowKind::Block;
        let (amount, text) = if sums {
            (&strong, strong_text.clone())
        } else {
            (&looks.amount, looks.text.clone())
        };
        let label = sentence_case(&row.label);
        let text = text.set_indent(row.level);
        sheet.write_string_with_format(number, 0, fitting(&label, locale), &text)?;
        sheet.write_string_with_format(number, 1, row.address.as_str(), &looks.text)?;
        for (column, figure) in (2..).zip(&row.figures) {
            if let Some(known) = figure.amount {
                let digits = known.to_string();
                exact(sheet, number, column, known.get(), digits, amount, looks)?;
            }
        }
    }
    sheet.set_freeze_panes(1, 1)?;
    sheet
        .set_landscape()
        .set_paper_size(A4)
        .set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 0)?;
    sheet.set_autofit_max_width(WIDEST).autofit();
    Ok(())
}

/// The number of the size of paper in workbooks.
const A4: u8 = 9;

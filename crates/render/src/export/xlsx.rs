//! Tables as a workbook: typed cells, and a sheet that says where they come from.
//!
//! A spreadsheet has binary fractions only, so an amount is the fraction nearest to its decimal number.
//! Numbers of up to fifteen digits come back from it as they were, and a spreadsheet shows no more than
//! fifteen: below ten thousand billion euros a cell is exact to the centime, and what is beyond is a text.
//! (Whole centimes are exact up to 2^53, but euros are not: from 2^46 on, fractions are more than a centime
//! apart.)

use std::borrow::Cow;

use centime_analytics::{Cell, Table};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use crate::Locale;
use crate::export::json::part_of_one;
use crate::export::words::Words;
use crate::language::format;
use crate::provenance::source::Source;

/// From here on an amount in centimes, or a rate, has more than fifteen digits.
const SIXTEEN_DIGITS: u64 = 1_000_000_000_000_000;

/// The longest text of a cell, in UTF-16 code units as spreadsheets count.
const LONGEST: usize = 32_767;

/// The widest that a column is made, in pixels.
pub(super) const WIDEST: u32 = 420;

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// More rows or columns than a workbook can hold.
    #[error("the rows do not fit into a workbook ({0}): take them as CSV or Parquet")]
    TooLarge(XlsxError),
    /// The file could not be made.
    #[error("the workbook could not be made")]
    Failed(#[source] XlsxError),
}

impl From<XlsxError> for Error {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::RowColumnLimitError => Self::TooLarge(error),
            _ => Self::Failed(error),
        }
    }
}

/// How the cells of each kind look.
pub(super) struct Looks {
    pub header: Format,
    pub amount: Format,
    rate: Format,
    integer: Format,
    pub year: Format,
    pub text: Format,
}

impl Looks {
    fn new() -> Self {
        let format = |code: &str| Format::new().set_num_format(code);
        Self {
            header: Format::new().set_bold().set_align(FormatAlign::Left),
            amount: format("#,##0.00"),
            rate: format("0.00%"),
            integer: format("#,##0"),
            year: format("0"),
            text: Format::new().set_align(FormatAlign::Left),
        }
    }
}

/// The rows under the names of their columns, and a second sheet about their source. The same rows of the
/// same revision make the same bytes.
pub fn workbook(table: &Table, source: &Source<'_>, locale: &Locale) -> Result<Vec<u8>, Error> {
    with_sheets(table, source, locale, |_, _| Ok(()))
}

/// The same behind other sheets.
pub(super) fn with_sheets(
    table: &Table,
    source: &Source<'_>,
    locale: &Locale,
    write: impl FnOnce(&mut Workbook, &Looks) -> Result<(), Error>,
) -> Result<Vec<u8>, Error> {
    let mut book = Workbook::new();
    let mut properties = DocProperties::new()
        .set_title(&source.title)
        .set_author("Centime");
    if let Ok(at) = ExcelDateTime::parse_from_str(&source.revision.published_at) {
        properties = properties.set_creation_datetime(&at);
    }
    book.set_properties(&properties);
    let looks = Looks::new();
    write(&mut book, &looks)?;
    let sheet = book.add_worksheet();
    sheet.set_name(locale.text("export.rows"))?;
    let words = Words::of(source, locale.language());
    let cut = rows(sheet, table, words, &looks)?;
    let sheet = book.add_worksheet();
    sheet.set_name(locale.text("export.source"))?;
    about(sheet, source, cut, locale, &looks)?;
    Ok(book.save_to_buffer()?)
}

/// Writes the rows; gives how many cells were cut.
fn rows(sheet: &mut Worksheet, table: &Table, words: Words, looks: &Looks) -> Result<i64, Error> {
    let locale = words.locale();
    let columns = &table.columns;
    let mut cut = 0;
    let mut text = |sheet: &mut Worksheet, row, column, text: &str| {
        let fits = fitting(text, locale);
        cut += i64::from(matches!(fits, Cow::Owned(_)));
        sheet.write_string_with_format(row, column, fits, &looks.text)?;
        Ok::<(), Error>(())
    };
    for (number, column) in (0..).zip(&table.columns) {
        sheet.write_string_with_format(0, number, words.heading(column), &looks.header)?;
    }
    for (row, cells) in (1..).zip(&table.rows) {
        for ((number, cell), column) in (0..).zip(cells).zip(columns) {
            match cell {
                Cell::Null => {}
                Cell::List(entries) => {
                    let entries = words.list(columns, cells, column, entries);
                    text(sheet, row, number, &entries)?;
                }
                Cell::Text(plain) => {
                    let plain = words.text(columns, cells, column, plain);
                    text(sheet, row, number, &plain)?;
                }
                Cell::Status(status) => {
                    text(sheet, row, number, words.status(*status))?;
                }
                Cell::Flag(flag) => {
                    sheet.write_boolean(row, number, *flag)?;
                }
                Cell::Amount(amount) => {
                    let (size, digits) = (amount.get(), amount.to_string());
                    exact(sheet, row, number, size, digits, &looks.amount, looks)?;
                }
                // A rate is a part of one that is shown as a percentage.
                Cell::Rate(rate) => {
                    let (size, digits) = (rate.get(), part_of_one(*rate));
                    exact(sheet, row, number, size, digits, &looks.rate, looks)?;
                }
                Cell::Year(year) => {
                    exact(
                        sheet,
                        row,
                        number,
                        (*year).into(),
                        year.to_string(),
                        &looks.year,
                        looks,
                    )?;
                }
                Cell::Count(count) => {
                    exact(
                        sheet,
                        row,
                        number,
                        *count,
                        count.to_string(),
                        &looks.integer,
                        looks,
                    )?;
                }
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if let (Ok(last_row), Ok(columns)) = (
        u32::try_from(table.rows.len()),
        u16::try_from(table.columns.len()),
    ) && columns > 0
    {
        sheet.autofilter(0, 0, last_row, columns - 1)?;
    }
    sheet.set_autofit_max_width(WIDEST).autofit();
    Ok(cut)
}

/// A text as far as a cell can hold it.
pub(crate) fn cut(text: &str) -> String {
    let mut room = LONGEST;
    let kept = text.chars().take_while(|letter| {
        let fits = letter.len_utf16() <= room;
        room -= if fits { letter.len_utf16() } else { 0 };
        fits
    });
    kept.collect()
}

/// A text as far as a cell can hold it, with a mark where it was cut.
pub(super) fn fitting<'a>(text: &'a str, locale: &Locale) -> Cow<'a, str> {
    // No text has more code units than bytes.
    if text.len() <= LONGEST {
        return Cow::Borrowed(text);
    }
    let units: usize = text.chars().map(char::len_utf16).sum();
    if units <= LONGEST {
        return Cow::Borrowed(text);
    }
    let characters = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let characters = format::integer(characters, locale.language());
    let mark = locale.fill("export.cut_here", &[("n", &characters)]);
    let mut room = LONGEST - mark.chars().map(char::len_utf16).sum::<usize>();
    let kept = text.chars().take_while(|letter| {
        let fits = letter.len_utf16() <= room;
        room -= if fits { letter.len_utf16() } else { 0 };
        fits
    });
    Cow::Owned(kept.chain(mark.chars()).collect())
}

/// Writes a number of so many units by its digits: as a text where it has more of them than a number keeps.
pub(super) fn exact(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    units: i64,
    digits: String,
    format: &Format,
    looks: &Looks,
) -> Result<(), Error> {
    // The nearest fraction is found from the digits; nothing is computed with it.
    match digits.parse::<f64>() {
        Ok(nearest) if units.unsigned_abs() < SIXTEEN_DIGITS => {
            sheet.write_number_with_format(row, column, nearest, format)?;
        }
        _ => {
            sheet.write_string_with_format(row, column, digits, &looks.text)?;
        }
    }
    Ok(())
}

fn about(
    sheet: &mut Worksheet,
    source: &Source<'_>,
    cut: i64,
    locale: &Locale,
    looks: &Looks,
) -> Result<(), Error> {
    let number = format::integer(cut, locale.language());
    let cut = (cut > 0).then_some((locale.text("export.cut"), &*number));
    let units = (
        locale.text("export.units"),
        locale.text("export.units_text"),
    );
    let facts = source.facts();
    let facts = facts.iter().map(|(name, value)| (&**name, &**value));
    for (row, (name, value)) in (0..).zip(facts.chain([units]).chain(cut)) {
        let mut value = value;
        let label = match name.split_once('.') {
            Some(("filter", name)) => {
                let filter = source.filters.iter().find(|filter| filter.name == name);
                value = filter.map_or(value, |filter| &filter.value);
                let label = filter.map_or(name, |filter| &filter.label);
                locale.fill("export.filter", &[("name", label)])
            }
            Some(("identity", name)) => locale.term("identity", name).to_owned(),
            Some((subject, name)) => locale.fill(
                "export.of_dataset",
                &[
                    ("name", locale.term("export", name)),
                    ("dataset", locale.term("subject", subject)),
                ],
            ),
            None => locale.term("export", name).to_owned(),
        };
        sheet.write_string_with_format(row, 0, fitting(&label, locale), &looks.header)?;
        sheet.write_string_with_format(row, 1, fitting(value, locale), &looks.text)?;
    }
    sheet.set_autofit_max_width(WIDEST).autofit();
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use calamine::{Data, Reader, Xlsx};
    use centime_accounts::{BasisPoints, Centimes, FiscalYear};
    use centime_analytics::{Column, ColumnName, Kind, Language};

    use super::*;
    use crate::provenance::source::tests::source;

    fn table(kind: Kind, cells: Vec<Cell>) -> Table {
        Table {
            columns: vec![Column::new(ColumnName::new("value"), kind)],
            rows: cells.into_iter().map(|cell| vec![cell]).collect(),
        }
    }

    /// The cells of the first sheet without its header.
    fn read(kind: Kind, cells: Vec<Cell>) -> Vec<Data> {
        let bytes = book(&table(kind, cells));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("Rows").unwrap();
        let mut rows = sheet.rows();
        assert_eq!(rows.next().unwrap(), [Data::String("value".to_owned())]);
        rows.map(|row| row[0].clone()).collect()
    }

    fn book(table: &Table) -> Vec<u8> {
        workbook(table, &source(), Locale::of(Language::English)).unwrap()
    }

    #[test]
    fn amounts_are_numbers_that_are_exact_to_the_centime() {
        // Also where fractions are far apart, and just where they would be too far.
        let exact = [
            0,
            1,
            -1,
            10,
            29,
            -23_685_905_406,
            100_000_000_000_000,
            999_999_999_999_999,
        ];
        let cells = exact
            .map(|centimes| Cell::Amount(Centimes::new(centimes)))
            .to_vec();
        for (found, expected) in read(Kind::Amount, cells).into_iter().zip(exact) {
            let Data::Float(number) = found else {
                panic!("{expected} is {found:?}");
            };
            assert_eq!(format!("{number:.2}"), Centimes::new(expected).to_string());
            let nearest: f64 = Centimes::new(expected).to_string().parse().unwrap();
            assert_eq!(number.to_bits(), nearest.to_bits(), "{expected}");
        }
        let beyond = [1_000_000_000_000_000, i64::MIN, i64::MAX];
        let cells = beyond
            .map(|centimes| Cell::Amount(Centimes::new(centimes)))
            .to_vec();
        for (found, expected) in read(Kind::Amount, cells).into_iter().zip(beyond) {
            assert_eq!(found, Data::String(Centimes::new(expected).to_string()));
        }
    }

    #[test]
    fn each_kind_has_its_type_and_what_is_missing_is_empty() {
        let one = |kind, cell| {
            // The second row keeps the first in the sheet when it is empty.
            read(kind, vec![cell, Cell::Count(1)]).remove(0)
        };
        assert_eq!(
            one(Kind::Year, Cell::Year(FiscalYear::new(2024))),
            Data::Float(2024.0)
        );
        assert_eq!(
            one(Kind::Rate, Cell::Rate(BasisPoints::new(186))),
            Data::Float(0.0186)
        );
        assert_eq!(one(Kind::Flag, Cell::Flag(false)), Data::Bool(false));
        assert_eq!(one(Kind::Amount, Cell::Null), Data::Empty);
        let list = Cell::List(vec!["one".to_owned(), "two".to_owned()]);
        assert_eq!(one(Kind::List, list), Data::String("one; two".to_owned()));
    }

    #[test]
    fn a_label_is_a_text_whatever_it_says() {
        let long = "é".repeat(1000);
        for text in [
            "=1+1",
            "+cmd|' /C calc'!A0",
            "<b>&amp;",
            "حساب النتيجة",
            "🏛️",
            "a\u{1}b",
            &long,
        ] {
            let found = read(Kind::Text, vec![Cell::Text(text.to_owned())]);
            assert_eq!(found, [Data::String(text.to_owned())], "{text}");
        }
    }

    #[test]
    fn a_text_that_is_too_long_is_cut_with_a_mark() {
        let longest = "x".repeat(LONGEST);
        let found = read(Kind::Text, vec![Cell::Text(longest.clone())]);
        assert_eq!(found, [Data::String(longest)]);
        for (text, kind) in [
            ("x".repeat(LONGEST + 1), Kind::Text),
            ("é".repeat(40_000), Kind::Text),
            // Two code units each.
            ("🏛".repeat(20_000), Kind::Text),
            ("ligne\n".repeat(10_000), Kind::List),
        ] {
            // A list is written with more between its items than a line end.
            let more = if kind == Kind::List { 10_000 } else { 0 };
            let characters = text.chars().count() + more;
            let cell = match kind {
                Kind::List => Cell::List(text.split('\n').map(str::to_owned).collect()),
                _ => Cell::Text(text),
            };
            let found = read(kind, vec![cell]);
            let [Data::String(cut)] = &found[..] else {
                panic!("{found:?}");
            };
            assert!(cut.encode_utf16().count() <= LONGEST);
            assert!(cut.encode_utf16().count() > LONGEST - 200);
            let thousands = characters / 1000;
            let end: String = cut
                .chars()
                .rev()
                .take(90)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect();
            assert!(
                end.contains(&format!("{thousands},")) && end.contains("CSV"),
                "{end}"
            );
        }
        let bytes = book(&table(Kind::Text, vec![Cell::Text("x".repeat(40_000))]));
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("Source").unwrap();
        let last = sheet.rows().next_back().unwrap();
        assert_eq!(last[0].to_string(), "Cells that were cut");
        assert_eq!(last[1].to_string(), "1");
    }

    #[test]
    fn more_rows_than_fit_are_refused_with_what_to_do() {
        let error = Error::from(XlsxError::RowColumnLimitError).to_string();
        assert!(error.contains("CSV"), "{error}");
    }

    #[test]
    fn the_second_sheet_says_where_the_rows_come_from() {
        let bytes = book(&table(Kind::Amount, Vec::new()));
        assert_eq!(
            bytes,
            book(&table(Kind::Amount, Vec::new())),
            "the same bytes each time"
        );
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        let sheet = book.worksheet_range("Source").unwrap();
        let facts: Vec<(String, String)> = sheet
            .rows()
            .map(|row| (row[0].to_string(), row[1].to_string()))
            .collect();
        let has = |name: &str, value: &str| {
            let found = facts.iter().any(|(n, v)| n == name && v == value);
            assert!(found, "{name}: {facts:?}");
        };
        has("Public body", "Ville d’Essai");
        has("Revision", "3");
        has("Edition", "sample");
        has("Filter: Side", "expenses");
        has("Budget", "not stated");
        has("Licence (Income statement)", "Licence Ouverte");
    }
}

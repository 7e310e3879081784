//! What a statement of a reader gave, as text and as files.
//!
//! Its columns are the statement's own: they may have any name, and several the same. Whole numbers and decimals are
//! written as the engine gave them; a decimal is a text wherever a number would be a binary fraction. What is a binary
//! fraction already is a number, and marked as not exact where there is a place to say so.

use std::sync::Arc;

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;
use centime_warehouse::sql::{Answer, Cut, Of};
use comfy_table::{CellAlignment, Table};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, XlsxError};
use serde_json::{Map, Number, Value};

use crate::export::terminal::STYLE;
use crate::export::{csv, xlsx};
use crate::language::sanitize::sanitize;

/// The most digits of a number that a spreadsheet shows and gives back.
const DIGITS: usize = 15;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The rows do not fit into a workbook.
    #[error(transparent)]
    Workbook(#[from] xlsx::Error),
    /// The rows could not be written as Parquet.
    #[error("the rows could not be written as Parquet")]
    Parquet(#[from] ParquetError),
}

impl From<XlsxError> for Error {
    fn from(error: XlsxError) -> Self {
        Self::Workbook(error.into())
    }
}

/// A form in which an answer can be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
    /// An array of objects.
    Json,
    /// Typed columns.
    Parquet,
}

impl Form {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Xlsx, Self::Json, Self::Parquet];

    /// The end of a file's name.
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Json => "json",
            Self::Parquet => "parquet",
        }
    }

    /// The form that a file's name ends with.
    pub fn by_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|form| form.extension() == extension)
    }

    /// The bytes of a file. A file that can say so names the statement, and whether rows were left out.
    pub fn file(self, answer: &Answer, sql: &str) -> Result<Vec<u8>, Error> {
        match self {
            Self::Csv => Ok(self::csv(answer).into_bytes()),
            Self::Json => Ok(json(answer).into_bytes()),
            Self::Xlsx => workbook(answer, sql),
            Self::Parquet => parquet(answer, sql),
        }
    }
}

/// The names of the columns, each once: a second `a` is `a_2`.
pub fn names(answer: &Answer) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(answer.columns.len());
    for column in &answer.columns {
        let mut name = column.name.clone();
        let mut number = 1;
        while names.contains(&name) {
            number += 1;
            name = format!("{}_{number}", column.name);
        }
        names.push(name);
    }
    names
}

/// The names of the columns that are not exact.
pub fn inexact(answer: &Answer) -> Vec<String> {
    let named = names(answer).into_iter().zip(&answer.columns);
    let inexact = named.filter(|(_, column)| !column.of.is_exact());
    inexact.map(|(name, _)| name).collect()
}

/// Comma-separated values.
pub fn csv(answer: &Answer) -> String {
    let rows = answer.rows.iter().map(|row| {
        let values = row.iter();
        values
            .map(|value| value.clone().unwrap_or_default())
            .collect()
    });
    csv::written(names(answer), rows)
}

/// An array of objects.
pub fn json(answer: &Answer) -> String {
    let names = names(answer);
    let rows: Vec<String> = answer
        .rows
        .iter()
        .map(|row| {
            let values = row.iter().zip(&answer.columns);
            let values = values.map(|(cell, column)| value(column.of, cell.as_deref()));
            let object: Map<String, Value> = names.iter().cloned().zip(values).collect();
            Value::Object(object).to_string()
        })
        .collect();
    if rows.is_empty() {
        "[]\n".to_owned()
    } else {
        format!("[\n{}\n]\n", rows.join(",\n"))
    }
}

/// A value as JSON has it.
pub fn value(of: Of, value: Option<&str>) -> Value {
    let Some(text) = value else {
        return Value::Null;
    };
    let known = match of {
        Of::Integer => text.parse::<i64>().ok().map(Value::from),
        // The nearest fraction is the one that the digits came from.
        Of::Real => text
            .parse()
            .ok()
            .and_then(Number::from_f64)
            .map(Value::Number),
        Of::Flag => text.parse().ok().map(Value::Bool),
        Of::Decimal | Of::Text => None,
    };
    known.unwrap_or_else(|| text.into())
}

/// A table for a terminal. Columns that are not exact are marked.
pub fn table(answer: &Answer) -> String {
    let mut table = Table::new();
    table.load_style(STYLE);
    let named = names(answer).into_iter().zip(&answer.columns);
    table.set_header(named.map(|(name, column)| {
        let mark = if column.of.is_exact() { "" } else { "≈ " };
        format!("{mark}{}", sanitize(&name))
    }));
    for row in &answer.rows {
        let values = row.iter();
        table.add_row(values.map(|value| match value {
            Some(text) => sanitize(text),
            None => "—".to_owned(),
        }));
    }
    for (place, column) in answer.columns.iter().enumerate() {
        if let Some(laid) = table.column_mut(place) {
            laid.set_padding((0, 1));
            if column.of.is_number() {
                laid.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let mut text = table.trim_fmt();
    text.push('\n');
    text
}

/// What a file says of itself besides its rows.
fn facts(answer: &Answer, sql: &str) -> Vec<(&'static str, String)> {
    let mut facts = vec![("statement", sql.trim().to_owned())];
    let inexact = inexact(answer);
    if !inexact.is_empty() {
        facts.push(("not exact", inexact.join(", ")));
    }
    if let Some(cut) = answer.cut {
        let why = match cut {
            Cut::Rows => "more rows than the limit",
            Cut::Bytes => "more bytes than the limit",
        };
        facts.push(("left out", why.to_owned()));
    }
    facts
}

fn workbook(answer: &Answer, sql: &str) -> Result<Vec<u8>, Error> {
    let mut book = Workbook::new();
    // The same rows make the same bytes.
    let mut properties = DocProperties::new().set_author("Centime");
    if let Ok(at) = ExcelDateTime::from_timestamp(0) {
        properties = properties.set_creation_datetime(&at);
    }
    book.set_properties(&properties);
    let head = Format::new().set_bold();
    let sheet = book.add_worksheet();
    for (place, name) in (0..).zip(names(answer)) {
        sheet.write_string_with_format(0, place, xlsx::cut(&name), &head)?;
    }
    for (row, values) in (1..).zip(&answer.rows) {
        for ((place, value), column) in (0..).zip(values).zip(&answer.columns) {
            let Some(text) = value else { continue };
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            let number = column.of.is_number() && (digits <= DIGITS || column.of == Of::Real);
            match text.parse::<f64>() {
                Ok(nearest) if number && nearest.is_finite() => {
                    sheet.write_number(row, place, nearest)?;
                }
                _ => match (column.of, text.parse()) {
                    (Of::Flag, Ok(flag)) => {
                        sheet.write_boolean(row, place, flag)?;
                    }
                    _ => {
                        sheet.write_string(row, place, xlsx::cut(text))?;
                    }
                },
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofit();
    let sheet = book.add_worksheet();
    for (row, (name, value)) in (0..).zip(facts(answer, sql)) {
        sheet.write_string_with_format(row, 0, name, &head)?;
        sheet.write_string(row, 1, xlsx::cut(&value))?;
    }
    Ok(book.save_to_buffer()?)
}

fn parquet(answer: &Answer, sql: &str) -> Result<Vec<u8>, Error> {
    let mut fields = Vec::with_capacity(answer.columns.len());
    for (name, column) in names(answer).iter().zip(&answer.columns) {
        let (physical, logical) = match column.of {
            Of::Integer => (Physical::INT64, Some(LogicalType::integer(64, true))),
            Of::Real => (Physical::DOUBLE, None),
            Of::Flag => (Physical::BOOLEAN, None),
            Of::Decimal | Of::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        };
        let field = Type::primitive_type_builder(name, physical)
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(logical)
            .build()?;
        fields.push(Arc::new(field));
    }
    let schema = Type::group_type_builder("rows")
        .with_fields(fields)
        .build()?;
    let facts = facts(answer, sql)
        .into_iter()
        .map(|(name, value)| KeyValue::new(format!("centime.{}", name.replace(' ', "_")), value));
    let properties = WriterProperties::builder()
        .set_created_by(format!("Centime version {}", env!("CARGO_PKG_VERSION")))
        .set_compression(Compression::UNCOMPRESSED)
        .set_key_value_metadata(Some(facts.collect()))
        .build();
    let mut file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties))?;
    let mut group = file.next_row_group()?;
    for (place, column) in answer.columns.iter().enumerate() {
        let Some(mut writer) = group.next_column()? else {
            break;
        };
        let values = || {
            let rows = answer.rows.iter();
            rows.map(|row| row.get(place).and_then(Option::as_deref))
        };
        match column.of {
            Of::Integer => {
                let (values, levels) = present(values().map(|text| text?.parse().ok()));
                writer
                    .typed::<Int64Type>()
                    .write_batch(&values, Some(&levels), None)?;
            }
            Of::Real => {
                let (values, levels) = present(values().map(|text| text?.parse().ok()));
                writer
                    .typed::<DoubleType>()
                    .write_batch(&values, Some(&levels), None)?;
            }
            Of::Flag => {
                let (values, levels) = present(values().map(|text| text?.parse().ok()));
                writer
                    .typed::<BoolType>()
                    .write_batch(&values, Some(&levels), None)?;
            }
            Of::Decimal | Of::Text => {
                let (values, levels) = present(values().map(|text| text.map(ByteArray::from)));
                writer
                    .typed::<ByteArrayType>()
                    .write_batch(&values, Some(&levels), None)?;
            }
        }
        writer.close()?;
    }
    group.close()?;
    Ok(file.into_inner()?)
}

/// The values there are, and for each row whether there is one.
fn present<T>(values: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
    let mut levels = Vec::new();
    let present = values
        .inspect(|value| levels.push(i16::from(value.is_some())))
        .flatten()
        .collect();
    (present, levels)
}

#[cfg(test)]
mod tests {
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::RowAccessor;
    use bytes::Bytes;
    use centime_warehouse::sql::AnswerColumn;

    use super::*;

    fn sample() -> Answer {
        let column = |name: &str, of| AnswerColumn {
            name: name.to_owned(),
            of,
        };
        let some = |text: &str| Some(text.to_owned());
        Answer {
            columns: vec![
                column("a", Of::Integer),
                column("a", Of::Decimal),
                column("\"b, c\"", Of::Text),
                column("r", Of::Real),
                column("f", Of::Flag),
            ],
            rows: vec![
                vec![
                    some("9007199254740993"),
                    some("12345678901234567890.10"),
                    some("=1+1"),
                    some("0.1"),
                    some("true"),
                ],
                vec![None, None, None, None, None],
            ],
            cut: Some(Cut::Rows),
        }
    }

    #[test]
    fn values_are_written_as_they_came() {
        let answer = sample();
        assert_eq!(
            csv(&answer),
            "a,a_2,\"\"\"b, c\"\"\",r,f\n9007199254740993,12345678901234567890.10,=1+1,0.1,true\n,,,,\n"
        );
        assert_eq!(
            json(&answer),
            "[\n{\"a\":9007199254740993,\"a_2\":\"12345678901234567890.10\",\"\\\"b, c\\\"\":\"=1+1\",\"r\":0.1,\"f\":true},\n\
             {\"a\":null,\"a_2\":null,\"\\\"b, c\\\"\":null,\"r\":null,\"f\":null}\n]\n"
        );
        assert_eq!(inexact(&answer), ["r"]);
        let table = table(&answer);
        assert!(table.contains("≈ r") && table.contains('—'), "{table}");
        let bytes = Form::Parquet.file(&answer, "SELECT 1").unwrap();
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let rows: Vec<_> = reader
            .get_row_iter(None)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        assert_eq!(rows[0].get_long(0).unwrap(), 9_007_199_254_740_993);
        assert_eq!(rows[0].get_string(1).unwrap(), "12345678901234567890.10");
        assert!(rows[0].get_bool(4).unwrap());
        let facts = reader.metadata().file_metadata().key_value_metadata();
        let facts: Vec<&str> = facts
            .unwrap()
            .iter()
            .map(|fact| fact.key.as_str())
            .collect();
        assert!(facts.contains(&"centime.not_exact") && facts.contains(&"centime.left_out"));
        assert!(!Form::Xlsx.file(&answer, "SELECT 1").unwrap().is_empty());
    }
}

//! Tables as Parquet, for databases and notebooks: amounts and rates are exact decimals.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::basic::Compression;
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::parser::parse_message_type;
use centime_analytics::{Cell, Column, Kind, Table};

use crate::provenance::source::Source;

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
#[error("the rows could not be written as Parquet")]
pub struct Error(#[from] ParquetError);

/// How many rows are kept together at most. Readers take columns of a group as a whole.
const GROUP: usize = 32_768;

/// The rows, typed; what is missing is null. The metadata of the file say where they come from.
///
/// Amounts are `DECIMAL(18, 2)` in euros and rates in percent, both as 64-bit integers. A list is a list of
/// texts, empty when there is none.
pub fn file(table: &Table, source: &Source<'_>) -> Result<Vec<u8>, Error> {
    let mut groups = Groups::begin(&table.columns, source.facts())?;
    groups.add(table.rows.clone())?;
    groups.end()
}

/// A file that is written as its rows come: what was written can be taken away meanwhile.
pub(crate) struct Groups {
    columns: Vec<Column>,
    waiting: Vec<Vec<Cell>>,
    file: SerializedFileWriter<Sink>,
    sink: Sink,
}

/// What was written and not taken away yet.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    fn taken(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Groups {
    /// Begins a file with these columns, which says this of itself.
    pub(crate) fn begin(columns: &[Column], facts: Vec<(String, String)>) -> Result<Self, Error> {
        let declared: String = columns.iter().map(declared).collect();
        let schema = parse_message_type(&format!("message rows {{ {declared}}}"))?;
        let facts = facts
            .into_iter()
            .map(|(name, value)| KeyValue::new(format!("centime.{name}"), value));
        let properties = WriterProperties::builder()
            .set_created_by(format!("Centime version {}", env!("CARGO_PKG_VERSION")))
            .set_compression(Compression::UNCOMPRESSED)
            .set_key_value_metadata(Some(facts.collect()))
            .build();
        let sink = Sink::default();
        let file = SerializedFileWriter::new(sink.clone(), Arc::new(schema), Arc::new(properties))?;
        Ok(Self {
            columns: columns.to_vec(),
            waiting: Vec::new(),
            file,
            sink,
        })
    }

    /// Adds rows.
    pub(crate) fn add(&mut self, rows: Vec<Vec<Cell>>) -> Result<(), Error> {
        self.waiting.extend(rows);
        while self.waiting.len() >= GROUP {
            let rest = self.waiting.split_off(GROUP);
            let group = std::mem::replace(&mut self.waiting, rest);
            self.write(&group)?;
        }
        Ok(())
    }

    /// What was written since it was asked last.
    pub(crate) fn written(&mut self) -> Vec<u8> {
        self.sink.taken()
    }

    /// Ends the file.
    pub(crate) fn end(mut self) -> Result<Vec<u8>, Error> {
        let rest = std::mem::take(&mut self.waiting);
        if !rest.is_empty() || self.file.flushed_row_groups().is_empty() {
            self.write(&rest)?;
        }
        self.file.finish()?;
        self.file.flush().map_err(ParquetError::from)?;
        Ok(self.sink.taken())
    }

    fn write(&mut self, rows: &[Vec<Cell>]) -> Result<(), Error> {
        let mut group = self.file.next_row_group()?;
        for (number, column) in self.columns.iter().enumerate() {
            let Some(writer) = group.next_column()? else {
                break;
            };
            let cells = rows
                .iter()
                .map(|row| row.get(number).unwrap_or(&Cell::Null));
            write(writer, column.kind, cells)?;
        }
        group.close()?;
        Ok(())
    }
}

impl std::fmt::Debug for Groups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Groups({} waiting)", self.waiting.len())
    }
}

fn declared(column: &Column) -> String {
    let name = column.name;
    match column.kind {
        Kind::Amount | Kind::Rate => format!("OPTIONAL INT64 {name} (DECIMAL(18,2)); "),
        Kind::Year | Kind::Integer => format!("OPTIONAL INT64 {name} (INTEGER(64,true)); "),
        Kind::Text | Kind::Status => format!("OPTIONAL BYTE_ARRAY {name} (UTF8); "),
        Kind::Flag => format!("OPTIONAL BOOLEAN {name}; "),
        Kind::List => format!(
            "REQUIRED group {name} (LIST) {{ REPEATED group list {{ REQUIRED BYTE_ARRAY element (UTF8); }} }} "
        ),
    }
}

fn write<'a>(
    mut writer: SerializedColumnWriter<'_>,
    kind: Kind,
    cells: impl Iterator<Item = &'a Cell>,
) -> Result<(), ParquetError> {
    match kind {
        Kind::Amount | Kind::Rate | Kind::Year | Kind::Integer => {
            let (values, levels) = present(cells.map(Cell::unitless));
            let typed = writer.typed::<Int64Type>();
            typed.write_batch(&values, Some(&levels), None)?;
        }
        Kind::Flag => {
            let (values, levels) = present(cells.map(Cell::flag));
            let typed = writer.typed::<BoolType>();
            typed.write_batch(&values, Some(&levels), None)?;
        }
        Kind::Text | Kind::Status => {
            let text = |cell: &'a Cell| cell.text().map(ByteArray::from);
            let (values, levels) = present(cells.map(text));
            let typed = writer.typed::<ByteArrayType>();
            typed.write_batch(&values, Some(&levels), None)?;
        }
        Kind::List => {
            let (mut values, mut levels, mut repeats) = (Vec::new(), Vec::new(), Vec::new());
            for cell in cells {
                let before = values.len();
                values.extend(cell.list().map(ByteArray::from));
                let entries = values.len() - before;
                // An empty list has one place, in which there is nothing.
                levels.extend(std::iter::repeat_n(i16::from(entries > 0), entries.max(1)));
                repeats.push(0);
                repeats.extend(std::iter::repeat_n(1, entries.saturating_sub(1)));
            }
            let typed = writer.typed::<ByteArrayType>();
            typed.write_batch(&values, Some(&levels), Some(&repeats))?;
        }
    }
    writer.close()
}

/// The values there are, and for each row whether there is one.
fn present<T>(cells: impl Iterator<Item = Option<T>>) -> (Vec<T>, Vec<i16>) {
    let mut levels = Vec::new();
    let values = cells
        .inspect(|value| levels.push(i16::from(value.is_some())))
        .flatten()
        .collect();
    (values, levels)
}

#[cfg(test)]
mod tests {
    use ::parquet::basic::LogicalType;
    use ::parquet::file::reader::{FileReader, SerializedFileReader};
    use ::parquet::record::{Field, RowAccessor};
    use bytes::Bytes;
    use centime_accounts::{BasisPoints, Centimes, FiscalYear};
    use centime_analytics::{ColumnName, columns};

    use super::*;
    use crate::provenance::source::tests::source;

    #[test]
    fn what_is_written_is_read_again_with_its_types() {
        let kinds = [
            ("fiscal_year", Kind::Year),
            ("amount", Kind::Amount),
            ("share", Kind::Rate),
            ("label", Kind::Text),
            ("counted", Kind::Flag),
            ("missing_lines", Kind::List),
        ];
        let text = |text: &str| Cell::Text(text.to_owned());
        let table = Table {
            columns: kinds
                .map(|(name, kind)| Column::new(ColumnName::new(name), kind))
                .to_vec(),
            rows: vec![
                vec![
                    Cell::Year(FiscalYear::new(2024)),
                    Cell::Amount(Centimes::new(-23_685_905_406)),
                    Cell::Rate(BasisPoints::new(186)),
                    text("<é🏛️>"),
                    Cell::Flag(true),
                    Cell::List(vec!["one".to_owned(), "two".to_owned()]),
                ],
                vec![
                    Cell::Year(FiscalYear::new(2025)),
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                ],
                vec![
                    Cell::Year(FiscalYear::new(2026)),
                    Cell::Amount(Centimes::new(i64::MAX)),
                    Cell::Rate(BasisPoints::new(0)),
                    text(""),
                    Cell::Flag(false),
                    Cell::List(vec!["three".to_owned()]),
                ],
            ],
        };
        let bytes = file(&table, &source()).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        let metadata = reader.metadata().file_metadata();
        let schema = metadata.schema_descr();
        let decimal = LogicalType::decimal(2, 18);
        for column in [1, 2] {
            assert_eq!(schema.column(column).logical_type_ref(), Some(&decimal));
        }
        let facts = metadata.key_value_metadata().unwrap();
        let license = facts
            .iter()
            .find(|fact| fact.key == "centime.income_statement.license");
        assert_eq!(license.unwrap().value.as_deref(), Some("Licence Ouverte"));
        let rows: Vec<_> = reader
            .get_row_iter(None)
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let unscaled = |row: usize| -> i64 {
            let bytes: [u8; 8] = rows[row].get_decimal(1).unwrap().data().try_into().unwrap();
            i64::from_be_bytes(bytes)
        };
        assert_eq!((unscaled(0), unscaled(2)), (-23_685_905_406, i64::MAX));
        let years: Vec<i64> = rows.iter().map(|row| row.get_long(0).unwrap()).collect();
        assert_eq!(years, [2024, 2025, 2026]);
        assert_eq!(rows[0].get_string(3).unwrap(), "<é🏛️>");
        assert_eq!(rows[2].get_string(3).unwrap(), "", "empty is not missing");
        assert!(rows[0].get_bool(4).unwrap() && !rows[2].get_bool(4).unwrap());
        for column in 1..5 {
            let (name, value) = rows[1].get_column_iter().nth(column).unwrap();
            assert_eq!(value, &Field::Null, "{name}");
        }
        let lengths: Vec<usize> = rows
            .iter()
            .map(|row| row.get_list(5).unwrap().len())
            .collect();
        assert_eq!(lengths, [2, 0, 1]);
    }

    #[test]
    fn a_table_without_rows_is_a_file() {
        let table = Table {
            columns: vec![Column::new(columns::AMOUNT, Kind::Amount)],
            rows: Vec::new(),
        };
        let bytes = file(&table, &source()).unwrap();
        let reader = SerializedFileReader::new(Bytes::from(bytes)).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}

//! Rows as they come, in each form whose file can begin before all of them are there.

use centime_analytics::{Cell, Column};

use crate::export::parquet::Groups;
use crate::export::words::Words;
use crate::export::{csv, json, parquet, spreadsheet};

/// A form in which rows are written as they come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// Comma-separated values, with the names of the columns first.
    Csv,
    /// The same for spreadsheets, in words.
    Spreadsheet(Words),
    /// An array of objects, one a line, between what stands before and after it: nothing for a file of its own.
    Json {
        /// What stands before the array.
        before: String,
        /// What stands after it.
        after: &'static str,
    },
    /// Parquet, with what the file says of itself.
    Parquet {
        /// By name.
        facts: Vec<(String, String)>,
    },
}

/// A file that is being written. Each step gives the bytes that come next.
#[derive(Debug)]
pub struct Writer {
    columns: Vec<Column>,
    to: To,
}

#[derive(Debug)]
enum To {
    Csv,
    Spreadsheet(Words),
    Json { after: &'static str, any: bool },
    Parquet(Box<Groups>),
}

impl Form {
    /// An array of JSON as a file of its own.
    pub const fn json() -> Self {
        Self::Json {
            before: String::new(),
            after: "\n",
        }
    }
}

impl Writer {
    /// Begins a file; gives its first bytes.
    pub fn begin(form: Form, columns: Vec<Column>) -> Result<(Self, Vec<u8>), parquet::Error> {
        let (to, first) = match form {
            Form::Csv => {
                let header = columns.iter().map(|column| column.name.to_string());
                (To::Csv, csv::record(header.collect()).into_bytes())
            }
            Form::Spreadsheet(words) => {
                let header = spreadsheet::header(&columns, words);
                (To::Spreadsheet(words), header.into_bytes())
            }
            Form::Json { before, after } => {
                let first = format!("{before}[").into_bytes();
                (To::Json { after, any: false }, first)
            }
            Form::Parquet { facts } => {
                let mut groups = Box::new(Groups::begin(&columns, facts)?);
                let first = groups.written();
                (To::Parquet(groups), first)
            }
        };
        Ok((Self { columns, to }, first))
    }

    /// Adds rows.
    pub fn add(&mut self, rows: Vec<Vec<Cell>>) -> Result<Vec<u8>, parquet::Error> {
        match &mut self.to {
            To::Csv => Ok(csv::rows(&rows).into_bytes()),
            To::Spreadsheet(words) => {
                Ok(spreadsheet::rows(&self.columns, &rows, *words).into_bytes())
            }
            To::Json { any, .. } => {
                let mut text = String::new();
                for row in &rows {
                    text.push_str(if *any { ",\n" } else { "\n" });
                    *any = true;
                    text.push_str(&json::object(&self.columns, row).to_string());
                }
                Ok(text.into_bytes())
            }
            To::Parquet(groups) => {
                groups.add(rows)?;
                Ok(groups.written())
            }
        }
    }

    /// Ends the file.
    pub fn end(self) -> Result<Vec<u8>, parquet::Error> {
        match self.to {
            To::Csv | To::Spreadsheet(_) => Ok(Vec::new()),
            To::Json { after, any } => {
                let line = if any { "\n" } else { "" };
                Ok(format!("{line}]{after}").into_bytes())
            }
            To::Parquet(groups) => groups.end(),
        }
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::{Centimes, FiscalYear};
    use centime_analytics::{Kind, Language, Table, columns};

    use super::*;
    use crate::provenance::source::tests::source;

    fn written(form: &Form, table: &Table, together: usize) -> Vec<u8> {
        let (mut writer, mut file) = Writer::begin(form.clone(), table.columns.clone()).unwrap();
        for rows in table.rows.chunks(together) {
            file.extend(writer.add(rows.to_vec()).unwrap());
        }
        file.extend(writer.end().unwrap());
        file
    }

    #[test]
    fn rows_that_come_in_parts_make_the_file_of_all_of_them() {
        let text = |text: &str| Cell::Text(text.to_owned());
        let table = |rows: usize| Table {
            columns: vec![
                Column::new(columns::SIREN, Kind::Text),
                Column::new(columns::FISCAL_YEAR, Kind::Year),
                Column::new(columns::AMOUNT, Kind::Amount),
                Column::new(columns::DOUBTS, Kind::List),
            ],
            rows: (0..rows)
                .map(|row| {
                    vec![
                        text("217500016, \"a\""),
                        Cell::Year(FiscalYear::new(2000 + u16::try_from(row).unwrap())),
                        if row % 3 == 0 {
                            Cell::Null
                        } else {
                            Cell::Amount(Centimes::new(-5))
                        },
                        if row % 2 == 0 {
                            Cell::Null
                        } else {
                            Cell::List(vec!["a".to_owned(), "b".to_owned()])
                        },
                    ]
                })
                .collect(),
        };
        for rows in [0, 1, 2, 7] {
            let table = table(rows);
            let facts = source().facts();
            for together in [1, 3, 10] {
                let of = |form: Form| written(&form, &table, together);
                assert_eq!(of(Form::Csv), csv::table(&table).into_bytes());
                let words = Words::of(&source(), Language::French);
                assert_eq!(
                    of(Form::Spreadsheet(words)),
                    spreadsheet::table(&table, words).into_bytes()
                );
                assert_eq!(of(Form::json()), json::table(&table).into_bytes());
                let parquet = Form::Parquet {
                    facts: facts.clone(),
                };
                assert_eq!(of(parquet), parquet::file(&table, &source()).unwrap());
            }
        }
    }
}

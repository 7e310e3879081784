//! The rows of a table, each with its line in the file, whatever parts its columns and ends its lines.

use std::io::{BufRead, Read};

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::error::{Error, Problem};
use crate::text::Text;

/// What may part columns, the likeliest first.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// The rows of a table, as they are read.
pub struct Rows<'a, R: Read> {
    reader: Reader<Text<R>>,
    file: &'a str,
    /// How many lines the reader is behind.
    behind: u64,
}

impl<'a, R: Read> Rows<'a, R> {
    pub fn new(mut text: Text<R>, file: &'a str) -> Result<Self, Error> {
        let delimiter = delimiter(&mut text).map_err(|problem| Error::whole(file, problem))?;
        let behind = lines_behind(&mut text);
        let reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .from_reader(text);
        Ok(Self {
            reader,
            file,
            behind,
        })
    }

    /// The first row, which names the columns.
    pub fn header(&mut self) -> Result<StringRecord, Error> {
        let mut header = StringRecord::new();
        self.read(&mut header)?;
        Ok(header)
    }

    /// Reads the next row, and gives its line; `None` where there is none.
    pub fn read(&mut self, row: &mut StringRecord) -> Result<Option<u64>, Error> {
        self.reader.get_mut().begin_piece();
        let found = self.reader.read_record(row).map_err(|error| {
            let line = error.position().map_or(1, |at| at.line() + self.behind);
            let problem = self.reader.get_mut().take_problem();
            let problem = problem.unwrap_or_else(|| problem_of(&error));
            Error::of(self.file, line, problem)
        })?;
        let line = row.position().map_or(0, |at| at.line() + self.behind);
        Ok(found.then_some(line))
    }
}

/// What parts the columns: what the first line has most of.
fn delimiter<R: Read>(text: &mut Text<R>) -> Result<u8, Problem> {
    let seen = match text.fill_buf() {
        Ok(seen) => seen,
        Err(error) => {
            let problem = Problem::Unreadable(error.to_string());
            return Err(text.take_problem().unwrap_or(problem));
        }
    };
    let first = seen.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let many = |delimiter: &u8| first.split(|byte| byte == delimiter).count();
    let most = DELIMITERS.iter().rev().max_by_key(|mark| many(mark));
    Ok(most.copied().unwrap_or(b','))
}

/// How many lines the reader of tables is behind: where lines end with two characters, it counts the second one at the
/// beginning of the next row.
fn lines_behind<R: Read>(text: &mut Text<R>) -> u64 {
    let seen = text.fill_buf().unwrap_or_default();
    let end = seen.windows(2).find(|pair| pair[1] == b'\n');
    u64::from(end.is_some_and(|pair| pair[0] == b'\r'))
}

/// What is wrong with a row.
fn problem_of(error: &csv::Error) -> Problem {
    let reason = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("the row has {len} values and the header has {expected_len}"),
        _ => error.to_string().chars().take(300).collect(),
    };
    Problem::Value {
        field: "row".to_owned(),
        reason: format!("{reason}; the table was damaged, so get it anew from who made it"),
    }
}

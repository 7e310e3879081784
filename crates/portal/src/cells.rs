//! A streamed CSV body cut into records.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};
use csv::{ReaderBuilder, StringRecord};

use crate::http::{Body, Broken, interruption};
use crate::limits::{MAX_FIELDS, MAX_RECORD_BYTES};
use crate::{Dataset, Error, Record};

/// The delimiter asked for.
pub(crate) const DELIMITER: u8 = b';';

/// Cuts bytes after whole CSV records: a line end between quotes is part of a cell.
#[derive(Debug, Default)]
struct BlockSplitter {
    pending: BytesMut,
    searched: usize,
    whole: usize,
    quoted: bool,
}

impl BlockSplitter {
    fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        for &byte in &self.pending[self.searched..] {
            self.searched += 1;
            match byte {
                b'"' => self.quoted = !self.quoted,
                b'\n' if !self.quoted => self.whole = self.searched,
                _ => {}
            }
        }
    }

    /// All whole records so far.
    fn block(&mut self) -> Bytes {
        let block = self.pending.split_to(self.whole).freeze();
        self.searched -= self.whole;
        self.whole = 0;
        block
    }
}

/// The records of a CSV body.
#[derive(Debug)]
pub(crate) struct Cells {
    body: Body,
    splitter: BlockSplitter,
    known: Vec<String>,
    header: Option<StringRecord>,
    ready: VecDeque<StringRecord>,
    rows: u64,
}

impl Cells {
    pub(crate) fn new(body: Body, dataset: &Dataset) -> Self {
        Self {
            body,
            splitter: BlockSplitter::default(),
            known: dataset.fields.iter().map(|it| it.name.clone()).collect(),
            header: None,
            ready: VecDeque::new(),
            rows: 0,
        }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Record>, Error> {
        loop {
            if let Some(cells) = self.ready.pop_front() {
                match &self.header {
                    Some(header) => {
                        let record = read(header, &cells, self.rows)?;
                        self.rows += 1;
                        return Ok(Some(record));
                    }
                    None => self.header = Some(self.check_header(cells)?),
                }
                continue;
            }
            if self.splitter.pending.len() > MAX_RECORD_BYTES {
                return Err(Error::LineTooLong {
                    record: self.rows + 1,
                    limit: MAX_RECORD_BYTES,
                });
            }
            match self.body.chunk().await {
                Ok(Some(bytes)) => {
                    self.splitter.push(&bytes);
                    let block = self.splitter.block();
                    self.split(&block)?;
                }
                Ok(None) => return self.end(),
                Err(Broken::Refused(error)) => return Err(error),
                Err(Broken::Lost(reason)) => return Err(self.cut(reason)),
            }
        }
    }

    fn split(&mut self, block: &[u8]) -> Result<(), Error> {
        let block = match self.header {
            None => block.strip_prefix("\u{feff}".as_bytes()).unwrap_or(block),
            Some(_) => block,
        };
        let first = self.rows + 1;
        for (cells, record) in split(block).zip(first..) {
            let cells = cells.map_err(|error| Error::Malformed {
                record,
                reason: error.to_string(),
            })?;
            self.ready.push_back(cells);
        }
        Ok(())
    }

    /// A CSV body ends with a line end: a number cut short is still a number, so nothing else shows
    /// that its last record is whole.
    fn end(&self) -> Result<Option<Record>, Error> {
        if !self.splitter.pending.is_empty() {
            return Err(self.cut("the last line stops midway".to_owned()));
        }
        match self.header {
            Some(_) => Ok(None),
            None => Err(self.cut("it holds nothing, not even a header".to_owned())),
        }
    }

    fn cut(&self, reason: String) -> Error {
        let said = interruption(&String::from_utf8_lossy(&self.splitter.pending));
        Error::Truncated {
            rows: self.rows,
            reason: said.unwrap_or(reason),
        }
    }

    /// Labels instead of names, or a page for people, would otherwise pass for a header.
    fn check_header(&self, header: StringRecord) -> Result<StringRecord, Error> {
        if header.len() > MAX_FIELDS {
            return Err(Error::Malformed {
                record: 1,
                reason: format!("it has more than {MAX_FIELDS} fields"),
            });
        }
        let known = |name: &str| self.known.iter().any(|known| known == name);
        if self.known.is_empty() || header.iter().any(known) {
            Ok(header)
        } else {
            Err(Error::Unexpected {
                url: self.body.url(),
                reason: "its first line does not name the fields of the dataset".to_owned(),
            })
        }
    }
}

fn split(block: &[u8]) -> impl Iterator<Item = csv::Result<StringRecord>> {
    ReaderBuilder::new()
        .delimiter(DELIMITER)
        .has_headers(false)
        .flexible(true)
        .from_reader(block)
        .into_records()
}

fn read(header: &StringRecord, cells: &StringRecord, rows: u64) -> Result<Record, Error> {
    if let Some(reason) = cells.iter().find_map(interruption) {
        return Err(Error::Truncated { rows, reason });
    }
    let record = rows + 1;
    if cells.len() != header.len() {
        return Err(Error::Malformed {
            record,
            reason: format!("it has {} cells of {}", cells.len(), header.len()),
        });
    }
    Record::from_cells(header.iter().zip(cells), record)
        .map_err(|reason| Error::Malformed { record, reason })
}

#[cfg(test)]
mod tests {
    use centime_test_input::altered;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(
            body in altered(&[
                "annee;libelle;montant\r\n2024;\"Achats; et \"\"charges\"\"\";-1.10\r\n",
                "\u{feff}a;b\n1;2\n3\n",
                "a;b\n\"1\n2\";3\n",
            ]),
            cut in any::<prop::sample::Index>(),
        ) {
            let read = |chunks: [&[u8]; 2]| {
                let mut splitter = BlockSplitter::default();
                let mut rows: Vec<Result<StringRecord, String>> = Vec::new();
                for chunk in chunks {
                    splitter.push(chunk);
                    let block = splitter.block();
                    rows.extend(split(&block).map(|row| row.map_err(|_| "broken".to_owned())));
                }
                rows
            };
            let (start, end) = body.split_at(cut.index(body.len() + 1));
            let rows = read([start, end]);
            if let Some(Ok(header)) = rows.first() {
                for (number, row) in (0..).zip(rows[1..].iter().flatten()) {
                    if let Ok(record) = super::read(header, row, number) {
                        let _ = record.fields().map(|fields| fields.iter().count());
                    }
                }
            }
        }

        #[test]
        fn any_chunking_gives_the_same_cells(
            rows in prop::collection::vec(
                prop::collection::vec("[a-zé;\"\r\n ]{0,8}", 2..4),
                1..8,
            ),
            mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(DELIMITER)
                .flexible(true)
                .terminator(csv::Terminator::CRLF)
                .from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let body = writer.into_inner().unwrap();
            let mut cuts: Vec<usize> = cuts.drain(..).map(|cut| cut.index(body.len() + 1)).collect();
            cuts.extend([0, body.len()]);
            cuts.sort_unstable();
            let mut splitter = BlockSplitter::default();
            let mut read = Vec::new();
            for cut in cuts.windows(2) {
                splitter.push(&body[cut[0]..cut[1]]);
                let block = splitter.block();
                for cells in split(&block) {
                    read.push(cells.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
                }
            }
            prop_assert!(splitter.pending.is_empty());
            prop_assert_eq!(read, rows);
        }
    }

    #[test]
    fn rows_of_another_length_and_interruptions_are_refused() {
        let header = StringRecord::from(vec!["a", "b"]);
        let error = read(&header, &StringRecord::from(vec!["1"]), 4).unwrap_err();
        assert_eq!(
            error.to_string(),
            "record 5 cannot be read: it has 1 cells of 2"
        );
        let glued = "2.5Streaming interrupted due to the following error: oops";
        let error = read(&header, &StringRecord::from(vec!["1", glued]), 4).unwrap_err();
        assert!(matches!(error, Error::Truncated { rows: 4, .. }), "{error}");
    }
}

//! A streamed JSON Lines body cut into records.

use bytes::{Bytes, BytesMut};

use crate::error::excerpt;
use crate::http::{Body, Broken, interruption};
use crate::limits::MAX_RECORD_BYTES;
use crate::{Error, Record};

/// Cuts bytes into lines, however the bytes were cut before.
#[derive(Debug, Default)]
struct LineSplitter {
    pending: BytesMut,
    searched: usize,
}

impl LineSplitter {
    fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole line, with its end.
    fn next(&mut self) -> Option<Bytes> {
        let unseen = &self.pending[self.searched..];
        if let Some(at) = unseen.iter().position(|&byte| byte == b'\n') {
            let line = self.pending.split_to(self.searched + at + 1);
            self.searched = 0;
            Some(line.freeze())
        } else {
            self.searched = self.pending.len();
            None
        }
    }

    /// What follows the last whole line.
    fn rest(&mut self) -> Bytes {
        self.searched = 0;
        self.pending.split().freeze()
    }
}

/// The records of a JSON Lines body.
#[derive(Debug)]
pub(crate) struct Lines {
    body: Body,
    splitter: LineSplitter,
    rows: u64,
}

impl Lines {
    pub(crate) fn new(body: Body) -> Self {
        Self {
            body,
            splitter: LineSplitter::default(),
            rows: 0,
        }
    }

    pub(crate) async fn next(&mut self) -> Result<Option<Record>, Error> {
        loop {
            while let Some(line) = self.splitter.next() {
                if let Some(record) = self.read(&line, true)? {
                    return Ok(Some(record));
                }
            }
            if self.splitter.pending.len() > MAX_RECORD_BYTES {
                return Err(Error::LineTooLong {
                    record: self.rows + 1,
                    limit: MAX_RECORD_BYTES,
                });
            }
            match self.body.chunk().await {
                Ok(Some(bytes)) => self.splitter.push(&bytes),
                Ok(None) => {
                    let rest = self.splitter.rest();
                    return self.read(&rest, false);
                }
                Err(Broken::Refused(error)) => return Err(error),
                Err(Broken::Lost(reason)) => {
                    // The portal may have said why just before it hung up.
                    let rest = self.splitter.rest();
                    let said = interruption(&String::from_utf8_lossy(&rest));
                    return Err(Error::Truncated {
                        rows: self.rows,
                        reason: said.unwrap_or(reason),
                    });
                }
            }
        }
    }

    /// Reads a line, which is nothing when blank.
    fn read(&mut self, line: &[u8], ended: bool) -> Result<Option<Record>, Error> {
        let result = interpret(line, self.rows, ended, || self.body.url());
        if let Ok(Some(_)) = result {
            self.rows += 1;
        }
        result
    }
}

/// What a line means: a record, nothing, or a way to fail.
fn interpret(
    line: &[u8],
    rows: u64,
    ended: bool,
    url: impl FnOnce() -> String,
) -> Result<Option<Record>, Error> {
    let reason = match std::str::from_utf8(line) {
        Ok(text) => {
            let text = match rows {
                0 => text.trim_start_matches('\u{feff}').trim(),
                _ => text.trim(),
            };
            if text.is_empty() {
                return Ok(None);
            }
            if text.len() > MAX_RECORD_BYTES {
                return Err(Error::LineTooLong {
                    record: rows + 1,
                    limit: MAX_RECORD_BYTES,
                });
            }
            match Record::parse(text, rows + 1) {
                Ok(record) => return Ok(Some(record)),
                Err(reason) => reason,
            }
        }
        Err(error) => error.to_string(),
    };
    let text = String::from_utf8_lossy(line);
    if let Some(reason) = interruption(&text) {
        return Err(Error::Truncated { rows, reason });
    }
    if rows == 0 && !text.trim_start().starts_with('{') {
        return Err(Error::NotJson {
            url: url(),
            excerpt: excerpt(&text),
        });
    }
    Err(if ended {
        Error::Malformed {
            record: rows + 1,
            reason: format!("{reason}, in {:?}", excerpt(&text)),
        }
    } else {
        Error::Truncated {
            rows,
            reason: "the last line stops midway".to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use centime_test_input::altered;
    use proptest::prelude::*;

    use super::*;

    fn read(line: &str, rows: u64, ended: bool) -> Result<Option<Record>, Error> {
        interpret(line.as_bytes(), rows, ended, || "http://a/".to_owned())
    }

    /// Everything a body holds, as the client reads it.
    fn records(chunks: &[&[u8]]) -> Vec<String> {
        let mut splitter = LineSplitter::default();
        let mut records = Vec::new();
        let mut keep = |line: &[u8], ended| {
            let rows = records.len() as u64;
            if let Some(record) = interpret(line, rows, ended, String::new).unwrap() {
                records.push(record.json().to_owned());
            }
        };
        for chunk in chunks {
            splitter.push(chunk);
            while let Some(line) = splitter.next() {
                keep(&line, true);
            }
        }
        keep(&splitter.rest(), false);
        records
    }

    proptest! {
        #[test]
        fn any_body_is_read_or_refused(
            body in altered(&[
                "{\"a\":1.10,\"b\":null}\n{\"a\":-2,\"b\":\"\u{e9}\"}\n",
                "\u{feff}{\"montant_en_eur\":123456789.01}\n",
                "{\"status_code\":500,\"message\":\"stopped\"}",
                "<!doctype html><title>Error</title>",
            ]),
            cut in any::<prop::sample::Index>(),
        ) {
            // However the bytes were cut, what is read is the same.
            let read = |chunks: [&[u8]; 2]| {
                let mut splitter = LineSplitter::default();
                let mut read = Vec::new();
                let mut rows = 0;
                let mut keep = |line: &[u8], ended| {
                    let record = interpret(line, rows, ended, String::new);
                    if let Ok(Some(record)) = &record {
                        rows += 1;
                        // What the client is given, it can look into.
                        let _ = record.fields().map(|fields| fields.iter().count());
                    }
                    read.push(record.map_err(|error| error.to_string()).map(|it| it.map(|it| it.json().to_owned())));
                };
                for chunk in chunks {
                    splitter.push(chunk);
                    while let Some(line) = splitter.next() {
                        keep(&line, true);
                    }
                }
                keep(&splitter.rest(), false);
                read
            };
            let (start, end) = body.split_at(cut.index(body.len() + 1));
            prop_assert_eq!(read([start, end]), read([&body, &[]]));
        }

        #[test]
        fn any_chunking_gives_the_same_records(
            texts in prop::collection::vec("[a-zé’\u{a0} ]{0,12}", 0..12),
            ends in prop::collection::vec(prop::sample::select(vec!["\n", "\r\n", "\n\n", " \n"]), 12),
            last_end in any::<bool>(),
            mut cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
        ) {
            let expected: Vec<String> =
                texts.iter().map(|text| format!("{{\"a\": \"{text}\"}}")).collect();
            let mut body: String = "\u{feff}".to_owned();
            for (record, end) in expected.iter().zip(&ends) {
                body.push_str(record);
                body.push_str(end);
            }
            let body = if last_end { body.as_str() } else { body.trim_end() }.as_bytes();
            let mut cuts: Vec<usize> = cuts.drain(..).map(|cut| cut.index(body.len() + 1)).collect();
            cuts.extend([0, body.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> = cuts.windows(2).map(|cut| &body[cut[0]..cut[1]]).collect();
            prop_assert_eq!(records(&chunks), expected);
        }
    }

    #[test]
    fn an_interruption_is_found_wherever_it_is_glued() {
        let said = "Streaming interrupted due to the following error: oops (error_code: X)";
        for line in [
            said.to_owned(),
            format!("{{\"a\": 1}}{said}"),
            format!("{{\"a\": 1}}\u{b}{said}\nmore"),
            format!("{{\"a\": \"half{said}"),
        ] {
            for ended in [true, false] {
                let error = read(&line, 3, ended).unwrap_err();
                assert!(
                    matches!(&error, Error::Truncated { rows: 3, reason } if reason.contains("oops")),
                    "{line}: {error}"
                );
            }
        }
    }

    #[test]
    fn a_record_may_speak_of_interruptions() {
        let line = r#"{"a": "Streaming interrupted due to the following error"}"#;
        assert!(read(line, 0, true).unwrap().is_some());
    }

    #[test]
    fn half_a_line_is_a_cut_and_a_bad_line_is_not() {
        let error = read("{\"a\": 1, \"b", 9, false).unwrap_err();
        assert!(matches!(error, Error::Truncated { rows: 9, .. }), "{error}");
        let error = read("{\"a\": NaN}\n", 9, true).unwrap_err();
        assert!(
            matches!(error, Error::Malformed { record: 10, .. }),
            "{error}"
        );
        let error = interpret(b"\xff\xfe\n", 9, true, String::new).unwrap_err();
        assert!(
            matches!(error, Error::Malformed { record: 10, .. }),
            "{error}"
        );
    }

    #[test]
    fn a_page_for_people_is_not_data() {
        let error = read("<!DOCTYPE html>\n", 0, true).unwrap_err();
        assert!(matches!(error, Error::NotJson { .. }), "{error}");
        assert!(error.to_string().contains("<!DOCTYPE html>"), "{error}");
    }
}

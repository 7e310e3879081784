//! Records written as JSON Lines, JSON or CSV, whole or cut.

use std::io;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::row::Row;

/// What surrounds the records of an answer.
#[derive(Debug, Default)]
pub(crate) struct Framing {
    pub(crate) head: Vec<u8>,
    pub(crate) between: &'static str,
    pub(crate) after: &'static str,
    pub(crate) tail: &'static str,
}

/// How an answer ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// After its last record.
    Whole,
    /// Midway, with the portal's words about it glued on.
    Interrupted,
    /// In the middle of a record, as if it were whole.
    HalfRecord,
    /// Midway, with the connection.
    Reset,
    /// Never: the records begin again after the last.
    Never,
    /// Never: byte by byte, each after a wait.
    Drip(Duration),
}

pub(crate) const INTERRUPTION: &[u8] = b"Streaming interrupted due to the following error: \
    The query timed out. (error_code: ServerTimeoutError)";

/// Records in one piece of the body.
const RECORDS_PER_PIECE: usize = 64;

/// Time for what was sent to leave before the connection drops.
const RESET_DELAY: Duration = Duration::from_millis(20);

/// A streamed body: chunked, without a length.
pub(crate) fn body(framing: &Framing, records: &[Vec<u8>], ending: Ending) -> Body {
    let kept = match ending {
        Ending::Whole | Ending::Never | Ending::Drip(_) => records.len(),
        _ => records.len() / 2,
    };
    let cut = kept < records.len();
    let mut pieces = vec![framing.head.clone()];
    for (index, record) in records[..kept].iter().enumerate() {
        if index % RECORDS_PER_PIECE == 0 {
            pieces.push(Vec::new());
        }
        if let Some(piece) = pieces.last_mut() {
            if index > 0 {
                piece.extend_from_slice(framing.between.as_bytes());
            }
            piece.extend_from_slice(record);
            // The end of the last record before a cut belongs to what follows it.
            if !cut || index + 1 < kept {
                piece.extend_from_slice(framing.after.as_bytes());
            }
        }
    }
    let mut dropped = None;
    match ending {
        Ending::Never | Ending::Drip(_) => return without_end(&pieces, ending),
        Ending::Whole => pieces.push(framing.tail.as_bytes().to_vec()),
        Ending::Interrupted => pieces.push(INTERRUPTION.to_vec()),
        Ending::HalfRecord | Ending::Reset => {
            let separator = if kept == 0 {
                ""
            } else if framing.after.is_empty() {
                framing.between
            } else {
                framing.after
            };
            let mut half = separator.as_bytes().to_vec();
            if let Some(record) = records.get(kept) {
                half.extend_from_slice(&record[..record.len() / 2]);
            }
            pieces.push(half);
            if ending == Ending::Reset {
                dropped = Some(io::Error::from(io::ErrorKind::ConnectionReset));
            }
        }
    }
    let pieces = stream::iter(pieces.into_iter().map(|piece| Ok(Bytes::from(piece))));
    match dropped {
        None => Body::from_stream(pieces),
        Some(error) => Body::from_stream(pieces.chain(stream::once(async {
            tokio::time::sleep(RESET_DELAY).await;
            Err(error)
        }))),
    }
}

/// A body that goes on with the pieces after the first for ever, or takes as long for the bytes that there are.
fn without_end(pieces: &[Vec<u8>], ending: Ending) -> Body {
    let first = Bytes::from(pieces[0].clone());
    let again = Bytes::from(pieces[1..].concat());
    let Ending::Drip(wait) = ending else {
        let pieces = stream::iter([first]).chain(stream::repeat(again));
        return Body::from_stream(pieces.map(Ok::<_, io::Error>));
    };
    let bytes: Vec<Bytes> = (0..again.len()).map(|at| again.slice(at..=at)).collect();
    let bytes = stream::iter([first]).chain(stream::iter(bytes));
    Body::from_stream(bytes.then(move |byte| async move {
        tokio::time::sleep(wait).await;
        Ok::<_, io::Error>(byte)
    }))
}

/// A record as a JSON object of some columns, or of all.
pub(crate) fn json(row: &Row, columns: Option<&[String]>) -> Vec<u8> {
    let mut text = String::from("{");
    let wanted = |name: &String| columns.is_none_or(|columns| columns.contains(name));
    for (name, value) in row.0.iter().filter(|(name, _)| wanted(name)) {
        if text.len() > 1 {
            text.push_str(", ");
        }
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push_str(": ");
        text.push_str(value.get());
    }
    text.push('}');
    text.into_bytes()
}

/// A line of CSV, without its end.
pub(crate) fn csv<'a>(cells: impl Iterator<Item = &'a str>, delimiter: u8) -> Vec<u8> {
    let mut line = Vec::new();
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .terminator(csv::Terminator::CRLF)
        .from_writer(&mut line);
    // Writing to memory does not fail.
    let _written = writer
        .write_record(cells)
        .and_then(|()| Ok(writer.flush()?));
    drop(writer);
    line.truncate(line.strip_suffix(b"\r\n").map_or(line.len(), <[u8]>::len));
    line
}

/// A value as a cell of CSV: a list of texts is joined by commas, nothing is empty.
pub(crate) fn cell(value: Option<&RawValue>) -> String {
    let Some(value) = value else {
        return String::new();
    };
    let raw = value.get();
    match raw.as_bytes().first() {
        Some(b'n') => String::new(),
        Some(b'"') => serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()),
        Some(b'[') => serde_json::from_str::<Vec<String>>(raw)
            .map_or_else(|_| raw.to_owned(), |list| list.join(",")),
        _ => raw.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(text: &str) -> Row {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_are_served_in_their_own_text() {
        let text = r#"{"a": 12.50, "é\n": 1e999, "c": {"d": -0}}"#;
        assert_eq!(json(&row(text), None), text.as_bytes());
        let columns = ["c".to_owned(), "a".to_owned()];
        assert_eq!(
            json(&row(text), Some(&columns)),
            br#"{"a": 12.50, "c": {"d": -0}}"#
        );
    }

    #[test]
    fn cells_are_plain_and_quoted_when_they_must_be() {
        let row = row(r#"{"a": 12.50, "b": "x;\"y\"", "c": null, "d": ["u", "v"], "e": [1]}"#);
        let cells: Vec<String> = ["a", "b", "c", "d", "e", "f"]
            .into_iter()
            .map(|name| cell(row.get(name)))
            .collect();
        let line = csv(cells.iter().map(String::as_str), b';');
        assert_eq!(
            String::from_utf8(line).unwrap(),
            r#"12.50;"x;""y""";;u,v;[1];"#
        );
    }

    async fn text(ending: Ending) -> Result<String, axum::Error> {
        let framing = Framing {
            head: b"[".to_vec(),
            between: ",",
            after: "",
            tail: "]",
        };
        let records: Vec<Vec<u8>> = (1000..1004).map(|n| n.to_string().into_bytes()).collect();
        let bytes = axum::body::to_bytes(body(&framing, &records, ending), usize::MAX).await?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn each_ending_is_its_own() {
        assert_eq!(text(Ending::Whole).await.unwrap(), "[1000,1001,1002,1003]");
        assert_eq!(text(Ending::HalfRecord).await.unwrap(), "[1000,1001,10");
        let interrupted = text(Ending::Interrupted).await.unwrap();
        assert!(
            interrupted.starts_with("[1000,1001Streaming interrupted"),
            "{interrupted}"
        );
        assert!(text(Ending::Reset).await.is_err());
    }
}

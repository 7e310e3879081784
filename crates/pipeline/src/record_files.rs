//! Records in files, as a portal exports them: CSV, JSON lines, or a JSON array, compressed or not.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use centime_documents::Input;
use centime_portal::Dataset;
use flate2::read::MultiGzDecoder;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::files::{Files, Found, FoundFile};

/// What a revision says of where it came from, instead of the address of a portal.
pub const FILES: &str = "files";

/// How long a line with a record may be.
const MAX_LINE_BYTES: u64 = 2 << 20;
/// How long an array may be, which is held whole.
const MAX_ARRAY_BYTES: u64 = 512 << 20;

/// The ends of names of the files that are taken of a folder.
const NAMES: [&str; 4] = [".csv", ".json", ".jsonl", ".ndjson"];

/// Records in files.
#[derive(Clone, Debug)]
pub struct RecordFiles {
    /// Where they are.
    pub files: Files,
}

impl RecordFiles {
    /// The description of the dataset that they are.
    pub(crate) fn dataset(&self, id: &str) -> Dataset {
        let described = json!({
            "dataset_id": id,
            "has_records": true,
            "metas": { "default": { "title": self.files.label() } },
        });
        serde_json::from_value(described).expect("it is the description of a dataset")
    }
}

/// Reads the JSON texts of all records, and hands them over until no more are taken.
pub fn read(found: &Found, taken: &mut dyn FnMut(String) -> bool) -> Result<(), Error> {
    for file in &found.files {
        let opened = match &file.input {
            Input::Path(path) if path.is_dir() => {
                let inside = inside(path).map_err(|error| unreadable(&file.name, &error))?;
                if inside.is_empty() {
                    let ends = NAMES.join(", ");
                    let reason = format!(
                        "there is no file in it whose name ends with {ends}, or with .gz after that"
                    );
                    return Err(wrong(&file.name, reason));
                }
                inside
            }
            Input::Path(path) => vec![path.clone()],
            Input::Stdin => {
                if !records(Box::new(io::stdin().lock()), &file.name, taken)? {
                    return Ok(());
                }
                continue;
            }
        };
        for path in opened {
            let name = name_of(&path, file);
            let opened = File::open(&path).map_err(|error| unreadable(&name, &error))?;
            if !records(Box::new(opened), &name, taken)? {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn name_of(path: &Path, file: &FoundFile) -> String {
    match &file.input {
        Input::Path(given) if given != path => path.display().to_string(),
        _ => file.name.clone(),
    }
}

/// The files in a folder that are named as records are, by name.
fn inside(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = name.to_ascii_lowercase();
        let plain = name.strip_suffix(".gz").unwrap_or(&name);
        let is_named = NAMES.iter().any(|end| plain.ends_with(end));
        if is_named && !name.starts_with('.') && path.is_file() {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

type Taken<'a> = &'a mut dyn FnMut(String) -> bool;

/// Reads the records of one file; false when no more are taken.
fn records(input: Box<dyn Read + '_>, name: &str, taken: Taken<'_>) -> Result<bool, Error> {
    let failed = |error: io::Error| unreadable(name, &error);
    let mut input = BufReader::new(input);
    let head = input.fill_buf().map_err(failed)?;
    if head.starts_with(b"\x1f\x8b") {
        let unpacked: Box<dyn Read + '_> = Box::new(MultiGzDecoder::new(input));
        return plain(BufReader::new(unpacked), name, taken);
    }
    let input: Box<dyn Read + '_> = Box::new(input);
    plain(BufReader::new(input), name, taken)
}

fn plain(mut input: impl BufRead, name: &str, taken: Taken<'_>) -> Result<bool, Error> {
    let failed = |error: io::Error| unreadable(name, &error);
    // White space and a byte order mark before the first value say nothing.
    let first = loop {
        let head = input.fill_buf().map_err(failed)?;
        let skipped = if head.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            head.iter()
                .take_while(|byte| byte.is_ascii_whitespace())
                .count()
        };
        if skipped == 0 {
            break head.first().copied();
        }
        input.consume(skipped);
    };
    match first {
        None => Ok(true),
        Some(b'{') => lines(input, name, taken),
        Some(b'[') => array(input, name, taken),
        Some(b'<') => Err(wrong(
            name,
            "it is a web page or XML: give CSV or JSON as the portal exports it; for official documents write kind = \"document\"".to_owned(),
        )),
        Some(b'P') if input.fill_buf().map_err(failed)?.starts_with(b"PK\x03\x04") => Err(wrong(
            name,
            "it is an archive or a workbook: unpack it, or export CSV".to_owned(),
        )),
        Some(_) => table(input, name, taken),
    }
}

/// JSON lines.
fn lines(mut input: impl BufRead, name: &str, taken: Taken<'_>) -> Result<bool, Error> {
    let mut text = String::new();
    for line in 1.. {
        text.clear();
        let read = input.by_ref().take(MAX_LINE_BYTES + 1).read_line(&mut text);
        let read = read.map_err(|error| unreadable(name, &error))?;
        if read == 0 {
            break;
        }
        if u64::try_from(read).is_ok_and(|read| read > MAX_LINE_BYTES) {
            let most = MAX_LINE_BYTES >> 20;
            return Err(wrong(name, format!("line {line} has more than {most} MiB")));
        }
        let record = text.trim();
        if record.is_empty() {
            continue;
        }
        if let Err(error) = serde_json::from_str::<Map<String, Value>>(record) {
            return Err(wrong(
                name,
                format!("line {line} is not a JSON object: {error}"),
            ));
        }
        if !taken(record.to_owned()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A JSON array of objects.
fn array(input: impl BufRead, name: &str, taken: Taken<'_>) -> Result<bool, Error> {
    let mut text = String::new();
    let read = input.take(MAX_ARRAY_BYTES + 1).read_to_string(&mut text);
    let read = read.map_err(|error| unreadable(name, &error))?;
    if u64::try_from(read).is_ok_and(|read| read > MAX_ARRAY_BYTES) {
        let most = MAX_ARRAY_BYTES >> 20;
        let reason = format!("the array has more than {most} MiB: give JSON lines or CSV");
        return Err(wrong(name, reason));
    }
    let records: Vec<&RawValue> = serde_json::from_str(&text)
        .map_err(|error| wrong(name, format!("it is not a JSON array of records: {error}")))?;
    Ok(records
        .into_iter()
        .all(|record| taken(record.get().to_owned())))
}

/// A table with the names of its columns in the first row.
fn table(mut input: impl BufRead, name: &str, taken: Taken<'_>) -> Result<bool, Error> {
    let failed = |error: io::Error| unreadable(name, &error);
    let head = input.fill_buf().map_err(failed)?;
    let first: &[u8] = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let many = |mark: u8| first.split(|byte| *byte == mark).count();
    let delimiter = [b';', b'\t', b',']
        .into_iter()
        .max_by_key(|mark| (many(*mark), *mark == b';'));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b';'))
        .from_reader(input);
    let unread = |error: csv::Error| {
        let reason = match error.kind() {
            csv::ErrorKind::Utf8 { pos, .. } => format!(
                "line {} has letters that are not UTF-8: save the table again as UTF-8",
                pos.as_ref().map_or(0, csv::Position::line)
            ),
            csv::ErrorKind::UnequalLengths {
                pos,
                expected_len,
                len,
            } => format!(
                "line {} has {len} cells, and the first line names {expected_len} columns",
                pos.as_ref().map_or(0, csv::Position::line)
            ),
            _ => error.to_string(),
        };
        wrong(name, reason)
    };
    let names: Vec<String> = reader
        .headers()
        .map_err(unread)?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    for (place, column) in names.iter().enumerate() {
        if names[..place].contains(column) {
            return Err(wrong(name, format!("two columns are called «{column}»")));
        }
    }
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(unread)? {
        let cells = names.iter().zip(&row).map(|(name, cell)| {
            let value = if cell.is_empty() {
                Value::Null
            } else {
                cell.into()
            };
            (name.clone(), value)
        });
        if !taken(Value::Object(cells.collect()).to_string()) {
            return Ok(false);
        }
    }
    Ok(true)
}

fn unreadable(name: &str, error: &io::Error) -> Error {
    let reason = if error.kind() == io::ErrorKind::InvalidData {
        "it has letters that are not UTF-8: save it again as UTF-8".to_owned()
    } else {
        format!("it cannot be read: {error}")
    };
    wrong(name, reason)
}

fn wrong(name: &str, reason: String) -> Error {
    Error::Files {
        place: name.to_owned(),
        reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let read = records(Box::new(bytes), "a.csv", &mut |text| {
            found.push(text);
            true
        });
        read.map(|_more| found).map_err(|error| error.to_string())
    }

    #[test]
    fn each_form_of_an_export_gives_the_same_records() {
        let record = r#"{"annee":"2023","montant":null}"#;
        for text in [
            "annee;montant\n2023;\n",
            "\u{feff}annee,montant\r\n2023,\r\n",
            "annee\tmontant\n2023\t\n",
            "{\"annee\":\"2023\",\"montant\":null}\n\n",
            " [{\"annee\":\"2023\",\"montant\":null}]",
        ] {
            assert_eq!(of(text.as_bytes()).unwrap(), [record], "{text}");
        }
        assert_eq!(of(b"").unwrap(), [""; 0]);
        let mut packed = Vec::new();
        let mut writer = flate2::write::GzEncoder::new(&mut packed, flate2::Compression::fast());
        io::Write::write_all(&mut writer, b"annee;montant\n2023;\n").unwrap();
        drop(writer);
        assert_eq!(of(&packed).unwrap(), [record]);
    }

    #[test]
    fn what_is_no_export_is_refused_with_its_place() {
        for (bytes, words) in [
            (&b"a;a\n1;2"[..], "two columns are called «a»"),
            (b"a;b\n1;2\n1", "line 3 has 1 cells"),
            (b"a;b\n1;\xe9", "not UTF-8"),
            (b"{\"a\":1}\n[1]", "line 2 is not a JSON object"),
            (b"[1, 2", "not a JSON array"),
            (b"<html>", "web page"),
            (b"PK\x03\x04", "archive"),
        ] {
            let message = of(bytes).unwrap_err();
            assert!(
                message.contains(words) && message.contains("a.csv"),
                "{message}"
            );
        }
    }
}

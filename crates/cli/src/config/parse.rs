//! Finds and reads the configuration file. What is wrong in it is reported without its values, which may be secrets.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use directories::ProjectDirs;

use super::defaults::FILE;
use super::file::File;
use crate::failure::Failure;

pub(super) fn folders() -> Option<ProjectDirs> {
    ProjectDirs::from("", "", "centime")
}

/// The configuration file that is used where none is named, and what it says.
pub(super) fn found() -> Result<(Option<PathBuf>, File), Failure> {
    let of_the_user = folders().map(|folders| folders.config_dir().join(FILE));
    for path in std::iter::once(PathBuf::from(FILE)).chain(of_the_user) {
        if let Some(file) = read(&path)? {
            return Ok((Some(path), file));
        }
    }
    Ok((None, File::default()))
}

/// Reads a configuration file; `None` when there is no such file.
pub(super) fn read(path: &Path) -> Result<Option<File>, Failure> {
    match fs::read(path) {
        Ok(bytes) => parse(&bytes)
            .map(Some)
            .map_err(|reason| Failure::Usage(format!("{}: {reason}", path.display()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::Usage(format!(
            "{} cannot be read: {error}",
            path.display()
        ))),
    }
}

/// Reads the settings in a file, or says where they are wrong.
pub(super) fn parse(bytes: &[u8]) -> Result<File, String> {
    const HOW: &str = "save it again as UTF-8, which editors offer as the encoding of a file";
    let has = |mark: &[u8]| bytes.starts_with(mark);
    // A byte order mark, or every other byte of plain letters.
    if has(b"\xff\xfe") || has(b"\xfe\xff") || bytes.iter().take(2).any(|byte| *byte == 0) {
        return Err(format!("the file is in UTF-16: {HOW}"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        format!(
            "line {line} has letters that are not in UTF-8, probably in Windows-1252 or Latin-1: {HOW}"
        )
    })?;
    toml::from_str(text).map_err(|error| misread(text, &error))
}

/// What is wrong with the settings in a text: where and why, but not what stands there, which may be a password.
fn misread(text: &str, error: &toml::de::Error) -> String {
    let reason = without_value(error.message());
    let Some(before) = error.span().and_then(|span| text.get(..span.start)) else {
        return reason;
    };
    let line = before.matches('\n').count();
    let column = before
        .chars()
        .rev()
        .take_while(|letter| *letter != '\n')
        .count()
        + 1;
    // Settings have names of such letters only; anything else could be a part of a text.
    let is_name = |name: &str| {
        let letter = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.');
        !name.is_empty() && name.bytes().all(letter)
    };
    let lines = text.lines().take(line + 1);
    let table = lines.filter_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']'));
    let table = table.map(|name| name.trim_matches(['[', ']'])).last();
    let name = text.lines().nth(line).and_then(|line| line.split_once('='));
    let table = table
        .filter(|name| is_name(name))
        .map(|name| format!("[{name}]"));
    let name = name
        .map(|(name, _)| name.trim().to_owned())
        .filter(|name| is_name(name));
    let setting: Vec<String> = table.into_iter().chain(name).collect();
    let setting = match setting.as_slice() {
        [] => String::new(),
        setting => format!(", {}", setting.join(" ")),
    };
    format!("line {}, column {column}{setting}: {reason}", line + 1)
}

/// A message about a value of a wrong type without the value.
fn without_value(message: &str) -> String {
    let shortened = ["invalid type: ", "invalid value: "]
        .into_iter()
        .find_map(|start| {
            let (value, expected) = message.strip_prefix(start)?.rsplit_once(", expected ")?;
            let kind = value
                .split(['"', '`', ','])
                .next()
                .unwrap_or_default()
                .trim();
            Some(format!("{start}{kind}, expected {expected}"))
        });
    shortened.unwrap_or_else(|| message.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_in_another_encoding_is_told_from_a_wrong_one() {
        let text = "[body]\nname = \"Évry\"";
        let utf_16 = |mark: bool, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let mark = mark.then_some(0xfeff);
            mark.into_iter()
                .chain(text.encode_utf16())
                .flat_map(bytes)
                .collect()
        };
        for (bytes, said) in [
            (utf_16(true, u16::to_le_bytes), "UTF-16"),
            (utf_16(true, u16::to_be_bytes), "UTF-16"),
            (utf_16(false, u16::to_le_bytes), "UTF-16"),
            (utf_16(false, u16::to_be_bytes), "UTF-16"),
            (b"[body]\nname = \"\xc9vry\"".to_vec(), "line 2"),
        ] {
            let reason = parse(&bytes).unwrap_err();
            assert!(
                reason.contains(said) && reason.contains("UTF-8"),
                "{reason}"
            );
        }
        for mark in ["", "\u{feff}"] {
            let file = parse(format!("{mark}{text}").as_bytes()).unwrap();
            assert_eq!(file.body.unwrap().name, "Évry");
        }
        assert!(parse(b"\r\nportal = \"https://a.example\"\r\n").is_ok());
        assert!(parse(b"").is_ok());
    }

    #[test]
    fn what_is_wrong_in_the_file_is_told_without_what_stands_there() {
        for (text, words) in [
            (
                "portal = \"https://me:s3cret@a\"\napi_key = \"s3cret\n",
                "line 2, column 18, api_key: ",
            ),
            ("api_key = \"s3cret\" s3cret", "line 1, column "),
            (
                "database = postgres://me:s3cret@a/b",
                "line 1, column 12, database: ",
            ),
            ("database \"postgres://me:s3cret@a/b\"", "line 1, column "),
            ("s3cret", "line 1, column "),
            ("x = \"\"\"\ns3cret = 1", "column "),
            (
                "keep_revisions = \"s3cret\"",
                "line 1, column 18, keep_revisions: invalid type: string, expected u32",
            ),
            (
                "keep_revisions = -53",
                "invalid value: integer, expected u32",
            ),
            (
                "api_key = 1234567890",
                "invalid type: integer, expected a string",
            ),
            (
                "access = [\"s3cret, expected\"]",
                "invalid type: sequence, expected a string",
            ),
            (
                "[site]\nburst = \"s3cret, expected x\"",
                "line 2, column 9, [site] burst: invalid type: string",
            ),
            (
                "api_kye = \"s3cret\"",
                "unknown field `api_kye`, expected one of `portal`",
            ),
            ("[tls]\ncertificate = \"s3cret\"", "missing field `key`"),
            ("api_key = \"a\"\napi_key = \"s3cret\"", "line 2"),
        ] {
            let message = parse(text.as_bytes()).unwrap_err();
            assert!(message.contains(words), "{text}: {message}");
            for secret in ["s3cret", "1234567890", "53"] {
                assert!(!message.contains(secret), "{text}: {message}");
            }
            assert!(!message.contains('\n'), "{text}: {message}");
        }
    }
}

//! Which form a file has, by its first bytes.

use std::io::{self, Read};

use encoding_rs::{Encoding, UTF_8};

/// How many bytes are looked at.
const HEAD_BYTES: usize = 4096;

/// The form of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Format {
    /// XML.
    Xml,
    /// A budget table.
    Table,
    /// A table of account balances.
    Balances,
    /// A ZIP archive.
    Archive,
    /// Compressed with gzip.
    Gzip,
    /// Something else, and what it looks like.
    Other(String),
}

/// A file whose first bytes were looked at.
pub struct Head<R> {
    bytes: Vec<u8>,
    start: usize,
    rest: R,
}

impl<R: Read> Head<R> {
    /// Looks at the first bytes.
    pub fn of(mut rest: R) -> io::Result<Self> {
        let mut bytes = Vec::new();
        let length = u64::try_from(HEAD_BYTES).unwrap_or(u64::MAX);
        rest.by_ref().take(length).read_to_end(&mut bytes)?;
        Ok(Self {
            bytes,
            start: 0,
            rest,
        })
    }

    /// The first bytes.
    pub fn first(&self) -> &[u8] {
        &self.bytes[self.start..]
    }

    /// The encoding that a mark at the very beginning says; the mark is no part of the text.
    pub fn take_mark(&mut self) -> Option<&'static Encoding> {
        let (encoding, length) = Encoding::for_bom(self.first())?;
        self.start += length;
        Some(encoding)
    }
}

impl<R: Read> Read for Head<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let head = self.first();
        if head.is_empty() {
            return self.rest.read(buffer);
        }
        let length = head.len().min(buffer.len());
        buffer[..length].copy_from_slice(&head[..length]);
        self.start += length;
        Ok(length)
    }
}

/// Looks at the first bytes of a file.
pub fn sniff<R: Read>(input: R) -> io::Result<(Format, Head<R>)> {
    let head = Head::of(input)?;
    Ok((format(head.first()), head))
}

fn format(bytes: &[u8]) -> Format {
    let other = |what: &str| Format::Other(what.to_owned());
    match bytes {
        [] => return other("an empty file"),
        [b'P', b'K', 3 | 5, 4 | 6, ..] => return Format::Archive,
        [0x1f, 0x8b, ..] => return Format::Gzip,
        [b'%', b'P', b'D', b'F', ..] => return other("a PDF file"),
        [0xd0, 0xcf, 0x11, 0xe0, ..] => return other("a file of Excel or Word"),
        _ => {}
    }
    let utf16 = matches!(bytes, [b'<', 0, ..] | [0, b'<', ..]);
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    if utf16 {
        return Format::Xml;
    }
    let (text, _) = encoding.decode_without_bom_handling(&bytes[mark..]);
    let text = text.trim_start().to_ascii_lowercase();
    if text.contains('\0') {
        return other("a file of bytes that are no text");
    }
    if text.starts_with("<!doctype html") || text.starts_with("<html") {
        return other("a web page");
    }
    if text.starts_with('<') {
        return Format::Xml;
    }
    if text.starts_with(['{', '[']) {
        return other("JSON");
    }
    let first = text.lines().next().unwrap_or_default();
    if first.contains("bgt_") {
        return Format::Table;
    }
    if ["bedeb", "bentreed"]
        .iter()
        .any(|name| first.contains(name))
    {
        return Format::Balances;
    }
    if text.is_empty() {
        return other("an empty file");
    }
    other(
        "a text whose first line names no columns of a budget table (BGT_NATDEC, BGT_NATURE, …) or of account balances (EXER, IDENT, COMPTE, BEDEB, …, SD, SC)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_seen_in_the_first_bytes() {
        let of = |bytes: &[u8]| sniff(bytes).unwrap().0;
        assert_eq!(of(b"<?xml version=\"1.0\"?><a/>"), Format::Xml);
        assert_eq!(of(b"\xef\xbb\xbf\n <a/>"), Format::Xml);
        assert_eq!(of(b"<\0a\0/\0>\0"), Format::Xml);
        assert_eq!(of(b"\"BGT_NATDEC\";BGT_ANNEE\n"), Format::Table);
        assert_eq!(of(b"PK\x03\x04..."), Format::Archive);
        assert_eq!(of(b"\x1f\x8b\x08"), Format::Gzip);
        for (bytes, what) in [
            (&b""[..], "empty"),
            (b"\xef\xbb\xbf \n", "empty"),
            (b"%PDF-1.7", "PDF"),
            (b"<!DOCTYPE HTML><html>", "web page"),
            (b" <html lang=fr>", "web page"),
            (b"{\"a\": 1}", "JSON"),
            (b"a;b;c\n1;2;3", "columns"),
            (b"\x7fELF\0\0\0", "no text"),
        ] {
            let Format::Other(found) = of(bytes) else {
                panic!("{what}")
            };
            assert!(found.contains(what), "{found}");
        }
    }
}

//! Bytes as text: in UTF-8 whatever encoding they are in, with the line that is being read, and no more of them than
//! is taken.

use std::io::{self, BufRead, Read};
use std::mem::take;

use encoding_rs::{Decoder, Encoding, ISO_8859_15, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::Problem;
use crate::format::Head;
use crate::limits::MAX_PIECE_BYTES;

/// How many bytes are decoded at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// How long a row of a table may be, in bytes: a quotation mark that is never closed would make one row of the rest.
const MAX_ROW_BYTES: u64 = 1 << 20;

/// A text that is read piece by piece.
pub struct Text<R> {
    input: Head<R>,
    encoding: Decoding,
    /// What was received and is not yet decoded: the beginning of a letter.
    received: Vec<u8>,
    decoded: Vec<u8>,
    start: usize,
    has_ended: bool,
    line: u64,
    piece: u64,
    most_in_piece: u64,
    taken: u64,
    most: u64,
    problem: Option<Problem>,
}

/// How bytes become letters.
enum Decoding {
    /// As UTF-8, and where there is a byte that is none, not at all.
    Utf8,
    /// As UTF-8 or, where the first letter beyond ASCII is none, in another encoding.
    Guessed {
        /// Whether such a letter was seen, so that it is UTF-8.
        settled: bool,
        /// What it is in otherwise.
        otherwise: &'static Encoding,
    },
    Other(Box<Decoder>),
}

impl<R: Read> Text<R> {
    /// The text of an XML document, in the encoding that its first bytes or its declaration say.
    pub fn xml(mut input: Head<R>, most: u64) -> Result<Self, Problem> {
        let encoding = match input.take_mark().or_else(|| utf16_by_zeros(input.first())) {
            Some(encoding) => decoding(encoding),
            None => match declared(input.first())? {
                // Editors write UTF-8 and leave the declaration of their template as it was. No French word is a letter
                // of UTF-8 when it is written in these.
                declared if [WINDOWS_1252, ISO_8859_15].contains(&declared) => Decoding::Guessed {
                    settled: false,
                    otherwise: declared,
                },
                declared => decoding(declared),
            },
        };
        Ok(Self::new(input, encoding, most, MAX_PIECE_BYTES))
    }

    /// The text of a table, which declares nothing.
    pub fn table(mut input: Head<R>, most: u64) -> Self {
        // Most spreadsheets write Windows-1252.
        let guessed = Decoding::Guessed {
            settled: false,
            otherwise: WINDOWS_1252,
        };
        let encoding = input.take_mark().map_or(guessed, decoding);
        Self::new(input, encoding, most, MAX_ROW_BYTES)
    }

    fn new(input: Head<R>, encoding: Decoding, most: u64, most_in_piece: u64) -> Self {
        Self {
            input,
            encoding,
            received: Vec::new(),
            decoded: Vec::new(),
            start: 0,
            has_ended: false,
            line: 1,
            piece: 0,
            most_in_piece,
            taken: 0,
            most,
            problem: None,
        }
    }

    /// The line that is being read, from 1.
    pub fn line(&self) -> u64 {
        self.line
    }

    /// Begins a piece, such as a tag, which is held whole.
    pub fn begin_piece(&mut self) {
        self.piece = 0;
    }

    /// Why the text could not be read, where it could not.
    pub fn take_problem(&mut self) -> Option<Problem> {
        self.problem.take()
    }

    fn fill(&mut self) -> Result<(), Problem> {
        if self.piece > self.most_in_piece {
            let size = self.most_in_piece >> 20;
            return Err(Problem::TooMuch(format!("{size} MiB in one piece")));
        }
        self.start = 0;
        self.decoded.clear();
        while self.decoded.is_empty() && !(self.has_ended && self.received.is_empty()) {
            if !self.has_ended {
                self.receive()?;
            }
            self.decode()?;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<(), Problem> {
        let before = self.received.len();
        self.received.resize(before + CHUNK_BYTES, 0);
        let read = loop {
            match self.input.read(&mut self.received[before..]) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        let read = read.map_err(|error| Problem::Unreadable(error.to_string()))?;
        self.received.truncate(before + read);
        self.has_ended = read == 0;
        self.taken += u64::try_from(read).unwrap_or(u64::MAX);
        if self.taken > self.most {
            return Err(Problem::TooMuch(format!("{} bytes", self.most)));
        }
        Ok(())
    }

    fn decode(&mut self) -> Result<(), Problem> {
        if matches!(self.encoding, Decoding::Utf8 | Decoding::Guessed { .. }) {
            let (valid, is_cut) = match std::str::from_utf8(&self.received) {
                Ok(text) => (text.len(), true),
                Err(error) => (error.valid_up_to(), error.error_len().is_none()),
            };
            if let Decoding::Guessed { settled, .. } = &mut self.encoding {
                *settled |= !self.received[..valid].is_ascii();
            }
            self.decoded.extend_from_slice(&self.received[..valid]);
            self.received.drain(..valid);
            // What is right is read first, so that the line of what is wrong is known.
            if self.received.is_empty() || valid > 0 || (is_cut && !self.has_ended) {
                return Ok(());
            }
            match self.encoding {
                Decoding::Guessed {
                    settled: false,
                    otherwise,
                } => {
                    self.encoding = decoding(otherwise);
                }
                Decoding::Guessed { settled: true, .. } => return Err(Problem::MixedEncodings),
                _ => return Err(Problem::Encoding(UTF_8.name().to_owned())),
            }
        }
        let Decoding::Other(decoder) = &mut self.encoding else {
            return Ok(());
        };
        let received = take(&mut self.received);
        let room = decoder.max_utf8_buffer_length_without_replacement(received.len());
        let room = room.ok_or_else(|| Problem::TooMuch("letters than fit in memory".to_owned()))?;
        let before = self.decoded.len();
        self.decoded.resize(before + room, 0);
        let (result, _, written) = decoder.decode_to_utf8_without_replacement(
            &received,
            &mut self.decoded[before..],
            self.has_ended,
        );
        self.decoded.truncate(before + written);
        match result {
            encoding_rs::DecoderResult::Malformed(..) => {
                Err(Problem::Encoding(decoder.encoding().name().to_owned()))
            }
            _ => Ok(()),
        }
    }
}

impl<R: Read> BufRead for Text<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.decoded.len()
            && let Err(problem) = self.fill()
        {
            self.problem = Some(problem.clone());
            return Err(io::Error::other(problem));
        }
        Ok(&self.decoded[self.start..])
    }

    fn consume(&mut self, amount: usize) {
        let end = self.decoded.len().min(self.start + amount);
        let consumed = &self.decoded[self.start..end];
        let lines = consumed.split(|byte| *byte == b'\n').count() - 1;
        let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
        self.line += count(lines);
        self.piece += count(consumed.len());
        self.start = end;
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

fn decoding(encoding: &'static Encoding) -> Decoding {
    if encoding == UTF_8 {
        Decoding::Utf8
    } else {
        Decoding::Other(Box::new(encoding.new_decoder_without_bom_handling()))
    }
}

/// UTF-16 without a mark at its beginning, by the zeros beside the first letters.
fn utf16_by_zeros(bytes: &[u8]) -> Option<&'static Encoding> {
    match bytes {
        [b'<', 0, _, 0, ..] => Some(UTF_16LE),
        [0, b'<', 0, _, ..] => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding that the XML declaration names; UTF-8 where it names none.
fn declared(bytes: &[u8]) -> Result<&'static Encoding, Problem> {
    let name = || {
        let text = bytes.trim_ascii_start().strip_prefix(b"<?xml")?;
        let end = text.windows(2).position(|pair| pair == b"?>")?;
        let text = &text[..end];
        let at = text
            .windows(b"encoding".len())
            .position(|word| word == b"encoding")?;
        let value = text[at + b"encoding".len()..].trim_ascii_start();
        let value = value.strip_prefix(b"=")?.trim_ascii_start();
        let quote = value.first()?;
        value[1..].split(|byte| byte == quote).next()
    };
    let Some(name) = name() else {
        return Ok(UTF_8);
    };
    let encoding = Encoding::for_label(name).ok_or_else(|| {
        let name: String = String::from_utf8_lossy(name).chars().take(40).collect();
        Problem::UnknownEncoding(name)
    })?;
    // The declaration could be read byte by byte, so it is not: programs that save a text anew forget to change it.
    Ok(if [UTF_16LE, UTF_16BE].contains(&encoding) {
        UTF_8
    } else {
        encoding
    })
}

//! How the body of an answer is compressed.

use std::io::{self, Write};

use axum::body::Bytes;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::negotiation::preferences;

/// A body this short does not get shorter, in bytes.
const SHORT: usize = 512;

/// How hard Brotli tries, of 11. More takes ten times as long for a twentieth less.
const BROTLI_QUALITY: i32 = 5;

/// How the body of an answer is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    Plain,
    Gzip,
    Brotli,
}

impl Encoding {
    /// The shortest that a visitor reads, as the header Accept-Encoding says.
    pub fn accepted(header: &str) -> Self {
        let reads = |name: &str| {
            preferences(header)
                .any(|coding| coding.name.eq_ignore_ascii_case(name) && coding.weight > 0)
        };
        if reads("br") {
            Self::Brotli
        } else if reads("gzip") {
            Self::Gzip
        } else {
            Self::Plain
        }
    }

    /// The name by which headers call it; `None` for a plain body.
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// Compresses a body of this media type, and says how: pictures and short texts stay as they are.
    pub fn compress(self, kind: &str, body: Bytes) -> io::Result<(Self, Bytes)> {
        let wordy = kind.starts_with("text/")
            || kind.starts_with("application/json")
            || kind == "image/svg+xml";
        if body.len() < SHORT || !wordy {
            return Ok((Self::Plain, body));
        }
        let mut shorter = Vec::with_capacity(body.len() / 8);
        match self {
            Self::Plain => return Ok((Self::Plain, body)),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(&mut shorter, Compression::default());
                encoder.write_all(&body)?;
                encoder.finish()?;
            }
            Self::Brotli => {
                let parameters = BrotliEncoderParams {
                    quality: BROTLI_QUALITY,
                    size_hint: body.len(),
                    ..BrotliEncoderParams::default()
                };
                brotli::BrotliCompress(&mut body.as_ref(), &mut shorter, &parameters)?;
            }
        }
        Ok((self, shorter.into()))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn the_shortest_that_is_read_is_taken() {
        for (header, expected) in [
            ("gzip, deflate, br, zstd", Encoding::Brotli),
            ("GZIP;q=0.5", Encoding::Gzip),
            ("br;q=0, gzip", Encoding::Gzip),
            ("br;q=0.0, gzip;q=0", Encoding::Plain),
            ("identity", Encoding::Plain),
            ("*", Encoding::Plain),
            ("", Encoding::Plain),
        ] {
            assert_eq!(Encoding::accepted(header), expected, "{header}");
        }
    }

    #[test]
    fn what_is_compressed_is_read_again() {
        let body = Bytes::from("<p>Produits de fonctionnement</p>".repeat(100));
        for encoding in [Encoding::Gzip, Encoding::Brotli] {
            let (by, shorter) = encoding.compress("text/html", body.clone()).unwrap();
            assert_eq!(by, encoding);
            assert!(shorter.len() * 10 < body.len(), "{}", shorter.len());
            let mut read = Vec::new();
            match encoding {
                Encoding::Gzip => {
                    let mut decoder = flate2::read::GzDecoder::new(&*shorter);
                    decoder.read_to_end(&mut read).unwrap();
                }
                _ => brotli::BrotliDecompress(&mut &*shorter, &mut read).unwrap(),
            }
            assert_eq!(read, body);
        }
    }

    #[test]
    fn pictures_and_short_texts_stay_as_they_are() {
        let long = Bytes::from(vec![b'a'; 4 * SHORT]);
        let (by, body) = Encoding::Brotli
            .compress("image/png", long.clone())
            .unwrap();
        assert_eq!((by, body), (Encoding::Plain, long.clone()));
        let short = long.slice(..SHORT - 1);
        let (by, body) = Encoding::Gzip
            .compress("text/plain", short.clone())
            .unwrap();
        assert_eq!((by, body), (Encoding::Plain, short));
    }
}

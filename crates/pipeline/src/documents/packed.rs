//! Records that wait for their turn, compressed: thousands of documents have some hundred records each, which repeat
//! each other, and take a twentieth of the memory so.

use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

/// JSON texts, in their order.
#[derive(Clone, Debug)]
pub struct Packed {
    bytes: Arc<[u8]>,
    many: usize,
}

impl Packed {
    /// Packs JSON texts as `serde_json` writes them: none has the end of a line in it.
    pub fn new(texts: &[String]) -> Self {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
        for text in texts {
            for part in [text.as_str(), "\n"] {
                encoder
                    .write_all(part.as_bytes())
                    .expect("memory can be written");
            }
        }
        let bytes = encoder.finish().expect("memory can be written");
        Self {
            bytes: bytes.into(),
            many: texts.len(),
        }
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.many
    }

    /// The texts.
    pub fn texts(&self) -> Vec<String> {
        let mut text = String::new();
        DeflateDecoder::new(&*self.bytes)
            .read_to_string(&mut text)
            .expect("it was packed from texts");
        text.lines().map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_out_as_they_went_in() {
        let texts: Vec<String> = (0..300)
            .map(|number| format!("{{\"détail\":\"É\\n\",\"ligne\":{number}}}"))
            .collect();
        let packed = Packed::new(&texts);
        assert_eq!((packed.len(), packed.texts()), (300, texts.clone()));
        let bytes: usize = texts.iter().map(String::len).sum();
        assert!(packed.bytes.len() * 5 < bytes, "{}", packed.bytes.len());
        assert!(Packed::new(&[]).texts().is_empty());
    }
}

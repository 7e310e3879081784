//! Small documents, made for tests.

use centime_documents::{Document, Error, Limits, read};

pub const SIRET: &str = "21560134500014";

/// Reads bytes as a file.
pub fn documents(bytes: &[u8]) -> Result<Vec<Document>, Error> {
    read(bytes, "made", &Limits::default())
}

/// Reads the only document of a text.
pub fn document(text: &str) -> Document {
    let mut found = documents(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found.len(), 1);
    found.remove(0)
}

/// Why a text is refused.
pub fn refusal(bytes: &[u8]) -> String {
    match documents(bytes) {
        Ok(found) => panic!("read as {found:?}"),
        Err(error) => error.to_string(),
    }
}

pub const CFU: &str = include_str!("data/cfu.xml");

pub const TOTEM: &str = include_str!("data/totem.xml");

pub const SCDL: &str = include_str!("data/scdl.csv");

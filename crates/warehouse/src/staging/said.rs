//! What a revision says for itself, and no slice of a source: hashes of it, by which later revisions know what of their marts
//! follows from the same.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use super::{SliceOf, Staging};
use crate::Result;
use crate::bulk::Datum;
use crate::engine::Query;
use crate::fill::Said;

/// The rows so far, each added to the hash of its year.
#[derive(Debug, Default)]
pub(super) struct Says {
    breaks: ByYear,
    witnesses: ByYear,
}

type ByYear = BTreeMap<i64, Sha256>;

impl Says {
    /// A row that says where a series breaks.
    pub fn add_break(&mut self, year: i64, row: &[Datum<'_>]) {
        add(&mut self.breaks, year, row);
    }

    /// A row that says what a result is.
    pub fn add_witness(&mut self, year: i64, row: &[Datum<'_>]) {
        add(&mut self.witnesses, year, row);
    }

    fn hashes(&self) -> Said {
        let all = |by_year: &ByYear| {
            let hashes = by_year.iter();
            let hashes = hashes.map(|(year, hash)| {
                let hash = BASE64_STANDARD.encode(hash.clone().finalize());
                (*year, hash)
            });
            hashes.collect()
        };
        Said {
            breaks: all(&self.breaks),
            witnesses: all(&self.witnesses),
        }
    }
}

fn add(by_year: &mut ByYear, year: i64, row: &[Datum<'_>]) {
    let hash = by_year.entry(year).or_default();
    for value in row {
        // Each value by its kind and its length, so that no two rows are written the same.
        match value {
            Datum::Integer(None) | Datum::Text(None) => hash.update(b"-"),
            Datum::Integer(Some(number)) => {
                hash.update(b"i");
                hash.update(number.to_be_bytes());
            }
            Datum::Text(Some(text)) => {
                hash.update(b"t");
                hash.update(text.len().to_be_bytes());
                hash.update(text.as_bytes());
            }
            Datum::Flag(flag) => hash.update([b'f', u8::from(*flag)]),
        }
    }
}

impl Staging {
    /// Whether what is added now follows from several sources together.
    pub(super) fn is_of_several(&self) -> bool {
        let last = self.slices.last();
        last.is_some_and(|slice| slice.of == SliceOf::Several)
    }

    /// Keeps the hashes with what follows from several sources, where there is such a slice.
    pub(super) async fn note_said(&mut self) -> Result<()> {
        let mut slices = self.slices.iter().copied();
        let Some(slice) = slices.rfind(|slice| slice.of == SliceOf::Several) else {
            return Ok(());
        };
        // Texts by numbers can always be written.
        let found = serde_json::to_string(&self.said.hashes()).unwrap_or_default();
        let note = Query::new("UPDATE ops.slice SET found = $2 WHERE slice_id = $1")
            .bind(slice.number)
            .bind(&found);
        let noted = async { self.writers.transaction().await?.execute(note).await };
        noted.await.map(drop).map_err(|error| self.failed(error))
    }
}

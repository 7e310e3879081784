//! Millions of altered documents, from a number that is known: whatever comes, it is read or refused, and nothing breaks.
//!
//! `CENTIME_TEST_FUZZ_INPUTS` says how many there are, `CENTIME_TEST_FUZZ_SEED` from which number they follow: ten
//! million take some time, so a usual run has a few thousand. One that fails is told with its number.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use centime_documents::{Limits, read};
use centime_test_input::Altering;

use crate::documents::{CFU, SCDL, TOTEM};

/// The longest message: it names values of the document, which may be long.
const MAX_MESSAGE_BYTES: usize = 2000;

/// How often it is told how far a long run is.
const TOLD_EVERY: u64 = 1_000_000;

/// What the documents follow from unless another number is given.
const SEED: u64 = 26;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Reads an altered document, and holds what is found against what every document has to keep to.
fn check(bytes: &[u8]) -> bool {
    match read(bytes, "made", &Limits::default()) {
        Ok(found) => {
            assert!(!found.is_empty());
            for document in found {
                assert_eq!(document.budget.siret.len(), 14);
                assert!(!document.budget.name.contains('\n'));
                assert!(!document.executed.is_empty() || !document.statement.is_empty());
                document.executed.result();
                document.witnesses();
            }
            true
        }
        Err(error) => {
            let message = error.to_string();
            assert!(message.starts_with("made"), "{message}");
            assert!(message.len() < MAX_MESSAGE_BYTES, "{message}");
            false
        }
    }
}

#[test]
fn altered_documents_are_read_or_refused() {
    let many = number("CENTIME_TEST_FUZZ_INPUTS").unwrap_or(5_000);
    let seed = number("CENTIME_TEST_FUZZ_SEED").unwrap_or(SEED);
    let begin = Instant::now();
    let mut altering = Altering::seeded(seed);
    let (mut bytes, mut taken) = (Vec::new(), 0_u64);
    for input in 1..=many {
        altering.alter(&[CFU, TOTEM, SCDL], &mut bytes);
        let checked = catch_unwind(AssertUnwindSafe(|| check(&bytes)));
        taken += u64::from(checked.unwrap_or_else(|_| {
            panic!(
                "input {input} of the seed {seed}: {}",
                String::from_utf8_lossy(&bytes)
            )
        }));
        if input % TOLD_EVERY == 0 {
            eprintln!("{input} inputs, {taken} read, in {:?}", begin.elapsed());
        }
    }
    eprintln!(
        "{many} inputs of the seed {seed}, {taken} read, in {:?}",
        begin.elapsed()
    );
    assert!(taken < many);
}

//! Broken and hostile input for tests: what is right, altered in a few places, and anything at all.
//!
//! Tests that use it are property tests: `PROPTEST_CASES` says how many inputs each of them takes. [`Altering`] makes the
//! same kinds of input from a number alone, many times as fast, for tests that take millions of them.

use std::fs::OpenOptions;
use std::io::{self, Write};

use proptest::prelude::*;
use proptest::sample::select;

/// The environment variable that names a file in which `make test` collects what was not tested.
pub const SKIPPED: &str = "CENTIME_TEST_SKIPPED";

/// Says that something is not tested here, and why. Unlike what `eprintln!` prints, it is seen although the
/// test passes, and `--quiet` does not hide it.
///
/// # Panics
///
/// When the file that [`SKIPPED`] names cannot be written.
pub fn skipped(what: &str, why: &str) {
    let text = format!("SKIPPED: {what}: {why}\n");
    // Where it cannot be said, the tests go on.
    drop(io::stderr().write_all(text.as_bytes()));
    if let Some(path) = std::env::var_os(SKIPPED) {
        let file = OpenOptions::new().create(true).append(true).open(&path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    }
}

/// What breaks those who read texts: signs of the formats, ends of ranges, letters of several bytes.
const PIECES: [&[u8]; 34] = [
    b"\0",
    b"\n",
    b"\r\n",
    b"\"",
    b"'",
    b"\\",
    b"\\u",
    b"\\ud800",
    b",",
    b";",
    b":",
    b"{",
    b"}",
    b"[",
    b"]",
    b"&",
    b"=",
    b"%",
    b"%00",
    b"%C3",
    b"+",
    b"-",
    b".",
    b"e999",
    b"null",
    b"9223372036854775808",
    b"-170141183460469231731687303715884105728",
    b"99999999999999999999.999",
    b"\xc3\xa9",
    b"\xe2\x80\x8b",
    b"\xef\xbb\xbf",
    b"\xf0\x9f\x92\xb6",
    b"\xff",
    b"ctm_",
];

/// A place in a text of any length.
#[derive(Clone, Copy, Debug)]
struct Index(u64);

impl Index {
    /// The place in a text of this length, which is not zero.
    fn index(self, length: usize) -> usize {
        let many = u64::try_from(length).unwrap_or(u64::MAX);
        usize::try_from(self.0 % many).unwrap_or_default()
    }
}

/// One change of a text.
#[derive(Clone, Debug)]
enum Change {
    /// This instead of one byte.
    Replace(Index, u8),
    /// This in between.
    Insert(Index, &'static [u8]),
    /// A part is left out.
    Remove(Index, Index),
    /// A part is there once more.
    Repeat(Index, Index),
    /// It ends here.
    Cut(Index),
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        let length = bytes.len();
        let place = |index: &Index| index.index(length + 1);
        let part = |from: &Index, to: &Index| {
            let (from, to) = (place(from), place(to));
            from.min(to)..from.max(to)
        };
        match self {
            Self::Replace(at, byte) => {
                if length > 0 {
                    bytes[at.index(length)] = *byte;
                }
            }
            Self::Insert(at, piece) => {
                let at = place(at);
                bytes.splice(at..at, piece.iter().copied());
            }
            Self::Remove(from, to) => {
                bytes.drain(part(from, to));
            }
            Self::Repeat(from, to) => {
                let part = bytes[part(from, to)].to_vec();
                bytes.extend(part);
            }
            Self::Cut(at) => bytes.truncate(place(at)),
        }
    }
}

fn change() -> impl Strategy<Value = Change> {
    let place = || any::<u64>().prop_map(Index);
    prop_oneof![
        3 => (place(), any::<u8>()).prop_map(|(at, byte)| Change::Replace(at, byte)),
        4 => (place(), select(&PIECES[..])).prop_map(|(at, piece)| Change::Insert(at, piece)),
        1 => (place(), place()).prop_map(|(from, to)| Change::Remove(from, to)),
        1 => (place(), place()).prop_map(|(from, to)| Change::Repeat(from, to)),
        1 => place().prop_map(Change::Cut),
    ]
}

/// One of these texts with a few changes; now and then any bytes at all.
pub fn altered(right: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let changes = proptest::collection::vec(change(), 0..6);
    let wrong = (select(right), changes).prop_map(|(text, changes)| {
        let mut bytes = text.as_bytes().to_vec();
        for change in changes {
            change.apply(&mut bytes);
        }
        bytes
    });
    prop_oneof![
        19 => wrong,
        1 => proptest::collection::vec(any::<u8>(), 0..64),
    ]
}

/// How many inputs of the other kind there are for one that is any bytes at all.
const ALTERED_FOR_ONE_WILD: u64 = 19;

/// The most changes of one text.
const MAX_CHANGES: u64 = 6;

/// The longest text of any bytes at all.
const MAX_WILD_BYTES: u64 = 64;

/// Altered texts one after the other, which follow from a number: the same number gives the same texts.
#[derive(Clone, Debug)]
pub struct Altering {
    state: u64,
}

impl Altering {
    /// Texts that follow from this number.
    pub fn seeded(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number of `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn place(&mut self) -> Index {
        Index(self.next())
    }

    fn byte(&mut self) -> u8 {
        let [byte, ..] = self.next().to_be_bytes();
        byte
    }

    fn change(&mut self) -> Change {
        // As often as `change` chooses each kind.
        match self.next() % 10 {
            0..3 => Change::Replace(self.place(), self.byte()),
            3..7 => {
                let piece = PIECES[self.place().index(PIECES.len())];
                Change::Insert(self.place(), piece)
            }
            7 => Change::Remove(self.place(), self.place()),
            8 => Change::Repeat(self.place(), self.place()),
            _ => Change::Cut(self.place()),
        }
    }

    /// Puts one of these texts into `bytes`, with a few changes; now and then any bytes at all.
    pub fn alter(&mut self, right: &[&str], bytes: &mut Vec<u8>) {
        bytes.clear();
        if self.next().is_multiple_of(ALTERED_FOR_ONE_WILD + 1) {
            let many = self.next() % MAX_WILD_BYTES;
            bytes.extend((0..many).map(|_| self.byte()));
            return;
        }
        let text = right[self.place().index(right.len())];
        bytes.extend_from_slice(text.as_bytes());
        for _ in 0..self.next() % MAX_CHANGES {
            self.change().apply(bytes);
        }
    }
}

/// The same as a text; what is not UTF-8 becomes U+FFFD.
pub fn altered_text(right: &'static [&'static str]) -> impl Strategy<Value = String> {
    altered(right).prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    use super::*;

    #[test]
    fn a_number_gives_the_same_inputs_which_hardly_ever_repeat() {
        let inputs = |seed| {
            let mut altering = Altering::seeded(seed);
            let input = |_| {
                let mut bytes = Vec::new();
                altering.alter(&["year=2024&side=revenue"], &mut bytes);
                bytes
            };
            (0..500).map(input).collect::<Vec<_>>()
        };
        assert_eq!(inputs(7), inputs(7));
        assert_ne!(inputs(7), inputs(8));
        let different: BTreeSet<Vec<u8>> = inputs(7).into_iter().collect();
        assert!(different.len() > 400, "{}", different.len());
        assert!(different.contains(&b"year=2024&side=revenue"[..]));
    }

    #[test]
    fn inputs_are_right_and_wrong_and_hardly_ever_the_same() {
        let mut runner = TestRunner::deterministic();
        let strategy = altered(&["year=2024&side=revenue"]);
        let inputs = (0..500).map(|_| strategy.new_tree(&mut runner).unwrap().current());
        let inputs: BTreeSet<Vec<u8>> = inputs.collect();
        assert!(inputs.len() > 400, "{}", inputs.len());
        assert!(inputs.contains(&b"year=2024&side=revenue"[..]));
        assert!(
            inputs
                .iter()
                .any(|input| std::str::from_utf8(input).is_err())
        );
    }
}

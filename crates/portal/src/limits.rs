//! How much of a portal is taken before it is refused, and how slowly it may come.
//!
//! Some limits follow from the size of the data and are settings. The others are about the shape of a dataset,
//! far beyond what any statement has, and are fixed.

use std::time::{Duration, Instant};

use crate::Error;
use crate::error::Limit;

/// The longest answer that is not a streamed export, in bytes.
pub(crate) const MAX_ANSWER_BYTES: u64 = 16 * 1024 * 1024;

/// The longest description of a dataset, in bytes.
pub(crate) const MAX_DESCRIPTION_BYTES: u64 = 4 * 1024 * 1024;

/// How long an answer that is not a streamed export may take.
const SHORT_ANSWER_TIMEOUT: Duration = Duration::from_mins(5);

/// The longest record, in bytes.
pub(crate) const MAX_RECORD_BYTES: usize = 2 * 1024 * 1024;

/// The most fields that a dataset or a record has.
pub(crate) const MAX_FIELDS: usize = 2000;

/// The longest name of a field, in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 255;

/// The longest title, publisher, licence, label or date of a description, in characters.
pub(crate) const MAX_TEXT_CHARS: usize = 1000;

/// The longest address in a description, in characters.
pub(crate) const MAX_ADDRESS_CHARS: usize = 2000;

/// How deep lists and objects of a value are in each other at most.
pub(crate) const MAX_DEPTH: usize = 64;

/// How much of a portal is taken before it is refused, and how slowly it may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long the records of a dataset may take, also where they are read again from the beginning.
    pub time: Duration,
    /// How many bytes the records of a dataset may have, not compressed.
    pub bytes: u64,
    /// How many more records than announced are taken at least: a dataset may grow while it is read. A quarter of
    /// what is announced where that is more.
    pub extra_records: u64,
    /// How many bytes a second come at least, while they are waited for.
    pub bytes_per_second: u64,
    /// The time over which that rate is measured.
    pub window: Duration,
}

impl Default for Limits {
    /// Six hours, eight gibibytes, ten thousand records more than announced, fifty bytes a second over five minutes.
    /// Ten million records, more than all French municipalities publish in a decade of income statements, take three
    /// gibibytes.
    fn default() -> Self {
        Self {
            time: Duration::from_hours(6),
            bytes: 8 << 30,
            extra_records: 10_000,
            bytes_per_second: 50,
            window: Duration::from_mins(5),
        }
    }
}

impl Limits {
    /// The most records taken of so many announced.
    pub(crate) fn records(&self, announced: u64) -> u64 {
        announced.saturating_add(self.extra_records.max(announced / 4))
    }
}

/// What comes of an answer, held against its limits.
#[derive(Debug)]
pub(crate) struct Meter {
    /// What the answer is of, as messages name it.
    place: String,
    /// The most bytes, and whether a setting says so.
    most: u64,
    settable: bool,
    limits: Limits,
    deadline: Deadline,
    bytes: u64,
    /// What came of late, and how long it was waited for.
    lately: u64,
    waited: Duration,
}

impl Meter {
    /// For an answer that is not a streamed export.
    pub(crate) fn short(url: &str, most: u64, limits: Limits) -> Self {
        Self {
            place: url.to_owned(),
            most,
            settable: false,
            limits,
            deadline: Deadline::after(SHORT_ANSWER_TIMEOUT),
            bytes: 0,
            lately: 0,
            waited: Duration::ZERO,
        }
    }

    /// For all records of a dataset.
    pub(crate) fn dataset(id: &str, limits: Limits, deadline: Deadline) -> Self {
        Self::file(&format!("the dataset {id}"), limits, deadline)
    }

    /// For a file as large as all records of a dataset may be.
    pub(crate) fn file(place: &str, limits: Limits, deadline: Deadline) -> Self {
        Self {
            place: place.to_owned(),
            most: limits.bytes,
            settable: true,
            limits,
            deadline,
            bytes: 0,
            lately: 0,
            waited: Duration::ZERO,
        }
    }

    /// How long the next piece may be waited for.
    pub(crate) fn left(&self) -> Result<Duration, Error> {
        self.deadline.left().ok_or_else(|| self.too_long())
    }

    /// Why an answer that did not come to its end in time is refused.
    pub(crate) fn too_long(&self) -> Error {
        if self.settable {
            return self.deadline.error(&self.place);
        }
        Error::Timeout {
            url: self.place.clone(),
            what: "did not come to the end of its answer",
            after: self.deadline.time,
        }
    }

    /// Counts a piece that was waited for so long.
    pub(crate) fn count(&mut self, length: usize, waited: Duration) -> Result<(), Error> {
        let length = length as u64;
        self.bytes = self.bytes.saturating_add(length);
        if self.bytes > self.most {
            return Err(self.refused(
                if self.settable {
                    Limit::Bytes
                } else {
                    Limit::Shape
                },
                format!("it is longer than {} bytes", self.most),
            ));
        }
        self.lately = self.lately.saturating_add(length);
        // The time that the reader spends elsewhere is not the portal's.
        self.waited = self.waited.saturating_add(waited);
        if self.waited < self.limits.window {
            return Ok(());
        }
        let seconds = self.waited.as_secs().max(1);
        if self.lately < self.limits.bytes_per_second.saturating_mul(seconds) {
            let (came, waited) = (self.lately, Duration::from_secs(seconds));
            return Err(self.refused(
                Limit::Rate,
                format!("it drips: {came} bytes came within {waited:?}"),
            ));
        }
        self.lately = 0;
        self.waited = Duration::ZERO;
        Ok(())
    }

    fn refused(&self, limit: Limit, excess: String) -> Error {
        Error::Limit {
            limit,
            place: self.place.clone(),
            excess,
        }
    }
}

/// When something must have come to its end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    since: Instant,
    time: Duration,
}

impl Deadline {
    /// So long from now on.
    pub(crate) fn after(time: Duration) -> Self {
        Self::from(Instant::now(), time)
    }

    /// So long from a moment on.
    pub(crate) fn from(since: Instant, time: Duration) -> Self {
        Self { since, time }
    }

    /// How long until then; nothing once it has passed.
    pub(crate) fn left(self) -> Option<Duration> {
        let left = self.time.checked_sub(self.since.elapsed())?;
        (!left.is_zero()).then_some(left)
    }

    /// Why a dataset that did not come to its end is refused.
    pub(crate) fn error(self, place: &str) -> Error {
        Error::Limit {
            limit: Limit::Time,
            place: place.to_owned(),
            excess: format!("it did not come to its end within {:?}", self.time),
        }
    }
}

/// How deep lists and objects are in each other in a JSON text that is well formed.
pub(crate) fn depth(json: &str) -> usize {
    let (mut depth, mut deepest): (usize, usize) = (0, 0);
    let mut bytes = json.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'{' | b'[' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => drop(bytes.next()),
                        b'"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(limits: Limits) -> Meter {
        Meter::dataset("x", limits, Deadline::after(limits.time))
    }

    fn limit(error: &Error) -> Limit {
        match error {
            Error::Limit { limit, .. } => *limit,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn what_is_too_much_too_slow_or_too_late_is_refused_with_the_setting() {
        let limits = Limits {
            bytes: 1000,
            ..Limits::default()
        };
        let mut large = meter(limits);
        large.count(1000, Duration::ZERO).unwrap();
        let error = large.count(1, Duration::ZERO).unwrap_err();
        assert_eq!(limit(&error), Limit::Bytes);
        assert_eq!(
            error.to_string(),
            "the dataset x: it is longer than 1000 bytes; if it really is as large, raise bytes under [retrieval] in \
             centime.toml"
        );
        // One byte every five seconds.
        let mut slow = meter(Limits::default());
        let dripped = (0..100).find_map(|_| slow.count(1, Duration::from_secs(5)).err());
        let error = dripped.unwrap();
        assert_eq!(limit(&error), Limit::Rate);
        assert!(error.to_string().contains("bytes_per_second"), "{error}");
        // What comes slowly but surely goes on.
        let mut steady = meter(Limits::default());
        for _ in 0..1000 {
            steady.count(300, Duration::from_secs(5)).unwrap();
        }
        let late = Limits {
            time: Duration::ZERO,
            ..Limits::default()
        };
        let error = meter(late).left().unwrap_err();
        assert_eq!(limit(&error), Limit::Time);
        assert!(error.may_pass() && !error.is_transient());
        assert!(error.to_string().contains("raise time under [retrieval]"));
    }

    #[test]
    fn a_dataset_may_grow_while_it_is_read() {
        let limits = Limits::default();
        assert_eq!(limits.records(380), 10_380);
        assert_eq!(limits.records(1_000_000), 1_250_000);
        assert_eq!(limits.records(u64::MAX), u64::MAX);
    }

    #[test]
    fn depth_is_counted_outside_of_texts() {
        for (json, expected) in [
            ("[]", 1),
            (r#"{"a": [{"b": 1}], "c": {}}"#, 3),
            (r#"["[[[[", "\"[[\\", "]"]"#, 1),
        ] {
            assert_eq!(depth(json), expected, "{json}");
        }
        assert_eq!(depth(&"[".repeat(9)), 9);
    }
}

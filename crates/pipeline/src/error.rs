//! Why a run published nothing.

use std::fmt;

use centime_warehouse::revision::Cause;
use centime_warehouse::{CheckResult, Outcome, Subject};

use crate::audit;

/// Why a run published nothing. What was published before is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The portal could not be read.
    #[error("{}", unread(.0))]
    Source(#[from] centime_portal::Error),
    /// The portal's dataset has no record to give.
    #[error(
        "the dataset {dataset} has no records: check its identifier, or wait until it is published again"
    )]
    Empty {
        /// The dataset.
        dataset: String,
    },
    /// The portal delivers another number of records than it announces.
    #[error(
        "the dataset {dataset} was incomplete {attempts} times: {rows} records came and {announced} are announced; try again later"
    )]
    Incomplete {
        /// The dataset.
        dataset: String,
        /// How many records came the last time.
        rows: u64,
        /// How many the portal announces.
        announced: u64,
        /// How many times it was retrieved.
        attempts: u32,
    },
    /// The dataset has no field for something that is needed.
    #[error(
        "the dataset {dataset} has no field for {}: it has {}; name the right field in centime.toml, under [fields.{}], such as {} = \"…\"",
        missing.join(", "), found.join(", "), table(*subject), missing.first().copied().unwrap_or_default()
    )]
    Schema {
        /// What the dataset is about.
        subject: Subject,
        /// The dataset.
        dataset: String,
        /// What is needed, by our name.
        missing: Vec<&'static str>,
        /// The fields the dataset has.
        found: Vec<String>,
    },
    /// The records of a body are not together, and there are too many to be held.
    #[error(
        "the dataset {dataset} gives the records of the body {siren} in several places, although they were asked for in order: tell the portal's publisher"
    )]
    Scattered {
        /// The dataset.
        dataset: String,
        /// The SIREN number of the body.
        siren: String,
    },
    /// A single body has more records than any income statement.
    #[error(
        "the dataset {dataset} has more than {megabytes} MiB of records for one public body ({siren}): check that it is an income statement or a balance sheet"
    )]
    TooLarge {
        /// The dataset.
        dataset: String,
        /// The SIREN number of the body; empty when not known.
        siren: String,
        /// The most that is accepted.
        megabytes: usize,
    },
    /// Records hold values that cannot be what they should be.
    #[error("{}", refused(problems, *more))]
    Records {
        /// The first of them.
        problems: Vec<Problem>,
        /// How many more there are.
        more: u64,
    },
    /// A check failed.
    #[error("the audit failed: {}", failed(checks))]
    Audit {
        /// What all checks found.
        checks: Vec<CheckResult>,
    },
    /// The published data are official and the new are the sample edition.
    #[error(
        "{database} holds official figures, and the sample edition may not replace them: choose another database with --database"
    )]
    SampleOverOfficial {
        /// The database.
        database: String,
    },
    /// The database failed.
    #[error("{0}")]
    Warehouse(#[from] centime_warehouse::Error),
}

/// A value of a record that cannot be what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The dataset.
    pub dataset: String,
    /// The number of the record, from 1, in the order received.
    pub record: i64,
    /// The portal's name of the field.
    pub field: String,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            dataset,
            record,
            field,
            reason,
        } = self;
        write!(f, "{dataset}, record {record}, {field}: {reason}")
    }
}

impl Error {
    /// Whose failure it is.
    pub const fn cause(&self) -> Cause {
        match self {
            Self::Source(_) | Self::Empty { .. } | Self::Incomplete { .. } => Cause::Source,
            Self::Schema { .. }
            | Self::Records { .. }
            | Self::Scattered { .. }
            | Self::TooLarge { .. }
            | Self::Audit { .. }
            | Self::SampleOverOfficial { .. } => Cause::Data,
            Self::Warehouse(_) => Cause::Database,
        }
    }
}

/// The name of a subject's table in the configuration.
const fn table(subject: Subject) -> &'static str {
    subject.name()
}

fn unread(error: &centime_portal::Error) -> String {
    if error.is_transient() {
        format!("{error}; nothing was published: try again later")
    } else {
        error.to_string()
    }
}

fn refused(problems: &[Problem], more: u64) -> String {
    let mut lines = vec!["the records cannot be read as a statement:".to_owned()];
    lines.extend(problems.iter().map(|problem| format!("  {problem}")));
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    lines.push(
        "nothing was published: tell the portal's publisher, and run again once it is mended"
            .to_owned(),
    );
    lines.join("\n")
}

fn failed(checks: &[CheckResult]) -> String {
    let failed = || checks.iter().filter(|check| check.outcome == Outcome::Fail);
    let sentences: Vec<String> = failed()
        .map(|check| audit::explain(&check.name, &check.subjects))
        .collect();
    let mut message = sentences.join("; ");
    // Only what compares with the revision before may be meant.
    if failed().all(|check| check.name.ends_with("-kept")) {
        message.push_str("; if this is meant, run again with --accept-changes");
    }
    message
}

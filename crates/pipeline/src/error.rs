//! Why a run published nothing.

use std::collections::BTreeSet;

use centime_warehouse::revision::Cause;
use centime_warehouse::{CheckResult, Outcome, Subject};

use crate::checks;
use crate::mixed::MixedRows;
use crate::record_error::{Hint, RecordError, RecordErrors};

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
        "the dataset {dataset} has no field for {}: it has {}; name the right field in centime.toml, under [fields.{}], such as {} = \"…\"{}",
        missing.join(", "), listed(found), table(*subject), missing.first().copied().unwrap_or_default(),
        hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default()
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
        /// What else could be set.
        hint: Option<String>,
    },
    /// The dataset has no column of the names that those of years are said to have.
    #[error(
        "the dataset {dataset} has no column for a year by the names that are set under [datasets.{}] in centime.toml ({columns}): it has {}",
        table(*subject), listed(found)
    )]
    NoYearColumns {
        /// What the dataset is about.
        subject: Subject,
        /// The dataset.
        dataset: String,
        /// What is set.
        columns: String,
        /// The fields the dataset has.
        found: Vec<String>,
    },
    /// No record meets the condition that is set.
    #[error(
        "the dataset {dataset} has no records that meet the condition «{filter}»: check where under [datasets.{}] in centime.toml",
        table(*subject)
    )]
    NoneChosen {
        /// What the dataset is about.
        subject: Subject,
        /// The dataset.
        dataset: String,
        /// The condition.
        filter: String,
    },
    /// Rows that would be added to each other are of several kinds.
    #[error("{}", mixed(datasets))]
    Mixed {
        /// What is mixed in each dataset.
        datasets: Vec<MixedRows>,
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
    #[error("{}", refused(errors, *more))]
    Records {
        /// The first of them.
        errors: Vec<RecordError>,
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
    /// Files of a source cannot be had, or have no records.
    #[error("{place}: {reason}; nothing was published")]
    Files {
        /// The file, folder, pattern or address.
        place: String,
        /// Why not.
        reason: String,
    },
    /// Two sources have the accounts of one year of one body.
    #[error(
        "two sources have the {} of {} for {year}: {one} and {other}. Choose the records of one of them with where under [[source]] in centime.toml, or leave one out; nothing was published", table(*subject).replace('_', " "), whose(siren)
    )]
    TwoSources {
        /// What they have.
        subject: Subject,
        /// The number that the accounts are kept by.
        siren: String,
        /// The year.
        year: u16,
        /// One of the sources.
        one: String,
        /// The other one.
        other: String,
    },
    /// A body that is named is in none of the datasets.
    #[error(
        "there is no public body «{named}» in {}: give its SIREN number, its INSEE code, or its name as the data have it",
        listed(places)
    )]
    NoSuchBody {
        /// The number, the code or the name.
        named: String,
        /// The datasets.
        places: Vec<String>,
    },
    /// A name is that of several bodies.
    #[error(
        "«{named}» may be several public bodies of {dataset}: {}. Give the SIREN number of one of them",
        listed(bodies)
    )]
    SeveralBodies {
        /// The name or the code.
        named: String,
        /// The dataset that has them.
        dataset: String,
        /// The bodies, each with its number.
        bodies: Vec<String>,
    },
    /// No source has an income statement.
    #[error(
        "no source has an income statement: add a [[source]] of kind income-statement or document to centime.toml"
    )]
    NoStatement,
    /// A document cannot be read as the account of a year.
    #[error("{0}; nothing was published")]
    Document(#[from] centime_documents::Error),
    /// Two documents say different things of the same budget and year.
    #[error(
        "{one} and {other} both have the accounts of {year} of the budget {siret}, and differ: give the one that counts; nothing was published"
    )]
    TwoDocuments {
        /// The SIRET number of the budget.
        siret: String,
        /// The year.
        year: u16,
        /// One of the files.
        one: String,
        /// The other one.
        other: String,
    },
    /// The published data come from a portal and the new ones from documents.
    #[error(
        "{database} holds what was retrieved from {portal}, and documents would replace it: choose another database with --database, or, if this is meant, run again with --accept-changes=body,years,reconciliation"
    )]
    DocumentsOverPortal {
        /// The database.
        database: String,
        /// The portal.
        portal: String,
    },
    /// The database failed.
    #[error("{0}")]
    Warehouse(#[from] centime_warehouse::Error),
}

impl From<RecordErrors> for Error {
    fn from(errors: RecordErrors) -> Self {
        let (errors, more) = errors.into_parts();
        Self::Records { errors, more }
    }
}

impl Error {
    /// Which side failed: the portal, the data or the database.
    pub fn cause(&self) -> Cause {
        match self {
            Self::Source(_)
            | Self::Empty { .. }
            | Self::Incomplete { .. }
            | Self::Files { .. } => Cause::Source,
            Self::Document(error) if error.is_unreachable() => Cause::Source,
            Self::Document(_)
            | Self::TwoDocuments { .. }
            | Self::TwoSources { .. }
            | Self::NoSuchBody { .. }
            | Self::SeveralBodies { .. }
            | Self::NoStatement
            | Self::DocumentsOverPortal { .. }
            | Self::Schema { .. }
            | Self::NoYearColumns { .. }
            | Self::NoneChosen { .. }
            | Self::Mixed { .. }
            | Self::Records { .. }
            | Self::Scattered { .. }
            | Self::TooLarge { .. }
            | Self::Audit { .. }
            | Self::SampleOverOfficial { .. }
            // SQL of the operator's own is no failure of the database.
            | Self::Warehouse(centime_warehouse::Error::Own(_)) => Cause::Data,
            Self::Warehouse(_) => Cause::Database,
        }
    }
}

/// The name of a subject's table in the configuration.
const fn table(subject: Subject) -> &'static str {
    subject.name()
}

/// A body by its number, where that is known.
fn whose(siren: &str) -> String {
    if siren.is_empty() {
        "the body without a number".to_owned()
    } else {
        siren.to_owned()
    }
}

/// The first names of a list, as far as a message can hold them.
fn listed(names: &[String]) -> String {
    const MAX_LISTED: usize = 40;
    let first: Vec<&str> = names.iter().take(MAX_LISTED).map(String::as_str).collect();
    match names.len().saturating_sub(MAX_LISTED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn unread(error: &centime_portal::Error) -> String {
    if error.is_transient() {
        format!("{error}; nothing was published: try again later")
    } else {
        error.to_string()
    }
}

fn refused(errors: &[RecordError], more: u64) -> String {
    let mut lines = vec!["the records cannot be read as a statement:".to_owned()];
    lines.extend(errors.iter().map(|error| format!("  {error}")));
    if more > 0 {
        lines.push(format!("  … and {more} more"));
    }
    let mut hints: Vec<Hint> = Vec::new();
    for hint in errors.iter().filter_map(|error| error.hint) {
        if !hints.contains(&hint) {
            hints.push(hint);
        }
    }
    lines.extend(hints.into_iter().map(|hint| hint.text().to_owned()));
    lines.push(
        "nothing was published: set what is missing, or tell the portal's publisher, and run again"
            .to_owned(),
    );
    lines.join("\n")
}

fn mixed(datasets: &[MixedRows]) -> String {
    let messages: Vec<String> = datasets.iter().map(MixedRows::to_string).collect();
    messages.join("\n")
}

fn failed(checks: &[CheckResult]) -> String {
    let failed = || checks.iter().filter(|check| check.outcome == Outcome::Fail);
    let sentences: Vec<String> = failed()
        .map(|check| checks::explain(&check.name, &check.subjects))
        .collect();
    let mut message = sentences.join("; ");
    // Only what compares with the revision before may be meant.
    let meant: Option<BTreeSet<&str>> = failed()
        .map(|check| checks::accepted_as(&check.name))
        .collect();
    if let Some(meant) = meant.filter(|meant| !meant.is_empty()) {
        let meant: Vec<&str> = meant.into_iter().collect();
        let meant = meant.join(",");
        message.push_str("; if this is meant, run again with --accept-changes=");
        message.push_str(&meant);
    }
    message
}

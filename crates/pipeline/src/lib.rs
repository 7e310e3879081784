//! A run: extract → validate → transform → stage → audit → publish.
//!
//! | module | step |
//! |---|---|
//! | `source`, `transport`, `policy` | the sources of an edition, what their records come from, and what may be published |
//! | `files`, `record_files`, `document_files` | files of a source: where they are, records in them, documents in them |
//! | `documents`, `kept` | what official documents say, as records, beside what was imported before |
//! | `balances` | account balances of a portal: which datasets, whose, retrieved and kept, budget by budget |
//! | `parts` | the datasets of an edition, in the order in which they are extracted |
//! | `run` | one run from its beginning to its publication |
//! | `dataset_options` | settings for how a dataset is queried and read |
//! | `schema`, `field_names` | which of the portal's fields holds what |
//! | `extract` | all records of a dataset, retrieved again where a retrieval fails |
//! | `announced` | how many records a portal announces, held against how many came |
//! | `fetch`, `prefetch` | fetch: the request to the portal, and records received ahead of their validation |
//! | `validate` | validate: years, texts and amounts of a record |
//! | `claims` | which source has the accounts of a body and a year: one of each subject |
//! | `assemble`, `gather` | rows gathered by public body until the body is complete |
//! | `account_entry` | rows of accounts, as the trial balance of a budget |
//! | `aggregate_entry`, `totals` | rows of control totals, and what accounts are held against and divided by |
//! | `repeats`, `mixed` | rows of one line: published again, or of several kinds |
//! | `transform` | transform: a body's rows as its statements and its balance sheet |
//! | [`checks`] | the names of all checks, and what they mean |
//! | `findings`, `audit` | what is noted while records are transformed, and the checks made of it |
//! | `hash`, `provenance` | content hashes: whether anything has changed; what is kept of datasets |
//! | `record_error` | values of records that are invalid |
//! | `progress` | reporting of progress, and durations of steps |
//!
//! A run publishes a whole revision or leaves no trace but its own record. Running it again on an
//! unchanged source publishes nothing new.

pub mod checks;

mod account_entry;
mod aggregate_entry;
mod announced;
mod assemble;
mod audit;
mod balances;
mod bodies;
mod claims;
mod dataset_options;
mod document_files;
mod documents;
mod error;
mod extract;
mod fetch;
mod field_names;
mod files;
mod findings;
mod gather;
mod hash;
mod kept;
mod mixed;
mod parts;
mod policy;
mod prefetch;
mod progress;
mod provenance;
mod quote;
mod record_error;
mod record_files;
mod repeats;
mod row;
mod run;
mod schema;
mod slices;
mod source;
mod totals;
mod transform;
mod transport;
mod validate;

pub use balances::{BalanceSource, SeriesError, check_datasets};
pub use dataset_options::{DatasetOptions, DatasetSettings, SettingError};
pub use document_files::DocumentFiles;
pub use documents::{DOCUMENTS, Documents};
pub use error::Error;
pub use files::Files;
pub use mixed::MixedRows;
pub use policy::{AcceptedChanges, Policy};
pub use progress::Progress;
pub use record_error::{Hint, RecordError};
pub use record_files::{FILES, RecordFiles};
pub use run::{Definitions, Summary, run, run_until};
pub use source::{
    BodyName, DocumentSource, DocumentsOf, Edition, RecordSource, Source, field_names,
};
pub use transport::Transport;

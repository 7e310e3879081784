//! A run: extract → validate → transform → stage → audit → publish.
//!
//! | module | step |
//! |---|---|
//! | `source`, `transport`, `policy` | where a run reads from, a portal or documents, and what it may publish |
//! | `documents`, `kept` | what official documents say, as records, beside what was imported before |
//! | `run` | one run from its beginning to its publication |
//! | `reading` | settings for how a dataset is queried and read |
//! | `schema`, `field_names` | which of the portal's fields holds what |
//! | `extract` | all records of a dataset, retrieved again where a retrieval fails |
//! | `fetch`, `prefetch` | fetch: the request to the portal, and records received ahead of their validation |
//! | `validate` | validate: years, texts and amounts of a record |
//! | `assemble`, `gather` | rows gathered by public body until the body is complete |
//! | `account_entry` | rows of accounts, as the trial balance of a budget |
//! | `repeats`, `mixed` | rows of one line: published again, or of several kinds |
//! | `transform` | transform: a body's rows as its statements and its balance sheet |
//! | [`checks`] | the names of all checks, and what they mean |
//! | `findings`, `audit` | what is noted while records are transformed, and the checks made of it |
//! | `hash` | content hashes: whether anything has changed |
//! | `record_error` | values of records that are invalid |
//! | `progress` | reporting of progress, and durations of steps |
//!
//! A run publishes a whole revision or leaves no trace but its own record. Running it again on an
//! unchanged source publishes nothing new.

pub mod checks;

mod account_entry;
mod assemble;
mod audit;
mod bodies;
mod documents;
mod error;
mod extract;
mod fetch;
mod field_names;
mod findings;
mod gather;
mod hash;
mod kept;
mod mixed;
mod policy;
mod prefetch;
mod progress;
mod quote;
mod reading;
mod record_error;
mod repeats;
mod row;
mod run;
mod schema;
mod source;
mod transform;
mod transport;
mod validate;

pub use documents::{DOCUMENTS, Documents};
pub use error::Error;
pub use mixed::MixedRows;
pub use policy::{AcceptedChanges, Policy};
pub use progress::Progress;
pub use reading::{Reading, ReadingSettings, SettingError};
pub use record_error::{Hint, RecordError};
pub use run::{Definitions, Summary, run, run_until};
pub use source::{BodyName, Source, field_names};
pub use transport::Transport;

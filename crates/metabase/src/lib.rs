//! Provisions Metabase over its HTTP API: the PostgreSQL connection, models on what is published, questions and
//! one dashboard with its filters.
//!
//! | module | knows |
//! |---|---|
//! | `definitions` | what there is to be, read from the files in `definitions/` |
//! | `body` | how it is written in requests |
//! | `client` | one request, and what each refusal means |
//! | `version` | which servers the requests were held against |
//! | `sync` | what there is, what differs, and what is sent |
//!
//! Every object of ours carries a mark in the last line of its description, by which it is found again.
//! What carries none is never changed. A second run over the same definitions sends no change.
//!
//! Metabase's API has no version of its own. The requests were written from the `OpenAPI` document of its
//! repository (`docs/api.json`) and its API changelog; other versions than [`version::SUPPORTED`] are
//! refused unless the caller insists.

mod body;
mod client;
mod definitions;
mod error;
mod secret;
mod sync;
pub mod version;

pub use client::Credentials;
pub use definitions::{Card, CardKind, ColumnKind, Definitions, Filter, FilterKind, Values};
pub use error::{Error, Result};
pub use secret::Secret;
pub use sync::change::{Action, Change, Kind, Outcome, Published, State};
pub use sync::settings::{Connection, Settings, SslMode};
pub use sync::{status, sync};

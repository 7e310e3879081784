//! Where statement lines live.
//!
//! | module | knows |
//! |---|---|
//! | [`url`] | which database is meant |
//! | [`Warehouse`] | opening, migrating and locking it |
//! | `engine` | SQLite and PostgreSQL behind one door |
//! | `bulk`, `writer` | writing many rows |
//! | `block` | records kept together in one row |
//! | [`staging`] | writing a revision before it is published |
//! | [`revision`] | publishing, keeping and discarding revisions; the history of runs |
//! | [`runs`] | how runs are getting on, and what is left when one is given up |
//! | [`model`] | the models of the analyses |
//! | `mart`, `fill` | their tables, filled for each revision |
//! | `published` | the views that people and tools read with SQL |
//! | [`own`] | SQL of the operator's own: held to reading, and within limits |
//! | [`sql`] | statements that readers write, over the published views only |
//! | `stored`, `cells` | values of the domain as rows hold them; rows of a mart |
//! | `comment` | what an object of a database says of itself |
//! | `task` | work that goes on beside its caller |
//! | [`table`] | what a mart gives: rows of cells, on one of two bases |
//! | [`accounts`] | reading accounts, and the indicators that follow from them |
//! | [`bodies`] | the public bodies of a revision |
//! | [`everybody`] | reading what all public bodies have, some at a time |
//! | [`grouping`] | which category a line belongs to, as SQL |
//! | [`lines`] | reading lines with their source records, filtered, sorted and paged |
//! | [`ledger`] | tokens, and the log of who did what |
//! | [`key`], `rekey` | the key of an encrypted file, and giving it another one |
//! | [`roles`] | who may do what in a PostgreSQL database |
//! | [`cluster`] | a PostgreSQL database on several servers |
//! | [`status`] | how a database is |
//! | [`doubt`] | which figures the checks cast doubt on |
//! | [`quality`] | reading what the checks found |
//!
//! A revision is written unseen, audited, and then published by moving one pointer. Readers follow the
//! pointer, so they see all of a revision or nothing of it.

mod block;
mod bulk;
mod cells;
mod comment;
mod engine;
mod error;
mod fill;
mod mart;
mod migrations;
mod model_sql;
mod open;
mod published;
mod records;
mod rekey;
mod stored;
mod task;
mod writer;

pub mod accounts;
pub mod aggregates;
pub mod bodies;
pub mod cluster;
pub mod doubt;
pub mod everybody;
pub mod grouping;
pub mod key;
pub mod ledger;
pub mod lines;
pub mod model;
pub mod own;
pub mod quality;
pub mod revision;
pub mod roles;
pub mod runs;
pub mod sql;
pub mod staging;
pub mod standing;
pub mod status;
pub mod table;
pub mod url;

pub use bodies::{Body, Named};
pub use engine::OpenMode;
pub use error::{Error, Result, Unusable};
pub use key::Key;
pub use ledger::Ledger;
pub use model::{Follows, Form, Model};
pub use model_sql::ModelSql;
pub use open::{RunLock, Warehouse};
pub use own::OwnCheck;
pub use rekey::rekey;
pub use revision::{
    CheckResult, Dataset, Outcome, PublicationState, RetrievalMethod, Revision, Run, Subject,
};
pub use runs::RunState;
pub use staging::Staging;
pub use table::{Basis, Cell, Column, ColumnName, Kind, Table, Titles};
pub use url::{DatabaseUrl, PostgresUrl};

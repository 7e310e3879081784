//! A Metabase as its `OpenAPI` document describes it: every request is held against that document, set-up
//! happens once, tables take a while to be found, and the list of a dashboard's places is replaced.
//!
//! `openapi.json` holds what that document says of the operations that are used. It is stricter: what the
//! document does not name is refused.

#![allow(
    clippy::missing_panics_doc,
    reason = "for tests, in which every failure panics"
)]

mod answer;
mod document;
mod server;
mod state;

pub use axum::http::Method;

pub use answer::{EMAIL, KEY, PASSWORD, TOKEN};
pub use server::Stub;
pub use state::{Fault, Metabase, Sent, Table};

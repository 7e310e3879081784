//! The client of portals.

mod common;
mod faults;
mod politeness;
mod retrieval;

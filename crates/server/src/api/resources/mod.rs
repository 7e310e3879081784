//! What can be asked for, one module a resource.

pub mod accounts;
pub mod aggregates;
pub mod analyses;
pub mod bodies;
pub mod lines;
pub mod quality;
pub mod reports;
pub mod revisions;
pub mod runs;
pub mod sql;
pub mod statement;
pub mod tokens;

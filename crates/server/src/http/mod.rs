//! What HTTP asks of every server, without a word of what this one serves.

pub mod assets;
pub mod base;
pub mod encoding;
pub mod problem_details;
pub mod ranges;
pub mod rewrite;

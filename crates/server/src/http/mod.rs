//! What HTTP asks of every server, without a word of what this one serves.

pub mod address;
pub mod assets;
pub mod base;
pub mod cookies;
pub mod encoding;
pub mod escape;
pub mod etag;
pub mod language;
pub mod negotiation;
pub mod problem_details;
pub mod query_string;
pub mod ranges;
pub mod redact;
pub mod reply;
pub mod rewrite;
pub mod theme;
pub mod xml;

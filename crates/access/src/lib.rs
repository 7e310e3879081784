//! Who may do what. Pure: no input, no output, no SQL, no HTTP.
//!
//! | module | knows |
//! |---|---|
//! | [`token`] | how a token is made, written, read, and known again from its hash |
//! | [`right`] | what may be done, by which role, and what the site leaves open |
//! | [`time`] | the moments at which a token begins and ends |

pub mod right;
pub mod time;
pub mod token;

pub use right::{Mode, Right, Role, Rule, Verdict};
pub use token::{Secret, TokenHash, TokenId};

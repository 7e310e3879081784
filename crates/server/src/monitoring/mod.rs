//! How the site and its runs are doing.

pub mod metrics;
pub mod upkeep;

//! How the site and its runs are doing.

pub mod in_flight;
pub mod metrics;
pub mod upkeep;

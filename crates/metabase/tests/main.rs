//! Against a stub of Metabase.

mod contract;
mod figures;
mod grouping;
#[path = "../../server/tests/common/invented.rs"]
mod invented;

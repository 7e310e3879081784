//! Against a stub of Metabase.

mod contract;
mod figures;

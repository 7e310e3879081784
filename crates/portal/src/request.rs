//! Which records are asked for, and how.

use std::time::Instant;

/// The way records are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// The JSON Lines export, or pages when the portal has no exports.
    #[default]
    Auto,
    /// The JSON Lines export.
    Export,
    /// The CSV export: each cell is text, or null when empty.
    Csv,
    /// Pages of a hundred records, up to 10,000 in all.
    Records,
}

/// Which records are asked for, and how they are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Request<'a> {
    /// The columns that records are sorted by first.
    pub order: &'a [&'a str],
    /// The condition that they meet, in ODSQL; all of them where there is none.
    pub filter: Option<&'a str>,
    /// The time zone in which moments are written; universal time where none is given.
    pub timezone: Option<&'a str>,
    /// When the dataset was asked for first, where it is read again: its time runs from then. Now where none is given.
    pub since: Option<Instant>,
}

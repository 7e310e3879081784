//! A chart as the dashboard has it.

use centime_analytics::Table;

use crate::draw::spec::Chart;

/// A chart of the dashboard, and the rows it is made from.
#[derive(Debug)]
pub struct Panel {
    /// The chart. Its title says what it shows.
    pub chart: Chart,
    /// What is measured, which is also what the rows are called.
    pub subject: String,
    /// Its rows.
    pub rows: Table,
}

//! The charts of a dashboard: what each of them shows of a table.
//!
//! A chart is made from the rows that stand under it as a table, so that both say the same.
//!
//! | module | shows |
//! |---|---|
//! | `yearly` | the charts with one place a year: result, operations, exceptional items, finance |
//! | `categories` | what the money of each year is for |
//! | `changes` | what changed between two years |
//! | `steps` | how the revenue of a year becomes its result |
//! | `flow` | from which lines money comes and to which it goes |
//! | `presence` | which lines have an amount in which year |
//! | `analysis` | the chart of an analysis on its own page |
//!
//! They share `colors` (which colour a category has), `measure` (in which measure amounts are shown), `view` (what is requested, and the names, legends and
//! sentences made from it), `figures` (amounts as marks show them) and `yearly_builder`.

mod analysis;
mod categories;
mod changes;
mod colors;
mod figures;
mod flow;
mod measure;
mod presence;
mod steps;
mod view;
mod yearly;
mod yearly_builder;

pub use analysis::analysis;
pub use categories::categories;
pub use changes::changes;
pub use colors::known_colors;
pub use flow::flow;
pub use measure::Measure;
pub use presence::presence;
pub use steps::steps;
pub use view::{Totals, View, category_name, side_column};
pub use yearly::{exceptional, financial, operating, result};

#[cfg(test)]
mod tests;

//! The dashboard: what is looked at, and the charts and tables that show it. Pages, frames,
//! downloads and the report all read this one list.
//!
//! | module | knows |
//! |---|---|
//! | `query` | what an address asks for, and the addresses of other views |
//! | `panels` | which charts show a view, and their rows |
//! | `table` | rows as a table for readers |

mod panels;
mod query;
mod table;

use centime_analytics::{Analysis, Basis, Table};
use centime_warehouse::lines::Choices as LineChoices;

pub use panels::{Panel, analysis_chart, panel, panels};
pub use query::{Choices, Figure, NotAllowed, PATH, Query};
pub use table::{CellView, HeaderView, TableView, table};

use crate::Locale;
use crate::draw::spec::Break;

/// The published statement of a public body, whoever holds it.
pub trait Statement {
    /// The rows of an analysis.
    fn table(&self, analysis: &Analysis, basis: Basis) -> &Table;

    /// What its lines can be chosen by; fiscal years from the latest.
    fn choices(&self) -> &LineChoices;

    /// The years that begin a new series, with a word for each.
    fn breaks(&self, locale: &Locale) -> Vec<Break>;

    /// The public body as addresses name it; `None` where there is only one.
    fn parameter(&self) -> Option<(&'static str, &str)>;
}

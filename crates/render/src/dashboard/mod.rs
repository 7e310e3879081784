//! The dashboard: what is looked at, and the charts and tables that show it. Pages, frames,
//! downloads and the report all read this one list.
//!
//! | module | knows |
//! |---|---|
//! | [`outcome`] | the result of a year in a sentence or two |
//! | `query` | what an address asks for, and the addresses of other views |
//! | `panels` | which charts show a view, and their rows |
//! | `table` | rows as a table for readers |

pub mod outcome;
mod panels;
mod query;
mod table;

use centime_analytics::{Analysis, Basis, Catalogue, Table};
use centime_warehouse::doubt::Doubt;
use centime_warehouse::lines::Choices as LineChoices;

pub use panels::{Panel, analysis_chart, panel, panels};
pub use query::{Choices, Figure, NotAllowed, PARAMETERS, PATH, Query};
pub use table::{CellView, HeaderView, TableView, rows, table};

use crate::Locale;
use crate::draw::spec::Break;

/// The published statement of a public body, whoever holds it.
pub trait Statement {
    /// The analyses there are.
    fn catalogue(&self) -> Catalogue {
        Catalogue::built_in()
    }

    /// The rows of an analysis.
    fn table(&self, analysis: &Analysis, basis: Basis) -> &Table;

    /// What its lines can be chosen by; fiscal years from the latest.
    fn choices(&self) -> &LineChoices;

    /// The years that begin a new series, with a word for each.
    fn breaks(&self, locale: &Locale) -> Vec<Break>;

    /// The public body as addresses name it; `None` where there is only one.
    fn parameter(&self) -> Option<(&'static str, &str)>;

    /// The revision as addresses name it; `None` for the one that readers see when none is named.
    fn revision(&self) -> Option<i64> {
        None
    }

    /// What is doubted of its figures.
    fn doubts(&self) -> &[Doubt] {
        &[]
    }

    /// What every address about this statement carries: its public body and its revision, as far as they
    /// have to be named.
    fn context(&self) -> Vec<(&'static str, String)> {
        let body = self.parameter();
        let body = body.map(|(name, value)| (name, value.to_owned()));
        let revision = self.revision().map(|number| (REVISION, number.to_string()));
        body.into_iter().chain(revision).collect()
    }
}

/// The parameter by which an address names a revision.
pub const REVISION: &str = "revision";

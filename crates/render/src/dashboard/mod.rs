//! The dashboard: which view of a statement is requested, and the charts and tables that show it. Pages,
//! frames, downloads and the report all read this one list.
//!
//! | module | knows |
//! |---|---|
//! | [`outcome`] | the result of a year in a sentence or two |
//! | [`brief`] | the view in a few figures and sentences |
//! | `findings` | what a chart shows, as its title |
//! | [`change`] | what changed between two years, in sentences |
//! | `statement` | what a dashboard needs of a statement |
//! | `request` | the parameters of a view as typed values |
//! | `query` | the view of a statement that is requested, and the addresses of other views |
//! | `shown` | a chart, what it measures and its rows |
//! | `panels` | which charts show a view, and their rows |
//! | `table` | rows as a table for readers |

pub mod brief;
pub mod change;
mod findings;
pub mod outcome;
mod panels;
mod query;
mod request;
mod shown;
mod statement;
mod table;

pub use panels::{PRESENCE, analysis_chart, panel, panels};
pub use query::{Choices, PATH, Query, years};
pub use request::{NotAllowed, PARAMETERS, Records, SUCCESSORS, ViewRequest, Which};
pub use shown::Panel;
pub use statement::{REVISION, Statement};
pub use table::{CellView, HeaderView, TableView, rows, table};

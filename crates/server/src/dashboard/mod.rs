//! The dashboard: what is looked at, and the charts and tables that show it.
//!
//! | module | knows |
//! |---|---|
//! | `query` | what an address asks for, and the addresses of other views |
//! | `panels` | which charts show a view, and their rows |
//! | `table` | rows as a table of a page |

mod panels;
mod query;
mod table;

pub use panels::{Panel, panel, panels};
pub use query::{DashboardQuery, Figure, PATH};
pub use table::{TableView, table};

//! The addresses of the statement and of its lines.
//!
//! A line is named by what it is (`accounts::address`) and not by its place in an export, so its address leads to the
//! same line in every revision. Addresses carry the public body and the revision as those of all pages do.

use centime_accounts::{FiscalYear, LineAddress};

use crate::request::paths;
use crate::state::snapshot::Snapshot;

/// The parameter with the year that is looked at.
pub const YEAR: &str = "year";

/// The page of the whole statement.
pub fn statement(snapshot: &Snapshot) -> String {
    snapshot.link(paths::STATEMENT, &[])
}

/// The page of a line.
pub fn line(snapshot: &Snapshot, line: &LineAddress) -> String {
    snapshot.link(&path_of(line), &[])
}

/// The records that a figure is made of: a year of a line, on its page.
pub fn figure(snapshot: &Snapshot, line: &LineAddress, fiscal_year: FiscalYear) -> String {
    let year = fiscal_year.to_string();
    let address = snapshot.link(&path_of(line), &[(YEAR, &year)]);
    format!("{address}#{}", records_of(fiscal_year))
}

/// The name of the part of the page of a line that has the records of a year.
pub fn records_of(fiscal_year: FiscalYear) -> String {
    format!("records-{fiscal_year}")
}

/// The path of the page of a line.
pub fn path_of(line: &LineAddress) -> String {
    // An address has letters, digits and hyphens only.
    format!("{}/{line}", paths::STATEMENT)
}

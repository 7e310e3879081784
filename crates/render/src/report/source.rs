//! What a report is made from.

use centime_warehouse::doubt::{Doubt, within};
use centime_warehouse::lines::Line;
use centime_warehouse::quality::Unpublished;
use centime_warehouse::{Body, Dataset, Revision};

use super::content::Fact;
use crate::Locale;
use crate::dashboard::{Query, Statement, brief};

/// What a report is made from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The analyses of the body.
    pub statement: &'a dyn Statement,
    /// The public body.
    pub body: &'a Body,
    /// The revision that is shown.
    pub revision: &'a Revision,
    /// What the revision was made from.
    pub datasets: &'a [Dataset],
    /// The amounts that were not published.
    pub unpublished: &'a [Unpublished],
    /// All lines of the body.
    pub lines: &'a [Line],
    /// What is selected.
    pub query: &'a Query,
    /// The words.
    pub locale: &'static Locale,
    /// The address of the same view on the site; `None` where it is not known.
    pub address: Option<&'a str>,
}

impl<'a> Source<'a> {
    /// What its view is described from.
    pub(super) const fn of_view(&self) -> brief::Source<'a> {
        brief::Source {
            statement: self.statement,
            lines: self.lines,
            query: self.query,
            locale: self.locale,
        }
    }
}

/// What is doubted of the selected years.
pub(super) fn doubted(source: &Source<'_>) -> Vec<Doubt> {
    let years = &source.query.selection.years;
    within(source.statement.doubts(), |year| years.contains(&year))
}

/// The selected years.
pub(super) fn period(source: &Source<'_>) -> String {
    let years = &source.query.selection.years;
    source.locale.years(*years.start(), *years.end())
}

/// Where the same view is on the site.
pub(super) fn same_view(source: &Source<'_>) -> Option<Fact> {
    let address = source.address?.to_owned();
    Some(Fact {
        name: source.locale.text("report.same_view").to_owned(),
        value: address.clone(),
        link: Some(address).filter(|address| is_web(address)),
    })
}

/// Whether an address may be a link: never one that runs something.
pub(super) fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

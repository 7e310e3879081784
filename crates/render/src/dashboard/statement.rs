//! The statement that a dashboard shows.

use centime_analytics::accounts::Books;
use centime_analytics::{Analysis, Basis, Catalogue, Inhabitants, Table};
use centime_warehouse::doubt::Doubt;
use centime_warehouse::lines::Choices as LineChoices;
use centime_warehouse::quality::SeriesBreak;

use crate::Locale;
use crate::draw::spec::Break;

/// The parameter by which an address names a revision.
pub const REVISION: &str = "revision";

/// The published statement of a public body, whatever holds it.
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

    /// The same without words.
    fn series_breaks(&self) -> &[SeriesBreak];

    /// The public body as addresses name it; `None` where there is only one.
    fn parameter(&self) -> Option<(&'static str, &str)>;

    /// The revision as addresses name it; `None` for the one that readers see when none is named.
    fn revision(&self) -> Option<i64> {
        None
    }

    /// Its accounts and indicators, where any are known and at hand.
    fn books(&self) -> Option<&Books> {
        None
    }

    /// How many inhabitants it has, where that is known.
    fn inhabitants(&self) -> Option<&Inhabitants> {
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

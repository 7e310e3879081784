//! The statement held in memory, as the dashboard reads it.

use centime_analytics::accounts::Books;
use centime_analytics::{Analysis, Basis, Catalogue, Inhabitants, Table};
use centime_render::Locale;
use centime_render::dashboard::{NotAllowed, Query, Statement};
use centime_render::draw::spec::Break;
use centime_warehouse::doubt::Doubt;
use centime_warehouse::lines::{Choices, Line};
use centime_warehouse::quality::SeriesBreak;

use crate::request::absent::absent;
use crate::request::context::RequestContext;
use crate::request::lines_query::bad;
use crate::request::page_error::PageError;
use crate::state::snapshot::Snapshot;
use crate::state::view_query;

impl Statement for Snapshot {
    fn catalogue(&self) -> Catalogue {
        self.catalogue()
    }

    fn table(&self, analysis: &Analysis, basis: Basis) -> &Table {
        self.table(analysis, basis)
    }

    fn choices(&self) -> &Choices {
        &self.choices
    }

    fn breaks(&self, locale: &Locale) -> Vec<Break> {
        self.breaks(locale)
    }

    fn series_breaks(&self) -> &[SeriesBreak] {
        self.series_breaks()
    }

    fn parameter(&self) -> Option<(&'static str, &str)> {
        self.parameter()
    }

    fn books(&self) -> Option<&Books> {
        self.known_books()
    }

    fn inhabitants(&self) -> Option<&Inhabitants> {
        Some(&self.inhabitants)
    }

    fn doubts(&self) -> &[Doubt] {
        &self.doubts
    }

    fn revision(&self) -> Option<i64> {
        self.named_revision()
    }
}

/// The view that an address asks for; a value that is not allowed is a problem that says what is, and one
/// that the statement no longer has a problem that leads on.
pub async fn query(
    context: &RequestContext,
    snapshot: &Snapshot,
    lines: &[Line],
) -> Result<Query, PageError> {
    match view_query::read(&context.parameters, snapshot, lines) {
        Ok(query) => Ok(query),
        Err(NotAllowed {
            name,
            value,
            allowed,
        }) if is_of_statement(name, &value) => {
            Err(absent(context, snapshot, name, &value, &allowed).await)
        }
        Err(wrong) => Err(bad(
            context.locale,
            wrong.name,
            &wrong.value,
            &wrong.allowed,
        )),
    }
}

/// Whether a value is one that a statement may have had.
fn is_of_statement(name: &str, value: &str) -> bool {
    match name {
        "category" => true,
        "from" | "to" | "focus" | "against" => {
            value.len() == 4 && value.bytes().all(|digit| digit.is_ascii_digit())
        }
        _ => false,
    }
}

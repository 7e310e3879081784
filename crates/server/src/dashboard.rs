//! The statement held in memory, as the dashboard reads it.

use centime_analytics::{Analysis, Basis, Table};
use centime_render::Locale;
use centime_render::dashboard::{Query, Statement};
use centime_render::draw::spec::Break;
use centime_warehouse::lines::{Choices, Line};

use crate::lines_query::bad;
use crate::problem::Problem;
use crate::snapshot::Snapshot;
use crate::visit::Visit;

impl Statement for Snapshot {
    fn table(&self, analysis: &Analysis, basis: Basis) -> &Table {
        self.table(analysis, basis)
    }

    fn choices(&self) -> &Choices {
        &self.choices
    }

    fn breaks(&self, locale: &Locale) -> Vec<Break> {
        self.breaks(locale)
    }

    fn parameter(&self) -> Option<(&'static str, &str)> {
        self.parameter()
    }
}

/// The view that an address asks for; a value that is not allowed is a problem that says what is.
pub fn query(visit: &Visit, snapshot: &Snapshot, lines: &[Line]) -> Result<Query, Problem> {
    Query::read(&visit.parameters, snapshot, lines)
        .map_err(|wrong| bad(visit.locale, wrong.name, &wrong.value, &wrong.allowed))
}

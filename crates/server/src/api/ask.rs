//! What a program asks for.

use std::sync::Arc;

use centime_analytics::Language;
use centime_render::Locale;
use centime_warehouse::{Revision, Warehouse};

use super::operation::{Operation, USUAL};
use super::problem::Trouble;
use crate::access::Client;
use crate::problem::Problem;
use crate::snapshot::{Published, Snapshot};
use crate::visit::Visit;
use centime_render::link;

/// A question whose parameters have been checked.
#[derive(Debug)]
pub struct Ask {
    pub visit: Visit,
    pub client: Client,
    pub operation: &'static Operation,
}

impl Ask {
    /// A question, unless its parameters are not allowed.
    pub fn new(
        mut visit: Visit,
        client: Client,
        operation: &'static Operation,
    ) -> Result<Self, Trouble> {
        operation.check(&visit.parameters)?;
        visit.locale = Locale::of(Language::English);
        Ok(Self {
            visit,
            client,
            operation,
        })
    }

    /// The part of the address that varies.
    pub fn named(&self) -> String {
        let before = self.operation.variable().map(|(before, _)| before);
        before.map_or_else(String::new, |before| self.visit.rest_of_path(before))
    }

    /// The part of the address that varies, where it is a number.
    pub fn numbered(&self) -> Result<i64, Trouble> {
        self.named().parse().map_err(|_| nothing_there())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.visit.parameter(name)
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// How many records a page may have.
    pub fn limit(&self) -> i64 {
        self.integer("limit").unwrap_or(USUAL)
    }

    pub fn published(&self) -> Result<&Arc<Published>, Trouble> {
        Ok(self.visit.published()?)
    }

    pub fn revision(&self) -> Result<&Revision, Trouble> {
        Ok(&self.published()?.revision)
    }

    pub fn snapshot(&self) -> Result<&Arc<Snapshot>, Trouble> {
        Ok(self.visit.snapshot()?)
    }

    pub fn warehouse(&self) -> Result<&Warehouse, Trouble> {
        Ok(self.visit.warehouse()?)
    }

    /// The address of the page that begins after a place.
    pub fn next(&self, cursor: &str) -> String {
        let others = self.visit.parameters.iter();
        let mut parameters: Vec<(&str, &str)> = others
            .filter(|(name, _)| name != "cursor")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        parameters.push(("cursor", cursor));
        link::to(&self.visit.path, &parameters)
    }
}

/// There is no such thing.
pub fn nothing_there() -> Trouble {
    Problem::NotFound.into()
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        let status = problem.status();
        let new = |kind, title, detail: &str| Self::new(status, kind, title, detail);
        match problem {
            Problem::BadParameter {
                name,
                value,
                allowed,
            } => super::operation::refused(format!(
                "«{name}» cannot be «{value}». Allowed: {allowed}."
            )),
            Problem::WhichBody => new(
                "which-body",
                "There are several public bodies",
                "Say which one with the parameter «body»; /api/v1/bodies lists them.",
            ),
            Problem::UnknownBody { .. } => new(
                "unknown-body",
                "There is no such public body",
                "/api/v1/bodies lists those of the published revision.",
            ),
            Problem::NothingPublished => new(
                "nothing-published",
                "Nothing is published yet",
                "Ask again after the first run has succeeded.",
            ),
            Problem::Unavailable => new(
                "unavailable",
                "The database cannot be read now",
                "Ask again in a minute.",
            ),
            Problem::File(_) | Problem::Internal(_) => {
                tracing::error!(?problem, "an answer could not be made");
                Self::of(status)
            }
            Problem::NotFound => super::nowhere(),
            Problem::MethodNotAllowed => super::not_in_this_way(),
            Problem::NotAllowed | Problem::CrossSite | Problem::LockedOut => Self::of(status),
        }
    }
}

impl From<centime_warehouse::Error> for Trouble {
    fn from(error: centime_warehouse::Error) -> Self {
        Problem::from(error).into()
    }
}

//! The parameters of a view as typed values.

use centime_accounts::{Activity, FiscalYear, Side};
use centime_analytics::{Basis, Grouping};

use crate::charts::Measure;

/// The parameters of a view, in the order in which addresses have them.
pub const PARAMETERS: [&str; 10] = [
    "from", "to", "side", "activity", "grouping", "category", "basis", "unit", "focus", "against",
];

/// Lines of a view whose records are requested: what a mark shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Records {
    /// Of which years, and which of their rows.
    pub which: Which,
    /// The block; `None`: that of the view.
    pub block: Option<String>,
    /// The label; `None` for all of them.
    pub label: Option<String>,
    /// `exact` or `mixed`: lines that took over what M14 called exceptional.
    pub successor: Option<&'static str>,
}

/// How the lines that took over exceptional charges hold them: alone, or among others.
pub const SUCCESSORS: [&str; 2] = ["exact", "mixed"];

/// Which rows of which years are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Which {
    /// All rows of the year in focus.
    #[default]
    Published,
    /// Those of the year in focus that the basis adds.
    Added,
    /// Those of all years that the basis adds.
    Years,
}

impl Which {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Published, Self::Added, Self::Years];

    /// The name used in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Added => "added",
            Self::Years => "years",
        }
    }
}

/// The view that is requested; `None` for each parameter that is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ViewRequest {
    /// The first fiscal year.
    pub from: Option<FiscalYear>,
    /// The last fiscal year.
    pub to: Option<FiscalYear>,
    /// The side.
    pub side: Option<Side>,
    /// The activity.
    pub activity: Option<Activity>,
    /// The terms of categories.
    pub grouping: Option<Grouping>,
    /// The category.
    pub category: Option<String>,
    /// Which lines are added.
    pub basis: Option<Basis>,
    /// The measure of amounts.
    pub measure: Option<Measure>,
    /// The year in focus.
    pub focus: Option<FiscalYear>,
    /// The year that it is compared with.
    pub against: Option<FiscalYear>,
    /// The lines behind a mark, whose records are requested.
    pub records: Option<Records>,
}

impl ViewRequest {
    /// The parameters of the view that are set, in the order in which addresses have them.
    pub(super) fn parameters(&self) -> Vec<(&'static str, String)> {
        let year = |year: Option<FiscalYear>| year.map(|year| year.to_string());
        let values = [
            year(self.from),
            year(self.to),
            self.side.map(|side| side.to_string()),
            self.activity.map(|activity| activity.to_string()),
            self.grouping.map(|grouping| grouping.name().to_owned()),
            self.category.clone(),
            self.basis.map(|basis| basis.name().to_owned()),
            self.measure.map(|measure| measure.name().to_owned()),
            year(self.focus),
            year(self.against),
        ];
        PARAMETERS
            .into_iter()
            .zip(values)
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }
}

/// A parameter that has another value than those allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}={value}: allowed are {}", allowed.join(", "))]
pub struct NotAllowed {
    /// The name of the parameter.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// The values that are allowed.
    pub allowed: Vec<String>,
}

impl NotAllowed {
    /// This value, where others are allowed.
    pub fn new(name: &'static str, value: &str, allowed: &[impl ToString]) -> Self {
        Self {
            name,
            value: value.to_owned(),
            allowed: allowed.iter().map(ToString::to_string).collect(),
        }
    }
}

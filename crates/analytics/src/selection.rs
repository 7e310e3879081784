//! What a reader wants to see of a statement.

use std::ops::RangeInclusive;

use centime_accounts::{Activity, FiscalYear, Grouping, Side};
use centime_warehouse::lines::Line;

use crate::Basis;

/// The names of the sides of a statement.
pub const SIDES: [&str; 2] = [Side::ALL[0].name(), Side::ALL[1].name()];

/// The names of what a public body does when money comes or goes.
pub const ACTIVITIES: [&str; 3] = [
    Activity::ALL[0].name(),
    Activity::ALL[1].name(),
    Activity::ALL[2].name(),
];

/// Which lines are looked at, and how they are added. What is `None` is not restricted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The fiscal years.
    pub years: RangeInclusive<FiscalYear>,
    /// The side.
    pub side: Option<Side>,
    /// The activity.
    pub activity: Option<Activity>,
    /// The category, in the terms of the grouping.
    pub category: Option<String>,
    /// Which rows are added.
    pub basis: Basis,
    /// What they are added up by.
    pub grouping: Grouping,
    /// The year that is looked at closely.
    pub focus: FiscalYear,
    /// The year that it is compared with.
    pub against: FiscalYear,
}

impl Selection {
    /// All of a statement in these years, each euro once, in its published categories.
    pub const fn whole(
        years: RangeInclusive<FiscalYear>,
        focus: FiscalYear,
        against: FiscalYear,
    ) -> Self {
        Self {
            years,
            side: None,
            activity: None,
            category: None,
            basis: Basis::Leaf,
            grouping: Grouping::Published,
            focus,
            against,
        }
    }

    /// Whether lines are restricted by more than their year.
    pub fn is_partial(&self) -> bool {
        self.side.is_some() || self.activity.is_some() || self.category.is_some()
    }

    /// Whether a year has a result only where it has revenue and expense: in a whole statement. A part of
    /// one may have one side, and a plain script takes the side that is missing for nothing.
    pub fn needs_both_sides(&self) -> bool {
        self.activity.is_none() && self.basis == Basis::Leaf
    }

    /// Whether a line is looked at, by side, activity and category.
    pub fn has(&self, line: &Line) -> bool {
        fits(self.side, line.side)
            && fits(self.activity, line.activity)
            && fits(self.category.as_deref(), Some(self.grouping.of(line)))
    }

    /// The side whose categories are shown: expense unless revenue is asked for.
    pub fn shown_side(&self) -> Side {
        self.side.unwrap_or(Side::Expense)
    }

    /// What a line is shown as: its category, or itself within a chosen one.
    pub fn name_of<'a>(&self, line: &'a Line) -> &'a str {
        if self.category.is_some() {
            &line.label
        } else {
            self.grouping.of(line)
        }
    }
}

/// Whether a value is the one wanted, if one is.
fn fits<T: PartialEq + Copy>(wanted: Option<T>, value: Option<T>) -> bool {
    wanted.is_none() || wanted == value
}

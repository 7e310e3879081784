//! The view of a statement that a request leads to, and the addresses of other views.

use std::ops::RangeInclusive;

use centime_accounts::{Activity, FiscalYear, Side};
use centime_analytics::{Basis, Grouping, Selection};
use centime_warehouse::lines::Line;

use super::request::{NotAllowed, PARAMETERS, Records, ViewRequest, Which};
use super::statement::Statement;
use crate::charts::Measure;
use crate::link::{self, Parameters};

/// Where the dashboard is.
pub const PATH: &str = "/dashboard";

/// The view of a statement.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is selected.
    pub selection: Selection,
    /// In which measure.
    pub measure: Measure,
    /// Lines whose records are asked for.
    pub records: Option<Records>,
    /// What can be chosen.
    pub choices: Choices,
    /// The parameters that are set, in the order in which addresses have them.
    set: Vec<(&'static str, String)>,
    /// What every address about the statement carries.
    context: Vec<(&'static str, String)>,
}

/// What can be chosen of a statement.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// Fiscal years, in order.
    pub years: Vec<FiscalYear>,
    /// Categories of the selected side and activity, in the terms of the grouping.
    pub categories: Vec<String>,
    /// Activities that occur.
    pub activities: Vec<Activity>,
}

impl Query {
    /// The view of a statement that is requested. What is not requested, and a year in focus outside of the
    /// requested years, takes the value that fits the statement.
    pub fn new(
        request: ViewRequest,
        statement: &dyn Statement,
        lines: &[Line],
    ) -> Result<Self, NotAllowed> {
        let choices = statement.choices();
        let years = years(statement);
        let (first, last) = match (years.first(), years.last()) {
            (Some(first), Some(last)) => (*first, *last),
            // A body without lines has a dashboard, too; it says that there is nothing.
            _ => (FiscalYear::MIN, FiscalYear::MIN),
        };
        let from = request.from.unwrap_or(first);
        let to = request.to.unwrap_or(last);
        // A range whose ends are swapped means the years between them.
        let range = from.min(to)..=from.max(to);
        let focus = request
            .focus
            .filter(|year| range.contains(year))
            .unwrap_or_else(|| {
                latest_complete(lines, &years, range.clone()).unwrap_or(*range.end())
            });
        let against = request.against.filter(|year| *year != focus);
        let against = against.unwrap_or_else(|| before(&years, focus));
        let mut selection = Selection {
            side: request.side,
            activity: request.activity,
            basis: request.basis.unwrap_or_default(),
            grouping: request.grouping.unwrap_or_default(),
            ..Selection::whole(range, focus, against)
        };
        let categories = categories(lines, &selection);
        if let Some(wanted) = &request.category {
            if categories.iter().any(|known| known == wanted) {
                selection.category = Some(wanted.clone());
            } else if !is_any_category(lines, wanted) {
                return Err(NotAllowed::new("category", wanted, &categories));
            }
        }
        let set = ViewRequest {
            // A category of another side or grouping is no longer selected when those are changed.
            category: selection.category.clone(),
            ..request.clone()
        };
        Ok(Self {
            choices: Choices {
                years,
                categories,
                activities: choices.activities.clone(),
            },
            selection,
            measure: request.measure.unwrap_or_default(),
            records: request.records,
            set: set.parameters(),
            context: statement.context(),
        })
    }

    /// The value of a parameter as the address has it; empty when it is not set.
    pub fn value(&self, name: &str) -> &str {
        let found = self.set.iter().find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The parameters that are set.
    pub fn set(&self) -> &[(&'static str, String)] {
        &self.set
    }

    /// The parameters of the same view with changes; `None` takes one away. What depends on a
    /// changed parameter goes with it.
    fn changed(&self, changes: &[(&str, Option<&str>)]) -> Parameters {
        let changes_of = |name: &str| changes.iter().find(|(changed, _)| *changed == name);
        // A category has a meaning only in its grouping and on its side.
        let loses_category = ["grouping", "side", "activity"].into_iter().any(|name| {
            changes_of(name).is_some_and(|(_, value)| value.unwrap_or("") != self.value(name))
        });
        let mut parameters: Parameters = self
            .context
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        for name in PARAMETERS {
            let kept = Some(self.value(name))
                .filter(|value| !(value.is_empty() || name == "category" && loses_category));
            let value = match changes_of(name) {
                Some((_, value)) => *value,
                None => kept,
            };
            parameters.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        }
        for (name, value) in changes {
            if !PARAMETERS.contains(name) {
                parameters.extend(value.map(|value| ((*name).to_owned(), value.to_owned())));
            }
        }
        parameters
    }

    /// The address of this view under another path, such as a download.
    pub fn at(&self, path: &str) -> String {
        link::to(path, &self.changed(&[]))
    }

    /// The address of the same view with changes.
    pub fn with(&self, changes: &[(&str, Option<&str>)]) -> String {
        self.changed_at(PATH, changes)
    }

    /// The address of this view under another path, with changes.
    pub fn changed_at(&self, path: &str, changes: &[(&str, Option<&str>)]) -> String {
        link::to(path, &self.changed(changes))
    }

    /// The address that a click on a mark leads to.
    pub fn link_url(&self, link_params: &[(&'static str, Option<String>)]) -> String {
        let changes: Vec<(&str, Option<&str>)> = link_params
            .iter()
            .map(|(name, value)| (*name, value.as_deref()))
            .collect();
        self.with(&changes)
    }

    /// The address of lines whose records are asked for.
    pub fn records(&self, records: &Records) -> String {
        let selection = &self.selection;
        let inside = selection.category.is_some().then(|| selection.shown_side());
        self.lines(&Figure {
            side: selection.side.or(inside),
            year: (records.which != Which::Years).then_some(self.selection.focus),
            category: records.block.as_deref(),
            label: records.label.as_deref(),
            successor: records.successor,
            rows: match records.which {
                Which::Published => Rows::Published,
                Which::Added => Rows::Added,
                Which::Years => Rows::Signed,
            },
            ..Figure::default()
        })
    }

    /// The address of the lines behind a figure.
    pub fn lines(&self, figure: &Figure<'_>) -> String {
        let selection = &self.selection;
        let year = figure.year.map(|year| year.to_string());
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        let context = self.context.iter();
        parameters.extend(context.map(|(name, value)| (*name, value.as_str())));
        parameters.extend(year.as_deref().map(|year| ("year", year)));
        let side = figure.side.or(selection.side);
        parameters.extend(side.map(|side| ("side", side.name())));
        let activity = selection.activity;
        let mut by_activity = figure.activity.or(activity);
        // A category of a table of lines is always the published one, whatever the view is restricted to.
        let (block, category) = match (selection.grouping, figure.label) {
            (Grouping::Harmonised, None) => {
                (None, figure.category.or(selection.category.as_deref()))
            }
            (Grouping::Harmonised, Some(_)) => (figure.category, selection.category.as_deref()),
            (Grouping::Published, _) => (figure.category.or(selection.category.as_deref()), None),
        };
        if let Some(category) = category {
            let of_revenue = Activity::named(category).filter(|_| side == Some(Side::Revenue));
            if of_revenue.is_some() {
                by_activity = of_revenue;
            } else {
                parameters.push(("harmonised", category));
            }
        }
        parameters.extend(block.map(|block| ("category", block)));
        parameters.extend(by_activity.map(|activity| ("activity", activity.name())));
        parameters.extend(figure.successor.map(|how| ("successor", how)));
        parameters.extend(figure.label.map(|label| ("label", label)));
        match (selection.basis, figure.rows) {
            (_, Rows::Published) | (Basis::Naive, Rows::Signed) => {}
            (Basis::Leaf, _) => parameters.push(("counted", "yes")),
            (Basis::Naive, Rows::Added) => parameters.push(("counted", "naive")),
        }
        link::to("/lines", &parameters)
    }
}

/// Which rows a figure is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rows {
    /// All of them.
    #[default]
    Published,
    /// Those that a basis adds up to a result: a plain script leaves out those below zero.
    Added,
    /// Those that it adds up by category, where a plain script keeps them.
    Signed,
}

/// A figure by the lines that it is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figure<'a> {
    /// The fiscal year.
    pub year: Option<FiscalYear>,
    /// The side.
    pub side: Option<Side>,
    /// The category, in the terms of the grouping.
    pub category: Option<&'a str>,
    /// The activity; `None`: that of the view.
    pub activity: Option<Activity>,
    /// The line.
    pub label: Option<&'a str>,
    /// `exact` or `mixed`: lines that took over what M14 called exceptional.
    pub successor: Option<&'a str>,
    /// Which rows.
    pub rows: Rows,
}

/// The categories of a selection, in the order of the latest statement.
fn categories(lines: &[Line], selection: &Selection) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| selection.has(line)) {
        if line.side.is_none() || (selection.side.is_none() && line.side != Some(Side::Expense)) {
            continue;
        }
        let name = selection.grouping.of(line);
        if !found.iter().any(|known| known == name) {
            found.push(name.to_owned());
        }
    }
    found
}

/// Whether a text is a category of the statement in any grouping.
fn is_any_category(lines: &[Line], name: &str) -> bool {
    let of_grouping = |line: &Line, grouping: Grouping| grouping.of(line) == name;
    lines.iter().any(|line| {
        Grouping::ALL
            .into_iter()
            .any(|grouping| of_grouping(line, grouping))
    })
}

/// The latest year without a missing amount.
fn latest_complete(
    lines: &[Line],
    years: &[FiscalYear],
    range: RangeInclusive<FiscalYear>,
) -> Option<FiscalYear> {
    let complete = |year: &FiscalYear| {
        !lines
            .iter()
            .any(|line| line.fiscal_year == *year && line.missing)
    };
    let inside = years.iter().rev().filter(|year| range.contains(year));
    inside.copied().find(|year| complete(year))
}

/// The fiscal years of a statement, in order.
pub fn years(statement: &dyn Statement) -> Vec<FiscalYear> {
    let mut years = statement.choices().fiscal_years.clone();
    years.sort_unstable();
    years
}

/// The year before another, as far as there is one; else the one after.
fn before(years: &[FiscalYear], focus: FiscalYear) -> FiscalYear {
    let earlier = years.iter().rev().find(|year| **year < focus);
    let later = || years.iter().find(|year| **year > focus);
    earlier.or_else(later).copied().unwrap_or(focus)
}

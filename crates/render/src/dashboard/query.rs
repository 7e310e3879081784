//! What an address asks the dashboard for.

use centime_analytics::selection::{ACTIVITIES, SIDES, UNRECOGNISED};
use centime_analytics::{Basis, Grouping, Selection};
use centime_warehouse::lines::Line;

use super::Statement;
use crate::charts::Measure;
use crate::link::{self, Parameters};

/// Where the dashboard is.
pub const PATH: &str = "/dashboard";

/// What an address asks for.
#[derive(Clone, Debug)]
pub struct Query {
    /// What is looked at.
    pub selection: Selection,
    /// In which measure.
    pub measure: Measure,
    /// A line whose records are asked for.
    pub line: Option<String>,
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
    pub years: Vec<i64>,
    /// Categories of the side and activity that are looked at, in the terms of the grouping.
    pub categories: Vec<String>,
    /// Activities that occur.
    pub activities: Vec<String>,
}

/// The parameters of a view, in the order in which addresses have them.
pub const PARAMETERS: [&str; 10] = [
    "from", "to", "side", "activity", "grouping", "category", "basis", "unit", "focus", "against",
];

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

impl Query {
    /// Reads the parameters of an address; those that are empty or unknown say nothing.
    pub fn read(
        parameters: &[(String, String)],
        statement: &dyn Statement,
        lines: &[Line],
    ) -> Result<Self, NotAllowed> {
        let given = Given(parameters);
        let choices = statement.choices();
        let mut years = choices.fiscal_years.clone();
        years.sort_unstable();
        let (first, last) = match (years.first(), years.last()) {
            (Some(first), Some(last)) => (*first, *last),
            // A body without lines has a dashboard, too; it says that there is nothing.
            _ => (0, 0),
        };
        let year = |name| given.year(name, &years);
        let from = year("from")?.unwrap_or(first);
        let to = year("to")?.unwrap_or(last);
        // Whoever mixes the two up means the years between them.
        let range = from.min(to)..=from.max(to);
        let word = |name, allowed: &[&'static str]| given.word(name, allowed);
        let side = word("side", &SIDES)?.map(str::to_owned);
        let activity = word("activity", &ACTIVITIES)?.map(str::to_owned);
        let grouping = word("grouping", &Grouping::ALL.map(Grouping::name))?;
        let grouping = Grouping::ALL
            .into_iter()
            .find(|known| Some(known.name()) == grouping)
            .unwrap_or_default();
        let basis = word("basis", &Basis::ALL.map(Basis::name))?;
        let basis = basis.and_then(|name| name.parse().ok()).unwrap_or_default();
        let measure = word("unit", &Measure::ALL.map(Measure::name))?;
        let measure = measure
            .and_then(|name| name.parse().ok())
            .unwrap_or_default();
        let focus = year("focus")?
            .filter(|year| range.contains(year))
            .unwrap_or_else(|| {
                latest_complete(lines, &years, range.clone()).unwrap_or(*range.end())
            });
        let against = year("against")?.filter(|year| *year != focus);
        let against = against.unwrap_or_else(|| before(&years, focus));
        let mut selection = Selection {
            side,
            activity,
            basis,
            grouping,
            ..Selection::whole(range, focus, against)
        };
        let categories = categories(lines, &selection);
        if let Some(wanted) = given.value("category") {
            if categories.iter().any(|known| known == wanted) {
                selection.category = Some(wanted.to_owned());
            } else if !is_any_category(lines, wanted) {
                return Err(not_allowed("category", wanted, &categories));
            }
        }
        // A category of another side or grouping is no longer looked at when those are changed.
        let kept = |name: &str| name != "category" || selection.category.is_some();
        let set = PARAMETERS
            .into_iter()
            .filter(|name| kept(name))
            .filter_map(|name| Some((name, given.value(name)?.to_owned())))
            .collect();
        Ok(Self {
            choices: Choices {
                years,
                categories,
                activities: choices.activities.clone(),
            },
            selection,
            measure,
            line: given.value("line").map(str::to_owned),
            set,
            context: statement.context(),
        })
    }

    /// Whether parameters choose anything of a statement.
    pub fn chooses(parameters: &[(String, String)]) -> bool {
        let given = Given(parameters);
        PARAMETERS
            .into_iter()
            .any(|name| given.value(name).is_some())
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

    /// The address of the lines behind a figure.
    pub fn lines(&self, figure: &Figure<'_>) -> String {
        let selection = &self.selection;
        let year = figure.year.map(|year| year.to_string());
        let mut parameters: Vec<(&str, &str)> = Vec::new();
        let context = self.context.iter();
        parameters.extend(context.map(|(name, value)| (*name, value.as_str())));
        parameters.extend(year.as_deref().map(|year| ("year", year)));
        let side = figure.side.or(selection.side.as_deref());
        parameters.extend(side.map(|side| ("side", side)));
        let activity = selection.activity.as_deref();
        let category = figure.category.or(selection.category.as_deref());
        let mut by_activity = activity;
        match (selection.grouping, category) {
            (_, None) => {}
            // A category of a table of lines is always the published one.
            (Grouping::Harmonised, Some(category)) if figure.label.is_none() => {
                if ACTIVITIES.contains(&category) && side == Some("revenue") {
                    by_activity = Some(category);
                } else if category == UNRECOGNISED {
                    parameters.push(("unknown", "yes"));
                } else {
                    parameters.push(("harmonised", category));
                }
            }
            (_, Some(category)) => parameters.push(("category", category)),
        }
        parameters.extend(by_activity.map(|activity| ("activity", activity)));
        parameters.extend(figure.label.map(|label| ("q", label)));
        if selection.basis == Basis::Leaf && figure.added {
            parameters.push(("counted", "yes"));
        }
        link::to("/lines", &parameters)
    }
}

/// A figure by the lines that it is made of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Figure<'a> {
    /// The fiscal year.
    pub year: Option<i64>,
    /// `revenue` or `expense`.
    pub side: Option<&'a str>,
    /// The category, in the terms of the grouping.
    pub category: Option<&'a str>,
    /// The line.
    pub label: Option<&'a str>,
    /// Whether only the lines that are added up are wanted.
    pub added: bool,
}

/// The categories of what is looked at, in the order of the latest statement.
fn categories(lines: &[Line], selection: &Selection) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for line in lines.iter().filter(|line| selection.has(line)) {
        if line.side.is_none()
            || (selection.side.is_none() && line.side.as_deref() != Some("expense"))
        {
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
    years: &[i64],
    range: std::ops::RangeInclusive<i64>,
) -> Option<i64> {
    let complete = |year: &i64| {
        !lines
            .iter()
            .any(|line| line.fiscal_year == *year && line.missing)
    };
    let inside = years.iter().rev().filter(|year| range.contains(year));
    inside.copied().find(|year| complete(year))
}

/// The year before another, as far as there is one; else the one after.
fn before(years: &[i64], focus: i64) -> i64 {
    let earlier = years.iter().rev().find(|year| **year < focus);
    let later = || years.iter().find(|year| **year > focus);
    earlier.or_else(later).copied().unwrap_or(focus)
}

/// The parameters that are given.
struct Given<'a>(&'a [(String, String)]);

impl<'a> Given<'a> {
    /// A value; `None` when there is none or an empty one.
    fn value(&self, wanted: &str) -> Option<&'a str> {
        self.0
            .iter()
            .find(|(name, value)| name == wanted && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    fn word(
        &self,
        name: &'static str,
        allowed: &[&'static str],
    ) -> Result<Option<&'static str>, NotAllowed> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match allowed.iter().find(|known| **known == value) {
            Some(known) => Ok(Some(known)),
            None => Err(not_allowed(name, value, allowed)),
        }
    }

    fn year(&self, name: &'static str, years: &[i64]) -> Result<Option<i64>, NotAllowed> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match value.parse() {
            Ok(year) if years.contains(&year) => Ok(Some(year)),
            _ => Err(not_allowed(name, value, years)),
        }
    }
}

fn not_allowed(name: &'static str, value: &str, allowed: &[impl ToString]) -> NotAllowed {
    NotAllowed {
        name,
        value: value.to_owned(),
        allowed: allowed.iter().map(ToString::to_string).collect(),
    }
}

#[cfg(test)]
mod tests {
    use centime_analytics::{Analysis, Table};
    use centime_test_input::altered_text;
    use centime_warehouse::lines::Choices as LineChoices;
    use proptest::prelude::*;

    use super::*;
    use crate::Locale;
    use crate::draw::spec::Break;

    /// A body with a line or two.
    struct Small {
        choices: LineChoices,
        table: Table,
    }

    impl Statement for Small {
        fn table(&self, _: &Analysis, _: Basis) -> &Table {
            &self.table
        }

        fn choices(&self) -> &LineChoices {
            &self.choices
        }

        fn breaks(&self, _: &Locale) -> Vec<Break> {
            Vec::new()
        }

        fn parameter(&self) -> Option<(&'static str, &str)> {
            Some(("body", "217500016"))
        }
    }

    fn line(fiscal_year: i64, side: &str) -> Line {
        let text = || String::from("CHARGES");
        Line {
            siren: "217500016".to_owned(),
            record: fiscal_year,
            fiscal_year,
            nomenclature: Some("M57".to_owned()),
            side: Some(side.to_owned()),
            activity: Some("operating".to_owned()),
            block: None,
            category: text(),
            code: None,
            label: text(),
            published_category: text(),
            published_label: text(),
            matched: "exact".to_owned(),
            role: "line".to_owned(),
            parent: None,
            harmonised: Some("other".to_owned()),
            amount: Some(1),
            counted: true,
            missing: false,
            nil: false,
        }
    }

    proptest! {
        #[test]
        fn any_query_is_a_view_or_refused(
            query in altered_text(&[
                "from=2019&to=2024&side=expense&activity=operating&grouping=harmonised&category=other",
                "unit=share&focus=2024&against=2019&basis=naive&line=CHARGES",
                "to=2019&from=2024&category=CHARGES",
            ]),
            empty in any::<bool>(),
        ) {
            let lines = if empty { Vec::new() } else { vec![line(2024, "expense"), line(2019, "revenue")] };
            let choices = LineChoices {
                fiscal_years: lines.iter().map(|line| line.fiscal_year).collect(),
                ..LineChoices::default()
            };
            let table = Table { columns: Vec::new(), rows: Vec::new() };
            let body = Small { choices, table };
            if let Ok(view) = Query::read(&link::parse(&query), &body, &lines) {
                // What a view says of itself leads to it again.
                let address = view.at(PATH);
                let (_, query) = address.split_once('?').unwrap_or_default();
                let again = Query::read(&link::parse(query), &body, &lines);
                prop_assert_eq!(again.unwrap().at(PATH), address);
            }
        }
    }
}

//! The parameters of the dashboard: what an address says of the view that is requested.

use centime_accounts::{Activity, FiscalYear, Side};
use centime_analytics::selection::{ACTIVITIES, SIDES};
use centime_analytics::{Basis, Grouping};
use centime_render::charts::Measure;
use centime_render::dashboard::{
    NotAllowed, PARAMETERS, Query, Records, SUCCESSORS, Statement, ViewRequest, Which, years,
};
use centime_warehouse::lines::Line;

/// Reads the view that parameters request of a statement; those that are empty or unknown say nothing.
pub fn read(
    parameters: &[(String, String)],
    statement: &dyn Statement,
    lines: &[Line],
) -> Result<Query, NotAllowed> {
    Query::new(request(parameters, &years(statement))?, statement, lines)
}

/// Whether parameters choose anything of a statement.
pub fn chooses(parameters: &[(String, String)]) -> bool {
    let given = Given(parameters);
    PARAMETERS
        .into_iter()
        .any(|name| given.value(name).is_some())
}

fn request(
    parameters: &[(String, String)],
    years: &[FiscalYear],
) -> Result<ViewRequest, NotAllowed> {
    let given = Given(parameters);
    let year = |name| given.year(name, years);
    let word = |name, allowed: &[&'static str]| given.word(name, allowed);
    // In this order, because an address with several values that are not allowed is answered with the first.
    let (from, to) = (year("from")?, year("to")?);
    let side = word("side", &SIDES)?.and_then(Side::named);
    let activity = word("activity", &ACTIVITIES)?.and_then(Activity::named);
    let grouping = word("grouping", &Grouping::ALL.map(Grouping::name))?;
    let basis = word("basis", &Basis::ALL.map(Basis::name))?;
    let measure = word("unit", &Measure::ALL.map(Measure::name))?;
    Ok(ViewRequest {
        from,
        to,
        side,
        activity,
        grouping: Grouping::ALL
            .into_iter()
            .find(|known| Some(known.name()) == grouping),
        category: given.value("category").map(str::to_owned),
        basis: basis.and_then(|name| name.parse().ok()),
        measure: measure.and_then(|name| name.parse().ok()),
        focus: year("focus")?,
        against: year("against")?,
        records: records(&given)?,
    })
}

/// The lines that a mark shows, where their records are requested.
fn records(given: &Given<'_>) -> Result<Option<Records>, NotAllowed> {
    let which = given.word("lines", &Which::ALL.map(Which::name))?;
    let label = given.value("line").map(str::to_owned);
    if which.is_none() && label.is_none() {
        return Ok(None);
    }
    let which = Which::ALL
        .into_iter()
        .find(|known| Some(known.name()) == which);
    Ok(Some(Records {
        which: which.unwrap_or_default(),
        block: given.value("block").map(str::to_owned),
        label,
        successor: given.word("successor", &SUCCESSORS)?,
    }))
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
            None => Err(NotAllowed::new(name, value, allowed)),
        }
    }

    fn year(
        &self,
        name: &'static str,
        years: &[FiscalYear],
    ) -> Result<Option<FiscalYear>, NotAllowed> {
        let Some(value) = self.value(name) else {
            return Ok(None);
        };
        match value.parse() {
            Ok(year) if years.contains(&year) => Ok(Some(year)),
            _ => Err(NotAllowed::new(name, value, years)),
        }
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::label::Match;
    use centime_accounts::nomenclature::Nomenclature;
    use centime_accounts::{Centimes, Role};
    use centime_analytics::{Analysis, Table};
    use centime_test_input::altered_text;
    use centime_warehouse::lines::Choices as LineChoices;
    use centime_warehouse::quality::SeriesBreak;
    use proptest::prelude::*;

    use centime_render::Locale;
    use centime_render::dashboard::PATH;
    use centime_render::draw::spec::Break;

    use super::*;
    use crate::http::query_string;

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

        fn series_breaks(&self) -> &[SeriesBreak] {
            &[]
        }

        fn parameter(&self) -> Option<(&'static str, &str)> {
            Some(("body", "217500016"))
        }
    }

    fn line(fiscal_year: u16, side: Side) -> Line {
        let fiscal_year = FiscalYear::new(fiscal_year);
        let text = || String::from("CHARGES");
        Line {
            siren: "217500016".to_owned(),
            record: fiscal_year.into(),
            fiscal_year,
            nomenclature: Nomenclature::by_code("M57"),
            side: Some(side),
            activity: Some(Activity::Operating),
            block: None,
            category: text(),
            code: None,
            label: text(),
            published_category: text(),
            published_label: text(),
            matched: Match::Exact,
            role: Role::Line,
            parent: None,
            harmonised: Some("other".to_owned()),
            amount: Some(Centimes::new(1)),
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
                "unit=share&focus=2024&against=2019&basis=naive&line=CHARGES&block=x&lines=added&successor=exact",
                "to=2019&from=2024&category=CHARGES",
            ]),
            empty in any::<bool>(),
        ) {
            let lines = if empty { Vec::new() } else { vec![line(2024, Side::Expense), line(2019, Side::Revenue)] };
            let choices = LineChoices {
                fiscal_years: lines.iter().map(|line| line.fiscal_year).collect(),
                ..LineChoices::default()
            };
            let table = Table { columns: Vec::new(), rows: Vec::new() };
            let body = Small { choices, table };
            if let Ok(view) = read(&query_string::parse(&query), &body, &lines) {
                // What a view says of itself leads to it again.
                let address = view.at(PATH);
                let (_, query) = address.split_once('?').unwrap_or_default();
                let again = read(&query_string::parse(query), &body, &lines);
                prop_assert_eq!(again.unwrap().at(PATH), address);
            }
        }
    }
}

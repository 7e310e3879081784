//! How the revenue of a year becomes its result.

use centime_analytics::Table;

use super::{View, text, told};
use crate::draw::spec::{Chart, Color, Plot, Step, Steps};

/// The most expense categories with a step of their own.
const MOST: usize = 11;

/// The revenue of the year in focus, what each category takes of it, and what is left.
pub fn steps(table: &Table, view: &View<'_>) -> Chart {
    let locale = view.locale;
    let year = view.selection.focus;
    let rows: Vec<(&str, &str, i64)> = table
        .rows
        .iter()
        .filter_map(|row| {
            let amount = view.measured(year, table.cell(row, "amount").integer())?;
            Some((
                text(table, row, "step"),
                text(table, row, "category"),
                amount,
            ))
        })
        .collect();
    let mut steps: Vec<Step> = Vec::new();
    let mut left = 0_i64;
    let expenses = rows.iter().filter(|(step, ..)| *step == "expense").count();
    let own = if expenses > MOST { MOST - 1 } else { MOST };
    let mut seen = 0;
    let mut rest = 0_i64;
    for (step, category, amount) in &rows {
        match *step {
            "revenue" => {
                left = *amount;
                steps.push(Step {
                    name: locale.term("column", "revenue").to_owned().into(),
                    from: 0,
                    to: left,
                    value: left,
                    color: Color::First,
                    go: vec![("side", Some("revenue".to_owned()))],
                });
            }
            "expense" => {
                seen += 1;
                let to = left.saturating_sub(*amount);
                if seen <= own {
                    steps.push(Step {
                        name: view.name(category),
                        from: left,
                        to,
                        value: amount.saturating_neg(),
                        color: Color::Signal,
                        go: view.category_go(category),
                    });
                    left = to;
                } else {
                    rest = rest.saturating_add(*amount);
                }
            }
            _ => {
                if seen > own {
                    let others = i64::try_from(seen - own).unwrap_or(i64::MAX);
                    let to = left.saturating_sub(rest);
                    steps.push(Step {
                        name: locale.count("chart.others", others).into(),
                        from: left,
                        to,
                        value: rest.saturating_neg(),
                        color: Color::Rest,
                        go: Vec::new(),
                    });
                }
                steps.push(Step {
                    name: locale.term("column", "result").to_owned().into(),
                    from: 0,
                    to: *amount,
                    value: *amount,
                    color: if *amount < 0 {
                        Color::Signal
                    } else {
                        Color::First
                    },
                    go: Vec::new(),
                });
            }
        }
    }
    let unit = view.unit(steps.iter().flat_map(|step| [step.from, step.to]));
    let drawn = !steps.is_empty();
    let year = year.to_string();
    let notes = if drawn {
        Vec::new()
    } else {
        vec![locale.fill("chart.year_incomplete", &[("year", &year)])]
    };
    let figures = steps
        .iter()
        .map(|step| (step.name.whole(), unit.fitting(step.value.into())));
    let told = told(locale, figures);
    Chart {
        name: "steps",
        title: locale.fill("chart.title.steps", &[("year", &year)]),
        unit: view.words(unit),
        told,
        legend: Vec::new(),
        notes,
        plot: drawn.then_some(Plot::Steps(Steps { unit, steps })),
    }
}

//! How the revenue of a year becomes its result.

use centime_accounts::Side;
use centime_analytics::views::Step;
use centime_analytics::{Table, columns};

use super::view::{View, named_figures, text};
use crate::draw::spec::{Chart, Color, LinkParams, Name, Plot, Step as Drawn, Steps};

/// The most expense categories with a step of their own.
const MOST: usize = 11;

/// The revenue of the year in focus, what each category takes of it, and what is left.
pub fn steps(table: &Table, view: &View<'_>) -> Chart {
    let locale = view.locale;
    let year = view.selection.focus;
    let rows: Vec<(Step, &str, i64)> = table
        .rows
        .iter()
        .filter_map(|row| {
            let amount = table.cell(row, columns::AMOUNT).amount()?.get();
            let step = Step::named(text(table, row, columns::STEP))?;
            Some((step, text(table, row, columns::CATEGORY), amount))
        })
        .collect();
    let drafts = if view.has_shares(year) {
        drafts(&rows, view)
    } else {
        Vec::new()
    };
    let measured = |amount: i64| view.measured(year, Some(amount));
    let ends = drafts.iter().flat_map(|draft| [draft.from, draft.to]);
    let unit = view.unit(ends.filter_map(measured));
    let steps: Vec<Drawn> = drafts
        .into_iter()
        .filter_map(|draft| {
            Some(Drawn {
                from: measured(draft.from)?,
                to: measured(draft.to)?,
                figure: view.figure(unit, year, draft.amount)?,
                name: draft.name,
                color: draft.color,
                link_params: draft.link_params,
            })
        })
        .collect();
    let drawn = !steps.is_empty();
    let mut notes = Vec::new();
    if rows.is_empty() {
        notes.push(view.no_rows());
    } else if !drawn {
        notes.push(locale.text("chart.no_revenue").to_owned());
    }
    let figures = steps
        .iter()
        .map(|step| (step.name.whole(), step.figure.whole.clone()));
    let alt_text = named_figures(locale, figures);
    Chart {
        name: "steps",
        title: locale.fill("chart.title.steps", &[("year", &year.to_string())]),
        unit: view.words(unit),
        alt_text,
        legend: Vec::new(),
        notes,
        plot: drawn.then_some(Plot::Steps(Steps { unit, steps })),
    }
}

/// A step in centimes.
struct Draft {
    name: Name,
    from: i64,
    to: i64,
    amount: i64,
    color: Color,
    link_params: LinkParams,
}

/// The steps of some rows: those of the smallest categories are one, where there are too many.
fn drafts(rows: &[(Step, &str, i64)], view: &View<'_>) -> Vec<Draft> {
    let locale = view.locale;
    let mut expenses: Vec<(&str, i64)> = rows
        .iter()
        .filter(|(step, ..)| *step == Step::Of(Side::Expense))
        .map(|(_, category, amount)| (*category, *amount))
        .collect();
    let of = |wanted: Step| {
        let found = rows.iter().find(|(step, ..)| *step == wanted);
        found.map(|(.., amount)| *amount)
    };
    let mut drafts = Vec::new();
    let mut left = 0_i64;
    if let Some(revenue) = of(Step::Of(Side::Revenue)) {
        left = revenue;
        drafts.push(Draft {
            name: view.column(columns::REVENUE).to_owned().into(),
            from: 0,
            to: revenue,
            amount: revenue,
            color: Color::First,
            link_params: vec![
                ("side", Some(Side::Revenue.to_string())),
                ("category", None),
            ],
        });
    }
    let rest = if expenses.len() > MOST {
        expenses.split_off(MOST - 1)
    } else {
        Vec::new()
    };
    let mut taken = |name: Name, amount: i64, color: Color, link_params: LinkParams| {
        let from = left;
        left = left.saturating_sub(amount);
        drafts.push(Draft {
            name,
            from,
            to: left,
            amount: amount.saturating_neg(),
            color,
            link_params,
        });
    };
    for (category, amount) in expenses {
        let link_params = vec![
            ("side", Some(Side::Expense.to_string())),
            ("category", Some(category.to_owned())),
        ];
        taken(view.name(category), amount, Color::Signal, link_params);
    }
    if !rest.is_empty() {
        let others = i64::try_from(rest.len()).unwrap_or(i64::MAX);
        let sum = rest
            .iter()
            .fold(0_i64, |sum, (_, amount)| sum.saturating_add(*amount));
        let name = locale.count("chart.others", others).into();
        taken(name, sum, Color::Rest, Vec::new());
    }
    drafts.extend(of(Step::Result).map(|result| Draft {
        name: result_name(view).into(),
        from: 0,
        to: result,
        amount: result,
        color: if result < 0 {
            Color::Signal
        } else {
            Color::First
        },
        link_params: View::result_link_params(),
    }));
    drafts
}

/// What is left, as it is called of a whole statement and of a part of one.
fn result_name(view: &View<'_>) -> String {
    let (group, name) = if view.has_results() {
        ("column", columns::RESULT.as_str())
    } else {
        ("chart.flow", "balance")
    };
    view.locale.term(group, name).to_owned()
}

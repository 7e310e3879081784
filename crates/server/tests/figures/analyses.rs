//! The analyses on their pages and as files, and the home page.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use serde_json::Value;

use super::statement::{Line, Made, View, share, sum};
use super::surfaces::{Answers, Check, Table, between, table_of_csv, table_of_json, text_of};
use super::written::Stated;

/// Revenue and expense of an activity in a year on a basis, where the analysis has a row of it.
fn of_activity(made: &Made, naive: bool, activity: &str, year: i64) -> Option<[Option<i64>; 2]> {
    let of_year = || {
        let lines = made.lines.iter();
        lines.filter(move |line| line.year == year && line.activity == activity)
    };
    of_year().next()?;
    Some(["revenue", "expense"].map(|side| {
        let drops = naive && activity == "operating";
        let lines = of_year().filter(|line| line.side == side);
        let sum = sum(
            lines.filter(|line| !(drops && line.amount.is_some_and(|amount| amount < 0))),
            naive,
        );
        match activity {
            // A body without a line of finance has none; the plain script stops at the revenue.
            "financial" if naive && side == "expense" => None,
            "operating" | "financial" if naive => Some(sum.amount),
            "financial" => (sum.missing == 0).then_some(sum.amount),
            _ => sum.known(),
        }
    }))
}

/// The columns of an analysis of an activity in a year.
fn columns(
    made: &Made,
    naive: bool,
    chart: &str,
    year: i64,
) -> Option<Vec<(&'static str, Option<i64>)>> {
    let activity = match chart {
        "operating" => "operating",
        "financial" => "financial",
        _ => "exceptional",
    };
    let found = of_activity(made, naive, activity, year);
    let less =
        |[revenue, expense]: [Option<i64>; 2]| revenue.zip(expense).map(|(one, other)| one - other);
    Some(match chart {
        "operating" => {
            let sides = found?;
            let result = less(sides);
            let margin = result
                .zip(sides[0])
                .and_then(|(result, revenue)| share(result, revenue));
            vec![
                ("operating_revenue", sides[0]),
                ("operating_expense", sides[1]),
                ("operating_result", result),
                ("margin", margin),
            ]
        }
        "financial" => {
            let sides = found?;
            vec![
                ("financial_revenue", sides[0]),
                ("financial_expense", sides[1]),
                ("net_financial_result", less(sides)),
                // No made line is one of the income of financial assets.
                ("asset_income", sides[0].filter(|_| !naive).map(|_| 0)),
                ("mixed_income", sides[0].filter(|_| !naive).map(|_| 0)),
                ("financial_assets", None),
                ("rate_of_return", None),
            ]
        }
        _ => {
            let has = |line: &Line| {
                line.year == year && line.activity == "exceptional" && line.side == "expense"
            };
            let rows = made.lines.iter().any(has);
            if naive && !rows {
                return None;
            }
            vec![
                ("exceptional_charges", found.and_then(|sides| sides[1])),
                ("successor_charges", None),
                ("mixed_charges", None),
            ]
        }
    })
}

/// The figures of a chart of an activity in a year.
pub fn activity(
    check: &Check<'_>,
    chart: &str,
    year: i64,
    put: &mut dyn FnMut(&'static str, Option<Stated>),
) {
    for (name, value) in columns(check.made, check.view.naive, chart, year).unwrap_or_default() {
        let shown = match name {
            "margin" => value.map(Stated::Rate),
            "operating_revenue"
            | "operating_expense"
            | "exceptional_charges"
            | "financial_revenue"
            | "financial_expense" => value.map(Stated::Amount),
            _ => continue,
        };
        put(name, shown);
    }
}

/// The rows of an analysis of an activity.
pub fn rows(
    check: &mut Check<'_>,
    at: &str,
    chart: &str,
    table: &Table,
    years: RangeInclusive<i64>,
) {
    let naive = check.view.naive;
    let expected = check
        .made
        .years()
        .into_iter()
        .filter(|year| years.contains(year))
        .filter_map(|year| {
            Some((
                vec![year.to_string()],
                columns(check.made, naive, chart, year)?,
            ))
        })
        .collect();
    check.table(at, table, &["fiscal_year"], &expected);
}

/// An analysis as a page or a file.
pub fn check(check: &mut Check<'_>, name: &str, text: &str, answers: &Answers) {
    let (analysis, form) = name.rsplit_once('.').unwrap();
    let at = format!("analysis/{name}");
    let csv = || table_of_csv(&answers[&format!("analysis/{analysis}.csv")]);
    match form {
        "csv" => of_rows(check, &at, analysis, &table_of_csv(text), false),
        "json" => {
            check.tally.needs(
                &format!("{at} differs from CSV"),
                table_of_json(text).rows == csv().rows,
            );
        }
        "xlsx" | "parquet" => {
            let (sheet, plain) = (table_of_csv(text).rows, csv().rows);
            let differs = sheet.iter().zip(&plain).find(|(one, other)| one != other);
            check.tally.needs(
                &format!("{at} differs from CSV: {differs:?}"),
                sheet == plain,
            );
        }
        "html" => page(check, &at, text, &csv()),
        _ => {}
    }
}

/// The rows of an analysis that the API gives on a basis, in JSON and in CSV.
pub fn check_api(check: &mut Check<'_>, name: &str, text: &str, answers: &Answers) {
    let (basis, analysis, form) = match name.split(['/', '.']).collect::<Vec<_>>()[..] {
        ["lines", ..] => return,
        [basis, analysis, form] => (basis, analysis, form),
        _ => panic!("{name}"),
    };
    let at = format!("api/{name}");
    let json = |text: &str| {
        let answer: Value = serde_json::from_str(text).unwrap();
        table_of_json(&answer["data"].to_string())
    };
    if form == "json" {
        of_rows(check, &at, analysis, &json(text), basis == "naive");
    } else {
        let (csv, json) = (
            table_of_csv(text).rows,
            json(&answers[&format!("api/{basis}/{analysis}.json")]).rows,
        );
        check.tally.numbers += table_of_csv(text).numbers();
        let differs = csv.iter().zip(&json).find(|(one, other)| one != other);
        let what = format!("{at} differs from JSON: {differs:?}");
        check.tally.needs(&what, csv == json);
    }
}

/// The page of an analysis has the rows of its file, the latest year first.
fn page(check: &mut Check<'_>, at: &str, page: &str, table: &Table) {
    let mut rows: Vec<&Vec<String>> = table.rows.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(table.cell(row, "fiscal_year").to_owned()));
    let shown = between(
        between(page, "id=\"t-figures\"", "</table>"),
        "<tbody>",
        "</tbody>",
    );
    let shown: Vec<&str> = shown.split("<tr").skip(1).collect();
    check.tally.needs(
        &format!("{at}: {} rows of {}", shown.len(), rows.len()),
        shown.len() == rows.len(),
    );
    for (html, row) in shown.iter().zip(rows) {
        let cells: Vec<&str> = html.split("<td").skip(1).collect();
        let values: Vec<&String> = table
            .columns
            .iter()
            .zip(row)
            .filter(|(column, _)| {
                !matches!(
                    column.as_str(),
                    "siren"
                        | "body_name"
                        | "fiscal_year"
                        | "series_break"
                        | "missing_lines"
                        | "doubts"
                )
            })
            .map(|(_, value)| value)
            .collect();
        check.tally.needs(
            &format!("{at}: cells of a row"),
            cells.len() == values.len(),
        );
        for (cell, value) in cells.iter().zip(values) {
            if let Some(cell) = cell.strip_prefix(" class=\"num\"") {
                let printed = text_of(&format!(
                    "<td{}",
                    cell.split("<span class=\"gloss").next().unwrap()
                ));
                let stated = value.replace('.', "").parse().ok();
                check.tally.holds_exactly(at, &printed, stated);
            }
        }
    }
}

/// The rows of an analysis of all years on a basis.
fn of_rows(check: &mut Check<'_>, at: &str, analysis: &str, table: &Table, naive: bool) {
    let made = check.made;
    let leaf = View {
        naive: false,
        ..View::whole(made)
    };
    let plain = View {
        naive: true,
        ..leaf.clone()
    };
    let whole = if naive { &plain } else { &leaf };
    let mut expected: BTreeMap<Vec<String>, Vec<(&str, Option<i64>)>> = BTreeMap::new();
    let years = made.years();
    for year in &years {
        let totals = made.totals(whole, *year);
        let of_year = || made.lines.iter().filter(move |line| line.year == *year);
        let count = |of: &dyn Fn(&Line) -> bool| {
            Some(i64::try_from(of_year().filter(|line| of(line)).count()).unwrap())
        };
        let values = match analysis {
            "yearly-result" => vec![
                ("revenue", totals.revenue),
                ("expense", totals.expense),
                ("result", totals.result),
                ("published_result", None),
                ("difference", None),
            ],
            "reconciliation" => vec![
                ("published_result", None),
                ("leaf_result", made.totals(&leaf, *year).result),
                ("naive_result", made.totals(&plain, *year).result),
                ("difference", None),
                // Nothing else says what these results are.
                ("witnesses", Some(0)),
                (
                    "witnesses_equal",
                    made.totals(if naive { &plain } else { &leaf }, *year)
                        .result
                        .map(|_| 0),
                ),
            ],
            "completeness" => vec![
                ("lines", count(&|_| true)),
                ("published", count(&|line| line.amount.is_some())),
                ("unpublished", count(&|line| line.amount.is_none())),
                ("counted", count(&|line| line.amount.is_some())),
                // The plain script misses nothing.
                ("missing", count(&|line| !naive && line.amount.is_none())),
                ("unrecognised", count(&|_| true)),
                ("counted_twice", Some(0)),
                (
                    "dropped_negative",
                    Some(
                        of_year()
                            .filter_map(|line| line.amount)
                            .filter(|a| *a < 0)
                            .sum(),
                    ),
                ),
            ],
            "operating-profitability" | "financial-return" | "exceptional-charges" => {
                let chart = analysis.split('-').next().unwrap();
                match columns(made, naive, chart, *year) {
                    Some(values) => values,
                    None => continue,
                }
            }
            "witness" => continue,
            _ => {
                by_category(check, at, analysis, table, *year, naive);
                continue;
            }
        };
        expected.insert(vec![year.to_string()], values);
    }
    if !expected.is_empty() {
        check.table(at, table, &["fiscal_year"], &expected);
    }
}

/// Expense by category in a year: amounts, shares, changes, ranks and cumulative shares.
fn by_category(
    check: &mut Check<'_>,
    at: &str,
    analysis: &str,
    table: &Table,
    year: i64,
    naive: bool,
) {
    let (made, harmonised) = (check.made, analysis.contains("harmonised"));
    let view = View {
        side: Some("expense"),
        harmonised,
        naive,
        ..View::whole(made)
    };
    let (now, before) = (
        made.categories(&view, year),
        made.categories(&view, year - 1),
    );
    let key = if harmonised {
        "harmonised_category"
    } else {
        "category"
    };
    let rows: Vec<&Vec<String>> = table
        .rows
        .iter()
        .filter(|row| table.cell(row, "fiscal_year") == year.to_string())
        .collect();
    check
        .tally
        .needs(&format!("{at}: rows of {year}"), rows.len() == now.len());
    let missing = now.values().any(|sum| sum.missing > 0);
    let whole: i64 = now.values().map(|sum| sum.amount).sum();
    let mut sizes: Vec<i64> = now.values().filter_map(|sum| sum.known()).collect();
    sizes.sort_by_key(|size| std::cmp::Reverse(*size));
    let mut ranks = Vec::new();
    for row in rows {
        let name = table.cell(row, key);
        let at = format!("{at}: {name} {year}");
        let Some(sum) = now.get(name) else {
            check.tally.wrong(format!("{at} is no category"));
            continue;
        };
        let amount = sum.known();
        let complete = amount.filter(|_| !missing);
        let change = before.get(name).and_then(|sum| sum.known()).zip(amount);
        let change = change.and_then(|(before, amount)| share(amount - before, before));
        for (column, value) in [
            ("amount", amount),
            ("share", complete.and_then(|amount| share(amount, whole))),
            ("change", change),
        ] {
            check
                .tally
                .holds_exactly(&format!("{at}: {column}"), table.cell(row, column), value);
        }
        let rank = table.cell(row, "rank");
        check
            .tally
            .needs(&format!("{at}: rank «{rank}»"), rank.is_empty() == missing);
        if let Ok(rank) = rank.parse::<usize>() {
            ranks.push(rank);
            // Equal amounts may have either rank.
            check.tally.needs(
                &format!("{at}: rank {rank}"),
                sizes.get(rank - 1).copied() == amount,
            );
            let sum: i64 = sizes.iter().take(rank).sum();
            check.tally.holds_exactly(
                &format!("{at}: cumulative"),
                table.cell(row, "cumulative_share"),
                share(sum, whole),
            );
        }
    }
    ranks.sort_unstable();
    check.tally.needs(
        &format!("{at}: ranks of {year}"),
        missing || ranks.into_iter().eq(1..=sizes.len()),
    );
}

/// The home page: the latest year, and the key figure of each analysis.
pub fn home(check: &mut Check<'_>, page: &str) {
    let made = check.made;
    let view = View::whole(made);
    let years = made.years();
    let computed = years
        .iter()
        .rfind(|year| made.totals(&view, **year).result.is_some());
    let latest = *computed.unwrap_or(&years[years.len() - 1]);
    let totals = made.totals(&view, latest);
    let ledger: Vec<String> = between(page, "<dl class=\"ledger\">", "</dl>")
        .split("<dd>")
        .skip(1)
        .map(|row| text_of(row.split("</dd>").next().unwrap()))
        .collect();
    let expected = [totals.revenue, totals.expense, totals.result, None, None];
    check.tally.needs(
        "home.html: the ledger has five rows",
        ledger.len() == expected.len(),
    );
    for (printed, value) in ledger.iter().zip(expected) {
        check
            .tally
            .holds_exactly("home.html: ledger", printed, value);
    }
    let lead = between(page, "<p class=\"lead\">", "</p>");
    let results: Vec<(i64, i64)> = years
        .iter()
        .filter_map(|year| Some((*year, made.totals(&view, *year).result?)))
        .collect();
    super::report::sentence_of_focus(
        check,
        "home.html: lead",
        &text_of(lead),
        latest,
        totals.result,
        &results,
    );
    for card in page.split("<li class=\"entry\">").skip(1) {
        let name = between(card, "/analyses/", "\"")
            .split('?')
            .next()
            .unwrap()
            .to_owned();
        let figure = text_of(between(card, "<p class=\"entry__figure\">", "</p>"));
        let at = format!("home.html: {name}");
        let latest_of = |chart: &str, column: &str| {
            let found = years
                .iter()
                .rev()
                .find_map(|year| columns(made, false, chart, *year));
            found.and_then(|values| {
                values
                    .iter()
                    .find(|(name, _)| *name == column)
                    .and_then(|(_, value)| *value)
            })
        };
        let value = match name.as_str() {
            "yearly-result" => totals.result,
            // Those of the latest year that has any.
            "exceptional-charges" => years.iter().rev().find_map(|year| {
                let values = columns(made, false, "exceptional", *year)?;
                values[0].1
            }),
            "operating-profitability" => latest_of("operating", "margin"),
            "financial-return" => latest_of("financial", "rate_of_return"),
            "expense-by-category" | "expense-by-harmonised-category" => {
                let view = View {
                    side: Some("expense"),
                    harmonised: name.contains("harmonised"),
                    ..view.clone()
                };
                let year = years
                    .iter()
                    .rev()
                    .find(|year| !made.categories(&view, **year).is_empty());
                let sums = year
                    .map(|year| made.categories(&view, *year))
                    .unwrap_or_default();
                sums.values().filter_map(|sum| sum.known()).max()
            }
            // Nothing else says what these results are.
            "witness" => continue,
            _ => {
                let published = made
                    .lines
                    .iter()
                    .filter(|line| line.amount.is_some())
                    .count();
                let (part, whole) = match name.as_str() {
                    "reconciliation" => (0, years.len()),
                    _ => (published, made.lines.len()),
                };
                let locale = check.locale();
                let numbers: Vec<String> = [part, whole].iter().map(ToString::to_string).collect();
                let plain: String = figure
                    .chars()
                    .filter(|letter| !matches!(letter, '\u{a0}' | ','))
                    .collect();
                let expected = locale.fill(
                    "value.part_of_whole",
                    &[("count", &numbers[0]), ("total", &numbers[1])],
                );
                check.tally.same(&at, &plain, &expected);
                continue;
            }
        };
        check.tally.holds_exactly(&at, &figure, value);
    }
}

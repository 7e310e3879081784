//! Statement lines in files, on their page and from the API.

use std::collections::BTreeMap;

use serde_json::Value;

use super::surfaces::{Answers, Check, Table, between, table_of_csv, table_of_json, text_of};

/// A line by its year, category and label, which are of one line in a made statement.
type Key = (String, String, String);

/// All lines that some surfaces have, each once and with its own amount.
pub fn check(check: &mut Check<'_>, answers: &Answers) {
    let Some(csv) = answers.get("lines/all.csv") else {
        return;
    };
    let plain = table_of_csv(csv);
    of_rows(check, "lines/all.csv", &plain);
    for form in ["json", "xlsx", "parquet"] {
        let text = &answers[&format!("lines/all.{form}")];
        let table = match form {
            "json" => table_of_json(text),
            _ => table_of_csv(text),
        };
        let rows = table.rows.iter().zip(&plain.rows);
        let differs = rows.into_iter().find(|(one, other)| one != other);
        let what = format!("lines/all.{form} differs from CSV: {differs:?}");
        check.tally.needs(&what, table == plain);
        check.tally.numbers += table.numbers();
    }
    for form in ["json", "csv"] {
        let mut whole: Option<Table> = None;
        for (name, text) in answers {
            if !(name.starts_with("api/lines/") && name.ends_with(form)) {
                continue;
            }
            let page = if form == "csv" {
                table_of_csv(text)
            } else {
                let answer: Value = serde_json::from_str(text).unwrap();
                table_of_json(&answer["data"].to_string())
            };
            match &mut whole {
                None => whole = Some(page),
                Some(whole) => whole.rows.extend(page.rows),
            }
        }
        of_rows(check, &format!("api/lines.{form}"), &whole.unwrap());
    }
    page(check, &answers["lines/page.html"], &plain);
}

fn of_rows(check: &mut Check<'_>, at: &str, table: &Table) {
    let mut expected: BTreeMap<Key, Option<i64>> = check
        .made
        .lines
        .iter()
        .map(|line| {
            let key = (
                line.year.to_string(),
                line.category.clone(),
                line.label.clone(),
            );
            (key, line.amount)
        })
        .collect();
    for row in &table.rows {
        check.whose(at, table, row);
        let cell = |column| table.cell(row, column).to_owned();
        let key = (
            cell("fiscal_year"),
            cell("published_category"),
            cell("published_label"),
        );
        let at = format!("{at}: {key:?}");
        let Some(amount) = expected.remove(&key) else {
            check
                .tally
                .wrong(format!("{at} is no line, or not the first"));
            continue;
        };
        check.tally.holds_exactly(&at, &cell("amount"), amount);
        for (column, holds) in [
            ("counted", amount.is_some()),
            ("missing", amount.is_none()),
            ("nil", false),
        ] {
            check.tally.same(
                &format!("{at}: {column}"),
                &cell(column),
                &holds.to_string(),
            );
        }
    }
    let what = format!("{at} lacks {:?}", expected.keys());
    check.tally.needs(&what, expected.is_empty());
}

/// The first page of the lines has the amounts of the first rows of their file.
fn page(check: &mut Check<'_>, page: &str, table: &Table) {
    let body = between(page, "<tbody>", "</tbody>");
    let shown: Vec<&str> = body.split("<tr").skip(1).collect();
    let most = table.rows.len().min(50);
    check
        .tally
        .needs("lines/page.html: rows", shown.len() == most);
    for (html, row) in shown.into_iter().zip(&table.rows) {
        let label = table.cell(row, "published_label");
        let at = format!("lines/page.html: {label}");
        check.tally.needs(&at, html.contains(label));
        let printed = text_of(between(html, "<td class=\"num\">", "</td>"));
        let amount = table.cell(row, "amount").replace('.', "").parse().ok();
        check.tally.holds_exactly(&at, &printed, amount);
    }
}

//! What a report says: its cover, its sentences, the words of its charts, and its tables.

use std::collections::BTreeMap;

use centime_accounts::FiscalYear;
use centime_render::Locale;
use serde_json::Value;

use super::statement::{View, share};
use super::surfaces::{Answers, Check, Shown, table_of_csv};
use super::written::Stated;

/// Every number of a report.
pub fn check(check: &mut Check<'_>, report: &Value, answers: &Answers) {
    let at = "report";
    cover(check, &report["cover"]);
    let mut drawn = 0;
    let titles: BTreeMap<String, &str> = super::surfaces::CHARTS
        .into_iter()
        .filter_map(|chart| Some((title_of(answers.get(&format!("{chart}.svg"))?), chart)))
        .collect();
    for section in report["sections"].as_array().unwrap() {
        let Some(chart) = titles.get(section["title"].as_str().unwrap()).copied() else {
            continue;
        };
        let csv = answers.get(&format!("{chart}.csv"));
        let file = answers.get(&format!("report.{chart}.csv"));
        check.tally.needs(
            &format!("{at}: the file of {chart} is another"),
            csv == file,
        );
        let shown = csv.map(|csv| Shown::of(check, &table_of_csv(csv)));
        for block in section["blocks"].as_array().unwrap() {
            match block["kind"].as_str().unwrap() {
                "figure" => {
                    let told = block["alt_text"].as_str().unwrap();
                    let (_, told) = told.split_once(". ").unwrap_or_default();
                    check.told(at, chart, told);
                    let number = block["drawing"].as_u64().unwrap();
                    let drawing = answers.get(&format!("report.drawing.{number}"));
                    if let (Some(svg), Some(option)) =
                        (drawing, answers.get(&format!("{chart}.option")))
                    {
                        drawn += 1;
                        check.drawing(&format!("{at}: drawing of {chart}"), svg, option, false);
                    }
                }
                "table" if chart != "presence" => {
                    if let Some(shown) = &shown {
                        table(
                            check,
                            &format!("{at}: table of {chart}"),
                            chart,
                            block,
                            shown,
                        );
                    }
                }
                _ => {}
            }
        }
    }
    check.tally.needs(
        "report: nothing is drawn",
        drawn > 0 || !answers.contains_key("report.drawing.0"),
    );
}

fn title_of(svg: &str) -> String {
    super::surfaces::unescaped(super::surfaces::between(
        svg,
        "<title id=\"title\">",
        "</title>",
    ))
}

/// The columns of numbers of a table, and their totals.
fn table(check: &mut Check<'_>, at: &str, chart: &str, block: &Value, shown: &Shown) {
    let rows = block["rows"].as_array().unwrap();
    check.tally.needs(
        &format!("{at}: {} rows of {}", rows.len(), shown.rows.len()),
        rows.len() == shown.rows.len(),
    );
    let totals = block["totals"].as_array().unwrap();
    for (place, column) in block["columns"].as_array().unwrap().iter().enumerate() {
        if column["number"] != true {
            continue;
        }
        let head = column["label"].as_str().unwrap();
        let Some(known) = shown.heads.iter().position(|known| known == head) else {
            check
                .tally
                .wrong(format!("{at}: nothing is known of «{head}»"));
            continue;
        };
        for (row, values) in rows.iter().zip(&shown.rows) {
            let printed = row[place]["text"].as_str().unwrap_or_default();
            check.tally.holds_exactly(at, printed, values[known]);
        }
        for (number, total) in totals.iter().enumerate() {
            let printed = total[place]["text"].as_str().unwrap_or_default();
            let expected = total_of(check, chart, head, number);
            check
                .tally
                .holds_exactly(&format!("{at}: total of {head}"), printed, expected);
        }
    }
}

/// The total of a column.
fn total_of(check: &Check<'_>, chart: &str, head: &str, number: usize) -> Option<i64> {
    let (made, view) = (check.made, check.view);
    let of_year = |year: i64| {
        let categories = made.categories(view, year);
        let missing = categories.values().any(|sum| sum.missing > 0);
        (!missing).then(|| categories.values().map(|sum| sum.amount).sum::<i64>())
    };
    match chart {
        "categories" => of_year(head.parse().unwrap()),
        // Lines that did not change are no rows, and those of both sides have no sum.
        "changes" if check.is_by_line() => None,
        "changes" => {
            let sums = of_year(view.against).zip(of_year(view.focus));
            match head.parse::<i64>() {
                Ok(year) => of_year(year),
                Err(_) if head == check.locale().term("column", "difference") => {
                    sums.map(|(before, after)| after - before)
                }
                Err(_) => sums.and_then(|(before, after)| share(after - before, before)),
            }
        }
        "flow" => {
            let side = ["revenue", "expense"][number];
            let amounts = made.flow(view);
            Some(
                amounts
                    .iter()
                    .filter(|((of, _, _), _)| *of == side)
                    .map(|(_, amount)| *amount)
                    .sum(),
            )
        }
        _ => None,
    }
}

/// The side that a view has, where it is one.
pub fn one_side(view: &View) -> Option<&'static str> {
    let within = view.category.is_some().then(|| view.shown_side());
    view.side.or(within)
}

fn cover(check: &mut Check<'_>, cover: &Value) {
    let (made, view) = (check.made, check.view);
    let totals = made.totals(view, view.focus);
    let figures: Vec<Option<i64>> = match one_side(view) {
        Some("revenue") => vec![totals.revenue],
        Some(_) => vec![totals.expense],
        None => vec![totals.revenue, totals.expense, totals.result],
    };
    let shown = cover["figures"].as_array().unwrap();
    check
        .tally
        .needs("report: key figures", shown.len() == figures.len());
    for (shown, figure) in shown.iter().zip(figures) {
        check.tally.holds_exactly(
            "report: key figure",
            shown["value"].as_str().unwrap_or_default(),
            figure,
        );
    }
    for (number, sentence) in cover["summary"].as_array().unwrap().iter().enumerate() {
        let sentence = sentence.as_str().unwrap();
        if number == 0 && totals.result.is_some() && !view.naive && !view.is_partial() {
            let years = made.years().into_iter();
            let years = years.filter(|year| (view.from..=view.to).contains(year));
            let results: Vec<(i64, i64)> = years
                .filter_map(|year| Some((year, made.totals(view, year).result?)))
                .collect();
            sentence_of_focus(
                check,
                "report: in brief",
                sentence,
                view.focus,
                totals.result,
                &results,
            );
        } else {
            summary(check, sentence);
        }
    }
}

/// The values of a text that was filled in; `None` where it is another.
pub fn fields(locale: &Locale, key: &str, text: &str) -> Option<BTreeMap<String, String>> {
    let template = locale.text(key).replace("**", "");
    let mut found = BTreeMap::new();
    let mut parts = template.split('{').peekable();
    let mut rest = text.strip_prefix(parts.next()?)?;
    while let Some(part) = parts.next() {
        let (name, literal) = part.split_once('}')?;
        // What follows the last value ends the text, and its mark may be within a number, too.
        let end = match parts.peek() {
            None => rest
                .len()
                .checked_sub(literal.len())
                .filter(|_| rest.ends_with(literal))?,
            Some(_) => rest.find(literal)?,
        };
        found.insert(name.to_owned(), rest[..end].to_owned());
        rest = &rest[end + literal.len()..];
    }
    rest.is_empty().then_some(found)
}

/// The result of a year in a sentence, and how many years are like it in another.
pub fn sentence_of_focus(
    check: &mut Check<'_>,
    at: &str,
    text: &str,
    year: i64,
    result: Option<i64>,
    results: &[(i64, i64)],
) {
    let locale = check.locale();
    let Some(result) = result else {
        let missing = check
            .made
            .lines
            .iter()
            .filter(|line| line.year == year && line.amount.is_none())
            .count();
        let plain = text.replace("**", "");
        let numbers: Vec<&str> = plain
            .split(|letter: char| !letter.is_ascii_digit())
            .filter(|part| !part.is_empty())
            .collect();
        // The home page counts; the report does not.
        let expected = [year.to_string(), missing.to_string()];
        check.tally.needs(
            &format!("{at}: «{text}»"),
            numbers
                .iter()
                .all(|number| expected.iter().any(|known| known == number)),
        );
        return;
    };
    let (key, like) = match result.signum() {
        1 => ("home.lead_surplus", "home.surpluses"),
        -1 => ("home.lead_deficit", "home.deficits"),
        _ => ("home.lead_balanced", ""),
    };
    let (first, second) = match text.find(". ") {
        Some(end) => (&text[..=end], text[end + 2..].trim()),
        None => (text, ""),
    };
    match fields(locale, key, first) {
        Some(found) => {
            check
                .tally
                .same(&format!("{at}: year"), &found["year"], &year.to_string());
            if let Some(amount) = found.get("amount") {
                check
                    .tally
                    .holds(at, amount, None, Stated::Amount(result.abs()));
            }
        }
        None => check
            .tally
            .wrong(format!("{at}: «{first}» is not about {result}")),
    }
    if !second.is_empty() {
        let alike = results
            .iter()
            .filter(|(_, known)| known.signum() == result.signum())
            .count();
        let form = match alike {
            all if all == results.len() => "all",
            1 => "one",
            _ => "many",
        };
        let word = |number: usize| {
            let digits = number.to_string();
            if locale.has("number", &digits) {
                locale.term("number", &digits).to_owned()
            } else {
                digits
            }
        };
        let [first, last] = [results[0].0, results[results.len() - 1].0]
            .map(|year| FiscalYear::try_from(year).unwrap());
        let period = locale.years(first, last);
        match fields(locale, &format!("{like}.{form}"), second) {
            Some(found) => {
                for (name, expected) in [
                    ("n", word(alike)),
                    ("total", word(results.len())),
                    ("period", period),
                ] {
                    if let Some(printed) = found.get(name) {
                        check
                            .tally
                            .same(&format!("{at}: {name}"), printed, &expected);
                    }
                }
            }
            None => check.tally.wrong(format!("{at}: «{second}»")),
        }
    }
}

/// Which line of each side grew most, or where none grew fell most, and how much of the change of its side that is.
fn lines_moved(check: &Check<'_>) -> Vec<(String, Vec<(&'static str, Stated)>)> {
    let forwards = check.view.against < check.view.focus;
    let mut known = Vec::new();
    for side in ["revenue", "expense"] {
        let changes: Vec<i64> = check
            .line_changes()
            .into_iter()
            .filter(|((of, ..), _)| *of == side)
            .map(|(_, [before, after])| {
                let change = super::surfaces::difference(before, after);
                if forwards { change } else { -change }
            })
            .collect();
        let whole: i64 = changes.iter().sum();
        let most = changes.iter().max().copied().filter(|most| *most > 0);
        let Some(most) = most.or_else(|| changes.iter().min().copied()) else {
            continue;
        };
        let direction = if most > 0 { "up" } else { "down" };
        let part = share(most * whole.signum(), whole.abs());
        let part = part.filter(|part| (1..=10_000).contains(part));
        let mut values = vec![("amount", Stated::Amount(most.abs()))];
        values.extend(part.map(|part| ("share", Stated::Rate(part))));
        let form = if part.is_some() { "_share" } else { "" };
        known.push((format!("year.{side}_{direction}{form}"), values));
    }
    known
}

/// A sentence of the summary: the one it is, and what it says.
pub fn summary(check: &mut Check<'_>, text: &str) {
    let (made, view, locale) = (check.made, check.view, check.locale());
    let at = "report: in brief";
    if !text.contains(|letter: char| letter.is_ascii_digit()) {
        return;
    }
    let focus = made.totals(view, view.focus);
    let (from, to) = (view.against.min(view.focus), view.against.max(view.focus));
    let mut known: Vec<(String, Vec<(&str, Stated)>)> = Vec::new();
    if let Some(result) = focus.result {
        let key = match result.signum() {
            1 => "report.balance_above",
            -1 => "report.balance_below",
            _ => "home.lead_balanced",
        };
        let mut values = vec![("year", Stated::Count(view.focus))];
        if result != 0 {
            values.push(("amount", Stated::Amount(result.abs())));
        }
        known.push((key.to_owned(), values));
    }
    for (side, of) in [("revenue", focus.revenue), ("expense", focus.expense)] {
        if let Some(total) = of {
            known.push((
                format!("report.total_{side}"),
                vec![
                    ("year", Stated::Count(view.focus)),
                    ("amount", Stated::Amount(total)),
                ],
            ));
        }
    }
    for key in [
        "report.no_result",
        "report.no_total",
        "report.no_line",
        "home.one_sided.revenue",
        "home.one_sided.expense",
    ] {
        known.push((key.to_owned(), vec![("year", Stated::Count(view.focus))]));
    }
    let (before, after) = (made.totals(view, from), made.totals(view, to));
    for (side, before, after) in [
        ("revenue", before.revenue, after.revenue),
        ("expense", before.expense, after.expense),
    ] {
        let Some((before, after)) = before.zip(after) else {
            continue;
        };
        let years = [
            ("before", Stated::Count(from)),
            ("after", Stated::Count(to)),
            ("total", Stated::Amount(after)),
        ];
        let change = ("amount", Stated::Amount((after - before).abs()));
        let direction = match (after - before).signum() {
            1 => "up",
            -1 => "down",
            _ => "same",
        };
        let mut values = years.to_vec();
        if direction != "same" {
            values.push(change);
        }
        if let Some(rate) =
            share(after - before, before).filter(|rate| *rate != 0 && direction != "same")
        {
            values.push(("rate", Stated::Rate(rate)));
            known.push((format!("report.{side}_{direction}"), values));
        } else if direction == "same" {
            known.push((format!("report.{side}_same"), values));
        } else {
            known.push((format!("report.{side}_{direction}_no_rate"), values));
        }
    }
    if check.is_by_line() {
        known.extend(lines_moved(check));
    }
    let categories = made.categories(view, view.focus);
    let whole: i64 = categories.values().map(|sum| sum.amount).sum();
    if let Some(most) = categories.values().filter_map(|sum| sum.known()).max()
        && let Some(part) = share(most, whole)
    {
        let key = if view.category.is_some() {
            "line"
        } else {
            view.shown_side()
        };
        let values = vec![
            ("year", Stated::Count(view.focus)),
            ("amount", Stated::Amount(most)),
            ("share", Stated::Rate(part)),
        ];
        known.push((format!("report.largest_{key}"), values));
    }
    let side = view.shown_side();
    let lines = made
        .lines
        .iter()
        .filter(|line| line.year == view.focus && line.side == side && view.has(line));
    let total = if side == "revenue" {
        focus.revenue
    } else {
        focus.expense
    };
    if let Some(most) = lines.filter_map(|line| line.amount).max()
        && let Some(part) = total.and_then(|total| share(most, total))
    {
        let values = vec![
            ("year", Stated::Count(view.focus)),
            ("amount", Stated::Amount(most)),
            ("share", Stated::Rate(part)),
        ];
        known.push((format!("report.largest_{side}_line"), values));
    }
    let (before, after) = (made.categories(view, from), made.categories(view, to));
    let differences: Vec<i64> = before
        .iter()
        .filter_map(|(name, before)| Some(after.get(name)?.known()? - before.known()?))
        .collect();
    for (key, most) in [
        ("report.most_up", differences.iter().max()),
        ("report.most_down", differences.iter().min()),
    ] {
        if let Some(most) = most {
            let values = vec![
                ("before", Stated::Count(from)),
                ("after", Stated::Count(to)),
                ("amount", Stated::Amount(most.abs())),
            ];
            known.push((key.to_owned(), values));
        }
    }
    for year in made.years() {
        let lines = made
            .lines
            .iter()
            .filter(|line| line.year == year && view.has(line) && line.amount.is_none());
        let missing = i64::try_from(lines.count()).unwrap();
        let form = if missing == 1 { "one" } else { "many" };
        let values = vec![("year", Stated::Count(year)), ("n", Stated::Count(missing))];
        known.push((format!("report.incomplete.{form}"), values));
    }
    let said = known
        .into_iter()
        .filter_map(|(key, values)| Some((fields(locale, &key, text)?, values)));
    // Sentences about several years are told apart by the year.
    let matching: Vec<_> = said.collect();
    let right = matching.iter().find(|(found, values)| {
        values
            .iter()
            .all(|(name, stated)| match (stated, found.get(*name)) {
                (Stated::Count(number), Some(printed)) => printed.trim() == number.to_string(),
                _ => true,
            })
    });
    let Some((found, values)) = right.or(matching.first()) else {
        check
            .tally
            .wrong(format!("{at}: «{text}» is no sentence that should be here"));
        return;
    };
    for (name, stated) in values {
        match found.get(*name) {
            Some(printed) => {
                check
                    .tally
                    .holds(&format!("{at}: «{text}»: {name}"), printed, None, *stated);
            }
            None => check.tally.wrong(format!("{at}: «{text}» has no {name}")),
        }
    }
}

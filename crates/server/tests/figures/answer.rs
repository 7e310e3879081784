//! What a dashboard answers before its charts, and what charts have for titles.

use super::report::{fields, one_side, sentence_of_focus, summary};
use super::statement::{View, share};
use super::surfaces::{Check, between, difference, text_of};
use super::written::Stated;

/// The key figures of a page, how they changed, and the view in sentences.
pub fn page(check: &mut Check<'_>, page: &str) {
    let (made, view) = (check.made, check.view);
    let of = |year| {
        let totals = made.totals(view, year);
        match one_side(view) {
            Some("revenue") => vec![totals.revenue],
            Some(_) => vec![totals.expense],
            None => vec![totals.revenue, totals.expense, totals.result],
        }
    };
    let (after, before) = (of(view.focus), of(view.against));
    let figures: Vec<&str> = page.split("<div class=\"figure").skip(1).collect();
    let there = |line: &super::statement::Line| line.year == view.focus && view.has(line);
    let there = made.lines.iter().any(there);
    check.tally.needs(
        "dashboard.html: key figures",
        !there || figures.len() == after.len(),
    );
    for (place, figure) in figures.iter().enumerate() {
        let at = "dashboard.html: key figure";
        let amount = between(figure, "figure__amount\">", "</dd>");
        check
            .tally
            .holds_exactly(at, &text_of(amount), after.get(place).copied().flatten());
        let Some((_, change)) = figure.split_once("figure__change\">") else {
            continue;
        };
        let change = text_of(change.split("</dd>").next().unwrap());
        let Some((was, is)) = before[place].zip(after[place]) else {
            check.tally.wrong(format!("{at}: «{change}» of nothing"));
            continue;
        };
        let locale = check.locale();
        if fields(locale, "year.unchanged", &change).is_some() {
            let same = was == is;
            check.tally.needs(&format!("{at}: «{change}»"), same);
            continue;
        }
        let found = fields(locale, "year.against", &change)
            .or_else(|| fields(locale, "year.against_no_rate", &change));
        let Some(found) = found else {
            check.tally.needs(&format!("{at}: «{change}»"), was == is);
            continue;
        };
        check
            .tally
            .holds_exactly(at, &found["amount"], Some(is - was));
        if let Some(rate) = found.get("rate") {
            let expected = share(is - was, was).filter(|_| is >= 0);
            check.tally.holds_exactly(at, rate, expected);
        }
    }
    let Some((_, brief)) = page.split_once("<ul class=\"brief\"") else {
        return;
    };
    let brief = brief.split("</ul>").next().unwrap();
    let years = made.years().into_iter();
    let years = years.filter(|year| (view.from..=view.to).contains(year));
    let results: Vec<(i64, i64)> = years
        .filter_map(|year| Some((year, made.totals(view, year).result?)))
        .collect();
    let totals = made.totals(view, view.focus);
    for (number, sentence) in brief.split("<li>").skip(1).enumerate() {
        let sentence = text_of(sentence.split("</li>").next().unwrap());
        let whole = totals.result.is_some() && !view.naive && !view.is_partial();
        if number == 0 && whole {
            let at = "dashboard.html: in brief";
            sentence_of_focus(check, at, &sentence, view.focus, totals.result, &results);
        } else {
            summary(check, &sentence);
        }
    }
}

/// A title that says what a chart shows: its amounts and rates are those of the lines.
pub fn title(check: &mut Check<'_>, at: &str, chart: &str, title: &str) {
    let at = format!("{at}: title");
    let known = stated(check, chart);
    let locale = check.locale();
    let after = ["finding.after_surplus", "finding.after_deficit"]
        .into_iter()
        .find_map(|key| fields(locale, key, title));
    let mut finding = title.to_owned();
    if let Some(found) = after {
        let view = check.view;
        let before = check.made.totals(view, view.against).result;
        check.tally.holds(
            &at,
            &found["amount"],
            None,
            Stated::Amount(before.unwrap_or_default().abs()),
        );
        finding.clone_from(&found["finding"]);
    }
    if let Some(found) = fields(locale, "finding.changed", title) {
        let view = check.view;
        let of = |year| {
            let totals = check.made.totals(view, year);
            match one_side(view) {
                Some("revenue") => totals.revenue,
                _ => totals.expense,
            }
        };
        let rate = of(view.against)
            .zip(of(view.focus))
            .and_then(|(was, is)| share(is - was, was));
        check.tally.holds_exactly(&at, &found["rate"], rate);
        finding.clone_from(&found["finding"]);
    }
    let matching = known
        .iter()
        .find_map(|(key, values)| Some((fields(locale, key, &finding)?, values)));
    let Some((found, values)) = matching else {
        // The title is that of what is measured.
        let amount = ['€', '%'].iter().any(|sign| title.contains(*sign)) || title.contains("euro");
        check
            .tally
            .needs(&format!("{at}: «{title}» states nothing known"), !amount);
        return;
    };
    for (name, possible) in values {
        let printed = &found[*name];
        let right = possible.iter().find(|stated| {
            super::written::states(printed, check.view.french, None, **stated).is_ok()
        });
        match right.or(possible.first()) {
            Some(stated) => check
                .tally
                .holds(&format!("{at}: {name}"), printed, None, *stated),
            None => check
                .tally
                .wrong(format!("{at}: «{printed}» states nothing known")),
        }
    }
}

/// The words of a title, and for each value in them the figures that it may state.
type Title = (String, Vec<(&'static str, Vec<Stated>)>);

/// What the title of a chart may be.
fn stated(check: &Check<'_>, chart: &str) -> Vec<Title> {
    let (made, view) = (check.made, check.view);
    let totals = made.totals(view, view.focus);
    let both = view.both_sides();
    let whole = made.totals(&both, view.focus);
    let amounts = |amount: Option<i64>| amount.map(Stated::Amount).into_iter().collect();
    let mut known: Vec<Title> = Vec::new();
    match chart {
        "result" => {
            let result = totals.result.map(i64::abs);
            for key in ["surplus", "deficit"] {
                known.push((format!("finding.{key}"), vec![("amount", amounts(result))]));
            }
            for (side, total) in [("revenue", totals.revenue), ("expense", totals.expense)] {
                let key = format!("finding.total_{side}");
                known.push((key, vec![("amount", amounts(total))]));
            }
            let total = match one_side(view) {
                Some("revenue") => totals.revenue,
                _ => totals.expense,
            };
            known.push(("finding.category".into(), vec![("amount", amounts(total))]));
        }
        "steps" => known.push((
            "finding.steps".into(),
            vec![
                ("revenue", amounts(whole.revenue)),
                ("expense", amounts(whole.expense)),
            ],
        )),
        "changes" => {
            let changes: Vec<i64> = check
                .changes()
                .iter()
                .map(|(_, before, after)| difference(*before, *after))
                .collect();
            let most = changes.iter().map(|change| change.abs()).max();
            let all: Vec<Stated> = [most, most.map(|most| -most)]
                .into_iter()
                .flatten()
                .map(Stated::Amount)
                .collect();
            for side in ["revenue", "expense"] {
                let of_side: i64 = check
                    .line_changes()
                    .into_iter()
                    .filter(|((of, ..), _)| *of == side)
                    .map(|(_, [before, after])| difference(before, after))
                    .sum();
                let part = most.and_then(|most| share(most, of_side.abs()));
                let part: Vec<Stated> = part.map(Stated::Rate).into_iter().collect();
                for direction in ["up", "down"] {
                    known.push((
                        format!("finding.change_{side}_{direction}"),
                        vec![("amount", all.clone()), ("share", part.clone())],
                    ));
                }
            }
            known.push(("finding.change".into(), vec![("amount", all)]));
        }
        "categories" => {
            let categories = made.categories(view, view.focus);
            let sum: i64 = categories.values().map(|sum| sum.amount).sum();
            let most = categories.values().filter_map(|sum| sum.known()).max();
            let part = most.and_then(|most| share(most, sum)).map(Stated::Rate);
            let part: Vec<Stated> = part.into_iter().collect();
            for key in ["share_revenue", "share_expense", "share"] {
                known.push((format!("finding.{key}"), vec![("share", part.clone())]));
            }
        }
        "flow" => {
            let flow = made.flow(view);
            let of_revenue = flow.iter().filter(|((side, ..), _)| *side == "revenue");
            let most = of_revenue.map(|(_, amount)| *amount).max();
            let part = most
                .zip(whole.revenue)
                .and_then(|(most, of)| share(most, of));
            let part: Vec<Stated> = part.map(Stated::Rate).into_iter().collect();
            known.push(("finding.share_revenue".into(), vec![("share", part)]));
        }
        _ => known.extend(of_activity(check, chart, view)),
    }
    known
}

fn of_activity(check: &Check<'_>, chart: &str, view: &View) -> Vec<Title> {
    let of = |year: i64, wanted: &str| {
        let mut found = Vec::new();
        super::analyses::activity(check, chart, year, &mut |name, stated| {
            if name == wanted {
                found.extend(stated);
            }
        });
        found
    };
    let focus = view.focus;
    match chart {
        "operating" => vec![
            (
                "finding.margin_before".into(),
                vec![
                    ("rate", of(focus, "margin")),
                    ("rate_before", of(view.against, "margin")),
                ],
            ),
            ("finding.margin".into(), vec![("rate", of(focus, "margin"))]),
        ],
        "exceptional" => vec![
            (
                "finding.exceptional".into(),
                vec![("amount", of(focus, "exceptional_charges"))],
            ),
            (
                "finding.successor".into(),
                vec![("amount", of(focus, "successor_charges"))],
            ),
        ],
        "financial" => vec![(
            "finding.financial".into(),
            vec![
                ("revenue", of(focus, "financial_revenue")),
                ("expense", of(focus, "financial_expense")),
            ],
        )],
        _ => Vec::new(),
    }
}

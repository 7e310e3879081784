//! From every mark of every chart: the lines that it leads to add up to what it shows.

use std::collections::{BTreeMap, BTreeSet};

use axum::Router;
use axum::http::Method;
use axum::http::header::LOCATION;
use centime_access::Mode;

use serde_json::Value;

use super::statement::{Made, Shape, Signs, View};
use super::surfaces::{CHARTS, Table, table_of_csv};
use super::{Shown, fail_where};
use crate::common::{Bench, often_asked, send, text};

/// What an address asks for.
type Query = BTreeMap<String, String>;

/// A mark of a chart.
struct Mark<'a> {
    /// The name of its series, or its own.
    name: String,
    /// How much it shows; `None` of what is no amount.
    amount: Option<i64>,
    /// What of the view a click on it changes.
    go: &'a Value,
}

/// Follows marks, and counts them.
struct Follower<'a> {
    site: &'a Router,
    token: &'a str,
    query: Query,
    marks: usize,
    wrong: Vec<String>,
}

impl Follower<'_> {
    async fn get(&self, address: &str) -> axum::response::Response {
        let headers = [("authorization", self.token)];
        let headers = if self.token.is_empty() {
            &headers[..0]
        } else {
            &headers[..]
        };
        send(self.site, &Method::GET, address, headers, "").await
    }

    /// The lines behind a view, or behind a mark of it.
    async fn lines(&self, query: &Query) -> Result<Table, String> {
        let address = address("/dashboard", query);
        let response = self.get(&address).await;
        let Some(lines) = response.headers().get(LOCATION) else {
            return Err(format!(
                "{address} leads to no lines: {}",
                response.status()
            ));
        };
        let lines = lines
            .to_str()
            .unwrap()
            .replacen("/lines?", "/lines.csv?", 1);
        let response = self.get(&lines).await;
        if response.status() != 200 {
            return Err(format!("{lines} is answered with {}", response.status()));
        }
        Ok(table_of_csv(&text(response).await))
    }

    /// Every mark of a chart.
    async fn chart(&mut self, chart: &str) {
        let response = self
            .get(&address(&format!("/dashboard/{chart}.option"), &self.query))
            .await;
        if response.status() == 404 {
            return;
        }
        assert_eq!(response.status(), 200, "{chart} {:?}", self.query);
        let option: Value = serde_json::from_str(&text(response).await).unwrap();
        for mark in marks(chart, &option) {
            self.marks += 1;
            if let Err(what) = self.follow(chart, &mark).await {
                let of = format!("{chart} of {:?}: «{}»", self.query, mark.name);
                self.wrong.push(format!("{of}: {what}"));
            }
        }
    }

    async fn follow(&self, chart: &str, mark: &Mark<'_>) -> Result<(), String> {
        let go = mark.go.as_object().ok_or("it leads nowhere")?;
        // Several small ones are one mark, which leads to nothing or to its year: the table has each of them.
        let merged = ["autre", "other"].iter().any(|word| {
            let mut words = mark.name.split_whitespace();
            words
                .next()
                .is_some_and(|first| first.parse::<u32>().is_ok())
                && words.next().is_some_and(|second| second.starts_with(word))
        });
        if go.keys().all(|name| name == "focus") && (merged || chart == "flow") {
            return if merged {
                Ok(())
            } else {
                Err("it leads nowhere".to_owned())
            };
        }
        let mut query = self.query.clone();
        for (name, value) in go {
            match value.as_str() {
                Some(value) => query.insert(name.clone(), value.to_owned()),
                None => query.remove(name),
            };
        }
        let naive = self
            .query
            .get("basis")
            .is_some_and(|basis| basis == "naive");
        if !query.contains_key("lines") {
            // A view is led to: its lines. By category and by activity a plain script adds what is below zero, too.
            let signed = naive
                && matches!(
                    chart,
                    "categories" | "changes" | "exceptional" | "financial"
                );
            let rows = if signed { "published" } else { "added" };
            query.insert("lines".to_owned(), rows.to_owned());
        }
        if chart == "presence" {
            return self.presence(&query).await;
        }
        let Some(amount) = mark.amount else {
            // A rate leads to a view that has what it is made of.
            query.remove("lines");
            let address = address("/dashboard", &query);
            let status = self.get(&address).await.status();
            return (status == 200)
                .then_some(())
                .ok_or(format!("{address}: {status}"));
        };
        let sum = if chart == "changes" {
            let mut years = [0; 2];
            for (at, name) in ["focus", "against"].into_iter().enumerate() {
                let year = &self.query[name];
                let mut of_year = query.clone();
                of_year.insert("focus".to_owned(), year.clone());
                let lines = self.lines(&of_year).await?;
                years[at] = total(&lines, Some(year));
            }
            years[0] - years[1]
        } else {
            total(&self.lines(&query).await?, None)
        };
        // A stream below zero is drawn on the other side, and a deficit is what is short.
        let same = if chart == "flow" {
            sum.abs() == amount
        } else {
            sum == amount
        };
        same.then_some(())
            .ok_or(format!("shows {amount} and leads to {sum}: {query:?}"))
    }

    /// A place of the matrix leads to the rows of its line in its year.
    async fn presence(&self, query: &Query) -> Result<(), String> {
        let lines = self.lines(query).await?;
        let is = |row: &Vec<String>| {
            lines.cell(row, "fiscal_year") == query["focus"]
                && lines.cell(row, "side") == query["side"]
                && [lines.cell(row, "label"), lines.cell(row, "published_label")]
                    .contains(&query["line"].as_str())
        };
        let all = !lines.rows.is_empty() && lines.rows.iter().all(is);
        all.then_some(())
            .ok_or(format!("{query:?} has {:?}", lines.rows))
    }
}

fn address(path: &str, query: &Query) -> String {
    let pairs: Vec<(&str, &str)> = query
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    centime_render::link::to(path, &pairs)
}

/// What some lines add up to: revenue less expense where they are of both sides.
fn total(lines: &Table, year: Option<&str>) -> i64 {
    let rows: Vec<&Vec<String>> = lines
        .rows
        .iter()
        .filter(|row| year.is_none_or(|year| lines.cell(row, "fiscal_year") == year))
        .collect();
    let sides: BTreeSet<&str> = rows.iter().map(|row| lines.cell(row, "side")).collect();
    rows.iter()
        .map(|row| {
            let amount = lines.cell(row, "amount").replace('.', "");
            let amount: i64 = amount.parse().unwrap_or_default();
            if sides.len() > 1 && lines.cell(row, "side") == "expense" {
                -amount
            } else {
                amount
            }
        })
        .sum()
}

/// The marks of an option that answer to a click.
fn marks<'a>(chart: &str, option: &'a Value) -> Vec<Mark<'a>> {
    let mut marks = Vec::new();
    for series in option["series"].as_array().unwrap() {
        if series["silent"] == true {
            continue;
        }
        // Streams have their amounts, the nodes at their ends what a finger finds.
        let key = if chart == "flow" { "links" } else { "data" };
        let nodes = series["data"].as_array().unwrap();
        for (at, datum) in series[key].as_array().unwrap().iter().enumerate() {
            if chart == "flow" {
                assert_eq!(datum["go"], nodes[at + 1]["go"], "a stream and its end");
            }
            let value = &datum["value"];
            let own = datum["tip"]["title"].as_str();
            let name = own.or(series["name"].as_str()).unwrap_or_default();
            let amount = match chart {
                "presence" => None,
                "steps" => {
                    let end = |at: usize| value[at].as_i64().unwrap();
                    let left = datum["go"]["category"].is_string();
                    let of_rest = datum["go"] == serde_json::json!({});
                    let change = end(2) - end(1);
                    Some(if left || of_rest { -change } else { change })
                }
                _ if value.is_null() => continue,
                _ if series["type"] == "line" => None,
                _ => value.as_i64(),
            };
            marks.push(Mark {
                name: name.to_owned(),
                amount,
                go: &datum["go"],
            });
        }
    }
    marks
}

/// A view of a statement: what it asks for besides its years.
fn asked(view: &View, more: &[(&str, &str)]) -> Query {
    let mut query: Query = read_query(&view.query());
    for (name, value) in more {
        query.insert((*name).to_owned(), (*value).to_owned());
    }
    query
}

fn read_query(query: &str) -> Query {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.replace('+', " ")))
        .collect()
}

const GROUPINGS: [&str; 2] = ["published", "harmonised"];
const BASES: [&str; 2] = ["leaf", "naive"];

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_behind_every_mark_of_made_statements_add_up_to_it() {
    let usual = Shape {
        years: 3,
        lines: [8, 14],
        categories: 5,
        signs: Signs::Mixed,
        missing: 0,
        digits: 11,
    };
    let shapes = [
        usual,
        Shape {
            missing: 10,
            years: 4,
            ..usual
        },
        Shape {
            lines: [30, 30],
            categories: 15,
            years: 2,
            ..usual
        },
    ];
    let (mut marks, mut wrong) = (0, Vec::new());
    for (number, shape) in (0..).zip(shapes) {
        let made = Made::new(number, shape);
        let shown = Shown::of(&made).await;
        let whole = View::whole(&made);
        let category = |side| {
            let line = made.lines.iter().find(|line| line.side == side);
            line.unwrap().category.clone()
        };
        let (of_expense, of_revenue) = (category("expense"), category("revenue"));
        for grouping in GROUPINGS {
            for basis in BASES {
                let [of_expense, of_revenue] = match grouping {
                    "published" => [&*of_expense, &*of_revenue],
                    _ => ["unrecognised", "operating"],
                };
                for more in [
                    &[][..],
                    &[("side", "revenue")],
                    &[("activity", "operating")],
                    &[("side", "expense"), ("category", of_expense)],
                    &[("side", "revenue"), ("category", of_revenue)],
                ] {
                    let mut query = asked(&whole, &[("grouping", grouping), ("basis", basis)]);
                    query.extend(
                        more.iter()
                            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
                    );
                    let mut follower = Follower {
                        site: &shown.site,
                        token: &shown.token,
                        query,
                        marks: 0,
                        wrong: Vec::new(),
                    };
                    for chart in CHARTS {
                        let again = (grouping, basis) != ("published", "leaf");
                        // What is published does not depend on how it is added up.
                        if !(chart == "presence" && again) {
                            follower.chart(chart).await;
                        }
                    }
                    marks += follower.marks;
                    wrong.extend(follower.wrong);
                }
            }
        }
    }
    eprintln!("{marks} marks of made statements were followed");
    fail_where(&wrong);
    assert!(marks > 1_500, "{marks}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_behind_every_mark_of_the_sample_add_up_to_it() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let (mut marks, mut wrong) = (0, Vec::new());
    let mut follow = async |more: &[(&str, &str)], presence: bool| {
        let all = [("focus", "2024"), ("against", "2023"), ("lang", "fr")];
        let query = all.iter().chain(more).copied();
        let mut follower = Follower {
            site: &bench.site.router(),
            token: "",
            query: query
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            marks: 0,
            wrong: Vec::new(),
        };
        for chart in CHARTS {
            if presence || chart != "presence" {
                follower.chart(chart).await;
            }
        }
        marks += follower.marks;
        wrong.extend(follower.wrong);
    };
    follow(&[], true).await;
    for (grouping, basis) in GROUPINGS
        .iter()
        .flat_map(|of| BASES.map(|basis| (of, basis)))
    {
        let both = [("grouping", *grouping), ("basis", basis)];
        follow(&both, false).await;
        follow(
            &[both[0], both[1], ("focus", "2017"), ("against", "2016")],
            false,
        )
        .await;
    }
    follow(
        &[
            ("grouping", "harmonised"),
            ("side", "expense"),
            ("category", "financial"),
        ],
        false,
    )
    .await;
    follow(&[("category", "CHARGES DE FONCTIONNEMENT")], false).await;
    eprintln!("{marks} marks of the sample were followed");
    fail_where(&wrong);
    assert!(marks > 600, "{marks}");
}

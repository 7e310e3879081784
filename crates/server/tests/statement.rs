//! The income statement on its page, in files and in the API: each figure is what its records add up to, the totals
//! are those of the analyses, and an address of a line means the same line after the publisher has published anew.

#![allow(
    clippy::too_many_lines,
    reason = "all that a surface says is held in one place"
)]

use std::collections::{BTreeMap, HashMap};
use std::io::Cursor;

use axum::http::Method;
use calamine::{Data, Reader, Xlsx};
use centime_accounts::nomenclature::NOMENCLATURES;
use centime_accounts::{Centimes, Role, Side};
use centime_pipeline::BodyName;
use centime_server::{ReportService, Settings, Site};
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::statement::{Row, publish, publish_records};
use crate::common::{Bench, header, send, text};

async fn site() -> (TempDir, Warehouse, Site) {
    let folder = tempfile::tempdir().unwrap();
    let address = centime_test_database::fresh(folder.path());
    let url: DatabaseUrl = address.parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let site = Site::new(warehouse.clone());
    (folder, warehouse, site)
}

async fn got(site: &Site, address: &str) -> String {
    let response = send(site, &Method::GET, address, &[], "").await;
    assert_eq!(response.status(), 200, "{address}");
    text(response).await
}

async fn data(site: &Site, address: &str) -> Vec<Value> {
    let json: Value = serde_json::from_str(&got(site, address).await).unwrap();
    match json {
        Value::Array(rows) => rows,
        mut whole => match whole["data"].take() {
            Value::Array(rows) => rows,
            other => panic!("{address}: {other}"),
        },
    }
}

fn centimes(value: &Value) -> Option<i64> {
    let text = value.as_str()?;
    Some(Centimes::parse(text).unwrap().amount.get())
}

/// An amount as an English page has it.
fn written(amount: i64) -> String {
    let digits = (amount.unsigned_abs() / 100).to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if amount < 0 { "−" } else { "" };
    format!("{sign}{grouped}.{:02}", amount.unsigned_abs() % 100)
}

/// The figures of a page: the address each leads to, and how it is written.
fn cells(page: &str) -> Vec<(String, String)> {
    let cells = page.split("<td class=\"num known--").skip(1);
    let linked = cells.filter_map(|cell| {
        let cell = cell.split("</td>").next().unwrap();
        let (_, link) = cell.split_once("<a href=\"")?;
        let (address, rest) = link.split_once("\">")?;
        let written = rest.split("</a>").next()?;
        Some((
            address.replace("&amp;", "&").replace("&#38;", "&"),
            written.to_owned(),
        ))
    });
    linked.collect()
}

/// The amounts of the records on the page of a line, and their sum as it is written there.
fn ledger(page: &str) -> (Vec<String>, String) {
    let (_, records) = page.split_once("<h2 id=\"records-").unwrap();
    let (_, list) = records.split_once("<dl class=\"ledger\">").unwrap();
    let list = list.split("</dl>").next().unwrap();
    let mut amounts: Vec<String> = list
        .split("<dd>")
        .skip(1)
        .map(|amount| {
            let amount = amount.split("</dd>").next().unwrap();
            let mut plain = String::new();
            let mut within = false;
            for letter in amount.chars() {
                match letter {
                    '<' => within = true,
                    '>' => within = false,
                    letter if !within => plain.push(letter),
                    _ => {}
                }
            }
            plain.replace(['€', '\u{2060}'], "")
        })
        .collect();
    let sum = amounts.pop().unwrap();
    (amounts, sum)
}

fn parsed(written: &str) -> i64 {
    let plain = written.replace(',', "").replace('−', "-");
    Centimes::parse(plain.trim())
        .unwrap_or_else(|error| panic!("{written}: {error}"))
        .amount
        .get()
}

/// Holds every surface of a statement against plain sums of its lines.
async fn check(site: &Site) -> usize {
    let figures = data(site, "/api/v1/statement").await;
    assert_eq!(
        figures,
        data(site, "/statement.json").await,
        "the file is the answer"
    );

    // What the records of each figure add up to, by the lines alone.
    let mut lines: HashMap<(i64, String), Value> = HashMap::new();
    for line in data(site, "/lines.json").await {
        let key = (
            line["fiscal_year"].as_i64().unwrap(),
            line["record"].to_string(),
        );
        lines.insert(key, line);
    }
    let mut by_cell: BTreeMap<(String, i64), Option<i64>> = BTreeMap::new();
    for figure in &figures {
        let (name, year) = (
            figure["line"].as_str().unwrap(),
            figure["fiscal_year"].as_i64().unwrap(),
        );
        let amount = centimes(&figure["amount"]);
        by_cell.insert((name.to_owned(), year), amount);
        let records = figure["records"].as_array().unwrap();
        let found = records
            .iter()
            .map(|record| &lines[&(year, record.as_str().unwrap().to_owned())]);
        let of = |side: &str| -> i64 {
            found
                .clone()
                .filter(|line| line["side"] == *side)
                .filter_map(|line| centimes(&line["amount"]))
                .sum()
        };
        let missing = found.clone().any(|line| line["missing"] == true);
        assert_eq!(figure["known"] == "missing", missing, "{figure}");
        let Some(amount) = amount else { continue };
        let (revenue, expense) = (of("revenue"), of("expense"));
        let sum = match figure["role"].as_str() {
            Some("balance") if revenue != 0 || !name.ends_with("expense-total") => {
                revenue - expense
            }
            _ => {
                let none: i64 = found
                    .clone()
                    .filter(|line| line["side"].is_null())
                    .filter_map(|line| centimes(&line["amount"]))
                    .sum();
                revenue + expense + none
            }
        };
        assert_eq!(sum, amount, "{figure}");
    }

    // The page shows these and no others, and each leads to records that add up to it.
    let page = got(site, "/statement?lang=en").await;
    let shown = cells(&page);
    let known: Vec<i64> = by_cell.values().filter_map(|amount| *amount).collect();
    assert_eq!(shown.len(), known.len(), "each figure is shown once");
    for (address, value) in &shown {
        let path = address.split('#').next().unwrap();
        let (line, year) = path
            .strip_prefix("/statement/")
            .unwrap()
            .split_once("?year=")
            .unwrap();
        let amount = by_cell[&(line.to_owned(), year.parse().unwrap())].unwrap();
        assert_eq!(*value, written(amount), "{address}");
        let (amounts, sum) = ledger(&got(site, &format!("{path}&lang=en")).await);
        assert_eq!(parsed(&sum), amount, "{address}");
        let added: i64 = amounts
            .iter()
            .filter(|amount| !amount.contains('—'))
            .map(|amount| parsed(amount))
            .sum();
        assert_eq!(added, amount, "{address}: {amounts:?}");
    }

    workbook(site, &by_cell).await;
    report(site, &by_cell).await;

    // The totals of the official model are those of the analyses.
    for (name, column, balances) in [
        (
            "yearly-result",
            "result",
            &["m57-result", "m14-result", "none-result"][..],
        ),
        (
            "operating-profitability",
            "operating_result",
            &["m57-net-activity", "m14-current-result"][..],
        ),
    ] {
        for row in data(site, &format!("/api/v1/analyses/{name}")).await {
            let year = row["fiscal_year"].as_i64().unwrap();
            let found = balances
                .iter()
                .find_map(|balance| by_cell.get(&((*balance).to_owned(), year)));
            if let Some(found) = found {
                assert_eq!(*found, centimes(&row[column]), "{name} of {year}");
            } else {
                assert!(row["nomenclature"].is_null(), "{row}");
            }
        }
    }
    shown.len()
}

/// The sheets of the forms have the amounts of the statement, to the centime.
async fn workbook(site: &Site, by_cell: &BTreeMap<(String, i64), Option<i64>>) {
    let response = send(site, &Method::GET, "/statement.xlsx", &[], "").await;
    assert_eq!(response.status(), 200);
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes.unwrap().to_vec())).unwrap();
    let mut found = 0;
    for (name, sheet) in book.worksheets() {
        let mut rows = sheet.rows();
        let head = rows.next().unwrap();
        let years: Vec<Option<i64>> = head
            .iter()
            .map(|cell| cell.to_string().parse().ok())
            .collect();
        if years.get(2).is_none_or(Option::is_none) {
            continue;
        }
        for row in rows {
            for (cell, year) in row.iter().zip(&years) {
                let (Some(year), Data::Float(number)) = (year, cell) else {
                    continue;
                };
                let number = Centimes::parse(&format!("{number:.2}"))
                    .unwrap()
                    .amount
                    .get();
                let key = (row[1].to_string(), *year);
                assert_eq!(by_cell[&key], Some(number), "{name}: {key:?}");
                found += 1;
            }
        }
    }
    assert_eq!(found, by_cell.values().flatten().count());
}

/// The first section of the report has the amounts of the statement, in its order.
async fn report(site: &Site, by_cell: &BTreeMap<(String, i64), Option<i64>>) {
    let site = site.clone().printing(ReportService::new(|report| {
        serde_json::to_vec(report).map_err(|error| error.to_string())
    }));
    let printed = got(&site, "/reports/income-statement.pdf?lang=en").await;
    let report: Value = serde_json::from_str(&printed).unwrap();
    let section = &report["sections"][0];
    assert_eq!(section["title"], "Income statement");
    let mut amounts: Vec<i64> = Vec::new();
    for table in section["blocks"].as_array().unwrap() {
        if table["kind"] != "table" {
            continue;
        }
        for row in table["rows"].as_array().unwrap() {
            let cells = row.as_array().unwrap()[1..].iter();
            let texts = cells.filter_map(|cell| cell["text"].as_str());
            amounts.extend(texts.filter(|text| !text.is_empty()).map(parsed));
        }
    }
    let mut known: Vec<i64> = by_cell.values().flatten().copied().collect();
    known.sort_unstable();
    amounts.sort_unstable();
    assert_eq!(amounts, known);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_the_sample_is_what_its_records_add_up_to() {
    let bench = Bench::new(crate::common::often_asked(centime_access::Mode::Public)).await;
    let cells = check(&bench.site).await;
    assert!(cells > 300, "{cells}");
}

/// Numbers that are the same at each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % most
    }
}

/// A statement in the official form with what publishers do to it: rows left out, amounts left out, sums that are wrong
/// or not printed, rows and blocks that no model has, the same row twice.
fn made(seed: u64) -> Vec<String> {
    let mut dice = Dice(seed);
    let mut records = Vec::new();
    let missing = [0, 0, 3, 20][usize::try_from(dice.below(4)).unwrap()];
    for (year, nomenclature) in [(2017, 0), (2018, 1), (2019, 1), (2021, 1)] {
        let mut put = |side: Option<Side>,
                       activity: &str,
                       category: &str,
                       label: &str,
                       amount: Option<i64>| {
            let amount = amount.map(|amount| {
                let sign = if amount < 0 { "-" } else { "" };
                let digits = format!("{sign}{}.{:02}", amount.abs() / 100, amount.abs() % 100);
                serde_json::from_str::<Value>(&digits).unwrap()
            });
            records.push(
                json!({
                    "exercice_comptable": year.to_string(),
                    "type_de_resultat": activity,
                    "produit_charge": match side {
                        Some(Side::Revenue) => "PRODUITS",
                        Some(Side::Expense) => "CHARGES",
                        None => "",
                    },
                    "poste": category,
                    "detail_postes": label,
                    "montant_en_eur": amount,
                })
                .to_string(),
            );
        };
        for block in &NOMENCLATURES[nomenclature].blocks {
            let activity = match block.activity {
                centime_accounts::Activity::Operating => "EXPLOITATION",
                centime_accounts::Activity::Financial => "FINANCIER",
                centime_accounts::Activity::Exceptional => "EXCEPTIONNEL",
            };
            let mut sum = 0;
            let mut subtotals: BTreeMap<&str, i64> = BTreeMap::new();
            let amount = |dice: &mut Dice| {
                let amount = i64::try_from(dice.below(900_000_000)).unwrap() - 100_000_000;
                (dice.below(100) >= missing).then_some(amount)
            };
            for line in &block.lines {
                match line.role {
                    Role::Line | Role::Part if dice.below(8) > 0 => {
                        let amount = amount(&mut dice);
                        sum += amount.unwrap_or_default();
                        if let Some(parent) = &line.parent {
                            *subtotals.entry(parent).or_default() += amount.unwrap_or_default();
                        }
                        put(
                            Some(block.side),
                            activity,
                            &block.label,
                            &line.label,
                            amount,
                        );
                    }
                    _ => {}
                }
            }
            for line in &block.lines {
                let wrong = i64::try_from(dice.below(5)).unwrap() / 4;
                let print = dice.below(3) > 0;
                match line.role {
                    Role::Total if print => {
                        put(
                            Some(block.side),
                            activity,
                            &block.label,
                            &line.label,
                            Some(sum + wrong),
                        );
                    }
                    Role::Subtotal | Role::Heading if print => {
                        let printed = subtotals.get(&*line.code).map(|sum| sum + wrong);
                        put(
                            Some(block.side),
                            activity,
                            &block.label,
                            &line.label,
                            printed,
                        );
                    }
                    _ => {}
                }
            }
            if dice.below(3) == 0 {
                let amount = amount(&mut dice);
                put(
                    Some(block.side),
                    activity,
                    &block.label,
                    "Une ligne nouvelle",
                    amount,
                );
                put(
                    Some(block.side),
                    activity,
                    &block.label,
                    "Une ligne nouvelle",
                    Some(7),
                );
            }
        }
        for balance in &NOMENCLATURES[nomenclature].balances {
            if dice.below(3) == 0 {
                put(None, "", "", &balance.label, Some(12_345));
            }
        }
        if dice.below(2) == 0 {
            put(
                Some(Side::Revenue),
                "FINANCIER",
                "AUTRES BLOCS",
                "Une recette à part",
                Some(99),
            );
        }
    }
    records
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_made_statements_is_what_its_records_add_up_to() {
    for seed in 0..6 {
        let (_folder, warehouse, site) = site().await;
        let body = BodyName {
            siren: "217599992".to_owned(),
            name: "Commune d’essai".to_owned(),
        };
        let records = made(seed);
        publish_records(&warehouse, records.iter().map(String::as_str), Some(body)).await;
        let cells = check(&site).await;
        assert!(cells > 80, "{seed}: {cells}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_of_no_known_form_is_shown_whole() {
    let (_folder, warehouse, site) = site().await;
    publish(&warehouse, &FIRST, &["2023", "2024"]).await;
    assert_eq!(check(&site).await, 18);
}

const FIRST: [Row; 5] = [
    (
        "PRODUITS",
        "RECETTES COURANTES",
        "Contributions",
        500_000_010,
    ),
    ("PRODUITS", "RECETTES COURANTES", "Piscine", 25_000_025),
    ("CHARGES", "DEPENSES COURANTES", "Traitements", 310_000_033),
    ("CHARGES", "DEPENSES COURANTES", "Énergie", 90_000_047),
    ("CHARGES", "DETTE", "Intérêts", 12_000_099),
];

/// Moved, added, renamed and dropped.
const SECOND: [Row; 5] = [
    ("PRODUITS", "RECETTES COURANTES", "Taxe nouvelle", 100),
    ("CHARGES", "DETTE", "Intérêts", 12_000_099),
    ("CHARGES", "Dépenses courantes", "ENERGIE", 90_000_047),
    ("CHARGES", "DEPENSES COURANTES", "Paie", 310_000_033),
    (
        "PRODUITS",
        "RECETTES COURANTES",
        "Contributions",
        500_000_010,
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn an_address_means_the_same_line_after_another_publication_or_says_that_it_is_gone() {
    let (_folder, warehouse, site) = site().await;
    publish(&warehouse, &FIRST, &["2023", "2024"]).await;
    let figures = data(&site, "/api/v1/statement?from=2024").await;
    let kept: Vec<(String, String, Option<i64>)> = figures
        .iter()
        .filter(|figure| figure["role"] == "line")
        .map(|figure| {
            let text = |name: &str| figure[name].as_str().unwrap().to_owned();
            (text("line"), text("label"), centimes(&figure["amount"]))
        })
        .collect();
    assert_eq!(kept.len(), FIRST.len());
    publish(&warehouse, &SECOND, &["2023", "2024"]).await;
    let mut gone = Vec::new();
    for (line, label, amount) in &kept {
        let address = format!("/statement/{line}");
        let page = send(
            &site,
            &Method::GET,
            &address,
            &[("accept", "text/html")],
            "",
        )
        .await;
        if page.status() == 200 {
            let now = data(&site, &format!("/api/v1/statement/{line}?from=2024")).await;
            assert_eq!(centimes(&now[0]["amount"]), *amount, "{line}");
        } else {
            assert_eq!(page.status(), 404, "{address}");
            let page = text(page).await;
            assert!(page.contains("n’est pas, ou n’est plus"), "{page}");
            // It leads to the revision that has it.
            assert!(page.contains(&format!("{address}?revision=1")), "{page}");
            gone.push(label.as_str());
        }
        // One pinned to a revision shows that revision.
        let pinned = got(&site, &format!("{address}?revision=1&lang=en")).await;
        assert!(pinned.contains(&written(amount.unwrap())), "{line}");
    }
    assert_eq!(gone, ["Piscine", "Traitements"]);
    // A third publication drops the first one.
    publish(&warehouse, &FIRST[..4], &["2023", "2024"]).await;
    let address = format!("/statement/{}?revision=1", kept[0].0);
    let dropped = send(
        &site,
        &Method::GET,
        &address,
        &[("accept", "text/html")],
        "",
    )
    .await;
    assert_eq!(dropped.status(), 410);
}

#[tokio::test]
async fn an_address_is_one_whatever_it_is_asked_with() {
    let bench = Bench::new(Settings::default()).await;
    let to = async |address: &str| {
        let accept = if address.starts_with("/api") {
            "application/json"
        } else {
            "text/html"
        };
        let response = bench.get(address, &[("accept", accept)]).await;
        let status = response.status().as_u16();
        (status, header(&response, "location").to_owned())
    };
    let personnel = "/statement/m57-personnel".to_owned();
    assert_eq!(to("/statement/M57-Personnel").await, (303, personnel));
    // What was published of a line that the model has learned leads to the line.
    assert_eq!(
        to("/statement/m57-operating-expense--charges-de-personnel?year=2024").await,
        (303, "/statement/m57-personnel?year=2024".to_owned())
    );
    for (address, status) in [
        ("/statement/m57-personnel?year=2024", 200),
        ("/statement/m57-personnel?year=1990", 404),
        ("/statement/m57-personnel?year=x", 400),
        ("/statement/m57-nothing", 404),
        ("/statement/12", 404),
        ("/statement?unit=meur", 200),
        ("/statement?unit=miles", 400),
        ("/statement?revision=77", 404),
        ("/statement.pdf", 404),
        ("/api/v1/statement/m57-nothing", 404),
    ] {
        assert_eq!(to(address).await.0, status, "{address}");
    }
    // The page of a record leads to the line that it is of.
    let record = text(bench.get("/lines/2?revision=1", &[]).await).await;
    assert!(record.contains("href=\"/statement/m"), "{record}");
}

#[tokio::test]
async fn years_of_two_models_are_never_compared() {
    let bench = Bench::new(Settings::default()).await;
    let figures = data(&bench.site, "/api/v1/statement").await;
    for figure in &figures {
        // Paris changes its chart of accounts in 2018 and its scope in 2019.
        if [2016, 2018, 2019].contains(&figure["fiscal_year"].as_i64().unwrap()) {
            assert!(figure["difference"].is_null(), "{figure}");
            assert!(figure["change"].is_null(), "{figure}");
        }
    }
    for lang in ["fr", "en"] {
        let page = got(&bench.site, &format!("/statement?lang={lang}")).await;
        assert_eq!(page.matches("<table class=\"data statement\">").count(), 2);
        let words = if lang == "fr" {
            "Rupture de série"
        } else {
            "Series break"
        };
        assert!(page.contains(words));
        // Lines of the other model are named beside a line; those by nature are not, as Paris has no such statement.
        let page = got(
            &bench.site,
            &format!("/statement/m57-purchases?lang={lang}"),
        )
        .await;
        assert!(page.contains("M14") && !page.contains("NATURE"));
    }
}

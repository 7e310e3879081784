//! Public bodies that are known from account balances alone: what they are and where, and those that have several
//! budgets, each with pages of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::StatusCode;
use centime_access::Mode;
use centime_pipeline::{AcceptedChanges, BalanceSource, Policy, Source};
use centime_portal::{Portal, Timeouts};
use centime_portal_sim::{National, Simulator};
use centime_server::Guard;
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};
use serde_json::Value;

use crate::common::{Bench, Silent, often_asked, text};

/// The budgets of each commune, the main one first, by its SIREN number.
type Budgets = BTreeMap<String, Vec<(u8, String)>>;

async fn national() -> (Bench, Budgets) {
    published(&National::new(20, 2023..=2024, 1)).await
}

async fn published(edition: &National) -> (Bench, Budgets) {
    let portal = Simulator::national(edition)
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let wait = Duration::from_mins(1);
    let timeouts = Timeouts {
        connect: wait,
        first_byte: wait,
        idle: wait,
    };
    let source = BalanceSource {
        name: None,
        portal: Portal::builder(&portal.url())
            .timeouts(timeouts)
            .build()
            .unwrap(),
        datasets: vec!["balances-comptables-des-communes-en-{year}".to_owned()],
        years: None,
        bodies: Vec::new(),
        filter: None,
        provisional: false,
        folder: None,
    };
    let policy = Policy {
        keep: 2,
        accept_changes: AcceptedChanges::NONE,
    };
    let models = centime_analytics::models();
    centime_pipeline::run(&Source::from(source), &warehouse, &models, policy, &Silent)
        .await
        .unwrap();
    let ledger = Ledger::open(&url).await.unwrap();
    let guard = Guard::new(often_asked(Mode::Public), Some(ledger.clone()));
    let mut budgets = Budgets::new();
    let communes = edition
        .results()
        .filter(|one| one.siren.starts_with("29000"));
    for one in communes.filter(|one| one.year == 2024) {
        let of_body = budgets.entry(one.siren).or_default();
        of_body.push((one.budget, one.ident));
    }
    for of_body in budgets.values_mut() {
        of_body.sort();
    }
    (Bench::of(folder, warehouse, ledger, guard), budgets)
}

async fn page(bench: &Bench, address: &str) -> String {
    let response = bench.get(address, &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{address}");
    text(response).await
}

async fn json(bench: &Bench, address: &str) -> Value {
    serde_json::from_str(&page(bench, address).await).unwrap()
}

/// A body as the API has it.
async fn body(bench: &Bench, named: &str) -> Value {
    let answer = json(bench, &format!("/api/v1/bodies/{named}")).await;
    answer.get("data").unwrap_or(&answer).clone()
}

/// The rows of the table of budgets: the address of each that leads to another page, and its SIRET number.
fn rows(page: &str) -> Vec<(Option<String>, String)> {
    let (_, table) = page.split_once("id=\"t-budgets\"").unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    let row = |row: &str| {
        let link = row
            .split_once("<a href=\"")
            .map(|(_, rest)| rest.split('"').next().unwrap().to_owned());
        let siret = row.split("<td>").nth(2).unwrap();
        (link, siret.split('<').next().unwrap().to_owned())
    };
    table
        .split("<tr><th scope=\"row\">")
        .skip(1)
        .map(row)
        .collect()
}

#[tokio::test]
async fn each_budget_of_a_body_leads_to_the_others_and_says_that_its_figures_are_its_own() {
    let (bench, budgets) = national().await;
    let several = budgets
        .values()
        .max_by_key(|of_body| of_body.len())
        .unwrap();
    assert!(several.len() > 1 && several[0].0 == 1, "{several:?}");
    let main = &several[0].1;
    let numbers: Vec<&str> = several.iter().map(|(_, ident)| ident.as_str()).collect();
    for (code, ident) in several {
        let home = page(&bench, &format!("/?body={ident}&lang=en")).await;
        let expected: Vec<(Option<String>, String)> = numbers
            .iter()
            .map(|number| {
                let link = (number != ident).then(|| format!("/?body={number}"));
                (link, (*number).to_owned())
            })
            .collect();
        assert_eq!(rows(&home), expected);
        let statement = page(&bench, &format!("/statement?body={ident}&lang=en")).await;
        let (alone, way) = match code {
            1 => ("main budget alone", format!("/?body={main}#budgets")),
            2 => ("attached budget alone", format!("/?body={main}")),
            _ => ("annexed budget alone", format!("/?body={main}")),
        };
        for shown in [&home, &statement] {
            assert!(shown.contains(alone), "{ident}: {shown}");
            assert!(shown.contains(&format!("href=\"{way}\"")), "{way}: {shown}");
        }
    }
    let french = page(&bench, &format!("/?body={main}&lang=fr")).await;
    assert!(french.contains("ceux du seul budget principal"), "{french}");
    assert!(french.contains("ne sont jamais additionnés"), "{french}");
    // A body with one budget says nothing of others.
    let single = budgets.values().find(|of_body| of_body.len() == 1).unwrap();
    let home = page(&bench, &format!("/?body={}&lang=en", single[0].1)).await;
    assert!(!home.contains("budgets\"") && !home.contains("budget alone"));
}

#[tokio::test]
async fn the_api_names_the_other_budgets_of_a_body() {
    let (bench, budgets) = national().await;
    for (siren, of_body) in &budgets {
        let main = of_body[0].1.as_str();
        let others: Vec<&str> = of_body[1..].iter().map(|(_, one)| one.as_str()).collect();
        let found = body(&bench, siren).await;
        assert_eq!(found["siren"], main);
        assert_eq!(found["other_budgets"], Value::from(others));
        // Also where the page of the list has not all of them.
        let address = format!("/api/v1/bodies?q={siren}&limit=1");
        let listed = json(&bench, &address).await;
        let first = listed["data"][0]["siren"].as_str().unwrap().to_owned();
        let of_first: Vec<&str> = of_body
            .iter()
            .map(|(_, one)| one.as_str())
            .filter(|one| *one != first)
            .collect();
        assert_eq!(listed["data"][0]["other_budgets"], Value::from(of_first));
    }
}

#[tokio::test]
async fn bodies_of_balances_are_found_by_name_number_code_and_departement() {
    let (bench, budgets) = national().await;
    // The third commune is the first of the third département: all of its numbers lead to it.
    let (siren, of_body) = budgets.iter().nth(2).unwrap();
    let main = of_body[0].1.as_str();
    let grouped = format!("{}+{}+{}", &siren[..3], &siren[3..6], &siren[6..]);
    for words in [
        "commune+d%27exemple+3",
        "COMMUNE+D%E2%80%99EX%C3%89MPLE+3",
        "03001",
        siren,
        main,
        &grouped,
        "allier",
    ] {
        let list = page(&bench, &format!("/?q={words}&lang=en")).await;
        assert!(list.contains(&format!("/?body={main}")), "{words}: {list}");
        let found = json(&bench, &format!("/api/v1/bodies?q={words}&limit=100")).await;
        let found = found["data"].as_array().unwrap();
        let one = found.iter().find(|one| one["siren"] == main);
        let one = one.unwrap_or_else(|| panic!("{words}: {found:?}"));
        assert_eq!(one["insee"], "03001");
        assert_eq!(one["kind"], "commune");
        assert_eq!(one["departement"], "Allier");
    }
    for words in ["03001", siren, main, &grouped, "allier"] {
        let found = page(&bench, &format!("/search?q={words}&lang=en")).await;
        let link = format!("href=\"/?body={main}\"");
        assert!(found.contains(&link), "{words}: {found}");
    }
    for named in ["03001", siren, main] {
        assert_eq!(body(&bench, named).await["siren"], main, "{named}");
        page(&bench, &format!("/statement?body={named}")).await;
    }
    // The list can be restricted to a département and a kind, and says both.
    let list = page(&bench, "/?departement=Allier&kind=commune&lang=en").await;
    assert!(
        list.contains(main) && list.contains("commune · 03001"),
        "{list}"
    );
    let other = budgets.values().next().unwrap()[0].1.as_str();
    assert!(!list.contains(other), "{list}");
}

#[tokio::test]
async fn budgets_of_which_no_statement_can_be_made_are_named_on_the_page_of_their_body() {
    let edition = National::new(20, 2024..=2024, 1).with_unknown_charts();
    let (bench, budgets) = published(&edition).await;
    let has_annex = |of_body: &&Vec<(u8, String)>| of_body.iter().any(|(code, _)| *code == 3);
    let with = budgets.values().find(has_annex).unwrap();
    let annex = &with.last().unwrap().1;
    let home = page(&bench, &format!("/?body={}&lang=en", with[0].1)).await;
    assert!(home.contains("no official statement can be made"), "{home}");
    assert!(
        home.contains(&format!("<li>{annex} › 2024 › EAU")),
        "{home}"
    );
    let quality = page(&bench, &format!("/quality?body={}&lang=en", with[0].1)).await;
    assert!(
        quality.contains("follow an unknown nomenclature"),
        "{quality}"
    );
    let without = budgets
        .values()
        .find(|of_body| !has_annex(of_body))
        .unwrap();
    let home = page(&bench, &format!("/?body={}&lang=en", without[0].1)).await;
    assert!(!home.contains("unknown"), "{home}");
}

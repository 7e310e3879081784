//! Many public bodies: the list and its order, and pages that ask which body is meant.

use axum::http::StatusCode;
use centime_access::Mode;
use centime_portal_sim::Simulator;
use centime_server::Guard;
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};

use crate::common::{Bench, often_asked, publish, text};

pub async fn several(bodies: u32) -> Bench {
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let portal = Simulator::sample_of_bodies(bodies);
    let portal = portal.bind("127.0.0.1:0").await.unwrap();
    publish(&warehouse, &portal.url()).await;
    let ledger = Ledger::open(&url).await.unwrap();
    let guard = Guard::new(often_asked(Mode::Public), Some(ledger.clone()));
    Bench::of(folder, warehouse, ledger, guard)
}

async fn page(bench: &Bench, address: &str) -> String {
    let response = bench.get(address, &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{address}");
    text(response).await
}

/// The addresses of the bodies that a page lists, in its order.
fn listed(page: &str) -> Vec<String> {
    page.split("<tr><th scope=\"row\"><a href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&"))
        .collect()
}

#[tokio::test]
async fn a_page_that_needs_a_body_asks_which_and_goes_on_to_the_same_view() {
    let bench = several(3).await;
    for address in [
        "/dashboard?from=2019&side=expense",
        "/statement",
        "/statement/m57-personnel",
        "/years/2023?since=2019",
        "/years",
        "/lines?year=2020",
        "/quality",
        "/analyses",
        "/analyses/yearly-result?basis=naive",
    ] {
        let found = page(&bench, address).await;
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        assert!(found.contains("name=\"body\""), "{address}: {found}");
        assert!(found.contains(&format!("action=\"{path}\"")), "{address}");
        let links = listed(&found);
        assert_eq!(links.len(), 3, "{address}");
        for link in links {
            assert!(link.starts_with(path) && link.contains("body="), "{link}");
            for parameter in query.split('&').filter(|one| !one.is_empty()) {
                assert!(link.contains(parameter), "{link}");
            }
            page(&bench, &link).await;
        }
    }
    // Programs and files get their problem as before.
    for address in ["/api/v1/lines", "/lines.csv", "/dashboard/result.csv"] {
        let status = bench.get(address, &[]).await.status();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{address}");
    }
}

#[tokio::test]
async fn a_name_of_several_bodies_lists_them_and_an_unknown_one_is_not_found() {
    let bench = several(12).await;
    let all = listed(&page(&bench, "/").await);
    assert_eq!(all.len(), 12);
    let name = {
        let page = page(&bench, "/").await;
        let row = page.split("<tr><th scope=\"row\">").nth(1).unwrap();
        row.split('>')
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let word = name.split(' ').next().unwrap().to_lowercase();
    let found = page(&bench, &format!("/dashboard?body={word}")).await;
    assert!(listed(&found).len() > 1, "{word}: {found}");
    assert!(found.contains(&format!("value=\"{word}\"")), "{found}");
    let response = bench.get("/dashboard?body=unknown-body", &[]).await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    let unknown = text(response).await;
    assert!(unknown.contains("name=\"body\""), "{unknown}");
}

#[tokio::test]
async fn the_list_is_sorted_by_each_column_and_a_page_leads_to_another_body() {
    let bench = several(60).await;
    let first = page(&bench, "/?lang=en").await;
    for column in ["Result", "Operating margin", "Lines"] {
        assert!(
            first.contains(&format!(">{column}</a>")),
            "{column}: {first}"
        );
    }
    assert!(first.contains("aria-sort=\"ascending\""), "{first}");
    let mut orders = Vec::new();
    for sort in ["name", "year", "result", "margin", "lines"] {
        for direction in ["asc", "desc"] {
            let address = format!("/?sort={sort}&dir={direction}");
            let one = listed(&page(&bench, &address).await);
            let two = listed(&page(&bench, &format!("{address}&page=2")).await);
            assert_eq!((one.len(), two.len()), (50, 10), "{address}");
            let mut both: Vec<String> = one.iter().chain(&two).cloned().collect();
            orders.push(both.clone());
            both.sort_unstable();
            both.dedup();
            assert_eq!(both.len(), 60, "{address}");
        }
    }
    let mut backwards = orders[1].clone();
    backwards.reverse();
    assert_eq!(orders[0][0], backwards[0]);
    for wrong in ["/?sort=colour", "/?dir=up"] {
        let status = bench.get(wrong, &[]).await.status();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{wrong}");
    }
    let body = &orders[0][0];
    let siren = body.split("body=").nth(1).unwrap();
    let dashboard = page(&bench, &format!("/dashboard?from=2019&body={siren}")).await;
    assert!(
        dashboard.contains("href=\"/dashboard?from=2019\""),
        "{dashboard}"
    );
}

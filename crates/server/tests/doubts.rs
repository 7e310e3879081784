//! What the checks cast doubt on is said beside the figure, on every surface.

use crate::common::statement::{Row, publish};
use crate::common::{send, text};
use axum::http::Method;
use centime_server::{ReportService, Site};
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use serde_json::Value;

/// A label of the official model, so that nothing is unknown.
const TAXES: Row = (
    "PRODUITS",
    "PRODUITS DE FONCTIONNEMENT",
    "Impôts et taxes",
    100_000,
);
const COSTS: Row = (
    "CHARGES",
    "CHARGES DE FONCTIONNEMENT",
    "Achats et charges externes",
    40_000,
);

const DOUBT: &str = "2022 à 2023 : lignes publiées deux fois";

/// Surfaces with the figures of all years.
const PAGES: [&str; 8] = [
    "/",
    "/dashboard",
    "/analyses",
    "/analyses/yearly-result",
    "/lines",
    "/embed/dashboard/result",
    "/dashboard/result.svg",
    "/analyses/yearly-result.svg",
];

async fn site(rows: &[Row]) -> (tempfile::TempDir, Site) {
    let folder = tempfile::tempdir().unwrap();
    let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    publish(&warehouse, rows, &["2022", "2023"]).await;
    let site = Site::new(warehouse).printing(ReportService::new(|report| {
        serde_json::to_vec(report).map_err(|error| error.to_string())
    }));
    (folder, site)
}

async fn get(site: &Site, address: &str) -> String {
    let headers = [("accept-language", "fr")];
    let response = send(site, &Method::GET, address, &headers, "").await;
    assert_eq!(response.status(), 200, "{address}");
    text(response).await.replace(['\u{a0}', '\u{202f}'], " ")
}

#[tokio::test]
async fn a_doubt_stands_beside_every_figure_of_its_years() {
    let (_folder, site) = site(&[TAXES, TAXES, COSTS]).await;
    for address in PAGES {
        let page = get(&site, address).await;
        // A picture has it in lines, and whole for those who do not see it.
        assert!(page.contains(DOUBT), "{address}: {page}");
        let leads_on = page.contains("href=\"/quality\"");
        assert!(leads_on || address.contains('.'), "{address}");
    }
    // Only of the years that are looked at.
    for (address, years) in [
        ("/dashboard?from=2023", "2023 : lignes"),
        ("/lines?year=2022", "2022 : lignes"),
    ] {
        let page = get(&site, address).await;
        assert!(page.contains(years) && !page.contains(DOUBT), "{address}");
    }
    let report = get(&site, "/reports/income-statement.pdf").await;
    assert!(report.contains(DOUBT), "{report}");
    for address in [
        "/analyses/yearly-result.csv",
        "/dashboard/categories.csv",
        "/lines.csv",
    ] {
        let file = get(&site, address).await;
        let mut lines = file.lines();
        assert!(
            lines.next().unwrap().ends_with(",doubts"),
            "{address}: {file}"
        );
        assert!(
            lines.all(|line| line.contains("no-duplicates")),
            "{address}: {file}"
        );
    }
    for address in [
        "/analyses/yearly-result.json",
        "/api/v1/analyses/yearly-result",
        "/api/v1/quality/reconciliation",
    ] {
        let answer: Value = serde_json::from_str(&get(&site, address).await).unwrap();
        let rows = answer.get("data").unwrap_or(&answer).as_array().unwrap();
        assert_eq!(rows.len(), 2);
        for row in rows {
            assert_eq!(
                row["doubts"],
                serde_json::json!(["no-duplicates"]),
                "{address}"
            );
        }
    }
}

#[tokio::test]
async fn without_a_doubt_nothing_is_said() {
    let (_folder, site) = site(&[TAXES, COSTS]).await;
    for address in PAGES {
        let page = get(&site, address).await;
        assert!(
            !page.contains("Réserves sur ces chiffres"),
            "{address}: {page}"
        );
    }
    let file = get(&site, "/analyses/yearly-result.csv").await;
    assert!(
        file.lines().skip(1).all(|line| line.ends_with(',')),
        "{file}"
    );
}

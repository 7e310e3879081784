//! What an address means after the publisher has published anew: the same as before, or it says so.

use std::collections::BTreeMap;

use crate::common::statement::{self, Row};
use crate::common::{header, send, text};
use axum::Router;
use axum::http::Method;
use axum::response::Response;
use centime_server::Site;
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use serde_json::Value;
use tempfile::TempDir;

const FIRST: [Row; 5] = [
    (
        "PRODUITS",
        "RECETTES COURANTES",
        "Contributions des habitants",
        500_000_010,
    ),
    (
        "PRODUITS",
        "RECETTES COURANTES",
        "Entrées de la piscine",
        25_000_025,
    ),
    (
        "CHARGES",
        "DEPENSES COURANTES",
        "Traitements des agents",
        310_000_033,
    ),
    (
        "CHARGES",
        "DEPENSES COURANTES",
        "Énergie et fluides",
        90_000_047,
    ),
    (
        "CHARGES",
        "DEPENSES FINANCIERES",
        "Intérêts des emprunts",
        12_000_099,
    ),
];

/// The same with a new first line, another order and a category that was renamed.
const SECOND: [Row; 6] = [
    ("PRODUITS", "RECETTES COURANTES", "Taxe nouvelle", 100),
    (
        "PRODUITS",
        "RECETTES COURANTES",
        "Contributions des habitants",
        500_000_010,
    ),
    (
        "CHARGES",
        "DEPENSES COURANTES",
        "Énergie et fluides",
        90_000_047,
    ),
    (
        "CHARGES",
        "DEPENSES COURANTES",
        "Traitements des agents",
        310_000_033,
    ),
    (
        "PRODUITS",
        "RECETTES COURANTES",
        "Entrées de la piscine",
        25_000_025,
    ),
    (
        "CHARGES",
        "CHARGES DE LA DETTE",
        "Intérêts des emprunts",
        12_000_099,
    ),
];

const YEARS: [&str; 2] = ["2022", "2023"];

struct Bench {
    _folder: TempDir,
    warehouse: Warehouse,
    site: Router,
}

impl Bench {
    /// After one publication.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url: DatabaseUrl = centime_test_database::fresh(folder.path()).parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let bench = Self {
            _folder: folder,
            site: Site::new(warehouse.clone()).router(),
            warehouse,
        };
        bench.publish(&FIRST, &YEARS).await;
        bench
    }

    async fn publish(&self, rows: &[Row], years: &[&str]) {
        statement::publish(&self.warehouse, rows, years).await;
    }

    async fn get(&self, address: &str) -> Response {
        let headers = [("accept", "text/html"), ("accept-language", "fr")];
        send(&self.site, &Method::GET, address, &headers, "").await
    }

    async fn page(&self, address: &str, status: u16) -> String {
        let response = self.get(address).await;
        assert_eq!(response.status(), status, "{address}");
        // French has narrow spaces within quotation marks and before colons.
        text(response).await.replace(['\u{a0}', '\u{202f}'], " ")
    }

    /// As a program asks for it.
    async fn file(&self, address: &str) -> Response {
        let headers = [("accept-language", "fr")];
        send(&self.site, &Method::GET, address, &headers, "").await
    }
}

/// The title of a page.
fn title(page: &str) -> &str {
    let (_, rest) = page.split_once("<title>").unwrap();
    rest.split("</title>").next().unwrap()
}

/// The address that a link with these words leads to.
fn link(page: &str, words: &str) -> String {
    let (before, _) = page
        .split_once(&format!(">{words}</a>"))
        .unwrap_or_else(|| panic!("no link «{words}» in {page}"));
    let (_, address) = before.rsplit_once("href=\"").unwrap();
    address.split('"').next().unwrap().replace("&#38;", "&")
}

#[tokio::test]
async fn the_address_of_a_line_never_becomes_that_of_another_line() {
    let bench = Bench::new().await;
    // Every link to a line names the revision.
    let lines = bench.page("/lines", 200).await;
    let found: Vec<&str> = lines
        .split("href=\"/lines/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert_eq!(found.len(), 20);
    assert!(
        found.iter().all(|link| link.contains("?revision=1")),
        "{found:?}"
    );
    let kept = "/lines/3?revision=1";
    let before = bench.page(kept, 200).await;
    assert!(
        title(&before).contains("Traitements des agents"),
        "{before}"
    );
    let bare = bench.get("/lines/3").await;
    assert_eq!(
        (bare.status().as_u16(), header(&bare, "location")),
        (303, kept)
    );

    bench.publish(&SECOND, &YEARS).await;
    // The same line, with the word that there is a newer revision, and the way to the line in it.
    let after = bench.page(kept, 200).await;
    assert_eq!(title(&after), title(&before));
    assert!(after.contains("Vous regardez la révision 1") && after.contains("révision 2"));
    let now = link(&after, "Voir cette ligne dans la révision actuelle");
    assert_eq!(now, "/lines/4?revision=2");
    assert_eq!(title(&bench.page(&now, 200).await), title(&before));
    // Whatever is linked from there stays in the older revision.
    for rest in after.split("href=\"/").skip(1) {
        let address = rest.split('"').next().unwrap();
        let leads_back = address.is_empty()
            || address.starts_with("assets")
            || address.starts_with("login")
            || address.starts_with("revisions.atom")
            || address == "lines/4?revision=2";
        assert!(leads_back || address.contains("revision=1"), "/{address}");
    }
    // Without a revision it is the current one, and the page says so.
    let bare = bench.get("/lines/3").await;
    assert_eq!(header(&bare, "location"), "/lines/3?revision=2");
    let bare = bench.page("/lines/3?revision=2", 200).await;
    assert!(
        bare.contains("Enregistrement n° 3 de la révision 2"),
        "{bare}"
    );
    assert!(title(&bare).contains("Énergie"), "{bare}");
    // One that is not in the newer revision.
    bench.page("/lines/5?revision=1", 200).await;
    let renamed = bench.page("/lines/5?revision=1", 200).await;
    assert!(renamed.contains("Cette ligne n’y est plus"), "{renamed}");

    // Two are kept, so the first goes.
    bench.publish(&FIRST, &YEARS[..1]).await;
    let gone = bench.page(kept, 410).await;
    assert!(
        gone.contains("La révision 1 n’est plus conservée"),
        "{gone}"
    );
    assert!(
        !gone.contains("Traitements") && !gone.contains("Énergie"),
        "{gone}"
    );
    assert_eq!(link(&gone, "Les lignes de la révision actuelle"), "/lines");
    for never in ["9", "x", "-1", "0", "99999999999999999999"] {
        let page = bench.page(&format!("/lines/3?revision={never}"), 404).await;
        assert!(page.contains("Il n’y a pas de révision"), "{never}: {page}");
    }
}

/// Pages, frames and files, by what they show.
const SURFACES: [&str; 16] = [
    "/",
    "/dashboard",
    "/analyses",
    "/analyses/yearly-result",
    "/lines",
    "/lines/3",
    "/quality",
    "/embed/dashboard/result",
    "/dashboard/result.csv",
    "/dashboard/flow.png",
    "/dashboard/result.json",
    "/analyses/yearly-result.csv",
    "/analyses/yearly-result.svg",
    "/lines.csv",
    "/cards/dashboard/result.png",
    "/cards/analyses/yearly-result.png",
];

#[tokio::test]
async fn a_revision_is_honoured_or_refused_everywhere() {
    let bench = Bench::new().await;
    let mut before = BTreeMap::new();
    for address in SURFACES {
        let address = format!("{address}?revision=1");
        let response = bench.get(&address).await;
        assert_eq!(response.status(), 200, "{address}");
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        before.insert(address, bytes.unwrap());
    }
    bench.publish(&SECOND, &YEARS[..1]).await;
    for (address, before) in &before {
        let response = bench.get(address).await;
        assert_eq!(response.status(), 200, "{address}");
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        let bytes = bytes.unwrap();
        let is_page = !address.contains('.');
        if is_page {
            let page = String::from_utf8(bytes.to_vec()).unwrap();
            assert!(page.contains("Vous regardez la révision 1"), "{address}");
        } else {
            // What a file or picture shows is the same to the byte, or says the address it is of.
            let same = bytes == *before || String::from_utf8_lossy(&bytes).contains("revision=1");
            assert!(same, "{address}");
        }
    }
    // The statement of the first revision has both years, that of the second one.
    for (address, rows) in [
        ("/lines.csv", 7),
        ("/lines.csv?revision=1", 11),
        ("/lines.csv?revision=2", 7),
        ("/analyses/yearly-result.csv", 2),
        ("/analyses/yearly-result.csv?revision=1", 3),
        ("/dashboard/result.csv?revision=1", 3),
    ] {
        let file = text(bench.get(address).await).await;
        assert_eq!(file.lines().count(), rows, "{address}: {file}");
    }
    for (revision, years) in [(1, 2), (2, 1_usize)] {
        let address = format!("/api/v1/analyses/yearly-result?revision={revision}");
        let answer: Value = serde_json::from_str(&text(bench.file(&address).await).await).unwrap();
        assert_eq!(answer["revision"], revision);
        assert_eq!(answer["data"].as_array().unwrap().len(), years);
        let address = format!("/api/v1/lines?revision={revision}&limit=1000");
        let answer: Value = serde_json::from_str(&text(bench.file(&address).await).await).unwrap();
        let records = [10, 6][usize::try_from(revision - 1).unwrap()];
        assert_eq!(answer["data"].as_array().unwrap().len(), records);
    }
    bench.publish(&FIRST, &YEARS[..1]).await;
    for address in SURFACES {
        let address = format!("{address}?revision=1");
        let page = bench.page(&address, 410).await;
        assert!(page.contains("n’est plus conservée"), "{address}: {page}");
        let framed = address.starts_with("/embed");
        assert_eq!(page.contains("site-header"), !framed, "{address}");
    }
    let file = bench.file("/dashboard/result.csv?revision=1").await;
    assert_eq!(file.status(), 410);
    assert_eq!(header(&file, "content-type"), "application/problem+json");
    let problem: Value = serde_json::from_str(&text(file).await).unwrap();
    assert_eq!(problem["type"], "urn:centime:problem:gone-revision");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("La révision 1"),
        "{problem}"
    );
    let api = bench.file("/api/v1/datasets?revision=1").await;
    assert_eq!(api.status(), 410);
}

#[tokio::test]
async fn a_category_that_was_renamed_leads_on() {
    let bench = Bench::new().await;
    let renamed = "category=DEPENSES+FINANCIERES";
    for page in ["/dashboard", "/embed/dashboard/result", "/lines"] {
        bench.page(&format!("{page}?{renamed}"), 200).await;
    }
    bench.publish(&SECOND, &YEARS).await;
    for (address, whole) in [
        ("/dashboard", "/dashboard"),
        ("/embed/dashboard/result", "/dashboard"),
        ("/lines", "/lines"),
        ("/dashboard/result.csv", "/dashboard"),
        ("/lines.csv", "/lines"),
        ("/cards/dashboard/result.png", "/dashboard"),
    ] {
        let address = format!("{address}?{renamed}");
        let page = bench.page(&address, 404).await;
        assert!(
            page.contains("La catégorie « Depenses financieres » n’est pas, ou n’est plus"),
            "{address}: {page}"
        );
        assert_eq!(link(&page, "La vue entière"), whole, "{address}");
        let before = link(&page, "La même vue dans la révision 1");
        assert_eq!(bench.get(&before).await.status(), 200, "{before}");
        let near = link(&page, "Depenses courantes");
        assert_eq!(bench.get(&near).await.status(), 200, "{near}");
        // A frame has no menus of the site, and its links leave it.
        let framed = address.starts_with("/embed");
        assert_eq!(page.contains("site-nav"), !framed, "{address}");
        assert_eq!(page.contains("target=\"_blank\""), framed, "{address}");
    }
    // A program that asks for a file gets a problem, in the visitor's language.
    let file = bench
        .file(&format!("/dashboard/result.csv?{renamed}"))
        .await;
    assert_eq!(file.status(), 404);
    assert_eq!(header(&file, "content-type"), "application/problem+json");
    assert_eq!(header(&file, "content-language"), "fr");
    let problem: Value = serde_json::from_str(&text(file).await).unwrap();
    assert_eq!(problem["type"], "urn:centime:problem:absent-category");
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("Depenses financieres")
    );
    // A year that was withdrawn is the same.
    bench.publish(&SECOND, &YEARS[..1]).await;
    let year = bench.page("/dashboard?from=2022&to=2023", 404).await;
    assert!(
        year.contains("L’exercice 2023 n’est pas, ou n’est plus"),
        "{year}"
    );
    let before = link(&year, "La même vue dans la révision 2");
    assert_eq!(bench.get(&before).await.status(), 200, "{before}");
    // What no statement can have stays a wrong value.
    bench.page("/dashboard?from=abc", 400).await;
    bench.page("/dashboard?side=both", 400).await;
}

#[tokio::test]
async fn parameters_that_change_nothing_are_told() {
    let bench = Bench::new().await;
    for address in SURFACES {
        let joint = if address == "/lines/3" {
            "?revision=1&"
        } else {
            "?"
        };
        // What follows readers is dropped without a word.
        let followed = format!("{address}{joint}utm_source=lettre&fbclid=1");
        let plain = format!("{address}{joint}")
            .trim_end_matches(['?', '&'])
            .to_owned();
        let bytes = async |address: &str| {
            let response = bench.get(address).await;
            assert_eq!(response.status(), 200, "{address}");
            axum::body::to_bytes(response.into_body(), usize::MAX)
                .await
                .unwrap()
        };
        assert_eq!(bytes(&followed).await, bytes(&plain).await, "{followed}");
        let asked = format!("{address}{joint}yaer=2022&%3Cb+x%3E=1");
        if address.contains('.') {
            let page = bench.page(&asked, 400).await;
            assert!(
                page.contains("« yaer »") && !page.contains("<b x>"),
                "{page}"
            );
            let file = bench.file(&asked).await;
            assert_eq!(file.status(), 400, "{asked}");
            assert_eq!(header(&file, "content-type"), "application/problem+json");
        } else {
            let page = bench.page(&asked, 200).await;
            assert!(
                page.contains("« yaer »") && !page.contains("<b x>"),
                "{asked}: {page}"
            );
            assert!(!page.contains("yaer="), "{asked} is in a link");
            if !address.starts_with("/embed") {
                assert_eq!(link(&page, "La même page sans cela"), plain, "{asked}");
            }
            // It is in no answer to others.
            assert!(!bench.page(&plain, 200).await.contains("yaer"), "{plain}");
        }
    }
    let login = bench.page("/login?x=1", 200).await;
    assert!(login.contains("« x »"), "{login}");
    // Of two values the first counts, and the second is told.
    let twice = bench.page("/lines?year=2022&year=2023", 200).await;
    assert!(twice.contains("« year »") && twice.contains("donné deux fois"));
}

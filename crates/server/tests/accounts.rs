//! Accounts and indicators: the same figures on pages, in files, in the API, in the report and for readers of SQL.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::http::Method;
use centime_access::Mode;
use centime_documents::Limits as Read;
use centime_pipeline::{AcceptedChanges, Documents, Policy, Source};
use centime_server::{Guard, ReportService, Site};
use centime_warehouse::sql::{Limits, SqlReader};
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use tempfile::TempDir;

use crate::common::{Bench, Silent, header, often_asked, send, text};

const CFU: &[u8] = include_bytes!("../../documents/tests/data/cfu-2023.xml");

/// What the document prints, or what follows from it: in files, and on the French and the English page.
const FIGURES: [(&str, &str, &str, &str, &str); 8] = [
    (
        "result",
        "amount",
        "217077.40",
        "217 077,40 €",
        "€217,077.40",
    ),
    (
        "gross-cash-flow",
        "amount",
        "229473.21",
        "229 473,21 €",
        "€229,473.21",
    ),
    (
        "net-cash-flow",
        "amount",
        "165936.20",
        "165 936,20 €",
        "€165,936.20",
    ),
    ("years-to-repay", "years", "1.09", "1,09 an", "1.09 years"),
    (
        "ratio-1",
        "amount",
        "708.54",
        "708,54 €/hab.",
        "€708.54 per inhabitant",
    ),
    (
        "ratio-3",
        "amount",
        "940.59",
        "940,59 €/hab.",
        "€940.59 per inhabitant",
    ),
    ("ratio-7", "share", "36.82", "36,82 %", "36.82%"),
    ("ratio-9", "share", "82.20", "82,20 %", "82.20%"),
];

/// A site over a real document.
struct OfDocument {
    _folder: TempDir,
    url: DatabaseUrl,
    site: Site,
}

impl OfDocument {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = centime_test_database::fresh(folder.path());
        let url: DatabaseUrl = address.parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let mut documents = Documents::new(None);
        for document in centime_documents::read(CFU, "cfu.xml", &Read::default()).unwrap() {
            documents.add(&document).unwrap();
        }
        let policy = Policy {
            keep: 2,
            accept_changes: AcceptedChanges::NONE,
        };
        let models = centime_analytics::models();
        let source = Source::of_documents(documents);
        centime_pipeline::run(&source, &warehouse, &models, policy, &Silent)
            .await
            .unwrap();
        let site = Site::guarded(warehouse, Guard::new(often_asked(Mode::Public), None));
        let reports = ReportService::new(|report| {
            serde_json::to_vec(report).map_err(|error| error.to_string())
        });
        Self {
            _folder: folder,
            url,
            site: site.printing(reports),
        }
    }

    async fn get(&self, address: &str) -> String {
        let response = send(&self.site, &Method::GET, address, &[], "").await;
        assert_eq!(response.status(), 200, "{address}");
        plain(&text(response).await)
    }

    async fn rows(&self, address: &str) -> Vec<BTreeMap<String, String>> {
        let file = self.get(address).await;
        let mut reader = csv::Reader::from_reader(file.as_bytes());
        reader.deserialize().map(Result::unwrap).collect()
    }
}

/// A text with plain spaces.
fn plain(text: &str) -> String {
    text.replace(['\u{a0}', '\u{202f}'], " ")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_indicator_is_the_same_on_every_surface() {
    let bench = OfDocument::new().await;
    let pages = [
        bench.get("/indicators?lang=fr").await,
        bench.get("/indicators?lang=en").await,
    ];
    let reports = [
        bench.get("/reports/income-statement.pdf?lang=fr").await,
        bench.get("/reports/income-statement.pdf?lang=en").await,
    ];
    let file = bench.rows("/indicators.csv").await;
    let api: serde_json::Value =
        serde_json::from_str(&bench.get("/api/v1/indicators").await).unwrap();
    let reading = SqlReader::open_for_its_user(&bench.url).await.unwrap();
    let sql =
        "SELECT indicator, amount_eur, share_percent, years, name_fr FROM published.indicator";
    let view = reading
        .ask(
            sql,
            Limits {
                time: Duration::from_secs(20),
                rows: 1000,
                bytes: 1 << 20,
            },
        )
        .await
        .unwrap();
    for (code, column, value, french, english) in FIGURES {
        for (page, shown) in pages.iter().zip([french, english]) {
            let row = page.split("<tr id=\"").find(|row| row.starts_with(code));
            assert!(
                row.unwrap().contains(&format!(">{shown}<")),
                "{code}: {shown}"
            );
        }
        for (report, shown) in reports.iter().zip([french, english]) {
            assert!(report.contains(&format!("\"{shown}\"")), "{code}: {shown}");
        }
        let of_file = file.iter().find(|row| row["indicator"] == code).unwrap();
        assert_eq!(of_file[column], value, "{code}");
        let data = api["data"].as_array().unwrap();
        let of_api = data.iter().find(|row| row["indicator"] == code).unwrap();
        assert_eq!(of_api[column], value, "{code}");
        let place = ["amount", "share", "years"];
        let place = 1 + place.iter().position(|name| *name == column).unwrap();
        let row = view.rows.iter().find(|row| row[0].as_deref() == Some(code));
        let of_view: f64 = row.unwrap()[place].as_deref().unwrap().parse().unwrap();
        assert_eq!(format!("{of_view:.2}"), value, "{code}");
    }
    assert_eq!((file.len(), view.rows.len()), (42, 42));
    // What cannot be computed says what is missing, and is no number anywhere.
    assert!(pages[0].contains("non calculable : manque le potentiel fiscal"));
    let missing = file
        .iter()
        .find(|row| row["indicator"] == "ratio-8")
        .unwrap();
    assert_eq!(
        (&*missing["share"], &*missing["missing"]),
        ("", "fiscal-potential")
    );
    // The year has the same, and so has each form of the file.
    let year = bench.get("/years/2023?lang=fr").await;
    assert!(year.contains(">229 473,21 €<") && year.contains(">1,09 an<"));
    for form in ["json", "xlsx", "parquet"] {
        for name in ["indicators", "accounts"] {
            let address = format!("/{name}.{form}");
            let response = send(&bench.site, &Method::GET, &address, &[], "").await;
            assert_eq!(response.status(), 200, "{address}");
            assert!(header(&response, "content-disposition").contains(name));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_lead_to_their_lines_and_lines_to_their_accounts() {
    let bench = OfDocument::new().await;
    let page = bench.get("/accounts?lang=fr").await;
    assert!(page.contains("Comptes de 2023") && page.contains("990 habitants"));
    assert!(
        page.contains("/statement/m57-taxes-received?year=2023#records-2023"),
        "{page}"
    );
    let file = bench.rows("/accounts.csv").await;
    let taxes = file
        .iter()
        .filter(|row| row["line"] == "m57-taxes-received");
    let taxes: Vec<(&str, &str)> = taxes
        .map(|row| (&*row["account"], &*row["line_amount"]))
        .collect();
    let line = bench
        .get("/statement/m57-taxes-received?lang=fr&year=2023")
        .await;
    assert!(line.contains("Comptes de cette ligne en 2023"));
    for (account, amount) in &taxes {
        assert!(line.contains(&format!("account={account}")), "{account}");
        let (whole, cents) = amount.split_once('.').unwrap();
        assert!(line.contains(&format!(",{cents} €")), "{whole}");
    }
    assert!(
        taxes
            .iter()
            .any(|(account, amount)| account.starts_with("739") && *amount == "-950.00")
    );
    // A subtotal has the accounts of its parts.
    let personnel = bench.get("/statement/m57-personnel?year=2023").await;
    assert!(personnel.contains("account=6411") && personnel.contains("account=6450"));
    // Those of an indicator are its own, with their sum.
    let used = bench
        .get("/accounts?year=2023&indicator=gross-cash-flow&lang=en")
        .await;
    assert!(used.contains("229,473.21") && !used.contains(">1641<"));
    let one = bench.get("/accounts?account=64&lang=fr").await;
    assert!(one.contains(">6411<") && !one.contains(">60611<"));
    for (address, status) in [
        ("/accounts?year=2022", 404),
        ("/accounts?account=6a", 400),
        ("/accounts?indicator=none", 400),
        ("/statement?by=function", 400),
    ] {
        let response = send(&bench.site, &Method::GET, address, &[], "").await;
        assert_eq!(response.status(), status, "{address}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statement_by_nature_is_beside_the_official_one() {
    let bench = OfDocument::new().await;
    let official = bench.get("/statement?lang=fr").await;
    assert!(official.contains("/statement?by=nature"));
    let page = bench.get("/statement?by=nature&lang=fr").await;
    assert!(
        page.contains("251 248,96") && page.contains("account=64"),
        "{page}"
    );
    assert!(!page.contains("/statement/nature-"));
    let file = bench.rows("/statement.csv?by=nature").await;
    let api = bench.rows("/api/v1/statement?by=nature&format=csv").await;
    for rows in [file, api] {
        let of = |line: &str| {
            let row = rows.iter().find(|row| row["line"] == line).unwrap();
            (row["amount"].clone(), row["records"].clone())
        };
        assert_eq!(of("nature-64"), ("251248.96".to_owned(), String::new()));
        assert_eq!(of("nature-result").0, "217077.40");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_accounts_nothing_leads_to_them_and_the_page_says_how_to_get_them() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    for address in ["/", "/statement", "/years/2024"] {
        let page = text(bench.get(address, &[]).await).await;
        assert!(
            !page.contains("/indicators") && !page.contains("/accounts"),
            "{address}"
        );
    }
    for address in ["/indicators", "/accounts", "/statement?by=nature"] {
        let response = bench.get(address, &[("accept-language", "en")]).await;
        assert_eq!(response.status(), 200, "{address}");
        let page = text(response).await;
        assert!(
            page.contains("the accounts are not known here"),
            "{address}"
        );
    }
    let page = text(bench.get("/indicators", &[]).await).await;
    assert!(page.contains("centime import"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_figure_for_each_inhabitant_is_the_same_on_every_surface() {
    let bench = OfDocument::new().await;
    // The result of the document, and what it is for each of its 990 inhabitants.
    let (amount, each) = ("217077.40", "219.27");
    assert_eq!((21_707_740_i64 * 2 + 990) / (2 * 990), 21_927);
    let file = bench.rows("/statement.csv").await;
    let mut divided = 0;
    for row in file.iter().filter(|row| row["fiscal_year"] == "2023") {
        let (amount, each) = (&row["amount"], &row["per_inhabitant"]);
        assert_eq!(row["population"], "990");
        assert_eq!(amount.is_empty(), each.is_empty(), "{row:?}");
        if amount.is_empty() {
            continue;
        }
        let centimes = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
        let amount = centimes(amount);
        let rounded = (2 * amount.abs() + 990) / (2 * 990) * amount.signum();
        assert_eq!(centimes(each), rounded, "{row:?}");
        divided += 1;
    }
    assert!(divided > 40, "{divided}");
    // The number of inhabitants of the year before is not known.
    let before: Vec<_> = file
        .iter()
        .filter(|row| row["fiscal_year"] == "2022")
        .collect();
    assert!(!before.is_empty());
    assert!(
        before
            .iter()
            .all(|row| row["per_inhabitant"].is_empty() && row["population"].is_empty())
    );
    let result = file
        .iter()
        .find(|row| row["fiscal_year"] == "2023" && row["amount"] == amount)
        .unwrap();
    assert_eq!(result["per_inhabitant"], each);
    let api = bench.get("/api/v1/statement?from=2023&to=2023").await;
    let api: serde_json::Value = serde_json::from_str(&api).unwrap();
    let data = api["data"].as_array().unwrap();
    let of_api = data
        .iter()
        .find(|row| row["line"] == result["line"].as_str());
    assert_eq!(of_api.unwrap()["per_inhabitant"], each);
    assert_eq!(of_api.unwrap()["population"], 990);
    for (language, shown, people) in [
        (
            "fr",
            "219,27",
            "990 habitants en 2023 (Balance des comptes)",
        ),
        (
            "en",
            "219.27",
            "990 inhabitants in 2023 (Balances of accounts)",
        ),
    ] {
        let statement = bench
            .get(&format!("/statement?unit=inhabitant&lang={language}"))
            .await;
        assert!(statement.contains(&format!(">{shown}<")), "{statement}");
        assert!(statement.contains(people), "{statement}");
        for page in [
            "/",
            "/years/2023",
            "/dashboard",
            "/reports/income-statement.pdf",
        ] {
            let address = format!("{page}?lang={language}");
            let page = bench.get(&address).await;
            assert!(page.contains(people), "{address}: {page}");
            assert!(page.contains(shown), "{address}: {page}");
        }
    }
    // By nature it is divided by the same.
    let nature = bench.rows("/statement.csv?by=nature").await;
    assert!(nature.iter().any(|row| row["population"] == "990"));
}

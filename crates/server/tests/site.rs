//! The site over a small database: every page, in both languages, and what is said when there is
//! nothing to show.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use centime_accounts::classify::Classifier;
use centime_accounts::{Centimes, FiscalYear, Published, StatementRow, YearStatement};
use centime_analytics::{
    ANALYSES, Basis, Cell, Language, Selection, Table, analyses, columns, views,
};
use centime_server::{Guard, ReportService, Scope, Settings, Site};
use centime_warehouse::quality::BreakKind;
use centime_warehouse::revision::{NewRevision, Run, RunOutcome, RunReport};
use centime_warehouse::staging::{NewBody, RawRecord, SliceOf, Staging};
use centime_warehouse::{CheckResult, DatabaseUrl, Dataset, OpenMode, Outcome, Subject, Warehouse};
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

const HOSTILE: &str = "<script>alert(\"1\")</script> & =1+1";
const AT: &str = "2025-07-08T14:05:31Z";

/// A site, with the folder of its database.
struct Bench {
    _folder: TempDir,
    warehouse: Warehouse,
    site: Router,
}

fn report(outcome: RunOutcome, revision: Option<i64>) -> RunReport {
    RunReport {
        finished_at: AT.to_owned(),
        outcome,
        revision,
        records: Some(8),
        cause: None,
        message: (outcome == RunOutcome::Failed).then(|| "/secret/path: broken".to_owned()),
        steps: Vec::new(),
        checks: vec![
            CheckResult {
                name: "amounts-published".to_owned(),
                outcome: Outcome::Warn,
                found: 5,
                subjects: (1..=5)
                    .map(|number| format!("{HOSTILE} {number}"))
                    .collect(),
            },
            CheckResult {
                name: "a-check-of-tomorrow".to_owned(),
                outcome: Outcome::Pass,
                found: 1,
                subjects: Vec::new(),
            },
        ],
    }
}

/// A row: side, category, label, amount in centimes.
type Row = (&'static str, String, String, Option<i64>);

/// A year of these rows.
fn statement(text: &str, first_record: i64, rows: Vec<Row>) -> YearStatement {
    let year = FiscalYear::parse(text).unwrap();
    let rows = (first_record..)
        .zip(rows)
        .map(|(record, (side, category, label, amount))| StatementRow {
            record,
            year,
            published: Arc::new(Published {
                activity: "EXPLOITATION".to_owned(),
                side: side.to_owned(),
                category,
                label,
            }),
            amount: amount.map(Centimes::new),
        })
        .collect::<Vec<_>>();
    YearStatement::new(year, &rows, &mut Classifier::default())
}

/// The rows of a year: label, amount in centimes. All are operating expense but the first.
fn year(text: &str, first_record: i64, rows: &[(&str, Option<i64>)]) -> YearStatement {
    let row = |(label, amount): &(&str, Option<i64>)| {
        let (side, category) = if *label == "Impôts et taxes" {
            ("PRODUITS", "PRODUITS DE FONCTIONNEMENT")
        } else {
            ("CHARGES", "CHARGES DE FONCTIONNEMENT")
        };
        (side, category.to_owned(), (*label).to_owned(), *amount)
    };
    statement(text, first_record, rows.iter().map(row).collect())
}

/// Two years of a body, the second incomplete.
fn two_years(before: i64) -> Vec<YearStatement> {
    let complete = [
        ("Impôts et taxes", Some(1_000_000)),
        ("Charges de personnel", Some(500_000)),
        (
            "Dont salaires, traitements et rémunérations diverses",
            Some(300_000),
        ),
        ("Dont charges sociales", Some(200_000)),
        (HOSTILE, Some(100_050)),
    ];
    let incomplete = [
        ("Impôts et taxes", Some(900_000)),
        ("Achats et charges externes", None),
        (HOSTILE, Some(-5)),
    ];
    vec![
        year("2023", before + 1, &complete),
        year("2024", before + 6, &incomplete),
    ]
}

/// The years of a body.
async fn stage_body(
    staging: &mut Staging,
    (siren, name): (&str, &str),
    statements: &[YearStatement],
    sample: bool,
) {
    for statement in statements {
        for line in &statement.lines {
            let label = Value::from(line.item.published.label.clone());
            let record = RawRecord {
                siren,
                subject: Subject::IncomeStatement,
                record: line.record,
                json: &format!("{{\"detail_postes\": {label}, \"montant_en_eur\": 1.50}}"),
            };
            staging.record(record).await.unwrap();
        }
        staging.statement(siren, statement).await.unwrap();
    }
    let last = statements.last().unwrap().year;
    let broken = staging.series_break(siren, last, BreakKind::Perimeter);
    broken.await.unwrap();
    let body = NewBody {
        siren: siren.to_owned(),
        name: name.to_owned(),
        budget: None,
        first_year: statements[0].year,
        last_year: last,
        lines: 8,
        sample,
    };
    staging.body(&body).await.unwrap();
}

impl Bench {
    /// An empty database.
    async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = centime_test_database::fresh(folder.path());
        Self::at(folder, &address).await
    }

    async fn at(folder: TempDir, address: &str) -> Self {
        let url: DatabaseUrl = address.parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let models = centime_analytics::models();
        warehouse.prepare_marts(&models).await.unwrap();
        Self {
            _folder: folder,
            site: Site::new(warehouse.clone()).router(),
            warehouse,
        }
    }

    /// Two years of a body, the second incomplete.
    async fn published(sample: bool) -> Self {
        let bench = Self::empty().await;
        bench.publish(&[("", "Ville d’Essai")], sample).await;
        bench
    }

    async fn publish(&self, bodies: &[(&str, &str)], sample: bool) {
        let bodies = (0..)
            .zip(bodies)
            .map(|(number, (siren, name))| (*siren, *name, two_years(100 * number)));
        self.publish_statements(bodies.collect(), sample).await;
    }

    async fn publish_statements(
        &self,
        bodies: Vec<(&str, &str, Vec<YearStatement>)>,
        sample: bool,
    ) {
        let run = self.warehouse.begin_run(AT, "https://example.org").await;
        let run = run.unwrap();
        let new = NewRevision {
            created_at: AT.to_owned(),
            portal: "https://example.org".to_owned(),
            sample,
            rules_version: 1,
        };
        let mut staging = self.warehouse.stage(&new).await.unwrap();
        let slice = SliceOf::Subject(Subject::IncomeStatement);
        staging.begin_slice(slice, 0).await.unwrap();
        for (siren, name, statements) in bodies {
            stage_body(&mut staging, (siren, name), &statements, sample).await;
        }
        let dataset = Dataset {
            subject: Subject::IncomeStatement,
            source: 1,
            first_record: 1,
            name: None,
            portal: "https://example.org".to_owned(),
            sample,
            dataset_id: "compte-de-resultat".to_owned(),
            title: HOSTILE.to_owned(),
            publisher: None,
            license: Some("Licence".to_owned()),
            license_url: Some("javascript:alert(1)".to_owned()),
            records: 8,
            data_processed: None,
            modified: Some("2025-07-01T00:00:00+00:00".to_owned()),
            retrieved_at: AT.to_owned(),
            retrieved_via: centime_warehouse::RetrievalMethod::Export,
            content_hash: "ab".repeat(32),
            filter: None,
            reading: None,
        };
        staging.dataset(&dataset, &[]).await.unwrap();
        staging.complete().await.unwrap();
        staging
            .materialise(&centime_analytics::models())
            .await
            .unwrap();
        let revision = staging.commit("fingerprint").await.unwrap();
        self.warehouse
            .publish(
                run,
                revision,
                3,
                &report(RunOutcome::Published, Some(revision)),
            )
            .await
            .unwrap();
    }

    async fn send(&self, method: Method, address: &str, headers: &[(&str, &str)]) -> Response {
        let mut request = Request::builder().method(method).uri(address);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        self.site.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, address: &str) -> Response {
        self.send(Method::GET, address, &[]).await
    }

    /// The body of an answer with this status.
    async fn body(&self, address: &str, status: StatusCode) -> String {
        let response = self.get(address).await;
        assert_eq!(response.status(), status, "{address}");
        text(response).await
    }

    async fn page(&self, address: &str) -> String {
        self.body(address, StatusCode::OK).await
    }

    async fn last_run(&self) -> Run {
        self.warehouse.runs(1).await.unwrap().remove(0)
    }
}

async fn text(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    String::from_utf8(bytes.unwrap().to_vec()).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

fn addresses() -> Vec<String> {
    let fixed = [
        "/",
        "/dashboard",
        "/dashboard?side=revenue&unit=share",
        "/dashboard?grouping=harmonised&unit=percent&basis=naive",
        "/dashboard?activity=operating&from=2023&focus=2023&against=2024",
        "/years",
        "/years/2024",
        "/years/2024?since=2023",
        "/search",
        "/search?q=charges",
        "/search?q=qwertyuiop",
        "/analyses",
        "/lines",
        "/lines/2?revision=1",
        "/lines/7?revision=1",
        "/quality",
    ];
    let mut addresses: Vec<String> = fixed.iter().map(ToString::to_string).collect();
    for analysis in ANALYSES {
        for basis in ["leaf", "naive"] {
            addresses.push(format!("/analyses/{}?basis={basis}", analysis.name()));
        }
    }
    addresses
}

#[tokio::test]
async fn every_page_is_there_in_both_languages_and_takes_no_harm_from_labels() {
    let bench = Bench::published(false).await;
    for address in addresses() {
        for language in ["fr", "en"] {
            let joint = if address.contains('?') { '&' } else { '?' };
            let page = bench
                .page(&format!("{address}{joint}lang={language}"))
                .await;
            assert!(
                page.contains(&format!("<html lang=\"{language}\"")),
                "{address}"
            );
            let scripts = page.matches("<script").count();
            let own = r#"<script type="module" src="/assets/site.js?v="#;
            assert!(scripts == 1 && page.contains(own), "{address}: {page}");
            assert!(!page.contains("javascript:"), "{address}");
            assert!(!page.contains(" style=\""), "{address}");
            assert!(!page.contains("Données d’exemple"), "{address}");
            // A word that no file of words has is shown by its key.
            for key in [
                "home.",
                "lines.",
                "quality.",
                "column.",
                "chart.",
                "value.",
                "line.",
                "dashboard.",
                "state.",
                "year.",
                "search.",
                "surplus.",
                "deficit.",
            ] {
                let bare = page.split('>').any(|part| part.starts_with(key));
                assert!(!bare, "{address} shows a key beginning with {key}");
            }
        }
    }
    let lines = bench.page("/lines").await;
    assert!(lines.contains("&#60;script&#62;alert("), "{lines}");
}

#[tokio::test]
async fn an_analysis_shows_every_query_behind_its_figures() {
    let bench = Bench::published(false).await;
    for analysis in ANALYSES {
        let address = format!("/analyses/{}?lang=en", analysis.name());
        let page = bench.page(&address).await;
        let models = analysis.model.with_bases();
        assert!(models.len() > 1, "{address} reads what others read too");
        for model in models {
            let first = model.sql.lines().next().unwrap();
            assert_eq!(page.matches(first).count(), 1, "{address}: {first}");
        }
        assert!(page.contains("It reads mart.line_sum"), "{page}");
    }
}

#[tokio::test]
async fn a_figure_leads_to_its_lines_and_an_incomplete_year_has_none() {
    let bench = Bench::published(false).await;
    let page = bench.page("/analyses/yearly-result?lang=en").await;
    assert!(page.contains("3,999.50"), "{page}");
    let link = "/lines?year=2023&#38;side=expense&#38;counted=yes";
    assert!(page.contains(link), "{page}");
    assert!(page.contains("incomplete"), "{page}");
    let lines = bench
        .page("/lines.json?year=2023&side=expense&counted=yes")
        .await;
    let lines: Vec<Value> = serde_json::from_str(&lines).unwrap();
    let labels: Vec<&str> = lines
        .iter()
        .map(|line| line["label"].as_str().unwrap())
        .collect();
    assert_eq!(lines.len(), 3, "{labels:?}");
    assert!(!labels.contains(&"Charges de personnel"), "{labels:?}");

    let home = bench.page("/?lang=en").await;
    assert!(
        home.contains("The result of 2024 is not computed"),
        "{home}"
    );
    let year = bench.page("/years/2024?lang=en").await;
    assert!(year.contains("cannot be computed"), "{year}");
}

/// Statements with the faults that publishers may make.
fn unusual() -> Vec<(&'static str, Vec<YearStatement>)> {
    let row = |side, category: &str, label: &str, amount| {
        (side, category.to_owned(), label.to_owned(), amount)
    };
    let many = (1..=500)
        .map(|number| {
            let side = if number % 2 == 0 {
                "PRODUITS"
            } else {
                "CHARGES"
            };
            let category = format!("CATÉGORIE {number}");
            row(
                side,
                &category,
                &format!("Poste {number}"),
                Some(number * 1_000),
            )
        })
        .collect();
    // From a centime to a million million euros.
    let amounts = [1, 99, 100_000, -7, 100_000_000_000_000, 50_000_000_000_000];
    let long = "é".repeat(1000);
    let labels = [
        HOSTILE,
        &long,
        "\u{202e}سطر من اليمين",
        "🏛️ 😀",
        "{a|b} ${x} %s",
        "",
    ];
    let hostile = |shift: usize| {
        let pairs = labels
            .into_iter()
            .zip(amounts.into_iter().cycle().skip(shift));
        let rows = pairs.enumerate().map(|(number, (label, amount))| {
            let side = if number % 2 == 0 {
                "PRODUITS"
            } else {
                "CHARGES"
            };
            row(side, label, label, Some(amount))
        });
        rows.collect()
    };
    let taxes = || {
        row(
            "PRODUITS",
            "PRODUITS DE FONCTIONNEMENT",
            "Impôts et taxes",
            Some(1),
        )
    };
    vec![
        (
            "one year with one row",
            vec![statement("2024", 1, vec![taxes()])],
        ),
        ("five hundred categories", vec![statement("2024", 1, many)]),
        (
            "hostile labels",
            vec![
                statement("2023", 1, hostile(0)),
                statement("2024", 11, hostile(1)),
            ],
        ),
        (
            "a year without any amount",
            vec![
                statement("2023", 1, vec![taxes()]),
                statement(
                    "2024",
                    2,
                    vec![row("CHARGES", "CHARGES DE FONCTIONNEMENT", "Impôts", None)],
                ),
            ],
        ),
    ]
}

#[tokio::test]
async fn any_statement_is_shown_and_kept() {
    for (what, statements) in unusual() {
        let bench = Bench::empty().await;
        bench
            .publish_statements(vec![("", "Ville d’Essai", statements)], false)
            .await;
        for address in [
            "/",
            "/dashboard",
            "/dashboard?grouping=harmonised&unit=percent&basis=naive",
            "/analyses/expense-by-category",
            "/analyses/reconciliation?basis=naive",
            "/lines",
            "/lines/1?revision=1",
            "/quality",
        ] {
            let page = bench.page(address).await;
            for refused in ["<script>alert", "NaN", "undefined", "Infinity"] {
                assert!(!page.contains(refused), "{what}: {address} has {refused}");
            }
        }
        for form in ["csv", "xlsx", "json", "parquet", "png"] {
            for file in ["/dashboard/presence", "/dashboard/categories", "/lines"] {
                if form == "png" && file == "/lines" {
                    continue;
                }
                let response = bench.get(&format!("{file}.{form}")).await;
                assert_eq!(response.status(), StatusCode::OK, "{what}: {file}.{form}");
            }
        }
        let card = bench.get("/cards/dashboard/result.png").await;
        assert_eq!(header(&card, "content-type"), "image/png", "{what}");
    }
}

#[tokio::test]
async fn the_naive_page_shows_the_right_figure_beside_the_wrong_one() {
    let bench = Bench::published(false).await;
    let page = bench
        .page("/analyses/yearly-result?basis=naive&lang=en")
        .await;
    assert!(page.contains("11,000.50"), "the naive expense: {page}");
    assert!(
        page.contains("without double counting: 6,000.50"),
        "the expense without double counting: {page}"
    );
}

#[tokio::test]
async fn a_line_shows_its_record_and_the_proof() {
    let bench = Bench::published(false).await;
    let page = bench.page("/lines/2?lang=en&revision=1").await;
    assert!(
        page.contains("Charges de personnel") && page.contains("Personnel costs"),
        "{page}"
    );
    assert!(
        page.contains("€2,000.00") && page.contains("€3,000.00"),
        "{page}"
    );
    assert!(page.contains("&#34;montant_en_eur&#34;: 1.50"), "{page}");
    for missing in [
        "/lines/99",
        "/lines/-1",
        "/lines/2x",
        "/lines/99999999999999999999",
    ] {
        bench.body(missing, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn lines_are_filtered_and_a_wrong_value_is_explained() {
    let bench = Bench::published(false).await;
    let found = bench.page("/lines.csv?q=IMPOTS+taxes&year=2024").await;
    assert_eq!(found.lines().count(), 2, "{found}");
    assert!(found.starts_with(
        "siren,body_name,fiscal_year,nomenclature,side,activity,block,category,code,label,"
    ));
    let missing = bench.page("/lines.csv?counted=missing").await;
    assert!(missing.contains("Achats et charges externes") && missing.lines().count() == 2);
    let unknown = bench.page("/lines?unknown=yes&lang=en").await;
    assert!(
        unknown.contains("2\u{a0}lines of 8") || unknown.contains("2 lines of 8"),
        "{unknown}"
    );
    let sorted = bench.page("/lines?sort=amount&dir=asc").await;
    assert!(sorted.contains("aria-sort=\"ascending\""));
    for wrong in [
        "side=x",
        "year=last",
        "activity=1",
        "role=%3Cb%3E",
        "counted=maybe",
        "unknown=no",
        "harmonised=x",
        "sort=record",
        "dir=up",
        "page=0",
    ] {
        let page = bench
            .body(&format!("/lines?lang=en&{wrong}"), StatusCode::BAD_REQUEST)
            .await;
        assert!(page.contains("Allowed: "), "{page}");
        assert!(!page.contains("<b>"), "{page}");
        bench
            .body(&format!("/lines.csv?{wrong}"), StatusCode::BAD_REQUEST)
            .await;
    }
    bench.body("/lines?page=2", StatusCode::NOT_FOUND).await;
    let wrong_basis = "/analyses/yearly-result?basis=guess";
    bench.body(wrong_basis, StatusCode::BAD_REQUEST).await;
}

#[tokio::test]
async fn downloads_are_exact_and_say_when_they_are_a_sample() {
    let bench = Bench::published(true).await;
    let response = bench.get("/analyses/yearly-result.json").await;
    let disposition = header(&response, "content-disposition");
    assert_eq!(
        disposition,
        "attachment; filename=\"centime-compte-de-resultat-yearly-result-leaf-r1-sample.json\""
    );
    assert_eq!(header(&response, "x-centime-edition"), "sample");
    let rows: Vec<Value> = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!(rows[0]["fiscal_year"], 2023);
    assert_eq!(rows[0]["result"], "3999.50");
    assert_eq!(rows[1]["result"], Value::Null);
    assert_eq!(rows[1]["missing_lines"].as_array().unwrap().len(), 1);

    let response = bench.get("/analyses/yearly-result.csv?basis=naive").await;
    assert!(header(&response, "content-disposition").contains("-naive-r1-sample.csv"));
    assert!(text(response).await.contains("11000.50"));
    for address in addresses().iter().map(String::as_str).chain(["/nowhere"]) {
        let page = text(bench.get(address).await).await;
        assert!(page.contains("Données d’exemple"), "{address}");
    }
    bench
        .body("/analyses/yearly-result.xml", StatusCode::NOT_FOUND)
        .await;
    bench
        .body("/analyses/nothing.csv", StatusCode::NOT_FOUND)
        .await;
}

#[tokio::test]
async fn what_is_on_screen_is_kept_in_every_form() {
    let bench = Bench::published(false).await;
    let rows = ["csv", "xlsx", "json", "parquet"];
    let pictures = ["svg", "png"];
    let is = |form: &str, bytes: &[u8]| match form {
        "xlsx" => bytes.starts_with(b"PK"),
        "parquet" => bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"),
        "png" => bytes.starts_with(b"\x89PNG"),
        "svg" => bytes.starts_with(b"<svg "),
        "json" => serde_json::from_slice::<Value>(bytes).is_ok(),
        _ => bytes.starts_with(b"siren,body_name,"),
    };
    for (page, file, name, has_chart) in [
        (
            "/dashboard?side=expense&from=2023",
            "/dashboard/categories",
            "dashboard-categories-2023-expense-r1",
            true,
        ),
        (
            "/analyses/expense-by-category?basis=naive",
            "/analyses/expense-by-category",
            "expense-by-category-naive-r1",
            true,
        ),
        (
            "/lines?year=2024&q=CHARGES+%26",
            "/lines",
            "lines-charges-2024-r1",
            false,
        ),
    ] {
        let shown = bench.page(page).await.replace("&#38;", "&");
        let query = page.split_once('?').unwrap().1;
        for form in rows.iter().chain(&pictures) {
            let address = format!("{file}.{form}?{query}");
            let response = bench.get(&address).await;
            if !has_chart && pictures.contains(form) {
                assert_eq!(response.status(), StatusCode::NOT_FOUND, "{address}");
                continue;
            }
            assert_eq!(response.status(), StatusCode::OK, "{address}");
            assert!(shown.contains(&format!("{file}.{form}?")), "{page}: {form}");
            let kept = format!("attachment; filename=\"centime-compte-de-resultat-{name}.{form}\"");
            assert_eq!(header(&response, "content-disposition"), kept);
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
            assert!(is(form, &bytes.unwrap()), "{address}");
        }
    }
    for missing in [
        "/lines.xml",
        "/lines.",
        "/dashboard/result.xls",
        "/dashboard/nothing.csv",
    ] {
        bench.body(missing, StatusCode::NOT_FOUND).await;
    }
}

#[tokio::test]
async fn the_language_is_chosen_kept_and_negotiated() {
    let bench = Bench::published(false).await;
    let language = async |address: &str, headers: &[(&str, &str)]| {
        let response = bench.send(Method::GET, address, headers).await;
        header(&response, "content-language").to_owned()
    };
    assert_eq!(language("/", &[]).await, "fr");
    assert_eq!(
        language("/", &[("accept-language", "en-GB,fr;q=0.8")]).await,
        "en"
    );
    let cookie = ("cookie", "a=b; lang=en");
    assert_eq!(
        language("/", &[cookie, ("accept-language", "fr")]).await,
        "en"
    );
    assert_eq!(language("/?lang=fr", &[cookie]).await, "fr");
    assert_eq!(language("/?lang=xx", &[cookie]).await, "en");
    let response = bench.get("/lines?year=2024&lang=en").await;
    assert!(header(&response, "set-cookie").starts_with("lang=en; Path=/;"));
    let page = text(response).await;
    assert!(page.contains("/lines?year=2024&#38;lang=fr"), "{page}");
    assert!(header(&bench.get("/").await, "set-cookie").is_empty());
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let bench = Bench::published(false).await;
    for address in [
        "/",
        "/lines.csv",
        "/assets/site.css",
        "/healthz",
        "/nowhere",
    ] {
        let response = bench.get(address).await;
        let policy = header(&response, "content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; "),
            "{address}"
        );
        assert_eq!(header(&response, "x-content-type-options"), "nosniff");
        assert_eq!(header(&response, "referrer-policy"), "same-origin");
    }
    let response = bench.get("/").await;
    assert_eq!(header(&response, "cache-control"), "no-cache");
    assert!(header(&response, "vary").contains("accept-language"));
    let tag = header(&response, "etag").to_owned();
    let again = bench
        .send(Method::GET, "/", &[("if-none-match", &tag)])
        .await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert!(text(again).await.is_empty());

    let zipped = bench
        .send(Method::GET, "/", &[("accept-encoding", "gzip")])
        .await;
    assert_eq!(header(&zipped, "content-encoding"), "gzip");
    let head = bench.send(Method::HEAD, "/", &[]).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert!(text(head).await.is_empty());
    let post = bench.send(Method::POST, "/", &[]).await;
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);

    let page = bench.page("/").await;
    let start = page.find("/assets/site.css?v=").unwrap();
    let style = page[start..].split('"').next().unwrap();
    let response = bench.get(style).await;
    assert!(header(&response, "cache-control").contains("immutable"));
    assert_eq!(header(&response, "content-type"), "text/css; charset=utf-8");
}

#[tokio::test]
async fn only_an_address_with_the_hash_of_what_it_is_may_be_kept_for_ever() {
    let bench = Bench::published(false).await;
    let page = bench.page("/").await;
    let css_start = page.find("/assets/site.css?v=").unwrap();
    let css = text(
        bench
            .get(page[css_start..].split('"').next().unwrap())
            .await,
    )
    .await;
    // What a style sheet names is beside it.
    let css = css.replace("url(chart-", "url(/assets/chart-");
    let everything = format!("{page}{css}");
    let named: std::collections::BTreeSet<&str> = everything
        .split(['"', '(', ')'])
        .filter(|part| part.starts_with("/assets/"))
        .collect();
    assert_eq!(named.len(), 6, "{named:?}");
    for address in named {
        let response = bench.get(address).await;
        let kept = header(&response, "cache-control");
        assert_eq!(kept, "public, max-age=31536000, immutable", "{address}");
        let (path, _) = address.split_once('?').unwrap();
        for other in [path.to_owned(), format!("{path}?v=0123456789abcdef")] {
            let response = bench.get(&other).await;
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(header(&response, "cache-control"), "no-cache", "{other}");
            let tag = header(&response, "etag").to_owned();
            let headers = [("if-none-match", tag.as_str())];
            let again = bench.send(Method::GET, &other, &headers).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{other}");
            assert_eq!(header(&again, "cache-control"), "no-cache", "{other}");
        }
    }
    let icon = bench.get("/favicon.ico").await;
    assert_eq!(header(&icon, "cache-control"), "no-cache");
}

#[tokio::test]
async fn a_page_is_the_same_however_it_is_sent() {
    let bench = Bench::published(true).await;
    let plain = bench.page("/dashboard").await;
    let mut tags = Vec::new();
    // Twice, for the second is sent as it was kept.
    for _ in 0..2 {
        for (accepted, encoding) in [
            ("", ""),
            ("gzip", "gzip"),
            ("gzip, deflate, br, zstd", "br"),
            ("br;q=0, gzip;q=0.1", "gzip"),
        ] {
            let headers = [("accept-encoding", accepted)];
            let response = bench.send(Method::GET, "/dashboard", &headers).await;
            assert_eq!(header(&response, "content-encoding"), encoding);
            assert_eq!(header(&response, "x-centime-edition"), "sample");
            assert!(header(&response, "vary").contains("accept-encoding"));
            tags.push(header(&response, "etag").to_owned());
            let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await;
            let bytes = bytes.unwrap();
            let mut read = Vec::new();
            match encoding {
                "gzip" => {
                    let mut decoder = flate2::read::GzDecoder::new(&*bytes);
                    std::io::Read::read_to_end(&mut decoder, &mut read).unwrap();
                }
                "br" => brotli::BrotliDecompress(&mut &*bytes, &mut read).unwrap(),
                _ => read.extend_from_slice(&bytes),
            }
            assert_eq!(String::from_utf8(read).unwrap(), plain, "{accepted}");
        }
    }
    tags.dedup();
    assert_eq!(tags.len(), 1, "{tags:?}");
    let headers = [("accept-encoding", "br"), ("if-none-match", &*tags[0])];
    let known = bench.send(Method::GET, "/dashboard", &headers).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&known, "etag"), tags[0]);
    bench.publish(&[("", "Ville Nouvelle")], true).await;
    let new = bench.send(Method::GET, "/dashboard", &headers).await;
    assert_eq!(new.status(), StatusCode::OK);

    // What else an answer follows from.
    let english = bench.send(Method::GET, "/dashboard", &[("accept-language", "en")]);
    assert!(text(english.await).await.contains("<html lang=\"en\""));
    let drawing = bench.send(Method::GET, "/dashboard", &[("centime-drawing", "browser")]);
    assert!(!text(drawing.await).await.contains("<svg class=\"drawing\""));
    assert!(
        bench
            .page("/dashboard")
            .await
            .contains("<svg class=\"drawing\"")
    );
}

#[tokio::test]
async fn light_or_dark_is_chosen_in_the_address_and_remembered() {
    let bench = Bench::published(true).await;
    let plain = bench.page("/dashboard?side=expense").await;
    assert!(!plain.contains("data-theme"));
    assert!(plain.contains("content=\"light dark\""));
    let way = "/dashboard?side=expense&#38;theme=dark\"";
    assert!(plain.contains(way), "{plain}");
    let dark = bench.get("/dashboard?side=expense&theme=dark").await;
    let cookie = "theme=dark; Path=/; Max-Age=31536000; SameSite=Lax";
    assert_eq!(header(&dark, "set-cookie"), cookie);
    let dark = text(dark).await;
    assert!(dark.contains("data-theme=\"dark\"") && dark.contains("content=\"dark\""));
    // What is kept for others is not what this reader chose.
    let chosen = [("cookie", "theme=light")];
    let light = bench.send(Method::GET, "/dashboard?side=expense", &chosen);
    assert!(text(light.await).await.contains("data-theme=\"light\""));
    assert_eq!(bench.page("/dashboard?side=expense").await, plain);
    let system = bench.send(Method::GET, "/dashboard?theme=system", &chosen);
    assert!(!text(system.await).await.contains("data-theme"));
    // A frame in a page of others has the colours of that page, which nothing remembers.
    let frame = bench.get("/embed/dashboard/result?theme=dark").await;
    assert!(header(&frame, "set-cookie").is_empty());
    assert!(text(frame).await.contains("data-theme=\"dark\""));
    // A file has no other colours than those of paper.
    let file = bench.get("/dashboard/result.svg?theme=dark").await;
    assert_eq!(file.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_link_to_a_page_is_shown_elsewhere_with_its_chart() {
    let bench = Bench::published(true).await;
    let plain = bench.page("/dashboard").await;
    assert!(
        !plain.contains("og:"),
        "the address of the site is not configured"
    );
    let settings = Settings {
        public_address: Some("https://comptes.example.fr".to_owned()),
        ..Settings::default()
    };
    let site = Site::guarded(bench.warehouse.clone(), Guard::new(settings, None));
    let ask = async |address: &str| {
        let request = Request::builder().uri(address).body(Body::empty()).unwrap();
        let response = site.router().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        response
    };
    for (address, card) in [
        ("/", "/cards/analyses/yearly-result.png?lang=en"),
        ("/lines", "/cards/analyses/yearly-result.png?lang=en"),
        (
            "/analyses/operating-profitability?basis=naive",
            "/cards/analyses/operating-profitability.png?basis=naive&lang=en",
        ),
        (
            "/dashboard?side=expense&unit=meur",
            "/cards/dashboard/result.png?side=expense&unit=meur&lang=en",
        ),
    ] {
        let joint = if address.contains('?') { '&' } else { '?' };
        let page = text(ask(&format!("{address}{joint}lang=en")).await).await;
        let page = page.replace("&#38;", "&");
        let image = format!("\"og:image\" content=\"https://comptes.example.fr{card}\"");
        assert!(page.contains(&image), "{address}: {page}");
        let url =
            format!("\"og:url\" content=\"https://comptes.example.fr{address}{joint}lang=en\"");
        assert!(page.contains(&url), "{address}: {page}");
        assert!(
            page.contains("og:description\" content=\"Sample data"),
            "{page}"
        );
        let picture = ask(card).await;
        assert_eq!(header(&picture, "content-type"), "image/png");
        assert!(header(&picture, "content-disposition").is_empty());
        let bytes = axum::body::to_bytes(picture.into_body(), usize::MAX).await;
        let bytes = bytes.unwrap();
        assert_eq!(bytes[16..20], 1200_u32.to_be_bytes());
        assert_eq!(bytes[20..24], 630_u32.to_be_bytes());
    }
    bench
        .body("/cards/analyses/nothing.png", StatusCode::NOT_FOUND)
        .await;
    bench
        .body("/cards/dashboard/result", StatusCode::NOT_FOUND)
        .await;
}

#[tokio::test]
async fn one_view_has_one_page_however_its_address_is_written() {
    let bench = Bench::published(false).await;
    let tag = async |address: &str| {
        let response = bench.get(address).await;
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        header(&response, "etag").to_owned()
    };
    let one = tag("/dashboard?from=2023&side=expense").await;
    for same in [
        "/dashboard?side=expense&from=2023",
        "/dashboard?from=2023&to=&side=expense&category=",
        "/dashboard?lang=fr&from=2023&side=%65xpense&utm_source=x",
    ] {
        assert_eq!(tag(same).await, one, "{same}");
    }
    for other in ["/dashboard?from=2023", "/dashboard?from=2023&side=revenue"] {
        assert_ne!(tag(other).await, one, "{other}");
    }
}

#[tokio::test]
async fn without_a_publication_it_says_so() {
    let bench = Bench::empty().await;
    for address in addresses() {
        let response = bench.get(&address).await;
        assert_eq!(
            response.status(),
            StatusCode::SERVICE_UNAVAILABLE,
            "{address}"
        );
        assert!(!header(&response, "retry-after").is_empty());
        assert!(text(response).await.contains("Rien n’est encore publié"));
    }
    assert_eq!(bench.page("/healthz").await, "ok\n");
    bench.publish(&[("", "Ville d’Essai")], false).await;
    assert!(bench.page("/").await.contains("Ville d’Essai"));
}

#[tokio::test]
async fn a_new_revision_is_seen_at_once_and_a_failed_run_is_told() {
    let bench = Bench::published(false).await;
    assert!(bench.page("/").await.contains("Ville d’Essai"));
    bench.publish(&[("", "Ville Nouvelle")], false).await;
    assert!(bench.page("/").await.contains("Ville Nouvelle"));
    let run = bench
        .warehouse
        .begin_run(AT, "https://example.org")
        .await
        .unwrap();
    let failed = report(RunOutcome::Failed, None);
    bench.warehouse.end_run(run, &failed).await.unwrap();
    assert_eq!(bench.last_run().await.outcome, RunOutcome::Failed);
    let page = bench.page("/?lang=en").await;
    assert!(
        page.contains("failed") && page.contains("Ville Nouvelle"),
        "{page}"
    );
    assert!(!page.contains("/secret/path"), "{page}");
    assert!(bench.page("/quality?lang=en").await.contains("failed"));
}

#[tokio::test]
async fn without_its_database_it_answers_from_memory_and_says_so() {
    let bench = Bench::published(false).await;
    bench.page("/").await;
    bench.warehouse.close().await;
    for address in ["/", "/analyses/yearly-result", "/quality"] {
        let page = bench.page(address).await;
        assert!(page.contains("Ces chiffres peuvent dater"), "{address}");
    }
    bench.body("/lines", StatusCode::SERVICE_UNAVAILABLE).await;
    // It lives, and is not to be sent visitors: who starts again what is away would take what is in memory.
    assert_eq!(bench.page("/healthz").await, "ok\n");
    let ready = bench.body("/readyz", StatusCode::SERVICE_UNAVAILABLE).await;
    assert!(!ready.contains(".db"), "{ready}");
}

#[tokio::test]
async fn several_bodies_are_listed_found_and_kept_apart() {
    let bench = Bench::empty().await;
    let bodies = [
        ("217500016", "Ville de Paris"),
        ("216901231", "Ville de Lyon"),
    ];
    bench.publish(&bodies, false).await;
    let list = bench.page("/?lang=en").await;
    assert!(list.contains("2 public bodies"), "{list}");
    assert!(list.contains("/?body=216901231"), "{list}");
    let found = bench.page("/?q=LYON").await;
    assert!(found.contains("Ville de Lyon") && !found.contains("Ville de Paris"));
    assert!(
        bench
            .page("/?q=nowhere&lang=en")
            .await
            .contains("No public body fits")
    );

    // Without a body there is nothing to show but the list.
    let choose = bench.body("/analyses/yearly-result?lang=en", StatusCode::OK);
    assert!(choose.await.contains("Which public body?"));
    let unknown = bench.body("/?body=999999999&lang=en", StatusCode::NOT_FOUND);
    assert!(unknown.await.contains("999999999"));

    // Every link of a page about a body stays with it.
    for address in addresses() {
        let join = if address.contains('?') { '&' } else { '?' };
        // The records of the second body come after those of the first.
        let (siren, address) = match address.strip_prefix("/lines/") {
            Some(record) => ("216901231", format!("/lines/10{record}")),
            None => ("216901231", address),
        };
        let page = bench.page(&format!("{address}{join}body={siren}")).await;
        assert!(page.contains("Ville de Lyon"), "{address}");
        // One link leads to the same page of another body.
        let others = "class=\"body-bar__others\" href=\"";
        assert_eq!(page.matches(others).count(), 1, "{address}");
        let page = page.replace(others, "");
        for link in page.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap();
            let elsewhere = ["/assets/", "/revisions.atom", "#", "http"]
                .iter()
                .any(|start| link.starts_with(start));
            assert!(
                elsewhere || link == "/" || link.contains(siren) || link.contains("body=%2A"),
                "{address}: {link}"
            );
        }
    }
    // A line of one body is not found under the number of another.
    bench
        .body("/lines/102?body=217500016", StatusCode::NOT_FOUND)
        .await;
    let file = bench.get("/lines.csv?body=217500016").await;
    assert!(header(&file, "content-disposition").contains("217500016"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_waits_for_a_server_that_is_away_and_it_is_found_again() {
    let cluster = centime_test_database::Cluster::start();
    let bench = Bench::at(tempfile::tempdir().unwrap(), &cluster.database()).await;
    bench.publish(&[("", "Ville d’Essai")], false).await;
    let kept = "Ces chiffres peuvent dater";
    assert!(!bench.page("/").await.contains(kept));

    cluster.crash();
    for address in ["/", "/analyses/yearly-result", "/quality"] {
        assert!(bench.page(address).await.contains(kept), "{address}");
    }
    bench.body("/lines", StatusCode::SERVICE_UNAVAILABLE).await;
    bench.page("/healthz").await;
    bench.body("/readyz", StatusCode::SERVICE_UNAVAILABLE).await;

    cluster.restart();
    for _ in 0..100 {
        if !bench.page("/").await.contains(kept) {
            bench.page("/lines").await;
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    panic!("the site did not find its database again");
}

#[tokio::test]
async fn views_of_the_dashboard_add_up_to_the_analyses() {
    let bench = Bench::published(false).await;
    let warehouse = &bench.warehouse;
    let revision = warehouse.published().await.unwrap().unwrap().id;
    let siren = warehouse.only_body(revision).await.unwrap().unwrap().siren;
    let lines = warehouse.statement(revision, &siren).await.unwrap();
    for basis in Basis::ALL {
        let model = &analyses::yearly_result::ANALYSIS.model;
        let results = warehouse
            .mart(model, revision, &siren, basis)
            .await
            .unwrap();
        let mut selection = Selection {
            basis,
            ..Selection::whole(FiscalYear::ALL, FiscalYear::MIN, FiscalYear::MIN)
        };
        for row in &results.rows {
            selection.focus = results.cell(row, columns::FISCAL_YEAR).year().unwrap();
            let steps = views::steps(&lines, &selection);
            let left = steps
                .rows
                .last()
                .map(|last| steps.cell(last, columns::AMOUNT));
            let result = results.cell(row, columns::RESULT);
            assert_eq!(
                left.unwrap_or(&Cell::Null),
                result,
                "{basis} {}",
                selection.focus
            );
        }
        if basis == Basis::Leaf {
            let model = &analyses::expense_by_category::ANALYSIS.model;
            let mart = warehouse
                .mart(model, revision, &siren, basis)
                .await
                .unwrap();
            let view = views::categories(&lines, &selection);
            let amounts = |table: &Table| -> BTreeMap<(FiscalYear, String), Cell> {
                let of_row = |row: &Vec<Cell>| {
                    let year = table.cell(row, columns::FISCAL_YEAR).year().unwrap();
                    let category = table
                        .cell(row, columns::CATEGORY)
                        .text()
                        .unwrap()
                        .to_owned();
                    ((year, category), table.cell(row, columns::AMOUNT).clone())
                };
                table.rows.iter().map(of_row).collect()
            };
            assert!(!mart.rows.is_empty());
            assert_eq!(amounts(&view), amounts(&mart));
        }
    }
}

#[tokio::test]
async fn the_dashboard_of_a_metabase_is_framed_where_one_is_named() {
    let bench = Bench::published(false).await;
    let without = bench.get("/metabase").await;
    assert_eq!(without.status(), StatusCode::NOT_FOUND);
    let settings = centime_server::Settings {
        metabase: Some(centime_server::Metabase {
            address: "https://metabase.example.fr/data".to_owned(),
            origin: "https://metabase.example.fr".to_owned(),
            dashboard: 7,
            key: "f00d".repeat(16),
        }),
        ..centime_server::Settings::default()
    };
    let guard = centime_server::Guard::new(settings, None);
    let site = Site::guarded(bench.warehouse.clone(), guard);
    let ask = async |address: &str| {
        let request = Request::builder().uri(address).body(Body::empty()).unwrap();
        site.router().oneshot(request).await.unwrap()
    };
    let policy = |response: &Response| {
        let policy = &response.headers()["content-security-policy"];
        policy.to_str().unwrap().to_owned()
    };
    let framed = ask("/metabase").await;
    assert_eq!(framed.status(), StatusCode::OK);
    assert_eq!(framed.headers()["cache-control"], "no-store");
    assert!(!framed.headers().contains_key("etag"));
    assert!(
        policy(&framed).ends_with("; frame-src https://metabase.example.fr"),
        "{}",
        policy(&framed)
    );
    let page = axum::body::to_bytes(framed.into_body(), usize::MAX)
        .await
        .unwrap();
    let page = String::from_utf8(page.to_vec()).unwrap();
    assert!(
        page.contains("src=\"https://metabase.example.fr/data/embed/dashboard/eyJ"),
        "{page}"
    );
    assert!(!page.contains("f00d"), "the key stays here");
    // Other pages show no frame, and lead there.
    let home = ask("/").await;
    assert!(!policy(&home).contains("frame-src"));
    let home = axum::body::to_bytes(home.into_body(), usize::MAX)
        .await
        .unwrap();
    assert!(String::from_utf8_lossy(&home).contains("href=\"/metabase"));
}

/// Every file of a folder, by its name from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap();
                found.insert(name.to_owned(), std::fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// The file that a link in another file leads to.
fn followed(file: &str, link: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in link.split('#').next().unwrap().split('/') {
        match part {
            ".." => drop(parts.pop().expect("a link stays within the copy")),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[expect(clippy::too_many_lines, reason = "one copy, looked at from all sides")]
#[tokio::test]
async fn the_copy_of_a_site_is_whole_and_leads_nowhere_else() {
    let bench = Bench::empty().await;
    let bodies = [("111111111", "Ville d’Un"), ("222222222", "Ville de Deux")];
    bench.publish(&bodies, true).await;
    let broken = Arc::new(AtomicBool::new(true));
    let breaks = broken.clone();
    let site = Site::new(bench.warehouse.clone()).printing(ReportService::new(move |report| {
        if breaks.load(Ordering::Relaxed) {
            return Err("the printer is on fire".to_owned());
        }
        serde_json::to_vec(report).map_err(|error| error.to_string())
    }));
    let folder = tempfile::tempdir().unwrap();
    let into = folder.path().join("site");
    let scope = Scope {
        address: Some("https://example.fr/comptes/"),
        ..Scope::default()
    };
    // What cannot be made is left out, and no page leads to it.
    let exported = site.export(&into, &scope, |_| {}).await.unwrap();
    let left_out = exported.left_out.iter();
    let left_out: Vec<(&str, u16)> = left_out.map(|it| (&*it.address, it.status)).collect();
    assert_eq!(
        left_out.len(),
        bodies.len() * Language::ALL.len(),
        "{left_out:?}"
    );
    for (address, status) in left_out {
        assert!(
            address.starts_with("/reports/income-statement.pdf?"),
            "{address}"
        );
        assert_eq!(status, 500);
    }
    let without = files(&into);
    for (name, contents) in &without {
        let page = String::from_utf8_lossy(contents);
        assert!(!page.contains("/income-statement"), "{name}");
    }
    broken.store(false, Ordering::Relaxed);
    let exported = site.export(&into, &scope, |_| {}).await.unwrap();
    let files_of = files(&into);
    assert_eq!(exported.left_out, []);
    // The mark by which a copy is known is no part of it.
    assert_eq!(files_of.len(), exported.files + 1);
    assert_eq!(
        files_of.len(),
        without.len() + bodies.len() * Language::ALL.len()
    );
    let mut links = 0;
    for (name, contents) in &files_of {
        if Path::new(name).extension().is_none_or(|end| end != "html") {
            continue;
        }
        let page = std::str::from_utf8(contents).unwrap();
        for refused in ["<script", "<form", "127.0.0.1", "localhost", "href=\"/"] {
            assert!(!page.contains(refused), "{name} has {refused}");
        }
        for attribute in [" href=\"", " src=\"", " data=\""] {
            for link in page.split(attribute).skip(1) {
                let link = link.split('"').next().unwrap();
                if link.starts_with("https://") || link.starts_with('#') {
                    continue;
                }
                let to = followed(name, link);
                assert!(files_of.contains_key(&to), "{name} leads to {link}");
                links += 1;
            }
        }
    }
    assert!(links > 500, "{links}");
    for expected in [
        "index.html",
        "fr/index.html",
        "en/index-body-111111111.html",
        "fr/dashboard-body-222222222.html",
        "en/analyses/yearly-result-body-111111111-basis-naive.html",
        "fr/lines/2-body-111111111-revision-1.html",
        "fr/dashboard/result-body-111111111.csv",
        "en/dashboard/result-body-111111111.png",
        "fr/reports/income-statement-body-111111111.pdf",
        "assets/site.css",
    ] {
        assert!(files_of.contains_key(expected), "{expected}");
    }
    let css = std::str::from_utf8(&files_of["assets/site.css"]).unwrap();
    assert!(css.contains("url(\"../assets/chart-regular.woff2\")"));
    // Each page names its own address, and no link is for robots of the site to leave alone.
    let page = std::str::from_utf8(&files_of["fr/lines-body-111111111.html"]).unwrap();
    let own = "rel=\"canonical\" href=\"https://example.fr/comptes/fr/lines-body-111111111.html\"";
    assert!(page.contains(own) && !page.contains("nofollow"), "{page}");
    let pdf = std::str::from_utf8(&files_of["en/reports/income-statement-body-111111111.pdf"]);
    let view = "https://example.fr/comptes/en/dashboard-body-111111111.html";
    assert!(pdf.unwrap().contains(view), "{pdf:?}");

    // One body alone, in the place of all.
    let scope = Scope {
        body: Some("222222222"),
        address: None,
    };
    site.export(&into, &scope, |_| {}).await.unwrap();
    let one = files(&into);
    assert!(one.len() < files_of.len());
    let home = &one["fr/index-body-222222222.html"];
    assert!(!String::from_utf8_lossy(home).contains("canonical"));
    assert!(
        !one.keys().any(|name| name.contains("111111111")),
        "{one:?}"
    );

    // Without a publication there is nothing to copy, and what was there stays.
    let nothing = Site::new(Bench::empty().await.warehouse);
    nothing
        .export(&into, &Scope::default(), |_| {})
        .await
        .unwrap_err();
    assert_eq!(files(&into), one);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

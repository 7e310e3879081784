//! No page reads the whole of a table that grows with the data, as the server's own plans show.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use centime_access::{Right, Rule};
use centime_analytics::ANALYSES;
use centime_portal_sim::Simulator;
use centime_server::Site;
use centime_test_database::Cluster;
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};
use tower::ServiceExt;

/// Enough that reading a table whole is the dearest plan by far.
const BODIES: u32 = 300;

/// A body in the middle, and the number of one of its records.
const BODY: (&str, u32) = ("218000150", 150 * 380 + 7);

/// What is about all bodies, and refuses to be asked for one.
const OF_ALL: [&str; 12] = [
    "/api/v1",
    "/api/v1/bodies",
    "/api/v1/bodies/{siren}",
    "/api/v1/datasets",
    "/api/v1/openapi.json",
    "/api/v1/quality/checks",
    "/api/v1/reports",
    "/api/v1/revisions",
    "/api/v1/revisions/{revision}",
    "/api/v1/runs",
    "/revisions.atom",
    "/sitemap.xml",
];

/// Addresses that a declared one stands for, those of one body where it can be named.
fn examples(path: &str) -> Vec<String> {
    let (siren, record) = BODY;
    let filled = |name: &str| {
        path.replace("{name}", name)
            .replace("{file}", "result.svg")
            .replace("{extension}", "csv")
            .replace("{form}", "csv")
            .replace("{revision}", "1")
            .replace("{siren}", siren)
            .replace("{line}", "m57-personnel")
            .replace("{record}", &record.to_string())
            .replace("{year}", "2023")
    };
    let names: Vec<String> =
        if path.starts_with("/embed/dashboard") || path.starts_with("/cards/dashboard") {
            vec!["result".to_owned()]
        } else if path.contains("{name}") {
            ANALYSES.iter().map(|analysis| analysis.name()).collect()
        } else {
            vec![String::new()]
        };
    let body = if OF_ALL.contains(&path.trim_end_matches(".{form}")) {
        String::new()
    } else {
        format!("?body={siren}")
    };
    // The number of a line is that of a revision.
    let body = if path.ends_with("/lines/{record}") {
        format!("{body}&revision=1")
    } else {
        body
    };
    let ending = if path.starts_with("/cards/") {
        ".png"
    } else {
        ""
    };
    names
        .iter()
        .map(|name| filled(name) + ending + &body)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_read_what_they_show_and_no_more() {
    let settings = [
        ("shared_preload_libraries", "auto_explain"),
        ("auto_explain.log_min_duration", "0"),
    ];
    let access = "host all all 127.0.0.1/32 trust\n";
    let cluster = Cluster::start_with(access, &settings, |_| {});
    let database = cluster.new_database();
    let url: DatabaseUrl = cluster.url(&database).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let portal = Simulator::sample_of_bodies(BODIES)
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    crate::common::publish(&warehouse, &portal.url()).await;
    // One of these bodies has a balance sheet. Where each has one, this table grows as the others do.
    cluster.sql(
        &database,
        "INSERT INTO slice.mart_witness (slice_id, basis, siren, fiscal_year, witness, status)
             SELECT (SELECT MAX(slice_id) FROM ops.slice WHERE subject = 'marts'), basis, siren, fiscal_year,
                 'balance_sheet', 'reconciled' FROM mart.yearly_result",
    );
    cluster.sql(&database, "ANALYZE");

    let before = cluster.log().len();
    let site = Site::new(warehouse);
    let (siren, record) = BODY;
    let mut addresses: Vec<String> = site
        .declared()
        .iter()
        .filter(|declared| {
            declared.method == Method::GET
                && matches!(declared.rule, Rule::Needs(Right::Read | Right::Export))
        })
        .flat_map(|declared| examples(declared.path))
        .collect();
    addresses.extend([
        "/?q=exemple+7".to_owned(),
        "/?sort=result&page=2".to_owned(),
        "/dashboard?year=2023".to_owned(),
        "/search?q=exemple+7".to_owned(),
        format!("/search?body={siren}&q=salaires"),
        format!("/years/2023?body={siren}&since=2019"),
        format!("/dashboard?body={siren}&from=2020&basis=naive&unit=share"),
        format!("/lines?body={siren}&q=personnel&year=2020&sort=amount"),
        format!("/lines/{record}?body={siren}&revision=1"),
    ]);
    // What is read of a body before anything can be shown of it is not counted: no page says how much there is.
    let first = Request::builder().uri(format!("/?body={siren}"));
    let first = site.router().oneshot(first.body(Body::empty()).unwrap());
    assert_eq!(first.await.unwrap().status(), StatusCode::OK);
    let log = cluster.log();
    let asked = &log[before..];
    assert!(
        asked.contains("FROM core.statement_line"),
        "statements were logged"
    );
    assert!(!asked.contains("SELECT COUNT(*) FROM core.statement_line"));

    let mut refused = Vec::new();
    for address in &addresses {
        let request = Request::builder().uri(address).body(Body::empty()).unwrap();
        let response = site.router().oneshot(request).await.unwrap();
        if response.status() != StatusCode::OK {
            refused.push((address, response.status()));
        }
        // What is streamed is asked for while it is read.
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
        assert!(!body.unwrap().is_empty(), "{address}");
    }

    // This site has no Metabase and prints no reports.
    refused.retain(|(address, _)| !address.contains("/metabase") && !address.contains("/report"));
    assert!(refused.is_empty(), "{refused:?}");

    let log = cluster.log();
    let plans = &log[before..];
    assert!(
        plans.contains("Scan using slice_line_s"),
        "plans were logged"
    );
    assert!(
        plans.contains("on slice_mart_yearly_result_s"),
        "plans were logged"
    );
    let of_analyses = centime_analytics::models();
    // The first slice is that of the income statement. The only balance sheet is in another, whose records are one row.
    let tables = ["slice_line_s1", "slice_record_block_s1"].map(str::to_owned);
    let marts = of_analyses
        .iter()
        .map(|model| format!("slice_mart_{}_s", model.name));
    let tables = tables.into_iter().chain(marts);
    let read_whole: Vec<String> = tables.map(|name| format!("Seq Scan on {name}")).collect();
    let grows = |line: &&str| read_whole.iter().any(|read| line.contains(read));
    let whole: Vec<&str> = plans.lines().filter(grows).collect();
    assert!(whole.is_empty(), "{whole:#?}");
}

//! The national edition: datasets as the DGFiP and the OFGL have them, and the results that are known of them.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use centime_portal_sim::{Fault, National, Simulator};
use serde_json::Value;
use tower::ServiceExt;

const API: &str = "/api/explore/v2.1/catalog/datasets";

fn edition() -> National {
    National::new(48, 2014..=2025, 1)
}

async fn get(router: &Router, path: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let body = String::from_utf8(body.to_vec()).unwrap();
    (head.status, head.headers, body)
}

async fn text(router: &Router, path: &str) -> String {
    let (status, _, body) = get(router, path).await;
    assert_eq!(status, StatusCode::OK, "{path}: {body}");
    body
}

/// Centimes of the text of a number.
fn centimes(value: &Value) -> i64 {
    let text = value.to_string();
    let (euros, cents) = text.split_once('.').unwrap();
    let sign = if text.starts_with('-') { -1 } else { 1 };
    euros.parse::<i64>().unwrap() * 100 + sign * format!("{cents:0<2}").parse::<i64>().unwrap()
}

fn records(jsonl: &str) -> Vec<Value> {
    let lines = jsonl.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Datasets of account balances that are small enough to be looked at whole.
const DATASETS: [&str; 4] = [
    "balances-comptables-des-communes-en-2015",
    "balances-comptables-des-communes-en-2024",
    "balances-comptables-des-collectivites-et-des-epl-avec-fonction-2023",
    "balances-comptables-des-regions-",
];

#[tokio::test]
async fn every_row_closes_and_every_result_is_the_known_one() {
    let edition = National::new(40, 2014..=2025, 1);
    let router = Simulator::national(&edition).router();
    let mut known = BTreeMap::new();
    for one in edition.results() {
        known.insert((one.ident.clone(), one.year), one.result());
    }
    for id in DATASETS {
        let all = records(&text(&router, &format!("{API}/{id}/exports/jsonl")).await);
        let described: Value =
            serde_json::from_str(&text(&router, &format!("{API}/{id}")).await).unwrap();
        let count = &described["metas"]["default"]["records_count"];
        assert_eq!(count.as_u64().unwrap(), all.len() as u64, "{id}");
        let mut results: BTreeMap<(String, u16), i64> = BTreeMap::new();
        let mut sums: BTreeMap<(String, u16), i64> = BTreeMap::new();
        for record in &all {
            let of = |name: &str| centimes(&record[name]);
            let moved = of("bedeb") - of("becre") + of("obnetdeb") - of("obnetcre") + of("onbdeb")
                - of("onbcre");
            let closing = of("sd") - of("sc");
            assert_eq!(closing, moved, "{id}: {record}");
            let year = record["exer"].as_str().unwrap().parse().unwrap();
            let key = (record["ident"].as_str().unwrap().to_owned(), year);
            *sums.entry(key.clone()).or_default() += closing;
            if record["compte"].as_str().unwrap().starts_with(['6', '7']) {
                *results.entry(key).or_default() -= closing;
            }
        }
        assert!(sums.values().all(|sum| *sum == 0), "{id}");
        assert!(results.len() > 10, "{id}: {}", results.len());
        for (key, result) in results {
            assert_eq!(known.get(&key), Some(&result), "{id}: {key:?}");
        }
    }
}

#[tokio::test]
async fn columns_are_those_of_their_year() {
    let router = Simulator::national(&edition()).router();
    let first = async |year: u16| {
        let id = format!("balances-comptables-des-communes-en-{year}");
        let page = text(&router, &format!("{API}/{id}/records?limit=1")).await;
        let page: Value = serde_json::from_str(&page).unwrap();
        page["results"][0].as_object().unwrap().clone()
    };
    let (old, middle, new) = (first(2014).await, first(2016).await, first(2024).await);
    assert!(old.contains_key("budget") && old.contains_key("type") && old["insee"].is_number());
    assert!(!old.contains_key("cbudg") && !old.contains_key("bal"));
    assert!(middle.contains_key("cbudg") && !middle.contains_key("categ"));
    assert_eq!((&new["bal"], &new["insee"]), (&"DEF".into(), &"001".into()));
    assert_eq!(first(2025).await["bal"], "Juil2026");
}

#[tokio::test]
async fn what_the_portal_refuses_is_refused() {
    let router = Simulator::national(&edition()).router();
    let id = "balances-comptables-des-communes-en-2015";
    for (clause, code) in [
        ("exer=2015", "IncompatibleTypesInComparisonFilter"),
        ("exer%3D%222015%22", "IncompatibleTypesInComparisonFilter"),
        ("siren=290000001", "IncompatibleTypesInComparisonFilter"),
        ("categ%3D%22Commune%22", "ODSQLError"),
        ("bal%3D%22DEF%22", "ODSQLError"),
    ] {
        let (status, _, body) = get(&router, &format!("{API}/{id}/records?where={clause}")).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{clause}: {body}");
        assert!(body.contains(code), "{clause}: {body}");
    }
    let count = async |clause: &str| {
        let page = text(
            &router,
            &format!("{API}/{id}/records?limit=1&where={clause}"),
        )
        .await;
        let page: Value = serde_json::from_str(&page).unwrap();
        page["total_count"].as_u64().unwrap()
    };
    let all = count("year(exer)=2015").await;
    assert_eq!(count("exer%3Ddate%272015%27").await, all);
    let of_one = count("siren%3D%22290000009%22").await;
    assert!(of_one > 40 && of_one < all / 8, "{of_one} of {all}");
    let of_class = count("siren%3D%22290000009%22%20and%20startswith(compte,%226%22)").await;
    assert!(of_class > 5 && of_class < of_one, "{of_class} of {of_one}");
    assert_eq!(count("siren%3D%22217500016%22").await, 0);
}

#[tokio::test]
async fn a_body_is_answered_in_every_form_and_cut_as_asked_for() {
    let portal = Simulator::national(&edition());
    let router = portal.router();
    let id = "balances-comptables-des-communes-en-2024";
    let one = format!("{API}/{id}/exports/{{}}?where=siren%3D%22290000009%22");
    let lines = records(&text(&router, &one.replace("{}", "jsonl")).await);
    let csv = text(&router, &one.replace("{}", "csv")).await;
    assert_eq!(csv.lines().count(), lines.len() + 1);
    assert!(
        csv.starts_with("\u{feff}exer;ident;ndept;lbudg;insee;cbudg;"),
        "{csv}"
    );
    let json: Value =
        serde_json::from_str(&text(&router, &one.replace("{}", "json")).await).unwrap();
    assert_eq!(json.as_array().unwrap(), &lines);
    let select = format!(
        "{}&select=compte,sd&order_by=sd%20desc&limit=2",
        one.replace("{}", "jsonl")
    );
    let most = records(&text(&router, &select).await);
    assert_eq!((most.len(), most[0].as_object().unwrap().len()), (2, 2));
    assert!(centimes(&most[0]["sd"]) >= centimes(&most[1]["sd"]));
    let whole = text(&router, &format!("{API}/{id}/exports/jsonl")).await;
    for fault in [Fault::Truncated, Fault::Cut] {
        let cut = portal.clone().with_faults([fault.times(1)]).router();
        let (_, _, body) = get(&cut, &format!("{API}/{id}/exports/jsonl")).await;
        assert!(body.len() < whole.len() * 3 / 4, "{fault}");
        let last = body.lines().last().unwrap();
        assert!(
            serde_json::from_str::<Value>(last).is_err(),
            "{fault}: {last}"
        );
    }
    assert_eq!(
        text(&router, &format!("{API}/{id}/exports/jsonl")).await,
        whole
    );
}

#[tokio::test]
async fn aggregates_are_of_the_same_accounts() {
    let router = Simulator::national(&edition()).router();
    let path = format!("{API}/ofgl-base-communes/exports/jsonl?where=insee%3D%2201001%22");
    let all = records(&text(&router, &path).await);
    assert_eq!(all.len() % 12, 0);
    assert!(all.iter().all(|it| it["ptot"].as_u64() > Some(10)));
    let noisy = all
        .iter()
        .filter(|it| it["montant"].to_string().ends_with("0001"));
    assert!(noisy.count() > 20);
}

#[tokio::test]
async fn a_quota_is_counted_down_and_then_spent() {
    let edition = National::new(1, 2024..=2024, 1);
    let router = Simulator::national(&edition).with_quota(Some(2)).router();
    for left in ["1", "0"] {
        let (status, headers, _) = get(&router, API).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers["x-ratelimit-remaining"], left);
        assert_eq!(headers["x-ratelimit-limit"], "2");
    }
    let (status, _, body) = get(&router, API).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (&body["errorcode"], &body["call_limit"]),
        (&10005.into(), &2.into())
    );
}

#[tokio::test]
async fn results_are_known_of_the_national_edition_alone() {
    let router = Simulator::national(&National::new(2, 2024..=2024, 1)).router();
    let known = text(&router, "/known/results.csv?siren=290000009").await;
    assert!(known.starts_with("siren,ident,cbudg,exer,nomen,bal,revenue,expense,result\n"));
    assert!(
        known
            .lines()
            .nth(1)
            .unwrap()
            .starts_with("290000009,290000009"),
        "{known}"
    );
    let (status, ..) = get(&Simulator::sample().router(), "/known/results.csv").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

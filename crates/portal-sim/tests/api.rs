//! The documented shapes, route by route.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use centime_portal_sim::{Error, Fault, SimDataset, Simulator};
use serde_json::{Value, json};
use tower::ServiceExt;

const API: &str = "/api/explore/v2.1/catalog/datasets";

fn small() -> Simulator {
    let records = [
        r#"{"an": "2019", "poste": "B", "montant": 10.0}"#,
        r#"{"an": "2020", "poste": "A;x", "montant": -3.50}"#,
        r#"{"an": "2019", "poste": null, "montant": null}"#,
        r#"{"an": "2020", "poste": "A", "montant": 9.123456789012345678}"#,
    ];
    let columns = [("an", "date"), ("poste", "text"), ("montant", "double")];
    Simulator::from_datasets(vec![SimDataset::new("petit", &columns, records).unwrap()])
}

async fn get(router: &Router, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let (head, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (head.status, head.headers, body.to_vec())
}

async fn text(router: &Router, path: &str) -> String {
    let (status, _, body) = get(router, path).await;
    let text = String::from_utf8(body).unwrap();
    assert_eq!(status, StatusCode::OK, "{path}: {text}");
    text
}

async fn refusal(router: &Router, path: &str) -> (u16, String) {
    let (status, _, body) = get(router, path).await;
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert!(body["message"].is_string(), "{path}: {body}");
    (
        status.as_u16(),
        body["error_code"].as_str().unwrap().to_owned(),
    )
}

#[tokio::test]
async fn the_catalog_lists_and_searches() {
    let router = Simulator::sample().router();
    let body: Value = serde_json::from_str(&text(&router, API).await).unwrap();
    assert_eq!(body["total_count"], 2);
    assert_eq!(body["results"][0]["dataset_id"], "compte-de-resultat");
    for (clause, count) in [
        ("search(%22Compte%20de%20r%C3%A9sultat%22)", 1),
        ("search(*,%22bilan-comptable%22)", 1),
        ("%22BILAN-comptable%22", 1),
        ("centime", 2),
        ("nowhere", 0),
    ] {
        let body = text(&router, &format!("{API}?where={clause}")).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(body["total_count"], count, "{clause}");
    }
    let body = text(&router, &format!("{API}?limit=1&offset=1")).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body["total_count"], 2);
    assert_eq!(body["results"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_dataset_is_described_as_in_its_file() {
    let router = Simulator::sample().router();
    let body: Value =
        serde_json::from_str(&text(&router, &format!("{API}/bilan-comptable")).await).unwrap();
    let file: Value =
        serde_json::from_str(include_str!("../sample/bilan-comptable/dataset.json")).unwrap();
    assert_eq!(body, file);
}

#[tokio::test]
async fn the_sample_holds_the_records_it_announces() {
    let router = Simulator::sample().router();
    for id in ["compte-de-resultat", "bilan-comptable"] {
        let description: Value =
            serde_json::from_str(&text(&router, &format!("{API}/{id}")).await).unwrap();
        let lines = text(&router, &format!("{API}/{id}/exports/jsonl"))
            .await
            .lines()
            .count();
        assert_eq!(
            description["metas"]["default"]["records_count"], lines,
            "{id}"
        );
    }
}

#[tokio::test]
async fn pages_count_sort_and_select() {
    let router = small().router();
    assert_eq!(
        text(&router, &format!("{API}/petit/records?limit=1")).await,
        r#"{"total_count": 4, "results": [{"an": "2019", "poste": "B", "montant": 10.0}]}"#
    );
    assert_eq!(
        text(
            &router,
            &format!(
                "{API}/petit/records?order_by=%60an%60%20desc,montant&select=montant&limit=-1"
            )
        )
        .await,
        r#"{"total_count": 4, "results": [{"montant": -3.50}, {"montant": 9.123456789012345678}, {"montant": 10.0}, {"montant": null}]}"#
    );
    let beyond = text(&router, &format!("{API}/petit/records?offset=50")).await;
    assert_eq!(beyond, r#"{"total_count": 4, "results": []}"#);
}

#[tokio::test]
async fn exports_are_whole_and_keep_the_text_of_numbers() {
    let router = small().router();
    let exports = format!("{API}/petit/exports");
    let (_, headers, body) = get(&router, &format!("{exports}/jsonl")).await;
    let body = String::from_utf8(body).unwrap();
    assert_eq!(body.lines().count(), 4);
    assert!(
        body.ends_with("\"montant\": 9.123456789012345678}\n"),
        "{body}"
    );
    assert!(!headers.contains_key(header::CONTENT_LENGTH));

    let body = text(&router, &format!("{exports}/json?limit=2&offset=1")).await;
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(body.as_array().unwrap().len(), 2);

    assert_eq!(
        text(&router, &format!("{exports}/csv?order_by=montant")).await,
        "\u{feff}an;poste;montant\r\n2020;\"A;x\";-3.50\r\n2020;A;9.123456789012345678\r\n\
         2019;B;10.0\r\n2019;;\r\n"
    );
    assert_eq!(
        text(
            &router,
            &format!("{exports}/csv?limit=1&with_bom=false&delimiter=,&select=montant,an")
        )
        .await,
        "montant,an\r\n10.0,2019\r\n"
    );

    let body: Value = serde_json::from_str(&text(&router, &exports).await).unwrap();
    let formats: Vec<&str> = body["links"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["rel"].as_str().unwrap())
        .collect();
    assert_eq!(formats, ["self", "csv", "json", "jsonl"]);
}

#[tokio::test]
async fn labels_head_a_csv_when_asked() {
    let router = Simulator::sample().router();
    let body = text(
        &router,
        &format!("{API}/bilan-comptable/exports/csv?use_labels=true&limit=0"),
    )
    .await;
    assert_eq!(
        body,
        "\u{feff}Exercice comptable;Actif/Passif;Poste;Détail;BRUT ;AMORTISSEMENTS ET PROVISIONS;\
         NET\r\n"
    );
}

#[tokio::test]
async fn refusals_have_the_documented_shape() {
    let router = small().router();
    for (path, status, code) in [
        ("/grand", 404, "NotFoundError"),
        ("/grand/records", 404, "NotFoundError"),
        ("/grand/exports/jsonl", 404, "NotFoundError"),
        ("/petit/nothing", 404, "NotFoundError"),
        ("/petit/records?limit=101", 400, "InvalidRESTParameterError"),
        ("/petit/records?limit=ten", 400, "InvalidRESTParameterError"),
        (
            "/petit/records?limit=100&offset=9901",
            400,
            "InvalidRESTParameterError",
        ),
        ("/petit/records?order_by=solde", 400, "ODSQLError"),
        ("/petit/records?order_by=an%20sideways", 400, "ODSQLError"),
        ("/petit/records?select=solde", 400, "ODSQLError"),
        ("/petit/records?where=an%3D", 400, "ODSQLError"),
        ("/petit/records?group_by=an", 400, "ODSQLError"),
        ("/petit/exports/jsonl?refine=an:2019", 400, "ODSQLError"),
        ("/petit/exports/xlsx", 400, "InvalidRESTParameterError"),
        (
            "/petit/exports/csv?delimiter=x",
            400,
            "InvalidRESTParameterError",
        ),
        (
            "/petit/exports/jsonl?offset=1&limit=10000",
            400,
            "InvalidRESTParameterError",
        ),
    ] {
        let refused = refusal(&router, &format!("{API}{path}")).await;
        assert_eq!(refused, (status, code.to_owned()), "{path}");
    }
    assert_eq!(refusal(&router, "/").await.0, 404);
}

#[tokio::test]
async fn bodies_are_compressed_when_asked() {
    let router = Simulator::sample().router();
    let request = Request::get(format!("{API}/compte-de-resultat/exports/jsonl"))
        .header(header::ACCEPT_ENCODING, "gzip")
        .body(Body::empty())
        .unwrap();
    let response = router.oneshot(request).await.unwrap();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "gzip");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(body.starts_with(&[0x1f, 0x8b]));
    assert!(body.len() < 40_000);
}

#[tokio::test]
async fn a_spent_quota_has_the_documented_shape() {
    let router = small().with_faults([Fault::QuotaSpent]).router();
    let (status, headers, body) = get(&router, API).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(headers["x-ratelimit-remaining"], "0");
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["errorcode"], 10002);
    assert_eq!(body["limit_time_unit"], "day");
    assert_eq!(body["call_limit"], 10000);
    assert!(
        body["reset_time"].as_str().unwrap().ends_with('Z'),
        "{body}"
    );
}

#[tokio::test]
async fn transient_faults_strike_twice_and_pass() {
    for fault in [Fault::TooManyRequests, Fault::Unavailable, Fault::Html] {
        let router = small().with_faults([fault]).router();
        let mut described = Vec::new();
        for _ in 0..3 {
            let (_, _, body) = get(&router, &format!("{API}/petit")).await;
            described.push(
                serde_json::from_slice::<Value>(&body)
                    .is_ok_and(|body| body["dataset_id"] == "petit"),
            );
        }
        assert_eq!(described, [false, false, true], "{fault}");
    }
}

#[tokio::test]
async fn redirected_requests_arrive() {
    let router = small().with_faults([Fault::Redirect]).router();
    let (status, headers, _) = get(&router, &format!("{API}/petit/records?limit=1")).await;
    assert_eq!(status, StatusCode::FOUND);
    let location = headers[header::LOCATION].to_str().unwrap();
    assert_eq!(location, format!("/alias{API}/petit/records?limit=1"));
    assert!(text(&router, location).await.contains("\"total_count\": 4"));
}

#[tokio::test]
async fn an_unstable_order_moves_records_unless_one_is_asked_for() {
    let router = Simulator::sample()
        .with_faults([Fault::UnstableOrder])
        .router();
    let records = format!("{API}/bilan-comptable/records?limit=5");
    assert_ne!(text(&router, &records).await, text(&router, &records).await);
    let ordered = format!("{records}&order_by=net,brut,poste");
    assert_eq!(text(&router, &ordered).await, text(&router, &ordered).await);
}

#[tokio::test]
async fn each_publication_changes_the_date_and_the_records() {
    let router = small().with_faults([Fault::Republished]).router();
    let describe = async || -> Value {
        let body = text(&router, &format!("{API}/petit")).await;
        let body: Value = serde_json::from_str(&body).unwrap();
        let metas = &body["metas"]["default"];
        json!([metas["data_processed"], metas["records_count"]])
    };
    let first = describe().await;
    assert_eq!(first, describe().await);
    text(&router, &format!("{API}/petit/exports/jsonl")).await;
    let second = describe().await;
    assert_eq!((&first[1], &second[1]), (&json!(4), &json!(3)));
    assert_ne!(first[0], second[0]);
    let page = text(&router, &format!("{API}/petit/records")).await;
    assert!(page.starts_with(r#"{"total_count": 3"#), "{page}");
}

#[tokio::test]
async fn a_folder_of_datasets_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let error = Simulator::from_dir(folder.path()).unwrap_err();
    assert!(matches!(error, Error::NoDatasets { .. }), "{error}");
    let dataset = folder.path().join("petit");
    std::fs::create_dir(&dataset).unwrap();
    let description = r#"{"dataset_id": "petit", "fields": [{"name": "a", "type": "int"}]}"#;
    std::fs::write(dataset.join("dataset.json"), description).unwrap();
    let error = Simulator::from_dir(folder.path()).unwrap_err();
    assert!(error.to_string().contains("records.jsonl"), "{error}");
    std::fs::write(dataset.join("records.jsonl"), "{\"a\": 1}\n").unwrap();
    let router = Simulator::from_dir(folder.path()).unwrap().router();
    let body = text(&router, &format!("{API}/petit/exports/jsonl")).await;
    assert_eq!(body, "{\"a\": 1}\n");
    let error = Simulator::from_dir(folder.path().join("nowhere")).unwrap_err();
    assert!(error.to_string().contains("nowhere"), "{error}");
}

#[tokio::test]
async fn a_running_portal_stops_when_told_or_dropped() {
    let running = small().bind("127.0.0.1:0").await.unwrap();
    let addr = running.addr();
    assert_eq!(running.url(), format!("http://{addr}"));
    let taken = small().bind(&addr.to_string()).await.unwrap_err();
    assert!(taken.to_string().contains(&addr.to_string()), "{taken}");
    running.shutdown().await;
    assert!(tokio::net::TcpStream::connect(addr).await.is_err());

    let running = small().bind("127.0.0.1:0").await.unwrap();
    let addr = running.addr();
    drop(running);
    let mut open = true;
    for _ in 0..50 {
        open = tokio::net::TcpStream::connect(addr).await.is_ok();
        if !open {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    assert!(!open);
}

//! All the records, whichever way they are read.

use std::sync::Arc;

use crate::common::{Told, all, client, read, serve};
use axum::Router;
use axum::body::Body;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use centime_portal::{Dataset, Error, PageRequest, Request, SearchRequest, Value, Via};
use centime_portal_sim::{Fault, SimDataset, Simulator};

const STATEMENT: &str = "compte-de-resultat";

fn sorted(mut records: Vec<String>) -> Vec<String> {
    records.sort();
    records
}

/// A dataset of so many records, numbered.
fn numbered(count: usize) -> SimDataset {
    let records: Vec<String> = (0..count)
        .map(|n| format!("{{\"n\": {n}, \"montant\": {n}.10}}"))
        .collect();
    let columns = [("n", "int"), ("montant", "double")];
    SimDataset::new("numbered", &columns, records.iter().map(String::as_str)).unwrap()
}

fn bare(id: &str) -> Dataset {
    serde_json::from_str(&format!(
        "{{\"dataset_id\": {id:?}, \"fields\": [{{\"name\": \"a\", \"type\": \"double\"}}]}}"
    ))
    .unwrap()
}

/// A server whose exports are this body, and nothing else.
async fn exporting(body: &'static [u8]) -> String {
    let export = get(move || async move { Body::from(body) });
    let path = "/api/explore/v2.1/catalog/datasets/{id}/exports/{format}";
    serve(Router::new().route(path, export)).await.url
}

#[tokio::test]
async fn the_export_and_the_pages_hold_the_same_records() {
    let server = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    assert_eq!(dataset.records_count(), Some(380));

    let exported = read(&portal, &dataset, Via::Export).await.unwrap();
    let paged = read(&portal, &dataset, Via::Records).await.unwrap();
    assert_eq!(exported.len(), 380);
    assert_eq!(sorted(exported), sorted(paged));
    assert_eq!(portal.total_count(STATEMENT).await.unwrap(), Some(380));
    assert_eq!(portal.total_count("nothing").await.unwrap(), None);
}

#[tokio::test]
async fn a_condition_and_a_time_zone_go_with_every_request() {
    let rows: Vec<String> = (0..250)
        .map(|n| {
            format!(
                r#"{{"n": {n}, "nature": "{}", "at": "2018-12-31T23:00:00+00:00"}}"#,
                ["BP", "CA"][n % 2]
            )
        })
        .collect();
    let columns = [("n", "int"), ("nature", "text"), ("at", "datetime")];
    let dataset = SimDataset::new("x", &columns, rows.iter().map(String::as_str)).unwrap();
    let simulator = Simulator::from_datasets(vec![dataset]);
    let server = simulator.bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    let dataset = portal.dataset("x").await.unwrap();
    let request = Request {
        order: &["nature"],
        filter: Some("nature = 'CA'"),
        timezone: Some("Europe/Paris"),
        ..Request::default()
    };
    for via in [Via::Export, Via::Csv, Via::Records] {
        let mut retrieval = portal.request(&dataset, via, &request).await.unwrap();
        while let Some(record) = retrieval.next().await.unwrap() {
            let fields = record.fields().unwrap();
            assert_eq!(fields.get("nature"), Some(Value::Text("CA")), "{via:?}");
            let at = fields.get("at");
            assert_eq!(
                at,
                Some(Value::Text("2019-01-01T00:00:00+01:00")),
                "{via:?}"
            );
        }
        assert_eq!(retrieval.rows(), 125, "{via:?}");
        // The description counts all records.
        assert!(
            retrieval.expected().is_none_or(|expected| expected == 125),
            "{via:?}"
        );
    }
    assert_eq!(
        portal.count("x", Some("nature = 'CA'")).await.unwrap(),
        Some(125)
    );
    assert_eq!(portal.count("x", None).await.unwrap(), Some(250));
    let wrong = Request {
        filter: Some("nature ="),
        ..Request::default()
    };
    let error = portal
        .request(&dataset, Via::Auto, &wrong)
        .await
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("400") && error.contains("malformed"),
        "{error}"
    );
}

#[tokio::test]
async fn csv_cells_are_the_text_of_the_same_values() {
    let server = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    for id in [STATEMENT, "bilan-comptable"] {
        let dataset = portal.dataset(id).await.unwrap();
        let mut json = portal.retrieve(&dataset, Via::Export, &[]).await.unwrap();
        let mut csv = portal.retrieve(&dataset, Via::Csv, &[]).await.unwrap();
        while let Some(record) = json.next().await.unwrap() {
            let cells = csv.next().await.unwrap().unwrap();
            let cells = cells.fields().unwrap();
            for (name, value) in record.fields().unwrap().iter() {
                let expected = match value {
                    Value::Number(text) => Value::Text(text),
                    other => other,
                };
                assert_eq!(cells.get(name), Some(expected), "{}", record.json());
            }
        }
        assert!(csv.next().await.unwrap().is_none());
        assert_eq!(csv.rows(), json.rows());
        assert_eq!(csv.via(), Via::Csv);
    }
}

#[tokio::test]
async fn a_retrieval_can_run_on_a_task_of_its_own() {
    fn is_an_error<E: std::error::Error + Send + Sync + 'static>(_: &E) {}
    let server = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    let task = tokio::spawn(async move {
        let dataset = portal.dataset(STATEMENT).await?;
        read(&portal, &dataset, Via::Records).await
    });
    let result = task.await.unwrap();
    assert_eq!(result.inspect_err(is_an_error).unwrap().len(), 380);
}

#[tokio::test]
async fn large_exports_are_streamed_and_reported_each_thousand() {
    let simulator = Simulator::from_datasets(vec![numbered(2500)]);
    let server = simulator.bind("127.0.0.1:0").await.unwrap();
    let told = Arc::new(Told::default());
    let portal = client(&server.url()).with_observer(told.clone());
    let dataset = portal.dataset("numbered").await.unwrap();
    let records = read(&portal, &dataset, Via::Auto).await.unwrap();
    assert_eq!(records[2499], r#"{"n": 2499, "montant": 2499.10}"#);
    assert_eq!(
        told.events(),
        [
            "rows 1000 of Some(2500)",
            "rows 2000 of Some(2500)",
            "rows 2500 of Some(2500)"
        ]
    );
}

#[tokio::test]
async fn without_exports_the_records_are_paged_and_it_is_said() {
    let simulator = Simulator::from_datasets(vec![numbered(250)]).with_faults([Fault::NoExports]);
    let server = simulator.bind("127.0.0.1:0").await.unwrap();
    let told = Arc::new(Told::default());
    let portal = client(&server.url()).with_observer(told.clone());
    let dataset = portal.dataset("numbered").await.unwrap();
    let retrieval = portal.retrieve(&dataset, Via::Auto, &[]).await.unwrap();
    assert_eq!(retrieval.via(), Via::Records);
    assert_eq!(all(retrieval).await.unwrap().len(), 250);
    let events = told.events();
    assert!(events[0].starts_with("fell back: "), "{events:?}");
    assert_eq!(
        events[1..],
        [
            "rows 100 of Some(250)",
            "rows 200 of Some(250)",
            "rows 250 of Some(250)"
        ]
    );

    let error = portal
        .retrieve(&dataset, Via::Export, &[])
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::Refused { status: 404, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn pages_have_a_stable_order() {
    let simulator = Simulator::from_datasets(vec![numbered(150)]);
    let server = serve(simulator.router()).await;
    let portal = client(&server.url);
    let dataset = portal.dataset("numbered").await.unwrap();
    read(&portal, &dataset, Via::Records).await.unwrap();
    let pages = server.paths();
    let pages: Vec<&String> = pages.iter().filter(|it| it.contains("/records")).collect();
    assert_eq!(pages.len(), 2);
    for page in pages {
        assert!(page.contains("order_by=n%2Cmontant"), "{page}");
        assert!(page.contains("limit=100"), "{page}");
    }
}

#[tokio::test]
async fn pages_stop_at_ten_thousand_and_the_export_does_not() {
    let simulator = Simulator::from_datasets(vec![numbered(10_001)]);
    let server = simulator.bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    let dataset = portal.dataset("numbered").await.unwrap();
    let error = portal
        .retrieve(&dataset, Via::Records, &[])
        .await
        .unwrap_err();
    assert!(matches!(
        error,
        Error::TooManyForPaging { total: 10_001, .. }
    ));
    assert!(error.to_string().ends_with("use the export"), "{error}");
    let records = read(&portal, &dataset, Via::Export).await.unwrap();
    assert_eq!(records.len(), 10_001);
}

#[tokio::test]
async fn an_empty_dataset_is_complete() {
    let simulator = Simulator::from_datasets(vec![numbered(0)]);
    let server = simulator.bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    let dataset = portal.dataset("numbered").await.unwrap();
    for via in [Via::Auto, Via::Csv, Via::Records] {
        let records = read(&portal, &dataset, via).await.unwrap();
        assert!(records.is_empty(), "{via:?}");
    }
}

#[tokio::test]
async fn the_catalog_is_searched_and_paged() {
    let server = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    let all = portal.search(&SearchRequest::default()).await.unwrap();
    assert_eq!((all.total_count, all.datasets.len()), (2, 2));
    let request = SearchRequest {
        text: Some("Compte de résultat".into()),
        ..SearchRequest::default()
    };
    let found = portal.search(&request).await.unwrap();
    assert!(found.datasets.iter().any(|it| it.dataset_id == STATEMENT));
    let request = SearchRequest {
        text: Some("no such \"words\"".into()),
        ..SearchRequest::default()
    };
    assert_eq!(portal.search(&request).await.unwrap().total_count, 0);
    let request = SearchRequest {
        offset: 1,
        ..SearchRequest::default()
    };
    assert_eq!(portal.search(&request).await.unwrap().datasets.len(), 1);
}

#[tokio::test]
async fn a_page_is_what_was_asked_for() {
    let simulator = Simulator::from_datasets(vec![numbered(50)]);
    let server = simulator.bind("127.0.0.1:0").await.unwrap();
    let portal = client(&server.url());
    let request = PageRequest {
        limit: 2,
        offset: 3,
        order_by: Some("n desc".into()),
        filter: None,
        timezone: None,
    };
    let page = portal.records_page("numbered", &request).await.unwrap();
    assert_eq!(page.total_count, 50);
    let records: Vec<(u64, &str)> = page
        .results
        .iter()
        .map(|it| (it.number(), it.json()))
        .collect();
    assert_eq!(
        records,
        [
            (4, r#"{"n": 46, "montant": 46.10}"#),
            (5, r#"{"n": 45, "montant": 45.10}"#)
        ]
    );
}

#[tokio::test]
async fn bodies_without_a_last_line_end_or_with_odd_ones_are_read() {
    let body = "\u{feff}{\"a\": 1.50}\r\n\r\n  {\"a\": 1e999}\n\n{\"a\": null}";
    let url = exporting(body.as_bytes()).await;
    let records = read(&client(&url), &bare("x"), Via::Export).await.unwrap();
    assert_eq!(
        records,
        ["{\"a\": 1.50}", "{\"a\": 1e999}", "{\"a\": null}"]
    );
}

#[tokio::test]
async fn csv_bodies_are_read_with_or_without_their_mark() {
    for body in [
        "\u{feff}a;b\r\n1.50;\"x;\r\ny\"\r\n;\r\n",
        "a;b\n1.50;\"x;\r\ny\"\n;\n",
    ] {
        let url = exporting(body.as_bytes()).await;
        let records = read(&client(&url), &bare("x"), Via::Csv).await.unwrap();
        assert_eq!(
            records,
            [r#"{"a":"1.50","b":"x;\r\ny"}"#, r#"{"a":null,"b":null}"#]
        );
    }
}

#[tokio::test]
async fn a_csv_body_that_stops_midway_is_never_whole() {
    for (body, rows) in [
        ("a;b\r\n1.50;2\r\n1.5", 1),
        ("a;b\r\n1.50;2\r\n1.50;2.3", 1),
        ("a;b\r\n1.50;\"2\r\n", 0),
        ("", 0),
    ] {
        let url = exporting(body.as_bytes()).await;
        let error = read(&client(&url), &bare("x"), Via::Csv).await.unwrap_err();
        assert!(
            matches!(error, Error::Truncated { rows: n, .. } if n == rows),
            "{body:?}: {error}"
        );
    }
}

#[tokio::test]
async fn a_csv_body_with_labels_is_not_taken_for_names() {
    let url = exporting("Année;Montant\r\n2019;1\r\n".as_bytes()).await;
    let error = read(&client(&url), &bare("x"), Via::Csv).await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { .. }), "{error}");
}

#[tokio::test]
async fn what_is_not_a_record_is_refused_by_number() {
    for (body, record) in [
        ("{\"a\": 1}\n{\"a\": NaN}\n{\"a\": 2}\n", 2),
        ("{\"a\": 1}\n[1]\n", 2),
        ("{\"a\": 1,}\n", 1),
    ] {
        let url = exporting(body.as_bytes()).await;
        let error = read(&client(&url), &bare("x"), Via::Export)
            .await
            .unwrap_err();
        assert!(
            matches!(error, Error::Malformed { record: n, .. } if n == record),
            "{body:?}: {error}"
        );
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_page_for_people_without_its_type_is_still_not_data() {
    let url = exporting(b"\n<!DOCTYPE html>\n<h1>Maintenance</h1>\n").await;
    let error = read(&client(&url), &bare("x"), Via::Export)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotJson { .. }), "{error}");
    assert!(error.is_transient());
}

#[tokio::test]
async fn a_record_without_end_is_refused() {
    static LONG: [u8; 9 * 1024 * 1024] = [b' '; 9 * 1024 * 1024];
    let url = exporting(&LONG).await;
    for via in [Via::Export, Via::Csv] {
        let error = read(&client(&url), &bare("x"), via).await.unwrap_err();
        assert!(
            matches!(error, Error::LineTooLong { record: 1, .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_failed_retrieval_stays_failed() {
    let url = exporting(b"{\"a\": 1}\n{\"a\":").await;
    let portal = client(&url);
    let mut retrieval = portal.retrieve(&bare("x"), Via::Export, &[]).await.unwrap();
    assert!(retrieval.next().await.unwrap().is_some());
    assert!(retrieval.next().await.is_err());
    assert!(retrieval.next().await.is_err());
    assert!(!retrieval.is_complete());
    assert_eq!(retrieval.rows(), 1);
}

#[tokio::test]
async fn pages_that_come_empty_too_soon_are_a_cut() {
    let path = "/api/explore/v2.1/catalog/datasets/{id}/records";
    let page = get(|| async { r#"{"total_count": 3, "results": []}"# });
    let server = serve(Router::new().route(path, page)).await;
    let portal = client(&server.url);
    let error = read(&portal, &bare("x"), Via::Records).await.unwrap_err();
    assert!(matches!(error, Error::Truncated { rows: 0, .. }), "{error}");
}

#[tokio::test]
async fn the_answer_of_another_software_is_not_taken_for_data() {
    let page = get(|| async {
        (
            StatusCode::OK,
            [(header::CONTENT_TYPE, "application/json")],
            "[]",
        )
    });
    let server = serve(Router::new().fallback_service(page)).await;
    let portal = client(&server.url);
    let error = portal.dataset("x").await.unwrap_err();
    assert!(matches!(error, Error::Unexpected { .. }), "{error}");
    assert_eq!(server.count(), 1);
    let page = get(|| async { "hello".into_response() });
    let server = serve(Router::new().fallback_service(page)).await;
    let error = client(&server.url).dataset("x").await.unwrap_err();
    assert!(error.to_string().contains("hello"), "{error}");
}

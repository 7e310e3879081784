//! What the client makes of every fault the simulated portal knows.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use crate::common::{Told, client, quick, read, serve};
use axum::Router;
use axum::routing::get;
use centime_portal::{Dataset, Error, Limit, Limits, Portal, Timeouts, Value, Via};
use centime_portal_sim::{Fault, Injection, Running, Simulator};

const STATEMENT: &str = "compte-de-resultat";
const RECORDS: usize = 380;

async fn faulty(faults: impl IntoIterator<Item = impl Into<Injection>>) -> Running {
    Simulator::sample()
        .with_faults(faults)
        .with_slowness(Duration::from_millis(100))
        .with_retry_after(0)
        .bind("127.0.0.1:0")
        .await
        .unwrap()
}

/// Reads the statement the way a caller does: from the start again as long as it may help.
async fn insist(portal: &Portal, via: Via) -> (Result<Vec<String>, Error>, Vec<Error>) {
    let mut setbacks = Vec::new();
    loop {
        let attempt = async {
            let dataset = portal.dataset(STATEMENT).await?;
            read(portal, &dataset, via).await
        };
        match attempt.await {
            Err(error) if error.is_transient() && setbacks.len() < 5 => setbacks.push(error),
            result => return (result, setbacks),
        }
    }
}

/// The value of a field in each record, as it is printed for debugging.
async fn values_of(portal: &Portal, dataset: &Dataset, name: &str) -> Vec<Option<String>> {
    let mut retrieval = portal.retrieve(dataset, Via::Auto, &[]).await.unwrap();
    let mut values = Vec::new();
    while let Some(record) = retrieval.next().await.unwrap() {
        let fields = record.fields().unwrap();
        values.push(fields.get(name).map(|value| format!("{value:?}")));
    }
    values
}

#[tokio::test]
async fn every_fault_has_its_outcome() {
    for fault in Fault::ALL {
        let server = faulty([fault]).await;
        let limits = Limits {
            window: Duration::from_secs(1),
            ..Limits::default()
        };
        let portal = Portal::builder(&server.url()).retry(quick()).limits(limits);
        let portal = portal.build().unwrap();
        let (result, setbacks) = insist(&portal, Via::Auto).await;
        match fault {
            // What passes by itself within one request is not even seen.
            Fault::TooManyRequests | Fault::Unavailable | Fault::Slow | Fault::Html
            // What changes the data is for the caller to judge.
            | Fault::Schema | Fault::ExtraField | Fault::WrongCount | Fault::StaleCount
            | Fault::Garbage | Fault::Republished | Fault::Redirect | Fault::NoExports
            | Fault::UnstableOrder => {
                assert_eq!(result.unwrap().len(), RECORDS, "{fault}");
                assert!(setbacks.is_empty(), "{fault}: {setbacks:?}");
            }
            // What cuts an export passes when it is read again.
            Fault::Reset | Fault::Truncated | Fault::Cut => {
                assert_eq!(result.unwrap().len(), RECORDS, "{fault}");
                assert_eq!(setbacks.len(), 2, "{fault}: {setbacks:?}");
                for error in setbacks {
                    assert!(matches!(error, Error::Truncated { .. }), "{fault}: {error}");
                }
            }
            Fault::Empty => assert!(result.unwrap().is_empty()),
            Fault::QuotaSpent => {
                let error = result.unwrap_err();
                assert!(
                    matches!(error, Error::QuotaExhausted { until: Some(_), .. }),
                    "{error}"
                );
            }
            Fault::GarbageLines => {
                let error = result.unwrap_err();
                assert!(matches!(error, Error::Malformed { record: 191, .. }), "{error}");
            }
            Fault::Endless | Fault::Drip | Fault::HugeMetadata | Fault::ManyFields => {
                let Err(Error::Limit { limit, .. }) = result else {
                    panic!("{fault}: {result:?}");
                };
                let expected = match fault {
                    Fault::Endless => Limit::Records,
                    Fault::Drip => Limit::Rate,
                    _ => Limit::Shape,
                };
                assert_eq!(limit, expected, "{fault}");
                assert!(setbacks.is_empty(), "{fault}: {setbacks:?}");
            }
            Fault::Away => {
                let error = result.unwrap_err();
                assert!(matches!(&error, Error::OtherHost { host, .. } if host == "127.0.0.1:9"), "{error}");
                assert!(!error.to_string().contains("meta-data"), "{error}");
            }
        }
    }
}

#[tokio::test]
async fn every_cut_is_noticed_in_every_format_and_says_how() {
    for (fault, via, rows, reason) in [
        (Fault::Truncated, Via::Export, 189, "Streaming interrupted"),
        (Fault::Truncated, Via::Csv, 190, "Streaming interrupted"),
        (Fault::Cut, Via::Export, 190, "the last line stops midway"),
        (Fault::Cut, Via::Csv, 190, "the last line stops midway"),
    ] {
        let server = faulty([fault]).await;
        let portal = client(&server.url());
        let dataset = portal.dataset(STATEMENT).await.unwrap();
        let error = read(&portal, &dataset, via).await.unwrap_err();
        match &error {
            Error::Truncated {
                rows: n,
                reason: said,
            } => {
                assert!(said.contains(reason), "{fault} {via:?}: {error}");
                assert!(n.abs_diff(rows) <= 1, "{fault} {via:?}: {error}");
            }
            _ => panic!("{fault} {via:?}: {error}"),
        }
    }
    for via in [Via::Export, Via::Csv] {
        let server = faulty([Fault::Reset]).await;
        let portal = client(&server.url());
        let dataset = portal.dataset(STATEMENT).await.unwrap();
        let error = read(&portal, &dataset, via).await.unwrap_err();
        assert!(matches!(error, Error::Truncated { .. }), "{error}");
        assert!(error.to_string().contains("connection broke"), "{error}");
    }
}

#[tokio::test]
async fn a_cut_page_is_asked_for_again() {
    for fault in [Fault::Reset, Fault::Truncated, Fault::Cut] {
        let server = faulty([fault]).await;
        let told = Arc::new(Told::default());
        let portal = client(&server.url()).with_observer(told.clone());
        let (result, setbacks) = insist(&portal, Via::Records).await;
        let records: BTreeSet<String> = result.unwrap().into_iter().collect();
        assert_eq!(records.len(), RECORDS, "{fault}");
        assert!(setbacks.is_empty(), "{fault}: {setbacks:?}");
        let retries = told
            .events()
            .iter()
            .filter(|it| it.starts_with("retrying"))
            .count();
        assert_eq!(retries, 2, "{fault}");
    }
}

#[tokio::test]
async fn an_order_that_changes_does_not_matter_to_pages() {
    let server = faulty([Fault::UnstableOrder]).await;
    let portal = client(&server.url());
    let (result, _) = insist(&portal, Via::Records).await;
    let records: BTreeSet<String> = result.unwrap().into_iter().collect();
    assert_eq!(records.len(), RECORDS);
}

#[tokio::test]
async fn a_dataset_published_between_two_pages_is_noticed() {
    let server = faulty([Fault::Republished]).await;
    let portal = client(&server.url());
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    let error = read(&portal, &dataset, Via::Records).await.unwrap_err();
    assert!(
        matches!(error, Error::ChangedDuringRetrieval { .. }),
        "{error}"
    );
    assert!(error.is_transient());
    assert!(
        error.to_string().contains("380 records and now has 379"),
        "{error}"
    );
}

#[tokio::test]
async fn pages_of_two_editions_with_the_same_count_are_noticed() {
    let page = |first: u32| {
        let records: Vec<String> = (first..first + 100)
            .map(|n| format!("{{\"a\": {n}}}"))
            .collect();
        format!(
            "{{\"total_count\": 200, \"results\": [{}]}}",
            records.join(",")
        )
    };
    let pages = get(move || async move { page(0) });
    let describe = get(|| async {
        r#"{"dataset_id": "x", "metas": {"default": {"data_processed": "2025-01-02"}}}"#
    });
    let router = Router::new()
        .route("/api/explore/v2.1/catalog/datasets/{id}/records", pages)
        .route("/api/explore/v2.1/catalog/datasets/{id}", describe);
    let server = serve(router).await;
    let before: Dataset = serde_json::from_str(
        r#"{"dataset_id": "x", "metas": {"default": {"data_processed": "2025-01-01"}}}"#,
    )
    .unwrap();
    let error = read(&client(&server.url), &before, Via::Records)
        .await
        .unwrap_err();
    assert!(
        matches!(error, Error::ChangedDuringRetrieval { .. }),
        "{error}"
    );
}

#[tokio::test]
async fn a_dataset_published_during_an_export_can_be_noticed() {
    let server = faulty([Fault::Republished]).await;
    let portal = client(&server.url());
    let before = portal.dataset(STATEMENT).await.unwrap();
    read(&portal, &before, Via::Export).await.unwrap();
    let after = portal.dataset(STATEMENT).await.unwrap();
    assert_ne!(before.data_processed(), after.data_processed());
}

#[tokio::test]
async fn counts_that_disagree_are_there_to_be_compared() {
    let server = faulty([Fault::WrongCount]).await;
    let portal = client(&server.url());
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    assert_eq!(dataset.records_count(), Some(387));
    assert_eq!(portal.total_count(STATEMENT).await.unwrap(), Some(387));

    let server = faulty([Fault::StaleCount]).await;
    let portal = client(&server.url());
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    assert_eq!(dataset.records_count(), Some(377));
    assert_eq!(portal.total_count(STATEMENT).await.unwrap(), Some(380));
}

#[tokio::test]
async fn changed_fields_and_garbage_are_delivered_as_they_are() {
    let server = faulty([Fault::Schema]).await;
    let portal = client(&server.url());
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    assert!(dataset.field("montant_en_eur").is_none());
    assert!(dataset.field("montant_en_eur_v2").is_some());
    let values = values_of(&portal, &dataset, "montant_en_eur").await;
    assert!(values.iter().all(Option::is_none));

    let server = faulty([Fault::ExtraField]).await;
    let portal = client(&server.url());
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    assert!(dataset.field("observation").is_some());
    let values = values_of(&portal, &dataset, "observation").await;
    assert!(values.iter().all(Option::is_some));

    let server = faulty([Fault::Garbage]).await;
    let portal = client(&server.url());
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    let values = values_of(&portal, &dataset, "montant_en_eur").await;
    let garbage = Some(format!("{:?}", Value::Text("n/a")));
    assert_eq!(values.iter().filter(|it| **it == garbage).count(), 127);
}

#[tokio::test]
async fn a_fault_that_lasts_ends_in_giving_up() {
    for (fault, words) in [
        (Fault::Unavailable, "answered 503"),
        (Fault::TooManyRequests, "one too many"),
        (Fault::Html, "Le portail est en maintenance"),
    ] {
        let server = faulty([fault.always()]).await;
        let error = client(&server.url()).dataset(STATEMENT).await.unwrap_err();
        assert!(
            matches!(error, Error::TooManyRetries { attempts: 3, .. }),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{fault}: {error}");
        assert!(!error.is_transient());
    }
}

#[tokio::test]
async fn a_slow_portal_is_waited_for_and_a_silent_one_is_not() {
    let server = faulty([Fault::Slow.times(2)]).await;
    let hurried = Timeouts {
        first_byte: Duration::from_millis(20),
        ..Timeouts::default()
    };
    let told = Arc::new(Told::default());
    let portal = Portal::builder(&server.url())
        .retry(quick())
        .timeouts(hurried)
        .build()
        .unwrap()
        .with_observer(told.clone());
    portal.dataset(STATEMENT).await.unwrap();
    let events = told.events();
    assert_eq!(events.len(), 2);
    assert!(
        events[1].contains("did not begin to answer within 20ms"),
        "{events:?}"
    );

    let server = faulty([Fault::Slow.times(1)]).await;
    let told = Arc::new(Told::default());
    let portal = client(&server.url()).with_observer(told.clone());
    portal.dataset(STATEMENT).await.unwrap();
    assert!(told.events().is_empty());
}

#[tokio::test]
async fn what_grows_is_counted_again_and_what_never_ends_is_ended() {
    let read_with = async |server: &Running, limits: Limits, via| {
        let portal = Portal::builder(&server.url()).retry(quick()).limits(limits);
        let portal = portal.build().unwrap();
        let mut dataset = portal.dataset(STATEMENT).await.unwrap();
        // As it was described before most of it was published.
        let metas = dataset.metas["default"].as_object_mut().unwrap();
        metas.insert("records_count".to_owned(), 100.into());
        read(&portal, &dataset, via).await
    };
    let few = Limits {
        extra_records: 10,
        ..Limits::default()
    };
    let whole = Simulator::sample().bind("127.0.0.1:0").await.unwrap();
    for via in [Via::Export, Via::Csv, Via::Records] {
        let records = read_with(&whole, few, via).await.unwrap();
        assert_eq!(records.len(), RECORDS, "{via:?}");
    }
    let endless = faulty([Fault::Endless]).await;
    for via in [Via::Export, Via::Csv] {
        let error = read_with(&endless, few, via).await.unwrap_err().to_string();
        assert!(
            error.contains("more than 475 records came, and the portal announces 380"),
            "{error}"
        );
    }
    // A portal that announces more than there can be is ended all the same.
    let bytes = Limits {
        extra_records: u64::MAX,
        bytes: 200_000,
        ..Limits::default()
    };
    let time = Limits {
        extra_records: u64::MAX,
        time: Duration::from_millis(300),
        ..Limits::default()
    };
    for via in [Via::Export, Via::Csv] {
        for (limits, expected) in [(bytes, Limit::Bytes), (time, Limit::Time)] {
            let error = read_with(&endless, limits, via).await.unwrap_err();
            assert!(
                matches!(error, Error::Limit { limit, .. } if limit == expected),
                "{error}"
            );
        }
    }
    // So are pages.
    let small = Limits {
        bytes: 30_000,
        ..Limits::default()
    };
    let error = read_with(&whole, small, Via::Records).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                limit: Limit::Bytes,
                ..
            }
        ),
        "{error}"
    );
    let late = Limits {
        time: Duration::ZERO,
        ..Limits::default()
    };
    for via in [Via::Export, Via::Csv, Via::Records] {
        let error = read_with(&whole, late, via).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Limit {
                    limit: Limit::Time,
                    ..
                }
            ),
            "{error}"
        );
    }
}

//! What the client asks, how often, with which key, and what it says when it cannot.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::{client, quick, read, serve};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect};
use centime_portal::{
    Dataset, Error, Event, Limit, Limits, Observer, Portal, RetryPolicy, Timeouts, Via,
};
use centime_portal_sim::{Fault, Simulator};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

const STATEMENT: &str = "compte-de-resultat";
const KEY: &str = "0123456789abcdef-s3cret";

fn keyed(url: &str) -> Portal {
    Portal::builder(url)
        .api_key(Some(KEY.to_owned()))
        .retry(quick())
        .build()
        .unwrap()
}

fn answering(status: u16, body: &'static str) -> Router {
    let status = StatusCode::from_u16(status).unwrap();
    Router::new().fallback(move || async move { (status, body) })
}

/// A server that writes these bytes to each connection and closes it.
async fn raw(answer: &'static [u8]) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0; 4096];
            let _read = socket.read(&mut request).await.unwrap();
            socket.write_all(answer).await.unwrap();
            socket.shutdown().await.unwrap();
        }
    });
    url
}

#[tokio::test]
async fn the_key_goes_with_each_request_and_nowhere_else() {
    let server = serve(Simulator::sample().router()).await;
    let portal = keyed(&server.url);
    let dataset = portal.dataset(STATEMENT).await.unwrap();
    read(&portal, &dataset, Via::Export).await.unwrap();
    portal.total_count(STATEMENT).await.unwrap();
    let expected = Some(format!("Apikey {KEY}"));
    assert_eq!(
        server.keys(),
        [expected.clone(), expected.clone(), expected]
    );
    assert!(server.paths().iter().all(|path| !path.contains("s3cret")));

    let server = serve(Simulator::sample().router()).await;
    for blank in [None, Some(String::new()), Some("  ".to_owned())] {
        let builder = Portal::builder(&server.url).api_key(blank);
        builder.build().unwrap().dataset(STATEMENT).await.unwrap();
    }
    assert_eq!(server.keys(), [None, None, None]);
}

#[tokio::test]
async fn the_key_is_in_no_message_and_no_debug_output() {
    let builder = Portal::builder("http://127.0.0.1:9").api_key(Some(KEY.to_owned()));
    assert!(!format!("{builder:?}").contains("s3cret"));
    let portal = builder.build().unwrap();
    assert!(!format!("{portal:?}").contains("s3cret"));
    for status in [400, 401, 403, 404, 429, 500] {
        let server = serve(answering(status, "{}")).await;
        let error = keyed(&server.url).dataset("x").await.unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("s3cret"),
            "{error:?}"
        );
    }
}

#[tokio::test]
async fn the_key_follows_a_redirect_on_the_same_host_only() {
    let there = serve(Simulator::sample().router()).await;
    let to = there.url.clone();
    let away = Router::new().fallback(move |uri: Uri| {
        let to = to.clone();
        async move { Redirect::temporary(&format!("{to}{uri}?word=s3cret")) }
    });
    let here = serve(away).await;
    // Another port is another host, and one that is not configured is not asked at all.
    let error = keyed(&here.url).dataset(STATEMENT).await.unwrap_err();
    assert!(matches!(error, Error::OtherHost { .. }), "{error}");
    let host = there.url.trim_start_matches("http://");
    assert!(error.to_string().contains(host), "{error}");
    assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
    assert_eq!((here.count(), there.count()), (1, 0));
    let configured = Portal::builder(&here.url)
        .api_key(Some(KEY.to_owned()))
        .hosts(vec![host.to_owned()]);
    let configured = configured.build().unwrap();
    configured.dataset(STATEMENT).await.unwrap();
    let key = Some(format!("Apikey {KEY}"));
    assert_eq!(here.keys(), [key.clone(), key]);
    assert_eq!(there.keys(), [None]);

    let redirecting = Simulator::sample().with_faults([Fault::Redirect]);
    let same = serve(redirecting.router()).await;
    keyed(&same.url).dataset(STATEMENT).await.unwrap();
    assert_eq!(same.count(), 2);
    assert!(same.keys().iter().all(Option::is_some));
    assert!(same.paths()[1].starts_with("/alias/"));
}

#[tokio::test]
async fn a_circle_of_redirects_ends() {
    let circle = Router::new().fallback(|uri: Uri| async move { Redirect::temporary(uri.path()) });
    let server = serve(circle).await;
    let error = client(&server.url).dataset("x").await.unwrap_err();
    assert!(matches!(error, Error::Redirect { .. }), "{error}");
    assert_eq!(server.count(), 6);
}

#[tokio::test]
async fn a_refusal_is_not_insisted_upon() {
    let body = r#"{"error_code": "ODSQLError", "message": "ODSQL query is malformed: x"}"#;
    let server = serve(answering(400, body)).await;
    let error = client(&server.url).dataset("x").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "{}/api/explore/v2.1/catalog/datasets/x answered 400 (ODSQLError): ODSQL query is \
             malformed: x",
            server.url
        )
    );
    assert_eq!(server.count(), 1);
    for status in [400, 401, 403, 404, 405, 410, 501] {
        let server = serve(answering(status, "")).await;
        client(&server.url).dataset("x").await.unwrap_err();
        assert_eq!(server.count(), 1, "{status}");
    }
    for status in [429, 500, 502, 503, 504] {
        let server = serve(answering(status, "")).await;
        client(&server.url).dataset("x").await.unwrap_err();
        assert_eq!(server.count(), 3, "{status}");
    }
}

#[tokio::test]
async fn an_unknown_dataset_is_named_with_its_portal() {
    let server = serve(Simulator::sample().router()).await;
    let portal = client(&server.url);
    let error = portal.dataset("bilan-compatble").await.unwrap_err();
    assert!(matches!(error, Error::UnknownDataset { .. }), "{error}");
    assert!(error.to_string().contains("bilan-compatble"), "{error}");
    assert!(error.to_string().contains(&server.url), "{error}");
    assert_eq!(server.count(), 1);
    for climbing in ["", "..", "."] {
        let error = portal.dataset(climbing).await.unwrap_err();
        assert!(matches!(error, Error::UnknownDataset { .. }), "{error}");
    }
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_closed_door_tells_which_key_to_bring() {
    for status in [401, 403] {
        let server = serve(answering(status, "")).await;
        let error = client(&server.url).dataset("x").await.unwrap_err();
        assert!(matches!(error, Error::Unauthorized { keyed: false, .. }));
        assert!(
            error.remedy().unwrap().contains("give an API key"),
            "{error}"
        );
        let error = keyed(&server.url).dataset("x").await.unwrap_err();
        assert!(error.remedy().unwrap().contains("still valid"), "{error}");
    }
}

#[tokio::test]
async fn a_spent_quota_ends_at_once_and_says_until_when() {
    let simulator = Simulator::sample().with_faults([Fault::QuotaSpent]);
    let server = serve(simulator.router()).await;
    let portal = Portal::builder(&server.url).build().unwrap();
    let error = portal.dataset(STATEMENT).await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::QuotaExhausted {
                until: Some(_),
                keyed: false,
                ..
            }
        ),
        "{error}"
    );
    let message = error.to_string();
    assert!(message.contains(", until 20"), "{message}");
    assert!(message.contains("API key"), "{message}");
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn the_reset_header_alone_says_until_when() {
    let router = Router::new().fallback(|| async {
        (
            StatusCode::TOO_MANY_REQUESTS,
            [("x-ratelimit-reset", "4102444800")],
            "slow down",
        )
    });
    let server = serve(router).await;
    let error = client(&server.url).dataset("x").await.unwrap_err();
    assert!(
        error.to_string().contains("until 2100-01-01T00:00:00Z"),
        "{error}"
    );
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_portal_closed_for_long_is_not_waited_for() {
    let router = Router::new().fallback(|| async {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [(header::RETRY_AFTER, "3600")],
            "",
        )
    });
    let server = serve(router).await;
    let error = client(&server.url).dataset("x").await.unwrap_err();
    assert!(
        matches!(error, Error::Unavailable { status: 503, .. }),
        "{error}"
    );
    assert_eq!(server.count(), 1);
}

/// Passes on each wait.
struct Waits(mpsc::UnboundedSender<Duration>);

impl Observer for Waits {
    fn event(&self, event: &Event<'_>) {
        if let Event::Retrying { wait, .. } = event {
            self.0.send(*wait).unwrap();
        }
    }
}

#[tokio::test]
async fn retry_after_is_obeyed_when_it_is_short_enough() {
    let simulator = Simulator::sample()
        .with_faults([Fault::TooManyRequests])
        .with_retry_after(30);
    let server = serve(simulator.router()).await;
    let (waits, mut waited) = mpsc::unbounded_channel();
    let policy = RetryPolicy {
        base_delay: Duration::from_millis(1),
        ..RetryPolicy::default()
    };
    let portal = Portal::builder(&server.url).retry(policy).build().unwrap();
    let portal = portal.with_observer(Arc::new(Waits(waits)));
    let wait = tokio::select! {
        result = portal.dataset(STATEMENT) => panic!("it did not wait: {result:?}"),
        wait = waited.recv() => wait.unwrap(),
    };
    assert!(
        wait > Duration::from_secs(28) && wait <= Duration::from_secs(30),
        "{wait:?}"
    );
    assert_eq!(server.count(), 1);
}

#[tokio::test]
async fn a_passing_failure_passes() {
    let asked = Arc::new(AtomicUsize::new(0));
    let router = Router::new().fallback(move || {
        let first = asked.fetch_add(1, Ordering::Relaxed) == 0;
        async move {
            if first {
                StatusCode::BAD_GATEWAY.into_response()
            } else {
                r#"{"dataset_id": "x"}"#.into_response()
            }
        }
    });
    let server = serve(router).await;
    client(&server.url).dataset("x").await.unwrap();
    assert_eq!(server.count(), 2);
}

#[tokio::test]
async fn a_host_that_is_not_there_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let error = client(&format!("http://{address}"))
        .dataset("x")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::TooManyRetries { attempts: 3, last } if matches!(**last, Error::Unreachable { .. })),
        "{error:?}"
    );
    assert!(error.to_string().contains(&address), "{error}");
    assert!(error.to_string().contains("refused"), "{error}");
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_named() {
    let proxies = ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"];
    if proxies.iter().any(|name| std::env::var_os(name).is_some()) {
        centime_test_input::skipped("a name that does not resolve", "a proxy would resolve it");
        return;
    }
    // Too long a label for the resolver to even ask anyone.
    let host = format!("{}.invalid", "a".repeat(70));
    let error = client(&format!("http://{host}"))
        .dataset("x")
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::TooManyRetries { last, .. } if matches!(**last, Error::UnknownHost { .. })),
        "{error:?}"
    );
    assert!(error.to_string().contains(&host), "{error}");
}

#[tokio::test]
async fn a_server_without_tls_is_told_apart() {
    let server = serve(Simulator::sample().router()).await;
    let url = server.url.replace("http://", "https://");
    let error = client(&url).dataset("x").await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
}

#[tokio::test]
async fn answers_shorter_than_promised_are_lost() {
    let url = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"dataset_id\": \"x\"}").await;
    let error = client(&url).dataset("x").await.unwrap_err();
    assert!(
        matches!(&error, Error::TooManyRetries { attempts: 3, last } if matches!(**last, Error::Lost { .. })),
        "{error:?}"
    );
    let url = raw(b"").await;
    let error = client(&url).dataset("x").await.unwrap_err();
    assert!(error.to_string().contains("was lost"), "{error}");
}

#[tokio::test]
async fn the_portals_words_are_kept_when_it_hangs_up_after_them() {
    let url = raw(
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"a\": 1}\n{\"a\": 2}\
          Streaming interrupted due to the following error: oops (error_code: X)",
    )
    .await;
    let dataset: Dataset = serde_json::from_str(r#"{"dataset_id": "x"}"#).unwrap();
    let error = read(&client(&url), &dataset, Via::Export)
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Truncated { rows: 1, reason } if reason.contains("oops")),
        "{error}"
    );
}

#[tokio::test]
async fn a_body_that_stalls_is_a_cut() {
    let router = Router::new().fallback(|| async {
        let first = Ok::<_, io::Error>(Bytes::from_static(b"{\"a\": 1}\n"));
        let chunks = futures_util::stream::once(async { first });
        Body::from_stream(futures_util::StreamExt::chain(
            chunks,
            futures_util::stream::pending(),
        ))
    });
    let server = serve(router).await;
    let timeouts = Timeouts {
        idle: Duration::from_millis(50),
        ..Timeouts::default()
    };
    let portal = Portal::builder(&server.url)
        .timeouts(timeouts)
        .build()
        .unwrap();
    let dataset: Dataset = serde_json::from_str(r#"{"dataset_id": "x"}"#).unwrap();
    let error = read(&portal, &dataset, Via::Export).await.unwrap_err();
    assert!(
        matches!(&error, Error::Truncated { rows: 1, reason } if reason.contains("50ms")),
        "{error}"
    );
}

#[test]
fn building_makes_no_request_and_needs_no_runtime() {
    let portal = Portal::builder("https://opendata.paris.fr/")
        .build()
        .unwrap();
    assert_eq!(
        portal.base_url(),
        "https://opendata.paris.fr/api/explore/v2.1"
    );
    assert_eq!(portal.host(), "opendata.paris.fr");
    let error = Portal::builder("not a portal").build().unwrap_err();
    assert!(matches!(error, Error::InvalidUrl { .. }), "{error}");
    let broken = Portal::builder("https://a")
        .api_key(Some("a\nb".into()))
        .build();
    assert!(matches!(broken, Err(Error::InvalidApiKey)));
}

#[tokio::test]
async fn the_client_says_who_it_is_and_takes_compressed_answers() {
    let router = Router::new().fallback(|headers: HeaderMap| async move {
        let agent = headers[header::USER_AGENT].to_str().unwrap();
        let encoding = headers[header::ACCEPT_ENCODING].to_str().unwrap();
        format!("{{\"dataset_id\": \"{agent} {encoding}\"}}")
    });
    let server = serve(router).await;
    let dataset = client(&server.url).dataset("x").await.unwrap();
    let expected = concat!("centime/", env!("CARGO_PKG_VERSION"), " gzip");
    assert_eq!(dataset.dataset_id, expected);
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    // As fast as it can be sent, and drop by drop.
    let endless = Router::new().fallback(|| async {
        let piece = Bytes::from(vec![b' '; 1 << 16]);
        let pieces = futures_util::stream::repeat(piece);
        Body::from_stream(futures_util::StreamExt::map(pieces, Ok::<_, io::Error>))
    });
    let server = serve(endless).await;
    let portal = client(&server.url);
    let error = portal.dataset("x").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                limit: Limit::Shape,
                ..
            }
        ),
        "{error}"
    );
    assert!(
        error.to_string().contains("longer than 4194304 bytes"),
        "{error}"
    );
    let error = portal.total_count("x").await.unwrap_err();
    assert!(
        error.to_string().contains("longer than 16777216 bytes"),
        "{error}"
    );
    assert_eq!(server.count(), 2);

    let drops = Router::new().fallback(|| async {
        let drops = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok::<_, io::Error>(Bytes::from_static(b" ")), ()))
        });
        Body::from_stream(drops)
    });
    let server = serve(drops).await;
    let limits = Limits {
        window: Duration::from_millis(1500),
        bytes_per_second: 1000,
        ..Limits::default()
    };
    let portal = Portal::builder(&server.url).retry(quick()).limits(limits);
    let error = portal.build().unwrap().dataset("x").await.unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                limit: Limit::Rate,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(server.count(), 1);
}

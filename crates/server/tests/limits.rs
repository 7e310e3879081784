//! What one client may take from others: attacks on a site that is served, and what the others notice.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::time::Duration;

use crate::common::{Bench, FORM, Served, header, log_in, often_asked, send, text};
use axum::http::{Method, StatusCode};
use centime_access::{Mode, Role};
use centime_portal_sim::Simulator;
use centime_server::{Guard, Rate, Settings, Site};
use centime_warehouse::{OpenMode, Warehouse};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpSocket;

/// The addresses of an attacker and of somebody else. Each is a client of its own.
const ATTACKER: [u8; 4] = [127, 0, 0, 2];
const READER: [u8; 4] = [127, 0, 0, 3];

/// An answer as it came over the network.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

/// What the site answers to bytes that come from an address.
async fn raw(site: SocketAddr, from: [u8; 4], request: &[u8]) -> Answer {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(SocketAddr::new(IpAddr::from(from), 0)).unwrap();
    let mut stream = socket.connect(site).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // Who is refused early may be cut off after the answer.
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let head = head.to_lowercase();
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or(0),
        head,
        body: body.to_owned(),
    }
}

async fn get(site: SocketAddr, from: [u8; 4], address: &str) -> Answer {
    let request = format!("GET {address} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    raw(site, from, request.as_bytes()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn many_pictures_of_one_client_leave_a_turn_for_others() {
    let bench = Bench::new(Settings::default()).await;
    let settings = Settings {
        heavy: 2,
        ..often_asked(Mode::Public)
    };
    let served = Served::new(bench.site(settings)).await;
    let site = served.address;
    get(site, READER, "/dashboard/flow.png?from=2016").await;
    // Of one client one is made and so many wait: the others are told at once, each what to do.
    let volley = (0..60).map(|number| {
        let (from, unit) = (2016 + number % 8, ["eur", "meur", "bneur"][number % 3]);
        let address =
            format!("/dashboard/flow.png?from={from}&unit={unit}&to=2024&lang=fr&basis=naive&n=");
        let address = address.replace("&n=", if number % 2 == 0 { "" } else { "&focus=2024" });
        tokio::spawn(async move { get(site, ATTACKER, &address).await })
    });
    let volley: Vec<_> = volley.collect();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut reader = Vec::new();
    for address in [
        "/",
        "/dashboard/result.png?from=2018",
        "/analyses/yearly-result.csv",
        "/dashboard?from=2017",
    ] {
        reader.push(get(site, READER, address).await);
    }
    for answer in &reader {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let mut told = 0;
    for answer in volley {
        let answer = answer.await.unwrap();
        match answer.status {
            200 => {}
            429 | 503 => {
                told += 1;
                assert!(answer.head.contains("retry-after: "), "{answer:?}");
                assert!(
                    answer.head.contains("application/problem+json"),
                    "{answer:?}"
                );
            }
            _ => panic!("{answer:?}"),
        }
    }
    assert!(told >= 20, "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crawler_over_cold_bodies_is_no_outage() {
    const BODIES: u32 = 150;
    let folder = tempfile::tempdir().unwrap();
    let url = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let portal = Simulator::sample_of_bodies(BODIES)
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    crate::common::publish_statement(&warehouse, &portal.url()).await;
    let revision = warehouse.published().await.unwrap().unwrap();
    let bodies = warehouse.bodies(revision.id, "", 0, 1000).await.unwrap();
    let site = Site::new(warehouse.clone()).router();
    let asked = bodies.bodies.iter().map(|body| {
        let (site, address) = (site.clone(), format!("/quality?body={}", body.siren));
        tokio::spawn(async move {
            let response = send(&site, &Method::GET, &address, &[], "").await;
            (response.status(), text(response).await)
        })
    });
    let asked: Vec<_> = asked.collect();
    assert_eq!(asked.len(), BODIES as usize);
    for asked in asked {
        let (status, page) = asked.await.unwrap();
        assert_eq!(status, StatusCode::OK, "{page}");
        assert!(
            !page.contains("peuvent dater"),
            "load was taken for an outage"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn crawlers_of_several_networks_are_no_outage_for_each_other() {
    const BODIES: u32 = 300;
    const CRAWLERS: [[u8; 4]; 4] = [
        [127, 0, 0, 10],
        [127, 0, 0, 11],
        [127, 0, 0, 12],
        [127, 0, 0, 13],
    ];
    /// How many connections each of them has.
    const AT_ONCE: usize = 8;
    let folder = tempfile::tempdir().unwrap();
    let url = centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let portal = Simulator::sample_of_bodies(BODIES)
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    crate::common::publish_statement(&warehouse, &portal.url()).await;
    let revision = warehouse.published().await.unwrap().unwrap();
    let bodies = warehouse.bodies(revision.id, "", 0, 1000).await.unwrap();
    assert_eq!(bodies.bodies.len(), BODIES as usize);
    let sirens: Vec<String> = bodies.bodies.into_iter().map(|body| body.siren).collect();
    let guard = Guard::new(often_asked(Mode::Public), None);
    let served = Served::new(Site::guarded(warehouse, guard)).await;
    let site = served.address;
    // Each opens all bodies, half of them in the other order, so that they meet and do not meet.
    let crawlers = CRAWLERS.into_iter().enumerate().flat_map(|(number, from)| {
        let mut sirens = sirens.clone();
        if number % 2 == 1 {
            sirens.reverse();
        }
        let part = sirens.len().div_ceil(AT_ONCE);
        let parts: Vec<Vec<String>> = sirens.chunks(part).map(<[String]>::to_vec).collect();
        parts.into_iter().map(move |part| {
            tokio::spawn(async move {
                for siren in part {
                    let answer = get(site, from, &format!("/quality?body={siren}")).await;
                    assert_eq!(answer.status, 200, "{answer:?}");
                    assert!(
                        !answer.body.contains("peuvent dater"),
                        "load was taken for an outage"
                    );
                }
            })
        })
    });
    let crawlers: Vec<_> = crawlers.collect();
    assert_eq!(crawlers.len(), CRAWLERS.len() * AT_ONCE);
    for crawler in crawlers {
        crawler.await.unwrap();
    }
}

#[tokio::test]
async fn all_but_health_and_assets_is_counted() {
    let one = NonZeroU32::MIN;
    let five = NonZeroU32::new(5).unwrap();
    let settings = Settings {
        rate: Rate {
            per_second: one,
            burst: five,
        },
        ..Settings::default()
    };
    let bench = Bench::new(settings.clone()).await;
    let served = Served::new(bench.site(settings)).await;
    for _ in 0..5 {
        assert_eq!(get(served.address, ATTACKER, "/login").await.status, 200);
    }
    for address in ["/login", "/", "/robots.txt", "/nowhere", "/api/v1/bodies"] {
        let answer = get(served.address, ATTACKER, address).await;
        assert_eq!(answer.status, 429, "{address}");
        assert!(answer.head.contains("retry-after: "), "{answer:?}");
    }
    for address in ["/healthz", "/readyz", "/favicon.ico", "/assets/site.css"] {
        for _ in 0..8 {
            assert_eq!(
                get(served.address, ATTACKER, address).await.status,
                200,
                "{address}"
            );
        }
    }
    assert_eq!(get(served.address, READER, "/login").await.status, 200);
}

#[tokio::test]
async fn who_has_shown_nothing_is_told_nothing_of_the_data() {
    let bench = Bench::new(often_asked(Mode::Token)).await;
    let html = ("accept", "text/html");
    let page = async |address: &str, headers: &[(&str, &str)]| {
        let response = bench.get(address, headers).await;
        let headers = format!("{:?}", response.headers());
        assert!(!headers.contains("sample"), "{address}: {headers}");
        // What was asked may be repeated in links.
        text(response)
            .await
            .replace("217500016", "…")
            .replace("999999999", "…")
    };
    // Whether a body exists, and which, makes no difference.
    let known = page("/login?body=217500016", &[html]).await;
    assert_eq!(known, page("/login?body=999999999", &[html]).await);
    let secret = bench.token(Role::Viewer, None).await;
    let bearer = format!("Bearer {}", secret.reveal());
    let viewer = log_in(&bench.site, &secret).await;
    for (address, headers) in [
        ("/login?body=217500016", &[html][..]),
        ("/?body=217500016", &[]),
        ("/nowhere?body=217500016", &[]),
        ("/api/v1/bodies/217500016", &[]),
        ("/admin?body=217500016", &[html, ("cookie", &viewer.cookie)]),
        ("/admin?body=217500016", &[("authorization", &bearer)]),
    ] {
        let page = page(address, headers).await;
        for told in ["Paris", "2024", "exemple", "échantillon"] {
            assert!(!page.contains(told), "{address}: {told}: {page}");
        }
    }
    // Who has shown a session is shown what it is.
    let shown = bench
        .get("/login", &[html, ("cookie", &viewer.cookie)])
        .await;
    assert_eq!(header(&shown, "x-centime-edition"), "sample");
}

#[tokio::test]
async fn logging_in_again_and_again_ends_no_other_session_and_fills_no_log() {
    let settings = Settings {
        sessions_each: 20,
        ..often_asked(Mode::Token)
    };
    let bench = Bench::new(settings).await;
    let admin = log_in(&bench.site, &bench.token(Role::Admin, None).await).await;
    let viewer = bench.token(Role::Viewer, None).await;
    let body = format!("token={}", viewer.reveal());
    let headers = [("content-type", FORM), ("sec-fetch-site", "same-origin")];
    for _ in 0..300 {
        let opened = bench.send(&Method::POST, "/login", &headers, &body).await;
        assert_eq!(opened.status(), 303);
    }
    let page = bench.get("/admin", &[("cookie", &admin.cookie)]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let metrics = bench.get("/metrics", &[("cookie", &admin.cookie)]).await;
    let metrics = text(metrics).await;
    assert!(metrics.contains("centime_sessions 21\n"), "{metrics}");
    bench.site.guard().settle().await;
    let events = bench.ledger.events(1000).await.unwrap();
    let logins: Vec<_> = events
        .iter()
        .filter(|event| {
            event.action == "login" && event.token_id.as_deref() == Some(viewer.id().as_str())
        })
        .map(|event| event.detail.as_deref())
        .collect();
    assert_eq!(logins, [Some("299 further times"), None]);
}

#[tokio::test]
async fn a_secret_that_is_shown_once_is_shown_whatever_the_client_says_it_has() {
    let bench = Bench::new(often_asked(Mode::Token)).await;
    let admin = log_in(&bench.site, &bench.token(Role::Admin, None).await).await;
    for tag in ["*", "\"x\", *"] {
        let known = ("if-none-match", tag);
        let login = bench.get("/login", &[known]).await;
        assert_eq!(login.status(), StatusCode::OK);
        assert!(text(login).await.contains("</form>"), "{tag}");
        let headers = [
            ("content-type", FORM),
            ("cookie", admin.cookie.as_str()),
            known,
        ];
        let body = format!("role=viewer&expires=7d&name=x&form_key={}", admin.form_key);
        let made = bench
            .send(&Method::POST, "/admin/tokens", &headers, &body)
            .await;
        assert_eq!(made.status(), StatusCode::OK);
        assert!(text(made).await.contains("ctm_"), "{tag}");
    }
}

#[tokio::test]
async fn what_holds_a_key_and_repeats_what_was_asked_is_not_compressed() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let admin = log_in(&bench.site, &bench.token(Role::Admin, None).await).await;
    let headers = [
        ("cookie", admin.cookie.as_str()),
        ("accept-encoding", "br, gzip"),
    ];
    for (address, encoding) in [
        ("/login?next=/lines", ""),
        ("/admin", ""),
        ("/", "br"),
        ("/dashboard?from=2020", "br"),
    ] {
        let page = bench.get(address, &headers).await;
        assert_eq!(page.status(), StatusCode::OK, "{address}");
        assert_eq!(header(&page, "content-encoding"), encoding, "{address}");
    }
}

#[tokio::test]
async fn a_request_names_one_host_and_has_no_more_than_a_head_of_32_kib() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let served = Served::new(bench.site(often_asked(Mode::Public))).await;
    let ask = async |head: &str| {
        let request = format!("GET /healthz {head}\r\nconnection: close\r\n\r\n");
        raw(served.address, READER, request.as_bytes()).await.status
    };
    for (head, status) in [
        ("HTTP/1.1\r\nhost: a", 200),
        ("HTTP/1.0", 200),
        ("HTTP/1.1", 400),
        ("HTTP/1.1\r\nhost: a\r\nhost: a", 400),
        ("HTTP/1.1\r\nhost: a\r\nhost: b", 400),
        ("HTTP/1.0\r\nhost: a\r\nhost: b", 400),
    ] {
        assert_eq!(ask(head).await, status, "{head}");
    }
    for (length, status) in [(30_000, 200), (33_000, 431), (40_000, 431), (200_000, 431)] {
        let long = "x".repeat(length);
        assert_eq!(
            ask(&format!("HTTP/1.1\r\nhost: a\r\nx: {long}")).await,
            status,
            "{length}"
        );
    }
}

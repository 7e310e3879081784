//! What pages of other sites may take: every address, as everyone who may ask, and in both modes.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use crate::common::{Bench, header, log_in, often_asked, send, text};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use centime_access::{Mode, Role};
use centime_server::{Rate, ReportService, Reuse, Settings, Site};

/// What an address gives: a new one has to be thought about here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gives {
    /// Pages, what is about a visitor, and parts of the pages.
    Pages,
    /// Data or pictures that everyone may read where reading is open.
    Data,
    /// Data at addresses with an ending, pages at others.
    PagesAndFiles,
    /// Data for which a token is needed in any case.
    Protected,
}

use Gives::{Data, Pages, PagesAndFiles, Protected};

const TABLE: &[(&str, Gives)] = &[
    ("/api/v1/revisions", Data),
    ("/api/v1/revisions/{revision}", Data),
    ("/api/v1/datasets", Data),
    ("/api/v1/bodies", Data),
    ("/api/v1/bodies/{siren}", Data),
    ("/api/v1/analyses", Data),
    ("/api/v1/analyses/{name}", Data),
    ("/api/v1/statement", Data),
    ("/api/v1/statement/{line}", Data),
    ("/api/v1/accounts", Data),
    ("/api/v1/indicators", Data),
    ("/api/v1/aggregates", Data),
    ("/api/v1/lines", Data),
    ("/api/v1/lines/{record}", Data),
    ("/api/v1/quality/checks", Data),
    ("/api/v1/quality/reconciliation", Data),
    ("/api/v1/quality/missing-amounts", Data),
    ("/api/v1/quality/parents", Data),
    ("/api/v1/reports", Data),
    ("/api/v1/reports/{name}", Protected),
    ("/api/v1/sql", Protected),
    ("/api/v1/runs", Data),
    ("/api/v1/tokens", Protected),
    ("/api/v1/tokens/{token}", Protected),
    ("/api/v1/revisions.{form}", Data),
    ("/api/v1/datasets.{form}", Data),
    ("/api/v1/bodies.{form}", Data),
    ("/api/v1/analyses.{form}", Data),
    ("/api/v1/statement.{form}", Data),
    ("/api/v1/accounts.{form}", Data),
    ("/api/v1/indicators.{form}", Data),
    ("/api/v1/aggregates.{form}", Data),
    ("/api/v1/lines.{form}", Data),
    ("/api/v1/quality/checks.{form}", Data),
    ("/api/v1/quality/reconciliation.{form}", Data),
    ("/api/v1/quality/missing-amounts.{form}", Data),
    ("/api/v1/quality/parents.{form}", Data),
    ("/api/v1/reports.{form}", Data),
    ("/api/v1/runs.{form}", Data),
    ("/api/v1/tokens.{form}", Protected),
    ("/api/v1", Pages),
    ("/api/v1/openapi.json", Data),
    ("/", Pages),
    ("/statement", Pages),
    ("/statement.{extension}", Data),
    ("/statement/{line}", Pages),
    ("/indicators", Pages),
    ("/indicators.{extension}", Data),
    ("/aggregates", Pages),
    ("/aggregates.{extension}", Data),
    ("/accounts", Pages),
    ("/accounts.{extension}", Data),
    ("/search", Pages),
    ("/glossary", Pages),
    ("/revisions.atom", Data),
    ("/sitemap.xml", Pages),
    ("/years", Pages),
    ("/years/{year}", Pages),
    ("/dashboard", Pages),
    ("/dashboard/{file}", Data),
    ("/embed/dashboard/{name}", Pages),
    ("/cards/dashboard/{name}", Data),
    ("/cards/analyses/{name}", Data),
    ("/analyses", Pages),
    ("/analyses/{name}", PagesAndFiles),
    ("/lines", Pages),
    ("/lines.{extension}", Data),
    ("/lines/{record}", Pages),
    ("/quality", Pages),
    ("/tools", Pages),
    ("/metabase", Pages),
    ("/sql", Pages),
    ("/sql.{extension}", Protected),
    ("/report", Pages),
    ("/reports/income-statement.pdf", Data),
    ("/reports/income-statement.pdf?basis=naive", Protected),
    ("/login", Pages),
    ("/admin", Pages),
    ("/healthz", Pages),
    ("/readyz", Pages),
    ("/metrics", Pages),
    ("/robots.txt", Pages),
    ("/favicon.ico", Pages),
    ("/assets/site.css", Pages),
    ("/assets/site.js", Pages),
    ("/assets/charts.js", Pages),
    ("/assets/chart-regular.woff2", Pages),
    ("/assets/chart-semibold.woff2", Pages),
    ("/assets/icon.svg", Pages),
];

/// What scripts of every site may read of an answer anyway, and what is of no use to them.
const SAFE: [&str; 6] = [
    "cache-control",
    "content-language",
    "content-length",
    "content-type",
    "expires",
    "last-modified",
];
const OF_NO_USE: [&str; 12] = [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "content-encoding",
    "content-security-policy",
    "cross-origin-opener-policy",
    "cross-origin-resource-policy",
    "permissions-policy",
    "referrer-policy",
    "vary",
    "www-authenticate",
    "x-content-type-options",
    "x-frame-options",
];

const ORIGIN: (&str, &str) = ("origin", "https://www.ville.example");

/// Addresses of this form, each with whether it gives data.
fn examples(path: &str, gives: Gives) -> Vec<(String, bool)> {
    let address = path
        .replace("/reports/{name}", "/reports/income-statement")
        .replace("/cards/dashboard/{name}", "/cards/dashboard/result.png")
        .replace(
            "/cards/analyses/{name}",
            "/cards/analyses/yearly-result.png",
        )
        .replace("/embed/dashboard/{name}", "/embed/dashboard/result")
        .replace("{name}", "yearly-result")
        .replace("{year}", "2023")
        .replace("{token}", "ctm_AbCd1234")
        .replace("/lines/{record}", "/lines/2?revision=1")
        .replace("{line}", "m57-personnel")
        .replace("{revision}", "1")
        .replace("{siren}", "217500016")
        .replace("{extension}", "csv")
        .replace("{form}", "csv");
    let forms = ["csv", "xlsx", "json", "parquet", "svg", "png"];
    if path == "/dashboard/{file}" {
        let form = |form| (format!("/dashboard/result.{form}"), true);
        return forms.into_iter().map(form).collect();
    }
    match gives {
        PagesAndFiles => {
            let file = |form| (format!("{address}.{form}"), true);
            let files = forms.into_iter().map(file);
            files.chain([(address.clone(), false)]).collect()
        }
        Data => vec![(address, true)],
        Pages | Protected => vec![(address, false)],
    }
}

fn all(response: &Response, name: &str) -> String {
    let values = response.headers().get_all(name).iter();
    let values: Vec<&str> = values.map(|value| value.to_str().unwrap()).collect();
    values.join(", ")
}

fn names(list: &str) -> Vec<String> {
    list.split(',')
        .map(|name| name.trim().to_ascii_lowercase())
        .collect()
}

/// Holds an answer against what pages of other sites may take: all of it, its picture alone, or nothing.
fn holds(response: &Response, picture: bool, script: bool, what: &str) {
    let policy = if picture {
        "cross-origin"
    } else {
        "same-origin"
    };
    let found = all(response, "cross-origin-resource-policy");
    assert_eq!(found, policy, "{what}");
    let origin = if script { "*" } else { "" };
    let found = all(response, "access-control-allow-origin");
    assert_eq!(found, origin, "{what}");
    assert!(
        !response
            .headers()
            .contains_key("access-control-allow-credentials"),
        "{what}"
    );
    if picture {
        let depends = names(&all(response, "vary"));
        for name in ["authorization", "cookie"] {
            let times = depends.iter().filter(|known| *known == name).count();
            assert_eq!(times, 1, "{what}: {depends:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_gives_other_sites_what_everyone_may_read_and_nothing_else() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let admin = bench.token(Role::Admin, None).await;
    let declared = bench.site.declared();
    let read: Vec<&str> = declared
        .iter()
        .filter(|declared| declared.method == Method::GET)
        .map(|declared| declared.path)
        .collect();
    let table: Vec<&str> = TABLE.iter().map(|(path, _)| *path).collect();
    assert_eq!(read, table, "an address is not in the table");
    for mode in Mode::ALL {
        let reports = ReportService::new(|_| Ok(b"%PDF".to_vec()));
        let site = bench.site(often_asked(mode)).printing(reports).router();
        let browser = log_in(&site, &admin).await;
        let bearer = format!("Bearer {}", admin.reveal());
        let cookie = format!("lang=fr; {}", browser.cookie);
        for (path, gives) in TABLE {
            for (address, data) in examples(path, *gives) {
                let open = data && mode == Mode::Public;
                let ask = async |method: &Method, headers: &[(&str, &str)]| {
                    let mut with = vec![ORIGIN];
                    with.extend(headers);
                    send(&site, method, &address, &with, "").await
                };
                let what = |case: &str| format!("{mode} {address}: {case}");
                // Somebody before and after, so that an answer that is kept is seen with both.
                for turn in ["first", "again"] {
                    let known = ask(&Method::GET, &[("authorization", &bearer)]).await;
                    assert!(!open || known.status() == StatusCode::OK, "{address}");
                    holds(&known, open, false, &what(turn));
                    let session = ask(&Method::GET, &[("cookie", &cookie)]).await;
                    holds(&session, open, false, &what(turn));
                    let anyone = ask(&Method::GET, &[]).await;
                    assert!(!open || anyone.status() == StatusCode::OK, "{address}");
                    holds(&anyone, open, open, &what(turn));
                    let exposed = names(&all(&anyone, "access-control-expose-headers"));
                    for name in anyone.headers().keys().filter(|_| open) {
                        let name = name.as_str();
                        let known = SAFE.contains(&name) || OF_NO_USE.contains(&name);
                        let told = known || exposed.iter().any(|exposed| exposed == name);
                        assert!(told, "{address}: {name}");
                    }
                    let tag = header(&anyone, "etag").to_owned();
                    if open && !tag.is_empty() {
                        let same = ask(&Method::GET, &[("if-none-match", &tag)]).await;
                        assert_eq!(same.status(), StatusCode::NOT_MODIFIED, "{address}");
                        holds(&same, true, true, &what("not modified"));
                    }
                }
                let head = ask(&Method::HEAD, &[]).await;
                holds(&head, open, open, &what("HEAD"));
                // A password of a proxy in front is a credential, too.
                let basic = ask(&Method::GET, &[("authorization", "Basic ZXNzYWk=")]).await;
                holds(&basic, open, false, &what("Basic"));
                let wrong = ask(&Method::GET, &[("authorization", "Bearer ctm_x")]).await;
                holds(&wrong, open, false, &what("a wrong token"));

                for method in ["GET", "HEAD"] {
                    let before = [
                        ("access-control-request-method", method),
                        ("access-control-request-headers", "if-none-match"),
                    ];
                    let told = ask(&Method::OPTIONS, &before).await;
                    holds(&told, open, open, &what("before"));
                    if open {
                        assert_eq!(told.status(), StatusCode::NO_CONTENT);
                        assert_eq!(header(&told, "access-control-allow-methods"), "GET, HEAD");
                        let may = names(header(&told, "access-control-allow-headers"));
                        for name in ["if-none-match", "range", "accept-language"] {
                            assert!(may.iter().any(|known| known == name), "{may:?}");
                        }
                        for name in ["authorization", "*", "content-type", "cookie"] {
                            assert!(may.iter().all(|known| known != name), "{may:?}");
                        }
                        let seconds = header(&told, "access-control-max-age");
                        assert_eq!(seconds, "7200");
                        assert!(header(&told, "allow").contains("OPTIONS"));
                    } else if *gives != PagesAndFiles {
                        assert!(told.status().is_client_error(), "{address}");
                    }
                }
                for method in ["POST", "DELETE", "PUT"] {
                    let before = [("access-control-request-method", method)];
                    let told = ask(&Method::OPTIONS, &before).await;
                    holds(&told, open, false, &what("before a change"));
                }
                for method in [Method::POST, Method::PUT, Method::DELETE] {
                    let changed = ask(&method, &[]).await;
                    holds(&changed, false, false, &what("a change"));
                }
            }
        }
        let nowhere = send(&site, &Method::GET, "/nowhere.csv", &[ORIGIN], "").await;
        holds(&nowhere, false, false, "an address that is not there");
        // One with a slash too many leads to the one without, which says itself what may be taken.
        let slash = send(&site, &Method::GET, "/api/v1/bodies/", &[ORIGIN], "").await;
        let open = mode == Mode::Public;
        assert_eq!(slash.status() == StatusCode::PERMANENT_REDIRECT, open);
        holds(&slash, open, open, "a slash too many");
    }
}

#[tokio::test]
async fn the_table_says_what_is_declared() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    for declared in bench.site.declared() {
        let found = TABLE.iter().find(|(path, _)| *path == declared.path);
        let gives = found.map(|(_, gives)| *gives);
        let expected = match gives.filter(|_| declared.method == Method::GET) {
            Some(Data | Protected) => Reuse::Always,
            Some(PagesAndFiles) => Reuse::Files,
            Some(Pages) | None => Reuse::Never,
        };
        assert_eq!(declared.reuse, expected, "{declared:?}");
    }
}

#[tokio::test]
async fn why_there_are_no_data_can_be_read_elsewhere_too() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    for (address, status) in [
        ("/api/v1/lines?yaer=2024", 400),
        ("/api/v1/lines/999999?revision=1", 404),
        ("/api/v1/analyses/nothing", 404),
        ("/api/v1/revisions/77", 404),
        ("/dashboard/nothing.svg", 404),
        ("/dashboard/result.svg?yaer=2024", 400),
        ("/lines.csv?category=Rien", 404),
        ("/analyses/yearly-result.csv?revision=77", 404),
    ] {
        let response = bench.get(address, &[ORIGIN]).await;
        assert_eq!(response.status(), status, "{address}");
        holds(&response, true, true, address);
        assert_eq!(
            header(&response, "content-type"),
            "application/problem+json"
        );
    }
    // Said to a person it is a page, and pages stay here.
    let accept = ("accept", "text/html");
    let page = bench.get("/dashboard/nothing.svg", &[ORIGIN, accept]).await;
    holds(&page, false, false, "a page that says why");
    assert!(text(page).await.contains("<html"));
}

#[tokio::test]
async fn who_asks_too_often_can_read_for_how_long_to_wait() {
    let once = NonZeroU32::MIN;
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let site = bench.site(Settings {
        rate: Rate {
            per_second: once,
            burst: once,
        },
        ..Settings::default()
    });
    let mut served = crate::common::Served::new(site).await;
    let mut statuses = BTreeSet::new();
    for _ in 0..3 {
        let answer = raw(&served, "/api/v1/bodies").await;
        let answer = answer.to_ascii_lowercase();
        statuses.insert(answer[9..12].to_owned());
        assert!(
            answer.contains("access-control-allow-origin: *\r\n"),
            "{answer}"
        );
        assert!(answer.contains("retry-after, x-centime"), "{answer}");
    }
    assert!(statuses.contains("429"), "{statuses:?}");
    served.stop();
}

/// The head of an answer, over the network.
async fn raw(served: &crate::common::Served, address: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(served.address)
        .await
        .unwrap();
    let request = format!(
        "GET {address} HTTP/1.1\r\nhost: {}\r\norigin: https://www.ville.example\r\nconnection: close\r\n\r\n",
        served.address
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_site_without_anything_published_says_so_to_other_sites() {
    let folder = tempfile::tempdir().unwrap();
    let url: centime_warehouse::DatabaseUrl =
        centime_test_database::fresh(folder.path()).parse().unwrap();
    let warehouse = centime_warehouse::Warehouse::open(&url, centime_warehouse::OpenMode::Write)
        .await
        .unwrap();
    let site = Site::new(warehouse);
    let response = send(&site, &Method::GET, "/api/v1/bodies", &[ORIGIN], "").await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    holds(&response, true, true, "nothing published");
}

//! All public bodies at once, and files in parts: every row is the one that its body has by itself, and every part
//! is one of the whole.

use std::num::NonZeroU32;

use crate::common::{Bench, Served, header, often_asked, publish, send, text};
use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::response::Response;
use bytes::Buf;
use centime_access::{Mode, Role};
use centime_portal_sim::Simulator;
use centime_server::{Guard, Rate, Settings};
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};
use parquet::file::reader::{FileReader, SerializedFileReader};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const BODIES: u32 = 4;

/// A site over the sample's statement for several public bodies, and their numbers in order.
async fn several() -> (Bench, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let address = centime_test_database::fresh(folder.path());
    let url: DatabaseUrl = address.parse().unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let portal = Simulator::sample_of_bodies(BODIES);
    let portal = portal.bind("127.0.0.1:0").await.unwrap();
    publish(&warehouse, &portal.url()).await;
    let ledger = Ledger::open(&url).await.unwrap();
    let guard = Guard::new(often_asked(Mode::Public), Some(ledger.clone()));
    let bench = Bench::of(folder, warehouse, ledger, guard);
    let bodies = ok(&bench, "/api/v1/bodies.csv").await;
    let bodies = String::from_utf8(bodies.to_vec()).unwrap();
    let bodies = bodies.lines().skip(1).map(|line| {
        let (siren, _) = line.split_once(',').unwrap();
        siren.to_owned()
    });
    let bodies: Vec<String> = bodies.collect();
    assert_eq!(bodies.len(), usize::try_from(BODIES).unwrap());
    assert!(bodies.is_sorted());
    (bench, bodies)
}

async fn bytes(response: Response) -> Bytes {
    let body = axum::body::to_bytes(response.into_body(), usize::MAX).await;
    body.unwrap()
}

async fn ok(bench: &Bench, address: &str) -> Bytes {
    let response = bench.get(address, &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{address}");
    bytes(response).await
}

fn with(address: &str, parameter: &str) -> String {
    let sign = if address.contains('?') { '&' } else { '?' };
    format!("{address}{sign}{parameter}")
}

/// The rows of a file in one of the forms, each as a text, behind the names of the columns.
fn rows(form: &str, file: Bytes) -> Vec<String> {
    match form {
        "csv" => {
            let mut reader = csv::Reader::from_reader(file.reader());
            let header = reader
                .headers()
                .unwrap()
                .iter()
                .collect::<Vec<_>>()
                .join("|");
            let rows = reader.records().map(|row| format!("{:?}", row.unwrap()));
            std::iter::once(header).chain(rows).collect()
        }
        "json" => {
            let value: Value = serde_json::from_slice(&file).unwrap();
            // The API says of which revision its data are.
            let rows = value
                .get("data")
                .unwrap_or(&value)
                .as_array()
                .unwrap()
                .clone();
            let names = rows.first().map_or_else(String::new, |row| {
                let names: Vec<&str> = row.as_object().unwrap().keys().map(|it| &**it).collect();
                names.join("|")
            });
            let rows = rows.iter().map(Value::to_string);
            std::iter::once(names).chain(rows).collect()
        }
        _ => {
            let reader = SerializedFileReader::new(file).unwrap();
            let schema = reader.metadata().file_metadata().schema();
            let names: Vec<&str> = schema.get_fields().iter().map(|it| it.name()).collect();
            let names = names.join("|");
            let rows = reader.get_row_iter(None).unwrap();
            let rows = rows.map(|row| row.unwrap().to_string());
            std::iter::once(names).chain(rows).collect()
        }
    }
}

/// Holds what is said of all bodies against what is said of each; gives how many rows there are.
async fn hold(bench: &Bench, bodies: &[String], form: &str, address: &str) -> usize {
    let all = ok(bench, &with(address, "body=*")).await;
    let all = rows(form, all);
    let mut each: Vec<String> = Vec::new();
    for siren in bodies {
        let one = ok(bench, &with(address, &format!("body={siren}"))).await;
        let mut one = rows(form, one);
        if one.len() == 1 {
            // Without rows JSON names no columns.
            continue;
        }
        assert!(
            one[0].starts_with("siren|body_name|"),
            "{address}: {}",
            one[0]
        );
        assert!(one[1..].iter().all(|row| row.contains(siren)), "{address}");
        if !each.is_empty() {
            one.remove(0);
        }
        each.append(&mut one);
    }
    let differs = all.iter().zip(&each).find(|(one, other)| one != other);
    assert_eq!(differs, None, "{address}");
    assert_eq!(all.len(), each.len(), "{address}");
    all.len() - 1
}

#[tokio::test(flavor = "multi_thread")]
async fn all_bodies_have_the_rows_of_each() {
    let (bench, bodies) = several().await;
    let mut found = 0;
    for analysis in centime_analytics::ANALYSES {
        let name = analysis.name();
        for form in ["json", "csv", "parquet"] {
            found += hold(&bench, &bodies, form, &format!("/analyses/{name}.{form}")).await;
            let address = format!("/api/v1/analyses/{name}.{form}");
            found += hold(&bench, &bodies, form, &address).await;
        }
        let naive = format!("/api/v1/analyses/{name}?basis=naive&from=2017&to=2019");
        found += hold(&bench, &bodies, "json", &naive).await;
        let naive = format!("/analyses/{name}.csv?basis=naive");
        found += hold(&bench, &bodies, "csv", &naive).await;
        let book = format!("/analyses/{name}.xlsx?body=*");
        assert!(ok(&bench, &book).await.starts_with(b"PK"));
    }
    for form in ["json", "csv", "parquet"] {
        for address in [
            format!("/lines.{form}"),
            format!("/lines.{form}?side=expense&counted=missing"),
            format!("/lines.{form}?q=charges&sort=amount"),
            format!("/api/v1/lines.{form}"),
            format!("/api/v1/lines.{form}?from=2017&to=2018&role=subtotal"),
            format!("/api/v1/quality/reconciliation.{form}"),
            format!("/api/v1/quality/missing-amounts.{form}"),
            format!("/api/v1/quality/parents.{form}"),
            format!("/statement.{form}"),
            format!("/api/v1/statement.{form}?from=2017&to=2020"),
        ] {
            let rows = hold(&bench, &bodies, form, &address).await;
            assert!(rows > 0, "{address}");
            found += rows;
        }
    }
    assert!(found > 16_000, "{found}");
    // The columns are the same everywhere.
    let columns = async |address: &str| {
        let file = ok(&bench, &with(address, "body=*")).await;
        rows("csv", file).swap_remove(0)
    };
    for (one, other) in [
        ("/lines.csv?year=2016", "/api/v1/lines.csv?year=2016"),
        ("/statement.csv", "/api/v1/statement.csv"),
        (
            "/analyses/yearly-result.csv",
            "/api/v1/analyses/yearly-result.csv",
        ),
    ] {
        assert_eq!(columns(one).await, columns(other).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_all_lines_are_the_file_of_them() {
    let (bench, bodies) = several().await;
    for (query, limit) in [("year=2016&", 300), ("counted=missing&", 7), ("", 1000)] {
        let file = ok(&bench, &format!("/api/v1/lines.json?{query}body=*")).await;
        let expected = rows("json", file);
        let mut next = Some(format!("/api/v1/lines?{query}body=*&limit={limit}"));
        let mut found = vec![expected[0].clone()];
        while let Some(address) = next {
            let response = bench.get(&address, &[]).await;
            assert_eq!(response.status(), StatusCode::OK, "{address}");
            let link = header(&response, "link").to_owned();
            let page = rows("json", bytes(response).await);
            assert!(page.len() <= limit + 1, "{address}");
            found.extend(page.into_iter().skip(1));
            next = link
                .strip_prefix('<')
                .and_then(|link| link.split_once('>'))
                .map(|(link, _)| link.to_owned());
        }
        assert_eq!(found.len(), expected.len(), "{query}");
        assert!(found == expected, "{query}");
    }
    // A place of one body is none of another.
    let of = |siren: &str, cursor: &str| format!("/api/v1/lines?body={siren}&limit=1{cursor}");
    let first = bench.get(&of(&bodies[0], ""), &[]).await;
    let link = header(&first, "link").to_owned();
    let cursor = link
        .split("cursor=")
        .nth(1)
        .unwrap()
        .split('>')
        .next()
        .unwrap();
    let cursor = format!("&cursor={cursor}");
    let next = bench.get(&of(&bodies[0], &cursor), &[]).await;
    assert_eq!(next.status(), StatusCode::OK);
    let other = bench.get(&of(&bodies[1], &cursor), &[]).await;
    assert_eq!(other.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_of_a_file_are_those_of_the_whole() {
    let (bench, bodies) = several().await;
    let one = format!("body={}", bodies[0]);
    let mut asked = Vec::new();
    for body in [one.as_str(), "body=*"] {
        for address in [
            "/api/v1/analyses/expense-by-category.parquet",
            "/api/v1/lines.parquet?year=2016",
            "/api/v1/lines.csv?year=2016",
            "/analyses/yearly-result.parquet",
            "/lines.parquet?year=2016",
            "/lines.csv?year=2016",
        ] {
            asked.push(with(address, body));
        }
    }
    asked.push("/api/v1/bodies.parquet".to_owned());
    asked.push("/api/v1/quality/checks.parquet".to_owned());
    for address in asked {
        let whole = bench.get(&address, &[]).await;
        assert_eq!(whole.status(), StatusCode::OK, "{address}");
        assert_eq!(header(&whole, "accept-ranges"), "bytes", "{address}");
        let tag = header(&whole, "etag").to_owned();
        assert!(tag.starts_with('"'), "{address}: {tag}");
        assert!(header(&whole, "content-disposition").starts_with("attachment"));
        let whole = bytes(whole).await;
        let length = whole.len();
        let head = bench.send(&Method::HEAD, &address, &[], "").await;
        assert_eq!(head.status(), StatusCode::OK, "{address}");
        assert_eq!(
            header(&head, "content-length"),
            length.to_string(),
            "{address}"
        );
        assert_eq!(header(&head, "etag"), tag);
        let part = async |range: &str, if_range: &str| {
            let mut headers = vec![("range", range)];
            headers.extend(Some(("if-range", if_range)).filter(|(_, tag)| !tag.is_empty()));
            bench.get(&address, &headers).await
        };
        let middle = length / 2;
        let mut joined = Vec::new();
        for (range, said) in [
            (
                format!("bytes=0-{}", middle - 1),
                format!("bytes 0-{}/{length}", middle - 1),
            ),
            (
                format!("bytes={middle}-"),
                format!("bytes {middle}-{}/{length}", length - 1),
            ),
        ] {
            let response = part(&range, &tag).await;
            assert_eq!(response.status(), StatusCode::PARTIAL_CONTENT, "{address}");
            assert_eq!(header(&response, "content-range"), said);
            assert_eq!(header(&response, "etag"), tag);
            joined.extend_from_slice(&bytes(response).await);
        }
        assert!(joined == whole, "{address}");
        let end = part("bytes=-8", "").await;
        assert_eq!(bytes(end).await, whole.slice(length - 8..), "{address}");
        let beyond = part(&format!("bytes={length}-"), "").await;
        assert_eq!(
            beyond.status(),
            StatusCode::RANGE_NOT_SATISFIABLE,
            "{address}"
        );
        assert_eq!(
            header(&beyond, "content-range"),
            format!("bytes */{length}")
        );
        let other = part("bytes=0-1", "\"another\"").await;
        assert_eq!(other.status(), StatusCode::OK, "{address}");
        let known = bench.get(&address, &[("if-none-match", &tag)]).await;
        assert_eq!(known.status(), StatusCode::NOT_MODIFIED, "{address}");
        // What is compressed on its way has no parts; Parquet is not.
        let packed = bench.get(&address, &[("accept-encoding", "gzip")]).await;
        if address.contains(".csv") {
            assert_eq!(header(&packed, "content-encoding"), "gzip", "{address}");
            assert_eq!(header(&packed, "etag"), format!("W/{tag}"), "{address}");
            assert_eq!(header(&packed, "accept-ranges"), "", "{address}");
        } else {
            assert_eq!(header(&packed, "content-encoding"), "", "{address}");
            assert_eq!(header(&packed, "etag"), tag, "{address}");
        }
    }
    // What is sent while it is read has no length.
    let streamed = bench.get("/api/v1/lines.csv?body=*", &[]).await;
    assert_eq!(header(&streamed, "content-length"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_said() {
    let (bench, bodies) = several().await;
    let one = &bodies[0];
    for (address, status, said) in [
        (format!("/api/v1/lines?body=*&body={one}"), 400, "twice"),
        ("/api/v1/lines".to_owned(), 400, "body"),
        ("/api/v1/lines.xml?body=*".to_owned(), 404, ".parquet"),
        (
            "/api/v1/analyses/yearly-result.xlsx?body=*".to_owned(),
            404,
            ".parquet",
        ),
        (
            "/api/v1/analyses/nothing.csv?body=*".to_owned(),
            404,
            "address",
        ),
        ("/api/v1/lines?body=*&format=xml".to_owned(), 400, "parquet"),
        (
            "/api/v1/lines.csv?body=*&format=json".to_owned(),
            400,
            "format",
        ),
        ("/api/v1/lines.csv?body=*&limit=3".to_owned(), 400, "limit"),
        (
            "/api/v1/lines?body=*&from=2019&to=2017".to_owned(),
            400,
            "2019",
        ),
        (
            "/api/v1/analyses/yearly-result?body=*&from=2019&to=2017".to_owned(),
            400,
            "2019",
        ),
        (
            "/api/v1/lines?body=*&category=Nothing".to_owned(),
            400,
            "category",
        ),
        (format!("/api/v1/quality/checks?body={one}"), 400, "*"),
        ("/api/v1/lines/1?revision=1&body=*".to_owned(), 400, "body"),
        (format!("/lines.csv?body=*&body={one}"), 400, "body"),
        (
            "/lines.csv?body=*&category=Nothing".to_owned(),
            400,
            "category",
        ),
        ("/lines.csv?body=*&year=1890".to_owned(), 400, "2024"),
        ("/api/v1/lines?body=*&year=1890".to_owned(), 400, "2024"),
        (
            "/api/v1/lines.csv?body=*&from=1890&to=1891".to_owned(),
            400,
            "2024",
        ),
        (
            format!("/api/v1/lines.csv?body={one}&year=1890"),
            400,
            "2024",
        ),
        ("/lines.png?body=*".to_owned(), 404, ""),
        ("/analyses/yearly-result.png?body=*".to_owned(), 404, ""),
        ("/dashboard/result.csv?body=*".to_owned(), 400, ""),
    ] {
        let response = bench.get(&address, &[]).await;
        assert_eq!(response.status().as_u16(), status, "{address}");
        let text = text(response).await;
        assert!(text.contains(said), "{address}: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_told_how_often_it_may_ask() {
    let bench = Bench::new(often_asked(Mode::Public)).await;
    let rate = |per_second, burst| Rate {
        per_second: NonZeroU32::new(per_second).unwrap(),
        burst: NonZeroU32::new(burst).unwrap(),
    };
    let site = bench.site(Settings {
        rate: rate(1, 3),
        ..often_asked(Mode::Public)
    });
    let token = bench.token(Role::Analyst, None).await;
    let served = Served::new(site).await;
    let ask = async |path: &str, more: &str| {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: centime.example\r\nconnection: close\r\n{more}\r\n"
        );
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    };
    let first = ask("/api/v1/bodies", "").await;
    assert!(
        first.contains("ratelimit-policy: \"address\";q=3;w=3\r\n"),
        "{first}"
    );
    assert!(
        first.contains("ratelimit: \"address\";r=2;t=1\r\n"),
        "{first}"
    );
    let bearer = format!("authorization: Bearer {}\r\n", token.reveal());
    let known = ask("/lines.csv", &bearer).await;
    assert!(
        known.contains("ratelimit-policy: \"address\";q=3;w=3, \"token\";q=3;w=3\r\n"),
        "{known}"
    );
    let mut refused = String::new();
    for _ in 0..6 {
        refused = ask("/api/v1/bodies.csv", "").await;
        if refused.starts_with("HTTP/1.1 429") {
            break;
        }
    }
    assert!(refused.starts_with("HTTP/1.1 429"), "{refused}");
    assert!(
        refused.contains("ratelimit: \"address\";r=0;t=3\r\n"),
        "{refused}"
    );
    assert!(refused.contains("retry-after: 1\r\n"), "{refused}");
    // People are not told.
    let page = send(&bench.site, &Method::GET, "/", &[], "").await;
    assert_eq!(header(&page, "ratelimit"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_tools_has_the_addresses_of_this_site_and_body() {
    let (bench, bodies) = several().await;
    let host = ("host", "comptes.example.fr:8443");
    for language in ["fr", "en"] {
        let page = format!("/tools?body={}&lang={language}", bodies[1]);
        let page = text(bench.get(&page, &[host]).await).await;
        let address = format!(
            "http://comptes.example.fr:8443/api/v1/lines.parquet?body={}",
            bodies[1]
        );
        assert!(page.contains(&address), "{page}");
    }
    // Nobody's host is put into a page as it is.
    let page = bench.get("/tools", &[("host", "a\"><script>")]).await;
    let page = text(page).await;
    assert!(
        page.contains("http://localhost/api/v1/") && !page.contains("<script>"),
        "{page}"
    );
    for address in ["/api/v1", "/lines", "/analyses/yearly-result"] {
        let page = bench
            .get(&with(address, &format!("body={}", bodies[0])), &[])
            .await;
        assert!(
            text(page).await.contains("href=\"/tools?body="),
            "{address}"
        );
    }
    let page = bench
        .get(&format!("/lines?year=2016&body={}", bodies[0]), &[])
        .await;
    assert!(
        text(page)
            .await
            .contains("href=\"/lines.parquet?body=%2A&#38;year=2016\"")
    );
}

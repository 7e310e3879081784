//! The API: that it answers as its document says, with the figures of the site.

use std::path::Path;

use crate::common::{Bench, FORM, header, publish, send, text};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use centime_access::Role;
use centime_portal_sim::Simulator;
use centime_server::{ReportService, Settings};
use serde_json::{Map, Value, json};

const PROBLEM: &str = "application/problem+json";
const CSV: (&str, &str) = ("accept", "text/csv");

async fn json(response: Response) -> Value {
    let text = text(response).await;
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

async fn document(bench: &Bench) -> Value {
    json(bench.get("/api/v1/openapi.json", &[]).await).await
}

/// The data of an answer that was given.
async fn data(bench: &Bench, address: &str) -> Value {
    let response = bench.get(address, &[]).await;
    assert_eq!(response.status(), StatusCode::OK, "{address}");
    json(response).await["data"].take()
}

/// Holds a value against a schema, as far as the document uses JSON Schema: a word that is not known
/// here is an error of the test.
fn holds(document: &Value, schema: &Value, value: &Value) -> Result<(), String> {
    let wrong = |why: &str| Err(format!("{why}: {value} against {schema}"));
    for (word, meant) in schema.as_object().unwrap() {
        match word.as_str() {
            "$ref" => {
                let place = meant.as_str().unwrap().strip_prefix('#').unwrap();
                holds(document, document.pointer(place).unwrap(), value)?;
            }
            "type" => {
                let kinds = meant
                    .as_array()
                    .cloned()
                    .unwrap_or_else(|| vec![meant.clone()]);
                let fits = kinds.iter().any(|kind| match kind.as_str().unwrap() {
                    "null" => value.is_null(),
                    "integer" => value.is_i64(),
                    "string" => value.is_string(),
                    "boolean" => value.is_boolean(),
                    "array" => value.is_array(),
                    "object" => value.is_object(),
                    other => panic!("{other}"),
                });
                if !fits {
                    return wrong("another type");
                }
            }
            "enum" => {
                if !meant.as_array().unwrap().contains(value) {
                    return wrong("not one of these");
                }
            }
            "required" => {
                for name in meant.as_array().unwrap() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        return wrong("something is not there");
                    }
                }
            }
            "properties" => {
                for (name, schema) in meant.as_object().unwrap() {
                    holds(document, schema, &value[name])?;
                }
            }
            "additionalProperties" => {
                assert_eq!(*meant, false);
                let known = schema["properties"].as_object().unwrap();
                let mut names = value.as_object().into_iter().flat_map(Map::keys);
                if !names.all(|name| known.contains_key(name)) {
                    return wrong("more than is declared");
                }
            }
            "items" => {
                for item in value.as_array().into_iter().flatten() {
                    holds(document, meant, item)?;
                }
            }
            "anyOf" => {
                let mut schemas = meant.as_array().unwrap().iter();
                if !schemas.any(|schema| holds(document, schema, value).is_ok()) {
                    return wrong("none of these");
                }
            }
            "pattern" => {
                assert_eq!(meant, r"^-?[0-9]+\.[0-9]{2}$");
                if let Some(text) = value.as_str() {
                    let (whole, cents) = text.rsplit_once('.').unwrap_or((text, ""));
                    let whole = whole.strip_prefix('-').unwrap_or(whole);
                    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
                    if whole.is_empty() || cents.len() != 2 || !digits(whole) || !digits(cents) {
                        return wrong("no amount");
                    }
                }
            }
            "format" => match (meant.as_str().unwrap(), value.as_str()) {
                ("date-time", Some(text)) => {
                    assert!(text.len() >= 20 && text.as_bytes()[10] == b'T', "{text}");
                }
                ("date-time" | "int64", _) => {}
                (other, _) => panic!("{other}"),
            },
            "description" => {}
            other => panic!("{other}"),
        }
    }
    Ok(())
}

/// An address of this path, and addresses with parameters.
fn examples(path: &str) -> Vec<String> {
    let path = path
        .replace("{revision}", "1")
        .replace("{siren}", "217500016")
        .replace("/reports/{name}", "/reports/income-statement")
        .replace("{line}", "m57-personnel")
        .replace("{record}", "2?revision=1");
    match &*path {
        "/api/v1/analyses/{name}" => centime_analytics::ANALYSES
            .into_iter()
            .flat_map(|analysis| {
                let path = path.replace("{name}", &analysis.name());
                let others = ["", "?basis=naive", "?from=2019&to=2021", "?body=*"];
                others.map(|parameters| format!("{path}{parameters}"))
            })
            .collect(),
        "/api/v1/lines" => [
            "",
            "?year=2024&side=revenue&counted=yes",
            "?q=d%C3%A9penses&limit=3",
            "?body=217500016&counted=unpublished",
            "?unknown=yes",
            "?limit=1000",
            "?body=*&limit=500",
            "?format=json&from=2019&to=2020",
        ]
        .map(|parameters| format!("{path}{parameters}"))
        .into(),
        "/api/v1/analyses" => vec![path.clone(), format!("{path}?lang=fr")],
        "/api/v1/reports/income-statement" => {
            let view = "?body=217500016&lang=fr&from=2019&to=2023&side=expense&grouping=harmonised\
                &category=personnel&basis=naive&unit=share&focus=2022&against=2020";
            vec![path.clone(), format!("{path}{view}")]
        }
        // Answered only where the operator says so; its tests are those of the command line.
        "/api/v1/sql" => Vec::new(),
        "/api/v1/statement" => vec![path.clone(), format!("{path}?by=nature")],
        "/api/v1/datasets" => vec![path.clone(), format!("{path}?revision=1")],
        _ => vec![path],
    }
}

#[tokio::test]
async fn the_document_in_the_repository_is_the_one_that_is_served() {
    let bench = Bench::new(Settings::default()).await;
    let served = text(bench.get("/api/v1/openapi.json", &[]).await).await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("CENTIME_WRITE_DOCS").is_some() {
        std::fs::write(&file, &served).unwrap();
    }
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(
        kept == served,
        "the API has changed: if that is meant, `make docs` writes it anew"
    );
}

#[tokio::test]
async fn every_answer_is_as_the_document_says() {
    let bench = Bench::new(Settings::default()).await;
    let document = document(&bench).await;
    let declared = bench.site.declared();
    let described: usize = document["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|path| path.as_object().unwrap().len())
        .sum();
    // A file is said of the list that it has.
    let is_file = |path: &str| path.ends_with(".{form}");
    let in_api = declared.iter().filter(|it| it.path.starts_with("/api/v1/"));
    let in_api = in_api.filter(|it| !is_file(it.path));
    // All but the document itself.
    assert_eq!(in_api.count(), described + 1);
    let site = bench.site(Settings::default());
    let site = site.printing(ReportService::new(|report| {
        serde_json::to_vec(report).map_err(|error| error.to_string())
    }));
    let site = site.router();
    let admin = bench.token(Role::Admin, None).await;
    let bearer = format!("Bearer {}", admin.reveal());
    let admin_token = admin.id().to_string();
    let get = async |address: &str, accept: Option<(&str, &str)>| {
        let headers: Vec<_> = accept
            .into_iter()
            .chain([("authorization", &*bearer)])
            .collect();
        send(&site, &Method::GET, address, &headers, "").await
    };
    let mut rows = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        let Some(operation) = methods.get("get") else {
            continue;
        };
        let answer = &operation["responses"]["200"]["content"];
        let schema = &answer["application/json"]["schema"];
        for address in examples(&path.replace("{token}", &admin_token)) {
            let response = get(&address, None).await;
            assert_eq!(response.status(), StatusCode::OK, "{address}");
            assert_eq!(header(&response, "vary"), "accept");
            let kind = header(&response, "content-type");
            assert!(answer.get(kind).is_some(), "{address}: {kind}");
            if kind == "application/pdf" {
                assert!(header(&response, "etag").starts_with("W/\"r1-"));
                let refused = get(&address, Some(CSV)).await;
                assert_eq!(refused.status(), StatusCode::NOT_ACCEPTABLE);
                continue;
            }
            let of_revision = schema["properties"].get("revision").is_some();
            assert_eq!(
                header(&response, "x-centime-edition"),
                if of_revision { "sample" } else { "" }
            );
            let value = json(response).await;
            holds(&document, schema, &value).unwrap_or_else(|why| panic!("{address}: {why}"));
            // A form that an address names goes before what is accepted.
            let csv = get(&address.replace("format=json", "format=csv"), Some(CSV)).await;
            let Some(records) = value["data"].as_array() else {
                assert_eq!(csv.status(), StatusCode::NOT_ACCEPTABLE, "{address}");
                continue;
            };
            assert_eq!(csv.status(), StatusCode::OK, "{address}");
            let csv = text(csv).await;
            let header = csv.lines().next().unwrap();
            if let Some(first) = records.first() {
                let names: Vec<&str> = first.as_object().unwrap().keys().map(|it| &**it).collect();
                assert_eq!(header, names.join(","), "{address}");
                rows += records.len();
            }
        }
    }
    assert!(rows > 900, "{rows}");
}

#[test]
fn a_wrong_answer_would_be_noticed() {
    let document = json!({"components": {"schemas": {"Row": {
        "type": "object",
        "required": ["amount"],
        "properties": {"amount": {"type": ["string", "null"], "pattern": r"^-?[0-9]+\.[0-9]{2}$"}},
        "additionalProperties": false,
    }}}});
    let schema = json!({"type": "array", "items": {"$ref": "#/components/schemas/Row"}});
    let good = json!([{"amount": "-1.00"}, {"amount": null}]);
    assert_eq!(holds(&document, &schema, &good), Ok(()));
    for bad in [
        json!({}),
        json!([{}]),
        json!([{"amount": 1}]),
        json!([{"amount": "1.5"}]),
        json!([{"amount": "1,50"}]),
        json!([{"amount": null, "more": 1}]),
    ] {
        assert!(holds(&document, &schema, &bad).is_err(), "{bad}");
    }
}

#[tokio::test]
async fn figures_are_those_of_the_site() {
    let bench = Bench::new(Settings::default()).await;
    for analysis in centime_analytics::ANALYSES {
        for basis in ["leaf", "naive"] {
            let name = analysis.name();
            let address = format!("/analyses/{name}.json?basis={basis}");
            let page = json(bench.get(&address, &[]).await).await;
            let address = format!("/api/v1/analyses/{name}?basis={basis}");
            assert_eq!(data(&bench, &address).await, page, "{address}");
        }
    }
    let years = data(&bench, "/api/v1/analyses/yearly-result?from=2018&to=2018").await;
    assert_eq!(years[0]["result"], Value::Null);
    assert_eq!(years[0]["status"], "incomplete");
    let naive = data(
        &bench,
        "/api/v1/analyses/yearly-result?from=2024&basis=naive",
    )
    .await;
    assert_eq!(naive[0]["result"], "-4921386637.46");
}

#[tokio::test]
async fn pages_of_lines_have_each_line_once() {
    let bench = Bench::new(Settings::default()).await;
    let all = json(bench.get("/lines.json", &[]).await).await;
    let all = all.as_array().unwrap().len();
    let mut address = "/api/v1/lines?body=217500016&limit=70".to_owned();
    let mut records = Vec::new();
    let mut pages = 0;
    loop {
        let response = bench.get(&address, &[]).await;
        let next = header(&response, "link").to_owned();
        let rows = json(response).await["data"].take();
        let rows = rows.as_array().unwrap();
        records.extend(rows.iter().map(|row| row["record"].as_i64().unwrap()));
        pages += 1;
        if next.is_empty() {
            break;
        }
        assert_eq!(rows.len(), 70);
        let (start, end) = next.split_once('>').unwrap();
        assert_eq!(end, "; rel=\"next\"");
        start.strip_prefix('<').unwrap().clone_into(&mut address);
        assert!(address.starts_with("/api/v1/lines?body=217500016&limit=70&cursor="));
    }
    assert_eq!(pages, all.div_ceil(70));
    records.sort_unstable();
    records.dedup();
    assert_eq!(records.len(), all);
    // A filter is the same on both.
    let query = "year=2024&side=expense&counted=yes";
    let filtered = data(&bench, &format!("/api/v1/lines?{query}&limit=1000")).await;
    let page = json(bench.get(&format!("/lines.json?{query}"), &[]).await).await;
    let sum = |rows: &Value| -> i64 {
        let amounts = rows.as_array().unwrap().iter();
        let cents = amounts.map(|row| row["amount"].as_str().unwrap().replace('.', ""));
        cents.map(|cents| cents.parse::<i64>().unwrap()).sum()
    };
    assert_eq!(sum(&filtered), sum(&page));
    assert!(sum(&filtered) > 0);
    // A list is not continued in another revision.
    let portal = Simulator::sample_of_bodies(3);
    let portal = portal.bind("127.0.0.1:0").await.unwrap();
    publish(&bench.warehouse, &portal.url()).await;
    let gone = bench.get(&address, &[]).await;
    assert_eq!(gone.status(), StatusCode::GONE);
    assert_eq!(
        json(gone).await["type"],
        "urn:centime:problem:cursor-expired"
    );
    // Bodies have pages, too, and which one is meant has to be said.
    let first = bench.get("/api/v1/bodies?limit=2", &[]).await;
    let next = header(&first, "link")
        .split(['<', '>'])
        .nth(1)
        .unwrap()
        .to_owned();
    let first = json(first).await["data"].take();
    let last = data(&bench, &next).await;
    assert_eq!(first.as_array().unwrap().len(), 2);
    assert_eq!(last.as_array().unwrap().len(), 1);
    assert!(last[0]["siren"].as_str().unwrap() > first[1]["siren"].as_str().unwrap());
    let which = bench.get("/api/v1/lines", &[]).await;
    assert_eq!(which.status(), StatusCode::BAD_REQUEST);
    assert_eq!(json(which).await["type"], "urn:centime:problem:which-body");
    let revisions = data(&bench, "/api/v1/revisions").await;
    assert_eq!(revisions[0]["id"], 2);
    assert_eq!(revisions[0]["published"], true);
    assert_eq!(revisions[1]["published"], false);
    let earlier = bench.get("/api/v1/datasets?revision=1", &[]).await;
    assert_eq!(json(earlier).await["revision"], 1);
}

#[tokio::test]
async fn what_the_reader_has_is_not_sent_again() {
    let bench = Bench::new(Settings::default()).await;
    let address = "/api/v1/analyses/yearly-result";
    let first = bench.get(address, &[]).await;
    let tag = header(&first, "etag").to_owned();
    assert!(tag.starts_with("W/\"r1-"), "{tag}");
    let again = bench.get(address, &[("if-none-match", &tag)]).await;
    assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&again, "etag"), tag);
    assert_eq!(text(again).await, "");
    // Another form is another answer.
    let csv = bench.get(address, &[("if-none-match", &tag), CSV]).await;
    assert_eq!(csv.status(), StatusCode::OK);
    assert_ne!(header(&csv, "etag"), tag);
    // Only the head.
    let head = bench.send(&Method::HEAD, address, &[], "").await;
    assert_eq!(header(&head, "etag"), tag);
    assert_eq!(text(head).await, "");
}

/// What is refused to those who only read.
const REFUSED: [(&str, u16, &str); 27] = [
    ("/api/v1/nowhere", 404, "not-found"),
    ("/api", 404, "not-found"),
    ("/api/v1/analyses/none", 404, "not-found"),
    ("/api/v1/lines/99999999?revision=1", 404, "not-found"),
    ("/api/v1/lines/x?revision=1", 404, "not-found"),
    ("/api/v1/lines/%00?revision=1", 404, "not-found"),
    ("/api/v1/lines?category=none", 404, "absent-category"),
    ("/api/v1/bodies/1", 404, "not-found"),
    ("/api/v1/bodies/%00", 404, "not-found"),
    ("/api/v1/bodies/%ff", 404, "not-found"),
    ("/api/v1/revisions/7", 404, "not-found"),
    ("/api/v1/datasets?revision=7", 404, "no-revision"),
    ("/api/v1/lines/2", 400, "bad-parameter"),
    ("/api/v1/lines?revision=7", 404, "no-revision"),
    ("/api/v1/lines?revision=x", 400, "bad-parameter"),
    ("/api/v1/lines?body=1", 404, "unknown-body"),
    ("/api/v1/lines?body=%00", 400, "bad-parameter"),
    ("/api/v1/lines?yaer=1", 400, "bad-parameter"),
    ("/api/v1/lines?cursor=x", 400, "bad-parameter"),
    ("/api/v1/lines?limit=0", 400, "bad-parameter"),
    ("/api/v1/lines?year=", 400, "bad-parameter"),
    ("/api/v1/lines?year=2024&year=2024", 400, "bad-parameter"),
    ("/api/v1/lines?lang=fr", 400, "bad-parameter"),
    ("/api/v1/analyses?lang=de", 400, "bad-parameter"),
    ("/api/v1/reports/income-statement", 401, "no-token"),
    ("/api/v1/tokens", 401, "no-token"),
    ("/api/v1/tokens/ctm_AbCd1234", 401, "no-token"),
];

#[tokio::test]
async fn every_refusal_is_a_problem_that_says_what_to_do() {
    let bench = Bench::new(Settings::default()).await;
    let document = document(&bench).await;
    let schema = &document["components"]["schemas"]["Problem"];
    let held = async |response: Response, status: u16, kind: &str, what: &str| {
        assert_eq!(response.status(), status, "{what}");
        assert_eq!(header(&response, "content-type"), PROBLEM, "{what}");
        let problem = json(response).await;
        holds(&document, schema, &problem).unwrap();
        assert_eq!(problem["type"], format!("urn:centime:problem:{kind}"));
        assert_eq!(problem["status"], status);
    };
    for (address, status, kind) in REFUSED {
        held(bench.get(address, &[]).await, status, kind, address).await;
    }
    let page = ("accept", "text/html");
    for (address, accept) in [("/api/v1/revisions/1", CSV), ("/api/v1/runs", page)] {
        let response = bench.get(address, &[accept]).await;
        held(response, 406, "not-acceptable", address).await;
    }
    let wrong = bench
        .get("/api/v1/runs", &[("authorization", "Bearer x")])
        .await;
    held(wrong, 401, "wrong-token", "a wrong token").await;
    let deleted = bench.send(&Method::DELETE, "/api/v1/lines", &[], "").await;
    assert_eq!(header(&deleted, "allow"), "GET,HEAD,OPTIONS");
    held(deleted, 405, "method-not-allowed", "DELETE").await;

    let admin = bench.token(Role::Admin, None).await;
    let bearer = format!("Bearer {}", admin.reveal());
    let admin = [("authorization", &*bearer)];
    let large = "x".repeat(20_000);
    for (headers, body, status, kind) in [
        (&[][..], "", 401, "no-token"),
        (&admin, "", 409, "no-runs"),
        (&admin, &large, 413, "too-large"),
    ] {
        let response = bench.send(&Method::POST, "/api/v1/runs", headers, body);
        held(response.await, status, kind, "a run").await;
    }
}

#[tokio::test]
async fn an_administrator_starts_a_run() {
    let bench = Bench::new(Settings::default()).await;
    let (site, runs) = bench.site_with_runs(Settings::default());
    let admin = bench.token(Role::Admin, None).await;
    let bearer = format!("Bearer {}", admin.reveal());
    let with = [("authorization", &*bearer)];
    let response = send(&site, &Method::POST, "/api/v1/runs", &with, "").await;
    assert_eq!(response.status(), StatusCode::ACCEPTED);
    assert_eq!(header(&response, "location"), "/api/v1/runs");
    runs.asked().await;
    site.guard().settle().await;
    let events = bench.ledger.events(10).await.unwrap();
    assert!(events.iter().any(|event| event.action == "run-started"));
    let history = data(&bench, "/api/v1/runs?limit=1").await;
    assert_eq!(history[0]["outcome"], "published");
    assert_eq!(history[0]["revision"], 1);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "one token from beginning to end")]
async fn an_administrator_makes_and_revokes_tokens() {
    let bench = Bench::new(Settings::default()).await;
    let document = document(&bench).await;
    let admin = bench.token(Role::Admin, None).await;
    let bearer = format!("Bearer {}", admin.reveal());
    let send = async |method: Method, address: &str, body: &str| {
        let headers = [
            ("authorization", &*bearer),
            ("content-type", "application/json; charset=utf-8"),
        ];
        bench.send(&method, address, &headers, body).await
    };
    let create = async |body: &str| send(Method::POST, "/api/v1/tokens", body).await;
    let made = create(r#"{"role": "viewer", "name": "Relevé", "days": 90}"#).await;
    assert_eq!(made.status(), StatusCode::CREATED);
    assert_eq!(header(&made, "cache-control"), "no-store");
    assert_eq!(header(&made, "etag"), "");
    let made = json(made).await;
    let described = &document["paths"]["/api/v1/tokens"]["post"]["responses"]["201"];
    let schema = &described["content"]["application/json"]["schema"];
    holds(&document, schema, &made).unwrap();
    let made = &made["data"];
    assert_eq!(
        (&made["role"], &made["name"]),
        (&json!("viewer"), &json!("Relevé"))
    );
    assert_eq!(made["created_by"], admin.id().as_str());
    assert!(!made["expires_at"].is_null());
    let secret = made["secret"].as_str().unwrap();
    let uses = async || {
        let bearer = format!("Bearer {secret}");
        let with = [("authorization", &*bearer)];
        bench.get("/metrics", &with).await.status()
    };
    assert_eq!(uses().await, StatusCode::OK);
    // The secret is nowhere else.
    let listed = send(Method::GET, "/api/v1/tokens", "").await;
    let listed = text(listed).await;
    assert!(!listed.contains(&secret[12..]), "{listed}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["data"].as_array().unwrap().len(), 2);
    let token = made["token"].as_str().unwrap();
    let address = format!("/api/v1/tokens/{token}");
    let one = json(send(Method::GET, &address, "").await).await;
    assert_eq!(
        (&one["data"]["token"], &one["data"]["state"]),
        (&json!(token), &json!("valid"))
    );

    let revoked = send(Method::DELETE, &address, "").await;
    assert_eq!(revoked.status(), StatusCode::NO_CONTENT);
    assert_eq!(text(revoked).await, "");
    assert_eq!(uses().await, StatusCode::UNAUTHORIZED);
    let again = send(Method::DELETE, &address, "").await;
    assert_eq!(again.status(), StatusCode::NOT_FOUND);
    let one = json(send(Method::GET, &address, "").await).await;
    assert_eq!(one["data"]["state"], "revoked");
    let events = format!("{:?}", bench.ledger.events(20).await.unwrap());
    for noted in ["token-created", "token-revoked", "Relevé", token] {
        assert!(events.contains(noted), "{noted}: {events}");
    }
    assert!(!events.contains(&secret[12..]), "{events}");

    let forever = json(create(r#"{"role": "analyst", "name": ""}"#).await).await;
    assert_eq!(forever["data"]["expires_at"], Value::Null);
    for wrong in [
        "",
        "{}",
        "[]",
        "{",
        r#"{"role": "root"}"#,
        r#"{"role": ["admin"]}"#,
        r#"{"role": "viewer", "days": 0}"#,
        r#"{"role": "viewer", "days": "1"}"#,
        r#"{"role": "viewer", "days": 1.5}"#,
        r#"{"role": "viewer", "days": 3661}"#,
        r#"{"role": "viewer", "expires": "soon"}"#,
        r#"{"role": "viewer", "expires": "3661d"}"#,
        r#"{"role": "viewer", "expires": "90d", "days": 90}"#,
        r#"{"role": "viewer", "name": 5}"#,
        r#"{"role": "viewer", "name": "\u0000"}"#,
        r#"{"role": "viewer", "admin": true}"#,
        &format!(r#"{{"role": "viewer", "name": "{}"}}"#, "a".repeat(81)),
    ] {
        let refused = create(wrong).await;
        assert_eq!(refused.status(), StatusCode::BAD_REQUEST, "{wrong}");
        assert_eq!(
            json(refused).await["type"],
            "urn:centime:problem:bad-parameter"
        );
    }
    // A length of time is written as on the command line.
    for expires in ["90d", "12h", "1d 6h"] {
        let made = create(&format!(r#"{{"role": "viewer", "expires": "{expires}"}}"#)).await;
        assert_eq!(made.status(), StatusCode::CREATED, "{expires}");
        let ends: jiff::Timestamp = json(made).await["data"]["expires_at"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .unwrap();
        let wanted = centime_access::time::lifetime(expires).unwrap();
        let left = ends.duration_since(jiff::Timestamp::now()).unsigned_abs();
        assert!(
            wanted.abs_diff(left) < std::time::Duration::from_mins(1),
            "{expires}: {ends}"
        );
    }
    let in_query = send(
        Method::POST,
        "/api/v1/tokens?role=admin",
        r#"{"role": "viewer"}"#,
    )
    .await;
    assert_eq!(in_query.status(), StatusCode::BAD_REQUEST);
    let form = [("authorization", &*bearer), ("content-type", FORM)];
    let form = bench
        .send(&Method::POST, "/api/v1/tokens", &form, "role=viewer")
        .await;
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(bench.ledger.tokens().await.unwrap().len(), 6);
}

#[tokio::test]
async fn texts_are_in_the_language_that_is_asked_for() {
    let bench = Bench::new(Settings::default()).await;
    let french = ("accept-language", "fr");
    let title = async |address: &str| {
        let response = bench.get(address, &[french]).await;
        json(response).await["data"][0]["title"].take()
    };
    assert_eq!(title("/api/v1/analyses").await, "Yearly result");
    assert_eq!(title("/api/v1/analyses?lang=fr").await, "Résultat annuel");
}

#[tokio::test]
async fn the_page_describes_every_operation() {
    let bench = Bench::new(Settings::default()).await;
    let document = document(&bench).await;
    for language in ["fr", "en"] {
        let page = bench.get(&format!("/api/v1?lang={language}"), &[]).await;
        assert!(header(&page, "content-security-policy").contains("default-src 'none'"));
        let page = text(page).await;
        for (path, methods) in document["paths"].as_object().unwrap() {
            for method in methods.as_object().unwrap().keys() {
                let method = method.to_ascii_uppercase();
                assert!(page.contains(&format!("<code>{method} {path}</code>")));
            }
        }
        for name in document["components"]["schemas"]
            .as_object()
            .unwrap()
            .keys()
        {
            assert!(page.contains(&format!("id=\"{name}\"")), "{name}");
        }
    }
}

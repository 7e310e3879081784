//! Malformed and hostile addresses and headers: whatever they are, the site answers or refuses.

use std::cell::Cell;

use crate::common::{Bench, often_asked, request, text};
use axum::http::{HeaderValue, Method, Request, Uri};
use centime_access::{Mode, Role};
use centime_render::link;
use centime_server::{ReportService, Settings};
use centime_test_input::{altered, altered_text};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use tower::ServiceExt;

const ADDRESSES: &[&str] = &[
    "/lines?q=d%C3%A9penses&year=2024&side=revenue&activity=operating&role=line&counted=yes&sort=amount&dir=asc&page=2",
    "/lines?harmonised=personnel&successor=exact&unknown=yes&body=217500016",
    "/lines/2?body=217500016&revision=1",
    "/statement?unit=meur&body=217500016",
    "/statement/m57-personnel?year=2024&revision=1",
    "/embed/dashboard/flow?category=CHARGES+FINANCIERES&revision=2&yaer=2024&utm_source=x",
    "/dashboard?from=2019&to=2024&side=expense&category=CHARGES+FINANCIERES&grouping=harmonised&unit=share",
    "/dashboard/result.csv?focus=2024&against=2019&basis=naive",
    "/analyses/yearly-result.json?basis=naive&lang=fr",
    "/api/v1/lines?year=2024&limit=10&cursor=MToyMDI0OjE0",
    "/api/v1/analyses/yearly-result?from=2019&to=2024&basis=naive",
    "/api/v1/bodies/217500016",
    "/api/v1/datasets?revision=1",
    "/search?q=d%C3%A9penses+2019+641&body=217500016",
    "/years/2023?since=2019&body=217500016",
    "/?q=paris&sort=result&dir=asc&page=2",
    "/login?next=%2Flines",
];

const NAMES: &[&str] = &[
    "authorization",
    "cookie",
    "accept",
    "if-none-match",
    "accept-language",
];

const HEADERS: &[&str] = &[
    "Bearer ctm_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEvu6R7",
    "__Host-centime=abc; lang=fr",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "W/\"r1-0123\", *",
    "fr-CH;q=0.9, en;q=0.1",
];

/// Who may ask as often as they like.
fn settings() -> Settings {
    Settings {
        failed_attempts: u32::MAX,
        ..often_asked(Mode::Public)
    }
}

fn runner() -> TestRunner {
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    })
}

#[test]
fn whatever_is_asked_for_is_answered_or_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bench = runtime.block_on(Bench::new(settings()));
    let router = bench.site.router();
    let strategy = (
        altered_text(ADDRESSES),
        prop::sample::select(NAMES),
        altered(HEADERS),
    );
    let asked = runner().run(&strategy, |(address, name, value)| {
        // What is no address is refused before it comes to us.
        let Ok(address) = address.parse::<Uri>() else {
            return Ok(());
        };
        let mut request = Request::builder().uri(address);
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            request = request.header(name, value);
        }
        let Ok(request) = request.body(axum::body::Body::empty()) else {
            return Ok(());
        };
        let response = runtime.block_on(router.clone().oneshot(request)).unwrap();
        prop_assert!(
            !response.status().is_server_error(),
            "{}",
            response.status()
        );
        Ok(())
    });
    asked.unwrap();
}

/// Something that the document of the API says can be asked for.
#[derive(Clone, Debug)]
struct Operation {
    method: Method,
    path: String,
    /// Names and schemas of what is in the address and its query.
    parameters: Vec<(String, Value)>,
    /// Those of the members of an object that is sent.
    members: Vec<(String, Value)>,
}

fn operations(document: &Value) -> Vec<Operation> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        methods.map(move |(method, described)| {
            let parameters = described["parameters"].as_array().unwrap().iter();
            let sent = &described["requestBody"]["content"]["application/json"]["schema"];
            let members = sent["properties"].as_object().into_iter().flatten();
            Operation {
                method: method.to_ascii_uppercase().parse().unwrap(),
                path: path.clone(),
                parameters: parameters
                    .map(|known| {
                        (
                            known["name"].as_str().unwrap().to_owned(),
                            known["schema"].clone(),
                        )
                    })
                    .collect(),
                members: members
                    .map(|(name, schema)| (name.clone(), schema.clone()))
                    .collect(),
            }
        })
    });
    all.collect()
}

/// A text that a schema allows, or nearly.
fn value(schema: &Value) -> BoxedStrategy<String> {
    const SOME: &[&str] = &[
        "217500016",
        "income-statement",
        "CHARGES FINANCIERES",
        "personnel",
        "MToyMDI0OjE0",
        "2",
        "d’épenses",
    ];
    let right = match (
        &schema["enum"],
        schema["minimum"].as_i64(),
        schema["maximum"].as_i64(),
    ) {
        (Value::Array(words), ..) => {
            let words: Vec<String> = words
                .iter()
                .map(|word| word.as_str().unwrap().to_owned())
                .collect();
            prop::sample::select(words).boxed()
        }
        (_, Some(first), Some(last)) => prop_oneof![2010..2030_i64, first..=last]
            .prop_map(|number| number.to_string())
            .boxed(),
        _ => prop::sample::select(SOME).prop_map(str::to_owned).boxed(),
    };
    prop_oneof![4 => right, 1 => altered_text(SOME)].boxed()
}

/// A request for an operation: its method, its address, and what is sent.
fn asked(operations: Vec<Operation>) -> impl Strategy<Value = (Method, String, String)> {
    prop::sample::select(operations).prop_flat_map(|operation| {
        let named = |(name, schema): &(String, Value)| {
            (Just(name.clone()), prop::option::of(value(schema)))
        };
        let parameters: Vec<_> = operation.parameters.iter().map(named).collect();
        let members: Vec<_> = operation.members.iter().map(named).collect();
        (
            parameters,
            members,
            altered_text(&["{}", r#"{"role": "viewer"}"#]),
            any::<bool>(),
        )
            .prop_map(move |(parameters, members, other, right)| {
                let mut path = operation.path.clone();
                let mut query = Vec::new();
                for (name, value) in parameters {
                    let place = format!("{{{name}}}");
                    if path.contains(&place) {
                        let part = link::to("", &[("", value.unwrap_or_default())]);
                        path = path.replace(&place, part.trim_start_matches("?="));
                    } else if let Some(value) = value {
                        query.push((name, value));
                    }
                }
                let object = members.into_iter().filter_map(|(name, value)| {
                    let value = value?;
                    let number = value.parse::<i64>();
                    Some((name, number.map_or(Value::String(value), Value::from)))
                });
                let object = Value::Object(object.collect()).to_string();
                let body = match (operation.members.is_empty(), right) {
                    (true, _) => String::new(),
                    (false, true) => object,
                    (false, false) => other,
                };
                (operation.method.clone(), link::to(&path, &query), body)
            })
    })
}

#[test]
fn whatever_an_operation_is_asked_with_is_answered_or_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bench = runtime.block_on(Bench::new(settings()));
    let reports = ReportService::new(|_| Ok(b"%PDF".to_vec()));
    let site = runtime.block_on(async { bench.site(settings()) });
    let router = site.printing(reports).router();
    let admin = runtime.block_on(bench.token(Role::Admin, None));
    let bearer = format!("Bearer {}", admin.reveal());
    let document =
        runtime.block_on(async { text(bench.get("/api/v1/openapi.json", &[]).await).await });
    let operations = operations(&serde_json::from_str(&document).unwrap());
    let answered = Cell::new(0_u32);
    let asked = runner().run(&asked(operations), |(method, address, body)| {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
        ];
        let request = request(&method, &address, &headers, &body);
        let response = runtime.block_on(router.clone().oneshot(request)).unwrap();
        let status = response.status();
        prop_assert!(!status.is_server_error(), "{method} {address}: {status}");
        if status.is_success() {
            answered.set(answered.get() + 1);
        }
        Ok(())
    });
    asked.unwrap();
    // Not all of them are refused.
    assert!(answered.get() > 10, "{answered:?}");
}

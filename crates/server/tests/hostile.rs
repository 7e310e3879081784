//! Addresses and headers that nobody would send: whatever they are, the site answers or refuses.

mod common;

use std::num::NonZeroU32;

use axum::http::{HeaderValue, Request, Uri};
use centime_server::{Rate, Settings};
use centime_test_input::{altered, altered_text};
use common::Bench;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tower::ServiceExt;

const ADDRESSES: &[&str] = &[
    "/lines?q=d%C3%A9penses&year=2024&side=revenue&activity=operating&role=line&counted=yes&sort=amount&dir=asc&page=2",
    "/lines?harmonised=personnel&successor=exact&unknown=yes&body=217500016",
    "/lines/2?body=217500016",
    "/dashboard?from=2019&to=2024&side=expense&category=CHARGES+FINANCIERES&grouping=harmonised&unit=share",
    "/dashboard/result.csv?focus=2024&against=2019&basis=naive",
    "/analyses/yearly-result.json?basis=naive&lang=fr",
    "/api/v1/lines?year=2024&limit=10&cursor=MToyMDI0OjE0",
    "/api/v1/analyses/yearly-result?from=2019&to=2024&basis=naive",
    "/api/v1/bodies/217500016",
    "/api/v1/datasets?revision=1",
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

#[test]
fn whatever_is_asked_for_is_answered_or_refused() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let often = NonZeroU32::MAX;
    let settings = Settings {
        rate: Rate {
            per_second: often,
            burst: often,
        },
        strikes: u32::MAX,
        ..Settings::default()
    };
    let bench = runtime.block_on(Bench::new(settings));
    let router = bench.site.router();
    let strategy = (
        altered_text(ADDRESSES),
        prop::sample::select(NAMES),
        altered(HEADERS),
    );
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        ..Config::default()
    });
    let asked = runner.run(&strategy, |(address, name, value)| {
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

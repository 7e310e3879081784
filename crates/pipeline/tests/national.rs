//! Account balances of the national edition, from the files that a portal gives to published statements, whose results
//! are known before; and the identities of its aggregates.

use std::collections::BTreeMap;

use centime_accounts::{Aggregates, Centimes, FiscalYear};
use centime_analytics::columns;
use centime_documents::{Limits, Wanted, read_wanted};
use centime_pipeline::{AcceptedChanges, Documents, Source};
use centime_portal_sim::{KnownResult, National, Simulator};
use centime_warehouse::{Basis, Outcome};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::common::{Bench, serve};

/// What a portal answers, as text.
async fn got(portal: &str, path: &str) -> String {
    let address = portal.trim_start_matches("http://");
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET {path} HTTP/1.0\r\nhost: {address}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(" 200 "), "{head}: {body}");
    body.to_owned()
}

/// A dataset as a table.
pub async fn table(portal: &str, id: &str) -> String {
    got(portal, &export(id, "csv")).await
}

fn export(id: &str, format: &str) -> String {
    format!("/api/explore/v2.1/catalog/datasets/{id}/exports/{format}")
}

#[tokio::test]
async fn published_results_are_those_that_are_known() {
    let edition = National::new(6, 2022..=2024, 1);
    let portal = serve(Simulator::national(&edition)).await;
    let mut documents = Documents::new(None);
    for year in edition.years() {
        let id = format!("balances-comptables-des-communes-en-{year}");
        let table = got(&portal.url(), &export(&id, "csv")).await;
        let read = read_wanted(
            table.as_bytes(),
            &id,
            &Limits::default(),
            &Wanted::default(),
        );
        for document in read.unwrap_or_else(|error| panic!("{error}")) {
            documents.add(&document).unwrap();
        }
    }
    assert!(documents.left_out().is_empty());
    let bench = Bench::new().await;
    let source = Source::of_documents(documents);
    let summary = bench.run_source(&source, AcceptedChanges::NONE).await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));
    for name in [
        "results-reconciled",
        "balance-sheet-balances",
        "results-carried-forward",
    ] {
        let mut checks = summary.checks.iter();
        let check = checks.find(|check| check.name == name).unwrap();
        assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
    }
    let communes = edition
        .results()
        .filter(|one| one.siren.starts_with("29000"));
    let budgets = hold(&bench, communes).await;
    assert!(budgets >= 6);
}

/// Holds what is published of budgets against what is known of them. Returns how many budgets there are.
pub async fn hold(bench: &Bench, known: impl Iterator<Item = KnownResult>) -> usize {
    let revision = bench.warehouse.current().await.unwrap();
    let analysis = centime_analytics::by_name("reconciliation").unwrap();
    let mut budgets: BTreeMap<String, Vec<(FiscalYear, Centimes)>> = BTreeMap::new();
    for one in known {
        let results = budgets.entry(one.ident.clone()).or_default();
        let year = FiscalYear::new(one.year);
        results.push((year, Centimes::new(one.result())));
    }
    let many = budgets.len();
    for (ident, known) in budgets {
        let table = bench
            .warehouse
            .mart(&analysis.model, revision.id, &ident, Basis::Leaf)
            .await
            .unwrap();
        let of = |column| -> Vec<(FiscalYear, Centimes)> {
            let rows = table.rows.iter().map(|row| {
                let year = table.cell(row, columns::FISCAL_YEAR).year().unwrap();
                (year, table.cell(row, column).amount().unwrap())
            });
            rows.collect()
        };
        assert_eq!(of(columns::LEAF_RESULT), known, "{ident}");
        assert_eq!(of(columns::PUBLISHED_RESULT), known, "{ident}");
    }
    many
}

#[tokio::test]
async fn every_identity_holds_for_aggregates_and_they_are_sums_of_the_accounts() {
    let edition = National::new(30, 2023..=2024, 1);
    let portal = serve(Simulator::national(&edition)).await;
    for id in [
        "ofgl-base-communes",
        "ofgl-base-departements",
        "ofgl-base-regions",
    ] {
        let mut bodies: BTreeMap<(String, String), Aggregates> = BTreeMap::new();
        let lines = got(&portal.url(), &export(id, "jsonl")).await;
        for line in lines.lines() {
            let value: BTreeMap<String, Box<serde_json::value::RawValue>> =
                serde_json::from_str(line).unwrap();
            let of = |name: &str| value[name].get().trim_matches('"').to_owned();
            let aggregates = bodies.entry((of("siren"), of("exer"))).or_default();
            let added = aggregates.add(&of("agregat"), &of("montant"));
            added.unwrap_or_else(|error| panic!("{id}: {error}"));
        }
        assert!(bodies.len() > 1);
        let mut denoised = 0;
        for (key, aggregates) in bodies {
            let (held, broken) = aggregates.check();
            assert_eq!(broken, [], "{id} {key:?}");
            assert_eq!(
                held,
                centime_accounts::aggregates::IDENTITIES.len(),
                "{id} {key:?}"
            );
            denoised += aggregates.denoised;
        }
        assert!(denoised > 0, "{id}");
    }
}

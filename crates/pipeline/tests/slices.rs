//! Each dataset of account balances is kept by itself: a year that is new or published again is written, and no other.

use std::path::Path;

use centime_pipeline::{AcceptedChanges, BalanceSource, Documents, Error, Source, Summary};
use centime_portal_sim::{Fault, KnownResult, National, Running, Simulator};
use centime_test_database::{on_postgres, shared};
use centime_warehouse::{Basis, CheckResult, Table};
use sqlx::{Connection as _, SqliteConnection};

use crate::balances::patient;
use crate::common::{Bench, serve};
use crate::national::{hold, table};

const COMMUNES: &str = "balances-comptables-des-communes-en-{year}";

/// The start of the numbers of communes.
const OF_COMMUNES: &str = "29000";

/// How many slices a dataset of account balances has: a statement, a balance sheet and the accounts.
const EACH: i64 = 3;

/// How many slices of sources there are.
const SLICES: &str = "SELECT COUNT(*) FROM ops.slice WHERE COALESCE(subject, '') <> 'marts'";

/// At the same address each time, as a portal is.
async fn serve_at(edition: &National, address: &str) -> Running {
    Simulator::national(edition).bind(address).await.unwrap()
}

fn source(portal: &Running, folder: &Path) -> Source {
    Source::from(BalanceSource {
        name: None,
        portal: patient(&portal.url()),
        datasets: vec![COMMUNES.to_owned()],
        years: None,
        bodies: Vec::new(),
        filter: None,
        provisional: false,
        folder: Some(folder.to_owned()),
    })
}

async fn run(bench: &Bench, portal: &Running, folder: &Path) -> Result<Summary, Error> {
    bench
        .run_source(&source(portal, folder), AcceptedChanges::ALL)
        .await
}

fn communes(edition: &National) -> impl Iterator<Item = KnownResult> + use<> {
    edition
        .results()
        .filter(|one| one.siren.starts_with(OF_COMMUNES))
}

/// A number that a question about the tables has as its answer.
async fn number(bench: &Bench, sql: &str) -> i64 {
    if on_postgres() {
        let (_, database) = bench.address.rsplit_once('/').unwrap();
        return shared().sql(database, sql).parse().unwrap();
    }
    let mut sql = sql.to_owned();
    for schema in ["core", "raw", "ops", "slice"] {
        sql = sql.replace(&format!(" {schema}."), &format!(" {schema}_"));
    }
    let mut connection = SqliteConnection::connect(&bench.address).await.unwrap();
    let (found,): (i64,) = sqlx::query_as(sqlx::AssertSqlSafe(sql))
        .fetch_one(&mut connection)
        .await
        .unwrap();
    found
}

/// How many slices two revisions have in common.
async fn shared_by(bench: &Bench, one: i64, other: i64) -> i64 {
    let sql = format!(
        "SELECT COUNT(*) FROM core.revision_slice AS one, core.revision_slice AS other
         WHERE one.slice_id = other.slice_id AND one.revision_id = {one} AND other.revision_id = {other}
             AND one.slice_id NOT IN (SELECT slice_id FROM ops.slice WHERE subject = 'marts')"
    );
    number(bench, &sql).await
}

/// How many slices there are that no revision names, and names of slices that there are not.
async fn astray(bench: &Bench) -> i64 {
    let unnamed = "SELECT COUNT(*) FROM ops.slice AS kept
        WHERE slice_id NOT IN (SELECT slice_id FROM core.revision_slice)";
    let missing = "SELECT COUNT(*) FROM core.revision_slice AS named
        WHERE slice_id NOT IN (SELECT slice_id FROM ops.slice)";
    number(bench, unnamed).await + number(bench, missing).await
}

/// All rows of all analyses of all bodies.
async fn everything(bench: &Bench, budgets: &[String]) -> Vec<Table> {
    let revision = bench.warehouse.current().await.unwrap();
    let mut tables = Vec::new();
    for analysis in centime_analytics::ANALYSES {
        let analysis = centime_analytics::by_name(&analysis.name()).unwrap();
        for siren in budgets {
            for basis in Basis::ALL {
                let rows = bench
                    .warehouse
                    .mart(&analysis.model, revision.id, siren, basis);
                tables.push(rows.await.unwrap());
            }
        }
    }
    tables
}

fn budgets(edition: &National) -> Vec<String> {
    let mut all: Vec<String> = communes(edition).map(|one| one.ident).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// What checks found, but for those of how the revision before was.
fn found(checks: &[CheckResult]) -> Vec<(String, String)> {
    let kept = ["body-kept", "years-kept", "reconciliation-kept"];
    checks
        .iter()
        .filter(|check| !kept.contains(&check.name.as_str()))
        .map(|check| (check.name.clone(), format!("{check:?}")))
        .collect()
}

#[tokio::test]
async fn a_year_that_is_added_is_written_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().await;
    let first = National::new(5, 2021..=2022, 1);
    let portal = serve_at(&first, "127.0.0.1:0").await;
    let address = portal.addr().to_string();
    let before = run(&bench, &portal, folder.path()).await.unwrap().revision;
    portal.shutdown().await;
    let lines = number(&bench, "SELECT MAX(slice_id) FROM ops.slice").await;

    let second = National::new(5, 2021..=2023, 1);
    let portal = serve_at(&second, &address).await;
    let summary = run(&bench, &portal, folder.path()).await.unwrap();
    assert_eq!(shared_by(&bench, before, summary.revision).await, 2 * EACH);
    let written =
        format!("SELECT COUNT(DISTINCT fiscal_year) FROM slice.line WHERE slice_id > {lines}");
    assert_eq!(number(&bench, &written).await, 1);
    assert!(hold(&bench, communes(&second)).await >= 5);

    // It is all the same as read at once, the checks across years among it.
    let alone = Bench::new().await;
    let other = tempfile::tempdir().unwrap();
    let at_once = run(&alone, &portal, other.path()).await.unwrap();
    let budgets = budgets(&second);
    assert_eq!(
        everything(&bench, &budgets).await,
        everything(&alone, &budgets).await
    );
    assert_eq!(found(&summary.checks), found(&at_once.checks));
    assert_eq!(summary.records, at_once.records);

    // So it is as documents, whose years are seen together.
    let documents = Bench::new().await;
    let read = documents_of(&portal, &second).await;
    let of_documents = documents.run_source(&read, AcceptedChanges::NONE).await;
    for name in [
        "results-carried-forward",
        "results-reconciled",
        "balance-sheet-balances",
    ] {
        let of = |checks: &[CheckResult]| {
            let check = checks.iter().find(|check| check.name == name).unwrap();
            (check.outcome, check.found, check.subjects.clone())
        };
        let of_documents = of(&of_documents.as_ref().unwrap().checks);
        assert_eq!(of(&summary.checks), of_documents, "{name}");
    }
    for what in ["COUNT(*)", "SUM(says)"] {
        let carried = format!(
            "SELECT {what} FROM core.witness WHERE kind = 'carry_over'
             AND revision_id = (SELECT revision_id FROM ops.published)"
        );
        let found = number(&bench, &carried).await;
        assert_eq!(found, number(&documents, &carried).await, "{what}");
        assert_ne!(found, 0);
    }

    // The revision before is read as it was.
    let earlier = communes(&first).next().unwrap();
    let lines = bench
        .warehouse
        .statement(before, &earlier.ident)
        .await
        .unwrap();
    assert!(!lines.is_empty() && lines.iter().all(|line| line.fiscal_year.get() < 2023));
    // A number names one record of the revision.
    let records = "SELECT COUNT(*) - COUNT(DISTINCT record) FROM core.line WHERE revision_id = ";
    let records = format!("{records}{}", summary.revision);
    assert_eq!(number(&bench, &records).await, 0);

    let again = run(&bench, &portal, folder.path()).await.unwrap();
    assert!(!again.published);
    assert_eq!(astray(&bench).await, 0);
}

async fn documents_of(portal: &Running, edition: &National) -> Source {
    let mut documents = Documents::new(None);
    for year in edition.years() {
        let id = format!("balances-comptables-des-communes-en-{year}");
        let text = table(&portal.url(), &id).await;
        let limits = centime_documents::Limits::default();
        let wanted = centime_documents::Wanted::default();
        let read = centime_documents::read_wanted(text.as_bytes(), &id, &limits, &wanted);
        for document in read.unwrap() {
            documents.add(&document).unwrap();
        }
    }
    Source::of_documents(documents)
}

#[tokio::test]
async fn a_year_that_is_published_again_takes_the_place_of_what_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().await;
    let edition = National::new(5, 2021..=2023, 1);
    let portal = serve_at(&edition, "127.0.0.1:0").await;
    let address = portal.addr().to_string();
    let before = run(&bench, &portal, folder.path()).await.unwrap().revision;
    portal.shutdown().await;

    let again = edition.clone().with_republished(2022, 2);
    let portal = serve_at(&again, &address).await;
    let after = run(&bench, &portal, folder.path()).await.unwrap().revision;
    assert_eq!(shared_by(&bench, before, after).await, 2 * EACH);
    let other = National::new(5, 2022..=2022, 2);
    let as_before = communes(&edition).filter(|one| one.year != 2022);
    let known = as_before.chain(communes(&other));
    let mut known: Vec<KnownResult> = known.collect();
    known.sort_by_key(|one| (one.ident.clone(), one.year));
    assert!(hold(&bench, known.into_iter()).await >= 5);
    portal.shutdown().await;

    // What only a revision that is no longer kept has named goes with it.
    for seed in 3..8 {
        let again = edition.clone().with_republished(2022, seed);
        let portal = serve_at(&again, &address).await;
        let summary = run(&bench, &portal, folder.path()).await.unwrap();
        assert!(summary.published);
        assert_eq!(astray(&bench).await, 0);
        portal.shutdown().await;
    }
    let kept = number(&bench, "SELECT COUNT(*) FROM ops.revision").await;
    assert_eq!(kept, 3);
    // Two years that all have in common, and one and what follows from all of them for each.
    let slices = number(&bench, SLICES).await;
    assert_eq!(slices, 2 * EACH + kept * (EACH + 1));
    assert_eq!(
        number(&bench, "SELECT COUNT(DISTINCT slice_id) FROM slice.line").await,
        2 + kept
    );
}

#[tokio::test]
async fn a_run_that_fails_leaves_what_was_published_and_its_slices() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().await;
    let edition = National::new(3, 2022..=2023, 1);
    let portal = serve_at(&edition, "127.0.0.1:0").await;
    let address = portal.addr().to_string();
    run(&bench, &portal, folder.path()).await.unwrap();
    let slices = number(&bench, SLICES).await;
    portal.shutdown().await;

    // A year that is there by then is published together with one that fails.
    let more = National::new(3, 2022..=2024, 1);
    let faulty = Simulator::national(&more)
        .with_faults([Fault::Cut.always()])
        .with_retry_after(0);
    let portal = faulty.bind(&address).await.unwrap();
    run(&bench, &portal, folder.path()).await.unwrap_err();
    assert_eq!(number(&bench, SLICES).await, slices);
    assert_eq!(astray(&bench).await, 0);
    assert!(hold(&bench, communes(&edition)).await >= 3);
    portal.shutdown().await;
    let portal = serve_at(&more, &address).await;
    run(&bench, &portal, folder.path()).await.unwrap();
    assert!(hold(&bench, communes(&more)).await >= 3);
}

#[tokio::test]
async fn a_source_that_is_not_kept_by_year_is_written_anew() {
    let bench = Bench::new().await;
    let portal = serve(Simulator::sample()).await;
    let first = bench.run(&portal).await.unwrap().revision;
    let statement = crate::common::portal_with(crate::common::STATEMENT).await;
    let second = bench.run_with(&statement, true).await.unwrap().revision;
    assert_eq!(shared_by(&bench, first, second).await, 0);
    assert_eq!(astray(&bench).await, 0);
    let slices = number(&bench, SLICES).await;
    assert_eq!(
        slices,
        2 * 3,
        "a statement, a balance sheet, and what follows from both"
    );
}

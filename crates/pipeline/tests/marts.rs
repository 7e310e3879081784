//! Marts of what has not changed are those of the revision before: what is published so is what would be published at once.

use std::path::Path;

use centime_pipeline::{AcceptedChanges, BalanceSource, Documents, Edition, RecordSource, Source};
use centime_portal_sim::{National, Running, Simulator};
use centime_test_database::{on_postgres, shared};
use centime_warehouse::Subject;
use sqlx::{AssertSqlSafe, Connection as _, Row as _, SqliteConnection};

use crate::balances::patient;
use crate::common::{Bench, portal_at};

const COMMUNES: &str = "balances-comptables-des-communes-en";
const DEPARTEMENTS: &str = "balances-comptables-des-departements";
const REGIONS: &str = "balances-comptables-des-regions-";

/// How many slices of marts follow from each slice of lines.
const EACH: i64 = 3;

/// The answer of a question about the tables: each row a line.
async fn rows(bench: &Bench, sql: &str) -> Vec<String> {
    if on_postgres() {
        let (_, database) = bench.address.rsplit_once('/').unwrap();
        let found = shared().sql(database, sql);
        return found.lines().map(str::to_owned).collect();
    }
    let mut sql = sql.to_owned();
    for schema in ["core", "mart", "ops", "published", "slice"] {
        sql = sql.replace(&format!(" {schema}."), &format!(" {schema}_"));
    }
    let mut connection = SqliteConnection::connect(&bench.address).await.unwrap();
    let found = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut connection);
    let cell = |row: &sqlx::sqlite::SqliteRow, place: usize| {
        let number: Result<Option<i64>, _> = row.try_get(place);
        number.map_or_else(
            |_| row.get_unchecked::<Option<String>, _>(place),
            |number| number.map(|number| number.to_string()),
        )
    };
    let line = |row: &sqlx::sqlite::SqliteRow| {
        let cells = (0..row.len()).map(|place| cell(row, place).unwrap_or_default());
        cells.collect::<Vec<_>>().join("|")
    };
    found.await.unwrap().iter().map(line).collect()
}

async fn number(bench: &Bench, sql: &str) -> i64 {
    rows(bench, sql).await[0].parse().unwrap()
}

/// All that is published of all bodies: every mart on both bases, every view of an analysis, and lines.
async fn everything(bench: &Bench) -> Vec<(String, Vec<String>)> {
    let mut all = Vec::new();
    for model in centime_analytics::models() {
        let columns = model.columns.iter().map(|column| column.name.as_str());
        // The number of an item is that of its revision.
        let columns: Vec<&str> = columns.filter(|name| *name != "item_id").collect();
        let mut asked = vec![format!(
            "SELECT siren, {} FROM mart.{}
             WHERE revision_id = (SELECT revision_id FROM ops.published)",
            columns.join(", "),
            model.name
        )];
        if !["item_sum", "line_sum"].contains(&model.name) {
            asked.push(format!("SELECT * FROM published.{}_by_basis", model.name));
            asked.push(format!("SELECT * FROM published.{}", model.name));
        }
        for sql in asked {
            let mut found = rows(bench, &sql).await;
            found.sort_unstable();
            assert!(!found.is_empty(), "{sql}");
            all.push((sql, found));
        }
    }
    let lines = "SELECT * FROM published.statement_line".to_owned();
    let mut found = rows(bench, &lines).await;
    found.sort_unstable();
    all.push((lines, found));
    all
}

/// The number of the slice that was made last.
async fn last_slice(bench: &Bench) -> i64 {
    number(bench, "SELECT COALESCE(MAX(slice_id), 0) FROM ops.slice").await
}

/// How many slices of marts the published revision has, and how many of them were there before.
async fn of_marts(bench: &Bench, last: i64) -> (i64, i64) {
    let all = "SELECT COUNT(*) FROM core.revision_slice AS own
        JOIN ops.slice AS kept ON kept.slice_id = own.slice_id AND kept.subject = 'marts'
        WHERE own.revision_id = (SELECT revision_id FROM ops.published)";
    let kept = format!("{all} AND own.slice_id <= {last}");
    (number(bench, all).await, number(bench, &kept).await)
}

/// Account balances of some years of a portal, each kept by itself.
fn balances(portal: &Running, dataset: &str, years: &[u16], folder: &Path) -> Source {
    let datasets = years.iter().map(|year| format!("{dataset}-{year}"));
    Source::from(BalanceSource {
        name: None,
        portal: patient(&portal.url()),
        datasets: datasets.collect(),
        years: None,
        bodies: Vec::new(),
        filter: None,
        provisional: false,
        folder: Some(folder.to_owned()),
    })
}

fn totals(portal: &Running) -> Source {
    Source::from(RecordSource {
        reading: crate::aggregates::settings(Some("centime")),
        ..RecordSource::new(
            Subject::Aggregates,
            portal_at(&portal.url()),
            "ofgl-base-communes",
        )
    })
}

/// Official documents of others, of all years: one source, which is not kept by year.
async fn documents(portal: &Running, datasets: &[&str]) -> Source {
    let mut documents = Documents::new(None);
    for id in datasets {
        let text = crate::national::table(&portal.url(), id).await;
        let limits = centime_documents::Limits::default();
        let wanted = centime_documents::Wanted::default();
        let read = centime_documents::read_wanted(text.as_bytes(), id, &limits, &wanted);
        for document in read.unwrap() {
            documents.add(&document).unwrap();
        }
    }
    Source::Documents(centime_pipeline::DocumentSource {
        name: None,
        of: centime_pipeline::DocumentsOf::Read(documents),
    })
}

async fn publish(bench: &Bench, sources: Vec<Source>) {
    let edition: Edition = sources.into_iter().collect();
    let summary = bench.run_source(edition, AcceptedChanges::ALL).await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));
    assert!(summary.published);
}

/// Holds what is published now against the same sources published at once in a database of their own.
async fn hold(bench: &Bench, sources: Vec<Source>, what: &str) {
    let alone = Bench::new().await;
    publish(&alone, sources).await;
    for (one, other) in everything(bench).await.iter().zip(everything(&alone).await) {
        assert_eq!(*one, other, "{what}");
    }
    let astray = "SELECT COUNT(*) FROM ops.slice AS kept
        WHERE slice_id NOT IN (SELECT slice_id FROM core.revision_slice AS named)";
    assert_eq!(number(bench, astray).await, 0, "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn years_that_come_and_go_leave_what_follows_from_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let portal = Simulator::national(&National::new(6, 2021..=2024, 1));
    let portal = portal.bind("127.0.0.1:0").await.unwrap();
    let years = |years: &[u16]| vec![balances(&portal, COMMUNES, years, folder.path())];
    // Each with how many slices of marts are kept: of each year three, less what the years beside it say.
    let steps: [(&str, &[u16], i64); 7] = [
        ("first", &[2022], 0),
        // What was brought forward to 2023 says something of 2022.
        ("at the end", &[2022, 2023], EACH - 1),
        // The next year is compared with it, and records of later years have other numbers.
        ("at the start", &[2021, 2022, 2023], 1 + (EACH - 1)),
        ("taken from the middle", &[2021, 2023], (EACH - 1) + 1),
        // The revision in which it was is kept.
        ("back in the middle", &[2021, 2022, 2023], 3 * EACH),
        ("after all", &[2021, 2022, 2023, 2024], 3 * EACH - 1),
        (
            "taken from the start",
            &[2022, 2023, 2024],
            1 + 2 * (EACH - 1),
        ),
    ];
    let bench = Bench::new().await;
    for (what, some, kept) in steps {
        let before = last_slice(&bench).await;
        publish(&bench, years(some)).await;
        let all = EACH * i64::try_from(some.len()).unwrap();
        assert_eq!(of_marts(&bench, before).await, (all, kept), "{what}");
        hold(&bench, years(some), what).await;
    }
    // Between these years charts change, and with them what can be compared.
    let breaks = "SELECT COUNT(DISTINCT fiscal_year) FROM core.series_break AS broken
        WHERE revision_id = (SELECT revision_id FROM ops.published)";
    assert!(number(&bench, breaks).await >= 1);

    // Marts that are made again for all revisions that are kept are the same, and are found by the next one.
    let published = everything(&bench).await;
    let forget = "UPDATE ops.model SET definition = ''";
    rows(&bench, forget).await;
    let models = centime_analytics::models();
    bench.warehouse.prepare_marts(&models).await.unwrap();
    assert_eq!(everything(&bench).await, published);
    let before = last_slice(&bench).await;
    publish(&bench, years(&[2021, 2022, 2023, 2024])).await;
    // As they are, they were in a revision that is kept.
    assert_eq!(of_marts(&bench, before).await, (4 * EACH, 4 * EACH));
    hold(&bench, years(&[2021, 2022, 2023, 2024]), "made again").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_beside_a_year_is_computed_again() {
    let folder = tempfile::tempdir().unwrap();
    let edition = National::new(6, 2021..=2024, 1);
    let portal = Simulator::national(&edition).bind("127.0.0.1:0").await;
    let portal = portal.unwrap();
    let address = portal.addr().to_string();
    let years = |portal: &Running, years: &[u16]| balances(portal, COMMUNES, years, folder.path());
    let bench = Bench::new().await;
    publish(&bench, vec![years(&portal, &[2021, 2022, 2023])]).await;

    // Control totals are witnesses, and say how many inhabitants there are.
    let sources = || vec![years(&portal, &[2021, 2022, 2023]), totals(&portal)];
    publish(&bench, sources()).await;
    hold(&bench, sources(), "with control totals").await;
    let before = last_slice(&bench).await;
    let sources = || vec![years(&portal, &[2021, 2022, 2023, 2024]), totals(&portal)];
    publish(&bench, sources()).await;
    let (all, kept) = of_marts(&bench, before).await;
    assert_eq!(all, 4 * EACH);
    assert!(kept >= 3 * (EACH - 1), "{kept}");
    hold(&bench, sources(), "a year beside control totals").await;

    // Documents of others are another slice of lines, made anew each time, and have balance sheets of the same years.
    let of_others = [
        documents(&portal, &[DEPARTEMENTS]).await,
        documents(&portal, &[DEPARTEMENTS, REGIONS]).await,
    ];
    for other in of_others {
        let sources = || vec![years(&portal, &[2021, 2022, 2023]), other.clone()];
        publish(&bench, sources()).await;
        hold(&bench, sources(), "beside documents").await;
        let before = last_slice(&bench).await;
        let sources = || vec![other.clone(), years(&portal, &[2021, 2022, 2023, 2024])];
        publish(&bench, sources()).await;
        let (all, kept) = of_marts(&bench, before).await;
        // The sums of lines follow from these alone.
        assert_eq!(all, 5 * EACH);
        assert!(kept >= 3, "{kept}");
        hold(&bench, sources(), "a year beside documents").await;
    }
    portal.shutdown().await;

    // A year with other amounts changes what is said of the year after, too.
    for year in [2021, 2022, 2023] {
        let again = edition.clone().with_republished(year, 2);
        let portal = Simulator::national(&again).bind(&address).await.unwrap();
        let sources = || vec![years(&portal, &[2021, 2022, 2023])];
        publish(&bench, sources()).await;
        hold(&bench, sources(), "a year that is published again").await;
        portal.shutdown().await;
    }
}

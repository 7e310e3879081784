//! The same statements on both engines: equal to the centime, row for row.

use crate::common::{Bench, portal_with, serve};
use centime_accounts::Centimes;
use centime_analytics::template::rate;
use centime_portal_sim::Simulator;
use centime_test_database::fresh_postgres;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// Both engines, whichever the tests run on.
async fn both() -> [Bench; 2] {
    let folder = tempfile::tempdir().expect("a folder");
    let file = format!("sqlite:{}", folder.keep().join("centime.db").display());
    [Bench::at(&file).await, Bench::at(&fresh_postgres()).await]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_is_the_same_on_both() {
    let portal = serve(Simulator::sample()).await;
    let [sqlite, postgres] = both().await;
    sqlite.run(&portal).await.unwrap();
    postgres.run(&portal).await.unwrap();
    assert_eq!(sqlite.everything().await, postgres.everything().await);
}

/// Labels that are official, that nearly are, that repeat others, and that nobody knows.
const LABELS: [(&str, &str, &str, &str); 9] = [
    (
        "EXPLOITATION",
        "PRODUITS",
        "PRODUITS DE FONCTIONNEMENT",
        "Impôts et taxes",
    ),
    (
        "EXPLOITATION",
        "CHARGES",
        "CHARGES DE FONCTIONNEMENT",
        "Charges de personnel",
    ),
    (
        "EXPLOITATION",
        "CHARGES",
        "CHARGES DE FONCTIONNEMENT",
        "Dont charges sociales",
    ),
    (
        "EXPLOITATION",
        "CHARGES",
        "CHARGES D'INTERVENTION",
        "Autres charges",
    ),
    (
        "EXPLOITATION",
        "CHARGES",
        "charges d’intervention",
        "Dont ménages",
    ),
    (
        "FINANCIER",
        "PRODUITS",
        "PRODUITS FINANCIERS",
        "Produits des participations et des prêts",
    ),
    ("FINANCIER", "CHARGES", "CHARGES FINANCIERES", "Autres"),
    (
        "EXCEPTIONNEL",
        "CHARGES",
        "CHARGES EXCEPTIONNELLES",
        "Sur opérations de gestion",
    ),
    ("EXPLOITATION", "CHARGES", "Été & à côté", "‹ inconnu › _ %"),
];

/// Records of a statement: a year, a label, and an amount in centimes or none.
fn statements() -> impl Strategy<Value = Vec<String>> {
    let amount = prop_oneof![
        2 => Just(None),
        8 => (-10_000_000_000_000_i64..10_000_000_000_000).prop_map(Some),
        2 => (-200_i64..200).prop_map(Some),
    ];
    let record = (2015..2021_u32, 0..LABELS.len(), amount).prop_map(|(year, label, amount)| {
        let (activity, side, category, label) = LABELS[label];
        let amount = amount.map_or_else(
            || "null".to_owned(),
            |amount| {
                let sign = if amount < 0 { "-" } else { "" };
                let (euros, cents) = (amount.unsigned_abs() / 100, amount.unsigned_abs() % 100);
                format!("{sign}{euros}.{cents:02}")
            },
        );
        format!(
            r#"{{"exercice_comptable":"{year}","type_de_resultat":"{activity}","produit_charge":"{side}","poste":"{category}","detail_postes":"{label}","montant_en_eur":{amount}}}"#
        )
    });
    vec(record, 1..60)
}

#[test]
fn any_statement_is_the_same_on_both() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    // The same databases for all cases: what one leaves must not change the next.
    let [sqlite, postgres] = runtime.block_on(both());
    let config = Config {
        cases: 16,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&statements(), |records| {
            let (one, other) = runtime.block_on(async {
                let portal = portal_with(&records.join("\n")).await;
                sqlite.run_with(&portal, true).await.unwrap();
                postgres.run_with(&portal, true).await.unwrap();
                (sqlite.everything().await, postgres.everything().await)
            });
            prop_assert_eq!(one, other);
            Ok(())
        })
        .unwrap();
}

/// Amounts at the ends of what a year may hold, halves, and signs.
const EDGES: [i64; 12] = [
    0,
    1,
    -1,
    2,
    3,
    7,
    -7,
    20_000,
    19_999,
    -20_001,
    200_000_000_000_000,
    -200_000_000_000_000,
];

/// What SQL answers for a share of two amounts, each once for both engines.
async fn rates(pairs: &[(i64, i64)]) -> [Vec<Option<i64>>; 2] {
    let rate = rate("part", "whole");
    let values = pairs.iter().enumerate();
    let values: Vec<String> = values
        .map(|(at, (part, whole))| {
            format!("SELECT {at} AS place, CAST({part} AS BIGINT) AS part, CAST({whole} AS BIGINT) AS whole")
        })
        .collect();
    let select = format!(
        "SELECT {rate} AS share FROM ({}) AS pairs ORDER BY place",
        values.join(" UNION ALL ")
    );
    let sqlite = sqlx::SqlitePool::connect("sqlite::memory:").await.unwrap();
    let of_sqlite: Vec<(Option<i64>,)> = sqlx::query_as(sqlx::AssertSqlSafe(select.as_str()))
        .fetch_all(&sqlite)
        .await
        .unwrap();
    let cluster = centime_test_database::shared();
    let of_postgres = cluster.sql(
        &cluster.new_database(),
        &format!("SELECT string_agg(COALESCE(share::text, '-'), ',') FROM ({select}) AS answer"),
    );
    [
        of_sqlite.into_iter().map(|(share,)| share).collect(),
        of_postgres
            .split(',')
            .map(|share| share.parse().ok())
            .collect(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rate_is_the_same_in_rust_and_on_both_engines() {
    let mut pairs: Vec<(i64, i64)> = EDGES
        .iter()
        .flat_map(|part| EDGES.iter().map(move |whole| (*part, *whole)))
        .collect();
    // What comes to half a hundredth of a percent, on both sides of zero.
    pairs.extend((-50..50).map(|part| (part, 20_000)));
    pairs.extend((1..60).map(|whole| (whole * 3 - 70, whole)));
    let rust: Vec<Option<i64>> = pairs
        .iter()
        .map(|(part, whole)| {
            let share = Centimes::new(*part).share_of(Centimes::new(*whole));
            share.map(centime_accounts::BasisPoints::get)
        })
        .collect();
    for chunk in 0..pairs.len().div_ceil(100) {
        let some = &pairs[chunk * 100..pairs.len().min(chunk * 100 + 100)];
        let expected = &rust[chunk * 100..chunk * 100 + some.len()];
        for (engine, shares) in ["SQLite", "PostgreSQL"].into_iter().zip(rates(some).await) {
            assert_eq!(shares, expected, "{engine}: {some:?}");
        }
    }
}

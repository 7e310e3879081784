//! Portals that misbehave: a complete correct publication, or none and a message.

use crate::common::{Bench, expected, serve, statement_of};
use centime_accounts::Centimes;
use centime_portal_sim::{Fault, SimDataset, Simulator};
use std::time::Duration;

/// What a fault must lead to when it strikes each time.
enum Then {
    Publishes,
    Says(&'static [&'static str]),
}

const fn then(fault: Fault) -> Then {
    match fault {
        // A field that is renamed but keeps its label is still found.
        Fault::Schema
        | Fault::ExtraField
        | Fault::StaleCount
        | Fault::Redirect
        | Fault::NoExports
        | Fault::UnstableOrder => Then::Publishes,
        Fault::TooManyRequests => Then::Says(&["one too many", "attempts"]),
        Fault::QuotaSpent => Then::Says(&["one too many", "API key"]),
        Fault::Unavailable => Then::Says(&["503", "attempts"]),
        Fault::Slow => Then::Says(&["did not begin to answer", "attempts"]),
        Fault::Reset | Fault::Truncated | Fault::Cut => Then::Says(&["cut short"]),
        Fault::WrongCount => Then::Says(&["incomplete", "are announced", "try again later"]),
        Fault::Empty => Then::Says(&["no records"]),
        Fault::Garbage => Then::Says(&["montant_en_eur", "«n/a» is not a decimal number"]),
        Fault::GarbageLines => Then::Says(&["record"]),
        Fault::Html => Then::Says(&["did not answer with data"]),
        Fault::Republished => Then::Says(&["changed while it was read"]),
        Fault::Endless => Then::Says(&[
            "more than 10380 records came, and the portal announces 380",
            "extra_records under [retrieval]",
        ]),
        Fault::Drip => Then::Says(&["compte-de-resultat: it drips", "bytes_per_second"]),
        Fault::HugeMetadata => Then::Says(&[
            "its publisher has 1000000 characters, and 1000 are taken",
            "no setting allows it",
        ]),
        Fault::ManyFields => Then::Says(&[
            "the description of the dataset compte-de-resultat: it has more than 2000 fields",
        ]),
        Fault::Away => Then::Says(&["redirects to another host, 127.0.0.1:9", "hosts"]),
    }
}

#[tokio::test]
async fn each_fault_that_lasts_publishes_everything_or_nothing() {
    for fault in Fault::ALL {
        let bench = Bench::new().await;
        let portal = serve(faulty(Simulator::sample(), fault.always())).await;
        let outcome = bench.run(&portal).await;
        match (then(fault), outcome) {
            (Then::Publishes, Ok(_)) => assert_eq!(bench.results().await, expected(), "{fault}"),
            (Then::Says(words), Err(error)) => {
                let message = error.to_string();
                for word in words {
                    assert!(
                        message.contains(word),
                        "{fault}: «{word}» is not in: {message}"
                    );
                }
                assert!(
                    bench.warehouse.published().await.unwrap().is_none(),
                    "{fault}"
                );
            }
            (_, outcome) => panic!("{fault}: {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn each_fault_that_passes_is_overcome() {
    for fault in Fault::ALL {
        // These do not pass by themselves within one run.
        if matches!(
            fault,
            Fault::QuotaSpent
                | Fault::Schema
                | Fault::Garbage
                | Fault::Empty
                | Fault::Endless
                | Fault::Drip
                | Fault::HugeMetadata
                | Fault::ManyFields
                | Fault::Away
        ) {
            continue;
        }
        let bench = Bench::new().await;
        let portal = serve(faulty(Simulator::sample(), fault.times(1))).await;
        let outcome = bench.run(&portal).await;
        match (fault, outcome) {
            // What was published meanwhile is what must be here now.
            (Fault::Republished, Ok(_)) => {
                let after = Bench::new().await;
                after.run(&portal).await.unwrap();
                assert_eq!(bench.everything().await, after.everything().await);
            }
            (_, Ok(_)) => assert_eq!(bench.results().await, expected(), "{fault}"),
            // A line that is no record is not of the kind that passes.
            (Fault::GarbageLines, Err(_)) => {}
            (_, Err(error)) => panic!("{fault}: {error}"),
        }
    }
}

#[tokio::test]
async fn what_is_published_survives_every_fault() {
    let bench = Bench::new().await;
    let portal = serve(Simulator::sample()).await;
    bench.run(&portal).await.unwrap();
    let before = bench.everything().await;
    for fault in Fault::ALL {
        let portal = serve(faulty(Simulator::sample(), fault.always())).await;
        // Whether it succeeds is the other tests' business.
        drop(bench.run(&portal).await);
        let unchanged = fault == Fault::ExtraField || bench.everything().await == before;
        assert!(unchanged, "{fault}");
    }
    assert_eq!(bench.results().await, expected());
}

fn faulty(simulator: Simulator, injection: centime_portal_sim::Injection) -> Simulator {
    // What drips is never silent for long.
    let late = match injection.fault {
        Fault::Drip => Duration::from_millis(100),
        _ => Duration::from_secs(5),
    };
    simulator
        .with_faults([injection])
        .with_slowness(late)
        .with_retry_after(0)
}

/// The first record, with another value for one of its fields.
fn with(field: &str, value: &str) -> String {
    let first = crate::common::STATEMENT.lines().next().unwrap();
    let start = first.find(&format!("\"{field}\":")).unwrap() + field.len() + 3;
    let end = start
        + first[start..]
            .find(",\"")
            .unwrap_or(first[start..].len() - 1);
    let changed = format!("{}{value}{}", &first[..start], &first[end..]);
    crate::common::STATEMENT.replacen(first, &changed, 1)
}

#[tokio::test]
async fn values_that_cannot_be_are_refused_with_their_place() {
    let long = format!("\"{}\"", "a".repeat(1 << 20));
    let cases: [(&str, &str, &[&str]); 14] = [
        (
            "montant_en_eur",
            "1e999",
            &["record 1", "montant_en_eur", "«1e999»", "beyond"],
        ),
        (
            "montant_en_eur",
            "\"NaN\"",
            &["«NaN» is not a decimal number"],
        ),
        ("montant_en_eur", "\"12,34\"", &["«12,34» has a comma"]),
        (
            "montant_en_eur",
            "123456789012345678901234567890",
            &["beyond"],
        ),
        ("montant_en_eur", "true", &["true is not an amount"]),
        ("montant_en_eur", "[1]", &["«[1]» is not an amount"]),
        (
            "montant_en_eur",
            "9000000000000",
            &[
                "record 1, the largest amount of 2021",
                "more than two thousand billion euros",
            ],
        ),
        (
            "exercice_comptable",
            "\"20x4\"",
            &["«20x4» is not a fiscal year"],
        ),
        (
            "exercice_comptable",
            "1066",
            &["«1066» is not a fiscal year"],
        ),
        ("exercice_comptable", "null", &["null is not a fiscal year"]),
        ("exercice_comptable", "\"\"", &["is not a fiscal year"]),
        ("detail_postes", &long, &["1048576 characters"]),
        ("detail_postes", "{\"a\": 1}", &["is not a text"]),
        ("poste", "[\"a\"]", &["is not a text"]),
    ];
    for (field, value, words) in cases {
        let bench = Bench::new().await;
        let error = bench
            .run(&crate::common::portal_with(&with(field, value)).await)
            .await
            .unwrap_err();
        let message = error.to_string();
        for word in words {
            assert!(
                message.contains(word),
                "{field} {value:.20}: «{word}» not in: {message:.400}"
            );
        }
        assert!(bench.warehouse.published().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_dataset_without_amounts_is_refused_with_what_it_has() {
    let bench = Bench::new().await;
    let columns = [
        ("exercice_comptable", "text"),
        ("poste", "text"),
        ("valeur", "double"),
    ];
    let row = r#"{"exercice_comptable":"2024","poste":"PRODUITS FINANCIERS","valeur":1.0}"#;
    let dataset = SimDataset::new("compte-de-resultat", &columns, [row]).unwrap();
    let portal = serve(Simulator::from_datasets(vec![dataset])).await;
    let message = bench.run(&portal).await.unwrap_err().to_string();
    for word in [
        "no field for activity, side, label, amount",
        "valeur",
        "[fields.income_statement]",
    ] {
        assert!(message.contains(word), "«{word}» is not in: {message}");
    }
}

#[tokio::test]
async fn odd_labels_are_kept_counted_and_told() {
    for label in [
        "\"\"",
        "null",
        "\"<script>alert(1)</script>\"",
        "\"a\\nb\\u0007\"",
    ] {
        let bench = Bench::new().await;
        let portal = crate::common::portal_with(&with("detail_postes", label)).await;
        let summary = bench.run(&portal).await.unwrap();
        let check = summary
            .checks
            .iter()
            .find(|check| check.name == "labels-recognised")
            .unwrap();
        assert_eq!(check.found, 1, "{label}");
        assert_eq!(
            bench.results().await,
            expected(),
            "{label}: the amount still counts"
        );
    }
}

#[tokio::test]
async fn an_amount_with_thousandths_is_rounded_and_told() {
    let bench = Bench::new().await;
    let rows = r#"{"exercice_comptable":"2024","type_de_resultat":"FINANCIER","produit_charge":"CHARGES","poste":"CHARGES FINANCIERES","detail_postes":"Autres","montant_en_eur":1.005}"#;
    let simulator = Simulator::from_datasets(vec![statement_of(rows)]);
    let summary = bench.run(&serve(simulator).await).await.unwrap();
    let check = summary
        .checks
        .iter()
        .find(|check| check.name == "amounts-exact")
        .unwrap();
    assert_eq!(check.found, 1);
    let page = bench
        .warehouse
        .lines(
            1,
            &bench.siren().await,
            &centime_warehouse::lines::Filter::default(),
            centime_warehouse::lines::Order::default(),
            0,
            10,
        )
        .await
        .unwrap();
    assert_eq!(page.lines[0].amount, Some(Centimes::new(101)));
}

#[tokio::test]
async fn a_line_that_is_neither_revenue_nor_expense_is_refused() {
    let bench = Bench::new().await;
    let rows = r#"{"exercice_comptable":"2024","type_de_resultat":"X","produit_charge":"AUTRE","poste":"POSTE INCONNU","detail_postes":"Quelque chose","montant_en_eur":1.0}"#;
    let simulator = Simulator::from_datasets(vec![statement_of(rows)]);
    let error = bench
        .run(&serve(simulator).await)
        .await
        .unwrap_err()
        .to_string();
    assert!(error.contains("neither revenue nor expense") && error.contains("Quelque chose"));
}

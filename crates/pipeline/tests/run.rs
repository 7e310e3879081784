//! Whole runs against a simulated portal.

use crate::common::{Bench, STATEMENT, balance, expected, portal_with, serve, statement_of};
use centime_accounts::{BasisPoints, Centimes, FiscalYear};
use centime_analytics::columns;
use centime_pipeline::{AcceptedChanges, Error, Policy, Source};
use centime_portal_sim::{SimDataset, Simulator};
use centime_warehouse::Outcome;
use centime_warehouse::revision::RunOutcome;
use centime_warehouse::{Basis, Cell};

#[tokio::test]
async fn the_sample_reconciles_to_the_centime() {
    let bench = Bench::new().await;
    let summary = bench
        .run(&serve(Simulator::sample()).await)
        .await
        .expect("a publication");
    assert!(summary.published);
    assert_eq!(summary.records, 886);
    assert_eq!(bench.results().await, expected());
    let statuses = bench.statuses().await;
    assert_eq!(
        statuses
            .iter()
            .filter(|status| *status == "reconciled")
            .count(),
        8
    );
    assert_eq!(statuses[2], "incomplete");

    let table = bench.table("reconciliation", Basis::Leaf).await;
    for row in &table.rows {
        let missing = table.cell(row, columns::MISSING_LINES).list().count();
        let is_2018 = table.cell(row, columns::FISCAL_YEAR).year() == Some(FiscalYear::new(2018));
        assert_eq!(missing, if is_2018 { 25 } else { 0 });
        let difference = table.cell(row, columns::DIFFERENCE).amount();
        assert_eq!(
            difference,
            if is_2018 { None } else { Some(Centimes::ZERO) }
        );
    }
    let failed = summary
        .checks
        .iter()
        .filter(|check| check.outcome == Outcome::Fail);
    assert_eq!(failed.count(), 0);
    let shifted = summary
        .checks
        .iter()
        .find(|check| check.name == "balance-columns")
        .unwrap();
    assert_eq!(shifted.subjects, ["2016, 2017"]);
    let empty = summary
        .checks
        .iter()
        .find(|check| check.name == "amounts-published")
        .unwrap();
    assert_eq!(empty.found, 29);
    assert!(bench.warehouse.current().await.unwrap().sample);
}

#[tokio::test]
async fn an_unchanged_source_publishes_nothing_new() {
    let bench = Bench::new().await;
    let portal = serve(Simulator::sample()).await;
    let first = bench.run(&portal).await.unwrap();
    let second = bench.run(&portal).await.unwrap();
    assert!(first.published && !second.published);
    assert_eq!(second.revision, first.revision);
    let outcomes: Vec<RunOutcome> = bench
        .warehouse
        .runs(5)
        .await
        .unwrap()
        .iter()
        .map(|run| run.outcome)
        .collect();
    assert_eq!(outcomes, [RunOutcome::Unchanged, RunOutcome::Published]);
    assert_eq!(bench.warehouse.revisions().await.unwrap().len(), 1);
}

#[tokio::test]
async fn neither_the_order_of_rows_and_fields_nor_unknown_fields_matter() {
    let plain = Bench::new().await;
    plain.run(&portal_with(STATEMENT).await).await.unwrap();

    let mut turned: Vec<String> = STATEMENT.lines().map(turn).collect();
    turned.reverse();
    let other = Bench::new().await;
    other
        .run(&portal_with(&turned.join("\n")).await)
        .await
        .unwrap();
    assert_eq!(other.everything().await, plain.everything().await);
    let hash = |datasets: Vec<centime_warehouse::Dataset>| datasets[0].content_hash.clone();
    assert_eq!(
        hash(other.warehouse.datasets(1).await.unwrap()),
        hash(plain.warehouse.datasets(1).await.unwrap())
    );

    let extra: Vec<String> = turned
        .iter()
        .map(|line| line.replacen('{', "{\"geo\": [1.5, null],", 1))
        .collect();
    let third = Bench::new().await;
    third
        .run(&portal_with(&extra.join("\n")).await)
        .await
        .unwrap();
    assert_eq!(third.everything().await, plain.everything().await);
}

/// A record with its fields in the opposite order, numbers untouched.
fn turn(line: &str) -> String {
    let inner = line.trim().trim_start_matches('{').trim_end_matches('}');
    let mut fields: Vec<&str> = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (at, letter) in inner.char_indices() {
        match letter {
            '"' if !escaped => quoted = !quoted,
            ',' if !quoted => {
                fields.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    fields.push(&inner[start..]);
    fields.reverse();
    format!("{{{}}}", fields.join(","))
}

#[tokio::test]
async fn without_a_balance_sheet_everything_else_is_published() {
    let bench = Bench::new().await;
    let portal = serve(Simulator::from_datasets(vec![statement_of(STATEMENT)])).await;
    let summary = bench.run(&portal).await.unwrap();
    assert!(
        summary
            .checks
            .iter()
            .any(|check| check.name == "balance-sheet-present")
    );
    let statuses = bench.statuses().await;
    assert_eq!(
        statuses
            .iter()
            .filter(|status| *status == "no published result")
            .count(),
        8
    );
    assert_eq!(statuses[2], "incomplete");
    let leaf: Vec<_> = bench
        .results()
        .await
        .iter()
        .map(|result| result.1)
        .collect();
    let wanted: Vec<_> = expected().iter().map(|result| result.1).collect();
    assert_eq!(leaf, wanted);
}

#[tokio::test]
async fn an_empty_balance_sheet_is_none() {
    let bench = Bench::new().await;
    let empty = SimDataset::from_texts(crate::common::BALANCE_DESCRIPTION, "").unwrap();
    let portal = serve(Simulator::from_datasets(vec![
        statement_of(STATEMENT),
        empty,
    ]))
    .await;
    bench.run(&portal).await.unwrap();
    assert!(
        bench
            .statuses()
            .await
            .iter()
            .any(|status| status == "no published result")
    );
}

#[tokio::test]
async fn what_is_lost_upstream_is_not_lost_here() {
    let bench = Bench::new().await;
    bench.run(&portal_with(STATEMENT).await).await.unwrap();
    let without: Vec<&str> = STATEMENT
        .lines()
        .filter(|line| !line.contains("\"2019\""))
        .collect();
    let portal = portal_with(&without.join("\n")).await;
    let error = bench.run(&portal).await.unwrap_err();
    assert!(matches!(error, Error::Audit { .. }), "{error}");
    for word in ["2019", "--accept-changes=years"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    assert_eq!(bench.results().await, expected());
    let run = &bench.warehouse.runs(1).await.unwrap()[0];
    assert_eq!(run.outcome, RunOutcome::Failed);
    assert!(bench.warehouse.run_checks(run.id).await.unwrap().len() > 10);

    // What is meant is this change and no other.
    let others = AcceptedChanges {
        years: false,
        ..AcceptedChanges::ALL
    };
    let error = bench.run_accepting(&portal, others).await.unwrap_err();
    assert!(matches!(error, Error::Audit { .. }), "{error}");
    let years = AcceptedChanges {
        years: true,
        ..AcceptedChanges::NONE
    };
    let summary = bench.run_accepting(&portal, years).await.unwrap();
    assert!(summary.published);
    assert_eq!(bench.results().await.len(), 8);
}

#[tokio::test]
async fn a_run_that_is_stopped_says_so_and_leaves_nothing() {
    let bench = Bench::new().await;
    bench.run(&portal_with(STATEMENT).await).await.unwrap();
    let expected = bench.everything().await;
    let models = centime_analytics::models();
    let policy = Policy {
        keep: 3,
        accept_changes: AcceptedChanges::NONE,
    };
    let mut interrupted = 0;
    for round in 0..12 {
        let line = format!(
            r#"{{"exercice_comptable":"2024","type_de_resultat":"FINANCIER","produit_charge":"CHARGES","poste":"CHARGES FINANCIERES","detail_postes":"Ligne {round}","montant_en_eur":0.0}}"#
        );
        let statement = format!("{}\n{line}\n", STATEMENT.trim_end());
        let portal = portal_with(&statement).await;
        let source = crate::common::source(&portal.url());
        let stop = tokio::time::sleep(std::time::Duration::from_millis(round * round * 6));
        // Connections that a run was given up on are of no use to others.
        let of_run = bench.warehouse.afresh().await.unwrap();
        let run = centime_pipeline::run_until(
            &source,
            &of_run,
            &models,
            policy,
            &crate::common::Silent,
            stop,
        );
        let ended = run.await.unwrap();
        let latest = &bench.warehouse.runs(1).await.unwrap()[0];
        assert_ne!(latest.outcome, RunOutcome::Running, "round {round}");
        if ended.is_some() {
            break;
        }
        interrupted += i32::from(latest.outcome == RunOutcome::Interrupted);
        assert_eq!(bench.everything().await, expected, "round {round}");
        let kept = bench.warehouse.revisions().await.unwrap();
        assert_eq!(kept.len(), 1, "round {round}");
    }
    assert!(interrupted > 0, "no run was stopped after it had begun");
    // The next one is as if there had been none.
    let summary = bench
        .run(&portal_with(&STATEMENT.replace("Ventes", "Vente")).await)
        .await;
    assert!(summary.unwrap().published);
}

#[tokio::test]
async fn an_undone_reconciliation_is_refused() {
    let bench = Bench::new().await;
    bench.run(&portal_with(STATEMENT).await).await.unwrap();
    let line = STATEMENT
        .lines()
        .find(|line| line.contains("\"2022\"") && line.contains("Ventes"));
    let changed = STATEMENT.replace(line.unwrap(), "");
    let error = bench.run(&portal_with(&changed).await).await.unwrap_err();
    assert!(error.to_string().contains("2022"), "{error}");
    assert_eq!(bench.results().await, expected());
}

#[tokio::test]
async fn the_sample_never_replaces_official_figures() {
    let bench = Bench::new().await;
    bench.run(&portal_with(STATEMENT).await).await.unwrap();
    let error = bench
        .run(&serve(Simulator::sample()).await)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::SampleOverOfficial { .. }), "{error}");
    assert!(!bench.warehouse.current().await.unwrap().sample);
}

#[tokio::test]
async fn another_body_is_refused() {
    let bench = Bench::new().await;
    bench.run(&portal_with(STATEMENT).await).await.unwrap();
    let description = crate::common::STATEMENT_DESCRIPTION
        .replace("\"sample_edition\": true", "\"sample_edition\": false")
        .replace("Centime (sample edition)", "Ville de Lyon");
    let lyon = SimDataset::from_texts(&description, STATEMENT).unwrap();
    let portal = serve(Simulator::from_datasets(vec![lyon, balance()])).await;
    let error = bench.run(&portal).await.unwrap_err();
    assert!(error.to_string().contains("Ville de Paris"), "{error}");
}

#[tokio::test]
async fn earlier_revisions_are_kept_up_to_a_number() {
    let bench = Bench::new().await;
    let mut statement = STATEMENT.to_owned();
    for round in 0..5 {
        let label = format!("Ligne nouvelle {round}");
        let zero = format!(
            r#"{{"exercice_comptable":"2024","type_de_resultat":"FINANCIER","produit_charge":"CHARGES","poste":"CHARGES FINANCIERES","detail_postes":"{label}","montant_en_eur":0.0}}"#
        );
        statement = format!("{}\n{zero}\n", statement.trim_end());
        bench.run(&portal_with(&statement).await).await.unwrap();
    }
    let kept: Vec<i64> = bench
        .warehouse
        .revisions()
        .await
        .unwrap()
        .iter()
        .map(|revision| revision.id)
        .collect();
    assert_eq!(kept, [5, 4, 3]);
    assert_eq!(bench.warehouse.current().await.unwrap().id, 5);
    assert_eq!(bench.results().await, expected());
    let page = bench
        .warehouse
        .lines(
            5,
            &bench.siren().await,
            &centime_warehouse::lines::Filter {
                unknown: true,
                ..Default::default()
            },
            centime_warehouse::lines::Order::default(),
            0,
            50,
        )
        .await
        .unwrap();
    assert_eq!(page.matching, 5, "unknown labels are kept");
}

#[tokio::test]
async fn another_reading_of_the_same_records_is_another_revision() {
    let bench = Bench::new().await;
    let doubled: Vec<String> = STATEMENT
        .lines()
        .map(|line| {
            line.replacen(
                "\"montant_en_eur\":",
                "\"montant\":0.0,\"montant_en_eur\":",
                1,
            )
        })
        .collect();
    let portal = portal_with(&doubled.join("\n")).await;
    let first = bench.run(&portal).await.unwrap();
    let mut source = crate::common::source(&portal.url());
    let named = [("amount".to_owned(), "montant".to_owned())];
    let Source::Records(statement) = &mut source.sources[0] else {
        panic!("it is a dataset")
    };
    statement.fields = named.into();
    let models = centime_analytics::models();
    let policy = Policy {
        keep: 3,
        accept_changes: AcceptedChanges::ALL,
    };
    let second = centime_pipeline::run(
        &source,
        &bench.warehouse,
        &models,
        policy,
        &crate::common::Silent,
    )
    .await
    .unwrap();
    assert!(second.published && second.revision > first.revision);
    assert_eq!(bench.results().await[0].1, Some(0));
}

/// The status and the rate, in hundredths of a percent, of a year of the financial return.
async fn financial_return(bench: &Bench, year: u16) -> (String, Option<i64>) {
    let table = bench.table("financial-return", Basis::Leaf).await;
    let of_year = |row: &&Vec<Cell>| {
        table.cell(row, columns::FISCAL_YEAR).year() == Some(FiscalYear::new(year))
    };
    let row = table.rows.iter().find(of_year).expect("the year");
    let status = table.cell(row, columns::STATUS).text().expect("a status");
    let rate = table.cell(row, columns::RATE_OF_RETURN).rate();
    (status.to_owned(), rate.map(BasisPoints::get))
}

#[tokio::test]
async fn the_return_needs_assets_and_no_charges() {
    let bench = Bench::new().await;
    let no_charges: Vec<&str> = STATEMENT
        .lines()
        .filter(|line| !(line.contains("\"2021\"") && line.contains("\"CHARGES FINANCIERES\"")))
        .collect();
    // The assets of 2022 lose an amount, so that the sheet no longer balances.
    let assets = crate::common::BALANCE
        .lines()
        .find(|line| line.contains("\"2022\"") && line.contains("mmobilisations financi"))
        .expect("the line");
    let start = assets.find("\"brut\"").expect("the amounts");
    let emptied = format!(
        "{}\"brut\":null,\"amortissements_et_provisions\":null,\"net\":null}}",
        &assets[..start]
    );
    let balance = SimDataset::from_texts(
        crate::common::BALANCE_DESCRIPTION,
        &crate::common::BALANCE.replace(assets, &emptied),
    );
    let portal = Simulator::from_datasets(vec![
        statement_of(&no_charges.join("\n")),
        balance.expect("a dataset"),
    ]);
    bench
        .run(&serve(portal).await)
        .await
        .expect("a publication");
    assert_eq!(
        financial_return(&bench, 2021).await,
        ("complete".to_owned(), Some(129))
    );
    assert_eq!(
        financial_return(&bench, 2022).await,
        ("assets not established".to_owned(), None)
    );
    assert_eq!(
        financial_return(&bench, 2023).await,
        ("complete".to_owned(), Some(121))
    );
}

#[tokio::test]
async fn two_runs_do_not_meet() {
    let bench = Bench::new().await;
    let _lock = bench.warehouse.lock().await.unwrap();
    let error = bench
        .run(&serve(Simulator::sample()).await)
        .await
        .unwrap_err();
    assert!(
        error.to_string().contains("in use by another run"),
        "{error}"
    );
}

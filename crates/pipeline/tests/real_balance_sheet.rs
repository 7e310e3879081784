//! The real balance sheet of the City of Paris through a whole run: the rows of 2016 to 2018, and the whole
//! dataset where it is at hand.

use std::path::Path;

use crate::common::{BALANCE_DESCRIPTION, Bench, STATEMENT, Year, expected, serve, statement_of};
use centime_analytics::columns;
use centime_portal_sim::{SimDataset, Simulator};
use centime_test_input::skipped;
use centime_warehouse::Basis;

const THREE_YEARS: &str = include_str!("../../accounts/tests/data/bilan-paris-2016-2018.csv");

#[tokio::test]
async fn the_published_results_of_three_years_come_out() {
    held(THREE_YEARS, 3).await;
}

#[tokio::test]
async fn the_nine_published_results_come_out() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bilan-comptable.csv");
    match std::fs::read_to_string(&path) {
        Ok(text) => held(&text, 9).await,
        Err(error) => skipped(
            "a run with the real balance sheet of 2019 to 2024",
            &format!("{} cannot be read ({error})", path.display()),
        ),
    }
}

/// Holds a run with the first so many years of the balance sheet against the published results.
async fn held(text: &str, years: usize) {
    let names = [
        "exercice_comptable",
        "actif_passif",
        "poste",
        "detail",
        "brut",
        "amortissements_et_provisions",
        "net",
    ];
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.as_bytes());
    let records: Vec<String> = reader
        .records()
        .map(|row| {
            let row = row.expect("a row");
            let cell = |(at, name): (usize, &&str)| {
                let value = match (&row[at], at) {
                    ("", _) => "null".to_owned(),
                    (text, 0..=3) => serde_json::Value::from(text).to_string(),
                    (number, _) => number.to_owned(),
                };
                format!("\"{name}\":{value}")
            };
            format!(
                "{{{}}}",
                names
                    .iter()
                    .enumerate()
                    .map(cell)
                    .collect::<Vec<_>>()
                    .join(",")
            )
        })
        .collect();
    let rows = i64::try_from(records.len()).expect("a number");
    let mut description: serde_json::Value =
        serde_json::from_str(BALANCE_DESCRIPTION).expect("a description");
    description["metas"]["default"]["records_count"] = records.len().into();
    let balance = SimDataset::from_texts(&description.to_string(), &records.join("\n"));
    let portal =
        Simulator::from_datasets(vec![statement_of(STATEMENT), balance.expect("a dataset")]);

    let bench = Bench::new().await;
    let summary = bench
        .run(&serve(portal).await)
        .await
        .expect("a publication");
    assert_eq!(summary.records, 380 + rows);
    let expected: Vec<Year> = (0..)
        .zip(expected())
        .map(|(place, (year, leaf, published, naive))| {
            (year, leaf, published.filter(|_| place < years), naive)
        })
        .collect();
    assert_eq!(bench.results().await, expected);
    let returns = bench.table("financial-return", Basis::Leaf).await;
    for row in returns.rows.iter().take(years) {
        // Rows that are wholly empty hold nothing: the sheet balances without them.
        assert!(
            returns
                .cell(row, columns::FINANCIAL_ASSETS)
                .amount()
                .is_some(),
            "{row:?}"
        );
    }
    let check = |name: &str| {
        summary
            .checks
            .iter()
            .find(|check| check.name == name)
            .unwrap()
    };
    assert_eq!(check("balance-columns").subjects, ["2016, 2017"]);
    assert_eq!(
        check("balance-sheet-balances").found,
        i64::try_from(years).expect("a number")
    );
}

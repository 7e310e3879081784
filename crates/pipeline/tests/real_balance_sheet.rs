//! The real balance sheet of the City of Paris, when it is at hand, through a whole run.

mod common;

use std::path::Path;

use centime_portal_sim::{SimDataset, Simulator};
use centime_warehouse::Basis;
use common::{BALANCE_DESCRIPTION, Bench, STATEMENT, expected, serve, statement_of};

#[tokio::test]
async fn the_nine_published_results_come_out() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bilan-comptable.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not at hand", path.display());
        return;
    };
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
    assert_eq!(summary.records, 380 + 506);
    assert_eq!(bench.results().await, expected());
    let returns = bench.table("financial-return", Basis::Leaf).await;
    for row in &returns.rows {
        // Rows that are wholly empty hold nothing: the sheet balances without them.
        assert!(
            returns.cell(row, "financial_assets").integer().is_some(),
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
    assert_eq!(check("balance-sheet-balances").found, 9);
}

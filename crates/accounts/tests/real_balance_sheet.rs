//! The real balance sheet of the City of Paris: the rows of 2016 to 2018, among which are the shifted columns
//! and the empty ones, and the whole dataset where it is at hand.
//!
//! Source: Ville de Paris, dataset `bilan-comptable` of opendata.paris.fr, under the Open Database License.

use std::fs;
use std::path::Path;

use centime_accounts::balance::BalanceSide;
use centime_accounts::{BalanceRow, BalanceSheet, Centimes, FiscalYear};
use centime_test_input::skipped;

const THREE_YEARS: &str = include_str!("data/bilan-paris-2016-2018.csv");

/// The published results.
const RESULTS: [(u16, &str); 9] = [
    (2016, "211037496.68"),
    (2017, "188655314.34"),
    (2018, "364903240.45"),
    (2019, "395845640.09"),
    (2020, "-236859054.06"),
    (2021, "44512997.87"),
    (2022, "149031041.84"),
    (2023, "325273622.59"),
    (2024, "-231139220.49"),
];

fn read(text: &str) -> Vec<BalanceRow> {
    let amount =
        |text: &str| (!text.is_empty()).then(|| Centimes::parse(text).expect("an amount").amount);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.as_bytes());
    (1..)
        .zip(reader.records())
        .map(|(record, row)| {
            let row = row.expect("a row");
            BalanceRow {
                record,
                year: FiscalYear::parse(&row[0]).expect("a year"),
                side: row[1].into(),
                category: row[2].into(),
                label: row[3].into(),
                gross: amount(&row[4]),
                depreciation: amount(&row[5]),
                net: amount(&row[6]),
            }
        })
        .collect()
}

#[test]
fn the_published_results_of_three_years_are_found() {
    held(THREE_YEARS, &RESULTS[..3]);
}

#[test]
fn the_nine_published_results_are_found() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bilan-comptable.csv");
    match fs::read_to_string(&path) {
        Ok(text) => held(&text, &RESULTS),
        Err(error) => skipped(
            "the real balance sheet of 2019 to 2024",
            &format!("{} cannot be read ({error})", path.display()),
        ),
    }
}

fn held(text: &str, expected: &[(u16, &str)]) {
    let sheet = BalanceSheet::new(&read(text));
    assert_eq!(
        sheet.shifts.len(),
        1,
        "2016 and 2017 come from one statement"
    );
    let results: Vec<(u16, String)> = sheet
        .years()
        .into_iter()
        .map(|year| {
            (
                year.get(),
                sheet.published_result(year).expect("a result").to_string(),
            )
        })
        .collect();
    let results: Vec<(u16, &str)> = results
        .iter()
        .map(|(year, result)| (*year, result.as_str()))
        .collect();
    assert_eq!(results, expected);
    for year in sheet.years() {
        let [assets, liabilities] = [BalanceSide::Asset, BalanceSide::Liability]
            .map(|side| sheet.net_total(year, side).expect("a total"));
        assert!(
            (assets - liabilities).abs() <= Centimes::new(6),
            "{year}: {assets} ≠ {liabilities}"
        );
    }
}

//! The real balance sheet of the City of Paris, when it is at hand.

use std::path::Path;

use centime_accounts::balance::BalanceSide;
use centime_accounts::{BalanceRow, BalanceSheet, Centimes, FiscalYear};

fn read(path: &Path) -> Vec<BalanceRow> {
    let amount =
        |text: &str| (!text.is_empty()).then(|| Centimes::parse(text).expect("an amount").amount);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_path(path)
        .expect("the file opens");
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
fn the_nine_published_results_are_found() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/bilan-comptable.csv");
    if !path.exists() {
        eprintln!("skipped: {} is not at hand", path.display());
        return;
    }
    let sheet = BalanceSheet::new(&read(&path));
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
    let expected = [
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
    assert_eq!(
        results,
        expected.map(|(year, result)| (year, result.to_owned()))
    );
    for year in sheet.years() {
        let [assets, liabilities] = [BalanceSide::Asset, BalanceSide::Liability]
            .map(|side| sheet.net_total(year, side).expect("a total"));
        assert!(
            (assets - liabilities).abs() <= Centimes::new(6),
            "{year}: {assets} ≠ {liabilities}"
        );
    }
}

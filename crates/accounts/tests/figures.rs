//! Figures of real accounts.

use centime_accounts::{AccountRow, Centimes, FiscalYear, Flow, TrialBalance};

pub fn amount(text: &str) -> Centimes {
    Centimes::parse(text).expect("an amount").amount
}

pub fn year(year: u16) -> FiscalYear {
    FiscalYear::parse(&year.to_string()).expect("a year")
}

/// The label and the amount of each row of a state of the official account, as printed.
pub fn printed(state: &str, of: u16) -> Vec<(String, Option<Centimes>)> {
    let column = if of == 2023 { 2 } else { 3 };
    include_str!("cfu.tsv")
        .lines()
        .map(|row| row.split('\t').collect::<Vec<&str>>())
        .filter(|cells| cells[0] == state)
        .map(|cells| {
            let text = cells[column];
            (
                cells[1].to_owned(),
                (!text.is_empty()).then(|| amount(text)),
            )
        })
        .collect()
}

fn accounts(text: &str, of: u16) -> Vec<AccountRow> {
    let rows = text.lines().filter(|row| !row.starts_with('#'));
    let cells = rows.map(|row| row.split('\t').collect::<Vec<&str>>());
    (1..)
        .zip(cells.filter(|cells| cells[0] == of.to_string()))
        .map(|(record, cells)| AccountRow {
            record,
            account: cells[1].to_owned(),
            budget: Some(Flow::new(amount(cells[2]), amount(cells[3]))),
            order: Some(Flow::new(amount(cells[4]), amount(cells[5]))),
            ..AccountRow::default()
        })
        .collect()
}

/// What the budget moved in the accounts of the official account of 2023.
pub fn cfu() -> TrialBalance {
    let rows = accounts(include_str!("data/cfu-2023-accounts.tsv"), 2023);
    TrialBalance::from_rows(year(2023), rows).expect("a trial balance")
}

/// What the budget moved in the accounts of a town under M14.
pub fn montreuil(of: u16) -> TrialBalance {
    let rows = accounts(include_str!("data/totem-m14-accounts.tsv"), of);
    TrialBalance::from_rows(year(of), rows).expect("a trial balance")
}

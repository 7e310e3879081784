//! What follows from account balances besides the statement: the balance sheet.

use centime_accounts::{Chart, ComputedSheet, TrialBalance};

use super::form::{BalanceRecord, Origin, euros, json};

/// The balance sheet that follows from the accounts. Its result is what assets are more than liabilities, so that it is
/// another figure than that of the statement, which is of classes 6 and 7. None where a balance is not known.
pub fn computed(origin: &Origin<'_>, trial: &TrialBalance, chart: &Chart) -> Vec<String> {
    let Ok(sheet) = ComputedSheet::new(trial, chart) else {
        return Vec::new();
    };
    let difference = sheet.difference();
    let rows = sheet.rows();
    let records = rows.iter().zip(&sheet.lines).map(|(row, line)| {
        let is_result = line.accounts.is_empty();
        let first = line.accounts.first();
        let first = first.and_then(|held| trial.account(&held.account));
        let first = first.and_then(|account| account.records.first().copied());
        json(&BalanceRecord {
            origin,
            ligne: first.and_then(|line| u64::try_from(line).ok()),
            code: None,
            actif_passif: if row.side == "ACTIF" {
                "ACTIF"
            } else {
                "PASSIF"
            },
            poste: &row.category,
            detail: &row.label,
            brut: euros(row.gross),
            amortissements_et_provisions: euros(row.depreciation),
            net: euros(if is_result {
                row.net.map(|net| net + difference)
            } else {
                row.net
            }),
        })
    });
    records.collect()
}

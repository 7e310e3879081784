//! The balance sheet, computed from accounts.
//!
//! Classes 2 and 3 are assets, and class 1 is liabilities, whatever the sign of an account: one that is on the other
//! side lessens its own. Accounts of classes 4 and 5 are on the side of their balance. Depreciation (28, 29, 39, 49,
//! 59) is subtracted from the assets it is of. The official lines need rules that are not at hand: lines here are
//! accounts of two digits, reserves and what is brought forward apart.

use crate::balance::{BalanceRow, BalanceSide};
use crate::chart::Chart;
use crate::computed::Held;
use crate::money::Centimes;
use crate::trial_balance::{AccountBalance, TrialBalance};
use crate::year::FiscalYear;

/// A line of a computed balance sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetLine {
    /// The accounts that it is of: `21`, `106`, `11`; `result` for the result of the year.
    pub code: String,
    /// Assets or liabilities.
    pub side: BalanceSide,
    /// The block of the official form that it is in.
    pub category: &'static str,
    /// The title.
    pub label: String,
    /// The value before depreciation; of liabilities, the same as net.
    pub gross: Centimes,
    /// Depreciation and provisions of assets.
    pub depreciation: Centimes,
    /// The accounts, depreciation as an amount below zero: they add up to the net value.
    pub accounts: Vec<Held>,
}

/// The balance sheet of a year, computed from accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComputedSheet {
    /// The fiscal year.
    pub year: FiscalYear,
    /// The lines: assets by number, then liabilities. The result is one of these.
    pub lines: Vec<SheetLine>,
    /// Class 7 less class 6.
    pub result: Centimes,
}

/// Why there is no balance sheet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// There is no account of classes 1 to 5.
    #[error("there is no account of classes 1 to 5")]
    NoAccounts,
    /// What accounts closed with is not known. A source of what the budget moved has no balance sheet.
    #[error("the closing balance of these accounts is not known: {}", .0.join(", "))]
    Unknown(Vec<String>),
}

/// Where an account is on the sheet.
struct Place {
    side: BalanceSide,
    /// The account that the line is of.
    code: String,
    depreciates: bool,
}

impl ComputedSheet {
    /// The balance sheet of a trial balance.
    ///
    /// # Errors
    ///
    /// When there is no account of classes 1 to 5, or what an account of classes 1 to 7 closed with is not known.
    pub fn new(trial: &TrialBalance, chart: &Chart) -> Result<Self, SheetError> {
        let accounts = || {
            trial
                .accounts()
                .filter(|account| matches!(account.class(), 1..=7))
        };
        let unknown = accounts().filter(|account| account.balance().is_none());
        let unknown: Vec<String> = unknown.map(|account| account.account.clone()).collect();
        if !accounts().any(|account| account.class() < 6) {
            return Err(SheetError::NoAccounts);
        }
        if !unknown.is_empty() {
            return Err(SheetError::Unknown(unknown));
        }
        let mut lines: Vec<SheetLine> = Vec::new();
        let on_sheet = accounts().filter(|account| account.class() < 6);
        for (account, balance) in on_sheet.filter_map(|one| Some((one, one.balance()?))) {
            let place = place_of(account, balance);
            let (side, code) = (place.side, place.code);
            let found = lines
                .iter()
                .position(|line| line.side == side && line.code == code);
            let at = found.unwrap_or_else(|| {
                lines.push(new_line(side, code, chart));
                lines.len() - 1
            });
            lines[at].add(account, balance, place.depreciates, chart);
        }
        let result = trial.result().unwrap_or_default();
        lines.push(SheetLine {
            code: "result".to_owned(),
            side: BalanceSide::Liability,
            category: FUNDS,
            label: "Résultat de l'exercice".to_owned(),
            gross: result,
            depreciation: Centimes::ZERO,
            accounts: Vec::new(),
        });
        // The result stands behind what was brought forward, whose number is the first after it in letters.
        lines.sort_by(|a, b| (a.side, order(&a.code)).cmp(&(b.side, order(&b.code))));
        Ok(Self {
            year: trial.year,
            lines,
            result,
        })
    }

    /// The sum of a side, net; of liabilities with the result.
    pub fn total(&self, side: BalanceSide) -> Centimes {
        let of_side = self.lines.iter().filter(|line| line.side == side);
        of_side.map(SheetLine::net).sum()
    }

    /// Assets less liabilities and result: zero where the trial balance is whole.
    pub fn difference(&self) -> Centimes {
        self.total(BalanceSide::Asset) - self.total(BalanceSide::Liability)
    }

    /// The line with this code on a side.
    pub fn line(&self, side: BalanceSide, code: &str) -> Option<&SheetLine> {
        self.lines
            .iter()
            .find(|line| line.side == side && line.code == code)
    }

    /// The rows as a source would publish them.
    pub fn rows(&self) -> Vec<BalanceRow> {
        let rows = (1..).zip(&self.lines).map(|(record, line)| {
            let is_asset = line.side == BalanceSide::Asset;
            BalanceRow {
                record,
                year: self.year,
                side: if is_asset { "ACTIF" } else { "PASSIF" }.to_owned(),
                category: line.category.to_owned(),
                label: line.label.clone(),
                gross: is_asset.then_some(line.gross),
                depreciation: is_asset.then_some(line.depreciation),
                net: Some(line.net()),
            }
        });
        rows.collect()
    }
}

impl SheetLine {
    /// The value net of depreciation.
    pub fn net(&self) -> Centimes {
        self.gross - self.depreciation
    }

    /// Adds an account, whose balance is debit less credit.
    fn add(
        &mut self,
        account: &AccountBalance,
        balance: Centimes,
        depreciates: bool,
        chart: &Chart,
    ) {
        let amount = if self.side == BalanceSide::Asset {
            balance
        } else {
            -balance
        };
        if depreciates {
            self.depreciation = self.depreciation - amount;
        } else {
            self.gross = self.gross + amount;
        }
        self.accounts.push(Held {
            account: account.account.clone(),
            title: chart.title(&account.account).map(|found| found.title),
            amount,
        });
    }
}

const FIXED: &str = "ACTIF IMMOBILISÉ";
const CURRENT: &str = "ACTIF CIRCULANT";
const CASH: &str = "TRÉSORERIE";
const ACCRUALS: &str = "COMPTES DE RÉGULARISATION";
const FUNDS: &str = "FONDS PROPRES";
const PROVISIONS: &str = "PROVISIONS POUR RISQUES ET CHARGES";
const FINANCIAL_DEBTS: &str = "DETTES FINANCIÈRES";
const OTHER_DEBTS: &str = "DETTES NON FINANCIÈRES";

/// The code of the line of financial assets: accounts 26 and 27.
const FINANCIAL_ASSETS: &str = "26";

fn place_of(account: &AccountBalance, balance: Centimes) -> Place {
    let number = account.account.as_str();
    let two: String = number.chars().take(2).collect();
    let starts = |codes: &[&str]| codes.iter().any(|code| number.starts_with(code));
    // 2805 is depreciation of 205, 291 of 21, 491 of 41.
    let depreciates = starts(&["28", "29", "39", "49", "59"]);
    let code = if depreciates {
        let class = &number[..1];
        let of = number.get(2..3).unwrap_or_default();
        format!("{class}{of}")
    } else if starts(&["106"]) {
        "106".to_owned()
    } else {
        two
    };
    // Rights of those who put assets at disposal, and what is still to be paid for shares, are credits of class 2.
    let owed = starts(&["229", "249", "269", "279"]);
    let side = match account.class() {
        _ if depreciates => BalanceSide::Asset,
        1 if starts(&["169"]) => BalanceSide::Asset,
        // Accounts between a budget and its annexes are on the side of their balance.
        1 if !starts(&["18"]) => BalanceSide::Liability,
        2 if owed => BalanceSide::Liability,
        2 | 3 => BalanceSide::Asset,
        _ if balance.is_negative() => BalanceSide::Liability,
        _ => BalanceSide::Asset,
    };
    let code = match (side, code.as_str()) {
        (BalanceSide::Asset, "27") => FINANCIAL_ASSETS.to_owned(),
        _ if starts(&["169"]) => "169".to_owned(),
        _ => code,
    };
    Place {
        side,
        code,
        depreciates,
    }
}

/// The block of the official form that a line is in.
fn category_of(side: BalanceSide, code: &str) -> &'static str {
    let class = code.as_bytes().first();
    match (code, side) {
        ("169" | "47" | "48", _) => ACCRUALS,
        (_, BalanceSide::Asset) => match class {
            Some(b'1' | b'2') => FIXED,
            Some(b'3' | b'4') => CURRENT,
            _ => CASH,
        },
        ("15", BalanceSide::Liability) => PROVISIONS,
        ("16" | "17", BalanceSide::Liability) => FINANCIAL_DEBTS,
        ("26" | "27", BalanceSide::Liability) => OTHER_DEBTS,
        (_, BalanceSide::Liability) => match class {
            Some(b'1' | b'2') => FUNDS,
            Some(b'4') => OTHER_DEBTS,
            _ => CASH,
        },
    }
}

fn new_line(side: BalanceSide, code: String, chart: &Chart) -> SheetLine {
    let category = category_of(side, &code);
    // The analyses know these lines by their labels.
    let label = match (side, code.as_str()) {
        (BalanceSide::Asset, FINANCIAL_ASSETS) => "Immobilisations financières".to_owned(),
        (BalanceSide::Liability, "106") => "Réserves".to_owned(),
        (BalanceSide::Liability, "11") => "Report à nouveau".to_owned(),
        // That of the year is class 7 less class 6.
        (BalanceSide::Liability, "12") => "Résultats en attente d'affectation".to_owned(),
        (BalanceSide::Liability, "22") => "Droits de l'affectant".to_owned(),
        (BalanceSide::Liability, "24") => "Droits du remettant".to_owned(),
        (BalanceSide::Liability, "26" | "27") => {
            "Versements restant à effectuer sur titres non libérés".to_owned()
        }
        (_, code) => chart
            .account(code)
            .map_or_else(|| format!("Compte {code}"), |found| found.title.to_owned()),
    };
    SheetLine {
        code,
        side,
        category,
        label,
        gross: Centimes::ZERO,
        depreciation: Centimes::ZERO,
        accounts: Vec::new(),
    }
}

/// Lines by number, the result after what is brought forward.
fn order(code: &str) -> &str {
    if code == "result" { "129" } else { code }
}

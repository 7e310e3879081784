//! The income statement by nature: accounts of two digits, 60 to 79, which all families have.
//!
//! It puts bodies of different families side by side, and is the only statement of those whose official model is not
//! at hand.

use std::sync::Arc;

use crate::chart::Chart;
use crate::computed::{ComputedError, Held, activity_of, activity_word, side_word, signed, sum};
use crate::money::Centimes;
use crate::statement::{Published, Side, StatementRow};
use crate::trial_balance::TrialBalance;
use crate::year::FiscalYear;

/// A line of the statement by nature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatureLine {
    /// The account of two digits: `64`.
    pub code: String,
    /// Its title in the chart; `None` where the chart has no such account.
    pub title: Option<&'static str>,
    /// Revenue for class 7, expense for class 6.
    pub side: Side,
    /// Credit less debit for revenue, debit less credit for expense.
    pub amount: Centimes,
    /// The accounts it adds up.
    pub accounts: Vec<Held>,
}

/// The income statement of a year by nature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatureStatement {
    /// The fiscal year.
    pub year: FiscalYear,
    /// The lines, by number: expense, then revenue. Those of the chart that no account is in are zero.
    pub lines: Vec<NatureLine>,
    /// Class 7 less class 6.
    pub result: Centimes,
}

impl NatureStatement {
    /// The statement of a trial balance.
    ///
    /// # Errors
    ///
    /// When there is no account of classes 6 and 7, or what one of them closed with is not known.
    pub fn new(trial: &TrialBalance, chart: &Chart) -> Result<Self, ComputedError> {
        let mut lines: Vec<NatureLine> = chart
            .accounts()
            .filter(|account| account.number.len() == 2)
            .filter_map(|account| Some(line(chart, account.number, side_of(account.number)?)))
            .collect();
        for (side, held) in signed(trial, chart)? {
            // An account of one digit is a line of its own.
            let code = held.account.get(..2).unwrap_or(&held.account).to_owned();
            let at = match lines.binary_search_by(|line| line.code.cmp(&code)) {
                Ok(at) => at,
                Err(at) => {
                    lines.insert(at, line(chart, &code, side));
                    at
                }
            };
            lines[at].accounts.push(held);
        }
        for line in &mut lines {
            line.amount = sum(&line.accounts);
        }
        let mut statement = Self {
            year: trial.year,
            lines,
            result: Centimes::ZERO,
        };
        statement.result = statement.total(Side::Revenue) - statement.total(Side::Expense);
        Ok(statement)
    }

    /// The sum of a side.
    pub fn total(&self, side: Side) -> Centimes {
        let of_side = self.lines.iter().filter(|line| line.side == side);
        of_side.map(|line| line.amount).sum()
    }

    /// The rows as a source would publish them, the result last.
    pub fn rows(&self) -> Vec<StatementRow> {
        let row = |published, amount| StatementRow {
            record: 0,
            year: self.year,
            published: Arc::new(published),
            amount: Some(amount),
        };
        let lines = self.lines.iter().map(|line| {
            let title = line
                .title
                .map(|title| format!(" {title}"))
                .unwrap_or_default();
            let side = side_word(line.side);
            let published = Published {
                activity: activity_word(activity_of(&line.code)).to_owned(),
                side: side.to_owned(),
                category: format!("{side} PAR NATURE"),
                label: format!("{}{title}", line.code),
            };
            row(published, line.amount)
        });
        let result = Published {
            activity: String::new(),
            side: String::new(),
            category: String::new(),
            label: "RESULTAT DE L'EXERCICE".to_owned(),
        };
        let mut rows: Vec<StatementRow> = lines.chain([row(result, self.result)]).collect();
        for (record, row) in (1..).zip(&mut rows) {
            row.record = record;
        }
        rows
    }
}

fn side_of(number: &str) -> Option<Side> {
    match number.as_bytes().first() {
        Some(b'6') => Some(Side::Expense),
        Some(b'7') => Some(Side::Revenue),
        _ => None,
    }
}

fn line(chart: &Chart, code: &str, side: Side) -> NatureLine {
    NatureLine {
        code: code.to_owned(),
        title: chart.account(code).map(|account| account.title),
        side,
        amount: Centimes::ZERO,
        accounts: Vec::new(),
    }
}

//! What a year brings forward to the next: a proof of its result that needs no second source of it.
//!
//! The result of a year is carried to the next, with what was brought forward to it: `RAN(N) = RAN(N−1) + result(N−1)`.
//! In a trial balance these are the accounts 110, 119 and 12, which the next year opens with. Budget documents have
//! them as lines: 002 is what of the results is brought forward, and 1068 what was put into reserves out of it.

use crate::money::Centimes;
use crate::trial_balance::{AccountBalance, Flow, TrialBalance};
use crate::year::FiscalYear;

/// What a year brings forward, held against what the next one says was brought forward to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarryOver {
    /// The year whose result is looked at.
    pub year: FiscalYear,
    /// Where the amounts are from.
    pub basis: CarryOverBasis,
    /// What had been brought forward to the year, as the year left it.
    pub brought_forward: Centimes,
    /// Its result: class 7 less class 6.
    pub result: Centimes,
    /// What the next year says was brought forward to it, reserves included.
    pub found: Centimes,
}

/// Where the amounts of a carry-over are from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CarryOverBasis {
    /// The accounts 110, 119 and 12: closing balances of the one year, opening balances of the next.
    Accounts,
    /// The budget lines 002 and 1068.
    BudgetLines,
}

impl CarryOver {
    /// What the next year should say was brought forward to it.
    pub fn expected(&self) -> Centimes {
        self.brought_forward + self.result
    }

    /// What was found less what was expected: zero where the result is proven to the centime. Elsewhere another budget
    /// may have been closed into this one, or results corrected.
    pub fn difference(&self) -> Centimes {
        self.found - self.expected()
    }

    /// Each proof that two years in succession allow; none where they are not, or a result is not known.
    pub fn between(before: &TrialBalance, after: &TrialBalance) -> Vec<Self> {
        let Some(result) = before.result().filter(|_| before.year.next() == after.year) else {
            return Vec::new();
        };
        let of = |basis, brought_forward, found| Self {
            year: before.year,
            basis,
            brought_forward,
            result,
            found,
        };
        let accounts = results(before, |account| account.closing)
            .zip(results(after, |account| account.opening));
        let lines = brought_forward_line(before).zip(carried_lines(after));
        let accounts = accounts.map(|(left, found)| of(CarryOverBasis::Accounts, left, found));
        let lines = lines.map(|(left, found)| of(CarryOverBasis::BudgetLines, left, found));
        accounts.into_iter().chain(lines).collect()
    }
}

/// What the accounts of results hold, credit less debit; `None` where the source does not say for each of them, or
/// for no account of the balance sheet.
fn results(trial: &TrialBalance, column: fn(&AccountBalance) -> Option<Flow>) -> Option<Centimes> {
    let on_sheet = || {
        trial
            .accounts()
            .filter(|account| matches!(account.class(), 1..=5))
    };
    let is_result = |account: &&AccountBalance| {
        let starts = |code| account.account.starts_with(code);
        starts("110") || starts("119") || starts("12")
    };
    on_sheet()
        .any(|account| column(account).is_some())
        .then_some(())?;
    let amounts = on_sheet()
        .filter(is_result)
        .map(|account| column(account).map(Flow::balance));
    let balance: Centimes = amounts.sum::<Option<Centimes>>()?;
    Some(-balance)
}

/// The line of the operating result brought forward, credit less debit. A document that has the like line of
/// investment (001) and not this one brought nothing forward.
fn brought_forward_line(trial: &TrialBalance) -> Option<Centimes> {
    let of = |line: &str| trial.account(line).and_then(|line| line.budget);
    match (of("002"), of("001")) {
        (Some(line), _) => Some(-line.balance()),
        (None, Some(_)) => Some(Centimes::ZERO),
        (None, None) => None,
    }
}

/// What was brought forward and what was put into reserves.
fn carried_lines(trial: &TrialBalance) -> Option<Centimes> {
    let reserves = trial
        .account("1068")
        .and_then(|account| account.real().or(account.budget));
    Some(brought_forward_line(trial)? - reserves.unwrap_or_default().balance())
}

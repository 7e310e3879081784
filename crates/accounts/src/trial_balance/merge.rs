//! Several rows of an account as one: divided by function, or repeating a balance in each row.

use std::collections::BTreeMap;

use super::{AccountBalance, AccountRow, Basis, Flow, TrialBalance, TrialBalanceError, class_of};
use crate::money::Centimes;
use crate::year::FiscalYear;

/// A column of all rows of an account.
#[derive(Clone, Copy, Debug, Default)]
struct Column {
    sum: Flow,
    /// What each row has, where several have the same, and it is something.
    once: Option<Flow>,
    present: usize,
}

/// A way to read the rows of an account: its opening and its closing balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reading {
    opening: Flow,
    closing: Flow,
    repeats: bool,
}

/// All rows of an account.
#[derive(Debug)]
struct Group {
    account: String,
    rows: Vec<AccountRow>,
    opening: Column,
    budget: Column,
    order: Column,
    non_budget: Column,
    closing: Column,
}

/// What is known of an account before others are looked at.
#[derive(Debug)]
enum Found {
    /// Its balance.
    Settled(AccountBalance),
    /// It is the same whether its rows repeat or divide its balances: these are the two readings.
    Doubtful(Group, [Reading; 2]),
}

impl Column {
    fn of(rows: &[AccountRow], column: impl Fn(&AccountRow) -> Option<Flow>) -> Self {
        let flows: Vec<Flow> = rows.iter().filter_map(column).collect();
        let same = flows.len() > 1
            && flows.len() == rows.len()
            && flows.iter().all(|flow| *flow == flows[0])
            && flows[0].balance() != Centimes::ZERO;
        Self {
            sum: flows.iter().copied().fold(Flow::default(), Flow::plus),
            once: same.then(|| flows[0]),
            present: flows.len(),
        }
    }

    fn known(self) -> Option<Flow> {
        (self.present > 0).then_some(self.sum)
    }
}

impl Group {
    fn new(account: String, rows: Vec<AccountRow>) -> Self {
        Self {
            opening: Column::of(&rows, |row| row.opening),
            budget: Column::of(&rows, |row| row.budget),
            order: Column::of(&rows, |row| row.order),
            non_budget: Column::of(&rows, |row| row.non_budget),
            closing: Column::of(&rows, |row| row.closing),
            account,
            rows,
        }
    }

    /// What moved it, where that is known.
    fn moved(&self) -> Option<Centimes> {
        Some(self.budget.known()?.balance() + self.non_budget.known()?.balance())
    }

    /// All ways to read opening and closing balance; the sums first.
    fn readings(&self) -> Vec<Reading> {
        let of = |column: Column| [Some(column.sum), column.once].into_iter().flatten();
        let mut readings: Vec<Reading> = Vec::new();
        for opening in of(self.opening) {
            for closing in of(self.closing) {
                let repeats = opening != self.opening.sum || closing != self.closing.sum;
                readings.push(Reading {
                    opening,
                    closing,
                    repeats,
                });
            }
        }
        readings
    }

    /// The first column that only some rows have.
    fn incomplete(&self) -> Option<TrialBalanceError> {
        let columns = [
            ("opening balance", self.opening),
            ("operations of the budget", self.budget),
            ("order operations", self.order),
            ("operations beside the budget", self.non_budget),
            ("closing balance", self.closing),
        ];
        let rows = self.rows.len();
        let found = columns
            .into_iter()
            .find(|(_, column)| column.present > 0 && column.present < rows);
        found.map(|(column, _)| TrialBalanceError::Incomplete {
            account: self.account.clone(),
            column,
            rows,
        })
    }

    fn repeated_or_divided(&self) -> TrialBalanceError {
        TrialBalanceError::RepeatedOrDivided {
            account: self.account.clone(),
            opening: self.opening.once.unwrap_or_default().balance(),
            rows: self.rows.len(),
        }
    }

    fn balance(
        &self,
        opening: Option<Flow>,
        closing: Option<Flow>,
        basis: Basis,
    ) -> AccountBalance {
        AccountBalance {
            account: self.account.clone(),
            records: self.rows.iter().map(|row| row.record).collect(),
            opening,
            budget: self.budget.known(),
            order: self.order.known(),
            non_budget: self.non_budget.known(),
            closing,
            basis,
        }
    }

    fn read(&self, reading: Reading) -> AccountBalance {
        self.balance(Some(reading.opening), Some(reading.closing), Basis::Given)
    }

    /// Its balance where it can be checked.
    fn checked(self, moved: Centimes, notes: &mut Notes) -> Result<Found, TrialBalanceError> {
        let fits =
            |reading: &Reading| reading.opening.balance() + moved == reading.closing.balance();
        let fitting: Vec<Reading> = self.readings().into_iter().filter(fits).collect();
        match fitting[..] {
            [only] => {
                self.note(only, notes);
                Ok(Found::Settled(self.read(only)))
            }
            [first, second, ..] => Ok(Found::Doubtful(self, [first, second])),
            [] => {
                if let Some(error) = self.incomplete() {
                    return Err(error);
                }
                let (opening, closing) = (self.opening.sum.balance(), self.closing.sum.balance());
                let expected = opening + moved;
                let rows = self.rows.len();
                let roundings = i64::try_from(rows).unwrap_or(i64::MAX);
                if (closing - expected).abs() <= Centimes::new(roundings) {
                    notes.off_by_roundings.push(self.account.clone());
                    let (opening, closing) = (self.opening.sum, self.closing.sum);
                    return Ok(Found::Settled(self.balance(
                        Some(opening),
                        Some(closing),
                        Basis::Given,
                    )));
                }
                Err(TrialBalanceError::Identity {
                    opening,
                    budget: self.budget.sum.balance(),
                    non_budget: self.non_budget.sum.balance(),
                    closing,
                    expected,
                    rows,
                    account: self.account,
                })
            }
        }
    }

    fn note(&self, reading: Reading, notes: &mut Notes) {
        let opens = self.opening.sum.balance() != Centimes::ZERO;
        if reading.repeats {
            notes.repeated.push(self.account.clone());
        } else if self.rows.len() > 1 && self.opening.once.is_none() && opens {
            notes.divides = true;
        }
    }

    /// Its balance where columns are missing that would check it.
    fn unchecked(self) -> Result<AccountBalance, TrialBalanceError> {
        if let Some(error) = self.incomplete() {
            return Err(error);
        }
        let given = self.closing.known();
        let same_opening = self.opening.once.is_some();
        if same_opening && (given.is_none() || self.closing.once.is_some()) {
            return Err(self.repeated_or_divided());
        }
        let opening = self.opening.known().filter(|_| !same_opening);
        if given.is_some() {
            return Ok(self.balance(opening, given, Basis::Given));
        }
        let moved = self.budget.known().zip(self.non_budget.known());
        if let (Some(opening), Some((budget, non_budget))) = (opening, moved) {
            let closing = opening.plus(budget).plus(non_budget);
            return Ok(self.balance(Some(opening), Some(closing), Basis::Moved));
        }
        match self.budget.known() {
            Some(budget) if matches!(class_of(&self.account), 6 | 7) => {
                let closing = opening
                    .unwrap_or_default()
                    .plus(budget)
                    .plus(self.non_budget.known().unwrap_or_default());
                Ok(self.balance(opening, Some(closing), Basis::Budget))
            }
            _ => Ok(self.balance(opening, None, Basis::Unknown)),
        }
    }
}

/// What was noticed in all accounts.
#[derive(Debug, Default)]
struct Notes {
    /// Accounts that repeat a balance in each row.
    repeated: Vec<String>,
    /// Whether an account divides its opening balance over its rows.
    divides: bool,
    off_by_roundings: Vec<String>,
}

/// Adds up the rows of each account.
pub(super) fn merge(
    year: FiscalYear,
    accounts: BTreeMap<String, Vec<AccountRow>>,
) -> Result<TrialBalance, TrialBalanceError> {
    let mut notes = Notes::default();
    let mut settled = BTreeMap::new();
    let mut doubtful = Vec::new();
    for (account, rows) in accounts {
        let group = Group::new(account, rows);
        let complete = group.opening.known().is_some() && group.closing.known().is_some();
        let found = match group.moved().filter(|_| complete) {
            Some(moved) => group.checked(moved, &mut notes)?,
            None => Found::Settled(group.unchecked()?),
        };
        match found {
            Found::Settled(balance) => {
                settled.insert(balance.account.clone(), balance);
            }
            Found::Doubtful(group, readings) => doubtful.push((group, readings)),
        }
    }
    // An account that nothing moved closes as it opened, once or added up. The others of the file say which it is.
    for (group, readings) in doubtful {
        let repeats = match (notes.repeated.is_empty(), notes.divides) {
            (false, false) => true,
            (true, true) => false,
            _ => return Err(group.repeated_or_divided()),
        };
        let reading = readings
            .into_iter()
            .find(|reading| reading.repeats == repeats);
        let reading = reading.ok_or_else(|| group.repeated_or_divided())?;
        if repeats {
            notes.repeated.push(group.account.clone());
        }
        settled.insert(group.account.clone(), group.read(reading));
    }
    notes.repeated.sort_unstable();
    Ok(TrialBalance {
        year,
        accounts: settled,
        repeated_openings: notes.repeated,
        off_by_roundings: notes.off_by_roundings,
    })
}

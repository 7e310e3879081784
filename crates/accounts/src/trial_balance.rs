//! A trial balance: what each account of a budget held, took in and gave out in a fiscal year.
//!
//! Accounts are added from rows as sources have them: one for each account, or several where a source divides it, as
//! the files of the DGFiP by nature and function do. What an account closes with must be what it opened with and what
//! moved it; where a source leaves columns out, the closing balance is had otherwise, or not at all.
//! Source: the notes on columns of the DGFiP's *balances comptables*.

mod merge;

use std::collections::BTreeMap;

use crate::money::Centimes;
use crate::year::FiscalYear;

/// The most that all amounts of a trial balance may add up to, signs aside: a million billion euros. Sums of them
/// still are amounts.
const MAX_TOTAL: i128 = 100_000_000_000_000_000;

/// The most digits that the number of an account may have.
const MAX_DIGITS: usize = 12;

/// A debit and a credit, in centimes. Either may be below zero, where something was cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// What was debited.
    pub debit: Centimes,
    /// What was credited.
    pub credit: Centimes,
}

/// Amounts of an account as a source has them. A column that the source does not have is `None`; it is not zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountRow {
    /// The number of the record it comes from.
    pub record: i64,
    /// The number of the account: digits only. Budget lines that are no accounts (`001`, `002`) are taken, too.
    pub account: String,
    /// What it opened with (`BEDEB`, `BECRE`).
    pub opening: Option<Flow>,
    /// Operations of the budget net of cancellations, order operations included (`OBNETDEB`, `OBNETCRE`).
    pub budget: Option<Flow>,
    /// The part of these that are order operations: entries without a payment (`OOBDEB`, `OOBCRE`).
    pub order: Option<Flow>,
    /// Operations beside the budget (`ONBDEB`, `ONBCRE`).
    pub non_budget: Option<Flow>,
    /// What it closed with (`SD`, `SC`).
    pub closing: Option<Flow>,
}

/// An account of a trial balance: the sum of its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountBalance {
    /// The number of the account.
    pub account: String,
    /// The numbers of the records it was added up from.
    pub records: Vec<i64>,
    /// What it opened with; `None` where the source does not say, or says it in a way that could be two amounts.
    pub opening: Option<Flow>,
    /// Operations of the budget, order operations included.
    pub budget: Option<Flow>,
    /// The order operations among them.
    pub order: Option<Flow>,
    /// Operations beside the budget.
    pub non_budget: Option<Flow>,
    /// What it closed with: as given, or else the sum of what it opened with and what moved it.
    pub closing: Option<Flow>,
    /// What the closing balance was taken from.
    pub basis: Basis,
}

/// What a closing balance was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The source gives it.
    Given,
    /// It is what the account opened with and all that moved it.
    Moved,
    /// It is what the budget moved: an account of classes 6 and 7 opens with nothing, and nothing beside the budget
    /// is known to have moved it.
    Budget,
    /// It cannot be had.
    Unknown,
}

/// A trial balance of one budget and year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrialBalance {
    /// The fiscal year.
    pub year: FiscalYear,
    accounts: BTreeMap<String, AccountBalance>,
    /// Accounts whose opening balance stood in each of their rows, and was taken once.
    pub repeated_openings: Vec<String>,
    /// Accounts that close a centime a row, at most, from what they opened with and what moved them. What the source
    /// says they closed with was taken.
    pub off_by_roundings: Vec<String>,
}

/// Why rows are no trial balance. Amounts are in euros.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrialBalanceError {
    /// The number of an account is none.
    #[error("record {record}: «{text}» is not an account: expected up to {MAX_DIGITS} digits")]
    NotAnAccount {
        /// The record.
        record: i64,
        /// The text.
        text: String,
    },
    /// A row has no amount in any column.
    #[error("record {record}: account {account} has no amounts")]
    Empty {
        /// The record.
        record: i64,
        /// The account.
        account: String,
    },
    /// A column has an amount in some rows of an account and none in others, and nothing says what is missing.
    #[error(
        "account {account}: some of its {rows} rows have no {column}, and its closing balance does not prove that \
         there is none"
    )]
    Incomplete {
        /// The account.
        account: String,
        /// The column.
        column: &'static str,
        /// How many rows it has.
        rows: usize,
    },
    /// An account does not close with what it opened with and what moved it.
    #[error(
        "account {account} closes with {closing}, but opens with {opening} and is moved by {budget} in the budget and \
         {non_budget} beside it, which makes {expected} (debit less credit, {rows} rows)"
    )]
    Identity {
        /// The account.
        account: String,
        /// What it opens with.
        opening: Centimes,
        /// What the budget moves.
        budget: Centimes,
        /// What else moves it.
        non_budget: Centimes,
        /// What it closes with.
        closing: Centimes,
        /// What it should close with.
        expected: Centimes,
        /// How many rows it has.
        rows: usize,
    },
    /// It cannot be told whether rows repeat a balance or divide it.
    #[error(
        "account {account}: each of its {rows} rows opens with {opening}, and nothing says whether that is the \
         balance of the account, repeated, or a part of it"
    )]
    RepeatedOrDivided {
        /// The account.
        account: String,
        /// What each row opens with.
        opening: Centimes,
        /// How many rows it has.
        rows: usize,
    },
    /// An amount, or all of them together, are beyond what can be computed with.
    #[error("account {account}: {amount} is beyond what the accounts of a public body can come to")]
    OutOfRange {
        /// The account.
        account: String,
        /// The amount.
        amount: Centimes,
    },
}

impl Basis {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Given, Self::Moved, Self::Budget, Self::Unknown];

    /// The name stored in the warehouse, and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Given => "given",
            Self::Moved => "moved",
            Self::Budget => "budget",
            Self::Unknown => "unknown",
        }
    }

    /// The one with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|basis| basis.name() == name)
    }
}

impl Flow {
    /// A debit and a credit.
    pub const fn new(debit: Centimes, credit: Centimes) -> Self {
        Self { debit, credit }
    }

    /// A debit alone.
    pub const fn debit(amount: Centimes) -> Self {
        Self::new(amount, Centimes::ZERO)
    }

    /// A credit alone.
    pub const fn credit(amount: Centimes) -> Self {
        Self::new(Centimes::ZERO, amount)
    }

    /// The two columns of a balance, which stands on one side: where a source leaves the other one empty, there is
    /// nothing in it. `None` where both are empty.
    pub fn balance_of(debit: Option<Centimes>, credit: Option<Centimes>) -> Option<Self> {
        (debit.is_some() || credit.is_some())
            .then(|| Self::new(debit.unwrap_or_default(), credit.unwrap_or_default()))
    }

    /// Debit less credit.
    pub fn balance(self) -> Centimes {
        self.debit - self.credit
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.debit + other.debit, self.credit + other.credit)
    }

    fn less(self, other: Self) -> Self {
        Self::new(self.debit - other.debit, self.credit - other.credit)
    }
}

impl AccountRow {
    fn columns(&self) -> [Option<Flow>; 5] {
        [
            self.opening,
            self.budget,
            self.order,
            self.non_budget,
            self.closing,
        ]
    }
}

impl AccountBalance {
    /// What it closed with, debit less credit; `None` where that cannot be had.
    pub fn balance(&self) -> Option<Centimes> {
        self.closing.map(Flow::balance)
    }

    /// What the budget moved in real operations: those that are no order operations. `None` where the source does
    /// not tell them apart.
    pub fn real(&self) -> Option<Flow> {
        Some(self.budget?.less(self.order?))
    }

    /// Its class: the first digit of its number.
    pub fn class(&self) -> u8 {
        class_of(&self.account)
    }
}

/// The class of an account: the first digit of its number. Zero for budget lines that are no accounts.
pub(crate) fn class_of(account: &str) -> u8 {
    account
        .bytes()
        .next()
        .map_or(0, |digit| digit.saturating_sub(b'0'))
}

impl TrialBalance {
    /// Adds up rows, in any order.
    ///
    /// Several rows of an account are added. Where that does not make the closing balance, but the opening balance
    /// taken once does, each row repeats it, as files by nature and function do; likewise the closing balance.
    ///
    /// # Errors
    ///
    /// When a row is no account or has no amounts, an account does not close with what it opened with and what moved
    /// it, what rows mean cannot be told, or amounts are too large. The account and its amounts are named.
    pub fn from_rows(
        year: FiscalYear,
        rows: impl IntoIterator<Item = AccountRow>,
    ) -> Result<Self, TrialBalanceError> {
        let mut accounts: BTreeMap<String, Vec<AccountRow>> = BTreeMap::new();
        let mut total = 0_i128;
        for row in rows {
            let account = row.account.trim();
            let is_number = (1..=MAX_DIGITS).contains(&account.len())
                && account.bytes().all(|digit| digit.is_ascii_digit());
            if !is_number {
                return Err(TrialBalanceError::NotAnAccount {
                    record: row.record,
                    text: account.chars().take(40).collect(),
                });
            }
            let account = account.to_owned();
            if row.columns().iter().all(Option::is_none) {
                return Err(TrialBalanceError::Empty {
                    record: row.record,
                    account,
                });
            }
            let amounts = row.columns().into_iter().flatten();
            for amount in amounts.flat_map(|flow| [flow.debit, flow.credit]) {
                total += i128::from(amount.abs().get());
                if amount.abs() > Centimes::LIMIT || total > MAX_TOTAL {
                    return Err(TrialBalanceError::OutOfRange { account, amount });
                }
            }
            accounts.entry(account).or_default().push(row);
        }
        merge::merge(year, accounts)
    }

    /// All accounts, by number. Budget lines that are no accounts come first.
    pub fn accounts(&self) -> impl Iterator<Item = &AccountBalance> {
        self.accounts.values()
    }

    /// The account with this number.
    pub fn account(&self, number: &str) -> Option<&AccountBalance> {
        self.accounts.get(number)
    }

    /// The accounts of a class, by number.
    pub fn of_class(&self, class: u8) -> impl Iterator<Item = &AccountBalance> {
        self.accounts()
            .filter(move |account| account.class() == class)
    }

    /// What classes 6 and 7 say the result is: revenue less expense; `None` where the balance of an account is not
    /// known, or there is no account of these classes.
    pub fn result(&self) -> Option<Centimes> {
        let accounts: Vec<Option<Centimes>> = self
            .accounts()
            .filter(|account| matches!(account.class(), 6 | 7))
            .map(AccountBalance::balance)
            .collect();
        if accounts.is_empty() {
            return None;
        }
        let balance: Centimes = accounts.into_iter().sum::<Option<Centimes>>()?;
        Some(-balance)
    }

    /// By how much debits of all closing balances are more than credits; zero for a whole trial balance. `None` where
    /// the balance of an account is not known. Accounts of class 8 are outside of the balance sheet.
    pub fn imbalance(&self) -> Option<Centimes> {
        self.accounts()
            .filter(|account| matches!(account.class(), 1..=7))
            .map(AccountBalance::balance)
            .sum()
    }
}

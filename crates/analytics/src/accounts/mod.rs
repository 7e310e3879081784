//! The accounts of a public body, and the indicators that follow from them.
//!
//! Values are those that were stored when the revision was published. Which accounts an indicator adds up is worked
//! out again from the stored accounts by the same rules, when a page asks.
//!
//! | module | knows |
//! |---|---|
//! | `nature` | the statement by nature, from accounts |
//! | `series` | indicators by year, and how they changed |
//! | `table` | accounts and indicators as rows for files and programs |

mod nature;
mod series;
mod table;

use centime_accounts::computed::side_of;
use centime_accounts::indicators::{Computed, Given, indicators};
use centime_accounts::{Centimes, Chart, FiscalYear, Side, TrialBalance};
use centime_warehouse::accounts::{Account, AccountYear, Indicator};
use centime_warehouse::everybody::Span;
use centime_warehouse::{Result, Warehouse};

pub use nature::by_nature;
pub use series::{Series, Value};
pub use table::{OF_ACCOUNTS, OF_INDICATORS, of_account, of_indicator};

/// What is known of the accounts of a public body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Books {
    /// The years whose accounts are known, the latest first.
    pub years: Vec<AccountYear>,
    /// Their accounts, the latest year first and each by number.
    pub accounts: Vec<Account>,
    /// Their indicators, the latest year first and each in the order of the indicators.
    pub indicators: Vec<Indicator>,
}

impl Books {
    /// Reads all that is known of a body.
    pub async fn load(warehouse: &Warehouse, revision: i64, siren: &str) -> Result<Self> {
        let span = Span::One(siren.to_owned());
        let all = FiscalYear::ALL;
        Ok(Self {
            years: warehouse.account_years(revision, &span).await?,
            accounts: warehouse.accounts(revision, &span, &all).await?,
            indicators: warehouse.indicators(revision, &span, &all).await?,
        })
    }

    /// Whether no account is known.
    pub fn is_empty(&self) -> bool {
        self.years.is_empty()
    }

    /// A year whose accounts are known.
    pub fn year(&self, fiscal_year: FiscalYear) -> Option<&AccountYear> {
        self.years
            .iter()
            .find(|year| year.fiscal_year == fiscal_year)
    }

    /// The accounts of a year, by number.
    pub fn of_year(&self, fiscal_year: FiscalYear) -> impl Iterator<Item = &Account> {
        self.accounts
            .iter()
            .filter(move |account| account.fiscal_year == fiscal_year)
    }

    /// An indicator of a year.
    pub fn indicator(&self, code: &str, fiscal_year: FiscalYear) -> Option<&Indicator> {
        self.indicators
            .iter()
            .find(|one| one.fiscal_year == fiscal_year && one.indicator == code)
    }

    /// The accounts that an indicator adds up in a year, each with what it adds; none where it cannot be computed.
    pub fn used(&self, code: &str, fiscal_year: FiscalYear) -> Vec<(String, Centimes)> {
        let Some((trial, year)) = self.trial(fiscal_year).zip(self.year(fiscal_year)) else {
            return Vec::new();
        };
        let computed = indicators(&trial, &given(year));
        let found = computed
            .into_iter()
            .find(|computed: &Computed| computed.indicator.code == code);
        found.map_or_else(Vec::new, |computed| computed.accounts)
    }

    /// The trial balance of a year, from its stored accounts.
    pub fn trial(&self, fiscal_year: FiscalYear) -> Option<TrialBalance> {
        let rows = self.of_year(fiscal_year).map(Account::row);
        TrialBalance::from_rows(fiscal_year, rows).ok()
    }
}

/// What is known of a year beside its accounts.
pub fn given(year: &AccountYear) -> Given {
    Given {
        population: year
            .population
            .and_then(|population| u32::try_from(population).ok()),
        fiscal_potential: None,
        debt: year.debt,
    }
}

/// The chart of accounts of a year.
pub fn chart(year: &AccountYear) -> Option<Chart> {
    Chart::find(&year.chart, year.fiscal_year).ok()
}

/// What an account of classes 6 and 7 adds to its side of the statement: credit less debit of revenue, debit less
/// credit of expense; `None` for other accounts, and where what it closed with is not known.
pub fn added(account: &Account) -> Option<Centimes> {
    let balance = account.closing()?.balance();
    Some(match side_of(&account.account)? {
        Side::Expense => balance,
        Side::Revenue => -balance,
    })
}

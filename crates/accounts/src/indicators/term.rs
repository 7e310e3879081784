//! The terms of an indicator: sums of accounts, or another indicator.

use serde::Deserialize;

use super::Missing;
use crate::account::Accounts;
use crate::money::Centimes;
use crate::trial_balance::{AccountBalance, TrialBalance, class_of};

/// A sum of accounts, or of another indicator, added or subtracted.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Term {
    pub subtracted: bool,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    Accounts {
        column: Column,
        accounts: Accounts,
        without: Accounts,
    },
    Of(String),
}

/// A column of accounts, and how it is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Revenue,
    Expense,
    Debt,
    RealCredit,
    RealDebit,
    RealNet,
}

impl TryFrom<String> for Term {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("«{text}» is no term: expected a sign, a column and accounts");
        let (sign, rest) = text.split_once(' ').ok_or_else(wrong)?;
        let subtracted = match sign {
            "+" => false,
            "-" => true,
            _ => return Err(wrong()),
        };
        let (column, rest) = rest.split_once(' ').ok_or_else(wrong)?;
        let column = match column {
            "of" => {
                let what = What::Of(rest.to_owned());
                return Ok(Self { subtracted, what });
            }
            "revenue" => Column::Revenue,
            "expense" => Column::Expense,
            "debt" => Column::Debt,
            "real-credit" => Column::RealCredit,
            "real-debit" => Column::RealDebit,
            "real-net" => Column::RealNet,
            _ => return Err(wrong()),
        };
        let (accounts, without) = rest.split_once("without").unwrap_or((rest, ""));
        let parse = |codes: &str| Accounts::parse(codes).map_err(|error| error.to_string());
        let what = What::Accounts {
            column,
            accounts: parse(accounts)?,
            without: parse(without)?,
        };
        Ok(Self { subtracted, what })
    }
}

impl Column {
    /// What accounts have in this column, nothing left out.
    pub fn of(
        self,
        trial: &TrialBalance,
        accounts: &Accounts,
        without: &Accounts,
    ) -> Result<Vec<(String, Centimes)>, Vec<Missing>> {
        let wanted: Vec<&AccountBalance> = trial
            .accounts()
            .filter(|account| account.class() > 0)
            .filter(|account| accounts.have(&account.account) && !without.have(&account.account))
            .collect();
        let mut missing = self.needs(trial, accounts);
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut found = Vec::with_capacity(wanted.len());
        for account in wanted {
            let number = || account.account.clone();
            let amount = match self {
                Self::Revenue | Self::Debt => account.balance().map(|balance| -balance),
                Self::Expense => account.balance(),
                Self::RealCredit => account.real().map(|real| real.credit),
                Self::RealDebit => account.real().map(|real| real.debit),
                Self::RealNet => account.real().map(|real| -real.balance()),
            };
            match amount {
                Some(Centimes::ZERO) => {}
                Some(amount) => found.push((number(), amount)),
                None if self.is_real() => missing.push(Missing::RealOperations(number())),
                None => missing.push(Missing::Balance(number())),
            }
        }
        if missing.is_empty() {
            Ok(found)
        } else {
            Err(missing)
        }
    }

    const fn is_real(self) -> bool {
        matches!(self, Self::RealCredit | Self::RealDebit | Self::RealNet)
    }

    /// What the source must have for an account that it does not name to be nothing.
    fn needs(self, trial: &TrialBalance, accounts: &Accounts) -> Vec<Missing> {
        let any = |classes: std::ops::RangeInclusive<u8>| {
            trial
                .accounts()
                .any(|account| classes.contains(&account.class()))
        };
        let on_sheet = |class: u8| matches!(class, 1..=5);
        if self == Self::Debt {
            let mut sheet = trial
                .accounts()
                .filter(|account| on_sheet(account.class()))
                .peekable();
            let whole = sheet.peek().is_some() && sheet.all(|account| account.balance().is_some());
            return if whole {
                Vec::new()
            } else {
                vec![Missing::BalanceSheet]
            };
        }
        if !any(6..=7) {
            return vec![Missing::OperatingAccounts];
        }
        let investment = accounts.codes().all(|code| on_sheet(class_of(code)));
        // A source that has no account of assets at all may have what was spent on them in another form.
        let of_assets = investment && accounts.codes().all(|code| class_of(code) == 2);
        if investment && !any(1..=2) || of_assets && !any(2..=2) {
            return vec![Missing::InvestmentAccounts];
        }
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_in_another_form_is_refused() {
        for text in [
            "",
            "revenue 7",
            "+ revenue",
            "* revenue 7",
            "+ income 7",
            "+ revenue 7a",
            "+",
        ] {
            assert!(Term::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}

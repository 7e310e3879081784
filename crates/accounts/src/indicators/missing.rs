//! What an indicator lacks.

use std::fmt;

/// What is missing for an indicator.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// The population.
    Population,
    /// The fiscal potential.
    FiscalPotential,
    /// Accounts of the income statement.
    OperatingAccounts,
    /// Accounts of the investment section.
    InvestmentAccounts,
    /// The balances of the accounts of the balance sheet.
    BalanceSheet,
    /// The closing balance of an account.
    Balance(String),
    /// Which operations of an account are real, and which are order operations.
    RealOperations(String),
}

impl Missing {
    /// The name in files and in the API: `population`, `balance:1641`.
    pub fn code(&self) -> String {
        match self {
            Self::Population => "population".to_owned(),
            Self::FiscalPotential => "fiscal-potential".to_owned(),
            Self::OperatingAccounts => "operating-accounts".to_owned(),
            Self::InvestmentAccounts => "investment-accounts".to_owned(),
            Self::BalanceSheet => "balance-sheet".to_owned(),
            Self::Balance(account) => format!("balance:{account}"),
            Self::RealOperations(account) => format!("real-operations:{account}"),
        }
    }

    /// The one with this name.
    pub fn by_code(code: &str) -> Option<Self> {
        Some(match code.split_once(':').unwrap_or((code, "")) {
            ("population", "") => Self::Population,
            ("fiscal-potential", "") => Self::FiscalPotential,
            ("operating-accounts", "") => Self::OperatingAccounts,
            ("investment-accounts", "") => Self::InvestmentAccounts,
            ("balance-sheet", "") => Self::BalanceSheet,
            ("balance", account) => Self::Balance(account.to_owned()),
            ("real-operations", account) => Self::RealOperations(account.to_owned()),
            _ => return None,
        })
    }

    /// In French, as a part of a sentence.
    pub fn fr(&self) -> String {
        match self {
            Self::Population => "la population".to_owned(),
            Self::FiscalPotential => "le potentiel fiscal".to_owned(),
            Self::OperatingAccounts => "les comptes des classes 6 et 7".to_owned(),
            Self::InvestmentAccounts => "les comptes de la section d’investissement".to_owned(),
            Self::BalanceSheet => "les soldes des comptes de bilan".to_owned(),
            Self::Balance(account) => format!("le solde du compte {account}"),
            Self::RealOperations(account) => {
                format!("la part des opérations d’ordre dans le compte {account}")
            }
        }
    }
}

/// In English, as a part of a sentence.
impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Population => f.write_str("the population"),
            Self::FiscalPotential => f.write_str("the fiscal potential"),
            Self::OperatingAccounts => f.write_str("the accounts of classes 6 and 7"),
            Self::InvestmentAccounts => f.write_str("the accounts of the investment section"),
            Self::BalanceSheet => f.write_str("the balances of the accounts of the balance sheet"),
            Self::Balance(account) => write!(f, "the closing balance of account {account}"),
            Self::RealOperations(account) => {
                write!(
                    f,
                    "which operations of account {account} are order operations"
                )
            }
        }
    }
}

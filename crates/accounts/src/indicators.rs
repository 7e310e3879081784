//! The indicators of local finance: intermediate balances, savings, debt and the ratios of R.2313-1 CGCT.
//!
//! What each of them adds up is data (`data/indicators.toml`), with its formula in words and its source. A rate is a
//! fraction of whole centimes, and rounded only where it is printed. An indicator that cannot be computed says what is
//! missing; one that is divided by nothing, or less, has no meaning.

mod missing;
mod term;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::money::{BasisPoints, Centimes};
use crate::trial_balance::TrialBalance;
pub use missing::Missing;
use term::{Term, What};

/// An indicator: what it is called, how it is computed, and by which source.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    /// Stable identifier: `gross-cash-flow`, `ratio-9`.
    pub code: String,
    /// What it is about.
    pub group: Group,
    /// What its value is counted in.
    pub unit: Unit,
    terms: Vec<Term>,
    /// What it is divided by: an indicator, `population` or `fiscal-potential`.
    pub over: Option<String>,
    /// What it is called.
    pub name: Words,
    /// How it is computed, in words.
    pub formula: Words,
    /// Where the formula is from.
    pub source: Words,
}

/// What an indicator is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Group {
    /// Balances that add up to the result.
    Balances,
    /// What is left of revenue, and the rates of it.
    Savings,
    /// Debt, and how it is served.
    Debt,
    /// The eleven ratios of R.2313-1 CGCT.
    Ratios,
    /// Revenue and expense that the others are made of.
    Totals,
}

/// What an indicator is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Euros.
    Euros,
    /// A share, printed in per cent.
    Share,
    /// Euros for each inhabitant.
    EurosPerInhabitant,
    /// Years.
    Years,
}

/// A text in both languages.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// In French.
    pub fr: String,
    /// In English.
    pub en: String,
}

/// What indicators need that is in no account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// The population that amounts are divided by, in inhabitants.
    pub population: Option<u32>,
    /// The fiscal potential.
    pub fiscal_potential: Option<Centimes>,
    /// The debt on 31 December as a printed balance sheet says, for sources that have no balances of accounts. It wins
    /// over these.
    pub debt: Option<Centimes>,
}

/// An indicator of a year.
#[derive(Clone, Debug)]
pub struct Computed {
    /// Which one.
    pub indicator: &'static Indicator,
    /// What came out.
    pub outcome: Outcome,
    /// The accounts that it adds up, by number, each with what it adds; of a rate, those above the line. The accounts
    /// below it are those of [`Indicator::over`].
    pub accounts: Vec<(String, Centimes)>,
}

/// What came out of an indicator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// An amount.
    Amount(Centimes),
    /// A rate.
    Rate(Fraction),
    /// It would be divided by nothing, or by an amount below zero: it has no meaning.
    Undefined(Fraction),
    /// It cannot be computed.
    Missing(Vec<Missing>),
}

/// A number as one whole number over another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fraction {
    /// Above the line: centimes.
    pub numerator: i64,
    /// Below it: centimes, or inhabitants.
    pub denominator: i64,
}

/// All indicators, those that others need first.
pub static INDICATORS: LazyLock<Vec<Indicator>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        indicator: Vec<Indicator>,
    }
    // The file is part of the program and covered by tests, so an unreadable one is a bug.
    let file: File = toml::from_str(include_str!("../data/indicators.toml"))
        .unwrap_or_else(|error| panic!("unreadable indicators: {error}"));
    file.indicator
});

/// All indicators of a trial balance, in the order of [`INDICATORS`].
pub fn indicators(trial: &TrialBalance, given: &Given) -> Vec<Computed> {
    let mut known: BTreeMap<&str, Computed> = BTreeMap::new();
    for indicator in INDICATORS.iter() {
        let computed = compute(indicator, trial, given, &known);
        known.insert(&indicator.code, computed);
    }
    let in_order = INDICATORS
        .iter()
        .filter_map(|one| known.remove(one.code.as_str()));
    in_order.collect()
}

impl Indicator {
    /// The one with this code.
    pub fn by_code(code: &str) -> Option<&'static Self> {
        INDICATORS.iter().find(|indicator| indicator.code == code)
    }

    /// Whether it adds up the debt, which a printed balance sheet may say in place of accounts.
    pub fn adds_debt(&self) -> bool {
        let of_debt = |term: &Term| matches!(&term.what, What::Of(code) if code == "debt");
        self.code == "debt" || self.terms.iter().any(of_debt)
    }

    /// Its place among [`INDICATORS`], from 0.
    pub fn position(&self) -> usize {
        let at = INDICATORS.iter().position(|other| other.code == self.code);
        at.unwrap_or(INDICATORS.len())
    }
}

impl Group {
    /// All of them, in the order in which readers are shown them.
    pub const ALL: [Self; 5] = [
        Self::Balances,
        Self::Savings,
        Self::Debt,
        Self::Ratios,
        Self::Totals,
    ];

    /// The name in files and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Balances => "balances",
            Self::Savings => "savings",
            Self::Debt => "debt",
            Self::Ratios => "ratios",
            Self::Totals => "totals",
        }
    }
}

impl Unit {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Euros,
        Self::EurosPerInhabitant,
        Self::Share,
        Self::Years,
    ];

    /// The name in files and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Euros => "euros",
            Self::EurosPerInhabitant => "euros-per-inhabitant",
            Self::Share => "share",
            Self::Years => "years",
        }
    }
}

impl Computed {
    /// The value as a decimal number with two digits, in the unit of the indicator (a share in per cent); `None`
    /// without one.
    pub fn value(&self) -> Option<String> {
        match (&self.outcome, self.indicator.unit) {
            (Outcome::Amount(amount), _) => Some(amount.to_string()),
            (Outcome::Rate(rate), Unit::Share) => rate.share().map(|share| share.to_string()),
            (Outcome::Rate(rate), Unit::Years) => {
                let hundredths = rate.rounded(100)?;
                Some(Centimes::new(hundredths).to_string())
            }
            (Outcome::Rate(rate), _) => rate.per_inhabitant().map(|amount| amount.to_string()),
            _ => None,
        }
    }

    /// An amount divided by the population; `None` for rates, and where either is not known.
    pub fn per_inhabitant(&self, given: &Given) -> Option<Centimes> {
        let Outcome::Amount(amount) = self.outcome else {
            return None;
        };
        let fraction = Fraction {
            numerator: amount.get(),
            denominator: i64::from(given.population?),
        };
        fraction.per_inhabitant()
    }
}

impl Fraction {
    /// The nearest whole number to `scale` times this one, halves away from zero; `None` where it is divided by nothing
    /// or less, or the number is too large.
    pub fn rounded(self, scale: u32) -> Option<i64> {
        if self.denominator <= 0 {
            return None;
        }
        let twice = i128::from(self.numerator) * i128::from(scale) * 2;
        let whole = i128::from(self.denominator);
        let half = if twice < 0 { -whole } else { whole };
        i64::try_from((twice + half) / (2 * whole)).ok()
    }

    /// As a share, to a hundredth of a percent.
    pub fn share(self) -> Option<BasisPoints> {
        self.rounded(10_000).map(BasisPoints::new)
    }

    /// Centimes over inhabitants, to a centime.
    pub fn per_inhabitant(self) -> Option<Centimes> {
        self.rounded(1).map(Centimes::new)
    }
}

/// Accounts, each with what it adds.
type Accounts = [(String, Centimes)];

/// What terms come to, and the accounts they add up; or what is missing.
type Sum = Result<(Centimes, BTreeMap<String, Centimes>), Vec<Missing>>;

fn compute(
    indicator: &'static Indicator,
    trial: &TrialBalance,
    given: &Given,
    known: &BTreeMap<&str, Computed>,
) -> Computed {
    let printed = given.debt.filter(|_| indicator.code == "debt");
    let sum = match printed {
        Some(debt) => Ok((debt, BTreeMap::new())),
        None => add(&indicator.terms, trial, known),
    };
    let over = indicator
        .over
        .as_deref()
        .map(|over| divisor(over, given, known));
    let (outcome, accounts) = match (sum, over) {
        (Ok((amount, accounts)), None) => (Outcome::Amount(amount), accounts),
        (Ok((amount, accounts)), Some(Ok(denominator))) => {
            let rate = Fraction {
                numerator: amount.get(),
                denominator,
            };
            let outcome = if denominator > 0 {
                Outcome::Rate(rate)
            } else {
                Outcome::Undefined(rate)
            };
            (outcome, accounts)
        }
        (sum, over) => {
            let mut missing = sum.err().unwrap_or_default();
            missing.extend(over.and_then(Result::err).unwrap_or_default());
            missing.sort_unstable();
            missing.dedup();
            (Outcome::Missing(missing), BTreeMap::new())
        }
    };
    Computed {
        indicator,
        outcome,
        accounts: accounts.into_iter().collect(),
    }
}

fn divisor(
    over: &str,
    given: &Given,
    known: &BTreeMap<&str, Computed>,
) -> Result<i64, Vec<Missing>> {
    match over {
        "population" => given
            .population
            .map(i64::from)
            .ok_or_else(|| vec![Missing::Population]),
        "fiscal-potential" => given
            .fiscal_potential
            .map(Centimes::get)
            .ok_or_else(|| vec![Missing::FiscalPotential]),
        code => amount_of(code, known).map(|(amount, _)| amount.get()),
    }
}

/// An indicator that is an amount. That there is one is held by a test.
fn amount_of<'a>(
    code: &str,
    known: &'a BTreeMap<&str, Computed>,
) -> Result<(Centimes, &'a Accounts), Vec<Missing>> {
    match known
        .get(code)
        .map(|computed| (&computed.outcome, &computed.accounts))
    {
        Some((Outcome::Amount(amount), accounts)) => Ok((*amount, accounts)),
        Some((Outcome::Missing(missing), _)) => Err(missing.clone()),
        _ => Err(Vec::new()),
    }
}

fn add(terms: &[Term], trial: &TrialBalance, known: &BTreeMap<&str, Computed>) -> Sum {
    let mut total = Centimes::ZERO;
    let mut used: BTreeMap<String, Centimes> = BTreeMap::new();
    let mut missing = Vec::new();
    for term in terms {
        let signed = |amount: Centimes| if term.subtracted { -amount } else { amount };
        let of_term = match &term.what {
            What::Of(code) => amount_of(code, known).map(|(_, accounts)| accounts.to_vec()),
            What::Accounts {
                column,
                accounts,
                without,
            } => column.of(trial, accounts, without),
        };
        match of_term {
            Ok(accounts) => {
                // An indicator that was given has no accounts.
                let amount = match &term.what {
                    What::Of(code) => {
                        amount_of(code, known).map_or(Centimes::ZERO, |(amount, _)| amount)
                    }
                    What::Accounts { .. } => accounts.iter().map(|(_, amount)| *amount).sum(),
                };
                total = total + signed(amount);
                for (account, amount) in accounts {
                    let of_account = used.entry(account).or_default();
                    *of_account = *of_account + signed(amount);
                }
            }
            Err(what) => missing.extend(what),
        }
    }
    if missing.is_empty() {
        Ok((total, used))
    } else {
        Err(missing)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_indicator_is_whole_and_needs_only_those_before_it() {
        let mut amounts = BTreeSet::new();
        let mut codes = BTreeSet::new();
        for indicator in INDICATORS.iter() {
            assert!(codes.insert(&indicator.code), "{}", indicator.code);
            let texts = [
                &indicator.name.fr,
                &indicator.name.en,
                &indicator.formula.fr,
                &indicator.formula.en,
                &indicator.source.fr,
                &indicator.source.en,
            ];
            assert!(texts.iter().all(|text| !text.is_empty()));
            assert!(!indicator.terms.is_empty());
            for term in &indicator.terms {
                if let What::Of(code) = &term.what {
                    assert!(
                        amounts.contains(code.as_str()),
                        "{}: {code}",
                        indicator.code
                    );
                }
            }
            assert_eq!(indicator.unit == Unit::Euros, indicator.over.is_none());
            match indicator.over.as_deref() {
                Some("population") => assert_eq!(indicator.unit, Unit::EurosPerInhabitant),
                Some("fiscal-potential") | None => {}
                Some(code) => assert!(amounts.contains(code), "{}: {code}", indicator.code),
            }
            if indicator.over.is_none() {
                amounts.insert(indicator.code.as_str());
            }
        }
        assert_eq!(
            codes
                .iter()
                .filter(|code| code.starts_with("ratio-"))
                .count(),
            11
        );
        assert!(Indicator::by_code("ratio-9").is_some() && Indicator::by_code("ratio").is_none());
    }

    #[test]
    fn what_is_missing_is_found_by_its_name() {
        for missing in [
            Missing::Population,
            Missing::FiscalPotential,
            Missing::OperatingAccounts,
            Missing::InvestmentAccounts,
            Missing::BalanceSheet,
            Missing::Balance("1641".to_owned()),
            Missing::RealOperations("6411".to_owned()),
        ] {
            assert_eq!(Missing::by_code(&missing.code()), Some(missing));
        }
        assert_eq!(Missing::by_code("population:1"), None);
        for group in Group::ALL {
            assert!(INDICATORS.iter().any(|indicator| indicator.group == group));
        }
    }

    #[test]
    fn fractions_are_rounded_once_and_away_from_zero() {
        let of = |numerator, denominator| Fraction {
            numerator,
            denominator,
        };
        assert_eq!(of(1, 3).share(), Some(BasisPoints::new(3333)));
        assert_eq!(of(-1, 20_000).share(), Some(BasisPoints::new(-1)));
        assert_eq!(of(5, 2).per_inhabitant(), Some(Centimes::new(3)));
        assert_eq!(of(2, 3).rounded(1_000_000), Some(666_667));
        assert_eq!((of(1, 0).share(), of(1, -2).share()), (None, None));
        assert_eq!(of(i64::MAX, 1).rounded(2), None);
    }
}

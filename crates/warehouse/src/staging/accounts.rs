//! What is written of the accounts of a budget: each account, and the indicators that follow from all of them.

use std::collections::HashMap;

use centime_accounts::indicators::{Computed, Given, Missing, Outcome, Unit, indicators};
use centime_accounts::{BasisPoints, Centimes, Chart, Flow, LineAddress, Placement, TrialBalance};

use super::Staging;
use crate::Result;
use crate::bulk::Bulk;

/// How many items are remembered: those of some charts of accounts.
const REMEMBERED: usize = 100_000;

/// The accounts of a budget in a year, and what is known beside them.
#[derive(Clone, Copy, Debug)]
pub struct NewTrialBalance<'a> {
    /// The SIREN number, or the SIRET number of a budget.
    pub siren: &'a str,
    /// Its accounts.
    pub trial: &'a TrialBalance,
    /// The chart of accounts of the year.
    pub chart: &'a Chart,
    /// What no account says.
    pub given: Given,
}

/// The numbers of what accounts are by their charts.
#[derive(Debug, Default)]
pub(super) struct AccountItems {
    /// By the year of the chart and the account, under the name of the chart.
    numbers: HashMap<&'static str, HashMap<(u16, String), i64>>,
    remembered: usize,
    last: i64,
}

impl AccountItems {
    /// Forgets the items; their numbers are not used again.
    pub fn forget(&mut self) {
        self.numbers.clear();
        self.remembered = 0;
    }

    /// Begins to number items after this number.
    pub fn begin_after(&mut self, last: i64) {
        self.forget();
        self.last = last;
    }

    /// The number of an item; a new one is written.
    fn number(&mut self, chart: &Chart, account: &str, bulk: &mut Bulk) -> sqlx::Result<i64> {
        let year = chart.read_year();
        let key = (year, account.to_owned());
        if let Some(number) = self
            .numbers
            .get(chart.name())
            .and_then(|known| known.get(&key))
        {
            return Ok(*number);
        }
        if self.remembered >= REMEMBERED {
            self.forget();
        }
        self.last += 1;
        self.remembered += 1;
        self.numbers
            .entry(chart.name())
            .or_default()
            .insert(key, self.last);
        let (nomenclature, line, no_line) = match Placement::of(chart, account) {
            Placement::Line(nomenclature, _, line) => {
                let address = LineAddress::of_model(&nomenclature.code, &line.code);
                (Some(nomenclature.code.as_str()), Some(address), None)
            }
            Placement::WithoutLine(reason) => (None, None, Some(reason.name())),
            Placement::NoModel | Placement::OutsideOfResult => (None, None, None),
        };
        let title = chart.title(account).map(|found| found.title);
        bulk.row(&[
            self.last.into(),
            title.into(),
            nomenclature.into(),
            line.as_ref().map(LineAddress::as_str).into(),
            no_line.into(),
        ])?;
        Ok(self.last)
    }
}

impl Staging {
    /// Adds the accounts of a budget in a year, and the indicators that follow from them.
    pub async fn trial_balance(&mut self, new: &NewTrialBalance<'_>) -> Result<()> {
        self.add_trial_balance(new)
            .map_err(|error| self.failed(error))?;
        self.flush_full().await
    }

    fn add_trial_balance(&mut self, new: &NewTrialBalance<'_>) -> sqlx::Result<()> {
        let NewTrialBalance {
            siren,
            trial,
            chart,
            given,
        } = *new;
        let year = i64::from(trial.year);
        let mut accounts = 0_i64;
        for account in trial.accounts() {
            accounts += 1;
            let number = account.account.as_str();
            let item = self
                .account_items
                .number(chart, number, &mut self.tables.account_item)?;
            let debit = |flow: Option<Flow>| flow.map(|flow| flow.debit.get());
            let credit = |flow: Option<Flow>| flow.map(|flow| flow.credit.get());
            self.tables.account.row(&[
                siren.into(),
                year.into(),
                number.into(),
                item.into(),
                debit(account.opening).into(),
                credit(account.opening).into(),
                debit(account.budget).into(),
                credit(account.budget).into(),
                debit(account.order).into(),
                credit(account.order).into(),
                debit(account.non_budget).into(),
                credit(account.non_budget).into(),
                debit(account.closing).into(),
                credit(account.closing).into(),
                account.basis.name().into(),
            ])?;
        }
        self.tables.trial_balance.row(&[
            siren.into(),
            year.into(),
            chart.name().into(),
            i64::from(chart.read_year()).into(),
            accounts.into(),
            given.population.map(i64::from).into(),
            given.debt.map(Centimes::get).into(),
            trial.result().map(Centimes::get).into(),
        ])?;
        for computed in indicators(trial, &given) {
            let value = Value::of(&computed);
            let missing = match &computed.outcome {
                Outcome::Missing(missing) => missing.iter().map(Missing::code).collect(),
                _ => Vec::new(),
            };
            let missing = serde_json::to_string(&missing).unwrap_or_default();
            self.tables.indicator.row(&[
                siren.into(),
                year.into(),
                computed.indicator.code.as_str().into(),
                i64::try_from(computed.indicator.position())
                    .unwrap_or_default()
                    .into(),
                value.outcome.into(),
                value.amount.into(),
                value.share.into(),
                value.years.into(),
                computed.per_inhabitant(&given).map(Centimes::get).into(),
                missing.as_str().into(),
            ])?;
        }
        Ok(())
    }
}

/// What came out of an indicator, in the columns that keep it.
struct Value {
    outcome: &'static str,
    amount: Option<i64>,
    share: Option<i64>,
    years: Option<i64>,
}

impl Value {
    fn of(computed: &Computed) -> Self {
        let none = |outcome| Self {
            outcome,
            amount: None,
            share: None,
            years: None,
        };
        let found = none("computed");
        let value = match (&computed.outcome, computed.indicator.unit) {
            (Outcome::Amount(amount), _) => Self {
                amount: Some(amount.get()),
                ..found
            },
            (Outcome::Rate(rate), Unit::Share) => Self {
                share: rate.share().map(BasisPoints::get),
                ..found
            },
            (Outcome::Rate(rate), Unit::Years) => Self {
                years: rate.rounded(100),
                ..found
            },
            (Outcome::Rate(rate), Unit::Euros | Unit::EurosPerInhabitant) => Self {
                amount: rate.per_inhabitant().map(Centimes::get),
                ..found
            },
            (Outcome::Undefined(_), _) => return none("undefined"),
            (Outcome::Missing(_), _) => return none("missing"),
        };
        // A number that is too large to be kept is as good as none.
        let is_there = value.amount.or(value.share).or(value.years).is_some();
        if is_there { value } else { none("undefined") }
    }
}

//! Reading the accounts of budgets, and the indicators that follow from them.

use std::ops::RangeInclusive;

use centime_accounts::computed::NoLine;
use centime_accounts::trial_balance::Basis;
use centime_accounts::{AccountRow, BasisPoints, Centimes, FiscalYear, Flow};
use sqlx::FromRow;

use crate::engine::{Query, Stored};
use crate::everybody::{Span, between};
use crate::stored::{Read, ReadOrNull, readable, stored_words, word};
use crate::{Result, Warehouse};

/// A year of a budget whose accounts are known.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct AccountYear {
    /// The SIREN number of the public body, or the SIRET number of a budget.
    pub siren: String,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// The chart of accounts: `M57_A`.
    pub chart: String,
    /// The year of the chart that is read.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub chart_year: FiscalYear,
    /// How many accounts there are.
    pub accounts: i64,
    /// The number of inhabitants; `None` where the source does not say.
    pub population: Option<i64>,
    /// The debt on 31 December, where a printed balance sheet says it.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub debt: Option<Centimes>,
    /// Class 7 less class 6; `None` where a balance is not known.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub result: Option<Centimes>,
}

/// An account of a budget in a year.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Account {
    /// The SIREN number of the public body, or the SIRET number of a budget.
    pub siren: String,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// The number of the account.
    pub account: String,
    /// Its official title; `None` where the chart has none for it.
    pub title: Option<String>,
    /// The name of the line of the statement that it is in: `m57-personnel`.
    pub line: Option<String>,
    /// Why it is in none, though it is an account of the result.
    #[sqlx(try_from = "ReadOrNull<NoLine>")]
    pub no_line: Option<NoLine>,
    /// What the closing balance was taken from.
    #[sqlx(try_from = "Read<Basis>")]
    pub basis: Basis,
    #[sqlx(flatten)]
    flows: Flows,
}

/// The columns of an account, in centimes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, FromRow)]
struct Flows {
    opening_debit: Option<i64>,
    opening_credit: Option<i64>,
    budget_debit: Option<i64>,
    budget_credit: Option<i64>,
    order_debit: Option<i64>,
    order_credit: Option<i64>,
    non_budget_debit: Option<i64>,
    non_budget_credit: Option<i64>,
    closing_debit: Option<i64>,
    closing_credit: Option<i64>,
}

/// What came out of an indicator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IndicatorOutcome {
    /// A value.
    Computed,
    /// It would be divided by nothing, or by an amount below zero: it has no meaning.
    Undefined,
    /// It cannot be computed.
    Missing,
}

/// An indicator of a budget in a year.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Indicator {
    /// The SIREN number of the public body, or the SIRET number of a budget.
    pub siren: String,
    /// The fiscal year.
    #[sqlx(try_from = "Read<FiscalYear>")]
    pub fiscal_year: FiscalYear,
    /// Which one: `gross-cash-flow`.
    pub indicator: String,
    /// What came out.
    #[sqlx(try_from = "Read<IndicatorOutcome>")]
    pub outcome: IndicatorOutcome,
    /// The value of one in euros, or in euros for each inhabitant.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub amount: Option<Centimes>,
    /// The value of a share.
    #[sqlx(try_from = "ReadOrNull<BasisPoints>")]
    pub share: Option<BasisPoints>,
    /// The value of one in years, in hundredths of a year.
    pub years: Option<i64>,
    /// An amount in euros divided by the population.
    #[sqlx(try_from = "ReadOrNull<Centimes>")]
    pub per_inhabitant: Option<Centimes>,
    /// What is missing, by the names of `accounts::indicators::Missing`.
    #[sqlx(try_from = "Read<Vec<String>>")]
    pub missing: Vec<String>,
}

stored_words! {
    IndicatorOutcome = "an outcome of an indicator" {
        Computed = "computed",
        Undefined = "undefined",
        Missing = "missing",
    }
}

readable! {
    NoLine as String = word("a reason for an account to be in no line", NoLine::named);
    Basis as String = word("a basis of a closing balance", Basis::named);
    BasisPoints as i64 = |rate| Ok(BasisPoints::new(rate));
}

fn flow(debit: Option<i64>, credit: Option<i64>) -> Option<Flow> {
    Flow::balance_of(debit.map(Centimes::new), credit.map(Centimes::new))
}

impl Account {
    /// What it opened with; `None` where the source does not say, as in each of its columns.
    pub fn opening(&self) -> Option<Flow> {
        flow(self.flows.opening_debit, self.flows.opening_credit)
    }

    /// Operations of the budget, order operations included.
    pub fn budget(&self) -> Option<Flow> {
        flow(self.flows.budget_debit, self.flows.budget_credit)
    }

    /// The order operations among them.
    pub fn order(&self) -> Option<Flow> {
        flow(self.flows.order_debit, self.flows.order_credit)
    }

    /// Operations beside the budget.
    pub fn non_budget(&self) -> Option<Flow> {
        flow(self.flows.non_budget_debit, self.flows.non_budget_credit)
    }

    /// What it closed with.
    pub fn closing(&self) -> Option<Flow> {
        flow(self.flows.closing_debit, self.flows.closing_credit)
    }

    /// The row of a source that says the same, for a trial balance to be added up from.
    pub fn row(&self) -> AccountRow {
        AccountRow {
            record: 0,
            account: self.account.clone(),
            opening: self.opening(),
            budget: self.budget(),
            order: self.order(),
            non_budget: self.non_budget(),
            // What was concluded from other columns is concluded again.
            closing: self.closing().filter(|_| self.basis == Basis::Given),
        }
    }
}

impl Warehouse {
    /// The years of some bodies whose accounts are known, the latest year of a body first.
    pub async fn account_years(&self, revision: i64, bodies: &Span) -> Result<Vec<AccountYear>> {
        let mut select = Query::new(
            "SELECT siren, fiscal_year, chart, chart_year, accounts, population, debt, result
             FROM core.trial_balance WHERE revision_id = $1",
        )
        .bind(revision);
        bodies.restrict(&mut select);
        select.push(" ORDER BY siren, fiscal_year DESC");
        self.rows(select).await
    }

    /// The accounts of some bodies in some years, the latest year of a body first and each by the numbers of its
    /// accounts.
    pub async fn accounts(
        &self,
        revision: i64,
        bodies: &Span,
        years: &RangeInclusive<FiscalYear>,
    ) -> Result<Vec<Account>> {
        let mut select = Query::new(
            "SELECT siren, fiscal_year, account, title, line, no_line, basis,
                    opening_debit, opening_credit, budget_debit, budget_credit, order_debit, order_credit,
                    non_budget_debit, non_budget_credit, closing_debit, closing_credit
             FROM core.account AS own
             JOIN core.account_item AS item ON item.revision_id = $1 AND item.item_id = own.item_id
             WHERE own.revision_id = $1",
        )
        .bind(revision);
        bodies.restrict(&mut select);
        between(&mut select, years);
        select.push(" ORDER BY siren, fiscal_year DESC, account");
        self.rows(select).await
    }

    /// The indicators of some bodies in some years, the latest year of a body first and each in the order of the
    /// indicators.
    pub async fn indicators(
        &self,
        revision: i64,
        bodies: &Span,
        years: &RangeInclusive<FiscalYear>,
    ) -> Result<Vec<Indicator>> {
        let mut select = Query::new(
            "SELECT siren, fiscal_year, indicator, outcome, amount, share, years, per_inhabitant, missing
             FROM core.indicator WHERE revision_id = $1",
        )
        .bind(revision);
        bodies.restrict(&mut select);
        between(&mut select, years);
        select.push(" ORDER BY siren, fiscal_year DESC, position");
        self.rows(select).await
    }

    /// The years in which the accounts of any body are known, in order.
    pub async fn years_of_accounts(&self, revision: i64) -> Result<Vec<FiscalYear>> {
        let select = Query::new(
            "SELECT DISTINCT fiscal_year FROM core.trial_balance WHERE revision_id = $1 ORDER BY fiscal_year",
        )
        .bind(revision);
        let found: Vec<(Read<FiscalYear>,)> = self.rows(select).await?;
        Ok(found.into_iter().map(|(Read(year),)| year).collect())
    }

    async fn rows<T: Stored>(&self, select: Query) -> Result<Vec<T>> {
        let found = self.engine.all(select).await;
        found.map_err(|error| self.failed(error))
    }
}

//! Accounts and indicators as rows of a table.

use centime_accounts::indicators::Indicator as Known;
use centime_accounts::{Centimes, Flow};
use centime_warehouse::accounts::{Account, AccountYear, Indicator};

use super::added;
use crate::{Cell, Column, Kind, Table, columns};

/// The columns of accounts, before those that say whose they are; part of the public contract.
pub const OF_ACCOUNTS: [Column; 17] = [
    Column::new(columns::FISCAL_YEAR, Kind::Year),
    Column::new(columns::ACCOUNT, Kind::Text).meaning("The number of the account."),
    Column::new(columns::TITLE, Kind::Text)
        .meaning("Its official title by the chart of accounts of its year."),
    Column::new(columns::OPENING_DEBIT, Kind::Amount).meaning("The debit that it opened with."),
    Column::new(columns::OPENING_CREDIT, Kind::Amount).meaning("The credit that it opened with."),
    Column::new(columns::BUDGET_DEBIT, Kind::Amount)
        .meaning("What the budget debited, order operations included."),
    Column::new(columns::BUDGET_CREDIT, Kind::Amount)
        .meaning("What the budget credited, order operations included."),
    Column::new(columns::ORDER_DEBIT, Kind::Amount)
        .meaning("The order operations among these debits."),
    Column::new(columns::ORDER_CREDIT, Kind::Amount)
        .meaning("The order operations among these credits."),
    Column::new(columns::NON_BUDGET_DEBIT, Kind::Amount)
        .meaning("What was debited beside the budget."),
    Column::new(columns::NON_BUDGET_CREDIT, Kind::Amount)
        .meaning("What was credited beside the budget."),
    Column::new(columns::CLOSING_DEBIT, Kind::Amount).meaning("The debit that it closed with."),
    Column::new(columns::CLOSING_CREDIT, Kind::Amount).meaning("The credit that it closed with."),
    Column::new(columns::CLOSING_BASIS, Kind::Text)
        .meaning("What the closing balance was taken from: given, moved, budget, unknown."),
    Column::new(columns::LINE, Kind::Text)
        .meaning("The name of the line of the statement that it is in."),
    Column::new(columns::LINE_AMOUNT, Kind::Amount)
        .meaning("What it adds to its side of the statement."),
    Column::new(columns::NO_LINE, Kind::Text)
        .meaning("Why an account of the result is in no line: edition, unknown."),
];

/// The columns of indicators, before those that say whose they are; part of the public contract.
pub const OF_INDICATORS: [Column; 13] = [
    Column::new(columns::FISCAL_YEAR, Kind::Year),
    Column::new(columns::INDICATOR, Kind::Text)
        .meaning("The name of the indicator, the same in every revision: gross-cash-flow."),
    Column::new(columns::LABEL, Kind::Text).meaning("What it is called, in French."),
    Column::new(columns::CATEGORY, Kind::Text)
        .meaning("What it is about: balances, savings, debt, ratios, totals."),
    Column::new(columns::UNIT, Kind::Text)
        .meaning("What its value is counted in: euros, euros-per-inhabitant, share, years."),
    Column::new(columns::OUTCOME, Kind::Text)
        .meaning("computed; undefined, where it would be divided by nothing or less; missing."),
    Column::new(columns::AMOUNT, Kind::Amount)
        .meaning("The value of one in euros or in euros for each inhabitant."),
    Column::new(columns::SHARE, Kind::Rate).meaning("The value of a share."),
    Column::new(columns::YEARS, Kind::Amount)
        .meaning("The value of one in years: no amount, and with two decimals, too."),
    Column::new(columns::PER_INHABITANT, Kind::Amount)
        .meaning("An amount in euros divided by the population."),
    Column::new(columns::POPULATION, Kind::Integer).meaning("The number of inhabitants."),
    Column::new(columns::MISSING, Kind::List)
        .meaning("What is missing where it cannot be computed."),
    Column::new(columns::FORMULA, Kind::Text).meaning("How it is computed, in French."),
];

fn text(text: Option<&str>) -> Cell {
    text.map_or(Cell::Null, Cell::of)
}

/// An account, in the order of [`OF_ACCOUNTS`].
pub fn of_account(account: &Account) -> Vec<Cell> {
    let debit = |flow: Option<Flow>| Cell::from(flow.map(|flow| flow.debit));
    let credit = |flow: Option<Flow>| Cell::from(flow.map(|flow| flow.credit));
    vec![
        Cell::Year(account.fiscal_year),
        Cell::of(&account.account),
        text(account.title.as_deref()),
        debit(account.opening()),
        credit(account.opening()),
        debit(account.budget()),
        credit(account.budget()),
        debit(account.order()),
        credit(account.order()),
        debit(account.non_budget()),
        credit(account.non_budget()),
        debit(account.closing()),
        credit(account.closing()),
        Cell::of(account.basis.name()),
        text(account.line.as_deref()),
        added(account).into(),
        text(
            account
                .no_line
                .map(centime_accounts::computed::NoLine::name),
        ),
    ]
}

/// An indicator, in the order of [`OF_INDICATORS`]; `None` for one that this version of the program does not know.
pub fn of_indicator(value: &Indicator, year: Option<&AccountYear>) -> Option<Vec<Cell>> {
    let known = Known::by_code(&value.indicator)?;
    let population = year.and_then(|year| year.population);
    Some(vec![
        Cell::Year(value.fiscal_year),
        Cell::of(&known.code),
        Cell::of(&known.name.fr),
        Cell::of(known.group.name()),
        Cell::of(known.unit.name()),
        Cell::of(value.outcome.name()),
        value.amount.into(),
        value.share.into(),
        Cell::from(value.years.map(Centimes::new)),
        value.per_inhabitant.into(),
        population.map_or(Cell::Null, Cell::Count),
        Cell::of_list(value.missing.clone()),
        Cell::of(&known.formula.fr),
    ])
}

impl super::Books {
    /// The accounts of all years as rows.
    pub fn table_of_accounts(&self) -> Table {
        Table {
            columns: OF_ACCOUNTS.to_vec(),
            rows: self.accounts.iter().map(of_account).collect(),
        }
    }

    /// The indicators of all years as rows.
    pub fn table_of_indicators(&self) -> Table {
        let row = |value: &Indicator| of_indicator(value, self.year(value.fiscal_year));
        Table {
            columns: OF_INDICATORS.to_vec(),
            rows: self.indicators.iter().filter_map(row).collect(),
        }
    }
}

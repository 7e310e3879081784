//! Accounts, and the indicators that follow from them.

use std::sync::Arc;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_accounts::indicators::{Group, Unit};
use centime_accounts::trial_balance::Basis;
use centime_analytics::rows::What;

use crate::api::answer::Answer;
use crate::api::ask::Ask;
use crate::api::endpoint::Endpoint;
use crate::api::field::{Field, Record, Type};
use crate::api::operation::{Content, Operation, Parameter};
use crate::http::problem_details::ProblemDetails;

/// What closing balances were taken from.
const BASES: [&str; 4] = [
    Basis::Given.name(),
    Basis::Moved.name(),
    Basis::Budget.name(),
    Basis::Unknown.name(),
];

/// Why an account of the result is in no line.
const NO_LINE: [&str; 2] = ["edition", "unknown"];

/// What indicators are about.
const GROUPS: [&str; 5] = [
    Group::Balances.name(),
    Group::Savings.name(),
    Group::Debt.name(),
    Group::Ratios.name(),
    Group::Totals.name(),
];

/// What they are counted in.
const UNITS: [&str; 4] = [
    Unit::Euros.name(),
    Unit::EurosPerInhabitant.name(),
    Unit::Share.name(),
    Unit::Years.name(),
];

/// What came out of them.
const OUTCOMES: [&str; 3] = ["computed", "undefined", "missing"];

/// The accounts.
pub static ACCOUNTS: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/accounts",
        right: Right::Export,
        name: "listAccounts",
        summary: "The accounts of each fiscal year, with the line of the statement that each is in",
        about: "The latest year first, and each by the numbers of its accounts. Empty for public bodies whose statement was published line by line and not their accounts.",
        parameters: &[
            Parameter::BODIES,
            Parameter::REVISION,
            Parameter::FROM,
            Parameter::TO,
        ],
        content: Content::Many {
            kinds: || vec![account()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(accounts(ask)),
};

/// The indicators.
pub static INDICATORS: Endpoint = Endpoint {
    operation: Operation {
        method: Method::GET,
        path: "/api/v1/indicators",
        right: Right::Export,
        name: "listIndicators",
        summary: "The indicators of local finance by fiscal year: balances, savings, debt and the ratios of R. 2313-1 CGCT",
        about: "The latest year first. They follow from accounts: one that cannot be computed says what is missing, and one that would be divided by nothing or by an amount below zero is undefined. Empty for public bodies whose accounts are not known.",
        parameters: &[
            Parameter::BODIES,
            Parameter::REVISION,
            Parameter::FROM,
            Parameter::TO,
        ],
        content: Content::Many {
            kinds: || vec![indicator()],
            of_revision: true,
            paged: false,
        },
        refusals: &[StatusCode::NOT_FOUND],
    },
    handler: |ask| Box::pin(indicators(ask)),
};

fn account() -> Record {
    let [siren, name] = Field::whose();
    Record {
        name: "Account".to_owned(),
        about: "An account of a public body in a year.".into(),
        fields: vec![
            siren,
            name,
            Field::new("fiscal_year", Type::Integer, "The fiscal year."),
            Field::new("account", Type::Text, "The number of the account."),
            Field::optional(
                "title",
                Type::Text,
                "Its official title by the chart of accounts of its year, in French.",
            ),
            Field::optional(
                "opening_debit",
                Type::Amount,
                "The debit that it opened with, in euros; null when the source does not say.",
            ),
            Field::optional(
                "opening_credit",
                Type::Amount,
                "The credit that it opened with, in euros; null when the source does not say.",
            ),
            Field::optional(
                "budget_debit",
                Type::Amount,
                "The debit that the budget moved, order operations included, in euros; null when the source does not say.",
            ),
            Field::optional(
                "budget_credit",
                Type::Amount,
                "The credit that the budget moved, order operations included, in euros; null when the source does not say.",
            ),
            Field::optional(
                "order_debit",
                Type::Amount,
                "The debit that of that is order operations, in euros; null when the source does not say.",
            ),
            Field::optional(
                "order_credit",
                Type::Amount,
                "The credit that of that is order operations, in euros; null when the source does not say.",
            ),
            Field::optional(
                "non_budget_debit",
                Type::Amount,
                "The debit that moved it beside the budget, in euros; null when the source does not say.",
            ),
            Field::optional(
                "non_budget_credit",
                Type::Amount,
                "The credit that moved it beside the budget, in euros; null when the source does not say.",
            ),
            Field::optional(
                "closing_debit",
                Type::Amount,
                "The debit that it closed with, in euros; null when the source does not say.",
            ),
            Field::optional(
                "closing_credit",
                Type::Amount,
                "The credit that it closed with, in euros; null when the source does not say.",
            ),
            Field::new(
                "closing_basis",
                Type::Word(&BASES),
                "What the closing balance was taken from: given by the source; moved, what it opened with and what moved it; budget, what the budget moved; unknown.",
            ),
            Field::optional(
                "line",
                Type::Text,
                "The name of the line of the statement that it is in; null for accounts that are in none.",
            ),
            Field::optional(
                "line_amount",
                Type::Amount,
                "What it adds to its side of the statement, in euros; null for accounts of other classes than 6 and 7.",
            ),
            Field::optional(
                "no_line",
                Type::Word(&NO_LINE),
                "Why an account of the result is in no line: edition, because the statement has none for it in this year; unknown, because no rule names it.",
            ),
            Field::doubts(),
        ],
    }
}

fn indicator() -> Record {
    let [siren, name] = Field::whose();
    Record {
        name: "Indicator".to_owned(),
        about: "An indicator of a public body in a year.".into(),
        fields: vec![
            siren,
            name,
            Field::new("fiscal_year", Type::Integer, "The fiscal year."),
            Field::new(
                "indicator",
                Type::Text,
                "The name of the indicator, the same in every revision: gross-cash-flow.",
            ),
            Field::new("label", Type::Text, "What it is called, in French."),
            Field::new("category", Type::Word(&GROUPS), "What it is about."),
            Field::new("unit", Type::Word(&UNITS), "What its value is counted in."),
            Field::new(
                "outcome",
                Type::Word(&OUTCOMES),
                "Whether there is a value, or why not.",
            ),
            Field::optional(
                "amount",
                Type::Amount,
                "The value of one in euros or in euros for each inhabitant.",
            ),
            Field::optional("share", Type::Rate, "The value of a share, in percent."),
            Field::optional("years", Type::Amount, "The value of one in years."),
            Field::optional(
                "per_inhabitant",
                Type::Amount,
                "An amount in euros divided by the population.",
            ),
            Field::optional("population", Type::Integer, "The number of inhabitants."),
            Field::new(
                "missing",
                Type::Texts,
                "What is missing where it cannot be computed: population, fiscal-potential, operating-accounts, investment-accounts, balance-sheet, balance:ACCOUNT, real-operations:ACCOUNT.",
            ),
            Field::new("formula", Type::Text, "How it is computed, in French."),
            Field::doubts(),
        ],
    }
}

async fn accounts(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    if ask.context.is_of_all() {
        let rows = ask.rows(What::Accounts, ask.years()?)?;
        return Ok(Answer::coming(rows).of(ask.revision()?));
    }
    let books = ask.context.books(ask.snapshot()?).await?;
    Answer::of_body(&ask, &books.table_of_accounts(), |_| true)
}

async fn indicators(ask: Arc<Ask>) -> Result<Answer, ProblemDetails> {
    if ask.context.is_of_all() {
        let rows = ask.rows(What::Indicators, ask.years()?)?;
        return Ok(Answer::coming(rows).of(ask.revision()?));
    }
    let books = ask.context.books(ask.snapshot()?).await?;
    Answer::of_body(&ask, &books.table_of_indicators(), |_| true)
}

#[cfg(test)]
mod tests {
    use centime_accounts::computed::NoLine;

    use super::*;

    #[test]
    fn rows_have_the_fields_of_their_records() {
        for (what, record) in [(What::Accounts, account()), (What::Indicators, indicator())] {
            let columns = what.columns();
            let names = columns.iter().map(|column| column.name.as_str());
            assert!(names.eq(record.fields.iter().map(|field| field.name)));
        }
    }

    #[test]
    fn every_word_of_a_record_is_declared() {
        assert_eq!(Basis::ALL.map(Basis::name), BASES);
        assert_eq!(Group::ALL.map(Group::name), GROUPS);
        assert_eq!(Unit::ALL.map(Unit::name), UNITS);
        assert!(NO_LINE.iter().all(|name| NoLine::named(name).is_some()));
    }
}

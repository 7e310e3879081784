//! The views of accounts and of the indicators that follow from them.

use super::super::columns::As;
use super::{BODY_NAME, Fixed, SIREN, YEAR};

pub(super) const TRIAL_BALANCE: Fixed = Fixed {
    name: "trial_balance",
    about: "The years of public bodies whose accounts are known, with the population.",
    columns: &[
        ("siren", "own.siren", As::Itself, SIREN),
        ("body_name", "body.name", As::Itself, BODY_NAME),
        ("fiscal_year", "own.fiscal_year", As::Itself, YEAR),
        (
            "chart",
            "own.chart",
            As::Itself,
            "The chart of accounts: M57_A.",
        ),
        (
            "chart_year",
            "own.chart_year",
            As::Itself,
            "The year of the chart that is read.",
        ),
        (
            "accounts",
            "own.accounts",
            As::Itself,
            "How many accounts there are.",
        ),
        (
            "population",
            "own.population",
            As::Itself,
            "The number of inhabitants; empty when the source does not say.",
        ),
        (
            "debt",
            "own.debt",
            As::Amount,
            "The debt on 31 December as a printed balance sheet says it; empty where the accounts do, or nothing does.",
        ),
        (
            "result",
            "own.result",
            As::Amount,
            "Class 7 less class 6; empty when a balance is not known.",
        ),
    ],
    from: "core.trial_balance AS own
        LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = own.siren
        WHERE own.revision_id = {now}",
};

pub(super) const ACCOUNT: Fixed = Fixed {
    name: "account",
    about: "What each account held, took in and gave out in a year, with the line of the statement that it is in. Ask with siren and fiscal_year: there may be very many.",
    columns: &[
        ("siren", "account.siren", As::Itself, SIREN),
        ("body_name", "body.name", As::Itself, BODY_NAME),
        ("fiscal_year", "account.fiscal_year", As::Itself, YEAR),
        (
            "account",
            "account.account",
            As::Itself,
            "The number of the account.",
        ),
        (
            "title",
            "item.title",
            As::Itself,
            "Its official title by the chart of its year, or that of the account it is a subdivision of.",
        ),
        (
            "opening_debit",
            "account.opening_debit",
            As::Amount,
            "What it opened with: the debit; empty when the source does not say.",
        ),
        (
            "opening_credit",
            "account.opening_credit",
            As::Amount,
            "What it opened with: the credit; empty when the source does not say.",
        ),
        (
            "budget_debit",
            "account.budget_debit",
            As::Amount,
            "What the budget moved, order operations included: the debit; empty when the source does not say.",
        ),
        (
            "budget_credit",
            "account.budget_credit",
            As::Amount,
            "What the budget moved, order operations included: the credit; empty when the source does not say.",
        ),
        (
            "order_debit",
            "account.order_debit",
            As::Amount,
            "The order operations among what the budget moved: the debit; empty when the source does not tell.",
        ),
        (
            "order_credit",
            "account.order_credit",
            As::Amount,
            "The order operations among what the budget moved: the credit; empty when the source does not tell.",
        ),
        (
            "non_budget_debit",
            "account.non_budget_debit",
            As::Amount,
            "What moved it beside the budget: the debit; empty when the source does not say.",
        ),
        (
            "non_budget_credit",
            "account.non_budget_credit",
            As::Amount,
            "What moved it beside the budget: the credit; empty when the source does not say.",
        ),
        (
            "closing_debit",
            "account.closing_debit",
            As::Amount,
            "What it closed with: the debit; empty when not known.",
        ),
        (
            "closing_credit",
            "account.closing_credit",
            As::Amount,
            "What it closed with: the credit; empty when not known.",
        ),
        (
            "basis",
            "account.basis",
            As::Itself,
            "What the closing balance was taken from: given; moved, what it opened with and what moved it; budget, what the budget moved; unknown.",
        ),
        (
            "line",
            "item.line",
            As::Itself,
            "The name of the line of the statement that it is in: m57-personnel; empty for accounts that are in none.",
        ),
        (
            "no_line",
            "item.no_line",
            As::Itself,
            "Why an account of the result is in no line: edition, because the statement has none for it in this year; unknown, because no rule names it.",
        ),
    ],
    from: "core.account AS account
        JOIN core.account_item AS item ON item.revision_id = {now} AND item.item_id = account.item_id
        LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = account.siren
        WHERE account.revision_id = {now}",
};

/// Stands for what a text of each indicator is in a language.
const UNIT: &str = "{indicator_unit}";
const GROUP: &str = "{indicator_group}";
const NAME_FR: &str = "{indicator_name_fr}";
const NAME_EN: &str = "{indicator_name_en}";
const FORMULA_FR: &str = "{indicator_formula_fr}";
const FORMULA_EN: &str = "{indicator_formula_en}";

pub(super) const INDICATOR: Fixed = Fixed {
    name: "indicator",
    about: "The indicators of local finance: intermediate balances, savings, debt and the ratios of R. 2313-1 CGCT, from accounts. Those in euros add up over budgets; rates do not.",
    columns: &[
        ("siren", "own.siren", As::Itself, SIREN),
        ("body_name", "body.name", As::Itself, BODY_NAME),
        ("fiscal_year", "own.fiscal_year", As::Itself, YEAR),
        (
            "indicator",
            "own.indicator",
            As::Itself,
            "Which one: gross-cash-flow, ratio-9.",
        ),
        (
            "position",
            "own.position",
            As::Itself,
            "Its place among the indicators.",
        ),
        ("name_fr", NAME_FR, As::Itself, "Its name in French."),
        ("name_en", NAME_EN, As::Itself, "Its name in English."),
        (
            "category",
            GROUP,
            As::Itself,
            "What it is about: balances, savings, debt, ratios or totals.",
        ),
        (
            "unit",
            UNIT,
            As::Itself,
            "What its value is counted in: euros, euros-per-inhabitant, share or years.",
        ),
        (
            "outcome",
            "own.outcome",
            As::Itself,
            "computed; undefined, because it would be divided by nothing or by an amount below zero; missing.",
        ),
        (
            "amount",
            "own.amount",
            As::Amount,
            "The value of one in euros or in euros for each inhabitant.",
        ),
        ("share", "own.share", As::Rate, "The value of a share."),
        (
            "years",
            "own.years",
            As::Hundredths,
            "The value of one in years.",
        ),
        (
            "per_inhabitant",
            "own.per_inhabitant",
            As::Amount,
            "An amount in euros divided by the population.",
        ),
        (
            "missing",
            "own.missing",
            As::List,
            "What is missing where it cannot be computed: population, fiscal-potential, operating-accounts, investment-accounts, balance-sheet, balance:ACCOUNT, real-operations:ACCOUNT.",
        ),
        (
            "formula_fr",
            FORMULA_FR,
            As::Itself,
            "How it is computed, in French.",
        ),
        (
            "formula_en",
            FORMULA_EN,
            As::Itself,
            "How it is computed, in English.",
        ),
    ],
    from: "core.indicator AS own
        LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = own.siren
        WHERE own.revision_id = {now}",
};

//! The views of control totals and inhabitants.

use super::super::columns::As;
use super::{BODY_NAME, Fixed, SIREN, YEAR};

const POPULATION_OF: &str = "The number of inhabitants that its amounts of the year are divided by; empty when no source says it.";
const PER_INHABITANT: &str = "The amount divided by the population, rounded half away from zero to the centime; empty where the population is not known.";

/// The rule of `centime_accounts::peers::per_inhabitant` in SQL; a test holds them against each other.
const EACH: &str = "CASE WHEN own.amount < 0
        THEN -((known.population - 2 * own.amount) / (2 * known.population))
        ELSE (2 * own.amount + known.population) / (2 * known.population) END";

pub(super) const AGGREGATE: Fixed = Fixed {
    name: "aggregate",
    about: "The aggregates that the OFGL publishes of public bodies, by year. Those of several budgets of a body must not be added: what passes from one to the other would be counted twice.",
    columns: &[
        ("siren", "own.siren", As::Itself, SIREN),
        ("body_name", "body.name", As::Itself, BODY_NAME),
        ("fiscal_year", "own.fiscal_year", As::Itself, YEAR),
        (
            "budget",
            "own.budget",
            As::Itself,
            "Which budget of the body it is of: main, attached or annex.",
        ),
        (
            "budget_name",
            "own.budget_name",
            As::Itself,
            "The name of the budget; empty where the source does not say.",
        ),
        (
            "nomenclature",
            "own.nomenclature",
            As::Itself,
            "The nomenclature, as published.",
        ),
        (
            "aggregate",
            "own.aggregate",
            As::Itself,
            "Which aggregate, as the OFGL calls it: Epargne brute.",
        ),
        ("amount", "own.amount", As::Amount, "The amount."),
        ("per_inhabitant", EACH, As::Amount, PER_INHABITANT),
        ("population", "known.population", As::Itself, POPULATION_OF),
        (
            "record",
            "own.record",
            As::Itself,
            "The number of its record.",
        ),
    ],
    from: "core.aggregate AS own
        LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = own.siren
        LEFT JOIN core.population AS known ON known.revision_id = {now} AND known.siren = own.siren
            AND known.fiscal_year = own.fiscal_year
        WHERE own.revision_id = {now}",
};

pub(super) const POPULATION: Fixed = Fixed {
    name: "population",
    about: "How many inhabitants the amounts of each public body and year are divided by, and which dataset says so.",
    columns: &[
        ("siren", "own.siren", As::Itself, SIREN),
        ("body_name", "body.name", As::Itself, BODY_NAME),
        ("fiscal_year", "own.fiscal_year", As::Itself, YEAR),
        (
            "population",
            "own.population",
            As::Itself,
            "The number of inhabitants.",
        ),
        (
            "subject",
            "own.subject",
            As::Itself,
            "The dataset that says it: account_balances or aggregates.",
        ),
    ],
    from: "core.population AS own
        LEFT JOIN core.body AS body ON body.revision_id = {now} AND body.siren = own.siren
        WHERE own.revision_id = {now}",
};

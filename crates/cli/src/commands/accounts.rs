//! `centime accounts`, `centime indicators` and `centime aggregates`: accounts, what follows from them, and the control
//! totals beside them, on standard output or in a file.

use centime_analytics::rows::What;
use centime_warehouse::everybody::Span;

use crate::args::{Accounts, Aggregates, Indicators};
use crate::commands::rows::{Asked, Shown};
use crate::config::Config;
use crate::failure::Failure;

/// What a table for people shows of an account.
const OF_ACCOUNTS: [&str; 7] = [
    "fiscal_year",
    "account",
    "title",
    "budget_debit",
    "budget_credit",
    "line",
    "line_amount",
];

/// What a table for people shows of an indicator.
const OF_INDICATORS: [&str; 8] = [
    "fiscal_year",
    "indicator",
    "label",
    "amount",
    "share",
    "years",
    "per_inhabitant",
    "missing",
];

/// What a table for people shows of an aggregate.
const OF_AGGREGATES: [&str; 6] = [
    "fiscal_year",
    "budget",
    "aggregate",
    "amount",
    "per_inhabitant",
    "population",
];

/// Prints accounts.
pub async fn accounts(config: &Config, accounts: &Accounts) -> Result<(), Failure> {
    let asked = Asked::open(config, &accounts.rows).await?;
    are_known(&asked).await?;
    let shown = Shown {
        title: "Accounts".to_owned(),
        what: What::Accounts,
        filters: Vec::new(),
        for_people: Some(&OF_ACCOUNTS),
    };
    asked.write(shown).await
}

/// Prints indicators.
pub async fn indicators(config: &Config, indicators: &Indicators) -> Result<(), Failure> {
    let asked = Asked::open(config, &indicators.rows).await?;
    are_known(&asked).await?;
    let shown = Shown {
        title: "Indicators".to_owned(),
        what: What::Indicators,
        filters: Vec::new(),
        for_people: Some(&OF_INDICATORS),
    };
    asked.write(shown).await
}

/// Prints aggregates of the OFGL.
pub async fn aggregates(config: &Config, aggregates: &Aggregates) -> Result<(), Failure> {
    let asked = Asked::open(config, &aggregates.rows).await?;
    let (warehouse, revision) = (&asked.warehouse, asked.revision.id);
    let (whose, known) = if let Some(body) = &asked.body {
        let known = warehouse.has_aggregates(revision, &body.siren).await?;
        (body.name.as_str(), known)
    } else {
        let years = warehouse.years_of_aggregates(revision).await?;
        ("any public body", !years.is_empty())
    };
    if !known {
        return Err(Failure::Usage(format!(
            "no aggregates of {whose} are known: add a source of kind = \"aggregates\", as those of --preset ofgl-communes"
        )));
    }
    let shown = Shown {
        title: "Aggregates of the OFGL".to_owned(),
        what: What::Aggregates,
        filters: Vec::new(),
        for_people: Some(&OF_AGGREGATES),
    };
    asked.write(shown).await
}

/// Refuses a body, or all of them, of which no account is known: no rows would look like accounts without money.
pub async fn are_known(asked: &Asked<'_>) -> Result<(), Failure> {
    let (warehouse, revision) = (&asked.warehouse, asked.revision.id);
    let (whose, none) = match &asked.body {
        Some(body) => {
            let span = Span::One(body.siren.clone());
            let known = warehouse.account_years(revision, &span).await?;
            (body.name.as_str(), known.is_empty())
        }
        None => (
            "any public body",
            warehouse.years_of_accounts(revision).await?.is_empty(),
        ),
    };
    if none {
        return Err(Failure::Usage(format!(
            "the accounts of {whose} are not known, only its statement line by line: import the official file of its \
             budget, a compte financier unique or a compte administratif, with `centime import FILE`"
        )));
    }
    Ok(())
}

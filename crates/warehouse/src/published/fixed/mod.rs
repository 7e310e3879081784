//! The views that do not follow from the analyses.

mod accounts;
mod aggregates;
mod origin;
mod statements;

use super::columns::As;

/// A view whose columns are the same whatever the analyses are.
pub(super) struct Fixed {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) columns: &'static [(&'static str, &'static str, As, &'static str)],
    pub(super) from: &'static str,
}

pub(super) const SIREN: &str = "The SIREN number of the public body, or the SIRET number of one of its budgets where the source tells them apart; empty when not known.";
pub(super) const BODY_NAME: &str = "The name of the public body.";
const YEAR: &str = "The fiscal year.";

/// The views. `{now}` is the revision that readers see.
pub(super) const FIXED: [Fixed; 13] = [
    statements::BODY,
    statements::STATEMENT_LINE,
    statements::LINE_ITEM,
    statements::BALANCE_SHEET,
    accounts::TRIAL_BALANCE,
    accounts::ACCOUNT,
    accounts::INDICATOR,
    aggregates::AGGREGATE,
    aggregates::POPULATION,
    origin::RAW_RECORD,
    origin::DATASET,
    origin::CHECK_RESULT,
    origin::RUN,
];

//! The checks of a run, by name. To add one, name it here and add its finding in `audit`.

/// Every check, with what its failure or remark means.
pub const CHECKS: [(&str, &str); 28] = [
    (
        "records-complete",
        "the number of records announced is out of date",
    ),
    ("fields-known", "fields that nothing is read from"),
    (
        "amounts-exact",
        "amounts with fractions of a centime, which were rounded",
    ),
    (
        "sides-known",
        "lines that are neither revenue nor expense, so that they cannot be added",
    ),
    ("activities-known", "lines of no known activity"),
    (
        "labels-recognised",
        "labels that no official model contains",
    ),
    ("amounts-published", "amounts that were not published"),
    (
        "parents-equal-parts",
        "parents that differ from the sum of their parts",
    ),
    (
        "no-duplicates",
        "rows that occur twice, with the same amount",
    ),
    (
        "lines-published-once",
        "lines of a year that are published several times, with different amounts that are added",
    ),
    (
        YEARS_ONCE,
        "years most of whose lines are published several times, so that their totals are too large",
    ),
    (
        "identifiers-valid",
        "SIREN or SIRET numbers with a wrong check digit",
    ),
    (
        "nomenclatures-known",
        "years of budgets whose nomenclature is not known: their accounts are kept, and no statement follows from them",
    ),
    (
        "lines-equal-accounts",
        "printed lines that differ from the accounts of the same document",
    ),
    (
        "witnesses-agree",
        "results that another part of the same document gives differently",
    ),
    (
        "years-restated",
        "lines that the document of the next year prints with another amount",
    ),
    (
        "totals-exact",
        "control totals with the noise of binary fractions, which were rounded to the centime",
    ),
    (
        "totals-consistent",
        "control totals that are not the sum of their parts",
    ),
    (
        "computed-twice",
        "two computations of the same results disagree",
    ),
    (
        "years-labelled-right",
        "years whose result is the published result of another year",
    ),
    (
        "balance-sheet-present",
        "there is no balance sheet, so no published results",
    ),
    (
        "balance-sheet-balances",
        "years whose assets and liabilities differ",
    ),
    (
        "balance-columns",
        "years of the balance sheet published with shifted columns, put right",
    ),
    (
        "results-carried-forward",
        "years whose balance brought forward is not that of the year before with its result",
    ),
    (
        "results-reconciled",
        "years whose result is not the published one",
    ),
    (
        "body-kept",
        "the accounts are those of another public body than before",
    ),
    ("years-kept", "years that were published before are gone"),
    (
        "reconciliation-kept",
        "years that were reconciled before no longer are",
    ),
];

/// The check that a year is published once.
pub(crate) const YEARS_ONCE: &str = "years-published-once";

/// What a failed check means, and what it found.
pub fn explain(name: &str, subjects: &[String]) -> String {
    let meaning = CHECKS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(name, |(_, text)| text);
    let named = subjects
        .iter()
        .take(5)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    let more = subjects.len().saturating_sub(5);
    match (subjects.is_empty(), more) {
        (true, _) => meaning.to_owned(),
        (false, 0) => format!("{meaning} ({named})"),
        (false, more) => format!("{meaning} ({named} and {more} more)"),
    }
}

/// Which change has to be accepted for a check that fails not to keep a revision from being published, as
/// `--accept-changes` names it; `None` for a check that always does.
pub(crate) fn accepted_as(name: &str) -> Option<&'static str> {
    match name {
        "body-kept" => Some("body"),
        "years-kept" | YEARS_ONCE => Some("years"),
        "reconciliation-kept" => Some("reconciliation"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use centime_warehouse::doubt;

    use super::*;

    #[test]
    fn of_every_check_it_is_known_whether_it_touches_figures() {
        for (name, _) in CHECKS {
            assert!(
                doubt::CHECKS.iter().any(|(known, _)| *known == name),
                "{name}"
            );
        }
    }
}

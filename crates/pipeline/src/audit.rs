//! Audit: what is checked before anything is published.
//!
//! A check has a name and an outcome, and lists what it found in the words of the data, so that
//! a page can explain it in any language. To add a check, give it a name in [`CHECKS`](crate::checks::CHECKS) and
//! add its finding in [`Findings::checks`].

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use centime_accounts::{Centimes, FiscalYear};
use centime_warehouse::quality::{Losses, YearResult};
use centime_warehouse::{CheckResult, Outcome, Subject};

use crate::checks::YEARS_ONCE;
use crate::extract::Extracted;
use crate::findings::{
    BalanceFindings, Cases, Findings, OF_BODY, TotalFindings, YearOf, count, prefix,
};
use crate::policy::AcceptedChanges;

/// What a change against what was published before leads to.
const fn unless(accepted: bool) -> Outcome {
    if accepted {
        Outcome::Warn
    } else {
        Outcome::Fail
    }
}

/// Whether what was published before is still there.
fn kept(losses: &Losses, accepted: AcceptedChanges) -> Vec<CheckResult> {
    let years = |lost: &[(String, FiscalYear)]| {
        let several = losses.bodies_before > 1;
        let named = |(siren, year): &(String, FiscalYear)| of_body(several, siren, *year);
        lost.iter().map(named).collect::<Cases>()
    };
    let mut checks = vec![check(
        "body-kept",
        unless(accepted.body),
        losses.bodies_before,
        losses.bodies.iter().cloned().collect(),
    )];
    if losses.years_before > 0 {
        let before = losses.years_before;
        checks.push(check(
            "years-kept",
            unless(accepted.years),
            before,
            years(&losses.years),
        ));
        let undone = years(&losses.reconciled);
        let outcome = unless(accepted.reconciliation);
        checks.push(check("reconciliation-kept", outcome, before, undone));
    }
    checks
}

impl Findings {
    /// Draws up the results of all checks. `results` are those that the models compute; `losses`
    /// what the revision before had.
    pub fn checks(
        mut self,
        extracted: &[&Extracted],
        results: &[YearResult],
        losses: Option<&Losses>,
        accepted: AcceptedChanges,
    ) -> Vec<CheckResult> {
        let several = self.has_several_bodies();
        let of_results = self.of_results(extracted, results);
        let mut checks = self.of_source(extracted);
        checks.extend(of_totals(take(&mut self.totals)));
        checks.extend(self.of_lines(unless(accepted.years)));
        checks.extend(of_results);
        if let Some(losses) = losses {
            checks.extend(kept(losses, accepted));
        }
        if !several {
            for subject in checks.iter_mut().flat_map(|check| &mut check.subjects) {
                if let Some((_, rest)) = subject.split_once(OF_BODY) {
                    *subject = rest.to_owned();
                }
            }
        }
        for subject in checks.iter_mut().flat_map(|check| &mut check.subjects) {
            *subject = subject.replace(OF_BODY, " › ");
        }
        checks
    }

    /// Whether the source is what it says.
    fn of_source(&mut self, extracted: &[&Extracted]) -> Vec<CheckResult> {
        let records: u64 = extracted.iter().map(|dataset| dataset.rows).sum();
        let fields: usize = extracted
            .iter()
            .map(|dataset| dataset.schema.used().count())
            .sum();
        let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
        vec![
            remark("records-complete", count(records), stale(extracted)),
            remark("fields-known", count(fields), extra_fields(extracted)),
            remark("amounts-exact", self.amounts, take(&mut self.rounded)),
        ]
    }

    /// Whether the lines can be understood.
    fn of_lines(mut self, regression: Outcome) -> Vec<CheckResult> {
        let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
        let amounts = self.amounts;
        let years = count(self.results.len());
        let compared = self.compared.take();
        let mut checks = vec![
            check("sides-known", Outcome::Fail, amounts, self.unplaced),
            remark("activities-known", amounts, self.inactive),
            remark("labels-recognised", self.recognised, self.unknown),
            remark("amounts-published", amounts, self.unpublished),
            remark(
                "parents-equal-parts",
                self.equal_parents,
                self.unequal_parents,
            ),
            remark("no-duplicates", amounts, self.duplicates),
            remark("lines-published-once", amounts, self.several),
            check(YEARS_ONCE, regression, years, self.repeated),
            remark("identifiers-valid", years, self.invalid),
        ];
        // Only where there is such a budget: no other source has any.
        if self.without_chart.number > 0 {
            checks.push(remark("nomenclatures-known", years, self.without_chart));
        }
        if let Some(compared) = compared {
            checks.extend([
                remark("lines-equal-accounts", compared.equal, compared.different),
                remark("witnesses-agree", compared.agreeing, compared.disagreeing),
            ]);
            // Only where a year and the next one both have a document.
            if compared.kept + compared.restated.number > 0 {
                checks.push(remark("years-restated", compared.kept, compared.restated));
            }
        }
        checks
    }

    /// Whether the results are right, as far as can be known.
    fn of_results(&mut self, extracted: &[&Extracted], results: &[YearResult]) -> Vec<CheckResult> {
        let years = count(self.results.len());
        let twice = self.disagreements(results);
        let mut checks = vec![check("computed-twice", Outcome::Fail, years, twice)];
        let has_balance_sheet = extracted
            .iter()
            .any(|dataset| dataset.subject == Subject::BalanceSheet);
        if !has_balance_sheet {
            checks.push(CheckResult {
                name: "balance-sheet-present".to_owned(),
                outcome: Outcome::Warn,
                found: 1,
                subjects: Vec::new(),
            });
            return checks;
        }
        let mislabelled = self.mislabelled();
        let BalanceFindings {
            published,
            years: balance_years,
            balanced,
            unbalanced,
            shifted,
            carried,
            not_carried,
        } = take(&mut self.balance);
        let mut reconciled = 0;
        let mut different = Cases::default();
        for (year, result) in &self.results {
            let (Some(result), Some(published)) = (*result, published.get(year)) else {
                continue;
            };
            if result == *published {
                reconciled += 1;
            } else {
                let difference = result - *published;
                let body = prefix(&year.0);
                different.add(|| format!("{body}{}: {difference} €", year.1));
            }
        }
        let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
        checks.extend([
            remark("results-reconciled", reconciled, different),
            remark("years-labelled-right", years, mislabelled),
            remark("balance-sheet-balances", balanced, unbalanced),
            remark("balance-columns", balance_years, shifted),
            remark("results-carried-forward", carried, not_carried),
        ]);
        checks
    }

    /// The years for which the model in SQL and the rule in Rust disagree.
    fn disagreements(&self, results: &[YearResult]) -> Cases {
        let in_sql: BTreeMap<(&str, FiscalYear), Option<Centimes>> = results
            .iter()
            .map(|found| ((found.siren.as_str(), found.fiscal_year), found.result))
            .collect();
        let in_rust: BTreeMap<(&str, FiscalYear), Option<Centimes>> = self
            .results
            .iter()
            .map(|((siren, year), result)| ((siren.as_str(), *year), *result))
            .collect();
        let years: BTreeSet<&(&str, FiscalYear)> = in_sql.keys().chain(in_rust.keys()).collect();
        years
            .into_iter()
            .filter(|year| in_sql.get(year) != in_rust.get(year))
            .map(|(siren, year)| format!("{}{year}", prefix(siren)))
            .collect()
    }

    /// The years whose result is that of a neighbour, as when year labels have slipped.
    fn mislabelled(&self) -> Cases {
        let published = &self.balance.published;
        let slipped = |(key, result): (&YearOf, &Option<Centimes>)| {
            let (siren, year) = key;
            let result = (*result)?;
            let own = published.get(key)?;
            let of_body = published
                .range((siren.clone(), FiscalYear::MIN)..)
                .take_while(|((other, _), _)| other == siren);
            let ((_, other), _) = of_body.into_iter().find(|((_, other), value)| {
                other.get().abs_diff(year.get()) == 1 && **value == result
            })?;
            (*own != result).then(|| format!("{}{year}: {other}", prefix(siren)))
        };
        self.results.iter().filter_map(slipped).collect()
    }
}

/// Whether control totals are exact, and agree with each other.
fn of_totals(totals: TotalFindings) -> Vec<CheckResult> {
    if !totals.any() {
        return Vec::new();
    }
    let remark = |name, passed, against| check(name, Outcome::Warn, passed, against);
    vec![
        remark(
            "totals-exact",
            totals.amounts,
            Cases::unnamed(totals.denoised),
        ),
        remark("totals-consistent", totals.held, totals.broken),
    ]
}

/// A check that passes when nothing was found against it. `passed` is how many cases it looked at.
fn check(name: &str, otherwise: Outcome, passed: i64, against: Cases) -> CheckResult {
    let (outcome, found) = if against.number == 0 {
        (Outcome::Pass, passed)
    } else {
        (otherwise, against.number)
    };
    CheckResult {
        name: name.to_owned(),
        outcome,
        found,
        subjects: against.named,
    }
}

/// A case of a body among several, or of the only one.
fn of_body(several: bool, siren: &str, year: FiscalYear) -> String {
    if several {
        format!("{siren} › {year}")
    } else {
        year.to_string()
    }
}

fn stale(extracted: &[&Extracted]) -> Cases {
    let stale = extracted.iter().filter_map(|dataset| {
        let announced = dataset.stale_count?;
        Some(format!(
            "{}: {announced} → {}",
            dataset.dataset.dataset_id, dataset.rows
        ))
    });
    stale.collect()
}

fn extra_fields(extracted: &[&Extracted]) -> Cases {
    let extra = |dataset: &&Extracted| {
        let id = dataset.dataset.dataset_id.clone();
        dataset
            .schema
            .extra
            .iter()
            .map(move |name| format!("{id} › {name}"))
            .collect::<Vec<_>>()
    };
    extracted.iter().flat_map(extra).collect()
}

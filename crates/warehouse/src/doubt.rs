//! Which figures the checks cast doubt on: what a check found of a year of a public body, beside every figure
//! of that year.

use std::collections::{BTreeSet, HashMap};

use crate::{CheckResult, Outcome};
use centime_accounts::FiscalYear;

/// What the findings of a check mean for figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touches {
    /// The figures of the years that it names may be wrong.
    Figures,
    /// No figure: it is about the source as a whole, was put right, or is seen in the figure itself.
    Nothing,
}

/// Every check, and whether what it finds touches figures.
pub const CHECKS: [(&str, Touches); 28] = [
    ("records-complete", Touches::Nothing),
    ("fields-known", Touches::Nothing),
    ("amounts-exact", Touches::Figures),
    ("sides-known", Touches::Figures),
    ("activities-known", Touches::Figures),
    ("labels-recognised", Touches::Figures),
    // A missing amount that matters leaves a year without a figure.
    ("amounts-published", Touches::Nothing),
    ("parents-equal-parts", Touches::Figures),
    ("no-duplicates", Touches::Figures),
    ("lines-published-once", Touches::Figures),
    ("years-published-once", Touches::Figures),
    ("identifiers-valid", Touches::Nothing),
    // Such budgets have no figures.
    ("nomenclatures-known", Touches::Nothing),
    ("lines-equal-accounts", Touches::Figures),
    ("witnesses-agree", Touches::Figures),
    ("years-restated", Touches::Figures),
    // They are beside figures, and part of none.
    ("totals-exact", Touches::Nothing),
    ("totals-consistent", Touches::Nothing),
    ("computed-twice", Touches::Figures),
    ("years-labelled-right", Touches::Figures),
    ("balance-sheet-present", Touches::Nothing),
    ("balance-sheet-balances", Touches::Figures),
    // What is put right is proven by five sums that agree.
    ("balance-columns", Touches::Nothing),
    // What is carried forward changes by more than the result, which is held against the sheet by itself.
    ("results-carried-forward", Touches::Nothing),
    ("results-reconciled", Touches::Figures),
    ("body-kept", Touches::Nothing),
    ("years-kept", Touches::Nothing),
    ("reconciliation-kept", Touches::Figures),
];

/// How many findings of a check are kept by name at most. Below, each year of a body that has any is named.
pub const MOST_NAMED: usize = 2000;

/// What a check found of some years of a public body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The name of the check.
    pub check: String,
    /// The years, in order.
    pub years: Vec<FiscalYear>,
}

/// What the checks found that touches figures, by the body it is about: asked of many bodies, each finding is read
/// once.
#[derive(Clone, Debug, Default)]
pub struct Findings(Vec<Found>);

/// What a check found.
#[derive(Clone, Debug)]
struct Found {
    check: String,
    /// Whether too many were found to name them, so that any year may be among them.
    unnamed: bool,
    /// Years that are named without a body.
    of_all: BTreeSet<FiscalYear>,
    of_bodies: HashMap<String, BTreeSet<FiscalYear>>,
}

impl Findings {
    /// Of what the checks of a revision found, in their order.
    pub fn of(checks: &[CheckResult]) -> Self {
        let counts = |check: &&CheckResult| {
            let known = CHECKS.iter().find(|(name, _)| *name == check.name);
            // What a later version found and this one does not know is not kept from the reader.
            check.outcome != Outcome::Pass && known.is_none_or(|(_, of)| *of == Touches::Figures)
        };
        Self(checks.iter().filter(counts).map(Found::of).collect())
    }

    /// The doubts about the figures of a public body that has these years, in the order of the checks.
    pub fn doubts(&self, siren: &str, years: &[FiscalYear]) -> Vec<Doubt> {
        let of_body = |found: &Found| {
            let named = found.of_bodies.get(siren);
            let in_doubt = |year: &FiscalYear| {
                found.unnamed
                    || found.of_all.contains(year)
                    || named.is_some_and(|named| named.contains(year))
            };
            let of_years: BTreeSet<FiscalYear> = years.iter().copied().filter(in_doubt).collect();
            (!of_years.is_empty()).then(|| Doubt {
                check: found.check.clone(),
                years: of_years.into_iter().collect(),
            })
        };
        self.0.iter().filter_map(of_body).collect()
    }
}

impl Found {
    fn of(check: &CheckResult) -> Self {
        let mut found = Self {
            check: check.name.clone(),
            unnamed: check.subjects.len() >= MOST_NAMED,
            of_all: BTreeSet::new(),
            of_bodies: HashMap::new(),
        };
        for subject in &check.subjects {
            match year_of(subject) {
                Some((None, year)) => {
                    found.of_all.insert(year);
                }
                Some((Some(siren), year)) => {
                    let years = found.of_bodies.entry(siren.to_owned()).or_default();
                    years.insert(year);
                }
                None => {}
            }
        }
        found
    }
}

/// The doubts about the figures of a public body that has these years, in the order of the checks.
pub fn doubts(checks: &[CheckResult], siren: &str, years: &[FiscalYear]) -> Vec<Doubt> {
    Findings::of(checks).doubts(siren, years)
}

/// The doubts about some of the years.
pub fn within(doubts: &[Doubt], years: impl Fn(FiscalYear) -> bool) -> Vec<Doubt> {
    let narrowed = doubts.iter().map(|doubt| Doubt {
        check: doubt.check.clone(),
        years: doubt
            .years
            .iter()
            .copied()
            .filter(|year| years(*year))
            .collect(),
    });
    narrowed.filter(|doubt| !doubt.years.is_empty()).collect()
}

/// The year that a finding is about, and the number of the body where it is about one. A finding begins with the
/// year, behind the number of the body where there are several; one about a record ends with both.
fn year_of(subject: &str) -> Option<(Option<&str>, FiscalYear)> {
    if let Some((before, _)) = subject.rsplit_once(", record ") {
        let (_, year) = before.rsplit_once(' ')?;
        return Some((None, year.parse().ok()?));
    }
    if let Some(year) = leading_year(subject) {
        return Some((None, year));
    }
    let (siren, rest) = subject.split_once(" › ")?;
    Some((Some(siren), leading_year(rest)?))
}

/// The year that a text begins with: the number of a body has more digits.
fn leading_year(text: &str) -> Option<FiscalYear> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.get(..digits).filter(|_| digits == 4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, subjects: &[&str]) -> CheckResult {
        CheckResult {
            name: name.to_owned(),
            outcome: Outcome::Warn,
            found: 1,
            subjects: subjects.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn findings_name_their_years_and_bodies() {
        for (subject, found) in [
            ("2020 › CHARGES › Énergie", Some((None, 2020))),
            (
                "217500016 › 2020 › CHARGES › Énergie",
                Some((Some("217500016"), 2020)),
            ),
            (" › 2020: 1.00 €", Some((Some(""), 2020))),
            ("2020: -1.00 €", Some((None, 2020))),
            ("2016: 2017", Some((None, 2016))),
            ("compte-de-resultat 2019, record 12", Some((None, 2019))),
            ("compte-de-resultat › siret", None),
            ("", None),
            ("20200 › x", None),
        ] {
            let found = found.map(|(siren, year)| (siren, FiscalYear::new(year)));
            assert_eq!(year_of(subject), found, "{subject}");
        }
    }

    #[test]
    fn a_doubt_is_about_the_years_of_a_body() {
        let checks = [
            found("fields-known", &["2020"]),
            found(
                "no-duplicates",
                &["2020 › a › b", "2020 › a › c", "2018 › a › b"],
            ),
            found("parents-equal-parts", &["2031 › Total: 1.00 €"]),
            CheckResult {
                outcome: Outcome::Pass,
                ..found("labels-recognised", &["2020"])
            },
        ];
        let years = [2020, 2019, 2018].map(FiscalYear::new);
        let all = doubts(&checks, "", &years);
        let expected = Doubt {
            check: "no-duplicates".to_owned(),
            years: [2018, 2020].map(FiscalYear::new).to_vec(),
        };
        assert_eq!(all, [expected]);
        assert_eq!(within(&all, |year| year > years[2])[0].years, [years[0]]);
        assert!(within(&all, |year| year > years[0]).is_empty());
        let of_one = [found("no-duplicates", &["217500016 › 2020 › a › b"])];
        assert_eq!(doubts(&of_one, "217500016", &years)[0].years, [years[0]]);
        assert!(doubts(&of_one, "216901231", &years).is_empty());
        let many = vec!["217500016 › 2020 › a › b"; MOST_NAMED];
        let unnamed = doubts(&[found("no-duplicates", &many)], "216901231", &years);
        assert_eq!(unnamed[0].years, [2018, 2019, 2020].map(FiscalYear::new));
    }
}

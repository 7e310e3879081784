//! How a dataset is asked for and read, as the configuration sets it.

use std::collections::{BTreeMap, BTreeSet};

use centime_accounts::{AmountForm, FiscalYear, YearForm};
use centime_warehouse::Subject;

use crate::quote::quoted;

/// What may be set for a dataset. Nothing is: all records, read by the forms that can mean one thing only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatasetSettings {
    /// Which records, as a condition in ODSQL.
    pub filter: Option<String>,
    /// The time zone that days are meant in; that of Paris where none is given.
    pub timezone: Option<String>,
    /// The decimal mark of amounts that are texts: `,` or `.`.
    pub decimal: Option<String>,
    /// The mark between groups of three digits where one group alone is meant by it: the other of the two.
    pub thousands: Option<String>,
    /// How the fiscal year is written, as of `strptime`.
    pub year_format: Option<String>,
    /// Where years are columns: our name of an amount, and the portal's names of its columns with `{year}` in
    /// the place of the year.
    pub columns: BTreeMap<String, String>,
    /// The names of fields that may differ between rows that are otherwise equal.
    pub ignore: Vec<String>,
    /// What amounts with the noise of binary fractions are rounded to: `centime`. Control totals only.
    pub rounding: Option<String>,
}

/// Why something cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct SettingError {
    /// The setting.
    pub key: &'static str,
    /// Why not.
    pub reason: String,
}

/// How a dataset is asked for and read.
#[derive(Clone, Debug, Default)]
pub struct DatasetOptions {
    pub(crate) filter: Option<String>,
    pub(crate) timezone: Option<String>,
    pub(crate) amounts: Option<AmountForm>,
    pub(crate) years: YearForm,
    pub(crate) columns: BTreeMap<&'static str, YearPattern>,
    pub(crate) ignore: BTreeSet<String>,
    pub(crate) rounds: bool,
    written: String,
}

/// The names of the columns of an amount, one for each year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct YearPattern {
    before: String,
    after: String,
}

/// Stands for the year in the name of a column.
pub(crate) const YEAR: &str = "{year}";

impl YearPattern {
    pub fn parse(text: &str) -> Option<Self> {
        let (before, after) = text.split_once(YEAR)?;
        (!after.contains(YEAR)).then(|| Self {
            before: before.to_owned(),
            after: after.to_owned(),
        })
    }

    /// The name of a year, which is given as it is written.
    pub fn name(&self, year: &str) -> String {
        format!("{}{year}{}", self.before, self.after)
    }

    /// The year of a column, where its name is one of these.
    pub fn year(&self, name: &str) -> Option<FiscalYear> {
        let year = name.strip_prefix(&self.before)?.strip_suffix(&self.after)?;
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        is_year.then(|| FiscalYear::parse(year).ok()).flatten()
    }
}

/// What amounts each subject has, by our names.
pub(crate) const fn amounts(subject: Subject) -> &'static [&'static str] {
    match subject {
        Subject::IncomeStatement | Subject::Aggregates => &["amount"],
        Subject::BalanceSheet => &["gross", "depreciation", "net"],
        Subject::AccountBalances => &[
            "opening_debit",
            "opening_credit",
            "budget_debit",
            "budget_credit",
            "order_debit",
            "order_credit",
            "non_budget_debit",
            "non_budget_credit",
            "closing_debit",
            "closing_credit",
        ],
    }
}

impl DatasetOptions {
    /// Understands what is set for a subject.
    pub fn new(subject: Subject, settings: &DatasetSettings) -> Result<Self, SettingError> {
        let wrong = |key, reason: String| SettingError { key, reason };
        let present = |text: &Option<String>| {
            let text = text.as_deref().map(str::trim);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let decimal = settings.decimal.as_deref();
        let thousands = settings.thousands.as_deref();
        let amounts = match (decimal, thousands) {
            (None, None) => None,
            (None, Some(_)) => {
                let reason = "say which mark is the decimal one, too, as in decimal = \",\"";
                return Err(wrong("thousands", reason.to_owned()));
            }
            (Some(decimal), thousands) => {
                let other = if decimal == "," { "." } else { "," };
                if let Some(mark) = thousands.filter(|mark| *mark != other) {
                    let reason = format!(
                        "«{mark}» is not the other mark, «{other}»; spaces and apostrophes are understood by themselves"
                    );
                    return Err(wrong("thousands", reason));
                }
                let form = AmountForm::new(decimal, thousands.is_some());
                Some(form.ok_or_else(|| {
                    wrong(
                        "decimal",
                        format!("«{decimal}» is not a decimal mark: expected \",\" or \".\""),
                    )
                })?)
            }
        };
        let timezone = settings.timezone.as_deref();
        let format = settings.year_format.as_deref();
        let key = if YearForm::new(timezone, None).is_err() {
            "timezone"
        } else {
            "fiscal_year"
        };
        let years =
            YearForm::new(timezone, format).map_err(|error| wrong(key, error.to_string()))?;
        let rounds = match settings.rounding.as_deref().map(str::trim) {
            None => false,
            Some("centime") if subject == Subject::Aggregates => true,
            Some("centime") => {
                let reason =
                    "only control totals (kind = \"aggregates\") are rounded: accounts are exact";
                return Err(wrong("rounding", reason.to_owned()));
            }
            Some(other) => {
                return Err(wrong(
                    "rounding",
                    format!("«{other}»: expected \"centime\""),
                ));
            }
        };
        let mut columns = BTreeMap::new();
        for (name, pattern) in &settings.columns {
            let known = self::amounts(subject);
            let key = known.iter().find(|known| *known == name).ok_or_else(|| {
                wrong(
                    "columns",
                    format!("there is no «{name}»: expected {}", known.join(", ")),
                )
            })?;
            let pattern = YearPattern::parse(pattern).ok_or_else(|| {
                let reason = format!(
                    "«{pattern}» has no {YEAR} in the place of the year, as in exercice_{YEAR}"
                );
                wrong("columns", reason)
            })?;
            columns.insert(*key, pattern);
        }
        if !columns.is_empty() && format.is_some() {
            let reason = "years are columns, or in a field: set one of columns and fiscal_year";
            return Err(wrong("fiscal_year", reason.to_owned()));
        }
        Ok(Self {
            filter: present(&settings.filter),
            timezone: timezone.map(str::to_owned),
            amounts,
            years,
            columns,
            ignore: settings.ignore.iter().cloned().collect(),
            rounds,
            written: written(settings),
        })
    }

    /// Of account balances, which were chosen by a condition and as it is written here.
    pub(crate) fn of_balances(filter: Option<String>, written: &str) -> Self {
        Self {
            filter,
            written: written.to_owned(),
            ..Self::default()
        }
    }

    /// What is set of how records are read, as in the configuration; `None` where nothing is.
    pub(crate) fn written(&self) -> Option<&str> {
        Some(self.written.as_str()).filter(|written| !written.is_empty())
    }
}

/// The settings in one line, always in the same order. Which records are asked for is recorded separately.
fn written(settings: &DatasetSettings) -> String {
    let DatasetSettings {
        filter: _,
        timezone,
        decimal,
        thousands,
        year_format,
        columns,
        ignore,
        rounding,
    } = settings;
    let mut parts = Vec::new();
    for (key, value) in [
        ("timezone", timezone),
        ("decimal", decimal),
        ("thousands", thousands),
        ("rounding", rounding),
    ] {
        parts.extend(
            value
                .as_ref()
                .map(|value| format!("{key} = {}", quoted(value))),
        );
    }
    let format = year_format.as_ref();
    parts.extend(format.map(|format| format!("fiscal_year = {{ format = {} }}", quoted(format))));
    if !columns.is_empty() {
        let named = columns.iter();
        let named = named.map(|(key, pattern)| format!("{key} = {}", quoted(pattern)));
        parts.push(format!(
            "columns = {{ {} }}",
            named.collect::<Vec<_>>().join(", ")
        ));
    }
    if !ignore.is_empty() {
        let mut ignore: Vec<String> = ignore.iter().map(|name| quoted(name)).collect();
        ignore.sort_unstable();
        parts.push(format!("ignore = [{}]", ignore.join(", ")));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(change: impl FnOnce(&mut DatasetSettings)) -> String {
        let mut settings = DatasetSettings::default();
        change(&mut settings);
        let read = DatasetOptions::new(Subject::IncomeStatement, &settings);
        read.expect_err("a wrong setting").to_string()
    }

    #[test]
    fn a_wrong_setting_is_refused_by_its_name() {
        let some = |text: &str| Some(text.to_owned());
        for (message, words) in [
            (error(|s| s.decimal = some(";")), "decimal: «;»"),
            (error(|s| s.thousands = some(".")), "thousands: say which"),
            (
                error(|s| (s.decimal, s.thousands) = (some(","), some(","))),
                "thousands: «,» is not the other mark, «.»",
            ),
            (error(|s| s.timezone = some("Paris")), "timezone: «Paris»"),
            (
                error(|s| s.year_format = some("%d/%m")),
                "fiscal_year: «%d/%m»",
            ),
            (
                error(|s| {
                    drop(
                        s.columns
                            .insert("montant".to_owned(), "x_{year}".to_owned()),
                    );
                }),
                "columns: there is no «montant»: expected amount",
            ),
            (
                error(|s| {
                    drop(
                        s.columns
                            .insert("amount".to_owned(), "exercice_2013".to_owned()),
                    );
                }),
                "columns: «exercice_2013» has no {year}",
            ),
        ] {
            assert!(message.starts_with(words), "{message}");
        }
    }

    #[test]
    fn settings_are_written_in_one_way() {
        let settings = DatasetSettings {
            decimal: Some(",".to_owned()),
            timezone: Some("Europe/Paris".to_owned()),
            columns: BTreeMap::from([("amount".to_owned(), "exercice_{year}".to_owned())]),
            ignore: vec!["b".to_owned(), "a\"c".to_owned()],
            ..DatasetSettings::default()
        };
        let reading = DatasetOptions::new(Subject::IncomeStatement, &settings).unwrap();
        assert_eq!(
            reading.written(),
            Some(
                "timezone = \"Europe/Paris\"; decimal = \",\"; columns = { amount = \"exercice_{year}\" }; \
                 ignore = [\"b\", 'a\"c']"
            )
        );
        assert_eq!(DatasetOptions::default().written(), None);
        assert_eq!(quoted("a'b\"c\n"), "\"a'b\\\"c\\u000A\"");
    }

    #[test]
    fn the_year_of_a_column_is_in_its_name() {
        let pattern = YearPattern::parse("{year}_brut").unwrap();
        assert_eq!(pattern.year("2013_brut").map(FiscalYear::get), Some(2013));
        for other in [
            "2013_net",
            "213_brut",
            "x2013_brut",
            "2013_brut_",
            "_brut",
            "1066_brut",
        ] {
            assert_eq!(pattern.year(other), None, "{other}");
        }
        assert_eq!(YearPattern::parse("{year}{year}"), None);
    }
}

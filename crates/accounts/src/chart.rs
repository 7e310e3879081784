//! The official charts of accounts: which accounts there are, what they are called and which of them can be used, by
//! family, form and year.
//!
//! The charts are facts taken from the 215 official plans of 2013 to 2024 (`data/charts.tsv.gz`, made by
//! `data/make-charts.py`). A year outside of those of a chart is read by the nearest one, and said to be.

use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;

use crate::label::normalise;
use crate::nomenclature::{Edition, Nomenclature};
use crate::year::FiscalYear;

/// A chart of accounts in a fiscal year.
#[derive(Clone, Copy, Debug)]
pub struct Chart {
    table: &'static Table,
    asked: FiscalYear,
    /// The year of the table that is read.
    year: u16,
}

/// An account of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its number: `60611`.
    pub number: &'static str,
    /// Its official title, in French: `Eau et assainissement`.
    pub title: &'static str,
    /// Whether amounts can be entered in it. An account that cannot be used only holds others.
    pub usable: bool,
}

/// Why no chart of accounts is found.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// The family is none that is known.
    #[error("«{0}» is no chart of accounts that is known: expected one of {list}", list = FAMILIES.join(", "))]
    Family(String),
    /// The family is known, the form of its chart is not.
    #[error(
        "«{text}» is no form of the {family} chart of accounts that is known: expected one of {known}"
    )]
    Form {
        /// The text.
        text: String,
        /// The family.
        family: &'static str,
        /// The forms there are.
        known: String,
    },
}

/// Why accounts do not say of which chart they are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoFit {
    /// Each chart lacks too many of them.
    #[error(
        "no chart of accounts has the accounts of {year} ({nearest}, the nearest, has no {unknown})"
    )]
    Nothing {
        /// The fiscal year.
        year: FiscalYear,
        /// The family that lacks the fewest.
        nearest: &'static str,
        /// One that it lacks.
        unknown: String,
    },
    /// Two charts have them about as well.
    #[error("the accounts of {year} may be of {one} or of {other}")]
    Several {
        /// The fiscal year.
        year: FiscalYear,
        /// The family that lacks the fewest.
        one: &'static str,
        /// The next one.
        other: &'static str,
    },
}

/// The families that accounts are looked for in, where a document names none.
const LIKELY: [&str; 7] = ["M57", "M14", "M52", "M61", "M71", "M4", "M49"];

/// Bodies use a few accounts a year before the chart has them or after it had. So a chart that lacks some is still
/// the one of the accounts where it lacks at most one in this many,
const ACCOUNTS_FOR_A_STRANGER: usize = 20;
/// and every other one lacks more by at least this many
const MARGIN: usize = 5;
/// and this many times as many.
const TIMES: usize = 3;

/// The families there are charts of.
const FAMILIES: [&str; 11] = [
    "M14", "M4", "M41", "M42", "M43", "M44", "M49", "M52", "M57", "M61", "M71",
];

/// The first year in which M57 has an abridged and a developed chart.
const M57_FORMS: u16 = 2022;

/// The first year in which M43 has one chart only.
const M43_ALONE: u16 = 2022;

/// A chart over all its years.
#[derive(Debug)]
struct Table {
    name: &'static str,
    family: &'static str,
    /// By number; a number that changed its title or use has several.
    rows: Vec<Row>,
    first: u16,
    last: u16,
}

#[derive(Debug)]
struct Row {
    account: Account,
    from: u16,
    to: u16,
}

static TEXT: LazyLock<String> = LazyLock::new(|| {
    let mut text = String::new();
    GzDecoder::new(include_bytes!("../data/charts.tsv.gz").as_slice())
        .read_to_string(&mut text)
        .unwrap_or_else(|error| panic!("unreadable charts of accounts: {error}"));
    text
});

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    // The file is part of the program and covered by tests, so one in another form is a bug.
    let mut tables: Vec<(char, Table)> = Vec::new();
    for line in TEXT.lines() {
        let cells: Vec<&'static str> = line.split('\t').collect();
        match cells[..] {
            ["#", letter, _, name] => {
                let letter = letter.chars().next().expect("the letter of a chart");
                let family = FAMILIES.iter().find(|family| is_of_family(name, family));
                let table = Table {
                    name,
                    family: family.expect("a known family"),
                    rows: Vec::new(),
                    first: u16::MAX,
                    last: 0,
                };
                tables.push((letter, table));
            }
            [number, title, valid] => {
                for period in valid.split(' ') {
                    let (letters, from, to, usable) = period_of(period);
                    let account = Account {
                        number,
                        title,
                        usable,
                    };
                    for (letter, table) in &mut tables {
                        if letters.contains(*letter) {
                            table.rows.push(Row { account, from, to });
                            table.first = table.first.min(from);
                            table.last = table.last.max(to);
                        }
                    }
                }
            }
            _ => panic!("{line}: neither a chart nor an account"),
        }
    }
    tables.into_iter().map(|(_, table)| table).collect()
});

/// What `ABC13-24-` says: letters of charts, first and last year, and whether the account can be used.
fn period_of(period: &str) -> (&str, u16, u16, bool) {
    let (years, usable) = match period.strip_suffix('-') {
        Some(years) => (years, false),
        None => (period, true),
    };
    let digits = years
        .find(|letter: char| letter.is_ascii_digit())
        .expect("years of a chart");
    let (letters, years) = years.split_at(digits);
    let (from, to) = years.split_once('-').expect("first and last year");
    let year = |text: &str| 2000 + text.parse::<u16>().expect("a year");
    (letters, year(from), year(to), usable)
}

impl Chart {
    /// The chart that a text names, in a year: as documents write it (`M57-M57_A`, `M14-M14_COM_SUP3500`), as the
    /// DGFiP does (`M57A`, `M49`), or in words (`M57 abrégée`). A family without a form means its fullest.
    ///
    /// # Errors
    ///
    /// When the family is not known, or has no such form. Nothing is guessed: one account number means different
    /// things in different families.
    pub fn find(text: &str, year: FiscalYear) -> Result<Self, ChartError> {
        let shown = || -> String { text.trim().chars().take(40).collect() };
        let normal = normalise(text);
        let mut family = None;
        let mut form = String::new();
        for word in normal.split(' ') {
            let (start, rest) = family_and_rest(word);
            if let Some(known) = start {
                // `M4-M49_D` names the group first.
                family = Some(known);
                rest.clone_into(&mut form);
            } else {
                form.push_str(if form.is_empty() { "" } else { " " });
                form.push_str(word);
            }
        }
        let starts_with_family = normal
            .split(' ')
            .next()
            .is_some_and(|word| family_and_rest(word).0.is_some());
        let family = family
            .filter(|_| starts_with_family)
            .ok_or_else(|| ChartError::Family(shown()))?;
        let name = table_name(family, &form, year.get());
        let table = TABLES.iter().find(|table| table.name == name);
        let table = table.ok_or_else(|| ChartError::Form {
            text: shown(),
            family,
            known: forms_of(family),
        })?;
        Ok(Self {
            table,
            asked: year,
            year: year.get().clamp(table.first, table.last),
        })
    }

    /// The chart of the accounts of a document that names none: the only one that has all of them, or the one that
    /// lacks by far the fewest.
    ///
    /// # Errors
    ///
    /// When no chart has them, or two have them about as well.
    pub fn fitting(accounts: &[&str], year: FiscalYear) -> Result<Self, NoFit> {
        let mut charts: Vec<(usize, Self)> = LIKELY
            .into_iter()
            .filter_map(|family| Self::find(family, year).ok())
            // A chart that began later is not of that year.
            .filter(|chart| chart.read_as_of().is_none_or(|read| read < year.get()))
            .map(|chart| {
                let lacked = accounts.iter().filter(|it| chart.account(it).is_none());
                (lacked.count(), chart)
            })
            .collect();
        charts.sort_by_key(|(lacked, _)| *lacked);
        let [(lacked, best), (next, other), ..] = charts[..] else {
            unreachable!("there are charts of several families in each year")
        };
        let all = lacked == 0 && next > 0;
        let nearly_all = lacked.saturating_mul(ACCOUNTS_FOR_A_STRANGER) <= accounts.len();
        let by_far = next >= (lacked + MARGIN).max(lacked.saturating_mul(TIMES));
        if all || (nearly_all && by_far) {
            return Ok(best);
        }
        let unknown = accounts.iter().find(|it| best.account(it).is_none());
        Err(match unknown.filter(|_| !nearly_all) {
            Some(unknown) => NoFit::Nothing {
                year,
                nearest: best.family(),
                unknown: (*unknown).to_owned(),
            },
            None => NoFit::Several {
                year,
                one: best.family(),
                other: other.family(),
            },
        })
    }

    /// All charts there are, each in each of its years.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLES.iter().flat_map(|table| {
            (table.first..=table.last).filter_map(move |year| {
                Some(Self {
                    table,
                    asked: FiscalYear::of(i16::try_from(year).ok()?)?,
                    year,
                })
            })
        })
    }

    /// The family: `M57`, `M49`.
    pub const fn family(&self) -> &'static str {
        self.table.family
    }

    /// The official name of the chart: `M57_A`, `M14_COM_SUP3500`.
    pub const fn name(&self) -> &'static str {
        self.table.name
    }

    /// The fiscal year that was asked for.
    pub const fn year(&self) -> FiscalYear {
        self.asked
    }

    /// The year of the chart that is read.
    pub const fn read_year(&self) -> u16 {
        self.year
    }

    /// The year of the chart that is read in place of the one that was asked for; `None` where it is the same.
    pub fn read_as_of(&self) -> Option<u16> {
        (self.year != self.asked.get()).then_some(self.year)
    }

    /// The statement that its family prescribes; `None` for families whose official model is not at hand.
    pub fn nomenclature(&self) -> Option<&'static Nomenclature> {
        Nomenclature::by_code(self.table.family)
    }

    /// Its form of the statement; `None` where [`Chart::nomenclature`] is.
    pub fn edition(&self) -> Option<&'static Edition> {
        self.nomenclature()?
            .edition_of_chart(self.table.name, self.year)
    }

    /// All accounts of the year, by number.
    pub fn accounts(&self) -> impl Iterator<Item = Account> + use<> {
        let year = self.year;
        let rows = self.table.rows.iter();
        rows.filter(move |row| row.holds(year))
            .map(|row| row.account)
    }

    /// The account with this number.
    pub fn account(&self, number: &str) -> Option<Account> {
        let rows = &self.table.rows;
        let start = rows.partition_point(|row| row.account.number < number);
        rows[start..]
            .iter()
            .take_while(|row| row.account.number == number)
            .find(|row| row.holds(self.year))
            .map(|row| row.account)
    }

    /// The title of an account. One that the chart does not have is a subdivision of the nearest that it has, whose
    /// number is given, too.
    pub fn title(&self, number: &str) -> Option<Account> {
        (1..=number.len())
            .rev()
            .filter_map(|length| number.get(..length))
            .find_map(|start| self.account(start))
    }

    /// The account that holds another: the longest beginning of its number that is an account of the chart.
    pub fn parent(&self, number: &str) -> Option<Account> {
        self.title(number.get(..number.len().checked_sub(1)?)?)
    }

    /// Whether an account holds no other.
    pub fn is_leaf(&self, number: &str) -> bool {
        let rows = &self.table.rows;
        let start = rows.partition_point(|row| row.account.number <= number);
        !rows[start..]
            .iter()
            .take_while(|row| row.account.number.starts_with(number))
            .any(|row| row.holds(self.year))
    }
}

impl Row {
    const fn holds(&self, year: u16) -> bool {
        self.from <= year && year <= self.to
    }
}

/// The family that a word begins with, and the rest of the word: `m57a` is M57 and `a`.
fn family_and_rest(word: &str) -> (Option<&'static str>, &str) {
    let digits = word.strip_prefix('m').unwrap_or_default();
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = digits.split_at(length);
    let family = FAMILIES.iter().find(|family| family[1..] == *number);
    (family.copied(), rest)
}

/// The name of the chart of a family that a form means in a year.
fn table_name(family: &str, form: &str, year: u16) -> String {
    let form = match form {
        "" => "",
        "a" | "abrege" | "abregee" => "A",
        "d" | "developpe" | "developpee" => "D",
        "p" => "P",
        other => other,
    };
    match (family, form) {
        ("M14", "" | "D") => "M14_COM_SUP3500".to_owned(),
        ("M14", "A") => "M14_COM_INF500".to_owned(),
        ("M14", other) => format!("M14_{}", other.to_uppercase().replace(' ', "_")),
        ("M57", "" | "A" | "D" | "P") if year < M57_FORMS => "M57".to_owned(),
        ("M57" | "M49", "") => format!("{family}_D"),
        ("M43", "" | "A" | "D") if year >= M43_ALONE => "M43".to_owned(),
        ("M43", "") => "M43_D".to_owned(),
        (_, "") => family.to_owned(),
        (_, form) => format!("{family}_{form}"),
    }
}

fn is_of_family(table: &str, family: &str) -> bool {
    table
        .strip_prefix(family)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
}

fn forms_of(family: &str) -> String {
    let names = TABLES.iter().map(|table| table.name);
    let names: Vec<&str> = names.filter(|name| is_of_family(name, family)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, year: &str) -> Result<Chart, ChartError> {
        Chart::find(text, FiscalYear::parse(year).unwrap())
    }

    #[test]
    fn a_chart_is_found_by_the_names_that_documents_give_it() {
        for (text, year, name) in [
            ("M57-M57_A", "2023", "M57_A"),
            ("M57A", "2023", "M57_A"),
            ("M57 abrégée", "2023", "M57_A"),
            ("M57_A", "2021", "M57"),
            (" m57 ", "2024", "M57_D"),
            ("M57", "2019", "M57"),
            ("M57-M57_P", "2024", "M57_P"),
            ("M14-M14_COM_SUP3500", "2017", "M14_COM_SUP3500"),
            ("M14-M14_COM_500_3500", "2017", "M14_COM_500_3500"),
            ("M14-M14_CCAS_INF3500", "2017", "M14_CCAS_INF3500"),
            ("M14-M14_CE", "2017", "M14_CE"),
            ("M14", "2020", "M14_COM_SUP3500"),
            ("M14A", "2020", "M14_COM_INF500"),
            ("M49", "2020", "M49_D"),
            ("M49A", "2020", "M49_A"),
            ("M4-M49_D", "2020", "M49_D"),
            ("M4", "2020", "M4"),
            ("M4-M41", "2020", "M41"),
            ("M43A", "2020", "M43_A"),
            ("M43", "2020", "M43_D"),
            ("M43-M43", "2023", "M43"),
            ("M52", "2018", "M52"),
            ("M71-M71", "2018", "M71"),
            ("M61", "2018", "M61"),
        ] {
            let found = find(text, year).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(found.name(), name, "{text} {year}");
        }
    }

    #[test]
    fn an_unknown_family_or_form_is_named() {
        for text in [
            "M22",
            "M21",
            "M5",
            "M",
            "",
            "57",
            "PCG",
            "COM_SUP3500",
            "M570",
        ] {
            let error = find(text, "2020").unwrap_err();
            assert!(matches!(error, ChartError::Family(_)), "{text}: {error}");
            let said = error.to_string();
            assert!(said.contains(&format!("«{text}»")), "{said}");
            assert!(said.contains("M14, M4, M41"), "{said}");
        }
        for text in ["M57-M57_X", "M14_COM", "M52_A", "M57 M57_A M57_A B"] {
            let error = find(text, "2023").unwrap_err();
            assert!(matches!(error, ChartError::Form { .. }), "{text}: {error}");
        }
        let error = find("M14_COM", "2020").unwrap_err().to_string();
        assert!(error.contains("M14_COM_INF500"), "{error}");
        assert!(
            find(&"é".repeat(10_000), "2020")
                .unwrap_err()
                .to_string()
                .len()
                < 300
        );
    }

    #[test]
    fn accounts_say_of_which_chart_they_are() {
        let of = |accounts: &[&str], year: &str| {
            Chart::fitting(accounts, FiscalYear::parse(year).unwrap())
        };
        let usable = |chart: &Chart| -> Vec<&'static str> {
            let accounts = chart.accounts().filter(|account| account.usable);
            let numbers = accounts.map(|account| account.number);
            numbers.filter(|it| it.starts_with(['6', '7'])).collect()
        };
        for family in ["M57", "M14", "M52", "M61", "M71", "M49"] {
            for year in ["2016", "2019", "2021"] {
                let chart = find(family, year).unwrap();
                let all = usable(&chart);
                let found = of(&all, year).unwrap();
                assert_eq!(found.family(), family, "{year}");
                // Two that came or went with another year change nothing.
                let strange = [&all[..], &["65998", "75998"]].concat();
                assert_eq!(of(&strange, year).unwrap().family(), family, "{year}");
            }
        }
        // Accounts that several charts have do not say which it is, nor do those that none has.
        let error = of(&["6015", "7015"], "2021").unwrap_err();
        assert!(matches!(error, NoFit::Several { .. }), "{error}");
        let error = of(&["60998", "61998", "62998"], "2021").unwrap_err();
        assert!(error.to_string().contains("has no 60998"), "{error}");
        assert!(matches!(of(&[], "2021"), Err(NoFit::Several { .. })));
    }

    #[test]
    fn accounts_have_their_titles_of_the_year() {
        let title = |year: &str| {
            find("M57", year)
                .unwrap()
                .account("65743")
                .map(|it| it.title)
        };
        assert_eq!(title("2024"), Some("Fermiers et concessionnaires"));
        assert_eq!(title("2019"), None);
        let chart = find("M57A", "2023").unwrap();
        assert_eq!(chart.title("60611").unwrap().title, "Eau et assainissement");
        // What the chart does not divide has the title of what it is in.
        assert_eq!(chart.title("606119").unwrap().number, "60611");
        assert_eq!(chart.title("9"), None);
        assert_eq!(chart.parent("60611").unwrap().number, "6061");
        assert_eq!(chart.parent("60"), None);
        assert!(chart.is_leaf("60611") && !chart.is_leaf("6061"));
        assert!(chart.account("60611").unwrap().usable && !chart.account("60").unwrap().usable);
    }

    #[test]
    fn a_year_without_a_chart_is_read_by_the_nearest() {
        let later = find("M57A", "2026").unwrap();
        assert_eq!((later.read_as_of(), later.year().get()), (Some(2024), 2026));
        assert_eq!(later.edition().unwrap().code, "M57_A");
        assert_eq!(find("M14", "2010").unwrap().read_as_of(), Some(2013));
        assert_eq!(find("M14", "2015").unwrap().read_as_of(), None);
    }

    #[test]
    fn every_chart_of_a_known_statement_has_an_edition() {
        assert_eq!(TABLES.len(), 22);
        for chart in Chart::all() {
            assert!(
                chart.accounts().count() > 100,
                "{} {}",
                chart.name(),
                chart.year()
            );
            assert_eq!(chart.nomenclature().is_some(), chart.edition().is_some());
            let found = Chart::find(chart.name(), chart.year()).unwrap();
            assert_eq!((found.name(), found.year), (chart.name(), chart.year));
        }
    }
}

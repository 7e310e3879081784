//! Fiscal years, and the forms in which portals write them.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::fmt::temporal::Pieces;
use jiff::tz::{Offset, TimeZone};
use serde::Serialize;

use crate::label::normalise;

/// A fiscal year (*exercice comptable*); for French public bodies, a calendar year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FiscalYear(u16);

/// Why a text is not a fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YearError {
    /// It is no year, or none that can be.
    #[error("«{0}» is not a fiscal year between {first} and {last}", first = FiscalYear::FIRST, last = FiscalYear::LAST)]
    NotAYear(String),
    /// It is a moment around New Year, which is in one year here and in another there.
    #[error("«{0}» is not a fiscal year: which of two years it is in depends on the time zone")]
    Moment(String),
    /// It has not the form that years are said to have.
    #[error("«{text}» is not a fiscal year of the form «{format}»")]
    Form {
        /// The text.
        text: String,
        /// The form.
        format: String,
    },
}

impl FiscalYear {
    /// The earliest year accepted. Open data begin much later; anything before is a typing error.
    pub const FIRST: u16 = 1950;
    /// The latest year accepted.
    pub const LAST: u16 = 2100;

    /// The first fiscal year accepted, as such.
    pub const MIN: Self = Self(Self::FIRST);

    /// The last fiscal year accepted, as such.
    pub const MAX: Self = Self(Self::LAST);

    /// Every fiscal year accepted.
    pub const ALL: RangeInclusive<Self> = Self::MIN..=Self::MAX;

    /// A year that the program names itself. What is read goes through [`FiscalYear::parse`] or `TryFrom`.
    ///
    /// # Panics
    ///
    /// Where it is no year that is accepted.
    pub const fn new(year: u16) -> Self {
        assert!(
            Self::FIRST <= year && year <= Self::LAST,
            "not a fiscal year"
        );
        Self(year)
    }

    /// The fiscal years from one number to another, each included; empty where none is between them.
    pub fn between(from: Option<i64>, to: Option<i64>) -> RangeInclusive<Self> {
        let [first, last] = [Self::FIRST, Self::LAST].map(i64::from);
        let from = from.unwrap_or(first).max(first);
        let to = to.unwrap_or(last).min(last);
        match (Self::try_from(from), Self::try_from(to)) {
            (Ok(from), Ok(to)) => from..=to,
            // As a range whose end is before its beginning, which holds nothing.
            _ => Self::MAX..=Self::MIN,
        }
    }

    /// The year as a number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The year after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// This year and those after it, up to another one.
    pub fn through(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// The year before this one; `None` before the first year accepted.
    pub fn previous(self) -> Option<Self> {
        (self > Self::MIN).then(|| Self(self.0 - 1))
    }

    /// Reads a year as portals write it, in any form that can mean one year only: `2019`, `2019.0`, `2019-01-01`,
    /// `2019-01-01T00:00:00+00:00`, `31/12/2019`, `12/2019`, `Exercice 2019`, `décembre 2019`.
    pub fn parse(text: &str) -> Result<Self, YearError> {
        YearForm::default().read(text)
    }

    pub(crate) fn of(number: i16) -> Option<Self> {
        let number = u16::try_from(number).ok()?;
        (Self::FIRST..=Self::LAST)
            .contains(&number)
            .then_some(Self(number))
    }

    /// A year of four digits.
    fn of_digits(text: &str) -> Option<Self> {
        let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        is_year
            .then(|| text.parse().ok())
            .flatten()
            .and_then(Self::of)
    }
}

/// How a portal writes fiscal years, where that has to be said.
#[derive(Clone, Debug, Default)]
pub struct YearForm {
    zone: Option<TimeZone>,
    format: Option<String>,
}

/// Why something cannot be said of how years are written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum YearFormError {
    /// There is no such time zone.
    #[error("«{0}» is not a time zone: expected a name such as Europe/Paris")]
    Zone(String),
    /// No year can be read by the form.
    #[error("«{0}» is not a form of years: expected one with %Y, such as %d/%m/%Y")]
    Format(String),
}

/// How far the clocks of two places on Earth may be apart, with an hour for summer time: a moment this far from
/// New Year is in the same year everywhere.
const APART: SignedDuration = SignedDuration::from_hours(15);

impl YearForm {
    /// Years written as days or moments in a time zone (`Europe/Paris`), or in a form (`%d/%m/%Y`, as of
    /// `strptime`), or both.
    pub fn new(zone: Option<&str>, format: Option<&str>) -> Result<Self, YearFormError> {
        let zone = zone.map(|name| {
            TimeZone::get(name).map_err(|_unknown| YearFormError::Zone(name.to_owned()))
        });
        if let Some(format) = format {
            let date = Date::constant(2019, 12, 31);
            let reads = strtime::format(format, date)
                .and_then(|text| strtime::parse(format, text))
                .is_ok_and(|read| read.year() == Some(2019));
            if !reads {
                return Err(YearFormError::Format(format.to_owned()));
            }
        }
        Ok(Self {
            zone: zone.transpose()?,
            format: format.map(str::to_owned),
        })
    }

    /// Reads a year.
    ///
    /// # Errors
    ///
    /// Where the text could mean another year, or is none.
    pub fn read(&self, text: &str) -> Result<FiscalYear, YearError> {
        let trimmed = text.trim();
        if let Some(format) = &self.format {
            let year = strtime::parse(format, trimmed)
                .ok()
                .and_then(|read| read.year());
            return year
                .and_then(FiscalYear::of)
                .ok_or_else(|| YearError::Form {
                    text: cut(trimmed),
                    format: format.clone(),
                });
        }
        let plain = trimmed.strip_suffix(".0").unwrap_or(trimmed);
        if let Some(year) = FiscalYear::of_digits(plain) {
            return Ok(year);
        }
        let not_a_year = || YearError::NotAYear(cut(trimmed));
        let is_iso = trimmed.as_bytes().get(4) == Some(&b'-') && trimmed.len() >= ISO_DATE;
        if is_iso {
            let pieces = Pieces::parse(trimmed).map_err(|_| not_a_year())?;
            let year = match pieces.time() {
                None => pieces.date().year(),
                Some(time) => {
                    let wall = pieces.date().to_datetime(time);
                    self.year_of(wall, pieces.to_numeric_offset())
                        .ok_or_else(|| YearError::Moment(cut(trimmed)))?
                }
            };
            return FiscalYear::of(year).ok_or_else(not_a_year);
        }
        in_words(trimmed).ok_or_else(not_a_year)
    }

    /// The year of a moment, if it is one whatever was meant.
    fn year_of(&self, wall: DateTime, offset: Option<Offset>) -> Option<i16> {
        let is_day = |moment: DateTime| moment.time() == Time::midnight();
        let instant = offset.and_then(|offset| offset.to_timestamp(wall).ok());
        let universal = instant.map(|instant| Offset::UTC.to_datetime(instant));
        let there = instant
            .zip(self.zone.as_ref())
            .map(|(instant, zone)| zone.to_datetime(instant));
        let agree = |year: i16| there.is_none_or(|there| there.year() == year);
        // The first moment of a day stands for that day.
        if let Some(there) = there.filter(|there| is_day(*there)) {
            return Some(there.year());
        }
        if is_day(wall) && agree(wall.year()) {
            return Some(wall.year());
        }
        if universal.is_some_and(|universal| is_day(universal) && universal.year() == wall.year())
            && agree(wall.year())
        {
            return Some(wall.year());
        }
        let before = wall.checked_sub(APART).ok()?.year();
        let after = wall.checked_add(APART).ok()?.year();
        (before == after).then_some(before)
    }
}

/// The length of `2019-01-01`.
const ISO_DATE: usize = 10;

/// The names of the months, without accents.
const MONTHS: [&str; 12] = [
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
];

/// Words before a year that say that it is one.
const BEFORE: [&str; 9] = [
    "exercice",
    "comptable",
    "annee",
    "fiscal",
    "year",
    "clos",
    "au",
    "le",
    "du",
];

/// A year with words or a day of it, as people write it in French.
fn in_words(text: &str) -> Option<FiscalYear> {
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_end_matches(':'))
        .skip_while(|word| word.is_empty() || BEFORE.contains(&&*normalise(word)))
        .filter(|word| !word.is_empty())
        .collect();
    let is_month = |word: &str| MONTHS.contains(&&*normalise(word));
    match words.as_slice() {
        [date] => FiscalYear::of_digits(date).or_else(|| in_figures(date)),
        // As some programs write days.
        [date, "00:00" | "00:00:00"] => in_figures(date),
        [month, year] if is_month(month) => FiscalYear::of_digits(year),
        [day, month, year] if is_month(month) => {
            let day = day.strip_suffix("er").unwrap_or(day);
            number(day, 31).and_then(|_| FiscalYear::of_digits(year))
        }
        _ => None,
    }
}

/// The year of `31/12/2019`, `31.12.2019`, `31-12-2019`, `12/2019` or `2019/12/31`; whichever of day and month comes first.
fn in_figures(date: &str) -> Option<FiscalYear> {
    let parts = |separator| date.split(separator).collect::<Vec<&str>>();
    let is_day = |one: &str, other: &str| {
        let (one, other) = (number(one, 31), number(other, 31));
        one.zip(other)
            .is_some_and(|(one, other)| one <= 12 || other <= 12)
    };
    for separator in ['/', '.', '-'] {
        match parts(separator).as_slice() {
            [one, other, year] if year.len() == 4 && is_day(one, other) => {
                return FiscalYear::of_digits(year);
            }
            [year, month, day]
                if separator == '/'
                    && year.len() == 4
                    && number(month, 12).is_some()
                    && number(day, 31).is_some() =>
            {
                return FiscalYear::of_digits(year);
            }
            [month, year]
                if separator == '/' && month.len() == 2 && number(month, 12).is_some() =>
            {
                return FiscalYear::of_digits(year);
            }
            _ => {}
        }
    }
    None
}

/// A number of one or two digits, from 1 to the largest.
fn number(text: &str, largest: u8) -> Option<u8> {
    let is_short = matches!(text.len(), 1 | 2) && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_short.then(|| text.parse().ok()).flatten()?;
    (1..=largest).contains(&number).then_some(number)
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

impl TryFrom<i64> for FiscalYear {
    type Error = YearError;
    fn try_from(number: i64) -> Result<Self, YearError> {
        let year = i16::try_from(number).ok().and_then(Self::of);
        year.ok_or_else(|| YearError::NotAYear(number.to_string()))
    }
}

impl From<FiscalYear> for i64 {
    fn from(year: FiscalYear) -> Self {
        Self::from(year.0)
    }
}

impl FromStr for FiscalYear {
    type Err = YearError;

    /// A year of four digits, as addresses and commands have it; portals may write theirs in other forms, which
    /// [`FiscalYear::parse`] reads.
    fn from_str(text: &str) -> Result<Self, YearError> {
        Self::of_digits(text).ok_or_else(|| YearError::NotAYear(cut(text)))
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn years_of_a_program_stay_within_those_that_are_accepted() {
        assert_eq!("2024".parse(), Ok(FiscalYear::new(2024)));
        for text in ["20240", "1949", "2101", "24", " 2024", "+2024", ""] {
            assert!(text.parse::<FiscalYear>().is_err(), "{text}");
        }
        let year = FiscalYear::new(2024);
        assert_eq!(year.previous(), Some(FiscalYear::new(2023)));
        assert_eq!(FiscalYear::MIN.previous(), None);
        let next: Vec<u16> = year
            .through(FiscalYear::new(2026))
            .map(FiscalYear::get)
            .collect();
        assert_eq!(next, [2024, 2025, 2026]);
        let range = |from, to| FiscalYear::between(from, to);
        assert_eq!(range(None, None), FiscalYear::ALL);
        assert_eq!(range(Some(2024), Some(2024)), year..=year);
        assert_eq!(range(Some(-5), Some(2024)), FiscalYear::MIN..=year);
        for (from, to) in [
            (Some(2101), None),
            (None, Some(1949)),
            (Some(i64::MAX), Some(i64::MAX)),
        ] {
            assert!(range(from, to).is_empty(), "{from:?} {to:?}");
        }
    }

    fn year(text: &str) -> Option<u16> {
        FiscalYear::parse(text).ok().map(FiscalYear::get)
    }

    #[test]
    fn the_forms_portals_use_are_the_same_year() {
        for text in [
            "2019",
            " 2019 ",
            "2019-01-01",
            "2019-12-31",
            "2019-12-31T00:00:00+00:00",
            "2019-01-01T00:00:00Z",
            "2019-01-01T00:00:00+01:00",
            // Midnight in universal time, as Paris sees it.
            "2019-01-01T01:00:00+01:00",
            "2019-06-30T22:00:00+00:00",
            "2019.0",
            "2019-01-01 00:00",
            "31/12/2019",
            "01/02/2019",
            "12/31/2019",
            "31.12.2019",
            "31-12-2019",
            "2019/12/31",
            "31/12/2019 00:00:00",
            "12/2019",
            "Exercice 2019",
            "EXERCICE COMPTABLE : 2019",
            "exercice\u{a0}2019",
            "Année 2019",
            "décembre 2019",
            "31 décembre 2019",
            "1er janvier 2019",
            "Exercice clos le 31/12/2019",
        ] {
            assert_eq!(year(text), Some(2019), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "19",
            "1066",
            "20190",
            "2019-2020",
            "2019/2020",
            "2019-20",
            "2010-11",
            "2019x",
            "MMXIX",
            "-2019",
            "2019-1-1",
            "2019-13-01",
            "2019-01-99",
            "2019-02-30",
            "2019-12-31Tsoon",
            "31/13/2019",
            "32/01/2019",
            "31/12/19",
            "13/2019",
            "12.2019",
            "1.2019",
            "2019 2020",
            "Exercice",
            "Exercice 2019 et 2020",
            "avant 2019",
            "2019 (provisoire)",
            "T4 2019",
            "31/12/2019 23:00",
            "45 décembre 2019",
            "20191231",
        ] {
            assert_eq!(year(text), None, "{text}");
        }
    }

    #[test]
    fn a_moment_around_new_year_has_no_year_until_the_zone_is_said() {
        let paris = YearForm::new(Some("Europe/Paris"), None).unwrap();
        let noumea = YearForm::new(Some("Pacific/Noumea"), None).unwrap();
        for (text, in_paris, in_noumea) in [
            ("2018-12-31T23:00:00+00:00", Some(2019), None),
            ("2018-12-31T13:00:00+00:00", None, Some(2019)),
            ("2018-12-31T20:00:00Z", None, None),
            // The last second of a year in some zone, as a deadline is written.
            ("2018-12-31T23:59:59+00:00", None, None),
            ("2018-12-31T22:59:59Z", None, None),
            ("2019-01-01T09:59:59Z", None, None),
            // No zone at all, and no midnight.
            ("2018-12-31 23:00", None, None),
        ] {
            assert_eq!(year(text), None, "{text}");
            let error = FiscalYear::parse(text).unwrap_err().to_string();
            assert!(error.contains("time zone"), "{error}");
            let read = |form: &YearForm| form.read(text).ok().map(FiscalYear::get);
            assert_eq!(read(&paris), in_paris, "{text} in Paris");
            assert_eq!(read(&noumea), in_noumea, "{text} in Nouméa");
        }
        // The first of January, unless it is the evening before where the portal is.
        let text = "2019-01-01T00:00:00+00:00";
        assert_eq!(paris.read(text).unwrap().get(), 2019);
        let martinique = YearForm::new(Some("America/Martinique"), None).unwrap();
        assert!(martinique.read(text).is_err());
    }

    #[test]
    fn a_form_that_is_said_is_the_only_one() {
        let form = YearForm::new(None, Some("CA %Y (provisoire)")).unwrap();
        assert_eq!(form.read("CA 2019 (provisoire)").unwrap().get(), 2019);
        let error = form.read("2019").unwrap_err().to_string();
        assert!(error.contains("«CA %Y (provisoire)»"), "{error}");
        let form = YearForm::new(None, Some("%Y%m%d")).unwrap();
        assert_eq!(form.read("20191231").unwrap().get(), 2019);
        assert!(form.read("10661231").is_err());
        let short = YearForm::new(None, Some("%d/%m/%y")).unwrap();
        assert_eq!(short.read("31/12/19").unwrap().get(), 2019);
        for wrong in ["%d/%m", "", "%Q", "Exercice"] {
            assert!(YearForm::new(None, Some(wrong)).is_err(), "{wrong}");
        }
        assert!(YearForm::new(Some("Europe/Pari"), None).is_err());
        assert!(YearForm::new(Some(""), None).is_err());
    }

    proptest! {
        #[test]
        fn a_year_is_the_same_in_every_form_or_refused(
            year in FiscalYear::FIRST..=FiscalYear::LAST, month in 1_u8..=12, day in 1_u8..=28,
            hour in 0_u8..24, minute in 0_u8..60, offset in -12_i8..=14,
        ) {
            for text in [
                format!("{year}"), format!("{year}.0"), format!("{year}-{month:02}-{day:02}"),
                format!("{day:02}/{month:02}/{year}"), format!("{month:02}/{day:02}/{year}"),
                format!("{month:02}/{year}"), format!("Exercice {year}"), format!("{day} {} {year}", MONTHS[usize::from(month) - 1]),
            ] {
                prop_assert_eq!(FiscalYear::parse(&text).map(FiscalYear::get), Ok(year), "{}", text);
            }
            let sign = if offset < 0 { '-' } else { '+' };
            let moment = format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00{sign}{:02}:00", offset.abs());
            if let Ok(read) = FiscalYear::parse(&moment) {
                prop_assert_eq!(read.get(), year, "{}", moment);
            }
        }

        #[test]
        fn the_first_of_january_somewhere_is_never_another_year(
            year in 1970_u16..=2100,
            zone in proptest::sample::select(vec![
                "Europe/Paris", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte",
                "Pacific/Noumea", "Pacific/Tahiti", "America/Miquelon", "Pacific/Wallis",
            ]),
        ) {
            let there = TimeZone::get(zone).unwrap();
            let start = there.to_timestamp(Date::constant(i16::try_from(year).unwrap(), 1, 1).to_datetime(Time::midnight())).unwrap();
            // As a portal shows it in universal time.
            let text = start.to_string();
            let said = YearForm::new(Some(zone), None).unwrap();
            prop_assert_eq!(said.read(&text).map(FiscalYear::get), Ok(year), "{} of {}", text, zone);
            if let Ok(read) = FiscalYear::parse(&text) {
                prop_assert_eq!(read.get(), year, "{} of {}", text, zone);
            }
        }

        #[test]
        fn any_text_is_a_year_or_is_not(text in ".*|[0-9/:TZ+. -]{0,26}") {
            drop(FiscalYear::parse(&text));
            drop(YearForm::new(None, Some(&text)));
        }
    }
}

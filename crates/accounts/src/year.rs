//! Fiscal years, and the forms in which portals write them.

use std::fmt;

use serde::Serialize;

/// A fiscal year (*exercice comptable*); for French public bodies, a calendar year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct FiscalYear(u16);

/// Why a text is not a fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("«{0}» is not a fiscal year between {first} and {last}", first = FiscalYear::FIRST, last = FiscalYear::LAST)]
pub struct YearError(String);

impl FiscalYear {
    /// The earliest year accepted. Open data begin much later; anything before is a typing error.
    pub const FIRST: u16 = 1950;
    /// The latest year accepted.
    pub const LAST: u16 = 2100;

    /// The first fiscal year accepted, as such.
    pub const MIN: Self = Self(Self::FIRST);

    /// The year as a number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The year after this one.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Reads a year as portals write it: `2019`, `2019-01-01` or `2019-01-01T00:00:00+00:00`, by
    /// portal and by export format; a number may carry `.0`.
    pub fn parse(text: &str) -> Result<Self, YearError> {
        let trimmed = text.trim();
        let year = trimmed.split('-').next().unwrap_or_default();
        let year = year.strip_suffix(".0").unwrap_or(year);
        let is_date = trimmed.len() == year.len()
            || trimmed
                .strip_prefix(year)
                .is_some_and(|rest| rest == ".0" || is_month_and_day(rest));
        match year.parse::<u16>() {
            Ok(number)
                if is_date
                    && year.len() == 4
                    && (Self::FIRST..=Self::LAST).contains(&number)
                    && !is_last_evening(trimmed) =>
            {
                Ok(Self(number))
            }
            _ => Err(YearError(trimmed.chars().take(40).collect())),
        }
    }
}

/// `-MM-DD`, alone or followed by a time.
fn is_month_and_day(rest: &str) -> bool {
    let number = |range| {
        rest.get(range)
            .and_then(|digits: &str| digits.parse::<u8>().ok())
    };
    rest.starts_with('-')
        && rest.get(3..4) == Some("-")
        && number(1..3).is_some_and(|month| (1..=12).contains(&month))
        && number(4..6).is_some_and(|day| (1..=31).contains(&day))
        && matches!(rest.as_bytes().get(6), None | Some(b'T' | b' '))
}

/// The last hours of a year, in universal time: the first of the next one in Paris. Which of the
/// two years is meant cannot be known.
fn is_last_evening(text: &str) -> bool {
    text.get(5..10) == Some("12-31") && matches!(text.get(11..13), Some("22" | "23"))
}

impl TryFrom<i64> for FiscalYear {
    type Error = YearError;
    fn try_from(number: i64) -> Result<Self, YearError> {
        Self::parse(&number.to_string())
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_portals_use_are_the_same_year() {
        for text in [
            "2019",
            " 2019 ",
            "2019-01-01",
            "2019-12-31T00:00:00+00:00",
            "2019.0",
            "2019-01-01 00:00",
        ] {
            assert_eq!(FiscalYear::parse(text).expect(text).get(), 2019, "{text}");
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
            "2019x",
            "MMXIX",
            "-2019",
            "2019-1-1",
            "2019-13-01",
            "2019-01-99",
            // The first of January 2019 in Paris, or the last evening of 2018?
            "2018-12-31T23:00:00+00:00",
        ] {
            assert!(FiscalYear::parse(text).is_err(), "{text}");
        }
    }
}

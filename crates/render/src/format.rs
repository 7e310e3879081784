//! Amounts, rates, counts and dates as people write them.
//!
//! French separates thousands with a narrow no-break space and decimals with a comma; English uses
//! a comma and a point. The minus sign is U+2212 in both. All arithmetic is on integers, and what
//! is rounded is rounded half away from zero.

use centime_analytics::Language;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::label::apostrophes;
use crate::locale::Locale;
use crate::text::printable;

/// The minus sign of prose and tables.
pub const MINUS: char = '\u{2212}';

/// Between a number and its unit.
pub(crate) const NO_BREAK: char = '\u{a0}';

/// An amount in three parts, so that a page may set its centimes apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountParts {
    /// Sign, currency sign where it comes first, and euros.
    pub whole: String,
    /// Decimal mark and two digits.
    pub cents: String,
    /// Space and currency sign, where they come last.
    pub unit: String,
}

/// An amount in centimes, with its unit: `−231 139 220,49 €`, `−€231,139,220.49`.
pub fn euros(centimes: i64, language: Language) -> String {
    let parts = euro_parts(centimes, language);
    format!("{}{}{}", parts.whole, parts.cents, parts.unit)
}

/// An amount in centimes, with its unit, in parts.
pub fn euro_parts(centimes: i64, language: Language) -> AmountParts {
    let size = centimes.unsigned_abs();
    let digits = grouped(u128::from(size / 100), language);
    let cents = format!("{}{:02}", decimal_mark(language), size % 100);
    let (before, unit) = match language {
        Language::French => ("", format!("{NO_BREAK}€")),
        Language::English => ("€", String::new()),
    };
    AmountParts {
        whole: format!("{}{before}{digits}", sign(centimes)),
        cents,
        unit,
    }
}

/// An amount in centimes without its unit, for tables that say it once: `−231 139 220,49`.
pub fn amount(centimes: i64, language: Language) -> String {
    let size = centimes.unsigned_abs();
    format!(
        "{}{}{}{:02}",
        sign(centimes),
        grouped(u128::from(size / 100), language),
        decimal_mark(language),
        size % 100
    )
}

/// A rate in hundredths of a percent: `1,86 %`, `1.86%`.
pub fn rate(hundredths: i64, language: Language) -> String {
    let number = amount(hundredths, language);
    match language {
        Language::French => format!("{number}{NO_BREAK}%"),
        Language::English => format!("{number}%"),
    }
}

/// A whole number: `12 345`, `12,345`.
pub fn integer(number: i64, language: Language) -> String {
    let digits = grouped(u128::from(number.unsigned_abs()), language);
    format!("{}{digits}", sign(number))
}

/// An amount in centimes rounded for prose, to a tenth of a million or billion:
/// `231,1 millions d’euros`, `€231.1 million`. Below one million, to the euro; below half of one, exactly.
pub fn rounded_euros(centimes: i64, language: Language) -> String {
    const MILLION: i64 = 100_000_000;
    let size = centimes.unsigned_abs();
    let (unit, key) = if size >= 1_000 * MILLION.unsigned_abs() - 5_000_000 {
        (1_000 * MILLION, "billion")
    } else if size >= MILLION.unsigned_abs() {
        (MILLION, "million")
    } else {
        // What is not zero never reads as zero.
        let decimals = if centimes != 0 && size < 50 { 2 } else { 0 };
        let euros = scaled(i128::from(centimes), 100, decimals, language);
        return match language {
            Language::French if rounded(i128::from(centimes), 100).abs() < 2 => {
                format!("{euros}{NO_BREAK}euro")
            }
            Language::French => format!("{euros}{NO_BREAK}euros"),
            Language::English => with_euro_sign(&euros),
        };
    };
    let number = scaled(i128::from(centimes), i128::from(unit), 1, language);
    // French takes the singular below two.
    let singular = rounded(i128::from(centimes) * 10, i128::from(unit)).abs() < 20;
    let form = if singular { "one" } else { "many" };
    let word = Locale::of(language).term(&format!("unit.{key}"), form);
    match language {
        Language::French => format!("{number}{NO_BREAK}{word}"),
        Language::English => format!("{}{NO_BREAK}{word}", with_euro_sign(&number)),
    }
}

fn with_euro_sign(number: &str) -> String {
    number.strip_prefix(MINUS).map_or_else(
        || format!("€{number}"),
        |digits| format!("{MINUS}€{digits}"),
    )
}

/// `value / unit` with so many decimals, rounded.
pub(crate) fn scaled(value: i128, unit: i128, decimals: u32, language: Language) -> String {
    let power = 10_i128.pow(decimals);
    let tenths = rounded(value * power, unit);
    let size = tenths.unsigned_abs();
    let whole = grouped(size / power.unsigned_abs(), language);
    let sign = if tenths < 0 {
        MINUS.to_string()
    } else {
        String::new()
    };
    if decimals == 0 {
        format!("{sign}{whole}")
    } else {
        let width = decimals as usize;
        let fraction = size % power.unsigned_abs();
        format!("{sign}{whole}{}{fraction:0width$}", decimal_mark(language))
    }
}

/// The quotient, rounded half away from zero.
pub(crate) const fn rounded(value: i128, unit: i128) -> i128 {
    let half = if value < 0 { -unit / 2 } else { unit / 2 };
    (value + half) / unit
}

fn sign(number: i64) -> String {
    if number < 0 {
        MINUS.to_string()
    } else {
        String::new()
    }
}

const fn decimal_mark(language: Language) -> char {
    match language {
        Language::French => ',',
        Language::English => '.',
    }
}

fn grouped(number: u128, language: Language) -> String {
    let separator = match language {
        Language::French => '\u{202f}',
        Language::English => ',',
    };
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

/// A label as it is shown: without what turns the direction of the figures beside it, and in the letters of
/// a sentence where it has capitals only, as blocks do.
pub fn sentence_case(label: &str) -> String {
    let label = apostrophes(&printable(label));
    if label.chars().any(char::is_lowercase) {
        return label;
    }
    let mut letters = label.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_string() + &letters.as_str().to_lowercase()
    })
}

/// The day of an RFC 3339 time, in UTC: `8 juillet 2025`, `8 July 2025`. A text that is not a time
/// or a date is shown as it is.
pub fn date(time: &str, language: Language) -> String {
    moment(time).map_or_else(|| time.to_owned(), |(date, _)| written_date(date, language))
}

/// An RFC 3339 time, in UTC: `8 juillet 2025 à 14 h 05 UTC`, `8 July 2025 at 14:05 UTC`. A text
/// that is not a time is shown as it is.
pub fn date_time(time: &str, language: Language) -> String {
    let Some((date, clock)) = moment(time) else {
        return time.to_owned();
    };
    let date = written_date(date, language);
    match (clock, language) {
        (None, _) => date,
        (Some((hour, minute)), Language::French) => {
            format!("{date} à {hour}{NO_BREAK}h{NO_BREAK}{minute:02} UTC")
        }
        (Some((hour, minute)), Language::English) => {
            format!("{date} at {hour:02}:{minute:02} UTC")
        }
    }
}

type Clock = (i8, i8);

fn moment(text: &str) -> Option<(Date, Option<Clock>)> {
    if let Ok(time) = text.parse::<Timestamp>() {
        let time = TimeZone::UTC.to_datetime(time);
        return Some((time.date(), Some((time.hour(), time.minute()))));
    }
    text.parse::<Date>().ok().map(|date| (date, None))
}

fn written_date(date: Date, language: Language) -> String {
    let month = date.month().to_string();
    let month = Locale::of(language).term("month", &month);
    let day = match (date.day(), language) {
        (1, Language::French) => "1er".to_owned(),
        (day, _) => day.to_string(),
    };
    format!("{day}{NO_BREAK}{month} {}", date.year())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Language::{English, French};

    #[test]
    fn amounts_are_written_in_each_language() {
        assert_eq!(
            euros(-23_113_922_049, French),
            "−231\u{202f}139\u{202f}220,49\u{a0}€"
        );
        assert_eq!(euros(-23_113_922_049, English), "−€231,139,220.49");
        assert_eq!(euros(0, French), "0,00\u{a0}€");
        assert_eq!(euros(-5, English), "−€0.05");
        assert_eq!(amount(100_000, French), "1\u{202f}000,00");
        assert_eq!(amount(i64::MIN, English), "−92,233,720,368,547,758.08");
    }

    #[test]
    fn rates_and_counts_are_written_in_each_language() {
        assert_eq!(rate(186, French), "1,86\u{a0}%");
        assert_eq!(rate(-50, English), "−0.50%");
        assert_eq!(integer(-12_345, French), "−12\u{202f}345");
    }

    #[test]
    fn prose_rounds_half_away_from_zero() {
        assert_eq!(
            rounded_euros(-23_115_000_000, French),
            "−231,2\u{a0}millions d’euros"
        );
        assert_eq!(
            rounded_euros(150_000_000, French),
            "1,5\u{a0}million d’euros"
        );
        assert_eq!(
            rounded_euros(-469_024_741_697, English),
            "−€4.7\u{a0}billion"
        );
        assert_eq!(rounded_euros(99_995_000_000, English), "€1.0\u{a0}billion");
        assert_eq!(rounded_euros(123_450, French), "1\u{202f}235\u{a0}euros");
        assert_eq!(rounded_euros(0, French), "0\u{a0}euro");
        assert_eq!(rounded_euros(40, French), "0,40\u{a0}euro");
        assert_eq!(rounded_euros(-40, English), "−€0.40");
        assert_eq!(rounded_euros(50, French), "1\u{a0}euro");
    }

    #[test]
    fn times_are_written_in_utc() {
        let time = "2025-07-08T16:05:31+02:00";
        assert_eq!(
            date_time(time, French),
            "8\u{a0}juillet 2025 à 14\u{a0}h\u{a0}05 UTC"
        );
        assert_eq!(date_time(time, English), "8\u{a0}July 2025 at 14:05 UTC");
        assert_eq!(date("2024-01-01", French), "1er\u{a0}janvier 2024");
        assert_eq!(date("yesterday", French), "yesterday");
        assert_eq!(date_time("", English), "");
    }

    proptest! {
        #[test]
        fn no_digit_of_an_amount_is_lost(centimes in any::<i64>()) {
            for language in Language::ALL {
                let written = amount(centimes, language);
                let digits: String = written.chars().filter(char::is_ascii_digit).collect();
                let value: u128 = digits.parse().unwrap();
                prop_assert_eq!(value, u128::from(centimes.unsigned_abs()));
                prop_assert_eq!(written.starts_with(MINUS), centimes < 0);
            }
        }
    }
}

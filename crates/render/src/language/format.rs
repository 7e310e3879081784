//! Amounts, rates, counts and dates as people write them: digits from `super::number`, and the forms that
//! need words of the language.

use centime_accounts::Centimes;
use centime_analytics::Language;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::language::locale::Locale;
pub use crate::language::number::{
    AmountParts, amount, euro_parts, euros, hundredths, integer, number, rate,
};
pub(crate) use crate::language::number::{MINUS, NO_BREAK, rounded, scaled};

/// An amount rounded for prose, to a tenth of a million or billion:
/// `231,1 millions d’euros`, `€231.1 million`. Below one million, to the euro; below half of one, exactly.
pub fn rounded_euros(amount: Centimes, language: Language) -> String {
    const MILLION: i64 = 100_000_000;
    let centimes = amount.get();
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
    use super::*;
    use Language::{English, French};

    fn rounded_euros(centimes: i64, language: Language) -> String {
        super::rounded_euros(Centimes::new(centimes), language)
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
        assert_eq!(rounded_euros(123_450, French), "1\u{a0}235\u{a0}euros");
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
}

//! Amounts, rates and counts in digits, which need no words of a language.
//!
//! French separates thousands with a narrow no-break space and decimals with a comma; English uses
//! a comma and a point. The minus sign is U+2212 in both. All arithmetic is on integers, and what
//! is rounded is rounded half away from zero.

use centime_accounts::{BasisPoints, Centimes};
use centime_analytics::{Cell, Language};

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

/// An amount with its unit: `−231 139 220,49 €`, `−€231,139,220.49`.
pub fn euros(amount: Centimes, language: Language) -> String {
    let parts = euro_parts(amount, language);
    format!("{}{}{}", parts.whole, parts.cents, parts.unit)
}

/// An amount with its unit, in parts.
pub fn euro_parts(amount: Centimes, language: Language) -> AmountParts {
    let centimes = amount.get();
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

/// An amount without its unit, for tables that say it once: `−231 139 220,49`.
pub fn amount(amount: Centimes, language: Language) -> String {
    hundredths(amount.get(), language)
}

/// A number of hundredths as a number with two decimals.
pub fn hundredths(number: i64, language: Language) -> String {
    let size = number.unsigned_abs();
    format!(
        "{}{}{}{:02}",
        sign(number),
        grouped(u128::from(size / 100), language),
        decimal_mark(language),
        size % 100
    )
}

/// A rate in percent: `1,86 %`, `1.86%`.
pub fn rate(rate: BasisPoints, language: Language) -> String {
    let number = hundredths(rate.get(), language);
    match language {
        Language::French => format!("{number}{NO_BREAK}%"),
        Language::English => format!("{number}%"),
    }
}

/// A number of a table as it is written there; `None` where the cell holds none.
pub fn number(cell: &Cell, language: Language) -> Option<String> {
    Some(match cell {
        Cell::Count(count) => integer(*count, language),
        Cell::Amount(value) => amount(*value, language),
        Cell::Rate(value) => rate(*value, language),
        Cell::Null
        | Cell::Year(_)
        | Cell::Flag(_)
        | Cell::Text(_)
        | Cell::Status(_)
        | Cell::List(_) => return None,
    })
}

/// A whole number: `12 345`, `12,345`.
pub fn integer(number: i64, language: Language) -> String {
    let digits = grouped(u128::from(number.unsigned_abs()), language);
    format!("{}{digits}", sign(number))
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
        // The narrow space that print has here can hardly be seen on screens: fonts draw it a pixel wide.
        Language::French => '\u{a0}',
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use Language::{English, French};

    fn euros(centimes: i64, language: Language) -> String {
        super::euros(Centimes::new(centimes), language)
    }

    fn amount(centimes: i64, language: Language) -> String {
        super::amount(Centimes::new(centimes), language)
    }

    #[test]
    fn amounts_are_written_in_each_language() {
        assert_eq!(
            euros(-23_113_922_049, French),
            "−231\u{a0}139\u{a0}220,49\u{a0}€"
        );
        assert_eq!(euros(-23_113_922_049, English), "−€231,139,220.49");
        assert_eq!(euros(0, French), "0,00\u{a0}€");
        assert_eq!(euros(-5, English), "−€0.05");
        assert_eq!(amount(100_000, French), "1\u{a0}000,00");
        assert_eq!(amount(i64::MIN, English), "−92,233,720,368,547,758.08");
    }

    #[test]
    fn rates_and_counts_are_written_in_each_language() {
        assert_eq!(rate(BasisPoints::new(186), French), "1,86\u{a0}%");
        assert_eq!(rate(BasisPoints::new(-50), English), "−0.50%");
        assert_eq!(integer(-12_345, French), "−12\u{a0}345");
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

//! Amounts of money as integer centimes, from the first byte parsed to the last digit printed.

mod decimal;
mod form;

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde::{Serialize, Serializer};

pub use form::AmountForm;

/// An amount in euro centimes (hundredths of a euro).
///
/// Displayed, and serialised, as a decimal number of euros with two digits: `-1234.50`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Centimes(i64);

/// A rate in basis points: hundredths of a percent.
///
/// Displayed as a decimal number of percent with two digits: `-0.05`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BasisPoints(i64);

/// An amount read from text, and whether the text had to be rounded to a whole centime.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParsedAmount {
    /// The amount, to the nearest centime.
    pub amount: Centimes,
    /// True when the text held a fraction of a centime. Halves are rounded away from zero.
    pub rounded: bool,
}

/// Why a text is not an amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The text is not a decimal number with a point.
    #[error("{0} is not a decimal number")]
    NotANumber(String),
    /// The text uses a comma, which could separate decimals or thousands.
    #[error("{0} has a comma: expected a decimal point and no separator")]
    Comma(String),
    /// The text has one point and three digits after it, so that the point may separate thousands.
    #[error("{0} may be one of two amounts: its point may separate decimals or thousands")]
    Doubtful(String),
    /// The text is no amount in the form that amounts are said to have.
    #[error("{0} is not an amount such as {1}")]
    Form(String, &'static str),
    /// The amount is beyond what one line of any public account can hold.
    #[error("{0} is beyond ±{limit} euros", limit = Centimes::LIMIT.0 / 100)]
    OutOfRange(String),
}

impl Centimes {
    /// No money. Not the same as a missing amount, which is `None`.
    pub const ZERO: Self = Self(0);

    /// The largest absolute amount of one line: ten thousand billion euros. Thousands of such
    /// lines still add up within 64 bits.
    pub const LIMIT: Self = Self(1_000_000_000_000_000);

    /// An amount of so many centimes.
    pub const fn new(centimes: i64) -> Self {
        Self(centimes)
    }

    /// The number of centimes.
    pub const fn get(self) -> i64 {
        self.0
    }

    /// The amount without its sign; that of the smallest amount there is, one centime short.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }

    /// Whether the amount is below zero.
    pub const fn is_negative(self) -> bool {
        self.0 < 0
    }

    /// The sum; the largest or smallest amount where it is beyond what an amount can be.
    #[must_use]
    pub const fn saturating_add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference; the largest or smallest amount where it is beyond what an amount can be.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The sum; `None` where it is beyond what an amount can be.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference; `None` where it is beyond what an amount can be.
    #[must_use]
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The share of a whole, halves rounded away from zero; `None` where the whole is not above zero. The same
    /// rule as that of the models.
    pub fn share_of(self, whole: Self) -> Option<BasisPoints> {
        if whole.0 <= 0 {
            return None;
        }
        let (part, whole) = (i128::from(self.0) * 20_000, i128::from(whole.0));
        let half = if part < 0 { -whole } else { whole };
        let share = i64::try_from((part + half) / (2 * whole)).ok()?;
        Some(BasisPoints(share))
    }
}

impl BasisPoints {
    /// A rate of so many hundredths of a percent.
    pub const fn new(hundredths: i64) -> Self {
        Self(hundredths)
    }

    /// The number of hundredths of a percent.
    pub const fn get(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Centimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hundredths(self.0))
    }
}

impl fmt::Display for BasisPoints {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&hundredths(self.0))
    }
}

/// Hundredths as a decimal number with a point: `-1234.50`.
fn hundredths(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let size = number.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

impl Serialize for Centimes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Add for Centimes {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Centimes {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Centimes {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Centimes {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_away_from_zero() {
        let share = |part, whole| {
            let share = Centimes::new(part).share_of(Centimes::new(whole));
            share.map(BasisPoints::get)
        };
        assert_eq!(share(1, 3), Some(3333));
        assert_eq!(share(2, 3), Some(6667));
        assert_eq!(share(-1, 2), Some(-5000));
        assert_eq!(share(1, 20_000), Some(1));
        assert_eq!(share(-1, 20_000), Some(-1));
        assert_eq!(share(1, 0), None);
        assert_eq!(share(1, -5), None);
    }

    #[test]
    fn amounts_print_with_two_digits() {
        assert_eq!(Centimes::new(-5).to_string(), "-0.05");
        assert_eq!(Centimes::new(100).to_string(), "1.00");
        assert_eq!(
            Centimes::new(i64::MIN + 1).to_string(),
            "-92233720368547758.07"
        );
        assert_eq!(format!("{:>8}", Centimes::new(150)), "    1.50");
    }
}

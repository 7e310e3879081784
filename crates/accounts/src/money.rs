//! Amounts of money as integer centimes, from the first byte parsed to the last digit printed.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Neg, Sub};

use serde::{Serialize, Serializer};

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

    /// Reads a decimal number of euros exactly, never through a binary fraction.
    ///
    /// Accepts the number forms of JSON (`12`, `-3.5`, `1.2E7`), surrounding white space and a
    /// leading `+`. More than two decimals are rounded to the nearest centime, halves away from
    /// zero, and reported as rounded.
    pub fn parse(text: &str) -> Result<ParsedAmount, AmountError> {
        let trimmed = text.trim();
        let not_a_number = || AmountError::NotANumber(quote(trimmed));
        let (negative, unsigned) = match trimmed.as_bytes().first() {
            Some(b'-') => (true, &trimmed[1..]),
            Some(b'+') => (false, &trimmed[1..]),
            _ => (false, trimmed),
        };
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
            return Err(if trimmed.contains(',') {
                AmountError::Comma(quote(trimmed))
            } else {
                not_a_number()
            });
        }
        let shift = match exponent {
            None => 0,
            Some(power) => parse_exponent(power).ok_or_else(not_a_number)?,
        };
        scale(whole, fraction, shift)
            .map(|(value, rounded)| ParsedAmount {
                amount: Self(if negative { -value } else { value }),
                rounded,
            })
            .ok_or_else(|| AmountError::OutOfRange(quote(trimmed)))
    }

    /// Reads an amount that somebody has written as text: as [`Centimes::parse`] does, but not where the point of
    /// `1.234` may as well separate thousands.
    pub fn parse_text(text: &str) -> Result<ParsedAmount, AmountError> {
        if is_doubtful(text) {
            return Err(AmountError::Doubtful(quote(text.trim())));
        }
        Self::parse(text)
    }
}

/// How texts write amounts, where it is not as a plain decimal number with a point.
///
/// Whatever the form, an amount is read as what it says or not at all. Accepted around the digits: one sign,
/// before or after them or as parentheses, which mean below zero; `€`, `EUR` or `euros`, once; spaces of any
/// kind. Digits before the decimal mark may be in groups of three, all of them by the same separator: a space of
/// any kind, an apostrophe, or the comma or point that is not the decimal mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountForm {
    comma: bool,
    thousands: bool,
}

impl AmountForm {
    /// Amounts with this decimal mark, a comma or a point; `None` for any other.
    ///
    /// `thousands` says that the other of the two separates groups of three digits. It is understood anyhow where
    /// it cannot be a decimal mark, as in `1.234,56` and `1.234.567`; said so, it is in `1.234`, too, which else is
    /// refused because it could be one euro and a bit.
    pub fn new(decimal: &str, thousands: bool) -> Option<Self> {
        let comma = match decimal {
            "," => true,
            "." => false,
            _ => return None,
        };
        Some(Self { comma, thousands })
    }

    /// What an amount in this form looks like.
    pub const fn example(self) -> &'static str {
        if self.comma { "1 234,56" } else { "1,234.56" }
    }

    /// Reads an amount in euros exactly, as [`Centimes::parse`] does.
    ///
    /// # Errors
    ///
    /// Where the text is in another form, even where its meaning could be guessed.
    pub fn read(self, text: &str) -> Result<ParsedAmount, AmountError> {
        let plain = self.plain(text.trim());
        let plain = plain.ok_or_else(|| AmountError::Form(quote(text.trim()), self.example()))?;
        Centimes::parse(&plain).map_err(|error| match error {
            AmountError::OutOfRange(_) => AmountError::OutOfRange(quote(text.trim())),
            _ => AmountError::Form(quote(text.trim()), self.example()),
        })
    }

    /// The amount as a plain decimal number with a point; `None` where it has another form.
    fn plain(self, text: &str) -> Option<String> {
        let (text, currency) = without_currency(text);
        let (text, negative) = without_sign(text)?;
        // As in `-12 €` and `- € 12`: the currency may stand on either side of the sign, but once.
        let (text, again) = without_currency(text);
        if currency && again {
            return None;
        }
        let (point, other) = if self.comma { (',', '.') } else { ('.', ',') };
        let (whole, fraction) = text.split_once(point).unwrap_or((text, ""));
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
            return None;
        }
        let groups: Vec<&str> = whole.split(|letter| is_separator(letter, other)).collect();
        let separators: Vec<char> = whole
            .chars()
            .filter(|letter| is_separator(*letter, other))
            .collect();
        let kind = |letter: &char| if letter.is_whitespace() { ' ' } else { *letter };
        if separators
            .windows(2)
            .any(|pair| kind(&pair[0]) != kind(&pair[1]))
        {
            return None;
        }
        let well_formed = match groups.as_slice() {
            [only] => is_digits(only),
            [first, rest @ ..] => {
                (1..=3).contains(&first.len())
                    && is_digits(first)
                    && rest
                        .iter()
                        .all(|group| group.len() == 3 && is_digits(group))
            }
            [] => false,
        };
        // One point and three digits after it, and nothing else, is as likely a fraction.
        let doubtful = separators == [other] && !text.contains(point) && !self.thousands;
        (well_formed && !doubtful).then(|| {
            let sign = if negative { "-" } else { "" };
            format!("{sign}{}.{fraction}", groups.concat())
        })
    }
}

fn is_separator(letter: char, other: char) -> bool {
    letter.is_whitespace() || matches!(letter, '\'' | '’') || letter == other
}

/// The text without the name of the currency at either end, and whether it had one.
fn without_currency(text: &str) -> (&str, bool) {
    const NAMES: [&str; 4] = ["€", "euros", "euro", "eur"];
    for name in NAMES {
        let at_end = |at: usize| text.get(at..).filter(|end| end.eq_ignore_ascii_case(name));
        let end = text.len().checked_sub(name.len());
        if let Some(end) = end.filter(|end| at_end(*end).is_some()) {
            return (text[..end].trim(), true);
        }
        let start = text.get(..name.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            return (text[name.len()..].trim(), true);
        }
    }
    (text, false)
}

/// The text without its sign, and whether it is below zero; `None` where it has more than one.
fn without_sign(text: &str) -> Option<(&str, bool)> {
    // The minus of keyboards, that of typesetters, dashes and hyphens that programs put in its place.
    const MINUS: [char; 7] = ['-', '−', '–', '‐', '‑', '﹣', '－'];
    if let Some(inner) = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'))
    {
        let inner = inner.trim();
        let signed = inner.contains(MINUS) || inner.contains(['+', '(', ')']);
        return (!signed).then_some((inner, true));
    }
    let rest = if let Some(rest) = text
        .strip_prefix(MINUS)
        .or_else(|| text.strip_suffix(MINUS))
    {
        (rest.trim(), true)
    } else {
        (text.strip_prefix('+').unwrap_or(text).trim(), false)
    };
    Some(rest)
}

/// Whether a text is one group of up to three digits, a point and three digits.
fn is_doubtful(text: &str) -> bool {
    let unsigned = text.trim().trim_start_matches(['+', '-']);
    let is_group = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    unsigned
        .split_once('.')
        .is_some_and(|(whole, fraction)| is_group(whole, 1..=3) && is_group(fraction, 3..=3))
}

/// The power of ten after an `e`, clamped to a range beyond which only zero is in range anyway.
fn parse_exponent(power: &str) -> Option<i64> {
    let digits = power.strip_prefix(['+', '-']).unwrap_or(power);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let size = digits.parse::<i64>().unwrap_or(i64::MAX).min(1_000_000);
    Some(if power.starts_with('-') { -size } else { size })
}

/// `whole.fraction × 10^shift` euros as a number of centimes, and whether it was rounded; `None`
/// beyond [`Centimes::LIMIT`].
fn scale(whole: &str, fraction: &str, shift: i64) -> Option<(i64, bool)> {
    let digits = || whole.bytes().chain(fraction.bytes());
    // The position, counted in digits from the left, at which centimes end.
    let centimes_end = i64::try_from(whole.len()).ok()? + shift + 2;
    let mut value: i64 = 0;
    let mut rounded = false;
    let mut round_up = false;
    for (position, byte) in (0_i64..).zip(digits()) {
        let digit = i64::from(byte - b'0');
        if position < centimes_end {
            value = value.checked_mul(10)?.checked_add(digit)?;
        } else {
            round_up |= position == centimes_end && digit >= 5;
            rounded |= digit != 0;
        }
    }
    let written = i64::try_from(whole.len() + fraction.len()).ok()?;
    if value != 0 {
        for _ in written..centimes_end {
            value = value.checked_mul(10)?;
            if value > Centimes::LIMIT.0 {
                return None;
            }
        }
    }
    value = value.checked_add(i64::from(round_up))?;
    (value <= Centimes::LIMIT.0).then_some((value, rounded))
}

/// The text between guillemets, cut to a length that fits in a message.
fn quote(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.chars().count() > LONGEST {
        let start: String = text.chars().take(LONGEST).collect();
        format!("«{start}…»")
    } else {
        format!("«{text}»")
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
    use proptest::prelude::*;

    use super::*;

    fn centimes(text: &str) -> i64 {
        let parsed = Centimes::parse(text).expect(text);
        assert!(!parsed.rounded, "{text} should be exact");
        parsed.amount.get()
    }

    fn rounded(text: &str) -> i64 {
        let parsed = Centimes::parse(text).expect(text);
        assert!(parsed.rounded, "{text} should be rounded");
        parsed.amount.get()
    }

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
    fn decimal_texts_are_read_exactly() {
        assert_eq!(centimes("0"), 0);
        assert_eq!(centimes("-0.0"), 0);
        assert_eq!(centimes("12"), 1_200);
        assert_eq!(centimes("12.3"), 1_230);
        assert_eq!(centimes("-231139220.49"), -23_113_922_049);
        // The nearest binary fraction of this amount prints as …589.99999999.
        assert_eq!(centimes("28775510069.59"), 2_877_551_006_959);
        assert_eq!(centimes(" +1.50 "), 150);
        assert_eq!(centimes(".5"), 50);
        assert_eq!(centimes("5."), 500);
        assert_eq!(centimes("1.100000000000000000000000000000"), 110);
        assert_eq!(centimes("000000000000000000000000000001"), 100);
    }

    #[test]
    fn exponents_are_read_exactly() {
        assert_eq!(centimes("1.2345678E7"), 1_234_567_800);
        assert_eq!(centimes("12e-1"), 120);
        assert_eq!(centimes("0e999"), 0);
        assert_eq!(rounded("1e-999"), 0);
        assert_eq!(rounded("5E-3"), 1);
    }

    #[test]
    fn fractions_of_a_centime_round_half_away_from_zero() {
        assert_eq!(rounded("0.005"), 1);
        assert_eq!(rounded("-0.005"), -1);
        assert_eq!(rounded("0.00499999"), 0);
        assert_eq!(rounded("43480.869999999995"), 4_348_087);
        assert_eq!(rounded("9.995"), 1_000);
    }

    #[test]
    fn what_is_not_an_amount_is_refused_with_its_text() {
        for text in [
            "", " ", "-", ".", "NaN", "inf", "0x10", "1e", "1e+", "1 000", "12€", "--1",
        ] {
            let error = Centimes::parse(text).unwrap_err();
            assert!(
                matches!(error, AmountError::NotANumber(_)),
                "{text}: {error}"
            );
        }
        assert!(matches!(
            Centimes::parse("12,34"),
            Err(AmountError::Comma(_))
        ));
        for text in [
            "1e999",
            "123456789012345678901234567890",
            "10000000000000.01",
        ] {
            assert!(
                matches!(Centimes::parse(text), Err(AmountError::OutOfRange(_))),
                "{text}"
            );
        }
        let long = Centimes::parse(&"x".repeat(1_000_000))
            .unwrap_err()
            .to_string();
        assert!(long.len() < 200, "{long}");
    }

    #[test]
    fn a_text_whose_point_may_separate_thousands_is_refused() {
        for text in ["1.234", "-123.456", " 0.005 "] {
            let error = Centimes::parse_text(text).unwrap_err();
            assert!(matches!(error, AmountError::Doubtful(_)), "{text}: {error}");
        }
        for (text, value) in [("1.23", 123), ("1234.567", 123_457), ("1.2345", 123)] {
            assert_eq!(Centimes::parse_text(text).unwrap().amount.get(), value);
        }
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

    const COMMA: AmountForm = AmountForm {
        comma: true,
        thousands: false,
    };
    const POINT: AmountForm = AmountForm {
        comma: false,
        thousands: false,
    };

    #[test]
    fn amounts_are_read_in_the_forms_that_people_write() {
        for (text, expected) in [
            ("1234,56", 123_456),
            ("1 234,56", 123_456),
            ("1\u{a0}234,56", 123_456),
            ("1\u{202f}234\u{202f}567,8", 123_456_780),
            ("1\u{2009}234\u{a0}567,89 €", 123_456_789),
            ("1.234,56", 123_456),
            ("1.234.567", 123_456_700),
            ("1'234'567,89", 123_456_789),
            ("1’234,5", 123_450),
            ("12,50€", 1_250),
            ("€ 12,50", 1_250),
            ("12,50 EUR", 1_250),
            ("12 euros", 1_200),
            ("-12,50 €", -1_250),
            ("- 12,50", -1_250),
            ("−12,50", -1_250),
            ("–12,50", -1_250),
            ("€ -12,50", -1_250),
            ("-€12,50", -1_250),
            ("123,45-", -12_345),
            ("123,45 - €", -12_345),
            ("123,45 € -", -12_345),
            ("(123,45)", -12_345),
            ("( 1 234,00 € )", -123_400),
            ("(123,45) €", -12_345),
            ("+7", 700),
            (",5", 50),
            ("5,", 500),
            ("0", 0),
            ("-0,00", 0),
        ] {
            let read = COMMA
                .read(text)
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (read.amount.get(), read.rounded),
                (expected, false),
                "{text}"
            );
        }
        for (text, expected) in [
            ("1,234.56", 123_456),
            ("1 234.56 €", 123_456),
            ("(1.5)", -150),
        ] {
            assert_eq!(POINT.read(text).unwrap().amount.get(), expected, "{text}");
        }
        let rounded = COMMA.read("1 234,565").unwrap();
        assert_eq!((rounded.amount.get(), rounded.rounded), (123_457, true));
        let said = AmountForm::new(",", true).unwrap();
        assert_eq!(said.read("1.234").unwrap().amount.get(), 123_400);
    }

    #[test]
    fn an_amount_in_another_form_is_refused_and_the_form_is_named() {
        for text in [
            "",
            "-",
            "–",
            "€",
            "()",
            ",",
            "1 23,4",
            "12 34",
            "1  234",
            "1.23",
            "1.234",
            "1.2345",
            "1,234.56",
            "1,234,567",
            "1 234.567,89",
            "1'234 567,00",
            "1234.567,00",
            "1234 567,00",
            " 234,5 6",
            "12,3 4",
            "--1",
            "-1-",
            "-(1)",
            "(-1)",
            "((1))",
            "(1",
            "1)",
            "+-1",
            "1+",
            "€1€",
            "-€1€",
            "1 € €",
            "12 k€",
            "12 M€",
            "12%",
            "12,5 CR",
            "1,2e3",
            "1,2E+07",
            "0x1",
            "NaN",
            "12,5 $",
            "１２",
            "—12",
            "1/2",
            "'1",
            "1'",
            ".123,4",
            "1 234 ,5",
        ] {
            let error = COMMA.read(text).expect_err(text).to_string();
            assert!(error.contains("such as 1 234,56"), "{text}: {error}");
        }
        for text in ["1.234,56", "1234,56", "1,234", "12,34"] {
            assert!(POINT.read(text).is_err(), "{text}");
        }
        assert!(matches!(
            COMMA.read("10 000 000 000 000,01"),
            Err(AmountError::OutOfRange(_))
        ));
        assert!(
            COMMA
                .read(&"1".repeat(100_000))
                .unwrap_err()
                .to_string()
                .len()
                < 200
        );
        assert!(AmountForm::new(";", false).is_none() && AmountForm::new("", false).is_none());
    }

    /// Digits in groups of three.
    fn grouped(digits: &str, separator: &str) -> String {
        let mut text = String::new();
        for (place, digit) in digits.char_indices() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push_str(separator);
            }
            text.push(digit);
        }
        text
    }

    proptest! {
        #[test]
        fn an_amount_is_the_same_in_every_form_or_refused(
            value in -Centimes::LIMIT.get()..=Centimes::LIMIT.get(),
            small in proptest::bool::ANY,
            decimal in proptest::sample::select(vec![",", "."]),
            separator in proptest::sample::select(vec!["", " ", "\u{a0}", "\u{202f}", "\u{2009}", "'", "’", ".", ","]),
            sign in 0_usize..7,
            currency in proptest::sample::select(vec!["", "€", " €", "\u{a0}€", " EUR", "€ before"]),
            decimals in 0_usize..3,
        ) {
            prop_assume!(decimal != separator);
            let unit = [100, 10, 1][decimals];
            let value = if small { value % 1_000_000 } else { value } / unit * unit;
            let size = value.unsigned_abs();
            let whole = grouped(&(size / 100).to_string(), separator);
            let fraction = &format!("{:02}", size % 100)[..decimals];
            let digits = if decimals == 0 { whole } else { format!("{whole}{decimal}{fraction}") };
            let signed = match (value < 0, sign) {
                (false, 0) => format!("+{digits}"),
                (false, _) => digits,
                (true, 0) => format!("({digits})"),
                (true, 1) => format!("{digits}-"),
                (true, 2) => format!("{digits} –"),
                (true, 3) => format!("− {digits}"),
                (true, 4) => format!("–{digits}"),
                (true, _) => format!("-{digits}"),
            };
            let text = match currency {
                "€ before" => format!("€ {signed}"),
                after => format!("{signed}{after}"),
            };
            for form in [COMMA, POINT].into_iter().chain(AmountForm::new(decimal, true)) {
                if form.comma != (decimal == ",") {
                    continue;
                }
                match form.read(&text) {
                    Ok(read) => {
                        prop_assert_eq!((read.amount.get(), read.rounded), (value, false), "{}", text);
                    }
                    // What is said of the portal is enough, unless it is one group without decimals.
                    Err(_) => prop_assert!(!form.thousands, "{} is refused", text),
                }
            }
            // Without a setting it is the same or refused, too.
            if let Ok(read) = Centimes::parse_text(&text) {
                prop_assert_eq!((read.amount.get(), read.rounded), (value, false), "{}", text);
            }
        }

        #[test]
        fn any_text_has_an_amount_in_a_form_or_not(text in "[-−–()€ .,'0-9eE+]{0,12}|.*") {
            for form in [COMMA, POINT] {
                if let Ok(read) = form.read(&text) {
                    prop_assert!(read.amount.abs() <= Centimes::LIMIT);
                }
            }
        }

        #[test]
        fn printing_and_reading_an_amount_gives_it_back(
            value in -Centimes::LIMIT.get()..=Centimes::LIMIT.get()
        ) {
            prop_assert_eq!(centimes(&Centimes::new(value).to_string()), value);
        }

        #[test]
        fn moving_the_point_into_an_exponent_changes_nothing(
            value in -1_000_000_000_i64..1_000_000_000, places in 0_usize..12
        ) {
            let text = format!("{value}e-{places}");
            let decimal = {
                let digits = format!("{:0>width$}", value.abs(), width = places + 1);
                let (whole, fraction) = digits.split_at(digits.len() - places);
                format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
            };
            prop_assert_eq!(Centimes::parse(&text), Centimes::parse(&decimal));
        }

        #[test]
        fn any_text_is_answered_without_a_panic(text in ".*") {
            let _ = Centimes::parse(&text);
        }
    }
}

//! Amounts as decimal numbers with a point, read exactly.

use super::{AmountError, Centimes, ParsedAmount};

impl Centimes {
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

    /// Reads an amount that is written as text: as [`Centimes::parse`] does, but not where the point of
    /// `1.234` may as well separate thousands.
    pub fn parse_text(text: &str) -> Result<ParsedAmount, AmountError> {
        if is_doubtful(text) {
            return Err(AmountError::Doubtful(quote(text.trim())));
        }
        Self::parse(text)
    }
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
pub(super) fn quote(text: &str) -> String {
    const LONGEST: usize = 40;
    if text.chars().count() > LONGEST {
        let start: String = text.chars().take(LONGEST).collect();
        format!("«{start}…»")
    } else {
        format!("«{text}»")
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

    proptest! {
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

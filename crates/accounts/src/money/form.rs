//! Amounts in the forms that people write: with a comma, groups of digits, a currency, a sign behind.

use super::decimal::quote;
use super::{AmountError, Centimes, ParsedAmount};

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    }
}

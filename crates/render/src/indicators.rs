//! How indicators are said: their names, formulas and values in the words of the reader.

use centime_accounts::indicators::{Indicator, Missing, Unit, Words};
use centime_accounts::{BasisPoints, Centimes};
use centime_analytics::Language;
use centime_analytics::accounts::Value;

use crate::Locale;
use crate::inhabitants;
use crate::language::{format, locale};
use crate::statement::signed;

/// A text in the language of the reader.
pub fn words<'w>(words: &'w Words, locale: &Locale) -> &'w str {
    match locale.language() {
        Language::French => &words.fr,
        Language::English => &words.en,
    }
}

/// The same with the spaces that the language wants.
fn typographic(text: &Words, locale: &Locale) -> String {
    locale::typographic(words(text, locale), locale.language())
}

/// What an indicator is called.
pub fn name(indicator: &Indicator, locale: &Locale) -> String {
    typographic(&indicator.name, locale)
}

/// How it is computed.
pub fn formula(indicator: &Indicator, locale: &Locale) -> String {
    typographic(&indicator.formula, locale)
}

/// Where the formula is from.
pub fn source(indicator: &Indicator, locale: &Locale) -> String {
    typographic(&indicator.source, locale)
}

/// A value, in hundredths of its unit, with the unit.
pub fn written(unit: Unit, hundredths: i64, locale: &Locale) -> String {
    let language = locale.language();
    match unit {
        Unit::Euros => format::euros(Centimes::new(hundredths), language),
        Unit::EurosPerInhabitant => inhabitants::each(Centimes::new(hundredths), locale),
        Unit::Share => format::rate(BasisPoints::new(hundredths), language),
        Unit::Years => {
            // French takes the plural from two on, English for all but one.
            let singular = match language {
                Language::French => hundredths.abs() < 200,
                Language::English => hundredths == 100,
            };
            let key = if singular {
                "indicators.years.one"
            } else {
                "indicators.years.many"
            };
            let number = format::hundredths(hundredths, language);
            locale.fill(key, &[("n", &number)])
        }
    }
}

/// A change of a value on the year before, with a sign: of shares in points.
pub fn change(unit: Unit, hundredths: i64, locale: &Locale) -> String {
    let written = match unit {
        Unit::Share => {
            let number = format::hundredths(hundredths, locale.language());
            locale.fill("indicators.points", &[("n", &number)])
        }
        unit => self::written(unit, hundredths, locale),
    };
    signed(hundredths, written)
}

/// Why there is no value; `None` where there is one.
pub fn why_not(value: &Value<'_>, locale: &Locale) -> Option<String> {
    if value.hundredths().is_some() {
        return None;
    }
    if value.is_undefined() {
        return Some(locale.text("indicators.undefined").to_owned());
    }
    let Some(stored) = value.stored else {
        return Some(locale.text("indicators.not_stored").to_owned());
    };
    let missing = missing(&stored.missing, locale);
    Some(locale.fill("indicators.missing", &[("what", &missing)]))
}

/// How many accounts are named of those that lack something.
const NAMED: usize = 3;

/// What is missing, in words.
fn missing(names: &[String], locale: &Locale) -> String {
    let known = names.iter().filter_map(|name| Missing::by_code(name));
    let said: Vec<String> = known
        .map(|missing| match locale.language() {
            Language::French => missing.fr(),
            Language::English => missing.to_string(),
        })
        .collect();
    let more = said.len().saturating_sub(NAMED);
    let mut text = said[..said.len().min(NAMED)].join(locale.text("indicators.between"));
    if more > 0 {
        text.push_str(locale.text("indicators.between"));
        text.push_str(&locale.count("indicators.more", i64::try_from(more).unwrap_or(i64::MAX)));
    }
    text
}

/// A value in words, or why there is none.
pub fn said(indicator: &Indicator, value: &Value<'_>, locale: &Locale) -> String {
    match value.hundredths() {
        Some(hundredths) => written(indicator.unit, hundredths, locale),
        None => why_not(value, locale).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_written_in_its_unit() {
        let (fr, en) = (Locale::of(Language::French), Locale::of(Language::English));
        for (unit, hundredths, french, english) in [
            (
                Unit::Euros,
                22_947_321,
                "229\u{a0}473,21\u{a0}€",
                "€229,473.21",
            ),
            (
                Unit::EurosPerInhabitant,
                70_854,
                "708,54\u{a0}€/hab.",
                "€708.54 per inhabitant",
            ),
            (Unit::Share, 3682, "36,82\u{a0}%", "36.82%"),
            (Unit::Years, 109, "1,09\u{a0}an", "1.09\u{a0}years"),
            (Unit::Years, 214, "2,14\u{a0}ans", "2.14\u{a0}years"),
        ] {
            assert_eq!(written(unit, hundredths, fr), french);
            assert_eq!(written(unit, hundredths, en), english);
        }
        assert_eq!(change(Unit::Share, 120, fr), "+1,20\u{a0}pt");
        assert_eq!(change(Unit::Euros, -100, en), "−€1.00");
    }

    #[test]
    fn what_is_missing_is_named_and_not_all_of_very_much() {
        let names = ["population", "fiscal-potential"].map(str::to_owned);
        let fr = Locale::of(Language::French);
        assert_eq!(missing(&names, fr), "la population, le potentiel fiscal");
        let many: Vec<String> = (0..5).map(|n| format!("balance:16{n}")).collect();
        assert!(missing(&many, Locale::of(Language::English)).ends_with("and 2 others"));
    }
}

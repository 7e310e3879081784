//! How values are written, and round steps.

use centime_accounts::{BasisPoints, Centimes};
use centime_analytics::{Kind, Language};

use crate::language::format::{self, MINUS, scaled};
use crate::language::locale::Locale;

/// How values are written: `value / size`, with so many decimals.
#[derive(Clone, Copy, Debug)]
pub struct Unit {
    /// What a value is divided by: a million euros have 100,000,000 centimes.
    pub size: i128,
    /// How many decimals are written.
    pub decimals: u32,
    /// What the values are.
    pub kind: Kind,
    /// The language of the words.
    pub language: Language,
}

impl Unit {
    /// The unit in which values up to `largest` are short.
    pub fn of(kind: Kind, largest: i128, language: Language) -> Self {
        let size = match kind {
            Kind::Amount => [100_000_000_000, 100_000_000, 100_000]
                .into_iter()
                .find(|size| largest >= *size)
                .unwrap_or(100),
            Kind::Rate => 100,
            Kind::Year | Kind::Integer | Kind::Text | Kind::Status | Kind::List | Kind::Flag => 1,
        };
        // Euros have centimes, and what is counted has no parts.
        let decimals = match (kind, size) {
            _ if size == 1 || largest >= 100 * size => 0,
            (Kind::Amount, 100) => 2,
            _ => 1,
        };
        Self {
            size,
            decimals,
            kind,
            language,
        }
    }

    /// The key of the unit among `chart.unit` and `chart.short`.
    pub const fn name(self) -> &'static str {
        match (self.kind, self.size) {
            (Kind::Amount, 100_000_000_000) => "billion",
            (Kind::Amount, 100_000_000) => "million",
            (Kind::Amount, 100_000) => "thousand",
            (Kind::Amount, _) => "euro",
            (Kind::Rate, _) => "percent",
            _ => "number",
        }
    }

    /// The unit in words: `en millions d’euros`.
    pub fn words(self) -> &'static str {
        Locale::of(self.language).term("chart.unit", self.name())
    }

    /// The value without its unit.
    pub fn number(self, value: i128) -> String {
        scaled(value, self.size, self.decimals, self.language)
    }

    /// The value with a unit: this one, or a smaller one for a value that is less than one of it. Amounts
    /// above euros have a decimal at least.
    pub fn fitting(self, value: i128) -> String {
        let mut unit = if self.kind == Kind::Amount && value.abs() < self.size {
            Self::of(self.kind, value.abs(), self.language)
        } else {
            self
        };
        if unit.kind == Kind::Amount && unit.size > 100 {
            unit.decimals = unit.decimals.max(1);
        }
        if unit.reads_as_zero(value) {
            // Only rates are left: hundredths of a percent have two decimals.
            unit.decimals = 2;
        }
        unit.short(&unit.number(value))
    }

    /// The value without its unit, or with a smaller one where it is not zero and would read as zero.
    pub fn label(self, value: i128) -> String {
        if self.reads_as_zero(value) {
            self.fitting(value)
        } else {
            self.number(value)
        }
    }

    /// The value with its unit, or with a smaller one where it is not zero and would read as zero.
    pub fn whole(self, value: i128) -> String {
        if self.reads_as_zero(value) {
            self.fitting(value)
        } else {
            self.short(&self.number(value))
        }
    }

    /// Whether a value is not zero and all digits that are written of it are.
    fn reads_as_zero(self, value: i128) -> bool {
        value != 0 && format::rounded(value * 10_i128.pow(self.decimals), self.size) == 0
    }

    /// The value with its unit. A sign stands before all of it: `−€1.5m`.
    pub fn short(self, number: &str) -> String {
        let digits = number.trim_start_matches(MINUS);
        let sign = &number[..number.len() - digits.len()];
        let unit = Locale::of(self.language).term("chart.short", self.name());
        format!("{sign}{}", unit.replace("{n}", digits))
    }

    /// A tick label: as many decimals as the step needs to be exact.
    pub fn tick(self, value: i128, step: i128) -> String {
        // A unit is no more than a billion euros, of eleven zeros in centimes.
        let decimals = (0..11)
            .find(|decimals| step * 10_i128.pow(*decimals) % self.size == 0)
            .unwrap_or(11);
        scaled(value, self.size, decimals, self.language)
    }

    /// The value in full.
    pub fn exact(self, value: i128) -> String {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        match self.kind {
            Kind::Amount => format::euros(Centimes::new(value), self.language),
            Kind::Rate => format::rate(BasisPoints::new(value), self.language),
            _ => format::integer(value, self.language),
        }
    }
}

/// Round steps that cover some values and zero.
#[derive(Clone, Copy, Debug)]
pub struct Scale {
    /// The lowest value; a step, where the scale is round.
    pub low: i128,
    /// The highest value, the same.
    pub high: i128,
    /// From one step to the next: 1, 2 or 5 times a power of ten.
    pub step: i128,
}

impl Scale {
    /// A scale that holds zero and all values, and ends on round steps.
    pub fn round(values: impl Iterator<Item = i128>, unit: Unit) -> Self {
        let (low, high) = range(values);
        if low == high {
            return Self {
                low: 0,
                high: unit.size,
                step: unit.size,
            };
        }
        let step = round_step(high - low);
        Self {
            low: low.div_euclid(step) * step,
            high: (high + step - 1).div_euclid(step) * step,
            step,
        }
    }

    /// The same, but it ends at the least and the greatest value where the last step would hold little: bars from
    /// left to right use the whole width.
    pub fn tight(values: impl Iterator<Item = i128>, unit: Unit) -> Self {
        let (low, high) = range(values);
        let round = Self::round([low, high].into_iter(), unit);
        // A third of a step more or less is better than an axis that ends between two ticks.
        let near = |end: i128, value: i128| (end - value).abs() * 3 <= round.step;
        Self {
            low: if near(round.low, low) { round.low } else { low },
            high: if near(round.high, high) {
                round.high
            } else {
                high
            },
            ..round
        }
    }

    /// The values of the grid lines, from the lowest.
    pub fn ticks(&self) -> impl Iterator<Item = i128> {
        let (high, step) = (self.high, self.step);
        let first = -(-self.low).div_euclid(step) * step;
        let steps = (high - first).div_euclid(step);
        (0..=steps).map(move |number| first + number * step)
    }
}

/// The least and greatest of zero and some values.
fn range(values: impl Iterator<Item = i128>) -> (i128, i128) {
    values.fold((0, 0), |(low, high), value| {
        (low.min(value), high.max(value))
    })
}

/// The smallest round step of which four or fewer cover a range.
fn round_step(range: i128) -> i128 {
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            if factor * power * 4 >= range {
                return factor * power;
            }
        }
        power *= 10;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_centime_is_seen() {
        let unit = |largest| Unit::of(Kind::Amount, largest, Language::English);
        assert_eq!(unit(1).fitting(1), "€0.01");
        assert_eq!(unit(999_999).fitting(1), "€0.01");
        assert_eq!(unit(12_345).fitting(12_345), "€123");
        assert_eq!(unit(150_000).fitting(150_000), "€1.5k");
        assert_eq!(unit(150_000).fitting(-150_000), "−€1.5k");
        assert_eq!(
            unit(100_000_000_000_000).fitting(100_000_000_000_000),
            "€1,000.0bn"
        );
    }

    #[test]
    fn what_is_not_zero_never_reads_as_zero() {
        let unit = Unit::of(Kind::Amount, 25_000_000_000_000, Language::French);
        assert_eq!(unit.label(-10_100_000), "−101,0\u{a0}k€");
        assert_eq!(unit.whole(-10_100_000), "−101,0\u{a0}k€");
        assert_eq!(unit.label(0), "0");
        assert_eq!(unit.label(100_000_000_000), "1");
        let rate = Unit::of(Kind::Rate, 10_000, Language::French);
        assert_eq!(rate.label(3), "0,03\u{a0}%");
        let euros = Unit {
            decimals: 0,
            ..Unit::of(Kind::Amount, 100, Language::French)
        };
        assert_eq!(euros.label(-40), "−0,40\u{a0}€");
        assert_eq!(euros.label(60), "1");
        // A village in billions: each tick is another number.
        let billions = Unit {
            size: 100_000_000_000,
            decimals: 2,
            ..unit
        };
        assert_eq!(billions.tick(100_000_000, 100_000_000), "0,001");
    }

    proptest! {
        #[test]
        fn zero_is_written_for_zero_alone(value in any::<i64>(), largest in any::<u32>()) {
            let largest = i128::from(value).abs().max(i128::from(largest) * 100_000);
            for kind in [Kind::Amount, Kind::Rate] {
                let unit = Unit::of(kind, largest, Language::English);
                for written in [unit.label(value.into()), unit.whole(value.into())] {
                    let zero = written.chars().all(|letter| !('1'..='9').contains(&letter));
                    prop_assert_eq!(zero, value == 0, "{}", written);
                }
            }
        }

        #[test]
        fn steps_are_round_and_few(range in 1_i128..4_000_000_000_000_000_000) {
            let step = round_step(range);
            let digits = step.to_string();
            prop_assert!(["1", "2", "5"].contains(&digits.trim_end_matches('0')));
            prop_assert!(step * 4 >= range && (step == 1 || step * 4 < range * 5));
        }
    }
}

//! How figures of the income statement are written: in a unit that the reader chooses, rounded only here.

pub mod sparkline;

use centime_accounts::Centimes;
use centime_analytics::Language;
use centime_analytics::statement::Figure;

use crate::language::format;

/// In what figures of the statement are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Euros and centimes.
    #[default]
    Euros,
    /// Thousands of euros.
    Thousands,
    /// Millions of euros.
    Millions,
    /// Percent of the revenue of the year.
    Share,
    /// Euros for each inhabitant.
    PerInhabitant,
    /// The change on the year before, in euros.
    Change,
    /// The change on the year before, in percent.
    Rate,
}

impl Unit {
    /// All units.
    pub const ALL: [Self; 7] = [
        Self::Euros,
        Self::Thousands,
        Self::Millions,
        Self::Share,
        Self::PerInhabitant,
        Self::Change,
        Self::Rate,
    ];

    /// The name used in addresses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Euros => "eur",
            Self::Thousands => "keur",
            Self::Millions => "meur",
            Self::Share => "share",
            Self::PerInhabitant => "inhabitant",
            Self::Change => "change",
            Self::Rate => "rate",
        }
    }

    /// The one with this name; `None` for any other text.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|unit| unit.name() == name)
    }

    /// A figure in this unit, without the name of the unit; `None` where it has none.
    pub fn written(self, figure: &Figure, language: Language) -> Option<String> {
        match self {
            Self::Euros => Some(format::amount(figure.amount?, language)),
            Self::Thousands => Some(scaled(figure.amount?, 100_000, 0, language)),
            Self::Millions => Some(scaled(figure.amount?, 100_000_000, 1, language)),
            Self::Share => Some(format::hundredths(figure.share?.get(), language)),
            Self::PerInhabitant => Some(format::amount(figure.per_inhabitant?, language)),
            Self::Change => {
                let change = figure.change?;
                Some(signed(change.get(), format::amount(change, language)))
            }
            Self::Rate => {
                let rate = figure.change_rate?.get();
                Some(signed(rate, format::hundredths(rate, language)))
            }
        }
    }
}

fn scaled(amount: Centimes, unit: i128, decimals: u32, language: Language) -> String {
    format::scaled(i128::from(amount.get()), unit, decimals, language)
}

/// A change, with a sign also where it is a rise.
pub fn signed(number: i64, written: String) -> String {
    if number > 0 {
        format!("+{written}")
    } else {
        written
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::BasisPoints;
    use centime_analytics::statement::Known;

    use super::*;

    fn figure(amount: Option<i64>) -> Figure {
        Figure {
            amount: amount.map(Centimes::new),
            known: Known::Published,
            counted: true,
            published: None,
            records: Vec::new(),
            share: amount.map(|_| BasisPoints::new(1234)),
            per_inhabitant: amount.map(|_| Centimes::new(1_234_568)),
            change: Some(Centimes::new(150)),
            change_rate: Some(BasisPoints::new(-50)),
        }
    }

    #[test]
    fn a_figure_is_rounded_only_where_it_is_written() {
        let written = |unit: Unit, amount| unit.written(&figure(Some(amount)), Language::English);
        for (unit, expected) in [
            (Unit::Euros, "1,234,567.89"),
            (Unit::Thousands, "1,235"),
            (Unit::Millions, "1.2"),
            (Unit::Share, "12.34"),
            (Unit::PerInhabitant, "12,345.68"),
            (Unit::Change, "+1.50"),
            (Unit::Rate, "−0.50"),
        ] {
            assert_eq!(written(unit, 123_456_789).as_deref(), Some(expected));
        }
        assert_eq!(
            Unit::Euros.written(&figure(Some(-123_456)), Language::French),
            Some("−1\u{a0}234,56".to_owned())
        );
    }

    #[test]
    fn what_is_not_known_is_not_written() {
        for unit in [
            Unit::Euros,
            Unit::Thousands,
            Unit::Millions,
            Unit::Share,
            Unit::PerInhabitant,
        ] {
            assert_eq!(unit.written(&figure(None), Language::French), None);
        }
        assert_eq!(Unit::named("eur"), Some(Unit::Euros));
        assert_eq!(Unit::named("EUR"), None);
    }
}

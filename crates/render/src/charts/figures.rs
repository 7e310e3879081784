//! Figures as marks show them, in the measure of a view.

use centime_accounts::{BasisPoints, Centimes, FiscalYear};
use centime_analytics::Kind;

use super::measure::Measure;
use super::view::View;
use crate::draw::scale::Unit;
use crate::draw::spec::Figure;
use crate::language::format::{self, NO_BREAK};

impl Figure {
    /// A value of a unit.
    pub(super) fn of(unit: Unit, value: i64) -> Self {
        Self {
            value,
            text: unit.label(value.into()),
            whole: unit.whole(value.into()),
            exact: unit.exact(value.into()),
        }
    }

    /// The same with its unit, and a smaller one where it is less than one.
    pub(super) fn fitting(unit: Unit, value: i64) -> Self {
        Self {
            whole: unit.fitting(value.into()),
            ..Self::of(unit, value)
        }
    }

    /// An amount in hundredths of a percent: one that is less than the least share is said to be so.
    pub(super) fn share(unit: Unit, share: i64, amount: i64) -> Self {
        let written = match amount.signum() {
            1 if share == 0 => format!(
                "<{NO_BREAK}{}",
                format::rate(BasisPoints::new(1), unit.language)
            ),
            -1 if share == 0 => format!(
                ">{NO_BREAK}{}",
                format::rate(BasisPoints::new(-1), unit.language)
            ),
            _ => return Self::of(unit, share),
        };
        Self {
            value: share,
            text: written.clone(),
            whole: written.clone(),
            exact: written,
        }
    }

    /// The same with a sign even where it is above zero.
    pub(super) fn signed(mut self) -> Self {
        if self.value > 0 {
            for text in [&mut self.text, &mut self.whole] {
                text.insert(0, '+');
            }
        }
        self
    }

    /// The figure drawn somewhere else.
    pub(super) fn drawn_at(mut self, value: i64) -> Self {
        self.value = value;
        self
    }
}

impl View<'_> {
    /// An amount of a year as a mark shows it in the measure of the view. `None` where its share of the
    /// revenue is not known.
    pub(super) fn figure(&self, unit: Unit, year: FiscalYear, amount: i64) -> Option<Figure> {
        let value = self.measured(year, Some(amount))?;
        Some(match self.measure {
            Measure::Percent => Figure::share(unit, value, amount),
            _ => Figure::of(unit, value),
        })
    }

    /// The same for a mark that stands alone: with its unit, and a smaller one where it is less than one.
    pub(super) fn fitting(&self, unit: Unit, year: FiscalYear, amount: i64) -> Option<Figure> {
        let value = self.measured(year, Some(amount))?;
        Some(match self.measure {
            Measure::Percent => Figure::share(unit, value, amount),
            _ => Figure::fitting(unit, value),
        })
    }

    /// An amount of a year in the measure of the view: centimes, or hundredths of a percent of the
    /// revenue of the year. `None` where the revenue is not known.
    pub(super) fn measured(&self, year: FiscalYear, amount: Option<i64>) -> Option<i64> {
        if self.measure == Measure::Percent {
            let share = Centimes::new(amount?).share_of(*self.revenue.get(&year)?)?;
            return Some(share.get());
        }
        amount
    }

    /// Whether the amounts of a year can be shown in the measure of the view: shares need a revenue above
    /// zero.
    pub(super) fn has_shares(&self, year: FiscalYear) -> bool {
        self.measure != Measure::Percent
            || self
                .revenue
                .get(&year)
                .is_some_and(|of| *of > Centimes::ZERO)
    }

    /// The unit of some measured amounts.
    pub(super) fn unit(&self, measured: impl Iterator<Item = i64>) -> Unit {
        let largest = measured
            .map(|value| i128::from(value).abs())
            .max()
            .unwrap_or_default();
        let language = self.locale.language();
        if self.measure == Measure::Percent {
            return Unit::of(Kind::Rate, largest, language);
        }
        let unit = Unit::of(Kind::Amount, largest, language);
        match self.measure.fixed() {
            Some((size, decimals)) => Unit {
                size,
                decimals,
                ..unit
            },
            None => unit,
        }
    }

    /// The unit of amounts in words.
    pub(super) fn words(&self, unit: Unit) -> String {
        if self.measure == Measure::Percent {
            return self.locale.text("chart.unit.of_revenue").to_owned();
        }
        unit.words().to_owned()
    }
}

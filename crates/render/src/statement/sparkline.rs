//! A line of a statement over its years, as small as a word: from the oldest year at the left to the latest.

use std::fmt::Write as _;

use centime_accounts::{Centimes, FiscalYear};
use centime_analytics::statement::{Row, Stretch};

use crate::Locale;
use crate::language::format;

/// How wide a year is, in units of the drawing.
const STEP: usize = 12;

/// How wide the years of a drawing on its own are together.
const WIDTH: usize = 144;

/// How high the drawing is.
const HEIGHT: i128 = 24;

/// What is left free at each side, so that dots are whole.
const MARGIN: i128 = 3;

/// The drawing of a row as SVG, with its first and last amount in words; empty where no year has an amount.
pub fn sparkline(row: &Row, stretch: &Stretch, locale: &Locale) -> String {
    let years = row.figures.iter().zip(&stretch.years).rev();
    let years: Vec<(FiscalYear, Option<Centimes>, bool)> = years
        .map(|(figure, year)| (year.fiscal_year, figure.amount, !year.breaks.is_empty()))
        .collect();
    drawing(&years, STEP, locale)
}

/// The same of figures that stand on their own: as wide however few years there are.
pub fn trend(years: &[(FiscalYear, Option<Centimes>, bool)], locale: &Locale) -> String {
    drawing(years, WIDTH / years.len().saturating_sub(1).max(1), locale)
}

/// The drawing of the amounts of some years, the oldest first, each with whether it begins a new series.
///
/// Years that cannot be compared are not joined, nor are those between which an amount is not known. The drawing begins
/// at zero, so that its heights can be compared.
fn drawing(years: &[(FiscalYear, Option<Centimes>, bool)], step: usize, locale: &Locale) -> String {
    let points: Vec<(usize, FiscalYear, Centimes, bool)> = years
        .iter()
        .enumerate()
        .filter_map(|(place, (year, amount, breaks))| Some((place, *year, (*amount)?, *breaks)))
        .collect();
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    let amounts = || {
        points
            .iter()
            .map(|(_, _, amount, _)| i128::from(amount.get()))
    };
    let lowest = amounts().min().unwrap_or_default().min(0);
    let highest = amounts().max().unwrap_or_default().max(0);
    let range = (highest - lowest).max(1);
    let margin = usize::try_from(MARGIN).unwrap_or_default();
    let across = |place: usize| margin + place * step;
    let down = |amount: i128| MARGIN + (highest - amount) * (HEIGHT - 2 * MARGIN) / range;
    let mut path = String::new();
    let mut before: Option<usize> = None;
    for (place, _, amount, breaks) in &points {
        let joined = !breaks && before.is_some_and(|before| before + 1 == *place);
        let to = if joined { 'L' } else { 'M' };
        let _infallible = write!(
            path,
            "{to}{} {}",
            across(*place),
            down(i128::from(amount.get()))
        );
        before = Some(*place);
    }
    let width = 2 * margin + years.len().saturating_sub(1) * step;
    let mut dots = String::new();
    for (place, _, amount, _) in &points {
        let _infallible = write!(
            dots,
            r#"<circle cx="{}" cy="{}" r="1.5"/>"#,
            across(*place),
            down(i128::from(amount.get()))
        );
    }
    let told = |(_, year, amount, _): &(usize, FiscalYear, Centimes, bool)| {
        let amount = format::rounded_euros(*amount, locale.language());
        (year.to_string(), amount)
    };
    let ((from, at_first), (to, at_last)) = (told(first), told(last));
    let words = if from == to {
        locale.fill(
            "statement.trend_one",
            &[("year", &to), ("amount", &at_last)],
        )
    } else {
        locale.fill(
            "statement.trend",
            &[
                ("from", &from),
                ("first", &at_first),
                ("to", &to),
                ("last", &at_last),
            ],
        )
    };
    // Words of ours, digits and signs only: nothing of it has to be escaped.
    let zero = down(0);
    format!(
        r#"<svg class="sparkline" role="img" aria-label="{words}" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}"><path class="sparkline__zero" d="M0 {zero}H{width}"/><path class="sparkline__line" d="{path}"/>{dots}</svg>"#
    )
}

#[cfg(test)]
mod tests {
    use centime_accounts::LineAddress;
    use centime_analytics::Language;
    use centime_analytics::statement::{Figure, Known, RowKind, Year};
    use centime_warehouse::quality::BreakKind;

    use super::*;

    fn drawn(amounts: &[Option<i64>], breaks: u16) -> String {
        // The latest year first.
        let years = (0..).zip(amounts).map(|(place, _)| Year {
            fiscal_year: FiscalYear::new(2024 - place),
            breaks: if 2024 - place == breaks {
                vec![BreakKind::Perimeter]
            } else {
                Vec::new()
            },
            revenue: None,
            population: None,
        });
        let figures = amounts.iter().map(|amount| Figure {
            amount: amount.map(Centimes::new),
            known: Known::Published,
            counted: true,
            published: None,
            records: Vec::new(),
            share: None,
            per_inhabitant: None,
            change: None,
            change_rate: None,
        });
        let row = Row {
            address: LineAddress::of_model("M57", "personnel"),
            kind: RowKind::Line,
            level: 1,
            block: None,
            parent: None,
            side: None,
            activity: None,
            label: String::new(),
            gloss: "",
            recognised: true,
            figures: figures.collect(),
        };
        let stretch = Stretch {
            nomenclature: None,
            years: years.collect(),
            rows: Vec::new(),
        };
        sparkline(&row, &stretch, Locale::of(Language::English))
    }

    #[test]
    fn years_are_joined_from_the_oldest_on() {
        let svg = drawn(&[Some(300), Some(150), Some(0)], 0);
        assert!(svg.contains(r#"d="M3 21L15 12L27 3""#), "{svg}");
        assert!(svg.contains("2022") && svg.contains("2024"), "{svg}");
    }

    #[test]
    fn nothing_is_joined_across_a_gap_or_a_break() {
        let gap = drawn(&[Some(100), None, Some(100)], 0);
        assert!(gap.contains(r#"d="M3 3M27 3""#), "{gap}");
        let broken = drawn(&[Some(100), Some(100)], 2024);
        assert!(broken.contains(r#"d="M3 3M15 3""#), "{broken}");
    }

    #[test]
    fn what_is_below_zero_is_below_the_line_and_any_amount_is_drawn() {
        let svg = drawn(&[Some(-100), Some(100)], 0);
        assert!(svg.contains(r#"d="M0 12H18""#), "{svg}");
        assert_eq!(drawn(&[None, None], 0), "");
        for amounts in [[i64::MIN, i64::MAX], [0, 0], [i64::MAX, i64::MAX]] {
            assert!(!drawn(&amounts.map(Some), 0).is_empty());
        }
    }
}

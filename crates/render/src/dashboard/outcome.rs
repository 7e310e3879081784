//! The result of a year in a sentence or two, for pages and the report alike.

use centime_accounts::{Centimes, FiscalYear};
use centime_analytics::years::{Barrier, YearFigures, streak};
use centime_analytics::{Table, columns};

use crate::Locale;
use crate::draw::spec::Break;
use crate::language::format;

/// What a year comes to, and how many others of its series come to the like. `**…**` is strong. `None` where
/// the result of the year is not known.
pub fn outcome(
    results: &Table,
    year: FiscalYear,
    breaks: &[Break],
    locale: &Locale,
) -> Option<String> {
    let known: Vec<(FiscalYear, Centimes)> = results
        .rows
        .iter()
        .filter_map(|row| {
            let year = results.cell(row, columns::FISCAL_YEAR).year()?;
            Some((year, results.cell(row, columns::RESULT).amount()?))
        })
        .collect();
    let (_, result) = *known.iter().find(|(known, _)| *known == year)?;
    let mut said = result_of(year, result, locale);
    let others = match result.get().signum() {
        1 => "home.surpluses",
        -1 => "home.deficits",
        _ => return Some(said),
    };
    let series = series(&known, year, breaks);
    let alike = series
        .iter()
        .filter(|(_, other)| other.get().signum() == result.get().signum());
    if let Some(others) = of_series(others, alike.count(), &series, locale) {
        said.push(' ');
        said.push_str(&others);
    }
    Some(said)
}

/// Whether a year has a surplus or a deficit, and how large. `**…**` is strong.
pub fn result_of(year: FiscalYear, result: Centimes, locale: &Locale) -> String {
    let size = format::rounded_euros(result.abs(), locale.language());
    let key = match result.get().signum() {
        1 => "home.lead_surplus",
        -1 => "home.lead_deficit",
        _ => "home.lead_balanced",
    };
    locale.fill(key, &[("year", &year.to_string()), ("amount", &size)])
}

/// Since when results have had the sign of that of a year: how many in a row, or since when it is the first. Nothing is
/// said across what cannot be compared, and why is said. `None` where the result is zero or not known, and for the
/// first year that is published.
pub fn since_when(years: &[YearFigures], year: FiscalYear, locale: &Locale) -> Option<String> {
    let found = streak(years, year)?;
    let result = years
        .iter()
        .find(|known| known.fiscal_year == year)?
        .result?;
    let sign = if result.is_negative() {
        "deficit"
    } else {
        "surplus"
    };
    let why = found.barrier.map(|barrier| why(barrier, locale));
    let form = match (found.length, found.last_alike, &why) {
        (1, Some(_), _) => "first_since",
        (1, None, Some(_)) if found.looked_at == year => "alone",
        (1, None, Some(_)) => "first_at_least",
        (1, None, None) if found.looked_at == year => return None,
        (1, None, None) => "first",
        (_, _, Some(_)) => "run_at_least",
        (_, _, None) if found.looked_at == found.first => "run_whole",
        (_, _, None) => "run",
    };
    let length = i64::try_from(found.length).unwrap_or(i64::MAX);
    let nth = locale.has("ordinal", &length.to_string());
    let form = match form {
        "run" | "run_at_least" | "run_whole" if !nth => format!("{form}_long"),
        form => form.to_owned(),
    };
    let last = found.last_alike.map(|year| year.to_string());
    Some(locale.fill(
        &format!("{sign}.{form}"),
        &[
            ("nth", locale.term("ordinal", &length.to_string())),
            ("n", &in_words(found.length, locale)),
            ("first", &found.first.to_string()),
            ("last", &last.unwrap_or_default()),
            ("begin", &found.looked_at.to_string()),
            ("why", &why.unwrap_or_default()),
        ],
    ))
}

/// Why two years cannot be compared, as a part of a sentence.
pub fn why(barrier: Barrier<'_>, locale: &Locale) -> String {
    let (key, year) = match barrier {
        Barrier::Break { fiscal_year, kind } => (kind, fiscal_year),
        Barrier::NotComputed { fiscal_year } => ("not_computed", fiscal_year),
        Barrier::NoStatement { fiscal_year } => ("no_statement", fiscal_year),
    };
    let text = locale.term("barrier", key);
    crate::language::locale::fill(text, &[("year", &year.to_string())])
}

/// The years that can be compared with one: those between the breaks around it, in order.
fn series(
    known: &[(FiscalYear, Centimes)],
    year: FiscalYear,
    breaks: &[Break],
) -> Vec<(FiscalYear, Centimes)> {
    let broken = || breaks.iter().map(|b| b.fiscal_year);
    let first = broken().filter(|b| *b <= year).max();
    let end = broken().filter(|b| *b > year).min();
    let mut series: Vec<(FiscalYear, Centimes)> = known
        .iter()
        .copied()
        .filter(|(known, _)| first.is_none_or(|first| *known >= first))
        .filter(|(known, _)| end.is_none_or(|end| *known < end))
        .collect();
    series.sort_unstable();
    series
}

/// How many years of a series are alike; `None` for a year that stands alone.
fn of_series(
    key: &str,
    alike: usize,
    series: &[(FiscalYear, Centimes)],
    locale: &Locale,
) -> Option<String> {
    let ((first, _), (last, _)) = (series.first()?, series.last()?);
    if series.len() < 2 {
        return None;
    }
    let period = locale.years(*first, *last);
    let total = in_words(series.len(), locale);
    let (count, key) = (in_words(alike, locale), key.to_owned());
    let values = [("n", &*count), ("total", &*total), ("period", &*period)];
    let form = match alike {
        all if all == series.len() => "all",
        1 => "one",
        _ => "many",
    };
    Some(locale.fill(&format!("{key}.{form}"), &values))
}

/// A count in words where it is small, as prose has it.
fn in_words(count: usize, locale: &Locale) -> String {
    let number = i64::try_from(count).unwrap_or(i64::MAX);
    let code = number.to_string();
    if locale.has("number", &code) {
        return locale.term("number", &code).to_owned();
    }
    format::integer(number, locale.language())
}

#[cfg(test)]
mod tests {
    use centime_analytics::{Cell, Column, Kind, Language};

    use super::*;

    fn results(of: &[(u16, Option<i64>)]) -> Table {
        Table {
            columns: vec![
                Column::new(columns::FISCAL_YEAR, Kind::Year),
                Column::new(columns::RESULT, Kind::Amount),
            ],
            rows: of
                .iter()
                .map(|(year, result)| {
                    vec![
                        Cell::Year(FiscalYear::new(*year)),
                        result.map(Centimes::new).into(),
                    ]
                })
                .collect(),
        }
    }

    fn said(of: &[(u16, Option<i64>)], year: u16, breaks: &[u16], language: Language) -> String {
        let breaks: Vec<Break> = breaks
            .iter()
            .map(|year| Break {
                fiscal_year: FiscalYear::new(*year),
                label: String::new(),
            })
            .collect();
        let year = FiscalYear::new(year);
        let said = outcome(&results(of), year, &breaks, Locale::of(language)).unwrap_or_default();
        said.replace(['\u{a0}', '\u{202f}'], " ").replace("**", "")
    }

    #[test]
    fn all_some_and_one_have_their_sentence() {
        let (up, down) = (Some(15_900_949), Some(-100));
        let two = [(2022, up), (2023, up)];
        assert_eq!(
            said(&two, 2023, &[], Language::French),
            "En 2023, les produits ont dépassé les charges de 159 009 euros. \
             Les deux exercices calculés de 2022 à 2023 sont excédentaires."
        );
        assert!(
            said(&two, 2023, &[], Language::English)
                .ends_with("Each of the two years computed from 2022 to 2023 has a surplus.")
        );
        let three = [(2021, up), (2022, down), (2023, down)];
        assert!(said(&three, 2023, &[], Language::French).ends_with(
            "C’est l’un des deux déficits des trois exercices calculés de 2021 à 2023."
        ));
        assert!(
            said(&three, 2021, &[], Language::French)
                .ends_with("C’est le seul excédent des trois exercices calculés de 2021 à 2023.")
        );
        assert_eq!(
            said(&[(2023, up)], 2023, &[], Language::French),
            "En 2023, les produits ont dépassé les charges de 159 009 euros."
        );
        assert_eq!(
            said(&[(2022, up), (2023, Some(0))], 2023, &[], Language::French),
            "En 2023, les produits équilibrent les charges."
        );
        assert_eq!(said(&[(2023, None)], 2023, &[], Language::French), "");
    }

    #[test]
    fn years_across_a_break_are_not_counted_together() {
        let of: Vec<(u16, Option<i64>)> = (2016..=2024)
            .map(|year| {
                (
                    year,
                    (year != 2018).then_some(if year == 2016 { -100 } else { 100 }),
                )
            })
            .collect();
        let breaks = [2018, 2019];
        assert!(
            said(&of, 2024, &breaks, Language::French)
                .ends_with("Les six exercices calculés de 2019 à 2024 sont excédentaires.")
        );
        assert!(
            said(&of, 2016, &breaks, Language::French)
                .ends_with("C’est le seul déficit des deux exercices calculés de 2016 à 2017.")
        );
    }

    #[test]
    fn a_large_count_is_in_digits() {
        assert_eq!(in_words(9, Locale::of(Language::French)), "neuf");
        assert_eq!(in_words(12, Locale::of(Language::French)), "12");
    }
}

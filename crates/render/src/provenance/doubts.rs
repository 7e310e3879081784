//! Doubts about figures, beside the figures: in a sentence for people, in a column for programs.

use centime_accounts::FiscalYear;
use centime_analytics::rows::{DOUBTS, of_doubts};
use centime_analytics::{Table, columns};
use centime_warehouse::doubt::Doubt;

use crate::Locale;

/// The doubts in a sentence; `None` where there are none.
pub fn sentence(doubts: &[Doubt], locale: &Locale) -> Option<String> {
    let said: Vec<String> = doubts
        .iter()
        .map(|doubt| {
            let what = locale.term("doubt.check", &doubt.check);
            let years = years(&doubt.years, locale);
            locale.fill("doubt.of_years", &[("years", &years), ("what", what)])
        })
        .collect();
    let joint = locale.text("doubt.between");
    (!said.is_empty()).then(|| locale.fill("doubt.text", &[("doubts", &said.join(joint))]))
}

/// Years in order: those that follow one another as a period.
fn years(years: &[FiscalYear], locale: &Locale) -> String {
    let mut periods: Vec<(FiscalYear, FiscalYear)> = Vec::new();
    for year in years {
        match periods.last_mut() {
            Some((_, last)) if last.next() == *year => *last = *year,
            _ => periods.push((*year, *year)),
        }
    }
    let periods = periods
        .iter()
        .map(|(first, last)| locale.years(*first, *last));
    let periods: Vec<String> = periods.collect();
    periods.join(locale.text("problem.between_values"))
}

/// Rows with one more column: the names of the checks that cast doubt on the year of the row. Rows of no
/// year are of all the years that the doubts are about.
#[must_use]
pub fn with_doubts(table: &Table, doubts: &[Doubt]) -> Table {
    let mut columns = table.columns.clone();
    columns.push(DOUBTS);
    let rows = table.rows.iter().map(|row| {
        let year = table.optional_cell(row, columns::FISCAL_YEAR);
        let doubts = of_doubts(doubts, year.and_then(centime_analytics::Cell::year));
        row.iter().cloned().chain([doubts]).collect()
    });
    Table {
        rows: rows.collect(),
        columns,
    }
}

#[cfg(test)]
mod tests {
    use centime_analytics::{Cell, Column, Kind, Language};
    use centime_warehouse::doubt::{CHECKS, Touches};

    use super::*;

    fn some() -> Vec<Doubt> {
        let doubt = |check: &str, years: &[u16]| Doubt {
            check: check.to_owned(),
            years: years.iter().copied().map(FiscalYear::new).collect(),
        };
        vec![
            doubt("no-duplicates", &[2016, 2017, 2018, 2021]),
            doubt("parents-equal-parts", &[2017]),
        ]
    }

    #[test]
    fn a_sentence_names_what_was_found_and_the_years() {
        let said = |language| sentence(&some(), Locale::of(language)).unwrap();
        assert_eq!(
            said(Language::English),
            "Doubts about these figures: 2016 to 2018, 2021: rows published twice; 2017: published sums that differ from their parts."
        );
        let french = said(Language::French);
        assert!(
            french.contains("2021\u{a0}: lignes publiées deux fois"),
            "{french}"
        );
        assert_eq!(sentence(&[], Locale::of(Language::French)), None);
    }

    #[test]
    fn every_check_that_touches_figures_has_its_words() {
        for (name, _) in CHECKS.iter().filter(|(_, of)| *of == Touches::Figures) {
            for language in Language::ALL {
                assert!(Locale::of(language).has("doubt.check", name), "{name}");
            }
        }
    }

    #[test]
    fn rows_say_what_is_doubted() {
        let year = Column::new(columns::FISCAL_YEAR, Kind::Year);
        let rows = [2017, 2021, 2024].map(|year| vec![Cell::Year(FiscalYear::new(year))]);
        let table = Table {
            columns: vec![year],
            rows: rows.to_vec(),
        };
        let doubted = with_doubts(&table, &some());
        assert_eq!(doubted.columns.last(), Some(&DOUBTS));
        let doubts = |row: &Vec<Cell>| {
            let names: Vec<&str> = doubted.cell(row, DOUBTS.name).list().collect();
            names.join(" ")
        };
        let of_years: Vec<String> = doubted.rows.iter().map(doubts).collect();
        assert_eq!(
            of_years,
            ["no-duplicates parents-equal-parts", "no-duplicates", ""]
        );
    }
}

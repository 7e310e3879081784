//! What else says what the result of a year is, beside the year: how many sources do, and each with its difference.

use centime_accounts::FiscalYear;
use centime_analytics::{Basis, Cell, analyses, columns};
use centime_render::Locale;

use crate::pages::view::{plain_amount, status};
use crate::state::snapshot::Snapshot;

/// The witnesses of a year.
pub struct WitnessesView {
    /// How many there are, and how many say the same.
    pub summary: String,
    pub rows: Vec<WitnessRow>,
    /// The page with those of all years.
    pub link: String,
}

/// What one of them says.
pub struct WitnessRow {
    pub name: String,
    pub says: String,
    /// Its difference, or why it says nothing.
    pub difference: String,
    pub class: &'static str,
    pub status: String,
}

impl WitnessesView {
    /// Those of a year; `None` where nothing else says what its result is.
    pub fn of(snapshot: &Snapshot, year: FiscalYear, locale: &'static Locale) -> Option<Self> {
        let (equal, many) = counted(snapshot, year)?;
        let summary = match equal {
            Some(equal) => {
                let equal = equal.to_string();
                locale.count_and_fill("witnesses.equal", many, &[("equal", &equal)])
            }
            None => locale.count("witnesses.alone", many),
        };
        let table = snapshot.table(&analyses::witness::ANALYSIS, Basis::Leaf);
        let of_year = |row: &&Vec<Cell>| table.cell(row, columns::FISCAL_YEAR).year() == Some(year);
        let rows = table.rows.iter().filter(of_year).map(|row| {
            let text = |column| table.cell(row, column).text().unwrap_or_default();
            let amount = |column| plain_amount(table.cell(row, column).amount(), locale);
            let (class, word) = status(text(columns::STATUS), locale);
            let reason = text(columns::REASON);
            WitnessRow {
                name: locale.term("witness", text(columns::WITNESS)).to_owned(),
                says: amount(columns::SAYS),
                difference: if reason.is_empty() {
                    amount(columns::DIFFERENCE)
                } else {
                    locale.term("reason", reason).to_owned()
                },
                class,
                status: word.to_owned(),
            }
        });
        Some(Self {
            summary,
            rows: rows.collect(),
            link: link(snapshot),
        })
    }
}

/// The page with the witnesses of all years.
pub fn link(snapshot: &Snapshot) -> String {
    let path = format!("/analyses/{}", analyses::witness::ANALYSIS.name());
    snapshot.link(&path, &[])
}

/// How many witnesses of a year are equal to its result, and how many there are: `2 / 3`. `None` where there is none.
pub fn tally(snapshot: &Snapshot, year: FiscalYear, locale: &Locale) -> Option<String> {
    let (equal, many) = counted(snapshot, year)?;
    let equal = equal.map_or_else(|| "—".to_owned(), |equal| equal.to_string());
    let values = [("equal", &*equal), ("many", &*many.to_string())];
    Some(locale.fill("witnesses.tally", &values))
}

/// How many are equal, where there is a result, and how many there are.
fn counted(snapshot: &Snapshot, year: FiscalYear) -> Option<(Option<i64>, i64)> {
    let table = snapshot.table(&analyses::reconciliation::ANALYSIS, Basis::Leaf);
    let mut rows = table.rows.iter();
    let row = rows.find(|row| table.cell(row, columns::FISCAL_YEAR).year() == Some(year))?;
    let many = table.cell(row, columns::WITNESSES).count()?;
    let equal = table.cell(row, columns::WITNESSES_EQUAL).count();
    (many > 0).then_some((equal, many))
}

#[cfg(test)]
mod tests {
    use centime_accounts::{NotComputable, WitnessKind};
    use centime_analytics::Language;

    use super::*;

    #[test]
    fn every_witness_and_every_reason_has_its_words() {
        for language in Language::ALL {
            let locale = Locale::of(language);
            for kind in WitnessKind::ALL {
                assert!(locale.has("witness", kind.name()), "{}", kind.name());
            }
            for reason in NotComputable::ALL {
                assert!(locale.has("reason", reason.name()), "{}", reason.name());
            }
        }
    }
}

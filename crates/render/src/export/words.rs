//! Rows in the words of a reader: what people open in a spreadsheet has headings and values in their language.
//!
//! What programs read keeps the technical names, which are the same in every language.

use std::borrow::Cow;

use centime_accounts::{Side, YearStatus};
use centime_analytics::{Cell, Column, Kind, Language, columns};

use crate::Locale;
use crate::provenance::source::Source;

/// The words for the headings and the coded values of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    language: Language,
    /// The side that all rows are of, where no column says so.
    side: Side,
}

impl Words {
    /// The words of a language, for rows of this source.
    pub fn of(source: &Source<'_>, language: Language) -> Self {
        let mut filters = source.filters.iter();
        let revenue =
            filters.any(|filter| filter.name == "side" && filter.code == Side::Revenue.name());
        Self {
            language,
            side: if revenue {
                Side::Revenue
            } else {
                Side::Expense
            },
        }
    }

    /// The words of the language.
    pub fn locale(self) -> &'static Locale {
        Locale::of(self.language)
    }

    /// What a column is called.
    pub fn heading(self, column: &Column) -> &'static str {
        let locale = self.locale();
        let of_flag = || {
            let is_flag = column.kind == Kind::Flag;
            is_flag.then(|| locale.word("column_flag", &column.name))?
        };
        let named = || match column.name {
            // People are shown the word of the code.
            columns::HARMONISED => locale.word("column", &columns::HARMONISED_CATEGORY),
            name => locale.word("column", &name),
        };
        match (column.titles, self.language) {
            (Some(titles), Language::French) => titles.fr,
            (Some(titles), Language::English) => titles.en,
            (None, _) => of_flag().or_else(named).unwrap_or(column.name.as_str()),
        }
    }

    /// A text of a row in words: a code by its word, any other text as it is.
    pub fn text<'r>(
        self,
        columns: &[Column],
        row: &[Cell],
        column: &Column,
        text: &'r str,
    ) -> Cow<'r, str> {
        let locale = self.locale();
        let word = match column.name {
            columns::SIDE => locale.word("side", text),
            columns::ACTIVITY => locale.word("activity", text),
            columns::ROLE => locale.word("role", text),
            columns::MATCHED => locale.word("matched", text),
            columns::SERIES_BREAK => locale.word("series_break", text),
            columns::HARMONISED | columns::HARMONISED_CATEGORY => {
                locale.word("harmonised_category", text)
            }
            columns::EXCEPTIONAL_SUCCESSOR => locale.word("successor", text),
            columns::KNOWN => locale.word("statement.known", text),
            columns::STATE => locale.word("state", text),
            columns::STEP => locale.word("column", text),
            columns::DOUBTS => locale.word("doubt.check", text),
            columns::CATEGORY => {
                let side = columns
                    .iter()
                    .position(|column| column.name == columns::SIDE);
                let side = side.and_then(|place| Side::named(row.get(place)?.text()?));
                let group = match side.unwrap_or(self.side) {
                    Side::Revenue => "activity_of",
                    Side::Expense => "harmonised_category",
                };
                locale.word(group, text)
            }
            _ => None,
        };
        word.map_or(Cow::Borrowed(text), Cow::Borrowed)
    }

    /// A list of texts in words, one after the other.
    pub fn list(
        self,
        columns: &[Column],
        row: &[Cell],
        column: &Column,
        entries: &[String],
    ) -> String {
        let words = entries
            .iter()
            .map(|entry| self.text(columns, row, column, entry));
        words.collect::<Vec<_>>().join("; ")
    }

    /// What is known of the figures of a year.
    pub fn status(self, status: YearStatus) -> &'static str {
        self.locale().term("status", status.name())
    }

    /// Whether something is so.
    pub fn flag(self, flag: bool) -> &'static str {
        self.locale()
            .text(if flag { "value.yes" } else { "value.no" })
    }
}

#[cfg(test)]
mod tests {
    use centime_accounts::Activity;
    use centime_analytics::rows;
    use centime_analytics::rows::{OF_BODIES, OF_LINES};
    use centime_analytics::statement::OF_STATEMENT;

    use super::*;
    use crate::provenance::source::tests::source;

    #[test]
    fn every_column_that_people_open_has_a_heading_in_both_languages() {
        let columns = OF_LINES.iter().chain(&OF_STATEMENT).chain(&OF_BODIES);
        let more = [
            rows::DOUBTS,
            Column::new(columns::YEAR_BEFORE, Kind::Year),
            Column::new(columns::YEAR_AFTER, Kind::Year),
            Column::new(columns::STATE, Kind::Text),
            Column::new(columns::STEP, Kind::Text),
        ];
        for column in columns.chain(&more) {
            for language in Language::ALL {
                let found = Locale::of(language).has("column", &column.name);
                assert!(found, "{} in {language}", column.name);
            }
        }
    }

    #[test]
    fn codes_are_words_and_labels_stay_as_they_were_published() {
        let words = Words::of(&source(), Language::French);
        let columns = [
            Column::new(columns::SIDE, Kind::Text),
            Column::new(columns::CATEGORY, Kind::Text),
            Column::new(columns::LABEL, Kind::Text),
        ];
        let said = |side: Option<Side>, place: usize, text: &str| {
            let side = side.map_or(Cell::Null, |side| Cell::of(side.name()));
            words
                .text(&columns, &[side], &columns[place], text)
                .into_owned()
        };
        assert_eq!(said(None, 0, "revenue"), "Produit");
        assert_eq!(said(None, 1, "financial"), "Charges financières");
        assert_eq!(
            said(Some(Side::Revenue), 1, Activity::Financial.name()),
            "Produits financiers"
        );
        assert_eq!(
            said(None, 1, "CHARGES DE FONCTIONNEMENT"),
            "CHARGES DE FONCTIONNEMENT"
        );
        assert_eq!(words.status(YearStatus::Incomplete), "incomplet");
        assert_eq!(said(None, 2, "revenue"), "revenue");
        assert_eq!((words.flag(true), words.flag(false)), ("oui", "non"));
    }
}

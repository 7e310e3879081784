//! What all charts of a view share: what is requested, and the names, legends and sentences made from it.

use std::collections::{BTreeMap, BTreeSet};

use centime_accounts::grouping::UNRECOGNISED;
use centime_accounts::{Centimes, FiscalYear, Side};
use centime_analytics::{Basis, Cell, ColumnName, Grouping, Selection, Table, columns};

use super::measure::Measure;
use crate::draw::spec::{Break, Color, Key, LinkParams, Name, Swatch};
use crate::language::label::{any_gloss, apart, block_gloss, label_gloss, sentence_case};
use crate::language::locale::Locale;

/// What all charts of a view share.
#[derive(Debug)]
pub struct View<'a> {
    /// What is selected.
    pub selection: &'a Selection,
    /// In which measure.
    pub measure: Measure,
    /// The revenue of each complete year, for shares of it.
    pub revenue: &'a BTreeMap<FiscalYear, Centimes>,
    /// What the year in focus comes to, whatever side and category are selected.
    pub totals: Totals,
    /// The blocks of the statement in its order, whatever is selected: it decides on their colours.
    pub blocks: &'a [String],
    /// The labels within the selected category, the same.
    pub labels: &'a [String],
    /// Where a series ends and another begins.
    pub breaks: &'a [Break],
    /// The words.
    pub locale: &'static Locale,
}

/// Of which years the records of a mark are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Years {
    /// The year in focus.
    Focus,
    /// That and the one that it is compared with.
    Compared,
}

/// What a year comes to; `None` where it is not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// The revenue.
    pub revenue: Option<Centimes>,
    /// The expense.
    pub expense: Option<Centimes>,
    /// The revenue less the expense.
    pub result: Option<Centimes>,
}

impl Totals {
    /// Those of a year, from the rows that `views::result` gives.
    pub fn of(results: &Table, year: FiscalYear) -> Self {
        let found = |row: &&Vec<Cell>| results.cell(row, columns::FISCAL_YEAR).year() == Some(year);
        let row = results.rows.iter().find(found);
        let amount = |column| row.and_then(|row| results.cell(row, column).amount());
        Self {
            revenue: amount(columns::REVENUE),
            expense: amount(columns::EXPENSE),
            result: amount(columns::RESULT),
        }
    }
}

impl View<'_> {
    /// The breaks after the first of some years.
    pub(super) fn breaks(&self, years: &[FiscalYear]) -> Vec<Break> {
        let inside = |b: &&Break| {
            years.first().is_some_and(|first| b.fiscal_year > *first)
                && years.last().is_some_and(|last| b.fiscal_year <= *last)
        };
        self.breaks.iter().filter(inside).cloned().collect()
    }

    /// The breaks in a sentence; empty without one.
    pub(super) fn breaks_sentence(&self, years: &[FiscalYear]) -> String {
        let breaks: Vec<String> = self
            .breaks(years)
            .iter()
            .map(|b| format!("{} ({})", b.fiscal_year, b.label))
            .collect();
        if breaks.is_empty() {
            return String::new();
        }
        self.locale
            .fill("chart.alt_breaks", &[("years", &breaks.join(", "))])
    }

    /// The year in focus, where it is one of those shown.
    pub(super) fn focus(&self, years: &[FiscalYear]) -> Option<FiscalYear> {
        Some(self.selection.focus).filter(|year| years.contains(year))
    }

    /// The title of a column.
    pub(super) fn column(&self, name: ColumnName) -> &str {
        self.locale.term("column", name.as_str())
    }

    /// What `Selection::name_of` gives, as it is shown: a category, or a line within one.
    pub(super) fn name(&self, name: &str) -> Name {
        let language = self.locale.language();
        let (grouping, gloss) = match (&self.selection.category, self.selection.grouping) {
            (None, Grouping::Harmonised) => (Grouping::Harmonised, ""),
            (None, grouping) => (grouping, block_gloss(name, language)),
            // Lines of a harmonised category are of several blocks.
            (Some(_), Grouping::Harmonised) => (Grouping::Published, any_gloss(name, language)),
            (Some(block), grouping) => (grouping, label_gloss(block, name, language)),
        };
        let text = category_name(name, grouping, self.selection.shown_side(), self.locale);
        Name {
            text: apart(&text),
            gloss: apart(gloss),
        }
    }

    /// A line of a block, as it is shown: in a chart it stands apart from the line that it is a part of.
    pub(super) fn line_name(&self, block: &str, label: &str) -> Name {
        Name {
            text: apart(&sentence_case(label.trim())),
            gloss: apart(label_gloss(block, label, self.locale.language())),
        }
    }

    /// Where a click on a category of the side that is shown leads: into it, or from a line to its records in some
    /// years. Two sides may have a category of one name, so the side is always said.
    pub(super) fn category_link_params(&self, name: &str, years: Years) -> LinkParams {
        let side = ("side", Some(self.selection.shown_side().to_string()));
        if self.selection.category.is_none() {
            return vec![side, ("category", Some(name.to_owned()))];
        }
        // A plain script adds up by category what it leaves out of a result, too.
        let which = match (years, self.selection.basis) {
            (Years::Compared, _) => "years",
            (Years::Focus, Basis::Leaf) => "added",
            (Years::Focus, Basis::Naive) => "published",
        };
        vec![
            side,
            ("category", self.selection.category.clone()),
            ("line", Some(name.to_owned())),
            ("lines", Some(which.to_owned())),
        ]
    }

    /// Where a click on a figure of both sides leads: to all that is added up to it.
    pub(super) fn result_link_params() -> LinkParams {
        vec![
            ("side", None),
            ("category", None),
            ("lines", Some("added".to_owned())),
        ]
    }

    /// Whether revenue less expense is the result of a year, and so a surplus or a deficit: not of a part of
    /// the statement, nor where lines are added twice.
    pub(super) fn has_results(&self) -> bool {
        self.selection.basis == Basis::Leaf && !self.selection.is_partial()
    }

    /// Why nothing can be drawn of the year in focus where it has no rows. A plain sum misses nothing.
    pub(super) fn no_rows(&self) -> String {
        let key = match self.selection.basis {
            Basis::Leaf => "chart.year_incomplete",
            Basis::Naive => "chart.plain_nothing",
        };
        let year = self.selection.focus.to_string();
        self.locale.fill(key, &[("year", &year)])
    }

    /// Says in a legend what the colours of its first series mean, in the place of its name.
    pub(super) fn explain_signs(&self, legend: &mut Vec<Key>, negative: bool) {
        let (above, below) = if self.has_results() {
            ("positive", "negative")
        } else {
            ("above", "below")
        };
        let mut signs = vec![self.key(above, Color::First, Swatch::Fill)];
        if negative {
            signs.push(self.key(below, Color::Signal, Swatch::Fill));
        }
        legend.splice(..legend.len().min(1), signs);
    }

    /// The marks that close the legend of years.
    pub(super) fn last_keys(&self, incomplete: bool, breaks: bool) -> Vec<Key> {
        let mut keys = Vec::new();
        if incomplete {
            keys.push(self.key("incomplete", Color::Hatch, Swatch::Hatch));
        }
        if breaks {
            keys.push(self.key("break", Color::Faint, Swatch::Dash));
        }
        keys
    }

    /// An entry of a legend in our own words.
    pub(super) fn key(&self, name: &str, color: Color, form: Swatch) -> Key {
        Key {
            label: self.locale.term("chart.legend", name).to_owned(),
            color,
            form,
            link_params: Vec::new(),
        }
    }
}

/// The text of a cell; empty when it has none.
pub(super) fn text<'a>(table: &'a Table, row: &'a [Cell], column: ColumnName) -> &'a str {
    table.cell(row, column).text().unwrap_or_default()
}

/// The column with the amounts of a side.
pub const fn side_column(side: Side) -> ColumnName {
    match side {
        Side::Revenue => columns::REVENUE,
        Side::Expense => columns::EXPENSE,
    }
}

/// Every year from the first to the last of a table, so that a year without rows leaves a gap.
pub(super) fn years(table: &Table) -> Vec<FiscalYear> {
    let years: BTreeSet<FiscalYear> = table
        .rows
        .iter()
        .filter_map(|row| table.cell(row, columns::FISCAL_YEAR).year())
        .collect();
    match (years.first(), years.last()) {
        // A slip of a century in the data would draw a hundred empty places.
        (Some(first), Some(last)) if last.get() - first.get() < 60 => {
            first.through(*last).collect()
        }
        _ => years.into_iter().collect(),
    }
}

/// An entry of a legend in words of the data.
pub(super) fn named_key(label: &str, color: Color, form: Swatch) -> Key {
    Key {
        label: label.to_owned(),
        color,
        form,
        link_params: Vec::new(),
    }
}

/// Named figures in words: `Taxes: €4.9bn; …`.
pub(super) fn named_figures<N: AsRef<str>>(
    locale: &Locale,
    figures: impl Iterator<Item = (N, String)>,
) -> String {
    let parts: Vec<String> = figures
        .map(|(name, value)| locale.fill("chart.bar", &[("year", name.as_ref()), ("n", &value)]))
        .collect();
    parts.join(locale.text("chart.separator"))
}

/// A category of a side as it is shown. Comparable categories are of expense; of revenue they are activities.
pub fn category_name(name: &str, grouping: Grouping, side: Side, locale: &Locale) -> String {
    let name = name.trim();
    if name.is_empty() {
        return locale.text("value.no_label").to_owned();
    }
    let group = match side {
        Side::Revenue if name != UNRECOGNISED => "activity_of",
        _ => "harmonised_category",
    };
    if grouping == Grouping::Harmonised && locale.has(group, name) {
        locale.term(group, name).to_owned()
    } else {
        sentence_case(name)
    }
}

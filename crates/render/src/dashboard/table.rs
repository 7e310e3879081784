//! Rows as a table of a page, with links to what they are made of.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use centime_accounts::{FiscalYear, Side};
use centime_analytics::views::Step;
use centime_analytics::{Cell, Column, ColumnName, Grouping, Kind, Table, columns};

use super::query::{Figure, Query, Rows};
use crate::language::format;
use crate::language::label::{apart, block_gloss, sentence_case, short_label, status};
use crate::{Locale, charts};

/// A table for readers.
#[derive(Debug)]
pub struct TableView {
    /// The heads of its columns.
    pub headers: Vec<HeaderView>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<CellView>>,
}

/// The head of a column.
#[derive(Debug)]
pub struct HeaderView {
    /// Its words.
    pub label: String,
    /// Whether the column has numbers.
    pub number: bool,
}

/// A cell.
#[derive(Debug)]
pub struct CellView {
    /// Whether it is a number.
    pub number: bool,
    /// What is shown; `None` for what is not known.
    pub value: Option<String>,
    /// The address of what it is made of.
    pub link: Option<String>,
    /// The official label in the reader's language.
    pub gloss: &'static str,
    /// The kind of a state.
    pub mark: Option<&'static str>,
}

impl CellView {
    fn text(value: String) -> Self {
        Self {
            number: false,
            value: Some(value),
            link: None,
            gloss: "",
            mark: None,
        }
    }
}

/// The rows of a chart. Those of several years about the same thing are one row.
pub fn table(rows: &Table, query: &Query, locale: &'static Locale) -> TableView {
    let maker = Maker {
        rows,
        query,
        locale,
    };
    let has = |name| rows.has(name);
    match (
        has(columns::LABEL),
        has(columns::FISCAL_YEAR),
        has(columns::STATE),
        has(columns::SHARE),
    ) {
        (true, true, true, _) => {
            maker.by_year(&[columns::CATEGORY, columns::LABEL], columns::STATE)
        }
        (false, true, false, true) if !has(columns::RANK) => {
            maker.by_year(&[columns::CATEGORY], columns::AMOUNT)
        }
        _ => maker.plain(),
    }
}

/// Rows as they are, of an analysis that nothing is known of but its columns: no figure leads to lines.
pub fn rows(rows: &Table, query: &Query, locale: &'static Locale) -> TableView {
    let maker = Maker {
        rows,
        query,
        locale,
    };
    let mut view = maker.plain();
    let shown = rows
        .columns
        .iter()
        .filter(|column| column.kind != Kind::List);
    for (header, column) in view.headers.iter_mut().zip(shown) {
        locale.heading(column).clone_into(&mut header.label);
    }
    for cell in view.rows.iter_mut().flatten() {
        cell.link = None;
    }
    view
}

struct Maker<'a> {
    rows: &'a Table,
    query: &'a Query,
    locale: &'static Locale,
}

impl Maker<'_> {
    /// A row each.
    fn plain(&self) -> TableView {
        // The two years that are compared are said in the heads of their amounts.
        let compared = [columns::YEAR_BEFORE, columns::YEAR_AFTER];
        let shown =
            |column: &&Column| column.kind != Kind::List && !compared.contains(&column.name);
        let columns: Vec<&Column> = self.rows.columns.iter().filter(shown).collect();
        TableView {
            headers: columns.iter().map(|column| self.header(column)).collect(),
            rows: self
                .rows
                .rows
                .iter()
                .map(|row| {
                    columns
                        .iter()
                        .map(|column| self.cell(row, column))
                        .collect()
                })
                .collect(),
        }
    }

    fn header(&self, column: &Column) -> HeaderView {
        let selection = &self.query.selection;
        let label = match column.name {
            // The two years that are compared have names.
            columns::BEFORE => selection.against.to_string(),
            columns::AFTER => selection.focus.to_string(),
            _ => self.locale.heading(column).to_owned(),
        };
        HeaderView {
            label,
            number: column.kind.is_number(),
        }
    }

    /// One row for each thing, with a column a year.
    fn by_year(&self, names: &[ColumnName], value: ColumnName) -> TableView {
        let mut years: BTreeSet<FiscalYear> = BTreeSet::new();
        let mut things: Vec<&[Cell]> = Vec::new();
        // The row of each thing in each year; things are distinguished by their names.
        let mut of_thing: HashMap<Vec<&str>, BTreeMap<FiscalYear, &[Cell]>> = HashMap::new();
        for row in &self.rows.rows {
            let by_year = of_thing.entry(self.texts(row, names)).or_insert_with(|| {
                things.push(row);
                BTreeMap::new()
            });
            if let Some(year) = self.year(row) {
                years.insert(year);
                by_year.entry(year).or_insert(row);
            }
        }
        let amounts = value == columns::AMOUNT;
        let mut headers: Vec<HeaderView> = names
            .iter()
            .map(|name| HeaderView {
                label: self.locale.term("column", name.as_str()).to_owned(),
                number: false,
            })
            .collect();
        headers.extend(years.iter().map(|year| HeaderView {
            label: year.to_string(),
            number: amounts,
        }));
        let column = |name| {
            let position = self.rows.position(name);
            position.map(|position| &self.rows.columns[position])
        };
        let rows = things
            .iter()
            .map(|first| {
                let by_year = &of_thing[&self.texts(first, names)];
                let names = names.iter().filter_map(|name| column(*name));
                let mut cells: Vec<CellView> =
                    names.map(|column| self.cell(first, column)).collect();
                cells.extend(years.iter().map(|year| {
                    match (by_year.get(year), column(value)) {
                        (Some(row), Some(column)) => self.cell(row, column),
                        // There is no such line that year.
                        _ => CellView {
                            number: amounts,
                            ..CellView::text(String::new())
                        },
                    }
                }));
                cells
            })
            .collect();
        TableView { headers, rows }
    }

    fn text<'r>(&'r self, row: &'r [Cell], column: ColumnName) -> &'r str {
        let cell = self.rows.optional_cell(row, column);
        cell.and_then(Cell::text).unwrap_or_default()
    }

    /// The year that a row is of; `None` in a table of one year.
    fn year(&self, row: &[Cell]) -> Option<FiscalYear> {
        let cell = self.rows.optional_cell(row, columns::FISCAL_YEAR);
        cell.and_then(Cell::year)
    }

    fn texts<'r>(&'r self, row: &'r [Cell], columns: &[ColumnName]) -> Vec<&'r str> {
        columns
            .iter()
            .map(|column| self.text(row, *column))
            .collect()
    }

    /// The lines that a row is made of.
    fn figure<'r>(&'r self, row: &'r [Cell]) -> Figure<'r> {
        let text = |name| Some(self.text(row, name)).filter(|text| !text.is_empty());
        let inside = self.query.selection.category.is_some();
        let category = text(columns::CATEGORY);
        // Within a category its lines take the place of categories.
        let (category, label) = if inside && text(columns::LABEL).is_none() {
            (None, category)
        } else {
            (category, text(columns::LABEL))
        };
        let side = match Step::named(self.text(row, columns::STEP)) {
            Some(Step::Of(side)) => Some(side),
            _ => text(columns::SIDE).and_then(Side::named),
        };
        let by_category = self.rows.has(columns::SHARE) || self.rows.has(columns::BEFORE);
        Figure {
            year: self.year(row),
            side: side.or_else(|| by_category.then(|| self.query.selection.shown_side())),
            category,
            label,
            rows: if self.rows.has(columns::STATE) {
                Rows::Published
            } else if by_category {
                Rows::Signed
            } else {
                Rows::Added
            },
            ..Figure::default()
        }
    }

    fn cell(&self, row: &[Cell], column: &Column) -> CellView {
        let cell = self.rows.cell(row, column.name);
        if column.kind.is_number() {
            let written = format::number(cell, self.locale.language());
            return CellView {
                number: true,
                link: written
                    .as_ref()
                    .and_then(|_| self.lines_of(row, column.name)),
                value: written,
                gloss: "",
                mark: None,
            };
        }
        let Some(text) = cell.text() else {
            let year = match cell {
                Cell::Flag(flag) => Some(i64::from(*flag).to_string()),
                cell => cell.year().map(|year| year.to_string()),
            };
            return CellView {
                number: false,
                link: year
                    .as_deref()
                    .map(|year| self.query.with(&[("focus", Some(year))])),
                value: year,
                gloss: "",
                mark: None,
            };
        };
        match column.name {
            columns::CATEGORY => self.category(row, text),
            columns::LABEL => CellView {
                link: Some(self.query.lines(&self.figure(row))),
                ..CellView::text(short_label(&apart(text), self.locale))
            },
            columns::STATUS => {
                let (mark, word) = status(text, self.locale);
                CellView {
                    mark: Some(mark),
                    ..CellView::text(word.to_owned())
                }
            }
            columns::STEP => CellView::text(match Step::named(text) {
                Some(Step::Of(side @ Side::Expense)) => {
                    self.locale.term("side", side.name()).to_owned()
                }
                _ => self.locale.term("column", text).to_owned(),
            }),
            name => CellView::text(self.locale.term(&name, text).to_owned()),
        }
    }

    fn category(&self, row: &[Cell], text: &str) -> CellView {
        let selection = &self.query.selection;
        if selection.category.is_some() && self.rows.position(columns::LABEL).is_none() {
            return CellView {
                link: Some(self.query.lines(&self.figure(row))),
                ..CellView::text(short_label(&apart(&sentence_case(text)), self.locale))
            };
        }
        // Rows of lines have the published category beside the label.
        let into = self.rows.position(columns::LABEL).is_none();
        let grouping = if into {
            selection.grouping
        } else {
            Grouping::Published
        };
        let word = charts::category_name(text, grouping, selection.shown_side(), self.locale);
        CellView {
            link: into.then(|| {
                let side = selection.shown_side().name();
                self.query
                    .with(&[("side", Some(side)), ("category", Some(text))])
            }),
            gloss: block_gloss(text, self.locale.language()),
            ..CellView::text(short_label(&word, self.locale))
        }
    }

    /// The lines behind an amount; none for figures made from others.
    fn lines_of(&self, row: &[Cell], column: ColumnName) -> Option<String> {
        let selection = &self.query.selection;
        let mut figure = self.figure(row);
        match column {
            columns::AMOUNT if self.text(row, columns::STEP) == Step::Result.name() => {
                return None;
            }
            columns::BEFORE => figure.year = Some(selection.against),
            columns::AFTER => figure.year = Some(selection.focus),
            columns::REVENUE => figure.side = Some(Side::Revenue),
            columns::EXPENSE => figure.side = Some(Side::Expense),
            columns::AMOUNT | columns::RESULT => {}
            _ => return None,
        }
        Some(self.query.lines(&figure))
    }
}

//! The view in a few figures and sentences, made from its rows, for the page and the report alike.

use centime_accounts::{BasisPoints, Centimes, FiscalYear, Side, YearStatus};
use centime_analytics::views::line_changes;
use centime_analytics::{Basis, Cell, ColumnName, Grouping, Selection, Table, analyses, columns};
use centime_warehouse::lines::Line;

use super::change::{changed, grew_most, named_line};
use super::outcome::outcome;
use super::query::Query;
use super::shown::Panel;
use super::statement::Statement;
use crate::Locale;
use crate::charts;
use crate::charts::side_column;
use crate::language::format;
use crate::language::label::{apart, quoted};

/// What a view is described from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The analyses of the body.
    pub statement: &'a dyn Statement,
    /// All lines of the body.
    pub lines: &'a [Line],
    /// What is selected.
    pub query: &'a Query,
    /// The words.
    pub locale: &'static Locale,
}

/// An amount of the year in focus, among those of the other years.
#[derive(Clone, Debug)]
pub struct KeyFigure {
    /// The column of the analysis that has it.
    pub column: ColumnName,
    /// What it is.
    pub name: String,
    /// The amount; `None` when it is not known.
    pub amount: Option<Centimes>,
    /// The amount for each inhabitant; `None` where that is not known.
    pub per_inhabitant: Option<Centimes>,
    /// The amount of the year that is compared with.
    pub before: Option<Centimes>,
    /// The amounts of all years of the view, in order.
    pub years: Vec<(FiscalYear, Option<Centimes>)>,
}

/// The rows of a chart; `None` when the view does not have it.
fn rows<'a>(panels: &'a [Panel], name: &str) -> Option<&'a Table> {
    let panel = panels.iter().find(|panel| panel.chart.name == name)?;
    Some(&panel.rows)
}

/// The selected side, where it is one.
fn one_side(selection: &Selection) -> Option<Side> {
    let within = selection.category.is_some().then(|| selection.shown_side());
    selection.side.or(within)
}

/// Whether revenue less expense is a surplus or a deficit: not in a part of the statement, nor where lines are
/// added twice.
fn has_results(selection: &Selection) -> bool {
    selection.basis == Basis::Leaf && !selection.is_partial()
}

/// The row of a year.
fn of_year(table: &Table, year: FiscalYear) -> Option<&[Cell]> {
    let found = |row: &&Vec<Cell>| table.cell(row, columns::FISCAL_YEAR).year() == Some(year);
    table.rows.iter().find(found).map(Vec::as_slice)
}

/// The amounts of the year in focus.
pub fn key_figures(source: &Source<'_>, panels: &[Panel]) -> Vec<KeyFigure> {
    let locale = source.locale;
    let selection = &source.query.selection;
    let Some(results) = rows(panels, "result") else {
        return Vec::new();
    };
    if of_year(results, selection.focus).is_none() {
        return Vec::new();
    }
    // One side alone has no result, and neither has a category, which is on one side.
    let columns = match one_side(selection) {
        Some(side) => vec![side_column(side)],
        None => vec![columns::REVENUE, columns::EXPENSE, columns::RESULT],
    };
    let of = |column, year| results.cell(of_year(results, year)?, column).amount();
    columns
        .into_iter()
        .map(|column| KeyFigure {
            column,
            name: match column {
                columns::RESULT if !has_results(selection) => locale.term("chart.flow", "balance"),
                column => locale.term("column", column.as_str()),
            }
            .to_owned(),
            amount: of(column, selection.focus),
            per_inhabitant: of(column, selection.focus).and_then(|amount| {
                let inhabitants = source.statement.inhabitants()?;
                inhabitants.each(amount, selection.focus)
            }),
            before: of(column, selection.against),
            years: results
                .rows
                .iter()
                .filter_map(|row| {
                    let year = results.cell(row, columns::FISCAL_YEAR).year()?;
                    Some((year, results.cell(row, column).amount()))
                })
                .collect(),
        })
        .collect()
}

/// The view in a few sentences.
pub fn sentences(source: &Source<'_>, panels: &[Panel]) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(results) = rows(panels, "result") {
        sentences.push(of_focus(source, results));
        sentences.extend(since_before(source, results));
    }
    match rows(panels, "changes") {
        Some(changes) if changes.has(columns::LABEL) => sentences.extend(lines_moved(source)),
        Some(changes) => sentences.extend(most_changed(source, changes)),
        None => {}
    }
    if source.query.selection.category.is_none()
        && source.query.selection.grouping == Grouping::Published
    {
        if let Some(results) = rows(panels, "result") {
            sentences.extend(largest_line(source, results));
        }
    } else if let Some(categories) = rows(panels, "categories") {
        sentences.extend(largest(source, categories));
    }
    if let Some(results) = rows(panels, "result") {
        sentences.extend(reconciled(source, results));
        sentences.extend(incomplete(source, results));
    }
    sentences
        .into_iter()
        .map(|sentence| sentence.replace("**", ""))
        .collect()
}

/// The result of the year in focus.
fn of_focus(source: &Source<'_>, results: &Table) -> String {
    let locale = source.locale;
    let selection = &source.query.selection;
    let year = selection.focus.to_string();
    let Some(row) = of_year(results, selection.focus) else {
        return locale.fill("report.no_line", &[("year", &year)]);
    };
    let amount = |column| results.cell(row, column).amount();
    let rounded = |amount: Centimes| format::rounded_euros(amount, locale.language());
    if let Some(side) = one_side(selection) {
        let Some(total) = amount(side_column(side)) else {
            return locale.fill("report.no_total", &[("year", &year)]);
        };
        let key = format!("report.total_{side}");
        return locale.fill(&key, &[("year", &year), ("amount", &rounded(total))]);
    }
    let Some(result) = amount(columns::RESULT) else {
        let sides = Side::ALL.map(|side| amount(side_column(side)));
        if results
            .cell(row, columns::MISSING_LINES)
            .list()
            .next()
            .is_none()
            && let [Some(_), None] | [None, Some(_)] = sides
        {
            let side = if sides[0].is_some() {
                Side::Revenue
            } else {
                Side::Expense
            };
            let key = format!("home.one_sided.{side}");
            return locale.fill(&key, &[("year", &year)]);
        }
        return locale.fill("report.no_result", &[("year", &year)]);
    };
    let size = rounded(result.abs());
    let values = [("year", &*year), ("amount", &*size)];
    if !has_results(selection) && result != Centimes::ZERO {
        let key = if result > Centimes::ZERO {
            "report.balance_above"
        } else {
            "report.balance_below"
        };
        return locale.fill(key, &values);
    }
    let breaks = source.statement.breaks(locale);
    outcome(results, selection.focus, &breaks, locale)
        .unwrap_or_else(|| locale.fill("report.no_result", &[("year", &year)]))
}

/// How revenue and expense changed since the year that is compared with.
fn since_before(source: &Source<'_>, results: &Table) -> Vec<String> {
    let locale = source.locale;
    let selection = &source.query.selection;
    let (from, to) = earlier_first(selection.against, selection.focus);
    if from == to {
        // A single year has not changed.
        return Vec::new();
    }
    let (Some(before), Some(after)) = (of_year(results, from), of_year(results, to)) else {
        return Vec::new();
    };
    let sides = Side::ALL.into_iter().filter(|side| {
        let wanted = one_side(selection);
        wanted.is_none_or(|wanted| wanted == *side)
    });
    sides
        .filter_map(|side| {
            let column = side_column(side);
            let before = results.cell(before, column).amount()?;
            let after = results.cell(after, column).amount()?;
            changed(side, (from, before), (to, after), locale)
        })
        .collect()
}

/// The largest line of the year in focus. The largest block would tell nothing: a statement has one
/// that holds most of it.
fn largest_line(source: &Source<'_>, results: &Table) -> Option<String> {
    let locale = source.locale;
    let language = locale.language();
    let selection = &source.query.selection;
    if selection.basis == Basis::Naive {
        return None;
    }
    let side = selection.shown_side();
    let inside = |line: &&Line| {
        line.fiscal_year == selection.focus
            && line.counted
            && line.side == Some(side)
            && selection.has(line)
    };
    let lines = source.lines.iter().filter(inside);
    let (amount, line) = lines
        .filter_map(|line| Some((line.amount?, line)))
        .max_by_key(|(amount, line)| (*amount, std::cmp::Reverse(line.record)))?;
    let total = results.cell(of_year(results, selection.focus)?, side_column(side));
    let share = amount.share_of(total.amount()?)?;
    Some(locale.fill(
        &format!("report.largest_{side}_line"),
        &[
            ("year", &selection.focus.to_string()),
            ("name", &named_line(line, locale)),
            ("amount", &format::rounded_euros(amount, language)),
            ("share", &format::rate(share, language)),
        ],
    ))
}

/// The largest category of the year in focus, or the largest line of a category.
fn largest(source: &Source<'_>, categories: &Table) -> Option<String> {
    let locale = source.locale;
    let selection = &source.query.selection;
    let of_focus = categories.rows.iter().filter_map(|row| {
        let year = categories.cell(row, columns::FISCAL_YEAR).year()?;
        let amount = categories.cell(row, columns::AMOUNT).amount()?;
        (year == selection.focus && amount > Centimes::ZERO).then_some((amount, row))
    });
    let (amount, row) = of_focus.max_by_key(|(amount, _)| *amount)?;
    let share = categories.cell(row, columns::SHARE).rate()?;
    let name = name(categories.cell(row, columns::CATEGORY).text()?, source);
    let key = if selection.category.is_some() {
        "report.largest_line".to_owned()
    } else {
        format!("report.largest_{}", selection.shown_side())
    };
    Some(locale.fill(
        &key,
        &[
            ("year", &selection.focus.to_string()),
            ("name", &name),
            ("amount", &format::rounded_euros(amount, locale.language())),
            ("share", &format::rate(share, locale.language())),
        ],
    ))
}

/// The line that moved the result most, as a title has it.
pub(super) struct LargestMove {
    /// Its side.
    pub side: Side,
    /// Its block.
    pub category: String,
    /// Its label in the data.
    pub label: String,
    /// How much it changed.
    pub difference: Centimes,
    /// How much of the change of its side that is, where both have the same direction.
    pub share: Option<BasisPoints>,
}

/// The line that moved the result most from the year compared with to the one in focus.
pub(super) fn largest_move(source: &Source<'_>) -> Option<LargestMove> {
    let selection = &source.query.selection;
    let lines = line_changes::selected(source.lines, results(source), selection)?;
    let moves = line_changes::moves(&lines, selection);
    moves.first().map(|moved| LargestMove {
        side: moved.side,
        category: moved.line.category.clone(),
        label: moved.line.label.clone(),
        difference: moved.difference,
        share: moved.share,
    })
}

/// What each year comes to.
fn results<'a>(source: &Source<'a>) -> &'a Table {
    let results = &analyses::yearly_result::ANALYSIS;
    source
        .statement
        .table(results, source.query.selection.basis)
}

/// Which line of each side grew most, and how much of the growth of the side that is.
fn lines_moved(source: &Source<'_>) -> Vec<String> {
    let selection = &source.query.selection;
    let forwards = Selection {
        focus: selection.focus.max(selection.against),
        against: selection.focus.min(selection.against),
        ..selection.clone()
    };
    let Some(lines) = line_changes::selected(source.lines, results(source), &forwards) else {
        return Vec::new();
    };
    let moves = line_changes::moves(&lines, &forwards);
    Side::ALL
        .into_iter()
        .filter_map(|side| grew_most(&moves, side, source.locale))
        .collect()
}

/// What rose and what fell the most.
fn most_changed(source: &Source<'_>, changes: &Table) -> Vec<String> {
    let locale = source.locale;
    let selection = &source.query.selection;
    // The table goes from the year compared with to the one in focus, whichever is earlier.
    let backwards = selection.against > selection.focus;
    let (from, to) = earlier_first(selection.against, selection.focus);
    let differences: Vec<(Centimes, &Vec<Cell>)> = changes
        .rows
        .iter()
        .filter_map(|row| {
            let difference = changes.cell(row, columns::DIFFERENCE).amount()?;
            let difference = if backwards {
                Centimes::ZERO.checked_sub(difference)?
            } else {
                difference
            };
            Some((difference, row))
        })
        .collect();
    let most = differences.iter().max_by_key(|(difference, _)| *difference);
    let least = differences.iter().min_by_key(|(difference, _)| *difference);
    let sentence = |key: &str, (difference, row): &(Centimes, &Vec<Cell>)| {
        let name = name(changes.cell(row, columns::CATEGORY).text()?, source);
        let amount = format::rounded_euros(difference.abs(), locale.language());
        Some(locale.fill(
            key,
            &[
                ("before", &from.to_string()),
                ("after", &to.to_string()),
                ("name", &name),
                ("amount", &amount),
            ],
        ))
    };
    let up = most.filter(|(difference, _)| *difference > Centimes::ZERO);
    let down = least.filter(|(difference, _)| *difference < Centimes::ZERO);
    up.and_then(|found| sentence("report.most_up", found))
        .into_iter()
        .chain(down.and_then(|found| sentence("report.most_down", found)))
        .collect()
}

/// How many years agree with the balance sheet.
fn reconciled(source: &Source<'_>, results: &Table) -> Option<String> {
    let selection = &source.query.selection;
    if selection.is_partial() || selection.basis == Basis::Naive {
        return None;
    }
    let published = |row: &Vec<Cell>| {
        results
            .cell(row, columns::PUBLISHED_RESULT)
            .amount()
            .is_some()
    };
    if !results.rows.iter().any(published) {
        // There is nothing to hold the results against.
        return None;
    }
    let status = |row: &&Vec<Cell>| {
        results.cell(row, columns::STATUS).status() == Some(YearStatus::Reconciled)
    };
    let count = results.rows.iter().filter(status).count();
    let total = results.rows.len();
    let key = if count == total {
        "report.reconciled_all"
    } else {
        "report.reconciled"
    };
    let written = format::integer(number(total), source.locale.language());
    let values = [("total", &*written)];
    Some(source.locale.count_and_fill(key, number(count), &values))
}

/// The years that cannot be computed.
fn incomplete(source: &Source<'_>, results: &Table) -> Vec<String> {
    let selection = &source.query.selection;
    if selection.basis == Basis::Naive {
        return Vec::new();
    }
    results
        .rows
        .iter()
        .filter(|row| results.cell(row, columns::STATUS).status() == Some(YearStatus::Incomplete))
        .filter_map(|row| {
            let year = results.cell(row, columns::FISCAL_YEAR).year()?;
            let missing = source
                .lines
                .iter()
                .filter(|line| line.fiscal_year == year && line.missing && selection.has(line));
            let count = number(missing.count());
            let values = [("year", &*year.to_string())];
            // A year of which one side has no line misses no amount.
            (count > 0).then(|| {
                source
                    .locale
                    .count_and_fill("report.incomplete", count, &values)
            })
        })
        .collect()
}

/// A category or a line, in the reader's quotation marks.
fn name(name: &str, source: &Source<'_>) -> String {
    let locale = source.locale;
    let selection = &source.query.selection;
    let grouping = match selection.category {
        Some(_) => Grouping::Published,
        None => selection.grouping,
    };
    quoted(
        &apart(&charts::category_name(
            name,
            grouping,
            selection.shown_side(),
            locale,
        )),
        locale,
    )
}

fn earlier_first(one: FiscalYear, other: FiscalYear) -> (FiscalYear, FiscalYear) {
    (one.min(other), one.max(other))
}

fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

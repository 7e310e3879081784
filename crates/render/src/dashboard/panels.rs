//! Which charts show a view, and the rows they are made from.

use std::collections::BTreeMap;

use centime_accounts::{Activity, Centimes, FiscalYear};
use centime_analytics::{
    Analysis, Basis, Cell, Chart as Drawn, ColumnName, Grouping, Kind as ColumnKind, Selection,
    Table, analyses, columns, views,
};
use centime_warehouse::doubt::{Doubt, within};
use centime_warehouse::lines::Line;

use super::brief;
use super::findings::{entitle, entitle_analysis};
use super::query::Query;
use super::shown::Panel;
use super::statement::Statement;
use crate::Locale;
use crate::charts::{self, Measure, Totals, View};
use crate::draw::scale::Unit;
use crate::draw::spec::{Chart, Swatch};
use crate::provenance::doubts;

/// The chart of the lines that have an amount, which tells of the data and not of the accounts.
pub const PRESENCE: &str = "presence";

/// A chart by its name in addresses.
struct Kind {
    name: &'static str,
    /// Whether it shows the view; others show the whole statement only.
    shows: fn(&Selection) -> bool,
    rows: fn(&Source<'_>) -> Table,
    chart: fn(&Table, &View<'_>) -> Chart,
}

/// What charts are made from.
struct Source<'a> {
    statement: &'a dyn Statement,
    lines: &'a [Line],
    query: &'a Query,
    view: View<'a>,
}

/// The charts, in the order of the page.
const KINDS: [Kind; 9] = [
    Kind {
        name: "result",
        shows: |_| true,
        rows: |source| {
            let whole = source.mart(&analyses::yearly_result::ANALYSIS);
            views::result(source.lines, whole, source.view.selection)
        },
        chart: charts::result,
    },
    Kind {
        name: "steps",
        shows: |selection| selection.side.is_none() && selection.category.is_none(),
        rows: |source| views::steps(source.lines, source.view.selection),
        chart: charts::steps,
    },
    Kind {
        name: "changes",
        shows: |_| true,
        rows: |source| source.changes(),
        chart: charts::changes,
    },
    Kind {
        name: "categories",
        shows: |_| true,
        rows: |source| views::categories(source.lines, source.view.selection),
        chart: charts::categories,
    },
    Kind {
        name: "operating",
        shows: |selection| whole(selection, Activity::Operating),
        rows: |source| source.years(&analyses::operating_profitability::ANALYSIS),
        chart: charts::operating,
    },
    Kind {
        name: "exceptional",
        shows: |selection| whole(selection, Activity::Exceptional),
        rows: |source| source.years(&analyses::exceptional_charges::ANALYSIS),
        chart: charts::exceptional,
    },
    Kind {
        name: "financial",
        shows: |selection| whole(selection, Activity::Financial),
        rows: |source| source.years(&analyses::financial_return::ANALYSIS),
        chart: charts::financial,
    },
    Kind {
        name: "flow",
        shows: |selection| selection.side.is_none() && selection.category.is_none(),
        rows: |source| views::flow(source.lines, source.view.selection),
        chart: charts::flow,
    },
    Kind {
        name: PRESENCE,
        shows: |_| true,
        rows: |source| views::presence(source.lines, source.view.selection),
        chart: charts::presence,
    },
];

/// Whether an activity is selected as a whole.
fn whole(selection: &Selection, activity: Activity) -> bool {
    selection.side.is_none()
        && selection.category.is_none()
        && selection.activity.is_none_or(|wanted| wanted == activity)
}

impl Source<'_> {
    fn mart(&self, analysis: &Analysis) -> &Table {
        self.statement.table(analysis, self.view.selection.basis)
    }

    fn years(&self, analysis: &Analysis) -> Table {
        views::in_years(self.mart(analysis), self.view.selection)
    }

    /// What changed: lines where they can be compared, else categories.
    fn changes(&self) -> Table {
        let results = self.mart(&analyses::yearly_result::ANALYSIS);
        let selection = self.view.selection;
        views::line_changes(self.lines, results, selection)
            .unwrap_or_else(|| views::changes(self.lines, selection))
    }

    /// What sentences about the view are made from.
    const fn told(&self) -> brief::Source<'_> {
        brief::Source {
            statement: self.statement,
            lines: self.lines,
            query: self.query,
            locale: self.view.locale,
        }
    }
}

impl Kind {
    fn panel(&self, source: &Source<'_>) -> Panel {
        let rows = (self.rows)(source);
        let mut chart = (self.chart)(&rows, &source.view);
        if chart.plot.is_none() {
            // There are no marks whose meaning could be told.
            chart.legend.clear();
        }
        let View {
            measure, locale, ..
        } = source.view;
        note_rounding(&mut chart, &rows, |_| true, measure, locale);
        let years = &source.view.selection.years;
        let doubts = within(source.statement.doubts(), |year| years.contains(&year));
        let subject = chart.title.clone();
        let mut panel = Panel {
            chart,
            subject,
            rows,
        };
        entitle(&mut panel, &source.told(), &source.view);
        add_doubts(&mut panel.chart, &doubts, source.view.locale);
        panel
    }

    /// Whether there is anything to it: a single year has not changed.
    fn is_possible(&self, selection: &Selection) -> bool {
        self.name != "changes" || selection.against != selection.focus
    }
}

fn with_source<T>(
    statement: &dyn Statement,
    lines: &[Line],
    query: &Query,
    locale: &'static Locale,
    then: impl FnOnce(&Source<'_>) -> T,
) -> T {
    let breaks = statement.breaks(locale);
    let revenue = revenue(statement, query.selection.basis);
    let totals = totals(statement, lines, &query.selection);
    let labels = labels(lines, &query.selection);
    then(&Source {
        statement,
        lines,
        query,
        view: View {
            selection: &query.selection,
            measure: query.measure,
            revenue: &revenue,
            totals,
            blocks: &statement.choices().categories,
            labels: &labels,
            breaks: &breaks,
            locale,
        },
    })
}

/// The labels within the selected category, in the order of the latest statement.
fn labels(lines: &[Line], selection: &Selection) -> Vec<String> {
    let mut labels: Vec<String> = Vec::new();
    if selection.category.is_some() {
        for line in lines.iter().filter(|line| selection.has(line)) {
            if !labels.contains(&line.label) {
                labels.push(line.label.clone());
            }
        }
    }
    labels
}

/// What the year in focus comes to, whatever side and category are selected.
fn totals(statement: &dyn Statement, lines: &[Line], selection: &Selection) -> Totals {
    let focus = selection.focus;
    let both_sides = Selection {
        years: focus..=focus,
        side: None,
        category: None,
        ..selection.clone()
    };
    let results = statement.table(&analyses::yearly_result::ANALYSIS, selection.basis);
    Totals::of(&views::result(lines, results, &both_sides), focus)
}

/// The revenue of each year where it is known.
fn revenue(statement: &dyn Statement, basis: Basis) -> BTreeMap<FiscalYear, Centimes> {
    let results = statement.table(&analyses::yearly_result::ANALYSIS, basis);
    let of_year = |row: &Vec<_>| {
        Some((
            results.cell(row, columns::FISCAL_YEAR).year()?,
            results.cell(row, columns::REVENUE).amount()?,
        ))
    };
    results.rows.iter().filter_map(of_year).collect()
}

/// The charts that show a view, and how many more there are of the whole statement.
pub fn panels(
    statement: &dyn Statement,
    lines: &[Line],
    query: &Query,
    locale: &'static Locale,
) -> (Vec<Panel>, usize) {
    with_source(statement, lines, query, locale, |source| {
        let selection = &query.selection;
        let possible = KINDS.iter().filter(|kind| kind.is_possible(selection));
        let (shown, hidden): (Vec<&Kind>, Vec<&Kind>) =
            possible.partition(|kind| (kind.shows)(selection));
        let panels = shown.into_iter().map(|kind| kind.panel(source));
        (panels.collect(), hidden.len())
    })
}

/// A chart by its name; `None` when there is none of this name.
pub fn panel(
    name: &str,
    statement: &dyn Statement,
    lines: &[Line],
    query: &Query,
    locale: &'static Locale,
) -> Option<Panel> {
    let kind = KINDS.iter().find(|kind| kind.name == name)?;
    Some(with_source(statement, lines, query, locale, |source| {
        kind.panel(source)
    }))
}

/// The chart of an analysis, on its own page.
pub fn analysis_chart(
    statement: &dyn Statement,
    analysis: &Analysis,
    basis: Basis,
    locale: &'static Locale,
) -> Chart {
    let table = statement.table(analysis, basis);
    let years = &statement.choices().fiscal_years;
    let no_year = &FiscalYear::MIN;
    let (first, last) = years
        .last()
        .zip(years.first())
        .unwrap_or((no_year, no_year));
    let harmonised = table.has(columns::HARMONISED_CATEGORY);
    let selection = Selection {
        basis,
        grouping: if harmonised {
            Grouping::Harmonised
        } else {
            Grouping::Published
        },
        ..Selection::whole(*first..=*last, *last, *last)
    };
    let breaks = statement.breaks(locale);
    let view = View {
        selection: &selection,
        measure: Measure::Auto,
        revenue: &BTreeMap::new(),
        totals: Totals::default(),
        blocks: &statement.choices().categories,
        labels: &[],
        breaks: &breaks,
        locale,
    };
    let mut chart = charts::analysis(analysis, table, &view);
    entitle_analysis(&mut chart, analysis, table, &view);
    let reference = chart.legend.iter().any(|key| key.form == Swatch::Rule);
    if reference {
        let note = match basis {
            Basis::Leaf => "chart.caption_reference",
            Basis::Naive => "chart.caption_reference_naive",
        };
        chart.notes.insert(0, locale.text(note).to_owned());
    }
    let drawn = |column: ColumnName| match analysis.chart {
        Drawn::Bars { value, reference } => column == value || Some(column) == reference,
        Drawn::Grouped { values } => values.contains(&column),
        Drawn::Stacked { value, .. } => column == value,
        Drawn::None => false,
    };
    note_rounding(&mut chart, table, drawn, Measure::Auto, locale);
    add_doubts(&mut chart, statement.doubts(), locale);
    chart
}

/// Adds what is doubted of the figures to the alternative text of a chart. Pages show it beside the chart.
fn add_doubts(chart: &mut Chart, doubts: &[Doubt], locale: &Locale) {
    if let Some(sentence) = doubts::sentence(doubts, locale) {
        chart.alt_text = format!("{} {sentence}", chart.alt_text);
    }
}

/// Says among the remarks of a chart that its figures are rounded, where they are: those who add up what they
/// read find another sum.
fn note_rounding(
    chart: &mut Chart,
    rows: &Table,
    drawn: impl Fn(ColumnName) -> bool,
    measure: Measure,
    locale: &Locale,
) {
    if chart.plot.is_some() && is_rounded(rows, drawn, measure, locale) {
        chart.notes.push(locale.text("chart.rounded").to_owned());
    }
}

/// Whether a chart rounds some of the amounts in these columns. All of its rows decide on the unit, of which a
/// chart may draw a smaller one, so that nothing that is rounded goes unsaid.
fn is_rounded(
    rows: &Table,
    drawn: impl Fn(ColumnName) -> bool,
    measure: Measure,
    locale: &Locale,
) -> bool {
    let columns = rows.columns.iter().enumerate();
    let amounts: Vec<usize> = columns
        .filter(|(_, column)| column.kind == ColumnKind::Amount && drawn(column.name))
        .map(|(position, _)| position)
        .collect();
    let values = || {
        let cells = |row: &Vec<Cell>| {
            amounts
                .iter()
                .filter_map(|at| row[*at].amount().map(Centimes::get))
                .collect()
        };
        let values = rows.rows.iter().flat_map::<Vec<i64>, _>(cells);
        values.map(i128::from)
    };
    let (size, decimals) = measure.fixed().unwrap_or_else(|| {
        let largest = values().map(i128::abs).max().unwrap_or_default();
        let unit = Unit::of(ColumnKind::Amount, largest, locale.language());
        (unit.size, unit.decimals)
    });
    match measure {
        // A share is a quotient.
        Measure::Percent | Measure::Share => values().any(|value| value != 0),
        _ => values().any(|value| value * 10_i128.pow(decimals) % size != 0),
    }
}

#[cfg(test)]
mod tests {
    use centime_analytics::{Column, Language};

    use super::*;

    #[test]
    fn rounding_is_told_where_something_is_rounded() {
        let rounded = |amounts: &[i64], measure| {
            let rows = Table {
                columns: vec![
                    Column::new(columns::LINES, ColumnKind::Integer),
                    Column::new(columns::AMOUNT, ColumnKind::Amount),
                ],
                rows: amounts
                    .iter()
                    .map(|amount| vec![Cell::Count(7), Cell::Amount(Centimes::new(*amount))])
                    .collect(),
            };
            let locale = Locale::of(Language::French);
            is_rounded(&rows, |_| true, measure, locale)
        };
        // Euros with their centimes, and millions that are whole.
        assert!(!rounded(&[1_234, 5_678], Measure::Auto));
        assert!(!rounded(&[150_000_000, 200_000_000], Measure::Auto));
        assert!(!rounded(&[0], Measure::Share));
        assert!(!rounded(&[], Measure::Percent));
        assert!(!rounded(&[1_200], Measure::Euros));
        assert!(rounded(&[150_000_000, 1], Measure::Auto));
        assert!(rounded(&[12_345], Measure::Auto));
        assert!(rounded(&[1_234], Measure::Euros));
        assert!(rounded(&[1_200], Measure::Millions));
        assert!(rounded(&[1_200], Measure::Percent));
    }
}

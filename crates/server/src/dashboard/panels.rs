//! Which charts show a view, and the rows they are made from.

use std::collections::BTreeMap;

use centime_analytics::{Analysis, Basis, Selection, Table, analyses, views};
use centime_render::Locale;
use centime_render::charts::{self, View};
use centime_render::draw::spec::Chart;
use centime_warehouse::lines::Line;

use super::query::DashboardQuery;
use crate::snapshot::Snapshot;

/// A chart of the dashboard, and the rows it is made from.
#[derive(Debug)]
pub struct Panel {
    pub chart: Chart,
    pub rows: Table,
}

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
    snapshot: &'a Snapshot,
    lines: &'a [Line],
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
        name: "categories",
        shows: |_| true,
        rows: |source| views::categories(source.lines, source.view.selection),
        chart: charts::categories,
    },
    Kind {
        name: "changes",
        shows: |_| true,
        rows: |source| views::changes(source.lines, source.view.selection),
        chart: charts::changes,
    },
    Kind {
        name: "operating",
        shows: |selection| whole(selection, "operating"),
        rows: |source| source.years(&analyses::operating_profitability::ANALYSIS),
        chart: charts::operating,
    },
    Kind {
        name: "exceptional",
        shows: |selection| whole(selection, "exceptional"),
        rows: |source| source.years(&analyses::exceptional_charges::ANALYSIS),
        chart: charts::exceptional,
    },
    Kind {
        name: "financial",
        shows: |selection| whole(selection, "financial"),
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
        name: "presence",
        shows: |_| true,
        rows: |source| views::presence(source.lines, source.view.selection),
        chart: charts::presence,
    },
];

/// Whether an activity is looked at as a whole.
fn whole(selection: &Selection, activity: &str) -> bool {
    selection.side.is_none()
        && selection.category.is_none()
        && selection
            .activity
            .as_deref()
            .is_none_or(|wanted| wanted == activity)
}

impl Source<'_> {
    fn mart(&self, analysis: &Analysis) -> &Table {
        self.snapshot.table(analysis, self.view.selection.basis)
    }

    fn years(&self, analysis: &Analysis) -> Table {
        views::in_years(self.mart(analysis), self.view.selection)
    }
}

impl Kind {
    fn panel(&self, source: &Source<'_>) -> Panel {
        let rows = (self.rows)(source);
        Panel {
            chart: (self.chart)(&rows, &source.view),
            rows,
        }
    }
}

fn with_source<T>(
    snapshot: &Snapshot,
    lines: &[Line],
    query: &DashboardQuery,
    locale: &'static Locale,
    then: impl FnOnce(&Source<'_>) -> T,
) -> T {
    let breaks = snapshot.breaks(locale);
    let revenue = revenue(snapshot, query.selection.basis);
    then(&Source {
        snapshot,
        lines,
        view: View {
            selection: &query.selection,
            measure: query.measure,
            revenue: &revenue,
            breaks: &breaks,
            locale,
        },
    })
}

/// The revenue of each year where it is known.
fn revenue(snapshot: &Snapshot, basis: Basis) -> BTreeMap<i64, i64> {
    let results = snapshot.table(&analyses::yearly_result::ANALYSIS, basis);
    let of_year = |row: &Vec<_>| {
        Some((
            results.cell(row, "fiscal_year").integer()?,
            results.cell(row, "revenue").integer()?,
        ))
    };
    results.rows.iter().filter_map(of_year).collect()
}

/// The charts that show a view, and how many more there are of the whole statement.
pub fn panels(
    snapshot: &Snapshot,
    lines: &[Line],
    query: &DashboardQuery,
    locale: &'static Locale,
) -> (Vec<Panel>, usize) {
    with_source(snapshot, lines, query, locale, |source| {
        let shown = KINDS.iter().filter(|kind| (kind.shows)(&query.selection));
        let panels: Vec<Panel> = shown.map(|kind| kind.panel(source)).collect();
        let hidden = KINDS.len() - panels.len();
        (panels, hidden)
    })
}

/// A chart by its name; `None` when there is none of this name.
pub fn panel(
    name: &str,
    snapshot: &Snapshot,
    lines: &[Line],
    query: &DashboardQuery,
    locale: &'static Locale,
) -> Option<Panel> {
    let kind = KINDS.iter().find(|kind| kind.name == name)?;
    Some(with_source(snapshot, lines, query, locale, |source| {
        kind.panel(source)
    }))
}

//! Tests of charts, and what they share.

mod drawing;
mod signs;

use std::collections::BTreeMap;

use centime_accounts::{BasisPoints, Centimes, FiscalYear, Side};
use centime_analytics::{Cell, Column, ColumnName, Kind, Language, Selection, Table, columns};

use super::{Measure, Totals, View};
use crate::draw::metrics;
use crate::draw::palette::Palette;
use crate::draw::picture;
use crate::draw::spec::{Break, Chart};
use crate::language::locale::Locale;

/// The columns of lines.
const LINE_COLUMNS: [(&str, Kind); 6] = [
    ("fiscal_year", Kind::Year),
    ("side", Kind::Text),
    ("category", Kind::Text),
    ("label", Kind::Text),
    ("amount", Kind::Amount),
    ("state", Kind::Text),
];

/// The columns of categories by year.
const CATEGORY_COLUMNS: [(&str, Kind); 3] = [
    ("fiscal_year", Kind::Year),
    ("category", Kind::Text),
    ("amount", Kind::Amount),
];

/// The columns of the steps from revenue to result.
const STEP_COLUMNS: [(&str, Kind); 4] = [
    ("fiscal_year", Kind::Year),
    ("step", Kind::Text),
    ("category", Kind::Text),
    ("amount", Kind::Amount),
];

/// The columns of what changed between two years.
const CHANGE_COLUMNS: [(&str, Kind); 5] = [
    ("category", Kind::Text),
    ("before", Kind::Amount),
    ("after", Kind::Amount),
    ("difference", Kind::Amount),
    ("change", Kind::Rate),
];

/// What changed of a category: before, after and their difference, in centimes.
fn change(category: &str, amounts: [i64; 3]) -> Vec<Cell> {
    let mut row = vec![text(category)];
    row.extend(amounts.map(|amount| of_kind(Kind::Amount, amount)));
    row.push(Cell::Null);
    row
}

fn selection() -> Selection {
    Selection::whole(
        FiscalYear::ALL,
        FiscalYear::new(2024),
        FiscalYear::new(2023),
    )
}

/// A number in a column of a kind.
fn of_kind(kind: Kind, number: i64) -> Cell {
    match kind {
        Kind::Year => Cell::Year(FiscalYear::try_from(number).unwrap()),
        Kind::Amount => Cell::Amount(Centimes::new(number)),
        Kind::Rate => Cell::Rate(BasisPoints::new(number)),
        Kind::Flag => Cell::Flag(number != 0),
        Kind::Integer | Kind::Text | Kind::Status | Kind::List => Cell::Count(number),
    }
}

fn table(columns: &[(&'static str, Kind)], rows: Vec<Vec<Cell>>) -> Table {
    let column = |(name, kind): &(&'static str, Kind)| Column::new(ColumnName::new(name), *kind);
    Table {
        columns: columns.iter().map(column).collect(),
        rows,
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// Lines of the year in focus, each with its side, label and amount.
fn lines_of_amounts(lines: &[(Side, &str, i64)]) -> Table {
    let row = |(side, label, amount): &(Side, &str, i64)| {
        vec![
            Cell::Year(FiscalYear::new(2024)),
            text(side.name()),
            text("A"),
            text(label),
            of_kind(Kind::Amount, *amount),
            text("added"),
        ]
    };
    table(&LINE_COLUMNS, lines.iter().map(row).collect())
}

/// Categories of some years, as a table.
fn by_category(names: &[&str]) -> Table {
    let mut rows = Vec::new();
    for year in [2022, 2023, 2024] {
        for name in names {
            rows.push(vec![
                Cell::Year(FiscalYear::new(year)),
                text(name),
                of_kind(Kind::Amount, i64::from(year) * 100),
            ]);
        }
    }
    table(&CATEGORY_COLUMNS, rows)
}

/// Draws a chart in a page, on its own and for narrow places, and gives the first.
fn drawn(chart: &Chart) -> String {
    let Some(drawing) = chart.drawing(Palette::Page) else {
        assert!(!chart.notes.is_empty(), "{} says nothing", chart.name);
        return String::new();
    };
    let svg = drawing.svg;
    assert!(svg.starts_with("<svg "), "{svg}");
    for refused in ["<script", " style=", " id=", "url("] {
        assert!(!svg.contains(refused), "{} has {refused}", chart.name);
    }
    holds_its_bars(chart.name, &svg, drawing.width, drawing.height);
    let alone = picture::svg(chart, "source <&>");
    assert!(picture::png(&alone).unwrap().starts_with(b"\x89PNG"));
    for narrow in chart.narrow(Palette::Paper) {
        holds_its_texts(chart.name, &narrow);
        assert!(picture::png(&narrow).unwrap().starts_with(b"\x89PNG"));
    }
    svg
}

/// No bar of a drawing is outside of it.
fn holds_its_bars(name: &str, svg: &str, width: u32, height: u32) {
    let size = [width, height].map(|length| i64::from(length) * 100);
    for bar in svg.split("<rect").skip(1) {
        let [x, y, width, height] =
            ["x", "y", "width", "height"].map(|length| hundredths(bar, length));
        let inside = x >= 0 && y >= 0 && x + width <= size[0] && y + height <= size[1];
        assert!(inside, "{name}: {x} {y} {width} {height} in {size:?}");
    }
}

/// What an attribute says in pixels, in hundredths.
fn hundredths(element: &str, attribute: &str) -> i64 {
    let (_, rest) = element.split_once(&format!(" {attribute}=\"")).unwrap();
    let number = rest.split('"').next().unwrap();
    let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
    let sign = if number.starts_with('-') { -1 } else { 1 };
    let whole: i64 = whole.parse().unwrap();
    let rest: i64 = format!("{rest:0<2}").parse().unwrap();
    whole * 100 + sign * rest
}

/// A narrow drawing has no letter outside of it, and none that is small on a screen of 320 pixels.
fn holds_its_texts(name: &str, svg: &str) {
    let view = svg.split('"').nth(3).unwrap();
    let width: i64 = view.split(' ').nth(2).unwrap().parse().unwrap();
    for text in svg.split("<text").skip(1) {
        let words = text.split_once('>').unwrap().1.split("</text>").next();
        let words = words.unwrap().replace("&lt;", "<").replace("&gt;", ">");
        let words = words.replace("&quot;", "\"").replace("&amp;", "&");
        let size = hundredths(text, "font-size") / 100;
        assert!(size * 288 >= 11 * width, "{name}: {size}");
        let size = u32::try_from(size).unwrap();
        let long = metrics::pixels(&words, size, text.contains("font-weight"));
        let long = i64::from(long) * 100;
        let x = hundredths(text, "x");
        let left = match text {
            text if text.contains("\"middle\"") => x - long / 2,
            text if text.contains("\"end\"") => x - long,
            _ => x,
        };
        let right = left + long;
        assert!(
            left >= -100 && right <= (width + 1) * 100,
            "{name}: «{words}» from {left} to {right} of {width}"
        );
    }
}

fn view<'a>(
    selection: &'a Selection,
    revenue: &'a BTreeMap<FiscalYear, Centimes>,
    breaks: &'a [Break],
    measure: Measure,
) -> View<'a> {
    View {
        selection,
        measure,
        revenue,
        totals: Totals::default(),
        blocks: &[],
        labels: &[],
        breaks,
        locale: Locale::of(Language::French),
    }
}

/// The same view of lines, with what they come to.
#[expect(
    clippy::needless_pass_by_value,
    reason = "it is replaced by the one returned"
)]
fn of_lines<'a>(view: View<'a>, lines: &Table) -> View<'a> {
    let of_side = |side: Side| {
        let rows = lines.rows.iter();
        let of_side = rows.filter(|row| lines.cell(row, columns::SIDE).text() == Some(side.name()));
        of_side
            .filter_map(|row| lines.cell(row, columns::AMOUNT).amount())
            .sum::<Centimes>()
    };
    let (revenue, expense) = (of_side(Side::Revenue), of_side(Side::Expense));
    View {
        totals: Totals {
            revenue: Some(revenue),
            expense: Some(expense),
            result: Some(revenue - expense),
        },
        ..view
    }
}

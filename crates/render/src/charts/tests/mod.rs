//! Tests of charts, and what they share.

mod drawing;
mod signs;

use std::collections::BTreeMap;

use centime_accounts::{BasisPoints, Centimes, FiscalYear, Side};
use centime_analytics::{Cell, Column, ColumnName, Kind, Language, Selection, Table, columns};

use super::{Measure, Totals, View};
use crate::draw::engine;
use crate::draw::metrics;
use crate::draw::palette::Palette;
use crate::draw::picture;
use crate::draw::spec::{Break, Chart};
use crate::draw::wide::Drawing;
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
    let Some(job) = chart.job(Palette::Page) else {
        assert!(!chart.notes.is_empty(), "{} says nothing", chart.name);
        return String::new();
    };
    let svg = engine::draw(job).unwrap().to_string();
    assert!(svg.starts_with("<svg "), "{svg}");
    for refused in ["<script", " style=", " id=", "NaN", "undefined", "Infinity"] {
        assert!(!svg.contains(refused), "{} has {refused}", chart.name);
    }
    if let Some(Drawing::Done(ours)) = chart.drawing(Palette::Page) {
        assert_eq!(texts(&ours.svg), texts(&svg), "{}", chart.name);
        let (ours, theirs) = (bars(&ours.svg), bars(&svg));
        assert_eq!(ours.len(), theirs.len(), "{}: {ours:?}", chart.name);
        for (one, other) in ours.iter().zip(&theirs) {
            let near = one.1.iter().zip(other.1).all(|(a, b)| (a - b).abs() <= 2);
            assert!(
                one.0 == other.0 && near,
                "{}: {one:?} {other:?}",
                chart.name
            );
        }
    }
    let alone = picture::svg(chart, "source <&>").unwrap();
    assert!(picture::png(&alone).unwrap().starts_with(b"\x89PNG"));
    for narrow in chart.narrow(Palette::Paper) {
        holds_its_texts(chart.name, &narrow);
        assert!(picture::png(&narrow).unwrap().starts_with(b"\x89PNG"));
    }
    svg
}

/// The texts of a drawing, in order of their letters.
fn texts(svg: &str) -> Vec<String> {
    let texts = svg.split("<text").skip(1);
    let mut texts: Vec<String> = texts
        .filter_map(|text| text.split_once('>')?.1.split("</text>").next())
        .map(|text| text.replace("&quot;", "\"").replace("&#39;", "'"))
        .collect();
    texts.sort();
    texts
}

/// The filled rectangles of a drawing: their colour, and their left, upper, right and lower edge in pixels.
fn bars(svg: &str) -> Vec<(String, [i64; 4])> {
    let mut bars = Vec::new();
    for shape in svg.split('<') {
        let value = |name: &str| {
            let (_, rest) = shape.split_once(&format!(" {name}=\""))?;
            rest.split('"').next()
        };
        let whole = |number: &str| number.split('.').next().unwrap().parse().unwrap_or(0);
        let Some(color) = value("fill").filter(|fill| fill.starts_with("var(")) else {
            continue;
        };
        let numbers: Vec<i64> = match (value("d"), value("width")) {
            (Some(path), _) if path.contains('l') => {
                let numbers = path.split(|letter: char| !"-.0123456789".contains(letter));
                numbers.filter(|part| !part.is_empty()).map(whole).collect()
            }
            (None, Some(_)) if shape.starts_with("rect") => {
                let [x, y, width, height] =
                    ["x", "y", "width", "height"].map(|name| whole(value(name).unwrap()));
                vec![x, y, width, 0, 0, height]
            }
            _ => continue,
        };
        let [x, y, width, _, _, height, ..] = numbers[..] else {
            panic!("{shape}");
        };
        // A group of marks may be moved as a whole.
        let moved = value("transform").unwrap_or("translate(0 0)");
        let mut moved = moved.split(['(', ' ', ')']).skip(1).map(whole);
        let [right, down] = [moved.next().unwrap(), moved.next().unwrap()];
        let (x, y): (i64, i64) = (x + right, y + down);
        let edges = [x.min(x + width), y, x.max(x + width), y + height];
        bars.push((color.to_owned(), edges));
    }
    bars.sort();
    bars
}

/// A narrow drawing has no letter outside of it, and none that is small on a screen of 320 pixels.
fn holds_its_texts(name: &str, svg: &str) {
    // In hundredths of a pixel.
    let value = |text: &str, name: &str| -> i64 {
        let (_, rest) = text.split_once(&format!(" {name}=\"")).unwrap();
        let number = rest.split('"').next().unwrap();
        let (whole, rest) = number.split_once('.').unwrap_or((number, ""));
        let sign = if number.starts_with('-') { -1 } else { 1 };
        let whole: i64 = whole.parse().unwrap();
        let rest: i64 = format!("{rest:0<2}").parse().unwrap();
        whole * 100 + sign * rest
    };
    let view = svg.split('"').nth(3).unwrap();
    let width: i64 = view.split(' ').nth(2).unwrap().parse().unwrap();
    for text in svg.split("<text").skip(1) {
        let words = text.split_once('>').unwrap().1.split("</text>").next();
        let words = words.unwrap().replace("&lt;", "<").replace("&gt;", ">");
        let words = words.replace("&quot;", "\"").replace("&amp;", "&");
        let size = value(text, "font-size") / 100;
        assert!(size * 288 >= 11 * width, "{name}: {size}");
        let size = u32::try_from(size).unwrap();
        let long = metrics::pixels(&words, size, text.contains("font-weight"));
        let long = i64::from(long) * 100;
        let x = value(text, "x");
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

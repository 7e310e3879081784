//! Drawings of analyses as SVG.
//!
//! A drawing has no colours and no styles of its own, only the classes that the style sheet knows.
//! Positions are whole tenths of a pixel, so that no amount ever becomes a binary fraction.
//!
//! | module | knows |
//! |---|---|
//! | `scale` | how values are written, and where they are |
//! | `svg` | the marks as text |
//! | `plot` | the large drawing, with one place a year |
//!
//! This module turns an analysis into figures and decides which drawing they get.

mod plot;
mod scale;
mod svg;

use std::collections::{BTreeMap, BTreeSet};

use centime_analytics::{Analysis, Cell, Chart, Kind, Language, Table};

use self::plot::{PLACE, Plot, WIDEST_BAR};
use self::scale::{Length, Scale, Unit};
use self::svg::{escape, every, hatched_bar, length, letters, pattern, px, sign_class, value_bar};
use crate::format;
use crate::locale::Locale;

/// A year that cannot be compared with the year before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The first year of the new series.
    pub fiscal_year: i64,
    /// The stored kind, as it occurs in the column `series_break`.
    pub kind: String,
    /// What is written at the line: a word or two.
    pub label: String,
}

/// An analysis drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawing {
    /// What is drawn.
    pub title: String,
    /// In which unit, in words; empty when the panels say it.
    pub unit: String,
    /// What the marks mean.
    pub legend: Vec<Mark>,
    /// Whether the panels are small multiples, each on its own scale.
    pub multiples: bool,
    /// The drawings: one, or one for each category.
    pub panels: Vec<Panel>,
}

/// A mark of the legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The last part of its class: `swatch--…`.
    pub class: &'static str,
    /// What it means.
    pub label: String,
}

/// One drawing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panel {
    /// What it shows; the whole title of a single drawing.
    pub title: String,
    /// The latest figure, for small multiples; else empty.
    pub figure: String,
    /// The `<svg>` element.
    pub svg: String,
}

const SMALL_WIDTH: Length = 3200;
const SMALL_HEIGHT: Length = 1200;
const SMALL_TOP: Length = 140;
const SMALL_BOTTOM: Length = 1000;
/// The most small multiples drawn; the table has them all.
const MOST_PANELS: usize = 18;

/// What a figure is drawn as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Figure {
    /// There is nothing to draw.
    Absent,
    /// It cannot be computed, because amounts were not published.
    Incomplete,
    /// The value, in the unit of its column.
    Known(i128),
}

impl Figure {
    fn of(table: &Table, row: &[Cell], column: &str) -> Self {
        let incomplete = table.position("status").is_none()
            || table.cell(row, "status").text() == Some("incomplete");
        match table.cell(row, column).integer() {
            Some(value) => Self::Known(value.into()),
            None if incomplete => Self::Incomplete,
            None => Self::Absent,
        }
    }

    const fn known(self) -> Option<i128> {
        match self {
            Self::Known(value) => Some(value),
            Self::Absent | Self::Incomplete => None,
        }
    }
}

/// Everything that drawings of one analysis share.
struct Sheet<'a> {
    table: &'a Table,
    breaks: Vec<&'a Break>,
    years: Vec<i64>,
    locale: &'static Locale,
    id: &'a str,
}

impl Drawing {
    /// Draws an analysis. `breaks` are those of the revision; the drawing has those that the
    /// table's own `series_break` column names. `id` begins every identifier in the drawing and
    /// must be unique in its page. A table without rows gives a drawing without panels.
    pub fn new(
        analysis: &Analysis,
        table: &Table,
        breaks: &[Break],
        language: Language,
        id: &str,
    ) -> Self {
        let sheet = Sheet::new(table, breaks, Locale::of(language), id);
        let title = &analysis.text(language).title;
        match analysis.chart {
            Chart::Bars { value, reference } => sheet.bars(value, reference),
            Chart::Grouped { values } => sheet.grouped(title, values),
            Chart::Stacked { category, value } => sheet.multiples(title, category, value),
        }
    }
}

impl<'a> Sheet<'a> {
    fn new(table: &'a Table, breaks: &'a [Break], locale: &'static Locale, id: &'a str) -> Self {
        let year = |row: &Vec<Cell>| table.cell(row, "fiscal_year").integer();
        let years: BTreeSet<i64> = table.rows.iter().filter_map(year).collect();
        let broken: BTreeSet<(i64, &str)> = table
            .rows
            .iter()
            .filter_map(|row| Some((year(row)?, row)))
            .flat_map(|(year, row)| {
                let kinds = table.cell(row, "series_break").list();
                kinds.map(move |kind| (year, kind))
            })
            .collect();
        let breaks = breaks
            .iter()
            .filter(|b| broken.contains(&(b.fiscal_year, b.kind.as_str())))
            // Nothing comes before the first year, so nothing breaks there.
            .filter(|b| years.first().is_some_and(|first| b.fiscal_year > *first))
            .collect();
        Self {
            table,
            breaks,
            years: years.into_iter().collect(),
            locale,
            id,
        }
    }

    fn language(&self) -> Language {
        self.locale.language()
    }

    fn column_title(&self, column: &'a str) -> &str {
        self.locale.term("column", column)
    }

    fn kind(&self, column: &str) -> Kind {
        self.table
            .position(column)
            .map_or(Kind::Amount, |position| self.table.columns[position].kind)
    }

    /// The figures of a column, one a year.
    fn series(&self, column: &str) -> Vec<Figure> {
        let mut by_year: BTreeMap<i64, Figure> = BTreeMap::new();
        for row in &self.table.rows {
            if let Some(year) = self.table.cell(row, "fiscal_year").integer() {
                let figure = match Figure::of(self.table, row, column) {
                    Figure::Incomplete if self.never_has(row, column) => Figure::Absent,
                    figure => figure,
                };
                by_year.insert(year, figure);
            }
        }
        self.years
            .iter()
            .map(|year| by_year.get(year).copied().unwrap_or(Figure::Absent))
            .collect()
    }

    /// Whether complete years under the same nomenclature have no such figure either, so that it
    /// does not exist there and nothing of it is missing.
    fn never_has(&self, row: &[Cell], column: &str) -> bool {
        let nomenclature = self.table.cell(row, "nomenclature");
        let mut complete = self
            .table
            .rows
            .iter()
            .filter(|other| self.table.cell(other, "nomenclature") == nomenclature)
            .map(|other| Figure::of(self.table, other, column))
            .filter(|figure| *figure != Figure::Incomplete)
            .peekable();
        nomenclature.text().is_some()
            && complete.peek().is_some()
            && complete.all(|figure| figure == Figure::Absent)
    }

    fn period(&self) -> String {
        match (self.years.first(), self.years.last()) {
            (Some(first), Some(last)) if first != last => self.locale.fill(
                "chart.period",
                &[("first", &first.to_string()), ("last", &last.to_string())],
            ),
            (Some(only), _) => only.to_string(),
            (None, _) => String::new(),
        }
    }

    /// The drawing of some figures; without a panel where there is none to draw.
    fn drawing<'f>(
        title: &str,
        unit: Unit,
        legend: Vec<Mark>,
        svg: String,
        mut figures: impl Iterator<Item = &'f Figure>,
    ) -> Drawing {
        let panels = if figures.all(|figure| *figure == Figure::Absent) {
            Vec::new()
        } else {
            vec![Panel {
                title: title.to_owned(),
                figure: String::new(),
                svg,
            }]
        };
        Drawing {
            title: title.to_owned(),
            unit: unit.words().to_owned(),
            legend,
            multiples: false,
            panels,
        }
    }

    fn mark(&self, class: &'static str, key: &str) -> Mark {
        Mark {
            class,
            label: self.locale.term("chart.legend", key).to_owned(),
        }
    }

    /// The marks that close every legend, as far as they occur.
    fn last_marks(&self, incomplete: bool, reference: Option<&'a str>) -> Vec<Mark> {
        let mut marks = Vec::new();
        if incomplete {
            marks.push(self.mark("incomplete", "incomplete"));
        }
        if let Some(reference) = reference {
            marks.push(Mark {
                class: "reference",
                label: self.column_title(reference).to_owned(),
            });
        }
        if !self.breaks.is_empty() {
            marks.push(self.mark("break", "break"));
        }
        marks
    }

    fn bars(&self, value: &'a str, reference: Option<&'a str>) -> Drawing {
        let figures = self.series(value);
        let references = reference.map_or_else(
            || vec![Figure::Absent; figures.len()],
            |reference| self.series(reference),
        );
        let known = || figures.iter().chain(&references).filter_map(|f| f.known());
        let largest = known().map(i128::abs).max().unwrap_or_default();
        let unit = Unit::of(self.kind(value), largest, self.language());
        let plot = Plot::new(self, Scale::round(known(), unit, PLACE), unit);

        let longest = known()
            .map(|value| unit.number(value).chars().count())
            .max();
        let label_every = every(letters(longest.unwrap_or_default()), plot.band);
        let mut bars = Vec::new();
        for (position, (figure, reference)) in figures.iter().zip(&references).enumerate() {
            let labelled = (figures.len() - 1 - position).is_multiple_of(label_every);
            plot.bar(&mut bars, position, *figure, *reference, labelled);
        }
        bars.extend(plot.remarks(&figures));

        let of_sign = |negative: bool| {
            let sign = |figure: &Figure| figure.known().is_some_and(|v| (v < 0) == negative);
            figures.iter().any(sign)
        };
        let mut legend = Vec::new();
        if of_sign(false) {
            legend.push(self.mark("positive", "positive"));
        }
        if of_sign(true) {
            legend.push(self.mark("negative", "negative"));
        }
        let marked = references.iter().any(|mark| mark.known().is_some());
        legend.extend(self.last_marks(
            figures.contains(&Figure::Incomplete),
            reference.filter(|_| marked),
        ));
        let title = self.column_title(value).to_owned();
        let told = |position: usize| {
            let reference_title = reference.map(|reference| self.column_title(reference));
            told_bar(
                self.locale,
                unit,
                figures[position],
                references[position],
                reference_title,
            )
        };
        let svg = plot.svg(&title, &bars, told);
        let drawn = figures.iter().chain(&references);
        Self::drawing(&title, unit, legend, svg, drawn)
    }

    fn grouped(&self, title: &str, columns: &'static [&'static str]) -> Drawing {
        let series: Vec<Vec<Figure>> = columns.iter().map(|column| self.series(column)).collect();
        let known = || series.iter().flatten().filter_map(|figure| figure.known());
        let largest = known().map(i128::abs).max().unwrap_or_default();
        let kind = columns
            .first()
            .map_or(Kind::Amount, |column| self.kind(column));
        let unit = Unit::of(kind, largest, self.language());
        let plot = Plot::new(self, Scale::round(known(), unit, PLACE), unit);
        let mut bars = Vec::new();
        for (number, (column, figures)) in columns.iter().zip(&series).enumerate() {
            for (position, figure) in figures.iter().enumerate() {
                let place = (number, columns.len());
                plot.part(
                    &mut bars,
                    position,
                    place,
                    *figure,
                    self.column_title(column),
                );
            }
        }
        let classes = ["positive", "second", "third"];
        let mut legend: Vec<Mark> = columns
            .iter()
            .zip(classes.into_iter().cycle())
            .map(|(column, class)| Mark {
                class,
                label: self.column_title(column).to_owned(),
            })
            .collect();
        let incomplete = series.iter().flatten().any(|f| *f == Figure::Incomplete);
        legend.extend(self.last_marks(incomplete, None));
        let told = |position: usize| {
            let told = columns.iter().zip(&series).filter_map(|(column, figures)| {
                let figure = told_figure(self.locale, unit, figures[position])?;
                Some(format!("{} {figure}", self.column_title(column)))
            });
            told.collect::<Vec<_>>().join(", ")
        };
        let svg = plot.svg(title, &bars, told);
        Self::drawing(title, unit, legend, svg, series.iter().flatten())
    }

    fn multiples(&self, title: &str, category: &'a str, value: &'a str) -> Drawing {
        // Categories of the latest year first, each year's in the order of the table.
        let mut order: Vec<&str> = Vec::new();
        let mut figures: BTreeMap<&str, BTreeMap<i64, Figure>> = BTreeMap::new();
        for year in self.years.iter().rev() {
            let of_year =
                |row: &&Vec<Cell>| self.table.cell(row, "fiscal_year").integer() == Some(*year);
            for row in self.table.rows.iter().filter(of_year) {
                let name = self.table.cell(row, category).text().unwrap_or_default();
                if !figures.contains_key(name) {
                    order.push(name);
                }
                let figure = Figure::of(self.table, row, value);
                figures.entry(name).or_default().insert(*year, figure);
            }
        }
        let kind = self.kind(value);
        let panels = order
            .iter()
            .take(MOST_PANELS)
            .enumerate()
            .map(|(number, name)| {
                let label = format::sentence_case(self.locale.term(category, name));
                self.small(number, &label, &figures[name], kind)
            })
            .collect();
        let incomplete = figures.values().flat_map(BTreeMap::values);
        let incomplete = incomplete.into_iter().any(|f| *f == Figure::Incomplete);
        Drawing {
            title: title.to_owned(),
            unit: String::new(),
            legend: self.last_marks(incomplete, None),
            multiples: true,
            panels,
        }
    }

    fn small(
        &self,
        number: usize,
        label: &str,
        figures: &BTreeMap<i64, Figure>,
        kind: Kind,
    ) -> Panel {
        let known = || figures.values().filter_map(|figure| figure.known());
        let largest = known().map(i128::abs).max().unwrap_or_default();
        let mut unit = Unit::of(kind, largest, self.language());
        // A billion with a decimal says less than a thousand millions.
        if kind == Kind::Amount && unit.size > 100_000_000 {
            unit.size = 100_000_000;
        }
        unit.decimals = u32::from(unit.size > 1 && largest < 10 * unit.size);
        let scale = Scale::tight(known(), (SMALL_TOP, SMALL_BOTTOM));
        let id = format!("{}-{number}", self.id);
        let in_year = |(year, figure): (&i64, &Figure)| {
            let told = told_figure(self.locale, unit, *figure)?;
            let told = match figure {
                Figure::Known(_) => unit.short(&told),
                Figure::Absent | Figure::Incomplete => told,
            };
            let year = year.to_string();
            Some(
                self.locale
                    .fill("chart.in_year", &[("n", &told), ("year", &year)]),
            )
        };
        let latest = figures
            .iter()
            .next_back()
            .and_then(in_year)
            .unwrap_or_default();
        let first = figures.iter().next().and_then(in_year).unwrap_or_default();
        let told = if first == latest {
            let values = [("year", label), ("n", &*latest)];
            self.locale.fill("chart.bar", &values)
        } else {
            let values = [("label", label), ("first", &*first), ("last", &*latest)];
            self.locale.fill("chart.from_to", &values)
        };

        let band = SMALL_WIDTH / length(self.years.len().max(1));
        let gap = (band / 7).min(50);
        let mut svg = vec![
            format!(
                r#"<svg viewBox="0 0 320 120" role="img" aria-labelledby="{id}-t">
  <title id="{id}-t">{}</title>"#,
                escape(&told)
            ),
            pattern(&id),
        ];
        for (position, year) in self.years.iter().enumerate() {
            let x = band * length(position) + gap;
            let width = (band - 2 * gap).min(WIDEST_BAR);
            let x = x + (band - 2 * gap - width) / 2;
            match figures.get(year) {
                Some(Figure::Known(value)) => {
                    let title = titled(self.locale, *year, &unit.exact(*value));
                    let class = sign_class(*value);
                    svg.push(value_bar(&scale, x, width, *value, class, &title));
                }
                Some(Figure::Incomplete) => {
                    let word = self.locale.text("chart.incomplete");
                    let title = titled(self.locale, *year, word);
                    svg.push(hatched_bar(&id, x, width, 80, SMALL_BOTTOM - 80, &title));
                }
                Some(Figure::Absent) | None => {}
            }
        }
        for position in self.breaks.iter().filter_map(|b| self.position(b)) {
            let x = px(band * length(position));
            svg.push(format!(
                r#"  <line class="break" x1="{x}" x2="{x}" y1="6" y2="104"/>"#
            ));
        }
        let zero = px(scale.at(0));
        svg.push(format!(
            r#"  <line class="axis" x1="0" x2="320" y1="{zero}" y2="{zero}"/>"#
        ));
        let y = px(SMALL_HEIGHT - 30);
        if let (Some(first), Some(last)) = (self.years.first(), self.years.last()) {
            svg.push(format!(
                r#"  <text class="tick" x="0" y="{y}">{first}</text>"#
            ));
            if first != last {
                svg.push(format!(
                    r#"  <text class="tick" x="320" y="{y}" text-anchor="end">{last}</text>"#
                ));
            }
        }
        svg.push("</svg>".to_owned());
        Panel {
            title: label.to_owned(),
            figure: latest,
            svg: svg.join("\n"),
        }
    }

    /// The position of the first year of a new series.
    fn position(&self, of: &Break) -> Option<usize> {
        self.years.iter().position(|year| *year >= of.fiscal_year)
    }
}

/// A figure in words; nothing for one that is not there.
fn told_figure(locale: &'static Locale, unit: Unit, figure: Figure) -> Option<String> {
    match figure {
        Figure::Known(value) => Some(unit.number(value)),
        Figure::Incomplete => Some(locale.text("chart.incomplete").to_owned()),
        Figure::Absent => None,
    }
}

/// A year's bar in words, with its reference where it says something else.
fn told_bar(
    locale: &'static Locale,
    unit: Unit,
    figure: Figure,
    reference: Figure,
    reference_title: Option<&str>,
) -> String {
    let mut told: Vec<String> = told_figure(locale, unit, figure).into_iter().collect();
    if let (Some(title), Some(value)) = (reference_title, reference.known())
        && figure.known() != Some(value)
    {
        told.push(format!("{title} {}", unit.number(value)));
    }
    told.join(", ")
}

fn titled(locale: &Locale, year: i64, value: &str) -> String {
    let values = [("year", &*year.to_string()), ("n", value)];
    locale.fill("chart.bar", &values)
}

#[cfg(test)]
mod tests {
    use centime_analytics::{Column, analyses};
    use proptest::prelude::*;

    use super::*;

    /// A yearly result with these results and published results, from 2016.
    fn results(values: &[(Option<i64>, Option<i64>)]) -> Table {
        let model = &analyses::yearly_result::ANALYSIS.model;
        let cell = |value: Option<i64>| value.map_or(Cell::Null, Cell::Integer);
        let row = |(year, (result, published)): (i64, &(Option<i64>, Option<i64>))| {
            let of = |column: &Column| match column.name {
                "fiscal_year" => Cell::Integer(year),
                "result" => cell(*result),
                "published_result" => cell(*published),
                "status" if result.is_none() => Cell::Text("incomplete".into()),
                "series_break" if year == 2018 => Cell::Text("nomenclature".into()),
                _ => Cell::Null,
            };
            model.columns.iter().map(of).collect()
        };
        Table {
            columns: model.columns.to_vec(),
            rows: (2016..).zip(values).map(row).collect(),
        }
    }

    fn draw(table: &Table, language: Language) -> Drawing {
        let breaks = [Break {
            fiscal_year: 2018,
            kind: "nomenclature".into(),
            label: "<M57> & \"co\"".into(),
        }];
        Drawing::new(
            &analyses::yearly_result::ANALYSIS,
            table,
            &breaks,
            language,
            "c",
        )
    }

    #[test]
    fn the_approved_geometry_is_kept() {
        let table = results(&[
            (Some(21_103_749_668), Some(21_103_749_668)),
            (Some(18_865_531_434), Some(18_865_531_434)),
            (None, Some(36_490_324_045)),
            (Some(39_584_564_009), Some(39_584_564_009)),
            (Some(-23_685_905_406), Some(-23_685_905_406)),
            (Some(4_451_299_787), Some(4_451_299_787)),
            (Some(14_903_104_184), Some(14_903_104_184)),
            (Some(32_527_362_259), Some(32_527_362_259)),
            (Some(-23_113_922_049), Some(-23_113_922_049)),
        ]);
        let drawing = draw(&table, Language::French);
        let svg = &drawing.panels[0].svg;
        for part in [
            r#"<line class="grid" x1="0" x2="720" y1="58.0" y2="58.0"/>"#,
            ">400\u{a0}M€</text>",
            ">−400</text>",
            r#"<rect class="bar" x="108.8" "#,
            r#"<rect class="bar bar--incomplete" fill="url(#c-h)" x="247.9" "#,
            r#"<rect class="bar bar--negative" "#,
            r#"<text class="value value--reference" "#,
            ">−231</text>",
            r#"<line class="axis" x1="0" x2="720" y1="220.0" y2="220.0"/>"#,
            "2018, incomplet, ",
            "&lt;M57&gt; &amp; &quot;co&quot;",
        ] {
            assert!(svg.contains(part), "no {part} in {svg}");
        }
        assert_eq!(drawing.unit, "en millions d’euros");
        let classes: Vec<_> = drawing.legend.iter().map(|mark| mark.class).collect();
        assert_eq!(
            classes,
            ["positive", "negative", "incomplete", "reference", "break"]
        );
    }

    #[test]
    fn a_figure_that_a_nomenclature_does_not_have_is_not_missing() {
        let analysis = &analyses::exceptional_charges::ANALYSIS;
        let row = |year, exceptional: Option<i64>, successor: Option<i64>| {
            let of = |column: &Column| match column.name {
                "fiscal_year" => Cell::Integer(year),
                "nomenclature" => Cell::Text(if year < 2018 { "M14" } else { "M57" }.into()),
                "exceptional_charges" => exceptional.map_or(Cell::Null, Cell::Integer),
                "successor_charges" => successor.map_or(Cell::Null, Cell::Integer),
                "status" if year == 2018 => Cell::Text("incomplete".into()),
                "status" => Cell::Text("complete".into()),
                _ => Cell::Null,
            };
            analysis.model.columns.iter().map(of).collect()
        };
        let table = Table {
            columns: analysis.model.columns.to_vec(),
            rows: vec![
                row(2017, Some(500), None),
                row(2018, None, None),
                row(2019, None, Some(700)),
            ],
        };
        let drawing = Drawing::new(analysis, &table, &[], Language::English, "c");
        let hatched = drawing.panels[0].svg.matches("bar--incomplete").count();
        assert_eq!(hatched, 1, "only the successors of 2018 are missing");
    }

    #[test]
    fn nothing_and_zero_are_drawn_too() {
        assert!(draw(&results(&[]), Language::English).panels.is_empty());
        for values in [[(None, None)], [(Some(0), Some(0))], [(Some(0), None)]] {
            let drawing = draw(&results(&values), Language::English);
            assert!(drawing.panels[0].svg.ends_with("</svg>"));
        }
    }

    #[test]
    fn every_analysis_can_be_drawn_without_rows_and_with_hostile_labels() {
        for analysis in centime_analytics::ANALYSES {
            let of = |column: &Column| match column.kind {
                Kind::Year => Cell::Integer(2024),
                Kind::Text | Kind::List => Cell::Text("<script>&".into()),
                _ => Cell::Integer(-7),
            };
            let mut table = Table {
                columns: analysis.model.columns.to_vec(),
                rows: vec![analysis.model.columns.iter().map(of).collect()],
            };
            for language in Language::ALL {
                let drawing = Drawing::new(analysis, &table, &[], language, "x");
                assert!(!drawing.panels.is_empty());
                for panel in drawing.panels {
                    assert!(!panel.svg.contains("<script"), "{}", panel.svg);
                }
            }
            table.rows.clear();
            assert!(
                Drawing::new(analysis, &table, &[], Language::French, "x")
                    .panels
                    .is_empty()
            );
        }
    }

    /// A table of an analysis; columns that are not named are empty.
    fn rows(analysis: &Analysis, rows: &[&[(&str, Cell)]]) -> Table {
        let row = |cells: &&[(&str, Cell)]| {
            let of = |column: &Column| {
                let named = cells.iter().find(|(name, _)| *name == column.name);
                named.map_or(Cell::Null, |(_, cell)| cell.clone())
            };
            analysis.model.columns.iter().map(of).collect()
        };
        Table {
            columns: analysis.model.columns.to_vec(),
            rows: rows.iter().map(row).collect(),
        }
    }

    /// An attribute of an element in tenths of a pixel.
    fn tenths(element: &str, name: &str) -> i64 {
        let start = element.find(name).unwrap() + name.len();
        let text = element[start..].split('"').next().unwrap();
        text.replace('.', "").parse().unwrap()
    }

    #[test]
    fn references_of_neighbouring_years_do_not_touch() {
        let values = [(Some(5_000_000_000), Some(5_000_000_000)); 30];
        let drawing = draw(&results(&values), Language::French);
        let references: Vec<(i64, i64)> = drawing.panels[0]
            .svg
            .lines()
            .filter(|line| line.contains(r#"class="reference""#))
            .map(|line| (tenths(line, " x=\""), tenths(line, " width=\"")))
            .collect();
        assert_eq!(references.len(), 30);
        let apart = |pair: &[(i64, i64)]| pair[0].0 + pair[0].1 <= pair[1].0;
        assert!(references.windows(2).all(apart), "{references:?}");
    }

    #[test]
    fn remarks_do_not_run_into_each_other() {
        let remarks = |values: &[(Option<i64>, Option<i64>)]| -> Vec<i64> {
            let drawing = draw(&results(values), Language::English);
            let lines = drawing.panels[0].svg.lines();
            let remarks = lines.filter(|line| line.contains(r#"class="remark""#));
            remarks.map(|line| tenths(line, " x=\"")).collect()
        };
        let thirty = remarks(&[(None, None); 30]);
        assert!((2..30).contains(&thirty.len()), "{thirty:?}");
        assert!(
            thirty.windows(2).all(|pair| pair[1] - pair[0] >= 700),
            "{thirty:?}"
        );
        let mut one = [(Some(1), None); 30];
        one[29] = (None, None);
        assert_eq!(remarks(&one), [6850]);
    }

    #[test]
    fn what_is_neither_known_nor_incomplete_is_not_drawn() {
        let analysis = &analyses::operating_profitability::ANALYSIS;
        let absent = (
            &[
                ("fiscal_year", Cell::Integer(2023)),
                ("status", Cell::Text("complete".into())),
            ][..],
            &[
                ("fiscal_year", Cell::Integer(2024)),
                ("operating_result", Cell::Integer(500)),
                ("status", Cell::Text("complete".into())),
            ][..],
        );
        let drawing = |table: &Table| Drawing::new(analysis, table, &[], Language::English, "x");
        assert!(drawing(&rows(analysis, &[absent.0])).panels.is_empty());
        let both = drawing(&rows(analysis, &[absent.0, absent.1]));
        assert!(both.panels[0].svg.contains(": 2024, 5."), "{both:?}");
    }

    #[test]
    fn a_small_drawing_of_one_year_says_it_in_its_language() {
        let analysis = &analyses::expense_by_category::ANALYSIS;
        let table = rows(
            analysis,
            &[&[
                ("fiscal_year", Cell::Integer(2024)),
                ("category", Cell::Text("Avoirs\u{0}\u{1b}\n<b>".into())),
                ("amount", Cell::Integer(-500)),
            ]],
        );
        let drawing = Drawing::new(analysis, &table, &[], Language::French, "x");
        let svg = &drawing.panels[0].svg;
        let title = "Avoirs\u{fffd}\u{fffd} &lt;b&gt;\u{a0}: ";
        assert!(svg.contains(title), "{svg}");
        assert!(svg.contains("bar--negative"), "{svg}");
    }

    proptest! {
        #[test]
        fn marks_stay_inside_the_drawing(
            values in prop::collection::vec(
                (prop::option::of(-40_000_000_000_000_000_i64..40_000_000_000_000_000),
                 prop::option::of(-40_000_000_000_000_000_i64..40_000_000_000_000_000)),
                1..31,
            ),
        ) {
            let svg = &draw(&results(&values), Language::French).panels[0].svg;
            let rectangles: Vec<&str> = svg.lines().filter(|line| line.contains("<rect")).collect();
            prop_assert!(rectangles.len() >= values.len());
            for rectangle in rectangles {
                let value = |name: &str| tenths(rectangle, name);
                prop_assert!(value(" y=\"") >= 560, "{}", rectangle);
                prop_assert!(value(" x=\"") >= 870, "{}", rectangle);
                if !rectangle.contains("reference") {
                    prop_assert!(value(" y=\"") + value(" height=\"") <= 3821, "{}", rectangle);
                }
                prop_assert!(value(" x=\"") + value(" width=\"") <= 7200, "{}", rectangle);
            }
        }
    }
}

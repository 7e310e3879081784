//! The large drawing with one place a year.

use std::collections::{BTreeMap, BTreeSet};

use super::scale::{Length, Scale, Unit};
use super::svg::{escape, every, hatched_bar, length, letters, pattern, px, sign_class, value_bar};
use super::{Figure, Sheet, titled};
use crate::format;

const WIDTH: Length = 7200;
const HEIGHT: Length = 4300;
/// Where the bars begin, at the right of the tick labels.
const LEFT: Length = 940;
const TOP: Length = 580;
const BOTTOM: Length = HEIGHT - 480;
/// Where the bars are, from top to bottom.
pub const PLACE: (Length, Length) = (TOP, BOTTOM);
/// The widest a bar is drawn.
pub const WIDEST_BAR: Length = 400;
/// How wide a letter of a remark is on a tablet; phones have none.
const REMARK_LETTER: Length = 70;
/// How far a reference reaches beyond its bar on each side, where there is room.
const OVERHANG: Length = 60;
/// The room that a year needs on a phone.
const YEAR_ROOM: Length = 520;

/// The large drawing with one place a year.
pub struct Plot<'a> {
    sheet: &'a Sheet<'a>,
    scale: Scale,
    unit: Unit,
    /// The width of a year.
    pub band: Length,
}

impl<'a> Plot<'a> {
    pub fn new(sheet: &'a Sheet<'a>, scale: Scale, unit: Unit) -> Self {
        Self {
            sheet,
            scale,
            unit,
            band: (WIDTH - LEFT) / length(sheet.years.len().max(1)),
        }
    }

    /// Where the place of a year begins.
    fn start(&self, position: usize) -> Length {
        LEFT + (WIDTH - LEFT) * length(position) / self.places()
    }

    fn centre(&self, position: usize) -> Length {
        let halves = 2 * length(position) + 1;
        LEFT + format::rounded((WIDTH - LEFT) * halves, 2 * self.places())
    }

    fn places(&self) -> Length {
        length(self.sheet.years.len().max(1))
    }

    fn title(&self, position: usize, value: &str) -> String {
        titled(self.sheet.locale, self.sheet.years[position], value)
    }

    /// A bar for a year, its reference over it, and its value.
    pub fn bar(
        &self,
        svg: &mut Vec<String>,
        position: usize,
        figure: Figure,
        reference: Figure,
        labelled: bool,
    ) {
        let centre = self.centre(position);
        let width = (self.band * 58 / 100).min(WIDEST_BAR);
        let x = centre - width / 2;
        let reference = reference.known();
        let zero = self.scale.at(0);
        match figure {
            Figure::Known(value) => {
                let class = sign_class(value);
                let title = self.title(position, &self.unit.exact(value));
                svg.push(value_bar(&self.scale, x, width, value, class, &title));
            }
            Figure::Incomplete => {
                let (from, to) = reference.map_or((self.scale.top, self.scale.bottom), |value| {
                    let end = self.scale.at(value);
                    (end.min(zero), end.max(zero))
                });
                let word = self.sheet.locale.text("chart.incomplete");
                let title = self.title(position, word);
                svg.push(hatched_bar(
                    self.sheet.id,
                    x,
                    width,
                    from,
                    to - from,
                    &title,
                ));
            }
            Figure::Absent => {}
        }
        if let Some(reference) = reference {
            // Within its year, so that neighbours cannot be taken for one mark.
            let overhang = OVERHANG.min((self.band - width) / 2);
            svg.push(format!(
                r#"  <rect class="reference" x="{}" y="{}" width="{}" height="2.5"/>"#,
                px(x - overhang),
                px(self.scale.at(reference) - 12),
                px(width + 2 * overhang)
            ));
        }
        let ends = |value| {
            let end = self.scale.at(value);
            let other = reference.map_or(end, |reference| self.scale.at(reference));
            (end.min(other), end.max(other))
        };
        let (value, class) = match (figure, reference) {
            (Figure::Known(value), _) => (value, "value"),
            (_, Some(reference)) => (reference, "value value--reference"),
            _ => return,
        };
        if labelled {
            let (top, bottom) = ends(value);
            let (y, below) = if value < 0 {
                (bottom + 90, r#" dy="0.75em""#)
            } else {
                (top - 90, "")
            };
            svg.push(format!(
                r#"  <text class="{class}" x="{}" y="{}"{below}>{}</text>"#,
                px(centre),
                px(y),
                escape(&self.unit.number(value))
            ));
        }
    }

    /// A word under each incomplete year, as far as they do not run into each other: the hatching
    /// stays where a word has no room.
    pub fn remarks(&self, figures: &[Figure]) -> Vec<String> {
        let word = self.sheet.locale.text("chart.incomplete");
        let half = REMARK_LETTER * length(word.chars().count()) / 2;
        let mut taken = 0;
        let mut svg = Vec::new();
        for (position, figure) in figures.iter().enumerate() {
            let centre = self.centre(position).min(WIDTH - half);
            if *figure == Figure::Incomplete && centre - half >= taken {
                taken = centre + half;
                svg.push(format!(
                    r#"  <text class="remark" x="{}" y="429">{}</text>"#,
                    px(centre),
                    escape(word)
                ));
            }
        }
        svg
    }

    /// One of several bars for a year.
    pub fn part(
        &self,
        svg: &mut Vec<String>,
        position: usize,
        (number, of): (usize, usize),
        figure: Figure,
        name: &str,
    ) {
        let group = (self.band * 78 / 100).min(WIDEST_BAR * 2);
        let place = group / length(of.max(1));
        let gap = (place / 8).min(20);
        let x = self.centre(position) - group / 2 + place * length(number) + gap;
        let width = place - 2 * gap;
        let class = ["", " bar--second", " bar--third"][number % 3];
        let title = |value: &str| {
            let value = format!("{name}, {value}");
            self.title(position, &value)
        };
        match figure {
            Figure::Known(value) => {
                let title = title(&self.unit.exact(value));
                svg.push(value_bar(&self.scale, x, width, value, class, &title));
            }
            Figure::Incomplete => {
                let title = title(self.sheet.locale.text("chart.incomplete"));
                let (top, bottom) = (self.scale.top, self.scale.bottom);
                svg.push(hatched_bar(
                    self.sheet.id,
                    x,
                    width,
                    top,
                    bottom - top,
                    &title,
                ));
            }
            Figure::Absent => {}
        }
    }

    /// The whole drawing. `told` says a year in words.
    pub fn svg(&self, title: &str, bars: &[String], told: impl Fn(usize) -> String) -> String {
        let id = self.sheet.id;
        let mut svg = vec![format!(
            r#"<svg viewBox="0 0 720 430" role="img" aria-labelledby="{id}-t {id}-d">
  <title id="{id}-t">{}</title>
  <desc id="{id}-d">{}</desc>"#,
            escape(&format!("{title}, {}", self.sheet.period())),
            escape(&self.description(told))
        )];
        svg.push(pattern(id));
        let ticks: Vec<(i128, Length)> = self
            .scale
            .ticks()
            .map(|value| (value, self.scale.at(value)))
            .collect();
        for (_, y) in ticks.iter().filter(|(value, _)| *value != 0) {
            let y = px(*y);
            svg.push(format!(
                r#"  <line class="grid" x1="0" x2="720" y1="{y}" y2="{y}"/>"#
            ));
        }
        for (value, y) in &ticks {
            let label = self.unit.tick(*value, self.scale.step);
            let label = if *value == self.scale.high {
                self.unit.short(&label)
            } else {
                label
            };
            svg.push(format!(
                r#"  <text class="tick" x="0" y="{}">{}</text>"#,
                px(y - 60),
                escape(&label)
            ));
        }
        svg.extend(self.breaks());
        svg.extend_from_slice(bars);
        let years = &self.sheet.years;
        let year_every = every(YEAR_ROOM, self.band);
        for (position, year) in years.iter().enumerate() {
            if (years.len() - 1 - position).is_multiple_of(year_every) {
                svg.push(format!(
                    r#"  <text class="year" x="{}" y="414">{year}</text>"#,
                    px(self.centre(position))
                ));
            }
        }
        let zero = px(self.scale.at(0));
        svg.push(format!(
            r#"  <line class="axis" x1="0" x2="720" y1="{zero}" y2="{zero}"/>"#
        ));
        svg.push("</svg>".to_owned());
        svg.join("\n")
    }

    /// The lines where the series breaks, with labels that do not run into each other.
    fn breaks(&self) -> Vec<String> {
        let mut labels: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        for of in &self.sheet.breaks {
            if let Some(position) = self.sheet.position(of) {
                labels.entry(position).or_default().push(&of.label);
            }
        }
        let mut svg = Vec::new();
        let mut ends = [0; 2];
        for (position, labels) in labels {
            let x = self.start(position);
            let label = labels.join(" · ");
            let width = letters(label.chars().count());
            let at_left = x + 70 + width > WIDTH && x > width;
            let start = if at_left { x - 70 - width } else { x + 70 };
            let row = usize::from(ends[0] > start);
            ends[row] = start + width;
            let (label_x, anchor) = if at_left {
                (x - 70, r#" text-anchor="end""#)
            } else {
                (x + 70, "")
            };
            let line = px(x);
            svg.push(format!(
                r#"  <line class="break" x1="{line}" x2="{line}" y1="6" y2="388"/>"#
            ));
            svg.push(format!(
                r#"  <text class="break-label" x="{}" y="{}"{anchor}>{}</text>"#,
                px(label_x),
                20 + 22 * row,
                escape(&label)
            ));
        }
        svg
    }

    fn description(&self, told: impl Fn(usize) -> String) -> String {
        let locale = self.sheet.locale;
        let years: Vec<String> = self
            .sheet
            .years
            .iter()
            .enumerate()
            .filter_map(|(position, year)| {
                let told = Some(told(position)).filter(|told| !told.is_empty())?;
                let values = [("year", &*year.to_string()), ("told", &*told)];
                Some(locale.fill("chart.told_year", &values))
            })
            .collect();
        let separator = locale.text("chart.separator");
        let values = [
            ("unit", self.unit.words()),
            ("years", &*years.join(separator)),
        ];
        let mut description = locale.fill("chart.told", &values);
        let broken: BTreeSet<i64> = self.sheet.breaks.iter().map(|b| b.fiscal_year).collect();
        if !broken.is_empty() {
            let broken: Vec<String> = broken.iter().map(ToString::to_string).collect();
            description.push(' ');
            let broken = broken.join(", ");
            description.push_str(&locale.fill("chart.told_breaks", &[("years", &broken)]));
        }
        description
    }
}

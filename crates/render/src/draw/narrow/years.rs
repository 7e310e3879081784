//! Figures of several years, side by side.

use super::{STROKES, WIDTH};
use crate::draw::canvas::{Anchor, Area, Canvas, Font, Length, px};
use crate::draw::option::{scale_of, tick_text};
use crate::draw::palette::Palette;
use crate::draw::series::{Stacked, Upright, lines};
use crate::draw::spec::{Color, Form, Panel, Series, Years};

/// The height of a panel of weight 1.
const PANEL: Length = 8_600;
/// Between panels: room for the title of the lower one.
const BETWEEN: Length = 3_000;
/// The space at the right.
const EDGE: Length = 300;
/// Between a mark and what is written at it.
const NEAR: Length = 400;

pub(super) fn drawing(years: &Years, palette: Palette) -> String {
    let mut drawing = Drawing::new(years, palette);
    drawing.places();
    let mut top = drawing.head();
    let first = top;
    for (number, panel) in years.panels.iter().enumerate() {
        let height = PANEL * Length::from(panel.weight);
        let scale = scale_of(panel);
        let plot = Upright { top, height, scale };
        drawing.axis(panel, &plot, number);
        drawing.incomplete(&plot);
        drawing.series(panel, &plot);
        top += height + BETWEEN;
    }
    let bottom = top - BETWEEN;
    drawing.breaks(first, bottom);
    drawing.year_names(bottom);
    let height = bottom + Font::VALUE.line() + px(4);
    drawing.canvas.finish(WIDTH, height)
}

struct Drawing<'a> {
    years: &'a Years,
    canvas: Canvas,
    /// Where the first year begins.
    left: Length,
    /// The width of a year.
    band: Length,
    /// The words of the breaks: place, row and end of each.
    words: Vec<(usize, Length, Anchor)>,
    /// How many rows they take.
    rows: Length,
}

impl<'a> Drawing<'a> {
    fn new(years: &'a Years, palette: Palette) -> Self {
        let widest = years.panels.iter().flat_map(|panel| {
            let scale = scale_of(panel);
            let top = scale.ticks().last().unwrap_or_default();
            let ticks: Vec<i128> = scale.ticks().collect();
            ticks
                .into_iter()
                .map(move |tick| Font::REMARK.width(&tick_text(tick, top, &scale, panel.unit)))
        });
        let left = widest.max().unwrap_or_default() + px(5);
        let count = Length::try_from(years.years.len().max(1)).unwrap_or(Length::MAX);
        Self {
            years,
            canvas: Canvas::new(palette),
            left,
            band: (px(WIDTH) - left - EDGE) / count,
            words: Vec::new(),
            rows: 0,
        }
    }

    fn x(&self, year: usize) -> Length {
        self.left + self.band * Length::try_from(year).unwrap_or_default()
    }

    fn middle(&self, year: usize) -> Length {
        self.x(year) + self.band / 2
    }

    /// How wide the marks of a year are.
    fn marks(&self) -> Length {
        (self.band * 72 / 100).min(px(52))
    }

    /// Finds rows for the words of breaks, so that none runs into another or out of the drawing.
    fn places(&mut self) {
        let mut ends: Vec<Length> = Vec::new();
        for b in &self.years.breaks {
            let at = self
                .years
                .years
                .iter()
                .position(|year| *year >= b.fiscal_year);
            let Some(at) = at.filter(|at| *at > 0) else {
                continue;
            };
            let (x, width) = (self.x(at), Font::REMARK.width(&b.label) + px(4));
            let (from, anchor) = if x + width > px(WIDTH) {
                (x - width, Anchor::End)
            } else {
                (x, Anchor::Start)
            };
            let row = ends.iter().position(|end| *end < from);
            let row = row.unwrap_or(ends.len());
            if row == ends.len() {
                ends.push(0);
            }
            ends[row] = from + width;
            let row = Length::try_from(row).unwrap_or_default();
            self.words.push((at, row, anchor));
        }
        self.rows = Length::try_from(ends.len()).unwrap_or_default();
    }

    /// The word at an incomplete year, where it has room; the legend has it anyway.
    fn has_word(&self) -> bool {
        !self.years.incomplete.is_empty()
            && Font::REMARK.width(&self.years.incomplete_label) <= self.band + px(8)
    }

    /// Where the first panel begins.
    fn head(&self) -> Length {
        let words = self.rows + Length::from(self.has_word());
        // What is written at the highest mark has a line of its own.
        (words + 1) * Font::REMARK.line()
    }

    fn axis(&mut self, panel: &Panel, plot: &Upright, number: usize) {
        let top = plot.scale.ticks().last().unwrap_or_default();
        for (at, _) in self.years.years.iter().enumerate() {
            // Beside the marks of a year, a finger is on the year.
            let place = Area {
                x: self.x(at),
                y: plot.top,
                width: self.band,
                height: plot.height,
            };
            self.canvas.open(at, None);
            self.canvas.touch(place);
            self.canvas.close();
        }
        for tick in plot.scale.ticks() {
            let y = plot.y(tick);
            let ink = if tick == 0 { "--ink-3" } else { "--rule" };
            let ends = [[self.left, y], [px(WIDTH) - EDGE, y]];
            self.canvas.rule(ends[0], ends[1], ink, 100);
            let text = tick_text(tick, top, &plot.scale, panel.unit);
            let place = [self.left - px(5), y + px(4)];
            self.canvas.text(place, &text, Font::REMARK, Anchor::End);
        }
        if number > 0 && !panel.title.is_empty() {
            let place = [self.left, plot.top - px(10)];
            let font = Font::QUIET.strong();
            self.canvas.text(place, &panel.title, font, Anchor::Start);
        }
    }

    fn incomplete(&mut self, plot: &Upright) {
        let width = self.marks();
        for year in &self.years.incomplete {
            let Some(at) = self.years.years.iter().position(|known| known == year) else {
                continue;
            };
            let place = Area {
                x: self.middle(at) - width / 2,
                y: plot.top,
                width,
                height: plot.height,
            };
            self.canvas.hatch(place, Color::Hatch, STROKES);
            if self.has_word() && plot.top == self.head() {
                let place = [self.middle(at), plot.top - NEAR];
                let word = &self.years.incomplete_label;
                self.canvas.text(place, word, Font::REMARK, Anchor::Middle);
            }
        }
    }

    fn series(&mut self, panel: &Panel, plot: &Upright) {
        let bars = panel
            .series
            .iter()
            .filter(|series| series.form == Form::Bar);
        let bars = Length::try_from(bars.count()).unwrap_or(1);
        let mut number = 0;
        let mut stacked = Stacked::new(self.years.years.len());
        for series in &panel.series {
            match series.form {
                Form::Bar => {
                    self.bars(series, plot, number, bars);
                    number += 1;
                }
                Form::Stack => self.stack(series, plot, &mut stacked),
                Form::Line => self.line(series, plot),
                Form::Reference => self.reference(series, plot),
            }
        }
    }

    fn bars(&mut self, series: &Series, plot: &Upright, number: Length, of: Length) {
        let whole = (self.band * 72 / 100).min(px(52) * of);
        let width = whole / of;
        let values = series.values.iter().flatten();
        let widest = values.map(|figure| Font::VALUE.width(&figure.text));
        let labelled = series.labelled && widest.max().unwrap_or_default() <= self.band;
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let x = self.middle(at) - whole / 2 + width * number;
            let (zero, end) = (plot.y(0), plot.y(figure.value.into()));
            let color = match series.below.filter(|_| figure.value < 0) {
                Some(below) => below,
                None => series.color,
            };
            self.canvas.open(at, Some(&series.name));
            let bar = Area {
                x,
                y: zero.min(end),
                width: (width - if of > 1 { 50 } else { 0 }).max(50),
                height: (zero - end).abs(),
            };
            self.canvas.fill(bar, color);
            if labelled {
                let y = if figure.value < 0 {
                    end + Font::VALUE.line() - px(2)
                } else {
                    end - NEAR
                };
                let place = [x + width / 2, y];
                self.canvas
                    .text(place, &figure.text, Font::VALUE, Anchor::Middle);
            }
            self.canvas.close();
        }
    }

    fn stack(&mut self, series: &Series, plot: &Upright, stacked: &mut Stacked) {
        let width = self.marks();
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let [one, other] = stacked.put(at, figure.value).map(|end| plot.y(end));
            self.canvas.open(at, Some(&series.name));
            let part = Area {
                x: self.middle(at) - width / 2,
                y: one.min(other),
                width,
                // A hair of paper between parts.
                height: (one - other).abs() - 50,
            };
            self.canvas.fill(part, series.color);
            self.canvas.close();
        }
    }

    fn line(&mut self, series: &Series, plot: &Upright) {
        let point = |at: usize, value: i64| [self.middle(at), plot.y(value.into())];
        for line in lines(series, self.years, point) {
            self.canvas.through(&line, series.color);
        }
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let place = [self.middle(at), plot.y(figure.value.into())];
            self.canvas.open(at, Some(&series.name));
            self.canvas.point(place, series.color);
            self.canvas.close();
        }
    }

    fn reference(&mut self, series: &Series, plot: &Upright) {
        let half = (self.band * 42 / 100).min(px(34));
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let (x, y) = (self.middle(at), plot.y(figure.value.into()));
            let ink = series.color.variable();
            self.canvas.rule([x - half, y], [x + half, y], ink, 250);
        }
    }

    fn breaks(&mut self, first: Length, bottom: Length) {
        let labels = self.years.breaks.iter().filter_map(|b| {
            let known = &self.years.years;
            let at = known.iter().position(|year| *year >= b.fiscal_year)?;
            (at > 0).then_some(&b.label)
        });
        let words = std::mem::take(&mut self.words);
        for ((at, row, anchor), label) in words.into_iter().zip(labels) {
            let x = self.x(at);
            let top = row * Font::REMARK.line();
            self.canvas
                .dashed([x, top.min(first)], [x, bottom], "--ink-3");
            let aside = if anchor == Anchor::End { -px(3) } else { px(3) };
            let place = [x + aside, top + Font::REMARK.line() - px(3)];
            self.canvas.text(place, label, Font::REMARK, anchor);
        }
    }

    /// The names of as many years as have room, the latest always among them.
    fn year_names(&mut self, bottom: Length) {
        let count = self.years.years.len();
        let widest = Font::VALUE.strong().width("2000") + px(2);
        let every = usize::try_from(widest.div_euclid(self.band.max(1)) + 1).unwrap_or(1);
        for (at, year) in self.years.years.iter().enumerate() {
            let focused = self.years.focus == Some(*year) && count > 1;
            if !(count - 1 - at).is_multiple_of(every) {
                continue;
            }
            let font = if focused {
                Font::VALUE.strong()
            } else {
                Font::VALUE
            };
            let place = [self.middle(at), bottom + Font::VALUE.line()];
            self.canvas
                .text(place, &year.to_string(), font, Anchor::Middle);
        }
    }
}

//! Figures of several years, side by side.

use super::{Drawn, REMARK, TEXT, middle};
use crate::draw::canvas::{Anchor, Area, Canvas, Font, Length, part, px};
use crate::draw::option::tick_text;
use crate::draw::option::years::{Frame, Place};
use crate::draw::palette::Palette;
use crate::draw::series::{Stacked, Upright, lines};
use crate::draw::spec::{Color, Form, Panel, Series, Years};

/// How much of a year its marks take, in percent, and what they take at most.
const MARKS: Length = 72;
const MOST: Length = 5_200;
/// Between bars of a year, in percent of one.
const GAP: Length = 8;
/// Between an axis and what is written at it.
const NEAR_AXIS: Length = 800;
/// Between a mark and what is written at it.
const NEAR: Length = 500;
/// How far above the first panel the words of breaks begin.
const WORDS: Length = 3_600;
/// From one stroke to the next where a year is hatched.
const STROKES: Length = 700;
/// The width of a year in which the word that it is incomplete has room.
const WORD: Length = 5_600;

pub(super) fn drawing(years: &Years, palette: Palette) -> Drawn {
    let frame = Frame::of(years);
    let [width, height] = [frame.width, frame.height];
    let mut drawing = Drawing {
        years,
        frame: &frame,
        canvas: Canvas::new(palette),
        labels: Vec::new(),
    };
    for (number, (panel, place)) in years.panels.iter().zip(&frame.panels).enumerate() {
        drawing.panel(panel, place, number == 0);
    }
    drawing.year_names();
    drawing.write_labels();
    Drawn {
        svg: drawing.canvas.finish(width, px(height)),
        width,
        height,
    }
}

/// What is written at a mark.
struct Label<'a> {
    text: &'a str,
    /// Its middle.
    place: [Length; 2],
}

impl Label<'_> {
    fn width(&self) -> Length {
        Font::VALUE.width(self.text)
    }

    /// Whether it stands on another one.
    fn meets(&self, other: &Self) -> bool {
        let across = (self.place[0] - other.place[0]).abs() * 2;
        let up = (self.place[1] - other.place[1]).abs();
        across < self.width() + other.width() && up < px(REMARK)
    }
}

struct Drawing<'a> {
    years: &'a Years,
    frame: &'a Frame,
    canvas: Canvas,
    labels: Vec<Label<'a>>,
}

impl<'a> Drawing<'a> {
    /// The width of all years.
    fn room(&self) -> Length {
        px(self.frame.width) - px(self.frame.left) - px(self.frame.right)
    }

    /// Where a year begins.
    fn x(&self, at: usize) -> Length {
        let count = self.years.years.len().max(1);
        let at = i128::try_from(at).unwrap_or_default();
        px(self.frame.left) + part(self.room(), at, i128::try_from(count).unwrap_or(1))
    }

    fn band(&self) -> Length {
        self.x(1) - self.x(0)
    }

    fn middle(&self, at: usize) -> Length {
        Length::midpoint(self.x(at), self.x(at + 1))
    }

    /// How wide one mark of a year is.
    fn mark(&self) -> Length {
        (self.band() * MARKS / 100).min(MOST)
    }

    fn panel(&mut self, panel: &'a Panel, place: &Place, first: bool) {
        let plot = Upright {
            top: px(place.top),
            height: px(place.height),
            scale: place.scale,
        };
        self.axis(panel, &plot);
        self.incomplete(&plot, first);
        let of = |form: Form| panel.series.iter().filter(move |one| one.form == form);
        let count = of(Form::Bar).count();
        for (number, series) in of(Form::Bar).enumerate() {
            self.bars(series, &plot, number, count);
        }
        let mut stacked = Stacked::new(self.years.years.len());
        for series in of(Form::Stack) {
            self.stack(series, &plot, &mut stacked);
        }
        for series in of(Form::Line) {
            self.line(series, &plot);
        }
        self.breaks(&plot, first);
        for series in of(Form::Reference) {
            self.reference(series, &plot);
        }
    }

    fn axis(&mut self, panel: &Panel, plot: &Upright) {
        let top = plot.scale.ticks().last().unwrap_or_default();
        let left = px(self.frame.left);
        for tick in plot.scale.ticks() {
            let y = plot.y(tick);
            // In the middle of a pixel, so that it is as thin as one.
            let sharp = y / 100 * 100 + 50;
            let ink = if tick == 0 { "--ink-3" } else { "--rule" };
            self.canvas
                .rule([left, sharp], [left + self.room(), sharp], ink, 100);
            let text = tick_text(tick, top, &plot.scale, panel.unit);
            let place = [left - NEAR_AXIS, middle(y, REMARK)];
            self.canvas.text(place, &text, Font::REMARK, Anchor::End);
        }
        if !panel.title.is_empty() {
            let above = plot.top - px(10) - px(TEXT) / 2;
            let place = [left + NEAR_AXIS, middle(above, TEXT)];
            let font = Font::QUIET.bold();
            self.canvas.text(place, &panel.title, font, Anchor::Start);
        }
    }

    /// The years that cannot be computed: the whole place of each is hatched.
    fn incomplete(&mut self, plot: &Upright, first: bool) {
        let width = self.mark();
        let has_word = first && self.band() >= WORD;
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
            // Where there is no room for the word, the legend has it.
            if has_word {
                let y = plot.top - NEAR - px(REMARK) / 2;
                let place = [self.middle(at), middle(y, REMARK)];
                let word = &self.years.incomplete_label;
                self.canvas.text(place, word, Font::REMARK, Anchor::Middle);
            }
        }
    }

    fn bars(&mut self, series: &'a Series, plot: &Upright, number: usize, count: usize) {
        let [number, count] = [number, count].map(|n| Length::try_from(n).unwrap_or(1));
        // So many bars and the gaps between them, each a part of a bar.
        let bars = count * 100 + (count - 1) * GAP;
        let width = (self.band() * MARKS / bars).min(MOST);
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let color = match series.below.filter(|_| figure.value < 0) {
                Some(below) => below,
                None => series.color,
            };
            let left = self.middle(at) - width * bars / 200;
            let (zero, end) = (plot.y(0), plot.y(figure.value.into()));
            let bar = Area {
                x: left + width * number * (100 + GAP) / 100,
                y: zero.min(end),
                width,
                height: (zero - end).abs(),
            };
            self.canvas.fill(bar, color);
            self.label(series, at, [bar.x + width / 2, end], 0);
        }
    }

    fn stack(&mut self, series: &'a Series, plot: &Upright, stacked: &mut Stacked) {
        let width = self.mark();
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let [from, to] = stacked.put(at, figure.value).map(|end| plot.y(end));
            let part = Area {
                x: self.middle(at) - width / 2,
                y: from.min(to),
                width,
                height: (from - to).abs(),
            };
            self.canvas.edged(part, series.color);
            self.label(series, at, [self.middle(at), to], 0);
        }
    }

    fn line(&mut self, series: &'a Series, plot: &Upright) {
        let point = |at: usize, value: i64| [self.middle(at), plot.y(value.into())];
        for line in lines(series, self.years, point) {
            self.canvas.through(&line, series.color);
        }
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let place = [self.middle(at), plot.y(figure.value.into())];
            self.canvas.point(place, series.color);
            self.label(series, at, place, 350);
        }
    }

    /// A figure that others are held against: a rule across the place.
    fn reference(&mut self, series: &Series, plot: &Upright) {
        let half = (self.band() * 42 / 100).min(px(34));
        for (at, figure) in series.values.iter().enumerate() {
            let Some(figure) = figure else { continue };
            let (x, y) = (self.middle(at), plot.y(figure.value.into()));
            let ink = series.color.variable();
            self.canvas.rule([x - half, y], [x + half, y], ink, 250);
        }
    }

    /// Where a series ends and another begins: a dashed line before the year, and a word.
    fn breaks(&mut self, plot: &Upright, first: bool) {
        for b in &self.years.breaks {
            let known = &self.years.years;
            let at = known.iter().position(|year| *year >= b.fiscal_year);
            let Some(at) = at.filter(|at| *at > 0) else {
                continue;
            };
            let x = self.x(at) / 100 * 100 + 50;
            let words = if first { WORDS } else { 0 };
            let ends = [[x, plot.top - words], [x, plot.top + plot.height]];
            self.canvas.dashed(ends[0], ends[1], "--ink-3");
            if first {
                let y = plot.top - WORDS + px(REMARK) / 2;
                let place = [x + px(4), middle(y, REMARK)];
                let font = Font::REMARK;
                self.canvas.text(place, &b.label, font, Anchor::Start);
            }
        }
    }

    /// Notes what is written at a mark that ends at a place and reaches so far around it.
    fn label(&mut self, series: &'a Series, at: usize, [x, y]: [Length; 2], around: Length) {
        let Some(Some(figure)) = series.values.get(at) else {
            return;
        };
        if !self.frame.labels(series) {
            return;
        }
        let aside = around + NEAR + px(REMARK) / 2;
        let below = figure.value < 0;
        let y = if below { y + aside } else { y - aside };
        self.labels.push(Label {
            text: &figure.text,
            place: [x, y],
        });
    }

    /// Writes what has room: the longest first, and none on another.
    fn write_labels(&mut self) {
        let mut labels = std::mem::take(&mut self.labels);
        labels.sort_by_key(|label| std::cmp::Reverse(label.width()));
        let mut written: Vec<Label<'_>> = Vec::new();
        for label in labels {
            if written.iter().any(|other| other.meets(&label)) {
                continue;
            }
            let [x, y] = label.place;
            let place = [x, middle(y, REMARK)];
            self.canvas
                .text(place, label.text, Font::VALUE, Anchor::Middle);
            written.push(label);
        }
    }

    fn year_names(&mut self) {
        let bottom = self.frame.panels.last();
        let bottom = bottom.map_or(0, |place| px(place.top + place.height));
        let every = usize::try_from(self.frame.every()).unwrap_or(1);
        let several = self.years.years.len() > 1;
        for (at, year) in self.years.years.iter().enumerate().step_by(every) {
            let font = if several && self.years.focus == Some(*year) {
                Font::QUIET.strong()
            } else {
                Font::QUIET
            };
            let y = bottom + NEAR_AXIS + px(TEXT) / 2;
            let place = [self.middle(at), middle(y, TEXT)];
            self.canvas
                .text(place, &year.to_string(), font, Anchor::Middle);
        }
    }
}

//! Bars from left to right, each below its name: steps, ranks, and streams as two lists.

use super::WIDTH;
use crate::draw::canvas::{Anchor, Area, Canvas, Font, Length, part, px};
use crate::draw::palette::Palette;
use crate::draw::spec::{Color, Flow, Name, Ranks, Steps, Stream};

/// The height of a bar.
const BAR: Length = 1_000;
/// Between a name and its bar.
const NEAR: Length = 500;
/// Between a bar and the next name.
const BETWEEN: Length = 1_000;
/// The most lines of a name.
const LINES: usize = 4;

/// A bar between two values, and what is written above it.
struct Row<'a> {
    name: &'a Name,
    value: &'a str,
    ends: [i64; 2],
    color: Color,
}

pub(super) fn steps(steps: &Steps, palette: Palette) -> String {
    let rows: Vec<Row<'_>> = steps
        .steps
        .iter()
        .map(|step| Row {
            name: &step.name,
            value: &step.figure.text,
            ends: [step.from, step.to],
            color: step.color,
        })
        .collect();
    List::of(&rows).drawing(None, 0, palette, true)
}

pub(super) fn ranks(ranks: &Ranks, palette: Palette) -> String {
    let rows: Vec<Row<'_>> = ranks
        .bars
        .iter()
        .map(|bar| Row {
            name: &bar.name,
            value: &bar.figure.text,
            ends: [0, bar.figure.value],
            color: bar.color(),
        })
        .collect();
    List::of(&rows).drawing(None, 0, palette, false)
}

/// Where money comes from and where it goes, each from the largest, on one scale.
pub(super) fn lists(flow: &Flow, palette: Palette) -> Vec<String> {
    let row = |stream: &'_ Stream| -> [i64; 2] { [0, stream.figure.value] };
    let all = flow.sources.iter().chain(&flow.destinations);
    let scale = Range::of(all.map(row));
    let sides = [&flow.sources, &flow.destinations];
    // The first node of the option is what everything flows through.
    let mut first = 1;
    let mut lists = Vec::new();
    for (streams, head) in sides.into_iter().zip(&flow.heads) {
        let rows: Vec<Row<'_>> = streams
            .iter()
            .map(|stream| Row {
                name: &stream.name,
                value: &stream.figure.whole,
                ends: row(stream),
                color: stream.color,
            })
            .collect();
        if !rows.is_empty() {
            let list = List {
                rows: &rows,
                range: scale,
            };
            lists.push(list.drawing(Some(head), first, palette, false));
        }
        first += streams.len();
    }
    lists
}

/// The values from left to right.
#[derive(Clone, Copy)]
struct Range {
    low: i64,
    high: i64,
}

impl Range {
    fn of(ends: impl Iterator<Item = [i64; 2]>) -> Self {
        ends.flatten()
            .fold(Self { low: 0, high: 0 }, |range, end| Self {
                low: range.low.min(end),
                high: range.high.max(end),
            })
    }

    /// Where a value is.
    fn place(self, value: i64) -> Length {
        let from = i128::from(value) - i128::from(self.low);
        let whole = i128::from(self.high) - i128::from(self.low);
        part(px(WIDTH), from, whole)
    }
}

struct List<'a> {
    rows: &'a [Row<'a>],
    range: Range,
}

impl<'a> List<'a> {
    fn of(rows: &'a [Row<'a>]) -> Self {
        Self {
            rows,
            range: Range::of(rows.iter().map(|row| row.ends)),
        }
    }

    /// The rows below each other, the first of them the mark `first`; with lines from each to the next where they
    /// follow from each other.
    fn drawing(&self, head: Option<&str>, first: usize, palette: Palette, linked: bool) -> String {
        let mut canvas = Canvas::new(palette);
        let mut y = 0;
        if let Some(head) = head.filter(|head| !head.is_empty()) {
            let font = Font::NAME.strong();
            for line in font.wrapped(head, px(WIDTH), LINES) {
                y += font.line();
                canvas.text([0, y - px(3)], &line, font, Anchor::Start);
            }
            y += NEAR;
        }
        let zero = self.range.place(0);
        let mut bars: Vec<Length> = Vec::new();
        for (number, row) in self.rows.iter().enumerate() {
            canvas.open(first + number, None);
            let begun = canvas.written();
            let top = y;
            y = names(&mut canvas, row, y);
            let [from, to] = row.ends.map(|end| self.range.place(end));
            let bar = Area {
                x: from.min(to),
                y,
                width: (from - to).abs().max(100),
                height: BAR,
            };
            let whole = Area {
                x: 0,
                y: top,
                width: px(WIDTH),
                height: y + BAR - top,
            };
            canvas.touch_behind(whole, begun);
            canvas.fill(bar, row.color);
            canvas.close();
            bars.push(y);
            y += BAR + BETWEEN;
        }
        for (row, pair) in self.rows.iter().zip(bars.windows(2)).filter(|_| linked) {
            // From the end of a bar towards the next, and no further than where the next name begins.
            let x = self.range.place(row.ends[1]);
            for (from, to) in [(pair[0] + BAR, BETWEEN - px(3)), (pair[1] - px(4), px(4))] {
                canvas.rule([x, from], [x, from + to], "--ink-3", 100);
            }
        }
        if self.range.low < 0 {
            for bar in &bars {
                let ends = [[zero, bar - 200], [zero, bar + BAR + 200]];
                canvas.rule(ends[0], ends[1], "--ink-3", 100);
            }
        }
        canvas.finish(WIDTH, y - BETWEEN + px(2))
    }
}

/// Writes the name of a row at the left and its value at the right; gives where its bar begins.
fn names(canvas: &mut Canvas, row: &Row<'_>, y: Length) -> Length {
    let value = Font::VALUE.strong();
    let room = px(WIDTH) - value.width(row.value) - px(10);
    let mut base = y;
    for (number, line) in Font::NAME
        .wrapped(&row.name.text, room, LINES)
        .iter()
        .enumerate()
    {
        base += Font::NAME.line();
        canvas.text([0, base - px(3)], line, Font::NAME, Anchor::Start);
        if number == 0 {
            let place = [px(WIDTH), base - px(3)];
            canvas.text(place, row.value, value, Anchor::End);
        }
    }
    if !row.name.gloss.is_empty() {
        for line in Font::QUIET.wrapped(&row.name.gloss, px(WIDTH), LINES) {
            base += Font::QUIET.line();
            canvas.text([0, base - px(3)], &line, Font::QUIET, Anchor::Start);
        }
    }
    base + NEAR - px(2)
}

//! Bars from left to right, one a row: steps and ranks.

use super::{Drawn, REMARK, lines, middle};
use crate::draw::canvas::{Anchor, Area, Canvas, Font, Length, part, px};
use crate::draw::option::{Across, across_of_ranks, across_of_steps, tick_text};
use crate::draw::palette::Palette;
use crate::draw::spec::{Ranks, Steps};

/// The height of a bar of ranks.
const BAR: Length = 1_800;
/// Between the end of a bar and what is written at it.
const NEAR: Length = 500;

pub(super) fn steps(steps: &Steps, palette: Palette) -> Drawn {
    let across = across_of_steps(steps);
    let mut canvas = across.canvas(palette);
    let high = px(across.row) * 66 / 100;
    for (row, pair) in steps.steps.windows(2).enumerate() {
        let x = across.place(pair[0].to);
        let (from, to) = (across.middle(row) - high / 2, across.middle(row + 1));
        canvas.rule([x, from], [x, to + high / 2], "--ink-3", 100);
    }
    for (row, step) in steps.steps.iter().enumerate() {
        let (from, to) = (across.place(step.from), across.place(step.to));
        let y = across.middle(row);
        let bar = Area {
            x: from.min(to),
            y: y - high / 2,
            width: (to - from).abs().max(100),
            height: high,
        };
        canvas.fill(bar, step.color);
        let place = [from.max(to) + NEAR, middle(y, REMARK)];
        canvas.text(place, &step.figure.text, Font::VALUE, Anchor::Start);
    }
    across.drawn(canvas)
}

pub(super) fn ranks(ranks: &Ranks, palette: Palette) -> Drawn {
    let across = across_of_ranks(ranks);
    let mut canvas = across.canvas(palette);
    let zero = across.place(0);
    for (row, bar) in ranks.bars.iter().enumerate() {
        let end = across.place(bar.figure.value);
        let y = across.middle(row);
        let area = Area {
            x: zero.min(end),
            y: y - BAR / 2,
            width: (end - zero).abs(),
            height: BAR,
        };
        canvas.fill(area, bar.color());
        let (x, anchor) = if bar.figure.value < 0 {
            (end - NEAR, Anchor::End)
        } else {
            (end + NEAR, Anchor::Start)
        };
        let place = [x, middle(y, REMARK)];
        canvas.text(place, &bar.figure.text, Font::VALUE, anchor);
    }
    across.drawn(canvas)
}

impl Across {
    /// Where a value is.
    fn place(&self, value: i64) -> Length {
        let whole = px(self.width) - px(self.left) - px(self.right);
        let from = i128::from(value) - self.scale.low;
        px(self.left) + part(whole, from, self.scale.high - self.scale.low)
    }

    /// The middle of a row.
    fn middle(&self, row: usize) -> Length {
        let row = Length::try_from(row).unwrap_or_default();
        px(self.top) + px(self.row) * row + px(self.row) / 2
    }

    /// The drawing with its names and its axis.
    fn canvas(&self, palette: Palette) -> Canvas {
        let mut canvas = Canvas::new(palette);
        let bottom = px(self.height - self.foot);
        let ticks: Vec<i128> = self.scale.ticks().collect();
        let top = ticks.last().copied().unwrap_or_default();
        for tick in ticks {
            let x = self.place(i64::try_from(tick).unwrap_or_default());
            // In the middle of a pixel, so that it is as thin as one.
            let sharp = x / 100 * 100 + 50;
            let ink = if tick == 0 { "--ink-3" } else { "--rule" };
            canvas.rule([sharp, px(self.top)], [sharp, bottom], ink, 100);
            let text = tick_text(tick, top, &self.scale, self.unit);
            let place = [x, middle(bottom + px(8 + REMARK / 2), REMARK)];
            canvas.text(place, &text, Font::REMARK, Anchor::Middle);
        }
        let end = px(self.left) - px(self.margin);
        for (row, name) in self.names.iter().enumerate() {
            for (y, line) in lines(name, self.middle(row), px(self.line)) {
                canvas.text([end, y], line, Font::QUIET, Anchor::End);
            }
        }
        canvas
    }

    fn drawn(&self, canvas: Canvas) -> Drawn {
        Drawn {
            svg: canvas.finish(self.width, px(self.height)),
            width: self.width,
            height: self.height,
        }
    }
}

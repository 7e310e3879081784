//! Streams from sources to destinations.

use super::{Drawn, REMARK, middle};
use crate::draw::canvas::{Anchor, Area, Canvas, Font, Length, part, px};
use crate::draw::option::WIDE;
use crate::draw::option::flow::{BOTTOM, GAP, LEFT, NODE, TOP, height, label};
use crate::draw::palette::Palette;
use crate::draw::spec::{Color, Flow, Stream};

/// Between a node and its name.
const NEAR: Length = 500;
/// Between the node in the middle and what is written above it.
const ABOVE: Length = 600;
/// How much of a stream's colour is seen.
const SEEN: &str = "0.3";

/// The streams of one side, from top to bottom.
struct Column<'a> {
    streams: &'a [Stream],
    /// Where each begins, and how high it is.
    places: Vec<(Length, Length)>,
}

pub(super) fn drawing(flow: &Flow, palette: Palette) -> Drawn {
    let height = height(flow);
    let room = px(height - TOP - BOTTOM);
    let sides = [&flow.sources, &flow.destinations];
    let whole = sides.iter().map(|side| total(side)).max();
    let whole = whole.unwrap_or_default().max(1);
    // What a unit is high, as a length of the whole: the side with least room for it decides.
    let high = sides
        .iter()
        .filter(|side| !side.is_empty())
        .map(|side| {
            let gaps = Length::try_from(side.len() - 1).unwrap_or_default() * px(GAP);
            part(room - gaps, whole, total(side))
        })
        .min()
        .unwrap_or(room);
    let columns = sides.map(|streams| Column::of(streams, high, whole));
    let [left, right] = [px(LEFT), px(WIDE - LEFT - NODE)];
    let centre = Length::midpoint(left, right);
    let mut canvas = Canvas::new(palette);
    for (column, source) in columns.iter().zip([true, false]) {
        let mut at = px(TOP);
        for (stream, (y, thick)) in column.streams.iter().zip(&column.places) {
            let (from, to) = if source {
                ([left + px(NODE), *y], [centre, at])
            } else {
                ([centre + px(NODE), at], [right, *y])
            };
            canvas.stream(from, to, (*thick).max(100), stream.color, SEEN);
            at += thick;
        }
    }
    let node = |x: Length, y: Length, height: Length| Area {
        x,
        y,
        width: px(NODE),
        height,
    };
    for (column, x) in columns.iter().zip([left, right]) {
        for (stream, (y, thick)) in column.streams.iter().zip(&column.places) {
            canvas.fill(node(x, *y, *thick), stream.color);
        }
    }
    canvas.fill(node(centre, px(TOP), high), Color::Ink);
    let words = Font::NAME.small();
    for (column, source) in columns.iter().zip([true, false]) {
        for (stream, (y, thick)) in column.streams.iter().zip(&column.places) {
            let (x, anchor) = if source {
                (left + px(NODE) + NEAR, Anchor::Start)
            } else {
                (right - NEAR, Anchor::End)
            };
            let place = [x, middle(y + thick / 2, REMARK)];
            canvas.text_on(place, &label(stream), words, anchor);
        }
    }
    let above = px(TOP) - ABOVE - px(REMARK) / 2;
    let place = [centre + px(NODE) / 2, middle(above, REMARK)];
    canvas.text(place, &flow.centre, words.strong(), Anchor::Middle);
    Drawn {
        svg: canvas.finish(WIDE, px(height)),
        width: WIDE,
        height,
    }
}

/// What the streams of a side come to.
fn total(streams: &[Stream]) -> i128 {
    let values = streams.iter().map(|stream| i128::from(stream.figure.value));
    values.sum()
}

impl<'a> Column<'a> {
    fn of(streams: &'a [Stream], high: Length, whole: i128) -> Self {
        let mut y = px(TOP);
        let mut places = Vec::new();
        for stream in streams {
            let thick = part(high, stream.figure.value.into(), whole);
            places.push((y, thick));
            y += thick + px(GAP);
        }
        Self { streams, places }
    }
}

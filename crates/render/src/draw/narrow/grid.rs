//! Places of rows and columns: each row below its name.

use super::{STROKES, WIDTH};
use crate::draw::canvas::{Anchor, Area, Canvas, Font, Length, px};
use crate::draw::palette::Palette;
use crate::draw::spec::Grid;

/// The height of a place.
const PLACE: Length = 1_200;
/// Between places.
const GAP: Length = 300;
/// Between a row and the next name.
const BETWEEN: Length = 700;
/// After how many rows the columns are named again: a screen has hardly more.
const SCREEN: usize = 10;
/// The most lines of a name.
const LINES: usize = 3;

pub(super) fn drawing(grid: &Grid, palette: Palette) -> String {
    let mut canvas = Canvas::new(palette);
    let columns = grid.columns.len().max(1);
    let band = px(WIDTH) / Length::try_from(columns).unwrap_or(Length::MAX);
    let left = |column: usize| band * Length::try_from(column).unwrap_or_default();
    let widest = grid.columns.iter().map(|name| Font::VALUE.width(name));
    let every = (widest.max().unwrap_or_default() + px(4)).div_euclid(band.max(1)) + 1;
    let every = usize::try_from(every).unwrap_or(1);
    let mut y = 0;
    let mut at = 0;
    for (number, row) in grid.rows.iter().enumerate() {
        if number % SCREEN == 0 {
            y += Font::VALUE.line();
            for (column, name) in grid.columns.iter().enumerate() {
                // The last one is always named.
                if (columns - 1 - column).is_multiple_of(every) {
                    let place = [left(column) + (band - GAP) / 2, y - px(2)];
                    canvas.text(place, name, Font::VALUE, Anchor::Middle);
                }
            }
            y += px(4);
        }
        let name = row.name.whole();
        for line in Font::NAME.wrapped(&name, px(WIDTH), LINES) {
            y += Font::NAME.line();
            canvas.text([0, y - px(3)], &line, Font::NAME, Anchor::Start);
        }
        for (column, cell) in row.cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            let place = Area {
                x: left(column),
                y,
                width: band - GAP,
                height: PLACE,
            };
            canvas.open(at, None);
            canvas.look(&[place], cell.color, cell.look, STROKES);
            canvas.close();
            at += 1;
        }
        y += PLACE + BETWEEN;
    }
    canvas.finish(WIDTH, y)
}

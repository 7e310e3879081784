//! Places of rows and columns.

use super::{Drawn, TEXT, middle};
use crate::draw::canvas::{Anchor, Area, Canvas, Font, Length, part, px};
use crate::draw::option::grid::Frame;
use crate::draw::palette::Palette;
use crate::draw::spec::{Color, Grid, Swatch};

/// Between places.
const GAP: Length = 300;
/// From one stroke to the next where a place is hatched.
const STROKES: Length = 700;
/// Between places and the names at them.
const NEAR: Length = 800;

pub(super) fn drawing(grid: &Grid, palette: Palette) -> Drawn {
    let frame = Frame::of(grid);
    let mut canvas = Canvas::new(palette);
    let room = px(frame.width) - px(frame.left) - px(frame.right);
    let count = i128::try_from(grid.columns.len().max(1)).unwrap_or(1);
    let left = |column: usize| {
        let column = i128::try_from(column).unwrap_or_default();
        px(frame.left) + part(room, column, count)
    };
    let top = |row: usize| {
        let row = Length::try_from(row).unwrap_or_default();
        px(frame.top) + px(frame.row) * row
    };
    for (column, name) in grid.columns.iter().enumerate() {
        let y = px(frame.top) - NEAR - px(TEXT) / 2;
        let x = Length::midpoint(left(column), left(column + 1));
        canvas.text([x, middle(y, TEXT)], name, Font::QUIET, Anchor::Middle);
    }
    for (row, name) in frame.names.iter().enumerate() {
        let place = [
            px(frame.left) - NEAR,
            middle(top(row) + px(frame.row) / 2, TEXT),
        ];
        canvas.text(place, name, Font::QUIET, Anchor::End);
    }
    // Places that look the same are one shape: there are hundreds of them.
    let mut looks: Vec<((Color, Swatch), Vec<Area>)> = Vec::new();
    for (row, of_row) in grid.rows.iter().enumerate() {
        for (column, cell) in of_row.cells.iter().enumerate() {
            let Some(cell) = cell else { continue };
            let area = Area {
                x: left(column) + GAP / 2,
                y: top(row) + GAP / 2,
                width: left(column + 1) - left(column) - GAP,
                height: px(frame.row) - GAP,
            };
            let look = (cell.color, cell.look);
            match looks.iter_mut().find(|(known, _)| *known == look) {
                Some((_, areas)) => areas.push(area),
                None => looks.push((look, vec![area])),
            }
        }
    }
    for ((color, look), areas) in looks {
        canvas.look(&areas, color, look, STROKES);
    }
    Drawn {
        svg: canvas.finish(frame.width, px(frame.height)),
        width: frame.width,
        height: frame.height,
    }
}

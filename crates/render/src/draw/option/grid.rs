//! Places of rows and columns.

use serde_json::{Value, json};

use super::parts::{EDGE, Gloss, TEXT, WIDE, framed, link_params, placed, row_names, tip};
use crate::draw::palette::Palette;
use crate::draw::spec::{Grid, Name, Swatch};

/// The height of a row, in pixels.
const ROW: u32 = 19;
/// Above the rows: the names of the columns.
const HEAD: u32 = 26;
/// The most space that names of rows take.
const NAMES: u32 = 400;

/// Where everything of a drawing is, in pixels.
pub(in crate::draw) struct Frame {
    /// The names of the rows, in as much space as they have.
    pub names: Vec<String>,
    pub left: u32,
    pub right: u32,
    pub top: u32,
    /// Below the rows.
    pub foot: u32,
    /// The height of a row.
    pub row: u32,
    pub width: u32,
    pub height: u32,
}

impl Frame {
    pub(in crate::draw) fn of(grid: &Grid) -> Self {
        let names: Vec<&Name> = grid.rows.iter().map(|row| &row.name).collect();
        let (names, left) = row_names(&names, NAMES, Gloss::Beside);
        let rows = u32::try_from(grid.rows.len()).unwrap_or(u32::MAX);
        Self {
            names,
            left,
            right: EDGE,
            top: HEAD,
            foot: EDGE,
            row: ROW,
            width: WIDE,
            height: HEAD + ROW.saturating_mul(rows.max(1)) + EDGE,
        }
    }
}

pub fn option(grid: &Grid, palette: Palette) -> (Value, u32, u32) {
    let frame = Frame::of(grid);
    let cells: Vec<Value> = grid
        .rows
        .iter()
        .enumerate()
        .flat_map(|(row, of_row)| {
            let cells = of_row.cells.iter().enumerate();
            cells.filter_map(move |(column, cell)| Some((row, of_row, column, cell.as_ref()?)))
        })
        .map(|(row, of_row, column, cell)| {
            let color = palette.of(cell.color);
            let look = match cell.look {
                Swatch::Hatch => json!({ "hatch": color }),
                Swatch::Hollow => json!({ "fill": "none", "stroke": color, "lineWidth": 1 }),
                _ => json!({ "fill": color }),
            };
            let year = grid.columns.get(column).map_or("", String::as_str);
            let mut go = of_row.link_params.clone();
            go.push(("focus", Some(year.to_owned())));
            json!({
                "value": [column, row],
                "style": look,
                "tip": tip(&of_row.name.whole(), &[(year.to_owned(), cell.label.clone())]),
                "go": link_params(&go),
            })
        })
        .collect();
    let place = json!({
        "left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.foot,
    });
    let mut row_label = palette.text("--ink-2", TEXT);
    row_label["interval"] = json!(0);
    let mut column_label = palette.text("--ink-2", TEXT);
    column_label["interval"] = json!(0);
    let quiet = json!({ "show": false });
    let option = framed(json!({
        "grid": [placed(place)],
        "xAxis": [{
            "type": "category", "position": "top", "data": grid.columns,
            "axisLabel": column_label, "axisTick": quiet, "axisLine": quiet,
        }],
        "yAxis": [{
            "type": "category", "inverse": true, "data": frame.names,
            "axisLabel": row_label, "axisTick": quiet, "axisLine": quiet,
        }],
        "series": [{
            "type": "custom",
            "mark": "cell",
            "data": cells,
            "itemStyle": { "color": palette.named("--ink-3") },
            "emphasis": { "disabled": true },
        }],
    }));
    (option, frame.width, frame.height)
}

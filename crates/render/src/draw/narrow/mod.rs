//! Charts for narrow places: phones, and frames beside text.
//!
//! A drawing of its own, not a smaller one: names stand above their bars and not beside them, streams become two
//! ranked lists, and letters keep their size. It is made here and not by `ECharts`, in less than a thousandth of a
//! second, so that a page can have it beside the other one and its style sheet choose, without a script and
//! without another request. Marks say which mark of the option they are (`data-at`, `data-name`), so that a click on
//! one leads where the same mark of the other drawing leads.
//!
//! | module | draws |
//! |---|---|
//! | `years` | figures of several years |
//! | `rows` | steps, ranks, and streams as two lists |
//! | `grid` | places of rows and columns |

mod grid;
mod rows;
mod years;

use super::canvas::Length;
use super::palette::Palette;
use super::spec::{Chart, Plot};

/// The width of a drawing, in pixels. On a screen of 320 it is shown on 288 of them, so the smallest letters have 11.
const WIDTH: u32 = 312;

/// From one stroke to the next where something is hatched.
const STROKES: Length = 600;

/// The narrow drawings of a plot: one, or two lists.
pub fn drawings(plot: &Plot, palette: Palette) -> Vec<String> {
    match plot {
        Plot::Years(years) => vec![years::drawing(years, palette)],
        Plot::Steps(steps) => vec![rows::steps(steps, palette)],
        Plot::Ranks(ranks) => vec![rows::ranks(ranks, palette)],
        Plot::Flow(flow) => rows::lists(flow, palette),
        Plot::Grid(grid) => vec![grid::drawing(grid, palette)],
    }
}

impl Chart {
    /// Its drawings for narrow places; none when there is nothing to draw.
    pub fn narrow(&self, palette: Palette) -> Vec<String> {
        let plot = self.plot.as_ref();
        plot.map_or_else(Vec::new, |plot| drawings(plot, palette))
    }
}

//! Charts for wide places, as pages, pictures and reports have them.
//!
//! Each is drawn in less than a few thousandths of a second. The picture is that of the option (`draw::option`), which
//! `ECharts` draws in the same place in a browser: a test of the browser holds one against the other.
//!
//! | module | draws |
//! |---|---|
//! | `years` | figures of several years |
//! | `across` | steps and ranks |
//! | `flow` | streams from sources to destinations |
//! | `grid` | places of rows and columns |

mod across;
mod flow;
mod grid;
mod years;

use super::canvas::{Length, REMARK, TEXT, px};
use super::palette::Palette;
use super::spec::{Chart, Plot};

/// A drawing.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The drawing, as SVG.
    pub svg: String,
    /// The width in pixels.
    pub width: u32,
    /// The height in pixels.
    pub height: u32,
}

impl Drawn {
    /// The drawing of a plot.
    pub fn of(plot: &Plot, palette: Palette) -> Self {
        match plot {
            Plot::Years(years) => years::drawing(years, palette),
            Plot::Steps(steps) => across::steps(steps, palette),
            Plot::Ranks(ranks) => across::ranks(ranks, palette),
            Plot::Flow(flow) => flow::drawing(flow, palette),
            Plot::Grid(grid) => grid::drawing(grid, palette),
        }
    }
}

impl Chart {
    /// Its drawing for wide places; `None` when there is nothing to draw.
    pub fn drawing(&self, palette: Palette) -> Option<Drawn> {
        let plot = self.plot.as_ref();
        plot.map(|plot| Drawn::of(plot, palette))
    }
}

/// The base line of a text whose middle is at a height.
fn middle(y: Length, size: u32) -> Length {
    y + px(size) * 35 / 100
}

/// The base lines of a name of one or two lines around the middle of its row.
fn lines(name: &str, y: Length, line: Length) -> Vec<(Length, &str)> {
    let count = name.lines().count();
    let last = Length::try_from(count.saturating_sub(1)).unwrap_or_default();
    let first = y - last * line / 2;
    let rows = (0..).map(|number: Length| middle(first + number * line, TEXT));
    rows.zip(name.lines()).collect()
}

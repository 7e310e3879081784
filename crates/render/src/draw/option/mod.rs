//! A chart as an option of `ECharts`, in plain JSON.
//!
//! Every number that is drawn is a whole number of centimes or of what the unit counts, and every
//! text is written here. What `web/charts/option.ts` reads besides `ECharts`: `mark`, `text`, `tip`, `tips`,
//! `go`, `goes`, `texts`, `hatch` and `height`.

mod across;
pub(in crate::draw) mod flow;
pub(in crate::draw) mod grid;
mod parts;
pub(in crate::draw) mod years;

use serde_json::{Value, json};

pub(in crate::draw) use across::{Across, across_of_ranks, across_of_steps};
pub(in crate::draw) use parts::{WIDE, tick_text};
pub(in crate::draw) use years::{scale as scale_of, segments};

use crate::draw::palette::Palette;
use crate::draw::spec::{Chart, Plot};

/// The option and size of what a chart draws.
fn option(plot: &Plot, palette: Palette) -> (Value, u32, u32) {
    match plot {
        Plot::Years(years) => years::option(years, palette),
        Plot::Steps(steps) => across::steps(steps, palette),
        Plot::Ranks(ranks) => across::ranks(ranks, palette),
        Plot::Flow(flow) => flow::option(flow, palette),
        Plot::Grid(grid) => grid::option(grid, palette),
    }
}

impl Chart {
    /// Whether it has long names at its sides, and so needs a wide place.
    pub const fn is_wide(&self) -> bool {
        matches!(self.plot, Some(Plot::Flow(_) | Plot::Grid(_)))
    }

    /// What a browser draws it from, as JSON; `None` when there is nothing to draw.
    pub fn option(&self, palette: Palette) -> Option<String> {
        let (mut option, _, height) = option(self.plot.as_ref()?, palette);
        // A browser's drawing is as high, whatever its width.
        option["height"] = json!(height);
        Some(option.to_string())
    }
}

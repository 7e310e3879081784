//! A chart as an option of `ECharts`, in plain JSON.
//!
//! Every number that is drawn is a whole number of centimes or of what the unit counts, and every
//! text is written here. What `web/charts/option.ts` reads besides `ECharts`: `mark`, `text`, `places`,
//! `tip`, `tips`, `go`, `goes`, `texts`, `hatch` and `height`.
//!
//! A drawing by the program is not interactive, so its option leaves out what only a pointer finds and
//! the year in focus: views that differ in nothing else share their drawings.

mod across;
pub(in crate::draw) mod flow;
mod grid;
mod parts;
mod years;

use serde_json::{Value, json};

pub(in crate::draw) use across::{Across, across_of_ranks, across_of_steps};
pub(in crate::draw) use parts::{WIDE, tick_text};
pub(in crate::draw) use years::{scale as scale_of, segments};

use crate::draw::engine::{Job, Strong};
use crate::draw::palette::Palette;
use crate::draw::spec::{Chart, Plot, Years};

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

/// What the program is asked to draw.
pub fn job(plot: &Plot, palette: Palette) -> Job {
    let (strong, (mut option, width, height)) = match plot {
        Plot::Years(years) => {
            let focus = years.focus.filter(|_| years.years.len() > 1);
            let strong = focus.map(|year| Strong {
                text: year.to_string(),
                usual: palette.named("--ink-2"),
                color: palette.named("--ink"),
            });
            let unfocused = Years {
                focus: None,
                ..years.clone()
            };
            (strong, years::option(&unfocused, palette))
        }
        plot => (None, option(plot, palette)),
    };
    still(&mut option);
    Job {
        option: option.to_string(),
        width,
        height,
        strong,
    }
}

/// An option without what only a pointer or the keyboard finds, and with one mark for all places of a
/// grid that look the same: hundreds of marks take as long as a whole dashboard.
fn still(option: &mut Value) {
    let Some(option) = option.as_object_mut() else {
        return;
    };
    option.retain(|name, _| !matches!(name.as_str(), "tips" | "goes"));
    let series = option.get_mut("series").and_then(Value::as_array_mut);
    for one in series.into_iter().flatten() {
        for marks in ["data", "links"] {
            let marks = one.get_mut(marks).and_then(Value::as_array_mut);
            for mark in marks.into_iter().flatten().filter_map(Value::as_object_mut) {
                mark.retain(|name, _| !matches!(name.as_str(), "tip" | "go"));
            }
        }
        if one["mark"] == "cell" {
            together(one);
        }
    }
}

/// Puts the places of a grid that look the same into one mark.
fn together(series: &mut Value) {
    let Some(marks) = series["data"].as_array_mut() else {
        return;
    };
    let mut looks: Vec<Value> = Vec::new();
    for mut mark in marks.drain(..) {
        let place = mark["value"].clone();
        let same = looks.iter_mut().find(|look| look["style"] == mark["style"]);
        if let Some(places) = same.and_then(|look| look["places"].as_array_mut()) {
            places.push(place);
            continue;
        }
        mark["places"] = json!([place]);
        looks.push(mark);
    }
    *marks = looks;
}

impl Chart {
    /// What draws it in the program; `None` when there is nothing to draw.
    pub fn job(&self, palette: Palette) -> Option<Job> {
        self.plot.as_ref().map(|plot| job(plot, palette))
    }

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

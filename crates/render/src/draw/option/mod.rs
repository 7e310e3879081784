//! A chart as an option of `ECharts`, in plain JSON.
//!
//! Every number that is drawn is a whole number of centimes or of what the unit counts, and every
//! text is written here. What `web/charts/option.ts` reads besides `ECharts`: `mark`, `text`, `tip`,
//! `tips`, `go`, `goes`, `texts`, `hatch` and `height`.

mod across;
mod flow;
mod grid;
mod years;

use serde_json::{Map, Value, json};

use super::engine::Job;
use super::metrics;
use super::palette::Palette;
use super::spec::{Chart, Go, Plot};
use crate::draw::scale::{Scale, Unit};

/// The size of most texts, in pixels.
const TEXT: u32 = 12;
/// The size of remarks.
const REMARK: u32 = 11;
/// The width of most drawings.
const WIDTH: u32 = 640;
/// The width of drawings with long labels.
const WIDE: u32 = 960;
/// The space around a drawing.
const EDGE: u32 = 8;

/// The option and size of what a chart draws.
pub fn job(plot: &Plot, palette: Palette) -> Job {
    let (mut option, width, height) = match plot {
        Plot::Years(years) => years::option(years, palette),
        Plot::Steps(steps) => across::steps(steps, palette),
        Plot::Ranks(ranks) => across::ranks(ranks, palette),
        Plot::Flow(flow) => flow::option(flow, palette),
        Plot::Grid(grid) => grid::option(grid, palette),
    };
    // A browser's drawing is as high, whatever its width.
    option["height"] = json!(height);
    Job {
        option: option.to_string(),
        width,
        height,
    }
}

impl Chart {
    /// What draws it; `None` when there is nothing to draw.
    pub fn job(&self, palette: Palette) -> Option<Job> {
        self.plot.as_ref().map(|plot| job(plot, palette))
    }
}

impl Palette {
    /// A text of an axis or a mark.
    fn text(self, variable: &str, size: u32) -> Value {
        json!({ "color": self.named(variable), "fontSize": size, "fontFamily": metrics::FAMILY })
    }

    /// A text as marks of ours take it.
    fn mark_text(self, variable: &str, size: u32) -> Value {
        json!({ "fill": self.named(variable), "fontSize": size, "fontFamily": metrics::FAMILY })
    }

    /// An axis of values.
    fn value_axis(self, scale: &Scale, unit: Unit, more: Value) -> Value {
        let ticks: Vec<i128> = scale.ticks().collect();
        let top = ticks.last().copied().unwrap_or_default();
        let texts: Map<String, Value> = ticks
            .iter()
            .map(|tick| (tick.to_string(), tick_text(*tick, top, scale, unit).into()))
            .collect();
        let rules: Vec<String> = ticks
            .iter()
            .map(|tick| self.named(if *tick == 0 { "--ink-3" } else { "--rule" }))
            .collect();
        let mut axis = json!({
            "type": "value",
            "min": number(scale.low),
            "max": number(scale.high),
            "interval": number(scale.step),
            "texts": texts,
            "axisLabel": self.text("--ink-3", REMARK),
            "axisLine": { "show": false },
            "axisTick": { "show": false },
            "splitLine": { "lineStyle": { "color": rules } },
        });
        if let (Value::Object(axis), Value::Object(more)) = (&mut axis, more) {
            axis.extend(more);
        }
        axis
    }
}

/// The frame that all options have.
fn framed(parts: Value) -> Value {
    let mut option = json!({
        "textStyle": { "fontFamily": metrics::FAMILY, "fontSize": TEXT },
        "animationDuration": 300,
    });
    if let (Value::Object(option), Value::Object(parts)) = (&mut option, parts) {
        option.extend(parts);
    }
    option
}

/// What is written at a tick: the last one has the unit.
fn tick_text(tick: i128, top: i128, scale: &Scale, unit: Unit) -> String {
    let number = unit.tick(tick, scale.step);
    if tick == top {
        unit.short(&number)
    } else {
        number
    }
}

/// The space that the texts of an axis of values need.
fn tick_space(scale: &Scale, unit: Unit) -> u32 {
    let top = scale.ticks().last().unwrap_or_default();
    scale
        .ticks()
        .map(|tick| metrics::pixels(&tick_text(tick, top, scale, unit), REMARK, false))
        .max()
        .unwrap_or_default()
}

/// A whole number in JSON. Sums of a statement fit by far.
fn number(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// What a click changes, as the page reads it.
fn go(go: &Go) -> Value {
    go.iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// What the pointer and the keyboard tell.
fn tip(title: &str, rows: &[(String, String)]) -> Value {
    json!({ "title": title, "rows": rows })
}

/// A text that is not longer than so many pixels.
fn cut(text: &str, size: u32, space: u32) -> String {
    if metrics::pixels(text, size, false) <= space {
        return text.to_owned();
    }
    let mut cut = String::new();
    for letter in text.chars() {
        cut.push(letter);
        if metrics::pixels(&cut, size, false) + size > space {
            break;
        }
    }
    format!("{}…", cut.trim_end())
}

/// The names of rows, none longer than `most`, and the space that they need.
fn row_names<'a>(names: impl Iterator<Item = &'a str>, most: u32) -> (Vec<String>, u32) {
    let shown: Vec<String> = names.map(|name| cut(name, TEXT, most)).collect();
    let widest = shown
        .iter()
        .map(|name| metrics::pixels(name, TEXT, false))
        .max();
    (shown, widest.unwrap_or_default() + EDGE + 10)
}

//! A chart as an option of `ECharts`, in plain JSON.
//!
//! Every number that is drawn is a whole number of centimes or of what the unit counts, and every
//! text is written here. What `web/charts/option.ts` reads besides `ECharts`: `mark`, `text`, `places`,
//! `tip`, `tips`, `go`, `goes`, `texts`, `hatch` and `height`.
//!
//! A drawing by the program answers to nobody, so it is asked for without what only a pointer finds,
//! and without the year that is looked at: views that differ in nothing else have the same drawings.

mod across;
mod flow;
mod grid;
mod years;

use serde_json::{Map, Value, json};

use super::engine::{Job, Strong};
use super::metrics::{self, cut};
use super::palette::Palette;
use super::spec::{Chart, Go, Name, Plot, Years};
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

    /// What a browser draws it from, as JSON; `None` when there is nothing to draw.
    pub fn option(&self, palette: Palette) -> Option<String> {
        let (mut option, _, height) = option(self.plot.as_ref()?, palette);
        // A browser's drawing is as high, whatever its width.
        option["height"] = json!(height);
        Some(option.to_string())
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

/// The place of a pair of axes. Room for their texts is measured here, so `ECharts` need not do it again.
fn placed(mut place: Value) -> Value {
    place["outerBoundsMode"] = json!("none");
    place
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

/// A name and its gloss where both have room, else the name: the gloss is told with it, too.
fn glossed(name: &Name, space: u32) -> String {
    let whole = name.whole();
    if metrics::pixels(&whole, TEXT, false) <= space {
        whole
    } else {
        cut(&name.text, TEXT, space)
    }
}

/// A name and its figure, which a name written from right to left does not draw to its other side.
fn beside(name: &str, value: &str) -> String {
    let leftwards = |letter| matches!(letter, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}');
    let mark = if name.contains(leftwards) {
        "\u{200e}"
    } else {
        ""
    };
    format!("{name}{mark}  {value}")
}

/// Where the gloss of a name stands.
#[derive(Clone, Copy)]
enum Gloss {
    /// In a line of its own.
    Below,
    /// In the same line, where it has room.
    Beside,
}

/// The names of rows, none longer than `most`, and the space that they need.
fn row_names(names: &[&Name], most: u32, gloss: Gloss) -> (Vec<String>, u32) {
    let written = |name: &&Name| match gloss {
        Gloss::Below if !name.gloss.is_empty() => {
            let (text, gloss) = (cut(&name.text, TEXT, most), cut(name.gloss, TEXT, most));
            format!("{text}\n{gloss}")
        }
        Gloss::Below => cut(&name.text, TEXT, most),
        Gloss::Beside => glossed(name, most),
    };
    let shown: Vec<String> = names.iter().map(written).collect();
    let widest = shown
        .iter()
        .flat_map(|name| name.lines())
        .map(|line| metrics::pixels(line, TEXT, false))
        .max();
    (shown, widest.unwrap_or_default() + EDGE + 10)
}

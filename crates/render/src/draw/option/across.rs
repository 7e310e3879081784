//! Bars from left to right, one a row: steps and ranks.

use serde_json::{Value, json};

use super::parts::{EDGE, Gloss, REMARK, TEXT, WIDTH, framed, link_params, placed, row_names, tip};
use crate::draw::metrics;
use crate::draw::palette::Palette;
use crate::draw::scale::{Scale, Unit};
use crate::draw::spec::{Name, Ranks, Steps};

/// The height of a row, in pixels.
const ROW: u32 = 28;
/// The height of a row where names have a second line.
const HIGH_ROW: u32 = 36;
/// The height of a line where a name has two.
const LINE: u32 = 13;
/// The most space that names take.
const NAMES: u32 = 210;
/// Above the rows.
const HEAD: u32 = 10;
/// Below them: the axis.
const FOOT: u32 = 26;

/// Where everything of a drawing is, in pixels.
pub(in crate::draw) struct Across {
    /// Where values are between the names and the right edge.
    pub scale: Scale,
    pub unit: Unit,
    /// The names of the rows, some of two lines.
    pub names: Vec<String>,
    /// The height of such a line.
    pub line: u32,
    /// Between names and values.
    pub margin: u32,
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

/// The places of steps.
pub(in crate::draw) fn across_of_steps(steps: &Steps) -> Across {
    let names: Vec<&Name> = steps.steps.iter().map(|step| &step.name).collect();
    let written = steps.steps.iter().map(|step| &*step.figure.text);
    let ends = steps
        .steps
        .iter()
        .flat_map(|step| [step.from.into(), step.to.into()]);
    across(&names, written, ends, steps.unit)
}

/// The places of ranks.
pub(in crate::draw) fn across_of_ranks(ranks: &Ranks) -> Across {
    let names: Vec<&Name> = ranks.bars.iter().map(|bar| &bar.name).collect();
    let written = ranks.bars.iter().map(|bar| &*bar.figure.text);
    let ends = ranks.bars.iter().map(|bar| bar.figure.value.into());
    across(&names, written, ends, ranks.unit)
}

fn across<'a>(
    names: &[&Name],
    written: impl Iterator<Item = &'a str>,
    values: impl Iterator<Item = i128>,
    unit: Unit,
) -> Across {
    let scale = Scale::tight(values, unit);
    let (shown, left) = row_names(names, NAMES, Gloss::Below);
    // What is written at the ends of the bars must not leave the drawing.
    let right = written
        .map(|text| metrics::pixels(text, REMARK, false))
        .max()
        .unwrap_or_default()
        + EDGE
        + 8;
    let left = if scale.low < 0 { left + right } else { left };
    let rows = u32::try_from(names.len()).unwrap_or(u32::MAX);
    let row = if names.iter().any(|name| !name.gloss.is_empty()) {
        HIGH_ROW
    } else {
        ROW
    };
    Across {
        margin: if scale.low < 0 { right + 4 } else { 8 },
        scale,
        unit,
        names: shown,
        line: LINE,
        left,
        right,
        top: HEAD,
        foot: FOOT,
        row,
        width: WIDTH,
        height: HEAD + row.saturating_mul(rows.max(1)) + FOOT,
    }
}

/// The frame of an option.
fn frame(across: &Across, palette: Palette) -> Value {
    let mut label = palette.text("--ink-2", TEXT);
    label["interval"] = json!(0);
    label["lineHeight"] = json!(across.line);
    label["margin"] = json!(across.margin);
    let place = json!({
        "left": across.left,
        "right": across.right,
        "top": across.top,
        "bottom": across.foot,
    });
    framed(json!({
        "grid": [placed(place)],
        "xAxis": [palette.value_axis(&across.scale, across.unit, json!({}))],
        "yAxis": [{
            "type": "category",
            "inverse": true,
            "data": across.names,
            "axisLabel": label,
            "axisTick": { "show": false },
            "axisLine": { "show": false },
        }],
    }))
}

pub fn steps(steps: &Steps, palette: Palette) -> (Value, u32, u32) {
    let across = across_of_steps(steps);
    let mut option = frame(&across, palette);
    let spans: Vec<Value> = steps
        .steps
        .iter()
        .enumerate()
        .map(|(row, step)| {
            json!({
                "value": [row, step.from, step.to],
                "text": step.figure.text,
                "style": { "fill": palette.of(step.color) },
                "tip": tip(&step.name.whole(), &[(String::new(), step.figure.exact.clone())]),
                "go": link_params(&step.link_params),
            })
        })
        .collect();
    let connectors: Vec<Value> = steps
        .steps
        .iter()
        .take(steps.steps.len().saturating_sub(1))
        .enumerate()
        .map(|(row, step)| json!({ "value": [row, step.to] }))
        .collect();
    option["series"] = json!([
        {
            "type": "custom",
            "mark": "connector",
            "silent": true,
            "data": connectors,
            "itemStyle": { "stroke": palette.named("--ink-3"), "lineWidth": 1 },
        },
        {
            "type": "custom",
            "mark": "span",
            "data": spans,
            "encode": { "x": [1, 2], "y": 0 },
            "label": palette.mark_text("--ink-2", REMARK),
            "emphasis": { "disabled": true },
        },
    ]);
    option["series"][0]["encode"] = json!({ "x": 1, "y": 0 });
    (option, across.width, across.height)
}

pub fn ranks(ranks: &Ranks, palette: Palette) -> (Value, u32, u32) {
    let across = across_of_ranks(ranks);
    let mut option = frame(&across, palette);
    let data: Vec<Value> = ranks
        .bars
        .iter()
        .map(|bar| {
            let below = bar.figure.value < 0;
            json!({
                "value": bar.figure.value,
                "text": bar.figure.text,
                "label": { "position": if below { "left" } else { "right" } },
                "itemStyle": { "color": palette.of(bar.color()) },
                "tip": tip(&bar.name.whole(), &bar.rows),
                "go": link_params(&bar.link_params),
            })
        })
        .collect();
    let mut label = palette.text("--ink-2", REMARK);
    label["show"] = json!(true);
    option["series"] = json!([{
        "type": "bar",
        "data": data,
        "label": label,
        "barMaxWidth": 18,
        "emphasis": { "disabled": true },
    }]);
    (option, across.width, across.height)
}

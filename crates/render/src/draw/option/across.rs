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

/// The frame of rows with these names, and the height.
fn frame(
    names: &[&Name],
    written: &[String],
    values: impl Iterator<Item = i128>,
    unit: Unit,
    palette: Palette,
) -> (Value, u32) {
    let scale = Scale::round(values, unit);
    let (shown, left) = row_names(names, NAMES, Gloss::Below);
    // What is written at the ends of the bars must not leave the drawing.
    let right = written
        .iter()
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
    let height = HEAD + row.saturating_mul(rows.max(1)) + FOOT;
    let mut label = palette.text("--ink-2", TEXT);
    label["interval"] = json!(0);
    label["lineHeight"] = json!(LINE);
    label["margin"] = json!(if scale.low < 0 { right + 4 } else { 8 });
    let parts = json!({
        "grid": [placed(json!({ "left": left, "right": right, "top": HEAD, "bottom": FOOT }))],
        "xAxis": [palette.value_axis(&scale, unit, json!({}))],
        "yAxis": [{
            "type": "category",
            "inverse": true,
            "data": shown,
            "axisLabel": label,
            "axisTick": { "show": false },
            "axisLine": { "show": false },
        }],
    });
    (framed(parts), height)
}

pub fn steps(steps: &Steps, palette: Palette) -> (Value, u32, u32) {
    let unit = steps.unit;
    let names: Vec<&Name> = steps.steps.iter().map(|step| &step.name).collect();
    let written: Vec<String> = steps
        .steps
        .iter()
        .map(|step| step.figure.text.clone())
        .collect();
    let ends = steps
        .steps
        .iter()
        .flat_map(|step| [step.from.into(), step.to.into()]);
    let (mut option, height) = frame(&names, &written, ends, unit, palette);
    let spans: Vec<Value> = steps
        .steps
        .iter()
        .zip(&written)
        .enumerate()
        .map(|(row, (step, text))| {
            json!({
                "value": [row, step.from, step.to],
                "text": text,
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
    (option, WIDTH, height)
}

pub fn ranks(ranks: &Ranks, palette: Palette) -> (Value, u32, u32) {
    let unit = ranks.unit;
    let names: Vec<&Name> = ranks.bars.iter().map(|bar| &bar.name).collect();
    let written: Vec<String> = ranks
        .bars
        .iter()
        .map(|bar| bar.figure.text.clone())
        .collect();
    let ends = ranks.bars.iter().map(|bar| bar.figure.value.into());
    let (mut option, height) = frame(&names, &written, ends, unit, palette);
    let data: Vec<Value> = ranks
        .bars
        .iter()
        .zip(&written)
        .map(|(bar, text)| {
            let below = bar.figure.value < 0;
            json!({
                "value": bar.figure.value,
                "text": text,
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
    (option, WIDTH, height)
}

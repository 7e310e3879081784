//! What the options of all charts are put together from: sizes, axes, texts, and what a click or a pointer finds.

use serde_json::{Map, Value, json};

pub(super) use crate::draw::canvas::{REMARK, TEXT};
use crate::draw::metrics::{self, cut};
use crate::draw::palette::Palette;
use crate::draw::scale::{Scale, Unit};
use crate::draw::spec::{LinkParams, Name};

/// The width of most drawings: of each of two that stand beside each other on a page.
pub(super) const WIDTH: u32 = 584;
/// The width of drawings with long labels.
pub(in crate::draw) const WIDE: u32 = 960;
/// The space around a drawing.
pub(super) const EDGE: u32 = 8;

impl Palette {
    /// A text of an axis or a mark. The height of a line is said: `ECharts` would take the width of a Chinese letter for
    /// it, and another one where a machine has no such letters.
    pub(super) fn text(self, variable: &str, size: u32) -> Value {
        json!({
            "color": self.named(variable),
            "fontSize": size,
            "lineHeight": size,
            "fontFamily": metrics::FAMILY,
        })
    }

    /// A text as marks of ours take it.
    pub(super) fn mark_text(self, variable: &str, size: u32) -> Value {
        json!({
            "fill": self.named(variable),
            "fontSize": size,
            "lineHeight": size,
            "fontFamily": metrics::FAMILY,
        })
    }

    /// An axis of values.
    pub(super) fn value_axis(self, scale: &Scale, unit: Unit, more: Value) -> Value {
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
        let places: Vec<i64> = ticks.iter().copied().map(number).collect();
        let mut label = self.text("--ink-3", REMARK);
        label["customValues"] = json!(places);
        let mut axis = json!({
            "type": "value",
            "min": number(scale.low),
            "max": number(scale.high),
            "texts": texts,
            "axisLabel": label,
            "axisLine": { "show": false },
            // An axis that ends at a value and not at a tick would count its ticks from there.
            "axisTick": { "show": false, "customValues": places },
            "splitLine": { "lineStyle": { "color": rules } },
        });
        if let (Value::Object(axis), Value::Object(more)) = (&mut axis, more) {
            axis.extend(more);
        }
        axis
    }
}

/// The frame that all options have.
pub(super) fn framed(parts: Value) -> Value {
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
pub(super) fn placed(mut place: Value) -> Value {
    place["outerBoundsMode"] = json!("none");
    place
}

/// What is written at a tick: the last one has the unit.
pub(in crate::draw) fn tick_text(tick: i128, top: i128, scale: &Scale, unit: Unit) -> String {
    let number = unit.tick(tick, scale.step);
    if tick == top {
        unit.short(&number)
    } else {
        number
    }
}

/// The space that the texts of an axis of values need.
pub(super) fn tick_space(scale: &Scale, unit: Unit) -> u32 {
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
pub(super) fn link_params(link_params: &LinkParams) -> Value {
    link_params
        .iter()
        .map(|(name, value)| ((*name).to_owned(), json!(value)))
        .collect::<Map<_, _>>()
        .into()
}

/// What a tooltip shows.
pub(super) fn tip(title: &str, rows: &[(String, String)]) -> Value {
    json!({ "title": title, "rows": rows })
}

/// A name and its gloss where both have room, else the name: the tooltip has the gloss, too.
pub(super) fn glossed(name: &Name, space: u32) -> String {
    let whole = name.whole();
    if metrics::pixels(&whole, TEXT, false) <= space {
        whole
    } else {
        cut(&name.text, TEXT, space)
    }
}

/// A name and its figure, which a name written from right to left does not draw to its other side.
pub(super) fn beside(name: &str, value: &str) -> String {
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
pub(super) enum Gloss {
    /// In a line of its own.
    Below,
    /// In the same line, where it has room.
    Beside,
}

/// The names of rows, none longer than `most`, and the space that they need.
pub(super) fn row_names(names: &[&Name], most: u32, gloss: Gloss) -> (Vec<String>, u32) {
    let written = |name: &&Name| match gloss {
        Gloss::Below if !name.gloss.is_empty() => {
            let (text, gloss) = (cut(&name.text, TEXT, most), cut(&name.gloss, TEXT, most));
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

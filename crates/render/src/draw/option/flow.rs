//! Streams from sources to destinations.

use serde_json::{Value, json};

use super::parts::{EDGE, REMARK, WIDE, beside, framed, glossed, link_params, tip};
use crate::draw::palette::Palette;
use crate::draw::spec::{Color, Flow, Stream};

/// The height that a stream takes at least, in pixels.
const ROW: u32 = 33;
/// The least height.
const LOWEST: u32 = 300;
/// The most space that a name takes.
const NAMES: u32 = 300;
/// Above the streams: what they flow through is called there.
pub(in crate::draw) const TOP: u32 = 28;
pub(in crate::draw) const LEFT: u32 = EDGE;
pub(in crate::draw) const BOTTOM: u32 = EDGE;
/// The width of a node.
pub(in crate::draw) const NODE: u32 = 12;
/// Between nodes: a line of their names.
pub(in crate::draw) const GAP: u32 = 16;

/// The height of a drawing.
pub(in crate::draw) fn height(flow: &Flow) -> u32 {
    let rows = flow.sources.len().max(flow.destinations.len());
    ROW.saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX))
        .max(LOWEST)
        .saturating_add(40)
}

/// What is written at a stream.
pub(in crate::draw) fn label(stream: &Stream) -> String {
    beside(&glossed(&stream.name, NAMES), &stream.figure.whole)
}

pub fn option(flow: &Flow, palette: Palette) -> (Value, u32, u32) {
    let stream_tip = |stream: &Stream| {
        tip(
            &stream.name.whole(),
            &[(String::new(), stream.figure.exact.clone())],
        )
    };
    let node = |name: String, stream: &Stream, position: &str| {
        json!({
            "name": name,
            "text": label(stream),
            "label": { "position": position },
            "itemStyle": { "color": palette.of(stream.color) },
            "tip": stream_tip(stream),
            "go": link_params(&stream.link_params),
        })
    };
    let link = |source: String, target: String, stream: &Stream| {
        json!({
            "source": source,
            "target": target,
            "value": stream.figure.value,
            "lineStyle": { "color": palette.of(stream.color), "opacity": 0.3 },
            "tip": stream_tip(stream),
            "go": link_params(&stream.link_params),
        })
    };
    let mut nodes = vec![json!({
        "name": "centre",
        "text": flow.centre,
        "label": { "position": "top", "fontWeight": 600, "distance": 6 },
        "itemStyle": { "color": palette.of(Color::Ink) },
        "tip": tip(&flow.centre, &flow.totals),
    })];
    let mut links = Vec::new();
    for (number, stream) in flow.sources.iter().enumerate() {
        let name = format!("s{number}");
        nodes.push(node(name.clone(), stream, "right"));
        links.push(link(name, "centre".to_owned(), stream));
    }
    for (number, stream) in flow.destinations.iter().enumerate() {
        let name = format!("d{number}");
        nodes.push(node(name.clone(), stream, "left"));
        links.push(link("centre".to_owned(), name, stream));
    }
    let mut words = palette.text("--ink", REMARK);
    words["show"] = json!(true);
    // Names stand on streams, also on those that are as thin as a line through them.
    words["textBorderColor"] = json!(palette.named("--paper"));
    words["textBorderWidth"] = json!(3);
    let option = framed(json!({
        "series": [{
            "type": "sankey",
            "left": LEFT,
            "right": LEFT,
            "top": TOP,
            "bottom": BOTTOM,
            "nodeWidth": NODE,
            "nodeGap": GAP,
            "layoutIterations": 0,
            "draggable": false,
            "data": nodes,
            "links": links,
            "label": words,
            "emphasis": { "disabled": true },
        }],
    }));
    (option, WIDE, height(flow))
}

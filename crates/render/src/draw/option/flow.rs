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
            "text": beside(&glossed(&stream.name, NAMES), &stream.figure.whole),
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
    let rows = flow.sources.len().max(flow.destinations.len());
    let height = ROW
        .saturating_mul(u32::try_from(rows).unwrap_or(u32::MAX))
        .max(LOWEST)
        .saturating_add(40);
    let mut label = palette.text("--ink", REMARK);
    label["show"] = json!(true);
    // Names stand on streams, also on those that are as thin as a line through them.
    label["textBorderColor"] = json!(palette.named("--paper"));
    label["textBorderWidth"] = json!(3);
    let option = framed(json!({
        "series": [{
            "type": "sankey",
            "left": EDGE,
            "right": EDGE,
            "top": 28,
            "bottom": EDGE,
            "nodeWidth": 12,
            // A line of the names.
            "nodeGap": 16,
            "layoutIterations": 0,
            "draggable": false,
            "data": nodes,
            "links": links,
            "label": label,
            "emphasis": { "disabled": true },
        }],
    }));
    (option, WIDE, height)
}

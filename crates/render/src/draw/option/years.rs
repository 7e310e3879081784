//! Figures of several years, side by side.

use centime_analytics::Kind;
use serde_json::{Value, json};

use super::parts::{EDGE, REMARK, TEXT, WIDTH, framed, link_params, placed, tick_space, tip};
use crate::draw::metrics;
use crate::draw::palette::Palette;
use crate::draw::scale::Scale;
use crate::draw::spec::{Form, Panel, Series, Years};

/// The height of a panel of weight 1, in pixels.
const PANEL: u32 = 116;
/// Above the first panel: the words of breaks and incomplete years.
const HEAD: u32 = 46;
/// Between panels.
const BETWEEN: u32 = 30;
/// Below the last panel: the years.
const FOOT: u32 = 26;

/// Where everything of a drawing is, in pixels.
pub(in crate::draw) struct Frame {
    /// The panels, one above the other.
    pub panels: Vec<Place>,
    /// Where the first year begins.
    pub left: u32,
    /// Where the last one ends, from the right.
    pub right: u32,
    /// The width of a year, rounded down.
    pub band: u32,
    pub width: u32,
    pub height: u32,
}

/// Where a panel is, in pixels.
pub(in crate::draw) struct Place {
    pub top: u32,
    pub height: u32,
    /// Where values are between its ends.
    pub scale: Scale,
}

impl Frame {
    pub(in crate::draw) fn of(years: &Years) -> Self {
        let mut top = HEAD;
        let mut panels = Vec::new();
        for panel in &years.panels {
            let height = PANEL * panel.weight;
            panels.push(Place {
                top,
                height,
                scale: scale(panel),
            });
            top += height + BETWEEN;
        }
        let space = years.panels.iter().zip(&panels);
        let left = space
            .map(|(panel, place)| tick_space(&place.scale, panel.unit))
            .max()
            .unwrap_or_default()
            + EDGE
            + 8;
        let count = u32::try_from(years.years.len().max(1)).unwrap_or(u32::MAX);
        Self {
            panels,
            left,
            right: EDGE,
            band: (WIDTH - left - EDGE) / count,
            width: WIDTH,
            height: top - BETWEEN + FOOT,
        }
    }

    /// Of how many years one is named.
    pub(in crate::draw) fn every(&self) -> u32 {
        let widest = metrics::pixels("2000", TEXT, true) + 6;
        widest.div_ceil(self.band.max(1)).max(1)
    }

    /// Whether the values of a series are written at its marks: none may be wider than a year.
    pub(in crate::draw) fn labels(&self, series: &Series) -> bool {
        let written = series.values.iter().flatten();
        let widest = written.map(|figure| metrics::pixels(&figure.text, REMARK, false));
        series.labelled && widest.max().unwrap_or_default() < self.band
    }
}

pub fn option(years: &Years, palette: Palette) -> (Value, u32, u32) {
    let frame = Frame::of(years);
    let (mut grids, mut across, mut up) = (Vec::new(), Vec::new(), Vec::new());
    let mut series = Vec::new();
    for (position, (panel, place)) in years.panels.iter().zip(&frame.panels).enumerate() {
        let last = position + 1 == years.panels.len();
        grids.push(placed(json!({
            "left": frame.left, "right": frame.right, "top": place.top, "height": place.height,
        })));
        across.push(year_axis(years, palette, position, last, frame.every()));
        let name = json!({
            "gridIndex": position,
            "name": panel.title,
            "nameLocation": "end",
            "nameGap": 10,
            "nameTextStyle": {
                "align": "left", "padding": [0, 0, 0, 8], "fontWeight": 600,
                "color": palette.named("--ink-2"), "fontSize": TEXT, "lineHeight": TEXT,
            },
        });
        up.push(palette.value_axis(&place.scale, panel.unit, name));
        for one in &panel.series {
            series.extend(drawn(one, years, palette, position, frame.labels(one)));
        }
        series.push(incomplete(years, palette, position));
        series.push(breaks(years, palette, position));
    }
    let year_links: Vec<Value> = years
        .years
        .iter()
        .map(|year| link_params(&vec![("focus", Some(year.to_string()))]))
        .collect();
    let tips: Vec<Value> = (0..years.years.len())
        .map(|position| year_tip(years, position))
        .collect();
    let option = framed(json!({
        "grid": grids,
        "xAxis": across,
        "yAxis": up,
        "series": series,
        "tips": tips,
        "goes": year_links,
    }));
    (option, frame.width, frame.height)
}

/// A round scale that holds all values of a panel, stacked ones on top of each other.
pub(in crate::draw) fn scale(panel: &Panel) -> Scale {
    let years = panel
        .series
        .iter()
        .map(|series| series.values.len())
        .max()
        .unwrap_or_default();
    let mut extremes: Vec<i128> = Vec::new();
    for year in 0..years {
        let (mut above, mut below) = (0_i128, 0_i128);
        for series in &panel.series {
            let Some(Some(figure)) = series.values.get(year) else {
                continue;
            };
            let value = i128::from(figure.value);
            if series.form != Form::Stack {
                extremes.push(value);
            } else if value < 0 {
                below += value;
            } else {
                above += value;
            }
        }
        // Rounded shares of a whole may add up to a hair more than the whole.
        if panel.unit.kind == Kind::Rate && below == 0 && (10_001..10_010).contains(&above) {
            above = 10_000;
        }
        extremes.extend([above, below]);
    }
    Scale::round(extremes.into_iter(), panel.unit)
}

fn year_axis(years: &Years, palette: Palette, position: usize, last: bool, every: u32) -> Value {
    let names: Vec<Value> = years
        .years
        .iter()
        .map(|year| {
            if years.focus == Some(*year) && years.years.len() > 1 {
                json!({
                    "value": year.to_string(),
                    "textStyle": { "fontWeight": 600, "color": palette.named("--ink") },
                })
            } else {
                json!(year.to_string())
            }
        })
        .collect();
    let mut label = palette.text("--ink-2", TEXT);
    label["show"] = json!(last);
    label["interval"] = json!(every - 1);
    json!({
        "type": "category",
        "gridIndex": position,
        "data": names,
        "axisLabel": label,
        "axisTick": { "show": false },
        "axisLine": { "onZero": false, "show": false },
    })
}

/// A series of ours as series of `ECharts`: several where a line must not cross a break.
fn drawn(
    series: &Series,
    years: &Years,
    palette: Palette,
    axis: usize,
    labelled: bool,
) -> Vec<Value> {
    let color = palette.of(series.color);
    let data = data(series, years, palette, labelled);
    let mut label = palette.text("--ink-2", REMARK);
    label["show"] = json!(labelled);
    label["position"] = json!("top");
    let common = json!({
        "name": series.name,
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "label": label,
        "labelLayout": { "hideOverlap": true },
        "emphasis": { "disabled": true },
    });
    let with = |more: Value| {
        let mut whole = common.clone();
        if let (Value::Object(whole), Value::Object(more)) = (&mut whole, more) {
            whole.extend(more);
        }
        whole
    };
    match series.form {
        Form::Bar => vec![with(json!({
            "type": "bar",
            "data": data,
            "itemStyle": { "color": color },
            "barMaxWidth": 52,
            "barCategoryGap": "28%",
            "barGap": "8%",
        }))],
        Form::Stack => vec![with(json!({
            "type": "bar",
            "stack": "all",
            "data": data,
            "itemStyle": {
                "color": color, "borderColor": palette.named("--paper"), "borderWidth": 1,
            },
            "barMaxWidth": 52,
            "barCategoryGap": "28%",
        }))],
        Form::Line => segments(years)
            .into_iter()
            .map(|(from, to)| {
                let part: Vec<Value> = data
                    .iter()
                    .enumerate()
                    .map(|(position, datum)| {
                        if (from..to).contains(&position) {
                            datum.clone()
                        } else {
                            json!({ "value": null })
                        }
                    })
                    .collect();
                with(json!({
                    "type": "line",
                    "data": part,
                    "symbol": "circle",
                    "symbolSize": 7,
                    "itemStyle": { "color": color },
                    "lineStyle": { "color": color, "width": 2 },
                }))
            })
            .collect(),
        Form::Reference => {
            let data: Vec<Value> = series
                .values
                .iter()
                .enumerate()
                .filter_map(|(position, figure)| {
                    Some(json!({ "value": [position, figure.as_ref()?.value] }))
                })
                .collect();
            vec![with(json!({
                "type": "custom",
                "mark": "reference",
                "silent": true,
                "data": data,
                "itemStyle": { "color": color, "stroke": color, "lineWidth": 2.5 },
                "z": 5,
            }))]
        }
    }
}

/// The values of a series with what is written at them and where a click leads.
fn data(series: &Series, years: &Years, palette: Palette, labelled: bool) -> Vec<Value> {
    series
        .values
        .iter()
        .zip(&years.years)
        .map(|(figure, year)| {
            let mut wanted = series.link_params.clone();
            wanted.push(("focus", Some(year.to_string())));
            let value = figure.as_ref().map(|figure| figure.value);
            let mut datum = json!({ "value": value, "go": link_params(&wanted) });
            let Some(figure) = figure else { return datum };
            if labelled {
                datum["text"] = json!(figure.text);
                if figure.value < 0 {
                    datum["label"] = json!({ "position": "bottom" });
                }
            }
            if let (true, Some(below)) = (figure.value < 0, series.below) {
                datum["itemStyle"] = json!({ "color": palette.of(below) });
            }
            datum
        })
        .collect()
}

/// The stretches of years that can be compared, as positions.
pub(in crate::draw) fn segments(years: &Years) -> Vec<(usize, usize)> {
    let mut ends: Vec<usize> = years
        .breaks
        .iter()
        .filter_map(|b| years.years.iter().position(|year| *year >= b.fiscal_year))
        .filter(|position| *position > 0)
        .collect();
    ends.push(years.years.len());
    ends.sort_unstable();
    ends.dedup();
    let mut from = 0;
    let mut found = Vec::new();
    for end in ends {
        found.push((from, end));
        from = end;
    }
    found
}

fn incomplete(years: &Years, palette: Palette, axis: usize) -> Value {
    let data: Vec<Value> = years
        .incomplete
        .iter()
        .filter_map(|year| years.years.iter().position(|known| known == year))
        .map(|position| {
            let text = if axis == 0 {
                years.incomplete_label.as_str()
            } else {
                ""
            };
            json!({ "value": [position], "text": text })
        })
        .collect();
    json!({
        "type": "custom",
        "mark": "hatch",
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "silent": true,
        "data": data,
        "itemStyle": { "stroke": palette.named("--hatch"), "lineWidth": 1 },
        "label": palette.mark_text("--ink-3", REMARK),
        "z": 1,
    })
}

fn breaks(years: &Years, palette: Palette, axis: usize) -> Value {
    let data: Vec<Value> = years
        .breaks
        .iter()
        .filter_map(|b| {
            let position = years.years.iter().position(|year| *year >= b.fiscal_year)?;
            let text = if axis == 0 { b.label.as_str() } else { "" };
            (position > 0).then(|| json!({ "value": [position], "text": text }))
        })
        .collect();
    json!({
        "type": "custom",
        "mark": "break",
        "xAxisIndex": axis,
        "yAxisIndex": axis,
        "silent": true,
        "data": data,
        "itemStyle": { "stroke": palette.named("--ink-3"), "lineDash": [3, 3], "lineWidth": 1 },
        "label": palette.mark_text("--ink-3", REMARK),
        "z": 4,
    })
}

/// Everything that is known of a year.
fn year_tip(years: &Years, position: usize) -> Value {
    let year = years.years[position];
    let incomplete = years.incomplete.contains(&year);
    let rows: Vec<(String, String)> = years
        .panels
        .iter()
        .flat_map(|panel| &panel.series)
        .filter_map(|series| {
            let written = match series.values.get(position)? {
                Some(figure) => figure.exact.clone(),
                None if incomplete && series.form != Form::Stack => years.incomplete_label.clone(),
                None => return None,
            };
            Some((series.name.clone(), written))
        })
        .collect();
    tip(&year.to_string(), &rows)
}

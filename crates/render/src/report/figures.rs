//! The charts of the report, with what stands around them.

use super::content::{Block, Figure, Key, Section};
use super::source::Source;
use super::tables;
use crate::dashboard::Panel;
use crate::draw::metrics::{FAMILY, cut};
use crate::draw::palette::Palette;
use crate::draw::spec::{self, Grid, Plot, Swatch};
use crate::draw::wide::Drawn;

/// A drawing wider than this has texts that are too small on an upright page, in pixels.
const UPRIGHT: u32 = 700;

/// The size of texts in legends and the most space that one takes, in points. The template has the size.
const LEGEND: u32 = 8;
const LEGEND_SPACE: u32 = 460;

/// How many rows of a grid fit on a page.
const GRID_ROWS: usize = 54;

/// One section a chart, and the drawings.
pub fn sections(source: &Source<'_>, panels: &[Panel]) -> (Vec<Section>, Vec<String>) {
    let mut drawings = Vec::new();
    let mut sections = Vec::new();
    for panel in panels {
        let chart = &panel.chart;
        let mut blocks = Vec::new();
        let legend: Vec<Key> = chart.legend.iter().map(key).collect();
        let drawn = pages(chart.plot.as_ref());
        let last = drawn.len().saturating_sub(1);
        let mut wide = false;
        for (part, plot) in drawn.iter().enumerate() {
            let Drawn { svg, width, height } = Drawn::of(plot, Palette::Paper);
            wide = drawn.len() == 1 && width > UPRIGHT && width > height;
            blocks.push(Block::Figure(Figure {
                drawing: drawings.len(),
                width,
                height,
                alt_text: format!("{}. {}", chart.title, chart.alt_text),
                unit: chart.unit.clone(),
                legend: if part == last {
                    legend.clone()
                } else {
                    Vec::new()
                },
            }));
            drawings.push(with_font(&svg));
        }
        if !chart.notes.is_empty() {
            blocks.push(Block::Notes {
                items: chart.notes.clone(),
            });
        }
        blocks.extend(tables::of_panel(source, panel, wide));
        sections.push(Section {
            title: chart.title.clone(),
            wide,
            blocks,
        });
    }
    (sections, drawings)
}

/// What is drawn, in parts that fit on a page: a grid may have more rows than that.
fn pages(plot: Option<&Plot>) -> Vec<Plot> {
    match plot {
        Some(Plot::Grid(grid)) => grid
            .rows
            .chunks(GRID_ROWS)
            .map(|rows| {
                Plot::Grid(Grid {
                    columns: grid.columns.clone(),
                    rows: rows.to_vec(),
                })
            })
            .collect(),
        plot => plot.cloned().into_iter().collect(),
    }
}

fn key(key: &spec::Key) -> Key {
    Key {
        label: cut(&key.label, LEGEND, LEGEND_SPACE),
        color: Palette::Paper.of(key.color),
        form: form(key.form),
    }
}

/// A drawing that says its font: elsewhere the page around it does.
fn with_font(svg: &str) -> String {
    svg.replacen("<svg ", &format!("<svg font-family=\"'{FAMILY}'\" "), 1)
}

const fn form(form: Swatch) -> &'static str {
    match form {
        Swatch::Fill => "fill",
        Swatch::Hatch => "hatch",
        Swatch::Hollow => "hollow",
        Swatch::Line => "line",
        Swatch::Rule => "rule",
        Swatch::Dash => "dash",
    }
}

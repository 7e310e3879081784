//! Drawings on their own, with their title, legend and source: SVG and PNG.

use std::fmt::{self, Write};
use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{self, fontdb};

use super::metrics::{self, FAMILY, FONTS, wrapped};
use super::palette::Palette;
use super::spec::{Chart, Key, Swatch};
use super::xml::escape;

/// How many times larger a PNG is, for sharp text on good screens.
const SCALE: u16 = 2;

/// The space around everything, in pixels.
const EDGE: u32 = 24;
const TITLE: u32 = 20;
const TEXT: u32 = 13;
const SMALL: u32 = 12;
/// From one line of the notes to the next.
const NOTE: u32 = 17;

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The drawing is no SVG.
    #[error("the chart could not be read as SVG")]
    Svg(#[from] usvg::Error),
    /// There is no room for the pixels.
    #[error("the picture of {width} by {height} pixels could not be made")]
    TooLarge {
        /// The width.
        width: u32,
        /// The height.
        height: u32,
    },
    /// The pixels could not be written.
    #[error("the picture could not be written: {0}")]
    Png(String),
}

/// A chart as a document of its own: title, unit, drawing, legend and a line that says where it
/// comes from.
pub fn svg(chart: &Chart, source: &str) -> String {
    match chart.drawing(Palette::Paper) {
        Some(drawn) => frame(chart, &drawn.svg, drawn.width, drawn.height, source),
        None => frame(chart, "", 640, 60, source),
    }
}

/// A document of its own as a PNG, on white.
pub fn png(svg: &str) -> Result<Vec<u8>, Error> {
    pixels(svg, SCALE)
}

/// A document as a PNG so many times larger.
pub(super) fn pixels(svg: &str, scale: u16) -> Result<Vec<u8>, Error> {
    static DATABASE: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
        let mut database = fontdb::Database::new();
        for font in FONTS {
            database.load_font_data(font.to_vec());
        }
        Arc::new(database)
    });
    let options = usvg::Options {
        font_family: FAMILY.to_owned(),
        fontdb: Arc::clone(&DATABASE),
        ..usvg::Options::default()
    };
    // Line ends of the document itself are no letters.
    let lines: Vec<String> = svg.lines().map(metrics::shown).collect();
    let tree = usvg::Tree::from_str(&lines.join("\n"), &options)?;
    let size = tree.size().to_int_size();
    let (width, height) = (
        size.width().saturating_mul(scale.into()),
        size.height().saturating_mul(scale.into()),
    );
    let mut pixels = Pixmap::new(width, height).ok_or(Error::TooLarge { width, height })?;
    let scale = f32::from(scale);
    resvg::render(
        &tree,
        Transform::from_scale(scale, scale),
        &mut pixels.as_mut(),
    );
    pixels
        .encode_png()
        .map_err(|error| Error::Png(error.to_string()))
}

/// What a chart shows in words, with what to know when reading it: a document of its own has no page around
/// it that would say so.
fn description(chart: &Chart) -> String {
    let notes = chart.notes.iter().map(String::as_str);
    let sentences = std::iter::once(chart.alt_text.as_str()).chain(notes);
    let sentences: Vec<&str> = sentences.filter(|text| !text.is_empty()).collect();
    sentences.join(" ")
}

fn frame(chart: &Chart, drawing: &str, width: u32, height: u32, source: &str) -> String {
    let inner = width - 16;
    let legend = legend(&chart.legend, inner);
    // A title says what the chart shows, and the line below it what is measured: both have the lines they need.
    let titles = wrapped(&chart.title, TITLE, true, inner, usize::MAX);
    let measure = match chart.unit.as_str() {
        "" => Vec::new(),
        unit => wrapped(unit, TEXT, false, inner, usize::MAX),
    };
    let lines_of = |lines: &[String]| u32::try_from(lines.len()).unwrap_or_default();
    let below_title = EDGE + (TITLE + 4) * lines_of(&titles);
    let top = below_title + (TEXT + 5) * lines_of(&measure) + 10;
    let below = top + height + 14;
    let notes: Vec<String> = chart
        .notes
        .iter()
        .flat_map(|note| wrapped(note, SMALL, false, inner, usize::MAX))
        .collect();
    let lines = u32::try_from(notes.len()).unwrap_or_default();
    let first_note = below + legend.height + 6;
    let room = if lines == 0 { 0 } else { NOTE * lines + 8 };
    let notes_top = first_note + room;
    let origin = source_lines(source, inner);
    let whole = notes_top + origin.height + EDGE;
    let full = width + 2 * EDGE;
    let color = |name| Palette::Paper.named(name);
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{full}" height="{whole}" viewBox="0 0 {full} {whole}" font-family="'{FAMILY}', sans-serif" role="img" aria-labelledby="title told">
<title id="title">{}</title>
<desc id="told">{}</desc>
<rect width="{full}" height="{whole}" fill="{}"/>
"#,
        escape(&chart.title),
        escape(&description(chart)),
        color("--paper"),
    );
    for (line, y) in titles
        .iter()
        .zip((EDGE + TITLE - 4..).step_by(TITLE as usize + 4))
    {
        push(
            &mut svg,
            format_args!(
                "<text x=\"{EDGE}\" y=\"{y}\" font-size=\"{TITLE}\" font-weight=\"600\" fill=\"{}\">{}</text>\n",
                color("--ink"),
                escape(line),
            ),
        );
    }
    for (line, y) in measure
        .iter()
        .zip((below_title + TEXT..).step_by(TEXT as usize + 5))
    {
        push(
            &mut svg,
            format_args!(
                "<text x=\"{EDGE}\" y=\"{y}\" font-size=\"{TEXT}\" fill=\"{}\">{}</text>\n",
                color("--ink-3"),
                escape(line),
            ),
        );
    }
    // A drawing within a drawing has a place and a size.
    let placed = drawing.replacen(
        "<svg ",
        &format!("<svg x=\"{EDGE}\" y=\"{top}\" width=\"{width}\" height=\"{height}\" "),
        1,
    );
    svg.push_str(&placed);
    for (note, y) in notes
        .iter()
        .zip((first_note + SMALL..).step_by(NOTE as usize))
    {
        push(
            &mut svg,
            format_args!(
                "\n<text x=\"{EDGE}\" y=\"{y}\" font-size=\"{SMALL}\" fill=\"{}\">{}</text>",
                color("--ink-2"),
                escape(note),
            ),
        );
    }
    push(
        &mut svg,
        format_args!(
            "\n<g transform=\"translate({EDGE} {below})\">\n{}</g>\n<g transform=\"translate({EDGE} {notes_top})\">\n{}</g>\n</svg>\n",
            legend.svg, origin.svg,
        ),
    );
    svg
}

/// Where a picture comes from, in as many lines as it needs.
fn source_lines(source: &str, width: u32) -> Legend {
    const LINE: u32 = 16;
    let mut lines: Vec<String> = Vec::new();
    // Only plain spaces end a line.
    for word in source.split(' ') {
        match lines.last_mut() {
            Some(line) if metrics::pixels(&format!("{line} {word}"), SMALL, false) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(metrics::cut(word, SMALL, width)),
        }
    }
    let mut svg = String::new();
    let mut y = 0;
    for line in lines {
        push(
            &mut svg,
            format_args!(
                "<text y=\"{}\" font-size=\"{SMALL}\" fill=\"{}\">{}</text>\n",
                y + SMALL,
                Palette::Paper.named("--ink-3"),
                escape(&line),
            ),
        );
        y += LINE;
    }
    Legend { svg, height: y }
}

/// The entries of a legend as a part of a document.
pub(super) struct Legend {
    pub svg: String,
    pub height: u32,
}

/// The entries of a legend, as many in a row as have room.
pub(super) fn legend(keys: &[Key], width: u32) -> Legend {
    const ROW: u32 = 20;
    let mut svg = String::new();
    let (mut x, mut y) = (0, 0);
    for key in keys {
        let label = metrics::cut(&key.label, SMALL, width.saturating_sub(22));
        let space = 22 + metrics::pixels(&label, SMALL, false) + 18;
        if x > 0 && x + space > width {
            x = 0;
            y += ROW;
        }
        svg.push_str(&swatch(key, x, y));
        push(
            &mut svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\" font-size=\"{SMALL}\" fill=\"{}\">{}</text>\n",
                x + 22,
                y + 11,
                Palette::Paper.named("--ink-2"),
                escape(&label),
            ),
        );
        x += space;
    }
    Legend {
        svg,
        height: if keys.is_empty() { 0 } else { y + ROW },
    }
}

fn swatch(key: &Key, x: u32, y: u32) -> String {
    let color = Palette::Paper.of(key.color);
    let middle = y + 7;
    let (left, right) = (x, x + 16);
    match key.form {
        Swatch::Fill => {
            format!(
                "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"10\" fill=\"{color}\"/>\n",
                y + 2
            )
        }
        Swatch::Hollow => format!(
            "<rect x=\"{x}\" y=\"{}\" width=\"14\" height=\"10\" fill=\"none\" stroke=\"{color}\"/>\n",
            y + 2
        ),
        Swatch::Hatch => format!(
            "<path d=\"M{x} {}h14v10h-14zm0 6l6-6m-6 10l10-10m-4 10l8-8\" fill=\"none\" stroke=\"{color}\"/>\n",
            y + 2
        ),
        Swatch::Line => format!(
            "<path d=\"M{left} {middle}H{right}\" stroke=\"{color}\" stroke-width=\"2\"/><circle cx=\"{}\" cy=\"{middle}\" r=\"3\" fill=\"{color}\"/>\n",
            x + 8
        ),
        Swatch::Rule => {
            format!(
                "<path d=\"M{left} {middle}H{right}\" stroke=\"{color}\" stroke-width=\"3\"/>\n"
            )
        }
        Swatch::Dash => format!(
            "<path d=\"M{} {y}v14\" stroke=\"{color}\" stroke-dasharray=\"3 3\"/>\n",
            x + 8
        ),
    }
}

pub(super) fn push(svg: &mut String, text: fmt::Arguments<'_>) {
    // Writing to a string cannot fail.
    let _ = svg.write_fmt(text);
}

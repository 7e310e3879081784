//! A chart as the picture that is shown beside a link to it elsewhere: 1200 by 630 pixels, as the Open
//! Graph protocol and its readers expect.

use super::metrics::{self, FAMILY, wrapped};
use super::palette::Palette;
use super::picture::{Error, legend, pixels, push};
use super::spec::Chart;
use super::xml::escape;

/// The width of a card in pixels.
pub const WIDTH: u32 = 1200;

/// The height of a card in pixels.
pub const HEIGHT: u32 = 630;

const EDGE: u32 = 48;
const INNER: u32 = WIDTH - 2 * EDGE;
const BODY: u32 = 26;
const TITLE: u32 = 42;
/// The figure that matters most.
const FIGURE: u32 = 36;
/// From one line of the title to the next.
const LINE: u32 = 50;
/// How many lines the title may have.
const LINES: usize = 3;
/// What to know when reading the chart.
const NOTE: u32 = 20;
const NOTE_LINE: u32 = 26;
/// How many lines all notes may have.
const NOTE_LINES: usize = 3;
/// Legends are made for pages; on a card they are larger by half.
const LEGEND_WIDTH: u32 = INNER * 2 / 3;

/// What is said on a card besides the chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words<'a> {
    /// The public body.
    pub body: &'a str,
    /// The figure that matters most, and what it is; `None` where there is none.
    pub headline: Option<(&'a str, &'a str)>,
    /// What marks the sample edition; `None` for what is official.
    pub sample: Option<&'a str>,
}

/// The picture, as a PNG.
pub fn png(chart: &Chart, words: &Words<'_>) -> Result<Vec<u8>, Error> {
    pixels(&svg(chart, words), 1)
}

/// The same before it is made of pixels.
pub fn svg(chart: &Chart, words: &Words<'_>) -> String {
    let drawing = chart.drawing(Palette::Paper);
    let drawing = drawing.map_or_else(String::new, |drawn| drawn.svg);
    let color = |name| Palette::Paper.named(name);
    let text = |x: u32, y: u32, size: u32, bold: bool, ink: &str, words: &str| {
        let weight = if bold { 600 } else { 400 };
        format!(
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{}\">{}</text>\n",
            Palette::Paper.named(ink),
            escape(words)
        )
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"{FAMILY}, sans-serif\">\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" fill=\"{}\"/>\n\
         <rect width=\"{WIDTH}\" height=\"10\" fill=\"{}\"/>\n",
        color("--paper"),
        color("--chart-1"),
    );
    let mut y = EDGE + BODY;
    let body = wrapped(words.body, BODY, false, INNER, 1);
    svg.push_str(&text(EDGE, y, BODY, false, "--ink-2", &body.concat()));
    for line in wrapped(&chart.title, TITLE, true, INNER, LINES) {
        y += LINE;
        svg.push_str(&text(EDGE, y, TITLE, true, "--ink", &line));
    }
    if !chart.unit.is_empty() {
        y += NOTE_LINE + 4;
        let measure = wrapped(&chart.unit, NOTE, false, INNER, 1);
        svg.push_str(&text(EDGE, y, NOTE, false, "--ink-2", &measure.concat()));
    }
    if let Some((figure, caption)) = words.headline {
        y += LINE;
        svg.push_str(&text(EDGE, y, FIGURE, true, "--chart-1", figure));
        let beside = EDGE + metrics::pixels(figure, FIGURE, true) + BODY / 2;
        let room = (WIDTH - EDGE).saturating_sub(beside);
        let caption = wrapped(caption, BODY, false, room, 1).concat();
        svg.push_str(&text(beside, y, BODY, false, "--ink-2", &caption));
    }
    let foot = HEIGHT - 30;
    svg.push_str(&text(EDGE, foot, 24, true, "--chart-1", "Centime"));
    if let Some(sample) = words.sample {
        let width = metrics::pixels(sample, 24, true);
        let x = (WIDTH - EDGE).saturating_sub(width);
        svg.push_str(&text(x, foot, 24, true, "--signal", sample));
    }
    let mut notes: Vec<String> = Vec::new();
    if !chart.notes.is_empty() {
        notes = wrapped(&chart.notes.join(" "), NOTE, false, INNER, NOTE_LINES);
    }
    let height = NOTE_LINE * u32::try_from(notes.len()).unwrap_or_default();
    let mut y_of_note = foot - 40 - height;
    let legend = legend(&chart.legend, LEGEND_WIDTH);
    let below = y_of_note.saturating_sub(legend.height.saturating_mul(3) / 2);
    for note in &notes {
        y_of_note += NOTE_LINE;
        svg.push_str(&text(EDGE, y_of_note, NOTE, false, "--ink-2", note));
    }
    push(
        &mut svg,
        format_args!(
            "<g transform=\"translate({EDGE} {below}) scale(1.5)\">\n{}</g>\n",
            legend.svg
        ),
    );
    let top = y + 16;
    let height = below.saturating_sub(top + 12);
    // A drawing within a drawing fills its place, in its own proportions.
    svg.push_str(&drawing.replacen(
        "<svg ",
        &format!("<svg x=\"{EDGE}\" y=\"{top}\" width=\"{INNER}\" height=\"{height}\" "),
        1,
    ));
    svg.push_str("\n</svg>\n");
    svg
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_has_room() {
        assert_eq!(wrapped("Résultat", TITLE, true, INNER, LINES), ["Résultat"]);
        let words = "compte de résultat ".repeat(20);
        let endless = "W".repeat(1000);
        for (text, lines) in [(&words, LINES), (&endless, 1), (&String::new(), 1)] {
            let found = wrapped(text, TITLE, true, INNER, LINES);
            assert_eq!(found.len(), lines, "{found:?}");
            for line in &found {
                assert!(metrics::pixels(line, TITLE, true) <= INNER, "{line}");
            }
            assert_eq!(found.last().unwrap().ends_with('…'), !text.is_empty());
        }
    }

    #[test]
    fn a_card_has_its_size_and_says_what_it_shows() {
        let chart = Chart {
            name: "result",
            title: "<b>Résultat</b> & 🏛️".to_owned(),
            unit: String::new(),
            alt_text: String::new(),
            legend: Vec::new(),
            notes: Vec::new(),
            plot: None,
        };
        let words = Words {
            body: "Ville d’Essai",
            headline: Some(("−231 M€", "en 2024")),
            sample: Some("Sample data"),
        };
        let drawn = svg(&chart, &words);
        assert!(
            drawn.contains("&lt;b&gt;Résultat&lt;/b&gt; &amp; 🏛️"),
            "{drawn}"
        );
        for said in ["Ville d’Essai", "Sample data", "−231 M€", "en 2024"] {
            assert!(drawn.contains(said), "{said}");
        }
        let png = png(&chart, &words).unwrap();
        // The width and the height stand in the first part of the file.
        assert_eq!(png[16..20], WIDTH.to_be_bytes());
        assert_eq!(png[20..24], HEIGHT.to_be_bytes());
    }
}

//! Shapes and texts as SVG. Places are whole hundredths of a pixel.

use std::fmt::Write;

use super::metrics;
use super::palette::Palette;
use super::spec::{Color, Swatch};
use super::xml::escape;

/// The size of most texts, in pixels.
pub(super) const TEXT: u32 = 13;
/// The size of remarks, which a page shows with 11 pixels at least.
pub(super) const REMARK: u32 = 12;

/// A length or a place in hundredths of a pixel.
pub(super) type Length = i64;

/// So many pixels.
pub(super) fn px(pixels: u32) -> Length {
    Length::from(pixels) * 100
}

/// Where a value is between two places, when `part` of `whole` is behind it.
pub(super) fn part(length: Length, part: i128, whole: i128) -> Length {
    let place = i128::from(length) * part / whole.max(1);
    Length::try_from(place).unwrap_or_default()
}

/// A place as SVG has it.
fn written(length: Length) -> String {
    let sign = if length < 0 { "-" } else { "" };
    let (whole, rest) = (length.abs() / 100, length.abs() % 100);
    match rest {
        0 => format!("{sign}{whole}"),
        tenths if tenths % 10 == 0 => format!("{sign}{whole}.{}", tenths / 10),
        rest => format!("{sign}{whole}.{rest:02}"),
    }
}

/// Which end of a text is at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Font {
    size: u32,
    bold: bool,
    ink: &'static str,
}

impl Font {
    /// A name.
    pub(super) const NAME: Self = Self::new(TEXT, "--ink");
    /// An official label in the reader's language.
    pub(super) const QUIET: Self = Self::new(TEXT, "--ink-2");
    /// A value at a mark, and the names of places.
    pub(super) const VALUE: Self = Self::new(REMARK, "--ink-2");
    /// A remark, and the values of an axis.
    pub(super) const REMARK: Self = Self::new(REMARK, "--ink-3");

    const fn new(size: u32, ink: &'static str) -> Self {
        Self {
            size,
            bold: false,
            ink,
        }
    }

    /// The same, standing out.
    pub(super) const fn strong(self) -> Self {
        Self {
            bold: true,
            ink: "--ink",
            ..self
        }
    }

    /// The same in bold.
    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    /// The same in the size of a remark.
    pub(super) const fn small(self) -> Self {
        Self {
            size: REMARK,
            ..self
        }
    }

    /// From one line to the next.
    pub(super) fn line(self) -> Length {
        px(self.size + 3)
    }

    /// How wide a text is.
    pub(super) fn width(self, text: &str) -> Length {
        px(metrics::pixels(text, self.size, self.bold))
    }

    /// A text in lines that are no wider than so much.
    pub(super) fn wrapped(self, text: &str, width: Length, most: usize) -> Vec<String> {
        let pixels = u32::try_from(width / 100).unwrap_or_default();
        metrics::wrapped(text, self.size, self.bold, pixels, most)
    }
}

/// A rectangle.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: Length,
    pub(super) y: Length,
    pub(super) width: Length,
    pub(super) height: Length,
}

/// A drawing that is being made.
pub(super) struct Canvas {
    svg: String,
    palette: Palette,
}

impl Canvas {
    pub(super) fn new(palette: Palette) -> Self {
        Self {
            svg: String::new(),
            palette,
        }
    }

    // Writing to a string cannot fail, so what it answers says nothing.

    /// Begins a mark: which of those of its series it is, and the series where there are several.
    pub(super) fn open(&mut self, at: usize, series: Option<&str>) {
        let _ = write!(self.svg, "<g data-at=\"{at}\"");
        if let Some(series) = series {
            let _ = write!(self.svg, " data-name=\"{}\"", escape(series));
        }
        self.svg.push('>');
    }

    /// Ends a mark.
    pub(super) fn close(&mut self) {
        self.svg.push_str("</g>");
    }

    /// How much is written, as a place for [`Canvas::touch_behind`].
    pub(super) fn written(&self) -> usize {
        self.svg.len()
    }

    /// The same as [`Canvas::touch`], behind what was drawn since then: texts can be selected, and what is touched is
    /// the mark all the same.
    pub(super) fn touch_behind(&mut self, area: Area, since: usize) {
        let drawn = self.svg.split_off(since);
        self.touch(area);
        self.svg.push_str(&drawn);
    }

    fn area(&mut self, area: Area, look: &str) {
        let _ = write!(
            self.svg,
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" {look}/>",
            written(area.x),
            written(area.y),
            written(area.width.max(0)),
            written(area.height.max(0)),
        );
    }

    /// A place that answers to a finger and is not seen.
    pub(super) fn touch(&mut self, area: Area) {
        self.area(area, "fill=\"transparent\"");
    }

    /// A filled rectangle.
    pub(super) fn fill(&mut self, area: Area, color: Color) {
        let look = format!("fill=\"{}\"", self.palette.of(color));
        self.area(area, &look);
    }

    /// A filled rectangle with an edge of paper inside of it, which parts it from others.
    pub(super) fn edged(&mut self, area: Area, color: Color) {
        // An edge is drawn to both sides of the border; of what is thinner than it, there is only the edge.
        let inside = |length: Length| length.min(100) / 2;
        let [aside, down] = [area.width, area.height].map(inside);
        let inner = Area {
            x: area.x + aside,
            y: area.y + down,
            width: area.width - 2 * aside,
            height: area.height - 2 * down,
        };
        let look = format!(
            "fill=\"{}\" stroke=\"{}\"",
            self.palette.of(color),
            self.palette.named("--paper")
        );
        self.area(inner, &look);
    }

    /// Rectangles that look as a legend shows it, as one shape; hatched ones have strokes so far from each other.
    pub(super) fn look(&mut self, areas: &[Area], color: Color, look: Swatch, every: Length) {
        let named = self.palette.of(color);
        match look {
            Swatch::Hatch => self.hatched(areas, color, every),
            Swatch::Hollow => self.boxes(areas, &format!("fill=\"none\" stroke=\"{named}\"")),
            _ => self.boxes(areas, &format!("fill=\"{named}\"")),
        }
    }

    /// A hatched rectangle.
    pub(super) fn hatch(&mut self, area: Area, color: Color, every: Length) {
        self.hatched(&[area], color, every);
    }

    /// Rectangles as one shape.
    fn boxes(&mut self, areas: &[Area], look: &str) {
        if let [area] = areas {
            self.area(*area, look);
            return;
        }
        let mut path = String::new();
        for area in areas {
            let [width, height] = [area.width, area.height].map(|length| length.max(0));
            let _ = write!(
                path,
                "M{} {}h{}v{}h{}z",
                written(area.x),
                written(area.y),
                written(width),
                written(height),
                written(-width)
            );
        }
        let _ = write!(self.svg, "<path d=\"{path}\" {look}/>");
    }

    fn hatched(&mut self, areas: &[Area], color: Color, every: Length) {
        let color = self.palette.of(color);
        self.boxes(areas, &format!("fill=\"transparent\" stroke=\"{color}\""));
        let mut path = String::new();
        for area in areas {
            let mut at = every - area.height;
            while at < area.width {
                let (left, right) = (at.max(0), (at + area.height).min(area.width));
                if right > left {
                    let y = |x: Length| written(area.y + area.height - (x - at));
                    let _ = write!(
                        path,
                        "M{} {}L{} {}",
                        written(area.x + left),
                        y(left),
                        written(area.x + right),
                        y(right)
                    );
                }
                at += every;
            }
        }
        let _ = write!(
            self.svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\"/>"
        );
    }

    /// A straight line.
    pub(super) fn rule(&mut self, from: [Length; 2], to: [Length; 2], ink: &str, thick: Length) {
        self.line(&[from, to], &self.palette.named(ink), thick, "");
    }

    /// A dashed line.
    pub(super) fn dashed(&mut self, from: [Length; 2], to: [Length; 2], ink: &str) {
        let dashes = " stroke-dasharray=\"3 3\"";
        self.line(&[from, to], &self.palette.named(ink), 100, dashes);
    }

    /// A line through points, which are seen, too.
    pub(super) fn through(&mut self, points: &[[Length; 2]], color: Color) {
        if points.len() > 1 {
            self.line(points, &self.palette.of(color), 200, "");
        }
    }

    /// A point.
    pub(super) fn point(&mut self, [x, y]: [Length; 2], color: Color) {
        let _ = write!(
            self.svg,
            "<circle cx=\"{}\" cy=\"{}\" r=\"3.5\" fill=\"{}\"/>",
            written(x),
            written(y),
            self.palette.of(color)
        );
    }

    fn line(&mut self, points: &[[Length; 2]], color: &str, thick: Length, more: &str) {
        let mut path = String::new();
        for (number, [x, y]) in points.iter().enumerate() {
            let step = if number == 0 { 'M' } else { 'L' };
            let _ = write!(path, "{step}{} {}", written(*x), written(*y));
        }
        let _ = write!(
            self.svg,
            "<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{}\"{more}/>",
            written(thick)
        );
    }

    /// A band from one height to another: its upper ends are at these places.
    pub(super) fn stream(
        &mut self,
        from: [Length; 2],
        to: [Length; 2],
        thick: Length,
        color: Color,
        seen: &str,
    ) {
        let between = written(Length::midpoint(from[0], to[0]));
        let [left, right] = [from[0], to[0]].map(written);
        let [high, high_end] = [from[1], to[1]].map(written);
        let [low, low_end] = [from[1] + thick, to[1] + thick].map(written);
        let _ = write!(
            self.svg,
            "<path d=\"M{left} {high}C{between} {high} {between} {high_end} {right} {high_end}L{right} {low_end}C{between} {low_end} {between} {low} {left} {low}Z\" fill=\"{}\" fill-opacity=\"{seen}\"/>",
            self.palette.of(color)
        );
    }

    /// A text on its base line.
    pub(super) fn text(&mut self, place: [Length; 2], text: &str, font: Font, anchor: Anchor) {
        self.words(place, text, font, anchor, "");
    }

    /// The same where it stands on shapes: it has an edge in the colour of the paper.
    pub(super) fn text_on(&mut self, place: [Length; 2], text: &str, font: Font, anchor: Anchor) {
        let paper = self.palette.named("--paper");
        let edge = format!(" paint-order=\"stroke\" stroke=\"{paper}\" stroke-width=\"3\"");
        self.words(place, text, font, anchor, &edge);
    }

    fn words(&mut self, [x, y]: [Length; 2], text: &str, font: Font, anchor: Anchor, more: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let bold = if font.bold {
            " font-weight=\"600\""
        } else {
            ""
        };
        let _ = write!(
            self.svg,
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\"{bold}{anchor}{more} fill=\"{}\">{}</text>",
            written(x),
            written(y),
            font.size,
            self.palette.named(font.ink),
            escape(text)
        );
    }

    /// The drawing.
    pub(super) fn finish(self, width: u32, height: Length) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {}\">{}</svg>",
            written(height),
            self.svg
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_written_exactly() {
        for (length, expected) in [
            (0, "0"),
            (5, "0.05"),
            (150, "1.5"),
            (-1_234, "-12.34"),
            (-10, "-0.1"),
        ] {
            assert_eq!(written(length), expected);
        }
        assert_eq!(part(28_800, 1, 3), 9_600);
        assert_eq!(part(100, i128::MAX / 1000, i128::MAX / 1000), 100);
    }
}

//! Colours.

use super::spec::Color;

/// How many categories have a colour of their own.
pub const CATEGORIES: usize = 9;

/// Where a drawing is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Palette {
    /// In a page, whose style sheet says what the colours are.
    Page,
    /// On its own, on white.
    Paper,
}

/// The colours of the style sheet on a light page, for drawings outside of pages. A test holds them
/// against it.
pub const PAPER: [(&str, &str); 17] = [
    ("--paper", "#fdfdfb"),
    ("--ink", "#16212a"),
    ("--ink-2", "#46525b"),
    ("--ink-3", "#5d6870"),
    ("--rule", "#d6dbda"),
    ("--hatch", "#7d888e"),
    ("--signal", "#a2440d"),
    ("--chart-1", "#0c5566"),
    ("--chart-2", "#c2702d"),
    ("--chart-3", "#5b7f2b"),
    ("--chart-4", "#6d4a94"),
    ("--chart-5", "#b03a5b"),
    ("--chart-6", "#2a78b5"),
    ("--chart-7", "#8a6d1f"),
    ("--chart-8", "#2f8577"),
    ("--chart-9", "#8c5a44"),
    ("--chart-rest", "#7d888e"),
];

/// The colours of categories, as the style sheet names them.
const CATEGORY: [&str; CATEGORIES] = [
    "--chart-1",
    "--chart-2",
    "--chart-3",
    "--chart-4",
    "--chart-5",
    "--chart-6",
    "--chart-7",
    "--chart-8",
    "--chart-9",
];

impl Color {
    /// The name of the colour in the style sheet.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::First => "--chart-1",
            Self::Signal => "--signal",
            Self::Category(number) => CATEGORY[number % CATEGORIES],
            Self::Rest => "--chart-rest",
            Self::Hatch => "--hatch",
            Self::Ink => "--ink",
            Self::Faint => "--ink-3",
        }
    }
}

impl Palette {
    /// A colour as a drawing names it.
    pub fn of(self, color: Color) -> String {
        self.named(color.variable())
    }

    /// A colour of the style sheet as a drawing names it.
    pub fn named(self, variable: &str) -> String {
        match self {
            Self::Page => format!("var({variable})"),
            Self::Paper => PAPER
                .iter()
                .find(|(name, _)| *name == variable)
                .map_or("#16212a", |(_, color)| color)
                .to_owned(),
        }
    }
}

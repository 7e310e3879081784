//! What a chart shows, before anything is drawn.

use centime_accounts::FiscalYear;

use super::scale::Unit;
use crate::language::label::with_gloss;

/// A year that cannot be compared with the year before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The first year of the new series.
    pub fiscal_year: FiscalYear,
    /// What is written at the line: a word or two.
    pub label: String,
}

/// A chart.
#[derive(Clone, Debug)]
pub struct Chart {
    /// The name in addresses and file names: `result`.
    pub name: &'static str,
    /// What it shows, as a heading.
    pub title: String,
    /// In which unit, in words; empty when the drawing says it.
    pub unit: String,
    /// What it shows, in sentences, for screen readers.
    pub alt_text: String,
    /// What the marks mean.
    pub legend: Vec<Key>,
    /// What to know when reading it.
    pub notes: Vec<String>,
    /// What is drawn; `None` when there is nothing to draw, which the notes explain.
    pub plot: Option<Plot>,
}

/// An entry of a legend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// What it means.
    pub label: String,
    /// The colour of its marks.
    pub color: Color,
    /// The form of its marks.
    pub form: Swatch,
    /// What of the page a click on it changes.
    pub link_params: LinkParams,
}

/// The form of a mark in a legend.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swatch {
    /// A filled area.
    Fill,
    /// A hatched area.
    Hatch,
    /// A border.
    Hollow,
    /// A line.
    Line,
    /// A thick rule.
    Rule,
    /// A dashed line.
    Dash,
}

/// What a mark is: in our own words, or an official label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// An official label in the reader's language; empty where that is the name's own.
    pub gloss: String,
}

impl Name {
    /// The name and its gloss.
    pub fn whole(&self) -> String {
        with_gloss(&self.text, &self.gloss)
    }
}

impl From<String> for Name {
    fn from(text: String) -> Self {
        Self {
            text,
            gloss: String::new(),
        }
    }
}

/// Parameters of the page that a click sets; `None` takes one away.
pub type LinkParams = Vec<(&'static str, Option<String>)>;

/// A colour by what it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// The main series; a surplus.
    First,
    /// What is held against the main series: expense, a deficit.
    Signal,
    /// One of several categories, from 0.
    Category(usize),
    /// What is left over.
    Rest,
    /// What is not known.
    Hatch,
    /// A figure that others are held against.
    Ink,
    /// A remark.
    Faint,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub enum Plot {
    /// Figures of several years, side by side.
    Years(Years),
    /// Steps from one figure to another.
    Steps(Steps),
    /// Bars to both sides of zero, from top to bottom.
    Ranks(Ranks),
    /// Streams from sources to destinations.
    Flow(Flow),
    /// Places of rows and columns.
    Grid(Grid),
}

/// A figure as a mark shows it. What is written is made of the figure itself, never of what is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// Where it is drawn: centimes, or what the unit counts.
    pub value: i64,
    /// What is written at the mark, where the unit stands beside the chart. What is not zero never reads as
    /// zero: it is then written with a smaller unit of its own.
    pub text: String,
    /// The same with its unit.
    pub whole: String,
    /// The figure in full.
    pub exact: String,
}

/// Figures of several years.
#[derive(Clone, Debug)]
pub struct Years {
    /// The years, in order, without gaps.
    pub years: Vec<FiscalYear>,
    /// One above the other.
    pub panels: Vec<Panel>,
    /// Where a series ends and another begins.
    pub breaks: Vec<Break>,
    /// The years that cannot be computed.
    pub incomplete: Vec<FiscalYear>,
    /// The word at them.
    pub incomplete_label: String,
    /// The year in focus.
    pub focus: Option<FiscalYear>,
}

/// Series that share a scale.
#[derive(Clone, Debug)]
pub struct Panel {
    /// How values are written.
    pub unit: Unit,
    /// What the panel shows, where there are several.
    pub title: String,
    /// Its height among the others.
    pub weight: u32,
    /// The series.
    pub series: Vec<Series>,
}

/// A figure of each year.
#[derive(Clone, Debug)]
pub struct Series {
    /// What it is.
    pub name: String,
    /// The colour of its marks.
    pub color: Color,
    /// The colour of values below zero, where it is another.
    pub below: Option<Color>,
    /// How it is drawn.
    pub form: Form,
    /// Whether values are written at the marks.
    pub labelled: bool,
    /// The figures, one a year.
    pub values: Vec<Option<Figure>>,
    /// What of the page a click on it changes, besides the year.
    pub link_params: LinkParams,
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A bar beside those of other series.
    Bar,
    /// A part of one bar a year.
    Stack,
    /// Points, and a line between years that can be compared.
    Line,
    /// A rule across the year.
    Reference,
}

/// Steps from one figure to another.
#[derive(Clone, Debug)]
pub struct Steps {
    /// How values are written.
    pub unit: Unit,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it is.
    pub name: Name,
    /// Where it begins.
    pub from: i64,
    /// Where it ends.
    pub to: i64,
    /// What it is worth.
    pub figure: Figure,
    /// Its colour.
    pub color: Color,
    /// What of the page a click on it changes.
    pub link_params: LinkParams,
}

/// Bars to both sides of zero.
#[derive(Clone, Debug)]
pub struct Ranks {
    /// How values are written.
    pub unit: Unit,
    /// The bars, the first at the top.
    pub bars: Vec<Rank>,
}

/// A bar to one side of zero.
#[derive(Clone, Debug)]
pub struct Rank {
    /// What it is.
    pub name: Name,
    /// How long it is.
    pub figure: Figure,
    /// Whether the result of the year is better for it, where it is on a side that is known; `None` where bars are told
    /// apart by their direction alone.
    pub better: Option<bool>,
    /// What its tooltip says.
    pub rows: Vec<(String, String)>,
    /// What of the page a click on it changes.
    pub link_params: LinkParams,
}

impl Rank {
    /// Its colour: what it does to the result, else whether it grew or shrank.
    pub const fn color(&self) -> Color {
        match self.better {
            Some(true) => Color::First,
            None if self.figure.value < 0 => Color::Category(7),
            Some(false) | None => Color::Signal,
        }
    }
}

/// Streams from sources to destinations.
#[derive(Clone, Debug)]
pub struct Flow {
    /// What everything flows through: the totals of both sides.
    pub centre: String,
    /// The total of each side, sources first: what stands above them where they are lists. Empty where it is not known.
    pub heads: [String; 2],
    /// What its tooltip says: each total, and what is left.
    pub totals: Vec<(String, String)>,
    /// Where it comes from.
    pub sources: Vec<Stream>,
    /// Where it goes.
    pub destinations: Vec<Stream>,
}

/// A stream.
#[derive(Clone, Debug)]
pub struct Stream {
    /// What it is.
    pub name: Name,
    /// How much it is. What is drawn is above zero; what is written has its sign, because an amount below
    /// zero is a stream on the other side.
    pub figure: Figure,
    /// Its colour.
    pub color: Color,
    /// What of the page a click on it changes.
    pub link_params: LinkParams,
}

/// Places of rows and columns.
#[derive(Clone, Debug)]
pub struct Grid {
    /// The columns.
    pub columns: Vec<String>,
    /// The rows, the first at the top.
    pub rows: Vec<GridRow>,
}

/// A row of places.
#[derive(Clone, Debug)]
pub struct GridRow {
    /// What it is.
    pub name: Name,
    /// Its places: the colour, how much of it, and the word for it.
    pub cells: Vec<Option<GridCell>>,
    /// What of the page a click on a place changes, besides the year.
    pub link_params: LinkParams,
}

/// A place.
#[derive(Clone, Debug)]
pub struct GridCell {
    /// The colour.
    pub color: Color,
    /// How it is filled: in full, hatched, or its border only.
    pub look: Swatch,
    /// What it means.
    pub label: String,
}

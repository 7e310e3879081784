//! What a report consists of, as the template that sets it on pages reads it.

use serde::Serialize;

/// What a report says.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The code of its language: `fr` or `en`.
    pub language: &'static str,
    /// Its title, whole.
    pub title: String,
    /// What it is about, in a sentence.
    pub description: String,
    /// What is written at the head of each page: that it is no official document.
    pub mark: String,
    /// What is written at the foot of each page.
    pub footer: String,
    /// The word before the number of a page.
    pub page: String,
    /// The heading of the list of contents.
    pub contents: String,
    /// What is written for an amount that is not known.
    pub unknown: String,
    /// The first page.
    pub cover: Cover,
    /// The other pages.
    pub sections: Vec<Section>,
    /// When what it says was published, in RFC 3339 and UTC. A report is dated by its revision, so that
    /// the same revision always gives the same report.
    #[serde(skip)]
    pub published_at: String,
    /// The drawings that its blocks name, as SVG.
    #[serde(skip)]
    pub drawings: Vec<String>,
    /// The data behind it.
    pub files: Vec<File>,
}

/// The first page.
#[derive(Debug, Serialize)]
pub struct Cover {
    /// What kind of document it is.
    pub kicker: String,
    /// Whose.
    pub title: String,
    /// Of which years.
    pub subtitle: String,
    /// What must not be overlooked.
    pub warnings: Vec<Warning>,
    /// The figures of the year in focus.
    pub figures: Vec<KeyFigure>,
    /// The heading of the summary.
    pub in_brief: String,
    /// The view in a few sentences.
    pub summary: Vec<String>,
    /// What the view is.
    pub facts: Vec<Fact>,
}

/// What must not be overlooked.
#[derive(Debug, Serialize)]
pub struct Warning {
    /// In a few words.
    pub title: String,
    /// In more.
    pub text: String,
}

/// A figure of the first page.
#[derive(Debug, Serialize)]
pub struct KeyFigure {
    /// What it is.
    pub label: String,
    /// The amount; `None` when it is not known.
    pub value: Option<String>,
    /// The amount for each inhabitant; `None` where that is not known.
    pub each: Option<String>,
    /// Whether it is below zero.
    pub below: bool,
}

/// Something that is known, by its name.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// What it is.
    pub value: String,
    /// Where more is said; only addresses that are safe to follow.
    pub link: Option<String>,
}

/// A part of the report.
#[derive(Debug, Serialize)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// Whether all of it needs the long side of a page.
    pub wide: bool,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// What a section holds.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A lesser heading.
    Heading {
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Text {
        /// Its words.
        text: String,
    },
    /// Remarks.
    Notes {
        /// One each.
        items: Vec<String>,
    },
    /// A chart.
    Figure(Figure),
    /// A table.
    Table(Table),
    /// Names and what they are.
    Facts {
        /// One each.
        facts: Vec<Fact>,
    },
}

/// A chart.
#[derive(Debug, Serialize)]
pub struct Figure {
    /// Which of the drawings it is.
    pub drawing: usize,
    /// Its width in pixels.
    pub width: u32,
    /// Its height in pixels.
    pub height: u32,
    /// What it shows, in words.
    pub alt_text: String,
    /// The unit, in words.
    pub unit: String,
    /// What the marks mean.
    pub legend: Vec<Key>,
}

/// An entry of a legend.
#[derive(Clone, Debug, Serialize)]
pub struct Key {
    /// What it means.
    pub label: String,
    /// Its colour: `#0c5566`.
    pub color: String,
    /// The form of the mark: `fill`, `hatch`, `hollow`, `line`, `rule` or `dash`.
    pub form: &'static str,
}

/// A table.
#[derive(Debug, Serialize)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Whether it needs the long side of a page.
    pub wide: bool,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// The sums of its columns, below them.
    pub totals: Vec<Vec<Cell>>,
}

/// A column of a table.
#[derive(Debug, Serialize)]
pub struct Column {
    /// Its head.
    pub label: String,
    /// Whether it has numbers.
    pub number: bool,
    /// Its width in points; `None` for one that takes what is left.
    pub width: Option<u32>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Cell {
    /// What it says; `None` for an amount that is not known.
    pub text: Option<String>,
    /// The same in the reader's language, where the words are official ones of another.
    pub gloss: String,
    /// Whether it is of a row that sums others.
    pub strong: bool,
}

/// A file that comes with the report.
#[derive(Debug, Serialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub description: String,
    /// Its contents, as CSV.
    #[serde(skip)]
    pub contents: String,
}

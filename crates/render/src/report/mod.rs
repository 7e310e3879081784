//! The report: what the dashboard shows of a view, in the order in which it is read on paper.
//!
//! Here is what the report says; how it is set on pages is the business of whoever is given it.
//!
//! | module | knows |
//! |---|---|
//! | `summary` | the view in a few sentences, made from its figures |
//! | `figures` | the charts, with what stands around them |
//! | `tables` | tables that fit on a page, with their totals |
//! | `annexes` | reconciliation, missing amounts, method and sources |
//! | `plain` | texts that paper can show |

mod annexes;
mod figures;
mod plain;
mod summary;
mod tables;

use centime_analytics::rows::{complete_years, lines, of_one};
use centime_analytics::{Basis, Grouping, analyses};
use centime_warehouse::doubt::{Doubt, within};
use centime_warehouse::lines::Line;
use centime_warehouse::quality::Unpublished;
use centime_warehouse::{Body, Dataset, Revision};
use serde::Serialize;

use crate::charts::Measure;
use crate::dashboard::{self, Query, Statement};
use crate::draw::engine;
use crate::export::csv;
use crate::language::format;
use crate::language::label::short_label;
use crate::provenance::doubts::{self, with_doubts};
use crate::provenance::identity::{Figures, Known};
use crate::provenance::source;
use crate::{Locale, charts};

pub use plain::FONTS;

/// What a report is made from.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// The analyses of the body.
    pub statement: &'a dyn Statement,
    /// The public body.
    pub body: &'a Body,
    /// The revision that is shown.
    pub revision: &'a Revision,
    /// What the revision was made from.
    pub datasets: &'a [Dataset],
    /// The amounts that were not published.
    pub unpublished: &'a [Unpublished],
    /// All lines of the body.
    pub lines: &'a [Line],
    /// What is looked at.
    pub query: &'a Query,
    /// The words.
    pub locale: &'static Locale,
    /// The address of the same view on the site; `None` where nobody knows.
    pub address: Option<&'a str>,
}

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
    /// The figures of the year that is looked at.
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
    pub told: String,
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

/// Writes a report. Charts are drawn meanwhile, so this takes a tenth of a second or more.
pub fn report(source: &Source<'_>) -> Result<Report, engine::Error> {
    let locale = source.locale;
    let query = source.query;
    let (panels, hidden) = dashboard::panels(source.statement, source.lines, query, locale);
    let mut files = vec![lines_file(source)];
    files.extend(panels.iter().map(|panel| File {
        name: format!("{}.csv", panel.chart.name),
        description: panel.chart.title.clone(),
        contents: csv::table(&of_one(
            &with_doubts(&panel.rows, &doubted(source)),
            source.body,
        )),
    }));
    let cover = cover(source, &panels);
    let (mut sections, drawings) = figures::sections(source, &panels)?;
    if hidden > 0 {
        let count = i64::try_from(hidden).unwrap_or(i64::MAX);
        let text = locale.count("report.hidden", count);
        if let Some(last) = sections.last_mut() {
            last.blocks.push(Block::Notes { items: vec![text] });
        }
    }
    sections.extend(annexes::sections(source, &panels));
    let mut report = Report {
        language: locale.language().code(),
        title: locale.fill(
            "report.document",
            &[("body", &source.body.name), ("period", &period(source))],
        ),
        description: cover.summary.first().cloned().unwrap_or_default(),
        mark: locale.text("identity.unofficial").to_owned(),
        footer: source::line(&source.body.name, source.revision, source.datasets, locale),
        page: locale.text("report.page").to_owned(),
        contents: locale.text("report.contents").to_owned(),
        unknown: locale.text("value.missing").to_owned(),
        cover,
        sections,
        published_at: source.revision.published_at.clone(),
        drawings,
        files,
    };
    plain::make(&mut report);
    Ok(report)
}

/// What is doubted of the years that are looked at.
fn doubted(source: &Source<'_>) -> Vec<Doubt> {
    let years = &source.query.selection.years;
    within(source.statement.doubts(), |year| years.contains(&year))
}

/// The years that are looked at.
fn period(source: &Source<'_>) -> String {
    let years = &source.query.selection.years;
    source.locale.years(*years.start(), *years.end())
}

fn cover(source: &Source<'_>, panels: &[dashboard::Panel]) -> Cover {
    let locale = source.locale;
    let mut warnings = Vec::new();
    if source.revision.sample {
        warnings.push(Warning {
            title: locale.text("sample.title").to_owned(),
            text: locale.text("sample.explained").to_owned(),
        });
    }
    if let Some(text) = doubts::sentence(&doubted(source), locale) {
        warnings.push(Warning {
            title: locale.text("doubt.title").to_owned(),
            text,
        });
    }
    if source.query.selection.basis == Basis::Naive {
        warnings.push(Warning {
            title: locale.text("report.naive_title").to_owned(),
            text: locale.text("report.naive_text").to_owned(),
        });
    }
    Cover {
        kicker: locale.text("report.kicker").to_owned(),
        title: source.body.name.clone(),
        subtitle: period(source),
        warnings,
        figures: summary::key_figures(source, panels),
        in_brief: locale.text("report.in_brief").to_owned(),
        summary: summary::sentences(source, panels),
        facts: facts(source),
    }
}

/// What the view is, and of what.
fn facts(source: &Source<'_>) -> Vec<Fact> {
    let Source { locale, query, .. } = *source;
    let selection = &query.selection;
    let revision = source.revision;
    let language = locale.language();
    let fact = |name: &'static str, value: String| Fact {
        name: locale.text(name).to_owned(),
        value,
        link: None,
    };
    let figures = Figures {
        body: source.body,
        revision,
        datasets: source.datasets,
        results: source
            .statement
            .table(&analyses::yearly_result::ANALYSIS, Basis::Leaf),
    };
    // The body is the title; the revision is said below, with its hour.
    let of_cover = |known: &Known| !matches!(known.code, "body" | "revision");
    let identity = figures.identity(locale).into_iter().filter(of_cover);
    let mut facts: Vec<Fact> = identity
        .map(|known| Fact {
            name: known.label,
            value: known.value,
            link: None,
        })
        .collect();
    facts.push(fact("report.years", period(source)));
    let basis = locale.term("basis", selection.basis.name());
    facts.push(fact("dashboard.basis", basis.to_owned()));
    if let Some(side) = &selection.side {
        facts.push(fact("dashboard.side", locale.term("side", side).to_owned()));
    }
    if let Some(activity) = &selection.activity {
        let word = locale.term("activity", activity).to_owned();
        facts.push(fact("dashboard.activity", word));
    }
    if let Some(category) = &selection.category {
        let name = charts::category_name(category, selection.grouping, locale);
        facts.push(fact("dashboard.category", short_label(&name, locale)));
    }
    if selection.grouping != Grouping::Published {
        let word = locale.term("grouping", selection.grouping.name());
        facts.push(fact("dashboard.grouping", word.to_owned()));
    }
    if query.measure != Measure::Auto {
        let word = locale.term("measure", query.measure.name());
        facts.push(fact("dashboard.unit", word.to_owned()));
    }
    facts.push(fact("dashboard.focus", selection.focus.to_string()));
    if selection.against != selection.focus {
        facts.push(fact("dashboard.against", selection.against.to_string()));
    }
    let published = locale.fill(
        "home.published",
        &[
            ("id", &revision.id.to_string()),
            ("date", &format::date_time(&revision.published_at, language)),
        ],
    );
    facts.push(fact("report.data", published));
    facts.extend(same_view(source));
    facts
}

/// Where the same view is on the site.
fn same_view(source: &Source<'_>) -> Option<Fact> {
    let address = source.address?.to_owned();
    Some(Fact {
        name: source.locale.text("report.same_view").to_owned(),
        value: address.clone(),
        link: Some(address).filter(|address| is_web(address)),
    })
}

/// Whether an address may be a link: never one that runs something.
fn is_web(address: &str) -> bool {
    address.starts_with("https://") || address.starts_with("http://")
}

/// The lines of the view, each with what was understood of it.
fn lines_file(source: &Source<'_>) -> File {
    let selection = &source.query.selection;
    let inside = |line: &&Line| selection.years.contains(&line.fiscal_year) && selection.has(line);
    let years = source
        .statement
        .table(&analyses::completeness::ANALYSIS, Basis::Leaf);
    let complete = complete_years(years);
    let lines = lines(source.lines.iter().filter(inside), source.body, |year| {
        complete.contains(&year)
    });
    File {
        name: "lines.csv".to_owned(),
        description: source.locale.text("report.lines_file").to_owned(),
        contents: csv::table(&with_doubts(&lines, &doubted(source))),
    }
}

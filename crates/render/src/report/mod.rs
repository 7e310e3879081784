//! The report: what the dashboard shows of a view, in the order in which it is read on paper.
//!
//! Here is what the report says; the crate `report` sets it on pages.
//!
//! | module | knows |
//! |---|---|
//! | `content` | what a report consists of |
//! | `source` | what it is made from |
//! | `plain` | texts that paper can show |
//! | `tables` | tables that fit on a page, with their totals |
//! | `figures` | the charts, with what stands around them |
//! | `statement` | the income statement, line by line |
//! | `indicators` | what follows from accounts |
//! | `cover` | the first page |
//! | `annexes` | reconciliation, missing amounts, method and sources |

mod annexes;
mod content;
mod cover;
mod figures;
mod indicators;
mod plain;
mod source;
mod statement;
mod tables;

use centime_analytics::rows::{complete_years, lines, of_one};
use centime_analytics::{Basis, analyses};
use centime_warehouse::lines::Line;

use crate::export::csv;
use crate::provenance::doubts::with_doubts;
use crate::{dashboard, provenance};

pub use content::{
    Block, Cell, Column, Cover, Fact, Figure, File, Key, KeyFigure, Report, Section, Table, Warning,
};
pub use plain::FONTS;
pub use source::Source;

use source::{doubted, period};

/// Writes a report.
pub fn report(source: &Source<'_>) -> Report {
    let locale = source.locale;
    let query = source.query;
    let (panels, hidden) = dashboard::panels(source.statement, source.lines, query, locale);
    let mut files = vec![lines_file(source)];
    files.extend(panels.iter().map(|panel| File {
        name: format!("{}.csv", panel.chart.name),
        description: panel.subject.clone(),
        contents: csv::table(&of_one(
            &with_doubts(&panel.rows, &doubted(source)),
            source.body,
        )),
    }));
    let cover = cover::cover(source, &panels);
    let (mut sections, drawings) = figures::sections(source, &panels);
    if hidden > 0 {
        let count = i64::try_from(hidden).unwrap_or(i64::MAX);
        let text = locale.count("report.hidden", count);
        if let Some(last) = sections.last_mut() {
            last.blocks.push(Block::Notes { items: vec![text] });
        }
    }
    sections.extend(annexes::sections(source, &panels));
    let first = [statement::section(source), indicators::section(source)];
    drop(sections.splice(0..0, first.into_iter().flatten()));
    let mut report = Report {
        language: locale.language().code(),
        title: locale.fill(
            "report.document",
            &[("body", &source.body.name), ("period", &period(source))],
        ),
        description: cover.summary.first().cloned().unwrap_or_default(),
        mark: locale.text("identity.unofficial").to_owned(),
        footer: provenance::source::line(
            &source.body.name,
            source.revision,
            source.datasets,
            locale,
        ),
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
    report
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

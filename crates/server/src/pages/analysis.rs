//! The page of an analysis, and its downloads.

use std::sync::Arc;

use askama::Template;
use centime_accounts::{Activity, FiscalYear, Side};
use centime_analytics::{
    Analysis, Basis, Cell, Chart, Column, ColumnName, Kind, Model, Table, analyses, columns,
};
use centime_render::dashboard::{REVISION, analysis_chart};
use centime_render::export::formats::Format;
use centime_render::language::format;
use centime_render::language::label::sentence_case;
use centime_render::provenance::source::ALL;
use centime_render::{Locale, link};

use crate::files::download::{Download, FileLink, download, files, files_of_all};
use crate::http::reply::Reply;
use crate::pages::cards;
use crate::pages::chart_view::{ChartView, of_analysis};
use crate::pages::sharing::ShareView;
use crate::pages::view::{Frame, Section, block_gloss, short_label, status, typographic};
use crate::request::basis::{basis, of_basis};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::state::snapshot::Snapshot;

#[derive(Template)]
#[template(path = "analysis.html")]
struct AnalysisPage<'a> {
    frame: Frame<'a>,
    title: String,
    lead: String,
    naive: bool,
    leaf_link: String,
    naive_link: String,
    files: Vec<FileLink>,
    files_of_all: Vec<FileLink>,
    /// How it is drawn, where it is.
    chart: Option<ChartView>,
    share: Option<ShareView>,
    table: TableView,
    missing: Vec<MissingYear>,
    /// The page with what else says what each result is, beside what counts it.
    witnesses: Option<String>,
    /// Whether it says what a plain script computes.
    has_naive: bool,
    /// Whether it is the operator's own.
    own: bool,
    formula: String,
    naive_text: String,
    sql: &'a str,
    bases: Vec<BaseView>,
    caveats: Vec<String>,
}

/// A step that other analyses share.
struct BaseView {
    title: String,
    sql: &'static str,
}

/// A table as the page shows it.
struct TableView {
    caption: String,
    headers: Vec<Header>,
    rows: Vec<RowView>,
}

struct Header {
    name: ColumnName,
    label: String,
    number: bool,
}

struct RowView {
    is_break: bool,
    year: String,
    cells: Vec<CellView>,
}

struct CellView {
    class: &'static str,
    /// What is shown; `None` for what is not known.
    value: Option<String>,
    link: Option<String>,
    gloss: Option<String>,
    /// The class of a status.
    pill: Option<&'static str>,
}

struct MissingYear {
    year: String,
    link: String,
    summary: String,
    lines: Vec<String>,
}

/// Answers with the page of an analysis, or with its rows as a file.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let file = context.rest_of_path("/analyses/");
    let (name, extension) = match Format::split_name(&file) {
        Some((name, extension)) if Format::by_extension(extension).is_some() => {
            (name, Some(extension))
        }
        _ => (file.as_str(), None),
    };
    let snapshot = context.snapshot()?;
    let analysis = snapshot.catalogue().by_name(name);
    let analysis = analysis.ok_or(PageError::NotFound)?;
    let basis = basis(&context)?;
    let Some(extension) = extension else {
        return page(&context, snapshot, analysis, basis);
    };
    let locale = context.locale;
    let title = typographic(&analysis.text(locale.language()).title, locale);
    let wanted = Download {
        name: name.to_owned(),
        title,
        rows: snapshot.table(analysis, basis).clone(),
        chart: (analysis.chart != Chart::None)
            .then(|| analysis_chart(&**snapshot, analysis, basis, locale)),
        statement: None,
        filters: vec![of_basis(basis, locale)],
        address: address(snapshot, analysis, "", basis),
        doubts: snapshot.doubts.clone(),
    };
    download(&context, snapshot, extension, wanted).await
}

/// The address of an analysis, or of its rows with an extension.
fn address(snapshot: &Snapshot, analysis: &Analysis, extension: &str, basis: Basis) -> String {
    let path = format!("/analyses/{}{extension}", analysis.name());
    let parameters = match basis {
        Basis::Leaf => Vec::new(),
        Basis::Naive => vec![("basis", basis.name())],
    };
    snapshot.link(&path, &parameters)
}

fn page(
    context: &RequestContext,
    snapshot: &Snapshot,
    analysis: &Analysis,
    basis: Basis,
) -> Result<Reply, PageError> {
    let locale = context.locale;
    let text = analysis.text(locale.language());
    let naive = basis == Basis::Naive;
    let lead = if naive { &text.naive } else { &text.summary };
    let title = typographic(&text.title, locale);
    let chart = match analysis.chart {
        Chart::None => None,
        _ => Some(of_analysis(snapshot, analysis, basis, locale)),
    };
    let page = AnalysisPage {
        frame: Frame::new(context, &title, Section::Analyses)
            .describing(&typographic(lead, locale))
            .with_card(cards::of_analysis(snapshot, analysis, basis)),
        lead: typographic(lead, locale),
        naive,
        leaf_link: address(snapshot, analysis, "", Basis::Leaf),
        naive_link: address(snapshot, analysis, "", Basis::Naive),
        files: files(analysis.chart != Chart::None, |extension| {
            address(snapshot, analysis, &format!(".{extension}"), basis)
        }),
        files_of_all: files_of_all(context, snapshot, |extension| {
            let revision = snapshot.named_revision().map(|number| number.to_string());
            let mut parameters = vec![("body", ALL)];
            parameters.extend(revision.as_deref().map(|number| (REVISION, number)));
            if naive {
                parameters.push(("basis", basis.name()));
            }
            link::to(
                &format!("/analyses/{}.{extension}", analysis.name()),
                &parameters,
            )
        }),
        share: chart.as_ref().map(|chart| {
            let fragment = format!("#chart-{}", chart.name);
            ShareView::of_chart(context, snapshot, chart.name, &chart.title, &fragment)
        }),
        chart,
        table: table_view(snapshot, analysis, basis, locale, &title),
        missing: missing(snapshot, snapshot.table(analysis, basis), locale),
        witnesses: (analysis.model.name == analyses::reconciliation::ANALYSIS.model.name)
            .then(|| address(snapshot, &analyses::witness::ANALYSIS, "", basis)),
        has_naive: !text.naive.is_empty(),
        own: analysis.model.file.is_some(),
        formula: typographic(&text.formula, locale),
        naive_text: typographic(&text.naive, locale),
        sql: analysis.model.sql.trim(),
        bases: bases(analysis, locale),
        caveats: text
            .caveats(&snapshot.body.siren)
            .map(|caveat| typographic(caveat, locale))
            .collect(),
        title,
    };
    page.frame.around(&page)
}

/// The queries behind the query of an analysis, the nearest first.
fn bases(analysis: &Analysis, locale: &Locale) -> Vec<BaseView> {
    let models = analysis.model.with_bases();
    let behind = models.iter().rev().skip(1);
    let view = |model: &Model| BaseView {
        title: locale.fill("analysis.sql_base", &[("table", &model.table())]),
        sql: model.sql.text().trim(),
    };
    behind.map(view).collect()
}

/// Whether a column is a cell of the table; breaks are rules between rows, and missing lines are
/// listed below.
fn in_table(column: &Column) -> bool {
    column.kind != Kind::List && column.name != columns::FISCAL_YEAR
}

fn table_view(
    snapshot: &Snapshot,
    analysis: &Analysis,
    basis: Basis,
    locale: &Locale,
    title: &str,
) -> TableView {
    let table = snapshot.table(analysis, basis);
    let own = analysis.model.file.is_some();
    let exact = (basis == Basis::Naive).then(|| snapshot.table(analysis, Basis::Leaf));
    let caption = match basis {
        Basis::Leaf => locale.fill("analysis.caption_leaf", &[("title", title)]),
        Basis::Naive => locale.fill("analysis.caption_naive", &[("title", title)]),
    };
    let headers = table
        .columns
        .iter()
        .filter(|column| in_table(column))
        .map(|column| Header {
            name: column.name,
            label: locale.heading(column).to_owned(),
            number: column.kind.is_number(),
        })
        .collect();
    // The latest year first; within a year the order stays.
    let mut rows: Vec<&Vec<Cell>> = table.rows.iter().collect();
    let year = |row: &[Cell]| table.cell(row, columns::FISCAL_YEAR).year();
    rows.sort_by_key(|row| std::cmp::Reverse(year(row)));
    let views = rows
        .iter()
        .enumerate()
        .map(|(position, row)| {
            let last_of_year = rows
                .get(position + 1)
                .is_some_and(|next| year(next) != year(row));
            let broken = table.optional_cell(row, columns::SERIES_BREAK);
            let broken = broken.is_some_and(|cell| !cell.is_null());
            let right = exact.and_then(|exact| same_row(exact, table, row).map(|r| (exact, r)));
            RowView {
                is_break: broken && last_of_year,
                year: year(row).map_or_else(String::new, |year| year.to_string()),
                cells: table
                    .columns
                    .iter()
                    .filter(|column| in_table(column))
                    .map(|column| {
                        let mut cell =
                            cell_view(snapshot, table, row, column, basis, right, locale);
                        // What the operator's own figures are made of is not known.
                        cell.link = cell.link.filter(|_| !own);
                        cell
                    })
                    .collect(),
            }
        })
        .collect();
    TableView {
        caption,
        headers,
        rows: views,
    }
}

/// The row of the exact table about the same year and category.
fn same_row<'a>(exact: &'a Table, table: &Table, row: &[Cell]) -> Option<&'a [Cell]> {
    let same = |candidate: &&Vec<Cell>| {
        [
            columns::FISCAL_YEAR,
            columns::CATEGORY,
            columns::HARMONISED_CATEGORY,
        ]
        .into_iter()
        .all(|column| exact.optional_cell(candidate, column) == table.optional_cell(row, column))
    };
    exact.rows.iter().find(same).map(Vec::as_slice)
}

fn cell_view(
    snapshot: &Snapshot,
    table: &Table,
    row: &[Cell],
    column: &Column,
    basis: Basis,
    right: Option<(&Table, &[Cell])>,
    locale: &Locale,
) -> CellView {
    let language = locale.language();
    let cell = table.cell(row, column.name);
    let number = |cell: &Cell| format::number(cell, language);
    if column.kind.is_number() {
        let exact = right
            .map(|(exact, row)| exact.cell(row, column.name))
            .filter(|exact| *exact != cell);
        let gloss = exact.map(|exact| {
            number(exact).map_or_else(
                || locale.text("analysis.exact_unknown").to_owned(),
                |exact| locale.fill("analysis.exact", &[("n", &exact)]),
            )
        });
        return CellView {
            class: "num",
            value: number(cell),
            link: lines_of(snapshot, table, row, column.name, basis).filter(|_| !cell.is_null()),
            gloss,
            pill: None,
        };
    }
    let text = cell.text();
    let (class, value, gloss, pill) = match column.name {
        columns::STATUS => {
            let found = text.map(|code| status(code, locale));
            let word = found.map(|(_, word)| word.to_owned());
            ("", word, None, found.map(|(class, _)| class))
        }
        columns::CATEGORY => {
            let label = text.map(|label| short_label(&sentence_case(label), locale));
            let gloss = text.map(|label| block_gloss(label, language).to_owned());
            ("text", label, gloss.filter(|gloss| !gloss.is_empty()), None)
        }
        name => {
            let word = text.map(|code| locale.term(&name, code).to_owned());
            ("", word, None, None)
        }
    };
    CellView {
        class,
        value,
        link: None,
        gloss,
        pill,
    }
}

/// The lines that a figure was made from; `None` for figures that are made from others.
fn lines_of(
    snapshot: &Snapshot,
    table: &Table,
    row: &[Cell],
    column: ColumnName,
    basis: Basis,
) -> Option<String> {
    let year = table.cell(row, columns::FISCAL_YEAR).year()?.to_string();
    let text = |column| table.optional_cell(row, column).and_then(Cell::text);
    let (category, harmonised) = (text(columns::CATEGORY), text(columns::HARMONISED_CATEGORY));
    let exact = basis == Basis::Leaf;
    let mut parameters: Vec<(&str, &str)> = vec![("year", &year)];
    let mut counted = exact.then_some("yes");
    let side = |side: Side| ("side", side.name());
    let activity = |activity: Activity| ("activity", activity.name());
    let (revenue, expense) = (side(Side::Revenue), side(Side::Expense));
    let operating = activity(Activity::Operating);
    let financial = activity(Activity::Financial);
    match column {
        columns::REVENUE => parameters.push(revenue),
        columns::EXPENSE => parameters.push(expense),
        columns::OPERATING_REVENUE => parameters.extend([revenue, operating]),
        columns::OPERATING_EXPENSE => parameters.extend([expense, operating]),
        columns::FINANCIAL_REVENUE => parameters.extend([revenue, financial]),
        columns::FINANCIAL_EXPENSE => parameters.extend([expense, financial]),
        columns::EXCEPTIONAL_CHARGES => {
            parameters.extend([expense, activity(Activity::Exceptional)]);
        }
        columns::SUCCESSOR_CHARGES => parameters.push(("successor", "exact")),
        columns::MIXED_CHARGES => parameters.push(("successor", "mixed")),
        columns::OPERATING_RESULT => parameters.push(operating),
        columns::NET_FINANCIAL_RESULT => parameters.push(financial),
        columns::LEAF_RESULT => counted = Some("yes"),
        columns::NAIVE_RESULT | columns::LINES => counted = None,
        columns::RESULT | columns::COUNTED => {}
        columns::AMOUNT => {
            parameters.push(expense);
            match (category, harmonised) {
                // The naive basis names categories as published, which lines are not found by.
                (Some(_), _) if !exact => return None,
                (Some(category), _) => parameters.push(("category", category)),
                (None, Some(harmonised)) => parameters.push(("harmonised", harmonised)),
                (None, None) => {}
            }
        }
        columns::MISSING if exact => counted = Some("missing"),
        columns::NIL if exact => counted = Some("nil"),
        columns::UNPUBLISHED => counted = Some("unpublished"),
        columns::UNRECOGNISED => {
            parameters.push(("unknown", "yes"));
            counted = None;
        }
        columns::COUNTED_TWICE if exact => counted = Some("no"),
        _ => return None,
    }
    parameters.extend(counted.map(|counted| ("counted", counted)));
    Some(snapshot.link("/lines", &parameters))
}

/// The missing amounts of each year, the latest first.
fn missing(snapshot: &Snapshot, table: &Table, locale: &Locale) -> Vec<MissingYear> {
    let mut by_year: Vec<(FiscalYear, Vec<String>)> = Vec::new();
    for row in table.rows.iter().rev() {
        let Some(year) = table.cell(row, columns::FISCAL_YEAR).year() else {
            continue;
        };
        let lines = table.optional_cell(row, columns::MISSING_LINES);
        let lines = lines.into_iter().flat_map(Cell::list);
        let lines: Vec<String> = lines.map(|line| short_label(line, locale)).collect();
        if lines.is_empty() {
            continue;
        }
        match by_year.last_mut() {
            Some((known, others)) if *known == year => others.extend(lines),
            _ => by_year.push((year, lines)),
        }
    }
    by_year
        .into_iter()
        .map(|(year, lines)| {
            let count = crate::pages::view::number(lines.len());
            let year = year.to_string();
            MissingYear {
                link: snapshot.link("/lines", &[("year", &year), ("counted", "missing")]),
                summary: locale.count_and_fill("analysis.missing", count, &[("year", &year)]),
                year,
                lines,
            }
        })
        .collect()
}

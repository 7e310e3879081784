//! The income statement: its lines by fiscal year.

use std::sync::Arc;

use askama::Template;
use centime_accounts::FiscalYear;
use centime_accounts::address::Modelled;
use centime_accounts::nomenclature::NATURE as BY_NATURE;
use centime_analytics::Language;
use centime_analytics::accounts;
use centime_analytics::statement::{Figure, Known, Row, RowKind, Statement, Stretch};
use centime_render::dashboard::REVISION;
use centime_render::language::label::{sentence_case, short_label};
use centime_render::provenance::source::ALL;
use centime_render::statement::Unit;
use centime_render::statement::sparkline::sparkline;
use centime_render::{Locale, inhabitants, link};
use centime_warehouse::quality::BreakKind;

use crate::files::download::{Download, FileLink, download, files, files_of_all};
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section};
use crate::pages::witnesses;
use crate::request::context::RequestContext;
use crate::request::lines_query::one_of;
use crate::request::page_error::PageError;
use crate::request::{account_address, paths, statement_address, statement_form};
use crate::state::snapshot::Snapshot;

/// The parameter with the unit.
pub const UNIT: &str = "unit";

#[derive(Template)]
#[template(path = "statement.html")]
struct StatementPage<'a> {
    frame: Frame<'a>,
    lead: String,
    /// The forms of the statement, where there are two: the official one, and the one by nature.
    forms: Vec<UnitLink>,
    units: Vec<UnitLink>,
    tables: Vec<TableView>,
    /// What the marks in the cells mean, of those that are there.
    legend: Vec<(&'static str, &'static str)>,
    /// The page with what else says what each result is.
    witnesses: String,
    files: Vec<FileLink>,
    files_of_all: Vec<FileLink>,
}

/// A way to the same in another unit.
struct UnitLink {
    label: &'static str,
    link: String,
    current: bool,
}

/// The table of a stretch.
struct TableView {
    /// The end of the names of its parts, which addresses may name.
    id: String,
    heading: String,
    caption: String,
    /// What is said of the step to the stretch before.
    step: Option<String>,
    years: Vec<YearHead>,
    groups: Vec<Group>,
    /// Whether anything else says what the result of a year is.
    has_witnesses: bool,
}

struct YearHead {
    year: FiscalYear,
    /// Why its figures are not compared with those of the year before.
    breaks: Option<String>,
    /// How many inhabitants its figures are divided by, where they are.
    inhabitants: Option<String>,
    /// How many witnesses are equal to its result, of how many.
    witnesses: Option<String>,
}

/// The rows of a block, or a balance.
struct Group {
    /// Whether its lines can be folded away.
    folds: bool,
    rows: Vec<RowView>,
}

/// A row of a statement on a page.
struct RowView {
    kind: &'static str,
    level: u8,
    link: String,
    label: String,
    gloss: &'static str,
    recognised: bool,
    /// Whether it sums other rows.
    sums: bool,
    /// Empty for the title of a block that has no figures.
    cells: Vec<CellView>,
    sparkline: String,
}

/// A figure on a page.
pub struct CellView {
    /// The figure; `None` where there is none to show.
    pub value: Option<String>,
    /// The records that add up to it.
    pub link: String,
    /// The kind of the figure, as a class and the name of its word.
    pub known: &'static str,
    /// A sign beside the figure, where it is to be noticed.
    pub mark: &'static str,
    /// What the sign means, or why there is no figure.
    pub word: &'static str,
    /// Whether the series breaks between this year and the next column.
    pub breaks: bool,
}

/// Answers with the statement.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let unit = unit(&context)?;
    let by_nature = statement_form::is_by_nature(&context)?;
    let statement = statement(&context, snapshot, by_nature).await?;
    let tables: Vec<TableView> = statement
        .stretches
        .iter()
        .enumerate()
        .map(|(place, stretch)| {
            let later = place
                .checked_sub(1)
                .map(|later| &statement.stretches[later]);
            table(snapshot, stretch, later, unit, by_nature, locale)
        })
        .collect();
    let by: Vec<(&str, &str)> = by_nature
        .then_some((statement_form::BY, statement_form::NATURE))
        .into_iter()
        .collect();
    // Where the number of inhabitants is not known, nothing is divided by them.
    let offered = |other: &Unit| {
        *other != Unit::PerInhabitant || *other == unit || !snapshot.inhabitants.years().is_empty()
    };
    let units = Unit::ALL.into_iter().filter(offered);
    let units = units.map(|other| UnitLink {
        label: locale.term("statement.unit", other.name()),
        link: match other {
            Unit::Euros => snapshot.link(paths::STATEMENT, &by),
            other => {
                let unit = [(UNIT, other.name())];
                snapshot.link(paths::STATEMENT, &[&by[..], &unit[..]].concat())
            }
        },
        current: other == unit,
    });
    let file = |extension: &str| format!("{}.{extension}", paths::STATEMENT);
    let page = StatementPage {
        frame: Frame::new(&context, locale.text("statement.title"), Section::Statement),
        lead: if by_nature {
            nature_lead(snapshot, locale)
        } else {
            lead(snapshot, locale)
        },
        forms: forms(snapshot, by_nature, unit, locale),
        units: units.collect(),
        legend: legend(&statement, locale),
        witnesses: witnesses::link(snapshot),
        tables,
        files: files(false, |extension| snapshot.link(&file(extension), &by)),
        files_of_all: files_of_all(&context, snapshot, |extension| {
            let revision = snapshot.named_revision().map(|number| number.to_string());
            let revision = revision.as_deref().map(|number| (REVISION, number));
            let parameters = revision.into_iter().chain([("body", ALL)]);
            let parameters = parameters.chain(by.iter().copied());
            link::to(&file(extension), &parameters.collect::<Vec<_>>())
        }),
    };
    page.frame.around(&page)
}

/// Answers with all lines and years as a file: `/statement.csv`.
pub async fn file(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let by_nature = statement_form::is_by_nature(&context)?;
    let statement = statement(&context, snapshot, by_nature).await?;
    let (name, title) = if by_nature {
        ("statement-by-nature", "statement.by_nature")
    } else {
        ("statement", "statement.title")
    };
    let wanted = Download {
        name: name.to_owned(),
        title: context.locale.text(title).to_owned(),
        rows: statement.table(),
        chart: None,
        statement: Some(statement),
        filters: Vec::new(),
        address: statement_address::statement(snapshot),
        doubts: snapshot.doubts.clone(),
    };
    let beginning = format!("{}.", paths::STATEMENT);
    download(
        &context,
        snapshot,
        &context.rest_of_path(&beginning),
        wanted,
    )
    .await
}

/// The statement in the form that is asked for; empty by nature where no account is known.
async fn statement(
    context: &RequestContext,
    snapshot: &Arc<Snapshot>,
    by_nature: bool,
) -> Result<Statement, PageError> {
    if !by_nature {
        return context.statement(snapshot).await;
    }
    if snapshot.account_years.is_empty() {
        return Ok(Statement::default());
    }
    let books = context.books(snapshot).await?;
    let (body, breaks) = (&snapshot.body, snapshot.series_breaks());
    let statement = accounts::by_nature(books, &body.siren, &body.name, breaks);
    Ok(statement.divided_by(&snapshot.inhabitants))
}

/// The ways to the forms of the statement; none where no account is known.
fn forms(
    snapshot: &Snapshot,
    by_nature: bool,
    unit: Unit,
    locale: &'static Locale,
) -> Vec<UnitLink> {
    if snapshot.account_years.is_empty() {
        return Vec::new();
    }
    let unit = (unit != Unit::default()).then_some((UNIT, unit.name()));
    let form = |label: &'static str, by: Option<(&'static str, &'static str)>| UnitLink {
        label: locale.text(label),
        link: snapshot.link(
            paths::STATEMENT,
            &by.into_iter().chain(unit).collect::<Vec<_>>(),
        ),
        current: by.is_some() == by_nature,
    };
    vec![
        form("statement.official_form", None),
        form(
            "statement.by_nature",
            Some((statement_form::BY, statement_form::NATURE)),
        ),
    ]
}

fn nature_lead(snapshot: &Snapshot, locale: &Locale) -> String {
    let name = ("body", snapshot.body.name.as_str());
    let known = &snapshot.account_years;
    match (known.last(), known.first()) {
        (Some(first), Some(last)) => {
            let years = locale.years(first.fiscal_year, last.fiscal_year);
            locale.fill("statement.nature_lead", &[name, ("years", &years)])
        }
        _ => locale.fill("accounts.none", &[name]),
    }
}

/// The unit that an address asks for.
fn unit(context: &RequestContext) -> Result<Unit, PageError> {
    let named = one_of(context, UNIT, &Unit::ALL.map(Unit::name))?;
    Ok(named.and_then(Unit::named).unwrap_or_default())
}

fn lead(snapshot: &Snapshot, locale: &'static Locale) -> String {
    let name = ("body", snapshot.body.name.as_str());
    match snapshot.period() {
        Some((first, last)) => {
            let years = locale.years(first, last);
            locale.fill("statement.lead", &[name, ("years", &years)])
        }
        None => snapshot.body.name.clone(),
    }
}

fn table(
    snapshot: &Snapshot,
    stretch: &Stretch,
    later: Option<&Stretch>,
    unit: Unit,
    by_nature: bool,
    locale: &'static Locale,
) -> TableView {
    let ends = stretch.years.last().zip(stretch.years.first());
    let years = ends.map_or_else(String::new, |(first, last)| {
        locale.years(first.fiscal_year, last.fiscal_year)
    });
    let model = model(stretch, locale);
    let known = [("model", model), ("years", years.as_str())];
    let heads = stretch.years.iter().map(|year| YearHead {
        year: year.fiscal_year,
        breaks: breaks(&year.breaks, model, locale),
        inhabitants: year
            .population
            .as_ref()
            .filter(|_| unit == Unit::PerInhabitant)
            .map(|known| inhabitants::said(known, locale)),
        witnesses: witnesses::tally(snapshot, year.fiscal_year, locale),
    });
    let heads: Vec<YearHead> = heads.collect();
    let mut groups: Vec<Group> = Vec::new();
    let mut block = None;
    for row in &stretch.rows {
        let mut view = row_view(snapshot, stretch, row, unit, locale);
        if by_nature {
            view.lead_to_accounts(snapshot, stretch, row);
        }
        let same = row.block.is_some() && block == Some(&row.block);
        match groups.last_mut().filter(|_| same) {
            Some(group) => group.rows.push(view),
            None => groups.push(Group {
                folds: row.kind == RowKind::Block,
                rows: vec![view],
            }),
        }
        block = Some(&row.block);
    }
    TableView {
        id: stretch.code().unwrap_or("none").to_ascii_lowercase(),
        heading: locale.fill("statement.heading", &known),
        caption: locale.fill(
            "statement.caption",
            &[
                ("unit", locale.term("statement.unit_caption", unit.name())),
                (
                    "model",
                    if by_nature {
                        locale.text("statement.nature_caption")
                    } else {
                        model
                    },
                ),
                known[1],
            ],
        ),
        step: later.map(|later| {
            let from = later.years.last().map(|year| year.fiscal_year.to_string());
            let from = from.unwrap_or_default();
            locale.fill(
                "statement.step",
                &[
                    ("year", &from),
                    ("later", self::model(later, locale)),
                    ("earlier", model),
                ],
            )
        }),
        has_witnesses: heads.iter().any(|head| head.witnesses.is_some()),
        years: heads,
        groups,
    }
}

/// The name of the model of a stretch.
fn model(stretch: &Stretch, locale: &'static Locale) -> &'static str {
    match stretch.code() {
        Some(BY_NATURE) => locale.text("statement.by_nature"),
        Some(code) => code,
        None => locale.text("statement.no_model"),
    }
}

impl RowView {
    /// Leads from a line by nature and its figures to the accounts that it adds up, which have no page of a line.
    fn lead_to_accounts(&mut self, snapshot: &Snapshot, stretch: &Stretch, row: &Row) {
        let account = match row.modelled() {
            Some(Modelled::Line(_, _, line)) => Some(line.code.as_str()),
            _ => None,
        };
        let accounts = |year: FiscalYear| match account {
            Some(account) => account_address::of_account(snapshot, account, year),
            None => account_address::of_year(snapshot, year),
        };
        if let Some(newest) = stretch.years.first() {
            self.link = accounts(newest.fiscal_year);
        }
        for (cell, year) in self.cells.iter_mut().zip(&stretch.years) {
            cell.link = accounts(year.fiscal_year);
        }
    }
}

/// Why a year is not compared with the one before, in words; `model` is that of the year.
pub fn breaks(kinds: &[BreakKind], model: &str, locale: &Locale) -> Option<String> {
    let words = kinds.iter().map(|kind| match kind {
        BreakKind::Nomenclature => locale.fill("statement.begins", &[("model", model)]),
        BreakKind::Perimeter => locale.term("series_break", kind.name()).to_owned(),
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn row_view(
    snapshot: &Snapshot,
    stretch: &Stretch,
    row: &Row,
    unit: Unit,
    locale: &'static Locale,
) -> RowView {
    let cells = stretch
        .years
        .iter()
        .zip(&row.figures)
        .map(|(year, figure)| {
            let breaks = !year.breaks.is_empty();
            cell(
                snapshot,
                row,
                figure,
                year.fiscal_year,
                breaks,
                unit,
                locale,
            )
        });
    let is_title =
        row.kind == RowKind::Block && row.figures.iter().all(|figure| figure.amount.is_none());
    RowView {
        kind: row.kind.name(),
        level: row.level,
        link: statement_address::line(snapshot, &row.address),
        label: label(row, locale),
        gloss: gloss(row, locale.language()),
        recognised: row.recognised,
        sums: row.kind.is_sum(),
        cells: if is_title {
            Vec::new()
        } else {
            cells.collect()
        },
        sparkline: sparkline(row, stretch, locale),
    }
}

/// The label of a row as it is shown.
pub fn label(row: &Row, locale: &'static Locale) -> String {
    short_label(&sentence_case(&row.label), locale)
}

/// The gloss of a row for readers of English.
pub const fn gloss(row: &Row, language: Language) -> &'static str {
    match language {
        Language::French => "",
        Language::English => row.gloss,
    }
}

/// A figure with the way to its records.
pub fn cell(
    snapshot: &Snapshot,
    row: &Row,
    figure: &Figure,
    fiscal_year: FiscalYear,
    breaks: bool,
    unit: Unit,
    locale: &'static Locale,
) -> CellView {
    let mark = mark(row, figure);
    let value = unit.written(figure, locale.language());
    let why = match figure.known {
        Known::Missing | Known::Empty | Known::Absent => figure.known.name(),
        _ if unit == Unit::PerInhabitant => "no_population",
        // There is an amount, and nothing to compare it with.
        _ => "not_compared",
    };
    CellView {
        word: if value.is_none() {
            locale.term("statement.known", why)
        } else if mark.is_empty() {
            ""
        } else {
            locale.term("statement.known", figure.known.name())
        },
        value,
        link: statement_address::figure(snapshot, &row.address, fiscal_year),
        known: figure.known.name(),
        mark,
        breaks,
    }
}

/// The sign beside a figure: of what repeats other rows without being their sum, of a sum that something else was
/// printed for, and of what is nil.
const fn mark(row: &Row, figure: &Figure) -> &'static str {
    match figure.known {
        Known::Repeats if !row.kind.is_sum() => "=",
        Known::Differs => "≠",
        Known::Nil => "∅",
        _ => "",
    }
}

/// What the signs of a statement mean, of those that it has.
fn legend(statement: &Statement, locale: &'static Locale) -> Vec<(&'static str, &'static str)> {
    let rows = || statement.stretches.iter().flat_map(|stretch| &stretch.rows);
    let figures = || rows().flat_map(|row| row.figures.iter().map(move |figure| (row, figure)));
    let has = |wanted: Known| figures().any(|(_, figure)| figure.known == wanted);
    let marked = |sign: &str| figures().any(|(row, figure)| mark(row, figure) == sign);
    let word = |known: Known| locale.term("statement.legend", known.name());
    let mut legend = vec![("Σ", word(Known::Computed))];
    for known in [Known::Repeats, Known::Differs, Known::Nil] {
        let sign = match known {
            Known::Repeats => "=",
            Known::Differs => "≠",
            _ => "∅",
        };
        if marked(sign) {
            legend.push((sign, word(known)));
        }
    }
    if has(Known::Missing) {
        legend.push(("—", word(Known::Missing)));
    }
    if has(Known::Absent) || has(Known::Empty) {
        legend.push(("·", word(Known::Absent)));
    }
    legend
}

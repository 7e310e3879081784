//! All lines: filtered, sorted, paged and downloaded.

use std::sync::Arc;

use askama::Template;
use centime_accounts::label::Match;
use centime_accounts::{Activity, FiscalYear};
use centime_analytics::selection::SIDES;
use centime_render::Locale;
use centime_render::language::format;
use centime_render::language::label::sentence_case;
use centime_render::provenance::source::Filter;
use centime_warehouse::doubt::{Doubt, within};
use centime_warehouse::lines::{Choices, Line};

use crate::files::download::{Download, FileLink, download, files, files_of_all};
use crate::http::reply::Reply;
use crate::pages::view::{
    Frame, Section, block_gloss, line_gloss, short_label, table_amount, with_gloss,
};
use crate::request::context::RequestContext;
use crate::request::lines_query::{COUNTINGS, LinesQuery, PAGE, ROLES};
use crate::request::page_error::PageError;
use crate::state::snapshot::Snapshot;

#[derive(Template)]
#[template(path = "lines.html")]
struct LinesPage<'a> {
    frame: Frame<'a>,
    query: &'a LinesQuery,
    selects: Vec<Select>,
    kept: Vec<(&'static str, String)>,
    count: String,
    files: Vec<FileLink>,
    files_of_all: Vec<FileLink>,
    chips: Vec<Chip>,
    columns: Vec<SortColumn>,
    rows: Vec<LineRow>,
    pages: Vec<PageLink>,
    previous: Option<String>,
    next: Option<String>,
}

struct Select {
    name: &'static str,
    label: String,
    all: String,
    options: Vec<SelectOption>,
}

struct SelectOption {
    value: String,
    label: String,
    selected: bool,
}

struct Chip {
    link: String,
    label: String,
}

struct SortColumn {
    label: String,
    /// Where it is sorted by this column; empty for columns that do not sort.
    link: String,
    aria_sort: &'static str,
    number: bool,
}

/// A line in a table.
pub struct LineRow {
    pub record: i64,
    /// The page of the line.
    pub link: String,
    pub year: FiscalYear,
    pub label: String,
    /// What it was recognised as, where it is written otherwise.
    pub official: Option<String>,
    pub gloss: &'static str,
    pub category: String,
    pub category_gloss: &'static str,
    pub side: String,
    pub role: &'static str,
    pub role_label: String,
    pub amount: Option<String>,
    pub counted: &'static str,
    pub counted_label: String,
}

struct PageLink {
    number: i64,
    link: String,
    current: bool,
    /// Pages are left out before this one.
    gap: bool,
}

impl LineRow {
    pub fn new(snapshot: &Snapshot, line: &Line, locale: &Locale) -> Self {
        let language = locale.language();
        let unknown = line.matched == Match::Unknown;
        let role = if unknown { "unknown" } else { line.role.name() };
        let counted = counting(line);
        Self {
            record: line.record,
            link: snapshot.line(line.record),
            year: line.fiscal_year,
            label: short_label(&line.published_label, locale),
            official: (!unknown && line.label.trim() != line.published_label.trim())
                .then(|| locale.fill("lines.recognised_as", &[("label", &line.label)])),
            gloss: line_gloss(line, language),
            category: short_label(&sentence_case(&line.category), locale),
            category_gloss: block_gloss(&line.category, language),
            side: line.side.map_or_else(String::new, |side| {
                locale.term("side", side.name()).to_owned()
            }),
            role,
            role_label: locale.term("role", role).to_owned(),
            amount: table_amount(line.amount, locale),
            counted,
            counted_label: locale.term("counted", counted).to_owned(),
        }
    }
}

/// Whether a line is added, as a class and a key.
pub fn counting(line: &Line) -> &'static str {
    match line {
        line if line.counted => "yes",
        line if line.missing => "missing",
        line if line.nil => "nil",
        _ => "no",
    }
}

/// Answers with a page of lines.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let query = LinesQuery::read(&context, snapshot).await?;
    let found = context
        .warehouse()?
        .lines(
            snapshot.published.revision.id,
            &snapshot.body.siren,
            &query.filter,
            query.order,
            (query.page - 1) * PAGE,
            PAGE,
        )
        .await?;
    let last = ((found.matching + PAGE - 1) / PAGE).max(1);
    if query.page > last {
        return Err(PageError::NotFound);
    }
    let total = format::integer(found.total, locale.language());
    let title = locale.text("lines.title");
    let kept = query.filters.iter().filter(|(name, _)| {
        // What the form has no field for is kept when it is sent.
        matches!(*name, "label" | "harmonised" | "successor" | "unknown")
    });
    let page = LinesPage {
        frame: Frame::new(&context, title, Section::Lines).doubting(doubted(snapshot, &query)),
        selects: selects(&query, &snapshot.choices, locale),
        kept: kept
            .cloned()
            .chain(query.ordering())
            .chain(query.kept.clone())
            .collect(),
        count: locale.count_and_fill("lines.found", found.matching, &[("total", &total)]),
        files: files(false, |extension| query.download(extension)),
        files_of_all: files_of_all(&context, snapshot, |extension| {
            query.clone().of_all().download(extension)
        }),
        chips: chips(&query, locale),
        columns: columns(&query, locale),
        rows: found
            .lines
            .iter()
            .map(|line| LineRow::new(snapshot, line, locale))
            .collect(),
        pages: pages(&query, last),
        previous: (query.page > 1).then(|| query.on_page(query.page - 1)),
        next: (query.page < last).then(|| query.on_page(query.page + 1)),
        query: &query,
    };
    page.frame.around(&page)
}

/// Answers with all lines that fit, as a file: `/lines.csv`.
pub async fn file(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let query = LinesQuery::read(&context, snapshot).await?;
    let wanted = Download {
        name: "lines".to_owned(),
        title: context.locale.text("lines.title").to_owned(),
        rows: snapshot.rows_of(&all(&context, snapshot, &query).await?),
        chart: None,
        statement: None,
        filters: query.restrictions(context.locale),
        address: query.on_page(1),
        doubts: doubted(snapshot, &query),
    };
    download(&context, snapshot, &context.rest_of_path("/lines."), wanted).await
}

/// What is doubted of the years of the lines.
fn doubted(snapshot: &Snapshot, query: &LinesQuery) -> Vec<Doubt> {
    let asked = query.filter.years.as_ref();
    within(&snapshot.doubts, |year| {
        asked.is_none_or(|asked| asked.contains(&year))
    })
}

async fn all(
    context: &RequestContext,
    snapshot: &Snapshot,
    query: &LinesQuery,
) -> Result<Vec<Line>, PageError> {
    let found = context
        .warehouse()?
        .lines(
            snapshot.published.revision.id,
            &snapshot.body.siren,
            &query.filter,
            query.order,
            0,
            i64::MAX,
        )
        .await?;
    Ok(found.lines)
}

fn selects(query: &LinesQuery, choices: &Choices, locale: &Locale) -> Vec<Select> {
    let select = |name: &'static str, group: &str, values: Vec<(String, String)>| {
        let chosen = query.value(name);
        Select {
            name,
            label: locale.term("lines.field", group).to_owned(),
            all: locale.term("lines.all", group).to_owned(),
            options: values
                .into_iter()
                .map(|(value, label)| SelectOption {
                    selected: value == chosen,
                    value,
                    label,
                })
                .collect(),
        }
    };
    let named = |group: &str, values: &[&str]| {
        let word = |value: &&str| (String::from(*value), locale.term(group, value).to_owned());
        values.iter().map(word).collect::<Vec<_>>()
    };
    let years = choices
        .fiscal_years
        .iter()
        .map(|year| (year.to_string(), year.to_string()));
    let known = |activity: &Activity| choices.activities.contains(activity);
    let activities = Activity::ALL.into_iter().filter(known);
    let activities: Vec<&str> = activities.map(Activity::name).collect();
    let categories = choices.categories.iter().map(|category| {
        let label = short_label(&sentence_case(category), locale);
        let gloss = block_gloss(category, locale.language());
        (category.clone(), with_gloss(&label, gloss))
    });
    vec![
        select("year", "year", years.collect()),
        select("side", "side", named("sides", &SIDES)),
        select("activity", "activity", named("activity", &activities)),
        select("category", "category", categories.collect()),
        select("role", "role", named("role", &ROLES)),
        select(
            "counted",
            "counted",
            named("counted", &COUNTINGS.map(|(name, _)| name)),
        ),
    ]
}

fn chips(query: &LinesQuery, locale: &Locale) -> Vec<Chip> {
    let chip = |filter: Filter| Chip {
        link: query.without(&filter.name),
        label: filter.value,
    };
    query.restrictions(locale).into_iter().map(chip).collect()
}

fn columns(query: &LinesQuery, locale: &Locale) -> Vec<SortColumn> {
    [
        ("year", true, false),
        ("label", true, false),
        ("category", true, false),
        ("side", true, false),
        ("role", false, false),
        ("amount", true, true),
        ("counted", false, false),
        ("source", false, true),
    ]
    .into_iter()
    .map(|(name, sorts, number)| SortColumn {
        label: locale.term("lines.column", name).to_owned(),
        link: if sorts {
            query.sorted_by(name)
        } else {
            String::new()
        },
        aria_sort: query.aria_sort(name),
        number,
    })
    .collect()
}

/// Links to the first and last page and to those around this one.
fn pages(query: &LinesQuery, last: i64) -> Vec<PageLink> {
    let mut numbers: Vec<i64> = [1, last]
        .into_iter()
        .chain(query.page - 2..=query.page + 2)
        .filter(|number| (1..=last).contains(number))
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut before = 0;
    numbers
        .into_iter()
        .map(|number| {
            let gap = number > before + 1;
            before = number;
            PageLink {
                number,
                link: query.on_page(number),
                current: number == query.page,
                gap,
            }
        })
        .collect()
}

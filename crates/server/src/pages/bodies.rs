//! The list of public bodies, where there are several, and the page that asks for one where one is needed.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use centime_accounts::FiscalYear;
use centime_render::language::format;
use centime_render::link;
use centime_warehouse::standing::{BodySort, Standing};

use crate::http::address::is_api;
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section, plain_amount};
use crate::request::context::RequestContext;
use crate::request::lines_query::{LAST_PAGE, LONGEST_TEXT, PAGE, bad, number, text};
use crate::request::page_error::PageError;

#[derive(Template)]
#[template(path = "bodies.html")]
struct BodiesPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    lead: String,
    /// What the search asks, under which name, and what it carries besides.
    action: String,
    field: &'static str,
    words: &'a str,
    kept: Vec<(String, String)>,
    count: String,
    columns: Vec<ColumnView>,
    rows: Vec<BodyRow>,
    /// That there are more than are shown, and where all of them are.
    all: Option<String>,
    previous: Option<String>,
    next: Option<String>,
}

struct ColumnView {
    label: &'static str,
    /// Where the list is sorted by it; empty where it is not.
    link: String,
    aria_sort: &'static str,
    number: bool,
}

struct BodyRow {
    link: String,
    name: String,
    siren: String,
    years: String,
    result: String,
    year: FiscalYear,
    margin: Option<String>,
    lines: String,
    /// In a sample edition: whether its lines are real or invented.
    mark: Option<&'static str>,
}

/// What can be sorted by: the name in addresses, what it is, whether its first order is descending, and its heading.
const SORTS: [(&str, BodySort, bool, &str); 5] = [
    ("name", BodySort::Name, false, "bodies.name"),
    ("year", BodySort::Year, true, "bodies.years"),
    ("result", BodySort::Result, true, "bodies.result"),
    ("margin", BodySort::Margin, true, "bodies.margin"),
    ("lines", BodySort::Lines, true, "bodies.lines"),
];

/// The order that an address asks for.
#[derive(Clone, Copy)]
struct Order {
    name: &'static str,
    by: BodySort,
    descending: bool,
}

impl Order {
    fn read(context: &RequestContext) -> Result<Self, PageError> {
        let asked = context.parameter("sort").unwrap_or(SORTS[0].0);
        let found = SORTS.iter().find(|(name, ..)| *name == asked);
        let Some((name, by, descends, _)) = found else {
            let names = SORTS.map(|(name, ..)| name);
            return Err(bad(context.locale, "sort", asked, &names));
        };
        let descending = match context.parameter("dir") {
            None => *descends,
            Some("desc") => true,
            Some("asc") => false,
            Some(other) => return Err(bad(context.locale, "dir", other, &["asc", "desc"])),
        };
        Ok(Self {
            name,
            by: *by,
            descending,
        })
    }

    const fn direction(self) -> &'static str {
        if self.descending { "desc" } else { "asc" }
    }
}

/// Answers with the public bodies whose name or number has the words asked for.
pub async fn answer(context: &RequestContext) -> Result<Reply, PageError> {
    let locale = context.locale;
    let revision = context.published()?.revision.id;
    let words = text(context)?;
    let order = Order::read(context)?;
    let page = number(context, "page", 1..=LAST_PAGE, "lines.allowed_page")?.unwrap_or(1);
    let found = context
        .warehouse()?
        .standings(
            revision,
            words,
            order.by,
            order.descending,
            (page - 1) * PAGE,
            PAGE,
        )
        .await?;
    if page > 1 && found.bodies.is_empty() {
        return Err(PageError::NotFound);
    }
    let with = |parameters: &[(&str, &str)]| {
        let words = (!words.is_empty()).then_some(("q", words)).into_iter();
        let parameters: Vec<(&str, &str)> = words.chain(parameters.iter().copied()).collect();
        context.link("/", &parameters)
    };
    let sorted = [("sort", order.name), ("dir", order.direction())];
    let sorted = |name: &str| {
        let asked = context.parameter("sort").is_some() || context.parameter("dir").is_some();
        let mut sorted = sorted.iter().filter(move |_| asked);
        sorted.find(|(known, _)| *known == name).copied()
    };
    let on_page = |page: i64| {
        let page = page.to_string();
        let others = [sorted("sort"), sorted("dir"), Some(("page", page.as_str()))];
        with(&others.into_iter().flatten().collect::<Vec<_>>())
    };
    let kept = [sorted("sort"), sorted("dir")].into_iter().flatten();
    let kept = kept.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let revision = context.older().map(|shown| shown.revision.id.to_string());
    let revision = revision.map(|number| ("revision".to_owned(), number));
    let page = BodiesPage {
        frame: Frame::new(context, locale.text("bodies.title"), Section::Home),
        title: locale.text("bodies.title"),
        lead: locale.text("bodies.lead").to_owned(),
        action: "/".to_owned(),
        field: "q",
        words,
        kept: kept.chain(revision).collect(),
        count: locale.count("bodies.found", found.matching),
        columns: columns(context, Some((order, &with))),
        rows: found
            .bodies
            .iter()
            .map(|body| {
                row(
                    context,
                    body,
                    context.link("/", &[("body", &body.body.siren)]),
                )
            })
            .collect(),
        all: None,
        previous: (page > 1).then(|| on_page(page - 1)),
        next: (page * PAGE < found.matching).then(|| on_page(page + 1)),
    };
    page.frame.around(&page)
}

/// The address of the list with some parameters put in place of others.
type LinkWith<'a> = dyn Fn(&[(&str, &str)]) -> String + 'a;

/// The headings; with links where the list can be sorted.
fn columns(context: &RequestContext, sorting: Option<(Order, &LinkWith<'_>)>) -> Vec<ColumnView> {
    let locale = context.locale;
    let mut columns: Vec<ColumnView> = SORTS
        .iter()
        .map(|(name, by, descends, key)| {
            let (mut link, mut aria_sort) = (String::new(), "");
            if let Some((order, with)) = sorting {
                let current = order.by == *by;
                let down = if current {
                    !order.descending
                } else {
                    *descends
                };
                let direction = if down { "desc" } else { "asc" };
                link = with(&[("sort", name), ("dir", direction)]);
                aria_sort = match (current, order.descending) {
                    (false, _) => "",
                    (true, true) => "descending",
                    (true, false) => "ascending",
                };
            }
            ColumnView {
                label: locale.text(key),
                link,
                aria_sort,
                number: matches!(by, BodySort::Result | BodySort::Margin | BodySort::Lines),
            }
        })
        .collect();
    columns.insert(
        1,
        ColumnView {
            label: locale.text("bodies.siren"),
            link: String::new(),
            aria_sort: "",
            number: false,
        },
    );
    columns
}

fn row(context: &RequestContext, standing: &Standing, link: String) -> BodyRow {
    let locale = context.locale;
    let language = locale.language();
    let body = &standing.body;
    BodyRow {
        link,
        name: body.name.clone(),
        siren: body.siren.clone(),
        years: locale.years(body.first_year, body.last_year),
        result: plain_amount(standing.result, locale),
        year: body.last_year,
        margin: standing.margin.map(|margin| format::rate(margin, language)),
        lines: format::integer(body.lines, language),
        mark: (context.is_sample_edition() && context.has_real_figures()).then(|| {
            let mark = if body.sample {
                "sample.invented"
            } else {
                "sample.real"
            };
            locale.text(mark)
        }),
    }
}

/// Asks which public body is meant where a page needs one and none was named, or not so that it is one; says any other
/// problem as it is.
pub async fn ask_or_refuse(context: &RequestContext, problem: PageError) -> Response {
    let asks = matches!(
        problem,
        PageError::WhichBody | PageError::UnknownBody { .. }
    ) && !context.is_file()
        && !context.is_embedded()
        && !is_api(&context.path);
    if !asks {
        return context.refuse(&problem);
    }
    match ask(context, &problem).await {
        Ok(reply) => context.respond(reply),
        Err(problem) => context.refuse(&problem),
    }
}

/// The page that asks which public body is meant: those whose name or number has what was said, each with the same view of
/// it. Where none has, it says so and is an error.
async fn ask(context: &RequestContext, problem: &PageError) -> Result<Reply, PageError> {
    let locale = context.locale;
    let published = context.published()?;
    let words = context.parameter("body").unwrap_or_default();
    let words = if words.chars().count() > LONGEST_TEXT {
        ""
    } else {
        words
    };
    let found = context
        .warehouse()?
        .standings(published.revision.id, words, BodySort::Name, false, 0, PAGE)
        .await?;
    let page = context.of_another_body();
    let (path, query) = page.split_once('?').unwrap_or((&page, ""));
    let others = crate::http::query_string::parse(query);
    let of_body = |siren: &str| {
        let mut parameters = others.clone();
        parameters.push(("body".to_owned(), siren.to_owned()));
        link::to(path, &parameters)
    };
    let unknown = found.matching == 0;
    let title = locale.term("problem_title", problem.name());
    let lead = if unknown || words.is_empty() && matches!(problem, PageError::UnknownBody { .. }) {
        problem.lead(locale)
    } else {
        locale.text("bodies.ask").to_owned()
    };
    let page = BodiesPage {
        frame: Frame::new(context, title, Section::None).of_problem(),
        title,
        lead,
        action: path.to_owned(),
        field: "body",
        words,
        kept: others.clone(),
        count: locale.count("bodies.found", found.matching),
        columns: columns(context, None),
        rows: found
            .bodies
            .iter()
            .map(|standing| row(context, standing, of_body(&standing.body.siren)))
            .collect(),
        all: (found.matching > PAGE).then(|| context.link("/", &[])),
        previous: None,
        next: None,
    };
    let reply = page.frame.around(&page)?;
    Ok(if unknown {
        reply.with_status(StatusCode::NOT_FOUND)
    } else {
        reply
    })
}

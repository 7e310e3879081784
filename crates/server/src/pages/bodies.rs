//! The list of public bodies, where there are several.

use askama::Template;
use centime_render::language::format;
use centime_warehouse::Body;

use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::lines_query::{LAST_PAGE, PAGE, number, text};
use crate::request::page_error::PageError;
use crate::request::reply;

#[derive(Template)]
#[template(path = "bodies.html")]
struct BodiesPage<'a> {
    frame: Frame<'a>,
    words: &'a str,
    /// The revision, where it has to be named.
    revision: Option<i64>,
    count: String,
    rows: Vec<BodyRow>,
    previous: Option<String>,
    next: Option<String>,
}

struct BodyRow {
    link: String,
    name: String,
    siren: String,
    years: String,
    lines: String,
}

/// Answers with the public bodies whose name or number has the words asked for.
pub async fn answer(context: &RequestContext) -> Result<Reply, PageError> {
    let locale = context.locale;
    let revision = context.published()?.revision.id;
    let words = text(context)?;
    let page = number(context, "page", 1..=LAST_PAGE, "lines.allowed_page")?.unwrap_or(1);
    let found = context
        .warehouse()?
        .bodies(revision, words, (page - 1) * PAGE, PAGE)
        .await?;
    let on_page = |page: i64| {
        let page = page.to_string();
        let parameters = [("q", words), ("page", &page)];
        context.link(
            "/",
            if words.is_empty() {
                &parameters[1..]
            } else {
                &parameters
            },
        )
    };
    if page > 1 && found.bodies.is_empty() {
        return Err(PageError::NotFound);
    }
    reply::page(&BodiesPage {
        frame: Frame::new(context, locale.text("bodies.title"), Section::Home),
        words,
        revision: context.older().map(|shown| shown.revision.id),
        count: locale.count("bodies.found", found.matching),
        rows: found.bodies.iter().map(|body| row(context, body)).collect(),
        previous: (page > 1).then(|| on_page(page - 1)),
        next: (page * PAGE < found.matching).then(|| on_page(page + 1)),
    })
}

fn row(context: &RequestContext, body: &Body) -> BodyRow {
    let locale = context.locale;
    BodyRow {
        link: context.link("/", &[("body", &body.siren)]),
        name: body.name.clone(),
        siren: body.siren.clone(),
        years: locale.years(body.first_year, body.last_year),
        lines: format::integer(body.lines, locale.language()),
    }
}

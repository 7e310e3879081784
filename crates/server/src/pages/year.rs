//! The page of a fiscal year, and the list of all of them.

use std::sync::Arc;

use askama::Template;
use centime_accounts::{FiscalYear, YearStatus};
use centime_analytics::years::{self, YearFigures};
use centime_analytics::{Basis, analyses};
use centime_warehouse::doubt::within;

use crate::http::reply::Reply;
use crate::pages::indicators::{self, OfYear};
use crate::pages::view::{Frame, Section, plain_amount, status};
use crate::pages::year_view::{YearView, address, before, comparable};
use crate::request::context::RequestContext;
use crate::request::page_error::{Absent, PageError, Way};
use crate::request::paths;
use crate::state::snapshot::Snapshot;

#[derive(Template)]
#[template(path = "year.html")]
struct YearPage<'a> {
    frame: Frame<'a>,
    kicker: String,
    heading: String,
    view: YearView,
    indicators: Option<OfYear>,
}

#[derive(Template)]
#[template(path = "years.html")]
struct YearsPage<'a> {
    frame: Frame<'a>,
    rows: Vec<YearRow>,
}

struct YearRow {
    year: FiscalYear,
    link: String,
    revenue: String,
    expense: String,
    result: String,
    status: &'static str,
    status_label: String,
}

/// The years of a body, in order.
pub fn of_body(snapshot: &Snapshot) -> Vec<YearFigures> {
    YearFigures::of(snapshot.table(&analyses::yearly_result::ANALYSIS, Basis::Leaf))
}

/// Answers with the page of a year.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let known = of_body(snapshot);
    let asked = context.rest_of_path(&format!("{}/", paths::YEARS));
    let year = asked.parse().map_err(|_| PageError::NotFound)?;
    let figures =
        years::find(&known, year).ok_or_else(|| absent(snapshot, &context, year, &known))?;
    let since = since(&context, &known, year)?;
    let lines = context.lines_at_hand(snapshot).await?;
    let locale = context.locale;
    let books = context.books_at_hand(snapshot).await?;
    let heading = locale.fill("year.title", &[("year", &year.to_string())]);
    let page = YearPage {
        frame: Frame::new(&context, &heading, Section::Years)
            .doubting(within(&snapshot.doubts, |doubted| {
                doubted == year || doubted == since
            })),
        kicker: format!("{} · {}", locale.text("year.kicker"), snapshot.body.name),
        heading,
        view: YearView::new(&context, snapshot, lines, &known, figures, since),
        indicators: books.and_then(|books| indicators::of_year(snapshot, books, year, locale)),
    };
    page.frame.around(&page)
}

/// The year that one is compared with: one that is asked for, or the year before.
fn since(
    context: &RequestContext,
    known: &[YearFigures],
    year: FiscalYear,
) -> Result<FiscalYear, PageError> {
    let Some(asked) = context.parameter("since") else {
        return Ok(before(year));
    };
    let earlier = asked
        .parse()
        .ok()
        .filter(|since| *since < year && years::find(known, *since).is_some());
    let example = comparable(known, year).first().copied();
    let example = example.unwrap_or_else(|| before(year)).to_string();
    earlier.ok_or_else(|| PageError::BadParameter {
        name: "since",
        value: asked.to_owned(),
        allowed: context
            .locale
            .fill("year.allowed_since", &[("year", &example)]),
    })
}

/// The problem that a body has no statement of a year, with the years that it has nearest to it.
fn absent(
    snapshot: &Snapshot,
    context: &RequestContext,
    year: FiscalYear,
    known: &[YearFigures],
) -> PageError {
    let locale = context.locale;
    let mut near: Vec<FiscalYear> = known.iter().map(|known| known.fiscal_year).collect();
    near.sort_by_key(|known| (known.get().abs_diff(year.get()), *known));
    let way = |near: &FiscalYear| {
        let label = locale.fill("year.title", &[("year", &near.to_string())]);
        Way::new(&label, address(snapshot, *near))
    };
    let all = Way::new(locale.text("year.all"), snapshot.link(paths::YEARS, &[]));
    PageError::Absent(Box::new(Absent {
        name: "year",
        value: year.to_string(),
        shown: year.to_string(),
        body: snapshot.body.name.clone(),
        revision: snapshot.published.revision.id,
        ways: near.iter().take(2).map(way).chain([all]).collect(),
    }))
}

/// Answers with the list of years.
pub async fn list(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let locale = context.locale;
    let rows = of_body(snapshot).into_iter().rev().map(|year| {
        let (kind, label) = status(year.status.map_or("", YearStatus::name), locale);
        YearRow {
            year: year.fiscal_year,
            link: address(snapshot, year.fiscal_year),
            revenue: plain_amount(year.revenue, locale),
            expense: plain_amount(year.expense, locale),
            result: plain_amount(year.result, locale),
            status: kind,
            status_label: label.to_owned(),
        }
    });
    let page = YearsPage {
        frame: Frame::new(&context, locale.text("year.list_title"), Section::Years),
        rows: rows.collect(),
    };
    page.frame.around(&page)
}

//! The report: a page that shows it, and the PDF.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::body::Bytes;
use axum::response::Response;
use centime_access::{Right, Rule, Verdict};
use centime_render::Locale;
use centime_render::dashboard::{self, Query};

use crate::access::{ConditionalRight, Framing};
use crate::files::download::file_name;
use crate::http::query_string;
use crate::http::reply::Reply;
use crate::pages::bodies::ask_or_refuse;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::dashboard_query::query;
use crate::request::page_error::PageError;
use crate::request::paths;
use crate::state::report_service::{ReportRequest, ReportService, ViewAt, view_at};
use crate::state::snapshot::Snapshot;
use crate::state::view_query;

/// Every reader may read the report of the whole statement: there is one for each public body and
/// language, and it is kept. One of a view of their own is made for those who may ask for reports.
pub const OF_A_VIEW: ConditionalRight = ConditionalRight {
    asked: is_of_a_view,
    right: Right::Report,
    example: "/reports/income-statement.pdf?basis=naive",
};

fn is_of_a_view(address: &str) -> bool {
    view_query::chooses(&query_string::parse(address))
}

#[derive(Template)]
#[template(path = "report.html")]
struct ReportPage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    /// The PDF; `None` where this reader may not ask for it.
    pdf: Option<String>,
    /// The report of the whole statement, where another is shown.
    whole: Option<String>,
    /// The same view on the dashboard.
    dashboard: String,
}

/// Answers with the page that shows the PDF.
pub async fn answer(context: RequestContext) -> Response {
    let made = page(&context).await;
    let mut response = match made {
        Ok(reply) => context.respond(reply),
        Err(problem) => ask_or_refuse(&context, problem).await,
    };
    response.extensions_mut().insert(Framing::Shows);
    response
}

async fn page(context: &RequestContext) -> Result<Reply, PageError> {
    reports(context)?;
    let snapshot = context.snapshot()?;
    let lines = context.lines(snapshot).await?;
    let query = query(context, snapshot, lines).await?;
    let title = context.locale.text("report.title");
    let of_a_view = view_query::chooses(&context.parameters);
    let role = context.identified.identity.as_ref().map(|who| who.role);
    let mode = context.site.guard().settings.mode;
    let allowed = !of_a_view || mode.decide(Rule::Needs(Right::Report), role) == Verdict::Allowed;
    let language = [("lang", Some(context.language().code()))];
    let page = ReportPage {
        frame: Frame::new(context, title, Section::Report).of_class("page--report"),
        title,
        pdf: allowed.then(|| query.changed_at(paths::REPORT_PDF, &language)),
        whole: of_a_view.then(|| snapshot.link(paths::REPORT, &[])),
        dashboard: query.at(dashboard::PATH),
    };
    page.frame.around(&page)
}

/// Answers with the PDF.
pub async fn pdf(context: RequestContext, copy: Option<Extension<ViewAt>>) -> Response {
    let copy = copy.map(|Extension(ViewAt(address))| address);
    let made = document(&context, copy).await;
    let mut response = match made {
        Ok(reply) => context.respond(reply),
        Err(problem) => context.refuse(&problem),
    };
    response.extensions_mut().insert(Framing::Shown);
    response
}

async fn document(context: &RequestContext, copy: Option<String>) -> Result<Reply, PageError> {
    context.understood()?;
    let (name, bytes) = printed(context, context.locale, copy).await?;
    Ok(Reply::pdf(name, bytes))
}

/// The report of the view that is asked for, and the name under which it is to be kept. It leads to the view where a
/// `copy` of the site has it, else where the site is said to be (`site.public_address`), else nowhere: a report is the
/// same for everybody, and what a request says of the host is whatever a client likes.
pub async fn printed(
    context: &RequestContext,
    locale: &'static Locale,
    copy: Option<String>,
) -> Result<(String, Bytes), PageError> {
    let reports = reports(context)?;
    let snapshot = context.snapshot()?;
    let lines = context.lines(snapshot).await?;
    let query = query(context, snapshot, lines).await?;
    // The report of a revision is the same whenever it is made.
    if !snapshot.account_years.is_empty() {
        context.books(snapshot).await?;
    }
    let name = file_name(snapshot, &what(snapshot, &query), &[], "pdf");
    let address = copy.or_else(|| {
        let site = context.public()?;
        Some(view_at(&site, &query, locale.language()))
    });
    let order = ReportRequest {
        snapshot: Arc::clone(snapshot),
        query,
        locale,
        address,
    };
    let bytes = reports.report(order).await.map_err(PageError::File)?;
    Ok((name, bytes))
}

/// The one who makes reports; a site without has none.
fn reports(context: &RequestContext) -> Result<&Arc<ReportService>, PageError> {
    context.site.reports().ok_or(PageError::NotFound)
}

/// What it is, for the name of the file: a report of these years.
fn what(snapshot: &Snapshot, query: &Query) -> String {
    let years = &query.selection.years;
    let (first, last) = (years.start(), years.end());
    if snapshot.period().is_none() {
        "report".to_owned()
    } else if first == last {
        format!("report-{first}")
    } else {
        format!("report-{first}-{last}")
    }
}

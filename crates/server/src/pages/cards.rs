//! Charts as the pictures that are shown beside links to pages elsewhere.

use std::sync::Arc;

use centime_analytics::{Analysis, Basis};
use centime_render::dashboard::{PATH, Panel, Query, analysis_chart, panel};
use centime_render::draw::card::{self, Words};
use centime_render::draw::spec::Chart;

use crate::http::reply::Reply;
use crate::limits::blocking;
use crate::pages::headline::headline;
use crate::request::basis::basis;
use crate::request::context::RequestContext;
use crate::request::dashboard_query::query;
use crate::request::page_error::PageError;
use crate::state::snapshot::Snapshot;

/// The address of the card of an analysis.
pub fn of_analysis(snapshot: &Snapshot, analysis: &Analysis, basis: Basis) -> String {
    let path = format!("/cards/analyses/{}.png", analysis.name());
    match basis {
        Basis::Leaf => snapshot.link(&path, &[]),
        Basis::Naive => snapshot.link(&path, &[("basis", basis.name())]),
    }
}

/// The address of the card of a chart of the dashboard.
pub fn of_dashboard(query: &Query, name: &str) -> String {
    query.at(&format!("/cards{PATH}/{name}.png"))
}

/// Answers with the card of an analysis.
pub async fn analysis(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let name = context.rest_of_path("/cards/analyses/");
    let analysis = name
        .strip_suffix(".png")
        .and_then(|name| snapshot.catalogue().by_name(name));
    let analysis = analysis.ok_or(PageError::NotFound)?;
    let basis = basis(&context)?;
    let chart = analysis_chart(&**snapshot, analysis, basis, context.locale);
    let (figure, caption) = headline(analysis, snapshot.table(analysis, basis), context.locale);
    let headline = figure.map(|figure| (figure, caption));
    drawn(&context, snapshot, chart, headline).await
}

/// Answers with the card of a chart of the dashboard.
pub async fn dashboard(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let name = context.rest_of_path("/cards/dashboard/");
    let name = name.strip_suffix(".png").ok_or(PageError::NotFound)?;
    let lines = context.lines(snapshot).await?;
    let query = query(&context, snapshot, lines).await?;
    let found = panel(name, &**snapshot, lines, &query, context.locale);
    let Panel { chart, .. } = found.ok_or(PageError::NotFound)?;
    // Its title says what it shows.
    drawn(&context, snapshot, chart, None).await
}

async fn drawn(
    context: &RequestContext,
    snapshot: &Arc<Snapshot>,
    chart: Chart,
    headline: Option<(String, String)>,
) -> Result<Reply, PageError> {
    let sample = context
        .sample()
        .then(|| context.locale.text("sample.title"));
    let doubted = (!snapshot.doubts.is_empty()).then(|| context.locale.text("doubt.short"));
    let remarks: Vec<&str> = sample.into_iter().chain(doubted).collect();
    let remarks = remarks.join(" ");
    let snapshot = Arc::clone(snapshot);
    let made = blocking(move || {
        let words = Words {
            body: &snapshot.body.name,
            headline: headline
                .as_ref()
                .map(|(figure, caption)| (figure.as_str(), caption.as_str())),
            sample: (!remarks.is_empty()).then_some(remarks.as_str()),
        };
        card::png(&chart, &words)
    });
    match made.await {
        Ok(Ok(png)) => Ok(Reply::picture(png)),
        Ok(Err(error)) => Err(PageError::File(error.to_string())),
        Err(error) => Err(PageError::File(error.to_string())),
    }
}

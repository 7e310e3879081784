//! The dashboard of a Metabase in a frame, signed for each reader, where the configuration names one.

use askama::Template;
use axum::response::Response;
use jiff::Timestamp;

use crate::access::Framing;
use crate::http::reply::Reply;
use crate::pages::login::sent;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;
use crate::settings::metabase::Metabase;
use crate::state::resolved_view::Choice;

#[derive(Template)]
#[template(path = "metabase.html")]
struct MetabasePage<'a> {
    frame: Frame<'a>,
    lead: String,
    /// What is in the frame.
    source: String,
    /// Metabase itself, for those who may log in.
    address: String,
}

/// Shows the dashboard of Metabase. The answer is for this reader and this hour, and is kept nowhere.
pub async fn answer(context: RequestContext) -> Response {
    let Some(metabase) = context.site.guard().settings.metabase.clone() else {
        return context.refuse(&PageError::NotFound);
    };
    let mut response = sent(
        &context,
        page(&context, &metabase),
        axum::http::StatusCode::OK,
    );
    response
        .extensions_mut()
        .insert(Framing::ShowsOther(metabase.origin));
    response
}

fn page(context: &RequestContext, metabase: &Metabase) -> Result<Reply, PageError> {
    let locale = context.locale;
    let chosen = match &context.choice {
        Choice::Body(snapshot) => Some(&snapshot.body),
        _ => None,
    };
    // As the filter of the dashboard names bodies.
    let label = chosen.map(|body| match body.siren.as_str() {
        "" => body.name.clone(),
        siren => format!("{} ({siren})", body.name),
    });
    let name = chosen.map_or("Centime", |body| body.name.as_str());
    let page = MetabasePage {
        frame: Frame::new(context, locale.text("metabase.title"), Section::Dashboard)
            .of_class("page--dashboard"),
        lead: locale.fill("metabase.lead", &[("body", name)]),
        source: metabase.source(Timestamp::now(), label.as_deref()),
        address: format!("{}/dashboard/{}", metabase.address, metabase.dashboard),
    };
    page.frame.around(&page)
}

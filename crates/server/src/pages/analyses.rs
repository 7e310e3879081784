//! The list of analyses.

use std::sync::Arc;

use askama::Template;

use crate::http::reply::Reply;
use crate::pages::view::{Card, Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;

#[derive(Template)]
#[template(path = "analyses.html")]
struct AnalysesPage<'a> {
    frame: Frame<'a>,
    cards: Vec<Card>,
}

/// Answers with the list of analyses.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let snapshot = context.snapshot()?;
    let card = |analysis| Card::new(snapshot, analysis, context.locale);
    let title = context.locale.text("analyses.title");
    let page = AnalysesPage {
        frame: Frame::new(&context, title, Section::Analyses),
        cards: snapshot.catalogue().analyses().map(card).collect(),
    };
    page.frame.around(&page)
}

//! The list of analyses.

use std::sync::Arc;

use askama::Template;

use crate::problem::Problem;
use crate::reply::Reply;
use crate::view::{Card, Frame, Section};
use crate::visit::Visit;

#[derive(Template)]
#[template(path = "analyses.html")]
struct AnalysesPage<'a> {
    frame: Frame<'a>,
    cards: Vec<Card>,
}

/// Answers with the list of analyses.
pub async fn answer(visit: Arc<Visit>) -> Result<Reply, Problem> {
    let snapshot = visit.snapshot()?;
    let card = |analysis| Card::new(snapshot, analysis, visit.locale);
    let title = visit.locale.text("analyses.title");
    Reply::page(&AnalysesPage {
        frame: Frame::new(&visit, title, Section::Analyses),
        cards: snapshot.catalogue().analyses().map(card).collect(),
    })
}

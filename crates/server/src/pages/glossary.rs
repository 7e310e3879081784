//! What the words of the site mean.

use std::sync::Arc;

use askama::Template;
use centime_render::glossary;

use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;

#[derive(Template)]
#[template(path = "glossary.html")]
struct GlossaryPage<'a> {
    frame: Frame<'a>,
    words: Vec<Word>,
}

struct Word {
    id: &'static str,
    term: &'static str,
    meaning: &'static str,
}

/// Answers with the page.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let locale = context.locale;
    let language = locale.language();
    let words = glossary::entries(language).into_iter().map(|entry| {
        let said = entry.in_language(language);
        Word {
            id: &entry.id,
            term: &said.term,
            meaning: &said.meaning,
        }
    });
    let page = GlossaryPage {
        words: words.collect(),
        frame: Frame::new(&context, locale.text("glossary.title"), Section::None)
            .describing(locale.text("glossary.lead")),
    };
    page.frame.around(&page)
}

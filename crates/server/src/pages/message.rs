//! What is said where there is no answer: on a page to a person, as problem details to a program.

use askama::Template;
use axum::body::Body;
use axum::http::header::{CONTENT_LANGUAGE, RETRY_AFTER, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use centime_render::dashboard::{self, REVISION};

use super::view::{Frame, Section};
use crate::http::problem_details::ProblemDetails;
use crate::http::reply::{RETRY_SECONDS, Reply};
use crate::request::context::RequestContext;
use crate::request::page_error::{PageError, Way};
use crate::request::reply::page;

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: Frame<'a>,
    code: String,
    title: &'a str,
    lead: String,
    ways: Vec<Way>,
    operator: bool,
    /// What failed last, and when the next attempt is.
    refresh: Vec<String>,
}

/// The same within a page of others, without menus.
#[derive(Template)]
#[template(path = "framed_message.html")]
struct FramedMessage<'a> {
    frame: Frame<'a>,
    title: &'a str,
    lead: String,
    ways: Vec<Way>,
}

/// The page that says what the problem is.
fn about(problem: &PageError, context: &RequestContext) -> Result<Reply, PageError> {
    let locale = context.locale;
    let title = locale.term("problem_title", problem.name());
    let (lead, ways) = (problem.lead(locale), ways(problem, context));
    // Where this process runs by itself there is nothing for the operator to do but to wait or to look.
    let upkeep = match problem {
        PageError::NothingPublished => context.site.guard().upkeep(),
        _ => None,
    };
    let message = if context.is_embedded() {
        page(&FramedMessage {
            frame: Frame::new(context, title, Section::None).of_problem(),
            title,
            lead,
            ways,
        })
    } else {
        let page = MessagePage {
            frame: Frame::new(context, title, Section::None)
                .of_problem()
                .of_class("page--message"),
            code: match problem {
                PageError::NothingPublished => locale.text("problem.no_revision").to_owned(),
                _ => problem.status().as_u16().to_string(),
            },
            title,
            lead,
            ways,
            operator: matches!(problem, PageError::NothingPublished) && upkeep.is_none(),
            refresh: upkeep.map_or_else(Vec::new, |upkeep| upkeep.sentences(locale)),
        };
        page.frame.around(&page)
    };
    Ok(message?.with_status(problem.status()))
}

/// Where to go on from a problem.
fn ways(problem: &PageError, context: &RequestContext) -> Vec<Way> {
    match problem {
        PageError::Absent(absent) => absent.ways.clone(),
        PageError::NoStatement { totals, .. } => {
            let label = context.locale.text("aggregates.title");
            vec![Way::new(label, totals.clone())]
        }
        PageError::NoRevision(_) => {
            // The number of a line is that of one revision only.
            let (label, link) = match context.path.strip_prefix("/lines/") {
                Some(_) => ("problem.current_lines", context.link("/lines", &[])),
                None => ("problem.current_revision", context.without(REVISION)),
            };
            vec![Way::new(context.locale.text(label), link)]
        }
        _ if context.is_embedded() => {
            let link = context.link(dashboard::PATH, &[]);
            vec![Way::new(context.locale.text("dashboard.title"), link)]
        }
        _ => Vec::new(),
    }
}

impl RequestContext {
    /// Says to a program why there is no file, in the reader's language.
    fn refuse_program(&self, problem: &PageError) -> Response {
        let title = self.locale.term("problem_title", problem.name());
        let detail = problem.lead(self.locale);
        let trouble = ProblemDetails::new(problem.status(), problem.name(), title, detail);
        let mut response = trouble.respond(&self.request_id);
        let headers = response.headers_mut();
        headers.insert(
            CONTENT_LANGUAGE,
            HeaderValue::from_static(self.language().code()),
        );
        headers.insert(
            VARY,
            HeaderValue::from_static("accept, accept-language, cookie"),
        );
        if problem.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_SECONDS));
        }
        response
    }

    /// Says why there is no answer: on a page to a person, within a page of others as a part of it, and to
    /// a program that asks for a file as a problem.
    pub fn refuse(&self, problem: &PageError) -> Response {
        match problem {
            PageError::Internal(error) => {
                tracing::error!(%error, path = self.path, "a page could not be made");
            }
            PageError::File(error) => {
                tracing::error!(%error, path = self.path, "a file could not be made");
            }
            _ => {}
        }
        if let PageError::Refused(refusal) = problem
            && !(refusal.has_page() && self.reads_pages)
        {
            return refusal.respond(&self.request_id);
        }
        if self.is_file() && !self.reads_pages {
            return self.refuse_program(problem);
        }
        match about(problem, self) {
            Ok(reply) => {
                let mut response = self.respond(reply);
                if let PageError::Refused(refusal) = problem {
                    refusal.put_on(response.headers_mut());
                }
                response
            }
            Err(error) => {
                tracing::error!(?error, path = self.path, "no page of words could be made");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }
}

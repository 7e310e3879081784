//! How an answer is sent, and what is said when there is none.

use askama::Template;
use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, LOCATION,
    RETRY_AFTER, SET_COOKIE, VARY,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;

use crate::assets::hash;
use crate::problem::Problem;
use crate::site::Choice;
use crate::view::{Frame, Section};
use crate::visit::{DRAWING, Visit};

const EDITION: HeaderName = HeaderName::from_static("x-centime-edition");

/// How long to wait before a first publication is looked for again, in seconds.
const RETRY_SECONDS: &str = "60";

/// An answer.
#[derive(Debug)]
pub struct Reply {
    status: StatusCode,
    kind: &'static str,
    body: Bytes,
    /// Where the answer is instead.
    location: Option<String>,
    /// The name under which it is to be kept.
    file: Option<String>,
}

impl Reply {
    /// A page.
    pub fn page(template: &impl Template) -> Result<Self, Problem> {
        Ok(Self {
            status: StatusCode::OK,
            kind: "text/html; charset=utf-8",
            body: template.render()?.into(),
            location: None,
            file: None,
        })
    }

    /// The way to another address, where the answer is.
    pub fn elsewhere(location: String) -> Self {
        Self {
            status: StatusCode::SEE_OTHER,
            kind: "text/plain; charset=utf-8",
            body: Bytes::new(),
            location: Some(location),
            file: None,
        }
    }

    /// JSON for the site's own scripts.
    pub fn data(json: String) -> Self {
        Self {
            status: StatusCode::OK,
            kind: "application/json; charset=utf-8",
            body: json.into(),
            location: None,
            file: None,
        }
    }

    /// A file to keep, as its extension says.
    pub fn download(visit: &Visit, name: &str, extension: &str, body: impl Into<Bytes>) -> Self {
        let sample = visit.sample();
        let sample = if sample { "-sample" } else { "" };
        let of_body = match &visit.choice {
            Choice::Body(snapshot) => snapshot.parameter(),
            _ => None,
        };
        let of_body = of_body.map_or_else(String::new, |(_, siren)| format!("{siren}-"));
        Self {
            status: StatusCode::OK,
            kind: match extension {
                "csv" => "text/csv; charset=utf-8",
                "svg" => "image/svg+xml",
                "png" => "image/png",
                _ => "application/json; charset=utf-8",
            },
            body: body.into(),
            location: None,
            file: Some(format!("centime-{of_body}{name}{sample}.{extension}")),
        }
    }

    /// The page that says what the problem is.
    fn about(problem: &Problem, visit: &Visit) -> Result<Self, Problem> {
        let locale = visit.locale;
        let lead = locale.term("problem_lead", problem.name());
        let lead = match problem {
            Problem::BadParameter {
                name,
                value,
                allowed,
            } => centime_render::locale::fill(
                lead,
                &[("name", name), ("value", value), ("allowed", allowed)],
            ),
            Problem::UnknownBody { siren } => {
                let siren: String = siren.chars().take(80).collect();
                centime_render::locale::fill(lead, &[("siren", &siren)])
            }
            _ => lead.to_owned(),
        };
        let title = locale.term("problem_title", problem.name());
        let page = MessagePage {
            frame: Frame::new(visit, title, Section::None),
            code: match problem {
                Problem::NothingPublished => locale.text("problem.no_revision").to_owned(),
                _ => problem.status().as_u16().to_string(),
            },
            title,
            lead,
            operator: matches!(problem, Problem::NothingPublished),
        };
        let mut reply = Self::page(&page)?;
        reply.status = problem.status();
        Ok(reply)
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: Frame<'a>,
    code: String,
    title: &'a str,
    lead: String,
    operator: bool,
}

impl Visit {
    /// Sends an answer, with what caches and browsers need to know.
    pub fn respond(&self, reply: Reply) -> Response {
        // The tag is weak, for the same answer may be sent compressed or not.
        let tag = format!("W/\"{}\"", &hash(&reply.body)[..32]);
        let known = reply.status == StatusCode::OK
            && self.known_tag.as_deref().is_some_and(|known| {
                known
                    .split(',')
                    .any(|known| known.trim() == tag || known.trim() == "*")
            });
        let mut headers = vec![
            (CONTENT_TYPE, reply.kind.to_owned()),
            (CONTENT_LANGUAGE, self.language().code().to_owned()),
            (VARY, format!("accept-language, cookie, {DRAWING}")),
            (CACHE_CONTROL, "no-cache".to_owned()),
        ];
        if reply.status == StatusCode::OK {
            headers.push((ETAG, tag));
        } else if reply.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.push((RETRY_AFTER, RETRY_SECONDS.to_owned()));
        }
        if let Some(location) = &reply.location {
            headers.push((LOCATION, location.clone()));
        }
        if let Some(file) = &reply.file {
            let disposition = format!("attachment; filename=\"{file}\"");
            headers.push((CONTENT_DISPOSITION, disposition));
        }
        if let Some(language) = self.chosen {
            let cookie = format!("lang={language}; Path=/; Max-Age=31536000; SameSite=Lax");
            headers.push((SET_COOKIE, cookie));
        }
        if self.sample() {
            headers.push((EDITION, "sample".to_owned()));
        }
        let (status, body) = if known {
            (StatusCode::NOT_MODIFIED, Body::empty())
        } else {
            (reply.status, Body::from(reply.body))
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        for (name, value) in headers {
            match HeaderValue::try_from(value) {
                Ok(value) => drop(response.headers_mut().insert(name, value)),
                Err(error) => tracing::error!(%error, %name, "a header was left out"),
            }
        }
        response
    }

    /// Says why there is no answer.
    pub fn refuse(&self, problem: &Problem) -> Response {
        match problem {
            Problem::Internal(error) => {
                tracing::error!(%error, path = self.path, "a page could not be made");
            }
            Problem::Picture(error) => {
                tracing::error!(%error, path = self.path, "a picture could not be made");
            }
            _ => {}
        }
        match Reply::about(problem, self) {
            Ok(reply) => self.respond(reply),
            Err(error) => {
                tracing::error!(?error, path = self.path, "no page of words could be made");
                let mut response = Response::new(Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }
}

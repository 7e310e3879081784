//! How an answer to a program is sent.

use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LINK, LOCATION, VARY,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use centime_warehouse::Revision;
use serde_json::{Map, Value};

use super::accept::Form;
use super::field::Record;
use crate::assets::hash;
use crate::reply::EDITION;
use crate::visit::Visit;

/// What a program is answered.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    data: Data,
    /// The revision that the data are of.
    of: Option<Of>,
    /// The address of the next page.
    next: Option<String>,
    /// Where to look for what was asked for.
    location: Option<&'static str>,
}

#[derive(Debug)]
enum Data {
    Rows(Record, Vec<Vec<Value>>),
    One(Record, Vec<Value>),
    /// A file, with the name under which it is to be kept.
    File(String, Bytes),
    Nothing,
}

#[derive(Debug)]
struct Of {
    revision: i64,
    sample: bool,
}

impl Answer {
    const fn new(data: Data) -> Self {
        Self {
            status: StatusCode::OK,
            data,
            of: None,
            next: None,
            location: None,
        }
    }

    /// Records, each with its values in the order of the fields.
    pub const fn rows(kind: Record, rows: Vec<Vec<Value>>) -> Self {
        Self::new(Data::Rows(kind, rows))
    }

    /// One record, with its values in the order of the fields.
    pub const fn one(kind: Record, values: Vec<Value>) -> Self {
        Self::new(Data::One(kind, values))
    }

    /// A file, with the name under which it is to be kept.
    pub const fn file(name: String, bytes: Bytes) -> Self {
        Self::new(Data::File(name, bytes))
    }

    /// A record that was made, as it is told this once.
    pub fn made(kind: Record, values: Vec<Value>) -> Self {
        Self {
            status: StatusCode::CREATED,
            ..Self::one(kind, values)
        }
    }

    /// It was done, and there is nothing else to say.
    pub fn done() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            ..Self::new(Data::Nothing)
        }
    }

    /// It was asked for elsewhere, where it can be seen at this address.
    pub fn accepted(location: &'static str) -> Self {
        Self {
            status: StatusCode::ACCEPTED,
            location: Some(location),
            ..Self::new(Data::Nothing)
        }
    }

    /// Of a revision.
    pub fn of(mut self, revision: &Revision) -> Self {
        self.of = Some(Of {
            revision: revision.id,
            sample: revision.sample,
        });
        self
    }

    /// With a next page at this address.
    pub fn next(mut self, next: Option<String>) -> Self {
        self.next = next;
        self
    }

    fn body(&self, form: Form) -> Bytes {
        if let (Form::Csv, Data::Rows(kind, rows)) = (form, &self.data) {
            let header = kind.fields.iter().map(|field| field.name.to_owned());
            let rows = rows.iter().map(|row| Record::cells(row));
            return centime_render::csv::written(header.collect(), rows).into();
        }
        let data = match &self.data {
            Data::Rows(kind, rows) => rows.iter().map(|row| kind.json(row.clone())).collect(),
            Data::One(kind, values) => kind.json(values.clone()),
            Data::File(_, bytes) => return bytes.clone(),
            Data::Nothing => return Bytes::new(),
        };
        let mut whole = Map::new();
        if let Some(of) = &self.of {
            whole.insert("revision".to_owned(), of.revision.into());
            whole.insert("sample".to_owned(), of.sample.into());
        }
        whole.insert("data".to_owned(), data);
        Value::Object(whole).to_string().into()
    }

    /// The answer, with what caches need to know; nothing but that where the reader has it already.
    pub fn send(&self, visit: &Visit, form: Form) -> Response {
        let body = self.body(form);
        let mut headers: Vec<(HeaderName, String)> = vec![(VARY, "accept".to_owned())];
        let mut status = self.status;
        if !matches!(self.data, Data::Nothing) {
            headers.push((CONTENT_TYPE, form.content_type().to_owned()));
        }
        if status == StatusCode::OK {
            // Weak, for the same answer may be sent compressed or not.
            let digest = &hash(&body)[..32];
            let tag = match &self.of {
                Some(of) => format!("W/\"r{}-{digest}\"", of.revision),
                None => format!("W/\"{digest}\""),
            };
            if visit.knows(&tag) {
                status = StatusCode::NOT_MODIFIED;
            }
            headers.push((ETAG, tag));
            headers.push((CACHE_CONTROL, "no-cache".to_owned()));
        } else {
            // What was made may be a secret.
            headers.push((CACHE_CONTROL, "no-store".to_owned()));
        }
        if let Data::File(name, _) = &self.data {
            headers.push((CONTENT_DISPOSITION, format!("inline; filename=\"{name}\"")));
        }
        if self.of.as_ref().is_some_and(|of| of.sample) {
            headers.push((EDITION, "sample".to_owned()));
        }
        if let Some(next) = &self.next {
            headers.push((LINK, format!("<{next}>; rel=\"next\"")));
        }
        if let Some(location) = self.location {
            headers.push((LOCATION, location.to_owned()));
        }
        let known = status == StatusCode::NOT_MODIFIED;
        let body = if known { Bytes::new() } else { body };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status;
        for (name, value) in headers {
            match HeaderValue::try_from(value) {
                Ok(value) => drop(response.headers_mut().insert(name, value)),
                Err(error) => tracing::error!(%error, %name, "a header was left out"),
            }
        }
        response
    }
}

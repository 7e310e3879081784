//! How an answer to a program is sent.

use axum::body::{Body, Bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE, ETAG, LINK, LOCATION, VARY,
};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use centime_analytics::rows::{Rows, of_one};
use centime_analytics::{Cell, Table, columns};
use centime_render::export::rows::{Form as Written, Writer};
use centime_render::export::{csv, json};
use centime_render::provenance::doubts::with_doubts;
use centime_warehouse::Revision;
use serde_json::{Map, Value};

use super::accept::Form;
use super::ask::Ask;
use super::field::Record;
use crate::files::all_bodies::Wide;
use crate::http::etag::hash;
use crate::http::problem_details::{ProblemDetails, internal};
use crate::http::reply::{EDITION, Reply};
use crate::request::page_error::PageError;
use crate::state::response_cache::packed;

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
    /// Records whose values have types.
    Table(Table),
    /// Such records that are sent while they are read.
    Coming(Box<Rows>),
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

    /// Records whose values have types.
    pub const fn table(table: Table) -> Self {
        Self::new(Data::Table(table))
    }

    /// The rows of a table of the body that is asked for: those of the years that are asked for that are wanted, each
    /// with what is doubted of it.
    pub fn of_body(
        ask: &Ask,
        table: &Table,
        wanted: impl Fn(&[Cell]) -> bool,
    ) -> Result<Self, ProblemDetails> {
        let snapshot = ask.snapshot()?;
        let years = ask.years()?;
        let inside = |row: &&Vec<Cell>| {
            let year = table.cell(row, columns::FISCAL_YEAR).year();
            year.is_some_and(|year| years.contains(&year)) && wanted(row)
        };
        let table = Table {
            columns: table.columns.clone(),
            rows: table.rows.iter().filter(inside).cloned().collect(),
        };
        let table = of_one(&with_doubts(&table, &snapshot.doubts), &snapshot.body);
        Ok(Self::table(table).of(&snapshot.published.revision))
    }

    /// Such records that are sent while they are read.
    pub fn coming(rows: Rows) -> Self {
        Self::new(Data::Coming(Box::new(rows)))
    }

    /// One record, with its values in the order of the fields.
    pub const fn one(kind: Record, values: Vec<Value>) -> Self {
        Self::new(Data::One(kind, values))
    }

    /// A file, with the name under which it is to be kept.
    pub const fn file(name: String, bytes: Bytes) -> Self {
        Self::new(Data::File(name, bytes))
    }

    /// A record that was made, as it is returned this once.
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

    /// What stands before the data, in JSON.
    fn before(&self) -> String {
        let of = self.of.as_ref();
        let of = of.map(|of| format!("\"revision\":{},\"sample\":{},", of.revision, of.sample));
        format!("{{{}\"data\":", of.unwrap_or_default())
    }

    fn body(&self, ask: &Ask, form: Form) -> Result<Bytes, ProblemDetails> {
        let data = match (form, &self.data) {
            (Form::Csv, Data::Rows(kind, rows)) => {
                let header = kind.fields.iter().map(|field| field.name.to_owned());
                let rows = rows.iter().map(|row| Record::cells(row));
                return Ok(csv::written(header.collect(), rows).into());
            }
            (Form::Csv, Data::Table(table)) => return Ok(csv::table(table).into()),
            (Form::Parquet, Data::Rows(kind, rows)) => return parquet(ask, kind.table(rows)),
            (Form::Parquet, Data::Table(table)) => return parquet(ask, table.clone()),
            (_, Data::Rows(kind, rows)) => rows.iter().map(|row| kind.json(row.clone())).collect(),
            (_, Data::Table(table)) => {
                let rows = table.rows.iter();
                rows.map(|row| json::object(&table.columns, row)).collect()
            }
            (_, Data::One(kind, values)) => kind.json(values.clone()),
            (_, Data::File(_, bytes)) => return Ok(bytes.clone()),
            (_, Data::Coming(_) | Data::Nothing) => return Ok(Bytes::new()),
        };
        let mut whole = Map::new();
        if let Some(of) = &self.of {
            whole.insert("revision".to_owned(), of.revision.into());
            whole.insert("sample".to_owned(), of.sample.into());
        }
        whole.insert("data".to_owned(), data);
        Ok(Value::Object(whole).to_string().into())
    }

    /// The answer in the form that was asked for: as a file where the address ends as one does.
    pub async fn send(self, ask: &Ask, form: Form) -> Result<Response, ProblemDetails> {
        if let Data::Coming(_) = &self.data {
            return self.send_rows(ask, form).await;
        }
        let body = self.body(ask, form)?;
        if ask.is_file() && !matches!(self.data, Data::File(..)) {
            let name = self.file_name(ask, form);
            let revision = self.of.as_ref().map(|of| of.revision);
            let reply = Reply::of_api(name, form.content_type(), revision, body);
            let packed = packed(reply, ask.context.encoding()).await;
            return Ok(ask.context.send(&packed));
        }
        Ok(self.respond(ask, form, body))
    }

    /// Sends rows while they are read.
    async fn send_rows(self, ask: &Ask, form: Form) -> Result<Response, ProblemDetails> {
        let name = ask.is_file().then(|| self.file_name(ask, form));
        let before = self.before();
        let Data::Coming(rows) = self.data else {
            return Err(internal());
        };
        let wide = Wide {
            rows: *rows,
            form: match form {
                Form::Csv => Written::Csv,
                Form::Parquet => Written::Parquet { facts: ask.facts() },
                Form::Json | Form::Pdf => Written::Json { before, after: "}" },
            },
            media_type: form.content_type(),
            vary: "accept",
            name,
        };
        Ok(wide.answer(&ask.context).await?)
    }

    /// The name under which a file is to be kept.
    fn file_name(&self, ask: &Ask, form: Form) -> String {
        let of = self.of.as_ref();
        let revision = of.map_or_else(String::new, |of| {
            let sample = if of.sample { "-sample" } else { "" };
            format!("-r{}{sample}", of.revision)
        });
        format!("centime-{}{revision}.{}", ask.what(), form.ending())
    }

    /// The answer, with what caches need to know; nothing but that where the reader has it already.
    fn respond(&self, ask: &Ask, form: Form, body: Bytes) -> Response {
        let context = &ask.context;
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
            if context.knows(&tag) {
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

/// Records as Parquet, with what the file says of itself.
fn parquet(ask: &Ask, table: Table) -> Result<Bytes, ProblemDetails> {
    let facts = ask.facts();
    let written = Writer::begin(Written::Parquet { facts }, table.columns).and_then(
        |(mut writer, mut bytes)| {
            bytes.append(&mut writer.add(table.rows)?);
            bytes.append(&mut writer.end()?);
            Ok(bytes)
        },
    );
    let bytes = written.map_err(|error| PageError::File(error.to_string()))?;
    Ok(bytes.into())
}

//! What a program asks for.

use std::ops::RangeInclusive;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode};
use centime_accounts::FiscalYear;
use centime_analytics::Language;
use centime_analytics::rows::{Rows, What};
use centime_render::Locale;
use centime_render::dashboard::REVISION;
use centime_render::link::{self, Parameters};
use centime_render::provenance::identity;
use centime_render::provenance::source::{Filter, Source};
use centime_warehouse::{Body, Revision, Warehouse};
use serde_json::{Map, Value};

use super::accept::Form;
use super::operation::{FORMAT, Operation, USUAL, Values, check};
use super::problem::{nothing_there, refused};
use crate::access::Client;
use crate::files::download::plain;
use crate::http::problem_details::ProblemDetails;
use crate::http::query_string;
use crate::request::context::RequestContext;
use crate::state::snapshot::{Published, Snapshot};

/// A question as it was sent. Its headers may have a token, so it is not printed.
pub struct Sent {
    pub headers: HeaderMap,
    pub query: Option<String>,
    pub body: Bytes,
}

/// A question whose parameters have been checked.
#[derive(Debug)]
pub struct Ask {
    pub context: RequestContext,
    pub client: Client,
    pub operation: &'static Operation,
    /// The parameters that say something.
    parameters: Parameters,
    /// The ending of the address, where it is that of a file.
    ending: Option<Form>,
}

impl Ask {
    /// A question, unless its parameters are not allowed. They are read as they were sent: a page
    /// overlooks what it does not know, a program gets an error.
    pub fn new(
        mut context: RequestContext,
        client: Client,
        operation: &'static Operation,
        sent: &Sent,
        ending: Option<Form>,
    ) -> Result<Self, ProblemDetails> {
        let mut parameters = query_string::parse(sent.query.as_deref().unwrap_or_default());
        // A file is whole, and its form is the one that it ends with.
        let asked = operation.in_query();
        let asked = asked.filter(|known| ending.is_none() || !operation.is_of_pages(known));
        check(asked, &parameters)?;
        if operation.in_body().next().is_some() {
            let in_body = members(operation, sent)?;
            check(operation.in_body(), &in_body)?;
            parameters.extend(in_body);
        }
        parameters.retain(|(_, value)| !value.is_empty());
        context.locale = Locale::of(Language::English);
        Ok(Self {
            context,
            client,
            operation,
            parameters,
            ending,
        })
    }

    /// The part of the address that varies.
    pub fn named(&self) -> String {
        let before = self.operation.variable().map(|(before, _)| before);
        let named = before.map_or_else(String::new, |before| self.context.rest_of_path(before));
        match self.ending.and_then(|form| {
            let named = named.strip_suffix(form.ending())?;
            named.strip_suffix('.')
        }) {
            Some(named) => named.to_owned(),
            None => named,
        }
    }

    /// Whether the address is that of a file, which is whole.
    pub const fn is_file(&self) -> bool {
        self.ending.is_some()
    }

    /// What is asked for, in the name of a file.
    pub fn what(&self) -> String {
        let before = self.operation.path.split(['{', '?']).next();
        let path = before.unwrap_or_default().trim_end_matches('/');
        let last = path.rsplit('/').next().unwrap_or_default();
        match self.operation.variable() {
            Some(_) => plain(&format!("{last} {}", self.named())),
            None => plain(last),
        }
    }

    /// The fiscal years that are asked for.
    pub fn years(&self) -> Result<RangeInclusive<FiscalYear>, ProblemDetails> {
        let (from, to) = (self.integer("from"), self.integer("to"));
        if let Some((from, to)) = from.zip(to).filter(|(from, to)| from > to) {
            return Err(refused(format!(
                "«from» cannot be «{from}» where «to» is «{to}»: no year is between them."
            )));
        }
        Ok(FiscalYear::between(from, to))
    }

    /// The rows of the public body that is asked for, or of all.
    pub fn rows(
        &self,
        what: What,
        years: RangeInclusive<FiscalYear>,
    ) -> Result<Rows, ProblemDetails> {
        let body = if self.context.is_of_all() {
            None
        } else {
            Some(self.snapshot()?.body.clone())
        };
        self.rows_of(what, body, years)
    }

    /// The rows of a public body, or of all without one.
    pub fn rows_of(
        &self,
        what: What,
        body: Option<Body>,
        years: RangeInclusive<FiscalYear>,
    ) -> Result<Rows, ProblemDetails> {
        let published = self.published()?;
        let findings = Arc::clone(&published.findings);
        let (warehouse, revision) = (self.warehouse()?, &published.revision);
        Ok(Rows::new(warehouse, revision, findings, what, body, years))
    }

    /// What a file says of itself.
    pub fn facts(&self) -> Vec<(String, String)> {
        let title = self.operation.summary.to_owned();
        let Ok(published) = self.published() else {
            return vec![("title".to_owned(), title)];
        };
        let locale = self.context.locale;
        let snapshot = self.snapshot().ok().filter(|_| !self.context.is_of_all());
        let shown = self.parameters.iter().filter(|(name, _)| {
            ![FORMAT.name, REVISION, "body", "cursor", "limit"].contains(&name.as_str())
        });
        let source = Source {
            title,
            body: snapshot.map(|snapshot| &snapshot.body),
            revision: &published.revision,
            datasets: &published.datasets,
            identity: snapshot.map_or_else(
                || identity::of_all(locale),
                |snapshot| snapshot.identity(locale),
            ),
            filters: shown
                .map(|(name, value)| Filter {
                    name: name.clone(),
                    label: name.clone(),
                    code: value.clone(),
                    value: value.clone(),
                })
                .collect(),
            address: self
                .context
                .base
                .place(&link::to(&self.context.path, &self.parameters)),
            doubts: snapshot.map_or_else(Vec::new, |snapshot| snapshot.doubts.clone()),
        };
        source.facts()
    }

    /// The part of the address that varies, where it is a number.
    pub fn numbered(&self) -> Result<i64, ProblemDetails> {
        self.named().parse().map_err(|_| nothing_there())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        let mut all = self.parameters.iter();
        let found = all.find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The language of texts.
    pub fn language(&self) -> Language {
        let language = self.text("lang").and_then(|code| code.parse().ok());
        language.unwrap_or(Language::English)
    }

    pub fn integer(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    /// How many records a page may have.
    pub fn limit(&self) -> i64 {
        self.integer("limit").unwrap_or(USUAL)
    }

    /// The revision, or what there is of it about the body that is asked for.
    pub fn published(&self) -> Result<&Arc<Published>, ProblemDetails> {
        match self.snapshot() {
            Ok(snapshot) if !self.context.is_of_all() => Ok(&snapshot.published),
            _ => Ok(self.context.published()?),
        }
    }

    pub fn revision(&self) -> Result<&Revision, ProblemDetails> {
        Ok(&self.published()?.revision)
    }

    pub fn snapshot(&self) -> Result<&Arc<Snapshot>, ProblemDetails> {
        Ok(self.context.snapshot()?)
    }

    pub fn warehouse(&self) -> Result<&Warehouse, ProblemDetails> {
        Ok(self.context.warehouse()?)
    }

    /// The address of the page that begins after a place.
    pub fn next(&self, cursor: &str) -> String {
        let others = self.parameters.iter();
        let mut parameters: Vec<(&str, &str)> = others
            .filter(|(name, _)| name != "cursor")
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        parameters.push(("cursor", cursor));
        link::to(&self.context.path, &parameters)
    }
}

/// The members of the object that was sent, as parameters.
fn members(operation: &Operation, sent: &Sent) -> Result<Parameters, ProblemDetails> {
    if sent.body.is_empty() {
        return Ok(Parameters::new());
    }
    let kind = sent.headers.get(CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/json") {
        return Err(ProblemDetails::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "not-json",
            "This is not sent as JSON",
            "Send an object with «Content-Type: application/json».",
        ));
    }
    let object: Map<String, Value> = serde_json::from_slice(&sent.body).map_err(|error| {
        refused(format!(
            "What was sent is no object of JSON (line {}, column {}).",
            error.line(),
            error.column()
        ))
    })?;
    let text = |(name, value): (String, Value)| {
        let declared = operation.in_body().find(|known| known.name == name);
        let value = match (declared.map(|known| known.of), value) {
            (Some(Values::Integer(..)), Value::Number(number)) => {
                // To JSON Schema 90.0 is a whole number, too.
                let number = number.to_string();
                number.strip_suffix(".0").unwrap_or(&number).to_owned()
            }
            (
                Some(Values::Word(_) | Values::Text(_) | Values::Lines(_) | Values::Analysis),
                Value::String(text),
            ) => text,
            // It is said below that it is not known.
            (None, _) => String::new(),
            (Some(Values::Integer(..)), _) => {
                return Err(refused(format!("«{name}» has to be a number.")));
            }
            (Some(Values::Word(_) | Values::Text(_) | Values::Lines(_) | Values::Analysis), _) => {
                return Err(refused(format!("«{name}» has to be a string.")));
            }
        };
        Ok((name, value))
    };
    object.into_iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use centime_test_input::altered;
    use proptest::prelude::*;

    use super::*;
    use crate::api::resources::tokens::CREATE;

    fn sent(kind: &[u8], body: &[u8]) -> Result<Parameters, ProblemDetails> {
        let kind = HeaderValue::from_bytes(kind).unwrap_or(HeaderValue::from_static(""));
        let sent = Sent {
            headers: HeaderMap::from_iter([(CONTENT_TYPE, kind)]),
            query: None,
            body: Bytes::copy_from_slice(body),
        };
        members(&CREATE.operation, &sent)
    }

    #[test]
    fn members_are_read_as_parameters() {
        let body = r#"{"role": "viewer", "days": 9.0e1}"#;
        let read = sent(b"Application/JSON; charset=utf-8", body.as_bytes()).unwrap();
        let expected = [("role", "viewer"), ("days", "90")];
        assert_eq!(
            read,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    proptest! {
        #[test]
        fn any_object_is_read_or_refused(
            kind in altered(&["application/json", "application/json; charset=utf-8"]),
            body in altered(&[
                r#"{"role": "viewer", "name": "Relev\u00e9", "days": 90}"#,
                r#"{"role": "admin", "days": 1e2}"#,
                r#"{"role": ["viewer"], "name": null, "days": {"a": [[[[1]]]]}}"#,
            ]),
        ) {
            match sent(&kind, &body) {
                Ok(read) => {
                    let unique: std::collections::BTreeSet<_> =
                        read.iter().map(|(name, _)| name).collect();
                    prop_assert_eq!(unique.len(), read.len());
                }
                Err(trouble) => prop_assert!(trouble.status.is_client_error()),
            }
        }
    }
}

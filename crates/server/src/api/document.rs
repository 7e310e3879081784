//! The description of the API in `OpenAPI` 3.1, made from the operations.

use std::sync::LazyLock;

use axum::http::{Method, StatusCode};
use centime_access::Right;
use centime_analytics::{Analysis, Catalogue};
use centime_render::dashboard::REVISION;
use serde_json::{Map, Value, json};

use super::field::Record;
use super::operation::{Content, Operation, Parameter, Values};
use super::operations;
use crate::http::problem_details;
use crate::http::reply::Reply;
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;

/// The document of a site that shows the analyses of the program alone.
static BUILT_IN: LazyLock<Value> = LazyLock::new(|| document(Catalogue::built_in()));

static TEXT: LazyLock<String> = LazyLock::new(|| format!("{:#}\n", *BUILT_IN));

/// The document of a site that shows these analyses.
pub fn of(catalogue: Catalogue) -> Value {
    match catalogue.own().next() {
        None => BUILT_IN.clone(),
        Some(_) => document(catalogue),
    }
}

/// Answers with the document.
pub async fn answer(context: std::sync::Arc<RequestContext>) -> Result<Reply, PageError> {
    let catalogue = context.site.catalogue();
    if context.base.is_empty() && catalogue.own().next().is_none() {
        return Ok(Reply::data(TEXT.clone()));
    }
    let mut document = of(catalogue);
    if !context.base.is_empty() {
        document["servers"] = json!([{"url": context.base.as_str()}]);
    }
    Ok(Reply::data(format!("{document:#}\n")))
}

fn document(catalogue: Catalogue) -> Value {
    let mut paths = Map::new();
    for operation in operations() {
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        let method = operation.method.as_str().to_ascii_lowercase();
        path[method] = described(operation, catalogue);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Centime",
            "version": "1",
            "description": "Income statements of French public bodies. Amounts are euros, as decimal texts with two digits; null is an amount that was not published or cannot be computed, never zero. An ETag names the revision that an answer is of: what is published never changes within one.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": schemas(catalogue),
            "responses": responses(),
            "headers": headers(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of this site: ctm_….",
                },
            },
        },
    })
}

fn described(operation: &Operation, catalogue: Catalogue) -> Value {
    let parameters: Vec<Value> = operation
        .in_path()
        .into_iter()
        .map(|parameter| parameter.described("path", catalogue))
        .chain(
            operation
                .in_query()
                .map(|parameter| parameter.described("query", catalogue)),
        )
        .collect();
    let mut answers = Map::new();
    let (status, answer) = operation.content.described(catalogue);
    answers.insert(status.as_str().to_owned(), answer);
    if operation.method == Method::GET {
        answers.insert("304".to_owned(), reference("responses", "304"));
    }
    for status in refusals(operation) {
        let status = status.as_str();
        answers.insert(status.to_owned(), reference("responses", status));
    }
    let mut about = operation.about.to_owned();
    if !about.is_empty() {
        about.push_str("\n\n");
    }
    if operation.content.is_list() {
        about.push_str("With .json, .csv or .parquet at its end the address is that of a file with all records, which can be read in parts (Range).\n\n");
    }
    about.push_str(&needs(operation.right));
    let open = Right::is_public(operation.right);
    let mut described = json!({
        "operationId": operation.name,
        "summary": operation.summary,
        "description": about,
        "security": if open { json!([{}, {"token": []}]) } else { json!([{"token": []}]) },
        "parameters": parameters,
        "responses": answers,
    });
    if operation.in_body().next().is_some() {
        let schema = object(operation, catalogue);
        described["requestBody"] = json!({
            "required": true,
            "content": {"application/json": {"schema": schema}},
        });
    }
    described
}

/// The object that is sent with a change.
fn object(operation: &Operation, catalogue: Catalogue) -> Value {
    let member = |parameter: &Parameter| {
        let mut schema = parameter.of.schema(catalogue);
        schema["description"] = parameter.about.into();
        (parameter.name.to_owned(), schema)
    };
    let properties: Map<String, Value> = operation.in_body().map(member).collect();
    let required = operation.in_body().filter(|parameter| parameter.required);
    let required: Vec<&str> = required.map(|parameter| parameter.name).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Who may ask, in words.
pub fn needs(right: Right) -> String {
    let role = right.from();
    if right.is_public() {
        format!("Open on a public site; otherwise for a token with the role {role}.")
    } else {
        format!("For a token with the role {role}.")
    }
}

/// The statuses of everything that an operation may refuse.
fn refusals(operation: &Operation) -> Vec<StatusCode> {
    let mut all = vec![
        StatusCode::BAD_REQUEST,
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::NOT_ACCEPTABLE,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    all.extend_from_slice(operation.refusals);
    if operation.method != Method::GET {
        all.push(StatusCode::PAYLOAD_TOO_LARGE);
    }
    if operation.in_body().next().is_some() {
        all.push(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    if matches!(operation.content, Content::Many { paged: true, .. }) {
        all.push(StatusCode::GONE);
    }
    if operation.in_query().any(|known| known.name == REVISION) {
        all.extend([StatusCode::NOT_FOUND, StatusCode::GONE]);
    }
    all.sort();
    all.dedup();
    all
}

impl Parameter {
    fn described(&self, place: &str, catalogue: Catalogue) -> Value {
        json!({
            "name": self.name,
            "in": place,
            "required": place == "path" || self.required,
            "description": self.about,
            "schema": self.of.schema(catalogue),
        })
    }
}

impl Values {
    /// What JSON Schema says of them.
    fn schema(self, catalogue: Catalogue) -> Value {
        match self {
            Self::Integer(first, last) => {
                json!({"type": "integer", "format": "int64", "minimum": first, "maximum": last})
            }
            Self::Word(words) => json!({"type": "string", "enum": words}),
            Self::Analysis => {
                let names: Vec<String> = catalogue.analyses().map(Analysis::name).collect();
                json!({"type": "string", "enum": names})
            }
            Self::Lines(longest) => json!({"type": "string", "maxLength": longest}),
            Self::Text(longest) => {
                json!({"type": "string", "maxLength": longest, "pattern": r"^[^\u0000-\u001f\u007f-\u009f]*$"})
            }
        }
    }
}

impl Content {
    /// The kinds of the records that it has.
    pub fn kinds(self, catalogue: Catalogue) -> Vec<Record> {
        match self {
            Self::Many { kinds, .. } => kinds(),
            Self::Analyses => catalogue.analyses().map(Record::of).collect(),
            Self::One { kind, .. } | Self::Made { kind } => vec![kind()],
            Self::Document | Self::Accepted | Self::Done => Vec::new(),
        }
    }

    /// The status and the answer.
    fn described(self, catalogue: Catalogue) -> (StatusCode, Value) {
        let many = |kinds: Vec<Value>| match <[Value; 1]>::try_from(kinds) {
            Ok([kind]) => json!({"type": "array", "items": kind}),
            Err(kinds) => {
                // All rows of an answer are of one kind.
                let arrays = kinds.into_iter();
                let arrays: Vec<Value> = arrays
                    .map(|kind| json!({"type": "array", "items": kind}))
                    .collect();
                json!({ "anyOf": arrays })
            }
        };
        match self {
            Self::Many { .. } | Self::Analyses => {
                let (of_revision, paged) = match self {
                    Self::Many {
                        of_revision, paged, ..
                    } => (of_revision, paged),
                    _ => (true, false),
                };
                let kinds = self.kinds(catalogue);
                let kinds = kinds.iter().map(|kind| reference("schemas", &kind.name));
                let whole = envelope(&many(kinds.collect()), of_revision);
                let mut headers = Map::from_iter(
                    ["ETag", "RateLimit", "RateLimit-Policy"]
                        .map(|name| (name.to_owned(), reference("headers", name))),
                );
                if paged {
                    headers.insert("Link".to_owned(), reference("headers", "Link"));
                }
                let answer = json!({
                    "description": "The records.",
                    "headers": headers,
                    "content": {
                        "application/json": {"schema": whole},
                        "text/csv": {"schema": {"type": "string"}},
                        "application/vnd.apache.parquet": {},
                    },
                });
                (StatusCode::OK, answer)
            }
            Self::One { kind, of_revision } => {
                let whole = envelope(&reference("schemas", &kind().name), of_revision);
                let answer = json!({
                    "description": "The record.",
                    "headers": {"ETag": reference("headers", "ETag")},
                    "content": {"application/json": {"schema": whole}},
                });
                (StatusCode::OK, answer)
            }
            Self::Document => {
                let answer = json!({
                    "description": "The file.",
                    "headers": {"ETag": reference("headers", "ETag")},
                    "content": {"application/pdf": {}},
                });
                (StatusCode::OK, answer)
            }
            Self::Made { kind } => {
                let whole = envelope(&reference("schemas", &kind().name), false);
                let answer = json!({
                    "description": "It was made. This is not told again.",
                    "content": {"application/json": {"schema": whole}},
                });
                (StatusCode::CREATED, answer)
            }
            Self::Done => {
                let answer = json!({"description": "It was done."});
                (StatusCode::NO_CONTENT, answer)
            }
            Self::Accepted => {
                let answer = json!({
                    "description": "It was asked for.",
                    "headers": {"Location": reference("headers", "Location")},
                });
                (StatusCode::ACCEPTED, answer)
            }
        }
    }
}

fn envelope(data: &Value, of_revision: bool) -> Value {
    let mut properties = Map::new();
    if of_revision {
        let revision =
            json!({"type": "integer", "description": "The revision that the data are of."});
        let sample = json!({
            "type": "boolean",
            "description": "Whether the data are the sample edition, which is not official.",
        });
        properties.insert("revision".to_owned(), revision);
        properties.insert("sample".to_owned(), sample);
    }
    properties.insert("data".to_owned(), data.clone());
    let names: Vec<&String> = properties.keys().collect();
    json!({
        "type": "object",
        "required": names,
        "properties": properties,
        "additionalProperties": false,
    })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({"$ref": format!("#/components/{kind}/{name}")})
}

fn schemas(catalogue: Catalogue) -> Map<String, Value> {
    let mut schemas = Map::new();
    for operation in operations() {
        for kind in operation.content.kinds(catalogue) {
            schemas.insert(kind.name.clone(), kind.schema());
        }
    }
    let text = |about: &str| json!({"type": "string", "description": about});
    let problem = json!({
        "description": "Why there is no answer: problem details, RFC 9457.",
        "type": "object",
        "required": ["type", "title", "status", "detail", "request_id"],
        "properties": {
            "type": text("The kind of problem, as a URN."),
            "title": text("What the kind is."),
            "status": {"type": "integer", "description": "The status of the answer."},
            "detail": text("What happened here, and what to do."),
            "request_id": text("The number of the request, as the log has it."),
        },
        "additionalProperties": false,
    });
    schemas.insert("Problem".to_owned(), problem);
    schemas
}

fn responses() -> Map<String, Value> {
    let mut responses = Map::new();
    let known = json!({
        "description": "The reader has the answer already: it has the ETag of the request.",
        "headers": {"ETag": reference("headers", "ETag")},
    });
    responses.insert("304".to_owned(), known);
    let problem = reference("schemas", "Problem");
    for (status, about) in [
        (
            StatusCode::BAD_REQUEST,
            "A parameter is not known, said twice or not allowed.",
        ),
        (
            StatusCode::UNAUTHORIZED,
            "A token is needed, or the one shown does not let in.",
        ),
        (StatusCode::FORBIDDEN, "The token may not do this."),
        (StatusCode::NOT_FOUND, "There is no such thing."),
        (
            StatusCode::NOT_ACCEPTABLE,
            "There is no answer in the form that is accepted.",
        ),
        (StatusCode::CONFLICT, "This site starts no runs."),
        (
            StatusCode::GONE,
            "Another revision was published since the first page: begin again.",
        ),
        (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large."),
        (
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "What was sent is not sent as JSON.",
        ),
        (
            StatusCode::TOO_MANY_REQUESTS,
            "Too many requests or wrong tokens: wait as long as Retry-After says.",
        ),
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "It cannot be answered now: wait as long as Retry-After says.",
        ),
    ] {
        let answer = json!({
            "description": about,
            "content": {problem_details::MEDIA_TYPE: {"schema": problem}},
        });
        responses.insert(status.as_str().to_owned(), answer);
    }
    responses
}

fn headers() -> Value {
    let text = |about: &str| json!({"description": about, "schema": {"type": "string"}});
    json!({
        "ETag": text("Names this answer; send it as If-None-Match to be answered 304 while it is the same."),
        "RateLimit": text("How many requests are left (r), and in how many seconds all are again (t), for the address and the token."),
        "RateLimit-Policy": text("How many requests may be made at once (q), and in how many seconds as many are allowed again (w)."),
        "Link": text("The address of the next page, with rel=\"next\"; not there on the last one."),
        "Location": text("Where to see how it goes on."),
    })
}

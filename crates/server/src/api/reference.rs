//! The description of the API as a page.

use std::borrow::Cow;
use std::sync::Arc;

use askama::Template;
use centime_analytics::{Analysis, Catalogue};
use centime_render::Locale;
use serde_json::Value;

use super::operation::Operation;
use super::operations;
use super::{document, french};
use crate::http::reply::Reply;
use crate::pages::view::{Frame, Section};
use crate::request::context::RequestContext;
use crate::request::page_error::PageError;

#[derive(Template)]
#[template(path = "api.html")]
struct ReferencePage<'a> {
    frame: Frame<'a>,
    about: Cow<'a, str>,
    operations: Vec<OperationView>,
    schemas: Vec<SchemaView<'a>>,
}

struct OperationView {
    id: &'static str,
    method: String,
    path: &'static str,
    summary: Cow<'static, str>,
    about: Cow<'static, str>,
    needs: String,
    parameters: Vec<Row>,
    schemas: Vec<String>,
    files: bool,
    /// Whether the parameters are members of an object that is sent.
    sends: bool,
}

struct SchemaView<'a> {
    name: &'a str,
    about: String,
    fields: Vec<Row>,
}

/// A parameter or a field.
struct Row {
    name: String,
    of: String,
    about: String,
}

/// Answers with the page.
pub async fn answer(context: Arc<RequestContext>) -> Result<Reply, PageError> {
    let catalogue = context.site.catalogue();
    let document = document::of(catalogue);
    let schemas = document["components"]["schemas"].as_object();
    let locale = context.locale;
    let analyses: Vec<&Analysis> = catalogue.analyses().collect();
    let page = ReferencePage {
        frame: Frame::new(&context, context.locale.text("api.title"), Section::None),
        about: french::said(
            document["info"]["description"].as_str().unwrap_or_default(),
            locale,
        ),
        operations: operations()
            .map(|operation| view(operation, &document, catalogue, locale))
            .collect(),
        schemas: schemas
            .into_iter()
            .flatten()
            .map(|(name, schema)| SchemaView {
                name,
                about: french::of_record(
                    name,
                    schema["description"].as_str().unwrap_or_default(),
                    &analyses,
                    locale,
                ),
                fields: fields(schema, |field, about| {
                    french::of_field(name, field, about, &analyses, locale)
                }),
            })
            .collect(),
    };
    page.frame.around(&page)
}

fn view(
    operation: &'static Operation,
    document: &Value,
    catalogue: Catalogue,
    locale: &Locale,
) -> OperationView {
    let said = |_: &str, about: &str| french::said(about, locale).into_owned();
    let method = operation.method.as_str();
    let described = &document["paths"][operation.path][method.to_ascii_lowercase()];
    let parameters = described["parameters"].as_array().into_iter().flatten();
    let sent = &described["requestBody"]["content"]["application/json"]["schema"];
    let kinds = operation.content.kinds(catalogue);
    OperationView {
        id: operation.name,
        method: method.to_owned(),
        path: operation.path,
        summary: french::said(operation.summary, locale),
        about: french::said(operation.about, locale),
        needs: french::needs(operation.right, locale),
        parameters: parameters
            .map(|parameter| {
                let name = parameter["name"].as_str().unwrap_or_default();
                let about = parameter["description"].as_str().unwrap_or_default();
                row(name, &parameter["schema"], said(name, about))
            })
            .chain(fields(sent, said))
            .collect(),
        sends: operation.in_body().next().is_some(),
        schemas: kinds.into_iter().map(|kind| kind.name).collect(),
        files: operation.content.is_list(),
    }
}

fn fields(schema: &Value, said: impl Fn(&str, &str) -> String) -> Vec<Row> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| {
            let about = schema["description"].as_str().unwrap_or_default();
            row(name, schema, said(name, about))
        })
        .collect()
}

fn row(name: &str, schema: &Value, about: String) -> Row {
    Row {
        name: name.to_owned(),
        of: in_words(schema),
        about,
    }
}

/// What a schema allows, in a few words.
fn in_words(schema: &Value) -> String {
    let optional = schema["type"].is_array();
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    let words = schema["enum"].as_array().map(|words| {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        words.join(" | ")
    });
    let decimal = schema["pattern"]
        .as_str()
        .is_some_and(|it| it.contains("[0-9]"));
    let kind = match (words, kind, schema["format"].as_str()) {
        (Some(words), ..) => words,
        (_, Some("string"), Some(format)) => format.to_owned(),
        (_, Some("string"), None) if decimal => "decimal".to_owned(),
        (_, Some("array"), _) => "strings".to_owned(),
        (_, kind, _) => kind.unwrap_or_default().to_owned(),
    };
    if optional {
        format!("{kind} | null")
    } else {
        kind
    }
}

//! The `OpenAPI` document, and requests held against it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::Method;
use jsonschema::Validator;
use serde_json::Value;

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../openapi.json")).expect("a document"));

/// The schema of the body of each operation that has one.
static BODIES: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let operations = DOCUMENT["operations"].as_object().expect("operations");
    let with_body = operations.iter().filter_map(|(name, operation)| {
        let mut schema = operation.get("body")?.clone();
        schema["$defs"] = DOCUMENT["$defs"].clone();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        Some((name.clone(), validator))
    });
    with_body.collect()
});

/// Holds a request against the document.
pub fn validate(method: &Method, path: &str, query: &str, body: &Value) -> Result<(), String> {
    let operations = DOCUMENT["operations"].as_object().expect("operations");
    let fits = |name: &str| {
        let (verb, template) = name.split_once(' ').expect("a method and a path");
        let (template, path): (Vec<&str>, Vec<&str>) =
            (template.split('/').collect(), path.split('/').collect());
        verb == method.as_str()
            && template.len() == path.len()
            && template.iter().zip(&path).all(|(wanted, part)| {
                wanted == part || (wanted.starts_with('{') && !part.is_empty())
            })
    };
    let (name, operation) = operations
        .iter()
        .find(|(name, _)| fits(name))
        .ok_or("the document has no such operation")?;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default();
        let known = operation["query"].as_array();
        if !known.is_some_and(|known| known.iter().any(|known| known == name)) {
            return Err(format!("the document has no parameter {name}"));
        }
    }
    let Some(validator) = BODIES.get(name) else {
        return if body.is_null() {
            Ok(())
        } else {
            Err("the document has no body".to_owned())
        };
    };
    let errors: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.join("; "))
    }
}

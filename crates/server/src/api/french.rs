//! The description of the API in French.
//!
//! The operations describe themselves in English, from which the `OpenAPI` document is made; the page about them shows
//! readers of French a translation of each text.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use centime_access::Right;
use centime_analytics::{Analysis, Language};
use centime_render::Locale;
use centime_render::language::locale::typographic;
use serde::Deserialize;

use super::document;
use super::field::Record;

static TEXTS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        text: Vec<Text>,
    }
    #[derive(Deserialize)]
    struct Text {
        en: String,
        fr: String,
    }
    // The file is part of the program and read by the tests, so an unreadable one is a bug.
    let file: File = toml::from_str(include_str!("french.toml"))
        .unwrap_or_else(|error| panic!("unreadable translations: {error}"));
    let texts = file.text.into_iter();
    texts
        .map(|text| (text.en, typographic(&text.fr, Language::French)))
        .collect()
});

/// A text of the description in a language; what has no translation stays as it is.
pub fn said<'t>(text: &'t str, locale: &Locale) -> Cow<'t, str> {
    let known = TEXTS
        .get(text)
        .filter(|_| locale.language() == Language::French);
    known.map_or(Cow::Borrowed(text), |known| Cow::Borrowed(known.as_str()))
}

/// Who may ask for an operation.
pub fn needs(right: Right, locale: &Locale) -> String {
    if locale.language() == Language::English {
        return document::needs(right);
    }
    let role = right.from().to_string();
    let role = locale.term("token_role", &role);
    let key = if right.is_public() {
        "api.needs_public"
    } else {
        "api.needs"
    };
    locale.fill(key, &[("role", role)])
}

/// The analysis whose rows are records of this name.
fn of<'a>(record: &str, analyses: &[&'a Analysis]) -> Option<&'a Analysis> {
    let mut found = analyses.iter().copied();
    found.find(|one| Record::of(one).name == record)
}

/// What a record is.
pub fn of_record(name: &str, about: &str, analyses: &[&Analysis], locale: &Locale) -> String {
    let language = locale.language();
    match of(name, analyses) {
        Some(found) => typographic(&found.text(language).summary, language),
        None => said(about, locale).into_owned(),
    }
}

/// What a field of a record is.
pub fn of_field(
    record: &str,
    field: &str,
    about: &str,
    analyses: &[&Analysis],
    locale: &Locale,
) -> String {
    let found = of(record, analyses).into_iter();
    let mut columns = found.flat_map(|found| found.model.columns);
    match columns.find(|column| column.name.as_str() == field) {
        Some(column) => locale.heading(column).to_owned(),
        None => said(about, locale).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use centime_analytics::Catalogue;
    use serde_json::Value;

    use super::*;
    use crate::api::operations;

    /// The texts of a description that readers see, but those of analyses, which are in the words of the product.
    fn texts(document: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut add = |text: &Value| found.extend(text.as_str().map(str::to_owned));
        add(&document["info"]["description"]);
        let paths = document["paths"].as_object().unwrap().values();
        for operation in paths.flat_map(|path| path.as_object().unwrap().values()) {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                add(&parameter["description"]);
            }
            let sent = &operation["requestBody"]["content"]["application/json"]["schema"];
            for field in sent["properties"].as_object().into_iter().flatten() {
                add(&field.1["description"]);
            }
        }
        let analyses: Vec<&Analysis> = Catalogue::built_in().analyses().collect();
        let schemas = document["components"]["schemas"].as_object().unwrap();
        for (name, schema) in schemas {
            let of = analyses
                .iter()
                .find(|analysis| Record::of(analysis).name == *name);
            if of.is_none() {
                add(&schema["description"]);
            }
            for (field, described) in schema["properties"].as_object().into_iter().flatten() {
                let mut columns = of.into_iter().flat_map(|of| of.model.columns);
                if !columns.any(|column| column.name.as_str() == field) {
                    add(&described["description"]);
                }
            }
        }
        for operation in operations() {
            found.extend([operation.summary, operation.about].map(str::to_owned));
        }
        found.remove("");
        found
    }

    #[test]
    fn every_text_of_the_description_has_a_translation() {
        let document = document::of(Catalogue::built_in());
        let texts = texts(&document);
        assert!(texts.len() > 150);
        let missing: Vec<&String> = texts
            .iter()
            .filter(|text| !TEXTS.contains_key(*text))
            .collect();
        assert!(missing.is_empty(), "french.toml lacks {missing:#?}");
    }
}

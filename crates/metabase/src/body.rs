//! How definitions are written in requests, and whether an answer says the same.

use serde_json::{Map, Value, json};

use crate::definitions::{
    Card, CardKind, ColumnKind, Definitions, Filter, FilterKind, Named, Values,
};

/// What the mark of an object is made of: the last line of its description.
const MARK: &str = "centime:";

/// The mark of an object.
pub fn mark(what: &str) -> String {
    format!("{MARK}{what}")
}

/// The mark of a card.
pub fn card_mark(card: &Card) -> String {
    let kind = match card.kind {
        CardKind::Model => "model",
        CardKind::Question => "question",
    };
    mark(&format!("{kind}:{}", card.key))
}

/// A description with the mark of its object as its last line.
pub fn described(named: &Named, mark: &str) -> String {
    format!("{}\n\n{mark}", named.description)
}

/// Whether an object carries exactly this mark.
pub fn carries(object: &Value, mark: &str) -> bool {
    object["description"]
        .as_str()
        .and_then(|text| text.lines().next_back())
        .is_some_and(|line| line.trim() == mark)
}

/// A question or a model.
pub fn card(card: &Card, definitions: &Definitions, database: i64, collection: i64) -> Value {
    json!({
        "name": card.named.name,
        "description": described(&card.named, &card_mark(card)),
        "collection_id": collection,
        "type": match card.kind { CardKind::Model => "model", CardKind::Question => "question" },
        "display": card.display,
        "visualization_settings": visualization(card),
        "dataset_query": {
            "type": "native",
            "database": database,
            "native": { "query": card.sql, "template-tags": template_tags(card, definitions) },
        },
    })
}

/// The variables of a card.
fn template_tags(card: &Card, definitions: &Definitions) -> Map<String, Value> {
    let filters = card
        .tags()
        .into_iter()
        .filter_map(|tag| definitions.filter(tag));
    filters
        .map(|filter| {
            let kind = match filter.kind {
                FilterKind::Text => "text",
                FilterKind::Number => "number",
            };
            let mut tag = json!({
                "id": format!("centime-{}", filter.tag),
                "name": filter.tag,
                "display-name": filter.name,
                "type": kind,
            });
            if let Some(default) = &filter.default {
                tag["default"] = json!(default);
                tag["required"] = json!(true);
            }
            (filter.tag.clone(), tag)
        })
        .collect()
}

/// How a card is drawn: its own settings, and how each column is written and called.
fn visualization(card: &Card) -> Value {
    let mut settings = card.visualization.clone();
    let mut columns = Map::new();
    for (name, kind, title) in &card.columns {
        let mut column = format(*kind);
        column.insert("column_title".to_owned(), json!(title));
        columns.insert(json!(["name", name]).to_string(), Value::Object(column));
    }
    settings.insert("column_settings".to_owned(), Value::Object(columns));
    let metrics = settings.get("graph.metrics").and_then(Value::as_array);
    let metrics: Vec<String> = metrics
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    let one_series_each = settings
        .get("graph.dimensions")
        .and_then(Value::as_array)
        .is_some_and(|dimensions| dimensions.len() == 1);
    if one_series_each {
        let series = settings
            .entry("series_settings")
            .or_insert_with(|| json!({}));
        for name in metrics {
            let known = card.columns.iter().find(|(column, ..)| *column == name);
            if let Some((_, _, title)) = known {
                series[&name]["title"] = json!(title);
            }
        }
    }
    Value::Object(settings)
}

/// How values are written, in Metabase's terms. A year has no separator of thousands.
fn format(kind: ColumnKind) -> Map<String, Value> {
    let settings = match kind {
        ColumnKind::Amount => json!({
            "number_style": "currency",
            "currency": "EUR",
            "currency_style": "symbol",
            "currency_in_header": false,
            "decimals": 2,
        }),
        ColumnKind::Rate => json!({ "number_style": "percent", "decimals": 2 }),
        ColumnKind::Year => json!({ "number_style": "decimal", "number_separators": "." }),
        ColumnKind::Number | ColumnKind::Text => json!({}),
    };
    match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}

/// What is sent to Metabase about a column of a table.
pub fn field(title: &str, kind: Option<ColumnKind>) -> Value {
    let Some(kind) = kind else {
        return json!({ "display_name": title, "visibility_type": "details-only" });
    };
    let mut body = json!({ "display_name": title, "visibility_type": "normal" });
    match kind {
        ColumnKind::Amount => body["semantic_type"] = json!("type/Currency"),
        ColumnKind::Text | ColumnKind::Year => body["semantic_type"] = json!("type/Category"),
        // Of other numbers Metabase may think what it likes.
        ColumnKind::Rate | ColumnKind::Number => {}
    }
    let settings = format(kind);
    if !settings.is_empty() {
        body["settings"] = Value::Object(settings);
    }
    body
}

/// A filter of a dashboard. Its values come from a question of ours, whose number must be known.
pub fn parameter(filter: &Filter, card_of: impl Fn(&str) -> Option<i64>) -> Value {
    let (kind, section) = match filter.kind {
        FilterKind::Text => ("string/=", "string"),
        FilterKind::Number => ("number/=", "number"),
    };
    let mut parameter = json!({
        "id": filter.tag,
        "name": filter.name,
        "slug": filter.tag,
        "type": kind,
        "sectionId": section,
        "isMultiSelect": false,
    });
    match &filter.values {
        Values::Typed => {}
        Values::Words(words) => {
            parameter["values_query_type"] = json!("list");
            parameter["values_source_type"] = json!("static-list");
            parameter["values_source_config"] = json!({ "values": words });
        }
        Values::Question { key, column } => {
            parameter["values_query_type"] = json!("list");
            parameter["values_source_type"] = json!("card");
            parameter["values_source_config"] = json!({
                "card_id": card_of(key),
                "value_field": ["field", column, { "base-type": "type/Text" }],
            });
        }
    }
    if let Some(default) = &filter.default {
        parameter["default"] = json!([default]);
        parameter["required"] = json!(true);
    }
    parameter
}

/// A question on a dashboard. `id` is that of its place, below zero for a new one.
pub fn dashcard(id: i64, card_id: i64, place: &crate::definitions::Place, tags: &[&str]) -> Value {
    let mappings: Vec<Value> = tags
        .iter()
        .map(|tag| {
            json!({
                "parameter_id": tag,
                "card_id": card_id,
                "target": ["variable", ["template-tag", tag]],
            })
        })
        .collect();
    json!({
        "id": id,
        "card_id": card_id,
        "col": place.at.0,
        "row": place.at.1,
        "size_x": place.size.0,
        "size_y": place.size.1,
        "parameter_mappings": mappings,
        "visualization_settings": {},
        "series": [],
    })
}

/// Whether an answer says all that was asked for. What it says besides is the server's own; what it does
/// not mention counts as null.
pub fn says(answer: &Value, asked: &Value) -> bool {
    match (answer, asked) {
        (Value::Object(answer), Value::Object(asked)) => asked
            .iter()
            .all(|(key, asked)| says(answer.get(key).unwrap_or(&Value::Null), asked)),
        (Value::Array(answer), Value::Array(asked)) => {
            answer.len() == asked.len()
                && answer
                    .iter()
                    .zip(asked)
                    .all(|(one, other)| says(one, other))
        }
        (answer, asked) => answer == asked,
    }
}

/// Whether a stored query is ours. Servers of 0.57 and later store it in another form, of stages; both
/// are read.
pub fn same_query(answer: &Value, asked: &Value) -> bool {
    let native = &answer["native"];
    let stage = &answer["stages"][0];
    let (sql, tags) = if native.is_object() {
        (&native["query"], &native["template-tags"])
    } else {
        (&stage["native"], &stage["template-tags"])
    };
    let asked_tags = &asked["native"]["template-tags"];
    let empty = Map::new();
    let count = |tags: &Value| tags.as_object().unwrap_or(&empty).len();
    answer["database"] == asked["database"]
        && sql == &asked["native"]["query"]
        && count(tags) == count(asked_tags)
        && (count(asked_tags) == 0 || says(tags, asked_tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_may_say_more_but_not_something_else() {
        let asked = json!({ "a": 1, "b": [{ "c": "x" }], "d": null });
        for (answer, same) in [
            (
                json!({ "a": 1, "b": [{ "c": "x", "id": 7 }], "e": 2 }),
                true,
            ),
            (json!({ "a": 2, "b": [{ "c": "x" }] }), false),
            (json!({ "a": 1, "b": [] }), false),
            (json!({ "a": 1, "b": [{ "c": "x" }, {}] }), false),
            (json!({ "a": 1, "b": [{ "c": "x" }], "d": 0 }), false),
            (json!(null), false),
        ] {
            assert_eq!(says(&answer, &asked), same, "{answer}");
        }
    }

    #[test]
    fn a_mark_is_a_whole_line_at_the_end() {
        let mark = mark("database");
        for (description, ours) in [
            ("Comptes.\n\ncentime:database", true),
            ("centime:database ", true),
            ("centime:database:other", false),
            ("centime:database\n\nMine now.", false),
            ("See centime:database", false),
            ("", false),
        ] {
            assert_eq!(
                carries(&json!({ "description": description }), &mark),
                ours,
                "{description}"
            );
        }
        assert!(!carries(&json!({ "description": null }), &mark));
    }

    #[test]
    fn a_query_is_the_same_in_both_forms() {
        let tags = json!({ "basis": { "name": "basis", "type": "text", "default": "leaf" } });
        let asked = json!({ "type": "native", "database": 2, "native": { "query": "SELECT 1", "template-tags": tags } });
        let staged = |sql: &str, tags: &Value| {
            json!({ "lib/type": "mbql/query", "database": 2,
                "stages": [{ "lib/type": "mbql.stage/native", "native": sql, "template-tags": tags }] })
        };
        assert!(same_query(&asked, &asked));
        assert!(same_query(&staged("SELECT 1", &tags), &asked));
        assert!(!same_query(&staged("SELECT 2", &tags), &asked));
        assert!(!same_query(&staged("SELECT 1", &json!({})), &asked));
        assert!(!same_query(&json!({}), &asked));
    }
}

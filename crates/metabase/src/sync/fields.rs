//! What columns are called and mean.

use reqwest::Method;
use serde_json::json;

use super::change::{Action, Change, Kind};
use super::database::{column, table, tables};
use super::run::{Run, number};
use crate::Result;
use crate::body::{field, says};
use crate::definitions::{BODIES, Key};

/// Sends Metabase the meaning of our tables' columns, where it has another.
pub async fn fields(run: &mut Run<'_>, database: Option<i64>) -> Result<()> {
    let known = match database {
        Some(database) => tables(run, database).await?,
        None => None,
    };
    let definitions = run.definitions;
    let (schema, name, key) = BODIES;
    let body_key = known
        .as_deref()
        .and_then(|tables| table(tables, schema, name))
        .and_then(|bodies| column(bodies, key))
        .map(|key| number(key, "id", "list its tables"))
        .transpose()?;
    for wanted in &definitions.tables {
        let name = format!("{}.{}", wanted.schema, wanted.name);
        let change = Change::new(Action::Update, Kind::Fields, &name);
        let Some(table) = known
            .as_deref()
            .and_then(|tables| table(tables, wanted.schema, wanted.name))
        else {
            run.changes.push(change);
            continue;
        };
        let mut differing = Vec::new();
        for wanted in &wanted.fields {
            let mut body = field(&wanted.title, wanted.kind);
            match wanted.key {
                Some(Key::Own) => body["semantic_type"] = json!("type/PK"),
                Some(Key::Body) => {
                    body["semantic_type"] = json!("type/FK");
                    body["fk_target_field_id"] = json!(body_key);
                }
                None => {}
            }
            if let Some(now) = column(table, &wanted.name)
                && !says(now, &body)
            {
                differing.push((number(now, "id", "list its tables")?, body));
            }
        }
        if differing.is_empty() {
            continue;
        }
        let what = change.to_string();
        run.changes.push(change);
        for (id, body) in differing {
            if !run.dry {
                let path = format!("api/field/{id}");
                run.client
                    .request(&Method::PUT, &path, Some(&body), &what)
                    .await?;
            }
        }
    }
    Ok(())
}

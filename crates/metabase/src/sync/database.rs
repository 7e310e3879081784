//! The connection to PostgreSQL, and its tables.

use std::time::Instant;

use reqwest::Method;
use serde_json::{Value, json};

use super::change::{Action, Change, Kind};
use super::run::{Run, entries, number, oldest};
use super::settings::{Connection, SslMode};
use crate::body::{described, mark, says};
use crate::client::pauses;
use crate::{Error, Result};

/// The schema that Metabase is shown: what its role may read.
const SCHEMAS: &str = "published";

const LIST: &str = "api/database/?saved=false&include_analytics=false&include_editable_data_model=false\
    &exclude_uneditable_details=false&include_only_uploadable=false";

/// The details of a connection, without what Metabase does not return.
fn details(connection: &Connection) -> Value {
    let mut details = json!({
        "host": connection.host,
        "port": connection.port,
        "dbname": connection.database,
        "user": connection.user,
        "ssl": connection.ssl != SslMode::Disable,
        "schema-filters-type": "inclusion",
        "schema-filters-patterns": SCHEMAS,
    });
    if connection.ssl != SslMode::Disable {
        details["ssl-mode"] = json!(connection.ssl.name());
    }
    if let Some(authority) = &connection.authority {
        details["ssl-root-cert-options"] = json!("local");
        details["ssl-root-cert-path"] = json!(authority);
    }
    details
}

/// The details with the password.
fn secret_details(connection: &Connection) -> Result<Value> {
    let password = connection
        .password
        .as_ref()
        .ok_or_else(|| Error::NoPassword {
            user: connection.user.clone(),
        })?;
    let mut details = details(connection);
    details["password"] = json!(password.reveal());
    Ok(details)
}

/// The connection, made or put right; `None` where it is not there and nothing is sent.
pub async fn database(run: &mut Run<'_>) -> Result<Option<i64>> {
    let (settings, named) = (run.settings, &run.definitions.database);
    let mark = mark("database");
    let description = described(named, &mark);
    let wanted = details(&settings.connection);
    let list = run.client.get(LIST, "list its databases").await?;
    let list = entries(&list, "list its databases")?;
    // A run that ended between making and marking leaves one that has everything but the mark.
    let unmarked = || {
        list.iter().find(|database| {
            database["name"] == json!(named.name)
                && database["engine"] == json!("postgres")
                && database["description"].as_str().is_none_or(str::is_empty)
                && says(&database["details"], &wanted)
        })
    };
    let Some(found) = oldest(list.iter(), &mark).or_else(unmarked) else {
        let body = json!({
            "name": named.name,
            "engine": "postgres",
            "details": if run.dry { wanted } else { secret_details(&settings.connection)? },
            "is_full_sync": true,
            "is_on_demand": false,
            "connection_source": "admin",
            "auto_run_queries": true,
        });
        let change = Change::new(Action::Create, Kind::Database, &named.name);
        let made = run
            .change(change, &Method::POST, "api/database/", &body)
            .await?;
        let Some(made) = made else { return Ok(None) };
        let id = number(&made, "id", "make a database")?;
        let body = json!({ "description": description });
        let path = format!("api/database/{id}");
        run.client
            .request(&Method::PUT, &path, Some(&body), "mark the database")
            .await?;
        return Ok(Some(id));
    };
    let id = number(found, "id", "list its databases")?;
    let path = format!("api/database/{id}");
    let now = run.client.get(&path, "read the database").await?;
    let same = now["name"] == json!(named.name) && now["description"] == json!(description);
    let connected = says(&now["details"], &wanted) && !settings.send_password;
    if !(same && connected) {
        let mut body = json!({ "name": named.name, "description": description });
        if !connected {
            body["engine"] = json!("postgres");
            body["details"] = if run.dry {
                wanted
            } else {
                secret_details(&settings.connection)?
            };
        }
        let change = Change::new(Action::Update, Kind::Database, &named.name);
        run.change(change, &Method::PUT, &path, &body).await?;
    }
    Ok(Some(id))
}

/// The tables of a database as Metabase knows them, once it knows those that are needed. Where nothing
/// is to be sent it is not waited for: `None` where a table is not known yet.
pub async fn tables(run: &Run<'_>, database: i64) -> Result<Option<Vec<Value>>> {
    let path = format!(
        "api/database/{database}/metadata?include_hidden=true&include_editable_data_model=false\
         &remove_inactive=true&skip_fields=false"
    );
    let since = Instant::now();
    let mut asked = false;
    for pause in pauses() {
        let answer = run.client.get(&path, "list its tables").await?;
        let tables = entries(&answer["tables"], "list its tables")?;
        let Some(missing) = missing(run, tables) else {
            return Ok(Some(tables.clone()));
        };
        if run.dry {
            return Ok(None);
        }
        if since.elapsed() >= run.settings.wait {
            return Err(Error::NotSynced {
                missing,
                after: run.settings.wait,
            });
        }
        if !asked {
            let sync = format!("api/database/{database}/sync_schema");
            let nothing = json!({});
            run.client
                .request(&Method::POST, &sync, Some(&nothing), "look for tables")
                .await?;
            asked = true;
        }
        tracing::debug!(missing, "Metabase does not know all tables yet");
        tokio::time::sleep(pause).await;
    }
    unreachable!("pauses go on for ever")
}

/// The table of a schema, among those that Metabase knows.
pub fn table<'t>(tables: &'t [Value], schema: &str, name: &str) -> Option<&'t Value> {
    tables
        .iter()
        .find(|table| table["schema"] == json!(schema) && table["name"] == json!(name))
}

/// The column of a table as Metabase knows it.
pub fn column<'t>(table: &'t Value, name: &str) -> Option<&'t Value> {
    let fields = table["fields"].as_array()?;
    fields.iter().find(|field| field["name"] == json!(name))
}

/// The first table or column that is needed and not known.
fn missing(run: &Run<'_>, tables: &[Value]) -> Option<String> {
    for wanted in &run.definitions.tables {
        let name = format!("{}.{}", wanted.schema, wanted.name);
        let Some(table) = table(tables, wanted.schema, wanted.name) else {
            return Some(format!("the table {name}"));
        };
        for field in &wanted.fields {
            if column(table, &field.name).is_none() {
                return Some(format!("the column {name}.{}", field.name));
            }
        }
    }
    None
}

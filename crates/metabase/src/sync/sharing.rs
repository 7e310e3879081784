//! A public link, and signed embedding. Both are left alone unless they are asked for.

use reqwest::Method;
use serde_json::{Value, json};

use super::change::{Action, Change, Kind};
use super::run::{Run, number};
use crate::{Error, Result, Secret};

/// What a setting with a secret begins with when Metabase returns it; its last two letters follow.
const HIDDEN: &str = "**********";

/// Allows frames with a signature made with our key.
pub async fn embedding(run: &mut Run<'_>) -> Result<()> {
    let Some(key) = run.settings.embedding_key.clone() else {
        return Ok(());
    };
    let now = setting(run, "embedding-secret-key").await?;
    if !is_secret(&now, &key) {
        set(run, "embedding-secret-key", json!(key.reveal())).await?;
    }
    turn_on(run, "enable-embedding-static").await
}

/// Whether a setting is this secret, as far as Metabase shows.
fn is_secret(now: &Value, secret: &Secret) -> bool {
    let Some(now) = now.as_str() else {
        return false;
    };
    match now.strip_prefix(HIDDEN) {
        Some(end) => !end.is_empty() && secret.reveal().ends_with(end),
        None => now == secret.reveal(),
    }
}

/// Gives the dashboard a public link, where that is wanted, and returns the one it has.
pub async fn public_link(run: &mut Run<'_>, dashboard: Option<&Value>) -> Result<Option<String>> {
    let base = run.client.address().to_owned();
    let address = |id: &str| format!("{base}/public/dashboard/{id}");
    if let Some(id) = dashboard.and_then(|dashboard| dashboard["public_uuid"].as_str()) {
        return Ok(Some(address(id)));
    }
    if !run.settings.public_link {
        return Ok(None);
    }
    turn_on(run, "enable-public-sharing").await?;
    let name = run.definitions.dashboard.named.name.clone();
    let change = Change::new(Action::Create, Kind::PublicLink, &name);
    let Some(dashboard) = dashboard else {
        run.changes.push(change);
        return Ok(None);
    };
    let id = number(dashboard, "id", "read the dashboard")?;
    let path = format!("api/dashboard/{id}/public_link");
    let made = run.change(change, &Method::POST, &path, &json!({})).await?;
    let Some(made) = made else { return Ok(None) };
    let id = made["uuid"].as_str().ok_or_else(|| Error::Unexpected {
        what: "make a public link".to_owned(),
        reason: "it names none".to_owned(),
    })?;
    Ok(Some(address(id)))
}

async fn turn_on(run: &mut Run<'_>, name: &str) -> Result<()> {
    if setting(run, name).await? == json!(true) {
        return Ok(());
    }
    set(run, name, json!(true)).await
}

async fn setting(run: &Run<'_>, name: &str) -> Result<Value> {
    let path = format!("api/setting/{name}");
    run.client.get(&path, "read a setting").await
}

async fn set(run: &mut Run<'_>, name: &str, value: Value) -> Result<()> {
    let change = Change::new(Action::Update, Kind::Setting, name);
    let path = format!("api/setting/{name}");
    run.change(change, &Method::PUT, &path, &json!({ "value": value }))
        .await
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hidden_secret_is_known_by_its_end() {
        let key = Secret::new("abcdef");
        for (now, same) in [
            (json!("abcdef"), true),
            (json!("**********ef"), true),
            (json!("**********xy"), false),
            (json!("**********"), false),
            (json!("other"), false),
            (Value::Null, false),
        ] {
            assert_eq!(is_secret(&now, &key), same, "{now}");
        }
    }
}

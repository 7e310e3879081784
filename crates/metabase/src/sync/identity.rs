//! The first administrator, or a session.

use reqwest::Method;
use serde_json::{Value, json};

use super::change::{Action, Change, Kind};
use super::settings::Settings;
use crate::client::{Client, Credentials, session_of};
use crate::{Error, Result, Secret};

/// Whether there is an administrator already.
pub fn is_set_up(properties: &Value) -> bool {
    // The token is null once it was used; older servers also say so in a word.
    properties["has-user-setup"]
        .as_bool()
        .unwrap_or_else(|| properties["setup-token"].is_null())
}

/// Gives the client an identity that may do what is needed. `false` where that would take a set-up, and
/// nothing is to be sent.
pub async fn identify(
    client: &mut Client,
    settings: &Settings,
    properties: &Value,
    dry: bool,
    changes: &mut Vec<Change>,
) -> Result<bool> {
    if !is_set_up(properties) {
        let Some(Credentials::Administrator { email, password }) = &settings.credentials else {
            return Err(Error::NotSetUp);
        };
        changes.push(Change::new(Action::Create, Kind::Administrator, email));
        if dry {
            return Ok(false);
        }
        set_up(client, settings, properties, email, password).await?;
        return Ok(true);
    }
    match &settings.credentials {
        None => return Err(Error::NoCredentials),
        Some(Credentials::ApiKey(key)) => client.use_key(key)?,
        Some(Credentials::Administrator { email, password }) => {
            client.log_in(email, password).await?;
        }
    }
    let user = client.get("api/user/current", "say who asks").await?;
    if user["is_superuser"] == json!(true) {
        Ok(true)
    } else {
        client.leave().await;
        let who = user["common_name"]
            .as_str()
            .or_else(|| user["email"].as_str());
        Err(Error::NotAdministrator {
            who: who.unwrap_or("the user").to_owned(),
        })
    }
}

/// Makes the first administrator. What is used is not sent to Metabase's makers.
async fn set_up(
    client: &mut Client,
    settings: &Settings,
    properties: &Value,
    email: &str,
    password: &Secret,
) -> Result<()> {
    const WHAT: &str = "set it up";
    let token = properties["setup-token"].as_str().ok_or(Error::NotSetUp)?;
    let body = json!({
        "token": token,
        "user": {
            "email": email,
            "password": password.reveal(),
            "first_name": "Centime",
            "last_name": null,
        },
        "prefs": { "site_name": settings.site_name, "site_locale": null },
    });
    let answer = client
        .request(&Method::POST, "api/setup/", Some(&body), WHAT)
        .await?;
    client.use_session(&session_of(&answer, WHAT)?)?;
    client
        .request(
            &Method::PUT,
            "api/setting/anon-tracking-enabled",
            Some(&json!({ "value": false })),
            "turn its statistics off",
        )
        .await?;
    Ok(())
}

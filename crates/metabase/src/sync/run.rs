//! A synchronisation on its way: each change is sent, or only noted.

use reqwest::Method;
use serde_json::Value;

use super::change::Change;
use super::settings::Settings;
use crate::client::Client;
use crate::definitions::Definitions;
use crate::{Error, Result};

/// A run over the definitions, which sends what differs, or only notes it.
pub struct Run<'a> {
    pub client: &'a Client,
    pub settings: &'a Settings,
    pub definitions: &'a Definitions,
    pub dry: bool,
    pub changes: Vec<Change>,
}

impl Run<'_> {
    /// Notes a change and sends it; `None` where nothing is sent.
    pub async fn change(
        &mut self,
        change: Change,
        method: &Method,
        path: &str,
        body: &Value,
    ) -> Result<Option<Value>> {
        let what = change.to_string();
        self.changes.push(change);
        if self.dry {
            return Ok(None);
        }
        let answer = self.client.request(method, path, Some(body), &what).await;
        answer.map(Some)
    }
}

/// A number in an answer.
pub fn number(answer: &Value, key: &str, what: &str) -> Result<i64> {
    answer[key].as_i64().ok_or_else(|| Error::Unexpected {
        what: what.to_owned(),
        reason: format!("it has no number «{key}»"),
    })
}

/// The entries of an answer that is a list, bare or as its `data`.
pub fn entries<'a>(answer: &'a Value, what: &str) -> Result<&'a Vec<Value>> {
    let list = answer.as_array().or_else(|| answer["data"].as_array());
    list.ok_or_else(|| Error::Unexpected {
        what: what.to_owned(),
        reason: "it is no list".to_owned(),
    })
}

/// The oldest entry with this mark: a copy of an object of ours has the same mark.
pub fn oldest<'a>(entries: impl Iterator<Item = &'a Value>, mark: &str) -> Option<&'a Value> {
    entries
        .filter(|entry| crate::body::carries(entry, mark))
        .min_by_key(|entry| entry["id"].as_i64().unwrap_or(i64::MAX))
}

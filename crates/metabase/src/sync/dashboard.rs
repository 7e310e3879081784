//! The dashboard.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::change::{Action, Change, Kind};
use super::collection::{Cards, dashboard as found_in, items};
use super::run::{Run, number};
use crate::Result;
use crate::body::{dashcard, described, mark, parameter, says};

/// The dashboard as it is now, made or put right; `None` where it is not there and nothing is sent.
pub async fn dashboard(
    run: &mut Run<'_>,
    collection: Option<i64>,
    cards: &Cards,
) -> Result<Option<Value>> {
    let wanted = &run.definitions.dashboard;
    let mark = mark("dashboard");
    let description = described(&wanted.named, &mark);
    let name = &wanted.named.name;
    let items = items(run, collection).await?;
    let (now, made) = if let Some(found) = found_in(&items, &mark) {
        let id = number(found, "id", "list what is in the collection")?;
        let path = format!("api/dashboard/{id}");
        (run.client.get(&path, "read the dashboard").await?, false)
    } else {
        let body = json!({ "name": name, "description": description, "collection_id": collection });
        let change = Change::new(Action::Create, Kind::Dashboard, name);
        let made = run
            .change(change, &Method::POST, "api/dashboard/", &body)
            .await?;
        let Some(made) = made else { return Ok(None) };
        (made, true)
    };
    let id = number(&now, "id", "read the dashboard")?;
    let mut body = json!({
        "name": name,
        "description": description,
        "collection_id": collection,
        "width": "full",
        "parameters": wanted
            .filters
            .iter()
            .map(|filter| parameter(filter, |key| cards.get(key).copied()))
            .collect::<Vec<_>>(),
        "dashcards": dashcards(run, &now, cards),
    });
    if run.settings.embedding_key.is_some() {
        body["enable_embedding"] = json!(true);
        body["embedding_params"] = wanted
            .filters
            .iter()
            .map(|filter| (filter.tag.clone(), json!("enabled")))
            .collect::<Map<_, _>>()
            .into();
    }
    if same(&now, &body) {
        return Ok(Some(now));
    }
    let path = format!("api/dashboard/{id}");
    if made {
        // Making one takes two requests, which are reported as one change.
        let what = "fill the dashboard";
        run.client
            .request(&Method::PUT, &path, Some(&body), what)
            .await
            .map(Some)
    } else {
        let change = Change::new(Action::Update, Kind::Dashboard, name);
        let answer = run.change(change, &Method::PUT, &path, &body).await?;
        Ok(Some(answer.unwrap_or(now)))
    }
}

/// All places of the dashboard, for the list that is sent replaces the one that is there. A question that
/// has a place already keeps its number.
fn dashcards(run: &Run<'_>, now: &Value, cards: &Cards) -> Vec<Value> {
    let definitions = run.definitions;
    let there = now["dashcards"].as_array();
    let mut new = 0;
    let mut list = Vec::new();
    for place in &definitions.dashboard.places {
        let card = definitions.cards.iter().find(|card| {
            card.key == place.key && card.kind == crate::definitions::CardKind::Question
        });
        // Without its number the card is new, and only noted.
        let (Some(card), Some(card_id)) = (card, cards.get(&place.key)) else {
            continue;
        };
        let place_of_card = there
            .into_iter()
            .flatten()
            .find(|there| there["card_id"] == json!(card_id));
        let id = place_of_card
            .and_then(|there| there["id"].as_i64())
            .unwrap_or_else(|| {
                new -= 1;
                new
            });
        list.push(dashcard(id, *card_id, place, &card.tags()));
    }
    list
}

/// Whether a dashboard is what was asked for, whatever the order in which it lists its places.
fn same(now: &Value, asked: &Value) -> bool {
    let by_number = |list: &Value| {
        let mut list = list.as_array().cloned().unwrap_or_default();
        list.sort_by_key(|place| place["id"].as_i64());
        Value::Array(list)
    };
    let mut rest = asked.clone();
    rest["dashcards"] = Value::Null;
    let mut others = now.clone();
    others["dashcards"] = Value::Null;
    says(&others, &rest)
        && says(
            &by_number(&now["dashcards"]),
            &by_number(&asked["dashcards"]),
        )
}

//! The collection, and the cards in it.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::{Value, json};

use super::change::{Action, Change, Kind};
use super::run::{Run, entries, number, oldest};
use crate::Result;
use crate::body::{self, card_mark, carries, described, mark, same_query, says};
use crate::definitions::{Card, CardKind};

const LIST: &str =
    "api/collection/?archived=false&exclude-other-user-collections=false&personal-only=false";

/// The numbers of the cards, by the names of questions in the files.
pub type Cards = BTreeMap<String, i64>;

/// What kind of object a card is.
pub fn kind(card: &Card) -> Kind {
    match card.kind {
        CardKind::Model => Kind::Model,
        CardKind::Question => Kind::Question,
    }
}

/// The collection; `None` where it is not there and nothing is sent.
pub async fn collection(run: &mut Run<'_>) -> Result<Option<i64>> {
    let named = &run.definitions.collection;
    let mark = mark("collection");
    let body = json!({ "name": named.name, "description": described(named, &mark) });
    let list = run.client.get(LIST, "list its collections").await?;
    let list = entries(&list, "list its collections")?;
    let standing = list
        .iter()
        .filter(|collection| collection["archived"] != json!(true));
    let Some(found) = oldest(standing, &mark) else {
        let change = Change::new(Action::Create, Kind::Collection, &named.name);
        let made = run
            .change(change, &Method::POST, "api/collection/", &body)
            .await?;
        return made
            .map(|made| number(&made, "id", "make a collection"))
            .transpose();
    };
    let id = number(found, "id", "list its collections")?;
    if !says(found, &body) {
        let mut body = body;
        body["archived"] = json!(false);
        let change = Change::new(Action::Update, Kind::Collection, &named.name);
        let path = format!("api/collection/{id}");
        run.change(change, &Method::PUT, &path, &body).await?;
    }
    Ok(Some(id))
}

/// What is in the collection and is not archived.
pub async fn items(run: &Run<'_>, collection: Option<i64>) -> Result<Vec<Value>> {
    let Some(collection) = collection else {
        return Ok(Vec::new());
    };
    let path = format!(
        "api/collection/{collection}/items?models=card&models=dataset&models=dashboard&archived=false\
         &include_can_run_adhoc_query=false&show_dashboard_questions=false"
    );
    let what = "list what is in the collection";
    let list = run.client.get(&path, what).await?;
    Ok(entries(&list, what)?.clone())
}

/// Models and questions, made or put right. Those of others are left alone.
pub async fn cards(
    run: &mut Run<'_>,
    database: Option<i64>,
    collection: Option<i64>,
) -> Result<Cards> {
    let definitions = run.definitions;
    let items = items(run, collection).await?;
    let in_model = |item: &&Value| matches!(item["model"].as_str(), Some("card" | "dataset"));
    let mut cards = Cards::new();
    for card in &definitions.cards {
        let mark = card_mark(card);
        let name = &card.named.name;
        let found = oldest(items.iter().filter(in_model), &mark);
        // Without these nothing was found and nothing is sent.
        let body = body::card(
            card,
            definitions,
            database.unwrap_or_default(),
            collection.unwrap_or_default(),
        );
        let id = if let Some(found) = found {
            let id = number(found, "id", "list what is in the collection")?;
            let path = format!("api/card/{id}?legacy-mbql=true");
            let now = run.client.get(&path, "read a question").await?;
            if !same(&now, &body) {
                let change = Change::new(Action::Update, kind(card), name);
                let path = format!("api/card/{id}");
                run.change(change, &Method::PUT, &path, &body).await?;
            }
            Some(id)
        } else {
            let change = Change::new(Action::Create, kind(card), name);
            let made = run
                .change(change, &Method::POST, "api/card/", &body)
                .await?;
            made.map(|made| number(&made, "id", "make a question"))
                .transpose()?
        };
        if let (Some(id), CardKind::Question) = (id, card.kind) {
            cards.insert(card.key.clone(), id);
        }
    }
    Ok(cards)
}

/// Whether a card is what was asked for.
fn same(now: &Value, asked: &Value) -> bool {
    let mut rest = asked.clone();
    if let Some(rest) = rest.as_object_mut() {
        rest.remove("dataset_query");
    }
    says(now, &rest) && same_query(&now["dataset_query"], &asked["dataset_query"])
}

/// The dashboard among what is in the collection.
pub fn dashboard<'i>(items: &'i [Value], mark: &str) -> Option<&'i Value> {
    let dashboards = items
        .iter()
        .filter(|item| item["model"] == json!("dashboard") && carries(item, mark));
    oldest(dashboards, mark)
}

//! How each operation is answered.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method};
use serde_json::{Value, json};

use crate::state::Metabase;

/// The token of its set-up.
pub const TOKEN: &str = "d8f5-setup-token";
/// Its administrator.
pub const EMAIL: &str = "admin@example.fr";
/// The password of its administrator.
pub const PASSWORD: &str = "correct horse battery staple";
/// An API key of its administrators.
pub const KEY: &str = "mb_key_of_the_administrators";
const SESSION: &str = "3a8d2f6e-session";

type Answer = Result<Value, (u16, Value)>;

fn not_found() -> (u16, Value) {
    (404, json!("Not found."))
}

fn merge(object: &mut Value, changes: &Value) {
    for (key, value) in changes.as_object().expect("an object") {
        object[key] = value.clone();
    }
}

/// An object with changes, as it is from then on.
fn changed<'o>(
    objects: &'o mut BTreeMap<i64, Value>,
    id: i64,
    changes: &Value,
) -> Result<&'o Value, (u16, Value)> {
    let object = objects.get_mut(&id).ok_or_else(not_found)?;
    merge(object, changes);
    Ok(object)
}

/// A new object: what is said of it, the last word counts.
fn added<const N: usize>(objects: &mut BTreeMap<i64, Value>, id: i64, said: [&Value; N]) -> Value {
    let mut object = json!({});
    for one in said {
        merge(&mut object, one);
    }
    objects.insert(id, object.clone());
    object
}

impl Metabase {
    /// Answers a request.
    pub(crate) fn answer(
        &mut self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        query: &str,
        body: &Value,
    ) -> Answer {
        let parts: Vec<&str> = path.trim_matches('/').split('/').skip(1).collect();
        let number = parts.get(1).and_then(|part| part.parse::<i64>().ok());
        match (method.as_str(), parts.as_slice()) {
            ("GET", ["health"]) if self.starting > 0 => {
                self.starting -= 1;
                return Err((503, json!({ "status": "initializing", "progress": 0.5 })));
            }
            ("GET", ["health"]) => return Ok(json!({ "status": "ok" })),
            ("GET", ["session", "properties"]) => {
                return Ok(json!({
                    "version": { "tag": self.version },
                    "has-user-setup": self.set_up,
                    "setup-token": if self.set_up { Value::Null } else { json!(TOKEN) },
                }));
            }
            ("POST", ["setup"]) => return self.first_set_up(body),
            ("POST", ["session"]) => {
                if body["username"] != EMAIL || body["password"] != PASSWORD {
                    return Err((
                        401,
                        json!({ "errors": { "password": "did not match stored password" } }),
                    ));
                }
                self.open_sessions += 1;
                return Ok(json!({ "id": SESSION }));
            }
            _ => {}
        }
        let shown = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let session = shown("x-metabase-session") == Some(SESSION) && self.open_sessions > 0;
        if !session && shown("x-api-key") != Some(KEY) {
            return Err((401, json!("Unauthenticated")));
        }
        match (method.as_str(), parts.as_slice()) {
            ("DELETE", ["session"]) => {
                self.open_sessions -= 1;
                Ok(Value::Null)
            }
            ("GET", ["user", "current"]) => Ok(json!({
                "common_name": "Ada", "email": EMAIL, "is_superuser": self.administrator,
            })),
            _ if !self.administrator => Err((403, json!("You don't have permissions to do that."))),
            ("GET", ["setting", key]) => {
                Ok(self.settings.get(*key).cloned().unwrap_or(Value::Null))
            }
            ("PUT", ["setting", key]) => {
                self.settings
                    .insert((*key).to_owned(), body["value"].clone());
                Ok(Value::Null)
            }
            ("PUT", ["field", _]) => self.change_field(number.ok_or_else(not_found)?, body),
            (_, ["database", ..]) => self.of_databases(method, &parts, number, body),
            (_, ["collection", ..]) => self.of_collections(method, &parts, number, body),
            (_, ["card", ..]) => self.of_cards(method, number, query, body),
            (_, ["dashboard", ..]) => self.of_dashboards(method, &parts, number, body),
            _ => Err(not_found()),
        }
    }

    fn first_set_up(&mut self, body: &Value) -> Answer {
        if self.set_up {
            return Err((
                403,
                json!(
                    "The /api/setup route can only be used to create the first user, however a user currently exists."
                ),
            ));
        }
        if body["token"] != TOKEN {
            return Err((
                400,
                json!({ "errors": { "token": "Token does not match the setup token." } }),
            ));
        }
        if body["user"]["password"]
            .as_str()
            .is_none_or(|password| password.len() < 8)
        {
            return Err((
                400,
                json!({ "errors": { "password": "password is too common." },
                "specific-errors": { "user": { "password": [format!("received: {}", body["user"]["password"])] } } }),
            ));
        }
        self.set_up = true;
        self.open_sessions += 1;
        Ok(json!({ "id": SESSION }))
    }

    fn change_field(&mut self, id: i64, body: &Value) -> Answer {
        let mut fields = self
            .tables
            .iter_mut()
            .flat_map(|table| table["fields"].as_array_mut().expect("fields"));
        let field = fields
            .find(|field| field["id"] == id)
            .ok_or_else(not_found)?;
        merge(field, body);
        Ok(field.clone())
    }

    /// A connection as it is returned: without its password.
    fn without_password(database: &Value) -> Value {
        let mut shown = database.clone();
        if !shown["details"]["password"].is_null() {
            shown["details"]["password"] = json!("**MetabasePass**");
        }
        shown
    }

    fn of_databases(
        &mut self,
        method: &Method,
        parts: &[&str],
        id: Option<i64>,
        body: &Value,
    ) -> Answer {
        match (method.as_str(), parts.get(2).copied(), id) {
            ("GET", None, None) => {
                let list: Vec<Value> = self
                    .databases
                    .values()
                    .map(Self::without_password)
                    .collect();
                Ok(json!({ "data": list, "total": list.len() }))
            }
            ("POST", None, None) => {
                let id = self.id();
                let known =
                    json!({ "id": id, "description": null, "initial_sync_status": "incomplete" });
                let database = added(&mut self.databases, id, [body, &known]);
                (self.syncing, self.pending) = (true, self.slow);
                Ok(Self::without_password(&database))
            }
            ("GET", None, Some(id)) => self
                .databases
                .get(&id)
                .map(Self::without_password)
                .ok_or_else(not_found),
            ("PUT", None, Some(id)) => {
                changed(&mut self.databases, id, body).map(Self::without_password)
            }
            ("POST", Some("sync_schema"), Some(_)) => {
                if !self.syncing {
                    (self.syncing, self.pending) = (true, self.slow);
                }
                Ok(json!({ "status": "ok" }))
            }
            ("GET", Some("metadata"), Some(id)) => {
                let database = self
                    .databases
                    .get(&id)
                    .map(Self::without_password)
                    .ok_or_else(not_found)?;
                if self.syncing && !self.never_syncs {
                    if self.pending == 0 {
                        self.find_tables();
                    } else {
                        self.pending -= 1;
                    }
                }
                let mut answer = database;
                answer["tables"] = json!(self.tables);
                Ok(answer)
            }
            _ => Err(not_found()),
        }
    }

    fn of_collections(
        &mut self,
        method: &Method,
        parts: &[&str],
        id: Option<i64>,
        body: &Value,
    ) -> Answer {
        match (method.as_str(), parts.get(2).copied(), id) {
            ("GET", None, None) => {
                let root = json!({ "id": "root", "name": "Our analytics", "description": null });
                let current = self
                    .collections
                    .values()
                    .filter(|one| one["archived"] != json!(true));
                Ok(std::iter::once(root).chain(current.cloned()).collect())
            }
            ("POST", None, None) => {
                let id = self.id();
                let known = json!({ "id": id, "archived": false });
                Ok(added(&mut self.collections, id, [body, &known]))
            }
            ("PUT", None, Some(id)) => changed(&mut self.collections, id, body).cloned(),
            ("GET", Some("items"), Some(id)) => {
                let inside = |object: &&Value| {
                    object["collection_id"] == json!(id) && object["archived"] != json!(true)
                };
                let listed = |object: &Value, model: &str| {
                    json!({ "id": object["id"], "name": object["name"], "model": model,
                        "description": object["description"] })
                };
                let cards = self.cards.values().filter(inside).map(|card| {
                    let model = if card["type"] == "model" {
                        "dataset"
                    } else {
                        "card"
                    };
                    listed(card, model)
                });
                let dashboards = self.dashboards.values().filter(inside);
                let list: Vec<Value> = cards
                    .chain(dashboards.map(|dashboard| listed(dashboard, "dashboard")))
                    .collect();
                Ok(json!({ "data": list, "total": list.len() }))
            }
            _ => Err(not_found()),
        }
    }

    fn of_cards(&mut self, method: &Method, id: Option<i64>, query: &str, body: &Value) -> Answer {
        match (method.as_str(), id) {
            ("POST", None) => {
                let id = self.id();
                let known = json!({ "id": id, "archived": false, "entity_id": format!("{id:021}"),
                    "result_metadata": [], "enable_embedding": false });
                Ok(added(&mut self.cards, id, [body, &known]))
            }
            ("GET", Some(id)) => {
                let mut card = self.cards.get(&id).cloned().ok_or_else(not_found)?;
                if self.minor().is_some_and(|minor| minor >= 57)
                    && !query.contains("legacy-mbql=true")
                {
                    let asked = &card["dataset_query"];
                    card["dataset_query"] = json!({
                        "lib/type": "mbql/query", "database": asked["database"],
                        "stages": [{ "lib/type": "mbql.stage/native", "native": asked["native"]["query"],
                            "template-tags": asked["native"]["template-tags"] }],
                    });
                }
                Ok(card)
            }
            ("PUT", Some(id)) => changed(&mut self.cards, id, body).cloned(),
            _ => Err(not_found()),
        }
    }

    fn of_dashboards(
        &mut self,
        method: &Method,
        parts: &[&str],
        id: Option<i64>,
        body: &Value,
    ) -> Answer {
        match (method.as_str(), parts.get(2).copied(), id) {
            ("POST", None, None) => {
                let id = self.id();
                let usual = json!({ "parameters": [], "dashcards": [], "width": "fixed",
                    "enable_embedding": false, "embedding_params": null, "public_uuid": null });
                let known = json!({ "id": id, "archived": false });
                Ok(added(&mut self.dashboards, id, [&usual, body, &known]))
            }
            ("GET", None, Some(id)) => self.dashboards.get(&id).cloned().ok_or_else(not_found),
            ("PUT", None, Some(id)) => {
                let mut dashboard = self.dashboards.get(&id).cloned().ok_or_else(not_found)?;
                let there: Vec<Value> = dashboard["dashcards"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                merge(&mut dashboard, body);
                if let Some(list) = body["dashcards"].as_array() {
                    let mut replaced = Vec::new();
                    for place in list {
                        let known = |card: i64| self.cards.contains_key(&card);
                        if !place["card_id"].as_i64().is_none_or(known) {
                            return Err((404, json!("Not found.")));
                        }
                        let mut place = place.clone();
                        let number = place["id"].as_i64().unwrap_or_default();
                        if number < 0 {
                            place["id"] = json!(self.id());
                        } else if !there.iter().any(|there| there["id"] == number) {
                            return Err((400, json!({ "errors": { "dashcards": "unknown id" } })));
                        }
                        let card = json!({ "id": place["card_id"] });
                        merge(
                            &mut place,
                            &json!({ "dashboard_id": id, "dashboard_tab_id": null,
                            "card": card }),
                        );
                        replaced.push(place);
                    }
                    // It lists them in an order of its own.
                    replaced.reverse();
                    dashboard["dashcards"] = json!(replaced);
                }
                self.dashboards.insert(id, dashboard.clone());
                Ok(dashboard)
            }
            ("POST", Some("public_link"), Some(id)) => {
                if self.settings.get("enable-public-sharing") != Some(&json!(true)) {
                    return Err((400, json!("Public sharing is not enabled.")));
                }
                let dashboard = self.dashboards.get_mut(&id).ok_or_else(not_found)?;
                dashboard["public_uuid"] = json!("0b1f-public");
                Ok(json!({ "uuid": "0b1f-public" }))
            }
            _ => Err(not_found()),
        }
    }
}

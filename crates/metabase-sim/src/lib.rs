//! A Metabase as its `OpenAPI` document describes it: every request is held against that document, set-up
//! happens once, tables take a while to be found, and the list of a dashboard's places is replaced.
//!
//! `openapi.json` holds what that document says of the operations that are used. It is stricter: what the
//! document does not name is refused.

#![allow(
    clippy::missing_panics_doc,
    reason = "for tests, in which every failure panics"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
pub use axum::http::Method;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use jsonschema::Validator;
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// The token of its set-up.
pub const TOKEN: &str = "d8f5-setup-token";
/// Its administrator.
pub const EMAIL: &str = "admin@example.fr";
/// The password of its administrator.
pub const PASSWORD: &str = "correct horse battery staple";
/// An API key of its administrators.
pub const KEY: &str = "mb_key_of_the_administrators";
const SESSION: &str = "3a8d2f6e-session";

static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("../openapi.json")).expect("a document"));

/// The schema of the body of each operation that has one.
static BODIES: LazyLock<BTreeMap<String, Validator>> = LazyLock::new(|| {
    let operations = DOCUMENT["operations"].as_object().expect("operations");
    let with_body = operations.iter().filter_map(|(name, operation)| {
        let mut schema = operation.get("body")?.clone();
        schema["$defs"] = DOCUMENT["$defs"].clone();
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        Some((name.clone(), validator))
    });
    with_body.collect()
});

/// A request that was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Its method.
    pub method: Method,
    /// Its path, without parameters.
    pub path: String,
    /// Its body; null without one.
    pub body: Value,
}

/// What is to be answered instead, once.
pub struct Fault {
    /// The method.
    pub method: Method,
    /// The beginning of the path.
    pub path: &'static str,
    /// The status to answer with.
    pub status: u16,
    /// The headers to answer with.
    pub headers: Vec<(&'static str, String)>,
    /// The body to answer with.
    pub body: String,
}

/// What the stub knows.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that a test turns on or off by itself"
)]
pub struct Metabase {
    /// The tag of its version.
    pub version: String,
    /// Whether it has an administrator.
    pub set_up: bool,
    /// Whether whoever logs in is one.
    pub administrator: bool,
    /// How often it still says that it is starting.
    pub starting: u32,
    /// How often tables are asked for before a synchronisation has found them.
    pub slow: u32,
    /// How often they still are.
    pending: u32,
    syncing: bool,
    /// Whether tables are never found.
    pub never_syncs: bool,
    /// What goes wrong next.
    pub faults: Vec<Fault>,
    /// What was sent.
    pub sent: Vec<Sent>,
    /// What was sent against the document.
    pub violations: Vec<String>,
    /// Its connections.
    pub databases: BTreeMap<i64, Value>,
    /// Its collections.
    pub collections: BTreeMap<i64, Value>,
    /// Its models and questions.
    pub cards: BTreeMap<i64, Value>,
    /// Its dashboards.
    pub dashboards: BTreeMap<i64, Value>,
    /// The tables that it has found.
    pub tables: Vec<Value>,
    /// The settings of the whole Metabase.
    pub settings: Map<String, Value>,
    /// How many sessions were opened and not closed.
    pub open_sessions: u32,
    found: Vec<Table>,
    next: i64,
}

/// A table that a synchronisation finds.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its schema.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// Its columns.
    pub fields: Vec<String>,
}

/// A stub on a port.
pub struct Stub {
    /// Its address.
    pub url: String,
    address: SocketAddr,
    serving: JoinHandle<()>,
    state: Arc<Mutex<Metabase>>,
}

fn serve(listener: TcpListener, state: Arc<Mutex<Metabase>>) -> JoinHandle<()> {
    let router = Router::new().fallback(handle).with_state(state);
    tokio::spawn(async move {
        axum::serve(listener, router).await.expect("a listener");
    })
}

impl Stub {
    /// A Metabase that nobody has set up yet, and that will find these tables.
    pub async fn new(found: Vec<Table>) -> Self {
        let state = Arc::new(Mutex::new(Metabase {
            version: "v0.58.3".to_owned(),
            set_up: false,
            administrator: true,
            starting: 0,
            slow: 1,
            pending: 0,
            syncing: false,
            never_syncs: false,
            faults: Vec::new(),
            sent: Vec::new(),
            violations: Vec::new(),
            databases: BTreeMap::new(),
            collections: BTreeMap::new(),
            cards: BTreeMap::new(),
            dashboards: BTreeMap::new(),
            tables: Vec::new(),
            settings: Map::new(),
            open_sessions: 0,
            found,
            next: 1,
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        Self {
            url: format!("http://{address}"),
            address,
            serving: serve(listener, state.clone()),
            state,
        }
    }

    /// Ends as a process that is killed does; what it knows is in its database.
    pub async fn kill(&mut self) {
        self.serving.abort();
        // It has ended, one way or the other.
        drop((&mut self.serving).await);
    }

    /// Starts again after [`Stub::kill`], at the same address.
    pub async fn restart(&mut self) {
        let listener = TcpListener::bind(self.address).await.expect("its port");
        self.serving = serve(listener, self.state.clone());
    }

    /// What it knows, to be looked at and changed.
    pub fn state(&self) -> MutexGuard<'_, Metabase> {
        self.state.lock().expect("no test has panicked with it")
    }

    /// What was sent since this was last asked, after checking that the document allows all of it.
    pub fn sent(&self) -> Vec<Sent> {
        let mut state = self.state();
        assert_eq!(state.violations, Vec::<String>::new());
        std::mem::take(&mut state.sent)
    }

    /// Of what was sent, what could change something; sessions are none of it.
    pub fn writes(&self) -> Vec<Sent> {
        let mut sent = self.sent();
        sent.retain(|sent| sent.method != Method::GET && sent.path != "/api/session/");
        sent
    }
}

impl Metabase {
    /// A number that nothing has yet.
    pub fn id(&mut self) -> i64 {
        self.next += 1;
        self.next
    }

    /// Puts an object there that is not ours.
    pub fn foreign(&mut self, kind: &str, mut object: Value) -> i64 {
        let id = self.id();
        object["id"] = json!(id);
        match kind {
            "database" => self.databases.insert(id, object),
            "collection" => self.collections.insert(id, object),
            "card" => self.cards.insert(id, object),
            "dashboard" => self.dashboards.insert(id, object),
            other => panic!("{other}"),
        };
        id
    }

    /// The second number of its version, as in `v0.58.3`.
    fn minor(&self) -> Option<u32> {
        self.version.split('.').nth(1)?.parse().ok()
    }

    /// The tables that a synchronisation finds.
    fn find_tables(&mut self) {
        if !self.tables.is_empty() {
            return;
        }
        for table in self.found.clone() {
            let id = self.id();
            let fields: Vec<Value> = table
                .fields
                .iter()
                .map(|field| {
                    json!({
                        "id": self.id(), "table_id": id, "name": field,
                        "display_name": field, "description": "From the column's comment.",
                        "semantic_type": null, "visibility_type": "normal", "settings": null,
                        "base_type": "type/Integer", "active": true,
                    })
                })
                .collect();
            self.tables.push(json!({
                "id": id, "schema": table.schema, "name": table.name, "active": true,
                "initial_sync_status": "complete", "fields": fields,
            }));
        }
    }
}

type Answer = Result<Value, (u16, Value)>;

async fn handle(
    State(state): State<Arc<Mutex<Metabase>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    bytes: Bytes,
) -> Response {
    let mut state = state.lock().expect("no test has panicked with it");
    let path = uri.path().to_owned();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    state.sent.push(Sent {
        method: method.clone(),
        path: path.clone(),
        body: body.clone(),
    });
    let fault = state
        .faults
        .iter()
        .position(|fault| fault.method == method && path.starts_with(fault.path));
    if let Some(fault) = fault {
        let fault = state.faults.remove(fault);
        let status = StatusCode::from_u16(fault.status).expect("a status");
        let mut response = (status, fault.body).into_response();
        for (name, value) in fault.headers {
            response
                .headers_mut()
                .insert(name, value.parse().expect("a header"));
        }
        return response;
    }
    if let Err(violation) = validate(&method, &path, uri.query().unwrap_or_default(), &body) {
        state
            .violations
            .push(format!("{method} {path}: {violation}"));
        return (
            StatusCode::BAD_REQUEST,
            json!({ "errors": violation }).to_string(),
        )
            .into_response();
    }
    match state.answer(
        &method,
        &path,
        &headers,
        uri.query().unwrap_or_default(),
        &body,
    ) {
        Ok(Value::Null) => StatusCode::NO_CONTENT.into_response(),
        Ok(answer) => answer.to_string().into_response(),
        Err((status, answer)) => {
            let status = StatusCode::from_u16(status).expect("a status");
            let text = answer
                .as_str()
                .map_or_else(|| answer.to_string(), str::to_owned);
            (status, text).into_response()
        }
    }
}

/// Holds a request against the document.
fn validate(method: &Method, path: &str, query: &str, body: &Value) -> Result<(), String> {
    let operations = DOCUMENT["operations"].as_object().expect("operations");
    let fits = |name: &str| {
        let (verb, template) = name.split_once(' ').expect("a method and a path");
        let (template, path): (Vec<&str>, Vec<&str>) =
            (template.split('/').collect(), path.split('/').collect());
        verb == method.as_str()
            && template.len() == path.len()
            && template.iter().zip(&path).all(|(wanted, part)| {
                wanted == part || (wanted.starts_with('{') && !part.is_empty())
            })
    };
    let (name, operation) = operations
        .iter()
        .find(|(name, _)| fits(name))
        .ok_or("the document has no such operation")?;
    for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
        let name = parameter.split('=').next().unwrap_or_default();
        let known = operation["query"].as_array();
        if !known.is_some_and(|known| known.iter().any(|known| known == name)) {
            return Err(format!("the document has no parameter {name}"));
        }
    }
    let Some(validator) = BODIES.get(name) else {
        return if body.is_null() {
            Ok(())
        } else {
            Err("the document has no body".to_owned())
        };
    };
    let errors: Vec<String> = validator
        .iter_errors(body)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    if errors.is_empty() {
        Ok(())
    } else {
        Err(errors.join("; "))
    }
}

fn not_found() -> (u16, Value) {
    (404, json!("Not found."))
}

fn merge(object: &mut Value, changes: &Value) {
    for (key, value) in changes.as_object().expect("an object") {
        object[key] = value.clone();
    }
}

impl Metabase {
    fn answer(
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

    /// A connection as it is told: without its password.
    fn told(database: &Value) -> Value {
        let mut told = database.clone();
        if !told["details"]["password"].is_null() {
            told["details"]["password"] = json!("**MetabasePass**");
        }
        told
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
                let list: Vec<Value> = self.databases.values().map(Self::told).collect();
                Ok(json!({ "data": list, "total": list.len() }))
            }
            ("POST", None, None) => {
                let id = self.id();
                let mut database = body.clone();
                database["id"] = json!(id);
                database["description"] = Value::Null;
                database["initial_sync_status"] = json!("incomplete");
                self.databases.insert(id, database);
                (self.syncing, self.pending) = (true, self.slow);
                Ok(Self::told(&self.databases[&id]))
            }
            ("GET", None, Some(id)) => self
                .databases
                .get(&id)
                .map(Self::told)
                .ok_or_else(not_found),
            ("PUT", None, Some(id)) => {
                let database = self.databases.get_mut(&id).ok_or_else(not_found)?;
                merge(database, body);
                Ok(Self::told(database))
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
                    .map(Self::told)
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
                let standing = self
                    .collections
                    .values()
                    .filter(|one| one["archived"] != json!(true));
                Ok(std::iter::once(root).chain(standing.cloned()).collect())
            }
            ("POST", None, None) => {
                let id = self.id();
                let mut collection = body.clone();
                merge(&mut collection, &json!({ "id": id, "archived": false }));
                self.collections.insert(id, collection.clone());
                Ok(collection)
            }
            ("PUT", None, Some(id)) => {
                let collection = self.collections.get_mut(&id).ok_or_else(not_found)?;
                merge(collection, body);
                Ok(collection.clone())
            }
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
                let mut card = body.clone();
                merge(
                    &mut card,
                    &json!({ "id": id, "archived": false, "entity_id": format!("{id:021}"),
                    "result_metadata": [], "enable_embedding": false }),
                );
                self.cards.insert(id, card.clone());
                Ok(card)
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
            ("PUT", Some(id)) => {
                let card = self.cards.get_mut(&id).ok_or_else(not_found)?;
                merge(card, body);
                Ok(card.clone())
            }
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
                let mut dashboard = json!({ "parameters": [], "dashcards": [], "width": "fixed",
                    "enable_embedding": false, "embedding_params": null, "public_uuid": null });
                merge(&mut dashboard, body);
                merge(&mut dashboard, &json!({ "id": id, "archived": false }));
                self.dashboards.insert(id, dashboard.clone());
                Ok(dashboard)
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

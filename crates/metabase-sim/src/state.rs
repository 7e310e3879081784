//! What the stub knows, and what a test may change of it.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Map, Value, json};

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
    /// Whether the user who logs in is one.
    pub administrator: bool,
    /// How often it still says that it is starting.
    pub starting: u32,
    /// How often tables are asked for before a synchronisation has found them.
    pub slow: u32,
    /// How often they still are.
    pub(crate) pending: u32,
    pub(crate) syncing: bool,
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
    pub(crate) found: Vec<Table>,
    pub(crate) next: i64,
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
    pub(crate) fn minor(&self) -> Option<u32> {
        self.version.split('.').nth(1)?.parse().ok()
    }

    /// The tables that a synchronisation finds.
    pub(crate) fn find_tables(&mut self) {
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

//! What there is, what differs, and what is sent.
//!
//! | module | makes |
//! |---|---|
//! | `identity` | the first administrator, or a session |
//! | `database` | the connection to PostgreSQL, and waits for its tables |
//! | `fields` | what columns are called and mean |
//! | `collection` | the collection and the cards in it |
//! | `dashboard` | the dashboard |
//! | `sharing` | a public link, signed embedding |

mod collection;
mod dashboard;
mod database;
mod fields;
mod identity;
mod sharing;

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::client::{Client, Credentials};
use crate::definitions::Definitions;
use crate::{Error, Result, Secret, version};

/// Where Metabase is, and what is wanted of it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Its address.
    pub url: String,
    /// Who asks.
    pub credentials: Option<Credentials>,
    /// What a Metabase that is set up by us is called.
    pub site_name: String,
    /// How it reaches the warehouse.
    pub connection: Connection,
    /// Sends the password of the connection although nothing else of it changed: Metabase does not
    /// tell the one it has.
    pub send_password: bool,
    /// Whether the dashboard gets a public link.
    pub public_link: bool,
    /// The key that signed embedding is allowed with; it is left alone without one.
    pub embedding_key: Option<Secret>,
    /// Whether versions that were not tried are accepted.
    pub any_version: bool,
    /// How long it is waited for, to start and again to find the tables.
    pub wait: Duration,
}

/// How Metabase reaches the warehouse.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The host, as Metabase sees it.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The name of the database.
    pub database: String,
    /// The role.
    pub user: String,
    /// Its password; needed where the connection is made or changed.
    pub password: Option<Secret>,
    /// How it is encrypted.
    pub ssl: SslMode,
    /// The certificate of the authority, as a file where Metabase runs.
    pub authority: Option<String>,
}

/// How a connection is encrypted, in the words of libpq.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SslMode {
    /// Not at all.
    Disable,
    /// Encrypted, with whoever answers.
    Require,
    /// With a certificate of a known authority.
    VerifyCa,
    /// With a certificate for its name.
    VerifyFull,
}

/// What was done, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is done to it.
    pub action: Action,
    /// What kind of object it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It is made.
    Create,
    /// It is put right.
    Update,
}

/// What kind of object it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The first administrator of a Metabase that was not set up.
    Administrator,
    /// A connection.
    Database,
    /// The meaning of the columns of a table.
    Fields,
    /// A collection.
    Collection,
    /// A model.
    Model,
    /// A question.
    Question,
    /// A dashboard.
    Dashboard,
    /// A setting of the whole Metabase.
    Setting,
    /// A public link.
    PublicLink,
}

/// Where the dashboard is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// The number of the dashboard.
    pub dashboard: i64,
    /// Its address for those who may log in.
    pub address: String,
    /// Its address for everybody, where there is one.
    pub public_address: Option<String>,
}

/// What a run came to.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The version of Metabase.
    pub version: String,
    /// What was sent, or would be.
    pub changes: Vec<Change>,
    /// Where the dashboard is; `None` where it is not there yet.
    pub published: Option<Published>,
}

/// How a Metabase is.
#[derive(Clone, Debug)]
pub struct State {
    /// Its version.
    pub version: String,
    /// Whether the requests were held against it.
    pub supported: bool,
    /// Whether it has an administrator.
    pub set_up: bool,
    /// What differs from the definitions; `None` where it could not be looked at.
    pub outcome: Option<Outcome>,
}

impl SslMode {
    /// All of them.
    pub const ALL: [Self; 4] = [
        Self::Disable,
        Self::Require,
        Self::VerifyCa,
        Self::VerifyFull,
    ];

    /// The name in libpq and in Metabase.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Require => "require",
            Self::VerifyCa => "verify-ca",
            Self::VerifyFull => "verify-full",
        }
    }

    /// The mode with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.name() == name)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Update => "update",
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Administrator => "administrator",
            Self::Database => "database",
            Self::Fields => "columns of",
            Self::Collection => "collection",
            Self::Model => "model",
            Self::Question => "question",
            Self::Dashboard => "dashboard",
            Self::Setting => "setting",
            Self::PublicLink => "public link of",
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} «{}»", self.action, self.kind, self.name)
    }
}

/// A run over the definitions, which sends what differs, or only notes it.
struct Run<'a> {
    client: &'a Client,
    settings: &'a Settings,
    definitions: &'a Definitions,
    dry: bool,
    changes: Vec<Change>,
}

impl Run<'_> {
    /// Notes a change and sends it; `None` where nothing is sent.
    async fn change(
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

    async fn everything(&mut self) -> Result<Option<Published>> {
        let database = database::database(self).await?;
        fields::fields(self, database).await?;
        let collection = collection::collection(self).await?;
        let cards = collection::cards(self, database, collection).await?;
        let dashboard = dashboard::dashboard(self, collection, &cards).await?;
        sharing::embedding(self).await?;
        let public_address = sharing::public_link(self, dashboard.as_ref()).await?;
        let id = dashboard
            .as_ref()
            .map(|found| number(found, "id", "read the dashboard"));
        Ok(id.transpose()?.map(|id| Published {
            dashboard: id,
            address: format!("{}/dashboard/{id}", self.client.address()),
            public_address,
        }))
    }
}

impl Change {
    fn new(action: Action, kind: Kind, name: &str) -> Self {
        Self {
            action,
            kind,
            name: name.to_owned(),
        }
    }
}

/// Makes everything what the definitions say, or says what that would take.
pub async fn sync(settings: &Settings, definitions: &Definitions, dry: bool) -> Result<Outcome> {
    let mut client = Client::new(&settings.url)?;
    client.wait_until_ready(settings.wait).await?;
    let properties = properties(&client).await?;
    let version = version_of(&properties);
    if !settings.any_version && !supported(&version) {
        return Err(Error::Version { found: version });
    }
    let mut changes = Vec::new();
    let known = identity::identify(&mut client, settings, &properties, dry, &mut changes).await?;
    let mut run = Run {
        client: &client,
        settings,
        definitions,
        dry,
        changes,
    };
    let published = if known {
        run.everything().await
    } else {
        run.all_new();
        Ok(None)
    };
    let changes = run.changes;
    client.leave().await;
    Ok(Outcome {
        version,
        changes,
        published: published?,
    })
}

/// Says how a Metabase is, and changes nothing.
pub async fn status(settings: &Settings, definitions: &Definitions) -> Result<State> {
    let client = Client::new(&settings.url)?;
    client.wait_until_ready(Duration::ZERO).await?;
    let properties = properties(&client).await?;
    let version = version_of(&properties);
    let supported = supported(&version);
    let set_up = identity::is_set_up(&properties);
    let outcome = if set_up && (supported || settings.any_version) {
        Some(sync(settings, definitions, true).await?)
    } else {
        None
    };
    Ok(State {
        version,
        supported,
        set_up,
        outcome,
    })
}

impl Run<'_> {
    /// Notes what a Metabase that is not set up will be given.
    fn all_new(&mut self) {
        let named = self.definitions;
        let create = |kind, name: &str| Change::new(Action::Create, kind, name);
        self.changes.extend([
            create(Kind::Database, &named.database.name),
            create(Kind::Collection, &named.collection.name),
        ]);
        self.changes.extend(
            named
                .cards
                .iter()
                .map(|card| create(collection::kind(card), &card.named.name)),
        );
        self.changes
            .push(create(Kind::Dashboard, &named.dashboard.named.name));
    }
}

async fn properties(client: &Client) -> Result<Value> {
    client
        .get("api/session/properties", "read its properties")
        .await
}

fn version_of(properties: &Value) -> String {
    let tag = properties["version"]["tag"].as_str();
    tag.unwrap_or("unknown").to_owned()
}

fn supported(tag: &str) -> bool {
    version::number(tag).is_some_and(|number| version::SUPPORTED.contains(&number))
}

/// A number in an answer.
fn number(answer: &Value, key: &str, what: &str) -> Result<i64> {
    answer[key].as_i64().ok_or_else(|| Error::Unexpected {
        what: what.to_owned(),
        reason: format!("it has no number «{key}»"),
    })
}

/// The entries of an answer that is a list, bare or as its `data`.
fn entries<'a>(answer: &'a Value, what: &str) -> Result<&'a Vec<Value>> {
    let list = answer.as_array().or_else(|| answer["data"].as_array());
    list.ok_or_else(|| Error::Unexpected {
        what: what.to_owned(),
        reason: "it is no list".to_owned(),
    })
}

/// The oldest entry with this mark: whoever copies an object of ours has one with the same.
fn oldest<'a>(entries: impl Iterator<Item = &'a Value>, mark: &str) -> Option<&'a Value> {
    entries
        .filter(|entry| crate::body::carries(entry, mark))
        .min_by_key(|entry| entry["id"].as_i64().unwrap_or(i64::MAX))
}

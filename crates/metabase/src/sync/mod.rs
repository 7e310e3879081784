//! What there is, what differs, and what is sent.
//!
//! | module | makes |
//! |---|---|
//! | `settings` | nothing: where Metabase is, and what is wanted of it |
//! | `change` | nothing: what was done, or would be |
//! | `run` | each change, or only its note |
//! | `identity` | the first administrator, or a session |
//! | `database` | the connection to PostgreSQL, and waits for its tables |
//! | `fields` | what columns are called and mean |
//! | `collection` | the collection and the cards in it |
//! | `dashboard` | the dashboard |
//! | `sharing` | a public link, signed embedding |

pub mod change;
mod collection;
mod dashboard;
mod database;
mod fields;
mod identity;
mod run;
pub mod settings;
mod sharing;

use std::time::Duration;

use serde_json::Value;

use self::change::{Action, Change, Kind, Outcome, Published, State};
use self::run::{Run, number};
use self::settings::Settings;
use crate::client::Client;
use crate::definitions::Definitions;
use crate::{Error, Result, version};

impl Run<'_> {
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

//! What is sent to Metabase, held against its `OpenAPI` document by a stub of it. No real Metabase is run.

use std::time::Duration;

use centime_analytics::Language;
use centime_metabase::{
    Action, Change, Connection, Credentials, Definitions, Error, Kind, Outcome, Secret, Settings,
    SslMode, status, sync,
};
use centime_metabase_sim::{EMAIL, Fault, KEY, Metabase, Method, PASSWORD, Stub, Table};
use serde_json::{Value, json};

const READER: &str = "the reader's own password";

/// A Metabase that will find our tables.
async fn nobody_s() -> Stub {
    let tables = definitions().tables.into_iter().map(|table| Table {
        schema: table.schema.to_owned(),
        name: table.name.to_owned(),
        fields: table.fields.into_iter().map(|field| field.name).collect(),
    });
    Stub::new(tables.collect()).await
}

fn settings(stub: &Stub) -> Settings {
    Settings {
        url: stub.url.clone(),
        credentials: Some(Credentials::Administrator {
            email: EMAIL.to_owned(),
            password: Secret::new(PASSWORD),
        }),
        site_name: "Centime".to_owned(),
        connection: Connection {
            host: "database".to_owned(),
            port: 5432,
            database: "centime".to_owned(),
            user: "centime_reader".to_owned(),
            password: Some(Secret::new(READER)),
            ssl: SslMode::VerifyFull,
            authority: Some("/run/secrets/ca.crt".to_owned()),
        },
        send_password: false,
        public_link: false,
        embedding_key: None,
        any_version: false,
        wait: Duration::from_mins(1),
    }
}

fn definitions() -> Definitions {
    Definitions::of(Language::French)
}

/// A Metabase that was provisioned, and what that came to.
async fn provisioned() -> (Stub, Settings, Outcome) {
    let stub = nobody_s().await;
    let settings = settings(&stub);
    let outcome = sync(&settings, &definitions(), false).await.unwrap();
    stub.sent();
    (stub, settings, outcome)
}

fn names(changes: &[Change]) -> Vec<String> {
    changes.iter().map(Change::to_string).collect()
}

/// The card with this mark.
fn card<'m>(metabase: &'m mut Metabase, mark: &str) -> &'m mut Value {
    let found = metabase.cards.values_mut().find(|card| {
        card["description"]
            .as_str()
            .is_some_and(|text| text.ends_with(mark))
    });
    found.unwrap()
}

#[tokio::test]
async fn the_first_run_sets_everything_up_and_the_second_sends_nothing() {
    for version in ["v0.54.1", "v0.58.3", "v1.61.0"] {
        let stub = nobody_s().await;
        stub.state().version = version.to_owned();
        stub.state().starting = 2;
        let settings = settings(&stub);
        let outcome = sync(&settings, &definitions(), false).await.unwrap();
        let sent = stub.sent();
        assert!(sent.iter().any(|sent| sent.path == "/api/setup/"));
        {
            let state = stub.state();
            assert_eq!(state.cards.len(), 9 + 20);
            assert_eq!(state.settings["anon-tracking-enabled"], json!(false));
            assert_eq!(state.open_sessions, 0, "the session was closed");
            let database = state.databases.values().next().unwrap();
            assert_eq!(database["details"]["password"], json!(READER));
            assert_eq!(database["details"]["ssl-mode"], json!("verify-full"));
            let dashboard = state.dashboards.values().next().unwrap();
            assert_eq!(dashboard["parameters"].as_array().unwrap().len(), 10);
            assert_eq!(dashboard["dashcards"].as_array().unwrap().len(), 18);
        }
        let published = outcome.published.unwrap();
        assert_eq!(
            published.address,
            format!("{}/dashboard/{}", stub.url, published.dashboard)
        );

        let again = sync(&settings, &definitions(), false).await.unwrap();
        assert_eq!(names(&again.changes), Vec::<String>::new(), "{version}");
        assert_eq!(again.published.unwrap(), published);
        let writes = stub.writes();
        assert!(writes.is_empty(), "{version}: {writes:?}");
    }
}

#[tokio::test]
async fn a_dry_run_sends_no_change_and_names_those_of_a_real_one() {
    let stub = nobody_s().await;
    let settings = settings(&stub);
    let planned = sync(&settings, &definitions(), true).await.unwrap();
    assert!(stub.writes().is_empty());
    assert_eq!(planned.published, None);
    let done = sync(&settings, &definitions(), false).await.unwrap();
    let of = |outcome: &Outcome| {
        let mut changes = outcome.changes.clone();
        // Before there are tables nobody knows what their columns are called.
        changes.retain(|change| change.kind != Kind::Fields);
        names(&changes)
    };
    assert_eq!(of(&planned), of(&done));
    stub.sent();

    card(&mut stub.state(), "centime:question:result")["name"] = json!("Renamed");
    let planned = sync(&settings, &definitions(), true).await.unwrap();
    assert!(stub.writes().is_empty());
    assert_eq!(
        names(&planned.changes),
        ["update question «Résultat de chaque exercice»"]
    );
}

#[tokio::test]
async fn a_changed_definition_is_put_right_in_place() {
    let (stub, settings, outcome) = provisioned().await;
    let before = stub.state().dashboards.clone();
    let mut changed = definitions();
    let question = changed
        .cards
        .iter_mut()
        .find(|card| card.key == "steps")
        .unwrap();
    question.sql += "\n-- another version";
    let again = sync(&settings, &changed, false).await.unwrap();
    assert_eq!(
        again.changes,
        [Change {
            action: Action::Update,
            kind: Kind::Question,
            name: "Des produits au résultat".to_owned(),
        }]
    );
    assert_eq!(stub.writes().len(), 1);
    assert_eq!(again.published, outcome.published);
    assert_eq!(stub.state().dashboards, before);

    // A question that leaves its place takes its filters along; the others keep their numbers.
    changed.dashboard.places.remove(0);
    let again = sync(&settings, &changed, false).await.unwrap();
    assert_eq!(
        names(&again.changes),
        ["update dashboard «Compte de résultat»"]
    );
    let state = stub.state();
    let number = |dashboard: &Value| {
        let places = dashboard["dashcards"].as_array().unwrap();
        let mut ids: Vec<i64> = places
            .iter()
            .map(|place| place["id"].as_i64().unwrap())
            .collect();
        ids.sort_unstable();
        ids
    };
    let (before, after) = (
        before.values().next().unwrap(),
        state.dashboards.values().next().unwrap(),
    );
    let kept = number(after);
    assert_eq!(kept.len(), 17);
    assert!(kept.iter().all(|id| number(before).contains(id)));
}

#[tokio::test]
async fn what_somebody_changed_is_put_right() {
    let (stub, settings, _) = provisioned().await;
    {
        let mut state = stub.state();
        card(&mut state, "centime:question:flow")["visualization_settings"]["sankey.value"] =
            json!("other");
        card(&mut state, "centime:model:yearly-result")["dataset_query"]["native"]["query"] =
            json!("SELECT 1");
        card(&mut state, "centime:question:lines")["display"] = json!("bar");
        let dashboard = state.dashboards.values_mut().next().unwrap();
        dashboard["dashcards"][3]["row"] = json!(99);
        dashboard["parameters"][0]["name"] = json!("Other");
        state.tables[0]["fields"][0]["display_name"] = json!("Other");
        let database = state.databases.values_mut().next().unwrap();
        database["details"]["ssl-mode"] = json!("require");
        let collection = state.collections.values_mut().next().unwrap();
        collection["name"] = json!("Other");
    }
    let again = sync(&settings, &definitions(), false).await.unwrap();
    assert_eq!(
        names(&again.changes),
        [
            "update database «Centime»",
            "update columns of «published.yearly_result»",
            "update collection «Centime\u{a0}: comptes publics»",
            "update model «Données\u{a0}: Résultat annuel»",
            "update question «Des produits aux charges»",
            "update question «Lignes de l’exercice»",
            "update dashboard «Compte de résultat»",
        ]
    );
    let again = sync(&settings, &definitions(), false).await.unwrap();
    assert_eq!(names(&again.changes), Vec::<String>::new());
    stub.sent();
}

#[tokio::test]
async fn what_is_not_ours_is_not_touched() {
    let stub = nobody_s().await;
    let settings = settings(&stub);
    let definitions = definitions();
    {
        let mut state = stub.state();
        let details =
            json!({ "host": "elsewhere", "port": 5432, "dbname": "centime", "user": "me" });
        for description in [
            Value::Null,
            json!("centime:database:other"),
            json!("centime:database\n\nMine."),
        ] {
            state.foreign(
                "database",
                json!({ "name": "Centime", "engine": "postgres",
                "description": description, "details": details }),
            );
        }
        for description in [
            Value::Null,
            json!("See centime:collection"),
            json!("x\n\ncentime:collections"),
        ] {
            state.foreign(
                "collection",
                json!({ "name": definitions.collection.name,
                "description": description, "archived": false }),
            );
        }
    }
    sync(&settings, &definitions, false).await.unwrap();
    {
        // In our collection, too, only what carries our mark is ours.
        let mut state = stub.state();
        let collection = *state.collections.keys().next_back().unwrap();
        for kind in ["card", "dashboard"] {
            state.foreign(
                kind,
                json!({ "name": "Résultat de chaque exercice", "type": "question",
                "description": "centime:question:result-of-mine", "collection_id": collection,
                "archived": false }),
            );
        }
        // A copy of ours has our mark; the older one stays ours.
        let mut copy = card(&mut state, "centime:question:result").clone();
        copy["name"] = json!("Copie");
        state.foreign("card", copy);
    }
    let everything = |state: &Metabase| {
        (
            state.databases.clone(),
            state.collections.clone(),
            state.cards.clone(),
            state.dashboards.clone(),
        )
    };
    let before = everything(&stub.state());
    stub.sent();
    let again = sync(&settings, &definitions, false).await.unwrap();
    assert_eq!(names(&again.changes), Vec::<String>::new());
    assert!(stub.writes().is_empty());
    assert_eq!(everything(&stub.state()), before);
    let state = stub.state();
    assert_eq!(state.databases.len(), 4);
    let foreign = state
        .databases
        .values()
        .filter(|one| one["details"]["host"] == "elsewhere");
    assert_eq!(foreign.count(), 3);
}

#[tokio::test]
async fn what_was_archived_is_made_again() {
    let (stub, settings, outcome) = provisioned().await;
    {
        let mut state = stub.state();
        card(&mut state, "centime:question:changes")["archived"] = json!(true);
    }
    let again = sync(&settings, &definitions(), false).await.unwrap();
    assert_eq!(
        names(&again.changes),
        [
            "create question «Ce qui a changé»",
            "update dashboard «Compte de résultat»"
        ]
    );
    assert_eq!(again.published, outcome.published);
    stub.sent();
    for collection in stub.state().collections.values_mut() {
        collection["archived"] = json!(true);
    }
    let again = sync(&settings, &definitions(), false).await.unwrap();
    // The collection, 9 models, 20 questions and the dashboard.
    assert_eq!(again.changes.len(), 31);
    assert!(
        again
            .changes
            .iter()
            .all(|change| change.action == Action::Create)
    );
    stub.sent();
}

#[tokio::test]
async fn an_interrupted_run_is_gone_on_with() {
    let stub = nobody_s().await;
    let settings = settings(&stub);
    let fault = |method: Method, path: &'static str| Fault {
        method,
        path,
        status: 500,
        headers: Vec::new(),
        body: r#"{"message":"out of memory"}"#.to_owned(),
    };
    for (method, path) in [
        // Between making the connection and marking it.
        (Method::PUT, "/api/database/"),
        // Among the questions.
        (Method::POST, "/api/card/"),
        // Between making the dashboard and filling it.
        (Method::PUT, "/api/dashboard/"),
    ] {
        stub.state().faults.push(fault(method, path));
        let stopped = sync(&settings, &definitions(), false).await.unwrap_err();
        assert!(
            matches!(&stopped, Error::Refused { status: 500, said, .. } if said == "out of memory"),
            "{stopped}"
        );
        assert_eq!(stub.state().open_sessions, 0, "the session was closed");
    }
    sync(&settings, &definitions(), false).await.unwrap();
    stub.sent();
    let state = stub.state();
    assert_eq!(
        (
            state.databases.len(),
            state.collections.len(),
            state.dashboards.len()
        ),
        (1, 1, 1)
    );
    assert_eq!(state.cards.len(), 29);
}

#[tokio::test]
async fn a_key_is_enough_and_is_not_followed_elsewhere() {
    let (stub, settings, _) = provisioned().await;
    let settings = Settings {
        credentials: Some(Credentials::ApiKey(Secret::new(KEY))),
        ..settings
    };
    let again = sync(&settings, &definitions(), false).await.unwrap();
    assert!(again.changes.is_empty());
    let sent = stub.sent();
    assert!(sent.iter().all(|sent| sent.path != "/api/session/"));

    let other = nobody_s().await;
    stub.state().faults.push(Fault {
        method: Method::GET,
        path: "/api/user/current",
        status: 302,
        headers: vec![("location", format!("{}/api/user/current", other.url))],
        body: String::new(),
    });
    let refused = sync(&settings, &definitions(), false).await.unwrap_err();
    assert!(
        matches!(refused, Error::Refused { status: 302, .. }),
        "{refused}"
    );
    assert!(other.sent().is_empty());
}

#[tokio::test]
async fn who_may_not_is_told_so() {
    let stub = nobody_s().await;
    let good = settings(&stub);
    let without = Settings {
        credentials: None,
        ..good.clone()
    };
    let key = |key: &str| Settings {
        credentials: Some(Credentials::ApiKey(Secret::new(key))),
        ..good.clone()
    };
    let run = async |settings: &Settings| sync(settings, &definitions(), false).await.unwrap_err();
    assert!(matches!(run(&without).await, Error::NotSetUp));
    assert!(matches!(run(&key(KEY)).await, Error::NotSetUp));
    let weak = Settings {
        credentials: Some(Credentials::Administrator {
            email: EMAIL.to_owned(),
            password: Secret::new("hunter2"),
        }),
        ..good.clone()
    };
    // Metabase repeats what it was sent.
    let refused = run(&weak).await.to_string();
    assert!(
        refused.contains("too common") && !refused.contains("hunter2"),
        "{refused}"
    );
    sync(&good, &definitions(), false).await.unwrap();
    assert!(matches!(run(&without).await, Error::NoCredentials));
    let refused = run(&weak).await;
    assert!(
        matches!(
            refused,
            Error::Credentials {
                what: "the password",
                ..
            }
        ),
        "{refused}"
    );
    let refused = run(&key("mb_other")).await;
    assert!(
        matches!(
            refused,
            Error::Credentials {
                what: "the API key",
                ..
            }
        ),
        "{refused}"
    );
    assert!(matches!(run(&key("né")).await, Error::Credentials { .. }));
    stub.state().administrator = false;
    let refused = run(&good).await;
    assert!(
        matches!(&refused, Error::NotAdministrator { who } if who == "Ada"),
        "{refused}"
    );
    stub.sent();
    let writes = stub.writes();
    assert!(writes.is_empty(), "{writes:?}");
}

#[tokio::test]
async fn other_versions_are_refused_unless_one_insists() {
    let stub = nobody_s().await;
    let settings = settings(&stub);
    for version in ["v0.53.9", "v0.62.0", "vUNKNOWN"] {
        stub.state().version = version.to_owned();
        let refused = sync(&settings, &definitions(), false).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Version { found } if found == version),
            "{refused}"
        );
        assert!(stub.writes().is_empty());
        let state = status(&settings, &definitions()).await.unwrap();
        assert!(!state.supported && state.outcome.is_none());
    }
    let insisting = Settings {
        any_version: true,
        ..settings
    };
    assert!(sync(&insisting, &definitions(), false).await.is_ok());
    stub.sent();
}

#[tokio::test]
async fn tables_are_waited_for_and_not_for_ever() {
    let stub = nobody_s().await;
    stub.state().never_syncs = true;
    let settings = Settings {
        wait: Duration::ZERO,
        ..settings(&stub)
    };
    let stopped = sync(&settings, &definitions(), false).await.unwrap_err();
    assert!(
        matches!(&stopped, Error::NotSynced { missing, .. } if missing == "the table published.yearly_result"),
        "{stopped}"
    );
    stub.state().never_syncs = false;
    let patient = Settings {
        wait: Duration::from_mins(1),
        ..settings.clone()
    };
    sync(&patient, &definitions(), false).await.unwrap();
    stub.sent();
    // A column that came with a new version of the program is looked for.
    stub.state().tables[2]["fields"]
        .as_array_mut()
        .unwrap()
        .pop();
    stub.state().never_syncs = true;
    let stopped = sync(&settings, &definitions(), false).await.unwrap_err();
    assert!(
        matches!(&stopped, Error::NotSynced { missing, .. } if missing.starts_with("the column published.operating")),
        "{stopped}"
    );
}

#[tokio::test]
async fn columns_are_told_what_they_are() {
    let (stub, ..) = provisioned().await;
    let state = stub.state();
    let fields = state.tables[0]["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
    assert_eq!(field("revenue_eur")["semantic_type"], "type/Currency");
    assert_eq!(field("revenue_eur")["settings"]["currency"], "EUR");
    assert_eq!(field("revenue_eur")["display_name"], "Produits");
    assert_eq!(field("revenue")["visibility_type"], "details-only");
    assert_eq!(field("fiscal_year")["semantic_type"], "type/Category");
    // Of rates, too, what nobody should take for percent is a detail.
    let operating = state
        .tables
        .iter()
        .find(|table| table["name"] == "operating_profitability");
    let fields = operating.unwrap()["fields"].as_array().unwrap();
    let field = |name: &str| fields.iter().find(|field| field["name"] == name).unwrap();
    assert_eq!(field("margin")["visibility_type"], "details-only");
    let title = field("margin_percent")["display_name"].as_str().unwrap();
    assert!(title.ends_with("(pour cent)"), "{title}");
    assert!(
        state
            .tables
            .iter()
            .all(|table| table["schema"] == "published")
    );
    // Views have no keys: that rows belong to public bodies is said.
    let bodies = state.tables.iter().find(|table| table["name"] == "body");
    let key = &bodies.unwrap()["fields"][0];
    assert_eq!(
        (&key["name"], &key["semantic_type"]),
        (&json!("siren"), &json!("type/PK"))
    );
    assert_eq!(field("siren")["semantic_type"], "type/FK");
    assert_eq!(field("siren")["fk_target_field_id"], key["id"]);
}

#[tokio::test]
async fn sharing_happens_when_it_is_asked_for() {
    let (stub, settings, outcome) = provisioned().await;
    assert!(outcome.published.unwrap().public_address.is_none());
    assert!(!stub.state().settings.contains_key("embedding-secret-key"));
    let key = "f00d".repeat(16);
    let sharing = Settings {
        public_link: true,
        embedding_key: Some(Secret::new(key.clone())),
        ..settings
    };
    let outcome = sync(&sharing, &definitions(), false).await.unwrap();
    assert_eq!(
        names(&outcome.changes),
        [
            "update dashboard «Compte de résultat»",
            "update setting «embedding-secret-key»",
            "update setting «enable-embedding-static»",
            "update setting «enable-public-sharing»",
            "create public link of «Compte de résultat»",
        ]
    );
    let address = outcome.published.unwrap().public_address.unwrap();
    assert_eq!(
        address,
        format!("{}/public/dashboard/0b1f-public", stub.url)
    );
    {
        let state = stub.state();
        let dashboard = state.dashboards.values().next().unwrap();
        assert_eq!(dashboard["enable_embedding"], json!(true));
        assert_eq!(dashboard["embedding_params"]["basis"], "enabled");
        assert_eq!(state.settings["embedding-secret-key"], json!(key));
    }
    stub.sent();
    // Newer servers tell only the end of a secret.
    stub.state()
        .settings
        .insert("embedding-secret-key".to_owned(), json!("**********0d"));
    let again = sync(&sharing, &definitions(), false).await.unwrap();
    assert!(again.changes.is_empty(), "{:?}", again.changes);
    assert!(stub.writes().is_empty());
}

#[tokio::test]
async fn the_password_of_the_connection_is_sent_only_when_needed() {
    let (stub, settings, _) = provisioned().await;
    let without = Settings {
        connection: Connection {
            password: None,
            ..settings.connection.clone()
        },
        ..settings.clone()
    };
    assert!(
        sync(&without, &definitions(), false)
            .await
            .unwrap()
            .changes
            .is_empty()
    );
    let insisting = Settings {
        send_password: true,
        ..without
    };
    let refused = sync(&insisting, &definitions(), false).await.unwrap_err();
    assert!(matches!(refused, Error::NoPassword { .. }), "{refused}");
    stub.sent();
    let insisting = Settings {
        send_password: true,
        ..settings
    };
    let outcome = sync(&insisting, &definitions(), false).await.unwrap();
    assert_eq!(names(&outcome.changes), ["update database «Centime»"]);
    assert_eq!(stub.writes()[0].body["details"]["password"], json!(READER));
    assert!(!format!("{insisting:?}").contains(READER));
}

#[tokio::test]
async fn an_answer_that_is_none_is_an_error_that_says_so() {
    let (stub, settings, _) = provisioned().await;
    for (path, body) in [
        ("/api/session/properties", "<html>a proxy</html>"),
        ("/api/database/", "42"),
        ("/api/collection/", "{}"),
        (
            "/api/collection/",
            "[{\"id\": \"x\", \"description\": \"centime:collection\"}]",
        ),
    ] {
        stub.state().faults.push(Fault {
            method: Method::GET,
            path,
            status: 200,
            headers: Vec::new(),
            body: body.to_owned(),
        });
        let stopped = sync(&settings, &definitions(), false).await.unwrap_err();
        assert!(
            matches!(stopped, Error::Unexpected { .. }),
            "{path}: {stopped}"
        );
    }
    let nobody = Settings {
        url: "http://127.0.0.1:9".to_owned(),
        wait: Duration::ZERO,
        ..settings
    };
    let stopped = sync(&nobody, &definitions(), false).await.unwrap_err();
    assert!(matches!(stopped, Error::Unreachable { .. }), "{stopped}");
    stub.sent();
}

#[tokio::test]
async fn a_status_says_what_differs_and_changes_nothing() {
    let stub = nobody_s().await;
    let settings = settings(&stub);
    let state = status(&settings, &definitions()).await.unwrap();
    assert!(state.supported && !state.set_up && state.outcome.is_none());
    sync(&settings, &definitions(), false).await.unwrap();
    stub.sent();
    let english = Definitions::of(Language::English);
    let state = status(&settings, &english).await.unwrap();
    // Everything is called otherwise in another language.
    assert!(state.outcome.unwrap().changes.len() > 30);
    let state = status(&settings, &definitions()).await.unwrap();
    let outcome = state.outcome.unwrap();
    assert!(outcome.changes.is_empty() && outcome.published.is_some());
    assert!(stub.writes().is_empty());
}

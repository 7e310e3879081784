//! `centime metabase` and `centime health`, as a person or a container runs them.

use std::fs;

use crate::common::{Place, sqlite, stderr};
use centime_metabase::Definitions;
use centime_metabase_sim::{EMAIL, PASSWORD, Stub, Table};

async fn stub() -> Stub {
    let tables = Definitions::of(centime_analytics::Language::French).tables;
    let tables = tables.into_iter().map(|table| Table {
        schema: table.schema.to_owned(),
        name: table.name.to_owned(),
        fields: table.fields.into_iter().map(|field| field.name).collect(),
    });
    Stub::new(tables.collect()).await
}

/// A folder with a configuration for this Metabase, and the files that it names.
fn configured(stub: &Stub) -> Place {
    let place = Place::new();
    fs::write(place.path("admin"), format!("{PASSWORD}\n")).expect("a password");
    fs::write(place.path("reader"), "the reader's\n").expect("a password");
    let text = format!(
        "[metabase]\nurl = \"{}\"\nemail = \"{EMAIL}\"\npassword_file = \"admin\"\n\
         [metabase.database]\nhost = \"database\"\npassword_file = \"reader\"\n",
        stub.url
    );
    fs::write(place.path("centime.toml"), text).expect("a configuration");
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metabase_is_provisioned_by_one_command_and_left_alone_by_the_next() {
    let stub = stub().await;
    let place = configured(&stub);
    let planned = place.stdout(&["metabase", "sync", "--dry-run"]);
    assert!(
        planned.contains("create dashboard «Compte de résultat»"),
        "{planned}"
    );
    assert!(stub.writes().is_empty());
    let status = place.stdout(&["metabase", "status"]);
    assert!(
        status.contains("v0.58.3, supported") && status.contains("set up     no"),
        "{status}"
    );

    let output = place.output(&["metabase", "sync", "--verbose"]);
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    for secret in [PASSWORD, "the reader's"] {
        assert!(!said.contains(secret), "{said}");
    }
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        printed.contains(&format!("{}/dashboard/", stub.url)),
        "{printed}"
    );
    stub.sent();

    let output = place.output(&["metabase", "sync"]);
    assert!(
        stderr(&output).contains("nothing was sent"),
        "{}",
        stderr(&output)
    );
    assert!(stub.writes().is_empty());
    let status = place.stdout(&["metabase", "status"]);
    assert!(status.contains("differs    0"), "{status}");
    let english = place.stdout(&["metabase", "sync", "--language", "en", "--dry-run"]);
    assert!(
        english.contains("update dashboard «Income statement»"),
        "{english}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_configuration_is_said_before_anything_is_sent() {
    let stub = stub().await;
    let place = configured(&stub);
    let refused = |args: &[&str], expected: &str| {
        let output = place.output(args);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{args:?}: {}",
            stderr(&output)
        );
        assert!(
            stderr(&output).contains(expected),
            "{args:?}: {}",
            stderr(&output)
        );
    };
    refused(&["metabase", "sync", "--language", "de"], "fr or en");
    refused(&["metabase", "sync", "--wait", "soon"], "time to wait");
    refused(
        &["metabase", "sync", "--url", "metabase"],
        "not the address",
    );
    fs::remove_file(place.path("reader")).expect("a file");
    refused(&["metabase", "sync"], "cannot be used as a password");
    fs::write(
        place.path("centime.toml"),
        "[metabase]\nurl = \"http://127.0.0.1:9\"\n",
    )
    .expect("a file");
    refused(&["metabase", "sync"], "metabase.database.host");
    fs::write(place.path("centime.toml"), "[metabase]\nurls = \"x\"\n").expect("a file");
    refused(&["metabase", "sync"], "urls");
    assert!(stub.writes().is_empty());
}

#[test]
fn health_is_an_exit_code() {
    let place = Place::new();
    let database = sqlite(&place.path("file.db"));
    let code = |args: &[&str]| place.output(args).status.code();
    assert_eq!(code(&["health", "--listen", "127.0.0.1:9"]), Some(1));
    assert_eq!(code(&["health", "--url", "nonsense"]), Some(2));
    assert_eq!(code(&["health", "--listen", "elsewhere:80"]), Some(2));
    place.stdout(&["db", "migrate", "--database", &database]);
    let empty = place.start(&["serve", "--listen", "127.0.0.1:0", "--database", &database]);
    let listen = empty.address.trim_start_matches("http://").to_owned();
    // Nothing is published, so nobody should be sent there.
    let output = place.output(&["health", "--listen", &listen]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("503"), "{}", stderr(&output));
    let alive = format!("http://{listen}/healthz");
    assert_eq!(code(&["health", "--url", &alive]), Some(0));

    place.stdout(&["run", "--sample"]);
    let site = place.start(&["serve", "--sample", "--listen", "127.0.0.1:0"]);
    let listen = site.address.trim_start_matches("http://");
    assert_eq!(code(&["health", "--listen", listen]), Some(0));
}

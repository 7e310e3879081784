//! The stack of a team, with the files of `deploy/`, as processes: PostgreSQL with its access rules and
//! certificates, roles, a run, the site and Metabase's requests, all over TLS; a backup that is restored;
//! and what happens when each of them is killed.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::common::stderr;
use crate::common::team::{Team, deploy, healthy, read, until, with_programs};
use centime_metabase::Definitions;
use centime_metabase_sim::{PASSWORD, Stub, Table};

#[tokio::test(flavor = "multi_thread")]
async fn a_team_s_stack_works_and_outlives_each_of_its_parts() {
    let team = Team::start();
    let place = &team.place;
    team.roles(None);
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let output = team.run(&portal.address);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!stderr(&output).contains("WARN"), "{}", stderr(&output));
    let published = team.analysis("centime");
    assert!(published.contains("211037496.68"), "{published}");

    // Each comes in encrypted, as what it is, and with its own password only.
    let site_config = team.secret("site-config.toml");
    let status = place.stdout(&["db", "status", "--config", &site_config]);
    assert!(status.contains("centime_site, encrypted"), "{status}");
    for wrong in [
        team.url("centime_reader", "reader", "centime")
            .replace("verify-full", "disable"),
        team.url("centime_reader", "site", "centime"),
        team.url("centime_reader", "reader", "metabase"),
        team.url("metabase", "metabase-database", "centime"),
    ] {
        let output = place.output(&["db", "status", "--database", &wrong]);
        assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    }

    metabase_is_asked_for_what_the_stack_is(&team).await;

    // The site is killed; another one shows the same.
    let mut site = team.site();
    assert!(healthy(place, &site.address, "/readyz"));
    site.child.kill().expect("a process");
    site.child.wait().expect("an end");
    assert!(!healthy(place, &site.address, "/healthz"));
    let site = team.site();
    assert!(healthy(place, &site.address, "/readyz"));

    // The pipeline serves for its health only, as the role that writes; it is killed, too.
    let config = team.secret("loader-config.toml");
    let up = [
        "up",
        "--config",
        &config,
        "--portal",
        &portal.address,
        "--listen",
        "127.0.0.1:0",
    ];
    let mut pipeline = place.start(&up);
    assert!(healthy(place, &pipeline.address, "/readyz"));
    pipeline.child.kill().expect("a process");
    pipeline.child.wait().expect("an end");
    let pipeline = place.start(&up);
    assert!(healthy(place, &pipeline.address, "/readyz"));
    drop(pipeline);

    // A run is killed in its middle; what is published stays, and the next run goes on.
    let slow = place.start(&[
        "portal-sim",
        "--listen",
        "127.0.0.1:0",
        "--fault",
        "slow=always",
    ]);
    let arguments = ["run", "--config", &config, "--portal", &slow.address];
    let mut pipeline = place
        .centime(&arguments)
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let running = "SELECT count(*) FROM ops.run WHERE outcome = 'running'";
    until("a run", || team.database.sql("centime", running) == "1");
    pipeline.kill().expect("a process");
    pipeline.wait().expect("an end");
    assert_eq!(team.analysis("centime"), published);
    let output = team.run(&portal.address);
    assert!(
        stderr(&output).contains("Nothing new"),
        "{}",
        stderr(&output)
    );

    // The database goes as in a power cut; the site shows what it has in memory, and goes on by itself.
    assert!(healthy(place, &site.address, "/"));
    team.database.crash();
    until("being told", || !healthy(place, &site.address, "/readyz"));
    assert!(
        healthy(place, &site.address, "/"),
        "the home page is in memory"
    );
    let output = team.run(&portal.address);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
    team.database.restart();
    until("coming back", || healthy(place, &site.address, "/readyz"));
    assert_eq!(team.analysis("centime"), published);
    assert!(team.run(&portal.address).status.success());

    a_backup_is_restored(&team, &published);
}

/// What Metabase is told of the stack, by the configuration that its containers have.
async fn metabase_is_asked_for_what_the_stack_is(team: &Team) {
    let tables = Definitions::of(centime_analytics::Language::French).tables;
    let tables = tables.into_iter().map(|table| Table {
        schema: table.schema.to_owned(),
        name: table.name.to_owned(),
        fields: table.fields.into_iter().map(|field| field.name).collect(),
    });
    let mut stub = Stub::new(tables.collect()).await;
    let config = team.secret("site-config.toml");
    let url = stub.url.clone();
    // The stub knows one administrator, with a password of its own.
    fs::write(team.secrets.join("metabase-admin"), PASSWORD).expect("a secret");
    let sync = ["metabase", "sync", "--config", &config, "--url", &url];
    team.place.stdout(&sync);
    stub.sent();
    let database = stub
        .state()
        .databases
        .values()
        .next()
        .expect("a database")
        .clone();
    let reader = read(&team.secrets.join("reader"));
    assert_eq!(database["details"]["password"], reader.trim());
    assert_eq!(database["details"]["user"], "centime_reader");
    assert_eq!(database["details"]["host"], "database");
    assert_eq!(database["details"]["ssl-mode"], "verify-full");
    // Metabase is killed; once it is back, there is nothing to put right.
    stub.kill().await;
    let waiting = [&sync[..], &["--wait", "1s"]].concat();
    let output = team.place.output(&waiting);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    stub.restart().await;
    team.place.stdout(&sync);
    assert_eq!(stub.writes().len(), 0);
}

fn a_backup_is_restored(team: &Team, published: &str) {
    let folder = team.place.path("backup");
    let backup = || {
        let mut command = Command::new(deploy().join("backup.sh"));
        command.arg(&folder).env("KEEP", "1");
        let output = with_programs(&team.database, &mut command);
        assert!(output.status.success(), "{}", stderr(&output));
        String::from_utf8(output.stdout).expect("text")
    };
    let copies = backup();
    let copy = copies.lines().next().expect("a copy").to_owned();
    let restore = |copy: &str, database: &str| {
        let mut command = Command::new(deploy().join("restore.sh"));
        with_programs(&team.database, command.arg(copy).arg(database))
    };
    let output = restore(&copy, "restored");
    assert!(output.status.success(), "{}", stderr(&output));
    // Rights are those of before once the roles are made again; the rules of access name the databases.
    team.roles(Some(
        &team
            .url("postgres", "superuser", "centime")
            .replace("/centime?", "/restored?"),
    ));
    let sql = "SELECT string_agg(fiscal_year || ',' || COALESCE(result_eur::text, ''), ' ' ORDER BY fiscal_year)
        FROM yearly_result";
    let read_as = |database: &str| {
        let read = team.database.try_sql("centime_reader", database, sql);
        read.expect("a reader's right")
    };
    assert!(
        read_as("restored").contains("2016,211037496.68"),
        "{published}"
    );
    assert_eq!(read_as("restored"), read_as("centime"));

    // What is there already is not overwritten, and half a copy leaves nothing.
    assert!(!restore(&copy, "restored").status.success());
    let whole = fs::read(&copy).expect("a copy");
    let half = team.place.path("half.dump");
    fs::write(&half, &whole[..whole.len() / 2]).expect("half a copy");
    assert!(
        !restore(half.to_str().expect("a path"), "halved")
            .status
            .success()
    );
    let databases = team.database.sql(
        "postgres",
        "SELECT string_agg(datname, ' ') FROM pg_database",
    );
    assert!(!databases.contains("halved"), "{databases}");

    // Old copies go; the newest stays.
    std::thread::sleep(Duration::from_millis(1100));
    let newer = backup();
    assert_ne!(newer, copies);
    let kept = fs::read_dir(&folder).expect("a folder").count();
    assert_eq!(kept, 2, "one of each database");
}

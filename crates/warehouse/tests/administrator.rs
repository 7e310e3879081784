//! The roles, as made by an administrator of a server that others manage: who may create roles, and is no superuser.

use centime_test_database::Cluster;
use centime_warehouse::revision::NewRevision;
use centime_warehouse::roles::Passwords;
use centime_warehouse::{DatabaseUrl, OpenMode, Warehouse};

async fn open(server: &Cluster, role: &str, database: &str) -> Warehouse {
    let url: DatabaseUrl = server.url_as(role, database).parse().unwrap();
    Warehouse::open(&url, OpenMode::Write).await.unwrap()
}

async fn roles(server: &Cluster, role: &str, database: &str) -> Result<(), String> {
    let warehouse = open(server, role, database).await;
    warehouse.prepare_marts(&[]).await.unwrap();
    let passwords = Passwords {
        site: Some("un mot de passe".to_owned()),
        ..Passwords::default()
    };
    let made = warehouse.make_roles(&passwords).await;
    made.map_err(|error| error.to_string())
}

fn version(server: &Cluster) -> u32 {
    let number = server.sql("postgres", "SHOW server_version_num");
    number.parse().unwrap()
}

/// What each role may and may not, and what holds for it.
fn everything_is_as_it_has_to_be(server: &Cluster, database: &str) {
    let read = "SELECT count(*) FROM ops.published";
    for role in ["centime_loader", "centime_site"] {
        server.try_sql(role, database, read).unwrap();
    }
    server
        .try_sql("centime_reader", database, "SELECT * FROM body")
        .unwrap();
    for role in ["centime_reader", "nobody_in_particular"] {
        for space in ["raw", "core", "mart", "ops", "partition", "slice"] {
            let enters = format!("SELECT has_schema_privilege('{space}', 'USAGE')");
            let enters = server.try_sql(role, database, &enters).unwrap();
            assert_eq!(enters, "f", "{role} {space}");
        }
    }
    for role in ["centime_loader", "centime_site", "centime_reader"] {
        server
            .try_sql(role, database, "CREATE TABLE ops.t (i int)")
            .unwrap_err();
        server
            .try_sql(role, database, "CREATE TABLE public.t (i int)")
            .unwrap_err();
    }
    server
        .try_sql(
            "nobody_in_particular",
            database,
            "SELECT * FROM published.body",
        )
        .unwrap_err();
    server
        .try_sql("centime_reader", database, "SELECT * FROM ops.api_token")
        .unwrap_err();
    // Temporary tables are for readers, too.
    server
        .try_sql(
            "centime_reader",
            database,
            "CREATE TEMPORARY TABLE mine AS SELECT * FROM body",
        )
        .unwrap();
    let owners =
        "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'ops'";
    assert_eq!(server.sql(database, owners), "centime_owner");
    let able =
        "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'centime%' AND (rolsuper OR rolcreatedb
        OR rolcreaterole OR rolreplication OR rolbypassrls)";
    assert_eq!(server.sql(database, able), "0");
}

#[tokio::test]
async fn an_administrator_who_is_no_superuser_makes_the_roles_of_several_databases() {
    let server = Cluster::start();
    server.sql(
        "postgres",
        "CREATE ROLE nobody_in_particular LOGIN; CREATE ROLE administrator LOGIN CREATEROLE CREATEDB;",
    );
    for database in ["one", "two"] {
        let made = format!("CREATE DATABASE {database}");
        server.try_sql("administrator", "postgres", &made).unwrap();
        // The second time nothing changes; and tables of a later version are the owner's, too.
        for _ in 0..2 {
            roles(&server, "administrator", database).await.unwrap();
            everything_is_as_it_has_to_be(&server, database);
        }
        let loader = open(&server, "centime_loader", database).await;
        loader.lock().await.unwrap();
    }
    everything_is_as_it_has_to_be(&server, "one");
}

#[tokio::test]
async fn roles_of_another_administrator_are_used_or_it_is_said_who_has_to_allow_it() {
    let server = Cluster::start();
    server.sql("postgres", "CREATE ROLE nobody_in_particular LOGIN");
    server.sql("postgres", "CREATE DATABASE one");
    roles(&server, "postgres", "one").await.unwrap();
    server.sql(
        "postgres",
        "CREATE ROLE administrator LOGIN CREATEROLE CREATEDB",
    );
    server
        .try_sql("administrator", "postgres", "CREATE DATABASE two")
        .unwrap();
    if version(&server) >= 160_000 {
        let refused = roles(&server, "administrator", "two").await.unwrap_err();
        let said = refused.split_once("run ").unwrap().1;
        let grant = said.split_once(" WITH ADMIN OPTION").unwrap().0;
        server.sql("postgres", &format!("{grant} WITH ADMIN OPTION"));
    }
    roles(&server, "administrator", "two").await.unwrap();
    everything_is_as_it_has_to_be(&server, "two");
    everything_is_as_it_has_to_be(&server, "one");
}

#[tokio::test]
async fn what_an_administrator_lacks_is_named() {
    let server = Cluster::start();
    server.sql(
        "postgres",
        "CREATE ROLE nobody_in_particular LOGIN; CREATE ROLE powerless LOGIN CREATEDB;
         CREATE ROLE administrator LOGIN CREATEROLE;",
    );
    server
        .try_sql("powerless", "postgres", "CREATE DATABASE theirs")
        .unwrap();
    let refused = roles(&server, "powerless", "theirs").await.unwrap_err();
    assert!(
        refused.contains("ALTER ROLE powerless CREATEROLE"),
        "{refused}"
    );

    // Rights that cannot be given are a warning to the server, and would leave every role what it was.
    server.sql("postgres", "CREATE DATABASE another");
    server.sql(
        "postgres",
        "GRANT CREATE ON DATABASE another TO administrator",
    );
    let refused = roles(&server, "administrator", "another")
        .await
        .unwrap_err();
    let remedy = "ALTER DATABASE another OWNER TO administrator";
    assert!(refused.contains(remedy), "{refused}");
    server.sql("postgres", remedy);
    roles(&server, "administrator", "another").await.unwrap();
    everything_is_as_it_has_to_be(&server, "another");
    // Where there is no such schema, nothing has to be taken away from it.
    server.sql("another", "DROP SCHEMA public");
    roles(&server, "administrator", "another").await.unwrap();
}

#[tokio::test]
async fn a_database_that_others_use_stays_theirs() {
    let server = Cluster::start();
    server.sql(
        "postgres",
        "CREATE ROLE nobody_in_particular LOGIN; CREATE ROLE neighbour LOGIN",
    );
    server.sql("postgres", "CREATE DATABASE shared");
    // As a database of version 14 has it: everybody makes tables in its schema.
    server.sql(
        "shared",
        "GRANT CREATE ON SCHEMA public TO PUBLIC; CREATE TABLE public.theirs (a int);
         INSERT INTO public.theirs VALUES (42); GRANT SELECT ON public.theirs TO PUBLIC;
         CREATE SCHEMA neighbour AUTHORIZATION neighbour",
    );
    let rights = "SELECT datacl FROM pg_database WHERE datname = 'shared'";
    let theirs = "SELECT nspname, nspacl FROM pg_namespace WHERE nspname IN ('public', 'neighbour') ORDER BY 1";
    let before = (server.sql("shared", rights), server.sql("shared", theirs));
    assert_eq!(before.0, "");
    roles(&server, "postgres", "shared").await.unwrap();
    assert_eq!(server.sql("shared", theirs), before.1);
    for (role, sql) in [
        (
            "neighbour",
            "CREATE TABLE public.mine AS SELECT a FROM public.theirs",
        ),
        ("neighbour", "CREATE TABLE neighbour.mine (a int)"),
        (
            "nobody_in_particular",
            "CREATE TEMPORARY TABLE mine AS SELECT a FROM public.theirs",
        ),
    ] {
        let done = server.try_sql(role, "shared", sql);
        assert!(done.is_ok(), "{role}: {sql}: {done:?}");
    }
    // Ours stays ours.
    for sql in [
        "SELECT * FROM published.body",
        "SELECT * FROM core.body",
        "SELECT * FROM ops.api_token",
        "CREATE TABLE core.mine (a int)",
    ] {
        server.try_sql("neighbour", "shared", sql).unwrap_err();
    }
    assert_eq!(
        server.try_sql("centime_reader", "shared", "SELECT count(*) FROM body"),
        Ok("0".to_owned())
    );
}

#[tokio::test]
async fn the_owner_of_the_tables_goes_on_loading() {
    let server = Cluster::start();
    server.sql(
        "postgres",
        "CREATE ROLE nobody_in_particular LOGIN; CREATE ROLE cron LOGIN",
    );
    server.sql("postgres", "CREATE DATABASE theirs OWNER cron");
    let first = open(&server, "cron", "theirs").await;
    first.prepare_marts(&[]).await.unwrap();
    for _ in 0..2 {
        roles(&server, "postgres", "theirs").await.unwrap();
        // As in the middle of a run, and in the next one.
        for warehouse in [&first, &open(&server, "cron", "theirs").await] {
            let lock = warehouse.lock().await.unwrap();
            let run = warehouse.begin_run("2026-01-01T00:00:00Z", "http://portal");
            run.await.unwrap();
            let new = NewRevision {
                created_at: "2026-01-01T00:00:00Z".to_owned(),
                portal: "http://portal".to_owned(),
                sample: false,
                rules_version: 1,
            };
            let mut staging = warehouse.stage(&new).await.unwrap();
            staging.complete().await.unwrap();
            staging.commit("fingerprint").await.unwrap();
            drop(lock);
        }
    }
    // What only an owner may do is the owner's now, and tokens are the site's to make.
    for sql in [
        "DROP TABLE core.line",
        "TRUNCATE ops.run",
        "DELETE FROM ops.audit_event",
        "INSERT INTO ops.api_token (token_id, name, role, hash, created_at) VALUES ('a', '', 'admin', repeat('0', 64), '')",
    ] {
        server.try_sql("cron", "theirs", sql).unwrap_err();
    }
    everything_is_as_it_has_to_be(&server, "theirs");
}

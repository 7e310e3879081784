//! What only a server can show: roles, encryption, comments, starters that meet, and outages.

use crate::common::{Bench, Silent, expected, serve, source};
use centime_portal_sim::{Fault, Simulator};
use centime_test_database::tls::{self, Authority};
use centime_test_database::{Cluster, shared};
use centime_warehouse::roles::Passwords;
use centime_warehouse::{DatabaseUrl, Error, OpenMode, Warehouse};

fn url(address: &str) -> DatabaseUrl {
    address.parse().expect("an address")
}

async fn open(address: &str, mode: OpenMode) -> Result<Warehouse, Error> {
    Warehouse::open(&url(address), mode).await
}

async fn refused(address: &str) -> String {
    match open(address, OpenMode::Write).await {
        Ok(_) => panic!("{address} was opened"),
        Err(error) => error.to_string(),
    }
}

async fn publish(warehouse: &Warehouse) {
    let portal = serve(Simulator::sample()).await;
    let policy = centime_pipeline::Policy {
        keep: 3,
        accept_changes: centime_pipeline::AcceptedChanges::NONE,
    };
    let models = centime_analytics::models();
    centime_pipeline::run(&source(&portal.url()), warehouse, &models, policy, &Silent)
        .await
        .expect("a publication");
}

async fn ready(cluster: &Cluster) -> (String, Warehouse) {
    let name = cluster.new_database();
    let warehouse = open(&cluster.url(&name), OpenMode::Write).await.unwrap();
    let models = centime_analytics::models();
    warehouse.prepare_marts(&models).await.unwrap();
    (name, warehouse)
}

/// What neither the loader nor the reader may do.
const FOR_NOBODY: &[&str] = &[
    "CREATE TABLE core.mine (a int)",
    "CREATE TABLE public.mine (a int)",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "CREATE EXTENSION dblink",
    "DROP TABLE slice.line",
    "DROP SCHEMA core CASCADE",
    "ALTER TABLE slice.line ADD COLUMN mine int",
    "TRUNCATE slice.line",
    "UPDATE slice.line SET amount = 0",
    "INSERT INTO slice.line VALUES (1, '1', 2024, 1, 1, 1, false, false)",
    "DELETE FROM slice.line",
    "DELETE FROM core.revision_slice",
    "UPDATE slice.mart_yearly_result SET result = 0",
    "DELETE FROM slice.record_block",
    "UPDATE slice.line_item SET label = ''",
    "DELETE FROM ops.migration",
    "INSERT INTO ops.model VALUES ('a', 'b')",
    "ALTER ROLE centime_owner LOGIN",
    "SET ROLE centime_owner",
    "SET ROLE postgres",
    "COPY slice.line TO PROGRAM 'cat'",
    "COPY slice.line TO '/tmp/mine'",
    "SELECT pg_read_file('/etc/passwd')",
];

/// What only the loader may do.
const FOR_THE_LOADER: &[&str] = &[
    "UPDATE ops.published SET revision_id = 0",
    "DELETE FROM ops.run",
    "INSERT INTO slice.line_item (slice_id) VALUES (1)",
    "INSERT INTO ops.slice DEFAULT VALUES",
    "SELECT ops.create_slice(99, '{slice.line}')",
    "SELECT ops.attach_slice('slice.line', 1)",
    "SELECT ops.create_partitions(99)",
    "SELECT ops.drop_revision(99)",
    "SELECT ops.attach_partition('core.body', 1)",
];

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "one database, asked as each role")]
async fn each_role_does_its_work_and_nothing_else() {
    let cluster = shared();
    let (name, warehouse) = ready(cluster).await;
    for _ in 0..2 {
        warehouse.make_roles(&Passwords::default()).await.unwrap();
    }
    // The loader publishes, and publishes again over what it has; the reader reads.
    let loader = open(&cluster.url_as("centime_loader", &name), OpenMode::Write)
        .await
        .unwrap();
    publish(&loader).await;
    let site = open(&cluster.url_as("centime_site", &name), OpenMode::Read)
        .await
        .unwrap();
    let revision = site.current().await.unwrap();
    assert_eq!(
        site.bodies(revision.id, "", 0, 5).await.unwrap().matching,
        1
    );
    // Our own program reads tables, which is more than a reader may.
    let error = open(&cluster.url_as("centime_reader", &name), OpenMode::Read)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotAllowed { .. }), "{error}");
    assert!(error.to_string().contains("docs/postgresql.md"), "{error}");
    assert_eq!(
        cluster.try_sql(
            "centime_reader",
            &name,
            "SELECT COUNT(*) FROM yearly_result"
        ),
        Ok("9".to_owned()),
        "the reader finds what is published without its schema"
    );

    // What each revision has of its own is read through its parent, and listed for nobody.
    let listed = "SELECT COUNT(*) FROM pg_class WHERE relispartition AND relkind = 'r'
        AND has_table_privilege(oid, 'SELECT')";
    for make in [false, true] {
        if make {
            warehouse.make_roles(&Passwords::default()).await.unwrap();
        }
        for role in ["centime_reader", "centime_site"] {
            assert_eq!(
                cluster.try_sql(role, &name, listed),
                Ok("0".to_owned()),
                "{role}"
            );
        }
    }

    // Every connection of ours that reads is read-only by itself; so are rights.
    let insisting = |sql: &str| format!("SET TRANSACTION READ WRITE; {sql}");
    for sql in FOR_NOBODY {
        for role in ["centime_loader", "centime_reader"] {
            let refusal = cluster.try_sql(role, &name, &insisting(sql));
            let refusal = refusal.expect_err(&format!("{role}: {sql}"));
            assert!(
                refusal.contains("permission denied") || refusal.contains("must be"),
                "{role}: {sql}: {refusal}"
            );
        }
    }
    for sql in FOR_THE_LOADER {
        let refusal = cluster.try_sql("centime_reader", &name, &insisting(sql));
        let refusal = refusal.expect_err(sql);
        assert!(refusal.contains("permission denied"), "{sql}: {refusal}");
        let refusal = cluster.try_sql("centime_reader", &name, sql);
        assert!(refusal.is_err(), "{sql}");
    }
    // A partition of another table, or of the published revision, is nothing the loader can touch.
    for sql in [
        "SELECT ops.create_partition('ops.run', 1)",
        "SELECT ops.drop_revision((SELECT revision_id FROM ops.published))",
        "SELECT ops.attach_partition('ops.run', 1)",
        "SELECT ops.create_slice(1, '{ops.run}')",
        "SELECT ops.attach_slice('ops.run', 1)",
    ] {
        assert!(
            cluster.try_sql("centime_loader", &name, sql).is_err(),
            "{sql}"
        );
    }
    // To give away a right one may not give away is no error, but nothing is given.
    for role in ["centime_loader", "centime_reader"] {
        let given = "SET TRANSACTION READ WRITE; GRANT SELECT ON slice.line TO PUBLIC";
        drop(cluster.try_sql(role, &name, given));
    }
    let public = "SELECT COUNT(*) FROM pg_class, aclexplode(relacl) AS acl
        WHERE acl.grantee = 0 AND relnamespace IN ('raw'::regnamespace, 'core'::regnamespace,
            'mart'::regnamespace, 'ops'::regnamespace, 'partition'::regnamespace,
            'published'::regnamespace, 'slice'::regnamespace)";
    assert_eq!(cluster.sql(&name, public), "0");
    // Somebody else may be in the database for another reason, and finds nothing.
    cluster.sql(&name, "CREATE ROLE stranger LOGIN");
    for sql in ["TABLE published.yearly_result", "TABLE mart.yearly_result"] {
        let refusal = cluster.try_sql("stranger", &name, sql).unwrap_err();
        assert!(
            refusal.contains("permission denied for schema"),
            "{refusal}"
        );
    }
    // The marts of another version are the owner's to make.
    cluster.sql(&name, "UPDATE ops.model SET definition = 'other'");
    let models = centime_analytics::models();
    let error = loader.prepare_marts(&models).await.unwrap_err();
    assert!(matches!(error, Error::NeedsOwner { .. }), "{error}");
    warehouse.prepare_marts(&models).await.unwrap();
    assert_eq!(
        cluster.try_sql(
            "centime_reader",
            &name,
            "SELECT COUNT(*) FROM yearly_result"
        ),
        Ok("9".to_owned()),
        "new views are the reader's to read"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_table_and_column_says_what_it_is() {
    let (name, _warehouse) = ready(shared()).await;
    let silent = shared().sql(
        &name,
        "SELECT class.oid::regclass || COALESCE('.' || attribute.attname, '')
         FROM pg_class AS class
         LEFT JOIN pg_attribute AS attribute
             ON attribute.attrelid = class.oid AND attnum > 0 AND NOT attisdropped
         WHERE relnamespace IN ('raw'::regnamespace, 'core'::regnamespace, 'mart'::regnamespace,
                 'ops'::regnamespace, 'published'::regnamespace)
             AND relkind IN ('r', 'p', 'v') AND class.oid <> 'ops.migration'::regclass
             AND (obj_description(class.oid) IS NULL OR col_description(class.oid, attnum) IS NULL)",
    );
    assert_eq!(silent, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_starters_do_not_collide() {
    // Again and again, for they meet at other points each time.
    for _ in 0..8 {
        let address = shared().database();
        let start = || open(&address, OpenMode::Write);
        let (one, two, three) = tokio::join!(start(), start(), start());
        for started in [one, two, three] {
            started.unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_are_not_ours_are_left_alone() {
    let name = shared().new_database();
    shared().sql(
        &name,
        "CREATE SCHEMA core; CREATE TABLE core.theirs (a int)",
    );
    let error = refused(&shared().url(&name)).await;
    assert!(error.contains("another"), "{error}");
    let (name, _warehouse) = ready(shared()).await;
    shared().sql(&name, "UPDATE ops.migration SET checksum = 'x'");
    let error = open(&shared().url(&name), OpenMode::Write)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::OtherVersion { .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_server_is_believed() {
    let authority = Authority::new("Centime test authority");
    let cluster = tls::start(&authority, "localhost", 1);
    let folder = cluster.folder();
    let other = folder.join("other.crt");
    Authority::new("Somebody else").write(&other);
    let right = folder.join("ca.crt");
    let password = "un%20mot%20de%20passe%20%26%20long";
    let port = cluster.port();
    let address = |host: &str, parameters: &str| {
        format!("postgres://postgres:{password}@{host}:{port}/postgres?{parameters}")
    };
    let trusting =
        |mode: &str, ca: &std::path::Path| format!("sslmode={mode}&sslrootcert={}", ca.display());

    let good = address("localhost", &trusting("verify-full", &right));
    let warehouse = open(&good, OpenMode::Write).await.unwrap();
    assert_eq!(warehouse.status().await.unwrap().encrypted, Some(true));
    let by_number = address("127.0.0.1", &trusting("verify-ca", &right));
    open(&by_number, OpenMode::Write).await.unwrap();

    let said = refused(&address("127.0.0.1", &trusting("verify-full", &right))).await;
    assert!(said.contains("name"), "{said}");
    let said = refused(&address("localhost", &trusting("verify-full", &other))).await;
    assert!(
        said.contains("authority") || said.contains("issuer"),
        "{said}"
    );
    let said = refused(&address("localhost", "sslmode=disable")).await;
    assert!(said.contains("encrypt"), "{said}");
    let wrong = good.replace(password, "wrong");
    let error = open(&wrong, OpenMode::Write).await.unwrap_err();
    assert!(matches!(error, Error::Unauthorised { .. }), "{error}");
    assert!(!error.to_string().contains("wrong"), "{error}");

    // A client certificate stands for a password.
    let client = authority.certify(folder, "certified", 1);
    let with_certificate = format!(
        "postgres://certified@localhost:{port}/postgres?{}&sslcert={}&sslkey={}",
        trusting("verify-full", &right),
        client.certificate.display(),
        client.key.display()
    );
    open(&with_certificate, OpenMode::Write).await.unwrap();

    let expired = tls::start(&authority, "localhost", 0);
    let address = address("localhost", &trusting("verify-full", &right))
        .replace(&format!(":{port}/"), &format!(":{}/", expired.port()));
    let said = refused(&address).await;
    assert!(said.contains("expired"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_set_by_its_verifier_lets_in() {
    let authority = Authority::new("Centime test authority");
    let cluster = tls::start(&authority, "localhost", 1);
    let (ca, port) = (cluster.folder().join("ca.crt"), cluster.port());
    let address = |user: &str, password: &str| {
        format!(
            "postgres://{user}:{password}@localhost:{port}/postgres?sslrootcert={}&sslmode=verify-full",
            ca.display()
        )
    };
    let password = "un%20mot%20de%20passe%20%26%20long";
    let warehouse = open(&address("postgres", password), OpenMode::Write)
        .await
        .unwrap();
    let passwords = Passwords {
        site: Some("a reader's own".to_owned()),
        ..Passwords::default()
    };
    let models = centime_analytics::models();
    warehouse.prepare_marts(&models).await.unwrap();
    warehouse.make_roles(&passwords).await.unwrap();
    let good = address("centime_site", "a%20reader's%20own");
    let reader = open(&good, OpenMode::Read).await.unwrap();
    assert_eq!(
        reader.status().await.unwrap().user.as_deref(),
        Some("centime_site")
    );
    let error = open(&address("centime_site", "other"), OpenMode::Read).await;
    assert!(
        matches!(error, Err(Error::Unauthorised { .. })),
        "{error:?}"
    );
    // Neither the log of the server nor a dump of all it has, roles among it, has the password.
    let dump = std::process::Command::new(cluster.programs().join("pg_dumpall"))
        .args(["--dbname", &address("postgres", password)])
        .output()
        .unwrap();
    let dump = String::from_utf8_lossy(&dump.stdout).into_owned();
    assert!(dump.contains("SCRAM-SHA-256$"), "the role is in it: {dump}");
    for said in [dump, cluster.log()] {
        for written in ["a reader's own", "a reader''s own"] {
            assert!(!said.contains(written), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_crashes_in_a_run_keeps_what_is_published() {
    let cluster = Cluster::start();
    let name = cluster.new_database();
    let bench = Bench::at(&cluster.url(&name)).await;
    bench.run(&serve(Simulator::sample()).await).await.unwrap();
    let published = bench.everything().await;

    // The load is large enough that the server crashes in its middle.
    let portal = serve(Simulator::sample_of_bodies(100)).await;
    let run = bench.run_with(&portal, true);
    let crash = async {
        tokio::time::sleep(std::time::Duration::from_millis(600)).await;
        tokio::task::block_in_place(|| cluster.crash());
    };
    let (outcome, ()) = tokio::join!(run, crash);
    let error = outcome.unwrap_err();
    assert!(
        matches!(error, centime_pipeline::Error::Warehouse(_)),
        "{error}"
    );

    cluster.restart();
    let again = Bench::at(&cluster.url(&name)).await;
    assert_eq!(again.results().await, expected());
    assert_eq!(again.everything().await, published);
    again.run_with(&portal, true).await.unwrap();
    let left = cluster.sql(
        &name,
        "SELECT COUNT(*) FROM ops.revision WHERE status = 'staged'",
    );
    assert_eq!(left, "0", "nothing staged is left behind");
    let tables = cluster.sql(
        &name,
        "SELECT COUNT(DISTINCT substring(relname FROM '_r[0-9]+$')) FROM pg_class
         WHERE relkind = 'r' AND relname ~ '_r[0-9]+$'",
    );
    assert_eq!(tables, "2", "tables of each published revision only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retrieval_that_is_begun_again_leaves_each_record_once() {
    for fault in [Fault::Cut, Fault::Truncated] {
        let name = shared().new_database();
        let bench = Bench::at(&shared().url(&name)).await;
        let portal = serve(Simulator::sample_of_bodies(40).with_faults([fault.times(1)])).await;
        let summary = bench.run(&portal).await.unwrap();
        let kept = shared().sql(
            &name,
            "SELECT (SELECT COUNT(*) FROM raw.record),
                 (SELECT COUNT(DISTINCT (subject, record)) FROM raw.record),
                 (SELECT COUNT(*) FROM core.line) = (
                     SELECT records FROM ops.dataset WHERE subject = 'income_statement')",
        );
        let records = summary.records;
        assert_eq!(kept, format!("{records}|{records}|t"), "{fault}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_the_server_refuses_leave_nothing() {
    let name = shared().new_database();
    let bench = Bench::at(&shared().url(&name)).await;
    bench.run(&serve(Simulator::sample()).await).await.unwrap();
    let published = bench.everything().await;
    // Somewhere among the lines of many bodies, when those of some are written.
    let refuse = "ALTER TABLE slice.line ADD CHECK (siren <> '218000300')";
    shared().sql(&name, refuse);
    let portal = serve(Simulator::sample_of_bodies(400)).await;
    let error = bench.run_with(&portal, true).await.unwrap_err();
    assert!(
        matches!(error, centime_pipeline::Error::Warehouse(_)),
        "{error}"
    );
    assert_eq!(bench.everything().await, published);
    let left = shared().sql(
        &name,
        "SELECT (SELECT COUNT(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '_r[0-9]+$'
                 AND relname !~ '_r1$'),
             (SELECT COUNT(*) FROM ops.slice AS kept FULL JOIN core.revision_slice AS named USING (slice_id)
                 WHERE named.revision_id IS DISTINCT FROM 1),
             (SELECT COUNT(*) FROM pg_class WHERE relkind = 'r'
                 AND relname ~ '_s[0-9]+$' AND relnamespace = 'partition'::regnamespace
                 AND CAST(substring(relname FROM '[0-9]+$') AS bigint) NOT IN (SELECT slice_id FROM ops.slice))",
    );
    assert_eq!(left, "0|0|0", "tables of the revision that failed");
}

//! Opening databases: new, published, read-only, and those that are not ours.

use centime_warehouse::revision::{NewRevision, RunOutcome, RunReport};
use centime_warehouse::{Basis, Cell, Column, ColumnName, Follows, Form, Kind, Model, ModelSql};
use centime_warehouse::{DatabaseUrl, Error, OpenMode, Warehouse};

/// An empty database on the engine that is tested.
fn fresh(folder: &tempfile::TempDir) -> DatabaseUrl {
    let address = centime_test_database::fresh(folder.path());
    address.parse().unwrap()
}

/// Does something in a database of the server as its administrator.
fn sql_in(url: &DatabaseUrl, sql: &str) {
    let name = url.name();
    let (_, database) = name.rsplit_once('/').unwrap();
    centime_test_database::shared().sql(database, sql);
}

const ANSWER: [Column; 1] = [Column::new(ColumnName::new("answer"), Kind::Integer)];

/// A model that needs no lines.
const fn model(sql: &'static str) -> Model {
    Model {
        name: "answer",
        about: "The answer.",
        columns: &ANSWER,
        sql: ModelSql::new(sql),
        order_by: "answer",
        bases: &[],
        form: Form::Analysis(Follows::Revision),
        file: None,
    }
}

const FORTY_TWO: Model = model("SELECT 'leaf' AS basis, '1' AS siren, 42 AS answer");
const FORTY_THREE: Model = model("SELECT 'leaf' AS basis, '1' AS siren, 43 AS answer");

async fn publish(warehouse: &Warehouse, models: &[Model], keep: u32) -> i64 {
    warehouse.prepare_marts(models).await.unwrap();
    let run = warehouse
        .begin_run("2026-01-01T00:00:00Z", "http://portal")
        .await
        .unwrap();
    let new = NewRevision {
        created_at: "2026-01-01T00:00:00Z".to_owned(),
        portal: "http://portal".to_owned(),
        sample: false,
        rules_version: 1,
    };
    let mut staging = warehouse.stage(&new).await.unwrap();
    staging.complete().await.unwrap();
    staging.materialise(models).await.unwrap();
    let revision = staging.commit("fingerprint").await.unwrap();
    let report = RunReport {
        finished_at: "2026-01-01T00:00:01Z".to_owned(),
        outcome: RunOutcome::Published,
        revision: Some(revision),
        records: Some(0),
        cause: None,
        message: None,
        steps: Vec::new(),
        checks: Vec::new(),
    };
    warehouse
        .publish(run, revision, keep, &report)
        .await
        .unwrap();
    revision
}

async fn answer(warehouse: &Warehouse, model: &Model, revision: i64) -> Vec<Vec<Cell>> {
    warehouse
        .mart(model, revision, "1", Basis::Leaf)
        .await
        .unwrap()
        .rows
}

#[tokio::test]
async fn a_new_database_says_that_nothing_is_published() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("new.db"));
    let missing = Warehouse::open(&url, OpenMode::Read).await.unwrap_err();
    assert!(matches!(missing, Error::Missing { .. }), "{missing}");
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let error = warehouse.current().await.unwrap_err();
    assert!(matches!(error, Error::NothingPublished { .. }), "{error}");
}

#[tokio::test]
async fn readers_keep_reading_while_a_revision_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh(&folder);
    let writer = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let first = publish(&writer, &[FORTY_TWO], 5).await;
    let reader = Warehouse::open(&url, OpenMode::Read).await.unwrap();
    let new = NewRevision {
        created_at: "2026-01-01T00:00:00Z".to_owned(),
        portal: "http://portal".to_owned(),
        sample: false,
        rules_version: 1,
    };
    let mut staging = writer.stage(&new).await.unwrap();
    staging.complete().await.unwrap();
    staging.materialise(&[FORTY_TWO]).await.unwrap();
    assert_eq!(reader.current().await.unwrap().id, first);
    let second = staging.commit("other").await.unwrap();
    assert_eq!(
        reader.current().await.unwrap().id,
        first,
        "staged is not published"
    );
    assert_eq!(reader.revisions().await.unwrap().len(), 1);
    // What was staged and never published is gone with the next run.
    writer
        .begin_run("2026-01-02T00:00:00Z", "http://portal")
        .await
        .unwrap();
    let third = publish(&writer, &[FORTY_TWO], 5).await;
    assert!(answer(&reader, &FORTY_TWO, second).await.is_empty() || third == second);
    assert_eq!(reader.current().await.unwrap().id, third);
}

#[tokio::test]
async fn another_definition_makes_the_marts_again_for_every_revision() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh(&folder);
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let first = publish(&warehouse, &[FORTY_TWO], 5).await;
    let second = publish(&warehouse, &[FORTY_TWO], 5).await;
    assert!(warehouse.check_marts(&[FORTY_THREE]).await.is_err());
    warehouse.prepare_marts(&[FORTY_THREE]).await.unwrap();
    for revision in [first, second] {
        let rows = answer(&warehouse, &FORTY_THREE, revision).await;
        assert_eq!(rows, [[Cell::Count(43)]]);
    }
}

#[tokio::test]
async fn a_mart_may_become_a_view_and_a_table_again() {
    const VIEW: Model = Model {
        form: Form::View,
        ..model("SELECT revision_id, 'leaf' AS basis, '1' AS siren, 44 AS answer FROM ops.revision")
    };
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(&fresh(&folder), OpenMode::Write)
        .await
        .unwrap();
    publish(&warehouse, &[FORTY_TWO], 5).await;
    warehouse.prepare_marts(&[VIEW]).await.unwrap();
    warehouse.check_marts(&[VIEW]).await.unwrap();
    publish(&warehouse, &[VIEW], 5).await;
    warehouse.prepare_marts(&[FORTY_TWO]).await.unwrap();
    let third = publish(&warehouse, &[FORTY_TWO], 5).await;
    let rows = answer(&warehouse, &FORTY_TWO, third).await;
    assert_eq!(rows, [[Cell::Count(42)]]);
}

#[tokio::test]
async fn retention_keeps_the_latest() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh(&folder);
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let mut published = Vec::new();
    for _ in 0..4 {
        published.push(publish(&warehouse, &[FORTY_TWO], 2).await);
    }
    let kept: Vec<i64> = warehouse
        .revisions()
        .await
        .unwrap()
        .iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(kept, [published[3], published[2]]);
    assert!(
        answer(&warehouse, &FORTY_TWO, published[0])
            .await
            .is_empty()
    );
}

#[tokio::test]
async fn one_process_runs_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh(&folder);
    let one = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let other = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let lock = one.lock().await.unwrap();
    assert!(matches!(other.lock().await, Err(Error::Busy { .. })));
    drop(lock);
    other.lock().await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_told_from_one_that_is_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let url = DatabaseUrl::sqlite(&path);
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    publish(&warehouse, &[FORTY_TWO], 5).await;
    warehouse.close().await;
    let mut bytes = std::fs::read(&path).unwrap();
    for byte in &mut bytes[4096..] {
        *byte = 0xaa;
    }
    std::fs::write(&path, &bytes).unwrap();
    let error = match Warehouse::open(&url, OpenMode::Read).await {
        Err(error) => error,
        Ok(warehouse) => warehouse.current().await.unwrap_err(),
    };
    assert!(matches!(error, Error::Damaged { .. }), "{error}");
}

#[tokio::test]
async fn only_a_cluster_is_distributed() {
    let folder = tempfile::tempdir().unwrap();
    let warehouse = Warehouse::open(&fresh(&folder), OpenMode::Write)
        .await
        .unwrap();
    warehouse.prepare_marts(&[FORTY_TWO]).await.unwrap();
    let distributed = warehouse.distribute().await;
    let servers = warehouse.status().await.unwrap().servers;
    if centime_test_database::on_cluster() {
        distributed.unwrap();
        assert!(servers > Some(1), "{servers:?}");
    } else {
        let error = distributed.unwrap_err();
        assert!(matches!(error, Error::NoCluster { .. }), "{error}");
        assert_eq!(servers, None);
    }
}

#[cfg(not(feature = "encryption"))]
#[tokio::test]
async fn a_key_is_refused_by_a_program_that_cannot_use_it() {
    let folder = tempfile::tempdir().unwrap();
    let key: centime_warehouse::Key = "1".repeat(64).parse().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("a.db"));
    let url = url.with_key(key.clone()).unwrap();
    let opened = Warehouse::open(&url, OpenMode::Write).await;
    assert!(matches!(opened, Err(Error::NoEncryption { .. })));
    let rekeyed = centime_warehouse::rekey(&url, Some(&key)).await;
    assert!(matches!(rekeyed, Err(Error::NoEncryption { .. })));
    assert!(std::fs::read_dir(folder.path()).unwrap().next().is_none());
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_killed_first_migration_left_is_gone_on_with() {
    if !centime_test_database::on_postgres() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // Killed between the schema and the table that remembers migrations.
    let killed = fresh(&folder);
    sql_in(&killed, "CREATE SCHEMA ops");
    let unmade = Warehouse::open(&killed, OpenMode::Read).await.unwrap_err();
    assert!(matches!(unmade, Error::NothingPublished { .. }), "{unmade}");
    Warehouse::open(&killed, OpenMode::Write).await.unwrap();
    // Those of others are left alone, whatever is in them.
    for theirs in [
        "CREATE SCHEMA ops CREATE TABLE alert (of TEXT)",
        "CREATE SCHEMA ops; CREATE FUNCTION ops.one() RETURNS INT LANGUAGE SQL AS 'SELECT 1'",
        "CREATE SCHEMA mart",
    ] {
        let foreign = fresh(&folder);
        sql_in(&foreign, theirs);
        let refused = Warehouse::open(&foreign, OpenMode::Write)
            .await
            .unwrap_err();
        assert!(
            matches!(refused, Error::Foreign { .. }),
            "{theirs}: {refused}"
        );
    }
}

#[tokio::test]
async fn a_file_of_ours_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let mode = |name: &str| {
        let file = folder.path().join(name);
        let found = std::fs::metadata(file).map(|file| file.permissions().mode() & 0o777);
        found.ok().map(|mode| format!("{mode:o}"))
    };
    let url = DatabaseUrl::sqlite(folder.path().join("a.db"));
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let lock = warehouse.lock().await.unwrap();
    publish(&warehouse, &[FORTY_TWO], 5).await;
    for name in ["a.db", "a.db-wal", "a.db-shm", "a.db.lock"] {
        assert_eq!(mode(name).as_deref(), Some("600"), "{name}");
    }
    drop(lock);
    warehouse.close().await;
    // What its owner has shown to others stays so.
    let shown = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(folder.path().join("a.db"), shown).unwrap();
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    publish(&warehouse, &[FORTY_TWO], 5).await;
    assert_eq!(mode("a.db").as_deref(), Some("644"));
    assert_eq!(mode("a.db-wal").as_deref(), Some("644"));
}

#[tokio::test]
async fn views_are_made_again_without_the_marts_and_not_over_those_of_others() {
    let folder = tempfile::tempdir().unwrap();
    let url = fresh(&folder);
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    publish(&warehouse, &[FORTY_TWO], 5).await;
    // Two processes that start at once do not get into each other's way.
    let other = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let models = [FORTY_THREE];
    let (one, two) = tokio::join!(
        warehouse.prepare_marts(&models),
        other.prepare_marts(&models)
    );
    one.unwrap();
    two.unwrap();
    if !centime_test_database::on_postgres() || centime_test_database::on_cluster() {
        return;
    }
    let theirs =
        "CREATE SCHEMA theirs; CREATE VIEW theirs.answers AS SELECT * FROM published.answer";
    sql_in(&url, theirs);
    let error = warehouse.prepare_marts(&[FORTY_TWO]).await.unwrap_err();
    assert!(matches!(error, Error::InUseByViews { .. }), "{error}");
    assert!(error.to_string().contains("theirs.answers"), "{error}");
    sql_in(&url, "DROP VIEW theirs.answers");
    warehouse.prepare_marts(&[FORTY_TWO]).await.unwrap();
}

//! Tokens and the audit log, on the engine that is tested.

use centime_access::{Role, Secret};
use centime_test_database::shared;
use centime_warehouse::ledger::{AuditOutcome, Event, NewToken};
use centime_warehouse::roles::Passwords;
use centime_warehouse::{DatabaseUrl, Error, Ledger, OpenMode, Warehouse};

async fn ledger(folder: &std::path::Path) -> Ledger {
    let url: DatabaseUrl = centime_test_database::fresh(folder).parse().unwrap();
    Warehouse::open(&url, OpenMode::Write).await.unwrap();
    Ledger::open(&url).await.unwrap()
}

fn new(secret: &Secret, role: Role) -> NewToken {
    NewToken::of(secret, role, "d’essai", None)
}

#[tokio::test]
async fn a_token_is_kept_found_used_and_revoked_once() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path()).await;
    let secret = Secret::generate().unwrap();
    let id = secret.id();
    assert_eq!(ledger.token(&id).await.unwrap(), None);
    let created = Event::now("token-created", AuditOutcome::Done).about(id.as_str());
    let token = new(&secret, Role::Analyst);
    ledger.create(&token, &created).await.unwrap();
    // A name is given once.
    ledger.create(&token, &created).await.unwrap_err();

    let found = ledger.token(&id).await.unwrap().unwrap();
    assert!(found.is_valid());
    assert_eq!((found.role, found.hash), (Role::Analyst, secret.hash()));
    assert_eq!((found.last_used_at, found.created_by), (None, None));
    let at = "2026-01-02T03:04:05Z";
    ledger
        .note(&[], &[(id.clone(), at.to_owned())])
        .await
        .unwrap();
    let revoked = Event::now("token-revoked", AuditOutcome::Done).about(id.as_str());
    assert!(ledger.revoke(&id, &revoked).await.unwrap());
    assert!(!ledger.revoke(&id, &revoked).await.unwrap());
    let found = ledger.tokens().await.unwrap().remove(0);
    assert!(!found.is_valid());
    assert_eq!(found.last_used_at.as_deref(), Some(at));

    let events = ledger.events(10).await.unwrap();
    let actions: Vec<&str> = events.iter().map(|event| &*event.action).collect();
    assert_eq!(actions, ["token-revoked", "token-created"]);
}

#[tokio::test]
async fn an_expired_token_is_not_valid() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path()).await;
    let secret = Secret::generate().unwrap();
    let token = NewToken {
        expires_at: Some("2020-01-01T00:00:00Z".to_owned()),
        ..new(&secret, Role::Admin)
    };
    let event = Event::now("token-created", AuditOutcome::Done);
    ledger.create(&token, &event).await.unwrap();
    assert!(
        !ledger
            .token(&secret.id())
            .await
            .unwrap()
            .unwrap()
            .is_valid()
    );
}

#[tokio::test]
async fn a_file_of_the_version_before_gets_its_tables() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("centime.db");
    let url = DatabaseUrl::sqlite(&path);
    let before = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    before.close().await;
    let pool = sqlx::SqlitePool::connect(&format!("sqlite:{}", path.display()))
        .await
        .unwrap();
    let back = "DROP TABLE ops_api_token; DROP TABLE ops_audit_event;
        DELETE FROM _sqlx_migrations WHERE version = 2";
    sqlx::raw_sql(back).execute(&pool).await.unwrap();
    pool.close().await;
    let ledger = Ledger::open(&url).await.unwrap();
    assert!(ledger.is_writable());
    assert_eq!(ledger.tokens().await.unwrap(), []);
}

#[tokio::test]
async fn old_events_are_deleted_and_that_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path()).await;
    let of = |at: &str, action: &str| Event {
        at: at.to_owned(),
        ..Event::now(action, AuditOutcome::Done)
    };
    let events = [
        of("2024-12-31T23:59:59Z", "first"),
        of("2025-01-01T00:00:00Z", "second"),
        Event::now("third", AuditOutcome::Refused),
    ];
    ledger.note(&events, &[]).await.unwrap();
    let actions = async || -> Vec<String> {
        let events = ledger.events(10).await.unwrap();
        events.into_iter().map(|event| event.action).collect()
    };
    // What is as old as the moment stays, and where nothing goes nothing is noted.
    assert_eq!(ledger.prune("2024-12-31T23:59:59Z").await.unwrap(), 0);
    assert_eq!(actions().await, ["third", "second", "first"]);
    assert_eq!(ledger.prune("2025-01-01T00:00:00Z").await.unwrap(), 1);
    assert_eq!(actions().await, ["audit-pruned", "third", "second"]);
    let noted = ledger.events(1).await.unwrap().remove(0);
    assert_eq!(
        noted.detail.as_deref(),
        Some("before 2025-01-01T00:00:00Z: 1")
    );
    assert_eq!(ledger.prune("2025-06-01T00:00:00Z").await.unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_long_ago_is_deleted_by_the_pipeline_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let url = centime_test_database::fresh(folder.path());
    let warehouse = Warehouse::open(&url.parse().unwrap(), OpenMode::Write)
        .await
        .unwrap();
    let ledger = Ledger::open(&url.parse().unwrap()).await.unwrap();
    let old = Event {
        at: "2024-12-31T23:59:59Z".to_owned(),
        ..Event::now("first", AuditOutcome::Done)
    };
    let events = [old, Event::now("second", AuditOutcome::Refused)];
    ledger.note(&events, &[]).await.unwrap();
    let expire = async |before: &str| warehouse.expire_audit_events(before).await.unwrap();
    assert_eq!(expire("2024-12-31T23:59:59Z").await, 0);
    assert_eq!(expire("2025-01-01T00:00:00Z").await, 1);
    let events = ledger.events(10).await.unwrap();
    let actions: Vec<&str> = events.iter().map(|event| &*event.action).collect();
    assert_eq!(actions, ["audit-pruned", "second"]);
    assert_eq!(
        events[0].detail.as_deref(),
        Some("before 2025-01-01T00:00:00Z: 1")
    );
    assert!(
        events[0].at.ends_with('Z') && events[0].at.len() == 20,
        "{events:?}"
    );
}

/// What only those who let in may do.
const FOR_THE_SITE: &[&str] = &[
    "SELECT hash FROM ops.api_token",
    "SELECT detail FROM ops.audit_event",
    "UPDATE ops.api_token SET last_used_at = '2026-01-02T03:04:05Z'",
    "INSERT INTO ops.audit_event (at, action, outcome) VALUES ('2026-01-02T03:04:05Z', 'b', 'done')",
];

/// What not even they may do.
const FOR_THE_OWNER: &[&str] = &[
    "UPDATE ops.api_token SET role = 'admin'",
    "UPDATE ops.api_token SET hash = repeat('0', 64)",
    "UPDATE ops.api_token SET expires_at = NULL",
    "DELETE FROM ops.api_token",
    "UPDATE ops.audit_event SET detail = ''",
    "DELETE FROM ops.audit_event",
    "TRUNCATE ops.audit_event",
];

/// What the pipeline may do, and the site may not.
const OF_LONG_AGO: &str = "SELECT ops.expire_audit_events('2025-01-01T00:00:00Z')";

#[tokio::test(flavor = "multi_thread")]
async fn on_postgresql_only_those_who_let_in_see_tokens() {
    let cluster = shared();
    let name = cluster.new_database();
    let url = |role: &str| -> DatabaseUrl { cluster.url_as(role, &name).parse().unwrap() };
    let warehouse = Warehouse::open(&url("postgres"), OpenMode::Write)
        .await
        .unwrap();
    for _ in 0..2 {
        warehouse.make_roles(&Passwords::default()).await.unwrap();
    }
    let insisting = |sql: &str| format!("SET TRANSACTION READ WRITE; {sql}");
    let refused = |role: &str, sql: &str| {
        let refusal = cluster.try_sql(role, &name, &insisting(sql));
        let refusal = refusal.expect_err(&format!("{role}: {sql}"));
        assert!(refusal.contains("permission denied"), "{role}: {refusal}");
    };
    for sql in FOR_THE_SITE {
        refused("centime_reader", sql);
        for role in ["centime_site", "centime_loader"] {
            cluster.try_sql(role, &name, sql).unwrap();
        }
    }
    // A site lets in, also the one of `centime up` that loads as well; only the site's own role makes tokens.
    let made = "INSERT INTO ops.api_token (token_id, name, role, hash, created_at)
        VALUES ('ctm_AAAAAAAA', 'mine', 'admin', repeat('a', 64), '2026-01-02T03:04:05Z')";
    for role in ["centime_loader", "centime_reader"] {
        refused(role, made);
    }
    let url_of_loader = url("centime_loader");
    let loader = Ledger::open(&url_of_loader).await.unwrap();
    let secret = Secret::generate().unwrap();
    let event = Event::now("token-created", AuditOutcome::Done);
    let error = loader
        .create(&new(&secret, Role::Admin), &event)
        .await
        .unwrap_err();
    assert!(matches!(error, Error::NotAllowed { .. }), "{error}");
    for sql in FOR_THE_OWNER {
        for role in ["centime_site", "centime_loader", "centime_reader"] {
            refused(role, sql);
        }
    }
    cluster
        .try_sql("centime_loader", &name, OF_LONG_AGO)
        .unwrap();
    let recent = "SELECT ops.expire_audit_events('9999-01-01T00:00:00Z')";
    let refusal = cluster
        .try_sql("centime_loader", &name, recent)
        .unwrap_err();
    assert!(refusal.contains("90 days"), "{refusal}");
    // However the moment is written, events of today stay.
    let odd = "SELECT ops.expire_audit_events('Jan 1 2020')";
    cluster.try_sql("centime_loader", &name, odd).unwrap();
    let left = "SELECT 1 / COUNT(*) FROM ops.audit_event";
    cluster.try_sql("centime_site", &name, left).unwrap();
    for sql in [
        OF_LONG_AGO,
        "UPDATE ops.published SET revision_id = 0",
        "DELETE FROM slice.line",
        "SELECT ops.drop_revision(1)",
        "CREATE TABLE core.mine (a int)",
    ] {
        refused("centime_site", sql);
    }
    // Even the superuser does not change what was noted by a slip of the hand.
    let change = "UPDATE ops.audit_event SET detail = ''";
    let refusal = cluster.try_sql("postgres", &name, change).unwrap_err();
    assert!(refusal.contains("not changed"), "{refusal}");

    let error = Ledger::open(&url("centime_reader")).await.unwrap_err();
    assert!(matches!(error, Error::NotAllowed { .. }), "{error}");
    let ledger = Ledger::open(&url("centime_site")).await.unwrap();
    let secret = Secret::generate().unwrap();
    let event = Event::now("token-created", AuditOutcome::Done);
    let token = new(&secret, Role::Viewer);
    ledger.create(&token, &event).await.unwrap();
    assert!(ledger.revoke(&secret.id(), &event).await.unwrap());
    // The site's role cannot delete from the audit log; the owner of the tables can.
    let refusal = ledger.prune("9999-01-01T00:00:00Z").await.unwrap_err();
    assert!(
        refusal.to_string().contains("permission denied"),
        "{refusal}"
    );
    let owner = Ledger::open(&url("postgres")).await.unwrap();
    assert!(owner.prune("9999-01-01T00:00:00Z").await.unwrap() >= 2);
    assert_eq!(ledger.events(10).await.unwrap().len(), 1);
    let reader = Warehouse::open(&url("centime_site"), OpenMode::Read).await;
    assert_eq!(reader.unwrap().published().await.unwrap(), None);

    // No secret of a token is in a dump.
    let dump = std::process::Command::new(cluster.programs().join("pg_dump"))
        .arg(cluster.url(&name))
        .output()
        .unwrap();
    let dump = String::from_utf8_lossy(&dump.stdout).into_owned();
    assert!(dump.contains(secret.id().as_str()), "the token is in it");
    assert!(!dump.contains(&secret.reveal()[12..]));
}

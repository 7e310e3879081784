//! The migrations of each engine: forward only, checked by checksum, run by one process at a time.

use std::ops::Deref;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

/// A migration: its name and its text. Its number is its place, from 1.
type Step = (&'static str, &'static str);

/// The migrations of SQLite.
pub(crate) const SQLITE: [Step; 3] = [
    (
        "warehouse",
        include_str!("../migrations/sqlite/0001_warehouse.sql"),
    ),
    (
        "access",
        include_str!("../migrations/sqlite/0002_access.sql"),
    ),
    ("sums", include_str!("../migrations/sqlite/0003_sums.sql")),
];

/// The migrations of PostgreSQL.
pub(crate) const POSTGRES: [Step; 4] = [
    (
        "warehouse",
        include_str!("../migrations/postgres/0001_warehouse.sql"),
    ),
    (
        "access",
        include_str!("../migrations/postgres/0002_access.sql"),
    ),
    ("sums", include_str!("../migrations/postgres/0003_sums.sql")),
    (
        "cluster",
        include_str!("../migrations/postgres/0004_cluster.sql"),
    ),
];

/// The table in which PostgreSQL remembers them.
pub(crate) const POSTGRES_TABLE: &str = "ops.migration";

fn migrator(steps: &[Step]) -> Migrator {
    let migrations = (1..).zip(steps).map(|(version, (name, sql))| {
        Migration::new(
            version,
            (*name).into(),
            MigrationType::Simple,
            (*sql).into_sql_str(),
            false,
        )
    });
    Migrator::with_migrations(migrations.collect())
}

/// Runs those that SQLite has not seen.
pub(crate) async fn run<'a, A>(connections: A, steps: &[Step]) -> Result<(), MigrateError>
where
    A: sqlx::Acquire<'a>,
    <A::Connection as Deref>::Target: Migrate,
{
    migrator(steps).run(connections).await
}

/// Runs those that PostgreSQL has not seen, under a lock that makes others wait.
pub(crate) async fn run_postgres(connection: &mut sqlx::PgConnection) -> Result<(), MigrateError> {
    let mut migrator = migrator(&POSTGRES);
    migrator.create_schema("ops");
    migrator.dangerous_set_table_name(POSTGRES_TABLE);
    migrator.run(connection).await
}

/// The checksum of each migration of PostgreSQL, in order.
pub(crate) fn postgres_checksums() -> Vec<Vec<u8>> {
    let migrator = migrator(&POSTGRES);
    migrator.iter().map(|step| step.checksum.to_vec()).collect()
}

//! The migrations of each engine: forward only, checked by checksum, run by one process at a time.

use std::ops::Deref;

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};

/// A migration: its name and its text. Its number is its place, from 1.
type Step = (&'static str, &'static str);

/// The migrations of SQLite.
pub(crate) const SQLITE: [Step; 4] = [
    (
        "warehouse",
        include_str!("../migrations/sqlite/0001_warehouse.sql"),
    ),
    (
        "access",
        include_str!("../migrations/sqlite/0002_access.sql"),
    ),
    ("sums", include_str!("../migrations/sqlite/0003_sums.sql")),
    (
        "volume",
        include_str!("../migrations/sqlite/0004_volume.sql"),
    ),
];

/// The migrations of PostgreSQL.
pub(crate) const POSTGRES: [Step; 5] = [
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
    (
        "volume",
        include_str!("../migrations/postgres/0005_volume.sql"),
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
pub(crate) async fn run_postgres(
    connection: &mut sqlx::PgConnection,
    steps: &[Step],
) -> Result<(), MigrateError> {
    let mut migrator = migrator(steps);
    migrator.create_schema("ops");
    migrator.dangerous_set_table_name(POSTGRES_TABLE);
    migrator.run(connection).await
}

/// The checksum of each migration of PostgreSQL, in order.
pub(crate) fn postgres_checksums() -> Vec<Vec<u8>> {
    let migrator = migrator(&POSTGRES);
    migrator.iter().map(|step| step.checksum.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use sqlx::{AssertSqlSafe, Connection, PgConnection, Row, SqliteConnection};

    use super::*;
    use crate::engine::without_schemas;

    /// Records as they were kept before there were blocks: of two bodies and both subjects, one left out.
    const RECORDS: [(&str, &str, i64, &str); 6] = [
        ("1", "balance_sheet", 1, r#"{"a":1.10}"#),
        ("1", "income_statement", 1, r#"{"a":"é\u00e9","b":-0.00}"#),
        ("1", "income_statement", 2, r#"{"a":[1,{"c":null}]}"#),
        ("1", "income_statement", 4, r#"{"a":1e999}"#),
        ("2", "income_statement", 3, r#"{"a":"]"}"#),
        ("2", "income_statement", 5, r#"{"a":","}"#),
    ];

    const READ: &str = "SELECT siren, subject, record, json FROM raw.record ORDER BY 1, 2, 3";

    /// What fills the tables of that time, with the words that an engine needs.
    fn filled(overriding: &str) -> String {
        let rows = RECORDS.map(|(siren, subject, record, json)| {
            format!("(1, '{siren}', '{subject}', {record}, '{json}')")
        });
        format!(
            "INSERT INTO ops.revision (revision_id, status, created_at, portal, sample, fingerprint,
                 rules_version) {overriding} VALUES (1, 'published', '', '', FALSE, '', 1);
             INSERT INTO raw.record (revision_id, siren, subject, record, json) VALUES {}",
            rows.join(", ")
        )
    }

    fn kept<R: Row>(rows: &[R]) -> Vec<(String, String, i64, String)>
    where
        usize: sqlx::ColumnIndex<R>,
        for<'r> String: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
        for<'r> i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    {
        let record = |row: &R| (row.get(0), row.get(1), row.get(2), row.get(3));
        rows.iter().map(record).collect()
    }

    fn expected() -> Vec<(String, String, i64, String)> {
        let owned = RECORDS.map(|(siren, subject, record, json)| {
            (
                siren.to_owned(),
                subject.to_owned(),
                record,
                json.to_owned(),
            )
        });
        owned.to_vec()
    }

    #[tokio::test]
    async fn records_of_before_there_were_blocks_stay_what_they_are_on_sqlite() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        run(&mut connection, &SQLITE[..3]).await.unwrap();
        let fill = AssertSqlSafe(without_schemas(&filled("")));
        sqlx::raw_sql(fill).execute(&mut connection).await.unwrap();
        run(&mut connection, &SQLITE).await.unwrap();
        let read = AssertSqlSafe(without_schemas(READ));
        let rows = sqlx::query(read).fetch_all(&mut connection).await.unwrap();
        assert_eq!(kept(&rows), expected());
    }

    #[tokio::test]
    async fn records_of_before_there_were_blocks_stay_what_they_are_on_postgresql() {
        let address = centime_test_database::shared().database();
        let mut connection = PgConnection::connect(&address).await.unwrap();
        run_postgres(&mut connection, &POSTGRES[..4]).await.unwrap();
        let parts = "SELECT ops.create_partition('raw.record', 1);
             SELECT ops.attach_partition('raw.record', 1);";
        let fill = AssertSqlSafe(format!("{parts} {}", filled("OVERRIDING SYSTEM VALUE")));
        sqlx::raw_sql(fill).execute(&mut connection).await.unwrap();
        run_postgres(&mut connection, &POSTGRES).await.unwrap();
        let rows = sqlx::query(READ).fetch_all(&mut connection).await.unwrap();
        assert_eq!(kept(&rows), expected());
    }
}

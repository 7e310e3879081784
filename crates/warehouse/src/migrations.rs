//! The migrations of each engine: forward only, checked by checksum, run by one process at a time.

use std::ops::Deref;

use sqlx::migrate::{Migrate, MigrateError, Migration, MigrationType, Migrator};
use sqlx::{AssertSqlSafe, PgConnection, SqlSafeStr, SqlitePool};

/// A migration: its name and its text. Its number is its place, from 1.
type Step = (&'static str, &'static str);

/// The migrations of SQLite.
pub(crate) const SQLITE: [Step; 13] = [
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
    ("nil", include_str!("../migrations/sqlite/0005_nil.sql")),
    (
        "budgets",
        include_str!("../migrations/sqlite/0006_budgets.sql"),
    ),
    (
        "published",
        include_str!("../migrations/sqlite/0007_published.sql"),
    ),
    (
        "witnesses",
        include_str!("../migrations/sqlite/0008_witnesses.sql"),
    ),
    (
        "accounts",
        include_str!("../migrations/sqlite/0009_accounts.sql"),
    ),
    (
        "sources",
        include_str!("../migrations/sqlite/0010_sources.sql"),
    ),
    (
        "aggregates",
        include_str!("../migrations/sqlite/0011_aggregates.sql"),
    ),
    (
        "slices",
        include_str!("../migrations/sqlite/0012_slices.sql"),
    ),
    ("marts", include_str!("../migrations/sqlite/0013_marts.sql")),
];

/// The migrations of PostgreSQL.
pub(crate) const POSTGRES: [Step; 15] = [
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
    ("nil", include_str!("../migrations/postgres/0006_nil.sql")),
    (
        "budgets",
        include_str!("../migrations/postgres/0007_budgets.sql"),
    ),
    (
        "published",
        include_str!("../migrations/postgres/0008_published.sql"),
    ),
    (
        "retention",
        include_str!("../migrations/postgres/0009_retention.sql"),
    ),
    (
        "witnesses",
        include_str!("../migrations/postgres/0010_witnesses.sql"),
    ),
    (
        "accounts",
        include_str!("../migrations/postgres/0011_accounts.sql"),
    ),
    (
        "sources",
        include_str!("../migrations/postgres/0012_sources.sql"),
    ),
    (
        "aggregates",
        include_str!("../migrations/postgres/0013_aggregates.sql"),
    ),
    (
        "slices",
        include_str!("../migrations/postgres/0014_slices.sql"),
    ),
    (
        "marts",
        include_str!("../migrations/postgres/0015_marts.sql"),
    ),
];

/// The table in which PostgreSQL remembers them.
pub(crate) const POSTGRES_TABLE: &str = "ops.migration";

/// The checksum of a migration, and the one that it has in a program that was built from files whose line ends
/// git had converted: the tables that it makes are the same.
pub(crate) struct Checksum {
    ours: Vec<u8>,
    converted: Vec<u8>,
}

impl Checksum {
    /// Whether a checksum is that of this migration.
    pub(crate) fn is(&self, found: &[u8]) -> bool {
        found == self.ours || found == self.converted
    }
}

/// The text of a migration as it was published, however git has written the line ends of its file.
fn published(sql: &str) -> String {
    sql.replace("\r\n", "\n")
}

fn migration(version: i64, (name, _): &Step, sql: String) -> Migration {
    let sql = AssertSqlSafe(sql).into_sql_str();
    Migration::new(version, (*name).into(), MigrationType::Simple, sql, false)
}

fn migrator(steps: &[Step]) -> Migrator {
    let numbered = (1..).zip(steps);
    let migrations = numbered.map(|(version, step)| migration(version, step, published(step.1)));
    Migrator::with_migrations(migrations.collect())
}

/// The checksum of each migration, in order.
pub(crate) fn checksums(steps: &[Step]) -> Vec<Checksum> {
    let checksum = |step, sql| migration(1, step, sql).checksum.into_owned();
    let both = steps.iter().map(|step| Checksum {
        ours: checksum(step, published(step.1)),
        converted: checksum(step, published(step.1).replace('\n', "\r\n")),
    });
    both.collect()
}

/// Gives the migrations of a file their own checksums where a program with converted line ends has run them.
pub(crate) async fn mend_sqlite(pool: &SqlitePool) -> sqlx::Result<()> {
    let table = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '_sqlx_migrations')";
    let (known,): (bool,) = sqlx::query_as(table).fetch_one(pool).await?;
    if !known {
        return Ok(());
    }
    // Nothing is written where nothing has to be: a run may hold the file for long.
    for (version, checksum) in (1_i64..).zip(checksums(&SQLITE)) {
        let found =
            "SELECT EXISTS (SELECT 1 FROM _sqlx_migrations WHERE version = $1 AND checksum = $2)";
        let found = sqlx::query_as(found).bind(version).bind(checksum.converted);
        let (converted,): (bool,) = found.fetch_one(pool).await?;
        if converted {
            sqlx::query("UPDATE _sqlx_migrations SET checksum = $1 WHERE version = $2")
                .bind(checksum.ours)
                .bind(version)
                .execute(pool)
                .await?;
        }
    }
    Ok(())
}

/// The same on PostgreSQL, as the owner of the tables.
pub(crate) async fn mend_postgres(connection: &mut PgConnection) -> sqlx::Result<()> {
    let table = "SELECT to_regclass('ops.migration') IS NOT NULL";
    let (known,): (bool,) = sqlx::query_as(table).fetch_one(&mut *connection).await?;
    if !known {
        return Ok(());
    }
    // Nothing is written where nothing has to be: a loader may not.
    for (version, checksum) in (1_i64..).zip(checksums(&POSTGRES)) {
        let found =
            "SELECT EXISTS (SELECT FROM ops.migration WHERE version = $1 AND checksum = $2)";
        let found = sqlx::query_as(found).bind(version).bind(checksum.converted);
        let (converted,): (bool,) = found.fetch_one(&mut *connection).await?;
        if converted {
            sqlx::query("UPDATE ops.migration SET checksum = $1 WHERE version = $2")
                .bind(checksum.ours)
                .bind(version)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(())
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
    connection: &mut PgConnection,
    steps: &[Step],
) -> Result<(), MigrateError> {
    let mut migrator = migrator(steps);
    migrator.create_schema("ops");
    migrator.dangerous_set_table_name(POSTGRES_TABLE);
    migrator.run(connection).await
}

#[cfg(test)]
mod tests {
    use sqlx::{Connection, Row, SqliteConnection};

    use super::*;
    use crate::engine::names::without_schemas;
    use crate::{DatabaseUrl, OpenMode, Warehouse};

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

    /// What a program that was built from a clone with converted line ends has run.
    fn converted(steps: &[Step]) -> Vec<Step> {
        let steps = steps.iter().map(|(name, sql)| {
            let sql: &'static str = sql.replace('\n', "\r\n").leak();
            (*name, sql)
        });
        steps.collect()
    }

    #[test]
    fn a_migration_is_the_same_whatever_git_does_to_line_ends() {
        for steps in [&SQLITE[..], &POSTGRES[..]] {
            let found = migrator(&converted(steps));
            let checksums = checksums(steps);
            for (migration, checksum) in found.iter().zip(&checksums) {
                assert_eq!(
                    *migration.checksum, *checksum.ours,
                    "{}",
                    migration.description
                );
                assert!(!migration.sql.as_str().contains('\r'));
            }
            let as_it_was = |step: &Step| migration(1, step, step.1.to_owned()).checksum;
            for (step, checksum) in converted(steps).iter().zip(&checksums) {
                assert!(checksum.is(&as_it_was(step)));
                assert!(!checksum.is(b"another"));
            }
        }
    }

    /// What such a program ran: the texts as they were in its files.
    fn as_they_were(steps: &[Step]) -> Migrator {
        let numbered = (1..).zip(converted(steps));
        let migrations =
            numbered.map(|(version, step)| migration(version, &step, step.1.to_owned()));
        Migrator::with_migrations(migrations.collect())
    }

    #[tokio::test]
    async fn a_database_of_a_program_from_a_converted_clone_is_one_of_ours() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centime.db");
        let address = format!("sqlite:{}?mode=rwc", path.display());
        let pool = SqlitePool::connect(&address).await.unwrap();
        let mark = "PRAGMA application_id = 1128615508";
        sqlx::raw_sql(mark).execute(&pool).await.unwrap();
        as_they_were(&SQLITE[..3]).run(&pool).await.unwrap();
        pool.close().await;

        let server = centime_test_database::shared().database();
        let mut connection = PgConnection::connect(&server).await.unwrap();
        let mut migrator = as_they_were(&POSTGRES[..4]);
        migrator.create_schema("ops");
        migrator.dangerous_set_table_name(POSTGRES_TABLE);
        migrator.run(&mut connection).await.unwrap();

        for url in [DatabaseUrl::sqlite(&path), server.parse().unwrap()] {
            for access in [OpenMode::Write, OpenMode::Write, OpenMode::Read] {
                Warehouse::open(&url, access).await.unwrap();
            }
        }
        // One whose migrations were all run is read as it is, by those who may not write.
        let last = "UPDATE ops.migration SET checksum = $1 WHERE version = 1";
        let converted = checksums(&POSTGRES).remove(0).converted;
        let last = sqlx::query(last).bind(converted);
        last.execute(&mut connection).await.unwrap();
        let url: DatabaseUrl = server.parse().unwrap();
        Warehouse::open(&url, OpenMode::Read).await.unwrap();
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

    #[tokio::test]
    async fn datasets_stay_what_they_are_where_a_view_reads_them() {
        let mut connection = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        run(&mut connection, &SQLITE[..7]).await.unwrap();
        let dataset = |subject: &str, [portal, address]: [&str; 2]| {
            format!(
                "INSERT INTO ops_dataset ({portal}revision_id, subject, dataset_id, title, records, retrieved_at,
                     retrieved_via, content_hash, filter)
                 VALUES ({address}1, '{subject}', 'd', '', 3, '', 'export', '', 'a = 1')"
            )
        };
        let fill = format!(
            "INSERT INTO ops_revision (revision_id, status, created_at, portal, sample, fingerprint, rules_version)
                 VALUES (1, 'published', '', '', FALSE, '', 1);
             CREATE VIEW published_dataset AS SELECT subject, records, filter FROM ops_dataset;
             {}",
            dataset("balance_sheet", ["", ""])
        );
        sqlx::raw_sql(AssertSqlSafe(fill))
            .execute(&mut connection)
            .await
            .unwrap();
        run(&mut connection, &SQLITE).await.unwrap();
        let more = AssertSqlSafe(dataset(
            "account_balances",
            ["portal, sample, ", "'', FALSE, "],
        ));
        sqlx::raw_sql(more).execute(&mut connection).await.unwrap();
        let read = "SELECT subject, records, filter FROM published_dataset ORDER BY subject";
        let rows: Vec<(String, i64, String)> = sqlx::query_as(read)
            .fetch_all(&mut connection)
            .await
            .unwrap();
        let row = |subject: &str| (subject.to_owned(), 3, "a = 1".to_owned());
        assert_eq!(rows, [row("account_balances"), row("balance_sheet")]);
    }

    /// What a database of the version before there were views of what is published has: two revisions of one body, of
    /// which the second is published.
    fn of_before_views(overriding: &str) -> String {
        let mut sql = format!(
            "INSERT INTO ops.revision (revision_id, status, created_at, published_at, portal, sample, fingerprint,
                 rules_version) {overriding}
             VALUES (1, 'superseded', '', '2026-01-01T00:00:00Z', '', FALSE, '', 1),
                 (2, 'published', '', '2026-01-02T00:00:00Z', '', FALSE, '', 1);
             INSERT INTO ops.published VALUES (1, 2);
             INSERT INTO ops.run (started_at, finished_at, portal, outcome, revision_id)
             VALUES ('2026-01-02T00:00:00Z', '2026-01-02T00:00:09Z', '', 'published', 2);"
        );
        let loaded = [1, 2].map(|revision| {
            format!(
                "INSERT INTO core.body (revision_id, siren, name, search_text, first_year, last_year, lines)
                 VALUES ({revision}, '1', 'Ville', '', 2023, 2024, 3);
                 INSERT INTO core.line_item (revision_id, item_id, side, category, label, published_category,
                     published_label, matched, role, position, search_text)
                 VALUES ({revision}, 1, 'revenue', 'Produits', 'Impôts', '', '', 'exact', 'line', 1, '');
                 INSERT INTO core.line (revision_id, siren, fiscal_year, record, item_id, amount, counted, missing)
                 VALUES ({revision}, '1', 2023, 1, 1, {revision}00, TRUE, FALSE),
                     ({revision}, '1', 2024, 2, 1, 5, TRUE, FALSE),
                     ({revision}, '1', 2024, 3, 1, NULL, FALSE, TRUE);
                 INSERT INTO raw.record_block (revision_id, siren, subject, first_record, records, json)
                 VALUES ({revision}, '1', 'income_statement', 1, 2, '[{{\"a\":1.10}},\n{{\"b\":\"\\u0000\"}}]');"
            )
        });
        sql.extend(loaded);
        sql
    }

    const ANSWER: crate::Model = crate::Model {
        name: "answer",
        about: "The answer.",
        columns: &[
            crate::Column::new(crate::ColumnName::new("fiscal_year"), crate::Kind::Year),
            crate::Column::new(crate::ColumnName::new("amount"), crate::Kind::Amount).meaning("What's counted."),
            crate::Column::new(crate::ColumnName::new("share"), crate::Kind::Rate),
            crate::Column::new(crate::ColumnName::new("known"), crate::Kind::Flag),
            crate::Column::new(crate::ColumnName::new("names"), crate::Kind::List),
        ],
        sql: crate::ModelSql::new("SELECT 'leaf' AS basis, siren, fiscal_year, SUM(amount) AS amount, 1234 AS share, 1 AS known,
                'a\\nb' || '\n' || 'c' AS names
            FROM core.line WHERE revision_id = $1 GROUP BY siren, fiscal_year
            UNION ALL SELECT 'naive', '1', 2023, 7, 0, 0, NULL"),
        order_by: "fiscal_year",
        bases: &[],
        form: crate::Form::Analysis(crate::Follows::Revision),
        file: None,
    };

    /// What readers ask, and the rows they get: each value as a text.
    const ASKED: [(&str, &str); 6] = [
        ("SELECT CAST(COUNT(*) AS text) FROM core.line", "6"),
        (
            "SELECT CAST(SUM(amount) AS text) FROM published.answer",
            "205",
        ),
        (
            "SELECT CAST(COUNT(*) AS text) FROM published.answer_by_basis",
            "3",
        ),
        (
            "SELECT CAST(SUM(counted_amount) AS text) FROM published.statement_line WHERE body_name = 'Ville'",
            "200",
        ),
        (
            "SELECT CAST(COUNT(*) AS text) FROM published.statement_line WHERE counted",
            "1",
        ),
        (
            "SELECT CAST(COUNT(*) AS text) FROM published.raw_record WHERE siren = '1' AND body_name = 'Ville'",
            "2",
        ),
    ];

    #[tokio::test]
    async fn a_file_of_before_there_were_views_gets_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("centime.db");
        let address = format!("sqlite:{}?mode=rwc", path.display());
        let pool = SqlitePool::connect(&address).await.unwrap();
        let mark = "PRAGMA application_id = 1128615508";
        sqlx::raw_sql(mark).execute(&pool).await.unwrap();
        run(&pool, &SQLITE[..6]).await.unwrap();
        let fill = AssertSqlSafe(without_schemas(&of_before_views("")));
        sqlx::raw_sql(fill).execute(&pool).await.unwrap();

        let warehouse = Warehouse::open(&DatabaseUrl::sqlite(&path), OpenMode::Write)
            .await
            .unwrap();
        warehouse.prepare_marts(&[ANSWER]).await.unwrap();
        for (sql, expected) in ASKED {
            let asked = sqlx::query_as(AssertSqlSafe(without_schemas(sql)));
            let (found,): (String,) = asked.fetch_one(&pool).await.unwrap();
            assert_eq!(found, expected, "{sql}");
        }
        // A list is an array, whatever its entries are made of.
        let list = "SELECT amount_eur, share_percent, known, names FROM published_answer WHERE fiscal_year = 2023";
        let found: (f64, f64, i64, String) = sqlx::query_as(list).fetch_one(&pool).await.unwrap();
        assert_eq!(found, (2.0, 12.34, 1, "[\"a\\\\nb\",\"c\"]".to_owned()));
    }

    #[tokio::test]
    async fn a_server_of_before_there_were_views_gets_them_and_its_tables_are_moved() {
        let server = centime_test_database::shared();
        let database = server.new_database();
        let address = server.url(&database);
        let mut connection = PgConnection::connect(&address).await.unwrap();
        run_postgres(&mut connection, &POSTGRES[..7]).await.unwrap();
        let mut parts = Vec::new();
        for revision in [1, 2] {
            for step in ["create", "attach"] {
                for table in [
                    "core.body",
                    "core.line",
                    "raw.record_block",
                    "core.series_break",
                    "core.balance_line",
                    "core.parent_check",
                    "core.balance_shift",
                ] {
                    parts.push(format!(
                        "SELECT ops.{step}_partition('{table}', {revision});"
                    ));
                }
            }
        }
        // What a killed run has left of a revision, which the next one drops.
        parts.push("SELECT ops.create_partition('core.line', 3);".to_owned());
        let fill = of_before_views("OVERRIDING SYSTEM VALUE");
        let fill = AssertSqlSafe(format!("{} {fill}", parts.concat()));
        sqlx::raw_sql(fill).execute(&mut connection).await.unwrap();

        let warehouse = Warehouse::open(&address.parse().unwrap(), OpenMode::Write)
            .await
            .unwrap();
        warehouse.prepare_marts(&[ANSWER]).await.unwrap();
        for (sql, expected) in ASKED {
            assert_eq!(server.sql(&database, sql), expected, "{sql}");
        }
        let typed =
            "SELECT amount_eur, share_percent, known, names[1], names[2] FROM published.answer
            WHERE fiscal_year = 2023";
        assert_eq!(server.sql(&database, typed), "2.00|12.34|t|a\\nb|c");
        let meaning =
            "SELECT col_description('published.answer'::regclass, attnum) FROM pg_attribute
            WHERE attrelid = 'published.answer'::regclass AND attname = 'amount_eur'";
        assert_eq!(server.sql(&database, meaning), "What's counted. In euros.");
        // Text that the binary form cannot hold is there as it was sent, and not in that form.
        let records = "SELECT string_agg(COALESCE(data::text, '-'), ' ' ORDER BY record) FROM published.raw_record";
        assert_eq!(server.sql(&database, records), "{\"a\": 1.10} -");
        let places = "SELECT string_agg(DISTINCT nspname, ' ') FROM pg_class
            JOIN pg_namespace AS space ON space.oid = relnamespace WHERE relispartition AND relkind = 'r'";
        assert_eq!(server.sql(&database, places), "partition");
        server.sql(
            &database,
            "SELECT ops.drop_revision(1); SELECT ops.drop_revision(3)",
        );
        let left = "SELECT count(*) FROM pg_class
            WHERE relkind = 'r' AND relname ~ '_[rs][0-9]+$' AND relname !~ '_[rs]2$'";
        assert_eq!(server.sql(&database, left), "0");
        assert_eq!(server.sql(&database, ASKED[1].0), "205");
    }
}

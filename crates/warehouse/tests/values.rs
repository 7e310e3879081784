//! What is stored under a name that this version does not know is an error that names it, and never a blank.

use centime_warehouse::lines::{Filter, Order};
use centime_warehouse::revision::NewRevision;
use centime_warehouse::staging::NewBody;
use centime_warehouse::{DatabaseUrl, Ledger, OpenMode, Warehouse};
use sqlx::{Connection, SqliteConnection};

const WRONG: &str = "weather";

/// A number that is no fiscal year.
const NO_YEAR: &str = "20240";

/// What changes a value that is stored to one that no version has written.
const CHANGES: [(&str, &str); 14] = [
    ("ops_run", "outcome"),
    ("ops_run", "cause"),
    ("ops_check_result", "outcome"),
    ("ops_check_result", "subjects"),
    ("ops_dataset", "subject"),
    ("ops_dataset", "retrieved_via"),
    ("core_body", "budget"),
    ("slice_line_item", "nomenclature"),
    ("slice_line_item", "side"),
    ("slice_line_item", "role"),
    ("slice_line_item", "matched"),
    ("slice_parent_check", "used"),
    ("core_series_break", "kind"),
    ("ops_audit_event", "outcome"),
];

/// Where fiscal years are stored.
const YEARS: [(&str, &str); 5] = [
    ("core_body", "first_year"),
    ("core_body", "last_year"),
    ("slice_line", "fiscal_year"),
    ("slice_parent_check", "fiscal_year"),
    ("core_series_break", "fiscal_year"),
];

/// What a revision has, one row of each.
const ROWS: &str = "
    DROP TRIGGER ops_audit_event_stays;
    INSERT INTO ops_run (run_id, started_at, finished_at, portal, outcome, revision_id, cause)
    VALUES (1, '', '', '', 'failed', 1, 'data');
    INSERT INTO ops_check_result (run_id, position, name, outcome, found, subjects)
    VALUES (1, 1, 'no-duplicates', 'warn', 1, '[\"2024\"]');
    INSERT INTO ops_dataset (revision_id, subject, portal, sample, dataset_id, title, records, retrieved_at, retrieved_via, content_hash)
    VALUES (1, 'balance_sheet', '', FALSE, '', '', 1, '', 'export', '');
    INSERT INTO core_series_break (revision_id, siren, fiscal_year, kind) VALUES (1, '1', 2024, 'perimeter');
    INSERT INTO ops_slice (slice_id) VALUES (1);
    INSERT INTO core_revision_slice (revision_id, slice_id, shift) VALUES (1, 1, 0);
    INSERT INTO slice_parent_check (slice_id, siren, fiscal_year, block, code, label, role, used)
    VALUES (1, '1', 2024, 'b', 'c', '', 'total', 'neither');
    INSERT INTO slice_line_item (slice_id, item_id, side, category, label, published_category, published_label,
        matched, role, position, search_text)
    VALUES (1, 1, 'revenue', '', '', '', '', 'exact', 'line', 1, '');
    INSERT INTO slice_line (slice_id, siren, fiscal_year, record, item_id, amount, counted, missing, nil)
    VALUES (1, '1', 2024, 1, 1, 100, TRUE, FALSE, FALSE);
    INSERT INTO ops_audit_event (at, action, outcome) VALUES ('', 'login', 'done');
    UPDATE ops_revision SET status = 'published', published_at = '' WHERE revision_id = 1;
    INSERT INTO ops_published (only_row, revision_id) VALUES (1, 1)";

async fn run(url: &DatabaseUrl, sql: String) {
    let path = url.path().unwrap().display().to_string();
    let connection = SqliteConnection::connect(&format!("sqlite:{path}"));
    let mut connection = connection.await.unwrap();
    let sql = format!("PRAGMA ignore_check_constraints = ON; {sql}");
    let run = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
    run.execute(&mut connection).await.unwrap();
}

/// Everything that is read of the revision: what the first reading that fails says.
async fn complaint(url: &DatabaseUrl) -> Option<String> {
    let warehouse = Warehouse::open(url, OpenMode::Read).await.unwrap();
    let ledger = Ledger::open(url).await.unwrap();
    let first = Order::default();
    let read = async {
        warehouse.publication().await?;
        warehouse.runs(10).await?;
        warehouse.run_checks(1).await?;
        warehouse.datasets(1).await?;
        warehouse.only_body(1).await?;
        warehouse.series_breaks(1, "1").await?;
        warehouse.parent_checks(1, "1").await?;
        warehouse
            .first_lines(1, "1", &Filter::default(), first, 10)
            .await?;
        ledger.events(10).await?;
        Ok::<(), centime_warehouse::Error>(())
    };
    let outcome = read.await;
    warehouse.close().await;
    ledger.close().await;
    outcome.err().map(|error| error.to_string())
}

#[tokio::test]
async fn what_is_stored_under_an_unknown_name_is_an_error_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::sqlite(folder.path().join("centime.db"));
    let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
    let new = NewRevision {
        created_at: String::new(),
        portal: String::new(),
        sample: false,
        rules_version: 1,
    };
    let mut staging = warehouse.stage(&new).await.unwrap();
    let body = NewBody {
        siren: "1".to_owned(),
        name: String::new(),
        budget: None,
        first_year: centime_accounts::FiscalYear::parse("2024").unwrap(),
        last_year: centime_accounts::FiscalYear::parse("2024").unwrap(),
        lines: 1,
        sample: false,
    };
    staging.body(&body).await.unwrap();
    staging.complete().await.unwrap();
    staging.commit("").await.unwrap();
    warehouse.close().await;
    run(&url, ROWS.to_owned()).await;
    assert_eq!(complaint(&url).await, None);

    let names = CHANGES.map(|change| (change, WRONG));
    let years = YEARS.map(|change| (change, NO_YEAR));
    for ((table, column), wrong) in names.into_iter().chain(years) {
        run(
            &url,
            format!(
                "CREATE TABLE before AS SELECT {column} AS value FROM {table};
                 UPDATE {table} SET {column} = '{wrong}'"
            ),
        )
        .await;
        let found = complaint(&url).await.unwrap_or_default();
        assert!(
            found.contains(&format!("«{wrong}»")),
            "{table}.{column}: {found:?}"
        );
        assert!(found.contains(column), "{table}.{column}: {found:?}");
        run(
            &url,
            format!("UPDATE {table} SET {column} = (SELECT value FROM before); DROP TABLE before"),
        )
        .await;
    }
    assert_eq!(complaint(&url).await, None);
}

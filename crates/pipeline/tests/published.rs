//! What people read with SQL of their own: the views of what is published, on both engines, while runs work, with many
//! revisions kept, and after an upgrade.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use crate::common::{
    BALANCE, BALANCE_DESCRIPTION, Bench, STATEMENT, STATEMENT_DESCRIPTION, Silent, serve, source,
};
use centime_analytics::columns;
use centime_pipeline::{AcceptedChanges, Policy};
use centime_portal_sim::{Running, SimDataset, Simulator};
use centime_test_database::{on_cluster, on_postgres, shared};
use centime_warehouse::roles::{Passwords, READER};
use centime_warehouse::{Basis, Cell, ColumnName, Table};
use sqlx::{Column as _, Row as _, SqlitePool, TypeInfo as _, ValueRef as _};

/// A row, each value as a text: amounts in euros, nothing as an empty one.
type Row = Vec<String>;

/// Roles are those of the server, which the tests share.
static ROLES: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

/// A reader of the database of a bench, as a newcomer is one: as the role that is meant for it, in the words of its
/// engine.
enum Newcomer {
    Sqlite(SqlitePool),
    Postgres { database: String },
}

impl Newcomer {
    async fn of(bench: &Bench) -> Self {
        if !on_postgres() {
            let pool = SqlitePool::connect(&bench.address).await;
            return Self::Sqlite(pool.expect("the file"));
        }
        let one_at_a_time = ROLES.lock().await;
        let made = bench.warehouse.make_roles(&Passwords::default()).await;
        made.expect("roles");
        drop(one_at_a_time);
        let (_, database) = bench.address.rsplit_once('/').expect("a database");
        Self::Postgres {
            database: database.to_owned(),
        }
    }

    async fn ask(&self, sql: &str) -> Vec<Row> {
        match self {
            Self::Sqlite(pool) => {
                let sql = sqlx::AssertSqlSafe(sql.replace("published.", "published_"));
                let rows = sqlx::query(sql).fetch_all(pool).await.expect("an answer");
                let row =
                    |row: &sqlx::sqlite::SqliteRow| (0..row.len()).map(|i| cell(row, i)).collect();
                rows.iter().map(row).collect()
            }
            Self::Postgres { database } => {
                let rows = shared().try_sql(READER, database, sql);
                let rows = rows.unwrap_or_else(|refusal| panic!("{sql}: {refusal}"));
                let row = |line: &str| line.split('|').map(str::to_owned).collect();
                rows.lines().map(row).collect()
            }
        }
    }
}

/// A value as psql writes it.
fn cell(row: &sqlx::sqlite::SqliteRow, at: usize) -> String {
    let value = row.try_get_raw(at).expect("a value");
    if value.is_null() {
        return String::new();
    }
    match value.type_info().name() {
        "INTEGER" => row.get::<i64, _>(at).to_string(),
        "REAL" => format!("{:.2}", row.get::<f64, _>(at)),
        "TEXT" => row.get::<String, _>(at),
        other => panic!("{}: {other}", row.column(at).name()),
    }
}

/// Publishes what a portal has, also when it is what is published already, and keeps ten revisions.
async fn publish(bench: &Bench, portal: &Running) {
    let forget = "UPDATE ops.revision SET fingerprint = ''";
    if on_postgres() {
        let (_, database) = bench.address.rsplit_once('/').expect("a database");
        shared().sql(database, forget);
    } else {
        let pool = SqlitePool::connect(&bench.address).await.expect("the file");
        let forget = sqlx::query("UPDATE ops_revision SET fingerprint = ''");
        forget.execute(&pool).await.expect("an update");
        pool.close().await;
    }
    let policy = Policy {
        keep: 10,
        accept_changes: AcceptedChanges::ALL,
    };
    let models = centime_analytics::models();
    let source = source(&portal.url());
    let published =
        centime_pipeline::run(&source, &bench.warehouse, &models, policy, &Silent).await;
    published.expect("a publication");
}

/// A portal with these records of an income statement, as another sample edition.
async fn sample_with(statement: &str) -> Running {
    let dataset = |description, records| SimDataset::from_texts(description, records);
    let statement = dataset(STATEMENT_DESCRIPTION, statement).expect("a dataset");
    let balance = dataset(BALANCE_DESCRIPTION, BALANCE).expect("a dataset");
    serve(Simulator::from_datasets(vec![statement, balance])).await
}

/// Centimes as a newcomer reads them.
fn euros(centimes: i64) -> String {
    let sign = if centimes < 0 { "-" } else { "" };
    let centimes = centimes.unsigned_abs();
    format!("{sign}{}.{:02}", centimes / 100, centimes % 100)
}

/// Some columns of an analysis as its view has them.
fn shown(table: &Table, columns: &[&'static str]) -> Vec<Row> {
    let cell = |row: &[Cell], name| {
        let name = ColumnName::new(name);
        assert!(table.has(name), "{name}");
        match table.cell(row, name) {
            Cell::Amount(amount) => amount.to_string(),
            Cell::Rate(rate) => rate.to_string(),
            Cell::Year(year) => year.to_string(),
            Cell::Count(number) => number.to_string(),
            cell => cell.text().unwrap_or_default().to_owned(),
        }
    };
    let rows = table.rows.iter();
    let mut rows: Vec<Row> = rows
        .map(|row| columns.iter().map(|name| cell(row, name)).collect())
        .collect();
    rows.sort();
    rows
}

/// The analyses as a newcomer writes them down: asked of the view of the analysis, and added up from lines.
struct Asked {
    analysis: &'static str,
    columns: &'static [&'static str],
    of_view: &'static str,
    /// From lines; a year without all its amounts has nothing there.
    of_lines: &'static str,
    /// Columns that lines tell.
    lines_tell: &'static [&'static str],
    /// How rows of lines are told from others that lines have nothing for.
    only: fn(&Row) -> bool,
}

const ASKED: [Asked; 6] = [
    Asked {
        analysis: "yearly-result",
        columns: &["fiscal_year", "revenue", "expense", "result", "published_result"],
        of_view: "SELECT fiscal_year, SUM(revenue_eur), SUM(expense_eur), SUM(result_eur), SUM(published_result_eur)
            FROM published.yearly_result WHERE siren = '{siren}' GROUP BY fiscal_year",
        of_lines: "SELECT fiscal_year,
                ROUND(SUM(CASE WHEN side = 'revenue' THEN counted_amount_eur END), 2),
                ROUND(SUM(CASE WHEN side = 'expense' THEN counted_amount_eur END), 2)
            FROM published.statement_line WHERE siren = '{siren}' GROUP BY fiscal_year",
        lines_tell: &["fiscal_year", "revenue", "expense"],
        only: |_| true,
    },
    Asked {
        analysis: "exceptional-charges",
        columns: &["fiscal_year", "exceptional_charges", "successor_charges", "mixed_charges"],
        of_view: "SELECT fiscal_year, exceptional_charges_eur, successor_charges_eur, mixed_charges_eur
            FROM published.exceptional_charges WHERE siren = '{siren}'",
        of_lines: "SELECT fiscal_year, ROUND(SUM(counted_amount_eur), 2) FROM published.statement_line
            WHERE siren = '{siren}' AND side = 'expense' AND activity = 'exceptional' AND year_complete
            GROUP BY fiscal_year",
        lines_tell: &["fiscal_year", "exceptional_charges"],
        only: |row| !row[1].is_empty(),
    },
    Asked {
        analysis: "operating-profitability",
        columns: &["fiscal_year", "operating_revenue", "operating_expense", "operating_result", "margin"],
        of_view: "SELECT fiscal_year, operating_revenue_eur, operating_expense_eur, operating_result_eur, margin_percent
            FROM published.operating_profitability WHERE siren = '{siren}'",
        of_lines: "SELECT fiscal_year,
                ROUND(SUM(CASE WHEN side = 'revenue' THEN counted_amount_eur END), 2),
                ROUND(SUM(CASE WHEN side = 'expense' THEN counted_amount_eur END), 2)
            FROM published.statement_line WHERE siren = '{siren}' AND activity = 'operating' GROUP BY fiscal_year",
        lines_tell: &["fiscal_year", "operating_revenue", "operating_expense"],
        only: |_| true,
    },
    Asked {
        analysis: "expense-by-category",
        columns: &["fiscal_year", "category", "amount", "share", "rank"],
        of_view: "SELECT fiscal_year, category, amount_eur, share_percent, rank
            FROM published.expense_by_category WHERE siren = '{siren}'",
        of_lines: "SELECT fiscal_year, category, ROUND(SUM(counted_amount_eur), 2) FROM published.statement_line
            WHERE siren = '{siren}' AND side = 'expense' GROUP BY fiscal_year, category
            HAVING COUNT(counted_amount_eur) > 0",
        lines_tell: &["fiscal_year", "category", "amount"],
        only: |row| row[0] != "2018",
    },
    Asked {
        analysis: "expense-by-harmonised-category",
        columns: &["fiscal_year", "harmonised_category", "amount", "share", "change"],
        of_view: "SELECT fiscal_year, harmonised_category, amount_eur, share_percent, change_percent
            FROM published.expense_by_harmonised_category WHERE siren = '{siren}'",
        of_lines: "SELECT fiscal_year, harmonised_category, ROUND(SUM(counted_amount_eur), 2)
            FROM published.statement_line
            WHERE siren = '{siren}' AND side = 'expense' GROUP BY fiscal_year, harmonised_category
            HAVING COUNT(counted_amount_eur) > 0",
        lines_tell: &["fiscal_year", "harmonised_category", "amount"],
        only: |row| row[0] != "2018",
    },
    Asked {
        analysis: "financial-return",
        columns: &["fiscal_year", "financial_revenue", "asset_income", "financial_assets", "rate_of_return", "status"],
        of_view: "SELECT fiscal_year, financial_revenue_eur, asset_income_eur, financial_assets_eur,
                rate_of_return_percent, status
            FROM published.financial_return WHERE siren = '{siren}'",
        of_lines: "SELECT fiscal_year, ROUND(SUM(counted_amount_eur), 2),
                COALESCE(ROUND(SUM(CASE WHEN asset_income = 'exact' THEN counted_amount_eur END), 2), 0.00)
            FROM published.statement_line
            WHERE siren = '{siren}' AND side = 'revenue' AND activity = 'financial' AND year_complete
            GROUP BY fiscal_year",
        lines_tell: &["fiscal_year", "financial_revenue", "asset_income"],
        only: |row| row[0] != "2018",
    },
];

/// Asks for every analysis of a body, and holds the answers against the analyses.
async fn all_are_right(bench: &Bench, newcomer: &Newcomer, siren: &str) {
    let revision = bench.warehouse.current().await.expect("a revision").id;
    for asked in ASKED {
        let analysis = centime_analytics::by_name(asked.analysis).expect("an analysis");
        let table = bench
            .warehouse
            .mart(&analysis.model, revision, siren, Basis::Leaf)
            .await;
        let table = table.expect("a mart");
        let mut rows = newcomer.ask(&asked.of_view.replace("{siren}", siren)).await;
        rows.sort();
        assert_eq!(
            rows,
            shown(&table, asked.columns),
            "{} {siren}",
            asked.analysis
        );
        assert!(!rows.is_empty());

        let mut expected = shown(&table, asked.lines_tell);
        // A year without all its amounts is not known by its lines, whatever is known of its parts.
        for row in expected
            .iter_mut()
            .filter(|row| row[0] == "2018" && siren == PARIS)
        {
            row[1..].fill(String::new());
        }
        expected.retain(asked.only);
        let mut rows = newcomer
            .ask(&asked.of_lines.replace("{siren}", siren))
            .await;
        rows.sort();
        assert_eq!(rows, expected, "{} {siren}, from lines", asked.analysis);
    }
}

const PARIS: &str = "217500016";

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_s_questions_are_answered_right_with_ten_revisions_kept() {
    let bench = Bench::new().await;
    // Others come before, whose figures are not those of now.
    let other = sample_with(&STATEMENT.replace("9292403.46", "9292403.47")).await;
    let portal = sample_with(STATEMENT).await;
    for round in 0..10 {
        publish(&bench, if round % 2 == 0 { &other } else { &portal }).await;
    }
    assert_eq!(bench.warehouse.revisions().await.unwrap().len(), 10);
    let newcomer = Newcomer::of(&bench).await;
    all_are_right(&bench, &newcomer, PARIS).await;

    let ask = async |sql: &str| newcomer.ask(sql).await;
    // What is asked first, and without a condition.
    let results = ask(
        "SELECT fiscal_year, SUM(result_eur) FROM published.yearly_result GROUP BY 1 ORDER BY 1",
    )
    .await;
    assert_eq!(results[0], ["2016", "211037496.68"]);
    assert_eq!(results[2], ["2018", ""], "a missing amount is not zero");
    assert_eq!(results.len(), 9);
    // Lines of a year that is not complete give no result, however they are added up.
    for sql in [
        "SELECT SUM(counted_amount_eur) FROM published.statement_line WHERE fiscal_year = 2018",
        "SELECT SUM(amount_eur) FROM published.statement_line WHERE fiscal_year = 2018 AND counted",
        "SELECT SUM(amount_eur) FROM published.statement_line WHERE fiscal_year = 2018 AND year_complete",
    ] {
        assert_eq!(ask(sql).await.concat().concat(), "", "{sql}");
    }
    let counts = ask(
        "SELECT (SELECT COUNT(*) FROM published.body), (SELECT COUNT(*) FROM published.statement_line),
            (SELECT COUNT(*) FROM published.balance_sheet), (SELECT COUNT(*) FROM published.raw_record),
            (SELECT COUNT(*) FROM published.dataset), (SELECT COUNT(*) FROM published.check_result WHERE position = 1),
            (SELECT COUNT(*) FROM published.run), (SELECT COUNT(*) FROM published.run WHERE is_current),
            (SELECT COUNT(*) FROM published.yearly_result_by_basis)",
    );
    assert_eq!(
        counts.await,
        [["1", "380", "506", "886", "2", "1", "10", "1", "18"]]
    );
    let named = ask(
        "SELECT DISTINCT body_name, siren FROM published.statement_line
         UNION SELECT body_name, siren FROM published.raw_record
         UNION SELECT body_name, siren FROM published.balance_sheet
         UNION SELECT body_name, siren FROM published.financial_return",
    );
    assert_eq!(named.await, [["Ville de Paris", PARIS]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn several_bodies_are_asked_one_by_one_and_together() {
    let bench = Bench::new().await;
    let portal = serve(Simulator::sample_of_bodies(12)).await;
    for _ in 0..2 {
        publish(&bench, &portal).await;
    }
    let newcomer = Newcomer::of(&bench).await;
    let revision = bench.warehouse.current().await.unwrap().id;
    let bodies = bench
        .warehouse
        .bodies(revision, "", 0, 20)
        .await
        .unwrap()
        .bodies;
    assert_eq!(bodies.len(), 12);
    let mut expected: BTreeMap<String, i64> = BTreeMap::new();
    for body in &bodies {
        all_are_right(&bench, &newcomer, &body.siren).await;
        let result = &centime_analytics::by_name("yearly-result").unwrap().model;
        let table = bench
            .warehouse
            .mart(result, revision, &body.siren, Basis::Leaf)
            .await
            .unwrap();
        for row in &table.rows {
            let year = table
                .cell(row, columns::FISCAL_YEAR)
                .year()
                .unwrap()
                .to_string();
            if let Some(result) = table.cell(row, columns::RESULT).amount() {
                *expected.entry(year).or_default() += result.get();
            }
        }
    }
    let expected: Vec<Row> = expected
        .into_iter()
        .map(|(year, sum)| vec![year, euros(sum)])
        .collect();
    let all = "SELECT fiscal_year, SUM(result_eur) FROM published.yearly_result
        WHERE status <> 'incomplete' GROUP BY 1 ORDER BY 1";
    assert_eq!(newcomer.ask(all).await, expected);
    let lines = "SELECT fiscal_year, ROUND(SUM(
            CASE side WHEN 'revenue' THEN counted_amount_eur WHEN 'expense' THEN -counted_amount_eur END), 2)
        FROM published.statement_line WHERE year_complete GROUP BY fiscal_year ORDER BY fiscal_year";
    assert_eq!(newcomer.ask(lines).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_moments_and_records_have_types_of_their_own() {
    let bench = Bench::new().await;
    publish(&bench, &serve(Simulator::sample()).await).await;
    let newcomer = Newcomer::of(&bench).await;
    // Each missing amount is an entry, as the analysis has it.
    let table = bench.table("yearly-result", Basis::Leaf).await;
    let missing: Vec<String> = table
        .cell(&table.rows[2], columns::MISSING_LINES)
        .list()
        .map(str::to_owned)
        .collect();
    assert!(missing.len() > 20 && missing[0].contains('\''));
    let entries = if on_postgres() {
        "SELECT unnest(missing_lines) FROM published.yearly_result WHERE fiscal_year = 2018"
    } else {
        "SELECT entry.value FROM published.yearly_result JOIN json_each(missing_lines) AS entry WHERE fiscal_year = 2018"
    };
    let entries: Vec<String> = newcomer.ask(entries).await.into_iter().flatten().collect();
    assert_eq!(entries, missing);
    if !on_postgres() {
        return;
    }
    let types = "SELECT string_agg(DISTINCT column_name || ' ' || data_type, ', ' ORDER BY column_name || ' ' || data_type)
        FROM information_schema.columns
        WHERE table_schema = 'published' AND column_name IN (
            'started_at', 'retrieved_at', 'missing_lines', 'subjects', 'data', 'result_eur', 'share_percent', 'counted')";
    assert_eq!(
        newcomer.ask(types).await,
        [[
            "counted bigint, counted boolean, data jsonb, missing_lines ARRAY, result_eur numeric, \
           retrieved_at timestamp with time zone, share_percent numeric, started_at timestamp with time zone, \
           subjects ARRAY"
        ]]
    );
    let record = "SELECT data ->> 'exercice_comptable', jsonb_typeof(data -> 'montant_en_eur')
        FROM published.raw_record WHERE siren = '217500016' AND subject = 'income_statement' AND record = 1";
    assert_eq!(newcomer.ask(record).await, [["2021", "number"]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_view_opens_the_tables_of_one_revision() {
    if !on_postgres() || on_cluster() {
        return;
    }
    let bench = Bench::new().await;
    let portal = serve(Simulator::sample()).await;
    for _ in 0..4 {
        publish(&bench, &portal).await;
    }
    let newcomer = Newcomer::of(&bench).await;
    let views = newcomer
        .ask("SELECT table_name FROM information_schema.views WHERE table_schema = 'published'")
        .await;
    assert_eq!(views.len(), 13 + 2 * centime_analytics::ANALYSES.len());
    for view in views.into_iter().flatten() {
        let explain = format!(
            "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM published.{view}"
        );
        let plan: Vec<String> = newcomer
            .ask(&explain)
            .await
            .into_iter()
            .map(|row| row.join("|"))
            .collect();
        let opened = plan
            .iter()
            .filter(|line| line.contains(" on ") && line.contains("_r") && line.contains("Scan"));
        for line in opened {
            let of_revision = line.split_whitespace().find_map(|word| {
                word.rsplit_once("_r")
                    .and_then(|(_, number)| number.parse::<u32>().ok())
            });
            let Some(revision) = of_revision else {
                continue;
            };
            assert!(
                revision == 4 || line.contains("never executed"),
                "{view}: {line}\n{}",
                plan.join("\n")
            );
        }
    }
}

/// What is published and what a reader is not to see, as they are found again and again while something else happens.
struct Watch {
    stop: AtomicBool,
    looked: AtomicUsize,
}

/// Some of everything that is published, in one row.
const SEEN: &str = "SELECT
        (SELECT COUNT(*) FROM published.body) || ' ' ||
        (SELECT COUNT(*) FROM published.statement_line) || ' ' ||
        (SELECT SUM(counted_amount) FROM published.statement_line WHERE fiscal_year = 2021 AND side = 'revenue') || ' ' ||
        (SELECT SUM(revenue) FROM published.yearly_result WHERE fiscal_year = 2021) || ' ' ||
        (SELECT COUNT(*) FROM published.raw_record) || ' ' ||
        (SELECT COUNT(*) FROM published.run WHERE is_current)";

/// Lets those who watch stop, whatever happens to the one who made this.
struct Stop<'a>(&'a Watch);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}

/// What a reader must never get at, whatever its name is guessed to be.
fn hidden(revision: i64) -> Vec<String> {
    vec![
        format!("SELECT COUNT(*) FROM partition.slice_line_s{revision}"),
        format!("SELECT COUNT(*) FROM partition.slice_mart_yearly_result_s{revision}"),
        "SELECT COUNT(*) FROM core.line".to_owned(),
        "SELECT COUNT(*) FROM slice.line".to_owned(),
        "SELECT COUNT(*) FROM mart.yearly_result".to_owned(),
        "SELECT COUNT(*) FROM ops.revision".to_owned(),
        "SELECT COUNT(*) FROM raw.record".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_sees_what_is_published_while_runs_work_are_refused_and_are_given_up() {
    if !on_postgres() {
        return;
    }
    let bench = Bench::new().await;
    publish(&bench, &sample_with(STATEMENT).await).await;
    let newcomer = Newcomer::of(&bench).await;
    let Newcomer::Postgres { database } = &newcomer else {
        return;
    };
    let first = newcomer.ask(SEEN).await.remove(0).remove(0);
    let watch = Watch {
        stop: AtomicBool::new(false),
        looked: AtomicUsize::new(0),
    };
    let allowed = std::sync::Mutex::new(vec![first.clone()]);
    let other = sample_with(&STATEMENT.replace("9292403.46", "9292403.47")).await;
    let lost: String = STATEMENT
        .lines()
        .filter(|line| !line.contains("\"2023\""))
        .flat_map(|line| [line, "\n"])
        .collect();
    let refused = sample_with(&lost).await;
    let many = serve(Simulator::sample_of_bodies(800)).await;

    let reader = || {
        while !watch.stop.load(Ordering::Relaxed) {
            let seen = shared()
                .try_sql(READER, database, SEEN)
                .expect("an answer at any time");
            assert!(allowed.lock().unwrap().contains(&seen), "{seen}");
            for sql in (1..=8).flat_map(hidden) {
                let refusal = shared().try_sql(READER, database, &sql);
                let refusal = refusal.expect_err(&sql);
                assert!(
                    refusal.contains("permission denied for schema"),
                    "{sql}: {refusal}"
                );
            }
            watch.looked.fetch_add(1, Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        let stop = Stop(&watch);
        let handles = [scope.spawn(reader)];
        // Quick looks, between the others.
        let quick = scope.spawn(|| {
            while !watch.stop.load(Ordering::Relaxed) {
                let seen = shared()
                    .try_sql(READER, database, SEEN)
                    .expect("an answer at any time");
                assert!(allowed.lock().unwrap().contains(&seen), "{seen}");
                watch.looked.fetch_add(1, Ordering::Relaxed);
            }
        });
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                for _ in 0..2 {
                    let error = bench.run(&refused).await.expect_err("lost years");
                    assert!(error.to_string().contains("2023"), "{error}");
                }
                // Given up in its middle, as by whoever kills the program, at several moments.
                for moment in [100, 250, 500, 800] {
                    // Over connections that no run was given up on.
                    let bench = Bench::at(&bench.address).await;
                    let run = bench.run_with(&many, true);
                    let ended = tokio::time::timeout(Duration::from_millis(moment), run).await;
                    assert!(ended.is_err(), "a run that ended before it was given up: {ended:?}");
                    let gone = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
                        WHERE datname = current_database() AND usename = 'postgres' AND pid <> pg_backend_pid()
                            AND application_name = 'centime'";
                    shared().sql(database, gone);
                    assert_eq!(newcomer.ask(SEEN).await, [[first.clone()]]);
                }
            });
        });
        tokio::task::block_in_place(|| {
            tokio::runtime::Handle::current().block_on(async {
                // One that ends well: from the one to the other at once.
                let second = {
                    let changed = Bench::new().await;
                    publish(&changed, &other).await;
                    Newcomer::of(&changed)
                        .await
                        .ask(SEEN)
                        .await
                        .remove(0)
                        .remove(0)
                };
                assert_ne!(first, second);
                allowed.lock().unwrap().push(second.clone());
                // Over connections that no run was given up on.
                publish(&Bench::at(&bench.address).await, &other).await;
                assert_eq!(newcomer.ask(SEEN).await, [[second]]);
            });
        });
        drop(stop);
        for handle in handles.into_iter().chain([quick]) {
            handle.join().expect("a reader without surprise");
        }
    });
    assert!(watch.looked.load(Ordering::Relaxed) > 20);
}

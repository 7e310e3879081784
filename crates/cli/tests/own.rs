//! SQL of one's own: analyses and checks in files, and statements of readers.

#![allow(
    clippy::too_many_lines,
    reason = "one database, asked in many ways, and long tables of what must be refused"
)]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use crate::common::{Place, Running, get, stderr};
use centime_analytics::own::Folder;
use centime_analytics::{Catalogue, Language};
use centime_metabase::Definitions;
use centime_test_database::{fresh, on_postgres, shared};
use centime_warehouse::sql::{Answer, Cut, Limits, NoAnswer, SqlReader};

/// The folder with the example of the guide.
fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/examples")
}

/// A place with a configuration, the example of the guide beside it, and an empty database.
struct Own {
    place: Place,
    database: String,
}

impl Own {
    fn new(settings: &str) -> Self {
        let place = Place::new();
        let database = fresh(place.folder.path());
        fs::write(place.path("centime.toml"), settings).expect("a file");
        for folder in ["analyses.d", "checks.d"] {
            fs::create_dir(place.path(folder)).expect("a folder");
            for entry in fs::read_dir(examples().join(folder)).expect("the example") {
                let from = entry.expect("a file").path();
                let name = from.file_name().expect("a name");
                fs::copy(&from, place.path(folder).join(name)).expect("a copy");
            }
        }
        Self { place, database }
    }

    fn args<'a>(&'a self, args: &[&'a str]) -> Vec<&'a str> {
        [args, &["--database", &self.database]].concat()
    }

    fn stdout(&self, args: &[&str]) -> String {
        self.place.stdout(&self.args(args))
    }

    /// What a command says that is refused, with its exit code.
    fn refused(&self, args: &[&str]) -> (i32, String) {
        let output = self.place.output(&self.args(args));
        assert!(!output.status.success(), "{args:?}");
        (output.status.code().expect("a code"), stderr(&output))
    }

    /// Makes the roles of a server, which the tests share.
    fn make_roles(&self) {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _turn = ONE_AT_A_TIME.lock().expect("a turn");
        self.stdout(&["db", "roles", "--quiet"]);
    }

    fn run(&self) {
        self.stdout(&["run", "--sample", "--quiet"]);
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.place.path(name), text).expect("a file");
    }

    fn serve(&self, variables: &[(&str, &str)]) -> Running {
        let args = self.args(&["serve", "--sample", "--listen", "127.0.0.1:0"]);
        let mut command = self.place.centime(&args);
        command.envs(variables.iter().copied());
        Running::start(command)
    }

    /// The address of the database as somebody else.
    fn address_as(&self, role: &str) -> String {
        let (_, name) = self.database.rsplit_once('/').expect("a database");
        shared().url_as(role, name)
    }
}

/// A catalogue with what is in a folder.
fn catalogue(folder: &Path) -> Catalogue {
    let (analyses, checks) = (folder.join("analyses.d"), folder.join("checks.d"));
    let named = |path| Folder { path, named: true };
    Catalogue::load(named(&analyses), named(&checks), &[]).expect("a catalogue")
}

/// What a site answers a program.
fn data(site: &Running, path: &str) -> String {
    let host = site.address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("a site");
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    )
    .expect("a question");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

/// The value of a column in 2024.
fn cell<'a>(csv: &'a str, column: &str) -> &'a str {
    let mut lines = csv.lines();
    let header = lines.next().expect("a header");
    let place = |name: &str| header.split(',').position(|known| known == name);
    let value = |row: &'a str, name: &str| row.split(',').nth(place(name).expect(name));
    let row = lines.find(|row| value(row, "fiscal_year") == Some("2024"));
    value(row.expect("2024"), column).expect("a value")
}

#[test]
fn an_analysis_and_a_check_of_one_s_own_are_everywhere() {
    let own = Own::new("");
    own.run();
    let csv = own.stdout(&["analyse", "debt-cost", "--sample", "--format", "csv"]);
    assert!(csv.contains("fiscal_year,financial_expense,total_revenue,cost_of_debt,doubts\n"));
    let [expense, revenue, cost] =
        ["financial_expense", "total_revenue", "cost_of_debt"].map(|name| cell(&csv, name));
    // What its query says, from amounts that the program's own analyses give.
    let yearly = own.stdout(&["analyse", "yearly-result", "--sample", "--format", "csv"]);
    assert_eq!(cell(&yearly, "revenue"), revenue);
    let centimes = |text: &str| text.replace('.', "").parse::<i128>().expect("an amount");
    let wanted = (20_000 * centimes(expense) + centimes(revenue)) / (2 * centimes(revenue));
    assert_eq!(centimes(cost), wanted);

    let naive = [
        "analyse",
        "debt-cost",
        "--sample",
        "--basis",
        "naive",
        "--format",
        "csv",
    ];
    assert!(own.stdout(&naive).lines().count() > 5);

    let check = own.stdout(&["check", "--sample"]);
    assert!(check.contains("no-negative-expense"), "{check}");
    let json = own.stdout(&["check", "--sample", "--format", "json"]);
    assert!(json.contains("no-negative-expense"), "{json}");

    let site = own.serve(&[]);
    let at = |path: &str| get(&site.address, path, "en");
    for path in ["/", "/analyses"] {
        assert!(at(path).contains("Weight of financial charges"), "{path}");
    }
    let shown = |amount: &str| {
        let (whole, cents) = amount.split_once('.').expect("an amount");
        let digits: Vec<char> = whole.chars().collect();
        let groups = digits.rchunks(3).rev().map(String::from_iter);
        format!("{}.{cents}", groups.collect::<Vec<_>>().join(","))
    };
    let page = at("/analyses/debt-cost");
    for wanted in [
        "Financial charges for 100 € of revenue".to_owned(),
        "operator’s own".to_owned(),
        "both_sides".to_owned(),
        shown(expense),
        shown(revenue),
    ] {
        assert!(page.contains(&wanted), "{wanted}: {page}");
    }
    assert!(page.contains("<svg"), "a chart");
    assert!(!page.contains("/lines?year=2024&amp;"), "no link to lines");
    let french = get(&site.address, "/analyses/debt-cost", "fr");
    assert!(french.contains("Poids des charges financières"));
    let file = at("/analyses/debt-cost.csv");
    assert!(
        file.contains(&format!("2024,{expense},{revenue},{cost},")),
        "{file}"
    );
    let api = data(&site, "/api/v1/analyses/debt-cost?from=2024&to=2024");
    let row = format!(
        "\"financial_expense\":\"{expense}\",\"total_revenue\":\"{revenue}\",\"cost_of_debt\":\"{cost}\""
    );
    assert!(api.contains(&row), "{api}");
    assert!(data(&site, "/api/v1/analyses").contains("debt-cost"));
    let document = data(&site, "/api/v1/openapi.json");
    assert!(document.contains("\"DebtCost\"") && document.contains("\"debt-cost\""));
    let quality = at("/quality");
    assert!(quality.contains("Lines of expense below zero"), "{quality}");
    assert!(data(&site, "/api/v1/quality/checks").contains("no-negative-expense"));

    // The report has its rows, and Metabase a model of it.
    own.stdout(&["report", "--sample", "--lang", "en", "--out", "report.pdf"]);
    assert!(
        fs::metadata(own.place.path("report.pdf"))
            .expect("a report")
            .len()
            > 10_000
    );
    let known = catalogue(&examples());
    for language in Language::ALL {
        let definitions = Definitions::of_all(language, known);
        let card = definitions
            .cards
            .iter()
            .find(|card| card.key == "debt-cost");
        let card = card.expect("a model");
        assert!(card.sql.contains("debt_cost"), "{}", card.sql);
        assert!(
            definitions
                .tables
                .iter()
                .any(|table| table.name.contains("debt_cost"))
        );
    }

    // The views that people read have it, too, in exact numbers where the engine has them.
    let view = "SELECT total_revenue FROM published.debt_cost WHERE fiscal_year = 2024";
    let rows = own.stdout(&["sql", "--sample", view, "--format", "csv"]);
    assert_eq!(rows, format!("total_revenue\n{}\n", centimes(revenue)));
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_what_is_published_stays() {
    let own = Own::new("");
    own.run();
    let good_sql = fs::read_to_string(own.place.path("analyses.d/debt-cost.sql")).expect("SQL");
    let good_toml = fs::read_to_string(own.place.path("analyses.d/debt-cost.toml")).expect("TOML");
    let changed = |from: &str, to: &str| {
        assert!(good_sql.contains(from), "{from}");
        good_sql.replace(from, to)
    };
    // What is wrong with the SQL is found where it is run.
    let integers = if on_postgres() {
        "numeric"
    } else {
        "a number that is not exact"
    };
    for (sql, said) in [
        (
            changed("SELECT\n    basis", "SELEC\n    basis"),
            "debt-cost.sql, line 2",
        ),
        (
            changed("    total_revenue,\n", "    total_revenu,\n"),
            "total_revenu",
        ),
        (
            changed("FROM mart.yearly_result", "FROM mart.nothing"),
            "nothing",
        ),
        (format!("{good_sql};\nSELECT 2"), "more than one statement"),
        (
            "DELETE FROM core.line WHERE revision_id = $1".to_owned(),
            "debt-cost.sql",
        ),
        ("DROP TABLE core.line".to_owned(), "debt-cost.sql"),
        (
            format!(
                "WITH gone AS (DELETE FROM core.line RETURNING 1) {}",
                changed(
                    "-- What financial charges take of each euro of revenue.\n",
                    ""
                )
            ),
            "debt-cost.sql",
        ),
        (
            changed(
                "    financial_expense,\n    total_revenue,\n",
                "    financial_expense,\n",
            ),
            "no column «total_revenue»",
        ),
        (
            changed(
                "    financial_expense,\n    total_revenue,\n",
                "    financial_expense, 1 AS more,\n    total_revenue,\n",
            ),
            "«more»",
        ),
        (changed("WHERE result.revision_id = $1", ""), "$1"),
        (
            changed(
                "    financial_expense,\n    total_revenue,\n",
                "    financial_expense * 1.5 AS financial_expense,\n    total_revenue,\n",
            ),
            integers,
        ),
        (
            changed(
                "    siren,\n    fiscal_year,\n",
                "    siren,\n    fiscal_year * 10 AS fiscal_year,\n",
            ),
            "is not a fiscal year",
        ),
        (
            changed("    basis,\n", "    'both' AS basis,\n"),
            "leaf or naive",
        ),
        (String::new(), "empty"),
    ] {
        own.write("analyses.d/debt-cost.sql", &sql);
        let (code, message) = own.refused(&["run", "--sample", "--quiet"]);
        assert_eq!(code, 2, "{sql}: {message}");
        assert!(
            message.contains("analyses.d/debt-cost.sql") && message.contains(said),
            "{said}: {message}"
        );
        assert!(message.contains("mend the file"), "{message}");
    }
    own.write("analyses.d/debt-cost.sql", &good_sql);
    // What is published is as it was.
    let csv = own.stdout(&["analyse", "debt-cost", "--sample", "--format", "csv"]);
    assert!(csv.lines().count() > 5);

    // Of the rest it is seen where files are read.
    for (name, text, said) in [
        (
            "analyses.d/debt-cost.toml",
            "columns = []",
            "debt-cost.toml",
        ),
        (
            "analyses.d/debt-cost.toml",
            &good_toml.replace(
                "value = \"cost_of_debt\"\n\n[headline]",
                "value = \"nothing\"\n\n[headline]",
            ),
            "«nothing»",
        ),
        (
            "analyses.d/debt-cost.toml",
            &good_toml.replace("name = \"fiscal_year\"", "name = \"year\""),
            "fiscal_year",
        ),
        (
            "analyses.d/debt-cost.toml",
            &good_toml.replace("kind = \"rate\"", "kind = \"float\""),
            "float",
        ),
        (
            "analyses.d/debt-cost.toml",
            &good_toml.replace(
                "order = [\"fiscal_year\"]",
                "order = [\"fiscal_year; DROP TABLE core.line\"]",
            ),
            "order",
        ),
        (
            "analyses.d/debt-cost.toml",
            &good_toml.replace("[en]", "[de]"),
            "de",
        ),
        ("analyses.d/alone.sql", "SELECT 1", "alone.toml"),
        ("analyses.d/alone.toml", &good_toml, "alone.sql"),
        ("analyses.d/yearly-result.sql", "SELECT 1", "yearly-result"),
        ("analyses.d/Upper Case.sql", "SELECT 1", "cannot be a name"),
        ("analyses.d/a;drop.toml", "", "cannot be a name"),
        ("analyses.d/debt_cost.sql", "SELECT 1", "same name"),
        (
            "checks.d/results-reconciled.sql",
            "SELECT 1",
            "results-reconciled",
        ),
        (
            "checks.d/no-negative-expense.toml",
            "outcome = \"perhaps\"",
            "perhaps",
        ),
    ] {
        let path = own.place.path(name);
        let before = fs::read(&path).ok();
        let beside = path.with_extension("toml");
        let added = name == "analyses.d/yearly-result.sql" || name == "analyses.d/debt_cost.sql";
        if added {
            fs::write(&beside, &good_toml).expect("a file");
        }
        own.write(name, text);
        let (code, message) = own.refused(&["analyse", "debt-cost", "--sample"]);
        assert_eq!(code, 2, "{name}: {message}");
        assert!(message.contains(said), "{name}, {said}: {message}");
        match before {
            Some(before) => fs::write(&path, before).expect("a file"),
            None => fs::remove_file(&path).expect("it goes"),
        }
        if added {
            fs::remove_file(&beside).expect("it goes");
        }
    }

    // A check that has rows and means failure keeps a run from publishing, and one that cannot run does, too.
    own.write(
        "checks.d/too-many.toml",
        "outcome = \"fail\"\nfr = \"Trop\"\nen = \"Too many\"",
    );
    own.write("checks.d/too-many.sql", "SELECT siren, fiscal_year, status AS finding FROM mart.yearly_result WHERE revision_id = $1 AND basis = 'leaf' ORDER BY fiscal_year");
    let (code, message) = own.refused(&["run", "--sample", "--quiet"]);
    assert_eq!(code, 4, "{message}");
    assert!(message.contains("too-many (2016 › reconciled"), "{message}");
    own.write(
        "checks.d/too-many.sql",
        "SELECT siren, fiscal_year FROM mart.yearly_result WHERE revision_id = $1",
    );
    let (code, message) = own.refused(&["run", "--sample", "--quiet"]);
    assert_eq!(code, 2, "{message}");
    assert!(message.contains("no column «finding»"), "{message}");
    let csv = own.stdout(&["analyse", "debt-cost", "--sample", "--format", "csv"]);
    assert!(csv.lines().count() > 5);
}

const LIMITS: Limits = Limits {
    time: Duration::from_secs(3),
    rows: 1000,
    bytes: 1 << 20,
};

/// Statements that may not run, on either engine.
const HOSTILE: [&str; 34] = [
    "SELECT * FROM core.line",
    "SELECT * FROM core_line",
    "SELECT * FROM ops.api_token",
    "SELECT * FROM ops_api_token",
    "SELECT * FROM mart_yearly_result",
    "SELECT * FROM mart.yearly_result",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM sqlite_schema",
    "SELECT * FROM pragma_table_info('core_line')",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT * FROM pg_catalog.pg_stat_activity",
    "SELECT * FROM information_schema.tables",
    "WITH published_body AS (SELECT * FROM core_line) SELECT * FROM published_body",
    "WITH published_body AS (SELECT * FROM ops_api_token) SELECT * FROM published.body",
    "WITH body AS (SELECT * FROM core.line) SELECT * FROM body",
    "SELECT (SELECT COUNT(*) FROM core_line) FROM published.body",
    "DELETE FROM published.body",
    "INSERT INTO published.body VALUES (1)",
    "UPDATE published.body SET lines = 0",
    "DROP VIEW published.body",
    "CREATE TABLE x (y INTEGER)",
    "WITH gone AS (DELETE FROM core.line RETURNING *) SELECT * FROM gone",
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW published.body",
    "ATTACH DATABASE '/tmp/x.db' AS x",
    "PRAGMA table_info(core_line)",
    "VACUUM",
    "BEGIN",
    "COPY (SELECT 1) TO '/tmp/x'",
    "COMMIT",
    "EXPLAIN SELECT 1",
    "SELECT load_extension('x')",
    "SELECT 1 AS a, $1",
    "SELECT * FROM published.body) AS x; DROP VIEW published.body; SELECT * FROM (SELECT 1",
];

/// The same, on PostgreSQL.
const HOSTILE_TO_POSTGRES: [&str; 19] = [
    "SELECT set_config('role', 'centime_owner', false)",
    "SELECT query_to_xml('DELETE FROM core.line', true, true, '')",
    "SELECT query_to_xml('select * from ops.api_token', true, true, '')",
    "SELECT database_to_xml(true, true, '')",
    "SELECT pg_sleep(60)",
    "SELECT pg_advisory_lock(1)",
    "SELECT 1 LIMIT length(pg_advisory_lock(1)::text)",
    "SELECT pg_terminate_backend(1)",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT * FROM pg_ls_dir('/')",
    "SELECT nextval('x')",
    "SELECT current_setting('config_file')",
    "SELECT * FROM published.body FOR UPDATE",
    "SELECT 1 INTO TEMPORARY x",
    "TABLE core.line",
    "SELECT * FROM ts_stat('select to_tsvector(secret_hash) from ops.api_token')",
    "SET ROLE centime_owner",
    "DO $$ BEGIN PERFORM 1; END $$",
];

/// The same, on SQLite.
const HOSTILE_TO_SQLITE: [&str; 10] = [
    "SELECT zeroblob(1000000000)",
    "SELECT hex(randomblob(100000000))",
    "SELECT fts3_tokenizer('simple')",
    "SELECT readfile('/etc/passwd')",
    "SELECT writefile('/tmp/x', 'y')",
    "SELECT * FROM dbstat",
    "SELECT sqlite_version()",
    "SELECT * FROM \"core_line\"",
    "SELECT * FROM [ops_api_token]",
    "SELECT * FROM main.core_line",
];

/// Statements that would go on, or fill memory.
const ENDLESS: [&str; 3] = [
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n",
    "SELECT COUNT(*) FROM published.statement_line a, published.statement_line b, published.statement_line c, published.statement_line d",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000) SELECT i FROM n ORDER BY -i",
];

async fn ask(reading: &SqlReader, sql: &str) -> Result<Answer, NoAnswer> {
    reading.ask(sql, LIMITS).await
}

fn values(answer: &Answer) -> Vec<Vec<&str>> {
    answer
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|cell| cell.as_deref().unwrap_or("NULL"))
                .collect()
        })
        .collect()
}

#[tokio::test]
async fn statements_read_the_published_views_and_nothing_else() {
    let own = Own::new("");
    own.run();
    let address = if on_postgres() {
        own.make_roles();
        // Roles that may do more are refused, with what to do.
        for (role, said) in [
            ("postgres", "superuser"),
            ("centime_site", "may"),
            ("centime_loader", "may"),
        ] {
            let url = own.address_as(role).parse().expect("an address");
            let error = SqlReader::open(&url).await.expect_err(role).to_string();
            assert!(
                error.contains(said) && error.contains("sql.database"),
                "{role}: {error}"
            );
        }
        own.address_as("centime_reader")
    } else {
        own.database.clone()
    };
    let reading = SqlReader::open(&address.parse().expect("an address"))
        .await
        .expect("a door");

    let views = reading.views().await.expect("views");
    let names: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
    for name in [
        "body",
        "yearly_result",
        "debt_cost",
        "debt_cost_by_basis",
        "statement_line",
    ] {
        assert!(names.contains(&name), "{name}: {names:?}");
    }
    for sql in [
        "SELECT fiscal_year, result FROM published.yearly_result ORDER BY fiscal_year DESC LIMIT 1;",
        "SELECT fiscal_year, result FROM yearly_result ORDER BY fiscal_year DESC LIMIT 1 -- the latest",
        "WITH yearly_result AS (SELECT * FROM published.yearly_result) SELECT fiscal_year, result FROM yearly_result ORDER BY fiscal_year DESC LIMIT 1",
    ] {
        let answer = ask(&reading, sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(answer.cut, None);
        assert_eq!(values(&answer)[0][0], "2024", "{sql}");
    }
    let twice = ask(
        &reading,
        "SELECT siren, siren, NULL AS n, 'é''\"' AS t FROM published.body",
    )
    .await;
    let twice = twice.expect("rows");
    assert_eq!(twice.columns.len(), 4);
    assert_eq!(values(&twice)[0][2..], ["NULL", "é'\""]);
    let half = ask(
        &reading,
        "SELECT 1.5 AS x, AVG(result) AS a, COUNT(*) AS n FROM published.yearly_result",
    )
    .await;
    let half = half.expect("rows");
    let kinds: Vec<&str> = half.columns.iter().map(|column| column.of.name()).collect();
    if on_postgres() {
        assert_eq!(kinds, ["decimal", "decimal", "integer"]);
    } else {
        assert_eq!(kinds, ["real", "real", "integer"]);
    }
    assert_eq!(values(&half)[0][0], "1.5");
    let euros = ask(
        &reading,
        "SELECT result_eur, result FROM published.yearly_result WHERE fiscal_year = 2024",
    )
    .await;
    let euros = euros.expect("rows");
    assert_eq!(euros.columns[0].of.is_exact(), on_postgres());
    for (sql, cut) in [
        (
            "SELECT a.record FROM published.statement_line a, published.body, published.run ORDER BY 1",
            Some(Cut::Rows),
        ),
        (
            "SELECT j.json || j.json || j.json || j.json || j.json || j.json || j.json FROM published.raw_record j",
            Some(Cut::Bytes),
        ),
    ] {
        let limits = Limits {
            rows: if cut == Some(Cut::Rows) { 10 } else { 1000 },
            bytes: 200_000,
            ..LIMITS
        };
        let answer = reading
            .ask(sql, limits)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert_eq!(answer.cut, cut, "{sql}");
    }
    let error = ask(&reading, "SELECT 1,\n  nothing\nFROM published.body")
        .await
        .expect_err("no such column");
    assert!(error.to_string().starts_with("line 2: "), "{error}");

    let own_engine: &[&str] = if on_postgres() {
        &HOSTILE_TO_POSTGRES
    } else {
        &HOSTILE_TO_SQLITE
    };
    for sql in HOSTILE.iter().chain(own_engine) {
        let refused = ask(&reading, sql).await;
        assert!(
            matches!(refused, Err(NoAnswer::Refused { .. })),
            "{sql}: {refused:?}"
        );
    }
    for sql in ENDLESS {
        let refused = ask(&reading, sql).await;
        assert!(
            matches!(
                refused,
                Err(NoAnswer::Refused { .. } | NoAnswer::TooLong(_))
            ),
            "{sql}: {refused:?}"
        );
    }
    // Nothing is left of them.
    let again = ask(&reading, "SELECT COUNT(*) FROM published.body")
        .await
        .expect("rows");
    assert_eq!(values(&again), [["1"]]);
    assert!(
        own.stdout(&["analyse", "debt-cost", "--sample", "--format", "csv"])
            .lines()
            .count()
            > 5
    );
}

#[test]
fn the_page_and_the_command_give_the_same() {
    let own = Own::new("[sql]\nenabled = true\naccess = \"public\"\nseconds = 5\nrows = 20\n");
    own.run();
    let reader = if on_postgres() {
        let (code, message) = own.refused(&["serve", "--sample", "--listen", "127.0.0.1:0"]);
        assert!(code == 2 && message.contains("sql.database"), "{message}");
        own.make_roles();
        Some(own.address_as("centime_reader"))
    } else {
        None
    };
    let variables: Vec<(&str, &str)> = reader
        .iter()
        .map(|url| ("CENTIME_SQL_DATABASE_URL", url.as_str()))
        .collect();
    let site = own.serve(&variables);
    let at = |path: &str| get(&site.address, path, "en");
    let empty = at("/sql");
    assert!(
        empty.starts_with("HTTP/1.1 200") && empty.contains("published.yearly_result"),
        "{empty}"
    );
    assert!(at("/").contains("href=\"/sql\""));
    let query =
        "q=SELECT%20fiscal_year,%20result%20FROM%20published.yearly_result%20ORDER%20BY%201";
    let statement = "SELECT fiscal_year, result FROM published.yearly_result ORDER BY 1";
    let csv = own.stdout(&["sql", "--sample", statement, "--format", "csv"]);
    assert_eq!(csv.lines().count(), 10, "{csv}");
    let page = at(&format!("/sql?{query}"));
    for line in csv.lines().skip(1) {
        for value in line.split(',').filter(|value| !value.is_empty()) {
            assert!(page.contains(&format!(">{value}</td>")), "{value}: {page}");
        }
    }
    assert!(page.contains(statement), "the statement stays in its field");
    let file = at(&format!("/sql.csv?{query}"));
    assert!(file.ends_with(&csv), "{file}");
    for (extension, begins) in [
        ("json", "[\n{\"fiscal_year\":2016,"),
        ("parquet", "PAR1"),
        ("xlsx", "PK"),
    ] {
        let file = at(&format!("/sql.{extension}?{query}"));
        let (head, body) = file.split_once("\r\n\r\n").expect("a body");
        assert!(
            head.starts_with("HTTP/1.1 200") && body.contains(begins),
            "{extension}: {head}"
        );
    }
    let api = data(&site, &format!("/api/v1/sql?{query}&limit=2"));
    assert!(
        api.contains("\"columns\":[{\"name\":\"fiscal_year\",\"type\":\"integer\",\"exact\":true}"),
        "{api}"
    );
    assert!(api.contains("\"left_out\":\"rows\""), "{api}");
    let many = at("/sql.csv?q=SELECT%20record%20FROM%20published.statement_line");
    assert_eq!(
        many.split_once("\r\n\r\n")
            .expect("a body")
            .1
            .lines()
            .count(),
        21
    );
    for (path, status, said) in [
        ("/sql?q=SELECT%20*%20FROM%20core.line", "400", "core"),
        ("/sql?q=DROP%20VIEW%20published.body", "400", "was not run"),
        ("/sql.csv?q=SELECT%20nothing", "400", "nothing"),
        ("/api/v1/sql?q=SELECT%20nothing", "400", "nothing"),
        ("/sql.exe?q=SELECT%201", "404", ""),
        ("/sql?q=SELECT%20'%3Cscript%3E'", "200", "&#60;script&#62;"),
    ] {
        let answer = if path.starts_with("/api/") {
            data(&site, path)
        } else {
            at(path)
        };
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")) && answer.contains(said),
            "{path}: {answer}"
        );
    }

    let file = own.place.path("q.sql");
    fs::write(&file, statement).expect("a file");
    let file = file.display().to_string();
    assert_eq!(
        own.stdout(&["sql", "--sample", "--file", &file, "--format", "csv"]),
        csv
    );
    let table = own.stdout(&["sql", "--sample", "SELECT 0.5 AS half, 'a' AS b"]);
    assert_eq!(table.contains('≈'), !on_postgres(), "{table}");
    own.stdout(&[
        "sql",
        "--sample",
        statement,
        "--format",
        "parquet",
        "--out",
        "rows.parquet",
    ]);
    assert!(
        fs::read(own.place.path("rows.parquet"))
            .expect("a file")
            .starts_with(b"PAR1")
    );
    for (statement, said) in [
        ("SELECT * FROM core.line", "line"),
        ("DELETE FROM published.body", "not run"),
    ] {
        let (code, message) = own.refused(&["sql", "--sample", statement]);
        assert!(code == 2 && message.contains(said), "{message}");
    }
}

#[test]
fn without_the_setting_there_is_no_page_and_with_it_a_token_is_needed() {
    let own = Own::new("");
    own.run();
    let site = own.serve(&[]);
    assert!(!get(&site.address, "/", "en").contains("href=\"/sql\""));
    drop(site);
    if on_postgres() {
        return;
    }
    own.write("centime.toml", "[sql]\nenabled = true\n");
    let site = own.serve(&[]);
    for path in ["/sql", "/sql.csv?q=SELECT%201", "/api/v1/sql?q=SELECT%201"] {
        let answer = get(&site.address, path, "en");
        assert!(!answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
}

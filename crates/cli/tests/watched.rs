//! Runs that are watched: signals, how `centime check` ends, metrics and alerts, units of systemd, and the log.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::common::team::{deploy, read, until};
use crate::common::{PROGRAM, Place, Running, get, sqlite, stderr};
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection};

/// An empty database on the engine that is tested.
fn database(place: &Place, name: &str) -> String {
    if centime_test_database::on_postgres() {
        centime_test_database::fresh_postgres()
    } else {
        sqlite(&place.path(name))
    }
}

/// A number that a database gives, whose tables are named as on PostgreSQL.
fn number(database: &str, sql: &str) -> i64 {
    let ask = async {
        if database.starts_with("postgres") {
            let mut connection = sqlx::PgConnection::connect(database)
                .await
                .expect("a server");
            let sql = AssertSqlSafe(sql.to_owned());
            sqlx::query_scalar(sql).fetch_one(&mut connection).await
        } else {
            let mut connection = sqlx::SqliteConnection::connect(database)
                .await
                .expect("a file");
            let sql = AssertSqlSafe(sql.replace("ops.", "ops_"));
            sqlx::query_scalar(sql).fetch_one(&mut connection).await
        }
    };
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    runtime.block_on(ask).expect("a number")
}

/// Changes what a database says of its latest run.
fn change_latest(database: &str, set: &str) {
    let sql = format!(
        "UPDATE ops.run SET {set} WHERE run_id = (SELECT MAX(run_id) FROM ops.run) RETURNING run_id"
    );
    number(database, &sql);
}

/// How many runs ended so.
fn runs(database: &str, outcome: &str) -> i64 {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) FROM ops.run WHERE outcome = '{outcome}'");
    number(database, &sql)
}

/// What a run that did not publish may not leave: staged revisions, and tables of revisions on PostgreSQL.
fn left(database: &str) -> (i64, i64) {
    let staged = "SELECT CAST(COUNT(*) AS BIGINT) FROM ops.revision WHERE status = 'staged'";
    let tables = "SELECT COUNT(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '_r[0-9]+$'";
    let tables = if database.starts_with("postgres") {
        number(database, tables)
    } else {
        0
    };
    (number(database, staged), tables)
}

fn signal(child: &Child, name: &str) {
    let id = child.id().to_string();
    let sent = Command::new("kill")
        .args([&format!("-{name}"), &id])
        .status();
    assert!(sent.expect("kill").success());
}

/// Waits until a process has ended, and gives its exit code: none where a signal ended it.
fn ended(child: &mut Child) -> Option<i32> {
    let mut status = None;
    until("the end", || {
        status = child.try_wait().expect("a process");
        status.is_some()
    });
    status.expect("it ended").code()
}

/// A process whose standard error is in a file.
struct Logged {
    child: Child,
    log: PathBuf,
}

impl Logged {
    fn start(mut command: Command, log: &Path) -> Self {
        let file = File::create(log).expect("a file");
        let child = command
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the program starts");
        Self {
            child,
            log: log.to_owned(),
        }
    }

    fn said(&self) -> String {
        read(&self.log)
    }

    /// Waits until it has said something.
    fn says(&mut self, words: &str) -> String {
        until(words, || {
            let ended = self.child.try_wait().expect("a process").is_some();
            assert!(!ended || self.said().contains(words), "{}", self.said());
            self.said().contains(words)
        });
        self.said()
    }

    /// Where it serves.
    fn address(&mut self) -> String {
        let said = self.says("http://127.0.0.1:");
        let at = said.rfind("http://127.0.0.1:").expect("an address");
        let end = said[at..].find(|c: char| c.is_whitespace() || c == '"');
        said[at..][..end.unwrap_or(said.len() - at)].to_owned()
    }
}

impl Drop for Logged {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_run_that_is_asked_to_stop_says_so_is_recorded_and_leaves_nothing() {
    const ROUNDS: u32 = 16;
    let place = Place::new();
    let database = database(&place, "centime.db");
    let start = Instant::now();
    place.stdout(&["run", "--sample", "--quiet", "--database", &database]);
    let whole = start.elapsed();
    let reconciliation = ["analyse", "reconciliation", "--format", "json", "--quiet"];
    let reconciliation = [&reconciliation[..], &["--database", &database]].concat();
    let published = place.stdout(&reconciliation);
    let before = left(&database);
    let mut interrupted = 0;
    for round in 0..ROUNDS {
        let edition = place.changed_edition(round);
        let portal = ["portal-sim", "--listen", "127.0.0.1:0", "--data", &edition];
        let portal = place.start(&portal);
        let run = ["run", "--portal", &portal.address, "--database", &database];
        let mut run = Logged::start(place.centime(&run), &place.path("log"));
        // The sources differ, and so do the moments and the signals.
        std::thread::sleep(whole * (round * 7 % ROUNDS) / ROUNDS);
        let (name, expected) = if round % 2 == 0 {
            ("TERM", 143)
        } else {
            ("INT", 130)
        };
        signal(&run.child, name);
        let code = ended(&mut run.child);
        let said = run.said();
        assert_eq!(runs(&database, "running"), 0, "round {round}: {said}");
        match code {
            // It was complete, or had not begun to listen.
            Some(0) => {}
            None => assert!(said.is_empty(), "round {round}: {said}"),
            Some(code) => {
                assert_eq!(code, expected, "round {round}: {said}");
                assert!(
                    said.contains("nothing was published"),
                    "round {round}: {said}"
                );
                assert_eq!(left(&database).0, 0, "round {round}: {said}");
                interrupted += 1;
            }
        }
        assert_eq!(place.stdout(&reconciliation), published, "round {round}");
    }
    assert!(interrupted > 2, "{interrupted} runs were interrupted");
    assert!(runs(&database, "interrupted") > 0);
    // Each revision that is kept has as many tables as the first.
    let kept = number(
        &database,
        "SELECT CAST(COUNT(*) AS BIGINT) FROM ops.revision",
    );
    assert_eq!(left(&database), (0, before.1 * kept));
}

/// A portal that keeps whoever asks waiting.
fn slow_portal(place: &Place, listen: &str) -> Running {
    place.start(&["portal-sim", "--listen", listen, "--fault", "slow=always"])
}

#[test]
fn ctrl_c_while_the_portal_makes_a_run_wait() {
    let place = Place::new();
    let database = database(&place, "centime.db");
    let portal = slow_portal(&place, "127.0.0.1:0");
    let run = ["run", "--portal", &portal.address, "--database", &database];
    let mut run = Logged::start(place.centime(&run), &place.path("log"));
    run.says("Asking the portal");
    signal(&run.child, "INT");
    assert_eq!(ended(&mut run.child), Some(130));
    let said = run.said();
    assert!(
        said.contains("centime: interrupted by Ctrl-C: nothing was published"),
        "{said}"
    );
    assert_eq!(runs(&database, "interrupted"), 1);
    assert_eq!(left(&database), (0, 0));
    // That nothing was ever published says less than why.
    let check = place.output(&["check", "--database", &database]);
    assert_eq!(check.status.code(), Some(1), "{}", stderr(&check));
    assert!(
        stderr(&check).contains("was interrupted"),
        "{}",
        stderr(&check)
    );
}

#[test]
fn a_run_that_has_much_to_do_stops_at_once_all_the_same() {
    let place = Place::new();
    let database = database(&place, "centime.db");
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0", "--bodies", "800"]);
    let run = ["run", "--portal", &portal.address, "--database", &database];
    let mut run = Logged::start(place.centime(&run), &place.path("log"));
    run.says(" records");
    signal(&run.child, "TERM");
    assert_eq!(ended(&mut run.child), Some(143));
    let said = run.said();
    assert!(!said.contains("Completing the tables"), "{said}");
    assert!(!said.contains("WARN"), "{said}");
    assert_eq!(runs(&database, "interrupted"), 1);
    assert_eq!(left(&database), (0, 0));
}

/// What a site answers to a program with a token.
fn ask(address: &str, request: &str, token: &str, more: &str) -> String {
    let host = address.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).expect("a site");
    write!(
        stream,
        "{request} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n{more}Connection: close\r\n\r\n"
    )
    .expect("a request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn a_run_that_somebody_asked_for_is_interrupted_with_the_site() {
    let place = Place::new();
    let database = database(&place, "centime.db");
    let token = [
        "token",
        "create",
        "--role",
        "admin",
        "--quiet",
        "--database",
        &database,
    ];
    let token = place.stdout(&token);
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let listen = portal.address.trim_start_matches("http://").to_owned();
    let up = [
        "up",
        "--portal",
        &portal.address,
        "--listen",
        "127.0.0.1:0",
        "--refresh",
        "never",
        "--database",
        &database,
    ];
    let mut site = Logged::start(place.centime(&up), &place.path("log"));
    // It says what it published, and then where it is.
    let said = site.says("886 records.");
    assert!(
        said.contains("Published revision 1: 886 records."),
        "{said}"
    );
    let address = site.address();
    drop(portal);
    let _slow = slow_portal(&place, &listen);
    let asked = ask(
        &address,
        "POST /api/v1/runs",
        token.trim(),
        "Content-Length: 0\r\n",
    );
    assert!(asked.starts_with("HTTP/1.1 202"), "{asked}");
    until("a run", || runs(&database, "running") == 1);
    signal(&site.child, "TERM");
    assert_eq!(ended(&mut site.child), Some(0), "{}", site.said());
    let said = site.said();
    assert!(
        said.contains("The run was interrupted: nothing was published."),
        "{said}"
    );
    assert_eq!(
        (runs(&database, "running"), runs(&database, "interrupted")),
        (0, 1)
    );
    assert_eq!(left(&database).0, 0);
    // What serves and has no terminal says when it says something.
    for line in said.lines() {
        let time = line.split(' ').next().unwrap_or_default();
        assert!(
            time.parse::<jiff::Timestamp>().is_ok() || line.starts_with("  "),
            "{line}"
        );
    }
}

#[test]
fn a_second_signal_ends_at_once() {
    let place = Place::new();
    let database = sqlite(&place.path("centime.db"));
    place.stdout(&["run", "--sample", "--quiet", "--database", &database]);
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", &database];
    let mut site = Logged::start(place.centime(&serve), &place.path("log"));
    let address = site.address();
    // Somebody who has not finished asking is waited for.
    let mut visitor = TcpStream::connect(address.trim_start_matches("http://")).expect("a site");
    visitor
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n")
        .expect("a part of a request");
    std::thread::sleep(Duration::from_millis(300));
    signal(&site.child, "TERM");
    std::thread::sleep(Duration::from_millis(300));
    assert!(
        site.child.try_wait().expect("a process").is_none(),
        "{}",
        site.said()
    );
    // One who is waited for would let it end well.
    signal(&site.child, "INT");
    assert_eq!(ended(&mut site.child), Some(130));
}

#[test]
fn check_ends_as_the_latest_run_did_and_fails_on_what_is_stale() {
    let place = Place::new();
    let database = database(&place, "centime.db");
    let check = |more: &[&str]| {
        let output = place.output(&[&["check", "--database", &database][..], more].concat());
        let out = String::from_utf8(output.stdout.clone()).expect("text");
        (
            output.status.code().expect("an exit code"),
            out,
            stderr(&output),
        )
    };
    let away = [
        "run",
        "--quiet",
        "--portal",
        "http://127.0.0.1:1",
        "--database",
        &database,
    ];
    assert_eq!(place.output(&away).status.code(), Some(3));
    // Nothing is published, and why is what there is to say.
    let (code, _, said) = check(&[]);
    assert!(
        code == 3 && said.contains("could not be reached"),
        "{code}: {said}"
    );

    place.stdout(&["run", "--sample", "--quiet", "--database", &database]);
    assert_eq!(check(&["--max-age", "2d"]).0, 0);
    let (code, _, said) = check(&["--max-age", "soon"]);
    assert!(code == 2 && said.contains("2d"), "{said}");
    let (code, json, _) = check(&["--format", "json"]);
    assert_eq!(code, 0);
    let found: Value = serde_json::from_str(&json).expect("an object");
    assert_eq!(found["revision"]["id"], 1);
    assert_eq!(found["revision"]["run"], 2);
    assert_eq!(found["latest_run"]["id"], 2);
    assert_eq!(found["latest_run"]["outcome"], "published");
    assert!(
        found["age_seconds"].as_i64().is_some_and(|age| age < 600),
        "{json}"
    );
    let checks = found["checks"].as_array().expect("checks");
    assert!(checks.len() > 15);
    for check in checks {
        let named = check["subjects"].as_array().map_or(0, Vec::len);
        let left_out = check["subjects_left_out"].as_u64().expect("a number");
        let all = usize::try_from(left_out).expect("few") + named;
        let found = check["found"]
            .as_u64()
            .and_then(|found| usize::try_from(found).ok());
        assert!(check["outcome"] == "pass" || Some(all) == found, "{check}");
    }

    change_latest(&database, "finished_at = '2020-01-01T00:00:00Z'");
    let (code, out, said) = check(&["--max-age", "36h"]);
    assert!(
        code == 6 && said.contains("2020-01-01") && said.contains("36h"),
        "{code}: {said}"
    );
    assert!(out.contains("pass  results-reconciled (8)"), "{out}");
    let (code, junit, _) = check(&["--max-age", "36h", "--format", "junit"]);
    assert!(code == 6 && junit.contains(r#"name="data-age""#), "{junit}");
    assert_eq!(check(&[]).0, 0, "nobody asked about the age");

    assert_eq!(place.output(&away).status.code(), Some(3));
    let (code, json, said) = check(&["--format", "json"]);
    let found: Value = serde_json::from_str(&json).expect("an object");
    assert_eq!(code, 3, "{said}");
    assert_eq!(found["latest_run"]["cause"], "source");
    assert_eq!(found["revision"]["run"], 2);
    change_latest(&database, "outcome = 'interrupted', cause = NULL");
    let (code, _, said) = check(&[]);
    assert!(
        code == 1 && said.contains("was interrupted"),
        "{code}: {said}"
    );
}

/// A program that may not be on this machine.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path)
        .map(|folder| folder.join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        let what = format!("what {name} says of deploy/ and of metrics");
        centime_test_input::skipped(&what, "it is not on this machine");
    }
    found
}

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("standard input");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

#[test]
fn a_run_of_another_process_shows_in_the_metrics_and_the_health_of_a_site() {
    let place = Place::new();
    let database = database(&place, "centime.db");
    place.stdout(&["run", "--sample", "--quiet", "--database", &database]);
    let token = [
        "token",
        "create",
        "--role",
        "viewer",
        "--quiet",
        "--database",
        &database,
    ];
    let token = place.stdout(&token);
    let site = place.start(&["serve", "--listen", "127.0.0.1:0", "--database", &database]);
    let metrics = |accept: &str| {
        let answer = ask(&site.address, "GET /metrics", token.trim(), accept);
        let (head, text) = answer.split_once("\r\n\r\n").expect("an answer");
        (head.to_lowercase(), text.to_owned())
    };
    let (head, text) = metrics("");
    assert!(
        head.contains("content-type: text/plain; version=0.0.4"),
        "{head}"
    );
    for line in [
        "centime_published_revision 1\n",
        "centime_run_last_outcome{outcome=\"published\"} 1\n",
        "centime_run_last_outcome{outcome=\"failed\"} 0\n",
        "centime_run_failures 0\n",
        "centime_checks{outcome=\"fail\"} 0\n",
    ] {
        assert!(text.contains(line), "«{line}» is not in {text}");
    }
    let last_success = |text: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with("centime_run_last_success_timestamp_seconds "));
        line.expect("a time").to_owned()
    };
    let success = last_success(&text);
    assert!(!success.ends_with(" 0"), "{success}");
    assert_eq!(
        get(&site.address, "/readyz", "en").lines().last(),
        Some("ready")
    );
    let healthy = ["health", "--url", &format!("{}/readyz", site.address)];
    assert!(place.output(&healthy).stderr.is_empty());

    let away = [
        "run",
        "--quiet",
        "--portal",
        "http://127.0.0.1:1",
        "--database",
        &database,
    ];
    assert_eq!(place.output(&away).status.code(), Some(3));
    let openmetrics =
        "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5\r\n";
    let (head, text) = metrics(openmetrics);
    assert!(
        head.contains("content-type: application/openmetrics-text; version=1.0.0"),
        "{head}"
    );
    assert!(text.ends_with("# EOF\n"));
    for line in [
        "centime_run_last_outcome{outcome=\"published\"} 0\n",
        "centime_run_last_outcome{outcome=\"failed\"} 1\n",
        "centime_run_failures 1\n",
    ] {
        assert!(text.contains(line), "«{line}» is not in {text}");
    }
    assert_eq!(
        last_success(&text),
        success,
        "what is published is as old as before"
    );
    let ready = get(&site.address, "/readyz", "en");
    assert!(ready.starts_with("HTTP/1.1 200"), "{ready}");
    assert!(
        ready.contains("ready; the latest run failed at "),
        "{ready}"
    );
    assert!(ready.contains("the portal could not be read"), "{ready}");
    let health = place.output(&healthy);
    assert!(health.status.success());
    assert!(
        stderr(&health).contains("the portal could not be read"),
        "{}",
        stderr(&health)
    );

    let Some(promtool) = program("promtool") else {
        return;
    };
    let (_, text) = metrics("");
    let mut check = Command::new(promtool);
    check.args(["check", "metrics"]);
    let checked = with_input(check, &text);
    let said = String::from_utf8_lossy(&checked.stdout).into_owned() + &stderr(&checked);
    assert!(checked.status.success() && said.trim().is_empty(), "{said}");
}

#[test]
fn alerts_are_rules_that_fire_when_they_should() {
    let Some(promtool) = program("promtool") else {
        return;
    };
    let folder = deploy().join("prometheus");
    let run = |arguments: &[&str], within: &Path| {
        let mut command = Command::new(&promtool);
        let output = command
            .args(arguments)
            .current_dir(within)
            .output()
            .expect("promtool");
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &stderr(&output);
        assert!(output.status.success(), "{arguments:?}: {said}");
    };
    run(&["check", "rules", "--lint-fatal", "alerts.yml"], &folder);
    let place = Place::new();
    // The token is in the place where containers find it.
    fs::write(place.path("token"), "x").expect("a file");
    let token = place.path("token").display().to_string();
    let settings =
        read(&folder.join("prometheus.yml")).replace("/run/secrets/metrics-token", &token);
    fs::write(place.path("prometheus.yml"), settings).expect("a file");
    fs::copy(folder.join("alerts.yml"), place.path("alerts.yml")).expect("a file");
    run(&["check", "config", "prometheus.yml"], place.folder.path());
    // Minutes since the beginning of time are the moments of these tests.
    let outcome = |name: &str, values: &str| {
        format!(
            "      - series: 'centime_run_last_outcome{{outcome=\"{name}\",job=\"centime\",instance=\"a\"}}'\n        values: '{values}'\n"
        )
    };
    let gauge = |name: &str, values: &str| {
        format!(
            "      - series: '{name}{{job=\"centime\",instance=\"a\"}}'\n        values: '{values}'\n"
        )
    };
    let test = |series: &str, alert: &str, minute: u32, labels: Option<&str>| {
        let fires = labels.map_or_else(
            || "        exp_alerts: []\n".to_owned(),
            |labels| {
                format!(
                    "        exp_alerts:\n          - exp_labels: {{job: centime, instance: a{labels}}}\n"
                )
            },
        );
        format!(
            "  - interval: 1m\n    input_series:\n{series}    alert_rule_test:\n      - eval_time: {minute}m\n        alertname: {alert}\n{fires}"
        )
    };
    let last = gauge("centime_run_last_timestamp_seconds", "60+0x6000");
    let failed = outcome("failed", "0 1+0x6000") + &last;
    let interrupted = outcome("interrupted", "1+0x6000") + &last;
    let success = gauge("centime_run_last_success_timestamp_seconds", "60+0x6000");
    let never = gauge("centime_run_last_success_timestamp_seconds", "0+0x6000");
    let tests = [
        test(&failed, "RunFailed", 10, None),
        test(&failed, "RunFailed", 30, Some(", outcome: failed")),
        test(
            &(outcome("failed", "0+0x600") + &last),
            "RunFailed",
            300,
            None,
        ),
        test(&interrupted, "RunFailed", 50, None),
        test(
            &interrupted,
            "RunFailed",
            90,
            Some(", outcome: interrupted"),
        ),
        test(&success, "DataStale", 2 * 1440, None),
        test(&success, "DataStale", 2 * 1440 + 30, Some("")),
        test(&never, "DataStale", 3 * 1440, None),
    ];
    // What an alert says is not what is tested.
    let rules = read(&folder.join("alerts.yml"));
    let mut without = String::new();
    for line in rules.lines() {
        if !line.trim_start().starts_with("annotations:")
            && !line.trim_start().starts_with("summary:")
        {
            without.push_str(line);
            without.push('\n');
        }
    }
    fs::write(place.path("rules.yml"), without).expect("a file");
    let tests = format!("rule_files: [rules.yml]\ntests:\n{}", tests.concat());
    fs::write(place.path("tests.yml"), tests).expect("a file");
    run(&["test", "rules", "tests.yml"], place.folder.path());
}

#[test]
fn somebody_is_told_of_a_unit_that_has_failed() {
    let units = deploy().join("systemd");
    let tell = units.join("tell.sh");
    let place = Place::new();
    // Whoever is told, is told by programs of the machine.
    let bin = place.path("bin");
    fs::create_dir(&bin).expect("a folder");
    let fake = |name: &str, body: &str| {
        use std::os::unix::fs::PermissionsExt;
        let path = bin.join(name);
        fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("a file");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    };
    fake("journalctl", "echo 'the portal could not be reached'");
    fake(
        "mail",
        &format!(
            "{{ echo \"$@\"; cat; }} > '{}'",
            place.path("mailed").display()
        ),
    );
    fake(
        "curl",
        &format!(
            "{{ echo \"$@\"; cat; }} > '{}'; exit 0",
            place.path("posted").display()
        ),
    );
    let telling = |variables: &[(&str, &str)]| {
        let path = std::env::var("PATH").unwrap_or_default();
        let mut command = Command::new("sh");
        command
            .arg(&tell)
            .arg("centime-run.service")
            .env("PATH", format!("{}:{path}", bin.display()))
            .envs(variables.iter().copied());
        command.output().expect("a shell")
    };
    let said = telling(&[
        ("MAIL_TO", "ops@example.fr"),
        ("URL", "https://ntfy.example/centime"),
    ]);
    assert!(said.status.success(), "{}", stderr(&said));
    assert!(stderr(&said).starts_with("<3>Centime: centime-run.service has failed on "));
    for (file, words) in [
        ("mailed", "ops@example.fr"),
        ("posted", "https://ntfy.example/centime"),
    ] {
        let told = read(&place.path(file));
        assert!(
            told.contains(words) && told.contains("could not be reached"),
            "{told}"
        );
    }
    assert!(telling(&[]).status.success());
    fake("curl", "cat > /dev/null; exit 22");
    assert!(
        !telling(&[("URL", "https://ntfy.example/centime")])
            .status
            .success()
    );
}

#[test]
fn units_of_systemd_are_understood() {
    let units = deploy().join("systemd");
    let tell = units.join("tell.sh");
    let place = Place::new();
    let Some(analyze) = program("systemd-analyze") else {
        return;
    };
    // The programs are where a machine has them that was set up by the guide.
    let installed = place.path("tell.sh");
    fs::copy(&tell, &installed).expect("a file");
    let mut files = Vec::new();
    for unit in fs::read_dir(&units).expect("units") {
        let unit = unit.expect("a unit").path();
        if unit.extension().is_some_and(|kind| kind == "sh") {
            continue;
        }
        let text = read(&unit)
            .replace("/usr/local/bin/centime", PROGRAM)
            .replace(
                "/usr/local/lib/centime/tell.sh",
                &installed.display().to_string(),
            );
        let to = place.path(
            unit.file_name()
                .and_then(|name| name.to_str())
                .expect("a name"),
        );
        fs::write(&to, text).expect("a file");
        files.push(to);
    }
    assert_eq!(files.len(), 4);
    let mut command = Command::new(analyze);
    let output = command
        .args(["verify", "--man=no", "--recursive-errors=yes"])
        .args(&files)
        .env(
            "SYSTEMD_UNIT_PATH",
            format!("{}:", place.folder.path().display()),
        )
        .output()
        .expect("systemd-analyze");
    let said = stderr(&output);
    let ours: Vec<&str> = said
        .lines()
        .filter(|line| line.contains("centime"))
        .collect();
    assert!(output.status.success() && ours.is_empty(), "{said}");
}

/// Each line of a log, as an event.
fn events(log: &str) -> Vec<Value> {
    let lines = log.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}")))
        .collect()
}

#[test]
fn a_log_is_one_stream_in_one_form() {
    let place = Place::new();
    let database = sqlite(&place.path("centime.db"));
    let run = ["run", "--sample", "--database", &database];
    let with = |args: &[&str], form: &str| {
        let mut command = place.centime(args);
        command.env("CENTIME_LOG_FORMAT", form);
        command
    };
    let has = |events: &[Value], words: &str| {
        let mut messages = events.iter().filter_map(|event| event["message"].as_str());
        messages.any(|message| message.contains(words))
    };
    let json = with(&run, "json").output().expect("it starts");
    assert!(json.stdout.is_empty());
    let said = events(&stderr(&json));
    for words in [
        "Published revision 1",
        "Retrieving compte-de-resultat",
        "run complete",
    ] {
        assert!(has(&said, words), "{words}: {said:?}");
    }
    for event in &said {
        assert!(
            event["timestamp"].is_string() && event["level"].is_string(),
            "{event}"
        );
    }
    // Also what is wrong with a command line, and why something failed.
    for (args, words) in [
        (&["run", "--smaple"][..], "--smaple"),
        (
            &[
                "run",
                "--portal",
                "http://127.0.0.1:1",
                "--database",
                &database,
            ],
            "could not be reached",
        ),
    ] {
        let failed = events(&stderr(&with(args, "json").output().expect("it starts")));
        assert!(has(&failed, words), "{failed:?}");
        assert_eq!(
            failed.last().map(|event| &event["level"]),
            Some(&"ERROR".into())
        );
    }

    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", &database];
    let mut site = Logged::start(with(&serve, "json"), &place.path("log"));
    let address = site.address();
    get(&address, "/healthz", "en");
    site.says("answered");
    let requests = events(&site.said());
    let request = requests.iter().find(|event| event["message"] == "answered");
    let request = request.expect("the request");
    assert!(
        request["path"] == "/healthz" && request["status"] == 200,
        "{request}"
    );

    // As text it is lines with times, of what is said to people, too.
    let text = with(&run, "text").output().expect("it starts");
    let said = stderr(&text);
    assert!(
        said.contains("Nothing new") && said.contains("run complete"),
        "{said}"
    );
    for line in said.lines() {
        let time = line.split_whitespace().next().unwrap_or_default();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
    }
    // Nobody chose a form: plain words for people. Nor did they by an empty variable.
    for command in [place.centime(&run), with(&run, "")] {
        let mut command = command;
        let said = stderr(&command.output().expect("it starts"));
        assert!(
            said.contains("\nNothing new") && !said.contains("INFO"),
            "{said}"
        );
    }
}

//! What each command prints, and how it ends.

use std::fs;

use crate::common::{Place, sqlite, stderr};

fn code(place: &Place, args: &[&str]) -> (i32, String) {
    let output = place.output(args);
    (output.status.code().expect("an exit code"), stderr(&output))
}

#[test]
fn a_run_and_an_analysis_as_in_the_readme() {
    let place = Place::new();
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let database = sqlite(&place.path("file.db"));
    let run = ["run", "--portal", &portal.address, "--database", &database];
    let (status, said) = code(&place, &run);
    assert_eq!(status, 0, "{said}");
    assert!(
        said.contains("Published revision 1: 886 records."),
        "{said}"
    );
    assert!(said.contains("2018 incomplete"), "{said}");

    let json = place.stdout(&[
        "analyse",
        "reconciliation",
        "--format",
        "json",
        "--database",
        &database,
    ]);
    let rows: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&json).expect("an array of objects");
    let names: Vec<&str> = rows[0].keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "siren",
            "body_name",
            "fiscal_year",
            "published_result",
            "leaf_result",
            "naive_result",
            "difference",
            "status",
            "witnesses",
            "witnesses_equal",
            "missing_lines",
            "doubts"
        ]
    );
    assert_eq!(rows.len(), 9);
    for row in &rows {
        if row["fiscal_year"] == 2018 {
            assert_eq!(row["status"], "incomplete");
            assert!(row["leaf_result"].is_null() && row["difference"].is_null());
            assert_eq!(row["published_result"], "364903240.45");
            assert_eq!(row["missing_lines"].as_array().map(Vec::len), Some(25));
        } else {
            assert_eq!(row["leaf_result"], row["published_result"]);
            assert_eq!(row["difference"], "0.00");
            assert_eq!(row["status"], "reconciled");
        }
    }
    assert_eq!(rows[8]["naive_result"], "-4921386637.46");

    let (status, said) = code(&place, &run);
    assert_eq!(status, 0);
    assert!(said.contains("Nothing new"), "{said}");

    let naive = place.stdout(&[
        "analyse",
        "yearly-result",
        "--basis",
        "naive",
        "--format",
        "csv",
        "--database",
        &database,
    ]);
    assert!(
        naive
            .lines()
            .nth(9)
            .is_some_and(|line| line.contains("-4921386637.46")),
        "{naive}"
    );
    let table = place.stdout(&["analyse", "completeness", "--database", &database]);
    assert!(table.contains("2018"), "{table}");
    let status = place.stdout(&["db", "status", "--sample", "--database", &database]);
    assert!(status.contains("revision 1"), "{status}");
    let junit = place.stdout(&["check", "--format", "junit", "--database", &database]);
    assert!(junit.contains(r#"name="results-reconciled""#), "{junit}");
    let checks = place.stdout(&["check", "--database", &database]);
    assert!(checks.contains("pass  results-reconciled (8)"), "{checks}");
}

#[test]
fn settings_come_from_flags_then_the_environment_then_the_file() {
    let place = Place::new();
    let in_file = place.path("in-file.db");
    fs::write(
        place.path("centime.toml"),
        format!("database = \"{}\"\n", sqlite(&in_file)),
    )
    .expect("a file");
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let run = |environment: Option<&str>, flag: Option<&str>| {
        let mut command = place.centime(&["run", "--quiet"]);
        command.env("CENTIME_PORTAL", &portal.address);
        if let Some(url) = environment {
            command.env("CENTIME_DATABASE_URL", url);
        }
        if let Some(url) = flag {
            command.args(["--database", url]);
        }
        let output = command.output().expect("the program starts");
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(output.stderr.is_empty() && output.stdout.is_empty());
    };
    run(None, None);
    assert!(in_file.exists());
    let (environment, flag) = (place.path("environment.db"), place.path("flag.db"));
    run(Some(&sqlite(&environment)), None);
    assert!(environment.exists() && !flag.exists());
    run(Some(&sqlite(&environment)), Some(&sqlite(&flag)));
    assert!(flag.exists());
}

#[test]
fn the_sample_wins_over_a_portal_of_the_environment() {
    let place = Place::new();
    let mut command = place.centime(&["run", "--sample", "--quiet"]);
    let output = command
        .env("CENTIME_PORTAL", "http://127.0.0.1:1")
        .output()
        .expect("it starts");
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn the_sample_has_a_database_of_its_own() {
    let place = Place::new();
    assert_eq!(code(&place, &["run", "--sample", "--quiet"]).0, 0);
    let (status, said) = code(&place, &["analyse", "yearly-result"]);
    assert_eq!(status, 5);
    assert!(
        said.contains("there is no database at") && said.contains("centime run"),
        "{said}"
    );
    let output = place.output(&["analyse", "yearly-result", "--sample"]);
    assert!(output.status.success());
    assert!(stderr(&output).contains("Sample data, not official figures"));
}

/// Each command ends with its exit code, and says these words.
fn refused(place: &Place, cases: &[(i32, &[&str], &[&str])]) {
    for (wanted, args, words) in cases {
        let (status, said) = code(place, args);
        assert_eq!(status, *wanted, "{args:?}: {said}");
        for word in *words {
            assert!(said.contains(word), "{args:?}: «{word}» is not in: {said}");
        }
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[test]
fn a_wrong_setting_ends_with_two() {
    let place = Place::new();
    fs::write(place.path("bad.toml"), "potral = 1\n").expect("a file");
    refused(
        &place,
        &[
            (
                2,
                &["run", "--portal", "not a url"],
                &["is not the address of a portal"],
            ),
            (
                2,
                &["run", "--portal", "ftp://example.org"],
                &["is not the address of a portal"],
            ),
            (
                2,
                &["run", "--sample", "--database", "mysql://h/x"],
                &["sqlite:PATH"],
            ),
            (
                2,
                &["run", "--sample", "--config", "none.toml"],
                &["none.toml", "not exist"],
            ),
            (
                2,
                &["run", "--sample", "--config", "bad.toml"],
                &["bad.toml", "potral"],
            ),
            (
                2,
                &["run", "--sample", "--portal", "http://127.0.0.1:1"],
                &["two sources"],
            ),
            (2, &["analyse", "profit"], &["yearly-result"]),
            (
                2,
                &["up", "--sample", "--listen", "127.0.0.1:99999"],
                &["--listen"],
            ),
            (
                2,
                &["up", "--sample", "--refresh", "soon"],
                &["«soon»", "1d"],
            ),
            (
                2,
                &["portal-sim", "--fault", "sunshine"],
                &["sunshine", "garbage"],
            ),
            (2, &["portal-sim", "--data", "nowhere"], &["nowhere"]),
        ],
    );
}

#[test]
fn a_portal_that_cannot_be_read_ends_with_three() {
    let place = Place::new();
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let on = portal.address.as_str();
    let other = "[datasets]\nincome_statement = \"another\"\nbalance_sheet = \"\"\n";
    fs::write(place.path("other.toml"), other).expect("a file");
    refused(
        &place,
        &[
            (
                3,
                &["run", "--portal", "http://127.0.0.1:1"],
                &["could not be reached", "check"],
            ),
            (
                3,
                &["run", "--portal", "http://portal.invalid"],
                &["portal.invalid", "check"],
            ),
            (
                3,
                &["run", "--portal", on, "--config", "other.toml"],
                &["no dataset \"another\""],
            ),
        ],
    );
}

#[test]
fn a_proxy_of_the_environment_is_not_for_this_machine_and_is_named_when_it_fails() {
    let place = Place::new();
    // Nothing listens on the port of this proxy.
    let through = |args: &[&str]| {
        let mut command = place.centime(args);
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env(name, "http://user:secret@127.0.0.1:9");
        }
        command.output().expect("the program starts")
    };
    let sample = through(&["run", "--sample"]);
    assert!(sample.status.success(), "{}", stderr(&sample));
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0"]);
    let database = sqlite(&place.path("file.db"));
    let local = through(&["run", "--portal", &portal.address, "--database", &database]);
    assert!(local.status.success(), "{}", stderr(&local));
    for portal in ["http://portal.invalid", "https://portal.invalid"] {
        let refused = through(&["run", "--portal", portal, "--database", &database]);
        assert_eq!(refused.status.code(), Some(3));
        let said = stderr(&refused);
        for part in ["the proxy 127.0.0.1:9", "portal.invalid", "no_proxy"] {
            assert!(said.contains(part), "{part}: {said}");
        }
        assert!(!said.contains("secret"), "{said}");
    }
}

#[test]
fn a_database_that_cannot_be_used_ends_with_five() {
    let place = Place::new();
    let text = "this is not a database, however long it may be\n".repeat(99);
    fs::write(place.path("text.db"), text).expect("a file");
    fs::create_dir(place.path("folder.db")).expect("a folder");
    refused(
        &place,
        &[
            (
                5,
                &["run", "--sample", "--database", "sqlite:text.db"],
                &["is not a database"],
            ),
            (
                5,
                &["run", "--sample", "--database", "sqlite:folder.db"],
                &["it is a folder"],
            ),
            (
                5,
                &["run", "--sample", "--database", "sqlite:no/x.db"],
                &["no/x.db", "folder"],
            ),
            (
                5,
                &["check", "--database", "sqlite:text.db"],
                &["is not a database", "choose"],
            ),
            (
                5,
                &["serve", "--database", "sqlite:none.db"],
                &["there is no database at"],
            ),
        ],
    );
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let place = Place::new();
    let run = |args: &[&str]| code(&place, args);
    let database = sqlite(&place.path("sample.db"));
    assert_eq!(
        run(&["run", "--sample", "--quiet", "--database", &database]).0,
        0
    );
    // The mark of the program, in the header of the file.
    let mut bytes = fs::read(place.path("sample.db")).expect("a file");
    bytes[68..72].copy_from_slice(&[0, 0, 0, 7]);
    fs::write(place.path("sample.db"), &bytes).expect("a file");
    let (status, said) = run(&["run", "--sample", "--database", &database]);
    assert_eq!(status, 5);
    assert!(said.contains("the database of another program"), "{said}");
    assert_eq!(fs::read(place.path("sample.db")).expect("a file"), bytes);
}

#[test]
fn help_and_completions_name_what_there_is() {
    let place = Place::new();
    let help = place.stdout(&["--help"]);
    for word in [
        "up",
        "run",
        "serve",
        "analyse",
        "check",
        "portal-sim",
        "Exit codes",
        "--database",
    ] {
        assert!(help.contains(word), "{word}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            place
                .stdout(&["completions", shell])
                .contains("reconciliation"),
            "{shell}"
        );
    }
    let faults = place.stdout(&["portal-sim", "--list-faults"]);
    assert_eq!(faults.lines().count(), centime_portal_sim::Fault::ALL.len());
}

/// The examples in the help of a command.
fn examples(help: &str) -> Vec<String> {
    let (_, after) = help.split_once("Examples:\n").expect("examples");
    let lines = after.lines().map_while(|line| line.strip_prefix("  "));
    lines
        .filter(|line| !line.starts_with('#'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn examples_of_the_help_do_what_they_say() {
    let place = Place::new();
    assert_eq!(code(&place, &["run", "--sample", "--quiet"]).0, 0);
    let mut tried = 0;
    for command in [
        "run",
        "analyse",
        "report",
        "check",
        "db",
        "db status",
        "token create",
        "token list",
    ] {
        let words: Vec<&str> = command.split(' ').collect();
        let help = place.stdout(&[&words[..], &["--help"]].concat());
        let examples = examples(&help);
        assert_eq!(examples.len(), 3, "{help}");
        for example in examples.iter().filter(|line| line.contains("--sample")) {
            let typed: Vec<&str> = example.split(' ').skip(1).collect();
            let output = place.output(&typed);
            assert!(output.status.success(), "{example}: {}", stderr(&output));
            tried += 1;
        }
    }
    assert!(tried >= 12, "{tried}");
    assert!(place.path("report.pdf").exists());
}

#[test]
fn the_version_names_the_commit_and_pages_of_the_manual_the_commands() {
    let place = Place::new();
    let version = place.stdout(&["--version"]);
    let shown = version
        .strip_prefix("centime ")
        .expect("the name")
        .trim_end();
    let (number, commit) = shown.split_once(' ').unwrap_or((shown, ""));
    assert_eq!(number, env!("CARGO_PKG_VERSION"));
    // Without a repository the number stands alone.
    let digits = commit.trim_matches(['(', ')']);
    assert!(
        digits.bytes().all(|digit| digit.is_ascii_hexdigit()),
        "{version}"
    );

    let folder = place.path("share/man/man1");
    place.stdout(&["man", &folder.display().to_string()]);
    for page in ["centime.1", "centime-run.1", "centime-db-status.1"] {
        let text = fs::read_to_string(folder.join(page)).expect("a page");
        assert!(
            text.contains(".TH ") && text.contains("Examples:"),
            "{text}"
        );
    }
    fs::write(place.path("file"), "").expect("a file");
    refused(
        &place,
        &[(2, &["man", "file/man"], &["file/man", "folder of your own"])],
    );
}

#[test]
fn an_empty_variable_is_as_good_as_none() {
    let place = Place::new();
    let help = place.stdout(&["--help"]);
    let of_commands = ["up", "serve", "run", "metabase sync", "health", "analyse"];
    let mut variables = vec![
        "CENTIME_API_KEY",
        "CENTIME_DATABASE_KEY",
        "CENTIME_KEEP_REVISIONS",
        "CENTIME_LOG",
        "CENTIME_LOG_FORMAT",
        "CENTIME_METABASE_PASSWORD",
        "CENTIME_REFRESH_RETRY",
        "CENTIME_SITE_BURST",
        "CENTIME_SITE_TRUSTED_PROXIES",
        "CENTIME_TLS_CERTIFICATE",
    ];
    let helps = of_commands.map(|command| {
        let words: Vec<&str> = command.split(' ').collect();
        place.stdout(&[&words[..], &["--help"]].concat())
    });
    for help in helps.iter().chain([&help]) {
        for rest in help.split("[env: ").skip(1) {
            variables.push(rest.split(['=', ']']).next().expect("a name"));
        }
    }
    assert!(
        variables.len() > 20 && variables.contains(&"CENTIME_REFRESH"),
        "{variables:?}"
    );
    for args in [
        &["run", "--sample"][..],
        &["analyse", "yearly-result", "--sample"],
        &["check", "--sample"],
    ] {
        let mut command = place.centime(args);
        command.envs(variables.iter().map(|name| (*name, "")));
        let output = command.output().expect("it starts");
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
    }
    // The sample's own database was meant.
    assert!(place.path("data/centime/sample.db").exists());
}

#[test]
fn settings_of_the_environment_are_obeyed_or_refused_by_their_name() {
    let place = Place::new();
    for (name, value, args, words) in [
        (
            "CENTIME_KEEP_REVISIONS",
            "1",
            &["run", "--sample"][..],
            "keep_revisions = 1",
        ),
        (
            "CENTIME_KEEP_REVISIONS",
            "few",
            &["run", "--sample"],
            "CENTIME_KEEP_REVISIONS",
        ),
        ("CENTIME_REFRESH", "soon", &["up", "--sample"], "«soon»"),
        (
            "CENTIME_REFRESH_RETRY",
            "0s",
            &["up", "--sample"],
            "refresh_retry",
        ),
        (
            "CENTIME_SITE_BURST",
            "none",
            &["serve", "--sample"],
            "CENTIME_SITE_BURST",
        ),
        (
            "CENTIME_SITE_PUBLIC_ADDRESS",
            "x",
            &["serve", "--sample"],
            "site.public_address",
        ),
    ] {
        let mut command = place.centime(args);
        if args[0] == "serve" {
            assert_eq!(code(&place, &["run", "--sample", "--quiet"]).0, 0);
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let output = command.env(name, value).output().expect("it starts");
        let said = stderr(&output);
        assert!(
            output.status.code() == Some(2) && said.contains(words),
            "{name}={value}: {said}"
        );
    }
    fs::write(place.path("one.toml"), "keep_revisions = 1\n").expect("a file");
    refused(
        &place,
        &[(
            2,
            &["run", "--sample", "--config", "one.toml"],
            &["at least 2"],
        )],
    );
}

#[test]
fn messages_name_commands_with_the_flags_that_were_given() {
    let place = Place::new();
    let missing = sqlite(&place.path("none.db"));
    let again = format!("`centime run --sample --database {missing}`");
    let (_, said) = code(
        &place,
        &[
            "analyse",
            "yearly-result",
            "--sample",
            "--database",
            &missing,
        ],
    );
    assert!(said.contains(&again), "{said}");
    let (_, said) = code(&place, &["check", "--sample"]);
    assert!(said.contains("`centime run --sample`"), "{said}");
    let (_, said) = code(&place, &["check"]);
    assert!(said.contains("`centime run`"), "{said}");
    // A list of nothing says that there is nothing.
    let database = sqlite(&place.path("some.db"));
    let empty = place.output(&["token", "list", "--database", &database]);
    assert!(empty.status.success() && empty.stdout.is_empty());
    let make = format!("`centime token create --role viewer --database {database}` makes one");
    assert!(stderr(&empty).contains("There are no tokens") && stderr(&empty).contains(&make));
    let json = place.stdout(&["token", "list", "--format", "json", "--database", &database]);
    assert_eq!(json.trim(), "[]");
    let (_, said) = code(&place, &["audit", "list", "--database", &database]);
    assert!(said.contains("Nothing has been noted yet."), "{said}");
}

#[test]
fn what_cannot_be_obeyed_is_refused_and_what_is_not_used_is_said() {
    let place = Place::new();
    refused(
        &place,
        &[
            (
                2,
                &[
                    "report",
                    "--sample",
                    "--years",
                    "2023-2019",
                    "--out",
                    "x.pdf",
                ],
                &["2019-2023"],
            ),
            (
                2,
                &["run", "--sample", "--accept-changes=everything"],
                &["reconciliation", "years"],
            ),
            (
                2,
                &["run", "--sample", "--accept-changes", "years"],
                &["years"],
            ),
        ],
    );
    for accepted in [
        "--accept-changes",
        "--accept-changes=years",
        "--accept-changes=body,reconciliation",
    ] {
        assert_eq!(
            code(&place, &["run", "--sample", "--quiet", accepted]).0,
            0,
            "{accepted}"
        );
    }
    let settings = "[body]\nname = \"Ville d'Essai\"\nsiren = \"217500016\"\n[datasets]\nbalance_sheet = \"\"\n";
    fs::write(place.path("centime.toml"), settings).expect("a file");
    let (status, said) = code(&place, &["run", "--sample"]);
    assert!(
        status == 0 && said.contains("[datasets], [body] of the configuration file are not used"),
        "{said}"
    );
    assert!(
        !code(&place, &["run", "--sample", "--quiet"])
            .1
            .contains("[body]")
    );
    assert_eq!(said.matches("compte-de-resultat").count(), 1, "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_device_is_said_to_be_standard_output() {
    let place = Place::new();
    assert_eq!(code(&place, &["run", "--sample", "--quiet"]).0, 0);
    for args in [
        &["check", "--sample"][..],
        &["analyse", "yearly-result", "--sample"],
        &["db", "status", "--sample"],
        &["completions", "bash"],
    ] {
        let full = fs::File::options()
            .write(true)
            .open("/dev/full")
            .expect("a device");
        let output = place
            .centime(args)
            .stdout(full)
            .output()
            .expect("it starts");
        let said = stderr(&output);
        assert!(
            said.contains("standard output could not be written"),
            "{args:?}: {said}"
        );
        assert_eq!(output.status.code(), Some(1));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_never_sees_a_bar_of_nothing() {
    let place = Place::new();
    let run = format!("{} run --sample", crate::common::PROGRAM);
    let mut command = place.command(
        std::path::Path::new("script"),
        &["--quiet", "--return", "--command", &run, "/dev/null"],
    );
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    command.env("TERM", "xterm");
    let Ok(output) = command.output() else {
        centime_test_input::skipped("what a terminal shows", "script is not on this machine");
        return;
    };
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && shown.contains("Published revision 1"),
        "{shown}"
    );
    assert!(shown.contains("Retrieving compte-de-resultat"), "{shown}");
    for nothing in ["0/0", "0 of 0"] {
        assert!(!shown.contains(nothing), "{shown}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one database, asked in many ways")]
fn rows_of_one_body_and_of_all_in_each_form() {
    let place = Place::new();
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0", "--bodies", "3"]);
    let database = sqlite(&place.path("file.db"));
    place.publish(&portal.address, &database);
    let ask = |args: &[&str]| {
        let args = [args, &["--quiet", "--database", &database]].concat();
        place.output(&args)
    };
    let csv = |args: &[&str]| -> Vec<Vec<String>> {
        let output = ask(args);
        assert!(output.status.success(), "{args:?}: {}", stderr(&output));
        let text = String::from_utf8(output.stdout).expect("text");
        // No cell that is asked for here has a line in it.
        let cells = |line: &str| line.split(',').map(str::to_owned).collect();
        text.lines().map(cells).collect()
    };
    let result = ["analyse", "yearly-result", "--format", "csv"];
    let of = |body: &str| csv(&[&result[..], &["--body", body]].concat());
    let all = of("all");
    assert_eq!(all[0][..3], ["siren", "body_name", "fiscal_year"]);
    let mut bodies: Vec<&str> = all[1..].iter().map(|row| row[0].as_str()).collect();
    bodies.dedup();
    assert_eq!(bodies.len(), 3);
    let mut each = vec![all[0].clone()];
    for body in &bodies {
        each.extend(of(body).into_iter().skip(1));
    }
    assert_eq!(all, each);
    assert_eq!(of("*"), all);

    let some = csv(&[&result[..], &["--body", "all", "--years", "2019-2020"]].concat());
    assert_eq!(some.len(), 1 + 2 * 3);
    let lines = ["lines", "--format", "csv", "--body"];
    let total = csv(&[&lines[..], &[bodies[0]]].concat()).len() - 1;
    let of_all = csv(&[&lines[..], &["all"]].concat()).len() - 1;
    assert!(total > 300 && of_all == 3 * total, "{total} {of_all}");
    let head = csv(&[&lines[..], &["all", "--years", "2019", "--side", "expense"]].concat());
    for name in [
        "siren",
        "code",
        "block",
        "parent",
        "harmonised",
        "year_complete",
        "record",
    ] {
        assert!(head[0].iter().any(|column| column == name), "{:?}", head[0]);
    }
    assert!(head.len() > 3 && head.len() - 1 < total);
    let table = ask(&[
        "lines", "--body", bodies[0], "--years", "2019", "--role", "line",
    ]);
    let table = String::from_utf8(table.stdout).expect("text");
    assert!(
        table.contains("2019") && !table.contains(bodies[0]),
        "{table}"
    );

    // Files are whole, in the form that they end with.
    for (file, begins) in [
        ("all.parquet", &b"PAR1"[..]),
        ("all.xlsx", b"PK"),
        ("all.csv", b"siren,"),
        ("all.json", b"["),
    ] {
        let path = place.path(file);
        let out = path.display().to_string();
        let output = ask(&["analyse", "completeness", "--body", "all", "--out", &out]);
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(output.stdout.is_empty());
        assert!(
            fs::read(&path).expect("a file").starts_with(begins),
            "{file}"
        );
    }
    let sent = ask(&["lines", "--body", "all", "--format", "parquet"]).stdout;
    assert!(sent.starts_with(b"PAR1") && sent.ends_with(b"PAR1"));
    assert_eq!(
        fs::read_dir(place.folder.path())
            .expect("a folder")
            .filter(|entry| {
                entry
                    .as_ref()
                    .is_ok_and(|entry| entry.file_name().to_string_lossy().starts_with(".centime"))
            })
            .count(),
        0
    );

    for (args, said) in [
        (&["lines"][..], "more than one public body"),
        (
            &["lines", "--body", "all", "--body", bodies[0]],
            "cannot be used multiple times",
        ),
        (
            &["lines", "--body", "all", "--years", "1950-1951"],
            "none of 1950-1951",
        ),
        (
            &["lines", "--body", "all", "--years", "2020-2019"],
            "there is no year from 2020 to 2019",
        ),
        (
            &["lines", "--body", "all", "--category", "Rien"],
            "no «Rien» in any statement",
        ),
        (
            &["lines", "--body", bodies[0], "--category", "Rien"],
            "expected one of",
        ),
        (
            &["lines", "--body", "all", "--revision", "7"],
            "revision 7 is not kept",
        ),
        (&["lines", "--body", "all", "--out", "x.txt"], ".parquet"),
        (
            &[
                "lines", "--body", "all", "--out", "x.csv", "--format", "json",
            ],
            "--format",
        ),
        (
            &["lines", "--body", "all", "--out", "no/x.csv"],
            "folder does not exist",
        ),
        (&["export"], "--data"),
        (
            &["export", "--data", ".", "--site", "."],
            "cannot be used with",
        ),
    ] {
        let output = ask(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&output).contains(said),
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn all_data_of_one_revision_in_a_folder() {
    let place = Place::new();
    let portal = place.start(&["portal-sim", "--listen", "127.0.0.1:0", "--bodies", "2"]);
    let database = sqlite(&place.path("file.db"));
    place.publish(&portal.address, &database);
    let into = place.path("out/data");
    let name = into.display().to_string();
    let export = || place.output(&["export", "--data", &name, "--database", &database]);
    let read = |file: &str| {
        fs::read_to_string(into.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    };
    for _ in 0..2 {
        let output = export();
        assert!(output.status.success(), "{}", stderr(&output));
        assert!(
            stderr(&output).contains("of revision 1 are in"),
            "{}",
            stderr(&output)
        );
        let about: serde_json::Value = serde_json::from_str(&read("centime.json")).expect("JSON");
        assert_eq!(about["source"]["revision"], "1");
        let mut rows = 0;
        for table in about["tables"].as_array().expect("tables") {
            let name = table["name"].as_str().expect("a name");
            let mut of_table = 0;
            for year in table["years"].as_array().expect("years") {
                let folder = format!("{name}/fiscal_year={year}/part-0");
                let csv = read(&format!("csv/{folder}.csv"));
                assert!(csv.starts_with("siren,body_name,"), "{csv}");
                assert!(
                    !csv.lines()
                        .next()
                        .is_some_and(|head| head.contains("fiscal_year"))
                );
                let parquet =
                    fs::read(into.join(format!("parquet/{folder}.parquet"))).expect("a file");
                assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
                of_table += csv.lines().count() - 1;
            }
            // Cells of several lines are lines of a file, too.
            let said = usize::try_from(table["rows"].as_u64().expect("a number")).expect("few");
            assert!(of_table >= said && said > 0, "{name}: {of_table} {said}");
            rows += said;
        }
        assert!(rows > 1000, "{rows}");
        let beside = fs::read_dir(place.path("out")).expect("a folder").count();
        assert_eq!(beside, 1, "something was left beside it");
    }
    // What is not ours stays, and so does what was there.
    fs::write(into.join("mine.txt"), "mine").expect("a file");
    let output = export();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("holds something else"),
        "{}",
        stderr(&output)
    );
    assert_eq!(read("mine.txt"), "mine");
    let other = place.path("other");
    fs::create_dir(&other).expect("a folder");
    fs::write(other.join("centime.json"), "{}").expect("a file");
    let output = place.output(&["export", "--data", "other", "--database", &database]);
    assert_eq!(output.status.code(), Some(2));
}

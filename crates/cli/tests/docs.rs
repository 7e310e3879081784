//! The guide says what the program does: its links lead somewhere, what it shows of commands is what
//! they print, and each amount that it quotes is one of the sample edition.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use crate::common::{Place, stderr};
use centime_accounts::Centimes;
use centime_analytics::Language;
use centime_render::language::format::{amount, euros};
use centime_test_input::skipped;
use serde_json::{Map, Value};

/// The pages that quote figures, and the language of their numbers.
const EXPLAINED: [(&str, Language); 2] = [
    ("docs/figures.md", Language::English),
    ("docs/chiffres.md", Language::French),
];
const TABLE: &str = "<!-- made from the sample edition: reconciliation -->\n";
const TABLE_END: &str = "<!-- end -->";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(name: &str) -> String {
    let path = root().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The Markdown of the repository that people read.
fn pages() -> Vec<String> {
    let markdown = |folder: &str| {
        let entries = fs::read_dir(root().join(folder)).expect("a folder");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let pages = paths.filter(|path| path.extension() == Some("md".as_ref()));
        let names = pages.map(|page| page.file_name().expect("a name").to_owned());
        names
            .map(|name| format!("{folder}{}", name.to_str().expect("text")))
            .collect::<Vec<_>>()
    };
    [markdown("./"), markdown("docs/")].concat()
}

/// Where the links of a page lead.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// The address of a heading within its page, as GitHub and mdBook make it.
fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            let kept = title
                .chars()
                .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
            kept.collect::<String>().replace(' ', "-")
        })
        .collect()
}

#[test]
fn every_link_leads_somewhere_and_the_summary_has_every_page() {
    for page in pages() {
        let text = read(&page);
        for link in links(&text).filter(|link| !link.contains("://")) {
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = root().join(&page);
            let target = if path.is_empty() {
                folder
            } else {
                folder.parent().expect("a folder").join(path)
            };
            assert!(target.exists(), "{page}: {link} leads nowhere");
            if !anchor.is_empty() {
                let there = fs::read_to_string(&target).expect("a page");
                assert!(
                    anchors(&there).contains(anchor),
                    "{page}: {link} has no such heading"
                );
            }
        }
    }
    let summary = read("docs/SUMMARY.md");
    let listed: BTreeSet<&str> = links(&summary).collect();
    for page in pages() {
        if let Some(name) = page
            .strip_prefix("docs/")
            .filter(|name| *name != "SUMMARY.md")
        {
            assert!(
                listed.contains(name),
                "docs/SUMMARY.md does not list {name}"
            );
        }
    }
}

/// With `autotests = false` Cargo compiles what `tests/main.rs` names and nothing else: a file that is not named there
/// would never run.
#[test]
fn every_file_of_tests_is_named_by_the_test_program_of_its_crate() {
    let crates = fs::read_dir(root().join("crates")).expect("a folder");
    let mut checked = 0;
    for folder in crates.map(|entry| entry.expect("an entry").path()) {
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        if !manifest.contains("autotests = false") {
            continue;
        }
        let folder = folder.join("tests");
        let main = folder.join("main.rs");
        let text =
            fs::read_to_string(&main).unwrap_or_else(|error| panic!("{}: {error}", main.display()));
        let named: BTreeSet<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
            .collect();
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            let stem = stem.expect("a name in UTF-8").to_owned();
            let is_module = path.extension() == Some("rs".as_ref()) || path.join("mod.rs").exists();
            if is_module && stem != "main" {
                assert!(
                    named.contains(stem.as_str()),
                    "{} is not tested",
                    path.display()
                );
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "only {checked} files were found");
}

#[test]
fn the_tutorial_shows_what_commands_print() {
    let place = Place::new();
    let text = read("docs/tutorial.md");
    let mut shown = 0;
    for block in text.split("```console\n$ centime ").skip(1) {
        let block = block.split("```").next().expect("a block");
        let (command, expected) = block
            .split_once('\n')
            .expect("a command and what it prints");
        let output = place.output(&command.split_whitespace().collect::<Vec<_>>());
        let printed = stderr(&output) + &String::from_utf8(output.stdout).expect("text");
        let mut rest = printed.as_str();
        for part in expected.split("…\n").filter(|part| !part.is_empty()) {
            let at = rest
                .find(part)
                .unwrap_or_else(|| panic!("`centime {command}` prints:\n{printed}"));
            rest = &rest[at + part.len()..];
        }
        shown += 1;
    }
    assert!(shown > 0, "the tutorial shows no command");
}

fn analysis(place: &Place, name: &str, basis: &str) -> Vec<Map<String, Value>> {
    let json = place.stdout(&[
        "analyse", name, "--basis", basis, "--sample", "--format", "json",
    ]);
    serde_json::from_str(&json).expect("an array of objects")
}

/// Centimes of an amount as the program or the portal prints it.
fn centimes(text: &str) -> Option<i64> {
    let (whole, cents) = text.split_once('.')?;
    let cents = format!("{cents:0<2}");
    format!("{whole}{cents}")
        .parse()
        .ok()
        .filter(|_| cents.len() == 2)
}

/// Every amount of the sample's income statement and of the analyses made of it, signed or not: pages
/// quote subtractions, too.
fn amounts(place: &Place) -> BTreeSet<i64> {
    let records = read("crates/portal-sim/sample/compte-de-resultat/records.jsonl");
    let records = records
        .lines()
        .map(|line| serde_json::from_str::<Map<String, Value>>(line).expect("a record"));
    let analyses = [
        "yearly-result",
        "exceptional-charges",
        "completeness",
        "reconciliation",
    ];
    let rows = analyses
        .into_iter()
        .flat_map(|name| ["leaf", "naive"].map(|basis| analysis(place, name, basis)));
    let values = records.chain(rows.flatten()).flat_map(Map::into_iter);
    let known = values.filter_map(|(_, value)| match value {
        Value::String(text) => centimes(&text),
        Value::Number(number) => centimes(&number.to_string()),
        _ => None,
    });
    known.flat_map(|amount| [amount, -amount]).collect()
}

#[test]
fn the_explanation_quotes_the_sample_edition() {
    let place = Place::new();
    assert!(place.output(&["run", "--sample"]).status.success());
    let rows = analysis(&place, "reconciliation", "leaf");
    let known = amounts(&place);
    for (name, language) in EXPLAINED {
        let page = read(name);
        let (before, rest) = page.split_once(TABLE).expect("a table that is made");
        let (_, after) = rest.split_once(TABLE_END).expect("its end");
        let made = format!(
            "{before}{TABLE}{}{TABLE_END}{after}",
            table(&rows, language)
        );
        if env::var_os("CENTIME_WRITE_DOCS").is_some() {
            fs::write(root().join(name), &made).expect("it can be written");
        }
        assert!(
            read(name) == made,
            "{name} does not show the sample edition: run `make docs` and commit what it writes"
        );

        let written: BTreeSet<String> = known
            .iter()
            .map(|amount| euros(Centimes::new(*amount), language))
            .collect();
        let quoted = quoted(&made);
        assert!(quoted.len() > 10, "{name} quotes amounts");
        for quote in quoted {
            assert!(
                written.contains(quote.trim_start_matches('+')),
                "{name}: {quote} is not in the sample edition"
            );
        }
    }
}

/// The words of a page that are amounts in euros.
fn quoted(page: &str) -> Vec<&str> {
    let inside =
        |letter: char| letter.is_ascii_digit() || "€+\u{2212},.\u{202f}\u{a0}".contains(letter);
    let words = page.split(|letter| !inside(letter));
    let trimmed = words.map(|word| word.trim_matches(['.', ',', '\u{a0}']));
    trimmed.filter(|word| word.contains('€')).collect()
}

fn table(rows: &[Map<String, Value>], language: Language) -> String {
    let (head, statuses) = match language {
        Language::French => (
            "| exercice | résultat publié au bilan | sans double compte | calcul naïf | |",
            [("reconciled", "rapproché"), ("incomplete", "incomplet")],
        ),
        Language::English => (
            "| year | result on the balance sheet | without double counting | naive | |",
            [("reconciled", "reconciled"), ("incomplete", "incomplete")],
        ),
    };
    let mut table = format!("\n{head}\n|---|---:|---:|---:|---|\n");
    for row in rows {
        let cell = |name: &str| {
            let known = row[name].as_str().and_then(centimes);
            known.map_or_else(
                || "–".to_owned(),
                |known| amount(Centimes::new(known), language),
            )
        };
        let status = statuses
            .iter()
            .find(|(status, _)| row["status"] == **status)
            .expect("a status")
            .1;
        writeln!(
            table,
            "| {} | {} | {} | {} | {status} |",
            row["fiscal_year"],
            cell("published_result"),
            cell("leaf_result"),
            cell("naive_result")
        )
        .expect("memory");
    }
    table + "\n"
}

/// The snippets of the page of tools, each with its language, for a site and a body.
fn snippets(site: &str, body: &str) -> Vec<(String, String)> {
    let text = read("docs/tools.md");
    let blocks = text.split("\n```").skip(1).step_by(2);
    let blocks = blocks.filter_map(|block| block.split_once('\n'));
    let here = |snippet: &str| {
        let placed = snippet.replace("https://comptes.example.fr", site);
        placed.replace("217500016", body)
    };
    blocks
        .map(|(language, snippet)| (language.to_owned(), here(snippet)))
        .collect()
}

/// Runs a program of others; `None` where it is not there.
fn run(program: &Path, args: &[&str], home: Option<&Path>) -> Option<Output> {
    let mut command = Command::new(program);
    command.args(args).env("no_proxy", "127.0.0.1");
    if let Some(home) = home {
        command.env("HOME", home);
    }
    command.output().ok()
}

/// What a program that succeeded has printed.
fn printed(what: &str, output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{what}: {text}\n{}",
        stderr(output)
    );
    text
}

#[test]
fn the_snippets_of_the_guide_read_a_site() {
    const RESULT: &str = "-231139220.49";
    let place = Place::new();
    let database = centime_test_database::fresh(place.folder.path());
    place.stdout(&["run", "--sample", "--quiet", "--database", &database]);
    let serve = [
        "serve",
        "--sample",
        "--listen",
        "127.0.0.1:0",
        "--database",
        &database,
    ];
    let site = place.start(&serve);
    let bodies = place.stdout(&[
        "analyse",
        "yearly-result",
        "--sample",
        "--quiet",
        "--format",
        "csv",
        "--database",
        &database,
    ]);
    let body = bodies
        .lines()
        .nth(1)
        .and_then(|line| line.split(',').next());
    let body = body.expect("the number of the body");
    // Where `make test-tools` has put them.
    let tools = env::var_os("CENTIME_TEST_TOOLS").map(PathBuf::from);
    let python = match &tools {
        Some(tools) => tools.join("bin/python"),
        None => PathBuf::from("python3"),
    };
    let home = tools.as_deref();
    let python = |code: &str| run(&python, &["-c", code], home);
    let has = |modules: &str| {
        python(&format!("import {modules}")).is_some_and(|output| output.status.success())
    };
    let mut asked = 0;
    for (language, snippet) in snippets(&site.address, body) {
        asked += 1;
        match language.as_str() {
            "python" if snippet.contains("DIR/") => {
                if !has("pandas, pyarrow, duckdb") {
                    skipped(
                        "the folder of data",
                        "pandas, pyarrow and duckdb are not here",
                    );
                    continue;
                }
                let folder = place.path("data").display().to_string();
                place.stdout(&[
                    "export",
                    "--sample",
                    "--quiet",
                    "--data",
                    &folder,
                    "--database",
                    &database,
                ]);
                let code = snippet.replace("DIR", &folder);
                let shown = format!(
                    "{code}\nprint(pd.read_parquet('{folder}/parquet/yearly_result').to_string())\n\
                     print(duckdb.sql(\"SELECT count(DISTINCT fiscal_year) AS years FROM '{folder}/csv/lines/*/*.csv'\"))"
                );
                let output = python(&shown).expect("it was there");
                let text = printed("the folder of data", &output);
                assert!(text.contains(RESULT) && text.contains('9'), "{text}");
            }
            "python" => {
                let module = if snippet.contains("polars") {
                    "polars"
                } else {
                    "pandas, pyarrow"
                };
                if !has(module) {
                    skipped(&format!("the snippet for {module}"), "it is not here");
                    continue;
                }
                let output = python(&snippet).expect("it was there");
                let text = printed(module, &output);
                assert!(text.contains("2024"), "{text}");
                assert!(module == "polars" || text.contains(RESULT), "{text}");
            }
            "sql" if snippet.contains("read_parquet") => {
                let load = "import duckdb; duckdb.sql('LOAD httpfs')";
                if !python(load).is_some_and(|output| output.status.success()) {
                    skipped(
                        "the snippet for DuckDB",
                        "it is not here with its extension httpfs",
                    );
                    continue;
                }
                let code = format!("import duckdb\nprint(duckdb.sql('''{snippet}''').fetchall())");
                let text = printed("DuckDB", &python(&code).expect("it was there"));
                assert!(text.contains(RESULT) && text.contains(body), "{text}");
            }
            "sql" => {
                let psql = Path::new("psql");
                let ask =
                    |sql: &str| run(psql, &[&database, "--no-psqlrc", "--command", sql], None);
                let views = "SELECT 1 FROM published.yearly_result";
                if !centime_test_database::on_postgres()
                    || !ask(views).is_some_and(|output| output.status.success())
                {
                    skipped(
                        "the snippet for psql",
                        "the test is not on PostgreSQL, or psql is not here",
                    );
                    continue;
                }
                let text = printed("psql", &ask(&snippet).expect("it was there"));
                assert!(text.contains(RESULT), "{text}");
            }
            "r" => {
                let rscript = Path::new("Rscript");
                let found = run(rscript, &["-e", "library(arrow)"], None);
                if !found.is_some_and(|output| output.status.success()) {
                    skipped(
                        "the snippet for R",
                        "Rscript is not here with its package arrow",
                    );
                    continue;
                }
                let output = run(rscript, &["-e", &snippet], None).expect("it was there");
                let text = printed("R", &output);
                assert!(text.contains("2024"), "{text}");
            }
            "yaml" => {
                let sources: Value = serde_saphyr::from_str(&snippet).expect("YAML");
                assert_eq!(sources["sources"][0]["schema"], "published");
                skipped("the snippet for dbt", "its views are asked by psql only");
            }
            "powerquery" => skipped("the snippet for Excel", "Excel runs on no machine of ours"),
            other => panic!("a snippet in a language that is not known here: {other}"),
        }
    }
    assert_eq!(asked, 8);
}

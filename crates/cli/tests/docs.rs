//! The guide says what the program does: its links lead somewhere, what it shows of commands is what
//! they print, and each amount that it quotes is one of the sample edition.

mod common;

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use centime_analytics::Language;
use centime_render::format::{amount, euros};
use common::{Place, stderr};
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
            .map(|amount| euros(*amount, language))
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
            known.map_or_else(|| "–".to_owned(), |known| amount(known, language))
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

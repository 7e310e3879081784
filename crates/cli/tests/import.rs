//! `centime import`, as a person and as a script run it.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::common::{Place, sqlite, stderr};

const CFU: &[u8] = include_bytes!("../../documents/tests/data/cfu-2023.xml");
const TOTEM: &str = include_str!("../../documents/tests/data/totem.xml");
const SCDL: &str = include_str!("../../documents/tests/data/scdl.csv");

/// The years of the town, as a script reads them.
fn yearly_results(place: &Place, database: &str) -> Vec<Value> {
    let asked = [
        "analyse",
        "yearly-result",
        "--body",
        "215601345",
        "--format",
        "json",
        "--database",
        database,
    ];
    serde_json::from_str(&place.stdout(&asked)).unwrap()
}

#[test]
fn a_town_from_its_own_file() {
    let place = Place::new();
    let database = sqlite(&place.path("town.db"));
    let file = place.path("cfu-2023.xml");
    fs::write(&file, CFU).unwrap();
    let file = file.to_str().unwrap();
    let output = place.output(&["import", file, "--database", &database]);
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    for words in [
        "Reading ",
        "COMMUNE DE MOHON 2023, SIRET 21560134500014, result 217077.40 € (3 of 3 parts of the document agree)",
        "Published revision 1: ",
        "2022, 2023 equal to the published result, to the centime",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert!(!said.contains("portal"), "{said}");
    let rows = yearly_results(&place, &database);
    assert_eq!(
        (rows.len(), &rows[1]["result"]),
        (2, &Value::from("217077.40"))
    );
    let rows = |asked: &[&str]| -> Vec<Value> {
        let form = ["--format", "json", "--database", &database];
        serde_json::from_str(&place.stdout(&[asked, &form[..]].concat())).unwrap()
    };
    let indicators = rows(&["indicators"]);
    let of = |code: &str| {
        let mut found = indicators.iter();
        found.find(|row| row["indicator"] == code).unwrap().clone()
    };
    assert_eq!(of("gross-cash-flow")["amount"], "229473.21");
    assert_eq!(of("years-to-repay")["years"], "1.09");
    assert_eq!(of("ratio-8")["missing"], json!(["fiscal-potential"]));
    let accounts = rows(&["accounts", "--years", "2023"]);
    let pay = accounts
        .iter()
        .find(|row| row["account"] == "6411")
        .unwrap();
    assert_eq!(pay["line"], "m57-salaries");
    let by_nature = rows(&["statement", "--by-nature"]);
    let result = by_nature.iter().find(|row| row["line"] == "nature-result");
    assert_eq!(result.unwrap()["amount"], "217077.40");
    let output = place.output(&["import", file, "--database", &database]);
    assert!(output.status.success());
    assert!(
        stderr(&output).contains("Nothing new"),
        "{}",
        stderr(&output)
    );
    let output = place.output(&["import", file, "--quiet", "--database", &database]);
    assert_eq!(
        (output.status.code(), stderr(&output).as_str()),
        (Some(0), "")
    );
}

#[test]
fn a_folder_and_standard_input_with_an_answer_for_programs() {
    let place = Place::new();
    let database = sqlite(&place.path("town.db"));
    let folder = place.path("documents");
    fs::create_dir(&folder).unwrap();
    // The same budget, six years before.
    fs::write(folder.join("totem.xml"), TOTEM).unwrap();
    fs::write(folder.join("cfu.xml"), CFU).unwrap();
    let asked = [
        "import",
        folder.to_str().unwrap(),
        "--format",
        "json",
        "--database",
        &database,
    ];
    let answer: Value = serde_json::from_str(&place.stdout(&asked)).unwrap();
    assert_eq!(
        (&answer["published"], &answer["revision"]),
        (&true.into(), &1.into())
    );
    let documents = answer["documents"].as_array().unwrap();
    let kinds: Vec<&str> = documents
        .iter()
        .map(|found| found["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["cfu", "totem"]);
    assert_eq!(documents[1]["result"], "881.00");
    assert!(answer["checks"].as_array().unwrap().len() > 15);
    let mut command = place.centime(&["import", "-", "--quiet", "--database", &database]);
    let mut child = command
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(SCDL.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    // Of 2023 the CFU is fuller; 2024 is new.
    assert!(output.status.success(), "{}", stderr(&output));
    let rows = yearly_results(&place, &database);
    let results: Vec<&str> = rows
        .iter()
        .map(|row| row["result"].as_str().unwrap())
        .collect();
    assert_eq!(results, ["881.00", "159009.49", "217077.40", "7.00"]);
}

#[test]
fn what_is_wrong_decides_the_exit_code() {
    let place = Place::new();
    let database = sqlite(&place.path("town.db"));
    let voted = place.path("bp.xml");
    fs::write(&voted, TOTEM.replace("NatDec V=\"09\"", "NatDec V=\"01\"")).unwrap();
    let page = place.path("page.xml");
    fs::write(&page, "<!DOCTYPE html><html></html>").unwrap();
    let right = place.path("right.xml");
    fs::write(&right, TOTEM).unwrap();
    let (voted, page, right) = (
        voted.to_str().unwrap(),
        page.to_str().unwrap(),
        right.to_str().unwrap(),
    );
    for (files, expected, words) in [
        (&["none.xml"][..], 3, "none.xml: it cannot be read"),
        (&[voted], 4, "bp.xml, line 7: this is a budget primitif"),
        (&[page], 4, "a web page"),
        // One wrong file is enough.
        (&[right, voted], 4, "bp.xml"),
        (
            &[right, "--nomenclature", "M99", "--accept-changes=x"],
            2,
            "accept-changes",
        ),
        (&[][..], 2, "FILE"),
    ] {
        let output = place.output(&[&["import", "--database", &database], files].concat());
        let said = stderr(&output);
        assert_eq!(output.status.code(), Some(expected), "{said}");
        assert!(said.contains(words), "{words}: {said}");
    }
    let output = place.output(&["analyse", "yearly-result", "--database", &database]);
    assert_eq!(output.status.code(), Some(5), "{}", stderr(&output));
}

//! Editions of several sources, presets and the demonstration, as a person and a script run them.

use std::fs;

use serde_json::Value;

use crate::common::{Place, sqlite, stderr};

const CFU: &[u8] = include_bytes!("../../documents/tests/data/cfu-2023.xml");
const STATEMENT: &str = include_str!("../../portal-sim/sample/compte-de-resultat/records.jsonl");

const COMMUNE: &str = "21560134500014";

/// The two years of the commune, as a script reads them.
fn commune(place: &Place, more: &[&str]) -> Vec<(Value, Value)> {
    let mut asked = vec![
        "analyse",
        "yearly-result",
        "--format",
        "json",
        "--body",
        COMMUNE,
    ];
    asked.extend(more);
    let rows: Vec<Value> = serde_json::from_str(&place.stdout(&asked)).unwrap();
    rows.iter()
        .map(|row| (row["fiscal_year"].clone(), row["result"].clone()))
        .collect()
}

fn results() -> Vec<(Value, Value)> {
    [(2022, "159009.49"), (2023, "217077.40")]
        .map(|(year, result)| (year.into(), result.into()))
        .to_vec()
}

#[test]
fn a_configuration_with_several_sources_is_run_whole_or_not_at_all() {
    let place = Place::new();
    let database = sqlite(&place.path("town.db"));
    fs::create_dir(place.path("cfu")).unwrap();
    fs::write(place.path("cfu/2023.xml"), CFU).unwrap();
    fs::write(place.path("statement.jsonl"), STATEMENT).unwrap();
    let sources = r#"
        [[source]]
        kind = "income-statement"
        name = "Export of the portal"
        files = ["statement.jsonl"]
        body = "Ville de Paris"
        siren = "217 500 016"

        [[source]]
        kind = "document"
        files = ["cfu/*.xml"]
    "#;
    fs::write(place.path("centime.toml"), sources).unwrap();
    let run = ["run", "--database", &database];
    let output = place.output(&run);
    let said = stderr(&output);
    assert!(output.status.success(), "{said}");
    for words in ["Reading ", "cfu/2023.xml", "Published revision 1"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(commune(&place, &["--database", &database]), results());
    let check = ["check", "--database", &database];
    let said = place.stdout(&check);
    for words in [
        "source: Export of the portal, compte-de-resultat (statement.jsonl), income statement of files, 380 records",
        "of documents, ",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let json: Value =
        serde_json::from_str(&place.stdout(&[&check[..], &["--format", "json"]].concat())).unwrap();
    assert_eq!(json["sources"].as_array().unwrap().len(), 4);
    // What has not changed publishes nothing new.
    assert!(stderr(&place.output(&run)).contains("Nothing new"));

    // One source fails: nothing of the others is published.
    fs::write(place.path("cfu/2024.xml"), "<a/>").unwrap();
    let output = place.output(&run);
    assert_eq!(output.status.code(), Some(4), "{}", stderr(&output));
    assert!(stderr(&output).contains("2024.xml"), "{}", stderr(&output));
    assert_eq!(commune(&place, &["--database", &database]), results());

    for (more, words) in [
        (
            &["--portal", "http://127.0.0.1:1"][..],
            "--portal (or CENTIME_PORTAL) is given, too",
        ),
        (&["--preset", "paris"], "--preset is given, too"),
    ] {
        let output = place.output(&[&run[..], more].concat());
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
    // Standard input is there once, and a site reads its sources again and again.
    let again = sources.replace("statement.jsonl", "-");
    fs::write(place.path("centime.toml"), again).unwrap();
    let output = place.output(&["up", "--database", &database]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("standard input"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_preset_is_named_and_a_misspelt_one_lists_the_names() {
    let place = Place::new();
    let help = place.stdout(&["run", "--help"]);
    assert!(help.contains("paris"), "{help}");
    let output = place.output(&["run", "--preset", "pariss"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("paris"), "{}", stderr(&output));
    fs::write(place.path("centime.toml"), "preset = \"pariss\"").unwrap();
    let output = place.output(&["run"]);
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(
        said.contains("no preset «pariss»: expected dgfip-communes"),
        "{said}"
    );
    let output = place.output(&["run", "--sample", "--preset", "paris"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("two sources"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_demonstration_has_real_figures_beside_invented_ones() {
    let place = Place::new();
    let output = place.output(&["run", "--sample=demo"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(commune(&place, &["--sample"]), results());
    let check = place.output(&["check", "--sample"]);
    let said = String::from_utf8(check.stdout.clone()).unwrap() + &stderr(&check);
    for words in [
        "some of its figures are real and others invented",
        "source: Compte financier unique 2023, compte-de-resultat",
        "source: OFGL 2024, communes du Morbihan, ofgl-base-communes",
        "income statement of http://127.0.0.1",
        "380 records, invented",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // Files of the one are marked as those of a sample, and files of the other are not.
    for (body, is_marked) in [(COMMUNE, false), ("217500016", true)] {
        let parquet = place.path(&format!("{body}.parquet"));
        place.stdout(&[
            "lines",
            "--sample",
            "--body",
            body,
            "--out",
            parquet.to_str().unwrap(),
        ]);
        let bytes = fs::read(&parquet).unwrap();
        // The name of a fact and its value, with what stands between them.
        let marks = |part: &[u8]| {
            part.starts_with(b"edition") && part[7..].windows(6).any(|word| word == b"sample")
        };
        let is_found = bytes.windows(24).any(marks);
        assert_eq!(is_found, is_marked, "{body}");
    }
}

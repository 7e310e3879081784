//! Datasets that are written in another way, from `centime.toml` to what is printed.

use std::fs;
use std::path::Path;

use crate::common::{Place, sqlite, stderr};

const FIELDS: [&str; 6] = [
    "exercice_comptable",
    "type_de_resultat",
    "produit_charge",
    "poste",
    "detail_postes",
    "montant_en_eur",
];

/// Invented lines of a small commune, and what else a record says.
fn records(more: &str) -> String {
    let lines = [
        (
            "2022",
            "PRODUITS",
            "RECETTES COURANTES",
            "Contributions des habitants",
            "5000000.1",
        ),
        (
            "2022",
            "CHARGES",
            "DEPENSES COURANTES",
            "Traitements des agents",
            "3790001.53",
        ),
        (
            "2023",
            "PRODUITS",
            "RECETTES COURANTES",
            "Contributions des habitants",
            "5500000.11",
        ),
        (
            "2023",
            "CHARGES",
            "DEPENSES COURANTES",
            "Traitements des agents",
            "4169001.68",
        ),
    ];
    let record = |(year, side, category, label, amount): (&str, &str, &str, &str, &str)| {
        format!(
            r#"{{"exercice_comptable":"{year}","type_de_resultat":"EXPLOITATION","produit_charge":"{side}","poste":"{category}","detail_postes":"{label}","montant_en_eur":{amount}{more}}}"#
        )
    };
    lines.map(record).join("\n")
}

/// A folder that the simulated portal serves.
fn portal(folder: &Path, more: &[&str], records: &str) {
    let folder = folder.join("compte-de-resultat");
    fs::create_dir_all(&folder).expect("a folder");
    let fields: Vec<String> = FIELDS
        .iter()
        .chain(more)
        .map(|name| format!(r#"{{"name":"{name}","label":"{name}","type":"text"}}"#))
        .collect();
    let description = format!(
        r#"{{"dataset_id":"compte-de-resultat","fields":[{}],"metas":{{"default":{{"title":"Compte d'essai"}}}}}}"#,
        fields.join(",")
    );
    fs::write(folder.join("dataset.json"), description).expect("a file");
    fs::write(folder.join("records.jsonl"), records).expect("a file");
}

/// Runs once with these settings: the exit code, and what was said.
fn run(place: &Place, settings: &str, more: &[&str]) -> (i32, String) {
    let folder = place.path("portal");
    let portal = place.start(&[
        "portal-sim",
        "--listen",
        "127.0.0.1:0",
        "--data",
        &folder.display().to_string(),
    ]);
    let text = format!(
        "portal = \"{}\"\ndatabase = \"{}\"\n{settings}",
        portal.address,
        sqlite(&place.path("file.db"))
    );
    fs::write(place.path("centime.toml"), text).expect("a file");
    let output = place.output(&[&["run"], more].concat());
    (output.status.code().expect("an exit code"), stderr(&output))
}

const BODY: &str = "[body]\nsiren = \"217 500 016\"\nname = \"Commune d'Essai\"\n";

#[test]
fn voted_and_executed_rows_stop_a_run_until_they_are_chosen() {
    let place = Place::new();
    let both = format!(
        "{}\n{}",
        records(r#","nature_budget":"BP""#).replace("5000000.1,", "9.5,"),
        records(r#","nature_budget":"CA""#)
    );
    portal(&place.path("portal"), &["nature_budget"], &both);
    let usual = format!("[datasets]\nbalance_sheet = \"\"\n{BODY}");
    let (code, said) = run(&place, &usual, &[]);
    assert_eq!(code, 4, "{said}");
    for word in [
        "nature_budget",
        "«BP», «CA»",
        "where = 'nature_budget = \"CA\"'",
        "[datasets.income_statement]",
    ] {
        assert!(said.contains(word), "«{word}» is not in: {said}");
    }
    // What it says to set can be set.
    let chosen = format!(
        "[datasets]\nbalance_sheet = \"\"\n[datasets.income_statement]\nwhere = 'nature_budget = \"CA\"'\n{BODY}"
    );
    let (code, said) = run(&place, &chosen, &[]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("4 records"), "{said}");
    for body in [
        "217500016",
        "217 500 016",
        "217 500 016 00019",
        "217500016.0",
        "COMMUNE D’ESSAI",
    ] {
        let csv = place.stdout(&[
            "analyse",
            "yearly-result",
            "--format",
            "csv",
            "--body",
            body,
        ]);
        assert!(
            csv.contains("1209998.57") && csv.contains("1330998.43"),
            "{body}: {csv}"
        );
    }
    let output = place.output(&["analyse", "yearly-result", "--body", "217500024"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("217500016 (Commune d'Essai)"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn a_publisher_who_appends_is_refused_unless_accepted() {
    let place = Place::new();
    let settings = format!("[datasets]\nbalance_sheet = \"\"\n{BODY}");
    portal(&place.path("portal"), &[], &records(""));
    assert_eq!(run(&place, &settings, &[]).0, 0);
    portal(
        &place.path("portal"),
        &[],
        &[records(""), records("")].join("\n"),
    );
    let (code, said) = run(&place, &settings, &[]);
    assert_eq!(code, 4, "{said}");
    assert!(
        said.contains("2022") && said.contains("--accept-changes"),
        "{said}"
    );
    let csv = place.stdout(&["analyse", "yearly-result", "--format", "csv"]);
    assert!(
        csv.contains("1209998.57") && csv.contains("1330998.43"),
        "{csv}"
    );
    assert_eq!(run(&place, &settings, &["--accept-changes"]).0, 0);
    let checks = place.stdout(&["check"]);
    assert!(checks.contains("years-published-once (2)"), "{checks}");
}

#[test]
fn amounts_with_commas_are_refused_until_it_is_said_that_they_are() {
    let place = Place::new();
    let mut french = records("");
    for (number, text) in [
        ("5000000.1", "5 000 000,10 €"),
        ("3790001.53", "3\u{202f}790\u{202f}001,53 €"),
        ("5500000.11", "5.500.000,11"),
        ("4169001.68", "4169001,68 EUR"),
    ] {
        french = french.replace(number, &format!("\"{text}\""));
    }
    portal(&place.path("portal"), &[], &french);
    let settings = format!("[datasets]\nbalance_sheet = \"\"\n{BODY}");
    let (code, said) = run(&place, &settings, &[]);
    assert_eq!(code, 4, "{said}");
    for word in [
        "record 1, montant_en_eur",
        "«5 000 000,10 €»",
        "decimal = \",\"",
    ] {
        assert!(said.contains(word), "«{word}» is not in: {said}");
    }
    let said_so = format!(
        "[datasets]\nbalance_sheet = \"\"\n[datasets.income_statement]\ndecimal = \",\"\n{BODY}"
    );
    let (code, said) = run(&place, &said_so, &[]);
    assert_eq!(code, 0, "{said}");
    let csv = place.stdout(&["analyse", "yearly-result", "--format", "csv"]);
    assert!(
        csv.contains("1209998.57") && csv.contains("1330998.43"),
        "{csv}"
    );
}

/// The handed inputs, where they lie beside the project.
#[test]
fn the_cases_beside_the_project_come_out_right() {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases");
    if !shared.is_dir() {
        eprintln!("SKIPPED: there are no cases in {}", shared.display());
        return;
    }
    let settings = "[datasets]\nbalance_sheet = \"\"\n[body]\nsiren = \"217599999\"\nname = \"Commune d'Essai\"\n";
    let case = |name: &str, settings: &str| {
        let place = Place::new();
        let folder = shared.join(name);
        let target = place.path("portal/compte-de-resultat");
        fs::create_dir_all(&target).expect("a folder");
        for file in ["dataset.json", "records.jsonl"] {
            let text = fs::read(folder.join("compte-de-resultat").join(file)).expect("a case");
            fs::write(target.join(file), text).expect("a file");
        }
        let (code, said) = run(&place, settings, &[]);
        (place, code, said)
    };
    let is_right = |place: &Place, body: &[&str]| {
        let csv = place.stdout(&[&["analyse", "yearly-result", "--format", "csv"], body].concat());
        assert!(
            csv.contains("1209998.57") && csv.contains("1330998.43"),
            "{csv}"
        );
    };
    let (place, code, said) = case("clean/portal", settings);
    assert_eq!(code, 0, "{said}");
    is_right(&place, &[]);
    let (place, code, said) = case("unknown-dimension/a-siret", settings);
    assert_eq!(code, 0, "{said}");
    is_right(&place, &["--body", "217 509 999 00011"]);
    is_right(&place, &["--body", "Commune d'Essai"]);
    let (_, code, said) = case("unknown-dimension/b-voted-and-executed", settings);
    assert!(code == 4 && said.contains("nature_budget"), "{said}");
    let chosen =
        format!("[datasets.income_statement]\nwhere = \"nature_budget = 'CA'\"\n{settings}");
    let chosen = chosen.replace(
        "[datasets]\nbalance_sheet = \"\"\n",
        "[datasets.balance_sheet]\nid = \"\"\n",
    );
    let (place, code, said) = case("unknown-dimension/b-voted-and-executed", &chosen);
    assert_eq!(code, 0, "{said}");
    is_right(&place, &[]);
    let (_, code, said) = case("publisher-appends/portal-2", settings);
    assert!(code == 4 && said.contains("--accept-changes"), "{said}");
}

#[test]
fn no_secret_of_a_setting_is_printed() {
    let place = Place::new();
    let secret = "s3cret";
    let address = format!("postgres://me:{secret}@127.0.0.1:1/accounts");
    for text in [
        format!("database = \"{address}\"\napi_key = \"{secret}\n"),
        format!("database = {address}\n"),
        format!("keep_revisions = \"{secret}\"\n"),
        format!("[site]\npublic_address = \"https://me:{secret}@a.example\"\n"),
        format!("portal = \"https://me:{secret}@a.example\"\n"),
        format!("database = \"{secret}\"\n"),
        format!(
            "[metabase]\nurl = \"https://me:{secret}@a.example\"\n[metabase.database]\nhost = \"h\"\n"
        ),
    ] {
        fs::write(place.path("centime.toml"), &text).expect("a file");
        for command in [
            &["run", "--quiet"][..],
            &["serve", "--sample", "--listen", "127.0.0.1:1"],
            &["metabase", "status"],
        ] {
            let output = place.output(command);
            assert!(!output.status.success(), "{command:?} {text}");
            let said = stderr(&output);
            assert!(!said.contains(secret), "{command:?} {text}: {said}");
        }
    }
    fs::remove_file(place.path("centime.toml")).expect("no file");
    for command in ["run", "metabase status", "up"] {
        let mut asked = place.centime(&command.split(' ').collect::<Vec<_>>());
        asked.arg("--help");
        for variable in [
            "CENTIME_DATABASE_URL",
            "CENTIME_PORTAL",
            "CENTIME_METABASE_URL",
        ] {
            asked.env(variable, &address);
        }
        let output = asked.output().expect("help");
        assert!(output.status.success(), "{command}");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(said.contains("CENTIME_DATABASE_URL"), "{command}: {said}");
        assert!(!said.contains(secret), "{command}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_secret_that_every_user_may_read_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let file = place.path("centime.toml");
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("a mode");
    };
    let folder = file.parent().expect("a folder");
    mode(folder, 0o755);
    let closed = folder.ancestors().any(|folder| {
        let found = fs::metadata(folder).expect("a folder");
        found.permissions().mode() & 0o001 == 0
    });
    if closed {
        centime_test_input::skipped(
            "a secret that everyone may read",
            "nobody else can reach the folder of this test",
        );
        return;
    }
    let said = |text: &str, bits, more: &[&str]| {
        fs::write(&file, text).expect("a file");
        mode(&file, bits);
        let database = sqlite(&place.path("file.db"));
        let output = place.output(&[&["db", "status", "--database", &database], more].concat());
        stderr(&output)
    };
    let secret = "api_key = \"s3cret\"\n";
    let warned = said(secret, 0o644, &[]);
    assert!(
        warned.contains("warning: ") && warned.contains("centime.toml holds a secret"),
        "{warned}"
    );
    assert!(
        warned.contains("chmod o-r") && !warned.contains("s3cret"),
        "{warned}"
    );
    for (text, bits, more) in [
        (secret, 0o640, &[][..]),
        (secret, 0o600, &[]),
        (secret, 0o644, &["--quiet"]),
        ("portal = \"https://a.example\"\n", 0o644, &[]),
        ("database = \"postgres://me@a/b\"\n", 0o644, &[]),
    ] {
        let said = said(text, bits, more);
        assert!(!said.contains("warning"), "{text}: {said}");
    }
    let warned = said("database = \"postgres://me:s3cret@a/b\"\n", 0o644, &[]);
    assert!(warned.contains("warning: "), "{warned}");
    // The key of a file is looked at, too.
    let key = place.path("key");
    fs::write(&key, "0d".repeat(32)).expect("a key");
    mode(&key, 0o644);
    let text = format!("database_key_file = \"{}\"\n", key.display());
    let warned = said(&text, 0o600, &[]);
    assert!(warned.contains("key holds a secret"), "{warned}");
}

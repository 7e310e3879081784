//! Account balances of a portal, as a person and a script ask for them: a town in one command, presets, and a run that
//! is killed.

use std::collections::BTreeMap;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::common::{Place, Running, get, sqlite, stderr};

/// A portal with invented communes.
fn portal(place: &Place, bodies: &str, years: &str) -> Running {
    place.start(&[
        "portal-sim",
        "--edition",
        "national",
        "--bodies",
        bodies,
        "--years",
        years,
        "--listen",
        "127.0.0.1:0",
    ])
}

/// What is known of the main budgets: their SIRET numbers, each with the result of each year.
fn known(portal: &Running) -> BTreeMap<String, Vec<(i64, String)>> {
    let answer = get(&portal.address, "/known/results.csv", "fr");
    let (_, table) = answer.split_once("\r\n\r\n").unwrap();
    let mut known: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
    for line in table.lines() {
        let cells: Vec<&str> = line.split(',').collect();
        if let [_, ident, "1", year, _, "final", _, _, result] = cells[..] {
            let of_budget = known.entry(ident.to_owned()).or_default();
            of_budget.push((year.parse().unwrap(), two_decimals(result)));
        }
    }
    known
}

/// An amount with as many decimals as answers have.
fn two_decimals(euros: &str) -> String {
    match euros.split_once('.') {
        Some((whole, decimals)) => format!("{whole}.{decimals:0<2}"),
        None => format!("{euros}.00"),
    }
}

/// What is published of a body.
fn results(place: &Place, database: &str, body: &str) -> Vec<(i64, String)> {
    let asked = [
        "analyse",
        "yearly-result",
        "--format",
        "json",
        "--body",
        body,
    ];
    let rows = place.stdout(&[&asked[..], &["--database", database]].concat());
    let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
    let year = |row: &Value| row["fiscal_year"].as_i64().unwrap();
    let result = |row: &Value| row["result"].as_str().unwrap().to_owned();
    rows.iter().map(|row| (year(row), result(row))).collect()
}

#[test]
fn a_town_is_there_in_one_command() {
    let place = Place::new();
    let portal = portal(&place, "3", "2020-2024");
    let known = known(&portal);
    let (siret, expected) = known.first_key_value().unwrap();
    for (number, named) in [&siret[..9], "01001", "Commune d'exemple 1"]
        .into_iter()
        .enumerate()
    {
        let database = sqlite(&place.path(&format!("{number}.db")));
        let run = [
            "run",
            "--body",
            named,
            "--portal",
            &portal.address,
            "--database",
            &database,
        ];
        let output = place.output(&run);
        assert!(output.status.success(), "{}", stderr(&output));
        assert_eq!(
            &results(&place, &database, &siret[..9]),
            expected,
            "{named}"
        );
    }
    // What was retrieved is kept, and nothing has changed.
    let database = sqlite(&place.path("0.db"));
    let run = [
        "run",
        "--body",
        &siret[..9],
        "--portal",
        &portal.address,
        "--database",
        &database,
    ];
    assert!(stderr(&place.output(&run)).contains("Nothing new"));
    let mut folder = std::fs::read_dir(place.path(".cache/centime/downloads")).unwrap();
    assert!(folder.next().is_some());
    // The site is opened on it.
    let database = sqlite(&place.path("up.db"));
    let site = place.start(&[
        "up",
        "--body",
        "01001",
        "--years",
        "2023-2024",
        "--portal",
        &portal.address,
        "--database",
        &database,
        "--listen",
        "127.0.0.1:0",
    ]);
    let page = get(&site.address, &format!("/?body={siret}"), "en");
    assert!(
        page.starts_with("HTTP/1.1 200") && page.contains("COMMUNE D&#39;EXEMPLE 1"),
        "{page}"
    );
}

#[test]
fn each_preset_asks_for_what_there_is() {
    let place = Place::new();
    let portal = portal(&place, "20", "2023-2024");
    let known = known(&portal);
    for (number, preset) in [
        "communes",
        "departements",
        "regions",
        "groupings",
        "syndicats",
        "establishments",
    ]
    .iter()
    .enumerate()
    {
        let database = sqlite(&place.path(&format!("{preset}.db")));
        let named = format!("dgfip-{preset}");
        let run = [
            "run",
            "--preset",
            &named,
            "--years",
            "2024",
            "--portal",
            &portal.address,
        ];
        let output = place.output(&[&run[..], &["--database", &database]].concat());
        assert!(output.status.success(), "{preset}: {}", stderr(&output));
        // The numbers of each kind of body begin another way.
        let start = (29_000_000 + number * 150_000).to_string();
        let (siret, results_of_it) = known
            .range(start..)
            .next()
            .unwrap_or_else(|| panic!("{preset} has a body"));
        let expected = vec![results_of_it.last().unwrap().clone()];
        assert_eq!(results(&place, &database, siret), expected, "{preset}");
    }
}

#[test]
fn what_cannot_be_chosen_is_said() {
    let place = Place::new();
    for (more, words) in [
        (
            &["--preset", "paris", "--body", "38185"][..],
            "--body chooses of account balances",
        ),
        (&["--years", "2024"], "--years chooses of account balances"),
        (
            &["--body", "38185", "--years", "2009"],
            "expected years from 2010",
        ),
        (&["--body", "38185", "--sample"], "cannot be used with"),
    ] {
        let output = place.output(&[&["run"][..], more].concat());
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        assert!(stderr(&output).contains(words), "{}", stderr(&output));
    }
}

/// How often a run is killed.
const TIMES: u32 = 8;

#[test]
fn a_run_that_is_killed_leaves_what_is_published_and_goes_on_the_next_time() {
    let place = Place::new();
    let portal = portal(&place, "12", "2021-2024");
    let known = known(&portal);
    let (siret, expected) = known.first_key_value().unwrap();
    let database = sqlite(&place.path("killed.db"));
    let first = [
        "run",
        "--preset",
        "dgfip-communes",
        "--portal",
        &portal.address,
    ];
    let first = [&first[..], &["--database", &database]].concat();
    place.stdout(&[&first[..], &["--years", "2021-2022", "--quiet"]].concat());
    let begun = Instant::now();
    let whole = place.stdout(&[&first[..], &["--quiet", "--accept-changes"]].concat());
    drop(whole);
    let takes = begun.elapsed();
    let before = results(&place, &database, siret);
    assert_eq!(&before, expected);
    for round in 0..TIMES {
        // Each other time nothing is there of what was retrieved.
        if round % 2 == 0 {
            std::fs::remove_dir_all(place.path(".cache")).unwrap();
        }
        let mut command = place.centime(&[&first[..], &["--where", "compte != \"0\""]].concat());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut child: Child = command.spawn().unwrap();
        sleep(takes * round / TIMES + Duration::from_millis(1));
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(results(&place, &database, siret), before, "round {round}");
    }
    place.stdout(&[&first[..], &["--quiet"]].concat());
    assert_eq!(&results(&place, &database, siret), expected);
}

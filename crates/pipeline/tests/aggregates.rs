//! Control totals and inhabitants: as they are stored, held against accounts, and compared with those of other bodies.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use centime_accounts::aggregates::HELD;
use centime_accounts::peers::Size;
use centime_accounts::{BodyKind, Budget, Centimes, FiscalYear};
use centime_analytics::columns;
use centime_documents::{Limits, Wanted, read_wanted};
use centime_pipeline::{
    AcceptedChanges, DatasetOptions, DatasetSettings, DocumentSource, Documents, DocumentsOf,
    Edition, Error, Files, RecordFiles, RecordSource, Source, Summary, Transport,
};
use centime_portal::WebFiles;
use centime_portal_sim::{National, Simulator};
use centime_test_input::skipped;
use centime_warehouse::everybody::Span;
use centime_warehouse::{Basis, Body, Named, Outcome, Subject};

use crate::common::{Bench, portal_at, serve};

const CFU: &[u8] = include_bytes!("../../documents/tests/data/cfu-2023.xml");
const BUDGET: &str = "21560134500014";
const YEAR: u16 = 2023;

pub fn settings(rounding: Option<&str>) -> DatasetOptions {
    let settings = DatasetSettings {
        rounding: rounding.map(str::to_owned),
        ..DatasetSettings::default()
    };
    DatasetOptions::new(Subject::Aggregates, &settings).unwrap()
}

/// Control totals of a file beside this one.
fn totals(folder: &Path, name: &str) -> Source {
    let files = Files::new(&[name.to_owned()], folder, WebFiles::default()).unwrap();
    let transport = Transport::Files(RecordFiles { files });
    RecordSource {
        reading: settings(Some("centime")),
        ..RecordSource::new(Subject::Aggregates, transport, "agregats")
    }
    .into()
}

fn document() -> Source {
    let mut documents = Documents::new(None);
    for document in centime_documents::read(CFU, "cfu.xml", &Limits::default()).unwrap() {
        documents.add(&document).unwrap();
    }
    Source::Documents(DocumentSource {
        name: None,
        of: DocumentsOf::Read(documents),
    })
}

async fn run(bench: &Bench, sources: Vec<Source>) -> Result<Summary, Error> {
    let edition: Edition = sources.into_iter().collect();
    bench.run_source(&edition, AcceptedChanges::NONE).await
}

/// A file of records with the columns `insee`, `com_name`, `dep_name`, `exer`, `agregat`, `montant`, `ptot`, and more.
fn file(folder: &Path, records: &[(&str, &str, &str, u32)]) {
    let mut text = String::new();
    for (insee, aggregate, amount, population) in records {
        writeln!(
            text,
            r#"{{"insee":"{insee}","com_name":"Commune {insee}","dep_name":"Morbihan","epci_name":"CC","exer":"{YEAR}","agregat":"{aggregate}","montant":{amount},"ptot":{population},"nomen":"M57A"}}"#
        )
        .unwrap();
    }
    fs::write(folder.join("totals.jsonl"), text).unwrap();
}

/// What each control total says of a year, with its difference, its status and the reason.
async fn held(bench: &Bench) -> Vec<[String; 4]> {
    let revision = bench.warehouse.current().await.unwrap().id;
    let analysis = centime_analytics::by_name("witness").unwrap();
    let warehouse = &bench.warehouse;
    let table = warehouse.mart(&analysis.model, revision, BUDGET, Basis::Leaf);
    let table = table.await.unwrap();
    let of_totals = table
        .rows
        .iter()
        .filter(|row| table.cell(row, columns::SUBJECT).text() == Some("aggregates"));
    let rows = of_totals.map(|row| {
        let amount = table.cell(row, columns::DIFFERENCE).amount();
        let text = |column| {
            let text = table.cell(row, column).text();
            text.unwrap_or_default().to_owned()
        };
        [
            text(columns::WITNESS),
            amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string()),
            text(columns::STATUS),
            text(columns::REASON),
        ]
    });
    rows.collect()
}

#[tokio::test]
async fn a_document_is_held_against_totals_that_name_its_commune_by_another_code() {
    let folder = tempfile::tempdir().unwrap();
    file(
        folder.path(),
        &[
            ("56134", "Epargne brute", "229473.2100001", 1000),
            ("56134", "Epargne nette", "1.00", 1000),
            ("56134", "Encours de dette", "1.00", 1000),
            ("56134", "Epargne de gestion", "1.00", 1000),
            ("56001", "Epargne brute", "100.00", 700),
            ("56002", "Epargne brute", "1300.00", 1300),
        ],
    );
    let bench = Bench::new().await;
    let sources = vec![document(), totals(folder.path(), "totals.jsonl")];
    let summary = run(&bench, sources).await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));

    let held = held(&bench).await;
    let of = |name: &str| held.iter().find(|row| row[0] == name).unwrap();
    assert_eq!(of("ofgl_gross")[1..], ["0.00", "reconciled", ""]);
    assert_eq!(of("ofgl_net")[2..], ["different", ""]);
    assert_eq!(of("ofgl_debt")[2..], ["not conclusive", "definition"]);
    assert_eq!(of("ofgl_management")[2..], ["not conclusive", "definition"]);
    assert_eq!(held.len(), 4);

    // One amount had noise; nothing else is said of totals.
    let check = |name: &str| {
        let mut checks = summary.checks.iter();
        checks.find(|check| check.name == name).unwrap()
    };
    assert_eq!(
        (check("totals-exact").outcome, check("totals-exact").found),
        (Outcome::Warn, 1)
    );
    assert_eq!(check("totals-consistent").outcome, Outcome::Pass);

    // The document says how many inhabitants there are, and is believed before others.
    let warehouse = &bench.warehouse;
    let revision = warehouse.current().await.unwrap().id;
    let span = |siren: &str| Span::One(siren.to_owned());
    let populations = warehouse
        .populations(revision, &span(BUDGET))
        .await
        .unwrap();
    let said: Vec<_> = populations
        .iter()
        .map(|one| (one.fiscal_year.get(), one.population, one.subject))
        .collect();
    assert_eq!(said, [(YEAR, 990, Subject::AccountBalances)]);
    let others = warehouse
        .populations(revision, &span("56001"))
        .await
        .unwrap();
    assert_eq!(
        (others[0].population, others[0].subject),
        (700, Subject::Aggregates)
    );

    // Communes of the same département and size: each beside the other two.
    let of_peers = warehouse.aggregate_standings(revision, &span(BUDGET)).await;
    let of_peers = of_peers.unwrap();
    let gross = of_peers.iter().find(|one| one.aggregate == "Epargne brute");
    let gross = gross.unwrap();
    assert_eq!((gross.bodies, gross.place), (3, 1));
    // By the inhabitants of the same source.
    assert_eq!(gross.per_inhabitant, Centimes::new(22_947));
    assert_eq!(gross.median, Centimes::new(100));
    let size = Size {
        least: 500,
        most: Some(1_999),
    };
    assert_eq!(gross.size(), Some(size));

    // A body without a statement is found by its code, its name and its département, and so is the other by its code.
    for (text, number) in [
        ("56001", "56001"),
        ("commune 56001", "56001"),
        ("56134", BUDGET),
    ] {
        let found = warehouse.named_body(revision, text).await.unwrap();
        let Named::One(found) = found else {
            panic!("{text}: {found:?}");
        };
        assert_eq!(found.siren, number, "{text}");
        assert_eq!(found.has_statement(), number == BUDGET);
    }
    let found = warehouse.bodies(revision, "MORBIHAN", 0, 10).await.unwrap();
    assert_eq!(found.matching, 3);
    let profile = warehouse.profile(revision, "56001").await.unwrap();
    assert_eq!(profile.kind, Some(BodyKind::Commune));
    assert_eq!(profile.departement.as_deref(), Some("Morbihan"));
    assert_eq!(profile.grouping.as_deref(), Some("CC"));
}

#[tokio::test]
async fn noise_is_refused_where_it_is_not_declared_and_fractions_always() {
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().await;
    file(folder.path(), &[("56001", "Epargne brute", "1.500001", 7)]);
    let Source::Records(source) = totals(folder.path(), "totals.jsonl") else {
        unreachable!("they are records");
    };
    let undeclared = RecordSource {
        reading: settings(None),
        ..*source
    };
    let error = run(&bench, vec![undeclared.into()]).await.unwrap_err();
    let message = error.to_string();
    for words in [
        "record 1, montant: 1.500001 has a fraction of a centime",
        "set rounding = \"centime\"",
    ] {
        assert!(message.contains(words), "{message}");
    }
    for (records, words) in [
        (
            [("56001", "Epargne brute", "1.005", 7)].as_slice(),
            "1.005 has a fraction of a centime that no rounding",
        ),
        (
            &[
                ("56001", "Epargne brute", "1.00", 7),
                ("56001", "Epargne brute", "2.00", 7),
            ],
            "record 2, aggregate: 2023 of 56001: Epargne brute is there twice",
        ),
        (
            &[
                ("56001", "Epargne brute", "1.00", 7),
                ("56001", "Epargne nette", "2.00", 8),
            ],
            "record 2, population: 2023 of 56001: record 1 gives 7 inhabitants",
        ),
        (
            &[("5601", "Epargne brute", "1", 7), ("Vannes", "x", "1", 7)],
            "record 2, insee: «Vannes» is not the INSEE code of a commune",
        ),
    ] {
        file(folder.path(), records);
        let sources = vec![totals(folder.path(), "totals.jsonl")];
        let message = run(&bench, sources).await.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
}

#[tokio::test]
async fn budgets_are_kept_apart_and_what_does_not_add_up_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let records = [
        ("Budget principal", "", "Recettes de fonctionnement", "10"),
        ("Budget principal", "", "Dépenses de fonctionnement", "4"),
        ("Budget principal", "", "Epargne brute", "5"),
        ("Budget annexe", "EAU", "Epargne brute", "3"),
        ("Budget annexe", "BOIS", "Epargne brute", "7"),
    ];
    let mut text =
        "siren,dep_code,dep_name,exer,type_de_budget,lbudg,agregat,montant,ptot\n".to_owned();
    for (kind, name, aggregate, amount) in records {
        writeln!(
            text,
            "224500018,45,Loiret,{YEAR},{kind},{name},{aggregate},{amount},700"
        )
        .unwrap();
    }
    fs::write(folder.path().join("totals.csv"), text).unwrap();
    let bench = Bench::new().await;
    let sources = vec![totals(folder.path(), "totals.csv")];
    let summary = run(&bench, sources).await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));
    let mut checks = summary.checks.iter();
    let check = checks.find(|check| check.name == "totals-consistent");
    assert_eq!(
        check.unwrap().subjects,
        ["2023 › Epargne brute: 5.00 €, 6.00 €"]
    );
    let warehouse = &bench.warehouse;
    let revision = warehouse.current().await.unwrap().id;
    let span = Span::One("224500018".to_owned());
    let found = warehouse.aggregates(revision, &span).await.unwrap();
    let gross: Vec<_> = found
        .iter()
        .filter(|one| one.aggregate == "Epargne brute")
        .map(|one| (one.budget, one.budget_name.as_deref(), one.amount))
        .collect();
    assert_eq!(
        gross,
        [
            (Budget::Main, None, Centimes::new(500)),
            (Budget::Annex, Some("EAU"), Centimes::new(300)),
            (Budget::Annex, Some("BOIS"), Centimes::new(700)),
        ]
    );
    let profile = warehouse.profile(revision, "224500018").await.unwrap();
    assert_eq!(profile.kind, Some(BodyKind::Departement));
    assert_eq!(profile.insee.as_deref(), Some("45"));
    let Named::One(body) = warehouse.named_body(revision, "loiret").await.unwrap() else {
        panic!("there is one");
    };
    assert_eq!((&*body.name, body.lines), ("Loiret", 0));
}

#[tokio::test]
async fn totals_of_the_national_edition_are_what_its_accounts_come_to() {
    let edition = National::new(6, 2023..=2024, 1);
    let portal = serve(Simulator::national(&edition)).await;
    let mut documents = Documents::new(None);
    for year in edition.years() {
        let id = format!("balances-comptables-des-communes-en-{year}");
        let table = crate::national::table(&portal.url(), &id).await;
        let wanted = Wanted::default();
        for document in read_wanted(table.as_bytes(), &id, &Limits::default(), &wanted).unwrap() {
            documents.add(&document).unwrap();
        }
    }
    let portal_of = portal_at(&portal.url());
    let source = RecordSource {
        reading: settings(Some("centime")),
        ..RecordSource::new(Subject::Aggregates, portal_of, "ofgl-base-communes")
    };
    let documents = Source::Documents(DocumentSource {
        name: None,
        of: DocumentsOf::Read(documents),
    });
    let bench = Bench::new().await;
    let summary = run(&bench, vec![documents, source.into()]).await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));
    let mut checks = summary.checks.iter();
    let check = checks.find(|check| check.name == "totals-consistent");
    assert_eq!(check.unwrap().outcome, Outcome::Pass);
    let mut checks = summary.checks.iter();
    let check = checks.find(|check| check.name == "totals-exact");
    assert!(check.unwrap().found > 10);

    let warehouse = &bench.warehouse;
    let revision = warehouse.current().await.unwrap().id;
    let witness = centime_analytics::by_name("witness").unwrap();
    let years = FiscalYear::new(2023)..=FiscalYear::new(2024);
    let (bodies, _) = warehouse
        .bodies_after(revision, "", None, 100)
        .await
        .unwrap();
    let main = bodies
        .iter()
        .filter(|body| body.budget == Some(Budget::Main));
    let main: Vec<&str> = main.map(|body| body.siren.as_str()).collect();
    assert_eq!(main.len(), 6);
    assert!(bodies.iter().all(Body::has_statement));
    for siren in main {
        let span = Span::One(siren.to_owned());
        let rows = warehouse
            .mart_of_bodies(&witness.model, revision, &span, Basis::Leaf, &years)
            .await
            .unwrap();
        let place = |wanted| {
            let mut columns = witness.model.columns.iter();
            columns.position(|column| column.name == wanted).unwrap() + 1
        };
        let of_totals = rows
            .iter()
            .filter(|row| row[place(columns::SUBJECT)].text() == Some("aggregates"));
        let mut held = 0;
        for row in of_totals {
            let status = row[place(columns::STATUS)].text();
            let name = row[place(columns::WITNESS)].text();
            assert!(
                matches!(status, Some("reconciled" | "not conclusive")),
                "{siren} {row:?}"
            );
            held += usize::from(status == Some("reconciled"));
            assert!(
                status == Some("reconciled")
                    || matches!(
                        name,
                        Some(
                            "ofgl_debt"
                                | "ofgl_management"
                                | "ofgl_revenue"
                                | "ofgl_gross"
                                | "ofgl_net"
                        )
                    )
            );
        }
        assert!(held >= 2 * 2, "{siren}: {held} of {}", 2 * HELD.len());
    }
}

#[tokio::test]
async fn real_communes_of_a_whole_departement_agree_with_themselves() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/ofgl");
    let name = "ofgl-communes-56-2024.json.gz";
    if !folder.join(name).is_file() {
        skipped(name, "the aggregates are not beside the repository");
        return;
    }
    let bench = Bench::new().await;
    let summary = run(&bench, vec![totals(&folder, name)]).await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(summary.records, 12_207);
    let check = |name: &str| {
        let mut checks = summary.checks.iter();
        checks.find(|check| check.name == name).unwrap()
    };
    assert_eq!(check("totals-consistent").outcome, Outcome::Pass);
    assert!(check("totals-consistent").found > 240 * 18);
    let warehouse = &bench.warehouse;
    let revision = warehouse.current().await.unwrap().id;
    let found = warehouse.bodies(revision, "", 0, 1).await.unwrap();
    assert_eq!(found.matching, 249);
    let places = warehouse
        .aggregate_standings(revision, &Span::One("56134".to_owned()))
        .await
        .unwrap();
    assert!(places.iter().all(|place| place.bodies > 50), "{places:?}");
}

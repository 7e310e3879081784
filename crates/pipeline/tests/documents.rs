//! Official documents, from their bytes to what is published.

use centime_accounts::Centimes;
use centime_documents::Limits;
use centime_pipeline::{AcceptedChanges, Documents, Error, Source, Summary};
use centime_portal_sim::Simulator;
use centime_warehouse::{Basis, CheckResult, Outcome, Subject};

use crate::common::{Bench, serve};

const CFU: &[u8] = include_bytes!("../../documents/tests/data/cfu-2023.xml");
const TOTEM: &str = include_str!("../../documents/tests/data/totem.xml");
const SCDL: &str = include_str!("../../documents/tests/data/scdl.csv");
const SIRET: &str = "21560134500014";
const RESULTS: [(i64, &str); 2] = [(2022, "159009.49"), (2023, "217077.40")];

/// The real CFU with one text put in the place of another.
fn cfu(from: &str, to: &str) -> Vec<u8> {
    let text: String = CFU.iter().map(|byte| char::from(*byte)).collect();
    assert!(text.contains(from), "{from}");
    let changed = text.replace(from, to);
    changed
        .chars()
        .map(|letter| u8::try_from(u32::from(letter)).unwrap())
        .collect()
}

fn documents(files: &[&[u8]]) -> Result<Documents, Error> {
    let mut documents = Documents::new(None);
    for (number, bytes) in files.iter().enumerate() {
        let name = format!("/home/agent/file-{number}");
        for document in centime_documents::read(*bytes, &name, &Limits::default())? {
            documents.add(&document)?;
        }
    }
    Ok(documents)
}

async fn import(bench: &Bench, files: &[&[u8]]) -> Result<Summary, Error> {
    let source = Source::of_documents(documents(files)?);
    bench.run_source(&source, AcceptedChanges::NONE).await
}

fn amount(text: &str) -> i64 {
    Centimes::parse(text).unwrap().amount.get()
}

fn check<'a>(summary: &'a Summary, name: &str) -> &'a CheckResult {
    let mut checks = summary.checks.iter();
    checks
        .find(|check| check.name == name)
        .unwrap_or_else(|| panic!("no check {name}"))
}

/// The year and the result of each published year.
async fn results(bench: &Bench) -> Vec<(i64, Option<i64>)> {
    let results = bench.results().await;
    results
        .into_iter()
        .map(|(year, leaf, _, _)| (year, leaf))
        .collect()
}

#[tokio::test]
async fn a_cfu_is_published_line_by_line_and_equal_to_its_accounts() {
    let bench = Bench::new().await;
    let summary = import(&bench, &[CFU])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let all = bench.results().await;
    let expected = RESULTS.map(|(year, text)| (year, Some(amount(text)), Some(amount(text))));
    let found: Vec<_> = all
        .into_iter()
        .map(|(year, leaf, published, _)| (year, leaf, published))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(bench.statuses().await, ["reconciled", "reconciled"]);
    for check in &summary.checks {
        assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
    }
    let of = |name: &str| check(&summary, name).found;
    // Each of the 48 lines that are no titles.
    assert_eq!(of("lines-equal-accounts"), 48);
    // Balance sheet and accounts.
    assert_eq!(of("witnesses-agree"), 2);
    assert_eq!(of("balance-sheet-balances"), 2);
    assert_eq!(of("results-carried-forward"), 1);
    let revision = bench.warehouse.current().await.unwrap();
    assert_eq!(revision.portal, "documents");
    let records = bench
        .warehouse
        .records(revision.id, Subject::IncomeStatement)
        .await
        .unwrap();
    assert_eq!(records.len(), 112);
    let taxes = records
        .iter()
        .find(|record| record.contains("R125") && record.contains("\"N\""));
    let taxes: serde_json::Value = serde_json::from_str(taxes.unwrap()).unwrap();
    assert_eq!(taxes["montant"], "466125.57");
    assert_eq!(taxes["montant_des_comptes"], "466125.57");
    // What is given back of taxes is taken off.
    let accounts = taxes["comptes"].as_object().unwrap();
    let given_back = accounts
        .iter()
        .find(|(account, _)| account.starts_with("739"));
    assert_eq!(given_back.unwrap().1, "-950.00");
    // Whoever imported it keeps the names of his folders.
    assert_eq!(taxes["fichier"], "file-0");
    assert!(taxes["ligne"].as_u64().unwrap() > 80, "{taxes}");
}

#[tokio::test]
async fn a_line_that_differs_from_the_accounts_is_named() {
    let bench = Bench::new().await;
    let changed = cfu("MtNet V=\"51590.88\"", "MtNet V=\"51591.88\"");
    let summary = import(&bench, &[&changed])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let found = check(&summary, "lines-equal-accounts");
    assert_eq!((found.outcome, found.found), (Outcome::Warn, 1));
    assert_eq!(
        found.subjects,
        ["2023 › Ventes de biens ou prestations de services (R130): 51591.88 € ≠ 51590.88 €"]
    );
}

#[tokio::test]
async fn a_part_that_gives_another_result_is_named() {
    let bench = Bench::new().await;
    let balance = "<Intitule1 V=\"R\u{c9}SULTAT DE L'EXERCICE\"/><MtNet V=\"217077.40\"";
    let changed = cfu(balance, &balance.replace("217077.40", "217077.41"));
    let summary = import(&bench, &[&changed])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let found = check(&summary, "witnesses-agree");
    assert_eq!((found.outcome, found.found), (Outcome::Warn, 1));
    assert_eq!(found.subjects, ["2023 › bilan: 217077.41 €, 0.01 €"]);
    assert_eq!(
        check(&summary, "results-reconciled").subjects,
        ["2023: -0.01 €"]
    );
}

#[tokio::test]
async fn what_was_imported_before_stays() {
    let bench = Bench::new().await;
    let first = import(&bench, &[CFU])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(first.published);
    let again = import(&bench, &[CFU]).await.unwrap();
    assert!(!again.published && again.revision == first.revision);
    // The year after, whose column of the year before says again what the first one said.
    let next = cfu("V=\"2023\"", "V=\"2024\"");
    let next = import(&bench, &[&next])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(next.published);
    let [(_, before), (_, result)] = RESULTS;
    let (before, result) = (Some(amount(before)), Some(amount(result)));
    assert_eq!(
        results(&bench).await,
        [(2022, before), (2023, result), (2024, result)]
    );
    // A lesser document does not take the place of a fuller one, and another budget stands beside it.
    let lesser = import(&bench, &[SCDL.as_bytes()]).await.unwrap();
    assert!(!lesser.published);
    let town = TOTEM.replace(SIRET, "21930048000015");
    let town = import(&bench, &[town.as_bytes()])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(town.published);
    let revision = bench.warehouse.current().await.unwrap();
    let bodies = bench
        .warehouse
        .bodies(revision.id, "", 0, 9)
        .await
        .unwrap()
        .bodies;
    let bodies: Vec<(&str, &str)> = bodies
        .iter()
        .map(|body| (body.siren.as_str(), body.name.as_str()))
        .collect();
    assert_eq!(
        bodies,
        [
            (SIRET, "COMMUNE DE MOHON"),
            ("21930048000015", "VILLE D'ESSAI")
        ]
    );
}

#[tokio::test]
async fn the_fuller_document_counts_in_any_order() {
    let bench = Bench::new().await;
    import(&bench, &[SCDL.as_bytes()])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(
        results(&bench).await,
        [(2023, Some(98_625)), (2024, Some(700))]
    );
    import(&bench, &[CFU])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let [(_, before), (_, result)] = RESULTS;
    let expected = [
        (2022, Some(amount(before))),
        (2023, Some(amount(result))),
        (2024, Some(700)),
    ];
    assert_eq!(results(&bench).await, expected);
    let both = Bench::new().await;
    import(&both, &[CFU, SCDL.as_bytes(), CFU])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(results(&both).await, expected);
}

#[tokio::test]
async fn a_compte_administratif_has_the_lines_that_follow_from_its_accounts() {
    let bench = Bench::new().await;
    let summary = import(&bench, &[TOTEM.as_bytes()])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(results(&bench).await, [(2016, Some(88_100))]);
    assert_eq!(bench.statuses().await, ["no published result"]);
    assert_eq!(check(&summary, "labels-recognised").outcome, Outcome::Pass);
    // Where the official form is not at hand, there is the statement by nature.
    let bench = Bench::new().await;
    let water = TOTEM.replace("M14-M14_COM_SUP3500", "M49");
    import(&bench, &[water.as_bytes()])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(results(&bench).await, [(2016, Some(88_100))]);
    let table = bench.table("expense-by-category", Basis::Leaf).await;
    assert!(!table.rows.is_empty());
}

#[tokio::test]
async fn what_cannot_be_understood_is_said_and_publishes_nothing() {
    let refused = |files: &[&[u8]]| documents(files).unwrap_err().to_string();
    let changed = cfu("MtNet V=\"51590.88\"", "MtNet V=\"51591.88\"");
    let message = refused(&[CFU, &changed]);
    for words in ["file-0", "file-1", "2023", SIRET, "nothing was published"] {
        assert!(message.contains(words), "{message}");
    }
    let voted = TOTEM.replace("NatDec V=\"09\"", "NatDec V=\"01\"");
    let message = refused(&[voted.as_bytes()]);
    assert!(
        message.contains("file-0, line 7: ") && message.contains("nothing was published"),
        "{message}"
    );
    // Accounts that M14 and M57 both have, of a year in which both were used.
    let unnamed = "BGT_NATDEC,BGT_ANNEE,BGT_SIRET,BGT_NATURE,BGT_CODRD,BGT_MTREAL\n\
        Compte administratif,2019,21560134500014,60611,D,1.00\n\
        Compte administratif,2019,21560134500014,7311,R,3.00\n";
    let message = refused(&[unnamed.as_bytes()]);
    assert!(message.contains("--nomenclature"), "{message}");
    let mut named = Documents::new(Some("M57".to_owned()));
    for document in centime_documents::read(unnamed.as_bytes(), "x", &Limits::default()).unwrap() {
        named.add(&document).unwrap();
    }
    let only_investment = TOTEM
        .replace("Nature V=\"6", "Nature V=\"2")
        .replace("Nature V=\"7", "Nature V=\"2");
    let message = refused(&[only_investment.as_bytes()]);
    assert!(message.contains("classes 6 and 7"), "{message}");
}

#[tokio::test]
async fn documents_take_the_place_of_the_sample_and_of_nothing_official() {
    let bench = Bench::new().await;
    let sample = serve(Simulator::sample()).await;
    bench.run(&sample).await.unwrap();
    import(&bench, &[CFU])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(results(&bench).await.len(), 2);
    assert!(matches!(
        bench.run(&sample).await,
        Err(Error::SampleOverOfficial { .. })
    ));
    let bench = Bench::new().await;
    let portal = crate::common::portal_with(crate::common::STATEMENT).await;
    bench.run(&portal).await.unwrap();
    let published = bench.warehouse.current().await.unwrap();
    if published.sample {
        return;
    }
    let error = import(&bench, &[CFU]).await.unwrap_err();
    assert!(
        matches!(error, Error::DocumentsOverPortal { .. }),
        "{error}"
    );
    assert!(error.to_string().contains("--accept-changes"), "{error}");
    let source = Source::of_documents(documents(&[CFU]).unwrap());
    bench
        .run_source(&source, AcceptedChanges::ALL)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
}

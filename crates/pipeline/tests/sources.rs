//! Editions of several sources: what is published of them together, and what is refused.

use std::path::Path;

use centime_documents::Limits;
use centime_pipeline::{
    AcceptedChanges, BodyName, DocumentFiles, DocumentSource, Documents, DocumentsOf, Edition,
    Error, Files, RecordFiles, RecordSource, Source, Summary, Transport,
};
use centime_portal::WebFiles;
use centime_portal_sim::{Running, SimDataset, Simulator, demo};
use centime_warehouse::revision::Cause;
use centime_warehouse::{Dataset, RetrievalMethod, Subject};

use crate::common::{Bench, STATEMENT, balance, portal_at, serve, statement_of};

const COMMUNE: &str = "21560134500014";
const PARIS: &str = "217500016";

/// A dataset of a portal.
fn records(subject: Subject, portal: &Running, dataset: &str) -> RecordSource {
    RecordSource::new(subject, portal_at(&portal.url()), dataset)
}

/// The statement and the balance sheet of a city.
async fn city() -> Running {
    let datasets = vec![statement_of(STATEMENT), balance()];
    serve(Simulator::from_datasets(datasets)).await
}

/// The statement of another body, of one year, under another name on a portal of its own.
async fn town(year: u16, number: &str) -> Running {
    let records = [
        (
            "PRODUITS",
            "PRODUITS DE FONCTIONNEMENT",
            "Impôts et taxes",
            "300.50",
        ),
        (
            "CHARGES",
            "CHARGES DE FONCTIONNEMENT",
            "Charges de personnel",
            "100.25",
        ),
    ];
    let records: Vec<String> = records
        .iter()
        .map(|(side, category, label, amount)| {
            format!(
                r#"{{"siren":"{number}","exercice":"{year}","type_de_resultat":"EXPLOITATION","produit_charge":"{side}","poste":"{category}","detail":"{label}","montant":{amount}}}"#
            )
        })
        .collect();
    let columns = [
        "siren",
        "exercice",
        "type_de_resultat",
        "produit_charge",
        "poste",
        "detail",
    ];
    let columns = columns.map(|name| (name, "text"));
    let columns: Vec<(&str, &str)> = columns.into_iter().chain([("montant", "double")]).collect();
    let dataset = SimDataset::new("comptes", &columns, records.iter().map(String::as_str));
    serve(Simulator::from_datasets(vec![dataset.unwrap()])).await
}

fn documents(files: &[(&str, &[u8])]) -> Source {
    let mut documents = Documents::new(None);
    for (name, bytes) in files {
        for document in centime_documents::read(*bytes, name, &Limits::default()).unwrap() {
            documents.add(&document).unwrap();
        }
    }
    Source::Documents(DocumentSource {
        name: Some("Commune".to_owned()),
        of: DocumentsOf::Read(documents),
    })
}

fn files(folder: &Path, named: &str) -> Files {
    Files::new(&[named.to_owned()], folder, WebFiles::default()).unwrap()
}

async fn run(bench: &Bench, sources: Vec<Source>) -> Result<Summary, Error> {
    let edition: Edition = sources.into_iter().collect();
    bench.run_source(&edition, AcceptedChanges::NONE).await
}

/// The numbers of all bodies that are published.
async fn bodies(bench: &Bench) -> Vec<String> {
    let revision = bench.warehouse.current().await.unwrap().id;
    let (found, _) = bench
        .warehouse
        .bodies_after(revision, "", None, 100)
        .await
        .unwrap();
    found.into_iter().map(|body| body.siren).collect()
}

async fn datasets(bench: &Bench) -> Vec<Dataset> {
    let revision = bench.warehouse.current().await.unwrap().id;
    bench.warehouse.datasets(revision).await.unwrap()
}

#[tokio::test]
async fn two_portals_and_documents_make_one_edition() {
    let bench = Bench::new().await;
    let (city, town) = (city().await, town(2023, "213800014").await);
    let sources = || {
        let named = RecordSource {
            name: Some("Town".to_owned()),
            ..records(Subject::IncomeStatement, &town, "comptes")
        };
        vec![
            records(Subject::IncomeStatement, &city, "compte-de-resultat").into(),
            records(Subject::BalanceSheet, &city, "bilan-comptable").into(),
            Source::from(named),
            documents(&[demo::DOCUMENT]),
        ]
    };
    let first = run(&bench, sources())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert!(first.published);
    assert_eq!(bodies(&bench).await, ["213800014", COMMUNE, PARIS]);

    // Each source is named, and says which records are its own.
    let found = datasets(&bench).await;
    let statements: Vec<&Dataset> = found
        .iter()
        .filter(|dataset| dataset.subject == Subject::IncomeStatement)
        .collect();
    let names: Vec<Option<&str>> = statements.iter().map(|it| it.name.as_deref()).collect();
    assert_eq!(names, [None, Some("Town"), Some("Commune")]);
    let numbers: Vec<(i64, i64)> = statements
        .iter()
        .map(|dataset| (dataset.source, dataset.first_record))
        .collect();
    let lines = i64::try_from(STATEMENT.lines().count()).unwrap();
    assert_eq!(numbers, [(1, 1), (2, lines + 1), (3, lines + 3)]);
    assert_eq!(statements[2].portal, "documents");
    let total: i64 = found.iter().map(|dataset| dataset.records).sum();
    assert_eq!(first.records, total);

    // A line of each leads to its record, and to its dataset alone.
    let revision = first.revision;
    let warehouse = &bench.warehouse;
    for (siren, dataset, words) in [
        (PARIS, 0, "montant_en_eur"),
        ("213800014", 1, "300.50"),
        (COMMUNE, 2, "cfu-2023.xml"),
    ] {
        let of_body = warehouse
            .datasets_of(revision, siren, &found)
            .await
            .unwrap();
        let of_body: Vec<&Dataset> = of_body
            .iter()
            .filter(|dataset| dataset.subject == Subject::IncomeStatement)
            .collect();
        assert_eq!(of_body, [statements[dataset]], "{siren}");
        let record = statements[dataset].first_record;
        let lines = warehouse.statement(revision, siren).await.unwrap();
        let mut numbers: Vec<i64> = lines.iter().map(|line| line.record).collect();
        numbers.sort_unstable();
        assert!(numbers[0] >= record, "{siren}: {numbers:?}");
        let json = warehouse
            .source(revision, siren, Subject::IncomeStatement, numbers[0])
            .await
            .unwrap()
            .unwrap();
        assert!(json.contains(words), "{json}");
    }

    let again = run(&bench, sources()).await.unwrap();
    assert!(!again.published);
    assert_eq!(again.revision, first.revision);
}

#[tokio::test]
async fn a_source_that_fails_publishes_nothing_of_the_others() {
    let bench = Bench::new().await;
    let (city, town) = (city().await, town(2023, "213800014").await);
    let sources = |dataset: &str| {
        vec![
            records(Subject::IncomeStatement, &city, "compte-de-resultat").into(),
            Source::from(records(Subject::IncomeStatement, &town, dataset)),
        ]
    };
    let error = run(&bench, sources("none")).await.unwrap_err();
    assert_eq!(error.cause(), Cause::Source, "{error}");
    assert!(error.to_string().contains("none"), "{error}");
    assert!(bench.warehouse.published().await.unwrap().is_none());
    let latest = &bench.warehouse.runs(1).await.unwrap()[0];
    assert!(latest.message.as_deref().unwrap().contains("none"));
    assert!(latest.portal.contains(", "), "{}", latest.portal);

    run(&bench, sources("comptes")).await.unwrap();
    assert_eq!(bodies(&bench).await, ["213800014", PARIS]);
}

#[tokio::test]
async fn years_of_a_body_may_come_from_two_sources_but_no_year_from_both() {
    let bench = Bench::new().await;
    let (early, late) = (town(2022, "213800014").await, town(2023, "213800014").await);
    let source =
        |portal: &Running| Source::from(records(Subject::IncomeStatement, portal, "comptes"));
    run(&bench, vec![source(&early), source(&late)])
        .await
        .unwrap();
    let revision = bench.warehouse.current().await.unwrap().id;
    let body = bench
        .warehouse
        .body(revision, "213800014")
        .await
        .unwrap()
        .unwrap();
    assert_eq!(body.lines, 4);
    assert_eq!(bench.results().await.len(), 2);

    let same = town(2023, "213800014").await;
    let error = run(&bench, vec![source(&late), source(&same)])
        .await
        .unwrap_err();
    let Error::TwoSources { year: 2023, .. } = &error else {
        panic!("{error}");
    };
    let message = error.to_string();
    for words in [
        "income statement of 213800014 for 2023",
        "comptes of 127.0.0.1",
        "where under [[source]]",
    ] {
        assert!(message.contains(words), "{message}");
    }
    assert_eq!(error.cause(), Cause::Data);
    assert_eq!(bench.warehouse.current().await.unwrap().id, revision);
}

#[tokio::test]
async fn of_two_sources_of_documents_the_fullest_counts() {
    let bench = Bench::new().await;
    // A table of the same budget and year as the account.
    let table = include_bytes!("../../documents/tests/data/scdl.csv");
    for turned in [false, true] {
        let mut sources = vec![documents(&[("a.csv", table)]), documents(&[demo::DOCUMENT])];
        if turned {
            sources.reverse();
        }
        run(&bench, sources)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        let results = bench.results().await;
        let results: Vec<(i64, Option<i64>)> = results
            .into_iter()
            .map(|(year, leaf, _, _)| (year, leaf))
            .collect();
        assert_eq!(
            results,
            // The table has a year more.
            [
                (2022, Some(15_900_949)),
                (2023, Some(21_707_740)),
                (2024, Some(700))
            ]
        );
    }
    let other = table.to_vec();
    let other = String::from_utf8(other).unwrap().replace("10,50", "11,50");
    let sources = vec![
        documents(&[("a.csv", table)]),
        documents(&[("b.csv", other.as_bytes())]),
    ];
    let error = run(&bench, sources).await.unwrap_err();
    assert!(matches!(error, Error::TwoDocuments { .. }), "{error}");
}

#[tokio::test]
async fn records_and_documents_are_read_from_files() {
    let bench = Bench::new().await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("statement.jsonl"), STATEMENT).unwrap();
    std::fs::create_dir(folder.path().join("cfu")).unwrap();
    std::fs::write(folder.path().join("cfu/a.xml"), demo::DOCUMENT.1).unwrap();
    let statement = RecordFiles {
        files: files(folder.path(), "statement.jsonl"),
    };
    let sources = || {
        let statement = RecordSource {
            body: Some(BodyName {
                siren: PARIS.to_owned(),
                name: "Ville de Paris".to_owned(),
            }),
            ..RecordSource::new(
                Subject::IncomeStatement,
                Transport::Files(statement.clone()),
                "compte-de-resultat",
            )
        };
        let documents = DocumentSource {
            name: None,
            of: DocumentsOf::Files(Box::new(DocumentFiles {
                files: files(folder.path(), "cfu/*.xml"),
                nomenclature: None,
                bodies: Vec::new(),
                provisional: true,
            })),
        };
        vec![Source::from(statement), Source::Documents(documents)]
    };
    let first = run(&bench, sources())
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bodies(&bench).await, [COMMUNE, PARIS]);
    let found = datasets(&bench).await;
    let found = (&*found[0].portal, found[0].retrieved_via);
    assert_eq!(found, ("files", RetrievalMethod::Files));
    // What is read again and has not changed publishes nothing.
    assert!(!run(&bench, sources()).await.unwrap().published);

    std::fs::write(folder.path().join("cfu/b.xml"), b"<a>").unwrap();
    let error = run(&bench, sources()).await.unwrap_err();
    assert!(error.to_string().contains("b.xml"), "{error}");
    std::fs::remove_dir_all(folder.path().join("cfu")).unwrap();
    let error = run(&bench, sources()).await.unwrap_err();
    assert!(error.to_string().contains("no file matches"), "{error}");
    assert_eq!(error.cause(), Cause::Source);
    assert_eq!(bench.warehouse.current().await.unwrap().id, first.revision);
}

#[tokio::test]
async fn a_file_at_an_address_is_retrieved_and_named_by_it() {
    let bench = Bench::new().await;
    let city = city().await;
    let url = format!(
        "{}/api/explore/v2.1/catalog/datasets/compte-de-resultat/exports/jsonl",
        city.url()
    );
    let source = |url: &str| {
        let files = Files::new(&[url.to_owned()], Path::new(""), WebFiles::default()).unwrap();
        let transport = Transport::Files(RecordFiles { files });
        Source::from(RecordSource {
            body: Some(BodyName {
                siren: PARIS.to_owned(),
                name: "Ville de Paris".to_owned(),
            }),
            ..RecordSource::new(Subject::IncomeStatement, transport, "compte-de-resultat")
        })
    };
    run(&bench, vec![source(&url)])
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(bodies(&bench).await, [PARIS]);
    let missing = url.replace("compte-de-resultat", "none");
    let error = run(&bench, vec![source(&missing)]).await.unwrap_err();
    assert_eq!(error.cause(), Cause::Source);
    assert!(error.to_string().contains("none"), "{error}");
}

#[tokio::test]
async fn real_and_invented_figures_are_told_apart_by_body() {
    let bench = Bench::new().await;
    let portal = serve(Simulator::demo()).await;
    let sources = vec![
        records(Subject::IncomeStatement, &portal, "compte-de-resultat").into(),
        records(Subject::BalanceSheet, &portal, "bilan-comptable").into(),
        documents(&[demo::DOCUMENT]),
    ];
    let summary = run(&bench, sources)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let revision = bench.warehouse.current().await.unwrap();
    assert!(revision.sample);
    for (siren, sample) in [(PARIS, true), (COMMUNE, false)] {
        let body = bench.warehouse.body(summary.revision, siren).await.unwrap();
        assert_eq!(body.unwrap().sample, sample, "{siren}");
    }
    let found = datasets(&bench).await;
    let invented: Vec<(Subject, &str, bool)> = found
        .iter()
        .map(|dataset| (dataset.subject, &*dataset.dataset_id, dataset.sample))
        .collect();
    assert_eq!(
        invented,
        [
            (Subject::IncomeStatement, "compte-de-resultat", true),
            (Subject::IncomeStatement, "compte-de-resultat", false),
            (Subject::BalanceSheet, "bilan-comptable", false),
            (Subject::BalanceSheet, "bilan", false),
            (Subject::AccountBalances, "comptes", false),
        ]
    );
    // The invented lines come to the results of the real balance sheet.
    let named = |name: &str| {
        summary
            .checks
            .iter()
            .find(|check| check.name == name)
            .unwrap()
    };
    let reconciled = named("results-reconciled");
    assert!(
        reconciled
            .subjects
            .iter()
            .all(|subject| subject.contains("2018")),
        "{reconciled:?}"
    );
}

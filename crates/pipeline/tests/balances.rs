//! Account balances from a portal: all bodies as a stream, or one of them, with what is there not asked for again.

use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use centime_accounts::{BodyKind, Budget};
use centime_pipeline::{AcceptedChanges, BalanceSource, Error, Policy, Progress, Summary};
use centime_portal::{Portal, Timeouts};
use centime_portal_sim::{Fault, KnownResult, National, Running, Simulator};
use centime_warehouse::{Named, Outcome, Subject};

use crate::common::{Bench, portal_at, serve};
use crate::national::hold;

const COMMUNES: &str = "balances-comptables-des-communes-en-{year}";
const DEPARTEMENTS: &str = "balances-comptables-des-departements";

/// A portal that makes its answers while it is asked may need a while on a busy machine.
pub fn patient(url: &str) -> Portal {
    let wait = Duration::from_mins(1);
    let timeouts = Timeouts {
        connect: wait,
        first_byte: wait,
        idle: wait,
    };
    Portal::builder(url).timeouts(timeouts).build().unwrap()
}

fn source(portal: &Running, datasets: &[&str]) -> BalanceSource {
    BalanceSource {
        name: None,
        portal: patient(&portal.url()),
        datasets: datasets.iter().map(|id| (*id).to_owned()).collect(),
        years: None,
        bodies: Vec::new(),
        filter: None,
        provisional: false,
        folder: None,
    }
}

fn body(portal: &Running, datasets: &[&str], named: &str) -> BalanceSource {
    BalanceSource {
        bodies: vec![named.to_owned()],
        ..source(portal, datasets)
    }
}

fn edition(communes: u32, years: RangeInclusive<u16>) -> National {
    National::new(communes, years, 1)
}

/// What is known of the final balances of bodies whose numbers begin so.
fn known(edition: &National, start: &'static str) -> impl Iterator<Item = KnownResult> + use<> {
    let all = edition.results();
    all.filter(move |one| one.siren.starts_with(start) && one.is_final)
}

/// The start of the numbers of communes, and of départements.
const OF_COMMUNES: &str = "29000";
const OF_DEPARTEMENTS: &str = "29150";

/// What is said during a run.
#[derive(Default)]
struct Said(Mutex<Vec<String>>);

impl Progress for Said {
    fn step(&self, _: &str) {}
    fn restarting(&self, _: &str, _: &str) {}
    fn note(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }
}

async fn run_saying(bench: &Bench, source: BalanceSource) -> (Result<Summary, Error>, String) {
    let models = centime_analytics::models();
    let policy = Policy {
        keep: 3,
        accept_changes: AcceptedChanges::NONE,
    };
    let said = Said::default();
    let source = centime_pipeline::Source::from(source);
    let ran = centime_pipeline::run(&source, &bench.warehouse, &models, policy, &said).await;
    (ran, said.0.into_inner().unwrap().join("\n"))
}

async fn run(bench: &Bench, source: BalanceSource) -> Result<Summary, Error> {
    run_saying(bench, source).await.0
}

#[tokio::test]
async fn all_bodies_of_all_years_are_published_as_they_are_known() {
    let edition = edition(6, 2014..=2024);
    let portal = serve(Simulator::national(&edition)).await;
    let bench = Bench::new().await;
    let summary = run(&bench, source(&portal, &[COMMUNES])).await;
    let summary = summary.unwrap_or_else(|error| panic!("{error}"));
    for name in [
        "results-reconciled",
        "balance-sheet-balances",
        "results-carried-forward",
    ] {
        let check = summary.checks.iter().find(|check| check.name == name);
        let check = check.unwrap();
        assert_eq!(check.outcome, Outcome::Pass, "{check:?}");
    }
    assert!(hold(&bench, known(&edition, OF_COMMUNES)).await >= 6);
    // A statement, a balance sheet and the accounts, each of all years.
    let revision = bench.warehouse.current().await.unwrap();
    let datasets = bench.warehouse.datasets(revision.id).await.unwrap();
    let found: Vec<(Subject, &str)> = datasets
        .iter()
        .map(|dataset| (dataset.subject, &*dataset.dataset_id))
        .collect();
    let newest = "balances-comptables-des-communes-en-2024";
    assert_eq!(
        found,
        [
            (Subject::IncomeStatement, newest),
            (Subject::BalanceSheet, newest),
            (Subject::AccountBalances, newest),
        ]
    );
    let reading = datasets[0].reading.as_deref().unwrap();
    assert!(reading.contains("communes-en-2014 …"), "{reading}");
    let again = run(&bench, source(&portal, &[COMMUNES])).await.unwrap();
    assert!(!again.published);
}

#[tokio::test]
async fn datasets_of_all_years_are_asked_for_some_of_them() {
    let edition = edition(400, 2019..=2024);
    let portal = serve(Simulator::national(&edition)).await;
    let bench = Bench::new().await;
    let two_years = BalanceSource {
        years: Some(2021..=2022),
        ..source(&portal, &[DEPARTEMENTS])
    };
    run(&bench, two_years).await.unwrap();
    let wanted = known(&edition, OF_DEPARTEMENTS).filter(|one| (2021..=2022).contains(&one.year));
    assert!(hold(&bench, wanted).await >= 1);
}

#[tokio::test]
async fn accounts_by_function_are_added_up() {
    let edition = edition(3, 2024..=2024);
    let portal = serve(Simulator::national(&edition)).await;
    let bench = Bench::new().await;
    let stem = "balances-comptables-des-collectivites-et-des-etablissements-publics-locaux";
    let id = format!("{stem}-avec-la-presentation-croisee-nature-fonction-2024");
    run(&bench, source(&portal, &[&id])).await.unwrap();
    assert!(hold(&bench, known(&edition, "29")).await > 3);
}

#[tokio::test]
async fn a_body_is_found_by_its_number_its_code_and_its_name() {
    let edition = edition(200, 2022..=2024);
    let portal = serve(Simulator::national(&edition)).await;
    let of_siren = |siren: String| {
        let all = known(&edition, "29");
        all.filter(move |one| one.siren == siren)
    };
    let first = known(&edition, OF_COMMUNES).next().unwrap().siren;
    for named in [
        &*first,
        "01001",
        "Commune d’exemple 1".replace('’', "'").as_str(),
    ] {
        let bench = Bench::new().await;
        let (ran, said) = run_saying(&bench, body(&portal, &[COMMUNES], named)).await;
        ran.unwrap_or_else(|error| panic!("{named}: {error}"));
        hold(&bench, of_siren(first.clone())).await;
        let revision = bench.warehouse.current().await.unwrap();
        let bodies = bench
            .warehouse
            .bodies(revision.id, "", 0, 100)
            .await
            .unwrap();
        assert!(
            bodies
                .bodies
                .iter()
                .all(|body| body.siren.starts_with(&first))
        );
        assert_eq!(
            said.contains("COMMUNE D'EXEMPLE 1 ("),
            named != first,
            "{said}"
        );
    }
    // One that is no commune is found among the others.
    let bench = Bench::new().await;
    let siren = known(&edition, OF_DEPARTEMENTS).next().unwrap().siren;
    let both = body(&portal, &[COMMUNES, DEPARTEMENTS, "nowhere"], &siren);
    run(&bench, both).await.unwrap();
    hold(&bench, of_siren(siren)).await;
}

#[tokio::test]
async fn a_body_that_is_not_there_or_may_be_several_is_said() {
    let edition = edition(30, 2023..=2024);
    let portal = serve(Simulator::national(&edition)).await;
    for (named, words) in [
        (
            "exemple",
            &[
                "several public bodies",
                "COMMUNE D'EXEMPLE 1 (29000",
                "département 001",
            ][..],
        ),
        (
            "Nulle Part",
            &[
                "no public body «Nulle Part»",
                "communes-en-{year}",
                "INSEE code",
            ],
        ),
        (
            "213801855",
            &["no public body «213801855»", "communes-en-2024"],
        ),
        ("38185", &["no public body «38185»"]),
    ] {
        let bench = Bench::new().await;
        let error = run(&bench, body(&portal, &[COMMUNES], named))
            .await
            .unwrap_err();
        for word in words {
            assert!(error.to_string().contains(word), "{named}: {error}");
        }
        assert!(bench.warehouse.published().await.unwrap().is_none());
    }
}

#[tokio::test]
async fn balances_that_are_not_final_are_published_where_that_is_asked_for() {
    let edition = edition(2, 2024..=2025);
    let portal = serve(Simulator::national(&edition)).await;
    let years = Some(2023..=2025);
    let bench = Bench::new().await;
    let finals = BalanceSource {
        years: years.clone(),
        ..source(&portal, &[COMMUNES])
    };
    let (ran, said) = run_saying(&bench, finals).await;
    ran.unwrap();
    assert!(said.contains("2023: "), "{said}");
    assert!(
        said.contains("communes-en-2025: not published") && said.contains("not final"),
        "{said}"
    );
    hold(&bench, known(&edition, OF_COMMUNES)).await;
    let bench = Bench::new().await;
    let all = BalanceSource {
        years,
        provisional: true,
        ..source(&portal, &[COMMUNES])
    };
    run(&bench, all).await.unwrap();
    let communes = edition
        .results()
        .filter(|one| one.siren.starts_with(OF_COMMUNES));
    hold(&bench, communes).await;
    // What is kept says so.
    let revision = bench.warehouse.current().await.unwrap();
    let ident = edition.results().next().unwrap().ident;
    let records = bench
        .warehouse
        .records_of(revision.id, Subject::AccountBalances, &ident)
        .await
        .unwrap();
    let of_2025 = records
        .iter()
        .filter(|record| record.contains("\"exercice\":2025"));
    assert!(of_2025.clone().count() > 20);
    assert!(
        of_2025
            .clone()
            .all(|record| record.contains("balance-provisoire"))
    );
}

/// How many requests a dataset takes: its records, its description and their number.
const EACH: u32 = 3;

async fn serve_at(edition: &National, address: &str, quota: u32) -> Running {
    let simulator = Simulator::national(edition).with_quota(Some(quota));
    simulator.bind(address).await.unwrap()
}

fn kept(portal: &Running, siren: &str, folder: &Path) -> BalanceSource {
    BalanceSource {
        folder: Some(folder.to_owned()),
        ..body(portal, &[COMMUNES], siren)
    }
}

#[tokio::test]
async fn what_was_retrieved_before_a_quota_was_spent_is_not_asked_for_again() {
    let edition = edition(3, 2010..=2024);
    let siren = known(&edition, OF_COMMUNES).next().unwrap().siren;
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().await;
    // The catalogue, and eight datasets and a half of fifteen.
    let portal = serve_at(&edition, "127.0.0.1:0", 1 + 8 * EACH + 1).await;
    let address = portal.addr().to_string();
    let (ran, said) = run_saying(&bench, kept(&portal, &siren, folder.path())).await;
    let error = ran.unwrap_err().to_string();
    for words in ["one too many", "API key"] {
        assert!(error.contains(words), "{error}");
    }
    assert!(said.contains("8 of 15 datasets are kept"), "{said}");
    assert!(bench.warehouse.published().await.unwrap().is_none());
    portal.shutdown().await;
    // No request is left over once the other seven are there.
    let portal = serve_at(&edition, &address, 1 + 7 * EACH).await;
    run(&bench, kept(&portal, &siren, folder.path()))
        .await
        .unwrap();
    let of_body = |one: &KnownResult| one.siren == siren;
    assert!(hold(&bench, known(&edition, OF_COMMUNES).filter(of_body)).await >= 1);
    portal.shutdown().await;
    // What is unchanged takes a look at the catalogue.
    let portal = serve_at(&edition, &address, 1).await;
    let again = run(&bench, kept(&portal, &siren, folder.path()))
        .await
        .unwrap();
    assert!(!again.published);
}

#[tokio::test]
async fn each_fault_publishes_everything_or_nothing() {
    let edition = edition(3, 2023..=2024);
    for fault in Fault::ALL {
        for injection in [fault.always(), fault.times(1)] {
            let simulator = Simulator::national(&edition)
                .with_faults([injection])
                .with_retry_after(0);
            let portal = serve(simulator).await;
            let bench = Bench::new().await;
            let hasty = BalanceSource {
                portal: portal_at(&portal.url()),
                ..source(&portal, &[COMMUNES])
            };
            match run(&bench, hasty).await {
                Ok(_) => assert!(hold(&bench, known(&edition, OF_COMMUNES)).await >= 3),
                Err(error) => {
                    let published = bench.warehouse.published().await.unwrap();
                    assert!(published.is_none(), "{fault}: {error}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_bodies_are_and_where_follows_from_columns_that_differ_by_year() {
    // `type` in 2015, neither `type` nor `categ` in 2016, both `categ` and `bal` in 2017.
    for year in 2015..=2017 {
        let edition = edition(25, year..=year);
        let portal = serve(Simulator::national(&edition)).await;
        let bench = Bench::new().await;
        let ran = run(&bench, source(&portal, &[COMMUNES, DEPARTEMENTS])).await;
        ran.unwrap_or_else(|error| panic!("{year}: {error}"));
        let revision = bench.warehouse.current().await.unwrap().id;
        let one_of = async |named: &str| {
            let found = bench.warehouse.named_body(revision, named).await.unwrap();
            let Named::One(body) = found else {
                panic!("{year}: {named} is {found:?}");
            };
            let profile = bench
                .warehouse
                .profile(revision, &body.siren)
                .await
                .unwrap();
            (body, profile)
        };
        // The twentieth département is the south of Corsica, and each has one of these communes.
        let main: Vec<String> = edition
            .results()
            .filter(|one| one.siren.starts_with(OF_COMMUNES) && one.budget == 1)
            .map(|one| one.ident)
            .collect();
        for (place, code, departement) in [(0, "01001", "Ain"), (19, "2A001", "Corse-du-Sud")] {
            // Before 2016 what is attached is called a main budget, too, so that a code may be that of two.
            let named = if year > 2015 {
                code
            } else {
                main[place].as_str()
            };
            let (body, profile) = one_of(named).await;
            assert_eq!(body.siren, main[place]);
            assert_eq!(body.budget, Some(Budget::Main));
            assert_eq!(profile.kind, Some(BodyKind::Commune), "{year}");
            assert_eq!(profile.insee.as_deref(), Some(code));
            assert_eq!(profile.departement.as_deref(), Some(departement));
        }
        let siren = edition
            .results()
            .find(|one| one.siren.starts_with(OF_DEPARTEMENTS))
            .unwrap()
            .siren;
        let (_, profile) = one_of(&siren).await;
        assert_eq!(profile.kind, Some(BodyKind::Departement));
        assert_eq!(profile.insee.as_deref(), Some("01"));
        assert_eq!(profile.departement.as_deref(), Some("Ain"));
        if year < 2016 {
            continue;
        }
        // What is attached to a commune is a body of its own, in the same département.
        let attached = edition
            .results()
            .find(|one| one.siren.starts_with(OF_COMMUNES) && one.budget == 2)
            .unwrap();
        let profile = bench.warehouse.profile(revision, &attached.ident);
        let profile = profile.await.unwrap();
        assert_eq!((profile.kind, profile.insee), (None, None));
        assert!(profile.departement.is_some());
    }
}

#[tokio::test]
async fn what_is_known_of_a_body_is_kept_with_the_years_that_are_not_read_again() {
    let edition = edition(3, 2023..=2024);
    let portal = serve(Simulator::national(&edition)).await;
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().await;
    // The later year has nothing of the first commune, so that all that is known of it is what was kept.
    let main = known(&edition, OF_COMMUNES).next().unwrap().ident;
    let filter = format!("year(exer) = 2023 or not (ident = \"{main}\")");
    for years in [2023..=2023, 2023..=2024] {
        let asked = BalanceSource {
            years: Some(years),
            folder: Some(folder.path().to_owned()),
            filter: Some(filter.clone()),
            ..source(&portal, &[COMMUNES])
        };
        let ran = run(&bench, asked).await;
        ran.unwrap_or_else(|error| panic!("{error}"));
    }
    let revision = bench.warehouse.current().await.unwrap().id;
    let profile = bench.warehouse.profile(revision, &main).await.unwrap();
    assert_eq!(profile.kind, Some(BodyKind::Commune));
    assert_eq!(profile.insee.as_deref(), Some("01001"));
    assert_eq!(profile.departement.as_deref(), Some("Ain"));
}

#[tokio::test]
async fn accounts_of_an_unknown_nomenclature_are_kept_and_said() {
    let edition = edition(12, 2023..=2024).with_unknown_charts();
    let portal = serve(Simulator::national(&edition)).await;
    let folder = tempfile::tempdir().unwrap();
    let bench = Bench::new().await;
    let wanted = |years| BalanceSource {
        years: Some(years),
        folder: Some(folder.path().to_owned()),
        ..source(&portal, &[COMMUNES])
    };
    let (unknown, others): (Vec<KnownResult>, Vec<KnownResult>) =
        known(&edition, OF_COMMUNES).partition(|one| one.nomen == "M22");
    assert!(unknown.len() > 2, "{unknown:?}");
    // The second run says it of the year before, too, which it does not read again.
    for years in [2023..=2023, 2023..=2024] {
        let (ran, said) = run_saying(&bench, wanted(years.clone())).await;
        let summary = ran.unwrap_or_else(|error| panic!("{error}"));
        assert!(said.contains("no statement follows from them"), "{said}");
        let mut checks = summary.checks.iter();
        let check = checks.find(|check| check.name == "nomenclatures-known");
        let check = check.unwrap();
        assert_eq!(check.outcome, Outcome::Warn);
        let expected: Vec<&KnownResult> = unknown
            .iter()
            .filter(|one| years.contains(&one.year))
            .collect();
        assert_eq!(usize::try_from(check.found).unwrap(), expected.len());
        let revision = bench.warehouse.current().await.unwrap().id;
        for one in expected {
            let start = format!("{} › {} › EAU", one.ident, one.year);
            let subject = check.subjects.iter().find(|it| it.starts_with(&start));
            let subject = subject.unwrap_or_else(|| panic!("{start}: {:?}", check.subjects));
            // Every account is there, since what they close with is equal on both sides.
            let (_, sums) = subject.split_once("M22: SD ").unwrap();
            let (debit, rest) = sums.split_once(", SC ").unwrap();
            let (credit, count) = rest.split_once(", n = ").unwrap();
            assert_eq!(debit, credit);
            let records = bench
                .warehouse
                .records_of(revision, Subject::AccountBalances, &one.ident)
                .await
                .unwrap();
            let of_year = format!("\"exercice\":{}", one.year);
            let of_year = records.iter().filter(|record| record.contains(&of_year));
            assert_eq!(of_year.count().to_string(), count);
            // Nothing follows from them.
            let body = bench.warehouse.body(revision, &one.ident).await.unwrap();
            assert_eq!(body, None);
        }
    }
    assert!(hold(&bench, others.into_iter()).await >= 12);
}

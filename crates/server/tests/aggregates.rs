//! A public body of which control totals alone are known: it is found, its page has them, and others lead to it.

use std::fmt::Write;
use std::fs;

use axum::http::Method;
use centime_access::Mode;
use centime_pipeline::{
    AcceptedChanges, DatasetOptions, DatasetSettings, Edition, Files, Policy, RecordFiles,
    RecordSource, Source, Transport,
};
use centime_portal::WebFiles;
use centime_server::{Guard, Site};
use centime_warehouse::{DatabaseUrl, OpenMode, Subject, Warehouse};
use tempfile::TempDir;

use crate::common::{Silent, often_asked, send, text};

struct OfTotals {
    _folder: TempDir,
    site: Site,
}

impl OfTotals {
    /// Three communes, one of which has totals that do not add up.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut records = String::new();
        for (insee, name, revenue, expense, gross, population) in [
            ("56001", "Allaire", "1000.50", "900.25", "100.25", 900),
            ("56002", "Ambon", "2000.00", "1500.00", "500.00", 1_000),
            ("56003", "Arradon-É", "3000.00", "1000.00", "1999.00", 1_500),
        ] {
            for (aggregate, amount) in [
                ("Recettes de fonctionnement", revenue),
                ("Dépenses de fonctionnement", expense),
                ("Epargne brute", gross),
            ] {
                writeln!(
                    records,
                    r#"{{"insee":"{insee}","com_name":"{name}","dep_name":"Morbihan","epci_name":"CC","exer":"2024","agregat":"{aggregate}","montant":{amount},"ptot":{population}}}"#
                )
                .unwrap();
            }
        }
        fs::write(folder.path().join("totals.jsonl"), records).unwrap();
        let files = ["totals.jsonl".to_owned()];
        let files = Files::new(&files, folder.path(), WebFiles::default()).unwrap();
        let settings = DatasetSettings::default();
        let source = RecordSource {
            reading: DatasetOptions::new(Subject::Aggregates, &settings).unwrap(),
            ..RecordSource::new(
                Subject::Aggregates,
                Transport::Files(RecordFiles { files }),
                "agregats",
            )
        };
        let address = centime_test_database::fresh(folder.path());
        let url: DatabaseUrl = address.parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let policy = Policy {
            keep: 2,
            accept_changes: AcceptedChanges::NONE,
        };
        let edition: Edition = std::iter::once(Source::from(source)).collect();
        let models = centime_analytics::models();
        centime_pipeline::run(&edition, &warehouse, &models, policy, &Silent)
            .await
            .unwrap();
        Self {
            _folder: folder,
            site: Site::guarded(warehouse, Guard::new(often_asked(Mode::Public), None)),
        }
    }

    async fn page(&self, address: &str, status: u16) -> String {
        let response = send(&self.site, &Method::GET, address, &[], "").await;
        assert_eq!(response.status(), status, "{address}");
        text(response).await.replace(['\u{a0}', '\u{202f}'], " ")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_statement_has_a_page_and_is_found() {
    let bench = OfTotals::new().await;
    for address in ["/?body=56001&lang=en", "/aggregates?body=56001&lang=en"] {
        let page = bench.page(address, 200).await;
        for words in [
            "€1,000.50",
            // For each of 900 inhabitants.
            "€1.11",
            "900 inhabitants in 2024",
            "Compared with the 3 communes of 500 to 1,999 inhabitants (Morbihan)",
            // The median of 1.11, 2.00 and 2.00.
            "€2.00",
            "3 of 3",
            "1 of 1 identities hold",
        ] {
            assert!(page.contains(words), "{address}: {words}\n{page}");
        }
        assert!(!page.contains("/statement"), "{address}");
    }
    let page = bench.page("/aggregates?body=56003&lang=fr", 200).await;
    assert!(page.contains("0 égalités vérifiées sur 1"), "{page}");
    assert!(page.contains("Epargne brute : 1 999,00 € publiés, 2 000,00 € par ses parties"));

    // By name without accents, code and département.
    for words in ["arradon+e", "56003", "morbihan"] {
        let page = bench.page(&format!("/?q={words}&lang=fr"), 200).await;
        assert!(page.contains("Arradon-É"), "{words}");
    }

    // Pages about statements say that there is none, and lead to what there is.
    for address in ["/statement", "/dashboard", "/lines", "/quality"] {
        let page = bench
            .page(&format!("{address}?body=56001&lang=fr"), 404)
            .await;
        assert!(page.contains("Aucun compte de résultat"), "{address}");
        assert!(page.contains("/aggregates?body=56001"), "{address}");
    }
}

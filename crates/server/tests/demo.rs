//! A sample edition with real figures of one body beside invented ones of another: each page, file and answer says which
//! it has.

use std::path::Path;

use axum::http::{Method, StatusCode};
use centime_pipeline::{
    AcceptedChanges, DatasetOptions, DatasetSettings, DocumentFiles, DocumentSource, DocumentsOf,
    Edition, Files, Policy, RecordSource, Source,
};
use centime_portal::{Portal, WebFiles};
use centime_portal_sim::{Simulator, demo};
use centime_server::Site;
use centime_warehouse::{DatabaseUrl, OpenMode, Subject, Warehouse};
use serde_json::Value;

use crate::common::{Silent, send, text};

const COMMUNE: &str = "21560134500014";
const PARIS: &str = "217500016";

struct Demo {
    _folder: tempfile::TempDir,
    site: Site,
}

impl Demo {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = centime_test_database::fresh(folder.path());
        let url: DatabaseUrl = address.parse().unwrap();
        let warehouse = Warehouse::open(&url, OpenMode::Write).await.unwrap();
        let served = Simulator::demo().bind("127.0.0.1:0").await.unwrap();
        let portal = Portal::builder(&served.url()).build().unwrap();
        let mut edition =
            Edition::of_portal(&portal, "compte-de-resultat", Some("bilan-comptable"), None);
        let folder_of_file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../documents/tests/data");
        let file = [demo::DOCUMENT.0.to_owned()];
        edition.sources.push(Source::Documents(DocumentSource {
            name: Some(demo::DOCUMENT_NAME.to_owned()),
            of: DocumentsOf::Files(Box::new(DocumentFiles {
                files: Files::new(&file, &folder_of_file, WebFiles::default()).unwrap(),
                nomenclature: None,
                bodies: Vec::new(),
                provisional: true,
            })),
        }));
        let settings = DatasetSettings {
            rounding: Some("centime".to_owned()),
            ..DatasetSettings::default()
        };
        let totals = RecordSource::new(Subject::Aggregates, portal.clone(), demo::AGGREGATES);
        edition.sources.push(Source::from(RecordSource {
            reading: DatasetOptions::new(Subject::Aggregates, &settings).unwrap(),
            ..totals
        }));
        let policy = Policy {
            keep: 2,
            accept_changes: AcceptedChanges::NONE,
        };
        let models = centime_analytics::models();
        centime_pipeline::run(&edition, &warehouse, &models, policy, &Silent)
            .await
            .unwrap();
        Self {
            _folder: folder,
            site: Site::new(warehouse),
        }
    }

    /// The text of an address, and whether a header says that it is of the sample.
    async fn get(&self, address: &str) -> (String, bool) {
        let headers = [("accept-language", "en")];
        let response = send(&self.site, &Method::GET, address, &headers, "").await;
        assert_eq!(response.status(), StatusCode::OK, "{address}");
        let is_marked = response.headers().contains_key("x-centime-edition");
        (text(response).await, is_marked)
    }
}

#[tokio::test]
async fn each_surface_says_of_each_body_whether_its_figures_are_real() {
    let demo = Demo::new().await;
    let (list, _) = demo.get("/").await;
    assert!(list.contains("Real and invented figures."), "{list}");
    for words in [">real<", ">invented<"] {
        assert!(list.contains(words), "{words}: {list}");
    }
    for (body, is_sample) in [(COMMUNE, false), (PARIS, true)] {
        for page in ["/", "/statement", "/dashboard", "/quality", "/lines"] {
            let address = format!("{page}?body={body}");
            let (text, is_marked) = demo.get(&address).await;
            assert_eq!(
                text.contains("Sample data, not official figures."),
                is_sample,
                "{address}"
            );
            assert_eq!(
                text.contains("Real figures in a sample edition."),
                !is_sample,
                "{address}"
            );
            assert_eq!(is_marked, is_sample, "{address}");
        }
        for answer in ["lines", "statement", "analyses/yearly-result"] {
            let address = format!("/api/v1/{answer}?body={body}");
            let (text, is_marked) = demo.get(&address).await;
            let answer: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(answer["sample"], is_sample, "{address}");
            assert_eq!(is_marked, is_sample, "{address}");
        }
    }
    let (text, _) = demo.get("/api/v1/datasets").await;
    let datasets: Value = serde_json::from_str(&text).unwrap();
    let marks: Vec<bool> = datasets["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|dataset| dataset["sample"].as_bool().unwrap())
        .collect();
    assert_eq!(marks, [true, false, false, false, false, false]);
    // The sources of a body are its own.
    let (home, _) = demo.get(&format!("/?body={COMMUNE}")).await;
    assert!(
        home.contains(demo::DOCUMENT_NAME) && !home.contains("bilan-comptable"),
        "{home}"
    );
}

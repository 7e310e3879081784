//! A public body of which control totals alone are known: it is found, its page has them, and others lead to it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::time::Duration;

use axum::http::Method;
use centime_access::Mode;
use centime_pipeline::{
    AcceptedChanges, DatasetOptions, DatasetSettings, Edition, Files, Policy, RecordFiles,
    RecordSource, Source, Transport,
};
use centime_portal::WebFiles;
use centime_server::{Guard, Site};
use centime_warehouse::sql::{Limits, SqlReader};
use centime_warehouse::{DatabaseUrl, OpenMode, Subject, Warehouse};
use tempfile::TempDir;

use crate::common::{Silent, often_asked, send, text};

struct OfTotals {
    _folder: TempDir,
    url: DatabaseUrl,
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
            url,
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

/// An amount divided by inhabitants, rounded half away from zero, both as texts of files.
fn each(amount: &str, inhabitants: &str) -> String {
    let (euros, cents) = amount.split_once('.').unwrap();
    let centimes: i64 = format!("{euros}{cents}").parse().unwrap();
    let inhabitants: i64 = inhabitants.parse().unwrap();
    let rounded = (2 * centimes.abs() + inhabitants) / (2 * inhabitants) * centimes.signum();
    format!("{}.{:02}", rounded / 100, rounded.abs() % 100)
}

/// The names of the bodies that a page lists, in its order.
fn listed(page: &str) -> Vec<&str> {
    let rows = page.split("<tr><th scope=\"row\"><a href=\"").skip(1);
    rows.map(|row| row.split(['>', '<']).nth(1).unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregate_is_the_same_on_every_surface() {
    let bench = OfTotals::new().await;
    let file = bench.page("/aggregates.csv?body=*", 200).await;
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let rows: Vec<BTreeMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 9);
    let api = bench.page("/api/v1/aggregates?body=*", 200).await;
    let api: serde_json::Value = serde_json::from_str(&api).unwrap();
    let reading = SqlReader::open_for_its_user(&bench.url).await.unwrap();
    let limits = Limits {
        time: Duration::from_secs(20),
        rows: 1000,
        bytes: 1 << 20,
    };
    let sql =
        "SELECT siren, aggregate, amount, per_inhabitant, population FROM published.aggregate";
    let view = reading.ask(sql, limits).await.unwrap();
    let centimes = |text: &str| text.replace('.', "").parse::<i64>().unwrap().to_string();
    for row in &rows {
        let (siren, aggregate) = (row["siren"].as_str(), row["aggregate"].as_str());
        let (amount, population) = (row["amount"].as_str(), row["population"].as_str());
        let per_inhabitant = each(amount, population);
        assert_eq!(
            row["per_inhabitant"], per_inhabitant,
            "{siren}: {aggregate}"
        );
        let data = api["data"].as_array().unwrap().iter();
        let of_api = data
            .filter(|of| of["siren"] == siren)
            .find(|of| of["aggregate"] == aggregate)
            .unwrap();
        assert_eq!(of_api["amount"], amount);
        assert_eq!(of_api["per_inhabitant"], per_inhabitant.as_str());
        assert_eq!(of_api["population"].to_string(), population);
        let of_view = view
            .rows
            .iter()
            .find(|of| (of[0].as_deref(), of[1].as_deref()) == (Some(siren), Some(aggregate)));
        let of_view: Vec<&str> = of_view.unwrap()[2..]
            .iter()
            .map(|cell| cell.as_deref().unwrap())
            .collect();
        let expected = [
            centimes(amount),
            centimes(&per_inhabitant),
            population.to_owned(),
        ];
        assert_eq!(of_view, expected, "{siren}: {aggregate}");
        let page = format!("/aggregates?body={siren}&lang=en");
        let page = bench.page(&page, 200).await;
        assert!(
            page.contains(&format!("€{per_inhabitant}<")),
            "{siren}: {aggregate}"
        );
    }
    // Of one body each form of the file, and what is known of it.
    for form in ["csv", "json", "xlsx", "parquet"] {
        let address = format!("/aggregates.{form}?body=56001");
        let response = send(&bench.site, &Method::GET, &address, &[], "").await;
        assert_eq!(response.status(), 200, "{address}");
    }
    let one = bench.page("/api/v1/aggregates?body=56001", 200).await;
    let one: serde_json::Value = serde_json::from_str(&one).unwrap();
    assert_eq!(one["data"].as_array().unwrap().len(), 3);
    let body = bench.page("/api/v1/bodies/56003", 200).await;
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    let listed = bench.page("/api/v1/bodies", 200).await;
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let body = body.get("data").unwrap_or(&body);
    for body in [body, &listed["data"][2]] {
        let known = ["insee", "kind", "departement", "grouping_name"].map(|name| &body[name]);
        assert_eq!(known, ["56003", "commune", "Morbihan", "CC"], "{body}");
        assert_eq!(
            (&body["population"], &body["population_year"]),
            (&1500.into(), &2024.into())
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_stand_beside_each_other_for_each_inhabitant() {
    let bench = OfTotals::new().await;
    let page = bench.page("/?lang=en", 200).await;
    for words in [
        "Inhabitants 2024",
        // Revenue and expense of 900 inhabitants, and savings of 1 500.
        "€1.11",
        "€1.00",
        "€1.33",
        "commune · 56001",
        "commune (3)",
    ] {
        // There is one département and one kind: nothing to choose.
        assert_eq!(
            page.contains(words),
            words != "commune (3)",
            "{words}: {page}"
        );
    }
    for (order, names) in [
        ("sort=expense", ["Ambon", "Allaire", "Arradon-É"]),
        ("sort=expense&dir=asc", ["Arradon-É", "Allaire", "Ambon"]),
        // Two of them have as much; names decide.
        ("sort=revenue", ["Ambon", "Arradon-É", "Allaire"]),
        ("sort=gross", ["Arradon-É", "Ambon", "Allaire"]),
        ("sort=population&dir=asc", ["Allaire", "Ambon", "Arradon-É"]),
        ("sort=departement", ["Allaire", "Ambon", "Arradon-É"]),
        (
            "departement=Morbihan&kind=commune",
            ["Allaire", "Ambon", "Arradon-É"],
        ),
    ] {
        let page = bench.page(&format!("/?lang=en&{order}"), 200).await;
        assert_eq!(listed(&page), names, "{order}");
    }
    let grouped = bench.page("/?lang=en&sort=departement", 200).await;
    assert!(grouped.contains("<th scope=\"rowgroup\""), "{grouped}");
    let none = bench.page("/?lang=en&kind=region", 200).await;
    assert!(listed(&none).is_empty(), "{none}");
    for refused in ["departement=Nord", "kind=town", "year=2023", "sort=wealth"] {
        bench.page(&format!("/?{refused}"), 400).await;
    }
}

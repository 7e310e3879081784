//! Statements of a few invented lines, published through a portal.

use centime_pipeline::{AcceptedChanges, BodyName, Edition, Policy};
use centime_portal::Portal;
use centime_portal_sim::{SimDataset, Simulator};
use centime_warehouse::Warehouse;
use serde_json::{Value, json};

use super::Silent;

const COLUMNS: [(&str, &str); 6] = [
    ("exercice_comptable", "text"),
    ("type_de_resultat", "text"),
    ("produit_charge", "text"),
    ("poste", "text"),
    ("detail_postes", "text"),
    ("montant_en_eur", "double"),
];

/// Side, category, label and centimes.
pub type Row = (&'static str, &'static str, &'static str, i64);

/// Publishes the same lines for each of the years, whatever was published before.
pub async fn publish(warehouse: &Warehouse, rows: &[Row], years: &[&str]) {
    let record = |year: &&str, (side, category, label, centimes): &Row| {
        let amount = format!("{}.{:02}", centimes / 100, centimes % 100);
        let amount: Value = serde_json::from_str(&amount).unwrap();
        json!({
            "exercice_comptable": year,
            "type_de_resultat": "EXPLOITATION",
            "produit_charge": side,
            "poste": category,
            "detail_postes": label,
            "montant_en_eur": amount,
        })
        .to_string()
    };
    let records: Vec<String> = years
        .iter()
        .flat_map(|year| rows.iter().map(move |row| record(year, row)))
        .collect();
    publish_records(warehouse, records.iter().map(String::as_str), None).await;
}

/// Publishes the records of a portal, of this public body where they name none, whatever was published before.
pub async fn publish_records<'a>(
    warehouse: &Warehouse,
    records: impl IntoIterator<Item = &'a str>,
    body: Option<BodyName>,
) {
    let dataset = SimDataset::new("compte-de-resultat", &COLUMNS, records).unwrap();
    let portal = Simulator::from_datasets(vec![dataset]);
    let portal = portal.bind("127.0.0.1:0").await.unwrap();
    let portal = Portal::builder(&portal.url()).build().unwrap();
    let source = Edition::of_portal(&portal, "compte-de-resultat", None, body.as_ref());
    let policy = Policy {
        keep: 2,
        accept_changes: AcceptedChanges::ALL,
    };
    let models = centime_analytics::models();
    centime_pipeline::run(&source, warehouse, &models, policy, &Silent)
        .await
        .unwrap();
}

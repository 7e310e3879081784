//! What documents say of results besides the lines that are added and their balance sheets.

use std::collections::BTreeMap;

use centime_accounts::{Centimes, FiscalYear, NotComputable, Witness, WitnessKind};
use serde::Deserialize;

use super::restated::{Printed, is_result};

/// What is read of the record of a result.
#[derive(Deserialize)]
struct Record {
    detail: String,
    #[serde(default)]
    produit_charge: String,
    #[serde(default)]
    temoins: BTreeMap<String, String>,
    exercice_suivant: Option<Printed>,
}

/// A witness, and the file it is in where that is not the file of its slice.
pub struct Found {
    pub witness: Witness,
    pub file: Option<String>,
}

/// What a record says of the result of its year; nothing where it is no record of a result.
pub fn of_record(year: FiscalYear, number: i64, json: &str) -> Vec<Found> {
    let Ok(record) = serde_json::from_str::<Record>(json) else {
        return Vec::new();
    };
    if !record.produit_charge.is_empty() || !is_result(&record.detail) {
        return Vec::new();
    }
    let amount = |text: &str| Centimes::parse(text).ok().map(|parsed| parsed.amount);
    let of = |kind, says, file, record| Found {
        witness: Witness {
            year,
            kind,
            says,
            against: None,
            is_independent: true,
            record,
        },
        file,
    };
    let within = record.temoins.iter().filter_map(|(name, text)| {
        let kind = kind_of(name)?;
        Some(of(kind, Ok(amount(text)?), None, Some(number)))
    });
    let mut found: Vec<Found> = within.collect();
    if let Some(next) = record.exercice_suivant {
        let says = next.montant.as_deref().and_then(amount);
        let says = says.ok_or(NotComputable::NotPrinted);
        found.push(of(
            WitnessKind::NextDocument,
            says,
            Some(next.fichier),
            None,
        ));
    }
    found
}

/// The kind of a part of a document; `None` for the balance sheet, which is a dataset of its own.
fn kind_of(part: &str) -> Option<WitnessKind> {
    use centime_documents::WitnessKind as Part;
    let kinds = [
        (Part::Statement, WitnessKind::PrintedResult),
        (Part::Accounts, WitnessKind::Accounts),
        (Part::BudgetPart, WitnessKind::BudgetPart),
    ];
    kinds
        .into_iter()
        .find(|(known, _)| known.name() == part)
        .map(|(_, kind)| kind)
}

//! Printed lines of a document held against its own accounts.

use std::collections::BTreeMap;

use centime_accounts::Centimes;
use serde::Deserialize;

use super::restated::Printed;
use crate::findings::{Compared, prefix};

#[derive(Deserialize)]
struct Record {
    code: Option<String>,
    detail: String,
    #[serde(alias = "net")]
    montant: Option<String>,
    montant_des_comptes: Option<String>,
    #[serde(default)]
    temoins: BTreeMap<String, String>,
    exercice_suivant: Option<Printed>,
}

impl Compared {
    /// Compares a line; one that has nothing beside it is not counted.
    pub fn record(&mut self, siret: &str, year: u16, json: &str) {
        let Ok(record) = serde_json::from_str::<Record>(json) else {
            return;
        };
        let amount = |text: &str| Centimes::parse(text).ok().map(|parsed| parsed.amount);
        let printed = record.montant.as_deref().and_then(amount);
        let witnesses = record.temoins.iter();
        for (witness, result) in witnesses.filter_map(|(name, text)| Some((name, amount(text)?))) {
            if printed == Some(result) {
                self.agreeing += 1;
            } else {
                let difference =
                    printed.map_or_else(String::new, |printed| format!(", {} €", result - printed));
                let body = prefix(siret);
                self.disagreeing
                    .add(|| format!("{body}{year} › {witness}: {result} €{difference}"));
            }
        }
        if let Some(next) = &record.exercice_suivant {
            let restated = next.montant.as_deref().and_then(amount);
            if printed.unwrap_or_default() == restated.unwrap_or_default() {
                self.kept += 1;
            } else {
                let shown = |amount: Option<Centimes>| {
                    amount.map_or_else(|| "—".to_owned(), |amount| format!("{amount} €"))
                };
                self.restated.add(|| {
                    format!(
                        "{}{year} › {}: {} → {}",
                        prefix(siret),
                        record.detail,
                        shown(printed),
                        shown(restated)
                    )
                });
            }
        }
        let Some(of_accounts) = record.montant_des_comptes.as_deref().and_then(amount) else {
            return;
        };
        // A line that nothing is printed in is nil on an official form.
        if printed.unwrap_or_default() == of_accounts {
            self.equal += 1;
            return;
        }
        self.different.add(|| {
            let code = record.code.map(|code| format!(" ({code})"));
            let printed = printed.map_or_else(|| "—".to_owned(), |printed| format!("{printed} €"));
            format!(
                "{}{year} › {}{}: {printed} ≠ {of_accounts} €",
                prefix(siret),
                record.detail,
                code.unwrap_or_default()
            )
        });
    }
}

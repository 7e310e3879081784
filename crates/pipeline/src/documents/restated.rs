//! What the document of the next year says of a year: its column of the year before. Where the year has a document of
//! its own that column does not replace it, and is kept beside its lines, because it shows what was restated.

use std::collections::BTreeMap;

use centime_accounts::label::normalise;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The field of a record that holds what the next document prints for it. It is the last one of a record.
const FIELD: &str = "exercice_suivant";

/// How a line is found again in the form of the next year: its code, or its place and label where it has none.
type LineKey = (String, String);

/// What the next document prints for a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Printed {
    /// The file.
    pub fichier: String,
    /// The amount; nothing where nothing is printed.
    pub montant: Option<String>,
}

/// What a record says of its line.
#[derive(Debug, Deserialize)]
struct Line {
    code: Option<String>,
    #[serde(default)]
    produit_charge: String,
    #[serde(default)]
    actif_passif: String,
    poste: String,
    detail: String,
    /// Of a statement.
    montant: Option<String>,
    /// Of a balance sheet.
    net: Option<String>,
    exercice_suivant: Option<Printed>,
}

/// What a document prints for a line of the year before.
#[derive(Clone, Debug)]
enum Printing {
    /// An amount, or none.
    Once(Option<String>),
    /// Several lines that cannot be told apart.
    Ambiguous,
}

/// The column of the year before of a document.
#[derive(Clone, Debug)]
pub struct Restated {
    file: String,
    /// What is printed by line, where lines can be told apart.
    lines: BTreeMap<LineKey, Printing>,
    /// The result, which every form has, whatever its lines.
    result: Option<String>,
}

impl Line {
    fn key(&self) -> LineKey {
        let side = format!("{}{}", self.produit_charge, self.actif_passif);
        match &self.code {
            Some(code) => (side, code.clone()),
            None => (side, normalise(&format!("{} {}", self.poste, self.detail))),
        }
    }

    fn amount(&self) -> Option<&String> {
        self.montant.as_ref().or(self.net.as_ref())
    }

    fn is_result(&self) -> bool {
        self.produit_charge.is_empty() && is_result(&self.detail)
    }
}

/// Whether a label is that of the result of the year.
pub fn is_result(label: &str) -> bool {
    normalise(label).starts_with("resultat de l exercice")
}

impl Restated {
    /// The column of the year before, from its records.
    pub fn of_column(file: &str, records: &[String]) -> Self {
        let lines = records
            .iter()
            .filter_map(|record| serde_json::from_str::<Line>(record).ok());
        let printed = lines.map(|line| {
            let amount = line.amount().cloned();
            (line, amount)
        });
        Self::of(file.to_owned(), printed)
    }

    /// What records have of it that were imported before; `None` where they have nothing.
    pub fn beside(records: &[String]) -> Option<Self> {
        let mut file = None;
        let mut lines = Vec::new();
        for record in records.iter().filter(|record| record.contains(FIELD)) {
            let Ok(mut line) = serde_json::from_str::<Line>(record) else {
                continue;
            };
            let Some(printed) = line.exercice_suivant.take() else {
                continue;
            };
            file.get_or_insert(printed.fichier);
            lines.push((line, printed.montant));
        }
        Some(Self::of(file?, lines.into_iter()))
    }

    fn of(file: String, printed: impl Iterator<Item = (Line, Option<String>)>) -> Self {
        let mut found = Self {
            file,
            lines: BTreeMap::new(),
            result: None,
        };
        for (line, amount) in printed {
            if line.is_result() {
                found.result.clone_from(&amount);
            }
            let known = found.lines.entry(line.key());
            known
                .and_modify(|known| *known = Printing::Ambiguous)
                .or_insert(Printing::Once(amount));
        }
        found
    }

    /// Puts what the next document prints beside each line that it has, too.
    pub fn annotate(&self, records: Vec<String>) -> Vec<String> {
        records
            .into_iter()
            .map(|record| self.annotated(&record).unwrap_or(record))
            .collect()
    }

    fn annotated(&self, record: &str) -> Option<String> {
        let line: Line = serde_json::from_str(record).ok()?;
        let amount = if line.is_result() {
            Some(self.result.clone()?)
        } else {
            match self.lines.get(&line.key())? {
                Printing::Once(amount) => amount.clone(),
                Printing::Ambiguous => return None,
            }
        };
        let printed = Printed {
            fichier: self.file.clone(),
            montant: amount,
        };
        let mut record: Map<String, Value> = serde_json::from_str(record).ok()?;
        record.insert(FIELD.to_owned(), serde_json::to_value(printed).ok()?);
        serde_json::to_string(&record).ok()
    }
}

/// A record without what the next document prints for it.
pub fn alone(record: String) -> String {
    if !record.contains(FIELD) {
        return record;
    }
    let Ok(mut fields) = serde_json::from_str::<Map<String, Value>>(&record) else {
        return record;
    };
    fields.remove(FIELD);
    serde_json::to_string(&fields).unwrap_or(record)
}

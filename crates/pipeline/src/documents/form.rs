//! What records of documents look like: those of portals, with where in the document they are from.

use std::collections::BTreeMap;

use centime_accounts::{BodyKind, Budget, Centimes, departement};
use centime_documents::DocumentBudget;
use serde::Serialize;

/// What every record says of where it is from, and whose it is.
#[derive(Clone, Serialize)]
pub struct Origin<'a> {
    pub siret: &'a str,
    pub collectivite: &'a str,
    pub type_de_budget: Option<&'static str>,
    pub exercice: u16,
    pub document: &'static str,
    pub fichier: &'a str,
    pub colonne: &'static str,
    pub nomenclature: &'a str,
}

/// What account balances say of a body besides its accounts.
#[derive(Clone, Default, Serialize)]
pub struct ProfileOf<'a> {
    /// What it is.
    #[serde(
        rename = "nature_de_la_collectivite",
        skip_serializing_if = "Option::is_none"
    )]
    pub kind: Option<&'static str>,
    /// The INSEE code of a commune, or of a département.
    #[serde(
        rename = "insee_de_la_collectivite",
        skip_serializing_if = "Option::is_none"
    )]
    pub insee: Option<&'a str>,
    /// The name of its département.
    #[serde(
        rename = "departement_de_la_collectivite",
        skip_serializing_if = "Option::is_none"
    )]
    pub departement: Option<&'static str>,
}

impl<'a> ProfileOf<'a> {
    /// What the budget of a document says. The code of the commune that a grouping or an establishment has its seat in is
    /// not its own, and a région is in no département.
    pub fn new(budget: &'a DocumentBudget) -> Self {
        // What is attached to a body, such as a CCAS, is a body of its own, and none of that kind.
        let is_attached = budget.kind == Some(Budget::Attached);
        let kind = budget.body_kind.filter(|_| !is_attached);
        let commune = budget.insee.as_deref();
        let departement = commune.and_then(departement::of_commune);
        let departement = departement.or(budget.departement);
        Self {
            kind: kind.map(BodyKind::name),
            insee: match kind {
                Some(BodyKind::Commune) => commune,
                Some(BodyKind::Departement) => departement,
                Some(BodyKind::Grouping | BodyKind::Region) | None => None,
            },
            departement: departement
                .filter(|_| kind != Some(BodyKind::Region))
                .and_then(departement::name),
        }
    }
}

/// A line of an income statement.
#[derive(Serialize)]
pub struct StatementRecord<'a> {
    #[serde(flatten)]
    pub origin: &'a Origin<'a>,
    #[serde(flatten)]
    pub profile: ProfileOf<'a>,
    pub ligne: Option<u64>,
    pub code: Option<&'a str>,
    pub type_de_resultat: &'a str,
    pub produit_charge: &'a str,
    pub poste: &'a str,
    pub detail: &'a str,
    pub montant: Option<String>,
    /// What the accounts of the same document come to in this line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub montant_des_comptes: Option<String>,
    /// Of the result: what else the document says it is, by the part that does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub temoins: BTreeMap<&'static str, String>,
    /// The accounts that the line adds up, each with what it adds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub comptes: BTreeMap<&'a str, String>,
}

/// A line of a balance sheet.
#[derive(Serialize)]
pub struct BalanceRecord<'a> {
    #[serde(flatten)]
    pub origin: &'a Origin<'a>,
    pub ligne: Option<u64>,
    pub code: Option<&'a str>,
    pub actif_passif: &'static str,
    pub poste: &'a str,
    pub detail: &'a str,
    pub brut: Option<String>,
    pub amortissements_et_provisions: Option<String>,
    pub net: Option<String>,
}

/// An account, with what the document says of its year beside it.
#[derive(Serialize)]
pub struct AccountRecord<'a> {
    #[serde(flatten)]
    pub origin: &'a Origin<'a>,
    pub ligne: Option<i64>,
    pub compte: &'a str,
    pub libelle: Option<&'a str>,
    #[serde(flatten)]
    pub amounts: BTreeMap<&'static str, String>,
    pub population: Option<u32>,
    pub encours_de_dette: Option<String>,
}

/// The JSON text of a record.
pub fn json<T: Serialize>(record: &T) -> String {
    serde_json::to_string(record).expect("a record has texts and numbers only")
}

/// An amount as records have it, in euros.
pub fn euros(amount: Option<Centimes>) -> Option<String> {
    amount.map(|amount| amount.to_string())
}

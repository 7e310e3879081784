//! Which of a portal's fields holds what.
//!
//! Portals name the same thing differently, and rename it. A field is found by its name or its
//! label, whatever their case and accents, among the names known for it; the configuration can
//! name it outright.

use std::collections::BTreeMap;

use centime_accounts::label::normalise;
use centime_portal::Dataset;
use centime_warehouse::Subject;

use crate::Error;

/// Something a record must hold.
#[derive(Debug)]
pub struct Wanted {
    /// Our name for it, as in the configuration.
    pub key: &'static str,
    /// The names known for it, normalised, the likeliest first.
    pub known_as: &'static [&'static str],
}

/// What a record may hold: the public body it is about, where a dataset has several.
pub const OPTIONAL: [Wanted; 2] = [
    Wanted {
        key: "siren",
        known_as: &["siren", "numero siren", "code siren", "n siren"],
    },
    Wanted {
        key: "body_name",
        known_as: &[
            "lbudg",
            "libelle du budget",
            "libelle budget",
            "collectivite",
        ],
    },
];

const INCOME_STATEMENT: [Wanted; 6] = [
    Wanted {
        key: "fiscal_year",
        known_as: &[
            "exercice comptable",
            "exercice",
            "annee",
            "annee comptable",
            "fiscal year",
        ],
    },
    Wanted {
        key: "activity",
        known_as: &[
            "type de resultat",
            "type resultat",
            "nature du resultat",
            "activity",
        ],
    },
    Wanted {
        key: "side",
        known_as: &[
            "produit charge",
            "produits charges",
            "charge produit",
            "sens",
            "side",
        ],
    },
    Wanted {
        key: "category",
        known_as: &["poste", "postes", "libelle poste", "category"],
    },
    Wanted {
        key: "label",
        known_as: &[
            "detail postes",
            "detail poste",
            "detail du poste",
            "detail",
            "libelle",
            "label",
        ],
    },
    Wanted {
        key: "amount",
        known_as: &[
            "montant en eur",
            "montant en euros",
            "montant en",
            "montant",
            "amount",
        ],
    },
];

const BALANCE_SHEET: [Wanted; 7] = [
    Wanted {
        key: "fiscal_year",
        known_as: &[
            "exercice comptable",
            "exercice",
            "annee",
            "annee comptable",
            "fiscal year",
        ],
    },
    Wanted {
        key: "side",
        known_as: &["actif passif", "sens", "side"],
    },
    Wanted {
        key: "category",
        known_as: &["poste", "postes", "libelle poste", "category"],
    },
    Wanted {
        key: "label",
        known_as: &[
            "detail",
            "detail postes",
            "detail poste",
            "libelle",
            "label",
        ],
    },
    Wanted {
        key: "gross",
        known_as: &["brut", "montant brut", "gross"],
    },
    Wanted {
        key: "depreciation",
        known_as: &[
            "amortissements et provisions",
            "amortissements et depreciations",
            "amortissements",
            "depreciation",
        ],
    },
    Wanted {
        key: "net",
        known_as: &["net", "montant net"],
    },
];

/// What the records of a subject must hold.
pub fn wanted(subject: Subject) -> &'static [Wanted] {
    match subject {
        Subject::IncomeStatement => &INCOME_STATEMENT,
        Subject::BalanceSheet => &BALANCE_SHEET,
    }
}

/// The portal's name of each thing wanted.
#[derive(Clone, Debug)]
pub struct Schema {
    names: BTreeMap<&'static str, String>,
    /// The names of fields that nothing is read from.
    pub extra: Vec<String>,
}

impl Schema {
    /// Finds the fields of a subject by the description of its dataset alone, before any record is
    /// asked for; `None` where the description lacks one that is needed.
    pub fn described(
        subject: Subject,
        dataset: &Dataset,
        named: &BTreeMap<String, String>,
    ) -> Option<Self> {
        Self::find(subject, dataset, &[], named).ok()
    }

    /// Finds the fields of a subject by the description of its dataset and the names in its first record,
    /// because a portal's description may lag behind its records.
    ///
    /// `named` are fields that the configuration names outright, by our name.
    pub fn find(
        subject: Subject,
        dataset: &Dataset,
        first: &[&str],
        named: &BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let described = dataset
            .fields
            .iter()
            .map(|field| (&*field.name, &*field.label));
        let undescribed = first
            .iter()
            .map(|name| (*name, ""))
            .filter(|(name, _)| dataset.field(name).is_none());
        let fields: Vec<(&str, &str)> = described.chain(undescribed).collect();
        Self::among(subject, &dataset.dataset_id, &fields, named)
    }

    fn among(
        subject: Subject,
        dataset: &str,
        fields: &[(&str, &str)],
        named: &BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let mut holders = BTreeMap::new();
        let mut missing = Vec::new();
        let optional = |wanted: &Wanted| OPTIONAL.iter().any(|other| other.key == wanted.key);
        for wanted in wanted(subject).iter().chain(&OPTIONAL) {
            let found = match named.get(wanted.key) {
                Some(name) => fields.iter().find(|(field, _)| field == name),
                None => wanted.known_as.iter().find_map(|known| {
                    fields.iter().find(|(name, label)| {
                        normalise(name) == *known || normalise(label) == *known
                    })
                }),
            };
            match found {
                Some((name, _)) => drop(holders.insert(wanted.key, (*name).to_owned())),
                // One that the configuration names must be there.
                None if optional(wanted) && !named.contains_key(wanted.key) => {}
                None => missing.push(wanted.key),
            }
        }
        if !missing.is_empty() {
            return Err(Error::Schema {
                subject,
                dataset: dataset.to_owned(),
                missing,
                found: fields.iter().map(|(name, _)| (*name).to_owned()).collect(),
            });
        }
        let extra = fields
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| !holders.values().any(|used| used == name))
            .collect();
        Ok(Self {
            names: holders,
            extra,
        })
    }

    /// Our names of everything wanted.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        self.names.keys().copied()
    }

    /// The portal's name for something that a record may hold; `None` where the dataset has no
    /// such field.
    pub fn optional_name(&self, key: &str) -> Option<&str> {
        self.names.get(key).map(String::as_str)
    }

    /// The fields by which records are asked to be sorted, so that those of a body come together.
    pub fn order(&self) -> Vec<&str> {
        match self.optional_name("siren") {
            Some(siren) => vec![siren, self.name("fiscal_year")],
            None => Vec::new(),
        }
    }

    /// The portal's name for something wanted.
    ///
    /// # Panics
    ///
    /// When `key` is not one of the subject's: a schema holds them all.
    pub fn name(&self, key: &str) -> &str {
        &self.names[key]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(fields: &[(&str, &str)], named: &[(&str, &str)]) -> Result<Schema, Error> {
        let named = named
            .iter()
            .map(|(key, name)| ((*key).to_owned(), (*name).to_owned()))
            .collect();
        Schema::among(
            Subject::IncomeStatement,
            "compte-de-resultat",
            fields,
            &named,
        )
    }

    const PARIS: [(&str, &str); 6] = [
        ("exercice_comptable", "Exercice comptable"),
        ("type_de_resultat", "Type de résultat"),
        ("produit_charge", "Produit/Charge"),
        ("poste", "Poste"),
        ("detail_postes", "Détail postes"),
        ("montant_en_eur", "Montant en €"),
    ];

    #[test]
    fn the_fields_of_paris_are_found() {
        let schema = among(&PARIS, &[]).unwrap();
        assert_eq!(schema.name("amount"), "montant_en_eur");
        assert_eq!(schema.name("label"), "detail_postes");
        assert!(schema.extra.is_empty());
    }

    #[test]
    fn a_field_is_found_by_its_label_and_others_are_extra() {
        let mut fields = PARIS;
        fields[5] = ("field6", "MONTANT EN €");
        let fields = [&fields[..], &[("geo", "Lieu")]].concat();
        let schema = among(&fields, &[]).unwrap();
        assert_eq!(schema.name("amount"), "field6");
        assert_eq!(schema.extra, ["geo"]);
    }

    #[test]
    fn the_configuration_may_name_a_field() {
        let mut fields = PARIS;
        fields[5] = ("valeur", "Valeur");
        let error = among(&fields, &[]).unwrap_err().to_string();
        assert!(
            error.contains("amount") && error.contains("valeur"),
            "{error}"
        );
        let schema = among(&fields, &[("amount", "valeur")]).unwrap();
        assert_eq!(schema.name("amount"), "valeur");
    }
}

//! Which of a portal's fields holds what.
//!
//! Portals name the same thing differently, and rename it. A field is found by its name or its
//! label, whatever their case and accents, among the names known for it; the configuration can
//! name it outright.

use std::collections::{BTreeMap, BTreeSet};

use centime_accounts::FiscalYear;
use centime_accounts::label::normalise;
use centime_portal::Dataset;
use centime_warehouse::Subject;

use crate::dataset_options::{DatasetOptions, YearPattern};
use crate::error::Error;
use crate::field_names::{FieldNames, IDENT, OF_THE_DGFIP, optional, required};
use crate::quote::quoted;
use crate::repeats::FieldKind;

/// The portal's name of each field that is read.
#[derive(Clone, Debug)]
pub struct Schema {
    names: BTreeMap<&'static str, String>,
    /// The names of fields that nothing is read from.
    pub extra: Vec<String>,
    /// The columns of each year, where years are columns.
    pub years: Vec<YearColumns>,
}

/// The columns of a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct YearColumns {
    /// The year.
    pub year: FiscalYear,
    names: BTreeMap<&'static str, String>,
}

impl YearColumns {
    /// The portal's name of an amount of the year; `None` where it has no such column.
    pub fn name(&self, key: &str) -> Option<&str> {
        self.names.get(key).map(String::as_str)
    }
}

impl Schema {
    /// Finds the fields of a subject by the description of its dataset alone, before any record is
    /// asked for; `None` where the description lacks one that is needed.
    pub fn described(
        subject: Subject,
        dataset: &Dataset,
        named: &BTreeMap<String, String>,
        reading: &DatasetOptions,
    ) -> Option<Self> {
        Self::find(subject, dataset, &[], named, reading).ok()
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
        reading: &DatasetOptions,
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
        Self::among(subject, &dataset.dataset_id, &fields, named, reading)
    }

    fn among(
        subject: Subject,
        dataset: &str,
        fields: &[(&str, &str)],
        named: &BTreeMap<String, String>,
        reading: &DatasetOptions,
    ) -> Result<Self, Error> {
        let years = year_columns(fields, &reading.columns);
        let amounts = crate::dataset_options::amounts(subject);
        let in_columns = |wanted: &FieldNames| {
            !reading.columns.is_empty()
                && (wanted.key == "fiscal_year" || amounts.contains(&wanted.key))
        };
        let of_the_dgfip = fields
            .iter()
            .any(|(name, _)| OF_THE_DGFIP.contains(&&*normalise(name)));
        let mut holders = BTreeMap::new();
        let mut missing = Vec::new();
        let is_optional =
            |wanted: &FieldNames| optional(subject).any(|other| other.key == wanted.key);
        let wanted = required(subject).iter().chain(optional(subject));
        for wanted in wanted.filter(|wanted| !in_columns(wanted)) {
            let found = match named.get(wanted.key) {
                Some(name) => fields.iter().find(|(field, _)| field == name),
                None => wanted
                    .aliases
                    .iter()
                    .filter(|known| **known != IDENT || of_the_dgfip)
                    .find_map(|known| {
                        fields.iter().find(|(name, label)| {
                            normalise(name) == *known || normalise(label) == *known
                        })
                    }),
            };
            match found {
                Some((name, _)) => drop(holders.insert(wanted.key, (*name).to_owned())),
                // One that the configuration names must be there.
                None if is_optional(wanted) && !named.contains_key(wanted.key) => {}
                None => missing.push(wanted.key),
            }
        }
        let found = || fields.iter().map(|(name, _)| (*name).to_owned()).collect();
        if years.is_empty() && !reading.columns.is_empty() {
            return Err(Error::NoYearColumns {
                subject,
                dataset: dataset.to_owned(),
                columns: reading.written().unwrap_or_default().to_owned(),
                found: found(),
            });
        }
        if !missing.is_empty() {
            return Err(Error::Schema {
                subject,
                dataset: dataset.to_owned(),
                hint: hint(subject, fields, &missing),
                missing,
                found: found(),
            });
        }
        let in_years = |name: &str| {
            let mut used = years.iter().flat_map(|year| year.names.values());
            used.any(|used| used == name)
        };
        let extra = fields
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .filter(|name| !holders.values().any(|used| used == name) && !in_years(name))
            .collect();
        Ok(Self {
            names: holders,
            extra,
            years,
        })
    }

    /// Our names of all fields that were found.
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
        // Control totals may say whose they are by another code than the number.
        let number = ["siret", "siren", "insee", "departement", "region"]
            .into_iter()
            .find_map(|key| self.optional_name(key));
        match number {
            Some(number) => [Some(number), self.optional_name("fiscal_year")]
                .into_iter()
                .flatten()
                .collect(),
            None => Vec::new(),
        }
    }

    /// The fields that may tell rows apart that are otherwise equal, and what each is. Those that `ignore` names
    /// are not looked at.
    pub fn distinguishing(&self, ignore: &BTreeSet<String>) -> Vec<(&str, FieldKind)> {
        let unread = self
            .extra
            .iter()
            .map(|name| (name.as_str(), FieldKind::Unread));
        let identity = ["siret", "body_name", "budget"];
        let identity = identity
            .into_iter()
            .filter_map(|key| Some((self.optional_name(key)?, FieldKind::Identity)));
        let year = self
            .optional_name("fiscal_year")
            .map(|name| (name, FieldKind::Year));
        let all = unread.chain(identity).chain(year);
        all.filter(|(name, _)| !ignore.contains(*name)).collect()
    }

    /// The portal's names of everything that is read.
    pub fn used(&self) -> impl Iterator<Item = &str> {
        let of_years = self.years.iter().flat_map(|year| year.names.values());
        self.names.values().chain(of_years).map(String::as_str)
    }

    /// The portal's name for a field that is read.
    ///
    /// # Panics
    ///
    /// When `key` is not one of the subject's: a schema holds them all.
    pub fn name(&self, key: &str) -> &str {
        &self.names[key]
    }
}

/// The columns of each year among the fields.
fn year_columns(
    fields: &[(&str, &str)],
    patterns: &BTreeMap<&'static str, YearPattern>,
) -> Vec<YearColumns> {
    let mut years: BTreeMap<FiscalYear, BTreeMap<&'static str, String>> = BTreeMap::new();
    for (key, pattern) in patterns {
        for (name, _) in fields {
            if let Some(year) = pattern.year(name) {
                years
                    .entry(year)
                    .or_default()
                    .insert(*key, (*name).to_owned());
            }
        }
    }
    years
        .into_iter()
        .map(|(year, names)| YearColumns { year, names })
        .collect()
}

/// What to set where the fields look as if years were columns.
fn hint(subject: Subject, fields: &[(&str, &str)], missing: &[&'static str]) -> Option<String> {
    let amounts = crate::dataset_options::amounts(subject);
    let in_doubt = missing
        .iter()
        .any(|key| amounts.contains(key) || *key == "fiscal_year");
    let pattern = fields.iter().find_map(|(name, _)| {
        let at = name.char_indices().find_map(|(at, _)| {
            let year = name.get(at..at + 4)?;
            let digit_beside =
                |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
            let alone = !digit_beside(name[..at].chars().next_back())
                && !digit_beside(name[at + 4..].chars().next());
            let is_year =
                year.bytes().all(|byte| byte.is_ascii_digit()) && FiscalYear::parse(year).is_ok();
            (is_year && alone).then_some(at)
        })?;
        Some(format!("{}{{year}}{}", &name[..at], &name[at + 4..]))
    });
    let pattern = pattern.filter(|_| in_doubt)?;
    let amount = amounts.last().copied().unwrap_or_default();
    Some(format!(
        "where each year is a column, set columns = {{ {amount} = {} }} under [datasets.{}]",
        quoted(&pattern),
        subject.name()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset_options::DatasetSettings;

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
            &DatasetOptions::default(),
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

    #[test]
    fn years_may_be_columns() {
        let fields: Vec<(&str, &str)> = PARIS[1..5]
            .iter()
            .copied()
            .chain([("exercice_2013", ""), ("exercice_2012", ""), ("empty", "")])
            .collect();
        let error = among(&fields, &[]).unwrap_err().to_string();
        for word in [
            "no field for fiscal_year, amount",
            "columns = { amount = \"exercice_{year}\" }",
            "[datasets.income_statement]",
        ] {
            assert!(error.contains(word), "{word}: {error}");
        }
        let settings = DatasetSettings {
            columns: BTreeMap::from([("amount".to_owned(), "exercice_{year}".to_owned())]),
            ..DatasetSettings::default()
        };
        let reading = DatasetOptions::new(Subject::IncomeStatement, &settings).unwrap();
        let read = |fields: &[(&str, &str)]| {
            Schema::among(
                Subject::IncomeStatement,
                "d",
                fields,
                &BTreeMap::new(),
                &reading,
            )
        };
        let schema = read(&fields).unwrap();
        let years: Vec<u16> = schema.years.iter().map(|year| year.year.get()).collect();
        assert_eq!(years, [2012, 2013]);
        assert_eq!(schema.years[1].name("amount"), Some("exercice_2013"));
        assert_eq!(schema.extra, ["empty"]);
        let error = read(&PARIS).unwrap_err().to_string();
        assert!(
            error.contains("exercice_{year}") && error.contains("montant_en_eur"),
            "{error}"
        );
    }

    #[test]
    fn a_body_and_its_budget_are_found_and_ident_only_where_the_dgfip_names_fields() {
        let with = |more: &[(&str, &str)]| among(&[&PARIS[..], more].concat(), &[]).unwrap();
        let schema = with(&[
            ("siret", "SIRET"),
            ("cbudg", "CBUDG"),
            ("nom_collectivite", "Nom"),
        ]);
        assert_eq!(schema.optional_name("siret"), Some("siret"));
        assert_eq!(schema.optional_name("budget"), Some("cbudg"));
        assert_eq!(schema.optional_name("body_name"), Some("nom_collectivite"));
        assert_eq!(schema.order(), ["siret", "exercice_comptable"]);
        assert_eq!(with(&[("ident", "")]).optional_name("siret"), None);
        assert_eq!(
            with(&[("ident", ""), ("lbudg", "")]).optional_name("siret"),
            Some("ident")
        );
    }
}
